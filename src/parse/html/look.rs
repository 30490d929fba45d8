//! What a block's text looks like: its words, its marks, how it ends.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use crate::parse::{
    letters::{Letter, lower},
    memory::Fnv,
    phrases::spoken,
    words::{BUTTONS, SECTIONS, fold, may_be_heading, opening},
};

use super::lexicon::{PHRASES, phrases};

/// Frequent short words of many languages.
static STOP: LazyLock<FxHashSet<u64>> = LazyLock::new(|| {
    "the of and to in a is that for on with as was it by at from be are this his has he have an \
     not but they which who or will their its were had been she her we you i there one all would \
     said more what out about up can if when so than some into my no them our us do just over \
     also after how your der die das und ist von zu den mit sich des auf für im dem nicht ein \
     eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem \
     über einen zum war haben nur oder aber vor zur bis mehr durch man sein wurde wenn de la que \
     el en y los del se las por un para con no una su al lo como más pero sus le ya o este sí \
     porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos \
     durante ha fue les et est une du dans qui par pour pas au sur ne plus ce avec sont il elle \
     son mais ou comme ses cette été ont aux leur deux même on nous vous di che e è per non della \
     si i da più nel alla anche gli dei ma dal delle ai sul loro questa do em é os uma dos mas foi \
     das ao ele pela até isso ela à seu sua nos já está eu só het van dat op te zijn met voor niet \
     aan om ook dan maar bij nog door naar uit och att som på av är med till inte har ett men var \
     jag sig från vi så kan nu när ve bir bu için ile çok daha olarak gibi kadar sonra ama olan w \
     na z że nie jest jak po co ale za od tak czy przez jego był dla tym już в на и не что с по \
     как это из а к у от за для его но все так же он она было они az és hogy nem egy csak dan \
     yang untuk dengan ini itu dari tidak pada dalam akan juga oleh ada ke karena في من على إلى أن \
     التي الذي عن مع هذا هذه ما كان لا بعد قبل بين وقد كما أو"
        .split_whitespace()
        .map(|word| {
            let mut hash = Fnv::default();
            word.chars().for_each(|c| hash.write(u32::from(c)));
            hash.finish()
        })
        .collect()
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
