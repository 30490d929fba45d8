//! Whoever takes the wire in its own time: an index, a receiver on the web, a folder of files.
//!
//! A follower reads the log from where its [`Sink`] stands, hands entries on in order, and waits
//! when something is in the way, longer each time. Nobody else waits for it: it reads as any
//! subscriber does, and nothing is queued for it. The sink alone keeps how far it has come, in
//! whatever way makes that one with what it has done, so a follower that starts again asks it.

mod backoff;
mod standing;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::{sync::watch, time::Instant};

use crate::{
    item::{Cursor, Seq},
    wire::{BadCursor, Entry, Extent, ReadError, Resumption, Store},
};

use backoff::Backoff;
pub use standing::{Degraded, Followers, Standing};

/// How many entries a slice holds at most, unless its sink wants it otherwise.
const SLICE: usize = 256;

/// What a follower feeds.
pub trait Sink: Send + 'static {
    /// A short name, as `status` shows it and commands take it: `search`, `webhook night-desk`.
    fn name(&self) -> &str;

    /// How far it has taken the wire; `None` where it never began.
    fn place(&mut self) -> BoxFuture<'_, Result<Option<Cursor>, Trouble>>;

    /// Begins: it never did, or it stands where this wire can't go on exactly. Gives the position
    /// after which it wants entries, having let go of what is not of this wire.
    fn begin(&mut self, beginning: Beginning) -> BoxFuture<'_, Result<Seq, Trouble>>;

    /// Takes entries, oldest first, and gives how far it has come with them, having made that its
    /// place. Where it takes long over a slice it stops at the entry before the first one that
    /// [no longer holds][Slice::holds].
    fn take<'a>(&'a mut self, slice: &'a Slice) -> BoxFuture<'a, Result<Seq, Trouble>>;

    /// How many entries it takes at once at most.
    fn most(&self) -> usize {
        SLICE
    }

    /// How long what is new gathers before it is taken: for whom a slice costs more than its
    /// entries do.
    fn gathers(&self) -> Duration {
        Duration::ZERO
    }

    /// What it does while the wire has nothing new; resolves when that is done, for example at a
    /// time of day. It is dropped when something new comes.
    fn idle(&mut self) -> BoxFuture<'_, Result<(), Trouble>> {
        std::future::pending().boxed()
    }

    /// How long it fails before it is given up; `None` for never.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// Passes over the entry that is in its way, when whoever runs the daemon says so; gives
    /// whether it can.
    fn skip(&mut self) -> bool {
        false
    }
}

/// Where a sink may begin.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// The wire's head now.
    pub head: Cursor,
    /// The last position before the oldest entry there is.
    pub before_oldest: Seq,
    /// Why it can't go on where it stood; `None` where it never began.
    pub astray: Option<String>,
    /// Everything up to here that it has taken is on this wire; `None` where that can't be said.
    pub common: Option<Seq>,
}

/// Entries in wire order.
pub struct Slice {
    wire: Arc<dyn Store>,
    withdrawn_at: Seq,
    /// The entries, at least one.
    pub entries: Vec<Arc<Entry>>,
    /// Where who has taken all of them stands.
    pub through: Cursor,
}

impl std::fmt::Debug for Slice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slice").field("through", &self.through).finish_non_exhaustive()
    }
}

impl Slice {
    /// What follows `after`; `None` at the head.
    async fn read(
        wire: &Arc<dyn Store>,
        after: Seq,
        most: usize,
    ) -> Result<Option<Self>, ReadError> {
        let withdrawn_at = wire.withdrawn_at();
        let entries = wire.read(after, most).await?;
        let Some(last) = entries.last() else { return Ok(None) };
        let through = Cursor { epoch: wire.head().epoch, seq: last.seq };
        Ok(Some(Slice { wire: wire.clone(), withdrawn_at, entries, through }))
    }

    /// Whether the entries still say what the wire says: nothing was taken back since they were
    /// read.
    pub fn holds(&self) -> bool {
        self.wire.withdrawn_at() == self.withdrawn_at
    }

    /// Where who has taken everything up to `seq` stands.
    pub fn at(&self, seq: Seq) -> Cursor {
        Cursor { epoch: self.through.epoch.clone(), seq }
    }

    /// The wire, for what the entries refer to.
    pub fn wire(&self) -> &dyn Store {
        &*self.wire
    }
}

/// Why a sink can't take more now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Trouble {
    /// The sentence for people: what, where, what to do.
    pub reason: String,
    /// Trying again by itself is no use.
    pub for_good: bool,
    /// Trying again before this has passed is no use.
    pub wait: Duration,
}

impl Trouble {
    /// Something that may pass.
    pub fn passing(reason: impl Into<String>) -> Self {
        Trouble { reason: reason.into(), for_good: false, wait: Duration::ZERO }
    }

    /// Something that somebody must mend.
    pub fn for_good(reason: impl Into<String>) -> Self {
        Trouble { reason: reason.into(), for_good: true, wait: Duration::ZERO }
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Trouble::passing(error.to_string())
    }
}

/// Feeds `sink` until `stop` or the end of the wire.
pub async fn run(
    wire: Arc<dyn Store>,
    mut sink: Box<dyn Sink>,
    standing: Arc<Standing>,
    mut stop: watch::Receiver<bool>,
) {
    let mut backoff = Backoff::default();
    let mut failing: Option<Instant> = None;
    loop {
        let taken = standing.taken();
        let following = AssertUnwindSafe(follow(&wire, &mut *sink, &standing)).catch_unwind();
        let trouble = tokio::select! {
            biased;
            () = stopped(&mut stop) => return,
            ended = following => match ended {
                Ok(Ok(())) => return,
                Ok(Err(trouble)) => trouble,
                Err(_) => Trouble::passing("it panicked; the log says where: please report it"),
            },
        };
        if standing.taken() != taken {
            (backoff, failing) = (Backoff::default(), None);
        }
        let since = *failing.get_or_insert_with(Instant::now);
        let out = sink.patience().is_some_and(|patience| since.elapsed() >= patience);
        let given_up = trouble.for_good || out;
        standing.fails(&trouble.reason, given_up);
        let pause = async {
            if given_up {
                std::future::pending().await
            } else {
                tokio::time::sleep(trouble.wait).await;
                backoff.wait().await;
            }
        };
        tokio::select! {
            biased;
            () = stopped(&mut stop) => return,
            skip = standing.resumed() => {
                (backoff, failing) = (Backoff::default(), None);
                if skip && !sink.skip() {
                    tracing::warn!(follower = sink.name(), "it can't pass over anything");
                }
            }
            () = pause => {}
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone has ended the daemon.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Feeds the sink; ends well when the wire is closed.
async fn follow(
    wire: &Arc<dyn Store>,
    sink: &mut dyn Sink,
    standing: &Standing,
) -> Result<(), Trouble> {
    let mut heads = wire.head_changes();
    let mut after = start(&**wire, sink).await?;
    standing.stands_at(after);
    loop {
        heads.mark_unchanged();
        if let Some(slice) = Slice::read(wire, after, sink.most()).await? {
            after = sink.take(&slice).await?;
            standing.takes(after);
            continue;
        }
        standing.caught_up();
        tokio::select! {
            moved = heads.changed() => match moved {
                Ok(()) => tokio::time::sleep(sink.gathers()).await,
                Err(_) => return Ok(()),
            },
            idle = sink.idle() => idle?,
        }
    }
}

/// Asks the sink where it stands and finds out where the wire goes on from there.
async fn start(wire: &dyn Store, sink: &mut dyn Sink) -> Result<Seq, Trouble> {
    let extent = Extent::of(wire);
    let place = sink.place().await?;
    let (common, astray) = match place.as_ref().map(|place| extent.resume(place)) {
        Some(Ok(Resumption { after, lost: None, .. })) => return Ok(after),
        Some(Ok(Resumption { after, lost, .. })) => (Some(after), lost),
        Some(Err(BadCursor(reason))) => (None, Some(reason)),
        None => (None, None),
    };
    if let Some(reason) = &astray {
        tracing::warn!(follower = sink.name(), reason, "it can't go on where it stood");
    }
    let before_oldest = Seq(extent.oldest.0.saturating_sub(1));
    sink.begin(Beginning { head: wire.head(), before_oldest, astray, common }).await
}

#[cfg(test)]
mod tests;
