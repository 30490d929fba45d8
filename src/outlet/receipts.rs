//! Who has read what: one row for each sitting of each token's reader.

use std::{path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use crate::{
    follower::Trouble,
    item::{Cursor, Seq},
};

use super::places::Places;

/// How long a sitting is remembered.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a token's reader got in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    /// When it began, in microseconds since 1970; no two have the same.
    pub began: u64,
    /// Hash of its token.
    pub token: [u8; 32],
    /// It began after this.
    pub after: Cursor,
    /// Everything up to here that it wanted was sent.
    pub through: Seq,
    /// When that was last so.
    pub last: Timestamp,
}

/// The sittings of the last thirty days.
#[derive(Clone, Debug)]
pub struct Receipts(Arc<Places>);

impl Receipts {
    /// Those kept beside the wire at `wire`.
    pub fn beside(wire: &Path) -> Self {
        Receipts(Places::beside(wire))
    }

    /// Keeps sittings that go on or are new. One that begins where another of the same reader
    /// ended is the same: whoever polls sits once.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn keep(&self, sittings: &[Sitting], now: Timestamp) -> Result<(), Trouble> {
        let number = |seq: Seq| i64::try_from(seq.0).unwrap_or(i64::MAX);
        self.0.ask(|db| {
            let tx = db.unchecked_transaction()?;
            let old = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN).as_microsecond();
            tx.prepare_cached("DELETE FROM sitting WHERE last_at < ?1")?.execute([old])?;
            for it in sittings {
                let (after, through) = (number(it.after.seq), number(it.through));
                let (epoch, last) = (it.after.epoch.as_str(), it.last.as_microsecond());
                let began = i64::try_from(it.began).unwrap_or(i64::MAX);
                let goes_on = tx
                    .prepare_cached(
                        "UPDATE sitting SET through = ?1, last_at = ?2
                         WHERE sitting = ?3 OR sitting =
                            (SELECT sitting FROM sitting WHERE token = ?4 AND epoch = ?5
                             AND through = ?6 AND sitting < ?3 LIMIT 1)",
                    )?
                    .execute((through, last, began, it.token, epoch, after))?;
                if goes_on == 0 {
                    tx.prepare_cached(
                        "INSERT INTO sitting (sitting, token, epoch, after, through, last_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute((began, it.token, epoch, after, through, last))?;
                }
            }
            tx.commit()
        })
    }

    /// All that are remembered, the oldest first.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn all(&self) -> Result<Vec<Sitting>, Trouble> {
        let rows = self.0.ask(|db| {
            let mut rows = db.prepare_cached(
                "SELECT sitting, token, epoch, after, through, last_at FROM sitting
                 ORDER BY sitting",
            )?;
            let rows = rows.query_map([], |row| {
                let number = |at| row.get::<_, i64>(at).map(|it| u64::try_from(it).unwrap_or(0));
                let (epoch, last): (String, i64) = (row.get(2)?, row.get(5)?);
                let (began, after, through) = (number(0)?, number(3)?, number(4)?);
                Ok((began, row.get(1)?, epoch, after, through, last))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let sitting = |(began, token, epoch, after, through, last): (u64, _, String, u64, _, _)| {
            Some(Sitting {
                began,
                token,
                after: Cursor { epoch: epoch.parse().ok()?, seq: Seq(after) },
                through: Seq(through),
                last: Timestamp::from_microsecond(last).ok()?,
            })
        };
        Ok(rows.into_iter().filter_map(sitting).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Epoch;

    #[test]
    fn whoever_polls_sits_once_and_who_begins_elsewhere_again() {
        let folder = tempfile::tempdir().unwrap();
        let receipts = Receipts::beside(&folder.path().join("w.db"));
        let now: Timestamp = "2026-11-20T15:00:00Z".parse().unwrap();
        let sitting = |began: u64, token: u8, after: u64, through: u64| Sitting {
            began,
            token: [token; 32],
            after: Cursor { epoch: Epoch::from_bits(1), seq: Seq(after) },
            through: Seq(through),
            last: now,
        };
        let keep = |it: Sitting| receipts.keep(&[it], now).unwrap();
        keep(sitting(1, 7, 0, 10));
        keep(sitting(1, 7, 0, 20));
        keep(sitting(2, 7, 20, 30));
        keep(sitting(3, 8, 30, 40));
        keep(sitting(4, 7, 35, 40));
        let kept = || -> Vec<_> {
            let all = receipts.all().unwrap();
            all.iter().map(|it| (it.token[0], it.after.seq.0, it.through.0)).collect()
        };
        assert_eq!(kept(), [(7, 0, 30), (8, 30, 40), (7, 35, 40)]);
        let later = now + SignedDuration::from_hours(31 * 24);
        receipts.keep(&[Sitting { last: later, ..sitting(5, 9, 0, 1) }], later).unwrap();
        assert_eq!(kept(), [(9, 0, 1)]);
    }
}
