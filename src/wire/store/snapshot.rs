//! The wire as it stood at one moment, for a caller that has a thread of its own and many
//! questions: they share one read transaction.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::{
    item::{EventId, Key, PageHash, Seq},
    wire::{Known, Publisher, ReadError, Spotted, ToldRow},
};

use super::{Shared, read};

/// A look at the wire that later appends don't change. Drop it before appending: while it is held
/// the file's log can't be folded in.
pub struct Snapshot<'a> {
    shared: &'a Shared,
    /// Present until it goes back to the pool.
    db: Option<Connection>,
}

impl std::fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("path", &self.shared.path).finish_non_exhaustive()
    }
}

impl<'a> Snapshot<'a> {
    pub(super) fn take(shared: &'a Shared) -> Result<Self, ReadError> {
        let db = shared.reader()?;
        db.execute_batch("BEGIN")?;
        Ok(Snapshot { shared, db: Some(db) })
    }

    fn db(&self) -> &Connection {
        self.db.as_ref().expect("it is taken only when this is dropped")
    }

    /// Where damage stands in the way of an answer it is that nothing is known: then it is told.
    fn unless_damaged<T: Default>(
        &self,
        ask: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, ReadError> {
        Ok(self.shared.damage.or_none("page", ask(self.db()))?.unwrap_or_default())
    }
}

impl Known for Snapshot<'_> {
    fn told(
        &self,
        keys: &[Key],
        of: Option<&Publisher>,
    ) -> Result<Vec<Option<ToldRow>>, ReadError> {
        let filter = Some(&self.shared.filter);
        read::told(self.db(), &self.shared.damage, filter, keys, of)
    }

    fn page(&self, hash: PageHash) -> Result<Option<Vec<Spotted>>, ReadError> {
        if !self.shared.filter.may_hold(&hash.0) {
            return Ok(None);
        }
        self.unless_damaged(|db| read::settled_page(db, hash))
    }

    fn holds_page(&self, name: &[u8], hash: PageHash) -> Result<bool, ReadError> {
        self.unless_damaged(|db| read::holds_page(db, name, hash))
    }

    fn holds_event(&self, id: EventId) -> Result<bool, ReadError> {
        self.unless_damaged(|db| read::holds_event(db, id))
    }

    fn origins(&self, seq: Seq) -> Result<Vec<String>, ReadError> {
        self.unless_damaged(|db| read::origin_keys(db, seq))
    }

    fn last_ticker_page(
        &self,
        of: &Publisher,
        until: Timestamp,
    ) -> Result<Option<Timestamp>, ReadError> {
        self.unless_damaged(|db| read::last_ticker_page(db, of, until))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let Some(db) = self.db.take() else { return };
        // A connection that can't end its transaction is closed, which ends it.
        if db.execute_batch("COMMIT").is_ok() {
            self.shared.put_back(db);
        }
    }
}
