//! HTML bytes → tags and texts, in one pass and without a tree.
//!
//! Follows the tokenizer of the HTML standard (§13.2.5) closely enough that scripts, styles and
//! comments end where a browser ends them; it decodes nothing and keeps no stack.

use memchr::{memchr, memchr2, memmem};

/// One piece of a page, as slices of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token<'a> {
    /// Text between tags, entities undecoded.
    Text(&'a str),
    /// A start tag.
    Open(Tag<'a>),
    /// An end tag's name, as written.
    Close(&'a str),
    /// The inside of an element that holds no markup (`script`, `style`, `title` …), with its
    /// start tag; its end tag is swallowed.
    Raw(Tag<'a>, &'a str),
    /// `<!doctype …>`.
    Doctype(&'a str),
}

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'a> {
    /// As written; compare without case.
    pub(super) name: &'a str,
    attrs: &'a str,
}

impl<'a> Tag<'a> {
    /// Whether the tag has this (lower-case) name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether it closes itself (`<svg/>`).
    pub(super) fn is_self_closing(&self) -> bool {
        self.attrs.ends_with('/')
    }

    /// Name and undecoded value of each attribute.
    pub(super) fn attrs(&self) -> Attrs<'a> {
        Attrs { rest: self.attrs }
    }

    /// The decoded value of an attribute.
    pub(super) fn attr(&self, name: &str) -> Option<String> {
        let (_, value) = self.attrs().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(html_escape::decode_html_entities(value).into_owned())
    }
}

/// Iterates over the attributes of a start tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attrs<'a> {
    rest: &'a str,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}

/// One attribute from `at`: (name, value, where it ends), or where the tag ends.
enum Step {
    Attr { name: (usize, usize), value: (usize, usize), end: usize },
    TagEnd(usize),
    Eof,
}

fn step(bytes: &[u8], mut at: usize) -> Step {
    while at < bytes.len() && (is_space(bytes[at]) || bytes[at] == b'/') {
        at += 1;
    }
    match bytes.get(at) {
        None => return Step::Eof,
        Some(b'>') => return Step::TagEnd(at),
        Some(_) => {}
    }
    let start = at;
    at += 1; // a leading `=` belongs to the name
    while at < bytes.len() && !is_space(bytes[at]) && !matches!(bytes[at], b'/' | b'>' | b'=') {
        at += 1;
    }
    let name = (start, at);
    let mut look = at;
    while look < bytes.len() && is_space(bytes[look]) {
        look += 1;
    }
    if bytes.get(look) != Some(&b'=') {
        return Step::Attr { name, value: (at, at), end: at };
    }
    look += 1;
    while look < bytes.len() && is_space(bytes[look]) {
        look += 1;
    }
    match bytes.get(look) {
        None => Step::Eof,
        Some(&quote @ (b'"' | b'\'')) => match memchr(quote, &bytes[look + 1..]) {
            Some(len) => {
                Step::Attr { name, value: (look + 1, look + 1 + len), end: look + len + 2 }
            }
            None => Step::Eof,
        },
        Some(_) => {
            let start = look;
            while look < bytes.len() && !is_space(bytes[look]) && bytes[look] != b'>' {
                look += 1;
            }
            Step::Attr { name, value: (start, look), end: look }
        }
    }
}

impl<'a> Iterator for Attrs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        match step(self.rest.as_bytes(), 0) {
            Step::Attr { name, value, end } => {
                let found = (&self.rest[name.0..name.1], &self.rest[value.0..value.1]);
                self.rest = &self.rest[end..];
                Some(found)
            }
            Step::TagEnd(_) | Step::Eof => None,
        }
    }
}

/// Walks over a page.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    page: &'a str,
    at: usize,
    /// Bit i: no end tag of `RAW[i]` stands in the rest of the page. Without it a page of
    /// unclosed `<title>`s would be searched to its end once for each.
    unclosed: u16,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(page: &'a str) -> Self {
        Tokens { page, at: 0, unclosed: 0 }
    }

    /// Where in the page the next token begins.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Goes on at a later byte, which must begin a token.
    pub(super) fn skip_to(&mut self, at: usize) {
        debug_assert!(at >= self.at);
        self.at = at.min(self.page.len());
    }

    /// The end of the start or end tag whose attributes begin at `at`: the index of its `>`.
    fn tag_end(&self, mut at: usize) -> Option<usize> {
        let bytes = self.page.as_bytes();
        loop {
            match step(bytes, at) {
                Step::Attr { end, .. } => at = end,
                Step::TagEnd(end) => return Some(end),
                Step::Eof => return None,
            }
        }
    }

    /// Skips a comment or other `<!…` whose `<` is at `self.at`; yields a doctype.
    fn declaration(&mut self) -> Option<&'a str> {
        let rest = &self.page[self.at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            let bytes = comment.as_bytes();
            let end = if comment.starts_with('>') {
                1
            } else if comment.starts_with("->") {
                2
            } else {
                let mut from = 0;
                loop {
                    match memmem::find(&bytes[from..], b"--") {
                        None => break bytes.len(),
                        Some(i) if bytes.get(from + i + 2) == Some(&b'>') => break from + i + 3,
                        Some(i) if bytes[from + i + 2..].starts_with(b"!>") => break from + i + 4,
                        Some(i) => from += i + 1,
                    }
                }
            };
            self.at += 4 + end;
            return None;
        }
        let end = memchr(b'>', rest.as_bytes()).map_or(rest.len(), |i| i + 1);
        self.at += end;
        let declaration = &rest[..end];
        let is_doctype = declaration.get(2..9).is_some_and(|w| w.eq_ignore_ascii_case("doctype"));
        is_doctype.then_some(declaration)
    }

    /// Where the raw text from `at` ends and where the page goes on behind its end tag.
    fn raw_end(&self, at: usize, name: &str) -> Option<(usize, usize)> {
        let bytes = self.page.as_bytes();
        let mut from = at;
        // Inside `<!-- <script>` the next `</script>` only leaves the inner script.
        let (mut comment, mut escaped) = (false, false);
        while let Some(i) = memchr2(b'<', b'>', &bytes[from..]) {
            let here = from + i;
            from = here + 1;
            let after = &bytes[from..];
            if bytes[here] == b'>' {
                comment &= !bytes[at..here].ends_with(b"--");
                continue;
            }
            let named = |after: &[u8]| {
                after.len() > name.len()
                    && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
                    && (is_space(after[name.len()]) || matches!(after[name.len()], b'/' | b'>'))
            };
            if after.first() == Some(&b'/') && named(&after[1..]) {
                if !(comment && escaped) {
                    let end = memchr(b'>', after).map_or(bytes.len(), |e| here + 2 + e);
                    return Some((here, end));
                }
                escaped = false;
            } else if name == "script" {
                comment |= after.starts_with(b"!--");
                escaped |= comment && named(after);
            }
        }
        None
    }
}

/// Elements whose inside is no markup; the flag says whether an unclosed one swallows the rest
/// of the page, as it does in a browser.
const RAW: &[(&str, bool)] = &[
    ("script", true),
    ("style", true),
    ("title", false),
    ("textarea", false),
    ("noscript", false),
    ("iframe", false),
    ("noembed", false),
    ("noframes", false),
    ("xmp", false),
];

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.page.as_bytes();
        loop {
            if self.at >= bytes.len() {
                return None;
            }
            if bytes[self.at] != b'<' {
                let end = memchr(b'<', &bytes[self.at..]).map_or(bytes.len(), |i| self.at + i);
                let text = &self.page[self.at..end];
                self.at = end;
                return Some(Token::Text(text));
            }
            match bytes.get(self.at + 1) {
                Some(b'!' | b'?') => {
                    if let Some(doctype) = self.declaration() {
                        return Some(Token::Doctype(doctype));
                    }
                }
                Some(b'/') => {
                    let start = self.at + 2;
                    if !bytes.get(start).is_some_and(u8::is_ascii_alphabetic) {
                        // `</3` is a bogus comment, `</>` nothing.
                        self.at =
                            memchr(b'>', &bytes[start..]).map_or(bytes.len(), |i| start + i + 1);
                        continue;
                    }
                    let end = name_end(bytes, start);
                    let name = &self.page[start..end];
                    self.at = self.tag_end(end).map_or(bytes.len(), |i| i + 1);
                    return Some(Token::Close(name));
                }
                Some(first) if first.is_ascii_alphabetic() => {
                    let end = name_end(bytes, self.at + 1);
                    let Some(close) = self.tag_end(end) else {
                        self.at = bytes.len();
                        return None;
                    };
                    let tag =
                        Tag { name: &self.page[self.at + 1..end], attrs: &self.page[end..close] };
                    self.at = close + 1;
                    for (i, &(name, swallows)) in RAW.iter().enumerate() {
                        if tag.is(name) && self.unclosed & 1 << i == 0 {
                            let found = self.raw_end(self.at, name);
                            if let Some((end, next)) = found {
                                let inside = &self.page[self.at..end];
                                self.at = next;
                                return Some(Token::Raw(tag, inside));
                            }
                            self.unclosed |= 1 << i;
                            if swallows {
                                self.at = bytes.len();
                                return None;
                            }
                        }
                    }
                    return Some(Token::Open(tag));
                }
                _ => {
                    // A lone `<` is text.
                    let from = self.at + 1;
                    let end = memchr(b'<', &bytes[from..]).map_or(bytes.len(), |i| from + i);
                    let text = &self.page[self.at..end];
                    self.at = end;
                    return Some(Token::Text(text));
                }
            }
        }
    }
}

fn name_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() && !is_space(bytes[at]) && !matches!(bytes[at], b'/' | b'>') {
        at += 1;
    }
    at
}

/// How far the end of an `<svg>` is searched for.
const MAX_SVG: usize = 1 << 18;

/// Where an `<svg>` opened before `from` ends, nested ones included: behind its `</svg>`.
pub(super) fn svg_end(page: &str, from: usize) -> Option<usize> {
    let bytes = &page.as_bytes()[..page.len().min(from + MAX_SVG)];
    let (mut at, mut depth) = (from, 1);
    while let Some(i) = memchr(b'<', &bytes[at..]) {
        let here = at + i;
        let after = &bytes[here + 1..];
        if after.get(..4).is_some_and(|w| w.eq_ignore_ascii_case(b"/svg")) {
            depth -= 1;
            if depth == 0 {
                return Some(memchr(b'>', after).map_or(bytes.len(), |e| here + 2 + e));
            }
        } else if after.get(..3).is_some_and(|w| w.eq_ignore_ascii_case(b"svg")) {
            depth += 1;
        }
        at = here + 1;
    }
    None
}
