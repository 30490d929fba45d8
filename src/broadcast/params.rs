//! What a subscriber asks for, as query parameters.

use jiff::Timestamp;

use crate::{
    filter::{BadParameter, Filter, moment},
    item::{Cursor, EventId, Seq},
};

use super::audience::Interest;

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

/// Most events that `last` may ask for.
pub(super) const LAST_MOST: usize = 1000;

const NAMES: &str = "cursor, since, last, body";

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
            read.interest.set(name, value, now)?;
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
        "since" => Start::Since(moment(name, value, now)?),
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

impl Subscription {
    /// Wants no article's body, whatever was asked.
    pub(super) fn without_bodies(&mut self) {
        self.interest.body = Body::None;
    }

    /// Which events it wants.
    pub(super) fn into_filter(self) -> Filter {
        self.interest.filter
    }
}

impl Interest {
    /// Sets one parameter of what is wanted, at `now`: query parameters and the operation
    /// `filter` share this.
    ///
    /// # Errors
    /// An unknown name or a value that can't be used.
    pub(super) fn set(
        &mut self,
        name: &str,
        value: &str,
        now: Timestamp,
    ) -> Result<(), BadParameter> {
        if self.filter.set(name, value, now)? {
            return Ok(());
        }
        self.body = match (name, value) {
            ("body", "full") => Body::Full,
            ("body", "none") => Body::None,
            ("body", _) => return Err(BadParameter::value(name, value, "full or none")),
            _ => {
                let known = Filter::NAMES;
                return Err(BadParameter::new(
                    name,
                    format!("there is no parameter `{name}`; parameters are {NAMES}, {known}"),
                ));
            }
        };
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
