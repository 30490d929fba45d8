//! Sends every message that a client sends to all clients, byte for byte: the daemon's sockets,
//! shard and ring without its wire. For measuring fan-out and for WebSocket conformance suites.
//!
//! ```console
//! cargo run --release --example fanout -- 127.0.0.1:9100
//! ```

use std::sync::Arc;

use flashwire::{
    broadcast::{Config, echo::echo},
    wire::SqliteWire,
};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).ok_or("usage: fanout ADDRESS:PORT")?;
    let listener = TcpListener::bind(&address).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("wire.db");
    let wire = SqliteWire::open(&path, &Default::default(), jiff::Timestamp::now())?;
    // A conformance suite sends messages of up to 16 MiB.
    let config = Config {
        max_connections: 100_000,
        max_message: 17 << 20,
        ring_bytes: 64 << 20,
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
