//! `/v1/threads/{id}`: a story with all its versions, who had it, and when.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    broadcast::{params::Body, prune, replay::BadStart},
    item::{EventId, micros},
    wire::{ReadError, Tally},
};

use super::{Desk, Shared, refuse};

/// Events of one answer: the newest.
const MOST: usize = 500;

/// A story.
#[derive(Serialize)]
struct Story {
    thread: EventId,
    /// Its events, oldest first, with their counts.
    events: Vec<Part>,
    /// Who had it, in the order they came.
    sources: Vec<Teller>,
    /// There are older events than these.
    more: bool,
}

#[derive(Serialize)]
struct Part {
    event: Box<RawValue>,
    tally: Option<Tally>,
}

/// A source that had the story.
#[derive(Serialize)]
struct Teller {
    source: Option<String>,
    #[serde(with = "micros")]
    first: Timestamp,
    #[serde(with = "micros")]
    last: Timestamp,
    sightings: u64,
}

/// The story that an event is of, whichever of its events is named.
pub(super) async fn thread(State(desk): Shared, Path(id): Path<String>) -> Response {
    let id: EventId = match id.parse() {
        Ok(id) => id,
        Err(error) => {
            return refuse::refuse(StatusCode::BAD_REQUEST, "bad_id", &format!("{error}"));
        }
    };
    match story(&desk, id).await {
        Ok(Some(story)) => refuse::json(StatusCode::OK, story),
        Ok(None) => refuse::refuse(
            StatusCode::NOT_FOUND,
            "no_thread",
            &format!("this wire has no story with the event {id}"),
        ),
        Err(error) => refuse::start(&BadStart::Read(error)),
    }
}

async fn story(desk: &Desk, id: EventId) -> Result<Option<String>, ReadError> {
    // What is withdrawn meanwhile must not be in the answer.
    loop {
        let withdrawn_at = desk.wire.withdrawn_at();
        let story = read(desk, id).await?;
        if desk.wire.withdrawn_at() == withdrawn_at {
            let json = story.map(|story| serde_json::to_string(&story)).transpose();
            return json.map_err(|error| ReadError(error.to_string()));
        }
    }
}

async fn read(desk: &Desk, id: EventId) -> Result<Option<Story>, ReadError> {
    let mut entries = desk.wire.thread(id, MOST + 1).await?;
    let more = entries.len() > MOST;
    entries.drain(..entries.len().saturating_sub(MOST));
    let Some(first) = entries.first() else { return Ok(None) };
    let thread = first.event.thread;
    let ids = entries.iter().map(|entry| entry.event.id).collect();
    let tallies = desk.wire.tallies(ids).await?;
    let mut tallies: BTreeMap<_, _> = tallies.into_iter().map(|tally| (tally.id, tally)).collect();
    let mut tellers: BTreeMap<Option<String>, Teller> = BTreeMap::new();
    let mut heard = |source: Option<String>, first: Timestamp, last: Timestamp, sightings: u64| {
        let teller =
            tellers.entry(source.clone()).or_insert(Teller { source, first, last, sightings: 0 });
        teller.first = teller.first.min(first);
        teller.last = teller.last.max(last);
        teller.sightings += sightings;
    };
    let mut events = Vec::with_capacity(entries.len());
    for entry in entries {
        let id = entry.event.id;
        for sum in desk.wire.sighting_sums(id).await? {
            heard(sum.source, sum.first, sum.last, sum.sightings);
        }
        for sighting in desk.wire.sightings(id).await? {
            heard(sighting.source, sighting.at, sighting.at, 1);
        }
        let event = prune::payload(&entry, Body::Full, desk.config.max_frame);
        let event = serde_json::from_slice(&event);
        let event = event.map_err(|error| ReadError(error.to_string()))?;
        events.push(Part { event, tally: tallies.remove(&id) });
    }
    let mut sources: Vec<Teller> = tellers.into_values().collect();
    sources.sort_by_key(|teller| teller.first);
    Ok(Some(Story { thread, events, sources, more }))
}
