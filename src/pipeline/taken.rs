//! A page on its way from the workers to the desk, and the version of a file it came from.

use tokio::sync::OwnedSemaphorePermit;

use crate::{
    desk::Submission,
    item::PageHash,
    page::PageName,
    watch::{Lane, Stat},
};

/// The version of a file that a page was read from: what becomes of it once the ledger holds it.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) name: PageName,
    /// What the file system said of it; `None` where the file was gone.
    pub(super) stat: Option<Stat>,
    /// `None` where it couldn't be read.
    pub(super) hash: Option<PageHash>,
}

/// A page that a worker has done.
#[derive(Debug)]
pub(super) struct Done {
    /// The lane it came by and its place in it.
    pub(super) lane: Lane,
    pub(super) ticket: u64,
    pub(super) taken: Taken,
    pub(super) submission: Submission,
    /// Its place among the pages of its lane that are on their way; dropped when the desk takes
    /// it on.
    pub(super) place: OwnedSemaphorePermit,
}

/// The form in which the ledger keeps what the file system said.
pub(super) fn stat_parts(stat: Stat) -> [u64; 5] {
    let Stat { dev, ino, size, mtime_ns, ctime_ns } = stat;
    [dev, ino, size, mtime_ns.cast_unsigned(), ctime_ns.cast_unsigned()]
}

/// What the file system said, from the form in which the ledger keeps it.
pub(super) fn stat_of([dev, ino, size, mtime_ns, ctime_ns]: [u64; 5]) -> Stat {
    Stat { dev, ino, size, mtime_ns: mtime_ns.cast_signed(), ctime_ns: ctime_ns.cast_signed() }
}
