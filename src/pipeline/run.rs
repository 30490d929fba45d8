//! Starting and stopping the stages.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::Duration,
};

use prometheus_client::registry::Registry;
use tokio::{
    net::TcpListener,
    runtime::Handle,
    sync::{mpsc, oneshot},
    task::JoinSet,
};

use crate::{
    broadcast::{self, Serving},
    dedup,
    desk::{self, Desk},
    follower::{self, Followers, Sink},
    page::PageName,
    parse::Sites,
    watch,
    wire::{Order, OrderStatus, Retention, SqliteStore},
};

use super::{
    AfterError, Config, IntakeError, Status, Withdraw,
    after::Files,
    guard,
    intake::{Intake, Task},
    retain,
    settle::Settler,
    stop::{Stage, Stop},
    taken::{Taken, stat_of},
    workers::{Bench, Supply},
};

/// Pages of a lane between it and the desk at most: of the backlog so few that a live page never
/// waits long for those which the desk has taken on before it.
const LIVE_MAX: usize = 256;
const BACKLOG_MAX: usize = 32;
const BIG_MAX: usize = 2;

/// How long what is left may take once the grace time has passed.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Everything that is needed to run.
pub struct Plan {
    /// The folder to watch; none where others take the pages in.
    pub folder: Option<PathBuf>,
    /// Noticing pages.
    pub watch: watch::Config,
    /// Taking pages through the line.
    pub pipeline: Config,
    /// Judging repeats.
    pub dedup: dedup::Config,
    /// What is known of some sites beforehand; what is sent later holds for the pages after it.
    pub sites: tokio::sync::watch::Receiver<Arc<Sites>>,
    /// Where events go.
    pub wire: Arc<SqliteStore>,
    /// What gives them their order.
    pub order: Arc<dyn Order>,
    /// How that is doing, where it lies elsewhere.
    pub order_status: Option<tokio::sync::watch::Receiver<OrderStatus>>,
    /// For how long the wire keeps what.
    pub retention: Retention,
    /// Who takes the wire in its own time.
    pub sinks: Vec<Box<dyn Sink>>,
    /// Makes what the serving stage needs out of what is there once the others have started.
    pub serving: Box<dyn FnOnce(Attached) -> Serving + Send>,
    /// The bound socket.
    pub listener: TcpListener,
}

/// What the serving stage is attached to.
#[derive(Debug)]
pub struct Attached {
    /// Metrics of the stages that have started.
    pub registry: Registry,
    /// What the desk says.
    pub status: Arc<Status>,
    /// How the watch is doing, where there is one.
    pub watch: Option<Arc<watch::Watch>>,
    /// The bound socket.
    pub listener: TcpListener,
    /// Orders to the desk, where there is one.
    pub orders: Option<Orders>,
    /// How those who take the wire in their own time are doing.
    pub followers: Followers,
}

/// Why the daemon can't run, or can't run on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The folder can't be watched.
    #[error(transparent)]
    Watch(#[from] watch::WatchError),
    /// Files can't be dealt with as configured.
    #[error(transparent)]
    After(#[from] AfterError),
    /// What was told before can't be read.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// Subscribers can't be served.
    #[error(transparent)]
    Serve(#[from] broadcast::ServeError),
    /// The system gives no thread.
    #[error("no thread for the {stage} stage: {reason}")]
    Thread {
        /// The stage.
        stage: &'static str,
        /// What the system said.
        reason: String,
    },
    /// Another wire has taken the place of the one that was followed: the daemon is to begin anew.
    #[error("{0}")]
    Anew(String),
    /// A stage ended though nobody stopped it.
    #[error("the {0} stage ended unexpectedly; the log has the reason: please report it")]
    Ended(&'static str),
}

/// Orders to the desk from outside the line.
#[derive(Clone, Debug)]
pub struct Orders(async_channel::WeakSender<Task>);

impl Orders {
    /// Takes back an event, or all that a page told; gives the ids of what was taken back.
    ///
    /// # Errors
    /// A sentence for whoever asked.
    pub async fn withdraw(
        &self,
        what: String,
        reason: String,
    ) -> Result<Vec<crate::item::EventId>, String> {
        let stopping = || "the daemon is stopping; ask again once it runs".to_owned();
        let (reply, answer) = oneshot::channel();
        let desk = self.0.upgrade().ok_or_else(stopping)?;
        let order = Task::Withdraw(Withdraw { what, reason, reply });
        desk.send(order).await.map_err(|_| stopping())?;
        drop(desk);
        answer.await.map_err(|_| stopping())?
    }
}

/// The running line.
pub struct Running {
    status: Arc<Status>,
    watch: Option<Arc<watch::Watch>>,
    wire: Arc<SqliteStore>,
    /// Brings what others tell for as long as it is held.
    _order: Arc<dyn Order>,
    ended: mpsc::UnboundedReceiver<(&'static str, Result<(), RunError>)>,
    stages: Vec<JoinHandle<()>>,
    /// Says how far a stop has come.
    stopping: tokio::sync::watch::Sender<Stage>,
    goodbye: Option<oneshot::Sender<()>>,
    /// Ends the followers.
    unfollow: tokio::sync::watch::Sender<bool>,
    following: JoinSet<()>,
    retaining: tokio::task::JoinHandle<()>,
    guarding: JoinSet<()>,
    serving: tokio::task::JoinHandle<Result<(), broadcast::ServeError>>,
    grace: Duration,
}

/// Says how a stage ended, also when it panics.
struct Report {
    stage: &'static str,
    result: Mutex<Result<(), RunError>>,
    to: mpsc::UnboundedSender<(&'static str, Result<(), RunError>)>,
}

impl Drop for Report {
    fn drop(&mut self) {
        let result = self.result.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        let result = std::mem::replace(result, Ok(()));
        // Nobody listens any more once the daemon has given up waiting.
        let _ = self.to.send((self.stage, result));
    }
}

/// What waits for the desk. Pages hold their places in their lanes: when the desk ends, also by a
/// panic, those it left behind are let go of, so that no worker waits for a place for ever.
struct Inbox(async_channel::Receiver<Task>);

impl Drop for Inbox {
    fn drop(&mut self) {
        self.0.close();
        while self.0.try_recv().is_ok() {}
    }
}

/// The stages that take pages in.
struct TakingIn {
    watch: Arc<watch::Watch>,
    orders: Orders,
    stages: Vec<JoinHandle<()>>,
}

/// Starts the stages that take pages in.
fn take_in(
    plan: &Plan,
    folder: &Path,
    status: &Arc<Status>,
    stop: Stop,
    report: impl Fn(&'static str) -> Report,
) -> Result<TakingIn, RunError> {
    let runtime = Handle::current();
    let mut files = Files::new(folder, &plan.pipeline)?;
    let known = plan.wire.known_pages().map_err(IntakeError::from)?;
    let known =
        known.into_iter().map(|(name, stat)| (PageName::new(name), stat_of(stat))).collect();
    let (lanes, arrivals) = watch::lanes();
    let root = watch::Root::open(folder)?;
    let watch = Arc::new(watch::start(plan.watch.clone(), root, known, lanes)?);

    let (desk_in, inbox) = async_channel::bounded(LIVE_MAX);
    let (settled_in, settled) = async_channel::bounded::<Taken>(LIVE_MAX);
    let orders = Orders(desk_in.downgrade());
    let mut stages = Vec::new();
    let thread = |stage: &'static str, work: Box<dyn FnOnce() + Send>| {
        std::thread::Builder::new()
            .name(stage.into())
            .spawn(work)
            .map_err(|error| RunError::Thread { stage, reason: error.to_string() })
    };

    let settling = report("settle");
    if !files.stay() {
        let left = plan.wire.taken_files().map_err(IntakeError::from)?;
        for ((name, stat), hash) in left {
            let (name, stat) = (PageName::new(name), Some(stat_of(stat)));
            files.left(Taken { name, stat, hash: Some(hash) });
        }
    }
    let settler = Settler {
        files,
        settled,
        watch: watch.clone(),
        wire: plan.wire.clone(),
        status: status.clone(),
        runtime: runtime.clone(),
    };
    stages.push(thread(
        "settle",
        Box::new(move || {
            let _settling = settling;
            settler.work();
        }),
    )?);

    let intake = Intake {
        store: plan.wire.clone(),
        order: plan.order.clone(),
        runtime: runtime.clone(),
        status: status.clone(),
        window: plan.dedup.window(),
        stop: stop.clone(),
        settled: settled_in,
    };
    let desk = Desk::new(&desk::Config {
        dedup: plan.dedup.clone(),
        fresh_within: plan.pipeline.fresh_within,
    });
    let seed = desk.seed().clone();
    let judging = report("intake");
    stages.push(thread(
        "intake",
        Box::new(move || {
            let inbox = Inbox(inbox);
            let result = intake.work(desk, &inbox.0);
            *judging.result.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
                result.map_err(RunError::from);
        }),
    )?);

    let bench = Bench {
        runtime: runtime.clone(),
        first: Supply::new(arrivals.live, LIVE_MAX),
        second: Supply::new(arrivals.backlog, BACKLOG_MAX),
        sites: plan.sites.clone(),
        desk: desk_in,
        stop,
        seed,
    };
    // Live pages have a worker of their own, so that none waits for a page of the backlog, and so
    // have big ones, so that nobody waits for one of them.
    let own = |first: Supply| Bench { second: first.clone(), first, ..bench.clone() };
    let (live, big) = (own(bench.first.clone()), own(Supply::new(arrivals.big, BIG_MAX)));
    let workers = std::iter::repeat_n(bench, plan.pipeline.workers()).chain([live, big]);
    for (number, bench) in workers.enumerate() {
        let parsing = report("parse");
        let started = bench.start(number, move || drop(parsing));
        stages.push(
            started
                .map_err(|error| RunError::Thread { stage: "parse", reason: error.to_string() })?,
        );
    }

    Ok(TakingIn { watch, orders, stages })
}

/// Starts every stage. Subscribers are served at once; judging begins when what was told before
/// is known.
///
/// # Errors
/// [`RunError`] where a stage can't start.
pub fn start(plan: Plan) -> Result<Running, RunError> {
    let mut registry = Registry::with_prefix("flashwire");
    let status = Arc::new(Status::new(&mut registry));
    let (ended_in, ended) = mpsc::unbounded_channel();
    let report = |stage| Report { stage, result: Mutex::new(Ok(())), to: ended_in.clone() };
    let (stopping, stop) = Stop::new();
    let taking_in = match &plan.folder {
        Some(folder) => Some(take_in(&plan, folder, &status, stop, report)?),
        None => None,
    };
    let (watch, orders, stages) = match taking_in {
        Some(TakingIn { watch, orders, stages }) => (Some(watch), Some(orders), stages),
        None => (None, None, Vec::new()),
    };

    let followers = Followers::new(plan.sinks.iter().map(|sink| sink.name()), &mut registry);
    let (unfollow, _) = tokio::sync::watch::channel(false);
    let mut following = JoinSet::new();
    for (sink, standing) in plan.sinks.into_iter().zip(followers.iter()) {
        let (wire, standing, stop) = (plan.wire.clone(), standing.clone(), unfollow.subscribe());
        following.spawn(follower::run(wire, sink, standing, stop));
    }

    let (goodbye, said) = oneshot::channel();
    let serving = (plan.serving)(Attached {
        registry,
        status: status.clone(),
        watch: watch.clone(),
        listener: plan.listener,
        orders,
        followers,
    });
    let served = report("broadcast");
    let serving = tokio::spawn(async move {
        let _served = served;
        broadcast::serve(serving, async {
            // Dropped or sent, it means the same.
            let _ = said.await;
        })
        .await
    });

    let retaining = tokio::spawn(retain::run(plan.wire.clone(), plan.retention, watch.clone()));
    let mut guarding = JoinSet::new();
    guarding.spawn(guard::run(plan.wire.clone(), status.clone()));
    if let Some(order) = plan.order_status {
        let (status, ended) = (status.clone(), ended_in.clone());
        guarding.spawn(async move {
            let why = guard::order(order, status).await;
            // Nobody listens any more where the daemon stops already.
            let _ = ended.send(("order", Err(RunError::Anew(why))));
        });
    }

    Ok(Running {
        retaining,
        guarding,
        status,
        watch,
        wire: plan.wire,
        _order: plan.order,
        ended,
        stages,
        stopping,
        goodbye: Some(goodbye),
        unfollow,
        following,
        serving,
        grace: plan.pipeline.grace,
    })
}

impl Running {
    /// The watch stage, for whoever asks how it is or wants a rescan; none where others take the
    /// pages in.
    pub fn watch(&self) -> Option<Arc<watch::Watch>> {
        self.watch.clone()
    }

    /// What the desk says.
    pub fn status(&self) -> Arc<Status> {
        self.status.clone()
    }

    /// Waits until a stage ends by itself, which none should.
    pub async fn failed(&mut self) -> RunError {
        match self.ended.recv().await {
            Some((_, Err(error))) => error,
            Some((stage, Ok(()))) => RunError::Ended(stage),
            None => RunError::Ended("last"),
        }
    }

    /// Stops: live pages that were noticed are told, subscribers hear goodbye, the wire is closed.
    /// Past the grace time whatever is under way ends, and what is left stays for the next start;
    /// nothing is lost either way.
    pub async fn stop(mut self) {
        self.retaining.abort();
        self.guarding.abort_all();
        self.stopping.send_replace(Stage::Stopping);
        let (watch, stages) = (self.watch.clone(), std::mem::take(&mut self.stages));
        let mut joined = tokio::task::spawn_blocking(move || {
            watch.inspect(|watch| watch.stop());
            for stage in stages {
                // A panic was reported when it happened.
                let _ = stage.join();
            }
        });
        let told = tokio::time::timeout(self.grace, &mut joined).await.is_ok();
        if !told {
            tracing::warn!(
                grace_s = self.grace.as_secs_f64(),
                "not everything that was dropped could be told in time"
            );
        }
        self.stopping.send_replace(Stage::Ending);
        if let Some(goodbye) = self.goodbye.take() {
            let _ = goodbye.send(());
        }
        if tokio::time::timeout(self.grace.max(LAST_WORDS), &mut self.serving).await.is_err() {
            self.serving.abort();
        }
        // They stand where they are, and go on from there.
        self.unfollow.send_replace(true);
        while self.following.join_next().await.is_some() {}
        let wire = self.wire.clone();
        let closed = tokio::task::spawn_blocking(move || wire.close());
        // Closing ends whatever still waited for the wire.
        let ended = async {
            let _ = closed.await;
            if !told {
                let _ = joined.await;
            }
        };
        if tokio::time::timeout(LAST_WORDS, ended).await.is_err() {
            tracing::warn!("the wire is still busy; it is safe to end all the same");
        }
        let left = self.watch.map_or(0, |watch| watch.status().unsettled);
        if left > 0 {
            tracing::warn!(
                pages = left,
                "pages are left for the next start, which goes on with them"
            );
        }
    }
}
