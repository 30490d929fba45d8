//! How the daemon is: for watchdogs, load balancers, Prometheus and people.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::broadcast::{metrics::Proto, replay::BadStart};

use super::{Shared, refuse};

/// 200 while the daemon's loops make progress.
pub(super) async fn healthz(State(desk): Shared) -> Response {
    let alive = desk.health.alive();
    let status = if alive { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    refuse::json(status, json!({ "alive": alive }).to_string())
}

/// 200 when everything is so that must be so; the checks either way.
pub(super) async fn readyz(State(desk): Shared) -> Response {
    let checks = desk.health.checks();
    let ready = checks.iter().all(|check| check.ok) && !*desk.stopped.borrow();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    refuse::json(status, json!({ "ready": ready, "checks": checks }).to_string())
}

/// Figures of now.
pub(super) async fn stats(State(desk): Shared) -> Response {
    let head = desk.wire.head();
    let open = |proto| desk.metrics.subscribers.get_or_create(&Proto { proto }).get();
    let mut figures = Map::new();
    figures.insert("version".into(), env!("CARGO_PKG_VERSION").into());
    figures.insert("cursor".into(), head.to_string().into());
    figures.insert("epoch".into(), head.epoch.as_str().into());
    figures.insert("head".into(), head.seq.0.into());
    figures.insert("oldest".into(), desk.wire.bounds().start().0.into());
    figures.insert("subscribers".into(), json!({ "ws": open("ws"), "sse": open("sse") }));
    figures.extend(desk.health.figures());
    refuse::json(StatusCode::OK, Value::Object(figures).to_string())
}

/// Who gave pages within the last day, and how much was told within the last hour.
pub(super) async fn sources(State(desk): Shared) -> Response {
    match desk.wire.pulse(Timestamp::now()).await {
        Ok(pulse) => refuse::json(StatusCode::OK, json!(pulse).to_string()),
        Err(error) => refuse::start(&BadStart::Read(error)),
    }
}

/// OpenMetrics text.
pub(super) async fn metrics(State(desk): Shared) -> Response {
    let mut text = String::new();
    if prometheus_client::encoding::text::encode(&mut text, &desk.registry).is_err() {
        return refuse::refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "metrics",
            "the metrics can't be written as text",
        );
    }
    let mut answer = Response::new(text.into());
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
