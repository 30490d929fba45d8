//! The file: one SQLite database with one full-text table.
//!
//! `words` has a row for each event that was not withdrawn, numbered as on the wire; its columns
//! hold canonical words (see `filter::Words`). `place` is how far the wire has been taken, written
//! in the transaction that took it so far.

use std::{io, os::unix::fs::OpenOptionsExt as _, path::Path};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, ffi::ErrorCode};

use crate::item::{Cursor, Seq};

/// "fwse": marks the file as an index of this program.
const APPLICATION_ID: i64 = 0x6677_7365;

/// Raised when the table, or what is written into it, changes: an older file is built anew.
const FORMAT: i64 = 2;

/// Signs of ASCII, beside letters and figures, that may be part of a word: all of them, because
/// what is written is words between spaces already.
const SIGNS: &str = "!#$%&()*+,-./:;<=>?@[]^_`{|}~\\";

/// Opens the file for writing, making it where there is none, or none that is an index.
///
/// # Errors
/// As the file system or SQLite says.
pub(super) fn writer(path: &Path) -> Result<Connection, String> {
    let said = |error: rusqlite::Error| error.to_string();
    match open(path) {
        Ok(db) => Ok(db),
        Err(error) if is_useless(&error) => {
            tracing::warn!(%error, path = %path.display(), "the search index is built anew");
            remove(path)?;
            open(path).map_err(said)
        }
        Err(error) => Err(said(error)),
    }
}

/// Removes the file, and what SQLite lays beside it.
///
/// # Errors
/// As the file system says.
pub(super) fn remove(path: &Path) -> Result<(), String> {
    for ending in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(ending);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(format!("it can't be removed: {error}"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether the file is damaged, another program's or of another format.
fn is_useless(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::InvalidQuery => true,
        error => is_damage(error),
    }
}

/// Whether the file can't be what was written.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    // SQLite makes its log with the rights of the file.
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    if let Err(error) = made
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        let reason = format!("it can't be made: {error}");
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
        return Err(rusqlite::Error::SqliteFailure(code, Some(reason)));
    }
    let mut db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    // What is withdrawn must not lie in a freed corner of the file.
    db.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    // What a power cut takes is read from the wire again.
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "cache_size", -16_384)?;
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let format: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        create(&tx)?;
    } else if format != FORMAT || id(&tx)? != APPLICATION_ID {
        return Err(rusqlite::Error::InvalidQuery);
    }
    // Whoever deleted last may have been killed before it said that it was done.
    delete_securely(&tx, false)?;
    tx.commit()?;
    Ok(db)
}

fn id(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("PRAGMA application_id", [], |row| row.get(0))
}

fn create(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(&format!(
        "CREATE TABLE place (
             one INTEGER PRIMARY KEY CHECK (one = 1),
             epoch TEXT NOT NULL,
             seq INTEGER NOT NULL
         ) STRICT;
         CREATE VIRTUAL TABLE words USING fts5(
             headline, attribution, standfirst, body, source, host, place, byline, changed, facts,
             tokenize = \"ascii tokenchars '{SIGNS}'\", columnsize = 0, prefix = '2 3'
         );"
    ))?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", FORMAT)
}

/// Whether what is deleted from here on leaves nothing of itself in the index. That makes
/// everything else that is written meanwhile three times as dear, so it is only asked for where
/// something is deleted.
pub(super) fn delete_securely(db: &Connection, securely: bool) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO words (words, rank) VALUES ('secure-delete', ?1)")?
        .execute([securely])?;
    Ok(())
}

/// Opens the file for reading.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "cache_size", -8_192)?;
    let format: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if format != FORMAT || id(&db)? != APPLICATION_ID {
        return Err(rusqlite::Error::InvalidQuery);
    }
    Ok(db)
}

/// How far the wire has been taken.
pub(super) fn place(db: &Connection) -> rusqlite::Result<Option<Cursor>> {
    let row: Option<(String, i64)> = db
        .prepare_cached("SELECT epoch, seq FROM place")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    // What can't be read is of no epoch, and so is built anew.
    Ok(row.and_then(|(epoch, seq)| {
        let cursor: Cursor = format!("{epoch}:0").parse().ok()?;
        Some(Cursor { seq: Seq(seq.unsigned_abs()), ..cursor })
    }))
}

/// Sets how far the wire has been taken.
pub(super) fn set_place(tx: &Transaction<'_>, place: &Cursor) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO place (one, epoch, seq) VALUES (1, ?1, ?2)")?
        .execute((place.epoch.as_str(), place.seq.0.cast_signed()))?;
    Ok(())
}
