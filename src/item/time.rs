//! Times as pages print them and as the wire writes them.

use jiff::{Timestamp, civil};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A time printed on a page: `2024-02-07T18:38:00+02:00` where the page names its zone,
/// `2024-02-07T18:38:00` (the page's own clock) where it doesn't, `2024-02-07` where it prints
/// only the day. A zone is never guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PrintedTime(String);

impl PrintedTime {
    /// A time with its zone's offset, kept as printed.
    pub fn zoned(at: &jiff::Zoned) -> Self {
        let offset = at.offset();
        PrintedTime(if offset.is_zero() {
            format!("{}Z", at.datetime())
        } else {
            format!("{}{}", at.datetime(), at.strftime("%:z"))
        })
    }

    /// A time without a zone.
    pub fn civil(at: civil::DateTime) -> Self {
        PrintedTime(at.to_string())
    }

    /// A day.
    pub fn day(at: civil::Date) -> Self {
        PrintedTime(at.to_string())
    }

    /// The ISO 8601 form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The printed calendar day.
    pub fn date(&self) -> Option<civil::Date> {
        self.0.get(..10)?.parse().ok()
    }

    /// The instant; a time without zone is read as UTC, a day as its noon, so it may be off by
    /// up to 14 hours: good enough to say "more than a day old", no more.
    pub fn instant(&self) -> Option<Timestamp> {
        if let Ok(at) = self.0.parse::<Timestamp>() {
            return Some(at);
        }
        let civil = match self.0.parse::<civil::DateTime>() {
            Ok(at) if self.0.len() > 10 => at,
            _ => self.date()?.at(12, 0, 0, 0),
        };
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    }
}

/// Serde form of an instant on the wire: RFC 3339 UTC with exactly six decimals, so that times
/// sort as text.
pub mod micros {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    /// The text form.
    pub fn text(at: Timestamp) -> String {
        format!("{at:.6}")
    }

    /// Writes the text form.
    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&text(*at))
    }

    /// Reads any RFC 3339 instant.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        Timestamp::deserialize(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_times_have_six_decimals() {
        let at: Timestamp = "2026-11-20T15:04:05.1Z".parse().unwrap();
        assert_eq!(micros::text(at), "2026-11-20T15:04:05.100000Z");
    }

    #[test]
    fn a_printed_time_keeps_its_zone_or_has_none() {
        let zoned: jiff::Zoned = "2024-02-07T18:38:00+02:00[+02:00]".parse().unwrap();
        assert_eq!(PrintedTime::zoned(&zoned).as_str(), "2024-02-07T18:38:00+02:00");
        assert_eq!(
            PrintedTime::zoned(&zoned).instant().unwrap().to_string(),
            "2024-02-07T16:38:00Z"
        );
        let civil = PrintedTime::civil(civil::date(2024, 2, 7).at(18, 38, 0, 0));
        assert_eq!(civil.as_str(), "2024-02-07T18:38:00");
        assert_eq!(civil.instant().unwrap().to_string(), "2024-02-07T18:38:00Z");
        let day = PrintedTime::day(civil::date(2024, 2, 7));
        assert_eq!(day.instant().unwrap().to_string(), "2024-02-07T12:00:00Z");
    }
}
