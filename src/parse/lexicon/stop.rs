//! Function words: the commonest of each language, which say how much of a line is prose and in
//! which language.

use std::{collections::BTreeMap, sync::LazyLock};

use rustc_hash::FxHashMap as HashMap;

use super::embedded;

/// Languages with stop words, in the order of their bits.
pub(in crate::parse) static STOP_LANGUAGES: LazyLock<Vec<String>> =
    LazyLock::new(|| stop_file().into_keys().collect());

/// The commonest words of each language.
pub(in crate::parse) struct Stop {
    /// The languages (one bit each) that have a word of up to eight bytes among their commonest.
    short: HashMap<u64, u64>,
    /// The same of longer words.
    long: HashMap<Vec<u8>, u64>,
    /// Lengths in bytes (one bit each) of the words that begin alike.
    lengths: [u32; 1024],
}

/// A place for the first two bytes of a word, in any case.
fn two_letters(word: &[u8], length: usize) -> usize {
    let letter = |at: usize| word.get(at).map_or(0, |byte| usize::from(byte & 31));
    letter(0) << 5 | if length > 1 { letter(1) } else { 0 }
}

/// Longest function word looked up, in bytes.
const LONGEST_STOP: usize = 26;

impl Stop {
    /// The languages (one bit each) that have the word, in any case, among their commonest.
    pub(in crate::parse) fn languages(&self, word: &[u8]) -> Option<u64> {
        let mut lower = [0_u8; LONGEST_STOP];
        let mut end = 0;
        for c in std::str::from_utf8(word).ok()?.chars() {
            let apostrophe = if c == '’' { '\'' } else { c };
            for c in apostrophe.to_lowercase() {
                let room = lower.get_mut(end..end + c.len_utf8())?;
                c.encode_utf8(room);
                end += c.len_utf8();
            }
        }
        self.get(&lower, end)
    }

    /// The same of the `length` first bytes of `from`, all of them single characters.
    #[inline]
    pub(in crate::parse) fn languages_ascii(&self, from: &[u8], length: usize) -> Option<u64> {
        // Nearly all words end here.
        let lengths = self.lengths.get(two_letters(from, length))?;
        if length > LONGEST_STOP || lengths & (1 << length) == 0 {
            return None;
        }
        // The bit that makes a letter small stands in digits and the apostrophe already.
        if let Some(eight) = from.first_chunk()
            && (1..=8).contains(&length)
        {
            let word = u64::from_le_bytes(*eight) | u64::from_le_bytes([0x20; 8]);
            return self.short.get(&(word & u64::MAX >> (64 - 8 * length))).copied();
        }
        let mut lower = [0_u8; LONGEST_STOP];
        lower.iter_mut().zip(from.get(..length)?).for_each(|(to, from)| *to = from | 0x20);
        self.get(&lower, length)
    }

    fn get(&self, lower: &[u8; LONGEST_STOP], length: usize) -> Option<u64> {
        match lower.first_chunk() {
            Some(word) if length <= 8 => self.short.get(&u64::from_le_bytes(*word)).copied(),
            _ => self.long.get(lower.get(..length)?).copied(),
        }
    }

    /// How many there are.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.short.len() + self.long.len()
    }
}

/// The commonest words of each language.
pub(in crate::parse) static STOP: LazyLock<Stop> = LazyLock::new(|| {
    let mut stop = Stop { short: HashMap::default(), long: HashMap::default(), lengths: [0; 1024] };
    for (bit, list) in stop_file().values().enumerate() {
        for word in list.split(' ').map(str::as_bytes) {
            let mut padded = [0; 8];
            padded.iter_mut().zip(word).for_each(|(to, from)| *to = *from);
            let languages = match word.len() {
                ..=8 => stop.short.entry(u64::from_le_bytes(padded)).or_insert(0),
                _ => stop.long.entry(word.to_vec()).or_insert(0),
            };
            *languages |= 1_u64 << bit;
            if let Some(lengths) = stop.lengths.get_mut(two_letters(word, word.len()))
                && word.len() <= LONGEST_STOP
            {
                *lengths |= 1 << word.len();
            }
        }
    }
    stop
});

fn stop_file() -> BTreeMap<String, String> {
    embedded!("stop")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case() {
        assert!(STOP.len() > 1000 && STOP_LANGUAGES.len() > 20);
        assert!(STOP_LANGUAGES.len() <= 64);
        assert!(STOP.languages("и".as_bytes()).is_some());
        assert_eq!(STOP.languages("И".as_bytes()), STOP.languages("и".as_bytes()));
        // With and without eight bytes to read, short and long.
        for line in ["the", "The ferry docks", "THE", "because", "Because of the storm"] {
            let length = line.find(' ').unwrap_or(line.len());
            let word = line[..length].to_lowercase();
            assert!(STOP.languages(word.as_bytes()).is_some(), "{line}");
            let found = STOP.languages_ascii(line.as_bytes(), length);
            assert_eq!(found, STOP.languages(word.as_bytes()), "{line}");
        }
        assert_eq!(STOP.languages_ascii(b"ferry docks", 5), None);
    }
}
