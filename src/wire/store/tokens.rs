//! Access tokens: only their hashes are kept.
//!
//! They are no part of the log, so a command may write them beside the daemon: each write is one
//! statement, and the daemon reads them at every check.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use crate::wire::{OpenError, ReadError};

use super::{open, read::instant, schema};

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
pub(super) fn keep(
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

pub(super) fn forget(path: &Path, name: &str) -> Result<bool, OpenError> {
    writing(path, |db| Ok(db.execute("DELETE FROM token WHERE name = ?1", [name])? > 0))
}

pub(super) fn all(db: &Connection) -> Result<Vec<(String, Timestamp)>, ReadError> {
    let mut statement = db.prepare("SELECT name, created_at FROM token ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, instant(row.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn hashes(db: &Connection) -> Result<Vec<[u8; 32]>, ReadError> {
    let mut statement = db.prepare_cached("SELECT hash FROM token")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn named(db: &Connection) -> Result<Vec<(String, [u8; 32])>, ReadError> {
    let mut statement = db.prepare("SELECT name, hash FROM token ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
