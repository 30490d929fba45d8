//! The half of the wire that gives a batch its place.
//!
//! There is one order of things, and whoever wants to append must know all that stands before:
//! who comes second is told so, and judges again. The other half, the store, is what everybody
//! reads.

mod config;
#[cfg(feature = "nats")]
pub mod jetstream;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{AppendError, Group};
use crate::item::{Epoch, Seq};

pub use config::NatsConfig;

/// How far a log has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Batches appended so far, those without events included.
    pub batch: u64,
    /// The last event's number.
    pub seq: Seq,
    /// The last alias's number.
    pub alias: u64,
}

impl Position {
    /// Where the log stands once these groups have been appended here.
    #[must_use]
    pub fn after(self, groups: &[Group]) -> Position {
        let aliases: usize = groups.iter().map(|group| group.aliases.len()).sum();
        let last = groups.iter().rev().find_map(|group| group.events.last());
        Position {
            batch: self.batch + 1,
            seq: last.map_or(self.seq, |entry| entry.seq),
            alias: self.alias + aliases as u64,
        }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "event {} (batch {})", self.seq, self.batch)
    }
}

/// How far a store has come in a stream that gives the order to several nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The stream: it names the epoch of what it brings.
    pub stream: Epoch,
    /// The stream's number of the last batch in the store.
    pub seq: u64,
}

/// How an order is doing that lies elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OrderStatus {
    /// It gives places.
    #[default]
    Well,
    /// It can't, for the reason given; it goes on by itself once it can.
    Trouble(String),
    /// Another wire has taken its place: whoever follows it begins anew.
    Anew(String),
}

/// Gives batches their place.
pub trait Order: Send + Sync + 'static {
    /// Appends a batch of groups, all or nothing, right behind `expected`; its events are numbered
    /// from `expected.seq + 1` on without holes. On `Ok` the batch is in the store, durable, and
    /// readers see it.
    ///
    /// # Errors
    /// See [`AppendError`]; nothing was appended unless it is [`AppendError::Unknown`]. On
    /// [`AppendError::Conflict`] the store holds what the others appended.
    fn append(
        &self,
        expected: Position,
        groups: Arc<[Group]>,
    ) -> BoxFuture<'static, Result<Position, AppendError>>;

    /// Brings the store up to where the order is, and says where that is. After
    /// [`AppendError::Unknown`] this tells what became of the batch.
    ///
    /// # Errors
    /// See [`AppendError`].
    fn catch_up(&self) -> BoxFuture<'static, Result<Position, AppendError>>;
}
