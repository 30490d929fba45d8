//! One binary that drives the real thing: real files, sockets and databases.

// The lint knows test functions, not the helpers beside them.
#![allow(clippy::unwrap_used)]

mod broadcast;
#[path = "../browser/mod.rs"]
mod browser;
mod contract;
