//! A filter of what the file holds: says of most things that were never stored that they weren't,
//! without asking the file.

use std::sync::{
    RwLock,
    atomic::{AtomicU64, Ordering},
};

/// Bits for each thing it is made for: one question in some hundred about something that is not
/// there goes to the file for nothing.
const BITS: usize = 12;
/// Bits set for each thing.
const PROBES: u64 = 4;
/// Things that a new filter has room for at least.
const LEAST: usize = 1 << 20;

/// Names of 16 well-spread bytes: keys of what was told, and hashes of pages.
#[derive(Debug, Default)]
pub(super) struct Filter(RwLock<Vec<AtomicU64>>);

impl Filter {
    /// Takes in what is stored, with room for as much again. What is stored meanwhile waits to be
    /// taken in after it.
    ///
    /// # Errors
    /// As `stored`; then the filter stays as it was.
    pub(super) fn fill<E>(
        &self,
        stored: impl FnOnce() -> Result<Vec<[u8; 16]>, E>,
    ) -> Result<(), E> {
        let mut filled = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let names = stored()?;
        let words = (names.len().max(LEAST / 2) * 2 * BITS).div_ceil(64).next_power_of_two();
        let bits: Vec<AtomicU64> = (0..words).map(|_| AtomicU64::new(0)).collect();
        names.iter().for_each(|name| set(&bits, name));
        *filled = bits;
        Ok(())
    }

    /// Takes in a thing that is stored now.
    pub(super) fn insert(&self, name: &[u8; 16]) {
        set(&self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner), name);
    }

    /// Knows nothing from here on: something was stored that it didn't hear of.
    pub(super) fn forget(&self) {
        self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }

    /// False only where it was never taken in; true of everything before it was filled.
    pub(super) fn may_hold(&self, name: &[u8; 16]) -> bool {
        let bits = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        bits.is_empty()
            || places(bits.len(), name)
                .all(|(word, bit)| bits[word].load(Ordering::Relaxed) & bit != 0)
    }
}

fn set(bits: &[AtomicU64], name: &[u8; 16]) {
    if !bits.is_empty() {
        for (word, bit) in places(bits.len(), name) {
            bits[word].fetch_or(bit, Ordering::Relaxed);
        }
    }
}

/// Where a name's bits stand among a power of two of words. Names are hashes already: their halves
/// are two independent numbers, combined for each probe.
fn places(words: usize, name: &[u8; 16]) -> impl Iterator<Item = (usize, u64)> {
    let (first, second) = name.split_at(8);
    let number = |half: &[u8]| half.iter().fold(0u64, |n, &byte| n << 8 | u64::from(byte));
    let (start, step) = (number(first), number(second) | 1);
    (0..PROBES).map(move |probe| {
        let at = start.wrapping_add(probe.wrapping_mul(step));
        ((at >> 6) as usize & (words - 1), 1 << (at & 63))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::PageHash;

    fn name(number: u32) -> [u8; 16] {
        PageHash::of(&number.to_le_bytes()).0
    }

    #[test]
    fn what_was_taken_in_is_held_and_little_else() {
        let filter = Filter::default();
        assert!(filter.may_hold(&name(1)), "nothing is known before it is filled");
        filter.fill(|| Ok::<_, ()>((0..10_000).map(name).collect())).unwrap();
        (10_000..20_000).for_each(|n| filter.insert(&name(n)));
        assert!((0..20_000).all(|n| filter.may_hold(&name(n))));
        let wrong = (20_000..120_000).filter(|&n| filter.may_hold(&name(n))).count();
        assert!(wrong < 1000, "{wrong} of 100000");
    }

    #[test]
    fn a_full_filter_still_spares_most_questions() {
        let filter = Filter::default();
        let full = (LEAST / 2) as u32 * 2;
        filter.fill(|| Ok::<_, ()>(Vec::new())).unwrap();
        (0..full).for_each(|n| filter.insert(&name(n)));
        let wrong = (full..full + 10_000).filter(|&n| filter.may_hold(&name(n))).count();
        assert!(wrong < 300, "{wrong} of 10000");
    }
}
