//! Moments and comparisons as people write them.

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

/// The first moment that `text` speaks of, read at `now`: an age (`-15m`), an RFC 3339 time, or a
/// day or a time of day of UTC.
pub(super) fn first(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Some(age) = text.strip_prefix('-') {
        return now.checked_sub(duration(age)?).ok();
    }
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let civil = match text.parse::<civil::Date>() {
        // Tried first, because the other would read a day as its midnight, too.
        Ok(day) if !text.contains(['T', 't', ' ']) => day.to_datetime(civil::Time::midnight()),
        _ => text.parse::<civil::DateTime>().ok()?,
    };
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The last moment that `text` speaks of: as [`first`], but of a day its end.
pub(super) fn last(text: &str, now: Timestamp) -> Option<Timestamp> {
    let begin = first(text, now)?;
    if text.len() == "2026-11-20".len() && !text.starts_with('-') {
        return begin.checked_add(SignedDuration::new(86_399, 999_999_999)).ok();
    }
    Some(begin)
}

/// `90s`, `15m`, `2h`, `1d`.
fn duration(text: &str) -> Option<SignedDuration> {
    let unit = match text.bytes().last()? {
        b's' => 1,
        b'm' => 60,
        b'h' => 3600,
        b'd' => 86_400,
        _ => return None,
    };
    let count: u32 = text[..text.len() - 1].parse().ok()?;
    Some(SignedDuration::from_secs(i64::from(count) * unit))
}

/// How a number must stand to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cmp {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`, or nothing
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

impl Cmp {
    /// `<=2` → at most, `2`.
    pub(super) fn split(text: &str) -> (Cmp, &str) {
        let signs = [
            ("<=", Cmp::AtMost),
            (">=", Cmp::AtLeast),
            ("<", Cmp::Less),
            (">", Cmp::More),
            ("=", Cmp::Equal),
        ];
        let found = signs.iter().find_map(|(sign, cmp)| Some((*cmp, text.strip_prefix(sign)?)));
        found.unwrap_or((Cmp::Equal, text))
    }

    /// Whether `it` stands so to `to`.
    pub fn holds(self, it: u32, to: u32) -> bool {
        match self {
            Cmp::Less => it < to,
            Cmp::AtMost => it <= to,
            Cmp::Equal => it == to,
            Cmp::AtLeast => it >= to,
            Cmp::More => it > to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        let now: Timestamp = "2026-11-20T15:00:00Z".parse().unwrap();
        let is = |read: Option<Timestamp>, want: &str| {
            assert_eq!(read, Some(want.parse().unwrap()), "{want}");
        };
        is(first("-15m", now), "2026-11-20T14:45:00Z");
        is(first("2026-11-19", now), "2026-11-19T00:00:00Z");
        is(last("2026-11-19", now), "2026-11-19T23:59:59.999999999Z");
        is(first("2026-11-19T06:30", now), "2026-11-19T06:30:00Z");
        is(last("2026-11-19T06:30:00+02:00", now), "2026-11-19T04:30:00Z");
        for bad in ["", "-", "-15w", "15m", "yesterday", "2026-13-01", "-é"] {
            assert_eq!(first(bad, now), None, "{bad}");
        }
    }
}
