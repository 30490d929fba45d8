//! Sends every message that a client sends to all clients, byte for byte: the daemon's sockets,
//! shard and ring without its wire. For measuring fan-out and for WebSocket conformance suites.
//!
//! ```console
//! cargo run --release --example fanout -- 127.0.0.1:9100
//! ```
//!
//! A second argument, in MiB, lets larger messages through: a suite that sends 16 MiB needs 17.

use std::sync::Arc;

use flashwire::{
    broadcast::{Config, echo::echo},
    wire::SqliteStore,
};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).ok_or("usage: fanout ADDRESS:PORT")?;
    let most = std::env::args().nth(2).map_or(Ok(1), |mib| mib.parse::<usize>())? << 20;
    let listener = TcpListener::bind(&address).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("wire.db");
    let wire = SqliteStore::open(&path, &Default::default(), jiff::Timestamp::now())?;
    let config = Config {
        max_connections: 100_000,
        max_message: most,
        ring_bytes: (4 << 20).max(3 * most),
        ..Config::default()
    };
    let stop = async {
        // Without a signal to wait for it serves until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    echo(listener, config, Arc::new(wire), stop).await?;
    Ok(())
}
