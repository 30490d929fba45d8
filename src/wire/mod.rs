//! Records ↔ log: the wire is one numbered, durable log.
//!
//! [`Store`] is what everybody reads, [`SqliteStore`] the one that is one file. Every reader gets events through
//! [`Store::follow`], which joins what is stored and what is live in one cursor over one log.

mod entry;
mod error;
mod follow;
mod group;
mod known;
mod ledger;
mod lock;
pub mod order;
mod own;
mod resume;
pub mod store;
mod tail;

use std::{ops::RangeInclusive, sync::Arc};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::{broadcast, watch};

use crate::item::{Cursor, Epoch, EventId, Key, Seq, Stored};

pub use entry::{Entry, Sighting, SightingSum, Tally};
pub use error::{AppendError, BackupError, OpenError, ReadError};
pub use follow::Follow;
pub use group::{Durability, Group, Heard, Held, PageRow, Publisher, Spotted, ToldKey, ToldRow};
pub use known::Known;
pub use ledger::{KnownPage, LedgerCounts, LedgerPage};
pub use lock::{Holder, Lock};
pub use order::{Mark, NatsConfig, Order, OrderStatus, Position};
pub use own::real_path;
pub use resume::{BadCursor, Extent, Resumption};
pub use store::{Config, Kept, Pulse, Retention, SetAside, Snapshot, SourcePulse, SqliteStore};

/// Takes the records of a [replay][Store::replay], one by one; an error ends it.
pub type Each = Box<dyn FnMut(Stored<'_>) -> Result<(), ReadError> + Send>;

/// One numbered, durable log, and the index of what was told on it.
///
/// Positions grow strictly and are never reused within an [`Epoch`]; holes carry no meaning. An
/// entry is visible to readers only once it is durable.
pub trait Store: Send + Sync + 'static {
    /// The newest position.
    fn head(&self) -> Cursor;

    /// The oldest position that can still be read, and the newest. Empty (`1..=0`) at first.
    fn bounds(&self) -> RangeInclusive<Seq>;

    /// Whether several nodes share the wire: then others may know what has not come here yet.
    fn is_shared(&self) -> bool;

    /// The epochs of this wire, oldest first, each with the last position before it began.
    fn epochs(&self) -> Vec<(Epoch, Seq)>;

    /// Up to `limit` entries after `after`, in order; fewer only at the head.
    fn read(&self, after: Seq, limit: usize) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>>;

    /// The positions behind `after` and up to `until` that reads have passed over because what
    /// stood there can't be read: for ever, as far as this wire knows.
    fn unreadable(&self, after: Seq, until: Seq) -> Vec<RangeInclusive<Seq>>;

    /// Up to `limit` entries before `before`, newest first.
    fn read_back(
        &self,
        before: Seq,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>>;

    /// Everything after `after`, for ever: stored, then live, stored again after a lag.
    fn follow(self: Arc<Self>, after: Seq) -> Follow;

    /// The head, as it moves.
    fn head_changes(&self) -> watch::Receiver<Seq>;

    /// The position of the newest withdrawal since the wire was opened, 0 where there was none:
    /// what was read before it may say what was taken back.
    fn withdrawn_at(&self) -> Seq;

    /// The event of that name.
    fn find(&self, id: EventId) -> BoxFuture<'_, Result<Option<Arc<Entry>>, ReadError>>;

    /// The last position told before `since`: reading on after it gives what was told since.
    fn before(&self, since: Timestamp) -> BoxFuture<'_, Result<Seq, ReadError>>;

    /// Counts of these events, in the order asked; unknown ids are left out.
    fn tallies(&self, ids: Vec<EventId>) -> BoxFuture<'_, Result<Vec<Tally>, ReadError>>;

    /// Ids whose counts changed, as it happens. A receiver that lags asks for all it shows.
    fn tally_changes(&self) -> broadcast::Receiver<Arc<[EventId]>>;

    /// The sightings of an event that are kept one by one, oldest first.
    fn sightings(&self, id: EventId) -> BoxFuture<'_, Result<Vec<Sighting>, ReadError>>;

    /// What its older sightings come to, by source.
    fn sighting_sums(&self, id: EventId) -> BoxFuture<'_, Result<Vec<SightingSum>, ReadError>>;

    /// Who feeds the wire and how much is told, up to `now`.
    fn pulse(&self, now: Timestamp) -> BoxFuture<'_, Result<Pulse, ReadError>>;
    /// The independent origins that tell an event, in the order they were first heard.
    fn origins(&self, id: EventId) -> BoxFuture<'_, Result<Vec<Heard>, ReadError>>;

    /// The newest `limit` events of the story that `id` is of, oldest first.
    fn thread(
        &self,
        id: EventId,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>>;

    /// Every version of the chain `id` belongs to, oldest first.
    fn versions(&self, id: EventId) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>>;

    /// For each key, what was last told under it, at any age; `source` is whose last sighting
    /// [`ToldRow::last_here`] speaks of.
    fn told(
        &self,
        keys: Vec<Key>,
        source: Option<String>,
    ) -> BoxFuture<'_, Result<Vec<Option<ToldRow>>, ReadError>>;

    /// The records that a memory with this horizon is folded from, in wire order: events whose
    /// page time lies at or after it, aliases likewise, and the events those aliases speak of.
    /// `None` asks for all. They come one by one through `each`.
    fn replay(
        &self,
        horizon: Option<Timestamp>,
        each: Each,
    ) -> BoxFuture<'_, Result<(), ReadError>>;
}
