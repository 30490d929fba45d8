//! The parameters that make a filter, by name.

use jiff::Timestamp;

use crate::item::{Action, Kind};

use super::{Filter, when};

/// A parameter that is unknown, or has a value that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadParameter {
    /// Which one.
    pub name: String,
    /// What is wrong with it, and what to write.
    pub message: String,
}

impl BadParameter {
    /// `name` is wrong as `message` says.
    pub fn new(name: &str, message: impl Into<String>) -> Self {
        BadParameter { name: name.to_owned(), message: message.into() }
    }

    /// `value` is none of what was expected.
    pub fn value(name: &str, value: &str, expected: &str) -> Self {
        Self::new(name, format!("{name}={value} can't be used: expected {expected}"))
    }
}

/// A moment as the parameters `since` and `until` give it: RFC 3339, or an age such as `-15m`.
///
/// # Errors
/// What to write instead.
pub fn moment(name: &str, value: &str, now: Timestamp) -> Result<Timestamp, BadParameter> {
    let read = if value.starts_with('-') { when::first(value, now) } else { value.parse().ok() };
    read.ok_or_else(|| {
        BadParameter::value(
            name,
            value,
            "an RFC 3339 time such as 2026-11-20T15:04:05Z (a + as %2B), or an age such as -15m, -2h, -1d",
        )
    })
}

impl Filter {
    /// The names that [`set`][Self::set] knows.
    pub const NAMES: &str = "kind, action, source, lang, backfill, q";

    /// Sets one parameter of a request made at `now`; false where it is none of a filter's.
    ///
    /// # Errors
    /// A value that can't be used.
    pub fn set(&mut self, name: &str, value: &str, now: Timestamp) -> Result<bool, BadParameter> {
        let listed = value.split(',').map(str::trim);
        match name {
            "kind" => {
                for word in listed {
                    let kind = kind(word);
                    self.kind(kind.ok_or_else(|| BadParameter::value(name, word, KINDS))?);
                }
            }
            "action" => {
                for word in listed {
                    let action = action(word);
                    self.action(action.ok_or_else(|| BadParameter::value(name, word, ACTIONS))?);
                }
            }
            "source" => {
                if !value.chars().any(char::is_alphanumeric) {
                    return Err(BadParameter::value(name, value, "a source's name or host"));
                }
                self.source(value);
            }
            "lang" => {
                for tag in listed {
                    if !is_language(tag) {
                        return Err(BadParameter::value(name, tag, LANGUAGE));
                    }
                    self.language(tag);
                }
            }
            "backfill" => match value {
                "0" => self.backfill(false),
                "1" => self.backfill(true),
                _ => return Err(BadParameter::value(name, value, "0 or 1")),
            },
            "q" => {
                self.query(value, now).map_err(|bad| BadParameter::new(name, bad.to_string()))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// What [`kind`], [`action`] and [`is_language`] take.
pub(super) const KINDS: &str = "ticker or article";
pub(super) const ACTIONS: &str = "new, update, related, withdrawn or corroborated";
pub(super) const LANGUAGE: &str = "a language tag such as en or ar";

pub(super) fn kind(word: &str) -> Option<Kind> {
    [Kind::Ticker, Kind::Article].into_iter().find(|kind| kind.as_str() == word)
}

pub(super) fn action(word: &str) -> Option<Action> {
    use Action::{Corroborated, New, Related, Update, Withdrawn};
    [New, Update, Related, Withdrawn, Corroborated]
        .into_iter()
        .find(|action| action.as_str() == word)
}

pub(super) fn is_language(tag: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (2..=35).contains(&tag.len()) && tag.bytes().all(plain)
}
