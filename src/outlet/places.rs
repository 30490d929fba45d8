//! How far each outlet has come, and each token's reader, in a small file beside the wire.
//!
//! It is no part of the log: the wire's own file is written by pages alone. Whoever deletes this
//! one makes every outlet begin as its config says.

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OptionalExtension as _};

use super::Begin;
use crate::{
    follower::{Beginning, Trouble},
    item::{Cursor, Seq},
};

/// The file of places.
#[derive(Debug)]
pub(super) struct Places {
    path: PathBuf,
    /// Opened when it is first asked, and again after a failure.
    db: Mutex<Option<Connection>>,
}

impl Places {
    /// The places kept beside the wire at `wire`.
    pub(super) fn beside(wire: &Path) -> Arc<Self> {
        let mut path = wire.as_os_str().to_owned();
        path.push(".outlets");
        Arc::new(Places { path: path.into(), db: Mutex::default() })
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let mut own = OpenOptions::new();
        own.write(true).create(true).truncate(false).mode(0o600);
        let refused =
            |error: std::io::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
        own.open(&self.path).map_err(refused)?;
        let db = Connection::open(&self.path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        // A power cut may take the newest places with it: what was sent since is sent again.
        db.pragma_update(None, "synchronous", "NORMAL")?;
        db.execute_batch(
            "CREATE TABLE IF NOT EXISTS place (
                outlet TEXT PRIMARY KEY,
                epoch TEXT NOT NULL,
                seq INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS sitting (
                sitting INTEGER PRIMARY KEY,
                token BLOB NOT NULL,
                epoch TEXT NOT NULL,
                after INTEGER NOT NULL,
                through INTEGER NOT NULL,
                last_at INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX IF NOT EXISTS sitting_token ON sitting (token, through);",
        )?;
        Ok(db)
    }

    /// Asks the file, on this thread.
    pub(super) fn ask<T>(
        &self,
        ask: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Trouble> {
        let mut db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = || {
            let open = match db.take() {
                Some(open) => open,
                None => self.open()?,
            };
            let answer = ask(&open)?;
            *db = Some(open);
            Ok(answer)
        };
        asked().map_err(|error: rusqlite::Error| {
            Trouble::passing(format!(
                "its place can't be kept in {}: {error}; make room there, or delete that file: \
                 outlets then begin as their config says",
                self.path.display()
            ))
        })
    }

    async fn with<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        let places = self.clone();
        let asked = tokio::task::spawn_blocking(move || places.ask(ask));
        asked.await.map_err(|error| Trouble::passing(error.to_string()))?
    }

    /// Where an outlet stands.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub(super) async fn get(self: &Arc<Self>, outlet: &str) -> Result<Option<Cursor>, Trouble> {
        let outlet = outlet.to_owned();
        let found = self.with(move |db| {
            db.prepare_cached("SELECT epoch, seq FROM place WHERE outlet = ?1")?
                .query_row([outlet], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
                .optional()
        });
        // A text that is no epoch is of no wire.
        Ok(found.await?.and_then(|(epoch, seq)| {
            Some(Cursor { epoch: epoch.parse().ok()?, seq: Seq(seq.try_into().ok()?) })
        }))
    }

    /// Keeps where an outlet begins, as its rule says, and gives that.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub(super) async fn begin(
        self: &Arc<Self>,
        outlet: &str,
        begin: Begin,
        beginning: Beginning,
    ) -> Result<Seq, Trouble> {
        let seq = begin.after(&beginning);
        self.set(outlet, Cursor { seq, ..beginning.head }).await?;
        Ok(seq)
    }

    /// Keeps where an outlet stands.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub(super) async fn set(self: &Arc<Self>, outlet: &str, place: Cursor) -> Result<(), Trouble> {
        let (outlet, seq) = (outlet.to_owned(), i64::try_from(place.seq.0).unwrap_or(i64::MAX));
        self.with(move |db| {
            db.prepare_cached(
                "INSERT INTO place (outlet, epoch, seq) VALUES (?1, ?2, ?3)
                 ON CONFLICT (outlet) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq",
            )?
            .execute((outlet, place.epoch.as_str(), seq))
            .map(drop)
        })
        .await
    }
}
