//! Subscribers over real sockets, from a real wire.

mod desk;
mod http;
mod limits;
mod resume;
mod slow;
mod stream;
