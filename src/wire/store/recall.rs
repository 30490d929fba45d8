//! What a desk recalls: the records of the wire and all that is kept for judging by.

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::{SqliteStore, held, open, read, replay, snapshot::Snapshot};
use crate::{
    item::Record,
    wire::{Each, Held, Position, ReadError},
};

impl SqliteStore {
    /// Learns which keys and pages the file holds, so that it is not asked for others any more.
    pub fn learn_keys(&self) -> BoxFuture<'static, Result<(), ReadError>> {
        let shared = self.shared.clone();
        self.query(move |db| shared.filter.fill(|| read::names(db)))
    }

    /// Memories of the sites that were written behind `batch`.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn sites_since(&self, batch: u64) -> Result<Vec<(String, Vec<u8>)>, ReadError> {
        let mut sites: Vec<String> = held(&self.shared.sites)
            .iter()
            .filter(|(_, written)| **written > batch)
            .map(|(site, _)| site.clone())
            .collect();
        sites.sort_unstable();
        let memory = |site: String| Ok(self.site_memory(&site)?.map(|memory| (site, memory)));
        sites.into_iter().filter_map(|site| memory(site).transpose()).collect()
    }

    /// What pages taught about a site.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn site_memory(&self, site: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.shared.with_reader(|db| read::site_memory(db, site))
    }

    /// What was appended between two positions, in wire order.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn records_between(&self, from: Position, to: Position) -> Result<Vec<Record>, ReadError> {
        self.shared.with_reader(|db| read::records_between(db, &self.shared.damage, from, to))
    }

    /// Same as [`replay`][crate::wire::Store::replay] of the wire as it stands at one moment, and where that is:
    /// others may go on writing.
    pub fn replay_to(
        &self,
        horizon: Option<Timestamp>,
        each: Each,
    ) -> BoxFuture<'static, Result<Position, ReadError>> {
        let shared = self.shared.clone();
        self.query(move |db| {
            let moment = db.unchecked_transaction()?;
            let position = open::position(&moment)?;
            replay::replay(&moment, &shared.damage, position.seq, horizon, each)?;
            Ok(position)
        })
    }

    /// The wire as it stands, for a caller with many questions and a thread of its own.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, ReadError> {
        Snapshot::take(&self.shared)
    }

    /// Page time of the newest page that told or taught something: where the window ends.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn newest_page_time(&self) -> Result<Option<Timestamp>, ReadError> {
        let head = *self.shared.head.borrow();
        self.shared.with_reader(|db| read::newest_page_time(db, &self.shared.damage, head))
    }

    /// What pages taught about their sites, by site.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn site_memories(&self) -> Result<Vec<(String, Vec<u8>)>, ReadError> {
        self.shared.with_reader(|db| read::site_memories(db, &self.shared.damage))
    }

    /// Versions of articles that are held back, the first due first.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn held_back(&self) -> Result<Vec<Held>, ReadError> {
        self.shared.with_reader(|db| read::held(db, &self.shared.damage))
    }
}
