//! What the serving stage needs from the daemon: who may read, and how the daemon is.

use std::{collections::BTreeSet, net::SocketAddr, path::Path, sync::Arc};

use axum::{
    Json, Router,
    extract::Query,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    routing::{get, post},
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;

use crate::{
    broadcast::{self, Access, Admission, Check, Health, Pass, Readers, Reading, Serving},
    config::Config,
    follower::{Degraded, Followers, Standing},
    item::{EventId, Shown},
    outlet::{Receipts, Sitting},
    pipeline::{Attached, Orders, Role, Status},
    search::Search,
    watch::Watch,
    wire::{SqliteStore, Store as _},
};

use super::{Exit, Failure, reload::Settings, token, views};

/// A public address needs tokens, and should not send them for everybody to read.
pub(super) fn refuse_open_door(
    address: SocketAddr,
    wire_path: &Path,
    wire: &SqliteStore,
    config: &Config,
) -> Result<(), Failure> {
    let tokens = wire.tokens_now().map_err(|error| Failure::error(error.to_string()))?;
    if address.ip().is_loopback() {
        return Ok(());
    }
    if !tokens.is_empty() {
        if config.tls.pair().is_none() && config.broadcast.proxies.is_empty() {
            tracing::warn!(
                "{address} can be reached from other machines without TLS: tokens and news go there \
                 for everybody on the way to read; set tls.certificate and tls.key, or listen on \
                 127.0.0.1 behind a proxy"
            );
        }
        return Ok(());
    }
    Err(Failure::error(format!(
        "{address} can be reached from other machines, and no token is needed yet: make one with \
         `flashwire token --wire {} add NAME`, or listen on 127.0.0.1",
        Shown::exact(wire_path.display())
    )))
}

/// Who may connect, as the config says.
pub(super) fn admission(config: &Config) -> Result<Admission, Failure> {
    let fail = |error: &dyn std::fmt::Display| Failure::new(Exit::Config, error.to_string());
    let tls = match config.tls.pair() {
        Some(Ok((certificate, key))) => {
            Some(broadcast::tls(certificate, key).map_err(|error| fail(&error))?)
        }
        Some(Err(error)) => return Err(fail(&error)),
        None => None,
    };
    Ok(Admission::new(&config.broadcast, tls))
}

/// Prepares the serving stage.
pub(super) fn prepare(
    config: &Config,
    wire: &Arc<SqliteStore>,
    search: Option<Arc<Search>>,
    key: String,
    address: SocketAddr,
    settings: &Settings,
) -> impl FnOnce(Attached) -> Serving + Send + use<> {
    let (key_pass, loopback) = (Pass(token::hash(&key)), address.ip().is_loopback());
    let access = Arc::new(Tokens {
        wire: wire.clone(),
        key: key_pass,
        receipts: Receipts::beside(wire.path()),
        loopback,
    });
    let readers = config.role != Role::Ingest;
    let views = views::router(wire.clone(), settings.sites());
    let (admission, unusable) = (settings.admission(), settings.unusable());
    let (config, wire) = (config.broadcast.clone(), wire.clone());
    move |attached| {
        let Attached { mut registry, status, watch, listener, orders, followers } = attached;
        Serving {
            listeners: vec![listener],
            metrics: broadcast::Metrics::register(&mut registry),
            config,
            wire: wire.clone(),
            search,
            readers,
            access: Some(access),
            health: Arc::new(Daemon {
                wire: wire.clone(),
                status,
                watch,
                unusable,
                followers: followers.clone(),
            }),
            admission,
            registry: Arc::new(registry),
            orders: orders_router(orders, followers, wire, key).merge(views),
        }
    }
}

/// Orders to the daemon, for whoever can read the wire's lock file and so knows the key.
fn orders_router(
    orders: Option<Orders>,
    followers: Followers,
    wire: Arc<SqliteStore>,
    key: String,
) -> Router {
    let key = Arc::new(key);
    let withdraw_key = key.clone();
    let withdraw = async move |headers: HeaderMap, Json(order): Json<Withdrawal>| {
        if let Some(refusal) = without_key(&headers, &withdraw_key) {
            return refusal;
        }
        let Some(orders) = orders else {
            let message = "this node takes no pages in (role = \"broadcast\"): withdraw on one that \
                           does, and it goes from here, too";
            return (StatusCode::NOT_FOUND, Json(json!({ "message": message })));
        };
        match orders.withdraw(order.what, order.reason).await {
            Ok(ids) => (StatusCode::OK, Json(json!({ "withdrawn": ids }))),
            Err(message) => (StatusCode::NOT_FOUND, Json(json!({ "message": message }))),
        }
    };
    let resume_key = key.clone();
    let resume = async move |headers: HeaderMap, Json(order): Json<Resumption>| {
        if let Some(refusal) = without_key(&headers, &resume_key) {
            return refusal;
        }
        match followers.resume(&order.name, order.skip) {
            Ok(()) => (StatusCode::OK, Json(json!({}))),
            Err(message) => (StatusCode::NOT_FOUND, Json(json!({ "message": message }))),
        }
    };
    let readers = async move |headers: HeaderMap, Query(asked): Query<AskedReaders>| {
        if let Some(refusal) = without_key(&headers, &key) {
            return refusal;
        }
        match super::readers::report(&wire, asked.event).await {
            Ok(report) => (StatusCode::OK, Json(report)),
            Err(message) => (StatusCode::NOT_FOUND, Json(json!({ "message": message }))),
        }
    };
    Router::new()
        .route("/v1/readers", get(readers))
        .route("/v1/withdrawals", post(withdraw))
        .route("/v1/outlets/resume", post(resume))
}

fn without_key(headers: &HeaderMap, key: &str) -> Option<(StatusCode, Json<Value>)> {
    let bearer =
        |value: &HeaderValue| value.as_bytes().strip_prefix(b"Bearer ").map(<[u8]>::to_vec);
    let shown = headers.get("x-flashwire-key").map(|value| value.as_bytes().to_vec());
    let shown = shown.or_else(|| headers.get(header::AUTHORIZATION).and_then(bearer));
    if bool::from(shown.unwrap_or_default().ct_eq(key.as_bytes())) {
        return None;
    }
    let message = "this needs the key in the wire's lock file; use `flashwire withdraw`, \
        `flashwire outlet` or `flashwire readers`";
    Some((StatusCode::UNAUTHORIZED, Json(json!({ "message": message }))))
}

#[derive(Debug, serde::Deserialize)]
struct AskedReaders {
    event: Option<EventId>,
}

#[derive(Debug, serde::Deserialize)]
struct Resumption {
    name: String,
    skip: bool,
}

#[derive(Debug, serde::Deserialize)]
struct Withdrawal {
    what: String,
    reason: String,
}

/// Tokens whose hashes the wire's file keeps, and the key in its lock file: whoever may read that
/// file may read the wire.
struct Tokens {
    wire: Arc<SqliteStore>,
    key: Pass,
    receipts: Receipts,
    /// Only this machine is served: while there is no token, none is asked for.
    loopback: bool,
}

impl Access for Tokens {
    fn pass(&self, token: &str) -> Pass {
        Pass(token::hash(token))
    }

    fn readers(&self) -> Option<Readers> {
        let hashes = self.wire.token_hashes();
        let hashes = hashes.inspect_err(|error| tracing::error!(%error, "tokens can't be read"));
        let mut passes: BTreeSet<Pass> = hashes.ok()?.into_iter().map(Pass).collect();
        let everybody = self.loopback && passes.is_empty();
        passes.insert(self.key);
        Some(Readers { everybody, passes })
    }

    fn keep(&self, readings: Vec<Reading>) {
        let sitting = |reading: Reading| Sitting {
            began: reading.sitting,
            token: reading.pass.0,
            after: reading.after,
            through: reading.through,
            last: reading.at,
        };
        // The key of this machine is another one after each start: nobody's token.
        let others = readings.into_iter().filter(|reading| reading.pass != self.key);
        let sittings: Vec<_> = others.map(sitting).collect();
        if let Err(error) = self.receipts.keep(&sittings, Timestamp::now()) {
            tracing::warn!(%error, "who has read what can't be kept");
        }
    }
}

/// How the daemon is.
struct Daemon {
    wire: Arc<SqliteStore>,
    status: Arc<Status>,
    watch: Option<Arc<Watch>>,
    /// Why settings that were read again can't be used.
    unusable: watch::Receiver<Option<String>>,
    followers: Followers,
}

impl Health for Daemon {
    fn alive(&self) -> bool {
        self.status.alive()
    }

    fn checks(&self) -> Vec<Check> {
        let check = |name: &str, ok: bool, detail: String| {
            // Subscribers are served whatever happens to the intake: the rest is said, and no
            // reason to send them elsewhere.
            Check { name: name.into(), ok, needed: name == "watch", detail }
        };
        let watch = self.watch.as_ref().map(|watch| watch.status());
        let folder = match watch.as_ref().map(|watch| (&watch.root_missing_since, watch)) {
            None => "other nodes take the pages in".into(),
            Some((Some(since), _)) => format!("the watched folder is gone since {since}"),
            Some((None, watch)) if watch.armed => {
                format!("{}, {} folders", watch.noticing.as_str(), watch.watches.max(1))
            }
            Some(_) => "the folder is not watched yet".into(),
        };
        let watched = watch.is_none_or(|watch| watch.armed && watch.root_missing_since.is_none());
        let intake = match self.status.degraded_because() {
            Some(degraded) => format!("paused since {}: {}", degraded.since, degraded.reason),
            None if self.watch.is_none() => "other nodes judge the pages".into(),
            None if self.status.judges() => "pages are judged as they come".into(),
            None => "what was told before is being read".into(),
        };
        let wire = match self.wire.damage() {
            None => format!("at {}", self.wire.head()),
            Some(damage) => format!("at {}; {damage}", self.wire.head()),
        };
        let clock = match self.status.ahead() {
            Some(ahead) => format!("the wire's last event bears a time {ahead:#} from now"),
            None => "events bear the time of this machine's clock".into(),
        };
        let disk = self.status.disk_ends_because();
        let files = self.status.files_wait_because();
        let settings = self.unusable.borrow().clone();
        let follower = |standing: &Arc<Standing>| {
            let degraded = standing.degraded();
            let ok = degraded.is_none();
            let detail = match degraded {
                None => format!("at {}", standing.at()),
                Some(Degraded { reason, since, given_up }) => format!(
                    "{} since {since} at {}: {reason}",
                    if given_up { "given up" } else { "degraded" },
                    standing.at()
                ),
            };
            check(standing.name(), ok, detail)
        };
        let mut checks = vec![
            check("watch", watched, folder),
            check("intake", self.status.degraded_because().is_none(), intake),
            check("wire", self.wire.damage().is_none(), wire),
            check("clock", true, clock),
            check("disk", disk.is_none(), disk.unwrap_or("there is room".into())),
            check("files", files.is_none(), files.unwrap_or("none waits".into())),
            check("settings", settings.is_none(), settings.unwrap_or("as they were read".into())),
        ];
        checks.extend(self.followers.iter().map(follower));
        checks
    }

    fn figures(&self) -> Map<String, Value> {
        let watch = self.watch.as_ref().map(|watch| watch.status());
        let degraded = self.status.degraded_because();
        let figures = json!({
            "watch": watch.map(|watch| json!({
                "noticing": watch.noticing.as_str(),
                "seen": watch.seen,
                "pending": watch.pending,
                "unsettled": watch.unsettled,
                "ignored": watch.ignored,
                "overflows": watch.overflows,
                "initialDone": watch.initial_done,
            })),
            "judging": self.status.judges(),
            "aheadSeconds": self.status.ahead().map(|ahead| ahead.as_secs()),
            "damaged": self.wire.damage(),
            "followers": self.followers.iter().map(|standing| json!({
                "name": standing.name(),
                "at": standing.at(),
                "degraded": standing.degraded(),
            })).collect::<Vec<_>>(),
            "degraded": degraded.map(|degraded| json!({
                "reason": degraded.reason,
                "since": degraded.since.to_string(),
            })),
        });
        match figures {
            Value::Object(figures) => figures,
            _ => Map::new(),
        }
    }
}
