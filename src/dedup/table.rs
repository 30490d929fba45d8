//! A hash table of numbers whose keys lie elsewhere, for lines and words that come and go.

use hashbrown::HashTable;

/// Inserts a number that is not there yet. `hash` gives the hash of a number's key.
///
/// What was removed leaves its place marked, and a table that runs out of unmarked places doubles,
/// though what it holds has not grown: it is laid out anew in as many places as it needs instead.
pub(super) fn insert(table: &mut HashTable<u32>, key: u64, number: u32, hash: impl Fn(u32) -> u64) {
    let held = table.len();
    if held == table.capacity() {
        let mut fresh = HashTable::with_capacity(held + held / 8 + 4);
        for number in table.drain() {
            fresh.insert_unique(hash(number), number, |&number| hash(number));
        }
        *table = fresh;
    }
    table.insert_unique(key, number, |&number| hash(number));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_stays_as_large_as_what_it_holds() {
        let hash = |number: u32| u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut table = HashTable::new();
        for number in 0..100_000 {
            insert(&mut table, hash(number), number, hash);
            if let Some(old) = number.checked_sub(1000)
                && let Ok(found) = table.find_entry(hash(old), |&other| other == old)
            {
                found.remove();
            }
            assert!(table.capacity() <= 4000, "{} places", table.capacity());
            assert!(table.find(hash(number), |&other| other == number).is_some());
        }
        assert_eq!(table.len(), 1000);
    }
}
