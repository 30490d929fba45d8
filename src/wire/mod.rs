//! Records ↔ log: the wire is one numbered, durable log.
//!
//! [`Wire`] is the contract; [`sqlite`] is the wire of one machine. Every reader
//! gets events through [`Wire::follow`], which joins what is stored and what is live in one
//! cursor.

use std::{ops::RangeInclusive, pin::Pin, sync::Arc};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio_stream::Stream;

use crate::item::{Alias, Cursor, Epoch, Event, EventId, PageHash, Seq};

/// An event as it stands on the wire.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its position.
    pub seq: Seq,
    /// Its public JSON, exactly as sent.
    pub json: Bytes,
    /// The event itself.
    pub event: Arc<Event>,
}

/// Counts of one event: how often it was seen, and where.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// The event.
    pub id: EventId,
    /// Sightings, the first telling included.
    pub sightings: u64,
    /// Different pages it was seen on.
    pub pages: u64,
    /// Page time of the last sighting.
    #[serde(with = "crate::item::micros")]
    pub last_seen: Timestamp,
}

/// One place and time where an event was seen.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
    #[serde(with = "crate::item::micros")]
    pub at: Timestamp,
    /// The source's name or host.
    pub source: Option<String>,
}

/// What is written in one transaction: all that one page gave.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Events in telling order, numbered from the expected head on.
    pub events: Vec<Arc<Event>>,
    /// What repeats taught.
    pub aliases: Vec<Alias>,
}

/// Why an append did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else appended first; fold up to this head and judge again.
    #[error("the wire has moved on to {0}")]
    Conflict(Seq),
    /// No room, or the disk refuses: nothing was written; try again later.
    #[error("the wire can't be written: {0}")]
    Full(String),
    /// It can't be known whether it happened: read from the expected head before trying again.
    #[error("no answer from the wire: {0}")]
    Unknown(String),
}

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
#[error("the wire can't be read: {0}")]
pub struct ReadError(pub String);

/// The endless stream of [`Wire::follow`].
pub type Follow = Pin<Box<dyn Stream<Item = Result<Arc<Entry>, ReadError>> + Send>>;

/// One numbered, durable log.
pub trait Wire: Send + Sync + 'static {
    /// The newest position.
    fn head(&self) -> Cursor;

    /// The oldest position that can still be read, and the newest.
    fn bounds(&self) -> RangeInclusive<Seq>;

    /// The epochs of this wire, oldest first, each with the last position before it began.
    fn epochs(&self) -> Vec<(Epoch, Seq)>;

    /// Up to `limit` entries after `after`, in order; fewer than `limit` only at the head.
    fn read(&self, after: Seq, limit: usize) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>>;

    /// Up to `limit` entries before `before`, newest first.
    fn read_back(
        &self,
        before: Seq,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>>;

    /// Everything after `after`, for ever: stored, then live, stored again after a lag.
    fn follow(self: Arc<Self>, after: Seq) -> Follow;

    /// The event of that name.
    fn find(&self, id: EventId) -> BoxFuture<'_, Result<Option<Arc<Entry>>, ReadError>>;

    /// Position of the first event told at or after `since`.
    fn since(&self, since: Timestamp) -> BoxFuture<'_, Result<Seq, ReadError>>;

    /// Counts of these events, in the order asked; unknown ids are left out.
    fn tallies(&self, ids: Vec<EventId>) -> BoxFuture<'_, Result<Vec<Tally>, ReadError>>;

    /// Ids whose counts changed, as it happens. A receiver that lags asks for all it shows.
    fn tally_changes(&self) -> tokio::sync::broadcast::Receiver<Arc<[EventId]>>;

    /// All sightings of an event, oldest first.
    fn sightings(&self, id: EventId) -> BoxFuture<'_, Result<Vec<Sighting>, ReadError>>;

    /// Every version of the chain `id` belongs to, oldest first.
    fn versions(&self, id: EventId) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>>;
}
