//! `/schema/v1.json`, `/asyncapi.json`, `/openapi.json`: what is sent and what may be asked, made
//! from the types that are sent and the names that are read.

use std::sync::LazyLock;

use axum::{http::StatusCode, response::Response};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    broadcast::frame::Frame,
    item::Event,
    wire::{Sighting, SightingSum, Tally},
};

use super::refuse;

/// What a parameter of the stream means.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    says: &'static str,
    example: &'static str,
}

const fn parameter(name: &'static str, says: &'static str, example: &'static str) -> Parameter {
    Parameter { name, says, example }
}

/// Where to begin.
pub(super) const BEGIN: [Parameter; 3] = [
    parameter("cursor", "go on after this: epoch:seq, id:fw-…, earliest or latest", "earliest"),
    parameter("since", "begin with what was told since then: RFC 3339, or an age", "-15m"),
    parameter("last", "begin with the newest so many", "20"),
];

/// How far back to go.
pub(super) const BACK: [Parameter; 2] = [
    parameter("before", "only what stands before this position", "1841"),
    parameter("limit", "how many at most", "20"),
];

/// What is wanted.
pub(super) const WANT: [Parameter; 7] = [
    parameter("kind", "ticker or article", "ticker"),
    parameter("action", "new, update, related or withdrawn", "new"),
    parameter("source", "a source's name or host", "courier.example"),
    parameter("lang", "a language tag", "en"),
    parameter("q", "words, word*, \"a phrase\", -not, a OR b, (…), field:value", "harbour -drill"),
    parameter("backfill", "0 leaves out pages that were caught up on", "0"),
    parameter("body", "none leaves out articles' bodies", "none"),
];

fn maker(definitions: &'static str) -> SchemaGenerator {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.definitions_path = definitions.into();
    settings.into_generator()
}

fn reference<T: JsonSchema>(made: &mut SchemaGenerator) -> Value {
    made.subschema_for::<T>().into()
}

/// The JSON Schema (2020-12) of everything that a subscriber gets: events and other frames.
pub fn v1() -> &'static str {
    static SCHEMA: LazyLock<String> = LazyLock::new(|| {
        let mut made = maker("/$defs");
        let event = reference::<Event>(&mut made);
        let frame = reference::<Frame>(&mut made);
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "What a flashwire subscriber gets",
            "description": "Fields and frames are added, never changed: ignore those you don't know.",
            "if": { "properties": { "type": { "const": "event" } } },
            "then": event,
            "else": frame,
            "$defs": made.take_definitions(true),
        });
        format!("{schema:#}\n")
    });
    &SCHEMA
}

pub(super) async fn schema() -> Response {
    refuse::json(StatusCode::OK, v1())
}

/// AsyncAPI 3.0: the stream.
pub(super) async fn asyncapi() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        let mut made = maker("/components/schemas");
        let messages = json!({
            "event": { "payload": reference::<Event>(&mut made) },
            "frame": { "payload": reference::<Frame>(&mut made) },
        });
        let receive = json!({ "action": "receive", "channel": { "$ref": "#/channels/wire" } });
        let query: Map<_, _> = BEGIN.iter().chain(&WANT).map(query_property).collect();
        let document = json!({
            "asyncapi": "3.0.0",
            "info": info(),
            "channels": { "wire": {
                "address": "/v1/wire",
                "messages": messages,
                "bindings": { "ws": {
                    "bindingVersion": "0.1.0",
                    "query": { "type": "object", "properties": query },
                } },
            } },
            "operations": { "subscribe": receive },
            "components": { "schemas": made.take_definitions(true) },
        });
        format!("{document:#}\n")
    });
    refuse::json(StatusCode::OK, DOCUMENT.as_str())
}

fn query_property(it: &Parameter) -> (String, Value) {
    let says = json!({ "type": "string", "description": it.says, "examples": [it.example] });
    (it.name.to_owned(), says)
}

fn info() -> Value {
    json!({
        "title": "flashwire",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "What is new on saved news pages, on a durable, numbered wire.",
        "license": { "name": "Apache-2.0 OR MIT" },
    })
}

/// OpenAPI 3.1: everything that is asked for over plain HTTP.
pub(super) async fn openapi() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        let mut made = maker("/components/schemas");
        let event = reference::<Event>(&mut made);
        let events = json!({ "type": "array", "items": event });
        let list = |schema: Value| json!({ "type": "array", "items": schema });
        let known = json!({
            "type": "object",
            "required": ["event", "tally", "versions", "sightings", "earlierSightings"],
            "properties": {
                "event": event,
                "tally": { "anyOf": [reference::<Tally>(&mut made), { "type": "null" }] },
                "versions": events,
                "sightings": list(reference::<Sighting>(&mut made)),
                "earlierSightings": list(reference::<SightingSum>(&mut made)),
            },
        });
        let object = json!({ "type": "object" });
        let text = json!({ "type": "string" });
        let (json, html) = ("application/json", "text/html");
        let all: Vec<&Parameter> = BEGIN.iter().chain(&BACK).chain(&WANT).collect();
        let newest: Vec<&Parameter> = BEGIN[2..].iter().chain(&WANT).collect();
        let mut paths = Map::new();
        let mut add = |path: &str, says: &str, query: &[&Parameter], kind: &str, schema: &Value| {
            let mut parameters: Vec<Value> = query.iter().map(|it| query_parameter(it)).collect();
            if path.ends_with("{id}") {
                parameters.push(json!({
                    "name": "id", "in": "path", "required": true, "schema": { "type": "string" },
                }));
            }
            let content = json!({ kind: { "schema": schema } });
            paths.insert(
                path.to_owned(),
                json!({ "get": {
                "summary": says,
                "parameters": parameters,
                "responses": { "200": { "description": says, "content": content } },
            } }),
            );
        };
        add(
            "/v1/events",
            "events as an array; as server-sent events where asked",
            &all,
            json,
            &events,
        );
        add("/v1/events/{id}", "all that is known of one event", &[], json, &known);
        add("/v1/threads/{id}", "a story: its versions, sources and times", &[], json, &object);
        let found: Vec<&Parameter> = BACK.iter().chain(&WANT).collect();
        add("/v1/search", "what was told, by what it says, newest first", &found, json, &object);
        add("/v1/sources", "who feeds the wire", &[], json, &object);
        add("/v1/stats", "figures of now", &[], json, &object);
        add("/events.json", "the newest stories as an array of events", &newest, json, &events);
        add("/feed.json", "JSON Feed 1.1", &newest, "application/feed+json", &object);
        add("/feed.atom", "Atom", &newest, "application/atom+xml", &text);
        add("/feed.rss", "RSS 2.0", &newest, "application/rss+xml", &text);
        add("/ticker", "a transparent lower third", &newest, html, &text);
        add("/ticker/events", "its stream", &newest, "text/event-stream", &text);
        add("/healthz", "whether the daemon's loops turn", &[], json, &object);
        add("/readyz", "whether subscribers are served", &[], json, &object);
        add("/metrics", "OpenMetrics", &[], "application/openmetrics-text", &text);
        add("/schema/v1.json", "JSON Schema of events and frames", &[], json, &object);
        add("/asyncapi.json", "the stream as AsyncAPI 3.0", &[], json, &object);
        add("/openapi.json", "this", &[], json, &object);
        let document = json!({
            "openapi": "3.1.0",
            "info": info(),
            "paths": paths,
            "security": [{}, { "bearer": [] }, { "basic": [] }],
            "components": {
                "schemas": made.take_definitions(true),
                "securitySchemes": {
                    "bearer": { "type": "http", "scheme": "bearer" },
                    "basic": { "type": "http", "scheme": "basic" },
                },
            },
        });
        format!("{document:#}\n")
    });
    refuse::json(StatusCode::OK, DOCUMENT.as_str())
}

fn query_parameter(it: &Parameter) -> Value {
    json!({
        "name": it.name,
        "in": "query",
        "description": it.says,
        "example": it.example,
        "schema": { "type": "string" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broadcast::params::Subscription;

    #[test]
    fn every_parameter_is_one_and_none_is_missing() {
        let read = |name, value| Subscription::read([(name, value)], jiff::Timestamp::now());
        for it in BEGIN.iter().chain(&WANT) {
            read(it.name, it.example).unwrap();
        }
        let names = read("colour", "red").unwrap_err().message;
        let names = names.split("parameters are ").nth(1).unwrap();
        for name in names.split(", ") {
            assert!(BEGIN.iter().chain(&WANT).any(|it| it.name == name), "{name}");
        }
    }
}
