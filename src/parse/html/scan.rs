//! The first pass over an HTML page: what its head says, how big its tree would get, and a lean
//! copy (no scripts, styles, drawings, comments, or attributes nobody reads) that parses several
//! times faster than the page.

use memchr::memrchr;

use super::tokens::{Tag, Token, Tokens, svg_end};

/// How deep the tree of a page may get. Of 671 saved pages none goes deeper than 47; the standard's
/// tree construction looks up the open elements for every tag, so depth is what it costs.
const MAX_DEPTH: usize = 256;

/// How many nodes a page's tree may have. Of 1,879 saved pages none has more than 28,000; 3,000
/// paragraphs or updates, each in several elements, stay below.
pub(super) const MAX_NODES: usize = 1 << 16;

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
    /// The address that a program which saved the page wrote into it.
    pub(super) saved_from: Option<String>,
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

/// Bytes of text below which a page shows next to nothing.
const LITTLE: usize = 200;

/// Frames within frames that are looked into.
const FRAMES: u8 = 2;

/// Bytes of a page's beginning in which the program that saved it says where from.
const BANNER: usize = 4096;

/// Scans a page. One that shows next to nothing is read with what it holds for readers without
/// scripts, and with the templates that its scripts would fill in.
pub(super) fn scan(page: &str) -> Scan {
    let read = |withheld: bool| {
        let mut reader = Reader {
            scan: Scan { lean: String::with_capacity(page.len() / 2), ..Scan::default() },
            withheld,
            ..Reader::default()
        };
        reader.read(page, 0);
        reader
    };
    let mut reader = read(false);
    if reader.text < LITTLE && reader.left_out > reader.text + LITTLE {
        reader = read(true);
    }
    let mut scan = reader.scan;
    let tail = memrchr(b'<', page.as_bytes()).map_or("", |at| &page[at + 1..]);
    scan.cut = !tail.contains('>')
        && tail.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
    scan.saved_from = saved_from(page);
    scan
}

/// The address in the comment of the program that saved the page: SingleFile's, a browser's
/// ("saved from url=(0031)https://…"), HTTrack's ("Mirrored from … by").
fn saved_from(page: &str) -> Option<String> {
    let mut end = page.len().min(BANNER);
    while !page.is_char_boundary(end) {
        end -= 1;
    }
    let head = &page[..end];
    let behind = |sign: &str| head.find(sign).map(|at| &head[at + sign.len()..]);
    let word = |text: &str| text.split_whitespace().next().map(str::to_owned);
    let single_file =
        || behind("saved with SingleFile").and_then(|rest| word(rest.split_once("url:")?.1));
    let browser = || behind("saved from url=(").and_then(|rest| word(rest.split_once(')')?.1));
    let mirror = || {
        let rest = behind("Mirrored from ")?;
        let address = word(rest).filter(|_| rest.contains(" by HTTrack"))?;
        Some(if address.contains("://") { address } else { format!("http://{address}") })
    };
    single_file().or_else(browser).or_else(mirror)
}

/// Reads a page, and the frames that it holds whole, into a [`Scan`].
#[derive(Debug, Default)]
struct Reader {
    scan: Scan,
    depth: usize,
    nodes: usize,
    /// Bytes of text that the page shows.
    text: usize,
    /// Bytes of text in templates and `<noscript>`.
    left_out: usize,
    /// These are read, too.
    withheld: bool,
    /// The open `<template>`s: whether each is read as what it holds.
    templates: Vec<bool>,
}

impl Reader {
    fn read(&mut self, page: &str, frame: u8) {
        // A page of unclosed drawings would be searched once for each.
        let mut unclosed_svg = 0;
        let mut tokens = Tokens::new(page);
        while let Some(token) = tokens.next() {
            match token {
                Token::Text(t) => {
                    self.nodes += 1;
                    match self.templates.contains(&false) {
                        true => self.left_out += t.trim().len(),
                        false => self.text += t.trim().len(),
                    }
                    self.scan.lean.push_str(t);
                }
                Token::Doctype(d) => self.scan.lean.push_str(d),
                Token::Close(name) => {
                    self.scan.ended |= frame == 0 && any(&["body", "html"], name);
                    if !any(IMPLIED, name) {
                        self.depth = self.depth.saturating_sub(1);
                    }
                    let name = match name.eq_ignore_ascii_case("template") {
                        true if self.templates.pop() == Some(true) => "div",
                        _ if frame > 0 && any(PAGE, name) => continue,
                        _ => name,
                    };
                    self.scan.lean.push_str("</");
                    self.scan.lean.push_str(name);
                    self.scan.lean.push('>');
                }
                Token::Raw(tag, inside) => self.raw(tag, inside, frame),
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
                    self.open(tag, frame);
                }
            }
            let scan = &mut self.scan;
            if self.depth > MAX_DEPTH {
                scan.over.get_or_insert(Cap::Depth);
            } else if self.nodes > MAX_NODES {
                scan.over.get_or_insert(Cap::Nodes);
            } else if self.text > MAX_TEXT {
                scan.over.get_or_insert(Cap::Text);
            }
        }
    }

    fn open(&mut self, tag: Tag<'_>, frame: u8) {
        self.nodes += 1;
        let scan = &mut self.scan;
        if tag.is("meta") {
            scan.meta(tag);
        } else if tag.is("link") {
            return scan.link(tag);
        } else if any(PAGE, tag.name) {
            if frame > 0 {
                return;
            }
            scan.lang = scan.lang.take().or_else(|| tag.attr("lang"));
        } else if !any(VOID, tag.name) && !any(IMPLIED, tag.name) {
            self.depth += 1;
        }
        if tag.is("template") && self.templates.len() <= MAX_DEPTH {
            // What hangs on its element as a shadow is part of what the page shows.
            let shadow = tag.attrs().any(|(name, _)| any(&["shadowrootmode", "shadowroot"], name));
            self.templates.push(shadow || self.withheld);
            if shadow || self.withheld {
                return self.scan.lean.push_str("<div>");
            }
        }
        self.scan.copy(tag);
        self.frame(tag, frame);
    }

    fn raw(&mut self, tag: Tag<'_>, inside: &str, frame: u8) {
        if tag.is("noscript") {
            match self.withheld {
                true => self.read(inside, frame.saturating_add(1)),
                false => self.left_out += inside.len() / 2,
            }
        } else {
            self.scan.raw(tag, inside);
            self.frame(tag, frame);
        }
    }

    /// A frame that holds its page by itself is read in its place.
    fn frame(&mut self, tag: Tag<'_>, frame: u8) {
        if !tag.is("iframe") || frame >= FRAMES {
            return;
        }
        if let Some(page) = tag.attr("srcdoc").filter(|page| page.len() > LITTLE) {
            self.scan.lean.push_str("<div>");
            self.read(&page, frame + 1);
            self.scan.lean.push_str("</div>");
        }
    }
}

/// Elements that are the page itself.
const PAGE: &[&str] = &["html", "head", "body"];

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
