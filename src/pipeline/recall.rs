//! What was told before, from the wire into the desk.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::runtime::Handle;

use crate::{
    dedup::{Gist, Seed},
    desk::Desk,
    item::{Seq, Stored},
    wire::{Position, ReadError, SqliteStore, Store as _},
};

/// Records that go to the desk together.
const SLICE: usize = 64;

/// Lets a new desk know what was told within the window, and what pages taught about their sites;
/// gives how far the wire had come then.
pub(super) fn recall(
    desk: &mut Desk,
    window: Duration,
    wire: &Arc<SqliteStore>,
    runtime: &Handle,
) -> Result<Position, ReadError> {
    let started = std::time::Instant::now();
    let now = Timestamp::now();
    desk.not_after(now);
    let horizon = wire.newest_page_time()?.map(|newest| newest.min(now) - window);
    let (to, records) = std::sync::mpsc::sync_channel::<Vec<Gist>>(16);
    let (back, folded) = std::sync::mpsc::channel();
    let replay = runtime.spawn({
        let (wire, seed) = (wire.clone(), desk.seed().clone());
        async move {
            let mut slices = Slices { slice: Vec::new(), filled: 0, seed, to, folded };
            wire.replay_to(horizon, Box::new(move |record| slices.push(&record))).await
        }
    });
    let keys = runtime.spawn(wire.learn_keys());
    let mut count = 0u64;
    for slice in records {
        slice.iter().for_each(|gist| desk.recall(gist));
        count += slice.len() as u64;
        // The reader ends before its last slices come back.
        let _ = back.send(slice);
    }
    let position = runtime.block_on(replay).map_err(|error| ReadError(error.to_string()))??;
    // It saves time and decides nothing: without it the file is asked for every key.
    if let Ok(Err(error)) = runtime.block_on(keys) {
        tracing::warn!(%error, "the keys of what was told can't be learned");
    }
    let last = runtime.block_on(wire.read_back(Seq(position.seq.0 + 1), 1))?;
    desk.begin(position.seq, last.first().map_or(Timestamp::MIN, |last| last.event.time));
    desk.recall_held(wire.held_back()?);
    for (site, memory) in wire.site_memories()? {
        if !desk.recall_site(&site, &memory) {
            tracing::warn!(
                site,
                "what was learned of the site's layout is of another version; learning anew"
            );
        }
    }
    tracing::info!(
        records = count,
        ms = started.elapsed().as_millis() as u64,
        "the desk knows what was told within the window"
    );
    Ok(position)
}

/// Records on their way from the wire to the desk, many at a time: they are read and taken apart
/// on one thread and folded on another.
struct Slices {
    slice: Vec<Gist>,
    filled: usize,
    seed: Seed,
    to: std::sync::mpsc::SyncSender<Vec<Gist>>,
    /// Slices that were folded, to be filled again.
    folded: std::sync::mpsc::Receiver<Vec<Gist>>,
}

impl Slices {
    fn push(&mut self, record: &Stored<'_>) -> Result<(), ReadError> {
        if self.filled == self.slice.len() {
            self.slice.push(Gist::default());
        }
        self.slice[self.filled]
            .refill(record, &self.seed)
            .map_err(|error| ReadError(format!("an event is not readable: {error}")))?;
        self.filled += 1;
        if self.filled == SLICE {
            self.send();
        }
        Ok(())
    }

    fn send(&mut self) {
        let next = self.folded.try_recv().unwrap_or_default();
        let mut slice = std::mem::replace(&mut self.slice, next);
        slice.truncate(self.filled);
        self.filled = 0;
        // A receiver that is gone is the desk's own end.
        let _ = self.to.send(slice);
    }
}

impl Drop for Slices {
    fn drop(&mut self) {
        self.send();
    }
}
