//! The desk: takes laid-out pages in order, judges what they say and appends what is new.
//!
//! It alone owns the dedup memory and it alone appends, so there is one order of things. Pages
//! that wait together are judged together and go to the wire in one transaction; while that is
//! written the next ones gather by themselves.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use async_channel::{Receiver, Sender};
use jiff::Timestamp;
use tokio::{runtime::Handle, sync::oneshot};
use zstd::bulk::Compressor;

use crate::{
    dedup::{self, Gist, Memory, Seed},
    item::{EventId, Outcome, Record, Rejection, Seq, Stored},
    parse::{Parsed, SiteMemory},
    wire::{AppendError, Entry, Group, ReadError, SqliteWire, ToldKey, Wire as _},
};

use super::{
    judge::{Judging, Overlay},
    laid::{Laid, Taken},
    order::Order,
    status::Status,
    withdraw,
};

/// Pages judged and written together at most.
const PAGES_MAX: usize = 256;
/// Drafts judged and written together at most: more pages wait for the next transaction.
const DRAFTS_MAX: usize = 1000;
/// Records that go to the memory together at the start.
const SLICE: usize = 64;
/// How long a wire that can't be written is left alone before the next try, at first and at most.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// What the desk is asked to do.
#[derive(Debug)]
pub(super) enum Task {
    /// Judge a page.
    Page(Box<Laid>),
    /// Take something back.
    Withdraw(Withdraw),
}

/// An order to take back an event, or all that a page told.
#[derive(Debug)]
pub struct Withdraw {
    /// An event's id, a page's name or a page's hash.
    pub what: String,
    /// Why, for subscribers.
    pub reason: String,
    /// Where the ids of what was taken back go.
    pub reply: oneshot::Sender<Result<Vec<EventId>, String>>,
}

/// What the desk needs from whoever starts it.
pub(super) struct Desk {
    pub(super) wire: Arc<SqliteWire>,
    pub(super) runtime: Handle,
    pub(super) status: Arc<Status>,
    pub(super) dedup: dedup::Config,
    pub(super) fresh_within: Duration,
    /// Ends when the daemon stops, so that a pause on a full disk ends too.
    pub(super) stopped: Receiver<()>,
    /// Lets the workers take on another page.
    pub(super) permits: Receiver<()>,
    /// Pages that are on the wire or in the ledger.
    pub(super) settled: Sender<Taken>,
}

/// The desk at work.
struct Sitting {
    desk: Desk,
    memory: Memory,
    press: Compressor<'static>,
    sites: SiteMemory,
    head: Seq,
    last_time: Timestamp,
    first_start: bool,
}

/// Why the desk stopped before its input ended.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// What was told before can't be read, so nothing can be judged.
    #[error("what was told before can't be read: {0}")]
    Memory(#[from] ReadError),
}

/// One page with what it says.
struct Read {
    taken: Taken,
    parsed: Parsed,
    /// The site whose memory it changed.
    site: Option<String>,
}

impl Desk {
    /// Works until the input ends.
    ///
    /// # Errors
    /// [`DeskError`] where the wire can't be read at the start.
    pub(super) fn work(self, inbox: &Receiver<Task>) -> Result<(), DeskError> {
        let mut sitting = Sitting::begin(self)?;
        let mut order = Order::new();
        while let Ok(task) = inbox.recv_blocking() {
            sitting.accept(task, &mut order);
            loop {
                while let Ok(task) = inbox.try_recv() {
                    sitting.accept(task, &mut order);
                }
                let batch = sitting.take(&mut order);
                if batch.is_empty() {
                    break;
                }
                if !sitting.tell(batch) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Records on their way from the wire to the memory, many at a time: they are read and taken apart
/// on one thread and folded on another.
struct Slices {
    slice: Vec<Gist>,
    filled: usize,
    seed: Seed,
    to: std::sync::mpsc::SyncSender<Vec<Gist>>,
    /// Slices that were folded, to be filled again.
    folded: std::sync::mpsc::Receiver<Vec<Gist>>,
}

impl Slices {
    fn push(&mut self, record: &Stored<'_>) -> Result<(), ReadError> {
        if self.filled == self.slice.len() {
            self.slice.push(Gist::default());
        }
        self.slice[self.filled]
            .refill(record, &self.seed)
            .map_err(|error| ReadError(format!("an event is not readable: {error}")))?;
        self.filled += 1;
        if self.filled == SLICE {
            self.send();
        }
        Ok(())
    }

    fn send(&mut self) {
        let next = self.folded.try_recv().unwrap_or_default();
        let mut slice = std::mem::replace(&mut self.slice, next);
        slice.truncate(self.filled);
        self.filled = 0;
        // A receiver that is gone is the desk's own end.
        let _ = self.to.send(slice);
    }
}

impl Drop for Slices {
    fn drop(&mut self) {
        self.send();
    }
}

/// Folds what is on the wire into a memory; gives it, and how many records those were.
fn recall(desk: &Desk) -> Result<(Memory, u64), ReadError> {
    let mut memory = Memory::new(desk.dedup.clone());
    let horizon = desk.wire.newest_page_time()?.map(|newest| newest - desk.dedup.window());
    let (to, records) = std::sync::mpsc::sync_channel::<Vec<Gist>>(16);
    let (back, folded) = std::sync::mpsc::channel();
    let replay = desk.runtime.spawn({
        let (wire, seed) = (desk.wire.clone(), memory.seed().clone());
        async move {
            let mut slices = Slices { slice: Vec::new(), filled: 0, seed, to, folded };
            wire.replay(horizon, Box::new(move |record| slices.push(&record))).await
        }
    });
    let mut count = 0u64;
    for slice in records {
        slice.iter().for_each(|gist| memory.recall(gist));
        count += slice.len() as u64;
        // The reader ends before its last slices come back.
        let _ = back.send(slice);
    }
    // Once, at the end: an old event must not be dropped before its alias has come.
    memory.settle();
    desk.runtime.block_on(replay).map_err(|error| ReadError(error.to_string()))??;
    Ok((memory, count))
}

impl Sitting {
    /// Folds what is on the wire into a memory.
    fn begin(desk: Desk) -> Result<Self, DeskError> {
        let started = std::time::Instant::now();
        let head = desk.wire.head().seq;
        let (memory, records) = recall(&desk)?;
        // Times never go back.
        let last = desk.runtime.block_on(desk.wire.read_back(Seq(u64::MAX), 1))?;
        let last_time = last.first().map_or(Timestamp::MIN, |last| last.event.time);
        let mut sites = SiteMemory::default();
        for (site, memory) in desk.wire.site_memories()? {
            if !sites.load(&site, &memory) {
                tracing::warn!(
                    site,
                    "what was learned of the site's layout is of another version; learning anew"
                );
            }
        }
        tracing::info!(
            records,
            ms = started.elapsed().as_millis() as u64,
            "the desk knows what was told within the window"
        );
        desk.status.desk_ready();
        // Fast compression: the desk waits for it.
        let press = Compressor::new(1).map_err(|error| ReadError(error.to_string()))?;
        Ok(Sitting { first_start: head == Seq(0), desk, memory, press, sites, head, last_time })
    }

    fn accept(&mut self, task: Task, order: &mut Order<Box<Laid>>) {
        match task {
            Task::Page(laid) => {
                let (lane, ticket) = (laid.taken.lane, laid.taken.ticket);
                order.put(lane, ticket, laid);
            }
            Task::Withdraw(withdraw) => {
                let result = self.withdraw(&withdraw);
                // Whoever asked may have gone.
                let _ = withdraw.reply.send(result.map_err(|error| error.to_string()));
            }
        }
    }

    /// The pages whose turn it is, read with what their sites taught.
    fn take(&mut self, order: &mut Order<Box<Laid>>) -> Vec<Read> {
        let mut batch = Vec::new();
        let mut drafts = 0;
        while batch.len() < PAGES_MAX && drafts < DRAFTS_MAX {
            let Some(laid) = order.take() else { break };
            // A worker always takes a permit before it takes a page.
            let _ = self.desk.permits.try_recv();
            let read = self.read(*laid);
            drafts += read.parsed.drafts.len();
            batch.push(read);
        }
        batch
    }

    fn read(&mut self, laid: Laid) -> Read {
        let Laid { taken, result } = laid;
        let parsed = match result {
            Err(rejection) => Parsed::rejected(rejection),
            // The sheet is consumed and the memory only read: nothing half-done can be seen after
            // a panic.
            Ok(sheet) => catch_unwind(AssertUnwindSafe(|| sheet.finish(Some(&self.sites))))
                .unwrap_or_else(|_| panicked()),
        };
        // Before the next page is read, so that how pages are batched changes nothing.
        let site = self.sites.fold(&parsed).map(str::to_owned);
        Read { taken, parsed, site }
    }

    /// Puts a batch on the wire, however long that takes; false where the daemon stops first.
    fn tell(&mut self, batch: Vec<Read>) -> bool {
        let mut pause = PAUSE;
        loop {
            self.desk.status.busy(true);
            let result = self.judge(&batch).map_err(|error| AppendError::Full(error.0)).and_then(
                |(groups, head, last_time)| {
                    let told = self.append(groups.clone())?;
                    debug_assert_eq!(told, head);
                    self.memory.settle();
                    (self.head, self.last_time) = (told, last_time);
                    Ok(groups)
                },
            );
            self.desk.status.busy(false);
            let error = match result {
                Ok(groups) => {
                    self.desk.status.recovered();
                    self.settle(batch, &groups);
                    return true;
                }
                Err(error) => error,
            };
            self.memory.unfold();
            match error {
                AppendError::Conflict(_) | AppendError::Unknown(_) => {
                    tracing::warn!(%error, "judging again");
                    if self.catch_up().is_err() && !self.pause(&mut pause, &error) {
                        return false;
                    }
                }
                AppendError::Full(_) => {
                    if !self.pause(&mut pause, &error) {
                        return false;
                    }
                }
                AppendError::Refused { .. } if batch.len() > 1 => {
                    return batch.into_iter().all(|read| self.tell(vec![read]));
                }
                AppendError::Refused { reason, .. } => {
                    return self.set_aside(batch, &reason);
                }
                AppendError::Closed => return false,
            }
        }
    }

    fn judge(&mut self, batch: &[Read]) -> Result<(Arc<[Group]>, Seq, Timestamp), ReadError> {
        let snapshot = self.desk.wire.snapshot()?;
        let mut judging = Judging {
            wire: &snapshot,
            memory: &mut self.memory,
            press: &mut self.press,
            overlay: Overlay::default(),
            head: self.head,
            last_time: self.last_time,
            fresh_within: self.desk.fresh_within,
            first_start: self.first_start,
        };
        let mut groups = batch
            .iter()
            .map(|read| judging.page(&read.taken, &read.parsed, Timestamp::now()))
            .collect::<Result<Vec<Group>, _>>()?;
        let (head, last_time) = (judging.head, judging.last_time);
        // A site's memory is written once for the batch, with the last page that changed it.
        let mut written = HashSet::new();
        for (read, group) in batch.iter().zip(&mut groups).rev() {
            if let Some(site) = &read.site
                && written.insert(site)
            {
                group.site = self.sites.save(site).map(|memory| (site.clone(), memory));
            }
        }
        Ok((groups.into(), head, last_time))
    }

    fn append(&self, groups: Arc<[Group]>) -> Result<Seq, AppendError> {
        self.desk.runtime.block_on(self.desk.wire.append(self.head, groups))
    }

    /// A page that the store itself refuses is kept in the ledger with what the store said, so
    /// that it can't block the ones behind it.
    fn set_aside(&mut self, batch: Vec<Read>, reason: &str) -> bool {
        batch.into_iter().all(|mut read| {
            tracing::error!(page = %read.taken.name, reason, "the wire refuses what the page gave");
            let rejection = Rejection::new(
                Outcome::Unreadable,
                format!("the wire refused what the page gave: {reason}"),
            );
            let already = read.parsed.rejected.replace(rejection).is_some();
            read.parsed.drafts.clear();
            if already {
                // Not even its ledger row is taken: the log above is all that can be said.
                return true;
            }
            self.tell(vec![read])
        })
    }

    /// Folds what somebody else appended.
    fn catch_up(&mut self) -> Result<(), ReadError> {
        loop {
            let slice: Vec<Arc<Entry>> =
                self.desk.runtime.block_on(self.desk.wire.read(self.head, 500))?;
            if slice.is_empty() {
                return Ok(());
            }
            for entry in slice {
                self.memory.fold(&Record::Event(entry.event.clone()));
                self.memory.settle();
                self.head = entry.seq;
                self.last_time = self.last_time.max(entry.event.time);
            }
        }
    }

    /// Waits before the next try and says why; false where the daemon stops meanwhile.
    fn pause(&self, pause: &mut Duration, error: &AppendError) -> bool {
        self.desk.status.degraded(&error.to_string());
        tracing::warn!(%error, retry_s = pause.as_secs(), "intake pauses, subscribers are served on");
        let stopped = self.desk.runtime.block_on(async {
            tokio::time::timeout(*pause, self.desk.stopped.recv()).await.is_ok()
        });
        *pause = (*pause * 2).min(PAUSE_MAX);
        !stopped
    }

    /// The batch is durable: count it, learn from it, let go of it.
    fn settle(&mut self, batch: Vec<Read>, groups: &[Group]) {
        for (read, group) in batch.into_iter().zip(groups) {
            self.desk.status.told(&read.taken, &read.parsed, group);
            // The receiver ends after this thread.
            let _ = self.desk.settled.send_blocking(read.taken);
        }
    }

    fn withdraw(&mut self, order: &Withdraw) -> Result<Vec<EventId>, String> {
        let say = |error: ReadError| error.to_string();
        let (runtime, wire) = (self.desk.runtime.clone(), self.desk.wire.clone());
        let found: Vec<Arc<Entry>> = match order.what.parse::<EventId>() {
            Ok(id) => runtime.block_on(wire.find(id)).map_err(say)?.into_iter().collect(),
            Err(_) => runtime.block_on(wire.told_by_page(&order.what)).map_err(say)?,
        };
        let mut group = Group::default();
        let mut ids = Vec::new();
        for named in found.iter().filter(|entry| withdraw::stands(&entry.event)) {
            let versions = runtime.block_on(wire.versions(named.event.id)).map_err(say)?;
            for entry in withdraw::chain(named, versions) {
                if !withdraw::stands(&entry.event) || ids.contains(&entry.event.id) {
                    continue;
                }
                self.last_time = self.last_time.max(Timestamp::now());
                let seq = Seq(self.head.0 + 1 + group.events.len() as u64);
                let time = self.last_time;
                let event = withdraw::withdrawal(&entry.event, seq, time, &order.reason);
                group.events.push(Arc::new(event));
                ids.push(entry.event.id);
                let keys = withdraw::keys(&entry.event);
                let known = runtime.block_on(wire.told(keys.clone(), None)).map_err(say)?;
                let (id, at) = (entry.event.id, entry.event.page.time);
                let unknown = keys.into_iter().zip(known).filter(|(_, known)| known.is_none());
                let unknown = unknown.map(|(key, _)| ToldKey { key, id, seq: entry.seq, at });
                group.told.extend(unknown);
            }
        }
        if group.events.is_empty() {
            return Err(format!(
                "nothing to withdraw: no event and no page is named `{}`, or it is withdrawn already",
                order.what
            ));
        }
        self.head = self.append([group].into()).map_err(|error| error.to_string())?;
        // The memory holds words that are on the wire no more: it is folded anew from what is.
        match recall(&self.desk) {
            Ok((memory, _)) => self.memory = memory,
            Err(error) => {
                tracing::warn!(%error, "what was withdrawn is remembered until a restart")
            }
        }
        Ok(ids)
    }
}

fn panicked() -> Parsed {
    let reason = "flashwire stumbled over this page; the log has the place: please report it";
    Parsed::rejected(Rejection::new(Outcome::Unreadable, reason))
}
