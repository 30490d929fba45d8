//! `/v1/search`: what was told, by what it says.

use std::collections::BTreeMap;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    broadcast::{audience::Interest, params::Body, prune, replay::BadStart},
    filter::BadParameter,
    item::Seq,
    search::{Ask, Found, Part, marks},
    wire::{ReadError, Tally},
};

use super::{Desk, Shared, pairs, refuse};

/// Events in an answer: at most, and where nothing is said.
const MOST: usize = 200;
const SOME: usize = 50;

/// An answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    /// Newest first.
    found: Vec<Hit>,
    /// Where to go on for older ones.
    before: Option<Seq>,
    indexed: Seq,
    head: Seq,
    so_far: bool,
    timed_out: bool,
}

/// One event that was found.
#[derive(Serialize)]
struct Hit {
    event: Box<RawValue>,
    /// Texts that hold what was looked for, in parts.
    marks: BTreeMap<&'static str, Vec<Part>>,
    tally: Option<Tally>,
}

/// Answers with the newest events that match.
pub(super) async fn search(State(desk): Shared, request: Request) -> Response {
    let Some(search) = &desk.search else {
        return refuse::refuse(
            StatusCode::NOT_FOUND,
            "no_search",
            "this daemon keeps no index; `enabled = true` in [search] of its config makes one",
        );
    };
    let (ask, interest) = match pairs(&request).and_then(|pairs| read(&pairs)) {
        Ok(read) => read,
        Err(bad) => return refuse::parameter(&bad),
    };
    let answered = async {
        // What is withdrawn meanwhile must not be in the answer.
        loop {
            let withdrawn_at = desk.wire.withdrawn_at();
            let found = search.find(&*desk.wire, &ask).await?;
            let answer = answer(&desk, found, &interest).await?;
            if desk.wire.withdrawn_at() == withdrawn_at {
                return serde_json::to_string(&answer)
                    .map_err(|error| ReadError(error.to_string()));
            }
        }
    };
    match answered.await {
        Ok(answer) => refuse::json(StatusCode::OK, answer),
        Err(error) => refuse::start(&BadStart::Read(error)),
    }
}

/// Reads the parameters.
fn read(pairs: &[(String, String)]) -> Result<(Ask, Interest), BadParameter> {
    let now = Timestamp::now();
    let mut interest = Interest { body: Body::None, ..Interest::default() };
    let (mut before, mut limit) = (None, SOME);
    for (name, value) in pairs {
        match name.as_str() {
            "before" => before = Some(seq(name, value)?),
            "limit" => limit = count(name, value, MOST)?,
            "cursor" | "since" | "last" => {
                return Err(BadParameter::new(
                    name,
                    format!(
                        "a search has no `{name}`: it takes q, kind, action, source, lang, backfill, body, before and limit (in q: since:-2h, until:2026-11-20)"
                    ),
                ));
            }
            _ => interest.set(name, value, now)?,
        }
    }
    Ok((Ask { filter: interest.filter.clone(), before, limit }, interest))
}

/// A position.
pub(super) fn seq(name: &str, value: &str) -> Result<Seq, BadParameter> {
    value.parse().map(Seq).map_err(|_| BadParameter::value(name, value, "a seq, such as 1841"))
}

/// How many.
pub(super) fn count(name: &str, value: &str, most: usize) -> Result<usize, BadParameter> {
    let count = value.parse().ok().filter(|count| (1..=most).contains(count));
    count.ok_or_else(|| BadParameter::value(name, value, &format!("1 to {most}")))
}

async fn answer(desk: &Desk, found: Found, interest: &Interest) -> Result<Answer, ReadError> {
    let ids = found.entries.iter().map(|entry| entry.event.id).collect();
    let tallies = desk.wire.tallies(ids).await?;
    let mut tallies: BTreeMap<_, _> = tallies.into_iter().map(|tally| (tally.id, tally)).collect();
    let hit = |entry: &std::sync::Arc<crate::wire::Entry>| {
        let event = prune::payload(entry, interest.body, desk.config.max_frame);
        let marks = marks(&interest.filter, &entry.event).into_iter();
        Ok(Hit {
            event: serde_json::from_slice(&event).map_err(|error| ReadError(error.to_string()))?,
            marks: marks.map(|(field, parts)| (field.as_str(), parts)).collect(),
            tally: tallies.remove(&entry.event.id),
        })
    };
    Ok(Answer {
        found: found.entries.iter().map(hit).collect::<Result<_, ReadError>>()?,
        before: found.before,
        indexed: found.indexed,
        head: found.head,
        so_far: found.so_far,
        timed_out: found.timed_out,
    })
}
