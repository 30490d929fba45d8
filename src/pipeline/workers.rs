//! The workers: threads that lay out pages, in any order.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::JoinHandle,
};

use async_channel::{Receiver, Sender};
use bytes::Bytes;
use jiff::Timestamp;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};

use crate::{
    item::{Outcome, Rejection},
    page::Meta,
    parse::{self, Sites},
    watch::Arrival,
};

use super::{
    desk::Task,
    judge::micros_between,
    laid::{Laid, Taken},
    order::LIVE_FOR_EACH_BACKLOG,
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
}

impl Bench {
    /// Starts a worker, which calls `ended` when both lanes have ended.
    pub(super) fn start(
        self,
        number: usize,
        ended: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name(format!("parse-{number}")).stack_size(STACK).spawn(
            move || {
                self.work();
                ended();
            },
        )
    }

    fn work(self) {
        let mut first_in_a_row = 0;
        while let Some((arrival, place)) = self.next(&mut first_in_a_row) {
            let sites = self.sites.borrow().clone();
            let laid = lay(arrival, place, &sites);
            if self.desk.send_blocking(Task::Page(Box::new(laid))).is_err() {
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

fn lay(arrival: Arrival, place: OwnedSemaphorePermit, sites: &Sites) -> Laid {
    let read = Timestamp::now();
    let seen = arrival.result.as_ref().map_or(read, |page| page.seen);
    let mut taken = Taken {
        lane: arrival.lane,
        ticket: arrival.ticket,
        initial: arrival.initial,
        name: arrival.name,
        stat: arrival.stat,
        hash: None,
        seen,
        modified: arrival.stat.map_or(seen, |stat| stat.modified()),
        meta: Meta::default(),
        read_us: micros_between(seen, read),
        laid_us: 0,
        bytes: Bytes::new(),
    };
    let result = match arrival.result {
        Err(rejection) => Err(rejection),
        Ok(page) => {
            taken.hash = Some(page.hash);
            taken.modified = page.modified;
            taken.meta = page.meta.clone();
            taken.bytes = page.bytes.clone();
            // A page is read only: nothing half-done can be seen after a panic.
            catch_unwind(AssertUnwindSafe(|| parse::lay_out(&page, sites))).map_err(|_| {
                Rejection::new(
                    Outcome::Unreadable,
                    "flashwire stumbled over this page; the log has the place: please report it",
                )
            })
        }
    };
    taken.laid_us = micros_between(taken.seen, Timestamp::now());
    Laid { taken, result, place }
}
