//! What can be set about watching.

use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::{Deserialize, Serialize};

/// How the folder is watched. Durations are written as `2s`, `500ms`, `1m 30s`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether the kernel's events are used.
    pub mode: Mode,
    /// A file found by listing, not told by an event, is complete when it has not been touched
    /// for this long.
    #[serde(with = "friendly")]
    pub settle: Duration,
    /// How often folders without events are looked at: all of them under `mode = "poll"`, on
    /// network file systems and where the kernel refuses more watches.
    #[serde(with = "friendly")]
    pub poll: Duration,
    /// How often the modification times of folders are compared, to find what events missed.
    #[serde(with = "friendly")]
    pub rescan_folders: Duration,
    /// How often, at the most, the names in folders touched in the last hour are compared; the
    /// true pause grows to 200 times the CPU time the comparison takes.
    #[serde(with = "friendly")]
    pub rescan_names: Duration,
    /// How often, at the most, every file is compared; the true pause grows to 200 times the CPU
    /// time the comparison takes.
    #[serde(with = "friendly")]
    pub rescan_files: Duration,
    /// A file written longer ago than this is backlog, unless an event told of it.
    #[serde(with = "friendly")]
    pub fresh: Duration,
    /// The largest page taken, in bytes, before and after inflating.
    pub max_page_bytes: u64,
    /// How many folders deep pages are looked for.
    pub max_depth: u8,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            mode: Mode::Auto,
            settle: Duration::from_secs(2),
            poll: Duration::from_secs(1),
            rescan_folders: Duration::from_secs(5),
            rescan_names: Duration::from_secs(60),
            rescan_files: Duration::from_secs(30),
            fresh: Duration::from_secs(300),
            max_page_bytes: 16 << 20,
            max_depth: 16,
        }
    }
}

/// Whether the kernel's events are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Events where the file system gives them, polling elsewhere.
    Auto,
    /// Polling only: for file systems that change behind the kernel's back.
    Poll,
}
