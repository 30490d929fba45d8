//! Times as machines write them into pages: ISO 8601 and its relatives, RFC 2822, Unix seconds.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{Offset, TimeZone},
};

use crate::{item::PrintedTime, parse::date};

/// Reads a machine-written time. Years before 1990 and after 2100 are no publication dates.
pub(super) fn machine(text: &str) -> Option<PrintedTime> {
    let text = text.trim().trim_matches(['"', '\'']);
    iso(text)
        .or_else(|| compact(text))
        .or_else(|| mail(text))
        .or_else(|| unix(text))
        .or_else(|| date::alone(text))
}

fn day(year: &str, month: &str, day: &str) -> Option<Date> {
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    (1990..=2100).contains(&date.year()).then_some(date)
}

fn iso(text: &str) -> Option<PrintedTime> {
    let split = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '/' | '.')));
    let (date, rest) = text.split_at(split.unwrap_or(text.len()));
    let mut parts = date.split(['-', '/', '.']);
    let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
    if y.len() != 4 || m.len() > 2 || d.len() > 2 || parts.next().is_some_and(|p| !p.is_empty()) {
        return None;
    }
    let date = day(y, m, d)?;
    let rest = rest.trim_start_matches(['T', 't', ' ', ',', '_']);
    let Some((time, zone)) = clock(rest) else { return Some(PrintedTime::day(date)) };
    Some(at(date.to_datetime(time), zone))
}

/// `20240207` and `20240207T183800Z`.
fn compact(text: &str) -> Option<PrintedTime> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let date = (digits == 8 || digits == 14)
        .then(|| day(text.get(..4)?, text.get(4..6)?, text.get(6..8)?))
        .flatten()?;
    let rest = text[8..].trim_start_matches(['T', ' ']);
    if rest.len() >= 4 && rest.as_bytes()[..4].iter().all(u8::is_ascii_digit) {
        let seconds = rest.get(4..6).and_then(|s| s.parse().ok()).unwrap_or(0);
        let time = Time::new(rest[..2].parse().ok()?, rest[2..4].parse().ok()?, seconds, 0).ok()?;
        let zone = rest.ends_with('Z').then_some(Offset::UTC);
        return Some(at(date.to_datetime(time), zone));
    }
    Some(PrintedTime::day(date))
}

/// `18:38[:05[.123]][ am|pm][Z|+02:00|+0200|+02| GMT]`
fn clock(text: &str) -> Option<(Time, Option<Offset>)> {
    let (hour, rest) = text.split_once(':')?;
    let mut hour: i8 = hour.trim().parse().ok()?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let minute = rest.get(..digits.min(2))?.parse().ok()?;
    let mut rest = &rest[digits.min(2)..];
    let mut second = 0;
    if let Some(more) = rest.strip_prefix(':') {
        let digits = more.bytes().take_while(u8::is_ascii_digit).count();
        second = more.get(..digits.min(2))?.parse().ok()?;
        rest = &more[digits.min(2)..];
    }
    if let Some(more) = rest.strip_prefix(['.', ',']) {
        rest = more.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let rest = rest.trim_start();
    let lower = rest.to_ascii_lowercase();
    let rest = if lower.starts_with("pm") || lower.starts_with("am") {
        hour = hour % 12 + if lower.starts_with("pm") { 12 } else { 0 };
        rest[2..].trim_start()
    } else {
        rest
    };
    Some((Time::new(hour, minute, second, 0).ok()?, offset(rest)))
}

fn offset(text: &str) -> Option<Offset> {
    let upper = text.to_ascii_uppercase();
    if upper.starts_with('Z') || upper.starts_with("GMT") || upper.starts_with("UTC") {
        return Some(Offset::UTC);
    }
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').take(4).collect();
    if digits.len() < 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits.get(2..4).and_then(|m| m.parse().ok()).unwrap_or(0);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn at(civil: DateTime, zone: Option<Offset>) -> PrintedTime {
    let zoned = zone.and_then(|z| civil.to_zoned(TimeZone::fixed(z)).ok());
    zoned.map_or_else(|| PrintedTime::civil(civil), |z| PrintedTime::zoned(&z))
}

/// `Wed, 07 Feb 2024 18:38:00 +0200` and `Wed Feb 07 18:38:00 +0000 2024`.
fn mail(text: &str) -> Option<PrintedTime> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let words: Vec<&str> = text.split([' ', ',']).filter(|w| !w.is_empty()).collect();
    let (index, month) = words.iter().enumerate().take(4).find_map(|(i, w)| {
        let start = w.get(..3)?.to_ascii_lowercase();
        MONTHS.iter().position(|m| *m == start).map(|m| (i, m + 1))
    })?;
    let number = |w: &str| w.trim_end_matches(|c: char| !c.is_ascii_digit()).to_owned();
    let year = words.iter().map(|w| number(w)).find(|w| w.len() == 4)?;
    let before =
        index.checked_sub(1).map(|i| number(words[i])).filter(|d| !d.is_empty() && d.len() <= 2);
    let after = words.get(index + 1).map(|d| number(d)).filter(|d| d.len() <= 2);
    let date = day(&year, &month.to_string(), &before.or(after)?)?;
    let time = words.iter().position(|w| w.contains(':')).and_then(|i| {
        let (time, zone) = clock(words[i])?;
        let next = words.get(i + 1).copied().unwrap_or_default();
        let half = next.to_ascii_lowercase();
        let time = match half.trim_end_matches('.') {
            "pm" if time.hour() < 12 => time.with().hour(time.hour() + 12).build().ok()?,
            "am" if time.hour() == 12 => time.with().hour(0).build().ok()?,
            _ => time,
        };
        Some((time, zone.or_else(|| offset(next))))
    });
    Some(match time {
        Some((time, zone)) => at(date.to_datetime(time), zone),
        None => PrintedTime::day(date),
    })
}

fn unix(text: &str) -> Option<PrintedTime> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    let seconds = match text.len() {
        10 => number,
        13 => number / 1000,
        _ => return None,
    };
    let at = Timestamp::from_second(seconds).ok()?;
    Some(PrintedTime::zoned(&at.to_zoned(TimeZone::UTC)))
}

/// An instant given in UTC, in the zone of the clock that the page prints for it: where both name
/// the same minute but for a difference as zones have, the difference is the zone.
pub(super) fn on_the_pages_clock(utc: &PrintedTime, printed: &PrintedTime) -> Option<PrintedTime> {
    const DAY_HALF: i64 = 14 * 3600;
    let instant = utc.as_str().ends_with('Z').then(|| utc.instant())??;
    let local: DateTime = printed.as_str().get(..19)?.parse().ok()?;
    let local_as_utc = local.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let minute = |at: Timestamp| at.as_second().div_euclid(60);
    let ahead = (minute(local_as_utc) - minute(instant)) * 60;
    if ahead == 0 || ahead % 900 != 0 || ahead.abs() > DAY_HALF {
        return None;
    }
    let offset = Offset::from_seconds(i32::try_from(ahead).ok()?).ok()?;
    Some(PrintedTime::zoned(&instant.to_zoned(TimeZone::fixed(offset))))
}

/// The day in a URL's path: `/2024/02/07/`, `/2024-02-07-…`, `/20240207/`.
pub(super) fn in_url(url: &str) -> Option<PrintedTime> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split(['?', '#']).next()?;
    let mut parts: Vec<&str> = path.split(['/', '-', '_', '.']).skip(1).collect();
    parts.retain(|p| !p.is_empty());
    for window in parts.windows(3) {
        let [y, m, d] = window else { continue };
        if y.len() == 4
            && m.len() <= 2
            && d.len() <= 2
            && y.starts_with("20")
            && let Some(date) = day(y, m, d)
        {
            return Some(PrintedTime::day(date));
        }
    }
    parts.iter().find_map(|p| {
        (p.len() == 8 && p.starts_with("20") && p.bytes().all(|b| b.is_ascii_digit()))
            .then(|| day(&p[..4], &p[4..6], &p[6..8]))?
            .map(PrintedTime::day)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        machine(text).map(|t| t.as_str().to_owned())
    }

    #[test]
    fn machines_write_times_in_many_ways() {
        for (text, want) in [
            ("2031-02-07T18:38:00+02:00", "2031-02-07T18:38:00+02:00"),
            ("2031-02-07T18:38:00.123Z", "2031-02-07T18:38:00Z"),
            ("2031-02-07T18:38:00+0200", "2031-02-07T18:38:00+02:00"),
            ("2031-02-07 18:38", "2031-02-07T18:38:00"),
            ("2031/2/7 6:38 pm", "2031-02-07T18:38:00"),
            ("2031-02-07", "2031-02-07"),
            ("20310207", "2031-02-07"),
            ("20310207T183800Z", "2031-02-07T18:38:00Z"),
            ("Fri, 07 Feb 2031 18:38:00 GMT", "2031-02-07T18:38:00Z"),
            ("Fri Feb 07 18:38:00 +0200 2031", "2031-02-07T18:38:00+02:00"),
            ("February 7, 2031 6:38 PM", "2031-02-07T18:38:00"),
            ("1928342280", "2031-02-08T18:38:00Z"),
            ("1928342280000", "2031-02-08T18:38:00Z"),
        ] {
            assert_eq!(of(text).as_deref(), Some(want), "{text}");
        }
        for text in ["", "soon", "2031-02-30", "0001-01-01T00:00:00Z", "31"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn the_pages_clock_names_the_zone() {
        let of = |utc: &str, printed: &str| {
            let (utc, printed) = (machine(utc).unwrap(), machine(printed).unwrap());
            on_the_pages_clock(&utc, &printed).map(|t| t.as_str().to_owned())
        };
        let utc = "2031-02-08T04:10:41Z";
        assert_eq!(of(utc, "2031-02-07 23:10").as_deref(), Some("2031-02-07T23:10:41-05:00"));
        assert_eq!(of(utc, "2031-02-08 09:40").as_deref(), Some("2031-02-08T09:40:41+05:30"));
        assert_eq!(of(utc, "2031-02-08 04:10"), None);
        assert_eq!(of(utc, "2031-02-08 09:41"), None);
        assert_eq!(of(utc, "2031-02-08"), None);
    }

    #[test]
    fn urls_carry_days() {
        let of = |u| in_url(u).map(|t| t.as_str().to_owned());
        assert_eq!(of("https://a.example/2031/02/07/ferry").as_deref(), Some("2031-02-07"));
        assert_eq!(of("https://a.example/n/20310207-ferry").as_deref(), Some("2031-02-07"));
        assert_eq!(of("https://a.example/2031/ferry-1-2"), None);
    }
}
