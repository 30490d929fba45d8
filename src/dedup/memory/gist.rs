//! What the memory takes of a record that is on the wire already. It is read from the stored
//! record and its line taken apart before the memory sees it, so that another thread can do that.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;

use crate::dedup::read::{spelling::Seed, wording::Wording};
use crate::item::{Action, Article, EventId, Kind, Seq, Stored, Supersedes};

/// The gist of a record: refilled with one after the other, it keeps its room.
#[derive(Debug, Default)]
pub struct Gist {
    pub(crate) of: Option<Of>,
    /// The event's headline or the alias's wording, taken apart.
    pub(crate) reading: Wording,
}

/// Whose gist it is.
#[derive(Debug)]
pub(crate) enum Of {
    /// An event's, and its text where it is an article.
    Event(Telling, Option<Box<Text>>),
    /// An alias's: the event it speaks of, its page time, and whether it has a wording.
    Alias(EventId, i64, bool),
}

/// What counts of an event besides its headline.
#[derive(Clone, Debug)]
pub(crate) struct Telling {
    pub(crate) id: EventId,
    pub(crate) seq: Seq,
    /// Page time, in microseconds.
    pub(crate) at: i64,
    /// When the pause after it begins, in page time: later where it was held back.
    pub(crate) told_at: i64,
    pub(crate) version: u32,
    pub(crate) thread: EventId,
    /// The event it supersedes.
    pub(crate) supersedes: Option<EventId>,
}

/// What counts of an article.
#[derive(Debug)]
pub(crate) struct Text {
    /// Its headline, body and address.
    pub(crate) article: Article,
    /// The page's address.
    pub(crate) url: Option<String>,
}

/// An event's JSON as far as it counts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    seq: Seq,
    #[serde(borrow)]
    id: Cow<'a, str>,
    kind: Kind,
    action: Action,
    #[serde(borrow)]
    thread: Cow<'a, str>,
    #[serde(borrow)]
    item: Said<'a>,
    page: Page,
    supersedes: Option<Supersedes>,
    held_until: Option<Timestamp>,
}

/// A ticker line's or an article's part of it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said<'a> {
    #[serde(borrow)]
    headline: Option<Copied<'a>>,
    #[serde(borrow)]
    body: Option<Copied<'a>>,
    url: Option<String>,
    version: u32,
}

/// Text that is copied only where it has escapes.
#[derive(Deserialize)]
struct Copied<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Page {
    time: Timestamp,
    url: Option<String>,
}

impl Gist {
    /// Takes up another record in place of the last one; `seed` is the [memory's][crate::dedup::Memory].
    ///
    /// # Errors
    /// Where an event's JSON is none.
    pub fn refill(&mut self, record: &Stored<'_>, seed: &Seed) -> Result<(), serde_json::Error> {
        self.of = None;
        match record {
            Stored::Event(json) => {
                let told: Told<'_> = serde_json::from_str(json)?;
                if matches!(told.action, Action::Withdrawn | Action::Corroborated) {
                    return Ok(());
                }
                let id = event_id(&told.id)?;
                let said = told.item;
                let owned = |text: Option<Copied<'_>>| text.map(|text| text.0.into_owned());
                let headline = said.headline.as_ref().map_or("", |text| &text.0);
                self.reading.read(headline, seed);
                let article = (told.kind == Kind::Article).then(|| {
                    let headline = owned(said.headline);
                    let body = owned(said.body).unwrap_or_default();
                    let article = Article { headline, body, url: said.url, ..Article::default() };
                    Box::new(Text { article, url: told.page.url })
                });
                let telling = Telling {
                    id,
                    seq: told.seq,
                    at: told.page.time.as_microsecond(),
                    told_at: told.held_until.unwrap_or(told.page.time).as_microsecond(),
                    version: said.version,
                    thread: if told.thread == told.id { id } else { event_id(&told.thread)? },
                    supersedes: told.supersedes.map(|supersedes| supersedes.id),
                };
                self.of = Some(Of::Event(telling, article));
            }
            Stored::Alias(alias) => {
                if let Some(text) = &alias.text {
                    self.reading.read(text, seed);
                }
                let at = alias.at.as_microsecond();
                self.of = Some(Of::Alias(alias.of, at, alias.text.is_some()));
            }
        }
        Ok(())
    }
}

fn event_id(text: &str) -> Result<EventId, serde_json::Error> {
    text.parse().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::item::{Alias, Event, Item, PageHash, PageRef, TickerLine};

    fn event() -> Event {
        let headline = "Mayor of Velm: \"No\" to the ferry – for now".to_owned();
        let item = Item::Ticker(TickerLine { headline, ..TickerLine::default() });
        let page = PageRef::new("a.txt", PageHash([1; 16]), Timestamp::UNIX_EPOCH);
        Event::new(Seq(7), EventId([5; 16]), item, page)
    }

    #[test]
    fn it_reads_what_the_event_says() {
        let (mut gist, seed) = (Gist::default(), Seed::default());
        let mut event = event();
        event.supersedes = Some(Supersedes { id: EventId([3; 16]), seq: Seq(2), version: 1 });
        event.item.set_version(2);
        gist.refill(&Stored::Event(&serde_json::to_string(&event).unwrap()), &seed).unwrap();
        assert_eq!(Some(gist.reading.text()), event.item.headline());
        let Some(Of::Event(telling, None)) = &gist.of else { panic!("{gist:?}") };
        assert_eq!((telling.id, telling.thread, telling.seq), (event.id, event.thread, Seq(7)));
        assert_eq!((telling.at, telling.version), (0, 2));
        assert_eq!(telling.supersedes, Some(EventId([3; 16])));
    }

    #[test]
    fn a_withdrawal_tells_nothing_and_what_is_no_event_is_an_error() {
        let (mut gist, seed) = (Gist::default(), Seed::default());
        let at = Timestamp::UNIX_EPOCH;
        let alias = Alias { after: Seq(7), of: EventId([5; 16]), text: None, at };
        gist.refill(&Stored::Alias(alias), &seed).unwrap();
        assert!(matches!(gist.of, Some(Of::Alias(_, 0, false))));
        let json = |event: &Event| serde_json::to_string(event).unwrap();
        let withdrawal = json(&Event { action: Action::Withdrawn, ..event() });
        gist.refill(&Stored::Event(&withdrawal), &seed).unwrap();
        assert!(gist.of.is_none());
        let nameless = json(&event()).replace("fw-", "");
        for broken in ["{\"seq\":7}", &nameless] {
            assert!(gist.refill(&Stored::Event(broken), &seed).is_err(), "{broken}");
        }
    }
}
