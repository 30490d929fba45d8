//! Subscribers over real sockets, from a real wire.

pub(crate) mod desk;
mod encrypted;
mod http;
mod limits;
mod resume;
mod slow;
mod stream;
