//! How a word is spelled and hashed, so that it can be looked up in a vocabulary.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;

/// How a word is spelled: in place where it is short. The last byte says how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spelling([u8; 16]);

/// Bytes of a word that is kept in place.
const SHORT: usize = 15;
/// The last byte where the first four are the word's place among the long ones.
const LONG: u8 = 0xfe;
/// The last byte where there is no word: its place is free.
const FREE: u8 = 0xff;

impl Spelling {
    /// `None` for a long word. Made of two reads that may overlap: it is asked for each word of
    /// each line.
    #[inline]
    pub(crate) fn short(word: &str) -> Option<Self> {
        let (bytes, len) = (word.as_bytes(), word.len());
        let letters = match len {
            0 => 0,
            1..4 => {
                u128::from(bytes[0])
                    | u128::from(bytes[len / 2]) << (8 * (len / 2))
                    | u128::from(bytes[len - 1]) << (8 * (len - 1))
            }
            4..8 => {
                let (start, end) = (bytes.first_chunk()?, bytes.last_chunk()?);
                u128::from(u32::from_le_bytes(*start))
                    | u128::from(u32::from_le_bytes(*end)) << (8 * (len - 4))
            }
            8..=SHORT => {
                let (start, end) = (bytes.first_chunk()?, bytes.last_chunk()?);
                u128::from(u64::from_le_bytes(*start))
                    | u128::from(u64::from_le_bytes(*end)) << (8 * (len - 8))
            }
            _ => return None,
        };
        Some(Spelling((letters | (len as u128) << 120).to_le_bytes()))
    }

    pub(crate) fn long(at: u32) -> Self {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&at.to_le_bytes());
        bytes[SHORT] = LONG;
        Spelling(bytes)
    }

    pub(crate) fn free() -> Self {
        Spelling([FREE; 16])
    }

    /// The bytes of a short word.
    #[inline]
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        self.0.get(..usize::from(self.0[SHORT])).filter(|bytes| bytes.len() <= SHORT)
    }

    /// The place of a long one.
    pub(crate) fn place(&self) -> Option<usize> {
        let at = self.0.first_chunk().filter(|_| self.0[SHORT] == LONG)?;
        Some(u32::from_le_bytes(*at) as usize)
    }
}

/// What words are hashed with: drawn anew in each process, so that nobody can write words that all
/// fall into one slot. The table is only ever asked, never walked: the seed decides nothing.
#[derive(Clone, Debug, Default)]
pub struct Seed(DefaultHashBuilder);

impl Seed {
    /// The hash of a word.
    pub(crate) fn hash(&self, word: &str) -> u64 {
        self.0.hash_one(word)
    }

    /// A word as it is looked up.
    #[inline]
    pub(crate) fn seek(&self, word: &str) -> Sought {
        Sought { hash: self.0.hash_one(word), short: Spelling::short(word) }
    }
}

/// A word as it is looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sought {
    pub(crate) hash: u64,
    /// `None` for a long word.
    pub(crate) short: Option<Spelling>,
}
