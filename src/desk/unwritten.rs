//! What was judged and is not on the wire yet, as far as the next pages must know it.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;

use super::seen::Seen;
use crate::{
    dedup::Of,
    item::{EventId, Key, PageHash, Seq},
    wire::{Known, Publisher, ReadError, Spotted, ToldRow},
};

/// Batches that are under way, the oldest first, asked before what is on the wire.
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    batches: VecDeque<Seen>,
    /// Page time of each publisher's newest page with a ticker, once asked for or written.
    last_ticker: HashMap<Publisher, Option<Timestamp>>,
    /// Drafts of the batches that were begun since there was none.
    drafts: usize,
}

/// Publishers whose newest page is remembered at most.
const PUBLISHERS_MAX: usize = 4096;

impl Unwritten {
    /// What is judged from here on is written together.
    pub(super) fn begin(&mut self) {
        self.batches.push_back(Seen::default());
    }

    /// The oldest batch is on the wire and can be asked for there.
    pub(super) fn written(&mut self) -> Seen {
        let batch = self.batches.pop_front().unwrap_or_default();
        if self.last_ticker.len() > PUBLISHERS_MAX {
            self.last_ticker.clear();
        }
        for (by, at) in batch.last_tickers() {
            let last = self.last_ticker.entry(by.clone()).or_default();
            *last = (*last).max(Some(at));
        }
        if self.batches.is_empty() {
            self.drafts = 0;
        }
        batch
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    pub(super) fn drafts(&self) -> usize {
        self.drafts
    }

    /// Where what is judged now is noted.
    pub(super) fn newest(&mut self) -> &mut Seen {
        if self.batches.is_empty() {
            self.begin();
        }
        self.batches.back_mut().expect("one was begun if there was none")
    }

    /// What a page of this content gave, if one was taken before.
    pub(super) fn page(
        &self,
        known: &impl Known,
        hash: PageHash,
    ) -> Result<Option<Vec<Spotted>>, ReadError> {
        for batch in self.batches.iter().rev() {
            if let Some(spotted) = batch.page(hash)? {
                return Ok(Some(spotted));
            }
        }
        known.page(hash)
    }

    /// Whether this very page was taken before: this content under this name.
    pub(super) fn holds_page(
        &self,
        known: &impl Known,
        name: &[u8],
        hash: PageHash,
    ) -> Result<bool, ReadError> {
        for batch in &self.batches {
            if batch.holds_page(name, hash)? {
                return Ok(true);
            }
        }
        known.holds_page(name, hash)
    }

    /// Whether an event of that name was told.
    pub(super) fn holds_event(&self, known: &impl Known, id: EventId) -> Result<bool, ReadError> {
        for batch in &self.batches {
            if batch.holds_event(id)? {
                return Ok(true);
            }
        }
        known.holds_event(id)
    }

    /// Keys of the origins that tell the event at `seq`.
    pub(super) fn origins(&self, known: &impl Known, seq: Seq) -> Result<Vec<String>, ReadError> {
        let mut origins = known.origins(seq)?;
        for batch in &self.batches {
            origins.extend(batch.origins(seq)?);
        }
        Ok(origins)
    }

    /// Page time of the newest page with a ticker `of` a publisher, none newer than `until` counted.
    pub(super) fn last_ticker(
        &mut self,
        known: &impl Known,
        of: &Publisher,
        until: Timestamp,
    ) -> Result<Option<Timestamp>, ReadError> {
        for batch in self.batches.iter().rev() {
            if let Some(at) = batch.last_ticker_page(of, until)? {
                return Ok(Some(at));
            }
        }
        if let Some(&at) = self.last_ticker.get(of) {
            return Ok(at);
        }
        let at = known.last_ticker_page(of, until)?;
        self.last_ticker.insert(of.clone(), at);
        Ok(at)
    }

    /// For each key, what was last told under it.
    pub(super) fn told(
        &self,
        known: &impl Known,
        keys: &[Key],
        of: Option<&Publisher>,
    ) -> Result<Vec<Option<ToldRow>>, ReadError> {
        let mut rows = known.told(keys, of)?;
        for (row, key) in rows.iter_mut().zip(keys) {
            if let Some(newer) = self.row(key) {
                let here = |of| {
                    self.batches.iter().filter_map(|batch| batch.last_here(of, newer.id)).max()
                };
                let stored = row.as_ref().and_then(|row| row.last_here);
                let last_here = of.and_then(here).max(stored);
                *row = Some(ToldRow { last_here, ..newer.clone() });
            }
        }
        Ok(rows)
    }

    /// What was told under the key by pages that are under way.
    pub(super) fn row(&self, key: &Key) -> Option<&ToldRow> {
        self.batches.iter().rev().find_map(|batch| batch.row(key))
    }

    /// A draft of a page at `at` ended as a sighting of `of`; `before` is what its key led to when
    /// the page was begun.
    pub(super) fn note(
        &mut self,
        key: Key,
        of: &Of,
        at: Timestamp,
        by: Option<&Publisher>,
        before: Option<&ToldRow>,
    ) {
        self.drafts += 1;
        let before = self.row(&key).or(before).cloned();
        self.newest().note(key, of, at, by, before);
    }
}
