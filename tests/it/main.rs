//! One binary that drives the real thing: real files, sockets and databases.

mod contract;
