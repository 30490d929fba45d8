//! What the server says: JSON frames and their WebSocket framing.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    item::{Cursor, Epoch, Event, Seq, micros, schema},
    wire::Tally,
};

/// A frame other than an event. Clients ignore types and fields they don't know.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Frame {
    /// Always the first frame: where this subscription begins.
    Hello {
        /// The wire's present life.
        epoch: Epoch,
        /// The newest position.
        head: Seq,
        /// The oldest position that can still be had.
        oldest: Seq,
        /// Events after this cursor follow.
        resumed_from: Cursor,
        /// True where nothing is missing between the cursor asked for and `resumed_from`.
        recovered: bool,
        /// Why it is not, in a sentence.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        reason: Option<String>,
        /// Silence longer than this, and a little, means the connection is lost.
        heartbeat_seconds: u64,
        /// The server's clock.
        #[serde(with = "micros")]
        #[schemars(with = "schema::Instant")]
        server_time: Timestamp,
        /// The server's version.
        version: String,
    },
    /// Everything stored has been sent; what follows happens now.
    CaughtUp {
        /// How far the subscription has been evaluated.
        cursor: Cursor,
    },
    /// How often events were seen: after `caughtUp` for what was replayed, after `last` for what
    /// it brought, then as it changes. An event that is not mentioned was seen once, on one page.
    Stats {
        /// Counts by event.
        items: Vec<Tally>,
    },
    /// Nothing matched for a while.
    Heartbeat {
        /// How far this subscription's filter has been evaluated: a client that saves it misses
        /// nothing and repeats nothing.
        cursor: Cursor,
        /// The server's clock.
        #[serde(with = "micros")]
        #[schemars(with = "schema::Instant")]
        time: Timestamp,
    },
    /// These positions can't be had any more.
    Gap {
        /// The first one missing.
        from: Seq,
        /// The last one missing.
        to: Seq,
        /// Why, in a sentence.
        reason: String,
    },
    /// Something asked for was refused.
    Error {
        /// A short name for programs.
        code: String,
        /// The sentence for people: what, where, what to do.
        message: String,
        /// The `id` of the operation it answers.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<serde_json::Value>")]
        id: Option<Box<RawValue>>,
    },
    /// The server is about to close.
    Goodbye {
        /// Why, in a word: `stopping` or `slow`
        reason: String,
        /// Come back after this many milliseconds (each subscriber is told another figure);
        /// nothing where coming back doesn't help.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        retry_after_ms: Option<u64>,
        /// Everything up to here that matches has been sent.
        cursor: Cursor,
    },
    /// An operation has been carried out.
    Ack {
        /// Its name.
        op: String,
        /// Its `id`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<serde_json::Value>")]
        id: Option<Box<RawValue>>,
        /// How far the subscription had been evaluated then.
        cursor: Cursor,
    },
    /// Answer to the operation `last`: older events, oldest first. They don't move the cursor.
    Last {
        /// The operation's `id`.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<serde_json::Value>")]
        id: Option<Box<RawValue>>,
        /// The events.
        #[schemars(with = "Vec<Event>")]
        events: Vec<Box<RawValue>>,
        /// True where still older ones may match.
        more: bool,
    },
}

impl Frame {
    /// Says that what stood at these positions can't be read any more.
    pub(super) fn lost(positions: &RangeInclusive<Seq>) -> Self {
        Frame::Gap {
            from: *positions.start(),
            to: *positions.end(),
            reason: "the wire's file is damaged there".to_owned(),
        }
    }

    /// The frame's JSON.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("a frame is plain data")
    }
}

/// What a close means to the client (RFC 6455 section 7.4; 4000–4499 come back, 4500–4999 don't).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Close {
    Stopping,
    Policy,
    TooBig,
    Protocol,
    BadData,
    Internal,
    Slow,
    NoPong,
    Behind,
    BadRequest,
    BadCursor,
    Unauthorised,
    TooMany,
}

impl Close {
    pub(super) fn code(self) -> u16 {
        match self {
            Close::Stopping => 1001,
            Close::Protocol => 1002,
            Close::BadData => 1007,
            Close::Policy => 1008,
            Close::TooBig => 1009,
            Close::Internal => 1011,
            Close::Slow => 4001,
            Close::NoPong => 4002,
            Close::Behind => 4003,
            Close::BadRequest => 4500,
            Close::BadCursor => 4501,
            Close::Unauthorised => 4502,
            Close::TooMany => 4503,
        }
    }

    /// The word `goodbye` and the metrics give for it.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Close::Stopping => "stopping",
            Close::Protocol => "protocol",
            Close::BadData => "data",
            Close::Policy => "policy",
            Close::TooBig => "size",
            Close::Internal => "internal",
            Close::Slow => "slow",
            Close::NoPong => "no_pong",
            Close::Behind => "behind",
            Close::BadRequest => "request",
            Close::BadCursor => "cursor",
            Close::Unauthorised => "unauthorised",
            Close::TooMany => "too_many",
        }
    }
}

/// Opcodes of RFC 6455 section 5.2 that the server writes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Opcode {
    Text = 1,
    Binary = 2,
    Ping = 9,
}

/// The header of an unmasked, unfragmented frame, on the stack.
pub(super) struct Header {
    bytes: [u8; 10],
    len: usize,
}

impl Header {
    pub(super) fn new(opcode: Opcode, payload: usize) -> Self {
        let mut bytes = [0; 10];
        bytes[0] = 0x80 | opcode as u8;
        let len = if payload < 126 {
            bytes[1] = payload as u8;
            2
        } else if let Ok(short) = u16::try_from(payload) {
            bytes[1] = 126;
            bytes[2..4].copy_from_slice(&short.to_be_bytes());
            4
        } else {
            bytes[1] = 127;
            bytes[2..10].copy_from_slice(&(payload as u64).to_be_bytes());
            10
        };
        Header { bytes, len }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Appends a whole frame to `out`.
pub(super) fn write(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    let header = Header::new(opcode, payload.len());
    out.reserve(header.as_bytes().len() + payload.len());
    out.extend_from_slice(header.as_bytes());
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio_tungstenite::tungstenite::protocol::frame::{
        Frame as Theirs,
        coding::{Data, OpCode},
    };

    use super::*;

    proptest! {
        #[test]
        fn our_framing_is_tungstenites(len in prop_oneof![0usize..300, 65_000usize..66_500]) {
            let payload = vec![b'x'; len];
            let mut ours = Vec::new();
            write(&mut ours, Opcode::Text, &payload);
            let theirs = Theirs::message(payload, OpCode::Data(Data::Text), true);
            let mut bytes = Vec::new();
            theirs.format(&mut bytes).unwrap();
            prop_assert_eq!(ours, bytes);
        }
    }

    #[test]
    fn frames_are_tagged_and_named_in_camel_case() {
        let cursor: Cursor = "k3f9x2ab:1841".parse().unwrap();
        assert_eq!(
            Frame::CaughtUp { cursor: cursor.clone() }.json(),
            r#"{"type":"caughtUp","cursor":"k3f9x2ab:1841"}"#
        );
        let goodbye = Frame::Goodbye { reason: "slow".into(), retry_after_ms: Some(20), cursor };
        assert_eq!(
            goodbye.json(),
            r#"{"type":"goodbye","reason":"slow","retryAfterMs":20,"cursor":"k3f9x2ab:1841"}"#
        );
    }
}
