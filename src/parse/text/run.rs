//! The article is the best-scoring run of lines, less the boxes inside it.

use crate::item::LineClass;

use super::{Draught, feature, line::Word, score};

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
    let wanted = from.saturating_sub(REACH)..(to + 1 + REACH).min(scored.len());
    let odds = score::inside(&scored, from, to, wanted.clone());
    let mut aside = false;
    for (scored, odds) in scored.get(wanted).unwrap_or_default().iter().zip(odds) {
        let Some(line) = page.lines.get(scored.at) else { continue };
        let heads_box = matches!(line.word, Word::Aside);
        // Under the head of a box all is links until prose resumes.
        aside = heads_box || aside && !(feature::is_prose(line) && line.shape.ends_sentence);
        match line.word {
            Word::Aside | Word::Link | Word::End => run.dropped.push((scored.at, "related")),
            Word::Button => run.dropped.push((scored.at, "button")),
            Word::Plain if aside => run.dropped.push((scored.at, "related")),
            Word::Plain if odds > 0.0 => run.kept.push(scored.at),
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
