//! Requests → answers.

mod assets;
mod events;
mod history;
mod refuse;
mod search;
mod sse;
mod status;
mod thread;
mod upgrade;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::{any, get},
};
use jiff::Timestamp;
use prometheus_client::registry::Registry;
use tokio::sync::{mpsc, watch};

use crate::{filter::BadParameter, search::Search, wire::Store};

use super::{
    access::{Gate, Health},
    config::{Config, HANDSHAKE},
    guard::{self, Caller, Guard, Refusal},
    metrics::{Metrics, Reason},
    params::Subscription,
    session::Arrival,
};

pub(super) use upgrade::echo_router;

/// What the handlers need.
pub(super) struct Desk {
    pub(super) guard: Guard,
    pub(super) wire: Arc<dyn Store>,
    pub(super) search: Option<Arc<Search>>,
    pub(super) gate: Option<Arc<Gate>>,
    pub(super) health: Arc<dyn Health>,
    pub(super) registry: Arc<Registry>,
    pub(super) metrics: Metrics,
    pub(super) config: Arc<Config>,
    pub(super) doors: Vec<mpsc::UnboundedSender<Arrival>>,
    pub(super) stopped: watch::Receiver<bool>,
}

type Shared = State<Arc<Desk>>;

impl Desk {
    /// All paths: our own, and the daemon's orders.
    pub(super) fn router(self, orders: Router) -> Router {
        let desk = Arc::new(self);
        Router::new()
            .route("/v1/wire", any(upgrade::wire))
            .route("/v1/events", get(events::events))
            .route("/v1/events/{id}", get(events::event))
            .route("/v1/threads/{id}", get(thread::thread))
            .route("/v1/search", get(search::search))
            .route("/v1/stats", get(status::stats))
            .route("/healthz", get(status::healthz))
            .route("/readyz", get(status::readyz))
            .route("/metrics", get(status::metrics))
            .fallback(assets::asset)
            .method_not_allowed_fallback(refuse::method)
            .with_state(desk.clone())
            .merge(orders)
            .layer(middleware::from_fn_with_state(desk, check))
    }
}

/// Paths that watchdogs and load balancers ask without a token; they tell no news.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];

/// Checks what must hold for every request, and says with every answer what a browser may do
/// with it.
async fn check(State(desk): Shared, request: Request, next: Next) -> Response {
    let mut answer = match whole(&desk, request).await {
        Ok(request) => admit(&desk, request, next).await,
        Err(refusal) => *refusal,
    };
    let headers = answer.headers_mut();
    let mut say = |name, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(header::REFERRER_POLICY, "no-referrer");
    say(header::CACHE_CONTROL, "no-store");
    say(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    answer
}

/// The request with its body read, which may be as large as a message and take as long as a head.
async fn whole(desk: &Desk, request: Request) -> Result<Request, Box<Response>> {
    let most = desk.config.max_message;
    let (parts, body) = request.into_parts();
    let refuse = |status, reason, message: &str| {
        desk.metrics.refused.get_or_create(&Reason { reason }).inc();
        let mut answer = refuse::refuse(status, reason, message);
        // The rest of the body is not waited for.
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        Err(Box::new(answer))
    };
    match tokio::time::timeout(HANDSHAKE, axum::body::to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, bytes.into())),
        Ok(Err(_)) => refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body",
            &format!("the body broke off, or has more than {most} bytes"),
        ),
        Err(_) => refuse(
            StatusCode::REQUEST_TIMEOUT,
            "slow",
            &format!("the body did not come within {} seconds", HANDSHAKE.as_secs()),
        ),
    }
}

async fn admit(desk: &Desk, request: Request, next: Next) -> Response {
    let count = |reason| desk.metrics.refused.get_or_create(&Reason { reason }).inc();
    match desk.guard.admits(request.headers()) {
        Ok(()) => {}
        Err(Refusal::Host(host)) => {
            count("host");
            return refuse::refuse(
                StatusCode::MISDIRECTED_REQUEST,
                "host",
                &format!(
                    "this server doesn't answer to the host name `{host}`; add it to broadcast.hosts if it should"
                ),
            );
        }
        Err(Refusal::Origin(origin)) => {
            count("origin");
            return refuse::refuse(
                StatusCode::FORBIDDEN,
                "origin",
                &format!(
                    "pages of {origin} may not connect; add it to broadcast.origins if they should"
                ),
            );
        }
    }
    let path = request.uri().path();
    // Nothing here answers to anything but GET, except orders: those see for themselves who
    // gives them.
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    if OPEN.contains(&path) || !asks {
        return next.run(request).await;
    }
    match guard::caller(request.headers(), desk.gate.as_deref()) {
        Caller::Known(_) => next.run(request).await,
        // A WebSocket may show its token in its first message instead.
        Caller::Silent if path == "/v1/wire" && *request.method() == Method::GET => {
            next.run(request).await
        }
        Caller::Silent | Caller::Wrong => {
            count("token");
            let mut answer = refuse::refuse(
                StatusCode::UNAUTHORIZED,
                "unauthorised",
                "show a token: `Authorization: Bearer TOKEN`, or HTTP Basic with the token as password; `flashwire token add NAME` makes one, and on this machine `flashwire tail --wire FOLDER` needs none",
            );
            let ask = HeaderValue::from_static("Basic realm=\"flashwire\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
            answer
        }
    }
}

/// The parameters of a request.
fn pairs(request: &Request) -> Result<Vec<(String, String)>, BadParameter> {
    axum::extract::Query::try_from_uri(request.uri())
        .map(|axum::extract::Query(pairs)| pairs)
        .map_err(|error| BadParameter::new("query", format!("the query can't be read: {error}")))
}

/// Reads the query of a request as a subscription.
fn subscription(desk: &Desk, request: &Request) -> Result<Subscription, BadParameter> {
    subscribed(desk, &pairs(request)?)
}

/// Reads parameters as a subscription.
fn subscribed(desk: &Desk, pairs: &[(String, String)]) -> Result<Subscription, BadParameter> {
    let asks = pairs.iter().any(|(name, _)| name == "backfill");
    let quiet = (!desk.config.backfill && !asks).then_some(("backfill", "0"));
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Subscription::read(pairs.chain(quiet), Timestamp::now())
}
