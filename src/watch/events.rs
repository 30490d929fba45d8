//! The kernel's events, by way of `notify`: one watch per folder, none recursive.
//!
//! `notify`'s recursive watches lose what is dropped into a folder before its watch stands; the
//! lister places each watch itself, and lists after that. The callback here only sorts: it never
//! blocks, reads, or places a watch (placing waits for the thread that runs the callback).

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind, RenameMode},
};

use super::{
    hints::What,
    names::{Named, folder_of, named},
    readers::nameless,
    shared::Shared,
};
use crate::page::PageName;

/// The watches placed on one root.
#[derive(Debug)]
pub(super) struct Watches {
    inner: RecommendedWatcher,
    root: PathBuf,
}

/// What came of placing a watch.
#[derive(Debug)]
pub(super) enum Placed {
    Watched,
    /// The kernel gives this user no more.
    Limit,
    /// The folder went away meanwhile.
    Gone,
    Failed(notify::Error),
}

impl Watches {
    /// # Errors
    /// Where the kernel gives this user no more event queues.
    pub(super) fn new(shared: &Arc<Shared>, root: &Path) -> notify::Result<Self> {
        let sorter = Sorter { shared: Arc::clone(shared), root: root.into() };
        let on_event = move |event| sorter.sort(event);
        let inner = RecommendedWatcher::new(on_event, notify::Config::default())?;
        Ok(Watches { inner, root: root.into() })
    }

    fn path(&self, folder: &PageName) -> PathBuf {
        if folder.as_bytes().is_empty() {
            return self.root.clone();
        }
        self.root.join(OsStr::from_bytes(folder.as_bytes()))
    }

    /// Places a watch on a folder, or places it anew.
    pub(super) fn place(&mut self, folder: &PageName) -> Placed {
        match self.inner.watch(&self.path(folder), RecursiveMode::NonRecursive) {
            Ok(()) => Placed::Watched,
            Err(error) => match &error.kind {
                notify::ErrorKind::MaxFilesWatch => Placed::Limit,
                notify::ErrorKind::PathNotFound => Placed::Gone,
                _ => Placed::Failed(error),
            },
        }
    }

    /// Takes the watch of a folder away.
    pub(super) fn lift(&mut self, folder: &PageName) {
        // Fails where the kernel took it away with the folder.
        let _ = self.inner.unwatch(&self.path(folder));
    }
}

struct Sorter {
    shared: Arc<Shared>,
    root: PathBuf,
}

impl Sorter {
    fn sort(&self, event: notify::Result<Event>) {
        let event = match event {
            Ok(event) if event.need_rescan() => {
                self.shared.gauges.overflowed();
                return self.shared.inbox.all();
            }
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(%error, "events may be lost; listing all folders again");
                return self.shared.inbox.all();
            }
        };
        let Some(path) = event.paths.first() else { return };
        let Ok(path) = path.strip_prefix(&self.root) else { return };
        let name = PageName::new(path.as_os_str().as_bytes());
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                self.file(name, What::CLOSED);
            }
            EventKind::Modify(ModifyKind::Name(RenameMode::To)) => self.came(name, What::MOVED_IN),
            EventKind::Create(CreateKind::Folder) => self.shared.inbox.path(name),
            EventKind::Create(_) => self.came(name, What::CREATED),
            EventKind::Modify(ModifyKind::Data(_)) => self.file(name, What::WRITTEN),
            EventKind::Modify(ModifyKind::Metadata(_)) => self.file(name, What::ATTRIBUTES),
            EventKind::Modify(ModifyKind::Name(RenameMode::From))
            | EventKind::Remove(RemoveKind::Folder | RemoveKind::Other) => self.left(name),
            _ => {}
        }
    }

    /// A file or folder appeared under this name.
    fn came(&self, name: PageName, what: What) {
        match named(&name) {
            Named::Page => self.file(name, what),
            Named::Sidecar => {}
            Named::Ignored if what == What::MOVED_IN => self.shared.inbox.moved(name),
            Named::Ignored => self.shared.gauges.ignored(name),
        }
    }

    fn file(&self, name: PageName, what: What) {
        if named(&name) != Named::Page && !(what == What::CLOSED && nameless(&name).is_some()) {
            return;
        }
        let folder = PageName::new(folder_of(name.as_bytes()));
        if !self.shared.hints.told(name, what) {
            self.shared.inbox.dirty(folder);
        }
    }

    fn left(&self, name: PageName) {
        if name.as_bytes().is_empty() {
            self.shared.inbox.root();
        } else if self.shared.is_folder(&name) {
            self.shared.inbox.path(name);
        }
    }
}
