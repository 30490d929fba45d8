//! The questions readers ask.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::{
    item::{Alias, Event, EventId, Key, Outcome, PageHash, Seq, Stored},
    wire::{
        Each, Entry, KnownPage, LedgerCounts, LedgerPage, ReadError, Sighting, SightingSum,
        Spotted, Tally, ToldRow,
    },
};

type Read<T> = Result<T, ReadError>;

fn seq(value: i64) -> Seq {
    Seq(value.unsigned_abs())
}

pub(super) fn instant(micros: i64) -> Timestamp {
    // What was stored came from a timestamp, so it is in range.
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn entry(json: String, withdrawn_by: Option<i64>) -> Read<Arc<Entry>> {
    let event: Event = serde_json::from_str(&json)
        .map_err(|error| ReadError(format!("an event is not readable: {error}")))?;
    Ok(Arc::new(match withdrawn_by {
        // Older versions left the words in the file.
        Some(by) if event.withdrawn_by.is_none() => Entry::new(Arc::new(event.blanked(seq(by)))),
        _ => Entry { seq: event.seq, json: json.into(), event: Arc::new(event) },
    }))
}

fn entries(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Read<Vec<Arc<Entry>>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(row.get(0)?, row.get(1)?)?);
    }
    Ok(entries)
}

pub(super) fn after(db: &Connection, after: Seq, limit: usize) -> Read<Vec<Arc<Entry>>> {
    entries(
        db,
        "SELECT json, withdrawn_by FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        (after.0.cast_signed(), limit as i64),
    )
}

pub(super) fn back(db: &Connection, before: Seq, limit: usize) -> Read<Vec<Arc<Entry>>> {
    entries(
        db,
        "SELECT json, withdrawn_by FROM event WHERE seq < ?1
         ORDER BY seq DESC LIMIT ?2",
        (before.0.min(i64::MAX as u64).cast_signed(), limit as i64),
    )
}

pub(super) fn find(db: &Connection, id: EventId) -> Read<Option<Arc<Entry>>> {
    Ok(entries(db, "SELECT json, withdrawn_by FROM event WHERE id = ?1", [id.0])?.pop())
}

pub(super) fn before(db: &Connection, since: Timestamp) -> Read<Seq> {
    let last: i64 = db
        .prepare_cached("SELECT ifnull(max(seq), 0) FROM event WHERE at < ?1")?
        .query_row([since.as_microsecond()], |row| row.get(0))?;
    Ok(seq(last))
}

pub(super) fn versions(db: &Connection, id: EventId) -> Read<Vec<Arc<Entry>>> {
    entries(
        db,
        "WITH RECURSIVE
           older (id, supersedes) AS (
             SELECT id, supersedes FROM event WHERE id = ?1
             UNION SELECT event.id, event.supersedes FROM event JOIN older ON event.id = older.supersedes),
           chain (id) AS (
             SELECT id FROM older WHERE supersedes IS NULL
             UNION SELECT event.id FROM event JOIN chain ON event.supersedes = chain.id)
         SELECT json, withdrawn_by FROM event JOIN chain USING (id) ORDER BY seq",
        [id.0],
    )
}

pub(super) fn tallies(db: &Connection, ids: &[EventId]) -> Read<Vec<Tally>> {
    let mut statement = db.prepare_cached(
        "SELECT sum(sightings), sum(pages), max(last_at) FROM
           (SELECT count(*) AS sightings, count(DISTINCT page) AS pages, max(sighting.at) AS last_at
            FROM sighting JOIN event USING (seq) WHERE event.id = ?1
            UNION ALL
            SELECT sum(sightings), sum(pages), max(last_at)
            FROM sighting_sum JOIN event USING (seq) WHERE event.id = ?1)",
    )?;
    let mut tallies = Vec::with_capacity(ids.len());
    for &id in ids {
        let tally = statement.query_row([id.0], |row| {
            let last: Option<i64> = row.get(2)?;
            Ok(last.map(|last| (row.get(0), row.get(1), last)))
        })?;
        if let Some((sightings, pages, last)) = tally {
            let (sightings, pages): (i64, i64) = (sightings?, pages?);
            tallies.push(Tally {
                id,
                sightings: sightings.unsigned_abs(),
                pages: pages.unsigned_abs(),
                last_seen: instant(last),
            });
        }
    }
    Ok(tallies)
}

pub(super) fn sightings(db: &Connection, id: EventId) -> Read<Vec<Sighting>> {
    let mut statement = db.prepare_cached(
        "SELECT page.hash, page.name, sighting.line, sighting.at, sighting.source
         FROM event JOIN sighting USING (seq) JOIN page USING (page)
         WHERE event.id = ?1 ORDER BY sighting.at, sighting.page, sighting.draft",
    )?;
    let rows = statement.query_map([id.0], |row| {
        Ok(Sighting {
            id,
            page: hash(row, 0)?.unwrap_or(PageHash([0; 16])),
            name: shown(&row.get::<_, Vec<u8>>(1)?),
            line: row.get(2)?,
            at: instant(row.get(3)?),
            source: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn sums(db: &Connection, id: EventId) -> Read<Vec<SightingSum>> {
    let mut statement = db.prepare_cached(
        "SELECT source, first_at, last_at, sightings, pages
         FROM event JOIN sighting_sum USING (seq) WHERE event.id = ?1 ORDER BY first_at, source",
    )?;
    let rows = statement.query_map([id.0], |row| {
        Ok(SightingSum {
            source: Some(row.get::<_, String>(0)?).filter(|source| !source.is_empty()),
            first: instant(row.get(1)?),
            last: instant(row.get(2)?),
            sightings: row.get::<_, i64>(3)?.unsigned_abs(),
            pages: row.get::<_, i64>(4)?.unsigned_abs(),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn told(
    db: &Connection,
    keys: &[Key],
    source: Option<&str>,
) -> Read<Vec<Option<ToldRow>>> {
    let mut told = db.prepare_cached(
        "SELECT told.id, told.seq, last_at, event.withdrawn_by IS NOT NULL,
                event.thread, event.version
         FROM told JOIN event USING (seq) WHERE key = ?1",
    )?;
    let mut here = db.prepare_cached(
        "SELECT max(at) FROM
           (SELECT max(at) AS at FROM sighting WHERE seq = ?1 AND source = ?2
            UNION ALL SELECT last_at FROM sighting_sum WHERE seq = ?1 AND source = ?2)",
    )?;
    let mut rows = Vec::with_capacity(keys.len());
    for key in keys {
        let row = told
            .query_row([key.0], |row| {
                Ok(ToldRow {
                    id: EventId(row.get(0)?),
                    seq: seq(row.get(1)?),
                    last_at: instant(row.get(2)?),
                    last_here: None,
                    withdrawn: row.get(3)?,
                    thread: EventId(row.get(4)?),
                    version: row.get(5)?,
                })
            })
            .optional()?;
        rows.push(match row {
            None => None,
            Some(mut row) => {
                let last: Option<i64> =
                    here.query_row((row.seq.0.cast_signed(), source), |row| row.get(0))?;
                row.last_here = last.map(instant);
                Some(row)
            }
        });
    }
    Ok(rows)
}

/// Merges events and aliases in wire order: an alias stands behind the event at its `after`.
pub(super) fn replay(db: &Connection, horizon: Option<Timestamp>, mut each: Each) -> Read<()> {
    let horizon = horizon.map_or(i64::MIN, Timestamp::as_microsecond);
    let mut aliases =
        db.prepare("SELECT after, of, text, at FROM alias WHERE at >= ?1 ORDER BY number")?;
    let mut aliases = aliases.query([horizon])?;
    let mut alias = |after: Option<Seq>, pending: &mut Option<Alias>| -> Read<Option<Alias>> {
        if pending.is_none() {
            *pending = match aliases.next()? {
                None => None,
                Some(row) => Some(Alias {
                    after: seq(row.get(0)?),
                    of: EventId(row.get(1)?),
                    text: row.get(2)?,
                    at: instant(row.get(3)?),
                }),
            };
        }
        Ok(pending.take_if(|alias| after.is_none_or(|after| alias.after < after)))
    };
    let mut pending = None;
    let mut events = db.prepare(
        "SELECT json, seq FROM event
         WHERE page_at >= ?1 OR id IN (SELECT of FROM alias WHERE at >= ?1) ORDER BY seq",
    )?;
    let mut events = events.query([horizon])?;
    while let Some(row) = events.next()? {
        let json = row.get_ref(0)?.as_str().map_err(|error| ReadError(error.to_string()))?;
        let at = seq(row.get(1)?);
        while let Some(alias) = alias(Some(at), &mut pending)? {
            each(Stored::Alias(alias))?;
        }
        each(Stored::Event(json))?;
    }
    while let Some(alias) = alias(None, &mut pending)? {
        each(Stored::Alias(alias))?;
    }
    Ok(())
}

fn hash(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<PageHash>> {
    let bytes: Vec<u8> = row.get(at)?;
    Ok(<[u8; 16]>::try_from(bytes).ok().map(PageHash))
}

fn shown(name: &[u8]) -> String {
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

pub(super) fn known_pages(db: &Connection) -> Read<Vec<KnownPage>> {
    let mut statement = db.prepare("SELECT name, stat FROM page ORDER BY page")?;
    let rows = statement.query_map([], |row| {
        let bytes: Vec<u8> = row.get(1)?;
        let mut stat = [0; 5];
        for (part, chunk) in stat.iter_mut().zip(bytes.chunks_exact(8)) {
            *part = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
        }
        Ok((row.get(0)?, stat))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn settled_page(db: &Connection, hash: PageHash) -> Read<Option<Vec<Spotted>>> {
    let page: Option<i64> = db
        .prepare_cached(
            "SELECT min(page) FROM page WHERE hash = ?1 AND outcome = 'done' HAVING count(*) > 0",
        )?
        .query_row([hash.0], |row| row.get(0))
        .optional()?;
    let Some(page) = page else { return Ok(None) };
    let mut statement = db.prepare_cached(
        "SELECT event.id, seq, line FROM sighting JOIN event USING (seq)
         WHERE sighting.page = ?1 ORDER BY draft",
    )?;
    let rows = statement.query_map([page], |row| {
        Ok(Spotted { id: EventId(row.get(0)?), seq: seq(row.get(1)?), line: row.get(2)? })
    })?;
    Ok(Some(rows.collect::<rusqlite::Result<_>>()?))
}

pub(super) fn holds_page(db: &Connection, name: &[u8], hash: PageHash) -> Read<bool> {
    Ok(db
        .prepare_cached("SELECT 1 FROM page WHERE name = ?1 AND hash = ?2 AND outcome = 'done'")?
        .exists((name, hash.0))?)
}

pub(super) fn holds_event(db: &Connection, id: EventId) -> Read<bool> {
    Ok(db.prepare_cached("SELECT 1 FROM event WHERE id = ?1")?.exists([id.0])?)
}

pub(super) fn last_ticker_page(db: &Connection, source: &str) -> Read<Option<Timestamp>> {
    let at: Option<i64> = db
        .prepare_cached("SELECT max(page_at) FROM page WHERE source = ?1 AND ticker_lines > 0")?
        .query_row([source], |row| row.get(0))?;
    Ok(at.map(instant))
}

pub(super) fn newest_page_time(db: &Connection) -> Read<Option<Timestamp>> {
    let at: Option<i64> = db.query_row(
        "SELECT max((SELECT max(page_at) FROM event),
                    ifnull((SELECT max(at) FROM alias), (SELECT max(page_at) FROM event)))",
        [],
        |row| row.get(0),
    )?;
    Ok(at.map(instant))
}

pub(super) fn site_memories(db: &Connection) -> Read<Vec<(String, Vec<u8>)>> {
    let mut statement = db.prepare("SELECT name, memory FROM site ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn evidence(db: &Connection, hash: PageHash) -> Read<Option<Vec<u8>>> {
    let bytes: Option<Vec<u8>> = db
        .query_row("SELECT bytes FROM evidence WHERE hash = ?1", [hash.0], |row| row.get(0))
        .optional()?;
    bytes
        .map(|bytes| {
            zstd::decode_all(bytes.as_slice())
                .map_err(|error| ReadError(format!("the stored page is damaged: {error}")))
        })
        .transpose()
}

pub(super) fn counts(db: &Connection, path: &Path) -> Read<LedgerCounts> {
    let count = |sql: &str| -> Read<u64> {
        Ok(db.query_row(sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
    };
    let mut pages = BTreeMap::new();
    let mut statement = db.prepare("SELECT outcome, count(*) FROM page GROUP BY outcome")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        pages.insert(row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs());
    }
    let size = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        std::fs::metadata(name).map_or(0, |meta| meta.len())
    };
    Ok(LedgerCounts {
        events: count("SELECT count(*) FROM event")?,
        sightings: count(
            "SELECT (SELECT count(*) FROM sighting)
                    + (SELECT ifnull(sum(sightings), 0) FROM sighting_sum)",
        )?,
        pages,
        bytes: size("") + size("-wal"),
    })
}

const PAGE: &str =
    "SELECT name, hash, outcome, reason, seen_at, page_at, source, url, lines, remarks, drafts
     FROM page";

fn ledger_pages(
    db: &Connection,
    rest: &str,
    params: impl rusqlite::Params,
) -> Read<Vec<LedgerPage>> {
    let mut statement = db.prepare_cached(&format!("{PAGE} {rest}"))?;
    let mut rows = statement.query(params)?;
    let mut pages = Vec::new();
    while let Some(row) = rows.next()? {
        let bad = |error: serde_json::Error| ReadError(format!("a ledger row is damaged: {error}"));
        let outcome: String = row.get(2)?;
        pages.push(LedgerPage {
            name: shown(&row.get::<_, Vec<u8>>(0)?),
            hash: hash(row, 1)?,
            outcome: serde_json::from_value::<Outcome>(outcome.into()).map_err(bad)?,
            reason: row.get(3)?,
            seen: instant(row.get(4)?),
            at: instant(row.get(5)?),
            source: row.get(6)?,
            url: row.get(7)?,
            lines: serde_json::from_str(&row.get::<_, String>(8)?).map_err(bad)?,
            remarks: serde_json::from_str(&row.get::<_, String>(9)?).map_err(bad)?,
            drafts: row.get::<_, i64>(10)?.unsigned_abs(),
        });
    }
    Ok(pages)
}

pub(super) fn pages(db: &Connection, rejected: bool, limit: usize) -> Read<Vec<LedgerPage>> {
    ledger_pages(
        db,
        "WHERE ?1 = 0 OR outcome <> 'done' ORDER BY page DESC LIMIT ?2",
        (rejected, limit as i64),
    )
}

pub(super) fn page_named(db: &Connection, name: &str) -> Read<Vec<LedgerPage>> {
    let hash = name.parse::<PageHash>().map_or([0; 16], |hash| hash.0);
    ledger_pages(
        db,
        "WHERE name = ?1 OR hash = ?2 ORDER BY page DESC LIMIT 100",
        (name.as_bytes(), hash),
    )
}

pub(super) fn told_by_page(db: &Connection, name: &str) -> Read<Vec<Arc<Entry>>> {
    let hash = name.parse::<PageHash>().map_or([0; 16], |hash| hash.0);
    let found = entries(
        db,
        "SELECT DISTINCT json, withdrawn_by
         FROM page JOIN sighting USING (page) JOIN event USING (seq)
         WHERE page.name = ?1 OR page.hash = ?2 ORDER BY event.seq",
        (name.as_bytes(), hash),
    )?;
    Ok(found
        .into_iter()
        .filter(|entry| entry.event.page.name == name || entry.event.page.hash.0 == hash)
        .collect())
}

/// What must hold of every wire, as questions whose answer must be none.
const CHECKS: &[(&str, &str)] = &[
    (
        "events without a first sighting",
        "SELECT count(*) FROM event WHERE withdrawn_by IS NULL
         AND json_extract(json, '$.action') <> 'withdrawn'
         AND seq NOT IN (SELECT seq FROM sighting)
         AND seq NOT IN (SELECT seq FROM sighting_sum)",
    ),
    (
        "pages whose drafts and sightings differ in number",
        "SELECT count(*) FROM page
         WHERE page > ifnull((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'summed_through'), 0)
         AND drafts <> (SELECT count(*) FROM sighting WHERE sighting.page = page.page)",
    ),
    (
        "sightings of events that are not on the wire",
        "SELECT count(*) FROM (SELECT seq FROM sighting UNION ALL SELECT seq FROM sighting_sum)
         WHERE seq NOT IN (SELECT seq FROM event)",
    ),
    (
        "sightings on pages that are not in the ledger",
        "SELECT count(*) FROM sighting WHERE page NOT IN (SELECT page FROM page)",
    ),
    (
        "keys that lead to no event",
        "SELECT count(*) FROM told WHERE seq NOT IN (SELECT seq FROM event)",
    ),
    (
        "updates of events that are not on the wire",
        "SELECT count(*) FROM event WHERE supersedes IS NOT NULL
         AND supersedes NOT IN (SELECT id FROM event)",
    ),
    (
        "events whose stored position or name differs from what subscribers got",
        "SELECT count(*) FROM event WHERE json_extract(json, '$.seq') <> seq",
    ),
    (
        "events told out of time order",
        "SELECT count(*) FROM event AS a JOIN event AS b ON b.seq = a.seq + 1 WHERE b.at < a.at",
    ),
];

pub(super) fn verify(db: &Connection) -> Read<Vec<String>> {
    let mut findings = Vec::new();
    let mut statement = db.prepare("PRAGMA integrity_check")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        if text != "ok" {
            findings.push(format!("the file is damaged: {text}"));
        }
    }
    for (what, sql) in CHECKS {
        let count: i64 = db.query_row(sql, [], |row| row.get(0))?;
        if count > 0 {
            findings.push(format!("{count} {what}"));
        }
    }
    Ok(findings)
}
