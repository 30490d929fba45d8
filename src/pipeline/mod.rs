//! Joins the stages: alone starts and stops them, and holds the desk.
//!
//! ```text
//! watch ─lanes─▶ workers (parse) ─▶ intake (turns · desk · append) ─▶ wire ─▶ broadcast
//!                                     └─▶ versions of files that the ledger holds: back to watch,
//!                                         moved or deleted
//! ```
//!
//! Stopping is the end of input: the watch stage stops noticing and closes its lanes, the workers
//! lay out the live pages that are queued and end, the desk judges them, they are told, and only
//! then do subscribers hear goodbye. What is left of the backlog waits for the next start.

mod after;
mod guard;
mod intake;
mod recall;
mod retain;
mod run;
mod status;
mod stop;
mod taken;
mod turns;
mod workers;

use std::{path::PathBuf, time::Duration};

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::{Deserialize, Serialize};

pub use after::AfterError;
pub use intake::{IntakeError, Withdraw};
pub use run::{Attached, Orders, Plan, RunError, Running, start};
pub use status::{Degraded, Status};

/// What a node does where several share one wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It takes pages in and serves readers.
    #[default]
    All,
    /// It takes pages in; of readers it knows nothing.
    Ingest,
    /// It serves readers what others take in.
    Broadcast,
}

impl Role {
    /// The word used in the config.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::All => "all",
            Role::Ingest => "ingest",
            Role::Broadcast => "broadcast",
        }
    }
}

/// How pages are taken through the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Threads that parse pages; 0 means one for each core.
    pub workers: usize,
    /// A page captured longer ago than this when it is noticed is backfill: told, but marked.
    #[serde(with = "friendly")]
    pub fresh_within: Duration,
    /// What becomes of a page's file once it is on the wire: `leave`, `move` or `delete`.
    pub after: After,
    /// Where `after = "move"` moves files: a folder outside the watched one.
    pub moved_to: PathBuf,
    /// How long a stop may take before the daemon ends anyway.
    #[serde(with = "friendly")]
    pub grace: Duration,
}

/// What becomes of a page's file once it is on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum After {
    /// It stays.
    #[default]
    Leave,
    /// It is moved to `moved_to`.
    Move,
    /// It is deleted.
    Delete,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            workers: 0,
            fresh_within: Duration::from_secs(15 * 60),
            after: After::Leave,
            moved_to: PathBuf::new(),
            grace: Duration::from_secs(10),
        }
    }
}

impl Config {
    fn workers(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(2, usize::from),
            workers => workers,
        }
    }
}
