//! Opening the file, and the epochs that begin with it.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io::ErrorKind,
    os::unix::ffi::OsStrExt as _,
    path::Path,
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::{
    item::{Epoch, Seq},
    wire::{Durability, Mark, OpenError, Position, ReadError, own},
};

use super::{
    Config, backup,
    damage::is_damage,
    part::{self, Part},
    schema,
};

/// The epochs, each with the last event before it began.
type Epochs = Vec<(Epoch, Seq)>;
type Opened = (Connection, Epochs, Position);

pub(super) fn refused(path: &Path, error: impl std::fmt::Display) -> OpenError {
    OpenError::Refused { path: path.to_owned(), reason: error.to_string() }
}

/// A wire never has an empty file: it gets its name only with its tables.
pub(super) fn empty(path: &Path) -> OpenError {
    let reason = "it is empty, so it was cut short or never written".into();
    OpenError::Damaged { path: path.to_owned(), reason }
}

fn sentence(path: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Foreign(path.to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged { path: path.to_owned(), reason: error.to_string() }
        }
        _ => refused(path, error),
    }
}

/// What an interrupted copy or start has left is no wire.
pub(super) fn refuse_part(path: &Path) -> Result<(), OpenError> {
    if path.as_os_str().as_bytes().ends_with(part::ENDING.as_bytes()) {
        return Err(OpenError::Unfinished(path.to_owned()));
    }
    Ok(())
}

/// Makes the file of a new wire; it has its name only once its tables are there.
pub(super) fn make(path: &Path, config: &Config, now: Timestamp) -> Result<(), OpenError> {
    let part = Part::begin(path).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => OpenError::Held {
            path: path.to_owned(),
            holder: "another process that is just making it".into(),
        },
        _ => refused(path, error),
    })?;
    let fill = || -> rusqlite::Result<()> {
        let mut db = part.connect()?;
        schema::prepare(&db, true)?;
        // These two shape the file and must come before its first table.
        db.pragma_update(None, "page_size", 8192)?;
        db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        let tx = db.transaction()?;
        schema::create(&tx)?;
        begin_life(&tx, config, now)?;
        tx.commit()?;
        db.close().map_err(|(_, error)| error)
    };
    fill().map_err(|error| sentence(path, &error))?;
    match part.finish(false) {
        // Another start was quicker; its wire is as good.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        done => done.map_err(|error| refused(path, error)),
    }
}

/// Opens the file of a wire.
pub(super) fn for_writing(
    path: &Path,
    config: &Config,
    now: Timestamp,
) -> Result<Opened, OpenError> {
    let open = || -> rusqlite::Result<Option<Opened>> {
        let mut db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        schema::prepare(&db, true)?;
        if application(&db)? != schema::APPLICATION_ID {
            return Ok(None);
        }
        let mode: String =
            db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            tracing::warn!(mode, "the wire's file system does not allow a write-ahead log");
        }
        db.pragma_update(
            None,
            "synchronous",
            match config.durability {
                Durability::Power => "FULL",
                Durability::Process => "NORMAL",
            },
        )?;
        // The writer checkpoints by itself, between groups.
        db.pragma_update(None, "wal_autocheckpoint", 0)?;
        db.pragma_update(None, "journal_size_limit", 64 << 20)?;
        let found = format(&db)?;
        if found < schema::FORMAT {
            keep_before(&db, path, found)?;
        }
        let tx = db.transaction()?;
        if found < schema::FORMAT {
            schema::migrate(&tx, found)?;
        }
        if found <= schema::FORMAT {
            begin_life(&tx, config, now)?;
        }
        tx.commit()?;
        let (epochs, position) = (epochs(&db)?, position(&db)?);
        Ok(Some((db, epochs, position)))
    };
    let opened = open().map_err(|error| sentence(path, &error))?;
    checked(path, opened)
}

/// Keeps the file of an older format as `FILE.before-N` before it is brought to format N, for
/// whoever must go back. It is marked like a backup: the wire tells on without it.
fn keep_before(db: &Connection, path: &Path, found: i64) -> rusqlite::Result<()> {
    let kept = own::beside(path, &format!(".before-{}", schema::FORMAT));
    backup::write(db, &kept, true)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    tracing::warn!(
        from = found, to = schema::FORMAT, kept = %kept.display(),
        "the wire is brought to the format of this version"
    );
    Ok(())
}

/// Opens an existing file for reading.
pub(super) fn for_reading(path: &Path) -> Result<Opened, OpenError> {
    match std::fs::metadata(path) {
        Ok(meta) if meta.len() == 0 => return Err(empty(path)),
        Ok(_) => {}
        Err(_) => return Err(OpenError::Missing(path.to_owned())),
    }
    let db = open_reader(path).map_err(|error| sentence(path, &error))?;
    let open = || -> rusqlite::Result<Option<(Epochs, Position)>> {
        if application(&db)? != schema::APPLICATION_ID {
            return Ok(None);
        }
        Ok(Some((epochs(&db)?, position(&db)?)))
    };
    let opened = open().map_err(|error| sentence(path, &error))?;
    checked(path, opened.map(|(epochs, position)| (db, epochs, position)))
}

fn checked(path: &Path, opened: Option<Opened>) -> Result<Opened, OpenError> {
    let opened = opened.ok_or_else(|| OpenError::Foreign(path.to_owned()))?;
    let found = format(&opened.0).map_err(|error| sentence(path, &error))?;
    if found < schema::FORMAT {
        return Err(OpenError::Older { path: path.to_owned(), found, known: schema::FORMAT });
    }
    if found > schema::FORMAT {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: schema::FORMAT });
    }
    Ok(opened)
}

fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    schema::prepare(&db, false)?;
    Ok(db)
}

/// A connection for the pool of readers.
pub(super) fn reader(path: &Path) -> Result<Connection, ReadError> {
    Ok(open_reader(path)?)
}

fn application(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "application_id", |row| row.get(0))
}

fn format(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

pub(super) fn epochs(db: &Connection) -> rusqlite::Result<Epochs> {
    if format(db)? > schema::FORMAT {
        return Ok(Vec::new());
    }
    let epochs = db
        .prepare("SELECT name, after FROM epoch ORDER BY number")?
        .query_map([], |row| {
            let name: String = row.get(0)?;
            let after: i64 = row.get(1)?;
            Ok((name, Seq(after.unsigned_abs())))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(epochs.into_iter().filter_map(|(name, after)| Some((name.parse().ok()?, after))).collect())
}

/// How far the log in the file has come.
pub(super) fn position(db: &Connection) -> rusqlite::Result<Position> {
    if format(db)? > schema::FORMAT {
        return Ok(Position::default());
    }
    let (batch, seq) = place(db)?;
    let last = db
        .prepare_cached("SELECT ifnull(max(number), 0) FROM alias")?
        .query_row([], |row| row.get::<_, i64>(0));
    let alias = match last {
        // Where the last aliases can't be read, none can be added.
        Err(error) if is_damage(&error) => 0,
        last => last?.unsigned_abs(),
    };
    Ok(Position { batch, seq, alias })
}

/// The batches and events in the file: enough to know whether somebody else has written it.
pub(super) fn place(db: &Connection) -> rusqlite::Result<(u64, Seq)> {
    let batches = schema::meta(db, "batches")?.and_then(|batches| batches.parse().ok());
    Ok((batches.unwrap_or(0), head(db)?))
}

/// The newest position in the file. A wire whose events were all trimmed goes on from where its
/// newest epoch began; where the last events can't be read, their sightings tell how many they are.
fn head(db: &Connection) -> rusqlite::Result<Seq> {
    let ask = |sql: &str| db.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0));
    let head = match ask("SELECT ifnull(max(seq), 0) FROM event") {
        Err(error) if is_damage(&error) => ask("SELECT ifnull(max(seq), 0) FROM sighting")?,
        head => head?,
    };
    let branch = ask("SELECT ifnull(max(after), 0) FROM epoch")?;
    Ok(Seq(head.max(branch).unsigned_abs()))
}

/// The oldest position still stored.
pub(super) fn oldest(db: &Connection, path: &Path) -> Result<Seq, OpenError> {
    let oldest = db.query_row("SELECT ifnull(min(seq), 1) FROM event", [], |row| row.get(0));
    match oldest {
        // Nothing is trimmed so far; whoever reads from here is told what is lost.
        Err(error) if is_damage(&error) => Ok(Seq(1)),
        oldest => {
            oldest.map(|seq: i64| Seq(seq.unsigned_abs())).map_err(|error| sentence(path, &error))
        }
    }
}

/// How far the file has come in the stream that gives the order.
pub(super) fn mark(db: &Connection) -> rusqlite::Result<Option<Mark>> {
    let stream = schema::meta(db, "stream")?.and_then(|name| name.parse().ok());
    let seq = schema::meta(db, "stream_seq")?.and_then(|seq| seq.parse().ok());
    Ok(stream.map(|stream| Mark { stream, seq: seq.unwrap_or(0) }))
}

/// From here on `stream` gives the order, and names the epoch. Where nothing was told yet the wire
/// begins with it.
pub(super) fn bind(db: &Connection, stream: &Epoch, now: Timestamp) -> rusqlite::Result<()> {
    let (batches, head) = place(db)?;
    if batches == 0 && head == Seq(0) {
        db.execute("DELETE FROM epoch", [])?;
    }
    db.execute(
        "INSERT INTO epoch (name, after, began_at) VALUES (?1, ?2, ?3)",
        (stream.as_str(), head.0.cast_signed(), now.as_microsecond()),
    )?;
    schema::set_meta(db, "stream", stream.as_str())?;
    schema::set_meta(db, "stream_seq", "0")
}

/// Notes that a writer is at work, and begins a new epoch where positions that subscribers have
/// seen may be given again: a tail lost with the power, or a backup opened. Where a stream gives
/// the order it gives the lost ones again, too; a file that leaves its stream tells on alone.
fn begin_life(db: &Connection, config: &Config, now: Timestamp) -> rusqlite::Result<()> {
    let boot = boot_id();
    let lazy = schema::meta(db, "durability")?.as_deref() == Some("process");
    let clean = schema::meta(db, "clean")?.as_deref() == Some("yes");
    let same_boot = schema::meta(db, "boot")?.as_deref() == Some(boot.as_str());
    let backup = schema::meta(db, "backup")?.as_deref() == Some("yes");
    let epochs: i64 = db.query_row("SELECT count(*) FROM epoch", [], |row| row.get(0))?;
    let bound = mark(db)?.is_some();
    let alone = config.order.is_empty();
    let branches = if bound { alone } else { backup || (lazy && !clean && !same_boot) };
    if bound && alone {
        schema::set_meta(db, "stream", "")?;
    }
    if epochs == 0 || branches {
        let epoch = Epoch::from_bits(random());
        db.execute(
            "INSERT INTO epoch (name, after, began_at)
             VALUES (?1, ?2, ?3)",
            (epoch.as_str(), head(db)?.0.cast_signed(), now.as_microsecond()),
        )?;
        if epochs > 0 {
            tracing::warn!(
                %epoch, backup, left_stream = bound,
                "a new epoch begins: the newest events may be lost"
            );
        }
    }
    schema::set_meta(db, "backup", "no")?;
    schema::set_meta(db, "clean", "no")?;
    schema::set_meta(db, "boot", &boot)?;
    schema::set_meta(
        db,
        "durability",
        match config.durability {
            Durability::Power => "power",
            Durability::Process => "process",
        },
    )
}

/// 64 bits from the system's randomness.
pub(in crate::wire) fn random() -> u64 {
    let mut bytes = [0; 8];
    match rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()) {
        Ok(8) => u64::from_le_bytes(bytes),
        // Only a kernel older than 3.17 or a broken sandbox refuses.
        _ => RandomState::new().build_hasher().finish(),
    }
}

/// Names this run of the kernel: what was written but not synced survives until its end.
fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}
