//! What happens once a page is on the wire: the watch passes its version over from then on, and its
//! file is dealt with as configured.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_channel::Receiver;
use tokio::runtime::Handle;

use crate::{watch::Watch, wire::SqliteStore};

use super::{Status, after::Files, taken::Taken};

/// How often files that wait are tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// The thread's work.
pub(super) struct Settler {
    pub(super) files: Files,
    /// Versions of files that the ledger holds.
    pub(super) settled: Receiver<Taken>,
    pub(super) watch: Arc<Watch>,
    pub(super) wire: Arc<SqliteStore>,
    pub(super) status: Arc<Status>,
    pub(super) runtime: Handle,
}

impl Settler {
    /// Works until nothing more comes; files that wait are left to the next start.
    pub(super) fn work(mut self) {
        // What an earlier run has left behind is dealt with first.
        let mut again = Instant::now();
        loop {
            let next = if self.files.wait() {
                let wait = again.saturating_duration_since(Instant::now());
                let next = async { tokio::time::timeout(wait, self.settled.recv()).await.ok() };
                self.runtime.block_on(next)
            } else {
                Some(self.settled.recv_blocking())
            };
            match next {
                Some(Ok(taken)) => self.settle(taken),
                Some(Err(_)) => return,
                None => {
                    if self.lies() {
                        let root = self.watch.root();
                        let dealt = self.files.try_again(root.as_deref());
                        self.status.files_wait(dealt.err());
                    }
                    again = Instant::now() + AGAIN;
                }
            }
        }
    }

    fn settle(&mut self, taken: Taken) {
        if let Some(stat) = taken.stat {
            self.watch.settled(&taken.name, stat);
        }
        if self.lies() {
            let root = self.watch.root();
            if let Err(reason) = self.files.settle(root.as_deref(), taken) {
                self.status.files_wait(Some(reason));
            }
        }
    }

    /// What is told may be gone with the wire's file: then pages stay where they are.
    fn lies(&self) -> bool {
        let lies = self.wire.in_place();
        if let Err(error) = &lies {
            tracing::warn!(error, "files of pages stay where they are");
        }
        lies.is_ok()
    }
}
