//! Requests → answers.

mod assets;
mod cors;
mod events;
mod feeds;
mod history;
mod refuse;
mod schema;
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
    accept::Line,
    access::{Gate, Health},
    config::{Config, HANDSHAKE, WRONG_TOKEN},
    guard::{self, Caller, Guard},
    metrics::{Metrics, Reason},
    params::Subscription,
    session::Arrival,
};

pub(super) use feeds::Feeds;
pub use schema::v1 as schema;
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
    pub(super) feeds: Feeds,
}

type Shared = State<Arc<Desk>>;

impl Desk {
    /// All paths: our own, those of readers where there are any, and the daemon's orders.
    pub(super) fn router(self, orders: Router, readers: bool) -> Router {
        let desk = Arc::new(self);
        let open = if readers {
            Router::new()
                .route("/v1/wire", any(upgrade::wire))
                .route("/v1/events", get(events::events))
                .route("/v1/events/{id}", get(events::event))
                .route("/v1/threads/{id}", get(thread::thread))
                .route("/v1/search", get(search::search))
                .route("/v1/sources", get(status::sources))
                .route("/ticker/events", get(events::ticker))
                .route("/feed.atom", get(feeds::feed))
                .route("/feed.rss", get(feeds::feed))
                .route("/feed.json", get(feeds::feed))
                .route("/events.json", get(feeds::feed))
                .fallback(assets::asset)
        } else {
            Router::new().fallback(refuse::no_readers)
        };
        open.route("/v1/stats", get(status::stats))
            .route("/schema/v1.json", get(schema::schema))
            .route("/asyncapi.json", get(schema::asyncapi))
            .route("/openapi.json", get(schema::openapi))
            .route("/healthz", get(status::healthz))
            .route("/readyz", get(status::readyz))
            .route("/metrics", get(status::metrics))
            .method_not_allowed_fallback(refuse::method)
            .with_state(desk.clone())
            .merge(orders)
            .layer(middleware::from_fn_with_state(desk, check))
    }
}

/// Paths that watchdogs, load balancers and Prometheus ask by whatever name they know the machine;
/// they tell no news.
const ANY_HOST: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Those that need no token.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];

/// Paths of the lower third, which stands open where the config says so.
const TICKER: [&str; 5] = ["/ticker", "/ticker.css", "/ticker.js", "/ticker/events", "/mark.svg"];

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

async fn admit(desk: &Desk, mut request: Request, next: Next) -> Response {
    let count = |reason| desk.metrics.refused.get_or_create(&Reason { reason }).inc();
    let line = request.extensions().get::<Line>();
    let headers = request.headers();
    let asked = desk.guard.asked(line.map(|line| line.peer), headers).and_then(|asked| {
        if !ANY_HOST.contains(&request.uri().path()) {
            desk.guard.knows_host(&asked)?;
        }
        desk.guard.knows_origin(&asked, headers)?;
        Ok(asked)
    });
    let asked = match asked {
        Ok(asked) => asked,
        Err(refusal) => {
            let (status, code, message) = refuse::who(&refusal);
            count(code);
            tracing::warn!(path = request.uri().path(), "a request was refused: {message}");
            return refuse::readably(headers, status, code, &message);
        }
    };
    let room = line
        .zip(asked.client)
        .and_then(|(line, client)| line.slot.lock().ok()?.as_mut()?.ask_for(client).err());
    if room.is_some() {
        count("address");
        return refuse::crowded();
    }
    let origin = headers.get(header::ORIGIN).cloned();
    request.extensions_mut().insert(asked);
    let mut answer = match *request.method() {
        Method::OPTIONS => cors::preflight(),
        _ => let_in(desk, request, next).await,
    };
    if let Some(origin) = origin {
        cors::allow(answer.headers_mut(), origin);
    }
    answer
}

/// Answers who may read.
async fn let_in(desk: &Desk, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // Nothing here answers to anything but GET, except orders: those see for themselves who
    // gives them.
    let asks = matches!(*request.method(), Method::GET | Method::HEAD);
    let open = OPEN.contains(&path) || desk.config.open_ticker && TICKER.contains(&path);
    if open || !asks {
        return next.run(request).await;
    }
    match guard::caller(request.headers(), desk.gate.as_deref()) {
        Caller::Known(_) => next.run(request).await,
        // A WebSocket may show its token in its first message instead.
        Caller::Silent if path == "/v1/wire" && *request.method() == Method::GET => {
            next.run(request).await
        }
        caller => {
            desk.metrics.refused.get_or_create(&Reason { reason: "token" }).inc();
            if caller == Caller::Wrong {
                tokio::time::sleep(WRONG_TOKEN).await;
            }
            let mut answer = refuse::refuse(
                StatusCode::UNAUTHORIZED,
                "unauthorised",
                "show a token: `Authorization: Bearer TOKEN`, or HTTP Basic with the token as password; `flashwire token add NAME --wire FOLDER` makes one, and on this machine `flashwire tail --wire FOLDER` needs none",
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
