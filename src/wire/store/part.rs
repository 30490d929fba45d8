//! A database that gets its name only once it is whole.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::wire::own::{beside, make};

/// What stands behind the name of a file that is not whole yet; no wire has such a name.
pub(super) const ENDING: &str = ".part";

/// A database under construction.
#[derive(Debug)]
pub(super) struct Part {
    path: PathBuf,
    to: PathBuf,
    /// Locked, so that nobody else begins the same; outlives every connection to it.
    file: File,
}

impl Part {
    /// Begins what is to lie at `to`; what an interrupted try has left there is dropped.
    pub(super) fn begin(to: &Path) -> io::Result<Self> {
        let path = beside(to, ENDING);
        let file = make(&path)?;
        // A journal left behind would be played into the new file.
        for ending in ["-journal", "-wal", "-shm"] {
            match std::fs::remove_file(beside(&path, ending)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(Part { path, to: to.to_owned(), file })
    }

    /// A connection for writing it. No power cut matters before [`finish`][Self::finish].
    pub(super) fn connect(&self) -> rusqlite::Result<Connection> {
        let db = Connection::open(&self.path)?;
        db.pragma_update(None, "synchronous", "OFF")?;
        Ok(db)
    }

    /// Makes it durable and gives it its name; its connections must be closed. What has that name
    /// already gives way only where `replace` says so.
    pub(super) fn finish(self, replace: bool) -> io::Result<()> {
        self.file.sync_all()?;
        let flags = if replace { RenameFlags::empty() } else { RenameFlags::NOREPLACE };
        renameat_with(CWD, &self.path, CWD, &self.to, flags)?;
        if let Some(folder) = self.to.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}
