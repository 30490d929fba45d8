//! How much each line looks like a part of an article's text.

use crate::item::LineClass;

use super::{
    Draught,
    line::{Line, Word},
};

/// The scores of all lines, in page order: above zero for text, below for everything else.
pub(super) fn scores(page: &Draught, known: &dyn Fn(u64) -> bool) -> Vec<f32> {
    page.lines
        .iter()
        .zip(&page.classes)
        .map(|(line, class)| match class {
            Some(LineClass::Blank) => 0.0,
            Some(_) => -4.0,
            None if known(line.hash) => score(line).min(0.0) - 2.0,
            None => score(line),
        })
        .collect()
}

fn score(line: &Line) -> f32 {
    match line.word {
        Word::End => return -4.0,
        Word::Aside => return -1.5,
        Word::Button => return -0.3,
        Word::Link => return -0.5,
        Word::Plain => {}
    }
    let shape = &line.shape;
    let length = if shape.cjk * 2 > shape.chars { shape.chars * 5 / 2 } else { shape.chars };
    let mut score = match length {
        0..=39 => -0.9,
        40..=79 => -0.4,
        80..=139 => 0.6,
        140..=299 => 1.5,
        _ => 2.2,
    };
    if shape.ends_sentence {
        score += if length >= 40 { 0.6 } else { 0.3 };
    }
    score += (shape.stop_share() - 0.2).clamp(-0.2, 0.2) * 2.0;
    if line.bullet {
        score -= 0.5;
    }
    score
}
