//! The file: one SQLite database, readable with any SQLite tool.
//!
//! Times are microseconds since 1970 UTC, ids and hashes 16 raw bytes.
//!
//! | table | holds |
//! |---|---|
//! | `meta` | what is known of the file itself: `durability`, `clean`, `boot`, `backup`, `home` (which file it is), `life` (which run has written it), `summed_through`, `batches`, `stream`, `stream_seq` |
//! | `epoch` | the lives of the wire, each with the last position before it began |
//! | `event` | what was told, with its public JSON |
//! | `alias` | what repeats taught (see `item::Alias`) |
//! | `page` | the ledger: every page taken, in the order it was taken, and how it ended |
//! | `sighting` | where each event was seen: one row for each draft of each page |
//! | `sighting_sum` | what older sightings come to: one row for each event and source |
//! | `held` | versions of articles that are told when the pause after the last one ends |
//! | `origin` | who tells each event, independent of each other: one row for each event and origin |
//! | `told` | keys of what was told, for ever |
//! | `evidence` | the bytes of pages that gave events, zstd |
//! | `site` | what pages taught about their site's layout |
//! | `token` | hashes of access tokens |

use rusqlite::{Connection, Transaction, config::DbConfig};

/// "fwir": marks the file as a flashwire wire.
pub(super) const APPLICATION_ID: i64 = 0x6677_6972;

/// Format of the tables below.
pub(super) const FORMAT: i64 = 3;

/// Makes the tables in an empty file.
pub(super) fn create(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE epoch (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            after INTEGER NOT NULL,
            began_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE event (
            seq INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            at INTEGER NOT NULL,
            page_at INTEGER NOT NULL,
            thread BLOB NOT NULL,
            version INTEGER NOT NULL,
            supersedes BLOB,
            withdrawn_by INTEGER,
            json TEXT NOT NULL
        ) STRICT;
        CREATE INDEX event_at ON event (at);
        CREATE INDEX event_page_at ON event (page_at);
        CREATE INDEX event_supersedes ON event (supersedes) WHERE supersedes IS NOT NULL;

        CREATE TABLE alias (
            number INTEGER PRIMARY KEY,
            after INTEGER NOT NULL,
            of BLOB NOT NULL,
            text TEXT,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX alias_at ON alias (at);

        CREATE TABLE page (
            page INTEGER PRIMARY KEY,
            name BLOB NOT NULL,
            hash BLOB NOT NULL,
            stat BLOB NOT NULL,
            outcome TEXT NOT NULL,
            reason TEXT,
            attempts INTEGER NOT NULL DEFAULT 1,
            seen_at INTEGER NOT NULL,
            page_at INTEGER NOT NULL,
            lane TEXT NOT NULL,
            ticket INTEGER NOT NULL,
            source TEXT,
            url TEXT,
            ticker_lines INTEGER NOT NULL,
            lines TEXT NOT NULL,
            remarks TEXT NOT NULL,
            drafts INTEGER NOT NULL,
            gone_at INTEGER,
            alike INTEGER,
            UNIQUE (name, hash)
        ) STRICT;
        CREATE INDEX page_hash ON page (hash);
        CREATE INDEX page_source ON page (source, page_at) WHERE ticker_lines > 0;
        CREATE INDEX page_gone ON page (gone_at) WHERE gone_at IS NOT NULL;
        CREATE INDEX page_alike ON page (alike, page_at) WHERE alike IS NOT NULL;

        CREATE TABLE told (
            key BLOB PRIMARY KEY,
            id BLOB NOT NULL,
            seq INTEGER NOT NULL,
            last_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE evidence (
            hash BLOB PRIMARY KEY,
            stored_at INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;

        CREATE TABLE site (name TEXT PRIMARY KEY, memory BLOB NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE token (
            name TEXT PRIMARY KEY,
            hash BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        ",
    )?;
    tx.execute_batch(SIGHTINGS)?;
    tx.execute_batch(HELD)?;
    tx.execute_batch(ORIGINS)?;
    tx.execute_batch(THREADS)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", FORMAT)
}

const SIGHTINGS: &str = "
    CREATE TABLE sighting (
        page INTEGER NOT NULL,
        draft INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        line INTEGER NOT NULL,
        at INTEGER NOT NULL,
        source TEXT,
        PRIMARY KEY (page, draft)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sighting_seq ON sighting (seq, source, at);

    CREATE TABLE sighting_sum (
        seq INTEGER NOT NULL,
        source TEXT NOT NULL,
        first_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        sightings INTEGER NOT NULL,
        pages INTEGER NOT NULL,
        PRIMARY KEY (seq, source)
    ) STRICT, WITHOUT ROWID;
    ";

/// `of` is the event told last, `page` and `draft` are the version's sighting, `at` is its page time.
const HELD: &str = "
    CREATE TABLE held (
        of BLOB PRIMARY KEY,
        page INTEGER NOT NULL,
        draft INTEGER NOT NULL,
        at INTEGER NOT NULL,
        until INTEGER NOT NULL,
        due INTEGER NOT NULL,
        json TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    ";

pub(super) const ORIGINS: &str = "
    CREATE TABLE origin (
        seq INTEGER NOT NULL,
        key TEXT NOT NULL,
        name TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (seq, key)
    ) STRICT, WITHOUT ROWID;
    ";

const THREADS: &str = "CREATE INDEX event_thread ON event (thread)";

/// Brings the tables of an older format to this one.
pub(super) fn migrate(tx: &Transaction<'_>, from: i64) -> rusqlite::Result<()> {
    if from < 2 {
        tx.execute_batch(
            "
            ALTER TABLE page ADD COLUMN drafts INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE page ADD COLUMN gone_at INTEGER;
            UPDATE page SET drafts =
                (SELECT count(*) FROM sighting WHERE sighting.page = page.page);
            CREATE INDEX page_gone ON page (gone_at) WHERE gone_at IS NOT NULL;
            DROP INDEX sighting_page;
            ALTER TABLE sighting RENAME TO sighting_1;
            ",
        )?;
        tx.execute_batch(SIGHTINGS)?;
        tx.execute_batch(
            "
            INSERT INTO sighting (page, draft, seq, line, at, source)
            SELECT page, row_number() OVER (PARTITION BY page ORDER BY line, seq) - 1,
                   seq, line, at, source FROM sighting_1;
            DROP TABLE sighting_1;
            ",
        )?;
    }
    if from < 3 {
        tx.execute_batch(HELD)?;
        tx.execute_batch(
            "
            ALTER TABLE page ADD COLUMN alike INTEGER;
            CREATE INDEX page_alike ON page (alike, page_at) WHERE alike IS NOT NULL;
            ",
        )?;
        // Of what was told before, origins are counted from here on.
        tx.execute_batch(ORIGINS)?;
        tx.execute_batch(THREADS)?;
    }
    tx.pragma_update(None, "user_version", FORMAT)
}

/// Settings every connection needs.
pub(super) fn prepare(db: &Connection, writes: bool) -> rusqlite::Result<()> {
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "trusted_schema", false)?;
    // Plans don't hang on the values asked for: a statement is prepared once, not for each value.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    if writes {
        // What is freed is overwritten, from the first row on: what is withdrawn later must not
        // lie in a corner of the file that a page split left behind.
        db.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    }
    db.pragma_update(None, "cache_size", if writes { -16_384 } else { -4_096 })?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// A value of `meta`.
pub(super) fn meta(db: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    use rusqlite::OptionalExtension as _;
    db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// Writes a value of `meta`.
pub(super) fn set_meta(db: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute([key, value])?;
    Ok(())
}
