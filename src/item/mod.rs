//! The vocabulary: what travels between the stages and on the wire.
//!
//! Plain newsroom words; they coincide with IPTC ninjs 3.1 where it has a word for the thing.
//! Nothing here does I/O, reads a clock or knows any other module of the crate.

mod draft;
mod event;
mod id;
mod key;
mod record;
mod remark;
pub mod schema;
mod shown;
mod time;

pub use draft::{Article, CreditFrom, Dir, Draft, Image, Item, Kind, Source, TickerLine};
pub use event::{
    Action, Change, ChangeSize, Corroboration, Event, PageRef, RelatedTo, Supersedes, Timing, Why,
    Withdrawal, WordChange,
};
pub use id::{Cursor, CursorError, Epoch, EventId, IdError, PageHash, Seq};
pub use key::{Key, key_text};
pub use record::{Alias, Record, Stored};
pub use remark::{LineClass, Outcome, Rejection, Remark};
pub use shown::Shown;
pub use time::{PrintedTime, micros};
