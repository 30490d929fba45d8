//! The wire for whoever comes and asks from time to time: Atom, RSS 2.0, JSON Feed and a plain
//! JSON array. An update is the same entry with a new date; what is withdrawn is gone.

mod atom;
mod json;
mod rss;
mod stories;

use jiff::Timestamp;

use crate::item::{Dir, Event, EventId};

use super::{words, xml::escaped};

pub use stories::{Stories, Story};

/// How a feed is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Atom (RFC 4287).
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
    /// The events as the wire has them, in one JSON array.
    Array,
}

/// What a feed says of itself.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Scheme, host and port it is read at: `https://wire.example`.
    pub base: String,
    /// Its own address.
    pub own: String,
    /// What it holds, in words.
    pub title: String,
    /// When it last changed.
    pub changed: Timestamp,
}

impl Format {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Atom => "application/atom+xml; charset=utf-8",
            Format::Rss => "application/rss+xml; charset=utf-8",
            Format::Json => "application/feed+json; charset=utf-8",
            Format::Array => "application/json; charset=utf-8",
        }
    }

    /// Writes a feed.
    pub fn write(self, channel: &Channel, stories: &[Story]) -> String {
        match self {
            Format::Atom => atom::write(channel, stories),
            Format::Rss => rss::write(channel, stories),
            Format::Json => json::write(channel, stories),
            Format::Array => json::array(stories),
        }
    }
}

/// A name that no other story has, anywhere.
fn tag(id: EventId) -> String {
    format!("tag:flashwire,2026:{id}")
}

/// Where to read on: on the web, else what the wire knows of it.
fn link(channel: &Channel, event: &Event) -> String {
    let known = || format!("{}/v1/events/{}", channel.base, event.id);
    words::link(event).map_or_else(known, str::to_owned)
}

/// What a reader shows under the headline, as HTML.
fn html(event: &Event) -> String {
    let dir = if event.item.dir() == Dir::Rtl { " dir=\"rtl\"" } else { "" };
    let mut html = String::new();
    let mut add = |text: &str| html.push_str(&format!("<p{dir}>{}</p>\n", escaped(text)));
    let mut paragraphs = words::paragraphs(event).peekable();
    if paragraphs.peek().is_none() {
        add(&words::headline(event));
    }
    paragraphs.for_each(|paragraph| add(&paragraph));
    html
}

/// Words to sort entries by.
fn categories(event: &Event) -> Vec<&'static str> {
    let mut words = vec![event.kind().as_str(), event.action.as_str()];
    words.extend(event.stale.then_some("stale"));
    words.extend(event.backfill.then_some("backfill"));
    words
}
