//! One binary that drives the real thing: real files, sockets and databases.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod after;
mod architecture;
mod broadcast;
#[path = "../browser/mod.rs"]
mod browser;
mod clock;
mod console;
mod contract;
mod crash;
mod daemon;
mod damage;
mod faults;
mod held;
mod kept;
mod kinds;
mod mcp;
mod messages;
mod mix;
#[cfg(feature = "nats")]
#[path = "../nats/mod.rs"]
mod nats;
mod observed;
mod origins;
mod outlets;
mod outside;
mod pages;
mod pipeline;
mod proxies;
mod reload;
mod restored;
mod service;
mod search;
#[cfg(feature = "nats")]
mod shared;
mod stop;
mod tokens;
mod watch;
mod wire;
mod withdrawn;
