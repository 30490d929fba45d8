//! The article is the best-scoring run of lines, less the boxes inside it.

use crate::{item::LineClass, parse::date};

use super::{
    Draught, cut, feature,
    line::{Line, Word},
    score,
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
const REACH: usize = 6;

/// Chooses the run, and the lines in and around it that are text.
pub(super) fn choose(page: &Draught, known: &dyn Fn(u64) -> bool) -> Run {
    let scored = score::scores(page, known);
    let mut run = Run::default();
    let Some((from, to)) = best(scored.iter().map(|line| line.gain)) else { return run };
    let to = cut::end(page, &scored, from, to);
    let wanted = from.saturating_sub(REACH)..(to + 1 + REACH).min(scored.len());
    let odds = score::inside(&scored, from, to, wanted.clone());
    let last = scored.get(to).map_or(0, |line| line.at);
    let mut aside = false;
    for (scored, odds) in scored.get(wanted).unwrap_or_default().iter().zip(odds) {
        let Some(line) = page.lines.get(scored.at) else { continue };
        let within = run.kept.len() >= 2 && scored.at < last;
        let heads_box = matches!(line.word, Word::Aside);
        // Under the head of a box all is links until prose resumes.
        aside = heads_box || aside && !(feature::is_prose(line) && line.shape.ends_sentence);
        match line.word {
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
            Word::Plain if odds > least(line, within) => run.kept.push(scored.at),
            Word::Plain => run.dropped.push((scored.at, "unlike-text")),
        }
    }
    let text = |at: &usize| page.lines.get(*at).is_none_or(|line| !known(line.hash));
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

/// The odds a line needs. A whole sentence within the text may look odd and still be part of it.
fn least(line: &Line, within: bool) -> f32 {
    let sentence = line.shape.ends_sentence && line.shape.words >= 5 && line.shape.stop >= 1;
    if within && sentence && !line.bullet { -1.0 } else { 0.0 }
}

/// Lines of an embedded post that are looked back at.
const POST: usize = 4;

/// "— Orla Venn (@orlavenn) 7 February 2024": the author and date under an embedded post.
fn is_signature(text: &str) -> bool {
    text.starts_with(['—', '–', '-']) && text.contains("(@") && date::find(text, None).is_some()
}

/// The run of lines with the greatest sum.
fn best(gains: impl Iterator<Item = f32>) -> Option<(usize, usize)> {
    let (mut sum, mut start) = (0.0_f32, 0);
    let mut best: Option<(f32, usize, usize)> = None;
    for (at, gain) in gains.enumerate() {
        if sum <= 0.0 {
            (sum, start) = (0.0, at);
        }
        sum += gain;
        if gain > 0.0 && best.is_none_or(|(most, ..)| sum > most) {
            best = Some((sum, start, at));
        }
    }
    best.map(|(_, from, to)| (from, to))
}
