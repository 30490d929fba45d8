//! One thread that serves a share of the subscribers from one ring.

mod care;
mod contain;
mod door;
mod seats;
#[cfg(test)]
mod tests;
mod write;

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use jiff::Timestamp;
use slab::Slab;
use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore, mpsc, oneshot},
    task::JoinSet,
};
use tokio_stream::StreamExt as _;

use crate::{
    filter::Words,
    item::{Cursor, Seq},
    wire::{Entry, Store},
};

use super::{
    access::Gate,
    audience::{Audience, Interest},
    config::Config,
    frame::{Close, Opcode},
    metrics::Metrics,
    params::Body,
    prune,
    ring::Ring,
    session::{self, Arrival, Session},
    tallies,
};

/// Bytes read from a socket at once.
const SCRATCH: usize = 16 << 10;

/// Replays that read the wire at the same time, on one shard.
const REPLAYS: usize = 8;

pub(super) use door::{Door, Shared};

/// The state of one shard. It lives on one thread; its parts are borrowed for short, synchronous
/// stretches only.
pub(super) struct Shard {
    pub(super) config: Arc<Config>,
    pub(super) wire: Arc<dyn Store>,
    pub(super) gate: Option<Arc<Gate>>,
    pub(super) metrics: Metrics,
    pub(super) echo: bool,
    pub(super) heavy: Handle,
    /// The life of the wire that this shard serves.
    pub(super) epoch: crate::item::Epoch,
    pub(super) ring: RefCell<Ring>,
    pub(super) audiences: RefCell<Slab<Audience>>,
    pub(super) sessions: RefCell<Slab<Rc<Session>>>,
    /// Whole seconds since the shard began: exact enough for pings and heartbeats.
    pub(super) clock: Cell<u32>,
    pub(super) scratch: RefCell<Vec<u8>>,
    pub(super) replays: Semaphore,
    /// The ring has got further.
    pub(super) grown: Notify,
    wake: Notify,
    spills: RefCell<VecDeque<(u64, Bytes)>>,
    /// When the newest event that no pass has sent yet was appended.
    appended: Cell<Option<Timestamp>>,
    spread: Cell<u64>,
    bytes: Cell<u64>,
    writes: Cell<u64>,
}

impl std::fmt::Debug for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shard").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl Shard {
    fn new(shared: Shared, head: Cursor, heavy: Handle, echo: bool) -> Self {
        let Shared { config, wire, gate, metrics } = shared;
        let mut audiences = Slab::new();
        // Number 0 stays: those who want everything.
        audiences.insert(Audience::new(Interest::default(), head.seq));
        Shard {
            ring: RefCell::new(Ring::new(config.ring_bytes, head.seq)),
            config,
            wire,
            gate,
            metrics,
            echo,
            heavy,
            epoch: head.epoch,
            audiences: RefCell::new(audiences),
            sessions: RefCell::new(Slab::new()),
            clock: Cell::new(0),
            scratch: RefCell::new(vec![0; SCRATCH]),
            replays: Semaphore::new(REPLAYS),
            grown: Notify::new(),
            wake: Notify::new(),
            spills: RefCell::new(VecDeque::new()),
            appended: Cell::new(None),
            spread: Cell::new(0),
            bytes: Cell::new(0),
            writes: Cell::new(0),
        }
    }

    async fn live(
        self: Rc<Self>,
        mut arrived: mpsc::UnboundedReceiver<Arrival>,
        mut stopped: oneshot::Receiver<Duration>,
    ) {
        if !self.echo {
            self.warm().await;
        }
        let mut tasks = JoinSet::new();
        tasks.spawn_local(tokio::task::unconstrained(self.clone().write()));
        tasks.spawn_local(self.clone().tick());
        tasks.spawn_local(self.clone().follow());
        tasks.spawn_local(tallies::tell(self.clone()));
        let grace = loop {
            tokio::select! {
                arrival = arrived.recv() => match arrival {
                    Some(arrival) => drop(tokio::task::spawn_local(session::run(self.clone(), arrival))),
                    None => break Duration::ZERO,
                },
                grace = &mut stopped => break grace.unwrap_or_default(),
                // Without it all subscribers would be deaf: its panic is the shard's end, which
                // is noticed.
                Some(Err(ended)) = tasks.join_next() => {
                    if let Ok(panic) = ended.try_into_panic() {
                        std::panic::resume_unwind(panic);
                    }
                }
            }
        };
        self.stop(grace).await;
    }

    /// Sends what the wire has, then says goodbye to all.
    async fn stop(self: &Rc<Self>, grace: Duration) {
        let deadline = tokio::time::Instant::now() + grace;
        let told = async {
            while !self.echo && self.ring.borrow().head() < self.wire.head().seq {
                self.grown.notified().await;
            }
        };
        let _ = tokio::time::timeout_at(deadline - grace / 2, told).await;
        self.pass();
        for (_, session) in &*self.sessions.borrow() {
            session.close(Close::Stopping);
        }
        while !self.sessions.borrow().is_empty() && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Puts the wire's events into the ring as they are told.
    async fn follow(self: Rc<Self>) {
        if self.echo {
            return;
        }
        loop {
            let after = self.ring.borrow().head();
            let mut events = self.wire.clone().follow(after);
            while let Some(entry) = events.next().await {
                match entry {
                    Ok(entry) => {
                        if entry.event.withdraws.is_some() {
                            self.forget();
                        }
                        self.publish(&entry);
                    }
                    Err(error) => {
                        tracing::error!(%error, "the wire can't be followed; trying again");
                        break;
                    }
                }
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Fills the ring with the newest events before anybody is served, so that subscribers who
    /// come back after a restart are served from memory.
    async fn warm(&self) {
        let head = self.ring.borrow().head();
        let newest = match self.wire.read_back(Seq(head.0 + 1), 500).await {
            Ok(newest) => newest,
            Err(error) => {
                tracing::warn!(%error, "the newest events can't be read; the ring starts empty");
                return;
            }
        };
        // Who must be told that something is lost is served from the wire.
        let lost = self.wire.unreadable(Seq(0), head).last().map(|lost| *lost.end());
        let newest = newest.iter().take_while(|entry| lost.is_none_or(|lost| entry.seq > lost));
        let room = self.config.ring_bytes / 2;
        let mut bytes = 0;
        let fit = newest.take_while(|entry| {
            bytes += entry.json.len().min(self.config.max_frame) + 10;
            bytes <= room
        });
        let fit: Vec<_> = fit.collect();
        let Some(oldest) = fit.last() else { return };
        let floor = Seq(oldest.seq.0 - 1);
        *self.ring.borrow_mut() = Ring::new(self.config.ring_bytes, floor);
        self.audiences.borrow_mut()[0].floor = floor;
        for entry in fit.into_iter().rev() {
            self.publish(entry);
        }
        self.appended.set(None);
    }

    /// Forgets what the ring says: some of it was taken back, and other events may quote that.
    fn forget(&self) {
        let mut ring = self.ring.borrow_mut();
        ring.forget();
        self.spills.borrow_mut().clear();
        for (_, audience) in &mut *self.audiences.borrow_mut() {
            audience.trim(ring.start());
        }
    }

    /// Puts one event into the ring, and into the stream of each audience that wants it.
    fn publish(&self, entry: &Entry) {
        let mut ring = self.ring.borrow_mut();
        if entry.seq <= ring.head() {
            return;
        }
        let most = self.config.max_frame;
        let id = entry.event.id;
        let full = ring.push_event(entry.seq, id, &prune::payload(entry, Body::Full, most));
        let mut lean = None;
        let words = Words::of(&entry.event);
        let mut audiences = self.audiences.borrow_mut();
        for (_, audience) in &mut *audiences {
            let Interest { filter, body } = &audience.interest;
            if !filter.passes_unseen(&entry.event) && !filter.passes(&entry.event, &words) {
                continue;
            }
            let stretch = match body {
                Body::Full => full,
                Body::None if entry.event.item.body().is_none() => full,
                Body::None => *lean.get_or_insert_with(|| {
                    ring.push_event(entry.seq, id, &prune::payload(entry, Body::None, most))
                }),
            };
            audience.take(stretch);
        }
        for (_, audience) in &mut *audiences {
            audience.trim(ring.start());
        }
        self.metrics.events.inc();
        self.appended.set(Some(entry.event.time));
        self.grown.notify_waiters();
        self.wake.notify_one();
    }

    /// Adds a frame that is no event to the streams of some audiences.
    pub(super) fn publish_aside(&self, opcode: Opcode, payload: &[u8], to: &[usize]) {
        let mut ring = self.ring.borrow_mut();
        let stretch = ring.push_aside(opcode, payload);
        let mut audiences = self.audiences.borrow_mut();
        for (number, audience) in &mut *audiences {
            if to.contains(&number) {
                audience.take(stretch);
            }
            audience.trim(ring.start());
        }
        self.wake.notify_one();
    }
}
