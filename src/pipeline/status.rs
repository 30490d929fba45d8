//! What the running daemon says about itself: counters and checks.

use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use crate::{
    desk::{Finished, micros_between},
    wire::Group,
};

/// A desk that is busy with one batch for longer than this stands still: a batch takes
/// milliseconds, and pauses on a full disk don't count.
const STUCK_SECONDS: i64 = 60;

/// Why intake pauses, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Degraded {
    /// The reason, as a sentence.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// What the desk counts and says.
#[derive(Debug)]
pub struct Status {
    degraded: Mutex<Option<Degraded>>,
    ahead: Mutex<Option<SignedDuration>>,
    /// The wire's file does not lie where it must.
    misplaced: Mutex<Option<Degraded>>,
    /// Who gives the order can't.
    unordered: Mutex<Option<Degraded>>,
    desk_ready: AtomicBool,
    /// Seconds since 1970, 0 while the desk waits.
    busy_since: AtomicI64,
    metrics: Metrics,
}

/// What it guards is whole between any two calls, also after a panic.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByOutcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByTelling {
    kind: &'static str,
    action: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByCode {
    code: String,
}

#[derive(Debug)]
struct Metrics {
    pages: Family<ByOutcome, Counter>,
    events: Family<ByTelling, Counter>,
    sightings: Counter,
    remarks: Family<ByCode, Counter>,
    page_to_wire: Histogram,
    last_page: Gauge,
    degraded: Gauge,
}

impl Status {
    /// Counters at zero, entered into the registry of `/metrics`.
    pub fn new(registry: &mut Registry) -> Self {
        let metrics = Metrics {
            pages: Family::default(),
            events: Family::default(),
            sightings: Counter::default(),
            remarks: Family::default(),
            page_to_wire: Histogram::new(exponential_buckets(0.000_25, 2.0, 18)),
            last_page: Gauge::default(),
            degraded: Gauge::default(),
        };
        registry.register("pages", "Pages taken, by outcome", metrics.pages.clone());
        registry.register("events", "Events told, by kind and action", metrics.events.clone());
        registry.register(
            "sightings",
            "Drafts that ended as a sighting of an event, first tellings included",
            metrics.sightings.clone(),
        );
        registry.register("remarks", "Remarks on pages, by code", metrics.remarks.clone());
        registry.register_with_unit(
            "page_to_wire",
            "From a page being noticed to its events being durable",
            Unit::Seconds,
            metrics.page_to_wire.clone(),
        );
        registry.register(
            "last_page_timestamp_seconds",
            "When the newest page was noticed",
            metrics.last_page.clone(),
        );
        registry.register("degraded", "1 while intake pauses", metrics.degraded.clone());
        Status {
            degraded: Mutex::new(None),
            ahead: Mutex::new(None),
            misplaced: Mutex::new(None),
            unordered: Mutex::new(None),
            desk_ready: AtomicBool::new(false),
            busy_since: AtomicI64::new(0),
            metrics,
        }
    }

    /// Why intake pauses, if it does.
    pub fn degraded_because(&self) -> Option<Degraded> {
        let slots = [&self.degraded, &self.misplaced, &self.unordered];
        slots.into_iter().find_map(|slot| held(slot).clone())
    }

    /// How far the newest event's time is ahead of this machine's clock, where that is worth
    /// saying.
    pub fn ahead(&self) -> Option<SignedDuration> {
        *self.ahead.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn wire_is_ahead(&self, ahead: Option<SignedDuration>) {
        let mut was = self.ahead.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match (*was, ahead) {
            (None, Some(ahead)) => tracing::warn!(
                "the wire's last event bears a time {ahead:#} ahead of this machine's clock: the \
                 clock is wrong, or was when that was told; until it has caught up, events bear \
                 times just after that one"
            ),
            (Some(_), None) => tracing::warn!("the clock has caught up with the wire's times"),
            _ => {}
        }
        *was = ahead;
    }

    /// Whether the desk knows what was told before and judges.
    pub fn judges(&self) -> bool {
        self.desk_ready.load(Ordering::Acquire)
    }

    /// Whether the desk's loop turns: it is waiting for pages, or it took one a short while ago.
    pub fn alive(&self) -> bool {
        let busy_since = self.busy_since.load(Ordering::Acquire);
        busy_since == 0 || Timestamp::now().as_second() - busy_since < STUCK_SECONDS
    }

    /// The desk begins or ends something that must not take long.
    pub(super) fn busy(&self, busy: bool) {
        let since = if busy { Timestamp::now().as_second() } else { 0 };
        self.busy_since.store(since, Ordering::Release);
    }

    pub(super) fn desk_ready(&self) {
        self.desk_ready.store(true, Ordering::Release);
    }

    pub(super) fn degraded(&self, reason: &str) {
        let mut degraded = held(&self.degraded);
        let since = degraded.as_ref().map_or_else(Timestamp::now, |degraded| degraded.since);
        *degraded = Some(Degraded { reason: reason.to_owned(), since });
        self.metrics.degraded.set(1);
    }

    pub(super) fn recovered(&self) {
        let was = held(&self.degraded).take();
        if let Some(was) = was {
            tracing::warn!(since = %was.since, "intake goes on");
            self.metrics.degraded.set(self.degraded_because().is_some().into());
        }
    }

    /// Takes note of whether the wire's file lies where it must; the desk finds out only with the
    /// next page.
    pub(super) fn wire_lies(&self, lies: Result<(), String>) {
        self.note(&self.misplaced, lies.err(), "the wire's file is back");
    }

    /// Takes note of what keeps the order from being given, if anything does.
    pub(super) fn no_order(&self, reason: Option<String>) {
        self.note(&self.unordered, reason, "the order is given again");
    }

    fn note(&self, slot: &Mutex<Option<Degraded>>, reason: Option<String>, back: &str) {
        let mut degraded = held(slot);
        match (reason, degraded.take()) {
            (Some(reason), None) => {
                tracing::error!(reason, "intake pauses, subscribers are served on");
                *degraded = Some(Degraded { reason, since: Timestamp::now() });
                self.metrics.degraded.set(1);
            }
            (Some(reason), Some(was)) => *degraded = Some(Degraded { reason, ..was }),
            (None, Some(_)) => {
                tracing::warn!("{back}");
                drop(degraded);
                self.metrics.degraded.set(self.degraded_because().is_some().into());
            }
            (None, None) => {}
        }
    }

    /// A group is on the wire, whatever gave it.
    pub(super) fn told(&self, group: &Group) {
        for entry in &group.events {
            let (kind, action) = (entry.event.kind().as_str(), entry.event.action.as_str());
            self.metrics.events.get_or_create(&ByTelling { kind, action }).inc();
        }
    }

    /// A page is on the wire.
    pub(super) fn took(&self, page: &Finished, group: &Group) {
        let now = Timestamp::now();
        let (from, parsed) = (page.provenance(), page.parsed());
        let outcome = match &parsed.rejected {
            None => "done",
            Some(rejection) => {
                tracing::warn!(
                    page = %from.name,
                    outcome = rejection.outcome.as_str(),
                    reason = rejection.reason,
                    "page set aside"
                );
                rejection.outcome.as_str()
            }
        };
        self.metrics.pages.get_or_create(&ByOutcome { outcome }).inc();
        self.metrics.sightings.inc_by(group.sightings.len() as u64);
        for remark in &parsed.remarks {
            let code = remark.code.clone().into_owned();
            self.metrics.remarks.get_or_create(&ByCode { code }).inc();
        }
        let us = micros_between(from.seen, now);
        self.metrics.page_to_wire.observe(us as f64 / 1e6);
        self.metrics.last_page.set(from.seen.as_second());
        tracing::debug!(
            page = %from.name,
            outcome,
            events = group.events.len(),
            repeats = group.sightings.len() - group.events.len().min(group.sightings.len()),
            remarks = parsed.remarks.len(),
            us,
            "page taken"
        );
    }
}
