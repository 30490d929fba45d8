//! What can be counted in a line: characters, words, function words, how it ends.

use std::ops::Range;

use super::{letters::Letter, lexicon::stop::STOP};

/// Counts of one line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// Characters, spaces included.
    pub(super) chars: u32,
    /// Words; runs of Chinese and Japanese count one word for two characters.
    pub(super) words: u32,
    /// Words among the commonest of any language. Chinese and Japanese particles count too.
    pub(super) stop: u32,
    /// Words that begin with a capital letter.
    pub(super) capitals: u32,
    /// Digits.
    pub(super) digits: u32,
    /// Chinese and Japanese characters.
    pub(super) cjk: u32,
    /// Korean syllables.
    pub(super) hangul: u32,
    /// Commas and the like inside.
    pub(super) commas: u32,
    /// The line ends as a sentence does, closing quotes and brackets looked through.
    pub(super) ends_sentence: bool,
    /// Languages (a bit each) that the function words vote for are counted by the caller.
    pub(super) sentence_ends: u32,
}

impl Shape {
    /// Counts a line.
    pub(super) fn of(line: &str) -> Self {
        Shape::with_votes(line, |_| {})
    }

    /// Counts a line, and hands each function word's language bits to `vote`.
    pub(super) fn with_votes(line: &str, mut vote: impl FnMut(u64)) -> Self {
        let mut shape = Shape::default();
        let mut word = Word::default();
        let bytes = line.as_bytes();
        let (mut at, mut before) = (0, ' ');
        while let Some(&byte) = bytes.get(at) {
            let from = at;
            // Most characters are single bytes, and what they are is seen from a table.
            if byte < 0x80 {
                let kind = ascii(byte);
                if let Ascii::Letter | Ascii::Digit = kind {
                    // Words are read as a whole.
                    let (mut last, mut digits) = (byte, u32::from(kind == Ascii::Digit));
                    at += 1;
                    while let Some(&next) = bytes.get(at) {
                        match ascii(next) {
                            Ascii::Letter => {}
                            Ascii::Digit => digits += 1,
                            _ => break,
                        }
                        (last, at) = (next, at + 1);
                    }
                    shape.chars += (at - from) as u32;
                    shape.digits += digits;
                    word.push_ascii(from..at, byte, last);
                    before = char::from(last);
                    continue;
                }
                at += 1;
                shape.chars += 1;
                if kind == Ascii::Quote && before.is_alphabetic() {
                    word.push_ascii(from..at, byte, byte);
                } else {
                    shape.close(line, &mut word, &mut vote);
                    match kind {
                        Ascii::Comma => shape.commas += 1,
                        Ascii::End => {
                            shape.sentence_ends +=
                                u32::from(before.is_alphanumeric() || is_mark(before));
                        }
                        _ => {}
                    }
                }
                before = char::from(byte);
                continue;
            }
            let Some(c) = line.get(at..).and_then(|rest| rest.chars().next()) else { break };
            at += c.len_utf8();
            shape.chars += 1;
            if is_cjk(c) {
                shape.close(line, &mut word, &mut vote);
                shape.cjk += 1;
                // Particles and auxiliaries that prose can't do without.
                if matches!(
                    c,
                    'の' | 'は'
                        | 'を'
                        | 'に'
                        | 'が'
                        | 'で'
                        | 'と'
                        | 'た'
                        | 'も'
                        | '的'
                        | '了'
                        | '是'
                        | '在'
                        | '和'
                        | '有'
                        | '不'
                ) {
                    shape.stop += 1;
                }
            } else if Letter::of(c).is_alphanumeric()
                || is_mark(c)
                || c == '’' && before.is_alphabetic()
            {
                shape.digits += u32::from(Letter::of(c).is_numeric());
                shape.hangul += u32::from(is_hangul(c));
                word.push(from, c);
            } else {
                shape.close(line, &mut word, &mut vote);
                match c {
                    '،' | '、' | '，' | '؛' => shape.commas += 1,
                    '…' | '؟' | '।' | '۔' | '。' | '！' | '？' => {
                        shape.sentence_ends +=
                            u32::from(before.is_alphanumeric() || is_mark(before));
                    }
                    _ => {}
                }
            }
            before = c;
        }
        shape.close(line, &mut word, &mut vote);
        shape.words += shape.cjk.div_ceil(2);
        shape.ends_sentence = ends_sentence(line);
        shape
    }

    fn close(&mut self, line: &str, word: &mut Word, vote: &mut impl FnMut(u64)) {
        if word.length == 0 {
            return;
        }
        self.words += 1;
        self.capitals += u32::from(word.capital);
        let text = line.as_bytes().get(word.from..).unwrap_or_default();
        let length = word.to - word.from;
        let languages = match word.last {
            None => STOP.languages_ascii(text, length),
            Some(_) => STOP.languages(text.get(..length).unwrap_or_default()),
        };
        if let Some(languages) = languages {
            self.stop += 1;
            vote(languages);
        } else if word.length >= 2 && word.last.is_some_and(is_particle) {
            self.stop += 1;
        }
        *word = Word::default();
    }

    /// Share of function words, 0 to 1.
    pub(super) fn stop_share(&self) -> f32 {
        self.stop as f32 / self.words.max(1) as f32
    }
}

/// What a single-byte character is to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ascii {
    Letter,
    Digit,
    /// Part of a word after a letter.
    Quote,
    Comma,
    /// Ends a sentence after a word.
    End,
    Other,
}

#[inline]
fn ascii(byte: u8) -> Ascii {
    ASCII[usize::from(byte)]
}

const ASCII: [Ascii; 256] = {
    let mut table = [Ascii::Other; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Ascii::Letter,
            b'0'..=b'9' => Ascii::Digit,
            b'\'' => Ascii::Quote,
            b',' | b';' => Ascii::Comma,
            b'.' | b'!' | b'?' => Ascii::End,
            _ => Ascii::Other,
        };
        byte += 1;
    }
    table
};

/// A word that is being read: where it stands, and what is seen of it.
#[derive(Default)]
struct Word {
    from: usize,
    to: usize,
    length: u32,
    capital: bool,
    /// The last character that is no single byte, where the word has one; then the word's last is
    /// it, or it says nothing.
    last: Option<char>,
}

impl Word {
    /// A run of characters, the first and last of which are given.
    fn push_ascii(&mut self, at: Range<usize>, first: u8, last: u8) {
        if self.length == 0 {
            (self.from, self.capital) = (at.start, first.is_ascii_uppercase());
        }
        self.length += at.len() as u32;
        self.to = at.end;
        // The word has other characters: none of ASCII is a particle.
        if self.last.is_some() {
            self.last = Some(char::from(last));
        }
    }

    fn push(&mut self, at: usize, c: char) {
        if self.length == 0 {
            (self.from, self.capital) = (at, c.is_uppercase());
        }
        self.length += 1;
        self.to = at + c.len_utf8();
        self.last = Some(c);
    }
}

/// Korean writes its particles and endings on the word.
fn is_particle(c: char) -> bool {
    matches!(
        c,
        '는' | '은'
            | '가'
            | '을'
            | '를'
            | '의'
            | '에'
            | '도'
            | '로'
            | '와'
            | '과'
            | '다'
            | '고'
            | '서'
            | '며'
    )
}

/// One of the commonest words of any language, in lower case.
pub(super) fn is_stop(word: &str) -> bool {
    STOP.languages(word.as_bytes()).is_some()
}

/// Han, kana, Thai and others: scripts written without spaces, in which two characters say what a
/// word does.
pub(super) fn is_cjk(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e4f}' | '\u{e80}'..='\u{ecf}' | '\u{1000}'..='\u{103f}' | '\u{1780}'..='\u{17d3}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{20000}'..='\u{3134f}')
}

/// Korean syllables, each of which says what two letters do.
pub(super) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

/// Combining marks, which are part of a word.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{5b0}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{981}'..='\u{983}' | '\u{9bc}'..='\u{9cd}' | '\u{200c}' | '\u{200d}')
}

/// So many characters of the text's beginning.
pub(super) fn beginning(text: &str, chars: usize) -> &str {
    // Characters of one byte need not be counted.
    if text.len() <= chars {
        return text;
    }
    let end = match text.as_bytes().get(..chars) {
        Some(bytes) if bytes.is_ascii() => chars,
        _ => text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at),
    };
    text.get(..end).unwrap_or(text)
}

/// Ends with a sentence's end, closing quotes, brackets and invisible marks looked through.
pub(super) fn ends_sentence(line: &str) -> bool {
    let end = line.trim_end_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\''
                    | '”'
                    | '’'
                    | '»'
                    | '«'
                    | '“'
                    | ')'
                    | ']'
                    | '」'
                    | '』'
                    | '）'
                    | '*'
                    | '\u{200e}'
                    | '\u{200f}'
                    | '\u{200b}'
            )
    });
    end.ends_with(['.', '!', '?', '…', '؟', '।', '۔', '。', '！', '？', '．'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_function_words() {
        let shape = Shape::of("The ferry, which has docked at Port Aldine, won’t sail.");
        assert_eq!((shape.words, shape.stop, shape.capitals, shape.commas), (10, 4, 3, 2));
        assert!(shape.ends_sentence);
        assert_eq!(Shape::of("ПАРОМ И МОСТ").stop, 1);
        assert_eq!(Shape::of("フェリーは港に着いた。").cjk, 10);
    }

    #[test]
    fn beginnings() {
        assert_eq!(beginning("Ferry", 3), "Fer");
        assert_eq!(beginning("Fährê", 3), "Fäh");
        assert_eq!(beginning("渡し船", 3), "渡し船");
        assert_eq!(beginning("", 3), "");
    }

    #[test]
    fn ends() {
        for line in ["He said: \"Go.\"", "Ende.»", "انتهى؟", "終わり。", "Well…"] {
            assert!(ends_sentence(line), "{line}");
        }
        for line in ["Read more", "Ferry:", "Port Aldine, ", ""] {
            assert!(!ends_sentence(line), "{line}");
        }
    }
}
