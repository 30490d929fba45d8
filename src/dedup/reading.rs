//! A line as it is looked up: taken apart, each word hashed once for all the tables that are asked.

use std::cell::{Cell, Ref, RefCell};

use super::{
    lexicon::{Lexicon, Seed, Sought},
    reader::Reader,
    terms::{LookedUp, look_up},
    tokens::Line,
};

/// A line taken apart, its words ready to be looked up.
#[derive(Debug, Default)]
pub(super) struct Reading {
    text: String,
    reader: Reader,
    sought: Vec<Sought>,
    whole: u32,
    /// Its words in the lexicon, and the version of it they were looked up in.
    looked_up: RefCell<(u64, Vec<LookedUp>)>,
}

impl Reading {
    /// Reads a line.
    pub(super) fn of(text: &str, seed: &Seed) -> Self {
        let mut reading = Reading::default();
        reading.read(text, seed);
        reading
    }

    /// Reads a line in place of the last one.
    pub(super) fn read(&mut self, text: &str, seed: &Seed) {
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
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line.
    pub(super) fn line(&self) -> &Line {
        &self.reader.line
    }

    /// Its words looked up in the lexicon whose seed it was read with; to be [kept][Self::keep].
    pub(super) fn look_up(&self, lexicon: &Lexicon) -> Vec<LookedUp> {
        let (_, mut words) = self.looked_up.take();
        look_up(self, lexicon, &mut words);
        words
    }

    /// Keeps what was looked up for as long as the lexicon stays as it is.
    pub(super) fn keep(&self, words: Vec<LookedUp>, lexicon: &Lexicon) {
        self.looked_up.replace((lexicon.version(), words));
    }

    /// The words kept, where the lexicon has stayed as it was.
    pub(super) fn kept(&self, lexicon: &Lexicon) -> Option<Ref<'_, Vec<LookedUp>>> {
        let kept = self.looked_up.borrow();
        (kept.0 == lexicon.version()).then(|| Ref::map(kept, |kept| &kept.1))
    }

    /// Its words as they are looked up in the lexicon whose seed it was read with.
    pub(super) fn sought(&self) -> impl Iterator<Item = (&str, Sought)> + Clone {
        let words = (0..self.sought.len()).map(|at| self.reader.line.word(at));
        words.zip(self.sought.iter().copied())
    }

    /// The hash of the line: only ever a hint, its words are compared.
    pub(super) fn hash(&self) -> u32 {
        self.whole
    }
}

/// The line read last, and its buffers. What is judged new is folded next, and need not be taken
/// apart again.
///
/// It saves time and decides nothing: a line reads the same each time.
#[derive(Default)]
pub(super) struct Last(Cell<Option<Box<Reading>>>);

impl Last {
    /// Reads a line. The reading is [kept][Self::keep] when it is done with.
    pub(super) fn read(&self, text: &str, seed: &Seed) -> Box<Reading> {
        let mut reading = self.0.take().unwrap_or_default();
        if reading.sought.is_empty() || reading.text != text {
            reading.read(text, seed);
        }
        reading
    }

    /// Keeps a reading and its buffers for the next line.
    pub(super) fn keep(&self, reading: Box<Reading>) {
        self.0.set(Some(reading));
    }
}

impl std::fmt::Debug for Last {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Last").finish_non_exhaustive()
    }
}
