//! One binary that drives the real thing: real files, sockets and databases.

#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod broadcast;
mod contract;
mod watch;
