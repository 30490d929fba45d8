//! The ledger as people and the watch stage read it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::item::{Outcome, PageHash, Remark, micros};

/// A page by its name, and what the file system said of it: inode, size and times.
pub type KnownPage = (Vec<u8>, [u64; 5]);

/// One page of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerPage {
    /// Path below the watched folder.
    pub name: String,
    /// Hash of its content.
    pub hash: Option<PageHash>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was set aside.
    pub reason: Option<String>,
    /// When it was noticed.
    #[serde(with = "micros")]
    pub seen: Timestamp,
    /// When it was captured.
    #[serde(with = "micros")]
    pub at: Timestamp,
    /// The source's name or host.
    pub source: Option<String>,
    /// Its canonical URL.
    pub url: Option<String>,
    /// How many drafts it gave: each ended as a sighting.
    pub drafts: u64,
    /// Lines by class.
    pub lines: BTreeMap<String, u32>,
    /// What was noticed.
    pub remarks: Vec<Remark>,
}

/// Sums over the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerCounts {
    /// Events on the wire.
    pub events: u64,
    /// Sightings, first tellings included.
    pub sightings: u64,
    /// Pages by outcome.
    pub pages: BTreeMap<String, u64>,
    /// Bytes of the wire's file and its log.
    pub bytes: u64,
}
