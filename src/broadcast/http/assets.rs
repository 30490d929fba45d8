//! The dashboard's files.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::Response,
};

use crate::dashboard;

use super::refuse;

/// Nothing but the dashboard's own files and connections to this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

pub(super) async fn asset(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return refuse::method(method).await;
    }
    let Some(asset) = dashboard::asset(uri.path()) else {
        return refuse::refuse(
            StatusCode::NOT_FOUND,
            "no_path",
            &format!(
                "there is nothing at {}; the dashboard is at /, the stream at /v1/wire",
                uri.path().chars().take(200).collect::<String>()
            ),
        );
    };
    let etag = asset.etag();
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| *tag == *etag);
    let mut answer = if known {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        answer
    } else {
        Response::new(Body::from(asset.bytes))
    };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    answer
}
