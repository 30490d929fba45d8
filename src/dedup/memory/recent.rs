//! The wordings folded last, as written: a line that stands unchanged on page after page is known
//! before it is taken apart.
//!
//! It saves time and decides nothing: what it finds is what taking the line apart would find.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

const SLOTS: usize = 1 << 14;
/// Longer lines are not kept: they are rare, and the room is fixed.
const LONGEST: usize = 1 << 10;

/// A table of fixed size; a newer wording takes the place of an older one.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// An empty text stands for none.
    slots: Vec<(String, u32)>,
    hasher: DefaultHashBuilder,
}

impl Recent {
    fn slot(&self, text: &str) -> usize {
        self.hasher.hash_one(text) as usize & (SLOTS - 1)
    }

    /// Notes that line `number` was written like this.
    pub(crate) fn note(&mut self, text: &str, number: u32) {
        if text.len() > LONGEST {
            return;
        }
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, Default::default);
        }
        let slot = self.slot(text);
        let (known, of) = &mut self.slots[slot];
        known.clear();
        known.push_str(text);
        *of = number;
    }

    /// The line that was written exactly like this, if it is known and still there.
    #[inline]
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let (known, number) = self.slots.get(self.slot(text))?;
        (known == text && !text.is_empty()).then_some(*number)
    }

    /// Forgets everything: numbers are given anew.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
    }
}
