#![doc = include_str!("README.md")]

// The vocabulary.
pub mod item;
pub mod page;

// The stages, in the order data flows.
pub mod watch;
pub mod parse;
pub mod dedup;
pub mod wire;
pub mod follower;
pub mod desk;
pub mod filter;
pub mod search;
pub mod outlet;
pub mod broadcast;
pub mod dashboard;

// What joins and runs them.
pub mod pipeline;
pub mod config;
pub mod telemetry;
pub mod cli;
