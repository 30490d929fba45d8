//! The words that changed between two versions.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::dedup::read::{
    figures::figure,
    words::{Class, WORDS as WORD_LISTS},
};
use crate::item::{Change, ChangeSize, WordChange, key_text};

/// Places where two versions differ that are shown; the rest is only counted.
const SHOWN: usize = 12;
/// Words of one place that are shown.
const WORDS: usize = 12;
/// Words of two paragraphs that are compared one by one; longer ones count as replaced.
const COMPARED: usize = 1500;

/// Words of a line that only counts readers or time.
const COUNTER: usize = 6;

/// Words of two texts that are compared without regard to paragraphs.
const REFLOWED: usize = 6000;

/// What changed between two texts, with what kind of change it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    places: Vec<WordChange>,
    /// Words that came or went, beyond case and punctuation.
    pub(crate) words: usize,
    /// A figure changed, came or went.
    pub(crate) figure: Option<(String, String)>,
    /// A figure stands in the place of another.
    pub(crate) replaced: Option<(String, String)>,
    /// Figures that differ in one place, as they were and as they are; empty where one came or went.
    figures: Vec<(String, String)>,
    /// Whole paragraphs came.
    pub(crate) added: usize,
    /// Whole paragraphs went.
    pub(crate) removed: usize,
    /// The text begins with a paragraph that the earlier one has nothing like.
    pub(crate) lede: bool,
    /// Something that is no mere slip of spelling changed.
    real: bool,
    /// Only drawing changed: case, quotes, punctuation.
    drawn: bool,
}

impl Changes {
    /// Nothing changed but spelling and punctuation.
    pub(crate) fn minor(&self) -> bool {
        !self.real
    }

    /// Nothing at all changed.
    pub(crate) fn none(&self) -> bool {
        self.words == 0 && !self.drawn && self.added + self.removed == 0
    }

    /// The change as the wire tells it.
    pub(crate) fn told(self) -> Change {
        let size = if self.minor() {
            ChangeSize::Minor
        } else if self.added + self.removed > 0 || self.words > 24 {
            ChangeSize::Major
        } else {
            ChangeSize::Edit
        };
        Change { size, words: self.places }
    }

    fn place(&mut self, was: &[&str], now: &[&str]) {
        if self.places.len() < SHOWN {
            self.places.push(WordChange { was: shown(was), now: shown(now) });
        }
    }

    /// Compares two runs of words.
    pub(crate) fn compare(&mut self, old: &str, new: &str) {
        self.compare_up_to(COMPARED, old, new);
    }

    /// Compares two runs of at most so many words together.
    fn compare_up_to(&mut self, most: usize, old: &str, new: &str) {
        let old: Vec<&str> = old.split_whitespace().collect();
        let new: Vec<&str> = new.split_whitespace().collect();
        if old.len() + new.len() > most {
            self.words += old.len().max(new.len());
            self.real = true;
            self.place(&old, &new);
            return;
        }
        let keys = |words: &[&str]| words.iter().map(|w| key_text(w)).collect::<Vec<_>>();
        let (old_keys, new_keys) = (keys(&old), keys(&new));
        for op in capture_diff_slices(Algorithm::Myers, &old_keys, &new_keys) {
            if let DiffOp::Equal { old_index, new_index, len } = op {
                self.drawn |= old[old_index..old_index + len] != new[new_index..new_index + len];
                continue;
            }
            let (was, now) = (op.old_range(), op.new_range());
            let joined = |keys: &[String]| keys.concat();
            if joined(&old_keys[was.clone()]) == joined(&new_keys[now.clone()]) {
                self.drawn = true;
                continue;
            }
            // "57 comments" is no news.
            let short = old.len() <= COUNTER && new.len() <= COUNTER;
            let frames =
                |keys: &[String]| keys.iter().any(|key| WORD_LISTS.class_of(key).any(Class::FRAME));
            let counts = |keys: &[String]| keys.iter().all(|key| figure(key).is_some());
            if short
                && frames(&new_keys)
                && counts(&old_keys[was.clone()])
                && counts(&new_keys[now.clone()])
            {
                self.drawn = true;
                continue;
            }
            self.words += was.len().max(now.len());
            self.place(&old[was.clone()], &new[now.clone()]);
            let (gone, come) = (&old_keys[was], &new_keys[now]);
            let (lost, found) =
                (beyond(figures(gone), figures(come)), beyond(figures(come), figures(gone)));
            for at in 0..lost.len().max(found.len()) {
                let part = |of: &[&String]| of.get(at).map_or(String::new(), |f| (*f).clone());
                self.figures.push((part(&lost), part(&found)));
            }
            self.figure = self.figure.take().or_else(|| self.figures.first().cloned());
            let slip = gone.len() == come.len()
                && gone.iter().zip(come).all(|(a, b)| a == b || misspelt(a, b));
            self.real |= !slip;
        }
    }

    /// Notes that only drawing changed, if it did.
    pub(crate) fn draw(&mut self, changed: bool) {
        self.drawn |= changed;
    }

    /// The changes of two parts of one text.
    pub(crate) fn and(mut self, other: Changes) -> Self {
        self.words += other.words;
        self.added += other.added;
        self.removed += other.removed;
        self.real |= other.real;
        self.drawn |= other.drawn;
        self.figure = self.figure.or(other.figure);
        self.figures.extend(other.figures);
        self.places.extend(other.places);
        self.places.truncate(SHOWN);
        self
    }

    /// The same texts compared as one run of words, where that finds less than half as many words
    /// changed: paragraphs were joined or parted.
    pub(crate) fn reflowed(&self, old: &str, new: &str) -> Option<Changes> {
        let words = old.split_whitespace().count() + new.split_whitespace().count();
        if self.added + self.removed == 0 || words > REFLOWED {
            return None;
        }
        let mut whole = Changes::default();
        whole.compare_up_to(REFLOWED, old, new);
        (whole.words * 2 < self.words).then_some(whole)
    }

    /// Tells figures that only stand elsewhere in the other text from those that changed.
    pub(crate) fn settle(&mut self, old: &str, new: &str) {
        let keys = |text: &str| text.split_whitespace().map(key_text).collect::<Vec<_>>();
        let (old, new) = (keys(old), keys(new));
        let gone = beyond(figures(&old), figures(&new));
        let come = beyond(figures(&new), figures(&old));
        self.figures.retain(|(was, now)| gone.contains(&was) || come.contains(&now));
        self.figure = self.figures.first().cloned();
        self.replaced = self
            .figures
            .iter()
            .find(|(was, now)| gone.contains(&was) && come.contains(&now))
            .cloned();
    }

    /// A paragraph came or went whole.
    pub(crate) fn whole(&mut self, was: &str, now: &str) {
        let was: Vec<&str> = was.split_whitespace().collect();
        let now: Vec<&str> = now.split_whitespace().collect();
        self.words += was.len().max(now.len());
        self.removed += usize::from(!was.is_empty());
        self.added += usize::from(!now.is_empty());
        self.real = true;
        self.place(&was, &now);
    }
}

fn figures(keys: &[String]) -> Vec<&String> {
    keys.iter().filter(|key| figure(key).is_some()).collect()
}

/// What the one list has more than the other, each as often as it has it more.
fn beyond<'a>(one: Vec<&'a String>, other: Vec<&'a String>) -> Vec<&'a String> {
    let mut left = other;
    one.into_iter()
        .filter(|key| match left.iter().position(|other| other == key) {
            Some(at) => {
                left.swap_remove(at);
                false
            }
            None => true,
        })
        .collect()
}

fn shown(words: &[&str]) -> String {
    if words.len() <= WORDS {
        return words.join(" ");
    }
    format!("{} …", words[..WORDS].join(" "))
}

/// One word spelt two ways: the same letters but for one that is lost, added, replaced or swapped.
/// Short words and figures are never misspelt.
fn misspelt(a: &str, b: &str) -> bool {
    let digit = |word: &str| word.chars().any(char::is_numeric);
    let (a, b) = if digit(a) || digit(b) {
        return false;
    } else {
        (a.chars().collect::<Vec<_>>(), b.chars().collect::<Vec<_>>())
    };
    if a.len().min(b.len()) < 5 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (gone, come) = (a.len() - end, b.len() - end);
    // An ending that changes may change the tense or the number: that is no slip.
    let inside = end > 0;
    inside && (gone.max(come) <= 1 || (gone == 2 && come == 2 && a[0] == b[1] && a[1] == b[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(old: &str, new: &str) -> Changes {
        let mut changes = Changes::default();
        changes.compare(old, new);
        changes
    }

    #[test]
    fn spelling_and_punctuation_are_minor() {
        assert!(changes("The harbour, closed.", "The harbour closed").minor());
        assert!(changes("Port autority of Velm", "Port authority of Velm").minor());
        assert!(!changes("Port authority of Velm", "Port authority of Dorn").minor());
        assert!(!changes("the mayor resigns", "the mayor resigned").minor());
        assert!(changes("same words", "same words").none());
    }

    #[test]
    fn a_changed_figure_is_named() {
        let changed =
            changes("The fire killed 9 people in Velm", "The fire killed 12 people in Velm");
        assert_eq!(changed.figure, Some(("9".into(), "12".into())));
        let told = changed.told();
        assert_eq!(told.size, ChangeSize::Edit);
        assert_eq!(told.words, [WordChange { was: "9".into(), now: "12".into() }]);
    }
}
