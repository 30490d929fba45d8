//! A mail as it lies on disk: its head's encoded words (RFC 2047), its parts (RFC 2046), their
//! transfer encodings (RFC 2045) undone. What comes of it is read as a text page.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

/// Lines of a mail's head at most.
const HEAD: usize = 400;

/// Parts within parts that are looked into.
const DEPTH: u8 = 4;

/// The text of a mail: the lines of its head that say something of the story, and the part that is
/// plain text, else that of the HTML part, as `render` shows it. Nothing where the page is no mail
/// in this form.
pub(super) fn text(page: &str, render: &dyn Fn(&str) -> String) -> Option<String> {
    let (head, body) = head(page)?;
    let encoded = |(_, value): &(String, String)| value.contains("=?") && value.contains("?=");
    let formed = ["mime-version", "content-type", "content-transfer-encoding"];
    let is_mail = head.iter().any(|(name, _)| matches!(name.as_str(), "from" | "subject"))
        && head.iter().any(|field| formed.contains(&field.0.as_str()) || encoded(field));
    if !is_mail {
        return None;
    }
    let mut text = String::with_capacity(page.len());
    for (name, value) in &head {
        let label = match name.as_str() {
            "from" => "From",
            "subject" => "Subject",
            "date" => "Date",
            _ => continue,
        };
        text.push_str(&format!("{label}: {}\n", words(value)));
    }
    text.push('\n');
    match part(&head, body, 0) {
        Some(Part { html: true, text: html }) => text.push_str(&render(&html)),
        Some(part) => text.push_str(&part.text),
        None => text.push_str(body),
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Some(text)
}

/// A part that can be read.
struct Part {
    html: bool,
    text: String,
}

type Head = Vec<(String, String)>;

/// The fields before the first blank line, and what follows it.
fn head(page: &str) -> Option<(Head, &str)> {
    let mut fields: Head = Vec::new();
    let mut rest = page.trim_start_matches('\n');
    // An mbox has a line of its own over each mail.
    if rest.starts_with("From ") {
        rest = rest.split_once('\n')?.1;
    }
    for _ in 0..HEAD {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        if line.trim().is_empty() {
            return (!fields.is_empty()).then_some((fields, after));
        }
        if line.starts_with([' ', '\t']) {
            let (_, value) = fields.last_mut()?;
            value.push(' ');
            value.push_str(line.trim());
        } else {
            let (name, value) = line.split_once(':')?;
            let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
            if name.is_empty() || !name.bytes().all(is_name) {
                return None;
            }
            fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        if after.is_empty() {
            return None;
        }
        rest = after;
    }
    None
}

fn field<'h>(head: &'h Head, name: &str) -> &'h str {
    head.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
}

/// A parameter of a field: the `b1` of `multipart/alternative; boundary="b1"`.
fn parameter<'v>(value: &'v str, name: &str) -> Option<&'v str> {
    value.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

/// The part of a body that is plain text, else the one that is HTML.
fn part(head: &Head, body: &str, depth: u8) -> Option<Part> {
    let kind = field(head, "content-type");
    let media = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media.starts_with("multipart/") {
        let boundary = parameter(kind, "boundary").filter(|_| depth < DEPTH)?;
        let mut html = None;
        for inner in divided(body, boundary) {
            let (head, body) = match inner.strip_prefix('\n') {
                Some(body) => (Head::new(), body),
                None => self::head(inner)?,
            };
            match part(&head, body, depth + 1) {
                Some(part) if part.html => html = html.or(Some(part)),
                Some(part) if !part.text.trim().is_empty() => return Some(part),
                _ => {}
            }
        }
        return html;
    }
    let html = media == "text/html" || media == "application/xhtml+xml";
    if !(html || media.is_empty() || media == "text/plain") {
        return None;
    }
    let attached =
        field(head, "content-disposition").to_ascii_lowercase().starts_with("attachment");
    let charset = parameter(kind, "charset").and_then(|c| Encoding::for_label(c.as_bytes()));
    let encoding = field(head, "content-transfer-encoding").to_ascii_lowercase();
    let text = match encoding.trim() {
        "quoted-printable" => decoded(&unquoted(body, false), charset).into_owned(),
        "base64" => decoded(&unpacked(body)?, charset).into_owned(),
        _ => body.to_owned(),
    };
    let flowed = parameter(kind, "format").is_some_and(|f| f.eq_ignore_ascii_case("flowed"));
    let text = text.replace("\r\n", "\n");
    let text = if flowed { text.replace(" \n", " ") } else { text };
    (!attached).then_some(Part { html, text })
}

/// What stands between the lines of a boundary.
fn divided<'b>(body: &'b str, boundary: &str) -> Vec<&'b str> {
    let (mut parts, mut from, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive('\n') {
        let here = at;
        at += line.len();
        let Some(rest) = line.strip_prefix("--").and_then(|l| l.strip_prefix(boundary)) else {
            continue;
        };
        let ends = rest.trim_end() == "--";
        if !ends && !rest.trim_end().is_empty() {
            continue;
        }
        parts.extend(from.and_then(|from| body.get(from..here)));
        from = (!ends).then_some(at);
        if ends {
            break;
        }
    }
    // A mail that breaks off has no last boundary.
    parts.extend(from.and_then(|from| body.get(from..)));
    parts
}

fn decoded<'b>(bytes: &'b [u8], charset: Option<&'static Encoding>) -> Cow<'b, str> {
    charset.unwrap_or(UTF_8).decode_without_bom_handling(bytes).0
}

/// Quoted-printable undone; in a head `_` is a space.
fn unquoted(text: &str, head: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let hex = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match byte {
            b'=' if after.first() == Some(&b'\n') => rest = &after[1..],
            b'=' => match (hex(0), hex(1)) {
                (Some(high), Some(low)) => {
                    bytes.push((high * 16 + low) as u8);
                    rest = &after[2..];
                }
                _ => bytes.push(byte),
            },
            b'_' if head => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    bytes
}

fn unpacked(text: &str) -> Option<Vec<u8>> {
    let packed: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    data_encoding::BASE64.decode(&packed).ok()
}

/// A field's value with its encoded words read: `=?utf-8?Q?F=C3=A4hre?=`.
fn words(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut between = false;
    while let Some(at) = rest.find("=?") {
        let (before, word) = rest.split_at(at);
        let read = word.get(2..).and_then(|inner| {
            let mut pieces = inner.splitn(3, '?');
            let (charset, how, tail) = (pieces.next()?, pieces.next()?, pieces.next()?);
            let (text, after) = tail.split_once("?=")?;
            let bytes = match how {
                "Q" | "q" => unquoted(text, true),
                "B" | "b" => unpacked(text)?,
                _ => return None,
            };
            let charset = charset.split('*').next().unwrap_or(charset);
            Some((decoded(&bytes, Encoding::for_label(charset.as_bytes())).into_owned(), after))
        });
        // White space between two encoded words is none of theirs.
        if !(between && before.trim().is_empty()) {
            out.push_str(before);
        }
        match read {
            Some((text, after)) => {
                out.push_str(&text);
                (rest, between) = (after, true);
            }
            None => {
                out.push_str("=?");
                (rest, between) = (&word[2..], false);
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(page: &str) -> Option<String> {
        text(page, &|html| format!("[{html}]"))
    }

    #[test]
    fn the_plain_part_is_read() {
        let page = "From: Orla Venn <orla@herald.example>\nSubject: =?utf-8?Q?F=C3=A4hre?=\n =?utf-8?B?IGxlZ3QgYW4=?=\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=\"b\"\n\n--b\nContent-Type: text/html\n\n<p>x\n--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nDie F=E4hre hat ange=\nlegt.\n--b--\n";
        assert_eq!(
            read(page).as_deref(),
            Some(
                "From: Orla Venn <orla@herald.example>\nSubject: Fähre legt an\n\nDie Fähre hat angelegt.\n"
            )
        );
    }

    #[test]
    fn html_alone_is_shown_and_base64_unpacked() {
        let page = "Subject: a\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPHA+RsOk\naHJl\n";
        assert_eq!(read(page).as_deref(), Some("Subject: a\n\n[<p>Fähre]\n"));
    }

    #[test]
    fn other_pages_are_no_mails() {
        assert_eq!(read("Subject: Ferry docks\nDate: today\n\nThe ferry has docked."), None);
        assert_eq!(read("The ferry has docked: all safe\n\nText"), None);
        assert_eq!(read(""), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_may_be_a_mail(body in "(\\PC|[=?_\\n-]|--b\n){0,200}") {
            for how in ["quoted-printable", "base64", "7bit"] {
                read(&format!("Subject: {}\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: {how}\n\n{body}", body.replace('\n', " ")));
            }
        }
    }
}
