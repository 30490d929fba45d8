//! The workers: threads that lay out pages, in any order.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::JoinHandle,
};

use async_channel::{Receiver, Sender};
use jiff::Timestamp;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use zstd::bulk::Compressor;

use crate::{
    dedup::Seed,
    desk::{Provenance, Submission, micros_between, stumbled},
    parse::{self, Sites},
    watch::{Arrival, Lane},
};

use super::{
    intake::Task,
    stop::{Stage, Stop},
    taken::{Done, Taken, stat_parts},
    turns::LIVE_FOR_EACH_BACKLOG,
};

/// Enough for the deepest tree an extractor may walk; pages that are deeper were cut before.
const STACK: usize = 16 << 20;

/// The pages of a lane, for the workers.
#[derive(Clone)]
pub(super) struct Supply {
    arrivals: Receiver<Arrival>,
    /// A page needs a place before it is taken, and keeps it until the desk takes it on: so the
    /// pages between a lane and the desk are bounded, however long the oldest of them takes.
    /// Tickets are handed out in order, so the page the desk waits for is always among them.
    places: Arc<Semaphore>,
}

impl Supply {
    /// The pages of a lane of which at most `places` pages are on their way at once.
    pub(super) fn new(arrivals: Receiver<Arrival>, places: usize) -> Self {
        Supply { arrivals, places: Arc::new(Semaphore::new(places)) }
    }

    /// The next page if one waits and has a place.
    fn waiting(&self) -> Option<(Arrival, OwnedSemaphorePermit)> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        Some((self.arrivals.try_recv().ok()?, place))
    }

    /// The next page with its place; `None` once the lane has ended.
    async fn next(&self) -> Option<(Arrival, OwnedSemaphorePermit)> {
        let place = self.places.clone().acquire_owned().await.ok()?;
        Some((self.arrivals.recv().await.ok()?, place))
    }
}

/// What a worker works with.
#[derive(Clone)]
pub(super) struct Bench {
    pub(super) runtime: Handle,
    /// What it takes first.
    pub(super) first: Supply,
    /// What it takes while the first is empty, and now and then before it; the same where there
    /// is only one lane to take from.
    pub(super) second: Supply,
    pub(super) sites: watch::Receiver<Arc<Sites>>,
    pub(super) desk: Sender<Task>,
    pub(super) stop: Stop,
    /// What drafts are read with for the desk.
    pub(super) seed: Seed,
}

impl Bench {
    /// Starts a worker, which calls `ended` when both lanes have ended.
    pub(super) fn start(
        self,
        number: usize,
        ended: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<JoinHandle<()>> {
        // Fast compression: it is done for every page.
        let press = Compressor::new(1)?;
        std::thread::Builder::new().name(format!("parse-{number}")).stack_size(STACK).spawn(
            move || {
                self.work(press);
                ended();
            },
        )
    }

    fn work(self, mut press: Compressor<'static>) {
        let mut first_in_a_row = 0;
        while let Some((arrival, place)) = self.next(&mut first_in_a_row) {
            // What is not live waits for the next start, so that a stop is quick.
            if self.stop.is(Stage::Stopping) && arrival.lane != Lane::Live {
                continue;
            }
            let sites = self.sites.borrow().clone();
            let done = lay(arrival, place, &sites, &self.seed, &mut press);
            if self.desk.send_blocking(Task::Page(Box::new(done))).is_err() {
                break;
            }
        }
    }

    fn next(&self, first_in_a_row: &mut u32) -> Option<(Arrival, OwnedSemaphorePermit)> {
        if *first_in_a_row >= LIVE_FOR_EACH_BACKLOG
            && let Some(next) = self.second.waiting()
        {
            *first_in_a_row = 0;
            return Some(next);
        }
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                Some(next) = self.first.next() => {
                    *first_in_a_row += 1;
                    Some(next)
                }
                Some(next) = self.second.next() => {
                    *first_in_a_row = 0;
                    Some(next)
                }
                else => None,
            }
        })
    }
}

/// Parses a page, and does all else with it that needs no memory.
fn lay(
    arrival: Arrival,
    place: OwnedSemaphorePermit,
    sites: &Sites,
    seed: &Seed,
    press: &mut Compressor<'static>,
) -> Done {
    let Arrival { lane, ticket, name, stat, initial, result } = arrival;
    let read = Timestamp::now();
    let mut from = Provenance {
        stat: stat.map_or([0; 5], stat_parts),
        lane: lane.as_str(),
        ticket,
        initial,
        ..Provenance::new(name.clone(), read)
    };
    let result = result.and_then(|page| {
        from.hash = Some(page.hash);
        (from.seen, from.modified, from.captured) = (page.seen, page.modified, page.meta.captured);
        from.read_us = micros_between(page.seen, read);
        // A page is read only: nothing half-done can be seen after a panic.
        let sheet = catch_unwind(AssertUnwindSafe(|| parse::lay_out(&page, sites)))
            .map_err(|_| stumbled())?;
        if !sheet.parsed().drafts.is_empty() {
            from.evidence = press.compress(&page.bytes).ok().map(Into::into);
        }
        Ok(sheet)
    });
    from.parsed_us = micros_between(from.seen, Timestamp::now());
    let taken = Taken { name, stat, hash: from.hash };
    Done { lane, ticket, taken, submission: Submission::new(from, result, seed), place }
}
