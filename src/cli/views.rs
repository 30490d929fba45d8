//! The pages that events stand on, as people look at them.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::watch;

use crate::{
    item::PageHash,
    page::{Meta, Page, PageName},
    parse::{Sites, lay_out},
    wire::{ReadError, SqliteStore},
};

/// Lines shown before and after the one asked for, where nothing else is said, and at most.
const AROUND: usize = 4;
const AROUND_MOST: usize = 200;

/// Characters of one line that are shown.
const LINE: usize = 2000;

#[derive(Clone)]
struct Views {
    wire: Arc<SqliteStore>,
    sites: watch::Receiver<Arc<Sites>>,
}

/// `/v1/pages/{hash}`.
pub(super) fn router(wire: Arc<SqliteStore>, sites: watch::Receiver<Arc<Sites>>) -> Router {
    Router::new().route("/v1/pages/{hash}", get(page)).with_state(Views { wire, sites })
}

#[derive(serde::Deserialize)]
struct Stretch {
    line: Option<usize>,
    around: Option<usize>,
}

/// The lines of a page around one of them, counted as events count them; while its bytes are kept.
async fn page(
    State(views): State<Views>,
    Path(hash): Path<String>,
    Query(stretch): Query<Stretch>,
) -> Response {
    let Ok(hash) = hash.parse::<PageHash>() else {
        return refuse(StatusCode::BAD_REQUEST, "a page is named by its hash: 32 hex digits");
    };
    let kept = match views.wire.evidence(hash).await {
        Ok(Some(bytes)) => views.wire.page_named(&hash.to_string()).await.map(|rows| (bytes, rows)),
        Ok(None) => {
            return refuse(
                StatusCode::NOT_FOUND,
                "the bytes of this page are not kept, or not any more (`wire.retention`)",
            );
        }
        Err(error) => return unreadable(&error),
    };
    let (bytes, row) = match kept {
        Ok((bytes, rows)) => (bytes, rows.into_iter().next()),
        Err(error) => return unreadable(&error),
    };
    let name = row.map(|row| row.name).unwrap_or_default();
    let line = stretch.line.unwrap_or(1).max(1);
    let around = stretch.around.unwrap_or(AROUND).min(AROUND_MOST);
    let (sites, named) = (views.sites.borrow().clone(), PageName::new(name.as_bytes()));
    // A page is read again as it was then, which may take as long as it did.
    let lines = tokio::task::spawn_blocking(move || {
        let text = text(bytes, named, hash, &sites);
        let from = line.saturating_sub(around + 1);
        let shown = text.lines().enumerate().skip(from).take(line + around - from);
        shown
            .map(|(at, text)| json!({ "number": at + 1, "text": text.chars().take(LINE).collect::<String>() }))
            .collect::<Vec<_>>()
    });
    match lines.await {
        Ok(lines) => Json(json!({ "name": name, "hash": hash, "line": line, "lines": lines }))
            .into_response(),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "the page can't be read again"),
    }
}

/// A page's text, line by line as events count them.
fn text(bytes: Vec<u8>, name: PageName, hash: PageHash, sites: &Sites) -> String {
    let bytes = bytes::Bytes::from(bytes);
    let Some(format) = name.format() else {
        return String::from_utf8_lossy(&bytes).into_owned();
    };
    let now = Timestamp::now();
    let page = Page {
        name,
        bytes: bytes.clone(),
        hash,
        format,
        modified: now,
        seen: now,
        meta: Meta::default(),
    };
    let shown = lay_out(&page, sites).into_parsed().shown;
    if shown.is_empty() { String::from_utf8_lossy(&bytes).into_owned() } else { shown }
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

fn unreadable(error: &ReadError) -> Response {
    tracing::error!(%error, "the wire can't be read for a person");
    refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
}
