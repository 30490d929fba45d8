//! Refusals, always as JSON: `{"error":"code","message":"sentence"}`.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};

use crate::{
    broadcast::{guard::Refusal, replay::BadStart},
    filter::BadParameter,
};

/// An answer with JSON.
pub(super) fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}

/// A refusal with a short name for programs and a sentence for people.
pub(super) fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    json(status, serde_json::json!({ "error": code, "message": message }).to_string())
}

/// The same as a page, where a browser shows it to a person.
pub(super) fn readably(
    headers: &HeaderMap,
    status: StatusCode,
    code: &str,
    message: &str,
) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if !accepts.is_some_and(|accepts| accepts.contains("text/html")) {
        return refuse(status, code, message);
    }
    let message = html_escape::encode_text(message);
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>flashwire</title>\
         <h1>flashwire does not answer here</h1><p>{message}</p>"
    );
    let mut answer = Response::new(Body::from(page));
    *answer.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, html);
    answer
}

/// Status, short name and sentence for who asks by a wrong name or from a wrong page.
pub(super) fn who(refusal: &Refusal) -> (StatusCode, &'static str, String) {
    const PROXY: &str = "let the proxy pass the name on that was asked for (nginx: `proxy_set_header Host $host;`, \
         more in config/proxies)";
    match refusal {
        Refusal::Hosts(0) => (
            StatusCode::MISDIRECTED_REQUEST,
            "host",
            "the request names no host; only /healthz, /readyz and /metrics do without".into(),
        ),
        Refusal::Hosts(n) => (
            StatusCode::BAD_REQUEST,
            "hosts",
            format!("the request names {n} hosts; send one Host header"),
        ),
        Refusal::Host(host) => (
            StatusCode::MISDIRECTED_REQUEST,
            "host",
            format!(
                "this server doesn't answer to the host name `{host}`; add it to broadcast.hosts if it should, or {PROXY}"
            ),
        ),
        Refusal::Origin { origin, host } => (
            StatusCode::FORBIDDEN,
            "origin",
            format!(
                "pages of {origin} may not connect to {host}; add it to broadcast.origins if they should. Where {origin} is this server behind a proxy, {PROXY}, and name the proxy in broadcast.proxies"
            ),
        ),
    }
}

/// The answer to one connection too many from an address.
pub(super) fn crowded() -> Response {
    let mut answer = refuse(
        StatusCode::SERVICE_UNAVAILABLE,
        "too_many",
        "your address has as many connections as this server allows (broadcast.max_per_address)",
    );
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    answer
}

pub(super) fn parameter(bad: &BadParameter) -> Response {
    let body = serde_json::json!({
        "error": "bad_parameter",
        "parameter": bad.name,
        "message": bad.message,
    });
    json(StatusCode::BAD_REQUEST, body.to_string())
}

pub(super) fn start(bad: &BadStart) -> Response {
    let status = match bad {
        BadStart::Cursor(_) => StatusCode::BAD_REQUEST,
        BadStart::Behind(_) | BadStart::Read(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    refuse(status, bad.code(), &bad.to_string())
}

/// What a node answers that only takes pages in.
pub(super) async fn no_readers() -> Response {
    refuse(
        StatusCode::NOT_FOUND,
        "no_readers",
        "this node takes pages in (role = \"ingest\"); a node with the role \"all\" or \
         \"broadcast\" serves the wire",
    )
}

pub(super) async fn method(method: Method) -> Response {
    refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        &format!("{method} does nothing here; this path answers GET"),
    )
}
