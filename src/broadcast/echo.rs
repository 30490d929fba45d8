//! The ring path alone: whatever one client says goes to all, byte for byte.
//!
//! This is how fan-out is measured and how the framing is held against a WebSocket conformance
//! suite: sockets, shard, ring and sessions are those of the daemon, only what is said comes
//! from the clients.

use std::{sync::Arc, time::Duration};

use prometheus_client::registry::Registry;
use tokio::{net::TcpListener, sync::watch};

use crate::wire::Store;

use super::{
    accept::Front,
    admission::Admission,
    config::Config,
    http::echo_router,
    limits::{self, Limits},
    metrics::Metrics,
    serve::{self, ServeError},
    shard::{Door, Shared},
};

/// Serves on one shard until `stop` resolves. The wire is only asked for its head.
///
/// # Errors
/// See [`ServeError`].
pub async fn echo(
    listener: TcpListener,
    config: Config,
    wire: Arc<dyn Store>,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    config.check().map_err(ServeError::Config)?;
    if config.max_message > config.ring_bytes / 3 {
        let why = "a ring that echoes must hold three of the largest messages";
        return Err(ServeError::Config(why.into()));
    }
    limits::make_room(config.max_connections);
    let metrics = Metrics::register(&mut Registry::default());
    let config = Arc::new(config);
    let shared = Shared { config: config.clone(), wire, gate: None, metrics: metrics.clone() };
    let door = Door::open(0, shared, true)?;
    let (stopping, stopped) = watch::channel(false);
    let front = Arc::new(Front {
        router: echo_router(door.arrivals.clone()),
        limits: Limits::new(config.max_connections, config.max_per_address),
        admission: watch::channel(Admission::default()).1,
        send_buffer: config.send_buffer,
        stall: Duration::from_secs(config.stall),
        metrics,
        stopped,
    });
    let grace = Duration::from_secs(config.grace);
    serve::run(vec![listener], front, vec![door], stopping, grace, stop).await
}
