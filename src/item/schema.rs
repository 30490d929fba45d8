//! What the JSON Schema says of values that are written as text.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Cursor, Epoch, EventId, PageHash};

/// An instant, as [`micros`][super::micros] writes it.
#[derive(Clone, Copy, Debug)]
pub struct Instant;

/// A calendar day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day;

macro_rules! texts {
    ($($type:ty, $name:literal, $says:literal, $key:literal: $value:literal;)*) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $says, $key: $value })
            }
        }
    )*};
}

texts! {
    Instant, "Instant", "RFC 3339, UTC, six decimals", "format": "date-time";
    Day, "Day", "a calendar day", "format": "date";
    Epoch, "Epoch", "one life of the wire", "pattern": "^[0-9a-z]{8}$";
    Cursor, "Cursor", "epoch:seq, where a reader stands", "pattern": "^[0-9a-z]{8}:[0-9]+$";
    EventId, "EventId", "name of an event", "pattern": "^fw-[0-9a-z]{26}$";
    PageHash, "PageHash", "BLAKE3 of a page, 16 bytes", "pattern": "^[0-9a-f]{32}$";
}
