//! What is written in one transaction: all that one page gave.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Entry;
use crate::item::{Alias, Event, EventId, Key, Outcome, PageHash, Remark, Seq};

/// What an acknowledged append survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// A power cut: each group costs one fdatasync.
    #[default]
    Power,
    /// The end of the process. A power cut may lose the newest events, and then a new epoch
    /// begins.
    Process,
}

/// Whose page one is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Publisher {
    /// The source's name or host.
    Named(String),
    /// Whoever's pages begin alike: the source is unknown.
    Alike(u64),
}

/// All that one page gave.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The page's row in the ledger; a withdrawal has none.
    pub page: Option<PageRow>,
    /// What stands for the page's source where that is unknown: pages that begin alike share it.
    pub alike: Option<u64>,
    /// Events in telling order.
    pub events: Vec<Arc<Entry>>,
    /// What repeats taught.
    pub aliases: Vec<Alias>,
    /// Where each draft ended: one for each draft, the first tellings included.
    pub sightings: Vec<Spotted>,
    /// Origins that had not told their event before.
    pub origins: Vec<Heard>,
    /// Keys to find the events by.
    pub told: Vec<ToldKey>,
    /// The page's text, kept so that its lines can be shown after the file is gone.
    pub evidence: Option<Bytes>,
    /// What the page taught about its site: the site's name and its new memory.
    pub site: Option<(String, Vec<u8>)>,
    /// Versions of articles that came too soon to be told at once.
    pub held: Vec<Held>,
    /// Events of whose articles no held version is to be told any more.
    pub let_go: Vec<EventId>,
}

/// A version of an article that came too soon after the last one that was told: the newest such
/// version is told once the pause has passed. What is held lies in the store, so that it outlives
/// the process; it goes when a newer version of its article is told or seen to be told already.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The version that was told last.
    pub of: EventId,
    /// Which draft of its page it is, in telling order.
    pub draft: u32,
    /// When the pause ends, in page time.
    pub until: Timestamp,
    /// When that is on the clock.
    pub due: Timestamp,
    /// The event as it will be told, but for its number, its name, its time and what it follows.
    pub event: Arc<Event>,
}

/// A page in the ledger.
#[derive(Clone, Debug)]
pub struct PageRow {
    /// Path below the watched folder.
    pub name: Vec<u8>,
    /// Hash of its content; `None` where it couldn't be read.
    pub hash: Option<PageHash>,
    /// Size, times and inode of the file: lets a rescan skip it.
    pub stat: [u64; 5],
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was set aside.
    pub reason: Option<String>,
    /// When it was noticed.
    pub seen: Timestamp,
    /// When it was captured.
    pub at: Timestamp,
    /// Which queue it came through, and its place in it: the order in which pages were taken.
    pub lane: &'static str,
    /// Its place in the lane.
    pub ticket: u64,
    /// The source's name or host.
    pub source: Option<String>,
    /// Its canonical URL.
    pub url: Option<String>,
    /// Ticker lines on it.
    pub ticker_lines: u32,
    /// Lines by class.
    pub lines: BTreeMap<String, u32>,
    /// What was noticed.
    pub remarks: Vec<Remark>,
}

/// One draft's end: the event it was a sighting of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spotted {
    /// The event's name.
    pub id: EventId,
    /// The event's position.
    pub seq: Seq,
    /// 1-based line on the page.
    pub line: u32,
}

/// An independent origin that tells an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// The event's position.
    #[serde(skip)]
    pub seq: Seq,
    /// What makes two names the same origin.
    #[serde(skip)]
    pub key: String,
    /// As a page names it.
    pub name: String,
    /// Page time of the first page that has it from there.
    #[serde(with = "crate::item::micros")]
    pub at: Timestamp,
}

/// A key that leads to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldKey {
    /// The key.
    pub key: Key,
    /// The event.
    pub id: EventId,
    /// The event's position.
    pub seq: Seq,
    /// Page time of the sighting.
    pub at: Timestamp,
}

/// What was last told under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldRow {
    /// The event.
    pub id: EventId,
    /// Its position.
    pub seq: Seq,
    /// Its thread.
    pub thread: EventId,
    /// Its version.
    pub version: u32,
    /// Page time of its last sighting anywhere.
    pub last_at: Timestamp,
    /// Page time of its last sighting on a page of the publisher asked for.
    pub last_here: Option<Timestamp>,
    /// It was withdrawn: it is never told again.
    pub withdrawn: bool,
}
