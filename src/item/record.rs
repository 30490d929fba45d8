//! What the wire holds. Everything the dedup stage knows is a fold over these, in order.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    event::Event,
    id::{EventId, Seq},
};

/// One record of the wire.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Something told.
    Event(std::sync::Arc<Event>),
    /// What a repeat taught; told to nobody.
    Alias(Alias),
}

/// A record as it lies on the wire: of an event's JSON each reader takes as much as it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored<'a> {
    /// The JSON of an [`Event`].
    Event(&'a str),
    /// What a repeat taught.
    Alias(Alias),
}

/// A repeat's first new wording, or a refresh of the window of the event it repeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// The last position told when the alias was written: where it stands in the fold.
    pub after: Seq,
    /// The event it speaks of.
    pub of: EventId,
    /// The new wording (a ticker line), or nothing where only the time is refreshed.
    pub text: Option<String>,
    /// Page time of the page that taught it.
    pub at: Timestamp,
}
