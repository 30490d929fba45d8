//! What the desk's memory is folded from, in wire order.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use crate::{
    item::{Alias, EventId, Seq, Stored},
    wire::{Each, ReadError},
};

use super::{
    damage::{self, Damage, Way, around, is_damage},
    read::{instant, seq},
};

/// How far a replay has come.
struct Told<'a> {
    each: Each,
    damage: &'a Damage,
    /// The last event that was given, and the number of the last alias.
    event: i64,
    alias: i64,
}

impl Told<'_> {
    fn event(&mut self, seq: i64, json: rusqlite::Result<&str>) -> Result<(), ReadError> {
        self.event = seq;
        let broken = |_: &ReadError| {
            json.as_ref().map_or(true, |json| damage::event(seq.unsigned_abs(), json).is_none())
        };
        let given = match &json {
            Ok(json) => (self.each)(Stored::Event(json)),
            Err(error) => Err(ReadError(error.to_string())),
        };
        match given {
            Err(error) if broken(&error) => {
                self.damage.note_events(seq.unsigned_abs()..=seq.unsigned_abs());
                Ok(())
            }
            given => given,
        }
    }

    fn alias(&mut self, (number, alias): (i64, Alias)) -> Result<(), ReadError> {
        self.alias = number;
        (self.each)(Stored::Alias(alias))
    }
}

/// Merges events and aliases in wire order: an alias stands behind the event at its `after`.
pub(super) fn replay(
    db: &Connection,
    damage: &Damage,
    head: Seq,
    horizon: Option<Timestamp>,
    each: Each,
) -> Result<(), ReadError> {
    let horizon = horizon.map_or(i64::MIN, Timestamp::as_microsecond);
    let mut told = Told { each, damage, event: 0, alias: 0 };
    match by_index(db, horizon, &mut told) {
        Err(Stop::Damage(error)) => {
            damage.note("event", &error);
            row_by_row(db, head, horizon, &mut told)
        }
        Err(Stop::Failed(error)) => Err(error),
        Ok(()) => Ok(()),
    }
}

/// Why a replay did not come to its end.
enum Stop {
    Damage(rusqlite::Error),
    Failed(ReadError),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) { Stop::Damage(error) } else { Stop::Failed(error.into()) }
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Stop::Failed(error)
    }
}

fn by_index(db: &Connection, horizon: i64, told: &mut Told<'_>) -> Result<(), Stop> {
    let mut aliases =
        db.prepare("SELECT number, after, of, text, at FROM alias WHERE at >= ?1 ORDER BY number")?;
    let mut aliases = aliases.query([horizon])?;
    let mut next = |pending: &mut Option<(i64, Alias)>| -> rusqlite::Result<()> {
        if pending.is_none() {
            *pending = aliases.next()?.map(alias).transpose()?;
        }
        Ok(())
    };
    let mut pending = None;
    let mut events = db.prepare(
        "SELECT json, seq FROM event
         WHERE page_at >= ?1 OR id IN (SELECT of FROM alias WHERE at >= ?1) ORDER BY seq",
    )?;
    let mut events = events.query([horizon])?;
    while let Some(row) = events.next()? {
        let at: i64 = row.get(1)?;
        next(&mut pending)?;
        while let Some(alias) = pending.take_if(|(_, alias)| alias.after < seq(at)) {
            told.alias(alias)?;
            next(&mut pending)?;
        }
        told.event(at, row.get_ref(0)?.as_str().map_err(Into::into))?;
    }
    next(&mut pending)?;
    while let Some(alias) = pending.take() {
        told.alias(alias)?;
        next(&mut pending)?;
    }
    Ok(())
}

fn alias(row: &Row<'_>) -> rusqlite::Result<(i64, Alias)> {
    let alias = Alias {
        after: seq(row.get(1)?),
        of: EventId(row.get(2)?),
        text: row.get(3)?,
        at: instant(row.get(4)?),
    };
    Ok((row.get(0)?, alias))
}

/// The rest of a replay that met damage: no index is trusted, and every row is looked at.
fn row_by_row(
    db: &Connection,
    head: Seq,
    horizon: i64,
    told: &mut Told<'_>,
) -> Result<(), ReadError> {
    let damage = told.damage;
    let mut aliases = Vec::new();
    let take = |_, row: &Row<'_>| {
        match alias(row) {
            Ok(found) if found.1.at.as_microsecond() >= horizon => aliases.push(found),
            Ok(_) => {}
            Err(error) => damage.note("alias", &error),
        }
        Ok(true)
    };
    let sql = "SELECT number, after, of, text, at FROM alias WHERE number >= ?1 ORDER BY number";
    around(db, sql, Way::On, (0, i64::MAX), take, |lost| {
        damage.note("alias", &damage::said("rows", &lost));
    })?;
    let range = (told.event + 1, head.0.cast_signed());
    let spoken_of: HashSet<[u8; 16]> = aliases.iter().map(|(_, alias)| alias.of.0).collect();
    let mut aliases = {
        let given = told.alias;
        aliases.into_iter().filter(move |(number, _)| *number > given).peekable()
    };
    let take = |at, row: &Row<'_>| {
        while let Some(alias) = aliases.next_if(|(_, alias)| alias.after < seq(at)) {
            told.alias(alias)?;
        }
        let page_at = row.get::<_, i64>(2).unwrap_or(i64::MAX);
        let wanted =
            page_at >= horizon || row.get(3).is_ok_and(|id: [u8; 16]| spoken_of.contains(&id));
        if wanted {
            let json = row.get_ref(1).and_then(|json| json.as_str().map_err(Into::into));
            told.event(at, json)?;
        }
        Ok(true)
    };
    let sql = "SELECT seq, json, page_at, id FROM event WHERE seq >= ?1 ORDER BY seq";
    around(db, sql, Way::On, range, take, |lost| {
        damage.note_events(lost.start().unsigned_abs()..=lost.end().unsigned_abs());
    })?;
    aliases.try_for_each(|alias| told.alias(alias))
}
