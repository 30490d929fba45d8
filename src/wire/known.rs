//! What the desk asks of what was told before.

use jiff::Timestamp;

use super::{Publisher, ReadError, Spotted, ToldRow};
use crate::item::{EventId, Key, PageHash, Seq};

/// Knows what was told before. Every question may be answered from the disk, and fails where that
/// can't be read.
pub trait Known {
    /// For each key, what was last told under it, at any age; `of` is whose last sighting
    /// [`ToldRow::last_here`] speaks of.
    ///
    /// # Errors
    /// Where it can't be read.
    fn told(&self, keys: &[Key], of: Option<&Publisher>)
    -> Result<Vec<Option<ToldRow>>, ReadError>;

    /// What a page of this content ended as: the drafts it gave, or `None` where no page of this
    /// content was taken to the end.
    ///
    /// # Errors
    /// Where it can't be read.
    fn page(&self, hash: PageHash) -> Result<Option<Vec<Spotted>>, ReadError>;

    /// Whether the ledger holds this very page: this content under this name.
    ///
    /// # Errors
    /// Where it can't be read.
    fn holds_page(&self, name: &[u8], hash: PageHash) -> Result<bool, ReadError>;

    /// Whether an event of that name was told.
    ///
    /// # Errors
    /// Where it can't be read.
    fn holds_event(&self, id: EventId) -> Result<bool, ReadError>;

    /// Keys of the origins that tell the event at `seq`.
    ///
    /// # Errors
    /// Where it can't be read.
    fn origins(&self, seq: Seq) -> Result<Vec<String>, ReadError>;

    /// Page time of the newest page `of` a publisher that had a ticker; a page of a later time than
    /// `until` was marked by a clock that was ahead, and doesn't count.
    ///
    /// # Errors
    /// Where it can't be read.
    fn last_ticker_page(
        &self,
        of: &Publisher,
        until: Timestamp,
    ) -> Result<Option<Timestamp>, ReadError>;
}
