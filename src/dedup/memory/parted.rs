//! A map in many parts, each of which grows on its own: no single insertion waits for all that is
//! held to be moved.

use std::hash::{BuildHasher, Hash};

use hashbrown::{
    DefaultHashBuilder, HashTable,
    hash_table::{Entry, OccupiedEntry},
};

const PARTS: usize = 512;

/// A map.
#[derive(Debug)]
pub(crate) struct Parted<K, V> {
    /// None until something is held.
    parts: Vec<HashTable<(K, V)>>,
    /// Seeded anew in each process; the map is only ever asked, never walked.
    hasher: DefaultHashBuilder,
}

impl<K, V> Default for Parted<K, V> {
    fn default() -> Self {
        Parted { parts: Vec::new(), hasher: DefaultHashBuilder::default() }
    }
}

impl<K: Hash + Eq + Copy, V> Parted<K, V> {
    fn hash(&self, key: K) -> u64 {
        self.hasher.hash_one(key)
    }

    /// The part of a hash, by bits that order nothing within a part.
    fn part(hash: u64) -> usize {
        (hash >> 32) as usize % PARTS
    }

    pub(crate) fn get(&self, key: K) -> Option<&V> {
        let hash = self.hash(key);
        let part = self.parts.get(Self::part(hash))?;
        part.find(hash, |held| held.0 == key).map(|held| &held.1)
    }

    /// The value of a key, which is made where there is none yet.
    pub(crate) fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let (hash, hasher) = (self.hash(key), &self.hasher);
        self.parts.resize_with(PARTS, HashTable::new);
        let part = &mut self.parts[Self::part(hash)];
        let entry = part.entry(hash, |held| held.0 == key, |held| hasher.hash_one(held.0));
        &mut entry.or_insert_with(|| (key, V::default())).into_mut().1
    }

    /// Sets a value; gives the one it had before.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (hash, hasher) = (self.hash(key), &self.hasher);
        self.parts.resize_with(PARTS, HashTable::new);
        let part = &mut self.parts[Self::part(hash)];
        match part.entry(hash, |held| held.0 == key, |held| hasher.hash_one(held.0)) {
            Entry::Occupied(mut held) => Some(std::mem::replace(&mut held.get_mut().1, value)),
            Entry::Vacant(place) => {
                place.insert((key, value));
                None
            }
        }
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        self.find(key).map(|held| held.remove().0.1)
    }

    /// Changes a value that is there, and removes it where it is then `spent`.
    pub(crate) fn spend(&mut self, key: K, spent: impl FnOnce(&mut V) -> bool) {
        if let Some(mut held) = self.find(key)
            && spent(&mut held.get_mut().1)
        {
            held.remove();
        }
    }

    fn find(&mut self, key: K) -> Option<OccupiedEntry<'_, (K, V)>> {
        let hash = self.hash(key);
        let part = self.parts.get_mut(Self::part(hash))?;
        part.find_entry(hash, |held| held.0 == key).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_map() {
        let mut map: Parted<u64, Vec<u64>> = Parted::default();
        assert!(map.get(3).is_none() && map.remove(3).is_none());
        for key in 0..5000 {
            assert_eq!(map.insert(key, vec![key]), None);
            map.get_or_default(key).push(7);
        }
        assert_eq!(map.insert(11, vec![]), Some(vec![11, 7]));
        assert_eq!(map.remove(12), Some(vec![12, 7]));
        assert_eq!(map.get(12), None);
        map.spend(13, |list| list.pop() != Some(7));
        assert_eq!(map.get(13), Some(&vec![13]));
        map.spend(13, |list| list.pop().is_some());
        assert_eq!(map.get(13), None);
        assert!(map.get_or_default(13).is_empty());
    }
}
