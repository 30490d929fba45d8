//! The newest entries in memory, so that live readers never touch the disk.

use std::{collections::VecDeque, sync::Arc};

use crate::item::{EventId, Seq};

use super::entry::Entry;

/// The newest entries, bounded in number and bytes.
#[derive(Debug)]
pub(super) struct Tail {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    /// Everything after this position is here.
    after: Seq,
}

const ENTRIES_MAX: usize = 8192;
const BYTES_MAX: usize = 16 << 20;

impl Tail {
    /// An empty tail behind `head`.
    pub(super) fn new(head: Seq) -> Self {
        Tail { entries: VecDeque::new(), bytes: 0, after: head }
    }

    /// Adds a newer entry and forgets the oldest past the bounds.
    pub(super) fn push(&mut self, entry: Arc<Entry>) {
        self.bytes += entry.json.len();
        self.entries.push_back(entry);
        while self.entries.len() > ENTRIES_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.json.len();
            self.after = oldest.seq;
        }
    }

    /// Up to `limit` entries after `after`; `None` where they reach back beyond the tail.
    pub(super) fn read(&self, after: Seq, limit: usize) -> Option<Vec<Arc<Entry>>> {
        if after < self.after {
            return None;
        }
        let from = self.entries.partition_point(|entry| entry.seq <= after);
        Some(self.entries.range(from..).take(limit).cloned().collect())
    }

    /// Blanks an event that was taken back at `by`, and what others quote of it.
    pub(super) fn withdraw(&mut self, id: EventId, by: Seq) {
        for entry in &mut self.entries {
            let changed = if entry.event.id == id {
                Some(entry.event.blanked(by))
            } else {
                entry.event.without_quotes_of(id)
            };
            let Some(changed) = changed else { continue };
            let changed = Entry::new(Arc::new(changed));
            self.bytes = self.bytes - entry.json.len() + changed.json.len();
            *entry = Arc::new(changed);
        }
    }
}
