//! Names of things: events, pages, positions on the wire.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{draft::Kind, key::Key};

/// Crockford's base 32, lower case: no `i`, `l`, `o`, `u`, so an id can be read out aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What each byte stands for as a digit, 255 for none: a start reads millions of ids.
const DIGITS: [u8; 256] = {
    let mut digits = [255; 256];
    let mut value = 0;
    while value < 32 {
        digits[ALPHABET[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

/// Position of an event on the wire: grows strictly, never reused within an epoch, below 2^53 so
/// that every JSON reader holds it exactly. Holes carry no meaning.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One life of a wire. A new one begins where positions already shown might be given again: after
/// a lost tail or when a backup is opened. A cursor is only meaningful together with its epoch.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(String);

impl Epoch {
    /// An epoch named by 40 random bits.
    pub fn from_bits(bits: u64) -> Self {
        let mut bits = bits;
        let name = (0..8).map(|_| {
            let digit = ALPHABET[(bits & 31) as usize] as char;
            bits >>= 5;
            digit
        });
        Epoch(name.collect())
    }

    /// The epoch's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Epoch {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        if text.len() == 8 && text.bytes().all(|b| ALPHABET.contains(&b)) {
            Ok(Epoch(text.to_owned()))
        } else {
            Err(CursorError(text.to_owned()))
        }
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a reader stands: everything up to and including `seq` is behind it. Written `epoch:seq`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The life of the wire `seq` belongs to.
    pub epoch: Epoch,
    /// The last position dealt with.
    pub seq: Seq,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.seq)
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let bad = || CursorError(text.to_owned());
        let (epoch, seq) = text.split_once(':').ok_or_else(bad)?;
        Ok(Cursor {
            epoch: epoch.parse().map_err(|_| bad())?,
            seq: Seq(seq.parse().map_err(|_| bad())?),
        })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a cursor: expected `epoch:seq`, such as `k3f9x2ab:1841`")]
pub struct CursorError(String);

/// Name of an event, the same on every node that meets the same wording: `fw-` and 26 base 32
/// digits. See [`EventId::of`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(pub [u8; 16]);

impl EventId {
    /// The id of what is told under `key`. `after` is the event last told under the same key, so
    /// that the same words told again, and each version of one URL, have ids of their own.
    pub fn of(kind: Kind, key: &Key, after: Option<EventId>) -> Self {
        let mut hash = blake3::Hasher::new();
        hash.update(b"flashwire event 1\0");
        hash.update(kind.as_str().as_bytes());
        hash.update(&[0]);
        hash.update(&key.0);
        if let Some(after) = after {
            hash.update(&after.0);
        }
        EventId(first_16(&hash.finalize()))
    }

    /// The id of the record that withdraws `id`.
    pub fn of_withdrawal(id: EventId) -> Self {
        let mut hash = blake3::Hasher::new();
        hash.update(b"flashwire withdrawal 1\0");
        hash.update(&id.0);
        EventId(first_16(&hash.finalize()))
    }

    /// The id of the record that a second origin tells `id`, too.
    pub fn of_corroboration(id: EventId) -> Self {
        let mut hash = blake3::Hasher::new();
        hash.update(b"flashwire corroboration 1\0");
        hash.update(&id.0);
        EventId(first_16(&hash.finalize()))
    }
}

pub(super) fn first_16(hash: &blake3::Hash) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    bytes
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = u128::from_be_bytes(self.0);
        f.write_str("fw-")?;
        for digit in (0..26).rev() {
            let at = (value >> (digit * 5)) & 31;
            fmt::Write::write_char(f, ALPHABET[at as usize] as char)?;
        }
        Ok(())
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for EventId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let bad = || IdError(text.to_owned());
        let digits = text.strip_prefix("fw-").ok_or_else(bad)?;
        if digits.len() != 26 {
            return Err(bad());
        }
        let mut value: u128 = 0;
        for (place, byte) in digits.bytes().enumerate() {
            let digit = DIGITS[usize::from(byte)];
            // 26 digits hold 130 bits: the first may only carry 3.
            if digit > 31 || (place == 0 && digit > 7) {
                return Err(bad());
            }
            value = (value << 5) | u128::from(digit);
        }
        Ok(EventId(value.to_be_bytes()))
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is no event id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an event id: expected `fw-` and 26 letters or digits")]
pub struct IdError(String);

/// BLAKE3 of a page's bytes as they lay in the folder (compressed pages: as compressed), the
/// first 16 bytes, written in hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PageHash(pub [u8; 16]);

impl PageHash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        PageHash(first_16(&blake3::hash(bytes)))
    }
}

impl fmt::Display for PageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PageHash {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let bad = || IdError(text.to_owned());
        if text.len() != 32 || !text.is_ascii() {
            return Err(bad());
        }
        let mut bytes = [0; 16];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).map_err(|_| bad())?;
        }
        Ok(PageHash(bytes))
    }
}

impl Serialize for PageHash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PageHash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_read_back(bytes in any::<[u8; 16]>()) {
            let id = EventId(bytes);
            prop_assert_eq!(id.to_string().parse::<EventId>().unwrap(), id);
            let hash = PageHash(bytes);
            prop_assert_eq!(hash.to_string().parse::<PageHash>().unwrap(), hash);
        }

        #[test]
        fn cursors_read_back(bits in any::<u64>(), seq in any::<u64>()) {
            let cursor = Cursor { epoch: Epoch::from_bits(bits), seq: Seq(seq) };
            prop_assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        }

        #[test]
        fn no_text_breaks_the_readers(text in ".{0,40}") {
            let _ = text.parse::<EventId>();
            let _ = text.parse::<Cursor>();
            let _ = text.parse::<PageHash>();
        }
    }

    #[test]
    fn the_same_words_told_again_have_an_id_of_their_own() {
        let key = Key::of_ticker("Sirens are sounding near Port Amal");
        let first = EventId::of(Kind::Ticker, &key, None);
        assert_eq!(first, EventId::of(Kind::Ticker, &key, None));
        assert_ne!(first, EventId::of(Kind::Ticker, &key, Some(first)));
        assert_ne!(first, EventId::of(Kind::Article, &key, None));
    }
}
