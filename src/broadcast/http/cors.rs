//! What pages of other origins may do with answers: those of the origins that are allowed may read
//! them (Fetch standard, section 3.3). Who shows a token shows it in a header, never by a cookie.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

/// How long a browser need not ask again, in seconds.
const REMEMBER: &str = "600";

/// Lets pages of an admitted origin read an answer.
pub(super) fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let exposed = HeaderValue::from_static("flashwire-cursor, flashwire-gap, etag");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}

/// What a browser asks before a request that a plain link could not have made.
pub(super) fn preflight() -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let mut say = |name, value| answer.headers_mut().insert(name, HeaderValue::from_static(value));
    say(header::ALLOW, "GET, HEAD, OPTIONS");
    say(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD");
    say(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "authorization, last-event-id, if-none-match, cache-control",
    );
    say(header::ACCESS_CONTROL_MAX_AGE, REMEMBER);
    answer
}
