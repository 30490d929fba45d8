//! A line as it is looked up: taken apart, each word hashed once for all the tables that are asked.

use std::cell::{Cell, Ref, RefCell};

use super::{
    lexicon::Lexicon,
    reader::Reader,
    terms::{LookedUp, look_up},
    tokens::Line,
};

/// A line taken apart, with the hashes of its words.
#[derive(Debug, Default)]
pub(super) struct Reading {
    text: String,
    reader: Reader,
    hashes: Vec<u64>,
    whole: u32,
    /// Its words in the lexicon, and the version of it they were looked up in.
    looked_up: RefCell<(u64, Vec<LookedUp>)>,
}

impl Reading {
    /// Reads a line.
    pub(super) fn of(text: &str, lexicon: &Lexicon) -> Self {
        let mut reading = Reading::default();
        reading.read(text, lexicon);
        reading
    }

    fn read(&mut self, text: &str, lexicon: &Lexicon) {
        self.text.clear();
        self.text.push_str(text);
        self.reader.read(text);
        self.hashes.clear();
        self.hashes.extend(self.reader.line.words().map(|(word, _)| lexicon.hash(word)));
        let all = self.hashes.iter().fold(0_u64, |all, &hash| {
            (all.rotate_left(5) ^ hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        });
        self.whole = (all >> 32) as u32;
        self.looked_up.get_mut().0 = 0;
    }

    /// The line.
    pub(super) fn line(&self) -> &Line {
        &self.reader.line
    }

    /// Its words looked up in the lexicon it was read for; to be [kept][Self::keep].
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

    /// The hash of each of its words, in the lexicon it was read for.
    pub(super) fn hashes(&self) -> &[u64] {
        &self.hashes
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
    pub(super) fn read(&self, text: &str, lexicon: &Lexicon) -> Box<Reading> {
        let mut reading = self.0.take().unwrap_or_default();
        if reading.hashes.is_empty() || reading.text != text {
            reading.read(text, lexicon);
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
