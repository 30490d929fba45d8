//! The questions readers ask.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, types::Value};

use crate::{
    item::{Alias, Event, EventId, Key, Outcome, PageHash, Record, Seq},
    wire::{
        Entry, Heard, Held, KnownPage, LedgerCounts, LedgerPage, Position, Publisher, ReadError,
        Sighting, SightingSum, Spotted, Tally, ToldRow,
    },
};

use super::{
    damage::{self, Damage, Way},
    filter::Filter,
};

pub(super) type Read<T> = Result<T, ReadError>;

pub(super) fn seq(value: i64) -> Seq {
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

/// Up to `limit` events from the position `from` on, as far as `end`, in the order of `way`.
pub(super) fn events(
    db: &Connection,
    damage: &Damage,
    way: Way,
    (from, end): (Seq, Seq),
    limit: usize,
) -> Read<Vec<Arc<Entry>>> {
    let sql = match way {
        Way::On => {
            "SELECT seq, json, withdrawn_by FROM event
             WHERE seq >= ?1 ORDER BY seq"
        }
        Way::Back => {
            "SELECT seq, json, withdrawn_by FROM event
             WHERE seq <= ?1 ORDER BY seq DESC"
        }
    };
    let mut found = Vec::new();
    if limit == 0 {
        return Ok(found);
    }
    let range = (from.0.min(i64::MAX as u64).cast_signed(), end.0.cast_signed());
    let take = |seq: i64, row: &Row<'_>| {
        match whole_entry(seq.unsigned_abs(), row) {
            Some(entry) => found.push(entry),
            None => damage.note_events(seq.unsigned_abs()..=seq.unsigned_abs()),
        }
        Ok(found.len() < limit)
    };
    damage::around(db, sql, way, range, take, |lost| {
        damage.note_events(lost.start().unsigned_abs()..=lost.end().unsigned_abs());
    })?;
    Ok(found)
}

fn whole_entry(seq: u64, row: &Row<'_>) -> Option<Arc<Entry>> {
    let entry = entry(row.get(1).ok()?, row.get(2).ok()?).ok()?;
    (entry.seq.0 == seq).then_some(entry)
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

pub(super) fn origins(db: &Connection, id: EventId) -> Read<Vec<Heard>> {
    let mut statement = db.prepare_cached(
        "SELECT seq, key, name, origin.at FROM event JOIN origin USING (seq)
         WHERE event.id = ?1 ORDER BY origin.at, key",
    )?;
    let rows = statement.query_map([id.0], |row| {
        let (seq, at) = (seq(row.get(0)?), instant(row.get(3)?));
        Ok(Heard { seq, key: row.get(1)?, name: row.get(2)?, at })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn origin_keys(db: &Connection, seq: Seq) -> rusqlite::Result<Vec<String>> {
    let mut statement = db.prepare_cached("SELECT key FROM origin WHERE seq = ?1")?;
    statement.query_map([seq.0.cast_signed()], |row| row.get(0))?.collect()
}

pub(super) fn thread(db: &Connection, id: EventId, limit: usize) -> Read<Vec<Arc<Entry>>> {
    let mut events = entries(
        db,
        "SELECT json, withdrawn_by FROM event
         WHERE thread = ifnull((SELECT thread FROM event WHERE id = ?1), ?1)
         ORDER BY seq DESC LIMIT ?2",
        (id.0, limit as i64),
    )?;
    events.reverse();
    Ok(events)
}

pub(super) fn tallies(db: &Connection, ids: &[EventId]) -> Read<Vec<Tally>> {
    let mut statement = db.prepare_cached(
        "SELECT sum(sightings), sum(pages), max(last_at),
           (SELECT count(*) FROM origin JOIN event USING (seq) WHERE event.id = ?1) FROM
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
            Ok(last.map(|last| (row.get(0), row.get(1), row.get(3), last)))
        })?;
        if let Some((sightings, pages, origins, last)) = tally {
            let (sightings, pages, origins): (i64, i64, i64) = (sightings?, pages?, origins?);
            tallies.push(Tally {
                id,
                sightings: sightings.unsigned_abs(),
                pages: pages.unsigned_abs(),
                origins: origins.unsigned_abs(),
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
    damage: &Damage,
    filter: Option<&Filter>,
    keys: &[Key],
    of: Option<&Publisher>,
) -> Read<Vec<Option<ToldRow>>> {
    let mut told = db.prepare_cached(
        "SELECT told.id, told.seq, last_at, event.withdrawn_by IS NOT NULL,
                event.thread, event.version
         FROM told JOIN event USING (seq) WHERE key = ?1",
    )?;
    // Of pages that are only alike no sums are kept: those are older than any window.
    let mut here = db.prepare_cached(match of {
        Some(Publisher::Alike(_)) => {
            "SELECT max(sighting.at) FROM sighting JOIN page USING (page)
             WHERE seq = ?1 AND page.alike = ?2"
        }
        _ => {
            "SELECT max(at) FROM
               (SELECT max(at) AS at FROM sighting WHERE seq = ?1 AND source = ?2
                UNION ALL SELECT last_at FROM sighting_sum WHERE seq = ?1 AND source = ?2)"
        }
    })?;
    let whose = of.map(value);
    let mut rows = Vec::with_capacity(keys.len());
    for key in keys {
        if filter.is_some_and(|filter| !filter.may_hold(&key.0)) {
            rows.push(None);
            continue;
        }
        let row = told.query_row([key.0], |row| {
            Ok(ToldRow {
                id: EventId(row.get(0)?),
                seq: seq(row.get(1)?),
                last_at: instant(row.get(2)?),
                last_here: None,
                withdrawn: row.get(3)?,
                thread: EventId(row.get(4)?),
                version: row.get(5)?,
            })
        });
        let row = damage.or_none("told", row.optional())?.flatten();
        rows.push(match row {
            None => None,
            Some(mut row) => {
                let last = here.query_row((row.seq.0.cast_signed(), &whose), |row| row.get(0));
                let last: Option<i64> = damage.or_none("sighting", last)?.flatten();
                row.last_here = last.map(instant);
                Some(row)
            }
        });
    }
    Ok(rows)
}

/// The keys of all that was told, and the hashes of all pages.
pub(super) fn names(db: &Connection) -> Read<Vec<[u8; 16]>> {
    let mut statement =
        db.prepare("SELECT key FROM told UNION ALL SELECT hash FROM page WHERE hash <> x''")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Events and aliases appended between two positions, in wire order.
pub(super) fn records_between(
    db: &Connection,
    damage: &Damage,
    from: Position,
    to: Position,
) -> Read<Vec<Record>> {
    let mut statement = db.prepare_cached(
        "SELECT after, of, text, at FROM alias WHERE number > ?1 AND number <= ?2 ORDER BY number",
    )?;
    let aliases = statement
        .query_map((from.alias.cast_signed(), to.alias.cast_signed()), |row| {
            Ok(Alias {
                after: seq(row.get(0)?),
                of: EventId(row.get(1)?),
                text: row.get(2)?,
                at: instant(row.get(3)?),
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut aliases = aliases.into_iter().peekable();
    let range = (Seq(from.seq.0 + 1), to.seq);
    let mut records = Vec::new();
    for entry in events(db, damage, Way::On, range, usize::MAX)? {
        while let Some(alias) = aliases.next_if(|alias| alias.after < entry.seq) {
            records.push(Record::Alias(alias));
        }
        records.push(Record::Event(entry.event.clone()));
    }
    records.extend(aliases.map(Record::Alias));
    Ok(records)
}

fn hash(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<PageHash>> {
    let bytes: Vec<u8> = row.get(at)?;
    Ok(<[u8; 16]>::try_from(bytes).ok().map(PageHash))
}

pub(super) fn shown(name: &[u8]) -> String {
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

pub(super) fn known_pages(db: &Connection, damage: &Damage) -> Read<Vec<KnownPage>> {
    let mut pages = Vec::new();
    let take = |_, row: &Row<'_>| {
        let (Ok(name), Ok(bytes)) = (row.get(1), row.get::<_, Vec<u8>>(2)) else {
            damage.note("page", &"a row is not as it was written");
            return Ok(true);
        };
        pages.push((name, stat_from(&bytes)));
        Ok(true)
    };
    let sql = "SELECT page, name, stat FROM page WHERE page >= ?1 ORDER BY page";
    damage::around(db, sql, Way::On, (0, i64::MAX), take, |lost| {
        damage.note("page", &damage::said("rows", &lost));
    })?;
    Ok(pages)
}

/// What the file system said, from the form in which the ledger keeps it.
fn stat_from(bytes: &[u8]) -> [u64; 5] {
    let mut stat = [0; 5];
    for (part, chunk) in stat.iter_mut().zip(bytes.chunks_exact(8)) {
        *part = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
    }
    stat
}

pub(super) fn taken_files(db: &Connection) -> Read<Vec<(KnownPage, PageHash)>> {
    let mut statement = db.prepare(
        "SELECT name, stat, hash FROM page WHERE outcome = 'done' AND gone_at IS NULL ORDER BY page",
    )?;
    let rows = statement.query_map([], |row| {
        let stat: Vec<u8> = row.get(1)?;
        Ok(((row.get(0)?, stat_from(&stat)), PageHash(row.get(2)?)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn settled_page(
    db: &Connection,
    hash: PageHash,
) -> rusqlite::Result<Option<Vec<Spotted>>> {
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
    rows.collect::<rusqlite::Result<_>>().map(Some)
}

pub(super) fn holds_page(db: &Connection, name: &[u8], hash: PageHash) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM page WHERE name = ?1 AND hash = ?2 AND outcome = 'done'")?
        .exists((name, hash.0))
}

pub(super) fn holds_event(db: &Connection, id: EventId) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM event WHERE id = ?1")?.exists([id.0])
}

pub(super) fn last_ticker_page(
    db: &Connection,
    of: &Publisher,
    until: Timestamp,
) -> rusqlite::Result<Option<Timestamp>> {
    let at: Option<i64> = db
        .prepare_cached(match of {
            Publisher::Named(_) => {
                "SELECT max(page_at) FROM page
                 WHERE source = ?1 AND ticker_lines > 0 AND page_at <= ?2"
            }
            Publisher::Alike(_) => {
                "SELECT max(page_at) FROM page
                 WHERE alike = ?1 AND ticker_lines > 0 AND page_at <= ?2"
            }
        })?
        .query_row((value(of), until.as_microsecond()), |row| row.get(0))?;
    Ok(at.map(instant))
}

/// What stands in the publisher's column.
fn value(of: &Publisher) -> Value {
    match of {
        Publisher::Named(source) => Value::Text(source.clone()),
        Publisher::Alike(opening) => Value::Integer(opening.cast_signed()),
    }
}

/// Newest events that are looked at where the index of their page times is damaged.
const NEWEST: usize = 5000;

pub(super) fn newest_page_time(
    db: &Connection,
    damage: &Damage,
    head: Seq,
) -> Read<Option<Timestamp>> {
    let at = db.query_row(
        "SELECT max((SELECT max(page_at) FROM event),
                    ifnull((SELECT max(at) FROM alias), (SELECT max(page_at) FROM event)))",
        [],
        |row| row.get::<_, Option<i64>>(0),
    );
    match damage.or_none("event", at)? {
        Some(at) => Ok(at.map(instant)),
        None => {
            let newest = events(db, damage, Way::Back, (head, Seq(0)), NEWEST)?;
            Ok(newest.iter().map(|entry| entry.event.page.time).max())
        }
    }
}

pub(super) fn site_memories(db: &Connection, damage: &Damage) -> Read<Vec<(String, Vec<u8>)>> {
    let mut statement = db.prepare("SELECT name, memory FROM site ORDER BY name")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    // What was learned of a site's layout is learned again.
    Ok(damage.or_none("site", rows.collect::<rusqlite::Result<_>>())?.unwrap_or_default())
}

/// What is held back, the first due first.
pub(super) fn held(db: &Connection, damage: &Damage) -> Read<Vec<Held>> {
    let mut statement =
        db.prepare_cached("SELECT of, draft, until, due, json FROM held ORDER BY due, of")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get::<_, String>(4)?))
    })?;
    let rows: Option<Vec<_>> = damage.or_none("held", rows.collect())?;
    let held = rows.unwrap_or_default().into_iter().map(|(of, draft, until, due, json)| {
        let event = serde_json::from_str(&json)
            .map_err(|error| ReadError(format!("a held version is not readable: {error}")))?;
        let (until, due) = (instant(until), instant(due));
        Ok(Held { of: EventId(of), draft, until, due, event: Arc::new(event) })
    });
    held.collect()
}

pub(super) fn site_memory(db: &Connection, site: &str) -> Read<Option<Vec<u8>>> {
    let mut statement = db.prepare_cached("SELECT memory FROM site WHERE name = ?1")?;
    Ok(statement.query_row([site], |row| row.get(0)).optional()?)
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

pub(super) fn silent_pages(db: &Connection, limit: usize) -> Read<Vec<LedgerPage>> {
    ledger_pages(
        db,
        "WHERE outcome = 'done' AND page NOT IN (SELECT page FROM sighting)
         ORDER BY page DESC LIMIT ?1",
        [limit as i64],
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

/// The other words an event was seen in, oldest first, each with the page time of its first
/// sighting.
pub(super) fn wordings(db: &Connection, id: EventId) -> Read<Vec<(Timestamp, String)>> {
    let mut statement = db.prepare_cached(
        "SELECT at, text FROM alias WHERE of = ?1 AND text IS NOT NULL ORDER BY number",
    )?;
    let rows = statement.query_map([id.0], |row| Ok((instant(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What must hold of every wire, as questions whose answer must be none.
const CHECKS: &[(&str, &str)] = &[
    (
        "events without a first sighting",
        "SELECT count(*) FROM event WHERE withdrawn_by IS NULL
         AND json_extract(json, '$.action') NOT IN ('withdrawn', 'corroborated')
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
        "held versions of events that are not on the wire",
        "SELECT count(*) FROM held WHERE of NOT IN (SELECT id FROM event)",
    ),
    (
        "held versions without their sighting",
        "SELECT count(*) FROM held WHERE NOT EXISTS
           (SELECT 1 FROM sighting WHERE (page, draft) = (held.page, held.draft))",
    ),
    (
        "updates of events that are not on the wire",
        "SELECT count(*) FROM event WHERE supersedes IS NOT NULL
         AND supersedes NOT IN (SELECT id FROM event)",
    ),
    (
        "events whose stored position or name differs from what subscribers got",
        "SELECT count(*) FROM event
         WHERE NOT json_valid(json) OR json_extract(json, '$.seq') IS NOT seq",
    ),
    (
        "events told out of time order",
        "SELECT count(*) FROM event AS a JOIN event AS b ON b.seq = a.seq + 1 WHERE b.at < a.at",
    ),
];

pub(super) fn verify(db: &Connection, head: Seq) -> Read<Vec<String>> {
    let mut findings = Vec::new();
    let mut statement = db.prepare("PRAGMA integrity_check")?;
    let mut rows = statement.query([])?;
    loop {
        match rows.next().and_then(|row| row.map(|row| row.get::<_, String>(0)).transpose()) {
            Ok(None) => break,
            Ok(Some(text)) if text == "ok" => {}
            Ok(Some(text)) => findings.push(format!("the file is damaged: {text}")),
            Err(error) => {
                findings.push(format!("the file is damaged: {error}"));
                break;
            }
        }
    }
    drop(rows);
    let damage = Damage::default();
    let mut next = Seq(0);
    // In slices, so that no more than one lies in memory.
    loop {
        let slice = events(db, &damage, Way::On, (next, head), 1000)?;
        let Some(last) = slice.last() else { break };
        next = Seq(last.seq.0 + 1);
        findings.extend(slice.iter().filter_map(|entry| misnamed(db, entry)));
    }
    findings.extend(
        damage
            .within(Seq(0), head)
            .iter()
            .map(|lost| format!("{} can't be read", damage::said("events", lost))),
    );
    for (table, sql) in WALKED {
        let lost = |keys| {
            findings
                .push(format!("{} of the table {table} can't be read", damage::said("rows", &keys)))
        };
        damage::around(db, sql, Way::On, (0, i64::MAX), |_, _| Ok(true), lost)?;
    }
    let mut outcomes = db.prepare("SELECT outcome, count(*) FROM page GROUP BY outcome")?;
    let mut rows = outcomes.query([])?;
    // Damage in the ledger was found above.
    while let Ok(Some(row)) = rows.next() {
        let (outcome, count): (String, i64) = (row.get(0)?, row.get(1)?);
        if serde_json::from_value::<Outcome>(outcome.clone().into()).is_err() {
            findings.push(format!("{count} pages with the unknown outcome `{outcome}`"));
        }
    }
    for (what, sql) in CHECKS {
        match db.query_row(sql, [], |row| row.get::<_, i64>(0)) {
            Ok(0) => {}
            Ok(count) => findings.push(format!("{count} {what}")),
            Err(error) => findings.push(format!("whether there are {what} can't be told: {error}")),
        }
    }
    Ok(findings)
}

/// What is wrong with the columns an event is found by, if they differ from what it says of itself.
fn misnamed(db: &Connection, entry: &Entry) -> Option<String> {
    let (seq, event) = (entry.seq, &entry.event);
    let row = db.prepare_cached("SELECT id, thread, version FROM event WHERE seq = ?1").and_then(
        |mut row| {
            row.query_row([seq.0.cast_signed()], |row| {
                Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, u32>(2)?))
            })
        },
    );
    match row {
        Ok((id, ..)) if id != event.id.0 => {
            Some(format!("event #{seq} is stored under another name than its own, {}", event.id))
        }
        Ok((_, thread, _)) if thread != event.thread.0 => {
            Some(format!("event #{seq} is stored with another thread than its own"))
        }
        Ok((.., version)) if version != event.item.version() => {
            Some(format!("event #{seq} is stored as another version than its own"))
        }
        Ok(_) => None,
        Err(error) => Some(format!("the row of event #{seq} is not as it was written: {error}")),
    }
}

/// Tables that are walked row by row, with all their columns.
const WALKED: &[(&str, &str)] = &[
    ("page", "SELECT page, * FROM page WHERE page >= ?1 ORDER BY page"),
    ("alias", "SELECT number, * FROM alias WHERE number >= ?1 ORDER BY number"),
];
