//! Reading around damage: what is whole is read, what is not is named.
//!
//! A file whose pages were overwritten in the middle is mostly whole. SQLite says of a row only
//! that its page is malformed; the rows behind it are found by asking for the next key, and the
//! next, until one answers.

use std::{collections::BTreeSet, ops::RangeInclusive, sync::Mutex};

use rusqlite::{Connection, ErrorCode, Row};

use crate::{
    item::{Event, Seq},
    wire::ReadError,
};

use super::held;

/// Keys that are asked for in vain before the rest of a table is given up.
const MISSES: i64 = 200_000;
/// After so many misses in a row the steps grow: a whole row between two that far apart may be
/// taken for lost.
const CLOSE: i64 = 1024;
/// Stretches that a sentence names.
const NAMED: usize = 5;

/// What was found damaged since the wire was opened.
#[derive(Debug, Default)]
pub(super) struct Damage {
    /// Positions whose events can't be read: apart from each other, in order.
    events: Mutex<Vec<RangeInclusive<u64>>>,
    /// Other tables.
    tables: Mutex<BTreeSet<&'static str>>,
}

impl Damage {
    /// The events of these positions can't be read.
    pub(super) fn note_events(&self, lost: RangeInclusive<u64>) {
        let mut events = held(&self.events);
        if events.iter().any(|known| known.contains(lost.start()) && known.contains(lost.end())) {
            return;
        }
        tracing::error!(
            from = lost.start(),
            to = lost.end(),
            "events can't be read, the wire's file is damaged; `flashwire verify` names all damage"
        );
        let touches = |known: &RangeInclusive<u64>| {
            *known.start() <= lost.end().saturating_add(1) && *lost.start() <= known.end() + 1
        };
        let (joined, mut apart): (Vec<_>, Vec<_>) = events.drain(..).partition(touches);
        let from = joined.iter().map(|known| *known.start()).min();
        let to = joined.iter().map(|known| *known.end()).max();
        apart.push(
            from.map_or(*lost.start(), |from| from.min(*lost.start()))
                ..=to.map_or(*lost.end(), |to| to.max(*lost.end())),
        );
        apart.sort_by_key(|known| *known.start());
        *events = apart;
    }

    /// A row of this table can't be read.
    pub(super) fn note(&self, table: &'static str, error: &impl std::fmt::Display) {
        if held(&self.tables).insert(table) {
            tracing::error!(
                table, %error,
                "rows can't be read, the wire's file is damaged; `flashwire verify` names all damage"
            );
        }
    }

    /// An answer, or none where damage stands in its way: what isn't known is told.
    pub(super) fn or_none<T>(
        &self,
        table: &'static str,
        answer: rusqlite::Result<T>,
    ) -> Result<Option<T>, ReadError> {
        match answer {
            Err(error) if is_damage(&error) => {
                self.note(table, &error);
                Ok(None)
            }
            answer => Ok(answer.map(Some)?),
        }
    }

    /// The damaged stretches behind `after` and up to `until`.
    pub(super) fn within(&self, after: Seq, until: Seq) -> Vec<RangeInclusive<Seq>> {
        let events = held(&self.events);
        let cut = events
            .iter()
            .map(|lost| Seq((*lost.start()).max(after.0 + 1))..=Seq((*lost.end()).min(until.0)));
        cut.filter(|lost| lost.start() <= lost.end()).collect()
    }

    /// All of it in a sentence, if there is any.
    pub(super) fn sentence(&self) -> Option<String> {
        let events = held(&self.events);
        let mut parts: Vec<String> =
            events.iter().take(NAMED).map(|lost| said("events", lost)).collect();
        if events.len() > NAMED {
            parts.push(format!("{} more stretches of events", events.len() - NAMED));
        }
        parts.extend(held(&self.tables).iter().map(|table| format!("parts of the table {table}")));
        (!parts.is_empty()).then(|| {
            format!(
                "{} can't be read, the rest is served; `flashwire verify` names all damage, and a \
                 backup made before it has what is lost",
                parts.join(", ")
            )
        })
    }
}

/// Names a stretch of a table.
pub(super) fn said<N: PartialEq + std::fmt::Display>(
    what: &str,
    keys: &RangeInclusive<N>,
) -> String {
    if keys.start() == keys.end() {
        format!("{what} {}", keys.start())
    } else {
        format!("{what} {} to {}", keys.start(), keys.end())
    }
}

/// Whether the file, not the question, is at fault.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// An event's JSON, taken apart; `None` where it is not the one that was told at `seq`.
pub(super) fn event(seq: u64, json: &str) -> Option<Event> {
    serde_json::from_str::<Event>(json).ok().filter(|event| event.seq.0 == seq)
}

/// Which way a table is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To greater keys; the question asks for keys `>= ?1`.
    On,
    /// To smaller keys; the question asks for keys `<= ?1`.
    Back,
}

impl Way {
    fn step(self, key: i64, by: i64) -> i64 {
        match self {
            Way::On => key.saturating_add(by),
            Way::Back => key.saturating_sub(by),
        }
    }

    /// Whether `key` is no further than `end`.
    fn reaches(self, key: i64, end: i64) -> bool {
        match self {
            Way::On => key <= end,
            Way::Back => key >= end,
        }
    }
}

/// Gives the rows that `sql` finds from the key `from` on, as far as the key `end`, to `take`,
/// until that says false; the keys between them that can't be read to `lost`. The key is the first
/// column, and the rows come in its order.
pub(super) fn around(
    db: &Connection,
    sql: &str,
    way: Way,
    (from, end): (i64, i64),
    mut take: impl FnMut(i64, &Row<'_>) -> Result<bool, ReadError>,
    mut lost: impl FnMut(RangeInclusive<i64>),
) -> Result<(), ReadError> {
    let mut next = from;
    let mut statement = db.prepare_cached(sql)?;
    loop {
        let mut rows = statement.query([next])?;
        loop {
            match rows.next() {
                Ok(None) => return Ok(()),
                Ok(Some(row)) => {
                    let key: i64 = row.get(0)?;
                    // A page of garbage may pass for one of rows.
                    if !way.reaches(next, key) || !way.reaches(key, end) {
                        break;
                    }
                    if !take(key, row)? {
                        return Ok(());
                    }
                    next = way.step(key, 1);
                }
                Err(error) if is_damage(&error) => break,
                Err(error) => return Err(error.into()),
            }
        }
        drop(rows);
        let whole = whole_again(&mut statement, way, next, end)?;
        let last = whole.map_or(end, |whole| way.step(whole, -1));
        if way.reaches(next, last) {
            lost(next.min(last)..=next.max(last));
        }
        let Some(whole) = whole else { return Ok(()) };
        next = whole;
    }
}

/// The key of the first row beyond `broken` that can be read.
fn whole_again(
    statement: &mut rusqlite::Statement<'_>,
    way: Way,
    broken: i64,
    end: i64,
) -> Result<Option<i64>, ReadError> {
    let mut key = broken;
    for misses in 0..MISSES {
        key = way.step(key, 1 + misses / CLOSE);
        if !way.reaches(key, end) {
            return Ok(None);
        }
        let mut rows = statement.query([key])?;
        match rows.next() {
            Ok(None) => return Ok(None),
            Ok(Some(row)) => {
                let found: i64 = row.get(0)?;
                if way.reaches(key, found) && way.reaches(found, end) {
                    return Ok(Some(found));
                }
            }
            Err(error) if is_damage(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_that_touch_become_one() {
        let damage = Damage::default();
        for lost in [5..=6, 9..=9, 7..=7, 20..=30, 22..=25] {
            damage.note_events(lost);
        }
        let seqs = |lost: &RangeInclusive<u64>| Seq(*lost.start())..=Seq(*lost.end());
        assert_eq!(
            damage.within(Seq(0), Seq(99)),
            [5..=7, 9..=9, 20..=30].iter().map(seqs).collect::<Vec<_>>()
        );
        assert_eq!(
            damage.within(Seq(5), Seq(21)),
            [6..=7, 9..=9, 20..=21].iter().map(seqs).collect::<Vec<_>>()
        );
        let said = damage.sentence().unwrap();
        assert!(
            said.starts_with("events 5 to 7, events 9, events 20 to 30 can't be read"),
            "{said}"
        );
    }
}
