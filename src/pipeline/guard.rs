//! Looks after the wire's file and its order, also while no page comes.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use crate::wire::{OrderStatus, SqliteStore};

use super::Status;

/// A look costs two questions to the file system.
const EVERY: Duration = Duration::from_secs(2);

/// Works until aborted.
pub(super) async fn run(wire: Arc<SqliteStore>, status: Arc<Status>) {
    let mut looks = interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        status.wire_lies(wire.look_after().await.map_err(|error| error.to_string()));
    }
}

/// Says how the order is, as that changes; ends with the reason where another wire has taken the
/// place of the one that was followed.
pub(super) async fn order(mut order: watch::Receiver<OrderStatus>, status: Arc<Status>) -> String {
    loop {
        let now = order.borrow_and_update().clone();
        match now {
            OrderStatus::Well => status.no_order(None),
            OrderStatus::Trouble(why) => status.no_order(Some(why)),
            OrderStatus::Anew(why) => return why,
        }
        if order.changed().await.is_err() {
            // Whoever gave the order has ended with the daemon.
            std::future::pending::<()>().await;
        }
    }
}
