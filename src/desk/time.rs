//! When a page was captured, and how long things took.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::submission::Provenance;

/// When the page was captured: as its crawler said, else not before the newest day printed on it
/// and not after it was noticed. In whole microseconds, as the wire keeps it: what is read back
/// must not be a little older than what is in memory.
pub(super) fn page_time(from: &Provenance, newest_date: Option<civil::Date>) -> Timestamp {
    let at = captured(from, newest_date);
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

fn captured(from: &Provenance, newest_date: Option<civil::Date>) -> Timestamp {
    if let Some(captured) = from.captured {
        // A crawler whose clock is ahead must not move the dedup window into the future.
        return captured.min(from.seen);
    }
    let printed =
        newest_date.and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map(|day| day.timestamp());
    from.seen.min(printed.map_or(from.modified, |printed| printed.max(from.modified)))
}

/// Microseconds from one instant to a later one, 0 where the clock was set back between.
pub fn micros_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_microsecond() - from.as_microsecond()).unwrap_or(0)
}
