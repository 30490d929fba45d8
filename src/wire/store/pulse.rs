//! Who feeds the wire, and how much is told: for the eyes of people.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde::Serialize;

use crate::item::micros;

use super::read::{Read, instant, shown};

/// The newest pages that are looked at: a day's, unless the day was a flood.
const PAGES: i64 = 100_000;

/// Reasons of a source that are named one by one.
const REASONS: usize = 5;

const HOURS: usize = 24;
const MINUTES: usize = 60;

/// What was told and what came in, up to now.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pulse {
    /// When this was counted.
    #[serde(with = "micros")]
    pub at: Timestamp,
    /// Events told in each of the last sixty minutes, oldest first.
    pub minutes: Vec<u64>,
    /// Who gave pages within the last 24 hours, the busiest first.
    pub sources: Vec<SourcePulse>,
}

/// One source's last 24 hours.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourcePulse {
    /// The source's name or host; `None` for pages that name nobody.
    pub name: Option<String>,
    /// When its newest page was noticed.
    #[serde(with = "micros")]
    pub last_page: Timestamp,
    /// Pages in all.
    pub pages: u64,
    /// Pages in each hour, oldest first.
    pub hours: Vec<u64>,
    /// Half of its pages come within this many seconds after the one before; `None` for too few.
    pub rhythm_seconds: Option<u64>,
    /// Pages that were set aside.
    pub rejected: u64,
    /// The newest of those, each with its reason.
    pub reasons: Vec<SetAside>,
}

/// A page that was set aside.
#[derive(Clone, Debug, Serialize)]
pub struct SetAside {
    /// Its path below the watched folder.
    pub name: String,
    /// Why, in a sentence.
    pub reason: String,
    /// When it was noticed.
    #[serde(with = "micros")]
    pub at: Timestamp,
}

#[derive(Default)]
struct Counted {
    seen: Vec<i64>,
    hours: [u64; HOURS],
    rejected: u64,
    reasons: Vec<SetAside>,
}

pub(super) fn pulse(db: &Connection, now: Timestamp) -> Read<Pulse> {
    let day = (now - SignedDuration::from_hours(HOURS as i64)).as_microsecond();
    let mut counted: BTreeMap<Option<String>, Counted> = BTreeMap::new();
    let mut statement = db.prepare_cached(
        "SELECT source, seen_at, outcome, name, reason FROM page
         WHERE page > (SELECT coalesce(max(page), 0) FROM page) - ?1 AND seen_at >= ?2
         ORDER BY page DESC",
    )?;
    let mut rows = statement.query((PAGES, day))?;
    while let Some(row) = rows.next()? {
        let source = counted.entry(row.get(0)?).or_default();
        let seen: i64 = row.get(1)?;
        source.seen.push(seen);
        source.hours[part(seen - day, 3600, HOURS)] += 1;
        if row.get_ref(2)?.as_str().is_ok_and(|outcome| outcome != "done") {
            source.rejected += 1;
            if source.reasons.len() < REASONS {
                let name = shown(&row.get::<_, Vec<u8>>(3)?);
                let reason: Option<String> = row.get(4)?;
                let reason = reason.unwrap_or(row.get(2)?);
                source.reasons.push(SetAside { name, reason, at: instant(seen) });
            }
        }
    }
    let mut sources: Vec<_> =
        counted.into_iter().map(|(name, counted)| counted.summed(name)).collect();
    sources.sort_by_key(|source| std::cmp::Reverse(source.pages));
    Ok(Pulse { at: now, minutes: minutes(db, now)?, sources })
}

fn minutes(db: &Connection, now: Timestamp) -> Read<Vec<u64>> {
    let since = (now - SignedDuration::from_mins(MINUTES as i64)).as_microsecond();
    let mut minutes = vec![0; MINUTES];
    let mut statement = db.prepare_cached("SELECT at FROM event WHERE at >= ?1")?;
    let mut rows = statement.query([since])?;
    while let Some(row) = rows.next()? {
        minutes[part(row.get::<_, i64>(0)? - since, 60, MINUTES)] += 1;
    }
    Ok(minutes)
}

/// Which of `count` stretches of so many seconds an instant lies in.
fn part(micros: i64, seconds: i64, count: usize) -> usize {
    usize::try_from(micros / (seconds * 1_000_000)).unwrap_or(0).min(count - 1)
}

impl Counted {
    fn summed(mut self, name: Option<String>) -> SourcePulse {
        self.seen.sort_unstable();
        let last_page = instant(self.seen.last().copied().unwrap_or_default());
        let mut gaps: Vec<_> = self.seen.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_unstable();
        let median = gaps.get(gaps.len() / 2).filter(|_| gaps.len() >= 3);
        SourcePulse {
            name,
            last_page,
            pages: self.seen.len() as u64,
            hours: self.hours.to_vec(),
            rhythm_seconds: median.map(|micros| micros.unsigned_abs() / 1_000_000),
            rejected: self.rejected,
            reasons: self.reasons,
        }
    }
}
