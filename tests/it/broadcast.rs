//! Subscribers over real sockets, from a real wire.

pub(crate) mod desk;
mod encrypted;
mod filters;
mod http;
mod limits;
mod proxied;
mod resume;
mod slow;
mod slow_model;
mod stream;
