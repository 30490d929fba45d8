//! Bytes → text.
//!
//! The byte order mark says it; else UTF-8 where the bytes are; else what the page declares; else
//! what chardetng takes it for. Text that is mostly control characters is no text.

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
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..).unwrap_or_default()),
        None => {
            if memchr::memchr(0, bytes).is_some() {
                return Err(not_text("it holds NUL bytes"));
            }
            (charset(bytes), bytes)
        }
    };
    let (text, broken) = match std::str::from_utf8(bytes) {
        Ok(text) if encoding == UTF_8 => (std::borrow::Cow::Borrowed(text), false),
        _ => encoding.decode_without_bom_handling(bytes),
    };
    let (mut seen, mut controls, mut lost) = (0_usize, 0_usize, 0_usize);
    for c in text.chars() {
        seen += 1;
        controls +=
            usize::from(c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{85}'));
        lost += usize::from(c == char::REPLACEMENT_CHARACTER);
    }
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
    Ok(Decoded { text: line_ends(&text), remark })
}

fn not_text(why: &str) -> Rejection {
    Rejection::new(Outcome::NotText, format!("this is no text page: {why}"))
}

fn charset(bytes: &[u8]) -> &'static Encoding {
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
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

/// The text with every line end a single `\n` and a space for each stray control character: none
/// is meant to be read, and terminals obey them.
fn line_ends(text: &str) -> String {
    let is_stray = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(is_stray) {
        return text.to_owned();
    }
    let text = text.replace("\r\n", "\n");
    let plain = |c| match c {
        '\r' | '\u{85}' => '\n',
        c if is_stray(c) => ' ',
        c => c,
    };
    text.chars().map(plain).collect()
}

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
