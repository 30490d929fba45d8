//! Page and what is known → [`Group`]. Pure: no I/O, no clock; what was told is asked of whoever
//! can tell ([`Known`]), time is passed in, and numbering goes on from where it is set.
//!
//! Everything that needs no memory is done before a page comes here, by whoever has the time
//! ([`Submission::new`]). Here each page first learns from and teaches its site's memory
//! ([`Desk::finish`]), then its drafts are judged one after the other and what is told is folded at
//! once ([`Desk::judge`]), so that the next page is held against it. What was judged and is not on
//! the wire yet is known all the same, and can be taken back.

mod clock;
mod held;
mod judge;
mod origin;
mod seen;
mod submission;
mod time;
mod unwritten;
mod withdraw;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    dedup::{self, Gist, Memory, Seed},
    item::{Record, Seq},
    parse::SiteMemory,
    wire::{Group, Held, Known, ReadError},
};

use held::HeldBack;
use unwritten::Unwritten;

pub use judge::Judged;
pub use seen::Seen;
pub use submission::{Finished, Provenance, Submission, stumbled};
pub use time::micros_between;
pub use withdraw::Named;

/// How pages are judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// How long a line counts as told.
    pub dedup: dedup::Config,
    /// A page captured longer ago than this when it was noticed is backfill.
    pub fresh_within: Duration,
}

/// Judges pages, one after the other.
#[derive(Debug)]
pub struct Desk {
    memory: Memory,
    sites: SiteMemory,
    unwritten: Unwritten,
    held: HeldBack,
    /// The last position given.
    head: Seq,
    /// The last time given: event times never go back.
    last_time: Timestamp,
    fresh_within: Duration,
    /// Nothing was on the wire when this desk began.
    first_start: bool,
}

impl Desk {
    /// A desk that knows nothing of what was told; what is on the wire is [recalled][Self::recall]
    /// before the first page is judged.
    pub fn new(config: &Config) -> Self {
        Desk {
            memory: Memory::new(config.dedup.clone()),
            sites: SiteMemory::default(),
            unwritten: Unwritten::default(),
            held: HeldBack::default(),
            head: Seq(0),
            last_time: Timestamp::MIN,
            fresh_within: config.fresh_within,
            first_start: true,
        }
    }

    /// A desk like this one that knows nothing of what was told yet: what is on the wire is to be
    /// recalled. What was read for this desk is good for that one, too.
    #[must_use]
    pub fn anew(&self) -> Self {
        Desk {
            memory: self.memory.emptied(),
            sites: SiteMemory::default(),
            unwritten: Unwritten::default(),
            held: HeldBack::default(),
            ..*self
        }
    }

    /// What [`Gist`]s for this desk are read with.
    pub fn seed(&self) -> &Seed {
        self.memory.seed()
    }

    /// Nothing recalled from here on counts as newer than `now`: it was marked by a clock that was
    /// ahead.
    pub fn not_after(&mut self, now: Timestamp) {
        self.memory.not_after(now);
    }

    /// Takes in a record that is on the wire, in wire order.
    pub fn recall(&mut self, gist: &Gist) {
        self.memory.recall(gist);
    }

    /// Takes in what pages taught about a site; false where that has the form of another version
    /// and can't be used.
    pub fn recall_site(&mut self, site: &str, memory: &[u8]) -> bool {
        self.sites.load(site, memory)
    }

    /// Takes in the versions that are held back on the wire.
    pub fn recall_held(&mut self, held: Vec<Held>) {
        self.held.recall(held);
    }

    /// Nothing is known of a site any more.
    pub fn forget_site(&mut self, site: &str) {
        self.sites.forget(site);
    }

    /// Learns once more from a page that was taken in: what is known of its site was begun anew
    /// since, with what others have put on the wire.
    pub fn learn_again(&mut self, page: &Finished) {
        self.sites.fold(page.parsed());
    }

    /// All that is on the wire is recalled: numbering goes on after `head`, time after
    /// `last_time`.
    pub fn begin(&mut self, head: Seq, last_time: Timestamp) {
        // Only now: an old event must not be dropped before its alias has come.
        self.memory.settle();
        (self.head, self.last_time) = (head, last_time);
        self.first_start &= head == Seq(0);
    }

    /// The last position given.
    pub fn head(&self) -> Seq {
        self.head
    }

    /// The last time given.
    pub fn last_time(&self) -> Timestamp {
        self.last_time
    }

    /// Takes a page in: its site's memory has its say in what the page says, and learns from it.
    /// Pages must come in their order, each once.
    pub fn finish(&mut self, mut submission: Submission) -> Finished {
        submission.revise(&self.sites, self.memory.seed());
        let site = self.sites.fold(submission.parsed()).map(str::to_owned);
        submission.finished(site)
    }

    /// Judges a page and folds what it tells.
    ///
    /// # Errors
    /// Where what was told can't be read; then everything judged since it was last
    /// [written][Self::written] must be [taken back][Self::take_back].
    pub fn judge(
        &mut self,
        page: &Finished,
        known: &impl Known,
        now: Timestamp,
    ) -> Result<Judged, ReadError> {
        judge::Judging { desk: self, known }.page(page, now)
    }

    /// What the site of a page has taught so far, to be stored with the page.
    pub fn site_memory(&self, site: &str) -> Option<Vec<u8>> {
        self.sites.save(site)
    }

    /// The pages judged from here on are written together; none of them is newer than `now`.
    pub fn begin_batch(&mut self, now: Timestamp) {
        self.memory.not_after(now);
        self.unwritten.begin();
    }

    /// How far the last time given is ahead of the clock, where that is worth saying.
    pub fn ahead(&self, now: Timestamp) -> Option<SignedDuration> {
        clock::ahead(self.last_time, now)
    }

    /// The oldest batch that was not written yet is on the wire; gives what it told.
    pub fn written(&mut self) -> Seen {
        let batch = self.unwritten.written();
        if self.unwritten.is_empty() {
            self.memory.settle();
            self.held.settle();
        }
        batch
    }

    /// Drafts judged since what was told could last not be taken back any more.
    pub fn unsettled(&self) -> usize {
        self.unwritten.drafts()
    }

    /// Takes back what was judged and is not on the wire: those pages are to be judged again.
    /// `written` are the groups on the wire that were judged since the last time that nothing was
    /// under way, in order.
    pub fn take_back<'a>(
        &mut self,
        head: Seq,
        last_time: Timestamp,
        written: impl IntoIterator<Item = &'a Group>,
    ) {
        self.memory.unfold();
        self.held.unfold();
        self.unwritten = Unwritten::default();
        for group in written {
            self.fold(group);
        }
        self.memory.settle();
        self.held.settle();
        (self.head, self.last_time) = (head, last_time);
    }

    /// Folds a group that is on the wire.
    fn fold(&mut self, group: &Group) {
        let mut aliases = group.aliases.iter().peekable();
        for entry in &group.events {
            while let Some(alias) = aliases.next_if(|alias| alias.after < entry.seq) {
                self.memory.fold(&Record::Alias(alias.clone()));
            }
            self.memory.fold(&Record::Event(entry.event.clone()));
        }
        for alias in aliases {
            self.memory.fold(&Record::Alias(alias.clone()));
        }
        self.held.fold(group);
    }

    /// Folds records that somebody else put on the wire; `held` is what is held back there now.
    pub fn catch_up(&mut self, records: &[Record], held: Vec<Held>) {
        for record in records {
            self.memory.fold(record);
            if let Record::Event(event) = record {
                self.head = event.seq;
                self.last_time = self.last_time.max(event.time);
            }
        }
        self.memory.settle();
        self.held.recall(held);
        self.unwritten = Unwritten::default();
    }

    /// The time of the next event: always after the last one's.
    fn next_time(&mut self, now: Timestamp) -> Timestamp {
        self.last_time = clock::next(self.last_time, now);
        self.last_time
    }

    fn next_seq(&mut self) -> Seq {
        self.head = Seq(self.head.0 + 1);
        self.head
    }
}
