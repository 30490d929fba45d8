//! Looks after the wire's file and its disk, also while no page comes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::{MissedTickBehavior, interval};

use crate::wire::SqliteStore;

use super::{
    Status,
    disk::{self, Disk},
};

/// A look costs two questions to the file system.
const EVERY: Duration = Duration::from_secs(2);

/// Works until aborted.
pub(super) async fn run(wire: Arc<SqliteStore>, status: Arc<Status>) {
    let (mut disk, mut due) = (Disk::default(), Instant::now());
    let mut looks = interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        status.wire_lies(wire.look_after().await.map_err(|error| error.to_string()));
        if Instant::now() >= due {
            due = Instant::now() + disk::EVERY;
            // Where it can't be told nothing is said.
            if let Some(free) = wire.free() {
                status.disk(free, disk.look(free));
            }
        }
    }
}
