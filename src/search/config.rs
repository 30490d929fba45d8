//! What can be set about search.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Settings of search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether the index is kept.
    pub enabled: bool,
    /// Milliseconds after which a search answers with what it has found so far.
    pub deadline_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config { enabled: true, deadline_ms: 1000 }
    }
}

impl Config {
    /// How long a search may take.
    pub(super) fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}
