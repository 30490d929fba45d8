//! What pages told, kept in memory: enough to judge other pages behind them.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::{
    dedup::Of,
    item::{EventId, Key, PageHash, Seq},
    wire::{Known, Publisher, ReadError, Spotted, ToldRow},
};

/// What the pages of a batch told, or all pages of a wire that exists only in memory.
#[derive(Debug, Default)]
pub struct Seen {
    told: HashMap<Key, ToldRow>,
    here: HashMap<(Publisher, EventId), Timestamp>,
    pages: HashMap<PageHash, Vec<Spotted>>,
    origins: HashMap<Seq, Vec<String>>,
    events: HashSet<EventId>,
    held: HashSet<(Box<[u8]>, PageHash)>,
    last_ticker: HashMap<Publisher, Timestamp>,
}

impl Seen {
    /// Takes in what later pages told.
    pub fn absorb(&mut self, later: Seen) {
        self.told.extend(later.told);
        for (here, at) in later.here {
            let last = self.here.entry(here).or_insert(at);
            *last = (*last).max(at);
        }
        for (hash, spotted) in later.pages {
            self.pages.entry(hash).or_insert(spotted);
        }
        for (seq, keys) in later.origins {
            self.origins.entry(seq).or_default().extend(keys);
        }
        self.events.extend(later.events);
        self.held.extend(later.held);
        self.last_ticker.extend(later.last_ticker);
    }

    pub(super) fn row(&self, key: &Key) -> Option<&ToldRow> {
        self.told.get(key)
    }

    pub(super) fn last_here(&self, by: &Publisher, id: EventId) -> Option<Timestamp> {
        self.here.get(&(by.clone(), id)).copied()
    }

    pub(super) fn last_tickers(&self) -> impl Iterator<Item = (&Publisher, Timestamp)> {
        self.last_ticker.iter().map(|(by, &at)| (by, at))
    }

    /// A draft of a page at `at` ended as a sighting of `of`; `before` is what its key led to.
    pub(super) fn note(
        &mut self,
        key: Key,
        of: &Of,
        at: Timestamp,
        by: Option<&Publisher>,
        before: Option<ToldRow>,
    ) {
        let row = ToldRow {
            id: of.id,
            seq: of.seq,
            thread: of.thread,
            version: of.version,
            last_at: before.as_ref().map_or(at, |row| row.last_at.max(at)),
            last_here: None,
            withdrawn: before.is_some_and(|row| row.withdrawn),
        };
        self.told.insert(key, row);
        if let Some(by) = by {
            let here = self.here.entry((by.clone(), of.id)).or_insert(at);
            *here = (*here).max(at);
        }
    }

    /// An origin that had not told the event at `seq` tells it.
    pub(super) fn note_origin(&mut self, seq: Seq, key: &str) {
        self.origins.entry(seq).or_default().push(key.to_owned());
    }

    /// An event of that name is told.
    pub(super) fn note_event(&mut self, id: EventId) {
        self.events.insert(id);
    }

    /// A page of that name and content was taken.
    pub(super) fn note_page(&mut self, name: &[u8], hash: PageHash, sightings: &[Spotted]) {
        self.held.insert((name.into(), hash));
        self.pages.entry(hash).or_insert_with(|| sightings.to_vec());
    }

    /// A page with a ticker was told; `before` is its publisher's newest one before it.
    pub(super) fn note_ticker(&mut self, by: &Publisher, at: Timestamp, before: Option<Timestamp>) {
        let last = self.last_ticker.entry(by.clone()).or_insert(at);
        *last = (*last).max(at).max(before.unwrap_or(at));
    }
}

impl Known for Seen {
    fn told(
        &self,
        keys: &[Key],
        of: Option<&Publisher>,
    ) -> Result<Vec<Option<ToldRow>>, ReadError> {
        let row = |key| {
            let row = self.told.get(key)?.clone();
            let last_here = of.and_then(|of| self.last_here(of, row.id));
            Some(ToldRow { last_here, ..row })
        };
        Ok(keys.iter().map(row).collect())
    }

    fn page(&self, hash: PageHash) -> Result<Option<Vec<Spotted>>, ReadError> {
        Ok(self.pages.get(&hash).cloned())
    }

    fn holds_page(&self, name: &[u8], hash: PageHash) -> Result<bool, ReadError> {
        Ok(self.held.contains(&(name.into(), hash)))
    }

    fn holds_event(&self, id: EventId) -> Result<bool, ReadError> {
        Ok(self.events.contains(&id))
    }

    fn origins(&self, seq: Seq) -> Result<Vec<String>, ReadError> {
        Ok(self.origins.get(&seq).cloned().unwrap_or_default())
    }

    fn last_ticker_page(
        &self,
        of: &Publisher,
        until: Timestamp,
    ) -> Result<Option<Timestamp>, ReadError> {
        Ok(self.last_ticker.get(of).copied().filter(|at| *at <= until))
    }
}
