//! What this stage counts.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// How a subscriber is served: `ws`, `sse`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Proto {
    pub(super) proto: &'static str,
}

/// Why, in a word.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Reason {
    pub(super) reason: &'static str,
}

/// One of the daemon's checks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByCheck {
    pub(super) check: String,
}

/// Where a subscription began.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct From {
    pub(super) from: &'static str,
}

/// The stage's metrics; cheap to clone, all clones count together.
#[derive(Clone, Debug)]
pub struct Metrics {
    pub(super) subscribers: Family<Proto, Gauge>,
    pub(super) subscriptions: Family<From, Counter>,
    pub(super) closed: Family<Reason, Counter>,
    pub(super) refused: Family<Reason, Counter>,
    pub(super) bytes: Counter,
    pub(super) writes: Counter,
    pub(super) fallen: Counter,
    pub(super) broken: Counter,
    pub(super) events: Counter,
    pub(super) wire_to_socket: Histogram,
    pub(super) audiences: Gauge,
    pub(super) backlog: Gauge<u64, AtomicU64>,
    /// Brought up to date by whoever reads them.
    pub(super) checks: Family<ByCheck, Gauge>,
}

impl Metrics {
    /// Registers the metrics; `registry` should carry the prefix `flashwire`.
    pub fn register(registry: &mut Registry) -> Self {
        let buckets = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
        let metrics = Metrics {
            subscribers: Family::default(),
            subscriptions: Family::default(),
            closed: Family::default(),
            refused: Family::default(),
            bytes: Counter::default(),
            writes: Counter::default(),
            fallen: Counter::default(),
            broken: Counter::default(),
            events: Counter::default(),
            wire_to_socket: Histogram::new(buckets),
            audiences: Gauge::default(),
            backlog: Gauge::default(),
            checks: Family::default(),
        };
        registry.register("subscribers", "Open subscriptions", metrics.subscribers.clone());
        registry.register(
            "subscriptions",
            "Subscriptions begun, by where they began",
            metrics.subscriptions.clone(),
        );
        registry.register(
            "subscriber_closed",
            "WebSocket subscribers closed by the server, by reason",
            metrics.closed.clone(),
        );
        registry.register(
            "requests_refused",
            "Requests refused, by reason",
            metrics.refused.clone(),
        );
        registry.register(
            "sent_bytes",
            "Bytes written to WebSocket subscribers",
            metrics.bytes.clone(),
        );
        registry.register(
            "socket_writes",
            "Writes to WebSocket sockets; one carries all a subscriber is owed",
            metrics.writes.clone(),
        );
        registry.register(
            "subscriber_fallen_behind",
            "Times a live subscriber fell out of the ring and was served from the wire",
            metrics.fallen.clone(),
        );
        registry.register(
            "subscriber_broken",
            "WebSocket subscribers whose session a defect ended; the log says which",
            metrics.broken.clone(),
        );
        registry.register(
            "broadcast_events",
            "Events put into the rings, once for each shard",
            metrics.events.clone(),
        );
        registry.register(
            "wire_to_socket_seconds",
            "From an event's append until all live subscribers of a shard have been written to",
            metrics.wire_to_socket.clone(),
        );
        registry.register("check_ok", "1 for each check that is well", metrics.checks.clone());
        registry.register("audiences", "Different filters in use", metrics.audiences.clone());
        registry.register(
            "subscriber_lag_events_max",
            "How many events the subscriber furthest behind is from the head",
            metrics.backlog.clone(),
        );
        metrics
    }
}
