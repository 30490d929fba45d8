//! A page on its way to the desk: everything that can be done with it before it is its turn.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::value::RawValue;

use super::time::page_time;
use crate::{
    dedup::{Reading, Seed},
    item::{Draft, Key, Kind, Outcome, PageHash, Rejection},
    page::PageName,
    parse::{Parsed, Sheet, SiteMemory, TickerOrder},
    wire::{PageRow, Publisher},
};

/// Where a page comes from and when: what is known of it apart from what it says.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// Path below the watched folder.
    pub name: PageName,
    /// Hash of its content; `None` where it couldn't be read.
    pub hash: Option<PageHash>,
    /// What the file system said of it, as the ledger keeps it; zeros where the file was gone.
    pub stat: [u64; 5],
    /// The queue it came by.
    pub lane: &'static str,
    /// Its place in that queue.
    pub ticket: u64,
    /// It lay in the folder when the daemon started.
    pub initial: bool,
    /// When it was noticed.
    pub seen: Timestamp,
    /// When its file was last written.
    pub modified: Timestamp,
    /// When it was captured, as its crawler said.
    pub captured: Option<Timestamp>,
    /// Microseconds from being noticed to being read.
    pub read_us: u64,
    /// Microseconds from being noticed to being laid out.
    pub parsed_us: u64,
    /// The page's bytes, compressed with zstd: kept as evidence if it tells anything.
    pub evidence: Option<Bytes>,
}

impl Provenance {
    /// Of a page that was captured, noticed and read at one moment.
    pub fn new(name: PageName, at: Timestamp) -> Self {
        Provenance {
            name,
            hash: None,
            stat: [0; 5],
            lane: "live",
            ticket: 0,
            initial: false,
            seen: at,
            modified: at,
            captured: None,
            read_us: 0,
            parsed_us: 0,
            evidence: None,
        }
    }
}

/// A page as it comes to the desk, with all done that needs no memory.
#[derive(Debug)]
pub struct Submission {
    from: Provenance,
    sheet: Sheet,
    ready: Ready,
}

/// What can be known of a page's drafts without any memory.
#[derive(Debug, Default)]
pub(super) struct Ready {
    /// In telling order: ticker lines oldest first, then the article.
    pub(super) drafts: Vec<Draft>,
    /// The drafts' keys.
    pub(super) keys: Vec<Key>,
    /// The drafts read, as the desk's memory reads them.
    pub(super) readings: Vec<Reading>,
    /// The JSON of each draft's item as it is told for the first time.
    pub(super) json: Vec<Box<RawValue>>,
}

/// A page whose turn it is, with what its site's memory made of it.
#[derive(Debug)]
pub struct Finished {
    pub(super) from: Provenance,
    pub(super) parsed: Parsed,
    pub(super) ready: Ready,
    /// Page time.
    pub(super) at: Timestamp,
    /// The site whose memory it changed.
    pub(super) site: Option<String>,
}

impl Submission {
    /// A page that was laid out, or why it can't be read; `seed` is the [desk's][super::Desk::seed]
    /// that is to judge it.
    pub fn new(from: Provenance, result: Result<Sheet, Rejection>, seed: &Seed) -> Self {
        let sheet = result.unwrap_or_else(Sheet::rejected);
        let ready = Ready::of(sheet.parsed(), seed);
        Submission { from, sheet, ready }
    }

    /// Where it comes from.
    pub fn provenance(&self) -> &Provenance {
        &self.from
    }

    pub(super) fn parsed(&self) -> &Parsed {
        self.sheet.parsed()
    }

    /// Lets what earlier pages of its site taught change what the page says.
    pub(super) fn revise(&mut self, sites: &SiteMemory, seed: &Seed) {
        // The memory is only read, and a sheet that was left half-revised is thrown away.
        let revised = catch_unwind(AssertUnwindSafe(|| self.sheet.revise(sites)));
        match revised {
            Ok(false) => return,
            Ok(true) => {}
            Err(_) => self.sheet = Sheet::rejected(stumbled()),
        }
        self.ready = Ready::of(self.sheet.parsed(), seed);
    }

    pub(super) fn finished(self, site: Option<String>) -> Finished {
        let parsed = self.sheet.into_parsed();
        let at = page_time(&self.from, parsed.newest_date);
        Finished { from: self.from, parsed, ready: self.ready, at, site }
    }
}

impl Ready {
    fn of(parsed: &Parsed, seed: &Seed) -> Self {
        let (mut drafts, rest): (Vec<Draft>, Vec<Draft>) =
            parsed.drafts.iter().cloned().partition(|draft| draft.item.kind() == Kind::Ticker);
        if parsed.ticker_order == TickerOrder::NewestFirst {
            drafts.reverse();
        }
        drafts.extend(rest);
        for draft in &mut drafts {
            draft.item.set_version(1);
        }
        let keys = drafts.iter().map(|draft| Key::of(&draft.item)).collect();
        let url = parsed.url.as_deref();
        let readings = drafts.iter().map(|draft| Reading::of(&draft.item, url, seed)).collect();
        let json = drafts.iter().map(|draft| draft.item.json()).collect();
        Ready { drafts, keys, readings, json }
    }
}

impl Finished {
    /// Where it comes from.
    pub fn provenance(&self) -> &Provenance {
        &self.from
    }

    /// What it says.
    pub fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    /// How many drafts it has.
    pub fn drafts(&self) -> usize {
        self.ready.drafts.len()
    }

    /// The site whose memory it changed.
    pub fn site(&self) -> Option<&str> {
        self.site.as_deref()
    }

    /// Sets the page aside after all: what the store refuses must not block the pages behind it.
    /// False where it had been set aside before.
    pub fn set_aside(&mut self, reason: String) -> bool {
        let already =
            self.parsed.rejected.replace(Rejection::new(Outcome::Unreadable, reason)).is_some();
        self.parsed.drafts.clear();
        self.ready = Ready::default();
        !already
    }

    pub(super) fn row(&self) -> PageRow {
        let mut lines = BTreeMap::new();
        for class in &self.parsed.lines {
            *lines.entry(class.name().into_owned()).or_insert(0) += 1;
        }
        let (from, rejected) = (&self.from, &self.parsed.rejected);
        PageRow {
            name: from.name.as_bytes().to_vec(),
            hash: from.hash,
            stat: from.stat,
            outcome: rejected.as_ref().map_or(Outcome::Done, |rejection| rejection.outcome),
            reason: rejected.as_ref().map(|rejection| rejection.reason.clone()),
            seen: from.seen,
            at: self.at,
            lane: from.lane,
            ticket: from.ticket,
            source: self.parsed.source.label().map(Into::into),
            url: self.parsed.url.clone(),
            ticker_lines: self.ticker_lines(),
            lines,
            remarks: self.parsed.remarks.clone(),
        }
    }

    /// Whose it is: its source, else whoever's pages begin like it.
    pub(super) fn publisher(&self) -> Option<Publisher> {
        let source = self.parsed.source.label();
        let alike = || self.parsed.opening.map(Publisher::Alike);
        source.map(|source| Publisher::Named(source.to_owned())).or_else(alike)
    }

    pub(super) fn ticker_lines(&self) -> u32 {
        let lines = self.ready.drafts.iter().filter(|draft| draft.item.kind() == Kind::Ticker);
        lines.count().try_into().unwrap_or(u32::MAX)
    }
}

/// What is said of a page that reading panicked on.
pub fn stumbled() -> Rejection {
    Rejection::new(
        Outcome::Unreadable,
        "flashwire stumbled over this page; the log has the place: please report it",
    )
}
