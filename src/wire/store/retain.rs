//! What the wire lets go of in time. Events, and the keys of what was told, stay for ever; of the
//! rest, what is old is summed up or dropped, a slice at a time, so that nobody waits for it.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::wire::ReadError;

use super::schema;

/// For how many days what is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Every single sighting; after that one row for each event and source is kept for ever:
    /// first, last and how many.
    pub sightings_days: u32,
    /// A page's row in the ledger, after its file is gone.
    pub pages_days: u32,
    /// The bytes of pages that gave events.
    pub evidence_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Retention { sightings_days: 7, pages_days: 30, evidence_days: 30 }
    }
}

impl Retention {
    /// What is wrong with it, if anything is: what judges repeats must be kept while it does.
    ///
    /// # Errors
    /// The first key that is shorter than `window_hours`, as a sentence.
    pub fn check(&self, window_hours: u32) -> Result<(), String> {
        let keys = [
            ("sightings_days", self.sightings_days),
            ("pages_days", self.pages_days),
            ("evidence_days", self.evidence_days),
        ];
        match keys.iter().find(|(_, days)| u64::from(*days) * 24 < u64::from(window_hours)) {
            None => Ok(()),
            Some((key, days)) => Err(format!(
                "wire.retention.{key} is {days}, shorter than dedup.window_hours ({window_hours}): \
                 write at least {}",
                window_hours.div_ceil(24)
            )),
        }
    }

    pub(super) fn before(days: u32, now: Timestamp) -> i64 {
        now.as_microsecond().saturating_sub(i64::from(days).saturating_mul(86_400_000_000))
    }
}

/// A page of the ledger, as far as its file goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number in the ledger.
    pub page: i64,
    /// Path of its file below the watched folder.
    pub name: Vec<u8>,
    /// Its file was gone when last looked for.
    pub gone: bool,
}

/// One slice of letting go: rows older than an instant, in microseconds since 1970.
#[derive(Debug)]
pub(super) enum Slice {
    /// Sum up sightings on pages noticed before it.
    Sightings { before: i64 },
    /// Drop evidence stored before it.
    Evidence { before: i64 },
    /// The files of these pages have gone by `now`, those of the others are back.
    Files { gone: Vec<i64>, back: Vec<i64>, now: i64 },
    /// Drop pages whose files have been gone since before it.
    Pages { before: i64 },
}

/// Pages in one slice: some milliseconds of writing.
const SLICE: usize = 200;

impl Slice {
    /// Does it; gives how many rows of its kind it dealt with, 0 where none are left.
    pub(super) fn run(&self, tx: &Transaction<'_>) -> rusqlite::Result<usize> {
        match self {
            Slice::Sightings { before } => sum_up(tx, *before),
            Slice::Evidence { before } => tx
                .prepare_cached(
                    "DELETE FROM evidence WHERE hash IN
                     (SELECT hash FROM evidence WHERE stored_at < ?1 LIMIT ?2)",
                )?
                .execute(params![before, SLICE as i64]),
            Slice::Files { gone, back, now } => {
                let mut set = tx.prepare_cached("UPDATE page SET gone_at = ?2 WHERE page = ?1")?;
                for page in gone {
                    set.execute((page, now))?;
                }
                for page in back {
                    set.execute((page, None::<i64>))?;
                }
                Ok(gone.len() + back.len())
            }
            Slice::Pages { before } => forget_pages(tx, *before),
        }
    }
}

/// Sums up the sightings on the next pages behind those summed up already.
fn sum_up(tx: &Transaction<'_>, before: i64) -> rusqlite::Result<usize> {
    let through = summed_through(tx)?;
    let pages: Vec<i64> = tx
        .prepare_cached(
            "SELECT page FROM page WHERE page > ?1 AND seen_at < ?2 ORDER BY page LIMIT ?3",
        )?
        .query_map(params![through, before, SLICE as i64], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for &page in &pages {
        sum_up_page(tx, page)?;
    }
    if let Some(last) = pages.last() {
        schema::set_meta(tx, "summed_through", &last.to_string())?;
    }
    Ok(pages.len())
}

/// The last page whose sightings were summed up.
fn summed_through(db: &Connection) -> rusqlite::Result<i64> {
    Ok(schema::meta(db, "summed_through")?.and_then(|page| page.parse().ok()).unwrap_or(0))
}

fn sum_up_page(tx: &Transaction<'_>, page: i64) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO sighting_sum (seq, source, first_at, last_at, sightings, pages)
         SELECT seq, ifnull(source, ''), min(at), max(at), count(*), 1
         FROM sighting WHERE page = ?1 GROUP BY seq, ifnull(source, '')
         ON CONFLICT (seq, source) DO UPDATE
         SET first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at),
             sightings = sightings + excluded.sightings, pages = pages + 1",
    )?
    .execute([page])?;
    tx.prepare_cached("DELETE FROM sighting WHERE page = ?1")?.execute([page])?;
    Ok(())
}

fn forget_pages(tx: &Transaction<'_>, before: i64) -> rusqlite::Result<usize> {
    let pages: Vec<i64> = tx
        .prepare_cached("SELECT page FROM page WHERE gone_at < ?1 LIMIT ?2")?
        .query_map(params![before, SLICE as i64], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for &page in &pages {
        // A page that came late may not have been summed up yet.
        sum_up_page(tx, page)?;
        tx.prepare_cached("DELETE FROM page WHERE page = ?1")?.execute([page])?;
    }
    Ok(pages.len())
}

/// The next pages behind `after` in the ledger.
pub(super) fn pages_after(db: &Connection, after: i64) -> Result<Vec<Kept>, ReadError> {
    let mut statement = db.prepare_cached(
        "SELECT page, name, gone_at IS NOT NULL FROM page WHERE page > ?1 ORDER BY page LIMIT 1000",
    )?;
    let rows = statement.query_map([after], |row| {
        Ok(Kept { page: row.get(0)?, name: row.get(1)?, gone: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
