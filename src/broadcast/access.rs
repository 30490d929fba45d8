//! What the caller knows and this stage asks for: who may read, and how the daemon is.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use crate::item::{Cursor, Seq};

/// What a token is known by: whoever streams by it is cut off when it is good no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pass(pub [u8; 32]);

/// Who may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readers {
    /// Whoever shows no token at all may.
    pub everybody: bool,
    /// Whoever shows one of these may.
    pub passes: BTreeSet<Pass>,
}

impl Readers {
    fn admit(&self, pass: Option<Pass>) -> bool {
        pass.map_or(self.everybody, |pass| self.passes.contains(&pass))
    }
}

/// How far a token's reader came in one sitting: from when it began to read until it stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Names the sitting: one that began later has a greater one. Microseconds since 1970.
    pub sitting: u64,
    /// Whose token was shown.
    pub pass: Pass,
    /// It began after this.
    pub after: Cursor,
    /// Everything up to here that it wants has been sent.
    pub through: Seq,
    /// When that was last so.
    pub at: Timestamp,
}

/// Who may subscribe. The caller keeps the tokens, hashed.
pub trait Access: Send + Sync + 'static {
    /// What a token is known by, good or not.
    fn pass(&self, token: &str) -> Pass;

    /// Who may read now; `None` where that can't be found out.
    fn readers(&self) -> Option<Readers>;

    /// Keeps how far readers have come; asked about once a second while anybody reads.
    fn keep(&self, readings: Vec<Reading>) {
        // Who has no use for it lets it go.
        drop(readings);
    }
}

/// Asks who may read: for every request, and again and again for those who are connected.
pub(super) struct Gate {
    access: Arc<dyn Access>,
    /// Held while asking, so that an older answer never takes the place of a newer one.
    asking: Mutex<()>,
    readers: watch::Sender<Readers>,
    /// What has been read since the last time it was kept, by sitting.
    readings: Mutex<BTreeMap<u64, Reading>>,
    sittings: AtomicU64,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

/// How long a stream goes on at most after its token is gone.
const EVERY: Duration = Duration::from_secs(1);

impl Gate {
    pub(super) fn new(access: Arc<dyn Access>) -> Arc<Self> {
        // Until the first answer nobody may.
        let readers = watch::Sender::new(Readers::default());
        let gate = Gate {
            access,
            asking: Mutex::new(()),
            readers,
            readings: Mutex::default(),
            sittings: AtomicU64::new(0),
        };
        gate.ask();
        Arc::new(gate)
    }

    fn ask(&self) {
        let _asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(now) = self.access.readers() else { return };
        self.readers.send_if_modified(|known| {
            let changed = *known != now;
            *known = now;
            changed
        });
    }

    /// Whether no token is asked for.
    pub(super) fn stands_open(&self) -> bool {
        self.ask();
        self.readers.borrow().everybody
    }

    /// The pass of a token that is good.
    pub(super) fn check(&self, token: &str) -> Option<Pass> {
        let pass = self.access.pass(token);
        self.ask();
        self.readers.borrow().passes.contains(&pass).then_some(pass)
    }

    /// Whether who came in with this pass, or with none, may still read, as last asked.
    pub(super) fn admits(&self, pass: Option<Pass>) -> bool {
        self.readers.borrow().admit(pass)
    }

    /// Resolves when who came in with this pass, or with none, may read no longer.
    pub(super) async fn shuts_out(&self, pass: Option<Pass>) {
        let mut readers = self.readers.subscribe();
        // The sender lives as long as this.
        let _ = readers.wait_for(|readers| !readers.admit(pass)).await;
    }

    /// Notes that who shows a token begins to read after `after`.
    pub(super) fn sits_down(self: &Arc<Self>, pass: Pass, after: Cursor) -> Receipt {
        let now = u64::try_from(Timestamp::now().as_microsecond()).unwrap_or(0);
        let next = |last: u64| Some(now.max(last + 1));
        let was = self.sittings.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let sitting = now.max(was.unwrap_or_default() + 1);
        let receipt = Receipt { gate: self.clone(), sitting, pass, after };
        receipt.has(receipt.after.seq);
        receipt
    }

    /// Gives what was read to whoever keeps it.
    pub(super) fn keep_readings(&self) {
        let readings = std::mem::take(&mut *held(&self.readings));
        if !readings.is_empty() {
            self.access.keep(readings.into_values().collect());
        }
    }

    /// Goes on asking, for those who are connected already.
    pub(super) async fn keep_asking(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EVERY).await;
            let gate = self.clone();
            // A panic in the caller's code has been logged; the next time may be better.
            let _ = tokio::task::spawn_blocking(move || {
                gate.ask();
                gate.keep_readings();
            })
            .await;
        }
    }
}

/// What it guards is whole between any two calls.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One sitting of a token's reader.
#[derive(Debug)]
pub(super) struct Receipt {
    gate: Arc<Gate>,
    sitting: u64,
    pass: Pass,
    after: Cursor,
}

impl Receipt {
    /// Notes that everything up to `through` that it wants has been sent.
    pub(super) fn has(&self, through: Seq) {
        let reading = Reading {
            sitting: self.sitting,
            pass: self.pass,
            after: self.after.clone(),
            through,
            at: Timestamp::now(),
        };
        held(&self.gate.readings).insert(self.sitting, reading);
    }
}

/// What is said to a stream whose token is gone.
pub(super) const SHUT_OUT: &str = "a token is asked for now, or the one shown is good no longer";

/// One thing that should be so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Short name, such as `watch`.
    pub name: String,
    /// Whether it is so.
    pub ok: bool,
    /// Whether the daemon can't be called ready without it: subscribers are better sent elsewhere.
    pub needed: bool,
    /// The sentence for people.
    pub detail: String,
}

/// How the daemon is.
pub trait Health: Send + Sync + 'static {
    /// Its loops make progress.
    fn alive(&self) -> bool;

    /// All that should be so; it is ready when all are that are needed.
    fn checks(&self) -> Vec<Check>;

    /// Figures for `/v1/stats`, one JSON object.
    fn figures(&self) -> serde_json::Map<String, serde_json::Value>;
}
