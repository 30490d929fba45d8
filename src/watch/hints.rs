//! What the kernel's events say, waiting to be acted on.
//!
//! Events are hints: each only says where to look. They are merged by name, in the order the
//! names first came up, and capped; past the cap a hint becomes "list that folder again", and
//! past the cap of those "list everything again".

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::Timestamp;

use super::{
    bell::{Bell, Waited},
    shared::Noticed,
};
use crate::page::PageName;

/// How many files may wait with hints of their own.
const MOST_FILES: usize = 65_536;
/// How many folders may wait to be listed.
const MOST_FOLDERS: usize = 65_536;

/// What happened to a file. Several events of one file merge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct What(u8);

impl What {
    /// It appeared.
    pub(super) const CREATED: What = What(1);
    /// Somebody wrote to it.
    pub(super) const WRITTEN: What = What(2);
    /// Somebody who could write closed it.
    pub(super) const CLOSED: What = What(4);
    /// It was moved here.
    pub(super) const MOVED_IN: What = What(8);
    /// Its rights, times or links changed.
    pub(super) const ATTRIBUTES: What = What(16);
    /// A listing or a timer found it complete.
    pub(super) const FOUND: What = What(32);
    /// It is to be taken even where it looks cut off.
    pub(super) const AS_IT_IS: What = What(64);

    pub(super) fn has(self, other: What) -> bool {
        self.0 & other.0 != 0
    }

    fn and(self, other: What) -> What {
        What(self.0 | other.0)
    }
}

/// A hint about one file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hint {
    pub(super) what: What,
    /// When it first came up.
    pub(super) seen: Timestamp,
    /// How often reading was tried before.
    pub(super) tries: u8,
}

/// Files waiting for the live reader. What events told of goes before what listings found.
#[derive(Debug, Default)]
pub(super) struct Hints(Bell<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    told: Queue,
    found: Queue,
}

#[derive(Debug, Default)]
struct Queue {
    order: VecDeque<PageName>,
    hints: HashMap<PageName, Hint>,
}

impl Queue {
    /// False where there is no room.
    fn push(&mut self, name: PageName, hint: Hint) -> bool {
        if let Some(waiting) = self.hints.get_mut(&name) {
            waiting.what = waiting.what.and(hint.what);
            waiting.tries = waiting.tries.max(hint.tries);
            return true;
        }
        if self.order.len() >= MOST_FILES {
            return false;
        }
        self.order.push_back(name.clone());
        self.hints.insert(name, hint);
        true
    }

    fn pop(&mut self) -> Option<(PageName, Hint)> {
        let name = self.order.pop_front()?;
        let hint = self.hints.remove(&name)?;
        if self.order.is_empty() && self.order.capacity() > 4096 {
            *self = Queue::default();
        }
        Some((name, hint))
    }
}

impl Hints {
    /// Leaves what an event told; false where there is no room.
    pub(super) fn told(&self, name: PageName, what: What) -> bool {
        let hint = Hint { what, seen: Timestamp::now(), tries: 0 };
        self.push(|waiting| &mut waiting.told, name, hint)
    }

    /// Leaves a complete file that a listing or a timer found; false where there is no room.
    pub(super) fn found(&self, name: PageName, noticed: Noticed, tries: u8) -> bool {
        let what = if noticed.as_it_is { What::FOUND.and(What::AS_IT_IS) } else { What::FOUND };
        self.push(|waiting| &mut waiting.found, name, Hint { what, seen: noticed.seen, tries })
    }

    fn push(
        &self,
        queue: impl FnOnce(&mut Waiting) -> &mut Queue,
        name: PageName,
        hint: Hint,
    ) -> bool {
        let mut room = false;
        self.0.ring_if(|waiting| {
            let idle = waiting.told.order.is_empty() && waiting.found.order.is_empty();
            room = queue(waiting).push(name, hint);
            idle
        });
        room
    }

    /// Waits for the next, calling `taken` in the moment it is taken; `None` once stopped.
    pub(super) fn next(&self, taken: impl Fn()) -> Option<(PageName, Hint)> {
        let next = self.0.wait(None, |waiting| {
            let next = waiting.told.pop().or_else(|| waiting.found.pop())?;
            taken();
            Some(next)
        });
        match next {
            Waited::Got(next) => Some(next),
            Waited::Late | Waited::Stopped => None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.with(|waiting| waiting.told.order.len() + waiting.found.order.len())
    }

    pub(super) fn stop(&self) {
        self.0.stop();
    }
}

/// What the listing thread has to look at.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Paths where a folder came, went, or may have.
    pub(super) paths: VecDeque<PageName>,
    /// The same paths, and whether each was moved there.
    queued: HashMap<PageName, bool>,
    /// Folders with more happening than there was room for.
    pub(super) dirty: HashSet<PageName>,
    /// Events were lost, or somebody asked: everything.
    pub(super) all: bool,
    /// Something happened to the watched folder itself.
    pub(super) root: bool,
}

impl Asked {
    /// The next path to look at, and whether something was moved there.
    pub(super) fn next_path(&mut self) -> Option<(PageName, bool)> {
        let path = self.paths.pop_front()?;
        let moved = self.queued.remove(&path).unwrap_or(false);
        Some((path, moved))
    }

    fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.dirty.is_empty() && !self.all && !self.root
    }
}

/// Where the listing thread is asked to look.
#[derive(Debug, Default)]
pub(super) struct Inbox(pub(super) Bell<Asked>);

impl Inbox {
    fn ask(&self, f: impl FnOnce(&mut Asked)) {
        self.0.ring_if(|asked| {
            let idle = asked.is_empty();
            f(asked);
            idle
        });
    }

    /// A folder came or went at this path, or may have.
    pub(super) fn path(&self, path: PageName) {
        self.look(path, false);
    }

    /// Something was moved to this path: where it is a folder, all in it is whole.
    pub(super) fn moved(&self, path: PageName) {
        self.look(path, true);
    }

    fn look(&self, path: PageName, moved: bool) {
        self.ask(|asked| {
            if let Some(whole) = asked.queued.get_mut(&path) {
                *whole |= moved;
            } else if asked.paths.len() >= MOST_FOLDERS {
                asked.all = true;
            } else {
                asked.queued.insert(path.clone(), moved);
                asked.paths.push_back(path);
            }
        });
    }

    /// Hints of files in this folder were dropped.
    pub(super) fn dirty(&self, folder: PageName) {
        self.ask(|asked| {
            asked.dirty.insert(folder);
            if asked.dirty.len() > MOST_FOLDERS {
                asked.dirty.clear();
                asked.all = true;
            }
        });
    }

    /// Everything is to be listed.
    pub(super) fn all(&self) {
        self.ask(|asked| asked.all = true);
    }

    /// Something happened to the watched folder itself.
    pub(super) fn root(&self) {
        self.ask(|asked| asked.root = true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(at: usize) -> PageName {
        PageName::new(format!("{at}.txt").into_bytes())
    }

    #[test]
    fn hints_merge_and_keep_their_place() {
        let hints = Hints::default();
        assert!(hints.found(name(9), Noticed::now(false), 0));
        assert!(hints.told(name(1), What::CREATED));
        assert!(hints.told(name(2), What::MOVED_IN));
        assert!(hints.told(name(1), What::CLOSED));
        let (first, hint) = hints.next(|| ()).unwrap();
        assert_eq!(first, name(1));
        assert!(hint.what.has(What::CREATED) && hint.what.has(What::CLOSED));
        assert_eq!(hints.next(|| ()).unwrap().0, name(2));
        assert_eq!(hints.next(|| ()).unwrap().0, name(9));
        hints.stop();
        assert!(hints.next(|| ()).is_none());
    }

    #[test]
    fn a_flood_is_refused_not_swallowed() {
        let hints = Hints::default();
        let taken = (0..MOST_FILES + 10).filter(|&at| hints.told(name(at), What::CLOSED)).count();
        assert_eq!(taken, MOST_FILES);
        assert!(hints.told(name(0), What::CLOSED), "one already waiting merges");
    }

    #[test]
    fn too_many_folders_become_everything() {
        let inbox = Inbox::default();
        for at in 0..=MOST_FOLDERS {
            inbox.path(name(at));
            inbox.dirty(name(at));
        }
        inbox.0.with(|asked| {
            assert!(asked.all);
            assert_eq!(asked.paths.len(), MOST_FOLDERS);
            assert!(asked.dirty.is_empty());
        });
    }
}
