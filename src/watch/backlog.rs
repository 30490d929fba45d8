//! Files waiting to be read that nobody is in a hurry for, oldest first, and big ones.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BinaryHeap, VecDeque},
};

use super::{
    bell::{Bell, Waited},
    known::Mark,
    shared::Noticed,
};
use crate::page::PageName;

/// A file to be read.
#[derive(Debug)]
pub(super) struct Job {
    /// When it was captured, else written, in nanoseconds since 1970: the order of the backlog.
    pub(super) when: i64,
    pub(super) name: PageName,
    /// The version it was claimed at.
    pub(super) claim: Option<Mark>,
    pub(super) noticed: Noticed,
    /// How often reading was tried before.
    pub(super) tries: u8,
}

impl Job {
    fn order(&self) -> (i64, &PageName) {
        (self.when, &self.name)
    }
}

impl PartialEq for Job {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Job {}

impl PartialOrd for Job {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Job {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

/// Files waiting for the backlog reader: the oldest goes first, so that "nine killed" is told
/// before "twelve killed". While a listing is under way none goes, since an older one may come.
#[derive(Debug, Default)]
pub(super) struct Backlog(Bell<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    oldest_first: BinaryHeap<Reverse<Job>>,
    listing: bool,
    settling: bool,
}

impl Waiting {
    fn held(&self) -> bool {
        self.listing || self.settling
    }
}

impl Backlog {
    pub(super) fn push(&self, job: Job) {
        self.0.ring_if(|waiting| {
            waiting.oldest_first.push(Reverse(job));
            !waiting.held()
        });
    }

    /// A listing begins or ends.
    pub(super) fn listing(&self, under_way: bool) {
        self.0.ring_if(|waiting| {
            waiting.listing = under_way;
            !waiting.held()
        });
    }

    /// Files found at start are given time to settle, or have had it.
    pub(super) fn settling(&self, under_way: bool) {
        self.0.ring_if(|waiting| {
            waiting.settling = under_way;
            !waiting.held()
        });
    }

    /// Waits for the oldest, calling `taken` in the moment it is taken; `None` once stopped.
    pub(super) fn next(&self, taken: impl Fn()) -> Option<Job> {
        let next = self.0.wait(None, |waiting| {
            if waiting.held() {
                return None;
            }
            let Reverse(job) = waiting.oldest_first.pop()?;
            if waiting.oldest_first.is_empty() {
                waiting.oldest_first.shrink_to_fit();
            }
            taken();
            Some(job)
        });
        match next {
            Waited::Got(job) => Some(job),
            Waited::Late | Waited::Stopped => None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.with(|waiting| waiting.oldest_first.len())
    }

    pub(super) fn stop(&self) {
        self.0.stop();
    }
}

/// Big files waiting for their reader, first come first served.
#[derive(Debug, Default)]
pub(super) struct BigFiles(Bell<VecDeque<Job>>);

impl BigFiles {
    pub(super) fn push(&self, job: Job) {
        self.0.ring_if(|waiting| {
            waiting.push_back(job);
            true
        });
    }

    /// Waits for the next, calling `taken` in the moment it is taken; `None` once stopped.
    pub(super) fn next(&self, taken: impl Fn()) -> Option<Job> {
        let next = self.0.wait(None, |waiting| {
            let job = waiting.pop_front()?;
            taken();
            Some(job)
        });
        match next {
            Waited::Got(job) => Some(job),
            Waited::Late | Waited::Stopped => None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.with(|waiting| waiting.len())
    }

    pub(super) fn stop(&self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(when: i64, name: &str) -> Job {
        let noticed = Noticed::now(true);
        Job { when, name: PageName::new(name.as_bytes()), claim: None, noticed, tries: 0 }
    }

    #[test]
    fn the_oldest_goes_first_once_all_is_listed() {
        let backlog = Backlog::default();
        backlog.listing(true);
        for (when, name) in [(3, "c"), (1, "b"), (1, "a")] {
            backlog.push(job(when, name));
        }
        backlog.listing(false);
        let order: Vec<String> =
            (0..3).map(|_| backlog.next(|| ()).unwrap().name.to_string()).collect();
        assert_eq!(order, ["a", "b", "c"]);
        backlog.stop();
        assert!(backlog.next(|| ()).is_none());
    }
}
