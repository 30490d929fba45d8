//! A line as it is looked up: taken apart, each word hashed once for all the tables that are asked.

use std::cell::{Cell, Ref, RefCell};

use super::{
    line::Line,
    reader::Reader,
    spelling::{Seed, Sought},
    words::Knowledge,
};

/// A word looked up: its number, or, where no line in memory has it, what the lists know of it.
#[derive(Debug)]
pub(crate) enum LookedUp {
    /// Its number in the lexicon.
    Known(u32),
    /// What is known of it.
    Strange(Knowledge),
}

/// A line taken apart, its words ready to be looked up.
#[derive(Debug, Default)]
pub(crate) struct Wording {
    text: String,
    reader: Reader,
    sought: Vec<Sought>,
    whole: u32,
    /// Its words in the lexicon, and the version of it they were looked up in.
    looked_up: RefCell<(u64, Vec<LookedUp>)>,
}

impl Wording {
    /// Reads a line.
    pub(crate) fn of(text: &str, seed: &Seed) -> Self {
        let mut reading = Wording::default();
        reading.read(text, seed);
        reading
    }

    /// Reads a line in place of the last one.
    pub(crate) fn read(&mut self, text: &str, seed: &Seed) {
        self.text.clear();
        self.text.push_str(text);
        self.reader.read(text);
        self.sought.clear();
        self.sought.extend(self.reader.line.words().map(|(word, _)| seed.seek(word)));
        let all = self.sought.iter().fold(0_u64, |all, sought| {
            (all.rotate_left(5) ^ sought.hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        self.whole = (all >> 32) as u32;
        self.looked_up.get_mut().0 = 0;
    }

    /// The line as written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The line.
    pub(crate) fn line(&self) -> &Line {
        &self.reader.line
    }

    /// The room for words that are looked up; to be [kept][Self::keep].
    pub(crate) fn room(&self) -> Vec<LookedUp> {
        self.looked_up.take().1
    }

    /// Keeps words that were looked up for as long as the lexicon stays at this version.
    pub(crate) fn keep(&self, words: Vec<LookedUp>, version: u64) {
        self.looked_up.replace((version, words));
    }

    /// The words kept, where the lexicon has stayed at this version.
    pub(crate) fn kept(&self, version: u64) -> Option<Ref<'_, Vec<LookedUp>>> {
        let kept = self.looked_up.borrow();
        (kept.0 == version).then(|| Ref::map(kept, |kept| &kept.1))
    }

    /// Its words as they are looked up in the lexicon whose seed it was read with.
    pub(crate) fn sought(&self) -> impl Iterator<Item = (&str, Sought)> + Clone {
        let words = (0..self.sought.len()).map(|at| self.reader.line.word(at));
        words.zip(self.sought.iter().copied())
    }

    /// The hash of the line: only ever a hint, its words are compared.
    pub(crate) fn hash(&self) -> u32 {
        self.whole
    }
}

/// The line read last, and its buffers. What is judged new is folded next, and need not be taken
/// apart again.
///
/// It saves time and decides nothing: a line reads the same each time.
#[derive(Default)]
pub(crate) struct Last(Cell<Option<Box<Wording>>>);

impl Last {
    /// Reads a line. The reading is [kept][Self::keep] when it is done with.
    pub(crate) fn read(&self, text: &str, seed: &Seed) -> Box<Wording> {
        let mut reading = self.0.take().unwrap_or_default();
        if reading.sought.is_empty() || reading.text != text {
            reading.read(text, seed);
        }
        reading
    }

    /// Keeps a reading and its buffers for the next line.
    pub(crate) fn keep(&self, reading: Box<Wording>) {
        self.0.set(Some(reading));
    }
}

impl std::fmt::Debug for Last {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Last").finish_non_exhaustive()
    }
}
