//! What a line speaks of, by the phrases in it: each list of `lexicon/furniture.toml` that
//! holds phrases is one subject.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::lexicon::furniture;

/// What the words of a line speak of, a bit each.
pub(super) mod speaks {
    /// Notices and offers.
    pub(in crate::parse) const NOTICE: u8 = 1;
    /// A picture's credit.
    pub(in crate::parse) const CREDIT: u8 = 2;
    /// An author.
    pub(in crate::parse) const BIO: u8 = 4;
    /// The end of an article.
    pub(in crate::parse) const SIGN_OFF: u8 = 8;
    /// A time told from now.
    pub(in crate::parse) const AGO: u8 = 16;
    /// An address or a handle.
    pub(in crate::parse) const ADDRESS: u8 = 32;
}

/// What a line speaks of: the bits of [`speaks`]. A phrase is found where a word begins; what is
/// written without spaces, or with letters that are no single bytes, anywhere.
pub(super) fn spoken(line: &str) -> u8 {
    let mut found = 0;
    PHRASES.each(line, |_, _, subject| found |= subject);
    found
}

/// The first three bytes of a phrase, in lower case, as a number.
type Start = u32;

/// Lists of phrases that are looked for together. A phrase has two bytes or more.
#[derive(Debug)]
pub(super) struct Phrases {
    /// One bit for each start there is, at a place that others may share.
    starts: [u64; PLACES / 64],
    /// The phrases by their start.
    all: FxHashMap<Start, Vec<(Vec<u8>, u8)>>,
}

const PLACES: usize = 1 << 14;

impl Phrases {
    /// Phrases in lower case, each with what it is found as.
    pub(super) fn new<'p>(list: impl IntoIterator<Item = (&'p str, u8)>) -> Phrases {
        let mut phrases = Phrases { starts: [0; PLACES / 64], all: FxHashMap::default() };
        for (phrase, subject) in list {
            for spelling in spellings(phrase) {
                let own = start(spelling.as_bytes());
                // A phrase of two bytes ("©") goes on with any third.
                let thirds = if spelling.len() < own.len() { 0..=u8::MAX } else { own[2]..=own[2] };
                for third in thirds {
                    let start = [own[0], own[1], third];
                    let (word, bit) = place(start);
                    phrases.starts[word] |= bit;
                    let known = phrases.all.entry(number(start)).or_default();
                    known.push((spelling.clone().into_bytes(), subject));
                }
            }
        }
        phrases
    }

    /// Calls `found` with where each phrase begins, its length in bytes and its subject: a phrase
    /// that begins with a letter or figure of one byte where none stands before it, others
    /// anywhere.
    #[inline]
    pub(super) fn each(&self, line: &str, mut found: impl FnMut(usize, usize, u8)) {
        let bytes = line.as_bytes();
        for (at, start) in bytes.windows(3).enumerate() {
            // Few places get past this; whether a word begins there is asked then.
            let &[first, second, third] = start else { continue };
            if !self.may_begin([first, second, third]) {
                continue;
            }
            let before = at.checked_sub(1).and_then(|before| bytes.get(before));
            let within = before.is_some_and(u8::is_ascii_alphanumeric);
            if !(within && first.is_ascii_alphanumeric()) {
                self.at(bytes, at, &mut found);
            }
        }
        self.at(bytes, bytes.len().saturating_sub(2), &mut found);
    }

    /// `false` where no phrase begins so, in any case.
    #[inline]
    fn may_begin(&self, start: [u8; 3]) -> bool {
        let (word, bit) = place(start);
        self.starts.get(word).is_some_and(|bits| bits & bit != 0)
    }

    fn at(&self, bytes: &[u8], at: usize, found: &mut impl FnMut(usize, usize, u8)) {
        let text = bytes.get(at..).unwrap_or_default();
        for (phrase, subject) in self.all.get(&number(start(text))).into_iter().flatten() {
            let here = text.get(..phrase.len());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(phrase)) {
                found(at, phrase.len(), *subject);
            }
        }
    }
}

/// What is shorter is filled up.
fn start(text: &[u8]) -> [u8; 3] {
    let filled = || {
        let mut start = [0; 3];
        start.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        start
    };
    text.first_chunk().copied().unwrap_or_else(filled).map(|byte| byte.to_ascii_lowercase())
}

fn number([first, second, third]: [u8; 3]) -> Start {
    u32::from_le_bytes([first, second, third, 0])
}

#[inline]
fn place([first, second, third]: [u8; 3]) -> (usize, u64) {
    // The bit that makes a letter small says nothing here.
    let letter = |byte: u8| usize::from(byte | 0x20);
    let place = (letter(first) ^ letter(second) << 4 ^ letter(third) << 8) % PLACES;
    (place / 64, 1 << (place % 64))
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let file = furniture();
    let lists = [
        (file.notices, speaks::NOTICE),
        (file.credits, speaks::CREDIT),
        (file.bios, speaks::BIO),
        (file.signoffs, speaks::SIGN_OFF),
        (file.ago, speaks::AGO),
        (["://", "www.", " @"].map(str::to_owned).into(), speaks::ADDRESS),
    ];
    let all = lists.iter().flat_map(|(list, subject)| list.iter().map(|p| (p.as_str(), *subject)));
    Phrases::new(all)
});

/// As the list has it; and, where its letters are no single bytes, with a capital and in capitals.
fn spellings(phrase: &str) -> Vec<String> {
    let mut chars = phrase.chars();
    let capital = chars.next().map(|first| first.to_uppercase().chain(chars).collect());
    let mut spellings = vec![phrase.to_owned()];
    if !phrase.is_ascii() {
        spellings.extend(capital);
        spellings.push(phrase.to_uppercase());
        spellings.dedup();
    }
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_where_words_begin() {
        assert_eq!(spoken("Orla Venn is a freelance writer"), speaks::BIO);
        assert_eq!(spoken("PHOTO: Harbour Press"), speaks::CREDIT);
        assert_eq!(spoken("© Harbour Press"), speaks::CREDIT);
        assert_eq!(spoken("Harbour Press ©"), speaks::CREDIT);
        assert_eq!(spoken("Venn/AP"), speaks::CREDIT);
        assert_eq!(spoken("ФОТО Вена"), speaks::CREDIT);
        assert_eq!(spoken("Фото: Вена"), speaks::CREDIT);
        assert_eq!(spoken("三分前"), speaks::AGO);
        assert_eq!(spoken("3 hours ago | Sign up"), speaks::AGO | speaks::NOTICE);
        assert_eq!(spoken("A lumbago of the Santiago ferry crew"), 0);
        assert_eq!(spoken(""), 0);
    }
}
