//! The files of the dashboard and of the ticker.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::Response,
};

use crate::{
    dashboard::{self, Asset},
    outlet::ticker,
};

use super::refuse;

/// Nothing but our own files and connections to this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

pub(super) async fn asset(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return refuse::method(method).await;
    }
    let of_ticker = || {
        let (media_type, bytes) = ticker::asset(uri.path())?;
        Some(Asset { path: "/ticker", media_type, bytes })
    };
    let Some(asset) = dashboard::asset(uri.path()).copied().or_else(of_ticker) else {
        return missing(&uri);
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

/// Says that there is nothing, and where something is.
pub(super) fn missing(uri: &Uri) -> Response {
    refuse::refuse(
        StatusCode::NOT_FOUND,
        "no_path",
        &format!(
            "there is nothing at {}; the dashboard is at /, the stream at /v1/wire, and \
             /openapi.json names every path",
            uri.path().chars().take(200).collect::<String>()
        ),
    )
}
