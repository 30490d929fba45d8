//! The first pass over an HTML page: what its head says, how big its tree would get, and a lean
//! copy (no scripts, styles, drawings, comments, or attributes nobody reads) that parses several
//! times faster than the page.

use memchr::memrchr;

use super::tokens::{Tag, Token, Tokens, svg_end};

/// How deep the tree of a page may get. Of 671 saved pages none goes deeper than 47; the standard's
/// tree construction looks up the open elements for every tag, so depth is what it costs.
const MAX_DEPTH: usize = 256;

/// How many nodes a page's tree may have. Of 1,879 saved pages none has more than 28,000; a live blog
/// of 3,000 updates has some 60,000.
pub(super) const MAX_NODES: usize = 100_000;

/// How many bytes of text a page's tree may hold.
const MAX_TEXT: usize = 4 << 20;

/// What the first pass found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The page without what no reader sees.
    pub(super) lean: String,
    /// The inside of each `<script type="application/ld+json">`, or what stands for it.
    pub(super) json_ld: Vec<String>,
    /// `name`, `property`, `itemprop` or `http-equiv` (lower case) and content of each `<meta>`.
    pub(super) meta: Vec<(String, String)>,
    /// `<link rel=canonical>`.
    pub(super) canonical: Option<String>,
    /// `<title>`, the first one outside drawings.
    pub(super) title: Option<String>,
    /// `<html lang>`.
    pub(super) lang: Option<String>,
    /// `<html dir>` or `<body dir>`.
    pub(super) dir: Option<String>,
    /// Its `</body>` or `</html>` stands there.
    pub(super) ended: bool,
    /// It breaks off inside a tag.
    pub(super) cut: bool,
    /// Which cap the page broke, if any: its tree must not be built then.
    pub(super) over: Option<Cap>,
}

/// A cap that a page broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cap {
    /// [`MAX_DEPTH`].
    Depth,
    /// [`MAX_NODES`].
    Nodes,
    /// [`MAX_TEXT`].
    Text,
}

impl Cap {
    /// The cap in words.
    pub(super) fn words(self) -> String {
        match self {
            Cap::Depth => format!("its tags are nested deeper than {MAX_DEPTH}"),
            Cap::Nodes => format!("it has more than {MAX_NODES} tags and texts"),
            Cap::Text => format!("it holds more than {} MiB of text", MAX_TEXT >> 20),
        }
    }
}

/// Attributes that something here reads; the lean copy keeps no others.
const KEPT: &[&str] = &[
    "class",
    "id",
    "href",
    "role",
    "itemprop",
    "itemtype",
    "datetime",
    "content",
    "alt",
    "rel",
    "hidden",
    "aria-hidden",
    "aria-label",
    "style",
    "dir",
    "lang",
    "title",
    "src",
    "data-src",
    "property",
    "data-testid",
    "data-component",
    "data-type",
    "type",
];

/// Elements that hold nothing, so never deepen the tree.
const VOID: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input",
    "keygen", "link", "meta", "param", "source", "track", "wbr",
];

/// Elements whose end tag may be left out: the next one of their kind closes them.
const IMPLIED: &[&str] = &[
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "rp",
    "rt", "rb", "rtc", "colgroup", "html", "head", "body",
];

fn any(names: &[&str], name: &str) -> bool {
    names.iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// Scans a page.
pub(super) fn scan(page: &str) -> Scan {
    let mut scan = Scan { lean: String::with_capacity(page.len() / 2), ..Scan::default() };
    let (mut depth, mut nodes, mut text) = (0usize, 0usize, 0usize);
    // A page of unclosed drawings would be searched once for each.
    let mut unclosed_svg = 0;
    let mut tokens = Tokens::new(page);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(t) => {
                nodes += 1;
                text += t.len();
                scan.lean.push_str(t);
            }
            Token::Doctype(d) => scan.lean.push_str(d),
            Token::Close(name) => {
                scan.ended |= any(&["body", "html"], name);
                if !any(IMPLIED, name) {
                    depth = depth.saturating_sub(1);
                }
                scan.lean.push_str("</");
                scan.lean.push_str(name);
                scan.lean.push('>');
            }
            Token::Raw(tag, inside) => scan.raw(tag, inside),
            Token::Open(tag) => {
                if tag.is("svg") {
                    if !tag.is_self_closing() && unclosed_svg < 8 {
                        match svg_end(page, tokens.position()) {
                            Some(end) => tokens.skip_to(end),
                            None => unclosed_svg += 1,
                        }
                    }
                    continue;
                }
                nodes += 1;
                if tag.is("meta") {
                    scan.meta(tag);
                } else if tag.is("link") {
                    scan.link(tag);
                    continue;
                } else if tag.is("html") || tag.is("body") {
                    scan.lang = scan.lang.take().or_else(|| tag.attr("lang"));
                    scan.dir = scan.dir.take().or_else(|| tag.attr("dir"));
                } else if !any(VOID, tag.name) && !any(IMPLIED, tag.name) {
                    depth += 1;
                }
                scan.copy(tag);
            }
        }
        if depth > MAX_DEPTH {
            scan.over.get_or_insert(Cap::Depth);
        } else if nodes > MAX_NODES {
            scan.over.get_or_insert(Cap::Nodes);
        } else if text > MAX_TEXT {
            scan.over.get_or_insert(Cap::Text);
        }
    }
    let tail = memrchr(b'<', page.as_bytes()).map_or("", |at| &page[at + 1..]);
    scan.cut = !tail.contains('>')
        && tail.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
    scan
}

impl Scan {
    /// The content of the first `<meta>` with one of these (lower-case) names, in their order.
    pub(super) fn meta_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            self.meta.iter().find(|(n, _)| n == name).map(|(_, content)| content.as_str())
        })
    }

    /// The contents of every `<meta>` with this (lower-case) name.
    pub(super) fn meta_all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.meta.iter().filter(move |(n, _)| n == name).map(|(_, content)| content.as_str())
    }

    fn raw(&mut self, tag: Tag<'_>, inside: &str) {
        if tag.is("script") {
            let is_json = tag
                .attr("type")
                .is_some_and(|t| t.trim().to_ascii_lowercase().starts_with("application/ld+json"));
            if is_json {
                self.json_ld.push(inside.to_owned());
            }
        } else if tag.is("title") && self.title.is_none() {
            let title = super::ld::clean(inside);
            if !title.is_empty() {
                self.title = Some(title);
            }
        }
    }

    fn meta(&mut self, tag: Tag<'_>) {
        let Some(content) = tag.attr("content") else { return };
        let content = content.trim();
        if content.is_empty() {
            return;
        }
        // Pages drawn by a script framework may carry the inside of a script so.
        if tag.attr("name").is_some_and(|name| name.eq_ignore_ascii_case("script:ld+json")) {
            self.json_ld.push(content.to_owned());
            return;
        }
        for name in ["property", "name", "itemprop", "http-equiv"] {
            if let Some(name) = tag.attr(name) {
                for name in name.split_ascii_whitespace() {
                    self.meta.push((name.to_ascii_lowercase(), content.to_owned()));
                }
            }
        }
    }

    fn link(&mut self, tag: Tag<'_>) {
        if self.canonical.is_none()
            && tag.attr("rel").is_some_and(|rel| {
                rel.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case("canonical"))
            })
        {
            self.canonical = tag.attr("href").filter(|h| !h.trim().is_empty());
        }
    }

    fn copy(&mut self, tag: Tag<'_>) {
        self.lean.push('<');
        self.lean.push_str(tag.name);
        for (name, value) in tag.attrs() {
            if !any(KEPT, name) || value.len() > 2048 {
                continue;
            }
            self.lean.push(' ');
            self.lean.push_str(name);
            if !value.is_empty() {
                let quote = if value.contains('"') { '\'' } else { '"' };
                self.lean.push('=');
                self.lean.push(quote);
                if quote == '\'' && value.contains('\'') {
                    self.lean.push_str(&value.replace('\'', "&#39;"));
                } else {
                    self.lean.push_str(value);
                }
                self.lean.push(quote);
            }
        }
        if tag.is_self_closing() {
            self.lean.push_str(" /");
        }
        self.lean.push('>');
    }
}
