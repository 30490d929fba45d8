//! Access tokens: only their hashes are kept.
//!
//! They are no part of the log, so a command may write them beside the daemon: each write is one
//! statement, and the daemon reads them at every check.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use crate::wire::{OpenError, ReadError};

use super::{Config, SqliteStore, open, read::instant, schema};

impl SqliteStore {
    /// Names of the access tokens and when each was made.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn tokens_now(&self) -> Result<Vec<(String, Timestamp)>, ReadError> {
        self.shared.with_reader(all)
    }

    /// Names and hashes of all access tokens.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn named_tokens(&self) -> Result<Vec<(String, [u8; 32])>, ReadError> {
        self.shared.with_reader(named)
    }

    /// Hashes of all access tokens.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn token_hashes(&self) -> Result<Vec<[u8; 32]>, ReadError> {
        self.shared.with_reader(hashes)
    }

    /// Keeps the hash of a token under a name, also while a daemon writes the wire; false where the
    /// name has one already, which stays unless `anew` says so. Makes the wire where there is none,
    /// so that tokens can be given out before the first start.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn keep_token(
        path: &Path,
        name: &str,
        hash: [u8; 32],
        now: Timestamp,
        anew: bool,
    ) -> Result<bool, OpenError> {
        if !path.exists() {
            drop(SqliteStore::open(path, &Config::default(), now)?);
        }
        keep(path, name, hash, now, anew)
    }

    /// Forgets a token; false where there was none of that name.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn forget_token(path: &Path, name: &str) -> Result<bool, OpenError> {
        forget(path, name)
    }
}

fn writing<T>(
    path: &Path,
    write: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing(path.to_owned()));
    }
    let run = || {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        schema::prepare(&db, false)?;
        write(&db)
    };
    run().map_err(|error| open::refused(path, error))
}

/// Keeps a token; false where one of that name is there, which stays unless `anew` says so.
fn keep(
    path: &Path,
    name: &str,
    hash: [u8; 32],
    now: Timestamp,
    anew: bool,
) -> Result<bool, OpenError> {
    writing(path, |db| {
        let kept = db.execute(
            "INSERT INTO token (name, hash, created_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE
             SET hash = excluded.hash, created_at = excluded.created_at WHERE ?4",
            (name, hash, now.as_microsecond(), anew),
        )?;
        Ok(kept > 0)
    })
}

fn forget(path: &Path, name: &str) -> Result<bool, OpenError> {
    writing(path, |db| Ok(db.execute("DELETE FROM token WHERE name = ?1", [name])? > 0))
}

fn all(db: &Connection) -> Result<Vec<(String, Timestamp)>, ReadError> {
    let mut statement = db.prepare("SELECT name, created_at FROM token ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, instant(row.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn hashes(db: &Connection) -> Result<Vec<[u8; 32]>, ReadError> {
    let mut statement = db.prepare_cached("SELECT hash FROM token")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn named(db: &Connection) -> Result<Vec<(String, [u8; 32])>, ReadError> {
    let mut statement = db.prepare("SELECT name, hash FROM token ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
