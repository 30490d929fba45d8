//! What is known of each follower: for `status`, `/readyz` and whoever sends it on its way again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use serde::Serialize;
use tokio::sync::Notify;

use crate::item::{Seq, Shown, micros};

/// Why a follower has stopped where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Degraded {
    /// The reason, as a sentence.
    pub reason: String,
    /// Since when.
    #[serde(with = "micros")]
    pub since: Timestamp,
    /// It is not tried again until somebody says so.
    pub given_up: bool,
}

#[derive(Debug, Default)]
struct State {
    at: Seq,
    taken: u64,
    degraded: Option<Degraded>,
    skip: bool,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByName {
    follower: String,
}

/// One follower, as others see it.
#[derive(Debug)]
pub struct Standing {
    name: String,
    state: Mutex<State>,
    resume: Notify,
    degraded: Gauge,
    failures: Counter,
    position: Gauge,
}

impl Standing {
    fn state(&self) -> MutexGuard<'_, State> {
        // What it guards is whole between any two calls.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The position up to which it has taken the wire.
    pub fn at(&self) -> Seq {
        self.state().at
    }

    /// Why it doesn't go on, if it doesn't.
    pub fn degraded(&self) -> Option<Degraded> {
        self.state().degraded.clone()
    }

    /// How often it has moved on.
    pub(super) fn taken(&self) -> u64 {
        self.state().taken
    }

    pub(super) fn stands_at(&self, at: Seq) {
        self.state().at = at;
        self.position.set(i64::try_from(at.0).unwrap_or(i64::MAX));
    }

    pub(super) fn takes(&self, at: Seq) {
        self.stands_at(at);
        self.state().taken += 1;
        self.caught_up();
    }

    /// Nothing is in its way.
    pub(super) fn caught_up(&self) {
        if let Some(was) = self.state().degraded.take() {
            self.degraded.set(0);
            tracing::warn!(follower = self.name, since = %was.since, "it goes on");
        }
    }

    pub(super) fn fails(&self, reason: &str, given_up: bool) {
        self.failures.inc();
        let mut state = self.state();
        let was = state.degraded.take();
        if was.as_ref().is_none_or(|was| was.reason != reason || was.given_up != given_up) {
            let (follower, reason) = (&self.name, Shown::exact(reason));
            if given_up {
                tracing::error!(follower, %reason, "given up until somebody resumes it");
            } else {
                tracing::warn!(follower, %reason, "it can't go on now and is tried again");
            }
        }
        let since = was.map_or_else(Timestamp::now, |was| was.since);
        state.degraded = Some(Degraded { reason: reason.to_owned(), since, given_up });
        self.degraded.set(1);
    }

    /// Resolves when somebody sends it on its way; gives whether past what is in it.
    pub(super) async fn resumed(&self) -> bool {
        self.resume.notified().await;
        std::mem::take(&mut self.state().skip)
    }
}

/// All followers of a daemon.
#[derive(Clone, Debug, Default)]
pub struct Followers(Vec<Arc<Standing>>);

impl Followers {
    /// Standings of followers with these names, with their metrics.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>, registry: &mut Registry) -> Self {
        let degraded = Family::<ByName, Gauge>::default();
        let failures = Family::<ByName, Counter>::default();
        let position = Family::<ByName, Gauge>::default();
        registry.register(
            "follower_degraded",
            "1 while something is in a follower's way",
            degraded.clone(),
        );
        registry.register("follower_failures", "Tries that failed", failures.clone());
        registry.register("follower_position", "How far the wire is taken", position.clone());
        let standing = |name: &str| {
            let label = ByName { follower: name.to_owned() };
            Arc::new(Standing {
                name: name.to_owned(),
                state: Mutex::default(),
                resume: Notify::new(),
                degraded: degraded.get_or_create_owned(&label),
                failures: failures.get_or_create_owned(&label),
                position: position.get_or_create_owned(&label),
            })
        };
        Followers(names.into_iter().map(standing).collect())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Standing>> {
        self.0.iter()
    }

    /// Sends one on its way again, past the entry it failed on if `skip`.
    ///
    /// # Errors
    /// A sentence for whoever asked, where there is none of that name, or nothing is in its way.
    pub fn resume(&self, name: &str, skip: bool) -> Result<(), String> {
        // `webhook night-desk`, or `night-desk` alone.
        let is = |standing: &&Arc<Standing>| {
            standing.name == name || standing.name.split(' ').next_back() == Some(name)
        };
        let Some(standing) = self.0.iter().find(is) else {
            let names: Vec<_> = self.0.iter().map(|standing| standing.name()).collect();
            return Err(match names[..] {
                [] => "this daemon feeds nothing but its subscribers: no outlet is set".into(),
                _ => format!("there is no outlet `{name}`; outlets are: {}", names.join(", ")),
            });
        };
        let mut state = standing.state();
        if state.degraded.is_none() {
            return Err(format!("nothing is in the way of `{name}`"));
        }
        state.skip = skip;
        drop(state);
        standing.resume.notify_one();
        Ok(())
    }
}
