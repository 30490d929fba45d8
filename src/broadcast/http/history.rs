//! `/v1/events?before=SEQ`: what was told, page by page back to the beginning.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode},
    response::Response,
};

use crate::{
    broadcast::{
        audience::Interest,
        prune,
        replay::{self, BadStart},
    },
    filter::BadParameter,
    item::Seq,
    wire::ReadError,
};

use super::{Desk, refuse, search};

/// Bytes of events in one page.
const MOST_BYTES: usize = 4 << 20;

/// Entries read at once, and evaluated for one page.
const READ: usize = 500;
const SEARCH: usize = 200_000;

/// Which page is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Events before this position; `None` goes forward instead.
    pub(super) before: Option<Seq>,
    /// How many at most.
    pub(super) limit: Option<usize>,
}

impl Page {
    /// Takes the parameters `before` and `limit`, at most so many, out of a request's.
    pub(super) fn take(
        pairs: &mut Vec<(String, String)>,
        most: usize,
    ) -> Result<Self, BadParameter> {
        let mut page = Page::default();
        for (name, value) in pairs.iter() {
            match name.as_str() {
                "before" => page.before = Some(search::seq(name, value)?),
                "limit" => page.limit = Some(search::count(name, value, most)?),
                _ => {}
            }
        }
        pairs.retain(|(name, _)| name != "before" && name != "limit");
        Ok(page)
    }
}

/// The events before a position, oldest first; the header `Flashwire-Before` says where to go on,
/// and is missing at the beginning of the wire.
pub(super) async fn back(
    desk: &Arc<Desk>,
    interest: &Interest,
    before: Seq,
    limit: usize,
) -> Response {
    let collected = loop {
        let withdrawn_at = desk.wire.withdrawn_at();
        let collected = collect(desk, interest, before, limit).await;
        // What is withdrawn meanwhile must not be in the answer.
        if desk.wire.withdrawn_at() == withdrawn_at {
            break collected;
        }
    };
    let (events, next) = match collected {
        Ok(collected) => collected,
        Err(error) => return refuse::start(&BadStart::Read(error)),
    };
    let mut body = vec![b'['];
    for (at, event) in events.iter().rev().enumerate() {
        if at > 0 {
            body.extend_from_slice(b",\n");
        }
        body.extend_from_slice(event);
    }
    body.extend_from_slice(b"]\n");
    let mut answer = refuse::json(StatusCode::OK, body);
    if let Some(next) = next {
        answer.headers_mut().insert("flashwire-before", HeaderValue::from(next.0));
    }
    answer
}

/// The events, newest first, and where older ones are.
async fn collect(
    desk: &Desk,
    interest: &Interest,
    before: Seq,
    limit: usize,
) -> Result<(Vec<bytes::Bytes>, Option<Seq>), ReadError> {
    let mut at = before.min(Seq(desk.wire.head().seq.0 + 1));
    let (mut events, mut bytes, mut evaluated) = (Vec::new(), 0, 0);
    while evaluated < SEARCH {
        let entries = desk.wire.read_back(at, READ).await?;
        if entries.is_empty() {
            return Ok((events, None));
        }
        for entry in entries {
            if replay::passes(&interest.filter, &entry) {
                let payload = prune::payload(&entry, interest.body, desk.config.max_frame);
                if events.len() == limit || bytes + payload.len() > MOST_BYTES {
                    return Ok((events, Some(at)));
                }
                bytes += payload.len();
                events.push(payload);
            }
            evaluated += 1;
            at = entry.seq;
        }
    }
    Ok((events, Some(at)))
}
