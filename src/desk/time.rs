//! When a page was captured, and how long things took.

use std::time::Duration;

use jiff::{Timestamp, civil, tz::TimeZone};

use super::submission::Provenance;
use crate::item::Item;

/// Old news is told all the same, but marked: older than this when told.
const STALE_AFTER: Duration = Duration::from_secs(24 * 3600);

/// When the page was captured: as its crawler said, else not before the newest day printed on it
/// and not after it was noticed.
pub(super) fn page_time(from: &Provenance, newest_date: Option<civil::Date>) -> Timestamp {
    if let Some(captured) = from.captured {
        // A crawler whose clock is ahead must not move the dedup window into the future.
        return captured.min(from.seen);
    }
    let printed =
        newest_date.and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map(|day| day.timestamp());
    from.seen.min(printed.map_or(from.modified, |printed| printed.max(from.modified)))
}

/// Whether what is told at `time` is old news: the page is, or the item's own date.
pub(super) fn stale(item: &Item, page_time: Timestamp, time: Timestamp) -> bool {
    let old = |at: Timestamp| {
        time.duration_since(at) > jiff::SignedDuration::try_from(STALE_AFTER).unwrap_or_default()
    };
    old(page_time) || item.published().and_then(|printed| printed.instant()).is_some_and(old)
}

/// Microseconds from one instant to a later one, 0 where the clock was set back between.
pub fn micros_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_microsecond() - from.as_microsecond()).unwrap_or(0)
}
