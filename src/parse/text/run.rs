//! The article is the best-scoring run of lines, less the boxes inside it.

use crate::item::LineClass;

use super::{Draught, line::Word};

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
    pub(super) fn classify(&self, _page: &Draught, classes: &mut [Option<LineClass>]) {
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

/// Chooses the run.
pub(super) fn choose(page: &Draught, scores: &[f32], known: &dyn Fn(u64) -> bool) -> Run {
    let Some((from, to)) = best(scores) else { return Run::default() };
    let mut run = Run::default();
    let mut aside = false;
    for at in from..=to {
        let (Some(line), Some(class)) = (page.lines.get(at), page.classes.get(at)) else {
            continue;
        };
        if class.is_some() {
            continue;
        }
        let text = line.shape.chars >= 80 || line.shape.ends_sentence && line.shape.words >= 6;
        match line.word {
            Word::Aside => {
                aside = true;
                run.dropped.push((at, "related"));
            }
            Word::Button => run.dropped.push((at, "button")),
            Word::Link | Word::End => run.dropped.push((at, "related")),
            Word::Plain if aside && !text => run.dropped.push((at, "related")),
            Word::Plain => {
                aside = false;
                run.kept.push(at);
            }
        }
    }
    let edge = |at: &&usize| page.lines.get(**at).is_none_or(|line| !known(line.hash));
    if let (Some(first), Some(last)) =
        (run.kept.iter().position(|at| edge(&at)), run.kept.iter().rposition(|at| edge(&at)))
    {
        run.dropped.extend(run.kept.drain(last + 1..).map(|at| (at, "site-memory")));
        run.dropped.extend(run.kept.drain(..first).map(|at| (at, "site-memory")));
    }
    run
}

/// The run of lines with the greatest sum.
fn best(scores: &[f32]) -> Option<(usize, usize)> {
    let (mut sum, mut start) = (0.0_f32, 0);
    let mut best: Option<(f32, usize, usize)> = None;
    for (at, &score) in scores.iter().enumerate() {
        if sum <= 0.0 {
            (sum, start) = (0.0, at);
        }
        sum += score;
        if score > 0.0 && best.is_none_or(|(most, ..)| sum > most) {
            best = Some((sum, start, at));
        }
    }
    best.map(|(_, from, to)| (from, to))
}
