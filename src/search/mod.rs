//! Looking for what was told: a full-text index beside the wire, fed by a follower.
//!
//! The index is a file of its own that can be deleted at any time: it is built anew from the wire.
//! It holds canonical words, as filters see them, so that `q` means the same in both. What it
//! finds is read from the wire, and held against the filter once more, before anybody sees it.

mod config;
mod find;
mod indexer;
mod marks;
mod plan;
mod schema;

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::Connection;

use crate::item::Cursor;

pub use config::Config;
pub use find::{Ask, Found};
pub use indexer::Indexer;
pub use marks::{Part, marks};

/// Why nothing can be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the search index {path}: {reason}")]
pub struct SearchError {
    /// The index's file.
    pub path: String,
    /// What went wrong.
    pub reason: String,
}

/// The index of a wire.
#[derive(Debug)]
pub struct Search {
    path: PathBuf,
    /// The connection that writes, while the file can be written.
    writer: Mutex<Option<Connection>>,
    readers: Mutex<Readers>,
    /// Somebody found the file damaged: it is removed before anything more is written.
    spoiled: AtomicBool,
    /// How long a search may take.
    deadline: Duration,
    /// Searches at the same time: each is work for one core.
    turns: tokio::sync::Semaphore,
}

/// Connections that wait for the next question. `file` counts how often the file was opened anew:
/// a connection to an earlier one is of no use.
#[derive(Debug, Default)]
struct Readers {
    file: u64,
    idle: Vec<Connection>,
}

/// How many of them wait at most, and how many searches run at the same time.
const READERS: usize = 4;

/// A lock that a panicking holder can't spoil: what it guards is whole between any two calls.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Search {
    /// The index of the wire whose file is `wire`. Nothing is opened yet.
    pub fn beside(wire: &Path, config: &Config) -> Self {
        Search {
            path: path(wire),
            writer: Mutex::default(),
            readers: Mutex::default(),
            spoiled: AtomicBool::new(false),
            deadline: config.deadline(),
            turns: tokio::sync::Semaphore::new(READERS),
        }
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How far it has taken the wire; `None` where there is none yet.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn place(&self) -> Result<Option<Cursor>, SearchError> {
        if !self.path.exists() {
            return Ok(None);
        }
        self.with_reader(|db| schema::place(db))
    }

    fn fault(&self, error: &dyn std::fmt::Display) -> SearchError {
        SearchError { path: self.path.display().to_string(), reason: error.to_string() }
    }

    fn with_reader<T>(
        &self,
        run: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, SearchError> {
        let (file, pooled) = {
            let mut readers = held(&self.readers);
            (readers.file, readers.idle.pop())
        };
        let mut db = match pooled {
            Some(db) => db,
            None => schema::reader(&self.path).map_err(|error| self.fault(&error))?,
        };
        let result = run(&mut db).map_err(|error| {
            if schema::is_damage(&error) {
                self.spoiled.store(true, Ordering::Relaxed);
            }
            self.fault(&error)
        })?;
        let mut readers = held(&self.readers);
        // A file that was made anew meanwhile is another one.
        if readers.file == file && readers.idle.len() < READERS {
            readers.idle.push(db);
        }
        Ok(result)
    }
}

/// `pages.flashwire.db` → `pages.flashwire.search.db`.
fn path(wire: &Path) -> PathBuf {
    let wire = crate::wire::real_path(wire).unwrap_or_else(|_| wire.to_owned());
    let stem = match wire.extension() {
        Some(ending) if ending == "db" => wire.with_extension(""),
        _ => wire,
    };
    let mut name = stem.into_os_string();
    name.push(".search.db");
    name.into()
}

#[cfg(test)]
mod tests;
