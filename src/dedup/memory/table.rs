//! A hash table of numbers whose keys lie elsewhere, for lines and words that come and go. It
//! grows and shrinks in small steps, so that no single line waits for all others to be moved.
//!
//! Linear hashing (Litwin, 1980): the table is cut into segments, and each time it holds too much
//! for their number, the next segment in turn is split in two.

use hashbrown::{HashTable, hash_table::IterHash};

/// Numbers held for each segment before the next is split; none is asked to hold much more than
/// twice as many.
const FULL: usize = 880;
/// Numbers held for each segment before two are joined again.
const SPARSE: usize = 256;

/// A hash table of numbers.
#[derive(Debug)]
pub(crate) struct Table {
    segments: Vec<HashTable<u32>>,
    /// The least of the numbers 1, 3, 7, … that is not below the last segment's.
    mask: usize,
    held: usize,
}

impl Table {
    /// An empty table.
    pub(crate) fn new() -> Self {
        Table { segments: vec![HashTable::new()], mask: 0, held: 0 }
    }

    /// The segment of a hash, by bits that order nothing within a segment.
    #[inline]
    fn segment(&self, hash: u64) -> usize {
        let at = (hash >> 20) as usize & self.mask;
        if at < self.segments.len() { at } else { at & (self.mask >> 1) }
    }

    /// The number with this hash that is the one asked for.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is: impl FnMut(&u32) -> bool) -> Option<u32> {
        self.segments[self.segment(hash)].find(hash, is).copied()
    }

    /// A number that is likely to have this hash; where there is none, no number has it.
    #[inline]
    pub(crate) fn likely(&self, hash: u64) -> Option<u32> {
        self.iter_hash(hash).next().copied()
    }

    /// All numbers that may have this hash.
    #[inline]
    pub(crate) fn iter_hash(&self, hash: u64) -> IterHash<'_, u32> {
        self.segments[self.segment(hash)].iter_hash(hash)
    }

    /// Inserts a number that is not there yet. `hash_of` gives the hash of a number's key.
    pub(crate) fn insert(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        if self.held >= self.segments.len() * FULL {
            self.split(&hash_of);
        }
        let at = self.segment(hash);
        place(&mut self.segments[at], hash, number, &hash_of);
        self.held += 1;
    }

    /// Removes a number.
    pub(crate) fn remove(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        let at = self.segment(hash);
        let Ok(found) = self.segments[at].find_entry(hash, |&other| other == number) else {
            return;
        };
        found.remove();
        self.held -= 1;
        if self.segments.len() > 1 && self.held < self.segments.len() * SPARSE {
            self.join(&hash_of);
        }
    }

    fn split(&mut self, hash_of: &impl Fn(u32) -> u64) {
        let last = self.segments.len();
        if last > self.mask {
            self.mask = 2 * self.mask + 1;
        }
        let old = std::mem::take(&mut self.segments[last & (self.mask >> 1)]);
        self.segments.push(HashTable::new());
        for (hash, number) in hashed(&old, hash_of) {
            let at = self.segment(hash);
            place(&mut self.segments[at], hash, number, hash_of);
        }
    }

    fn join(&mut self, hash_of: &impl Fn(u32) -> u64) {
        let Some(last) = self.segments.pop() else { return };
        let into = self.segments.len() & (self.mask >> 1);
        if self.segments.len() <= self.mask.div_ceil(2) {
            self.mask >>= 1;
        }
        for number in last {
            place(&mut self.segments[into], hash_of(number), number, hash_of);
        }
    }
}

/// All numbers of a segment with their hashes. The keys lie anywhere in memory, and are asked for
/// all at once, before anything is done with them.
fn hashed(segment: &HashTable<u32>, hash_of: &impl Fn(u32) -> u64) -> Vec<(u64, u32)> {
    segment.iter().map(|&number| (hash_of(number), number)).collect()
}

/// Inserts into one segment.
///
/// What was removed leaves its place marked, and a segment that runs out of unmarked places
/// doubles, though what it holds has not grown: it is laid out anew in as many places as it needs
/// instead.
fn place(segment: &mut HashTable<u32>, hash: u64, number: u32, hash_of: &impl Fn(u32) -> u64) {
    let held = segment.len();
    if held == segment.capacity() {
        let mut fresh = HashTable::with_capacity(held + held / 8 + 4);
        for (hash, number) in hashed(segment, hash_of) {
            fresh.insert_unique(hash, number, |&number| hash_of(number));
        }
        *segment = fresh;
    }
    segment.insert_unique(hash, number, |&number| hash_of(number));
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, collections::HashSet};

    use proptest::prelude::*;

    use super::*;

    fn hash(number: u32) -> u64 {
        u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn places(table: &Table) -> usize {
        table.segments.iter().map(HashTable::capacity).sum()
    }

    #[test]
    fn a_table_stays_as_large_as_what_it_holds() {
        let mut table = Table::new();
        for number in 0..100_000 {
            table.insert(hash(number), number, hash);
            if let Some(old) = number.checked_sub(1000) {
                table.remove(hash(old), old, hash);
            }
            assert!(places(&table) <= 4000, "{} places", places(&table));
            assert!(table.find(hash(number), |&other| other == number).is_some());
        }
        assert_eq!(table.held, 1000);
        for number in 100_000..200_000 {
            table.insert(hash(number), number, hash);
        }
        for number in 99_000..200_000 {
            table.remove(hash(number), number, hash);
        }
        assert_eq!((table.held, table.segments.len(), table.mask), (0, 1, 0));
    }

    #[test]
    fn no_insertion_moves_more_than_a_few() {
        let mut table = Table::new();
        let most = (0..300_000).map(|number| {
            let moved = Cell::new(0);
            table.insert(hash(number), number, |number| {
                moved.set(moved.get() + 1);
                hash(number)
            });
            moved.get()
        });
        let most = most.max();
        assert!(most < Some(8 * FULL), "{most:?}");
    }

    proptest! {
        #[test]
        fn it_holds_what_was_inserted_and_not_removed(
            steps in prop::collection::vec((0..3000_u32, prop::bool::weighted(0.6)), 0..6000),
        ) {
            let (mut table, mut held) = (Table::new(), HashSet::new());
            for (number, come) in steps {
                if come {
                    if held.insert(number) {
                        table.insert(hash(number), number, hash);
                    }
                } else {
                    held.remove(&number);
                    table.remove(hash(number), number, hash);
                }
            }
            for number in 0..3000 {
                let found = table.find(hash(number), |&other| other == number);
                prop_assert_eq!(found.is_some(), held.contains(&number));
            }
        }
    }
}
