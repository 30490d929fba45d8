//! What a subscriber says: `{"op":"filter","id":1,"q":"ferry"}`.

use jiff::Timestamp;
use serde_json::{Map, Value, value::RawValue};

use crate::{filter::BadParameter, item::Seq};

use super::{audience::Interest, params::LAST_MOST};

/// An operation with the `id` its answer carries.
#[derive(Debug)]
pub(super) struct Op {
    pub(super) id: Option<Box<RawValue>>,
    pub(super) what: What,
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Show a token, as the first message.
    Auth(String),
    /// Want something else from the next event on.
    Filter(Interest),
    /// Send older events that match.
    Last { n: usize, before: Option<Seq> },
    /// Answer.
    Ping,
}

/// A message that is no operation.
#[derive(Debug)]
pub(super) struct BadOp {
    pub(super) id: Option<Box<RawValue>>,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Op {
    /// Reads a message that came at `now`. A filter that doesn't say gets backfill, or not, as
    /// `backfill` says.
    pub(super) fn read(text: &str, backfill: bool, now: Timestamp) -> Result<Self, BadOp> {
        let mut fields: Map<String, Value> = serde_json::from_str(text).map_err(|error| BadOp {
            id: None,
            code: "bad_json",
            message: format!("a message must be one JSON object: {error}"),
        })?;
        let id = fields.remove("id").and_then(|id| serde_json::value::to_raw_value(&id).ok());
        match what(fields, backfill, now) {
            Ok(what) => Ok(Op { id, what }),
            Err((code, message)) => Err(BadOp { id, code, message }),
        }
    }
}

fn what(
    mut fields: Map<String, Value>,
    backfill: bool,
    now: Timestamp,
) -> Result<What, (&'static str, String)> {
    let op = fields.remove("op");
    let what = match op.as_ref().and_then(Value::as_str) {
        Some("ping") => What::Ping,
        Some("auth") => match fields.remove("token") {
            Some(Value::String(token)) => What::Auth(token),
            _ => return Err(("bad_token", "auth needs `token`, a text".into())),
        },
        Some("last") => {
            let n = match fields.remove("n") {
                None => 50,
                Some(n) => n
                    .as_u64()
                    .filter(|n| (1..=LAST_MOST as u64).contains(n))
                    .ok_or(("bad_parameter", format!("n must be 1 to {LAST_MOST}")))?
                    as usize,
            };
            let before = match fields.remove("before") {
                None | Some(Value::Null) => None,
                Some(seq) => Some(Seq(seq
                    .as_u64()
                    .ok_or(("bad_parameter", "before must be a seq".to_owned()))?)),
            };
            What::Last { n, before }
        }
        Some("filter") => {
            let mut interest = Interest::default();
            interest.filter.backfill(backfill);
            for (name, value) in std::mem::take(&mut fields) {
                set(&mut interest, &name, &value, now)
                    .map_err(|bad| ("bad_parameter", bad.message))?;
            }
            What::Filter(interest)
        }
        _ => {
            return Err((
                "unknown_op",
                "`op` must be filter, last, ping or, as the first message, auth".into(),
            ));
        }
    };
    match fields.keys().next() {
        Some(name) => Err(("bad_parameter", format!("this op has no field `{name}`"))),
        None => Ok(what),
    }
}

/// A filter's fields are the query parameters of the same names: texts, numbers, or lists.
fn set(
    interest: &mut Interest,
    name: &str,
    value: &Value,
    now: Timestamp,
) -> Result<(), BadParameter> {
    match value {
        Value::String(text) => interest.set(name, text, now),
        Value::Number(number) => interest.set(name, &number.to_string(), now),
        Value::Bool(yes) => interest.set(name, if *yes { "1" } else { "0" }, now),
        Value::Array(values) => values.iter().try_for_each(|value| set(interest, name, value, now)),
        Value::Null => Ok(()),
        Value::Object(_) => {
            Err(BadParameter::new(name, format!("{name} must be a text or a list of texts")))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Op, BadOp> {
        Op::read(text, true, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn operations_are_read() {
        let op = read(r#"{"op":"filter","id":"a","q":"ferry","kind":["ticker"],"body":"none"}"#)
            .unwrap();
        assert_eq!(op.id.unwrap().get(), "\"a\"");
        let mut want = Interest::default();
        for (name, value) in [("q", "ferry"), ("kind", "ticker"), ("body", "none")] {
            want.set(name, value, Timestamp::UNIX_EPOCH).unwrap();
        }
        assert_eq!(op.what, What::Filter(want));
        let op = read(r#"{"op":"last","n":5,"before":1800}"#).unwrap();
        assert_eq!(op.what, What::Last { n: 5, before: Some(Seq(1800)) });
    }

    #[test]
    fn what_is_wrong_is_said_with_its_id() {
        for (text, code) in [
            ("[]", "bad_json"),
            (r#"{"op":"stop"}"#, "unknown_op"),
            (r#"{"id":4}"#, "unknown_op"),
            (r#"{"op":"filter","colour":"red"}"#, "bad_parameter"),
            (r#"{"op":"filter","cursor":"5"}"#, "bad_parameter"),
            (r#"{"op":"last","n":0}"#, "bad_parameter"),
            (r#"{"op":"ping","n":0}"#, "bad_parameter"),
            (r#"{"op":"auth"}"#, "bad_token"),
        ] {
            assert_eq!(read(text).unwrap_err().code, code, "{text}");
        }
        let bad = read(r#"{"op":"last","id":7,"n":-1}"#).unwrap_err();
        assert_eq!(bad.id.unwrap().get(), "7");
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in ".{0,80}") {
            let _ = read(&text);
        }
    }
}
