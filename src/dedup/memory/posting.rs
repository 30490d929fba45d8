//! The lines that hold a word, oldest first. Most words have a few lines, some have most lines
//! there are: a list must be small for the ones, and cheap to change anywhere for the others.

use std::collections::VecDeque;

use smallvec::SmallVec;

/// Stands for no line in a short list.
const NONE: u32 = u32::MAX;
/// Lines of a list that is kept in one piece, and of each piece of a longer one.
const PIECE: usize = 2048;

/// Numbers of lines, rising.
#[derive(Debug)]
pub(crate) enum Posting {
    /// Up to four, in place.
    Few([u32; 4]),
    /// In one piece.
    Some(Vec<u32>),
    /// In several.
    Many(Box<Pieces>),
}

/// The newest lines beside the older ones: they are what is asked for and added to.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    newest: Vec<u32>,
    /// None of these is empty.
    older: VecDeque<Vec<u32>>,
    len: usize,
}

impl Posting {
    pub(crate) const fn new() -> Self {
        Posting::Few([NONE; 4])
    }

    /// How many lines.
    #[cfg(test)]
    fn len(&self) -> usize {
        match self {
            Posting::Few(few) => few.iter().filter(|&&number| number != NONE).count(),
            Posting::Some(some) => some.len(),
            Posting::Many(many) => many.len,
        }
    }

    /// The newest line; any number where there is none.
    #[inline]
    pub(crate) fn last(&self) -> u32 {
        match self {
            Posting::Few(few) => few[0],
            Posting::Some(some) => some.last().copied().unwrap_or(NONE),
            Posting::Many(many) => many.newest.last().copied().unwrap_or(NONE),
        }
    }

    /// Appends the newest lines, at most so many, to a list, in no promised order.
    pub(crate) fn newest<A: smallvec::Array<Item = u32>>(
        &self,
        most: usize,
        into: &mut SmallVec<A>,
    ) {
        let last = |list: &[u32], most: usize, into: &mut SmallVec<A>| {
            into.extend_from_slice(&list[list.len().saturating_sub(most)..]);
        };
        match self {
            Posting::Few(few) => {
                let len = few.iter().filter(|&&number| number != NONE).count();
                last(&few[..len], most, into);
            }
            Posting::Some(some) => last(some, most, into),
            Posting::Many(many) => {
                let mut left = most;
                for piece in std::iter::once(&many.newest).chain(many.older.iter().rev()) {
                    last(piece, left, into);
                    left = left.saturating_sub(piece.len());
                    if left == 0 {
                        break;
                    }
                }
            }
        }
    }

    /// Adds a line; whether it was not there yet.
    pub(crate) fn insert(&mut self, number: u32) -> bool {
        match self {
            Posting::Few(few) => {
                let len = few.iter().filter(|&&number| number != NONE).count();
                let Err(at) = few[..len].binary_search(&number) else { return false };
                if len < few.len() {
                    few[at..=len].rotate_right(1);
                    few[at] = number;
                } else {
                    let mut some = Vec::with_capacity(2 * few.len());
                    some.extend_from_slice(few);
                    some.insert(at, number);
                    *self = Posting::Some(some);
                }
                true
            }
            Posting::Some(some) if some.len() < PIECE => add(some, number),
            Posting::Some(some) => {
                let newest = std::mem::take(some);
                let mut many = Pieces { len: newest.len(), newest, ..Pieces::default() };
                let come = many.insert(number);
                *self = Posting::Many(Box::new(many));
                come
            }
            Posting::Many(many) => many.insert(number),
        }
    }

    /// Takes a line out; whether it was there.
    pub(crate) fn remove(&mut self, number: u32) -> bool {
        match self {
            Posting::Few(few) => {
                let Some(at) = few.iter().position(|&other| other == number) else { return false };
                few[at..].rotate_left(1);
                few[3] = NONE;
                true
            }
            Posting::Some(some) => {
                let gone = take(some, number);
                if let [a, b] = some[..] {
                    *self = Posting::Few([a, b, NONE, NONE]);
                }
                gone
            }
            Posting::Many(many) => {
                let gone = many.remove(number);
                if many.len <= PIECE / 4 {
                    *self = Posting::Some(
                        many.older.iter().flatten().chain(&many.newest).copied().collect(),
                    );
                }
                gone
            }
        }
    }
}

impl Pieces {
    /// Which of the older pieces a number belongs into; `None` for the newest.
    fn piece(&self, number: u32) -> Option<usize> {
        if self.older.is_empty() || self.newest.first().is_some_and(|&first| first <= number) {
            return None;
        }
        Some(self.older.partition_point(|piece| piece[0] <= number).saturating_sub(1))
    }

    fn insert(&mut self, number: u32) -> bool {
        if self.newest.len() >= PIECE && self.newest.last().is_some_and(|&last| last < number) {
            self.older.push_back(std::mem::take(&mut self.newest));
            self.newest.push(number);
            self.len += 1;
            return true;
        }
        let come = match self.piece(number) {
            None => add(&mut self.newest, number),
            Some(at) => add(&mut self.older[at], number),
        };
        self.len += usize::from(come);
        come
    }

    fn remove(&mut self, number: u32) -> bool {
        let gone = match self.piece(number) {
            None => take(&mut self.newest, number),
            Some(at) => {
                let gone = take(&mut self.older[at], number);
                if self.older[at].is_empty() {
                    self.older.remove(at);
                }
                gone
            }
        };
        if self.newest.is_empty() {
            self.newest = self.older.pop_back().unwrap_or_default();
        }
        self.len -= usize::from(gone);
        gone
    }
}

fn add(list: &mut Vec<u32>, number: u32) -> bool {
    let at = match list.last() {
        Some(&last) if last >= number => match list.binary_search(&number) {
            Ok(_) => return false,
            Err(at) => at,
        },
        _ => list.len(),
    };
    if list.len() == list.capacity() {
        // Room grows by an eighth: doubling would waste a third of the memory on average.
        list.reserve_exact((list.len() / 8).max(4));
    }
    list.insert(at, number);
    true
}

fn take(list: &mut Vec<u32>, number: u32) -> bool {
    let Ok(at) = list.binary_search(&number) else { return false };
    list.remove(at);
    if list.len() * 2 < list.capacity() {
        list.shrink_to(list.len() + 4);
    }
    true
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn newest(posting: &Posting, most: usize) -> Vec<u32> {
        let mut found: SmallVec<[u32; 16]> = SmallVec::new();
        posting.newest(most, &mut found);
        found.sort_unstable();
        found.to_vec()
    }

    #[test]
    fn a_long_list_loses_its_oldest_and_takes_back_its_newest() {
        let mut posting = Posting::new();
        for number in 0..5000 {
            posting.insert(number);
        }
        for number in (0..4000).chain([4990, 4991]) {
            posting.remove(number);
        }
        posting.insert(4990);
        assert_eq!(posting.len(), 999);
        assert_eq!(newest(&posting, 3), [4997, 4998, 4999]);
        assert_eq!(newest(&posting, 9), [4990, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999]);
    }

    proptest! {
        #[test]
        fn it_holds_what_was_inserted_and_not_removed(
            start in 0..9000_u32,
            steps in prop::collection::vec((0..10_000_u32, any::<bool>()), 0..3000),
        ) {
            let (mut posting, mut held) = (Posting::new(), BTreeSet::new());
            for number in 0..start {
                posting.insert(number);
                held.insert(number);
            }
            for (number, come) in steps {
                if come {
                    posting.insert(number);
                    held.insert(number);
                } else {
                    posting.remove(number);
                    held.remove(&number);
                }
            }
            prop_assert_eq!(posting.len(), held.len());
            let all: Vec<u32> = held.iter().copied().collect();
            prop_assert_eq!(&newest(&posting, 16)[..], &all[all.len().saturating_sub(16)..]);
            prop_assert_eq!(newest(&posting, 20_000), all);
        }
    }
}
