//! What was withdrawn leaves the file: an event's words, the other wordings it was seen in, who
//! said it, what later events quote of it, and the pages it stood on. Its key stays, so that it is not told
//! again.

use rusqlite::{OptionalExtension as _, Transaction, types::Type};

use crate::item::{Event, Remark, Seq, Withdrawal};

/// What stands in the place of a remark on a page whose words were withdrawn.
const REMARK: &str = "it went with what was withdrawn";

/// Carries out a withdrawal that was told at `by`.
pub(super) fn blank(
    tx: &Transaction<'_>,
    by: Seq,
    withdrawal: &Withdrawal,
) -> rusqlite::Result<()> {
    let seq = withdrawal.seq.0.cast_signed();
    tx.prepare_cached("UPDATE event SET withdrawn_by = ?1 WHERE seq = ?2")?
        .execute((by.0.cast_signed(), seq))?;
    let json: Option<String> = tx
        .prepare_cached("SELECT json FROM event WHERE seq = ?1")?
        .query_row([seq], |row| row.get(0))
        .optional()?;
    let Some(json) = json else { return Ok(()) };
    let event = event(&json)?;
    rewrite(tx, &event.blanked(by))?;
    unquote(tx, &event)?;
    tx.prepare_cached("UPDATE alias SET text = NULL WHERE of = ?1")?.execute([event.id.0])?;
    tx.prepare_cached("DELETE FROM origin WHERE seq = ?1")?.execute([seq])?;
    pages(tx, &event)
}

/// Later events don't show what they changed of it, or how they differ from it.
fn unquote(tx: &Transaction<'_>, event: &Event) -> rusqlite::Result<()> {
    let quoting: Vec<String> = tx
        .prepare_cached("SELECT json FROM event WHERE seq > ?1 AND instr(json, ?2) > 0")?
        .query_map((event.seq.0.cast_signed(), event.id.to_string()), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for json in quoting {
        if let Some(unquoted) = self::event(&json)?.without_quotes_of(event.id) {
            rewrite(tx, &unquoted)?;
        }
    }
    Ok(())
}

/// The bytes of every page it stood on go, and what was remarked on those pages. Of old sightings
/// only sums are kept: there every page of the source within their time may be one.
fn pages(tx: &Transaction<'_>, event: &Event) -> rusqlite::Result<()> {
    let pages: Vec<i64> = tx
        .prepare_cached(
            "SELECT page FROM page WHERE page IN
               (SELECT page FROM sighting WHERE seq = ?1
                UNION SELECT page FROM page WHERE hash = ?2
                UNION SELECT page.page FROM page JOIN sighting_sum AS old
                  ON old.seq = ?1 AND old.source = ifnull(page.source, '')
                  AND page.page_at BETWEEN old.first_at AND old.last_at)",
        )?
        .query_map((event.seq.0.cast_signed(), event.page.hash.0), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    pages.into_iter().try_for_each(|page| self::page(tx, page))
}

/// The bytes of a page go, and what was remarked on it.
pub(super) fn page(tx: &Transaction<'_>, page: i64) -> rusqlite::Result<()> {
    let found: Option<(Vec<u8>, String)> = tx
        .prepare_cached("SELECT hash, remarks FROM page WHERE page = ?1")?
        .query_row([page], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((hash, remarks)) = found else { return Ok(()) };
    tx.prepare_cached("DELETE FROM evidence WHERE hash = ?1")?.execute([hash])?;
    let mut remarks: Vec<Remark> = serde_json::from_str(&remarks).map_err(damaged)?;
    if remarks.is_empty() {
        return Ok(());
    }
    remarks.iter_mut().for_each(|remark| REMARK.clone_into(&mut remark.text));
    tx.prepare_cached("UPDATE page SET remarks = ?2 WHERE page = ?1")?
        .execute((page, serde_json::to_string(&remarks).map_err(damaged)?))?;
    Ok(())
}

fn rewrite(tx: &Transaction<'_>, event: &Event) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE event SET json = ?2 WHERE seq = ?1")?
        .execute((event.seq.0.cast_signed(), event.json()))?;
    Ok(())
}

fn event(json: &str) -> rusqlite::Result<Event> {
    serde_json::from_str(json).map_err(damaged)
}

fn damaged(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into())
}
