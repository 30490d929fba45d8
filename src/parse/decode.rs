//! Bytes → text.
//!
//! The byte order mark says it; else UTF-8 where the bytes are; else what the page declares; else
//! what chardetng takes it for. Text that is mostly control characters is no text.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

use crate::item::{Outcome, Rejection, Remark};

/// A page's text, and what was noticed while reading it.
pub(super) struct Decoded {
    /// The text, every line end a single `\n`.
    pub(super) text: String,
    /// Said where characters were lost.
    pub(super) remark: Option<Remark>,
}

/// How many bytes are looked at for a declared charset; browsers look at 1,024, crawlers put
/// banners before.
const DECLARATION: usize = 4096;

/// How many bytes the guess of an undeclared charset is made from.
const GUESS: usize = 64 * 1024;

/// Reads `bytes` as text, or says why that can't be done.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Rejection> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Rejection::new(Outcome::Empty, "the page is empty: there is no text in it"));
    }
    let (text, encoding, broken) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => {
            let bytes = bytes.get(length..).unwrap_or_default();
            let (text, broken) = encoding.decode_without_bom_handling(bytes);
            (text, encoding, broken)
        }
        None => {
            if memchr::memchr(0, bytes).is_some() {
                return Err(not_text("it holds NUL bytes"));
            }
            match std::str::from_utf8(bytes) {
                Ok(text) => (Cow::Borrowed(text), UTF_8, false),
                Err(_) => {
                    let encoding = charset(bytes);
                    let (text, broken) = encoding.decode_without_bom_handling(bytes);
                    (text, encoding, broken)
                }
            }
        }
    };
    let Counts { seen, controls, lost } = count(text.as_bytes());
    if text.trim().is_empty() {
        return Err(Rejection::new(Outcome::Empty, "the page is empty: there is no text in it"));
    }
    if controls * 100 > seen {
        return Err(not_text("more than one character in a hundred is a control character"));
    }
    if lost * 20 > seen {
        return Err(not_text("more than one character in twenty can't be read in any charset"));
    }
    let remark = (broken && lost > 0).then(|| {
        Remark::page(
            "charset-broken",
            format!(
                "{lost} characters can't be read as {}; they show as \u{fffd}",
                encoding.name()
            ),
        )
    });
    Ok(Decoded { text: line_ends(text, controls), remark })
}

fn not_text(why: &str) -> Rejection {
    Rejection::new(Outcome::NotText, format!("this is no text page: {why}"))
}

fn charset(bytes: &[u8]) -> &'static Encoding {
    let head = bytes.get(..DECLARATION).unwrap_or(bytes);
    if let Some(declared) = declared(head)
        && declared != UTF_8
    {
        return declared;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes.get(..GUESS).unwrap_or(bytes), bytes.len() <= GUESS);
    let guess = detector.guess(None, Utf8Detection::Allow);
    // A page that says UTF-8 and has a few bad bytes is UTF-8 with a few bad bytes.
    let mostly_utf8 = || {
        let bad: usize =
            bytes.utf8_chunks().map(|chunk| usize::from(!chunk.invalid().is_empty())).sum();
        let high = bytes.iter().filter(|byte| !byte.is_ascii()).count();
        bad * 10 < high
    };
    if mostly_utf8() { UTF_8 } else { guess }
}

/// The charset a page names in its first bytes: `<meta charset=…>`, `http-equiv`, `<?xml …?>`.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.to_ascii_lowercase();
    ["charset", "encoding"].iter().find_map(|word| {
        memchr::memmem::find_iter(&head, word.as_bytes()).find_map(|at| {
            let rest = head.get(at + word.len()..)?;
            let rest = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
            let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
            let end = rest
                .iter()
                .position(|&b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':')))
                .unwrap_or(rest.len());
            Encoding::for_label(rest.get(..end)?)
        })
    })
}

/// Characters of a text, and the kinds that say it is none.
struct Counts {
    seen: usize,
    /// Control characters other than white space.
    controls: usize,
    /// Replacement characters.
    lost: usize,
}

/// Counts in UTF-8, which says all of it in bytes.
fn count(text: &[u8]) -> Counts {
    let control =
        |byte: u8| (byte < 0x20) & !matches!(byte, b'\n' | b'\r' | b'\t' | 0xc) | (byte == 0x7f);
    // Counted by few enough for one byte to hold the count, sixteen are looked at together.
    let (mut seen, mut single) = (0, 0);
    for bytes in text.chunks(255) {
        seen += usize::from(bytes.iter().map(|byte| u8::from(byte & 0xc0 != 0x80)).sum::<u8>());
        single += usize::from(bytes.iter().map(|&byte| u8::from(control(byte))).sum::<u8>());
    }
    // U+0080 to U+009F, less the line end U+0085.
    let double = memchr::memchr_iter(0xc2, text).filter(|at| {
        text.get(at + 1).is_some_and(|byte| (0x80..0xa0).contains(byte) && *byte != 0x85)
    });
    let lost = memchr::memmem::find_iter(text, "\u{fffd}".as_bytes()).count();
    Counts { seen, controls: single + double.count(), lost }
}

/// Where a word may break, or nothing at all: no part of a text.
fn is_nothing(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// The text with every line end a single `\n` and a space for each stray control character: none
/// is meant to be read, and terminals obey them. What has no width is left out. `controls` is how
/// many [`count`] found.
fn line_ends(text: Cow<'_, str>, controls: usize) -> String {
    let bytes = text.as_bytes();
    if controls == 0
        && memchr::memchr2(b'\r', 0xc, bytes).is_none()
        && ["\u{85}", "\u{ad}", "\u{200b}", "\u{2060}", "\u{feff}"]
            .iter()
            .all(|sign| memchr::memmem::find(bytes, sign.as_bytes()).is_none())
    {
        return text.into_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let (mut from, mut next) = (0, 0);
    // What needs no change is taken over in runs: it is told from the first byte of a character.
    while let Some(step) = bytes[next..].iter().position(|&byte| MAY_CHANGE[usize::from(byte)]) {
        let at = next + step;
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
        next = at + c.len_utf8();
        let instead = match c {
            '\r' if bytes.get(next) == Some(&b'\n') => "",
            '\r' | '\u{85}' => "\n",
            c if is_nothing(c) => "",
            c if c.is_control() => " ",
            _ => continue,
        };
        plain.push_str(&text[from..at]);
        plain.push_str(instead);
        from = next;
    }
    plain.push_str(&text[from..]);
    plain
}

/// The first bytes of the characters that [`line_ends`] changes, and of others.
const MAY_CHANGE: [bool; 256] = {
    let mut may = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        may[byte] = byte < 0x20 && byte != b'\n' as usize && byte != b'\t' as usize
            || matches!(byte, 0x7f | 0xc2 | 0xe2 | 0xef);
        byte += 1;
    }
    may
};

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes).map_err(|r| r.reason).unwrap().text
    }

    fn outcome(bytes: &[u8]) -> Outcome {
        decode(bytes).err().unwrap().outcome
    }

    #[test]
    fn utf8_with_and_without_mark() {
        assert_eq!(text("Zürich\r\nÜber".as_bytes()), "Zürich\nÜber");
        assert_eq!(text(b"\xef\xbb\xbfone\rtwo"), "one\ntwo");
        assert_eq!(text("Ma\u{ad}ri\u{200b}sol".as_bytes()), "Marisol");
        assert_eq!(text("\u{feff}a\r\r\nb\u{85}c “é”\u{2060}\r".as_bytes()), "a\n\nb\nc “é”\n");
    }

    #[test]
    fn utf16_by_its_mark() {
        let bytes: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("Tidings".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(text(&bytes), "Tidings");
    }

    #[test]
    fn declared_charsets() {
        assert_eq!(
            text(b"<meta charset='windows-1251'><p>\xcf\xf0\xe8\xe2\xe5\xf2"),
            "<meta charset='windows-1251'><p>Привет"
        );
        assert!(text(b"<?xml version='1.0' encoding=\"iso-8859-1\"?><p>caf\xe9").ends_with("café"));
        assert!(
            text(b"<meta content=\"text/html; charset=shift_jis\">\x91\xac\x95\xf1")
                .ends_with("速報")
        );
    }

    #[test]
    fn undeclared_charsets_are_guessed() {
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(
            "Правительство Остляндии сообщило о новом соглашении с соседями, которое вступит в силу весной",
        );
        assert!(text(&bytes).starts_with("Правительство"));
    }

    #[test]
    fn a_few_bad_bytes_are_a_remark() {
        let mut bytes =
            "Überraschung für Österreich: größere Übung am Fluß. ".repeat(20).into_bytes();
        bytes.push(0xff);
        let decoded = decode(&bytes).map_err(|r| r.reason).unwrap();
        assert!(decoded.text.starts_with("Überraschung"));
        assert_eq!(decoded.remark.unwrap().code, "charset-broken");
    }

    #[test]
    fn what_is_no_text_is_rejected() {
        assert_eq!(outcome(b""), Outcome::Empty);
        assert_eq!(outcome(b" \r\n\t"), Outcome::Empty);
        assert_eq!(outcome("\u{a0}\n".as_bytes()), Outcome::Empty);
        assert_eq!(outcome(b"text\0text"), Outcome::NotText);
        assert_eq!(outcome(b"\x01\x02\x03 abc"), Outcome::NotText);
    }
}
