//! A page on its way from the workers to the desk.

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    item::{PageHash, Rejection},
    page::{Meta, PageName},
    parse::Sheet,
    watch::{Lane, Stat},
};

/// What is known of a page apart from what it says.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    /// The lane and the page's place in it.
    pub(super) lane: Lane,
    pub(super) ticket: u64,
    /// It lay in the folder when the daemon started.
    pub(super) initial: bool,
    pub(super) name: PageName,
    /// What the file system said of it; `None` where the file was gone.
    pub(super) stat: Option<Stat>,
    /// `None` where it couldn't be read.
    pub(super) hash: Option<PageHash>,
    pub(super) seen: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) meta: Meta,
    /// Microseconds from being noticed to being read.
    pub(super) read_us: u64,
    /// Microseconds from being noticed to being laid out.
    pub(super) laid_us: u64,
    /// Kept as evidence if the page tells anything.
    pub(super) bytes: Bytes,
}

/// A page laid out by a worker.
#[derive(Debug)]
pub(super) struct Laid {
    pub(super) taken: Taken,
    pub(super) result: Result<Sheet, Rejection>,
    /// Its place among the pages of its lane that are on their way; dropped when the desk takes
    /// it on.
    pub(super) place: OwnedSemaphorePermit,
}
