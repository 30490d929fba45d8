//! What a subscriber asks for, as query parameters.

use jiff::{SignedDuration, Timestamp};

use crate::item::{Action, Cursor, EventId, Kind, Seq};

use super::{audience::Interest, filter::Filter};

/// Where to begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// With what happens from now on.
    #[default]
    Latest,
    /// With the oldest event there is.
    Earliest,
    /// After this cursor.
    After(Cursor),
    /// After this position of the present epoch.
    AfterSeq(Seq),
    /// After this event.
    AfterEvent(EventId),
    /// With what was told at or after this moment.
    Since(Timestamp),
    /// With the newest so many that match.
    Last(usize),
}

/// How much of an article is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Body {
    /// The body too.
    #[default]
    Full,
    /// All but the body.
    None,
}

/// A subscription as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// Where to begin.
    pub start: Start,
    pub(super) interest: Interest,
}

/// A parameter that is unknown, or has a value that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadParameter {
    /// Which one.
    pub name: String,
    /// What is wrong with it, and what to write.
    pub message: String,
}

impl BadParameter {
    fn new(name: &str, message: impl Into<String>) -> Self {
        BadParameter { name: name.to_owned(), message: message.into() }
    }

    fn value(name: &str, value: &str, expected: &str) -> Self {
        Self::new(name, format!("{name}={value} can't be used: expected {expected}"))
    }
}

/// Most events that `last` may ask for.
pub(super) const LAST_MOST: usize = 1000;

const NAMES: &str = "cursor, since, last, kind, action, source, lang, backfill, q, body";

impl Subscription {
    /// Reads the query parameters of a request made at `now`.
    ///
    /// # Errors
    /// The first parameter that is unknown, comes twice though it may not, or has a bad value.
    pub fn read<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        now: Timestamp,
    ) -> Result<Self, BadParameter> {
        let mut read = Subscription::default();
        let mut begun: Option<&str> = None;
        let mut once: Vec<&str> = Vec::new();
        for (name, value) in pairs {
            if matches!(name, "q" | "body" | "backfill") {
                if once.contains(&name) {
                    return Err(BadParameter::new(
                        name,
                        format!("{name} stands twice; give it once"),
                    ));
                }
                once.push(name);
            }
            if let Some(start) = start(name, value, now)? {
                if let Some(other) = begun.replace(name) {
                    return Err(BadParameter::new(
                        name,
                        format!("{other} and {name} both say where to begin; give one of them"),
                    ));
                }
                read.start = start;
                continue;
            }
            read.interest.set(name, value)?;
        }
        Ok(read)
    }
}

fn start(name: &str, value: &str, now: Timestamp) -> Result<Option<Start>, BadParameter> {
    let start = match name {
        "cursor" => cursor(value).ok_or_else(|| {
            BadParameter::value(
                name,
                value,
                "`epoch:seq` such as k3f9x2ab:1841, a seq, id:fw-…, earliest or latest",
            )
        })?,
        "since" => {
            let ago = value.strip_prefix('-').and_then(duration);
            let since = match ago {
                Some(ago) => now.checked_sub(ago).ok(),
                None => value.parse().ok(),
            };
            Start::Since(since.ok_or_else(|| {
                BadParameter::value(
                    name,
                    value,
                    "an RFC 3339 time such as 2026-11-20T15:04:05Z (a + as %2B), or an age such as -15m, -2h, -1d",
                )
            })?)
        }
        "last" => match value.parse() {
            Ok(last @ 0..=LAST_MOST) => Start::Last(last),
            _ => {
                return Err(BadParameter::value(name, value, &format!("0 to {LAST_MOST}")));
            }
        },
        _ => return Ok(None),
    };
    Ok(Some(start))
}

fn cursor(value: &str) -> Option<Start> {
    match value {
        "earliest" => Some(Start::Earliest),
        "latest" => Some(Start::Latest),
        _ if value.starts_with("id:") => value[3..].parse().ok().map(Start::AfterEvent),
        _ if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => {
            value.parse().ok().map(|seq| Start::AfterSeq(Seq(seq)))
        }
        _ => value.parse().ok().map(Start::After),
    }
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

impl Interest {
    /// Sets one parameter of what is wanted: query parameters and the operation `filter` share
    /// this.
    ///
    /// # Errors
    /// An unknown name or a value that can't be used.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), BadParameter> {
        let filter: &mut Filter = &mut self.filter;
        let listed = value.split(',').map(str::trim);
        match name {
            "kind" => {
                for word in listed {
                    let kind =
                        [Kind::Ticker, Kind::Article].into_iter().find(|k| k.as_str() == word);
                    filter.kind(
                        kind.ok_or_else(|| BadParameter::value(name, word, "ticker or article"))?,
                    );
                }
            }
            "action" => {
                use Action::{New, Related, Update, Withdrawn};
                for word in listed {
                    let all = [New, Update, Related, Withdrawn];
                    let action = all.into_iter().find(|action| action.as_str() == word);
                    filter.action(action.ok_or_else(|| {
                        BadParameter::value(name, word, "new, update, related or withdrawn")
                    })?);
                }
            }
            "source" => {
                if !value.chars().any(char::is_alphanumeric) {
                    return Err(BadParameter::value(name, value, "a source's name or host"));
                }
                filter.source(value);
            }
            "lang" => {
                for tag in listed {
                    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
                    if tag.len() < 2 || tag.len() > 35 || !tag.bytes().all(plain) {
                        return Err(BadParameter::value(
                            name,
                            tag,
                            "a language tag such as en or ar",
                        ));
                    }
                    filter.language(tag);
                }
            }
            "backfill" => match value {
                "0" => filter.backfill(false),
                "1" => filter.backfill(true),
                _ => return Err(BadParameter::value(name, value, "0 or 1")),
            },
            "q" => filter.query(value).map_err(|bad| BadParameter::new(name, bad.to_string()))?,
            "body" => {
                self.body = match value {
                    "full" => Body::Full,
                    "none" => Body::None,
                    _ => return Err(BadParameter::value(name, value, "full or none")),
                }
            }
            _ => {
                return Err(BadParameter::new(
                    name,
                    format!("there is no parameter `{name}`; parameters are {NAMES}"),
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Subscription, BadParameter> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let now = "2026-11-20T15:00:00Z".parse().unwrap();
        Subscription::read(pairs.map(|pair| pair.split_once('=').unwrap()), now)
    }

    #[test]
    fn where_to_begin() {
        let start = |query: &str| read(query).unwrap().start;
        assert_eq!(start(""), Start::Latest);
        assert_eq!(start("cursor=earliest"), Start::Earliest);
        assert_eq!(start("cursor=1841"), Start::AfterSeq(Seq(1841)));
        assert_eq!(start("cursor=k3f9x2ab:1841"), Start::After("k3f9x2ab:1841".parse().unwrap()));
        let id = EventId([7; 16]);
        assert_eq!(start(&format!("cursor=id:{id}")), Start::AfterEvent(id));
        let since = "2026-11-20T14:45:00Z".parse().unwrap();
        assert_eq!(start("since=-15m"), Start::Since(since));
        assert_eq!(start("since=2026-11-20T14:45:00Z"), Start::Since(since));
        assert_eq!(start("last=20"), Start::Last(20));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (query, name) in [
            ("curser=1", "curser"),
            ("cursor=-1", "cursor"),
            ("cursor=", "cursor"),
            ("cursor=K3F9X2AB:1", "cursor"),
            ("cursor=id:fw-1", "cursor"),
            ("cursor=18446744073709551616", "cursor"),
            ("since=yesterday", "since"),
            ("since=-15w", "since"),
            ("last=1001", "last"),
            ("last=5&cursor=3", "cursor"),
            ("kind=video", "kind"),
            ("kind=ticker,video", "kind"),
            ("action=repeat", "action"),
            ("source=", "source"),
            ("lang=e n", "lang"),
            ("backfill=no", "backfill"),
            ("q=a&q=b", "q"),
            ("q=\"a", "q"),
            ("body=half", "body"),
        ] {
            let bad = read(query).unwrap_err();
            assert_eq!(bad.name, name, "{query}");
            assert!(bad.message.contains(name), "{query}: {}", bad.message);
        }
    }

    #[test]
    fn the_same_interest_in_another_order_is_the_same() {
        assert_eq!(
            read("kind=article&kind=ticker&source=A&source=b").unwrap(),
            read("source=B&source=a&kind=ticker,article").unwrap()
        );
        assert!(read("").unwrap().interest.filter.is_everything());
    }
}
