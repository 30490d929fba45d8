//! What need not be read: versions already settled, and versions on their way.
//!
//! A million files cost 36 MB: each is one 64-bit hash of its name and one 64-bit *mark* of its
//! [`Stat`]. Hashes are keyed anew in each process, so nobody can drop a file whose name is made
//! to look like another's.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::stat::Stat;
use crate::page::PageName;

/// What the ledger holds at start: each page's name with the [`Stat`] it was read at.
#[derive(Debug, Default)]
pub struct Known {
    keys: RandomState,
    marks: HashMap<u64, Mark, BuildHasherDefault<Hashed>>,
}

impl Known {
    /// Adds one settled version of a page. The last one added of a name counts, so they are to be
    /// added in the order in which they were settled.
    pub fn add(&mut self, name: &PageName, stat: Stat) {
        let mark = Mark::of(&self.keys, stat);
        self.marks.insert(self.keys.hash_one(name.as_bytes()), mark);
    }
}

impl FromIterator<(PageName, Stat)> for Known {
    fn from_iter<I: IntoIterator<Item = (PageName, Stat)>>(pages: I) -> Self {
        let mut known = Known::default();
        pages.into_iter().for_each(|(name, stat)| known.add(&name, stat));
        known
    }
}

/// A version of a file in 64 bits: one that tells sweeps apart, 15 of the inode, 48 of size and
/// times. The device is left out: it may change from boot to boot, and all lies on one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark(u64);

const SWEEP: u64 = 1 << 63;
const INODE: u64 = 0x7fff << 48;

impl Mark {
    fn of(keys: &RandomState, stat: Stat) -> Self {
        let rest = keys.hash_one((stat.size, stat.mtime_ns, stat.ctime_ns));
        Mark(Self::inode(keys, stat.ino) | (rest & !(SWEEP | INODE)))
    }

    fn inode(keys: &RandomState, ino: u64) -> u64 {
        keys.hash_one(ino) & INODE
    }

    fn is(self, other: Mark) -> bool {
        self.0 | SWEEP == other.0 | SWEEP
    }
}

/// What is settled and what is on its way; shared by all who find and read files.
#[derive(Debug)]
pub(super) struct Claims(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    known: Known,
    /// Versions waiting to be read, being read, or sent on and not yet settled, with the order in
    /// which they were claimed.
    held: BTreeMap<(u64, Mark), u64>,
    claimed: u64,
    sweep: u64,
}

/// The order of a held version when a later one of the same file is settled already.
const OUTDATED: u64 = 0;

impl Claims {
    pub(super) fn new(known: Known) -> Self {
        Claims(Mutex::new(Inner { known, held: BTreeMap::new(), claimed: OUTDATED, sweep: 0 }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True where this version is settled or on its way. A settled one outlives the sweep under
    /// way.
    pub(super) fn has(&self, name: &PageName, stat: Stat) -> bool {
        let mut inner = self.lock();
        let (key, mark, sweep) = (inner.key(name), inner.mark(stat), inner.sweep);
        match inner.known.marks.get_mut(&key) {
            Some(known) if known.is(mark) => {
                known.0 = mark.0 | sweep;
                true
            }
            _ => inner.held.contains_key(&(key, mark)),
        }
    }

    /// True where some version of the file with this name and inode is settled.
    pub(super) fn has_inode(&self, name: &PageName, ino: u64) -> bool {
        let inner = self.lock();
        let inode = Mark::inode(&inner.known.keys, ino);
        inner.known.marks.get(&inner.key(name)).is_some_and(|mark| mark.0 & INODE == inode)
    }

    /// Claims a version for reading, unless it is settled or claimed already. `before` is a claim
    /// made on the file earlier, given up where the file has changed since.
    pub(super) fn claim(&self, name: &PageName, stat: Stat, before: Option<Mark>) -> Option<Mark> {
        let mut inner = self.lock();
        let (key, mark) = (inner.key(name), inner.mark(stat));
        if before == Some(mark) {
            return Some(mark);
        }
        if let Some(before) = before {
            inner.held.remove(&(key, before));
        }
        let settled = inner.known.marks.get(&key).is_some_and(|known| known.is(mark));
        if settled || inner.held.contains_key(&(key, mark)) {
            return None;
        }
        inner.claimed += 1;
        let order = inner.claimed;
        inner.held.insert((key, mark), order);
        Some(mark)
    }

    /// Gives a claim up: the version was not sent on.
    pub(super) fn release(&self, name: &PageName, mark: Mark) {
        let mut inner = self.lock();
        let key = inner.key(name);
        inner.held.remove(&(key, mark));
    }

    /// The version sent on is in the ledger now. Lanes may overtake each other: of two versions
    /// of a file the one claimed last is kept, whichever is settled last.
    pub(super) fn settle(&self, name: &PageName, stat: Stat) {
        let mut inner = self.lock();
        let (key, mark) = (inner.key(name), inner.mark(stat));
        let order = inner.held.remove(&(key, mark));
        if order == Some(OUTDATED) {
            return;
        }
        if let Some(order) = order {
            let others = (key, Mark(0))..=(key, Mark(u64::MAX));
            let older = inner.held.range_mut(others).filter(|(_, other)| **other < order);
            older.for_each(|(_, other)| *other = OUTDATED);
        }
        let kept = Mark(mark.0 | inner.sweep);
        inner.known.marks.insert(key, kept);
    }

    /// Versions claimed and not yet settled.
    pub(super) fn held(&self) -> usize {
        self.lock().held.len()
    }

    /// Begins a sweep: what neither [`Claims::has`] nor [`Claims::settle`] names until
    /// [`Claims::end_sweep`] is no longer in the folder.
    pub(super) fn begin_sweep(&self) {
        let mut inner = self.lock();
        inner.sweep ^= SWEEP;
    }

    /// Forgets what was not named since the sweep began.
    pub(super) fn end_sweep(&self) {
        let mut inner = self.lock();
        let sweep = inner.sweep;
        inner.known.marks.retain(|_, mark| mark.0 & SWEEP == sweep);
        if inner.known.marks.len() < inner.known.marks.capacity() / 4 {
            inner.known.marks.shrink_to_fit();
        }
    }
}

impl Inner {
    fn key(&self, name: &PageName) -> u64 {
        self.known.keys.hash_one(name.as_bytes())
    }

    fn mark(&self, stat: Stat) -> Mark {
        Mark::of(&self.known.keys, stat)
    }
}

/// Takes a `u64` that is a hash already for its own hash.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 << 8) ^ u64::from(byte) ^ self.0.rotate_left(29);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PageName {
        PageName::new(text.as_bytes())
    }

    fn stat(ino: u64, ctime_ns: i64) -> Stat {
        Stat { ino, size: 9, mtime_ns: 5, ctime_ns, dev: 1 }
    }

    #[test]
    fn a_version_is_claimed_once_until_it_is_settled() {
        let claims = Claims::new(Known::default());
        let page = name("a.txt");
        let mark = claims.claim(&page, stat(1, 1), None).unwrap();
        assert_eq!(claims.claim(&page, stat(1, 1), None), None);
        assert_eq!(claims.claim(&page, stat(1, 1), Some(mark)), Some(mark));
        assert!(claims.claim(&page, stat(1, 2), None).is_some());
        claims.settle(&page, stat(1, 1));
        assert!(claims.has(&page, stat(1, 1)));
        assert_eq!(claims.claim(&page, stat(1, 1), None), None);
        assert_eq!(claims.held(), 1);
    }

    #[test]
    fn a_changed_file_moves_its_claim() {
        let claims = Claims::new(Known::default());
        let page = name("a.txt");
        let first = claims.claim(&page, stat(1, 1), None).unwrap();
        let second = claims.claim(&page, stat(1, 2), Some(first)).unwrap();
        assert!(!claims.has(&page, stat(1, 1)));
        claims.release(&page, second);
        assert_eq!(claims.held(), 0);
        assert!(!claims.has(&page, stat(1, 2)));
    }

    #[test]
    fn an_older_version_settled_later_does_not_count() {
        let claims = Claims::new(Known::default());
        let page = name("a.txt");
        for version in [1, 2] {
            claims.claim(&page, stat(1, version), None).unwrap();
        }
        claims.settle(&page, stat(1, 2));
        claims.settle(&page, stat(1, 1));
        assert!(claims.has(&page, stat(1, 2)));
        assert!(!claims.has(&page, stat(1, 1)));
        assert_eq!(claims.held(), 0);
    }

    #[test]
    fn the_ledger_is_known_whatever_the_device() {
        let known: Known = [(name("a.txt"), stat(1, 1))].into_iter().collect();
        let claims = Claims::new(known);
        assert!(claims.has(&name("a.txt"), Stat { dev: 2, ..stat(1, 1) }));
        assert!(claims.has_inode(&name("a.txt"), 1));
        assert!(!claims.has_inode(&name("a.txt"), 2));
        assert!(!claims.has(&name("b.txt"), stat(1, 1)));
    }

    #[test]
    fn a_sweep_forgets_what_left_the_folder() {
        let known = [(name("stays.txt"), stat(1, 1)), (name("left.txt"), stat(2, 1))];
        let claims = Claims::new(known.into_iter().collect());
        for _ in 0..3 {
            claims.begin_sweep();
            assert!(claims.has(&name("stays.txt"), stat(1, 1)));
            claims.settle(&name("new.txt"), stat(3, 1));
            claims.end_sweep();
            assert!(!claims.has(&name("left.txt"), stat(2, 1)));
            assert!(claims.has_inode(&name("stays.txt"), 1));
            assert!(claims.has_inode(&name("new.txt"), 3));
        }
    }
}
