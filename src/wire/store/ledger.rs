//! The ledger of pages: what was taken, how it ended, and what is kept of it for how long.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::{
    Kept, Retention, SqliteStore, read,
    retain::{self, Slice},
    write,
};
use crate::{
    item::{EventId, PageHash},
    wire::{AppendError, Entry, KnownPage, LedgerCounts, LedgerPage, ReadError},
};

impl SqliteStore {
    /// Pages whose files lay in the folder when they were taken, for whoever deals with the files:
    /// name, version and content hash.
    ///
    /// # Errors
    /// Where the ledger can't be read.
    pub fn taken_files(&self) -> Result<Vec<(KnownPage, PageHash)>, ReadError> {
        self.shared.with_reader(read::taken_files)
    }

    /// All pages of the ledger with what the file system said of each: lets the watch stage skip
    /// them. In the order they were taken.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn known_pages(&self) -> Result<Vec<KnownPage>, ReadError> {
        self.shared.with_reader(|db| read::known_pages(db, &self.shared.damage))
    }

    /// The stored bytes of a page that gave events, while they are kept.
    pub fn evidence(
        &self,
        hash: PageHash,
    ) -> BoxFuture<'static, Result<Option<Vec<u8>>, ReadError>> {
        self.query(move |db| read::evidence(db, hash))
    }

    /// Sums up old sightings and drops old evidence, as `retention` says; in slices, so that
    /// appends go on between them.
    ///
    /// # Errors
    /// Where the wire can't be written; what is left is done the next time.
    pub async fn retain(&self, retention: &Retention, now: Timestamp) -> Result<(), AppendError> {
        let before = Retention::before(retention.sightings_days, now);
        while self.slice(Slice::Sightings { before }).await? > 0 {}
        let before = Retention::before(retention.evidence_days, now);
        while self.slice(Slice::Evidence { before }).await? > 0 {}
        Ok(())
    }

    /// The next pages behind `after` in the ledger, up to a thousand.
    pub fn pages_after(&self, after: i64) -> BoxFuture<'static, Result<Vec<Kept>, ReadError>> {
        self.query(move |db| retain::pages_after(db, after))
    }

    /// Notes whose files have gone and whose are back, and drops the pages whose files have been
    /// gone for as long as `retention` says.
    ///
    /// # Errors
    /// Where the wire can't be written; what is left is done the next time.
    pub async fn forget_pages(
        &self,
        gone: Vec<i64>,
        back: Vec<i64>,
        retention: &Retention,
        now: Timestamp,
    ) -> Result<(), AppendError> {
        if !gone.is_empty() || !back.is_empty() {
            self.slice(Slice::Files { gone, back, now: now.as_microsecond() }).await?;
        }
        let before = Retention::before(retention.pages_days, now);
        while self.slice(Slice::Pages { before }).await? > 0 {}
        Ok(())
    }

    async fn slice(&self, slice: Slice) -> Result<usize, AppendError> {
        self.order(|reply| write::Order::Retain { slice, reply }).await?
    }

    /// Sums over the ledger.
    pub fn counts(&self) -> BoxFuture<'static, Result<LedgerCounts, ReadError>> {
        let path = self.shared.path.clone();
        self.query(move |db| read::counts(db, &path))
    }

    /// The newest pages of the ledger, newest first; only set-aside ones where `rejected`.
    pub fn pages(
        &self,
        rejected: bool,
        limit: usize,
    ) -> BoxFuture<'static, Result<Vec<LedgerPage>, ReadError>> {
        self.query(move |db| read::pages(db, rejected, limit))
    }

    /// Pages that were read and gave no draft, newest first.
    pub fn silent_pages(
        &self,
        limit: usize,
    ) -> BoxFuture<'static, Result<Vec<LedgerPage>, ReadError>> {
        self.query(move |db| read::silent_pages(db, limit))
    }

    /// Pages of this name or content hash, newest first.
    pub fn page_named(&self, name: &str) -> BoxFuture<'static, Result<Vec<LedgerPage>, ReadError>> {
        let name = name.to_owned();
        self.query(move |db| read::page_named(db, &name))
    }

    /// Events first told by pages of this name or content hash.
    pub fn told_by_page(
        &self,
        name: &str,
    ) -> BoxFuture<'static, Result<Vec<Arc<Entry>>, ReadError>> {
        let name = name.to_owned();
        self.query(move |db| read::told_by_page(db, &name))
    }

    /// The other words an event was seen in, each with the page time of its first sighting.
    pub fn wordings(
        &self,
        id: EventId,
    ) -> BoxFuture<'static, Result<Vec<(Timestamp, String)>, ReadError>> {
        self.query(move |db| read::wordings(db, id))
    }

    /// Checks the file against itself; each finding is a sentence.
    pub fn verify(&self) -> BoxFuture<'static, Result<Vec<String>, ReadError>> {
        let head = *self.shared.head.borrow();
        self.query(move |db| read::verify(db, head))
    }
}
