//! Versions of articles that are held back: kept, told, let go of.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::withdraw;
use crate::{
    item::{Event, EventId},
    wire::Held,
};

/// Keeps a version in the place of an older one; without a page, one that is kept already is only
/// due later.
pub(super) fn hold(tx: &Transaction<'_>, page: Option<i64>, held: &Held) -> rusqlite::Result<()> {
    let (until, due) = (held.until.as_microsecond(), held.due.as_microsecond());
    match page {
        Some(page) => tx
            .prepare_cached(
                "INSERT OR REPLACE INTO held (of, page, draft, at, until, due, json)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                held.of.0,
                page,
                held.draft,
                held.event.page.time.as_microsecond(),
                until,
                due,
                held.event.json(),
            ])?,
        None => tx
            .prepare_cached("UPDATE held SET until = ?2, due = ?3 WHERE of = ?1")?
            .execute(params![held.of.0, until, due])?,
    };
    Ok(())
}

/// Forgets the version that is held after `of`. Where that is for words that were `withdrawn`, the
/// page it stands on goes, too.
pub(super) fn let_go(tx: &Transaction<'_>, of: EventId, withdrawn: bool) -> rusqlite::Result<()> {
    let page: Option<i64> = tx
        .prepare_cached("DELETE FROM held WHERE of = ?1 RETURNING page")?
        .query_row([of.0], |row| row.get(0))
        .optional()?;
    match page {
        Some(page) if withdrawn => withdraw::page(tx, page),
        _ => Ok(()),
    }
}

/// An event is told. Where it was held back until now its sighting is its own from here on; what
/// is held after the version it supersedes goes, unless that is newer and now follows this one.
pub(super) fn told(tx: &Transaction<'_>, event: &Event) -> rusqlite::Result<()> {
    let Some(old) = event.supersedes else { return Ok(()) };
    if event.held_until.is_some() {
        let sighting: Option<(i64, i64)> = tx
            .prepare_cached(
                "DELETE FROM held WHERE page IN (SELECT page FROM page WHERE hash = ?1)
                   AND json_extract(json, '$.page.line') = ?2
                 RETURNING page, draft",
            )?
            .query_row((event.page.hash.0, event.page.line), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((page, draft)) = sighting {
            tx.prepare_cached("UPDATE sighting SET seq = ?1 WHERE page = ?2 AND draft = ?3")?
                .execute((event.seq.0.cast_signed(), page, draft))?;
        }
    }
    tx.prepare_cached("DELETE FROM held WHERE of = ?1 AND at <= ?2")?
        .execute((old.id.0, event.page.time.as_microsecond()))?;
    tx.prepare_cached("UPDATE held SET of = ?1 WHERE of = ?2")?.execute((event.id.0, old.id.0))?;
    Ok(())
}
