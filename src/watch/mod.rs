//! Folder → [`Page`]: notices each page the moment it is complete.
//!
//! Events are hints, listing is the truth. The kernel's events (`events`) shorten the wait: a
//! page moved in, linked in, or closed after writing goes straight to the live reader
//! (`readers`). What events miss (folders that filled before their watch stood, an overflowing
//! queue, the limit of watches, network file systems) is found by listing (`lister`), which can
//! do the whole job alone. A file found by listing is taken once it has rested for
//! [`Config::settle`] (`pending`). What looks cut off is given that time once more to be finished,
//! then it is taken as it is; a page moved in or linked in is whole by that.
//!
//! ```text
//! events ──▶ hints ──▶ live reader ──▶ live lane
//!    │         ▲            └────────▶ big files ──▶ big reader ──▶ big lane
//!    ▼         │                            ▲
//!  inbox ──▶ lister ──▶ pending (timer)     │
//!              └──────▶ backlog ──▶ backlog reader ──▶ backlog lane
//! ```
//!
//! A version of a file (its name and [`Stat`]) is sent on once: it is claimed before it is read
//! and remains claimed until the caller says [`Watch::settled`], after which rescans pass it
//! over. The ledger stands behind that: a version read twice after all has a hash it knows.

mod backlog;
mod bell;
mod budget;
mod config;
mod events;
mod gauges;
mod hints;
mod ignored;
mod inflate;
mod known;
mod lister;
mod names;
mod open_folder;
mod pending;
mod read;
mod readers;
mod root;
mod shared;
mod sidecar;
mod stat;
mod tree;

use std::{io, path::PathBuf, sync::Arc, thread};

use async_channel::{Receiver, Sender};
use jiff::Timestamp;

use crate::{
    item::{Rejection, Shown},
    page::{Page, PageName},
};
use {lister::Lister, readers::Reader, shared::Shared};

pub use {
    config::{Config, Mode},
    ignored::{Ignored, ignored},
    known::Known,
    open_folder::OpenFolder,
    root::Root,
    stat::Stat,
};

/// Which queue a page came by. Tickets are dense within a lane: what stands behind the workers
/// takes each lane in the order of its tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// An event told of it, or it was written a short while ago: it goes first.
    Live,
    /// It lay there already. This lane comes oldest first (by when the page was captured, else
    /// written, then by name).
    Backlog,
    /// Over 1 MiB, live or not; a lane of its own, so that nobody waits for it.
    Big,
}

impl Lane {
    /// The word used in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Lane::Live => "live",
            Lane::Backlog => "backlog",
            Lane::Big => "big",
        }
    }
}

/// One version of one file of the folder.
#[derive(Debug)]
pub struct Arrival {
    /// The queue it came by.
    pub lane: Lane,
    /// Its place in that queue: 0, 1, 2 … without holes.
    pub ticket: u64,
    /// Path below the watched folder.
    pub name: PageName,
    /// The version that was read; `None` where the file could not be looked at (it is gone). To
    /// be handed to [`Watch::settled`] once the ledger holds it.
    pub stat: Option<Stat>,
    /// True where the listing at start found it.
    pub initial: bool,
    /// The page, or why there is none.
    pub result: Result<Page, Rejection>,
}

/// Where arrivals go in: one bounded queue per lane.
#[derive(Debug)]
pub struct Lanes {
    live: Sender<Arrival>,
    backlog: Sender<Arrival>,
    big: Sender<Arrival>,
}

/// Where arrivals come out. All three close when the watch has stopped.
#[derive(Debug)]
pub struct Arrivals {
    /// [`Lane::Live`].
    pub live: Receiver<Arrival>,
    /// [`Lane::Backlog`].
    pub backlog: Receiver<Arrival>,
    /// [`Lane::Big`].
    pub big: Receiver<Arrival>,
}

/// The queues between the watch and the workers: 256 live pages, 1024 of the backlog, one big
/// one. Besides, at most 32 MiB of pages are on their way in each lane, until their bytes are
/// dropped.
pub fn lanes() -> (Lanes, Arrivals) {
    let (live, live_out) = async_channel::bounded(256);
    let (backlog, backlog_out) = async_channel::bounded(1024);
    let (big, big_out) = async_channel::bounded(1);
    let arrivals = Arrivals { live: live_out, backlog: backlog_out, big: big_out };
    (Lanes { live, backlog, big }, arrivals)
}

/// Why a folder can't be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// There is nothing at the path.
    #[error("the folder {} does not exist", Shown::exact(.0.display()))]
    NoFolder(PathBuf),
    /// Something else is at the path.
    #[error("{} is not a folder", Shown::exact(.0.display()))]
    NotAFolder(PathBuf),
    /// The disk that was mounted at the path is not.
    #[error("the disk of the folder {} is not mounted", Shown::exact(.0.display()))]
    Unmounted(PathBuf),
    /// The system refuses to open the folder.
    #[error("the folder {} can't be opened: {source}", Shown::exact(path.display()))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refuses to start a thread.
    #[error("no thread could be started to watch the folder: {0}")]
    Thread(io::Error),
}

/// How folders are noticed to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Noticing {
    /// By the kernel's events, all of them.
    Events,
    /// By listing alone.
    #[default]
    Polling,
    /// Some by events; for the others the kernel refused a watch.
    Mixed,
}

impl Noticing {
    /// The word used in JSON and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Noticing::Events => "events",
            Noticing::Polling => "polling",
            Noticing::Mixed => "mixed",
        }
    }
}

/// How the watch is doing, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// How folders are noticed to change.
    pub noticing: Noticing,
    /// The watched folder itself is watched, or polled: a page dropped now is noticed.
    pub armed: bool,
    /// The listing at start is through; its pages may still wait to be read.
    pub initial_done: bool,
    /// Folders with a watch.
    pub watches: u64,
    /// Folders polled instead.
    pub polled: u64,
    /// Times the kernel dropped events; each was followed by a listing of everything.
    pub overflows: u64,
    /// Listings of everything that are through, the one at start included.
    pub rescans: u64,
    /// Versions sent on, pages and rejections.
    pub seen: u64,
    /// Versions noticed and not yet settled: waiting to be read, or sent on.
    pub unsettled: u64,
    /// Of these, waiting to be complete or to be read.
    pub pending: u64,
    /// Files in the folder that are not taken by their name, as last listed.
    pub ignored: u64,
    /// The last of them to come up.
    pub last_ignored: Option<PageName>,
    /// Times the system refused to read a file, for now.
    pub retries: u64,
    /// Files waiting for another try.
    pub retrying: u64,
    /// Files that appeared and went before they were complete.
    pub vanished: u64,
    /// Since when the watched folder is gone.
    pub root_missing_since: Option<Timestamp>,
}

/// A folder being watched. Dropping it is [`Watch::stop`].
#[derive(Debug)]
pub struct Watch {
    shared: Arc<Shared>,
}

/// Watches `root`, passing over what is `known`. Returns at once; [`Status::armed`] says when
/// drops are noticed.
///
/// # Errors
/// [`WatchError::Thread`] where the system gives no thread.
pub fn start(config: Config, root: Root, known: Known, lanes: Lanes) -> Result<Watch, WatchError> {
    let watch = Watch { shared: Arc::new(Shared::new(config, root, known)) };
    let spawn = |name: &str, body: Box<dyn FnOnce() + Send>| {
        let thread = thread::Builder::new().name(format!("watch {name}"));
        thread.spawn(body).map(drop).map_err(WatchError::Thread)
    };
    let readers = [
        ("live", Lane::Live, lanes.live),
        ("backlog", Lane::Backlog, lanes.backlog),
        ("big", Lane::Big, lanes.big),
    ];
    for (name, lane, to) in readers {
        let reader = Reader::new(Arc::clone(&watch.shared), lane, to);
        spawn(name, Box::new(|| reader.run()))?;
    }
    let shared = Arc::clone(&watch.shared);
    spawn("timer", Box::new(move || pending::run(&shared)))?;
    let lister = Lister::new(Arc::clone(&watch.shared));
    spawn("lister", Box::new(|| lister.run()))?;
    Ok(watch)
}

impl Watch {
    /// The ledger holds this version now: rescans pass it over.
    pub fn settled(&self, name: &PageName, stat: Stat) {
        self.shared.claims.settle(name, stat);
    }

    /// The watched folder, held open; `None` while it is lost.
    pub fn root(&self) -> Option<Arc<Root>> {
        self.shared.root()
    }

    /// Lists everything again now.
    pub fn rescan(&self) {
        self.shared.inbox.all();
    }

    /// Stops noticing. Reads under way are finished and sent on, then the queues close; what was
    /// noticed and not read is found again at the next start.
    pub fn stop(&self) {
        self.shared.stop();
    }

    /// How it is doing.
    pub fn status(&self) -> Status {
        let shared = &self.shared;
        let ((settling, retrying, hinted, held, queued), in_hand) =
            shared.gauges.at_one_moment(|| {
                let (settling, retrying) = shared.pending.count();
                let queued = shared.backlog.len() + shared.big.len();
                (settling, retrying, shared.hints.len(), shared.claims.held(), queued)
            });
        Status {
            unsettled: (held + settling + hinted) as u64 + in_hand,
            pending: (settling + hinted + queued) as u64 + in_hand,
            retrying: retrying as u64,
            ..shared.gauges.status()
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop();
    }
}
