//! What the threads of the stage share.

use std::{
    collections::HashSet,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use jiff::Timestamp;
use rustix::io::Errno;

use super::{
    backlog::{Backlog, BigFiles, Job},
    config::Config,
    gauges::Gauges,
    hints::{Hints, Inbox},
    known::{Claims, Known},
    pending::Pending,
    root::Root,
    sidecar,
    stat::{Stat, now_ns},
};
use crate::page::PageName;

/// How a file came to notice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noticed {
    /// When.
    pub(super) seen: Timestamp,
    /// By the listing at start.
    pub(super) initial: bool,
    /// By an event, not by a listing.
    pub(super) told: bool,
    /// It is taken even where it looks cut off: it came whole under its name, or it had its time
    /// to be finished.
    pub(super) as_it_is: bool,
}

impl Noticed {
    pub(super) fn now(initial: bool) -> Self {
        Noticed { seen: Timestamp::now(), initial, told: false, as_it_is: false }
    }

    pub(super) fn told(seen: Timestamp) -> Self {
        Noticed { seen, initial: false, told: true, as_it_is: false }
    }
}

/// What the threads of the stage share. Who leaves what for whom:
/// events → `hints` (live reader) and `inbox` (lister); lister → `pending` (timer), `hints`,
/// `backlog`; timer → `hints`, `backlog`; both readers → `big`, `pending`.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) claims: Claims,
    pub(super) hints: Hints,
    pub(super) inbox: Inbox,
    pub(super) pending: Pending,
    pub(super) backlog: Backlog,
    pub(super) big: BigFiles,
    pub(super) gauges: Gauges,
    root: RwLock<Option<Arc<Root>>>,
    folders: RwLock<HashSet<PageName>>,
    stopped: AtomicBool,
}

impl Shared {
    pub(super) fn new(config: Config, root: Root, known: Known) -> Self {
        Shared {
            config,
            claims: Claims::new(known),
            hints: Hints::default(),
            inbox: Inbox::default(),
            pending: Pending::default(),
            backlog: Backlog::default(),
            big: BigFiles::default(),
            gauges: Gauges::default(),
            root: RwLock::new(Some(Arc::new(root))),
            folders: RwLock::default(),
            stopped: AtomicBool::new(false),
        }
    }

    /// The watched folder, unless it is lost.
    pub(super) fn root(&self) -> Option<Arc<Root>> {
        self.root.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_root(&self, root: Option<Arc<Root>>) {
        *self.root.write().unwrap_or_else(PoisonError::into_inner) = root;
    }

    /// True for a folder that was listed and has not gone since.
    pub(super) fn is_folder(&self, path: &PageName) -> bool {
        self.folders.read().unwrap_or_else(PoisonError::into_inner).contains(path)
    }

    pub(super) fn with_folders(&self, f: impl FnOnce(&mut HashSet<PageName>)) {
        f(&mut self.folders.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Passes a complete file on to be read: live where an event told of it or it was written a
    /// short while ago, else with the backlog.
    pub(super) fn complete(&self, name: PageName, stat: Stat, noticed: Noticed) {
        if !noticed.told && (noticed.initial || self.is_old(stat)) {
            self.to_backlog(name, stat, noticed);
        } else if !self.hints.found(name.clone(), noticed, 0) {
            self.pending.settle(name, stat, Duration::from_millis(100), noticed);
        }
    }

    /// Passes a file on to be tried again, and whatever came of it told.
    pub(super) fn to_reader(&self, name: PageName, noticed: Noticed, tries: u8) {
        if noticed.initial {
            let when = now_ns();
            self.backlog.push(Job { when, name, claim: None, noticed, tries });
        } else if !self.hints.found(name.clone(), noticed, tries) {
            self.pending.retry(name, Errno::AGAIN, tries.saturating_sub(1), noticed);
        }
    }

    fn to_backlog(&self, name: PageName, stat: Stat, noticed: Noticed) {
        let Some(claim) = self.claims.claim(&name, stat, None) else { return };
        let captured = self.root().and_then(|root| sidecar::captured(&root, &name));
        let when = captured.map_or(stat.mtime_ns, |captured| {
            i64::try_from(captured.as_nanosecond()).unwrap_or(stat.mtime_ns)
        });
        self.backlog.push(Job { when, name, claim: Some(claim), noticed, tries: 0 });
    }

    fn is_old(&self, stat: Stat) -> bool {
        let age = now_ns().saturating_sub(stat.mtime_ns);
        age > i64::try_from(self.config.fresh.as_nanos()).unwrap_or(i64::MAX)
    }

    /// Ends all threads: each finishes what it is at and drops its end of the channels.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Relaxed);
        self.hints.stop();
        self.inbox.0.stop();
        self.pending.stop();
        self.backlog.stop();
        self.big.stop();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }
}
