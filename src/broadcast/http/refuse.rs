//! Refusals, always as JSON: `{"error":"code","message":"sentence"}`.

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};

use crate::broadcast::{params::BadParameter, replay::BadStart};

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
