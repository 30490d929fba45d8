//! The article is the best-scoring run of lines, less the boxes inside it.

use crate::{
    item::{LineClass, Remark},
    parse::{clues::Clues, date, facts::Said, lexicon::COMMENTS, pages, word::Word},
};

use super::{
    Draught,
    block::quote,
    cut, feature,
    head::{self, Role},
    line::Line,
    score::{self, Scored},
};

/// The chosen lines.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// 0-based lines of the article's text, in order.
    pub(super) kept: Vec<usize>,
    /// Lines within the run that are not part of the text, with the rule that said so.
    pub(super) dropped: Vec<(usize, &'static str)>,
}

impl Run {
    /// First and last line.
    pub(super) fn bounds(&self) -> Option<(usize, usize)> {
        Some((*self.kept.first()?, *self.kept.last()?))
    }

    /// Writes the run's lines into `classes`.
    pub(super) fn classify(&self, classes: &mut [Option<LineClass>]) {
        for &line in &self.kept {
            if let Some(class) = classes.get_mut(line) {
                class.get_or_insert(LineClass::Article);
            }
        }
        for &(line, rule) in &self.dropped {
            if let Some(class) = classes.get_mut(line) {
                class.get_or_insert(LineClass::Furniture(rule));
            }
        }
    }
}

/// Lines before and after the best run that may still belong to the text.
pub(super) const REACH: usize = 6;

/// Chooses the run, and the lines in and around it that are text.
pub(super) fn choose(page: &Draught, known: &dyn Fn(u64) -> bool, clues: &Clues) -> Run {
    let scored = score::scores(page, known);
    let probability = |odds: f32| 1.0 / (1.0 + (-odds).exp());
    clues.rows(|| scored.iter().map(|s| (s.at as u32 + 1, probability(s.odds))).collect());
    let mut run = Run::default();
    let Some((from, to)) = best(&scored) else { return run };
    // A few words that end no sentence are no article: a masthead, a section.
    let says = |scored: &Scored| {
        let told = page.lone.binary_search(&scored.at).is_ok();
        page.lines.get(scored.at).is_some_and(|line| {
            !told && (line.facts.shape.ends_sentence || feature::length(line) >= WORTH)
        })
    };
    if !scored.get(from..=to).unwrap_or_default().iter().any(says) {
        return run;
    }
    let to = cut::resumed(page, &scored, cut::end(page, &scored, from, to));
    let wanted = from.saturating_sub(REACH)..(to + 1 + REACH).min(scored.len());
    let odds = score::inside(page.weights, &scored, from, to, wanted.clone());
    let last = scored.get(to).map_or(0, |line| line.at);
    let mut aside = false;
    let around = scored.get(wanted).unwrap_or_default();
    for (nth, (scored, odds)) in around.iter().zip(odds).enumerate() {
        let Some(line) = page.lines.get(scored.at) else { continue };
        let within = run.kept.len() >= 2 && scored.at <= last;
        let heads_box = matches!(line.facts.word, Word::Aside);
        // Under the head of a box all is links until prose resumes.
        aside = heads_box || aside && !(feature::is_prose(line) && line.facts.shape.ends_sentence);
        match line.facts.word {
            Word::Aside | Word::Link | Word::End => run.dropped.push((scored.at, "related")),
            Word::Button => run.dropped.push((scored.at, "button")),
            Word::Plain if aside => run.dropped.push((scored.at, "related")),
            // An embedded post ends with its author and date; what stands before is its text.
            Word::Plain if is_signature(page.at(scored.at)) && !run.kept.is_empty() => {
                let post = run.dropped.iter().rev().take(POST).take_while(|(at, rule)| {
                    *rule == "unlike-text" && run.kept.last().is_some_and(|kept| at > kept)
                });
                let lines = post.count();
                let post = run.dropped.split_off(run.dropped.len() - lines);
                run.kept.extend(post.into_iter().map(|(at, _)| at));
                run.kept.push(scored.at);
            }
            Word::Plain if odds > SUB_HEAD && within && is_sub_head(page, around, nth) => {
                run.kept.push(scored.at);
            }
            Word::Plain if odds > least(line, scored, within, !run.kept.is_empty()) => {
                run.kept.push(scored.at)
            }
            // Prose right under the text's last paragraph, set apart as that is, goes on with it.
            Word::Plain
                if odds > NEXT
                    && !spoken_against(scored)
                    && line.opens
                    && line.closes
                    && !line.bullet
                    && line.facts.shape.ends_sentence
                    && feature::is_prose(line)
                    && nth.checked_sub(1).and_then(|nth| around.get(nth)).is_some_and(
                        |before| run.kept.len() >= 2 && run.kept.last() == Some(&before.at),
                    ) =>
            {
                run.kept.push(scored.at)
            }
            Word::Plain => run.dropped.push((scored.at, "unlike-text")),
        }
    }
    let text = |at: &usize| page.lines.get(*at).is_none_or(|line| !known(line.facts.hash));
    if let (Some(first), Some(last)) =
        (run.kept.iter().position(text), run.kept.iter().rposition(text))
    {
        run.dropped.extend(run.kept.drain(last + 1..).map(|at| (at, "site-memory")));
        run.dropped.extend(run.kept.drain(..first).map(|at| (at, "site-memory")));
    }
    // What was weighed outside the text's edges is nobody's.
    if let Some((first, last)) = run.bounds() {
        run.dropped.retain(|(at, rule)| (first..=last).contains(at) || *rule == "site-memory");
    } else {
        run.dropped.clear();
    }
    run
}

/// Takes out banners at either end that ask for consent, and what stands under a heading of
/// readers' comments.
pub(super) fn trim(page: &Draught, run: &mut Run) {
    let texts: Vec<Said<'_>> = run.kept.iter().filter_map(|&at| page.said(at)).collect();
    let rest = pages::without_consent(&texts);
    run.dropped.extend(run.kept.drain(rest.end..).map(|at| (at, "consent")));
    run.dropped.extend(run.kept.drain(..rest.start).map(|at| (at, "consent")));
    let Some((first, last)) = run.bounds() else { return };
    let heads = |&at: &usize| {
        page.said(at).is_some_and(|said| {
            let heads = |text: &str| COMMENTS.has(text.trim_matches(|c: char| !c.is_alphabetic()));
            said.facts.shape.words <= 4
                && !said.facts.shape.ends_sentence
                && heads(said.folded())
                && is_over(page, run, at)
        })
    };
    let Some(at) = (first..last).find(heads) else { return };
    let kept = run.kept.partition_point(|&kept| kept < at);
    run.dropped.extend(run.kept.drain(kept..).map(|at| (at, "comments")));
}

/// Whether the text may well have ended before a line: several whole paragraphs stand before it,
/// and not much more behind.
fn is_over(page: &Draught, run: &Run, at: usize) -> bool {
    let paragraph = |at: usize| {
        page.lines.get(at).filter(|line| feature::is_prose(line) && line.facts.shape.ends_sentence)
    };
    let chars = |before: bool| -> (usize, u32) {
        let kept = run.kept.iter().filter(|&&kept| (kept < at) == before);
        let lines = kept.filter_map(|&kept| paragraph(kept));
        lines.fold((0, 0), |(count, chars), line| (count + 1, chars + line.facts.shape.chars))
    };
    let ((count, before), (_, behind)) = (chars(true), chars(false));
    count >= 2 && before * 2 >= behind
}

/// Takes out what follows a second headline: a title within the text, right over a byline or date,
/// with text before and after it. A digest and a page that loaded the next story hold several.
pub(super) fn other_article(page: &Draught, run: &mut Run) -> Option<Remark> {
    let (first, last) = run.bounds()?;
    let text = |at: usize| page.lines.get(at).is_some_and(feature::is_prose);
    let printed: Vec<usize> = (first..=last)
        .filter(|&at| page.lines.get(at).is_some_and(|line| !line.is_blank()))
        .collect();
    let begins = |nth: usize| {
        let &at = printed.get(nth)?;
        let field = |nth: usize| match printed.get(nth).map(|&at| head::role(page, at)) {
            Some(Role::Date(_)) => Some(true),
            Some(Role::Byline(Some(_))) => Some(false),
            _ => None,
        };
        let line = page.lines.get(at)?;
        let short = line.facts.shape.words >= 3
            && line.facts.shape.chars <= 200
            && !line.facts.shape.ends_sentence;
        if !short || line.bullet || head::role(page, at) != Role::Title {
            return None;
        }
        let before = run.kept.iter().filter(|&&kept| kept < at && text(kept)).count();
        let after = run.kept.iter().filter(|&&kept| kept > at && text(kept)).count();
        // Who wrote it and when, in either order.
        let two = field(nth + 1).zip(field(nth + 2)).is_some_and(|(one, other)| one != other);
        (two && before >= 2 && after >= 1).then_some(at)
    };
    let at = (1..printed.len()).find_map(begins)?;
    let kept = run.kept.partition_point(|&kept| kept < at);
    run.dropped.extend(run.kept.drain(kept..).map(|at| (at, "second-article")));
    Some(Remark::line(
        "second-article",
        at as u32 + 1,
        format!(
            "another article begins at line {}, “{}”: it is left out",
            at + 1,
            quote(page.at(at))
        ),
    ))
}

/// The odds of prose right under the text.
const NEXT: f32 = -1.5;

/// The odds a sub-head needs.
const SUB_HEAD: f32 = -1.0;

/// A few words set apart between two paragraphs.
fn is_sub_head(page: &Draught, around: &[Scored], nth: usize) -> bool {
    let line = |nth: usize| around.get(nth).and_then(|scored| page.lines.get(scored.at));
    let prose = |nth: usize| {
        line(nth).is_some_and(|line| feature::is_prose(line) && line.facts.shape.ends_sentence)
    };
    nth > 0
        && prose(nth - 1)
        && prose(nth + 1)
        && line(nth).is_some_and(|line| {
            line.opens && line.closes && !line.bullet && (2..=12).contains(&line.facts.shape.words)
        })
        && around.get(nth).is_some_and(|scored| !spoken_against(scored))
}

/// The odds a line needs. A whole sentence within the text may look odd and still be part of it;
/// a paragraph of plain prose, that no notice, credit or note on an author speaks against, nearly
/// always is.
fn least(line: &Line, scored: &Scored, within: bool, begun: bool) -> f32 {
    let sentence =
        line.facts.shape.ends_sentence && line.facts.shape.words >= 5 && line.facts.shape.stop >= 1;
    match sentence && !line.bullet {
        true if within && !spoken_against(scored) && feature::is_prose(line) => -3.0,
        true if within => -1.0,
        true if begun && !spoken_against(scored) && feature::length(line) >= 100 => -0.5,
        _ => 0.0,
    }
}

/// A notice, a credit, a date or a note on the author.
pub(super) fn spoken_against(scored: &Scored) -> bool {
    AGAINST.iter().any(|&at| scored.features.get(at).is_some_and(|&feature| feature > 0.0))
}

/// Columns of `feature`: picture credit, date, byline, address, notice, under a name, about an
/// author, sign-off.
const AGAINST: [usize; 8] = [29, 30, 31, 32, 41, 48, 49, 50];

/// Lines of an embedded post that are looked back at.
const POST: usize = 4;

/// "— Orla Venn (@orlavenn) 7 February 2024": the author and date under an embedded post.
fn is_signature(text: &str) -> bool {
    text.starts_with(['—', '–', '-']) && text.contains("(@") && date::find(text, None).is_some()
}

/// The most telling run: its sum, weighed by how closely its text stands together (lists of
/// teasers alternate with their titles) and by whether a date or byline stands over it.
pub(super) fn best(scored: &[Scored]) -> Option<(usize, usize)> {
    let is_text = |at: usize| scored.get(at).is_some_and(|line| line.gain > CLEAR);
    let dated = |at: usize| {
        scored.get(at).is_some_and(|line| {
            line.features.get(DATE..=BYLINE).is_some_and(|f| f.iter().any(|&f| f > 0.0))
        })
    };
    let weight = |&(sum, from, to): &(f32, usize, usize)| {
        let text = (from..=to).filter(|&at| is_text(at)).count();
        let joined = (from..to).filter(|&at| is_text(at) && is_text(at + 1)).count();
        let close = joined as f32 / text.max(1) as f32;
        let under_fields = (from.saturating_sub(OVER)..from + 1).any(dated);
        sum * (0.3 + close) * if under_fields { 1.5 } else { 1.0 }
    };
    let mut runs = runs(scored);
    let most = runs.iter().map(|(sum, ..)| *sum).fold(0.0, f32::max);
    runs.retain(|(sum, ..)| *sum >= most * 0.15);
    // Lists of teasers stand under the article more often than over it.
    let first = runs.first().map(weight);
    let later = runs.iter().skip(1).max_by(|a, b| weight(a).total_cmp(&weight(b)));
    let chosen = match (first, later) {
        (Some(first), Some(later)) if weight(later) > first * 1.8 => later,
        _ => runs.first()?,
    };
    Some((chosen.1, chosen.2))
}

/// Characters of a line that can be an article's only one without ending a sentence.
const WORTH: u32 = 40;
/// The gain of a line that is clearly text.
const CLEAR: f32 = 1.0;
/// Printed lines over a run in which its date or byline stands.
const OVER: usize = 8;
/// Columns of `feature`.
const DATE: usize = 30;
const BYLINE: usize = 31;

/// The runs of lines that each can't be made longer with gain: sum, first and last entry.
fn runs(scored: &[Scored]) -> Vec<(f32, usize, usize)> {
    let mut runs: Vec<(f32, usize, usize)> = Vec::new();
    let (mut sum, mut open) = (0.0_f32, None::<(f32, usize, usize)>);
    for (at, line) in scored.iter().enumerate() {
        sum += line.gain;
        if sum <= 0.0 {
            runs.extend(open.take());
            sum = 0.0;
        } else if line.gain > 0.0 {
            let from = open.map_or(at, |(_, from, _)| from);
            if open.is_none_or(|(most, ..)| sum > most) {
                open = Some((sum, from, at));
            }
        }
    }
    runs.extend(open);
    runs
}
