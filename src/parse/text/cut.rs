//! Where the text ends. Under it stand links with teasers, notes on the author, readers' comments:
//! lines that read as prose by themselves. The gaps in the run are weighed: how far the text has
//! come, what fills the gap, how dense and how long the prose after it is against the prose
//! before.

use crate::parse::word::Word;

use super::{
    feature::is_prose,
    score::{self, Scored},
    stem,
    weights::CUT,
};

/// How much describes a gap.
pub(super) const COUNT: usize = 29;

/// Columns of `feature` that a gap is described with.
mod column {
    pub(super) const VERY_SHORT: usize = 1;
    pub(super) const SENTENCE: usize = 6;
    pub(super) const FUNCTION_WORDS: usize = 9;
    pub(super) const BULLET: usize = 11;
    pub(super) const NESTED: usize = 12;
    pub(super) const CAPITALS: usize = 13;
    pub(super) const BOX_HEAD: usize = 18;
    pub(super) const FOOT: usize = 19;
    pub(super) const TWICE: usize = 28;
    pub(super) const DATE: usize = 30;
    pub(super) const BYLINE: usize = 31;
    pub(super) const ADDRESS: usize = 32;
    pub(super) const NOTICE: usize = 41;
}

/// The last entry of the text in the run `from..=to` of `scored`.
pub(super) fn end(page: &super::Draught, scored: &[Scored], from: usize, to: usize) -> usize {
    gaps(page, scored, from, to)
        .into_iter()
        .find(|(at, next, features)| {
            score::dot(features, &page.weights.cut) > 0.0 && !resumes(page, scored, *at, *next)
        })
        .map_or(to, |(at, ..)| at - 1)
}

/// The gaps in the run: first entry, first entry of text after it, and what describes it.
pub(super) fn gaps(
    page: &super::Draught,
    scored: &[Scored],
    from: usize,
    to: usize,
) -> Vec<(usize, usize, [f32; COUNT])> {
    let is_text = |at: usize| scored.get(at).is_some_and(|line| line.odds > 0.0);
    let length = |at: usize| {
        scored
            .get(at)
            .and_then(|line| page.lines.get(line.at))
            .map_or(0.0, |line| line.facts.shape.chars as f32)
    };
    let total: f32 = (from..=to).filter(|&at| is_text(at)).map(length).sum();
    let (mut text, mut paragraphs) = (0.0, 0);
    let mut all = Vec::new();
    let mut at = from;
    while at <= to {
        if is_text(at) {
            text += length(at);
            paragraphs += 1;
            at += 1;
            continue;
        }
        let Some(next) = (at..=to).find(|&next| is_text(next)) else { break };
        if at > from {
            let gaps = all.len() as u32;
            let share = text / total.max(1.0);
            let gap = Gap { scored, from, at, next, share, paragraphs, gaps };
            all.push((at, next, gap.features(&is_text, &length)));
        }
        at = next;
    }
    all
}

/// The last entry of the text where it goes on with a paragraph or more between a box of links and
/// the foot: `to`, or an entry after it. A paragraph that says what the box's own title says is its
/// teaser; so is one whose like follows, title over teaser.
pub(super) fn resumed(page: &super::Draught, scored: &[Scored], mut to: usize) -> usize {
    let line = |at: usize| scored.get(at).and_then(|line| page.lines.get(line.at));
    let text = |at: usize| scored.get(at).map_or("", |line| page.at(line.at));
    let word = |at: usize| line(at).map(|line| line.facts.word);
    let prose = |at: usize| {
        line(at).is_some_and(|line| {
            is_prose(line) && line.facts.shape.ends_sentence && !line.bullet && line.opens
        })
    };
    loop {
        let head = to + 1;
        if !matches!(word(head), Some(Word::Aside | Word::Link)) {
            return to;
        }
        let box_end = (head + 1..head + BOX)
            .find(|&at| prose(at) || !matches!(word(at), Some(Word::Plain | Word::Link)))
            .unwrap_or(head + BOX);
        let end = (box_end..scored.len()).find(|&at| !prose(at)).unwrap_or(scored.len());
        let follows = word(end) == Some(Word::Plain) && prose(end + 1);
        let titles = head + 1..box_end;
        let paragraph = text(box_end).to_lowercase();
        let teaser = titles.clone().any(|title| {
            let (shared, all) = stem::shared(text(title), &paragraph);
            shared >= 2 || shared * 2 >= all && all > 0
        });
        let against =
            (box_end..end).any(|at| scored.get(at).is_some_and(super::run::spoken_against));
        if box_end == end || follows || teaser || against {
            return to;
        }
        to = end - 1;
    }
}

/// A box of links stands in the gap, and plain prose goes on after it: two paragraphs together, or
/// one right above the foot. Under an article, each teaser has its title over it instead.
fn resumes(page: &super::Draught, scored: &[Scored], at: usize, next: usize) -> bool {
    let line = |at: usize| scored.get(at).and_then(|line| page.lines.get(line.at));
    let prose =
        |at: usize| line(at).is_some_and(|line| is_prose(line) && line.facts.shape.ends_sentence);
    let boxed = (at..next)
        .any(|at| line(at).is_some_and(|line| matches!(line.facts.word, Word::Aside | Word::Link)));
    let ends =
        |at: usize| line(at).is_none_or(|line| matches!(line.facts.word, Word::Aside | Word::End));
    boxed && (at..at + BOX).any(|at| prose(at) && (prose(at + 1) || ends(at + 1)))
}

/// Lines of a box in the middle of a text at most.
const BOX: usize = 8;

struct Gap<'a> {
    scored: &'a [Scored],
    from: usize,
    /// Its first entry, and the first entry of text after it.
    at: usize,
    next: usize,
    /// Share of the run's text that stands before.
    share: f32,
    paragraphs: u32,
    gaps: u32,
}

impl Gap<'_> {
    fn mean(&self, from: usize, to: usize, value: impl Fn(&Scored) -> f32) -> f32 {
        let lines = self.scored.get(from..to.min(self.scored.len())).unwrap_or_default();
        lines.iter().map(value).sum::<f32>() / lines.len().max(1) as f32
    }

    fn any(&self, from: usize, to: usize, column: usize) -> f32 {
        let lines = self.scored.get(from..to.min(self.scored.len())).unwrap_or_default();
        let has = |line: &Scored| line.features.get(column).is_some_and(|&value| value > 0.0);
        f32::from(u8::from(lines.iter().any(has)))
    }

    fn features(
        &self,
        is_text: &impl Fn(usize) -> bool,
        length: &impl Fn(usize) -> f32,
    ) -> [f32; COUNT] {
        let (at, next) = (self.at, self.next);
        let column =
            |column: usize| move |line: &Scored| line.features.get(column).copied().unwrap_or(0.0);
        let odds = |line: &Scored| line.odds.clamp(-4.0, 4.0) / 4.0;
        let text = |line: &Scored| f32::from(u8::from(line.odds > 0.0));
        let back = at.saturating_sub(10).max(self.from);
        // Means over the lines of text among the ten on either side.
        let of_text = |from: usize, to: usize, value: &dyn Fn(usize) -> f32| {
            let lines = (from..to.min(self.scored.len())).filter(|&at| is_text(at));
            let (sum, count) =
                lines.fold((0.0, 0), |(sum, count), at| (sum + value(at), count + 1));
            sum / count.max(1) as f32
        };
        let odds_at = |at: usize| self.scored.get(at).map_or(0.0, odds);
        [
            1.0,
            (next - at).min(8) as f32 / 8.0,
            self.any(at, next, column::FOOT),
            self.any(at, next, column::BOX_HEAD),
            self.any(at, next, column::DATE),
            (at..next).map(odds_at).fold(0.0, f32::min),
            self.mean(at, next, odds),
            self.share,
            self.mean(at, at + 10, text),
            self.mean(at, at + 20, text),
            self.mean(back, at, text),
            of_text(next, next + 10, length).min(400.0) / 400.0,
            of_text(back, at, length).min(400.0) / 400.0,
            self.mean(at, at + 10, column(column::TWICE)),
            self.mean(at, at + 10, column(column::BULLET)),
            self.mean(at, at + 10, column(column::CAPITALS)),
            self.mean(at, at + 10, column(column::SENTENCE)),
            self.mean(at, at + 10, column(column::FUNCTION_WORDS)),
            self.any(at, at + 1, column::VERY_SHORT),
            self.any(at, next, column::BYLINE).max(self.any(at, next, column::ADDRESS)),
            self.any(at, next + 2, column::NOTICE),
            self.any(at - 1, at, column::SENTENCE),
            self.gaps.min(10) as f32 / 10.0,
            self.mean(next, next + 10, column(column::NESTED)),
            self.mean(back, at, column(column::NESTED)),
            self.mean(at, at + 10, odds),
            of_text(next, next + 10, &odds_at),
            of_text(back, at, &odds_at),
            self.paragraphs.min(20) as f32 / 20.0,
        ]
    }
}

const _: () = assert!(CUT.len() == COUNT);
