//! One folder at a time: watched, then listed.

use std::{
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::{
    fs::{AtFlags, FileType, RawDir, fstat, statat},
    io::Errno,
};

use super::{Care, Lister};
use crate::{
    page::PageName,
    watch::{
        events::Placed,
        names::{Named, depth, is_closed_folder, join, named, pages_of},
        shared::Noticed,
        stat::{Look, now_ns},
        tree::Folder,
    },
};

/// A folder changed so short a time before it was listed may change again without its time
/// moving on: file systems keep times in steps of up to two seconds.
const COARSE: Duration = Duration::from_secs(2);

/// What is found in a folder that has just come is looked at again after so long: events would
/// tell of it being written to.
const BRIEF: Duration = Duration::from_millis(50);

/// When a file came that a listing shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// With its folder, which was moved here.
    Whole,
    /// Between its folder's coming and the folder's watch, which stands now.
    Before,
    Sometime,
}

impl Lister {
    /// A folder came to this path, or went, or may have.
    pub(super) fn look_at(&mut self, path: PageName, moved: bool) {
        let Some(root) = self.shared.root() else { return };
        match root.look(path.as_bytes()) {
            Ok(look) if look.kind == FileType::Directory => {
                if is_closed_folder(path.file()) || self.is_companion(&path) {
                    self.shared.gauges.ignored(path);
                } else if self.tree.get(&path).is_none() {
                    let how = if moved { Care::Whole } else { Care::Anew };
                    if let Some(path) = self.come_upon(path) {
                        self.todo.push_front((path, how));
                    }
                } else {
                    if self.tree.get(&path).is_some_and(|known| known.ino != look.stat.ino) {
                        self.forget(&path);
                    }
                    let how = if moved { Care::Whole } else { Care::Anew };
                    self.todo.push_front((path, how));
                }
            }
            looked => {
                self.forget(&path);
                if looked.is_ok() && named(&path) == Named::Ignored {
                    self.shared.gauges.ignored(path);
                }
            }
        }
    }

    /// Whether a folder holds what a browser saved beside a page: it belongs to that. One that was
    /// entered before its page came stays.
    fn is_companion(&self, path: &PageName) -> bool {
        let Some(root) = self.shared.root() else { return false };
        self.tree.get(path).is_none()
            && pages_of(path.as_bytes()).iter().any(|page| root.look(page).is_ok())
    }

    /// A folder that is not known yet, to be entered; one that may belong to a page waits for that.
    fn come_upon(&mut self, path: PageName) -> Option<PageName> {
        if pages_of(path.as_bytes()).is_empty() {
            return Some(path);
        }
        if self.later.iter().all(|(_, waits)| *waits != path) {
            self.later.push_back((Instant::now() + self.shared.config.settle, path));
        }
        None
    }

    /// The page of a folder has had its time to come.
    pub(super) fn enter(&mut self, path: PageName) {
        if self.is_companion(&path) {
            self.shared.gauges.ignored(path);
        } else {
            self.todo.push_back((path, Care::Anew));
        }
    }

    /// Forgets a folder and all below it.
    pub(super) fn forget(&mut self, path: &PageName) {
        for folder in self.tree.below(path) {
            let watched = self.tree.get(&folder).is_some_and(|folder| folder.watched);
            let moved = self.tree.remove(&folder);
            self.shared.with_folders(|folders| {
                folders.remove(&folder);
            });
            if let (true, Some(watches)) = (watched, &mut self.watches) {
                watches.lift(&folder);
            }
            if let Some(moved) = moved {
                self.todo.push_front((moved, Care::Anew));
            }
        }
    }

    /// Watches a folder, then lists it.
    pub(super) fn go_over(&mut self, path: PageName, how: Care) {
        let Some(root) = self.shared.root() else { return };
        if depth(path.as_bytes()) > usize::from(self.shared.config.max_depth) {
            tracing::warn!(folder = %path, "too deep; not watched");
            return self.shared.gauges.ignored(path);
        }
        let opened = root.folder(path.as_bytes()).and_then(|fd| Ok((Look::from(fstat(&fd)?), fd)));
        let (look, fd) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.refused(&path, error),
        };
        if self.tree.get(&path).is_some_and(|known| known.ino != look.stat.ino) {
            self.forget(&path);
        }
        let known = self.tree.get(&path);
        let watched = known.is_some_and(|known| known.watched);
        let new = known.is_none();
        let how = if new && !how.places() { Care::Anew } else { how };
        let began = Instant::now();
        let folder = Folder {
            ino: look.stat.ino,
            mtime_ns: None,
            watched,
            listed: began,
            cost: Duration::ZERO,
            ignored: 0,
            troubled: known.is_some_and(|known| known.troubled),
        };
        self.insert(path.clone(), folder);
        if how.places() || !watched {
            let watched = self.place(&path);
            if let Some(folder) = self.tree.get_mut(&path) {
                folder.watched = watched;
            }
            if path.as_bytes().is_empty() {
                self.shared.gauges.listed(|listed| listed.armed = true);
                self.count();
            }
        }
        // Before the listing, so that a change during it shows; and not so short before it that
        // a later change could bear the same time.
        let now = now_ns();
        let mtime = fstat(&fd).map(|raw| Look::from(raw).stat.mtime_ns).ok();
        let mtime = mtime.filter(|mtime| now.abs_diff(*mtime) > COARSE.as_nanos() as u64);
        let listed = self.list(&path, &fd, how, new);
        if let Err(error) = listed {
            self.incomplete = true;
            self.trouble(&path, &error, "can't be listed; tried again and again");
        }
        if let Some(folder) = self.tree.get_mut(&path) {
            folder.mtime_ns = mtime.filter(|_| listed.is_ok());
            folder.troubled &= listed.is_err() || !folder.watched;
            folder.ignored = listed.unwrap_or(0);
            folder.listed = Instant::now();
            folder.cost = began.elapsed();
        }
    }

    fn refused(&mut self, path: &PageName, error: Errno) {
        match error {
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP => self.forget(path),
            Errno::XDEV => {
                self.forget(path);
                tracing::warn!(folder = %path, "lies on another file system; not watched");
                self.shared.gauges.ignored(path.clone());
            }
            error => {
                if self.tree.get(path).is_none() {
                    let ino = self.shared.root().and_then(|root| root.look(path.as_bytes()).ok());
                    let folder = Folder {
                        ino: ino.map_or(0, |look| look.stat.ino),
                        mtime_ns: None,
                        watched: false,
                        listed: Instant::now(),
                        cost: Duration::ZERO,
                        ignored: 0,
                        troubled: false,
                    };
                    self.insert(path.clone(), folder);
                }
                self.incomplete = true;
                if let Some(folder) = self.tree.get_mut(path) {
                    folder.mtime_ns = None;
                }
                self.trouble(path, &error, "can't be opened; tried again and again");
            }
        }
    }

    fn insert(&mut self, path: PageName, folder: Folder) {
        self.shared.with_folders(|folders| {
            folders.insert(path.clone());
        });
        self.tree.insert(path, folder);
    }

    /// Something is wrong with a folder: says so once.
    fn trouble(&mut self, path: &PageName, error: &dyn std::fmt::Display, what: &str) {
        if let Some(folder) = self.tree.get_mut(path)
            && !std::mem::replace(&mut folder.troubled, true)
        {
            tracing::warn!(folder = %path, %error, "{what}");
        }
    }

    /// Places the watch of a folder; false where it must be polled.
    fn place(&mut self, path: &PageName) -> bool {
        let Some(watches) = &mut self.watches else { return false };
        if self.limit {
            return false;
        }
        match watches.place(path) {
            Placed::Watched => true,
            Placed::Gone => false,
            Placed::Limit => {
                self.limit = true;
                tracing::warn!(
                    folder = %path,
                    "the kernel gives no more watches: this folder and further ones are polled; \
                     raise fs.inotify.max_user_watches"
                );
                false
            }
            Placed::Failed(error) => {
                self.trouble(path, &error, "can't be watched; it is polled");
                false
            }
        }
    }

    /// Lists a folder. Answers with how many files in it are not taken.
    fn list(&mut self, path: &PageName, fd: &OwnedFd, how: Care, new: bool) -> Result<u64, Errno> {
        let told = self.tree.get(path).is_some_and(|folder| folder.watched) && !self.initial;
        let came = match how {
            Care::Whole if told => Came::Whole,
            _ if told && new => Came::Before,
            _ => Came::Sometime,
        };
        let mut ignored = 0;
        let mut buffer = Vec::with_capacity(64 << 10);
        let mut entries = RawDir::new(fd, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let file = entry.file_name().to_bytes();
            if file == b"." || file == b".." {
                continue;
            }
            let name = join(path.as_bytes(), file);
            let mut look = None;
            let mut kind = entry.file_type();
            if kind == FileType::Unknown {
                look = statat(fd, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW).ok();
                kind = look.map_or(kind, |raw| Look::from(raw).kind);
            }
            if kind == FileType::Directory {
                if is_closed_folder(file) || self.is_companion(&name) {
                    ignored += 1;
                    self.shared.gauges.ignored(name);
                } else if self.tree.get(&name).is_none() {
                    let whole = how == Care::Whole;
                    let how = if whole { how } else { Care::Anew };
                    if let Some(name) = self.come_upon(name) {
                        self.todo.push_back((name, how));
                    }
                } else if how != Care::Names {
                    self.todo.push_back((name, how));
                }
                continue;
            }
            match named(&name) {
                Named::Sidecar => {}
                Named::Ignored => {
                    ignored += 1;
                    if how.places() {
                        self.shared.gauges.ignored(name);
                    }
                }
                Named::Page
                    if how == Care::Names && self.shared.claims.has_inode(&name, entry.ino()) => {}
                Named::Page => {
                    let raw = match look {
                        Some(raw) => Ok(raw),
                        None => statat(fd, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW),
                    };
                    match raw {
                        Ok(raw) => self.consider(name, Look::from(raw), came),
                        Err(Errno::NOENT) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            if self.shared.is_stopped() {
                break;
            }
        }
        Ok(ignored)
    }

    /// Decides about a file that a listing shows.
    fn consider(&self, name: PageName, look: Look, came: Came) {
        let Look { stat, kind, .. } = look;
        let shared = &self.shared;
        if shared.claims.has(&name, stat) || shared.pending.owns(&name) {
            return;
        }
        let settle = shared.config.settle;
        let quiet = Duration::from_nanos(stat.quiet_ns(now_ns()));
        // Where another machine writes, its clock may differ: only two looks can tell.
        let two_looks = self.watches.is_none() && !self.initial;
        // Who gave it an old time had written it by then.
        let written = Duration::from_nanos(now_ns().abs_diff(stat.mtime_ns));
        let as_it_is = written >= settle * 2 && !two_looks;
        // Its last change was none of its content: it was renamed, or given its time or rights.
        let renamed = stat.ctime_ns > stat.mtime_ns;
        let noticed = Noticed { as_it_is, ..Noticed::now(self.initial) };
        if came == Came::Whole {
            let noticed = Noticed { as_it_is: true, ..noticed };
            shared.complete(name, stat, noticed);
        } else if came == Came::Before && stat.size > 0 && quiet < settle {
            let noticed = Noticed { as_it_is: as_it_is || renamed, ..noticed };
            shared.pending.settle(name, stat, BRIEF.min(settle), noticed);
        } else if kind != FileType::RegularFile || (quiet >= settle && !two_looks) {
            shared.complete(name, stat, noticed);
        } else {
            let pause = if two_looks { settle } else { settle.saturating_sub(quiet) };
            shared.pending.settle(name, stat, pause, noticed);
        }
    }
}
