//! How the watch is doing.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{
        AtomicU64,
        Ordering::{Relaxed, SeqCst},
    },
};

use jiff::Timestamp;

use super::{Noticing, Status};
use crate::page::PageName;

/// Counters kept by the threads of the stage.
#[derive(Debug, Default)]
pub(super) struct Gauges {
    seen: AtomicU64,
    retries: AtomicU64,
    vanished: AtomicU64,
    overflows: AtomicU64,
    rescans: AtomicU64,
    hands: Hands,
    listed: Mutex<Listed>,
}

/// Files taken from one queue and not yet in the next, and how often that began or ended: what is
/// counted between two equal readings is a picture of one moment.
#[derive(Debug, Default)]
struct Hands {
    full: AtomicU64,
    moves: AtomicU64,
}

/// What only the lister knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    pub(super) noticing: Noticing,
    pub(super) armed: bool,
    pub(super) initial_done: bool,
    pub(super) watches: u64,
    pub(super) polled: u64,
    pub(super) ignored: u64,
    pub(super) last_ignored: Option<PageName>,
    pub(super) root_missing_since: Option<Timestamp>,
}

impl Gauges {
    fn lock(&self) -> MutexGuard<'_, Listed> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn seen(&self) {
        self.seen.fetch_add(1, Relaxed);
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    pub(super) fn vanished(&self) {
        self.vanished.fetch_add(1, Relaxed);
    }

    pub(super) fn overflowed(&self) {
        self.overflows.fetch_add(1, Relaxed);
    }

    pub(super) fn rescanned(&self) {
        self.rescans.fetch_add(1, Relaxed);
    }

    pub(super) fn ignored(&self, name: PageName) {
        self.lock().last_ignored = Some(name);
    }

    pub(super) fn listed(&self, change: impl FnOnce(&mut Listed)) {
        change(&mut self.lock());
    }

    /// A file is taken from its queue; called with the queue still locked.
    pub(super) fn in_hand(&self) {
        self.hands.full.fetch_add(1, SeqCst);
        self.hands.moves.fetch_add(1, SeqCst);
    }

    /// It is where it goes.
    pub(super) fn out_of_hand(&self) {
        self.hands.moves.fetch_add(1, SeqCst);
        self.hands.full.fetch_sub(1, SeqCst);
    }

    /// What `count` says, and the files in hand besides, at one moment (or nearly so, where too
    /// much is moving to tell).
    pub(super) fn at_one_moment<R>(&self, count: impl Fn() -> R) -> (R, u64) {
        let mut tries = 0;
        loop {
            let before = self.hands.moves.load(SeqCst);
            let counted = count();
            let full = self.hands.full.load(SeqCst);
            tries += 1;
            if before == self.hands.moves.load(SeqCst) || tries == 10 {
                return (counted, full);
            }
        }
    }

    /// Everything but what the queues say.
    pub(super) fn status(&self) -> Status {
        let Listed {
            noticing,
            armed,
            initial_done,
            watches,
            polled,
            ignored,
            last_ignored,
            root_missing_since,
        } = self.lock().clone();
        Status {
            noticing,
            armed,
            initial_done,
            watches,
            polled,
            ignored,
            last_ignored,
            root_missing_since,
            overflows: self.overflows.load(Relaxed),
            rescans: self.rescans.load(Relaxed),
            seen: self.seen.load(Relaxed),
            retries: self.retries.load(Relaxed),
            vanished: self.vanished.load(Relaxed),
            ..Status::default()
        }
    }
}
