//! The wire → its subscribers, over WebSocket, SSE and plain HTTP on one port.
//!
//! ```text
//!  socket ─▶ accept ─▶ http (router) ─▶ upgrade ─▶ shard ─▶ session ─▶ socket
//!                        │                          │
//!                        │ Store::read, follow      │ Store::follow ─▶ ring ─▶ audiences
//! ```
//!
//! A shard is one thread with one `ring` of bytes that are framed once and then shared by all
//! its subscribers. A subscriber is a socket and a position: nothing is queued for it. Who falls
//! out of the ring is served from the wire until it is back in it (`replay`).

mod accept;
mod access;
mod admission;
mod audience;
mod config;
pub mod echo;
mod forwarded;
pub mod frame;
mod fragments;
mod guard;
mod http;
mod limits;
mod metrics;
mod op;
mod params;
mod prune;
mod replay;
mod ring;
mod serve;
mod session;
mod shard;
mod socket;
mod tallies;
mod tls;

pub use access::{Access, Check, Health, Pass, Readers, Reading};
pub use admission::Admission;
pub use config::Config;
pub use http::schema;
pub use metrics::Metrics;
pub use params::{Body, Start, Subscription};
pub use serve::{ServeError, Serving, serve};
pub use tls::{TlsError, tls};
