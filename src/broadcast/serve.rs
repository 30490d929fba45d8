//! The front door: starts serving, and stops.

use std::{io, sync::Arc, time::Duration};

use prometheus_client::registry::Registry;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::{search::Search, wire::Store};

use super::{
    accept::{self, Front},
    access::{Access, Gate, Health},
    admission::Admission,
    config::Config,
    guard::Guard,
    http::{Desk, Feeds},
    limits::{self, Limits},
    metrics::Metrics,
    shard::{Door, Shared},
};

/// All that serving needs.
pub struct Serving {
    /// Bound sockets; the caller has decided that they may be public.
    pub listeners: Vec<TcpListener>,
    /// Settings.
    pub config: Config,
    /// What is served.
    pub wire: Arc<dyn Store>,
    /// Looks for what was told; `None` where no index is kept.
    pub search: Option<Arc<Search>>,
    /// Whether there are readers here: else only health, figures and the daemon's own paths are
    /// served.
    pub readers: bool,
    /// Who may read; `None` lets everybody, always.
    pub access: Option<Arc<dyn Access>>,
    /// How the daemon is.
    pub health: Arc<dyn Health>,
    /// Who may connect; what is sent later holds from then on.
    pub admission: watch::Receiver<Admission>,
    /// This stage's metrics, registered in `registry`.
    pub metrics: Metrics,
    /// What `/metrics` shows.
    pub registry: Arc<Registry>,
    /// The daemon's own paths; they check for themselves who may ask.
    pub orders: axum::Router,
}

/// Why serving ended although nobody asked for it.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A setting can't work.
    #[error("{0}")]
    Config(String),
    /// The system refuses threads or sockets.
    #[error("subscribers can't be served: {0}")]
    Io(#[from] io::Error),
    /// A defect.
    #[error("a thread that serves subscribers has ended; the log says why")]
    Shard,
}

/// Serves until `stop` resolves; then says goodbye to every subscriber and returns within
/// `config.grace` seconds and a little. Whatever was on the wire when `stop` resolved is sent
/// first to those who keep up.
///
/// # Errors
/// See [`ServeError`].
pub async fn serve(serving: Serving, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
    let Serving {
        listeners,
        config,
        wire,
        search,
        readers,
        access,
        health,
        admission,
        metrics,
        registry,
        orders,
    } = serving;
    config.check().map_err(ServeError::Config)?;
    limits::make_room(config.max_connections);
    let config = Arc::new(config);
    let gate = access.map(Gate::new);
    let shared = Shared {
        config: config.clone(),
        wire: wire.clone(),
        gate: gate.clone(),
        metrics: metrics.clone(),
    };
    let doors = (0..config.shard_count())
        .map(|number| Door::open(number, shared.clone(), false))
        .collect::<io::Result<Vec<_>>>()?;
    let (stopping, stopped) = watch::channel(false);
    let desk = Desk {
        guard: Guard::new(admission.clone()),
        wire,
        search,
        gate: gate.clone(),
        health,
        registry,
        metrics: metrics.clone(),
        config: config.clone(),
        doors: doors.iter().map(|door| door.arrivals.clone()).collect(),
        stopped: stopped.clone(),
        feeds: Feeds::default(),
    };
    let front = Arc::new(Front {
        router: desk.router(orders, readers),
        limits: Limits::new(config.max_connections, config.max_per_address),
        admission,
        send_buffer: config.send_buffer,
        stall: Duration::from_secs(config.stall),
        metrics,
        stopped,
    });
    let keeping = gate.clone();
    let asking = gate.map(|gate| tokio::spawn(gate.keep_asking()));
    let grace = Duration::from_secs(config.grace);
    let ended = run(listeners, front, doors, stopping, grace, stop).await;
    asking.inspect(JoinHandle::abort);
    if let Some(gate) = keeping {
        gate.keep_readings();
    }
    ended
}

/// Accepts connections until `stop`, then closes the doors.
pub(super) async fn run(
    listeners: Vec<TcpListener>,
    front: Arc<Front>,
    mut doors: Vec<Door>,
    stopping: watch::Sender<bool>,
    grace: Duration,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let mut accepting = JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept::run(listener, front.clone()));
    }
    let broken =
        futures_util::future::select_all(doors.iter_mut().map(|door| Box::pin(door.ended())));
    let ended = tokio::select! {
        () = stop => Ok(()),
        _ = broken => Err(ServeError::Shard),
    };
    accepting.abort_all();
    // Only receivers that are gone could make this fail, and those need not be told.
    let _ = stopping.send(true);
    if ended.is_ok() {
        let closing = doors.into_iter().map(|door| door.close(grace));
        let closing = futures_util::future::join_all(closing);
        // A shard keeps to its grace by itself; the second is for its thread to get there.
        let _ = tokio::time::timeout(grace + Duration::from_secs(1), closing).await;
    }
    ended
}
