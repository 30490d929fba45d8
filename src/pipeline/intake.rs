//! Takes pages to the desk in their order, and what it makes of them to the wire.
//!
//! One thread alone judges and appends, so there is one order of things. Pages that wait together
//! are judged together and go to the wire as one batch; while that is written the next batch is
//! judged, and goes out once the one before is on the wire.

use std::{collections::HashSet, sync::Arc, task::Poll, time::Duration};

use async_channel::{Receiver, Sender};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::{runtime::Handle, sync::oneshot};

use crate::{
    desk::{Desk, Finished, Named},
    item::{EventId, Record},
    wire::{
        AppendError, Entry, Group, Known as _, Order, Position, ReadError, SqliteStore, Store as _,
    },
};

use super::{
    recall::recall,
    status::Status,
    stop::{Stage, Stop},
    taken::{Done, Taken},
    turns::Turns,
};

/// Pages judged and written together at most: a live page waits for no more than two batches.
const PAGES_MAX: usize = 64;
/// Drafts judged and written together at most.
const DRAFTS_MAX: usize = 400;
/// Drafts after which a batch waits for the one before to be written, so that what could be taken
/// back stays little.
const UNSETTLED_MAX: usize = 4 * DRAFTS_MAX;
/// How long a wire that can't be written is left alone before the next try, at first and at most.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// What the intake is asked to do.
#[derive(Debug)]
pub(super) enum Task {
    /// Take a page to the desk.
    Page(Box<Done>),
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

/// What the intake needs from whoever starts it.
pub(super) struct Intake {
    pub(super) store: Arc<SqliteStore>,
    pub(super) order: Arc<dyn Order>,
    pub(super) runtime: Handle,
    pub(super) status: Arc<Status>,
    /// How long a line counts as told.
    pub(super) window: Duration,
    pub(super) stop: Stop,
    /// Versions of files that the ledger holds.
    pub(super) settled: Sender<Taken>,
}

/// Why the intake stopped before its input ended.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// What was told before can't be read, so nothing can be judged.
    #[error("what was told before can't be read: {0}")]
    Memory(#[from] ReadError),
}

/// The daemon is to end before everything could be told.
struct Ended;

/// The events that were to be taken back, and whether they were.
type Tried = (Vec<EventId>, Result<(), AppendError>);

/// A page whose turn it is, and the version of a file that it came from.
struct Page {
    taken: Taken,
    finished: Finished,
}

/// A batch on its way to the wire.
struct UnderWay {
    pages: Vec<Page>,
    groups: Arc<[Group]>,
    answer: BoxFuture<'static, Result<Position, AppendError>>,
}

/// The intake at work.
struct Working {
    intake: Intake,
    desk: Desk,
    turns: Turns<Box<Done>>,
    /// How far the log had come when the desk last heard of it.
    position: Position,
    last_time: Timestamp,
    under_way: Option<UnderWay>,
    /// Groups on the wire that the desk could still take back.
    unsettled: Vec<Arc<[Group]>>,
    /// Whether the desk knows words that were withdrawn since it was made.
    knows_withdrawn: bool,
}

impl Intake {
    /// Works until the input ends, or until the daemon ends.
    ///
    /// # Errors
    /// [`IntakeError`] where the wire can't be read at the start.
    pub(super) fn work(self, desk: Desk, inbox: &Receiver<Task>) -> Result<(), IntakeError> {
        // What an early end leaves is found again at the next start.
        let (Ok(()) | Err(Ended)) = self.begin(desk)?.run(inbox);
        Ok(())
    }

    /// Lets the desk know what was told before.
    fn begin(self, mut desk: Desk) -> Result<Working, IntakeError> {
        let position = recall(&mut desk, self.window, &self.store, &self.runtime)?;
        self.status.wire_is_ahead(desk.ahead(Timestamp::now()));
        self.status.desk_ready();
        Ok(Working {
            last_time: desk.last_time(),
            desk,
            turns: Turns::new(),
            position,
            under_way: None,
            unsettled: Vec::new(),
            knows_withdrawn: false,
            intake: self,
        })
    }
}

impl Working {
    fn run(&mut self, inbox: &Receiver<Task>) -> Result<(), Ended> {
        while self.hear(inbox)? {
            while let Ok(task) = inbox.try_recv() {
                self.accept(task)?;
            }
            self.turn()?;
        }
        self.settle_under_way().map(drop)
    }

    /// Takes the pages whose turn it is to the desk, after what was held back until now.
    fn turn(&mut self) -> Result<(), Ended> {
        let stored = self.intake.store.position();
        if self.under_way.is_none() && stored != self.position {
            // What can't be read now is met again when the next batch comes second.
            let _ = self.fold_up_to(stored);
        }
        if std::mem::take(&mut self.knows_withdrawn) {
            self.forget_withdrawn();
        }
        if self.due() {
            self.tell(Vec::new())?;
        }
        let pages = self.take();
        if pages.is_empty() { Ok(()) } else { self.tell(pages) }
    }

    /// Waits for the next task, or for the batch that is under way; false where neither comes.
    fn hear(&mut self, inbox: &Receiver<Task>) -> Result<bool, Ended> {
        if self.intake.stop.is(Stage::Ending) {
            return Err(Ended);
        }
        if self.turns.ready() || self.due() {
            return Ok(true);
        }
        enum Heard {
            Answer(Result<Position, AppendError>),
            Task(Option<Task>),
            Due,
            End,
        }
        let due = self.desk.next_due();
        let answer = self.under_way.as_mut().map(|under_way| &mut under_way.answer);
        let stop = &mut self.intake.stop;
        let heard = self.intake.runtime.block_on(async {
            tokio::select! {
                biased;
                Some(answer) = async { Some(answer?.await) } => Heard::Answer(answer),
                task = inbox.recv() => Heard::Task(task.ok()),
                () = stop.comes_to(Stage::Ending) => Heard::End,
                () = wait_for(due) => Heard::Due,
            }
        });
        match heard {
            Heard::Answer(answer) => self.conclude(answer).map(|_| true),
            Heard::Task(Some(task)) => self.accept(task).map(|()| true),
            Heard::Task(None) => Ok(false),
            Heard::Due => Ok(true),
            Heard::End => Err(Ended),
        }
    }

    fn accept(&mut self, task: Task) -> Result<(), Ended> {
        match task {
            Task::Page(done) => self.turns.put(done.lane, done.ticket, done),
            Task::Withdraw(withdraw) => {
                self.settle_under_way()?;
                let result = self.withdraw(&withdraw);
                // Whoever asked may have gone.
                let _ = withdraw.reply.send(result);
            }
        }
        Ok(())
    }

    /// The pages whose turn it is, each with what its site's memory made of it.
    fn take(&mut self) -> Vec<Page> {
        let mut pages = Vec::new();
        let mut drafts = 0;
        self.turns.begin_batch();
        while pages.len() < PAGES_MAX && drafts < DRAFTS_MAX {
            let Some(done) = self.turns.take() else { break };
            let Done { taken, submission, place, .. } = *done;
            drop(place);
            let finished = self.desk.finish(submission);
            drafts += finished.drafts();
            pages.push(Page { taken, finished });
        }
        pages
    }

    /// Whether a version that was held back is to be told.
    fn due(&self) -> bool {
        self.desk.next_due().is_some_and(|due| due <= Timestamp::now())
    }

    /// Judges a batch while the one before is written, and sends it off once that is done. One
    /// without pages tells what was held back until now.
    fn tell(&mut self, pages: Vec<Page>) -> Result<(), Ended> {
        if self.desk.unsettled() > UNSETTLED_MAX {
            self.settle_under_way()?;
        }
        self.intake.status.busy(true);
        let judged = self.judge(&pages);
        self.intake.status.busy(false);
        match judged {
            Ok(groups) => {
                if self.settle_under_way()? {
                    self.send(pages, groups)
                } else {
                    // What it was judged behind has changed.
                    self.tell_alone(pages)
                }
            }
            Err(error) => {
                // The pages under way are told first; whether they came through is seen when they
                // are judged again.
                let error = AppendError::Full(error.0);
                let under_way = self.under_way.take();
                self.take_back();
                if let Some(UnderWay { pages, answer, .. }) = under_way {
                    // The answer matters less than that there is one.
                    let _ = self.intake.runtime.block_on(answer);
                    self.again(pages, AppendError::Unknown(error.to_string()))?;
                }
                self.again(pages, error)
            }
        }
    }

    fn judge(&mut self, pages: &[Page]) -> Result<Arc<[Group]>, ReadError> {
        let known = self.intake.store.snapshot()?;
        let now = Timestamp::now();
        self.intake.status.wire_is_ahead(self.desk.ahead(now));
        self.desk.begin_batch(now);
        if pages.is_empty() {
            return Ok([self.desk.release(&known, now)?].into());
        }
        let mut groups = pages
            .iter()
            .map(|page| self.desk.judge(&page.finished, &known, now).map(|judged| judged.group))
            .collect::<Result<Vec<Group>, _>>()?;
        // A site's memory is written once for the batch, with the last page that changed it.
        let mut written = HashSet::new();
        for (page, group) in pages.iter().zip(&mut groups).rev() {
            if let Some(site) = page.finished.site()
                && written.insert(site)
            {
                group.site = self.desk.site_memory(site).map(|memory| (site.to_owned(), memory));
            }
        }
        Ok(groups.into())
    }

    /// Sends a batch to the wire; its answer is waited for later.
    fn send(&mut self, pages: Vec<Page>, groups: Arc<[Group]>) -> Result<(), Ended> {
        let mut answer = self.intake.order.append(self.position, groups.clone());
        // The first look at it sends it off.
        let at_once = self.intake.runtime.block_on(async { futures_util::poll!(&mut answer) });
        self.under_way = Some(UnderWay { pages, groups, answer });
        match at_once {
            Poll::Ready(answer) => self.conclude(answer).map(drop),
            Poll::Pending => Ok(()),
        }
    }

    /// Waits for the batch under way. False where it failed at first: then everything that was
    /// judged behind it was taken back, and it has been judged and told anew.
    fn settle_under_way(&mut self) -> Result<bool, Ended> {
        let Some(under_way) = &mut self.under_way else { return Ok(true) };
        let answer = self.intake.runtime.block_on(&mut under_way.answer);
        self.conclude(answer)
    }

    /// Deals with the answer to the batch under way; see above.
    fn conclude(&mut self, answer: Result<Position, AppendError>) -> Result<bool, Ended> {
        let Some(UnderWay { pages, groups, .. }) = self.under_way.take() else { return Ok(true) };
        match answer {
            Ok(position) => {
                self.wrote(pages, groups, position);
                Ok(true)
            }
            Err(error) => {
                self.take_back();
                self.again(pages, error)?;
                Ok(false)
            }
        }
    }

    /// The batch is durable: count it, learn from it, let go of it.
    fn wrote(&mut self, pages: Vec<Page>, groups: Arc<[Group]>, position: Position) {
        self.position = position;
        let last = groups.iter().rev().find_map(|group| group.events.last());
        self.last_time = last.map_or(self.last_time, |entry| entry.event.time);
        self.desk.written();
        self.intake.status.recovered();
        groups.iter().for_each(|group| self.intake.status.told(group));
        for (page, group) in pages.into_iter().zip(&*groups) {
            self.intake.status.took(&page.finished, group);
            // The receiver ends after this thread.
            let _ = self.intake.settled.send_blocking(page.taken);
        }
        if self.desk.unsettled() == 0 {
            self.unsettled.clear();
        } else {
            self.unsettled.push(groups);
        }
    }

    /// Takes back everything that was judged and is not on the wire.
    fn take_back(&mut self) {
        let written = std::mem::take(&mut self.unsettled);
        let written = written.iter().flat_map(|groups| groups.iter());
        self.desk.take_back(self.position.seq, self.last_time, written);
    }

    /// Judges a batch and waits until it is told.
    fn tell_alone(&mut self, pages: Vec<Page>) -> Result<(), Ended> {
        if pages.is_empty() && !self.due() {
            // Somebody else has told it.
            return Ok(());
        }
        self.learn_again(&pages);
        match self.try_alone(&pages) {
            Ok((groups, position)) => {
                self.wrote(pages, groups, position);
                Ok(())
            }
            Err(error) => {
                self.take_back();
                self.again(pages, error)
            }
        }
    }

    fn try_alone(&mut self, pages: &[Page]) -> Result<(Arc<[Group]>, Position), AppendError> {
        let groups = self.judge(pages).map_err(|error| AppendError::Full(error.0))?;
        let append = self.intake.order.append(self.position, groups.clone());
        let position = self.intake.runtime.block_on(append)?;
        Ok((groups, position))
    }

    /// Puts a batch that failed on the wire all the same, however long that takes.
    fn again(&mut self, pages: Vec<Page>, error: AppendError) -> Result<(), Ended> {
        let mut pause = PAUSE;
        let mut error = error;
        loop {
            match &error {
                AppendError::Closed => return Err(Ended),
                AppendError::Refused { .. } if pages.len() > 1 => {
                    return pages.into_iter().try_for_each(|page| self.tell_alone(vec![page]));
                }
                AppendError::Refused { reason, .. } => return self.set_aside(pages, reason),
                AppendError::Conflict(_) | AppendError::Unknown(_) => {
                    tracing::debug!(%error, "judging again");
                    match self.catch_up() {
                        Ok(()) => self.learn_again(&pages),
                        Err(unsettled) => self.pause(&mut pause, &unsettled)?,
                    }
                }
                AppendError::Full(_) => self.pause(&mut pause, &error)?,
            }
            if pages.is_empty() && !self.due() {
                return Ok(());
            }
            error = match self.try_alone(&pages) {
                Ok((groups, position)) => {
                    self.wrote(pages, groups, position);
                    return Ok(());
                }
                Err(error) => {
                    self.take_back();
                    error
                }
            };
        }
    }

    /// A page that the store itself refuses is kept in the ledger with what the store said, so
    /// that it can't block the ones behind it.
    fn set_aside(&mut self, pages: Vec<Page>, reason: &str) -> Result<(), Ended> {
        if pages.is_empty() {
            tracing::error!(reason, "the wire refuses a version that was held back");
            self.desk.begin_batch(Timestamp::now());
            let groups: Arc<[Group]> = [self.desk.give_up(Timestamp::now())].into();
            let append = self.intake.order.append(self.position, groups.clone());
            match self.intake.runtime.block_on(append) {
                Ok(position) => self.wrote(pages, groups, position),
                Err(error) => {
                    self.take_back();
                    self.pause(&mut PAUSE.clone(), &error)?;
                }
            }
            return Ok(());
        }
        pages.into_iter().try_for_each(|mut page| {
            tracing::error!(page = %page.taken.name, reason, "the wire refuses what the page gave");
            if page.finished.set_aside(format!("the wire refused what the page gave: {reason}")) {
                self.tell_alone(vec![page])
            } else {
                // Not even its ledger row is taken: the log above is all that can be said.
                Ok(())
            }
        })
    }

    /// Folds what somebody else appended, or what was appended without an answer.
    fn catch_up(&mut self) -> Result<(), AppendError> {
        let Intake { order, runtime, .. } = &self.intake;
        let position = runtime.block_on(order.catch_up())?;
        self.fold_up_to(position).map_err(|error| AppendError::Unknown(error.0))
    }

    /// Folds what others have put into the store.
    fn fold_up_to(&mut self, position: Position) -> Result<(), ReadError> {
        let store = &self.intake.store;
        let records: Vec<Record> = store.records_between(self.position, position)?;
        let held = store.held_back()?;
        let sites = store.sites_since(self.position.batch)?;
        self.desk.catch_up(&records, held);
        for (site, memory) in sites {
            self.desk.recall_site(&site, &memory);
        }
        self.position = position;
        let withdraws = |record: &Record| match record {
            Record::Event(event) => event.withdraws.is_some(),
            Record::Alias(_) => false,
        };
        if records.iter().any(withdraws) {
            self.forget_withdrawn();
        }
        self.last_time = self.desk.last_time();
        Ok(())
    }

    /// What is known of the sites of these pages begins again from what is on the wire, which
    /// others may have written meanwhile, and from those of these pages that are not there.
    fn learn_again(&mut self, pages: &[Page]) {
        if let Err(error) = self.try_learn_again(pages) {
            tracing::warn!(%error, "what sites' pages have in common is learned from later ones");
        }
    }

    fn try_learn_again(&mut self, pages: &[Page]) -> Result<(), ReadError> {
        let known = self.intake.store.snapshot()?;
        let mut begun = HashSet::new();
        for Page { finished, .. } in pages {
            let Some(site) = finished.site() else { continue };
            if begun.insert(site) {
                match self.intake.store.site_memory(site)? {
                    Some(memory) => drop(self.desk.recall_site(site, &memory)),
                    None => self.desk.forget_site(site),
                }
            }
            let from = finished.provenance();
            let there = match from.hash {
                Some(hash) => known.holds_page(from.name.as_bytes(), hash)?,
                None => false,
            };
            if !there {
                self.desk.learn_again(finished);
            }
        }
        Ok(())
    }

    /// Waits before the next try and says why.
    fn pause(&mut self, pause: &mut Duration, error: &AppendError) -> Result<(), Ended> {
        self.intake.status.degraded(&error.to_string());
        tracing::warn!(
            %error, retry_s = pause.as_secs(), "intake pauses, subscribers are served on"
        );
        let stopped = self.intake.runtime.block_on(async {
            let stopping = self.intake.stop.comes_to(Stage::Stopping);
            tokio::time::timeout(*pause, stopping).await.is_ok()
        });
        // A disk that refuses is left alone for longer and longer; an answer may come any time.
        if matches!(error, AppendError::Full(_)) {
            *pause = (*pause * 2).min(PAUSE_MAX);
        }
        if stopped { Err(Ended) } else { Ok(()) }
    }

    /// Takes something back, however often somebody else comes first.
    fn withdraw(&mut self, order: &Withdraw) -> Result<Vec<EventId>, String> {
        // What a try without an answer was to take back: it may have done so.
        let mut tried = Vec::new();
        loop {
            let (ids, answer) = match self.try_withdraw(order)? {
                None if tried.is_empty() => {
                    return Err(format!(
                        "nothing to withdraw: no event and no page is named `{}`, or it is \
                         withdrawn already",
                        order.what
                    ));
                }
                None => return Ok(tried),
                Some(done) => done,
            };
            match answer {
                Ok(()) => return Ok(ids),
                Err(error @ (AppendError::Conflict(_) | AppendError::Unknown(_))) => {
                    if matches!(error, AppendError::Unknown(_)) {
                        tried = ids;
                    }
                    tracing::debug!(%error, "judging a withdrawal again");
                    self.catch_up().map_err(|error| error.to_string())?;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// What there is to take back, and whether that has happened; `None` where there is nothing.
    fn try_withdraw(&mut self, order: &Withdraw) -> Result<Option<Tried>, String> {
        let say = |error: ReadError| error.to_string();
        let Intake { store, runtime, .. } = &self.intake;
        let found: Vec<Arc<Entry>> = match order.what.parse::<EventId>() {
            Ok(id) => runtime.block_on(store.find(id)).map_err(say)?.into_iter().collect(),
            Err(_) => runtime.block_on(store.told_by_page(&order.what)).map_err(say)?,
        };
        let mut named = Vec::new();
        for entry in found {
            let versions = runtime.block_on(store.versions(entry.event.id)).map_err(say)?;
            named.push(Named { entry, versions });
        }
        let known = store.snapshot().map_err(say)?;
        let group = self.desk.withdraw(named, &order.reason, &known, Timestamp::now());
        drop(known);
        let group = match group {
            Ok(group) => group,
            Err(error) => {
                self.take_back();
                return Err(error.to_string());
            }
        };
        if group.events.is_empty() {
            return Ok(None);
        }
        let withdrawn = group.events.iter().filter_map(|entry| entry.event.withdraws.as_ref());
        let ids = withdrawn.map(|withdrawal| withdrawal.id).collect();
        let groups: Arc<[Group]> = [group].into();
        let append = self.intake.order.append(self.position, groups.clone());
        let answer = self.intake.runtime.block_on(append).map(|position| {
            self.wrote(Vec::new(), groups, position);
            // Whoever asked doesn't wait for that, and many withdrawals need it once.
            self.knows_withdrawn = true;
        });
        if answer.is_err() {
            self.take_back();
        }
        Ok(Some((ids, answer)))
    }

    /// The desk knows words that are on the wire no more: one that recalls what is takes its place.
    fn forget_withdrawn(&mut self) {
        let mut desk = self.desk.anew();
        let Intake { window, store, runtime, .. } = &self.intake;
        match recall(&mut desk, *window, store, runtime) {
            Ok(position) => (self.desk, self.position) = (desk, position),
            Err(error) => {
                tracing::warn!(%error, "what was withdrawn is remembered until a restart");
            }
        }
    }
}

/// Waits until a moment comes, if there is one, or for a while: clocks are set.
async fn wait_for(moment: Option<Timestamp>) {
    const LOOK_AGAIN: Duration = Duration::from_secs(30);
    let Some(moment) = moment else { return std::future::pending().await };
    let left = moment.duration_since(Timestamp::now()).try_into().unwrap_or(Duration::ZERO);
    tokio::time::sleep(LOOK_AGAIN.min(left)).await;
}

#[cfg(test)]
mod tests;
