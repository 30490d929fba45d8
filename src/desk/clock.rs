//! What time events bear, and what is old.
//!
//! The times of events never go back: `since` and whoever sorts by them rely on it. But a clock
//! that was ahead once, and was set right, must not mark all that is told after it: what is old is
//! measured against the clock as it stands now, and that the wire is ahead of it is said.

use jiff::{SignedDuration, Timestamp};

/// Old news is told all the same, but marked: older than this when told.
const STALE_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// Clocks are set by less than this every day; nobody need hear of it.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(1);

/// The time of what is told now, after something that bears the time `last`: the present, or the
/// least that is later.
pub(super) fn next(last: Timestamp, now: Timestamp) -> Timestamp {
    let least = last.checked_add(SignedDuration::from_micros(1)).unwrap_or(last);
    now.max(least)
}

/// How far the last time given is ahead of the clock, in whole seconds, where that is worth
/// saying.
pub(super) fn ahead(last: Timestamp, now: Timestamp) -> Option<SignedDuration> {
    let ahead = SignedDuration::from_secs(last.duration_since(now).as_secs());
    Some(ahead).filter(|ahead| *ahead > AHEAD_MAX)
}

/// Whether what is dated so is old news now.
pub(super) fn is_stale(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) > STALE_AFTER
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    fn noon() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn times_go_on_whatever_the_clock_says() {
        let mut last = Timestamp::MIN;
        for now in [noon(), noon(), noon() - 1.hour(), noon() + 240.hours(), noon() + 1.hour()] {
            let time = next(last, now);
            assert!(time > last && time >= now);
            last = time;
        }
        assert_eq!(last, noon() + 240.hours() + 1.microsecond());
        assert_eq!(next(noon(), noon() + 1.second()), noon() + 1.second());
        assert_eq!(next(Timestamp::MAX, noon()), Timestamp::MAX);
    }

    #[test]
    fn a_wire_that_is_far_ahead_is_worth_a_word() {
        assert_eq!(ahead(noon() + 240.hours(), noon()), Some(SignedDuration::from_hours(240)));
        for near in [noon(), noon() - 1.hour(), noon() + 30.seconds()] {
            assert_eq!(ahead(near, noon()), None);
        }
    }

    #[test]
    fn old_is_a_day_before_the_present() {
        assert!(is_stale(noon() - 25.hours(), noon()));
        assert!(!is_stale(noon() - 23.hours(), noon()));
        assert!(!is_stale(noon() + 240.hours(), noon()));
    }
}
