//! How far a stop has come, for every stage to look at.

use tokio::sync::watch;

/// How far a stop has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Nobody stops.
    #[default]
    Running,
    /// What was dropped just now is still told; the backlog waits for the next start.
    Stopping,
    /// The time for that has passed: whatever is under way ends.
    Ending,
}

/// Whether the daemon stops.
#[derive(Clone, Debug)]
pub(super) struct Stop(watch::Receiver<Stage>);

impl Stop {
    /// Nobody stops yet; what is sent says otherwise.
    pub(super) fn new() -> (watch::Sender<Stage>, Self) {
        let (say, heard) = watch::channel(Stage::Running);
        (say, Stop(heard))
    }

    /// Whether the stop has come so far.
    pub(super) fn is(&self, stage: Stage) -> bool {
        *self.0.borrow() >= stage
    }

    /// Waits until the stop has come so far.
    pub(super) async fn comes_to(&mut self, stage: Stage) {
        // A sender that is gone has ended the daemon.
        let _ = self.0.wait_for(|now| *now >= stage).await;
    }
}
