//! What readers of the wire get.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::item::{Event, EventId, PageHash, Seq, micros, schema};

/// An event as it stands on the wire.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its position.
    pub seq: Seq,
    /// Its public JSON, exactly as sent.
    pub json: Bytes,
    /// The event itself; what it said is blank where it was withdrawn later.
    pub event: Arc<Event>,
}

impl Entry {
    /// The entry of an event.
    pub fn new(event: Arc<Event>) -> Self {
        let json = event.json();
        Entry::written(event, json)
    }

    /// The entry of an event whose JSON has been made.
    pub fn written(event: Arc<Event>, json: String) -> Self {
        Entry { seq: event.seq, json: json.into(), event }
    }
}

/// Counts of one event: how often it was seen, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// The event.
    pub id: EventId,
    /// Sightings, the first telling included; repeats are one less.
    pub sightings: u64,
    /// Different pages it was seen on.
    pub pages: u64,
    /// Independent origins that tell it; 0 where none is known.
    #[serde(default)]
    pub origins: u64,
    /// Page time of the last sighting.
    #[serde(with = "micros")]
    #[schemars(with = "schema::Instant")]
    pub last_seen: Timestamp,
}

/// What an event's older sightings on pages of one source come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SightingSum {
    /// The source's name or host.
    pub source: Option<String>,
    /// Page time of the first.
    #[serde(with = "micros")]
    #[schemars(with = "schema::Instant")]
    pub first: Timestamp,
    /// Page time of the last.
    #[serde(with = "micros")]
    #[schemars(with = "schema::Instant")]
    pub last: Timestamp,
    /// How many.
    pub sightings: u64,
    /// On how many different pages.
    pub pages: u64,
}

/// One place and time where an event was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sighting {
    /// The event.
    pub id: EventId,
    /// Hash of the page.
    pub page: PageHash,
    /// Path of the page below the watched folder.
    pub name: String,
    /// 1-based line.
    pub line: u32,
    /// Page time.
    #[serde(with = "micros")]
    #[schemars(with = "schema::Instant")]
    pub at: Timestamp,
    /// The source's name or host.
    pub source: Option<String>,
}
