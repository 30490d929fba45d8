//! How much each line looks like a part of an article's text.
//!
//! Two sums of weighted features. The first is for a line by itself: it chooses the run. The
//! second knows the run: it decides which lines in and around it are kept. The weights were fitted
//! by logistic regression to the labelled lines of some 400 pages in many languages, sites apart
//! from sites, and rounded; they say how telling a feature is, nothing about any site.

use crate::parse::word::Word;

use super::{
    Draught,
    feature::{self, COUNT, Features},
    weights::{AROUND, INSIDE, OUTSIDE, Weights},
};

/// How many features describe a line's place in the run.
pub(super) const PLACES: usize = 16;

/// A line with what it scores by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scored {
    /// 0-based line of the page.
    pub(super) at: usize,
    pub(super) features: Features,
    /// Log odds that it is text, by itself.
    pub(super) odds: f32,
    /// What it adds to a run.
    pub(super) gain: f32,
}

/// A furniture line known to the site's memory loses so much.
const KNOWN: f32 = 3.0;

/// Scores the printed lines that nothing else has claimed.
pub(super) fn scores(page: &Draught, known: &dyn Fn(u64) -> bool) -> Vec<Scored> {
    let mut scores = Vec::with_capacity(page.lines.len());
    feature::each(page, |at, line, features| {
        let mut odds = dot(&features, &page.weights.outside);
        if known(line.facts.hash) {
            odds = odds.min(0.0) - KNOWN;
        }
        // One line of furniture inside costs little, a foot much; long paragraphs count more.
        let length = feature::length(line) as f32;
        let gain = match (odds + 0.5).clamp(-0.6, 3.0) {
            _ if line.facts.word == Word::End => -3.0,
            gain if gain > 0.0 => gain * (0.3 + length / 150.0).min(3.0),
            gain => gain,
        };
        scores.push(Scored { at, features, odds, gain });
    });
    scores
}

/// Log odds that each of `scored` belongs to the text whose run is the entries `from..=to`.
pub(super) fn inside(
    weights: &Weights,
    scored: &[Scored],
    from: usize,
    to: usize,
    wanted: std::ops::Range<usize>,
) -> Vec<f32> {
    let lines = scored.get(wanted.clone()).unwrap_or_default();
    places(scored, from, to, wanted)
        .iter()
        .zip(lines)
        .map(|(place, line)| dot(&line.features, &weights.inside) + dot(place, &weights.around))
        .collect()
}

/// Where each of `wanted` stands to the run `from..=to`.
pub(super) fn places(
    scored: &[Scored],
    from: usize,
    to: usize,
    wanted: std::ops::Range<usize>,
) -> Vec<[f32; PLACES]> {
    let odds = |at: usize| scored.get(at).map_or(-2.0, |line| line.odds.clamp(-4.0, 4.0));
    let sums: Vec<f32> = std::iter::once(0.0)
        .chain((0..scored.len()).scan(0.0, |sum, at| {
            *sum += odds(at);
            Some(*sum)
        }))
        .collect();
    let mean = |a: usize, b: usize| {
        let (a, b) = (a.min(scored.len()), b.min(scored.len()));
        let sum = sums.get(b).copied().unwrap_or(0.0) - sums.get(a).copied().unwrap_or(0.0);
        sum / b.saturating_sub(a).max(1) as f32 / 4.0
    };
    let good = |at: usize| odds(at) > 0.5;
    let yes = |condition: bool| f32::from(u8::from(condition));
    wanted
        .filter(|&at| at < scored.len())
        .map(|at| {
            let before = (1..=20.min(at)).find(|&steps| good(at - steps)).unwrap_or(20);
            let after =
                (1..20).find(|&steps| at + steps < scored.len() && good(at + steps)).unwrap_or(20);
            [
                odds(at) / 4.0,
                if at > 0 { odds(at - 1) / 4.0 } else { -0.5 },
                if at + 1 < scored.len() { odds(at + 1) / 4.0 } else { -0.5 },
                mean(at.saturating_sub(3), at),
                mean(at + 1, at + 4),
                mean(at.saturating_sub(8), at),
                mean(at + 1, at + 9),
                yes((from..=to).contains(&at)),
                yes(at < from),
                yes(at > to),
                before.min(8) as f32 / 8.0,
                after.min(8) as f32 / 8.0,
                yes(before == 1 && after == 1),
                yes(before > 3 && after > 3),
                yes(at >= from && at - from < 3),
                yes(at <= to && to - at < 3),
            ]
        })
        .collect()
}

pub(super) fn dot<const N: usize>(features: &[f32; N], weights: &[f32; N]) -> f32 {
    // Four sums side by side: each need not wait for the one before.
    let mut sums = [0.0_f32; 4];
    let ((features, rest), (weights, last)) = (features.as_chunks::<4>(), weights.as_chunks::<4>());
    for (features, weights) in features.iter().zip(weights) {
        for at in 0..4 {
            sums[at] += features[at] * weights[at];
        }
    }
    for ((sum, feature), weight) in sums.iter_mut().zip(rest).zip(last) {
        *sum += feature * weight;
    }
    sums.iter().sum()
}

const _: () = assert!(OUTSIDE.len() == COUNT && INSIDE.len() == COUNT && AROUND.len() == PLACES);
