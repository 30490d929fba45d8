//! What a block's text looks like: its words, its marks, how it ends.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;
use serde::Deserialize;

use crate::parse::{
    letters::{Letter, lower},
    lexicon::{BUTTONS, SECTIONS, embedded, fold, may_be_heading, opening},
    memory::Fnv,
    phrases::spoken,
};

use super::said::{PHRASES, phrases};

/// Frequent short words of many languages.
static STOP: LazyLock<FxHashSet<u64>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        words: String,
    }
    let File { words }: File = embedded!("common");
    let hash = |word: &str| {
        let mut hash = Fnv::default();
        word.chars().for_each(|c| hash.write(u32::from(c)));
        hash.finish()
    };
    words.split_whitespace().map(hash).collect()
});

/// Scripts written without spaces: a character says as much as three Latin ones.
fn is_dense(c: char) -> bool {
    matches!(c as u32, 0x0e00..=0x0eff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af
        | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

/// What a block's text looks like.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) words: u32,
    pub(super) stop: u32,
    pub(super) digits: u32,
    pub(super) caps: u32,
    pub(super) commas: u32,
    pub(super) quotes: u32,
    pub(super) pipes: u32,
    /// 2 where it ends like a sentence, 1 with a colon.
    pub(super) end: u8,
    pub(super) lower: bool,
    pub(super) latin: bool,
    /// Length with dense scripts counted threefold.
    pub(super) length: f32,
    pub(super) phrases: [u8; PHRASES],
    /// Words of several letters, all of them capitals.
    pub(super) shouted: u32,
    /// What its words speak of, as [`spoken`] has it; nothing where it is long.
    pub(super) speaks: u8,
    pub(super) marks: Marks,
}

/// What a line is by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Marks {
    #[default]
    Nothing,
    /// The heading of a box of links.
    Aside,
    /// What stands under an article.
    End,
    /// A line that is never part of a text.
    Button,
}

impl Marks {
    fn of(text: &str) -> Marks {
        if text.len() > LONGEST || !may_be_heading(opening(text)) {
            return Marks::Nothing;
        }
        let line = fold(text);
        if SECTIONS.aside.has(&line) {
            Marks::Aside
        } else if SECTIONS.end.has(&line) {
            Marks::End
        } else if BUTTONS.has(&line) {
            Marks::Button
        } else {
            Marks::Nothing
        }
    }
}

/// Bytes of the longest line that can be a marker.
const LONGEST: usize = 160;

/// Bytes up to which the words of a line tell what it is for: a long paragraph may well speak of
/// a newsletter.
const SHORT: usize = 500;

/// Looks at a block's text once, from end to end.
pub(super) fn look(text: &str) -> Look {
    let speaks = if text.len() <= SHORT { spoken(text) } else { 0 };
    let marks = Marks::of(text);
    let mut l = Look { phrases: phrases(text), speaks, marks, ..Look::default() };
    let mut word = Word::default();
    for c in text.chars() {
        let letter = Letter::of(c);
        if letter.is_whitespace() {
            l.end_word(&mut word);
            continue;
        }
        word.chars += 1;
        match c {
            ',' | '،' | '、' | ';' | '，' => l.commas += 1,
            '"' | '“' | '”' | '«' | '„' | '「' => l.quotes += 1,
            '|' | '·' | '•' | '›' | '»' | '/' => l.pipes += 1,
            _ => {}
        }
        l.digits += u32::from(letter.is_numeric());
        l.length += if is_dense(c) { 3.0 } else { 1.0 };
        if letter.is_alphanumeric() || c == '\'' {
            let is_upper = letter.is_uppercase();
            l.caps += u32::from(!word.begun && is_upper);
            l.latin |= c.is_ascii_alphabetic();
            word.begun = true;
            word.upper += u32::from(is_upper);
            word.small |= letter.is_lowercase();
            if word.length <= STOP_LENGTH {
                lower(c, |c| {
                    word.length += c.len_utf8();
                    word.hash.write(u32::from(c));
                });
            }
        }
    }
    l.end_word(&mut word);
    l.end = sentence_end(text);
    l.lower = text.chars().next().is_some_and(char::is_lowercase);
    l
}

/// A word as far as it was read.
#[derive(Debug, Default)]
struct Word {
    chars: u32,
    /// A letter or figure came.
    begun: bool,
    upper: u32,
    small: bool,
    /// Bytes of its beginning in lower case, and what stands for them.
    length: usize,
    hash: Fnv,
}

/// Bytes of the longest word that may be in [`STOP`].
const STOP_LENGTH: usize = 12;

impl Look {
    fn end_word(&mut self, word: &mut Word) {
        if word.chars == 0 {
            return;
        }
        self.words += 1;
        self.length += 1.0;
        self.shouted += u32::from(word.upper > 1 && !word.small);
        self.stop += u32::from(word.length <= STOP_LENGTH && STOP.contains(&word.hash.finish()));
        *word = Word::default();
    }
}

/// 2 where a text ends like a sentence, 1 with a colon, else 0.
pub(super) fn sentence_end(text: &str) -> u8 {
    let tail = text.trim_end_matches(['"', '”', '»', '\'', '’', ')', '」', ' ', ']', '“']);
    match tail.chars().next_back() {
        Some('.' | '!' | '?' | '。' | '！' | '？' | '؟' | '…' | '।' | '۔') => 2,
        Some(':' | '：') => 1,
        _ => 0,
    }
}

/// Whether a short line ends like a sentence: a clock's "p.m." ends none.
pub(super) fn closes(text: &str) -> bool {
    sentence_end(text) == 2 && !text.trim_end().ends_with(".m.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_and_markers_are_seen() {
        let l = look("FERRY HITS A TUG off Aldern");
        assert_eq!((l.words, l.shouted), (6, 3));
        assert_eq!(look("Related stories").marks, Marks::Aside);
        assert_eq!(look("Leave a comment").marks, Marks::End);
        assert_eq!(look("Advertisement").marks, Marks::Button);
        assert_eq!(look("The ferry hit a tug.").marks, Marks::Nothing);
    }
}
