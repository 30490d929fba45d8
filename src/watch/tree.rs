//! The folders below the watched one, as last listed.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    time::{Duration, Instant},
};

use crate::page::PageName;

/// A folder as last listed.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) ino: u64,
    /// Its modification time before it was listed; `None` where it must be listed again.
    pub(super) mtime_ns: Option<i64>,
    /// Whether events tell of it.
    pub(super) watched: bool,
    pub(super) listed: Instant,
    /// How long listing took.
    pub(super) cost: Duration,
    /// Files in it that are not taken.
    pub(super) ignored: u64,
    /// Something is wrong with it, and was said.
    pub(super) troubled: bool,
}

impl Folder {
    /// Listing one folder takes at most a hundredth of one core, a twentieth where no events tell
    /// of it.
    pub(super) fn may_be_listed(&self, now: Instant) -> bool {
        now >= self.listed + self.cost * if self.watched { 100 } else { 20 }
    }
}

/// All folders by their path below the watched one, which is the empty path.
#[derive(Debug, Default)]
pub(super) struct Tree {
    folders: BTreeMap<PageName, Folder>,
    inodes: HashMap<u64, PageName>,
}

impl Tree {
    pub(super) fn get(&self, path: &PageName) -> Option<&Folder> {
        self.folders.get(path)
    }

    pub(super) fn get_mut(&mut self, path: &PageName) -> Option<&mut Folder> {
        self.folders.get_mut(path)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&PageName, &Folder)> {
        self.folders.iter()
    }

    pub(super) fn insert(&mut self, path: PageName, folder: Folder) {
        self.inodes.insert(folder.ino, path.clone());
        self.folders.insert(path, folder);
    }

    /// A folder and all below it.
    pub(super) fn below(&self, path: &PageName) -> Vec<PageName> {
        if path.as_bytes().is_empty() {
            return self.folders.keys().cloned().collect();
        }
        let from = PageName::new([path.as_bytes(), b"/"].concat());
        // '0' follows '/'.
        let to = PageName::new([path.as_bytes(), b"0"].concat());
        let inside = self.folders.range((Bound::Included(from), Bound::Excluded(to)));
        let itself = self.folders.get_key_value(path).into_iter();
        itself.chain(inside).map(|(path, _)| path.clone()).collect()
    }

    /// Forgets one folder. Answers with the path under which the same folder, by its inode, is
    /// known now: a watch taken from the old path is taken from the new one with it.
    pub(super) fn remove(&mut self, path: &PageName) -> Option<PageName> {
        let folder = self.folders.remove(path)?;
        match self.inodes.get(&folder.ino) {
            Some(now) if now == path => {
                self.inodes.remove(&folder.ino);
                None
            }
            other => other.cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> PageName {
        PageName::new(text.as_bytes())
    }

    fn tree(folders: &[(&str, u64)]) -> Tree {
        let mut tree = Tree::default();
        for &(name, ino) in folders {
            let folder = Folder {
                ino,
                mtime_ns: None,
                watched: false,
                listed: Instant::now(),
                cost: Duration::ZERO,
                ignored: 0,
                troubled: false,
            };
            tree.insert(path(name), folder);
        }
        tree
    }

    #[test]
    fn below_is_the_folder_and_what_it_holds() {
        let tree = tree(&[("", 1), ("a", 2), ("a/b", 3), ("a-b", 4), ("a0", 5), ("b", 6)]);
        assert_eq!(tree.below(&path("a")), [path("a"), path("a/b")]);
        assert_eq!(tree.below(&path("")).len(), 6);
        assert!(tree.below(&path("x")).is_empty());
    }

    #[test]
    fn a_moved_folder_is_found_by_its_inode() {
        let mut tree = tree(&[("old", 2), ("new", 2)]);
        assert_eq!(tree.remove(&path("old")), Some(path("new")));
        assert_eq!(tree.remove(&path("new")), None);
    }
}
