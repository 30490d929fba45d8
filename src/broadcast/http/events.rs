//! `/v1/events`: the same events without WebSocket, and one event with all that is known of it.

use std::{ops::RangeInclusive, sync::Arc};

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use serde_json::value::RawValue;

use crate::{
    broadcast::{
        access::Pass,
        guard::{self, Caller},
        params::{Start, Subscription},
        prune,
        replay::{self, BadStart, Beginning},
    },
    filter::BadParameter,
    item::{Cursor, EventId, Seq},
    wire::{Entry, Heard, ReadError, Sighting, SightingSum, Tally},
};

use super::{
    Desk, Shared,
    history::{self, Page},
    pairs, refuse, sse, subscribed, subscription,
};

/// Events of one JSON answer, and their bytes.
const MOST: usize = 1000;
const MOST_BYTES: usize = 4 << 20;

/// Events told where nothing says where to begin.
const NEWEST: usize = 50;

/// Entries read at once, and evaluated for one answer.
const READ: usize = 500;
const SEARCH: usize = 200_000;

/// A stream of server-sent events; a JSON array where the client asks for JSON.
pub(super) async fn events(State(desk): Shared, request: Request) -> Response {
    let (page, mut subscription) = match read(&desk, &request) {
        Ok(read) => read,
        Err(bad) => return refuse::parameter(&bad),
    };
    let (Parts { headers, .. }, _) = request.into_parts();
    let accepts = |kind: &str| {
        let accept = headers.get(header::ACCEPT);
        accept.and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains(kind))
    };
    let pass = match guard::caller(&headers, desk.gate.as_deref()) {
        Caller::Known(pass) => pass,
        // Nobody else comes here.
        Caller::Silent | Caller::Wrong => None,
    };
    let as_array = accepts("application/json") && !accepts("text/event-stream");
    if as_array {
        return array(&desk, subscription, page, pass).await;
    }
    if page != Page::default() {
        return refuse::parameter(&BadParameter::new(
            "before",
            "before and limit are for pages of JSON: ask with `Accept: application/json`",
        ));
    }
    // A browser that reconnects sends what it got last; that is newer than the address.
    if let Some(last) = last_event_id(&headers) {
        match last.parse::<Cursor>() {
            Ok(cursor) => subscription.start = Start::After(cursor),
            Err(error) => {
                return refuse::refuse(
                    StatusCode::BAD_REQUEST,
                    "bad_cursor",
                    &format!("Last-Event-ID: {error}"),
                );
            }
        }
    }
    match replay::resolve(desk.wire.clone(), subscription).await {
        Ok(beginning) => {
            let shut_out = sse::shut_out(desk.gate.clone(), pass);
            sse::stream(&desk, beginning, pass, shut_out)
        }
        Err(bad) => refuse::start(&bad),
    }
}

/// What `/ticker` shows: the newest lines and what comes, without bodies. Where it stands open it
/// opens nothing else: nobody can ask it for what was told before.
pub(super) async fn ticker(State(desk): Shared, request: Request) -> Response {
    let mut subscription = match subscription(&desk, &request) {
        Ok(subscription) => subscription,
        Err(bad) => return refuse::parameter(&bad),
    };
    let lines = match subscription.start {
        Start::Last(lines) if lines <= TICKER => lines,
        _ => TICKER,
    };
    subscription.start = Start::Last(lines);
    subscription.without_bodies();
    let (pass, shut_out) = match guard::caller(request.headers(), desk.gate.as_deref()) {
        Caller::Known(pass) => (pass, sse::shut_out(desk.gate.clone(), pass)),
        // It stands open, or nobody else would come here.
        Caller::Silent | Caller::Wrong => (None, Box::pin(std::future::pending()) as _),
    };
    match replay::resolve(desk.wire.clone(), subscription).await {
        Ok(beginning) => sse::stream(&desk, beginning, pass, shut_out),
        Err(bad) => refuse::start(&bad),
    }
}

/// Lines that a ticker runs at most.
const TICKER: usize = 50;

/// The page that is asked for, and the rest of the parameters.
fn read(desk: &Desk, request: &Request) -> Result<(Page, Subscription), BadParameter> {
    let mut pairs = pairs(request)?;
    let page = Page::take(&mut pairs, MOST)?;
    Ok((page, subscribed(desk, &pairs)?))
}

fn last_event_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get("last-event-id")?.to_str().ok()?;
    (!id.is_empty()).then_some(id)
}

/// Events oldest first, as many as fit; the header `Flashwire-Cursor` says where to go on.
async fn array(
    desk: &Arc<Desk>,
    mut subscription: Subscription,
    page: Page,
    pass: Option<Pass>,
) -> Response {
    if let Some(before) = page.before {
        if subscription.start != Start::Latest {
            return refuse::parameter(&BadParameter::new(
                "before",
                "before says where a page ends, and another parameter where to begin; give one",
            ));
        }
        let limit = page.limit.unwrap_or(NEWEST);
        return history::back(desk, &subscription.interest, before, limit).await;
    }
    if subscription.start == Start::Latest {
        subscription.start = Start::Last(page.limit.unwrap_or(NEWEST));
    }
    let beginning = match replay::resolve(desk.wire.clone(), subscription).await {
        Ok(beginning) => beginning,
        Err(bad) => return refuse::start(&bad),
    };
    let gap = beginning.gap;
    let after = beginning.after.unwrap_or(desk.wire.head().seq);
    let (body, through, lost) = match collect(desk, beginning, page.limit.unwrap_or(MOST)).await {
        Ok(collected) => collected,
        Err(error) => return refuse::start(&BadStart::Read(error)),
    };
    let mut answer = refuse::json(StatusCode::OK, body);
    let cursor = Cursor { epoch: desk.wire.head().epoch, seq: through };
    if let Some((gate, pass)) = desk.gate.as_ref().zip(pass) {
        let after = Cursor { seq: after, ..cursor.clone() };
        gate.sits_down(pass, after).has(through);
    }
    let mut say = |name, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.headers_mut().insert(name, value);
        }
    };
    say("flashwire-cursor", cursor.to_string());
    let lost = lost.iter().map(|lost| (*lost.start(), *lost.end()));
    let gaps: Vec<String> =
        gap.into_iter().chain(lost).map(|(from, to)| format!("{from}-{to}")).collect();
    if !gaps.is_empty() {
        say("flashwire-gap", gaps.join(", "));
    }
    answer
}

/// The events, how far they go, and the positions before that which can't be read.
async fn collect(
    desk: &Desk,
    beginning: Beginning,
    most: usize,
) -> Result<(Vec<u8>, Seq, Vec<RangeInclusive<Seq>>), ReadError> {
    let head = desk.wire.head().seq;
    let Beginning { interest, after, .. } = beginning;
    let start = after.unwrap_or(head);
    let mut through = start;
    let mut body = vec![b'['];
    let (mut count, mut evaluated) = (0, 0);
    'wire: while evaluated < SEARCH {
        let entries = desk.wire.read(through, READ).await?;
        if entries.is_empty() {
            through = through.max(head);
            break;
        }
        for entry in entries {
            if count == most || body.len() >= MOST_BYTES {
                break 'wire;
            }
            evaluated += 1;
            through = entry.seq;
            if replay::passes(&interest.filter, &entry) {
                if count > 0 {
                    body.extend_from_slice(b",\n");
                }
                count += 1;
                let most = desk.config.max_frame;
                body.extend_from_slice(&prune::payload(&entry, interest.body, most));
            }
        }
    }
    body.extend_from_slice(b"]\n");
    Ok((body, through, desk.wire.unreadable(start, through)))
}

/// All that is known of one event.
#[derive(serde::Serialize)]
struct Whole {
    event: Box<RawValue>,
    tally: Option<Tally>,
    /// Every version of it, oldest first, this one included.
    versions: Vec<Box<RawValue>>,
    /// Who tells it, independent of each other, in the order they were first heard.
    origins: Vec<Heard>,
    /// Every place it was seen at, oldest first.
    sightings: Vec<Sighting>,
    /// What the sightings before those come to, by source.
    #[serde(rename = "earlierSightings")]
    earlier: Vec<SightingSum>,
}

/// One event, whole, with its versions and sightings.
pub(super) async fn event(State(desk): Shared, Path(id): Path<String>) -> Response {
    let id: EventId = match id.parse() {
        Ok(id) => id,
        Err(error) => {
            return refuse::refuse(StatusCode::BAD_REQUEST, "bad_id", &format!("{error}"));
        }
    };
    match whole(&desk, id).await {
        Ok(Some(whole)) => refuse::json(StatusCode::OK, whole),
        Ok(None) => refuse::refuse(
            StatusCode::NOT_FOUND,
            "no_event",
            &format!("this wire has no event {id}"),
        ),
        Err(error) => refuse::start(&BadStart::Read(error)),
    }
}

async fn whole(desk: &Desk, id: EventId) -> Result<Option<String>, ReadError> {
    let raw = |entry: &Entry| {
        serde_json::from_slice::<Box<RawValue>>(&entry.json)
            .map_err(|error| ReadError(error.to_string()))
    };
    let Some(entry) = desk.wire.find(id).await? else { return Ok(None) };
    let versions = desk.wire.versions(id).await?;
    let whole = Whole {
        event: raw(&entry)?,
        tally: desk.wire.tallies(vec![id]).await?.pop(),
        versions: versions.iter().map(|version| raw(version)).collect::<Result<_, _>>()?,
        origins: desk.wire.origins(id).await?,
        sightings: desk.wire.sightings(id).await?,
        earlier: desk.wire.sighting_sums(id).await?,
    };
    serde_json::to_string(&whole).map(Some).map_err(|error| ReadError(error.to_string()))
}
