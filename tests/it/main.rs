//! All integration tests in one binary.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod watch;
