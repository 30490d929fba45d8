//! A bounded memory of what was said of the texts met before, one for each thread, so that nobody
//! waits for it. A text is known by its bytes, not by a hash of them: the memory changes no answer.
//!
//! Most lines of an article never come again, so a text is remembered when it is met the second
//! time: the lines of a page that nobody has seen cost no more than a look.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

/// Places for texts, each found by a hash of its bytes.
const PLACES: usize = 1 << 13;

/// Bytes of the longest text that is remembered: with [`PLACES`], at most 4 MiB of text.
const LONGEST: usize = 512;

/// What is remembered.
pub(super) struct Memo<T>(Box<[Place<T>]>);

struct Place<T> {
    /// The hash of the text that was met last here and is not remembered.
    met: u64,
    known: Option<(Box<str>, T)>,
}

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Memo((0..PLACES).map(|_| Place { met: 0, known: None }).collect())
    }
}

impl<T: Clone> Memo<T> {
    /// What is said of a text: remembered, else worked out by `say`.
    pub(super) fn of(&mut self, text: &str, say: impl FnOnce(&str) -> T) -> T {
        if text.len() > LONGEST {
            return say(text);
        }
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes());
        let hash = hasher.finish();
        let Some(place) = self.0.get_mut(hash as usize % PLACES) else { return say(text) };
        match &place.known {
            Some((known, said)) if **known == *text => return said.clone(),
            _ => {}
        }
        let said = say(text);
        if place.met == hash {
            place.known = Some((text.into(), said.clone()));
        }
        place.met = hash;
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded_and_of_the_text_itself() {
        let mut memo = Memo::default();
        let mut asked = 0;
        for text in (0..4 * PLACES).map(|n| n.to_string()) {
            assert_eq!(memo.of(&text, |text| text.len()), text.len());
        }
        let long = "a".repeat(LONGEST + 1);
        for text in ["ferry", "ferry", "ferry", "ferry", &long, &long, &long] {
            memo.of(text, |text| {
                asked += 1;
                text.len()
            });
        }
        // What came once is not remembered, and what is too long never.
        let known = memo.0.iter().filter(|place| place.known.is_some()).count();
        assert_eq!((memo.0.len(), known, asked), (PLACES, 1, 2 + 3));
    }
}
