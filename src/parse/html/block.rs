//! The page's tree as a row of blocks: paragraphs, headings, list items, table rows and what
//! else stands on a line of its own, in reading order.

use crate::parse::lexicon::{NEW_WINDOW, fold};

use super::dom::{Attr, Dom, Name, push_folded};

/// What a block is by its markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Kind {
    /// Text in no element made for text.
    #[default]
    Loose,
    /// A paragraph.
    Paragraph,
    /// A heading, 1 to 6.
    Heading(u8),
    /// A list item, or text of one.
    Item,
    /// A table row, cells divided by tabs.
    Row,
    /// A picture's caption.
    Caption,
    /// Preformatted text.
    Pre,
}

/// One block.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The innermost element that is no inline element and holds the text.
    pub(super) node: u32,
    /// The first text node.
    pub(super) first: u32,
    /// What it is.
    pub(super) kind: Kind,
    /// Its text; a single `<br>` is a newline.
    pub(super) text: String,
    /// Characters in it.
    pub(super) chars: u32,
    /// Characters inside links.
    pub(super) link_chars: u32,
    /// Links in it.
    pub(super) links: u16,
    /// Characters in bold or italics.
    pub(super) strong_chars: u32,
    /// Characters on buttons.
    pub(super) button_chars: u32,
    /// No reader sees a part of it as the page opens.
    pub(super) hidden: bool,
    /// A part of it is seen as the page opens.
    pub(super) seen: bool,
}

/// Subtrees whose text nobody reads as text.
fn is_skipped(name: Name) -> bool {
    matches!(
        name,
        Name::Head
            | Name::Select
            | Name::Textarea
            | Name::Template
            | Name::Title
            | Name::Input
            | Name::Video
            | Name::Audio
            | Name::Iframe
            | Name::Object
    )
}

/// Whether the element is hidden by itself.
fn is_hidden(dom: &Dom, index: u32) -> bool {
    let node = dom.node(index);
    node.attr(Attr::Hidden).is_some()
        || node.attr(Attr::AriaHidden) == Some("true")
        || node.attr(Attr::Style).is_some_and(|style| {
            let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// Classes of what is there for those who hear the page alone.
const HEARD: [&str; 9] = [
    "visually-hidden",
    "visuallyhidden",
    "sr-only",
    "screen-reader-text",
    "screen-reader-only",
    "screenreader",
    "element-invisible",
    "assistive-text",
    "offscreen",
];

/// Whether the element is there for those who hear the page alone.
fn is_heard(dom: &Dom, index: u32) -> bool {
    let class = dom.node(index).attr(Attr::Class).unwrap_or_default();
    class.split_ascii_whitespace().any(|name| HEARD.contains(&name))
}

/// A table row that is data, not layout: two or more short cells without blocks of their own, or
/// paragraphs.
fn is_data_row(dom: &Dom, row: u32) -> bool {
    let (mut cells, mut paragraphs) = (0, 0);
    let mut length = 0;
    for index in dom.below(row) {
        let node = dom.node(index);
        match node.name {
            Name::Td | Name::Th => cells += 1,
            Name::P => paragraphs += 1,
            Name::Text => length += node.text.trim().len(),
            Name::Table
            | Name::Ul
            | Name::Ol
            | Name::Blockquote
            | Name::Figure
            | Name::Form
            | Name::Article
            | Name::Section
            | Name::H1
            | Name::H2
            | Name::H3 => return false,
            _ => {}
        }
    }
    cells >= 2 && paragraphs <= cells && length <= 1500 && length / cells <= 400
}

/// Bytes of the longest note on where a link opens.
const LONGEST_NOTE: usize = 80;

struct Writer<'d> {
    dom: &'d Dom,
    blocks: Vec<Block>,
    run: Block,
    /// `<br>`s since the last text.
    breaks: u8,
}

impl Writer<'_> {
    fn flush(&mut self, container: Open) {
        self.breaks = 0;
        let mut run = std::mem::take(&mut self.run);
        run.text.truncate(run.text.trim_end().len());
        if run.text.is_empty() {
            return;
        }
        run.chars = run.text.chars().count() as u32;
        run.node = container.node;
        // Only what stands in the `<p>` itself is a paragraph.
        let is_paragraph = self.dom.node(container.node).name == Name::P;
        run.kind = if is_paragraph { Kind::Paragraph } else { container.kind };
        self.blocks.push(run);
    }

    fn text(&mut self, index: u32, link: bool, strong: bool, button: bool, container: Open) {
        let text = &self.dom.node(index).text;
        // What a link says to those who hear the page is no part of its text.
        if link && text.len() <= LONGEST_NOTE && NEW_WINDOW.has(&fold(text)) {
            return;
        }
        if text.trim().is_empty() {
            if !self.run.text.is_empty() {
                push_folded(&mut self.run.text, text);
            }
            return;
        }
        if self.breaks >= 2 {
            self.flush(container);
        } else if self.breaks == 1 && !self.run.text.is_empty() {
            self.run.text.truncate(self.run.text.trim_end().len());
            self.run.text.push('\n');
        }
        self.breaks = 0;
        if self.run.text.is_empty() {
            self.run.first = index;
        }
        push_folded(&mut self.run.text, text);
        if link || strong || button {
            let words = text.split_whitespace();
            let chars = words.map(|w| w.chars().count() + 1).sum::<usize>() as u32;
            self.run.link_chars += if link { chars } else { 0 };
            self.run.strong_chars += if strong { chars } else { 0 };
            self.run.button_chars += if button { chars } else { 0 };
        }
    }
}

/// What text in an element is, if it stands in what an `outer` one makes of it.
fn inner_kind(name: Name, outer: Kind) -> Kind {
    match name {
        Name::H1 => Kind::Heading(1),
        Name::H2 => Kind::Heading(2),
        Name::H3 => Kind::Heading(3),
        Name::H4 => Kind::Heading(4),
        Name::H5 => Kind::Heading(5),
        Name::H6 => Kind::Heading(6),
        Name::Li | Name::Dd | Name::Dt => Kind::Item,
        Name::Figcaption | Name::Caption => Kind::Caption,
        Name::Tr => Kind::Row,
        Name::Pre => Kind::Pre,
        Name::Article | Name::Main | Name::Body | Name::Section => Kind::Loose,
        _ => outer,
    }
}

/// An open element that is no inline element.
#[derive(Clone, Copy)]
struct Open {
    end: u32,
    node: u32,
    /// What text in it is.
    kind: Kind,
}

/// The blocks of a page.
pub(super) fn blocks(dom: &Dom) -> Vec<Block> {
    let mut w = Writer { dom, blocks: Vec::new(), run: Block::default(), breaks: 0 };
    let root = Open { end: dom.nodes.len() as u32, node: 0, kind: Kind::Loose };
    let mut open: Vec<Open> = vec![root];
    let (mut link_end, mut strong_end, mut button_end, mut hidden_end) = (0, 0, 0, 0);
    let mut heard_end = 0;
    let (mut row_end, mut paragraph_end) = (0, 0);
    let mut index = 1;
    while index < dom.nodes.len() as u32 {
        while let Some(&last) = open.last()
            && index >= last.end
        {
            if index >= row_end || last.end > row_end {
                w.flush(last);
            }
            open.pop();
        }
        let container = open.last().copied().unwrap_or(root);
        let node = dom.node(index);
        if is_skipped(node.name) {
            index = node.end;
            continue;
        }
        if node.name == Name::Text {
            w.text(index, index < link_end, index < strong_end, index < button_end, container);
            w.run.hidden |= index < hidden_end;
            w.run.seen |= index >= hidden_end.max(heard_end) && !node.text.trim().is_empty();
            index += 1;
            continue;
        }
        if is_hidden(dom, index) {
            hidden_end = hidden_end.max(node.end);
        }
        if is_heard(dom, index) {
            heard_end = heard_end.max(node.end);
        }
        match node.name {
            Name::A => {
                link_end = link_end.max(node.end);
                w.run.links += u16::from(node.attr(Attr::Href).is_some());
            }
            Name::Strong | Name::B | Name::Em | Name::I => strong_end = strong_end.max(node.end),
            Name::Button => button_end = button_end.max(node.end),
            Name::Br => w.breaks = w.breaks.saturating_add(1),
            Name::P => paragraph_end = paragraph_end.max(node.end),
            _ => {}
        }
        let inline = node.name.is_inline() || (node.name == Name::Other && index < paragraph_end);
        if index < row_end {
            if matches!(node.name, Name::Td | Name::Th) && !w.run.text.is_empty() {
                w.run.text.truncate(w.run.text.trim_end().len());
                w.run.text.push('\t');
            } else if !inline {
                push_folded(&mut w.run.text, " ");
            }
            w.breaks = 0;
        } else if !inline {
            w.flush(container);
            open.push(Open {
                end: node.end,
                node: index,
                kind: inner_kind(node.name, container.kind),
            });
            if node.name == Name::Tr && is_data_row(dom, index) {
                row_end = node.end;
            }
        }
        index += 1;
    }
    while let Some(last) = open.pop() {
        w.flush(last);
    }
    w.blocks
}

/// A block's text with a bar where elements meet without a space: their styles divide them.
pub(super) fn pieces(dom: &Dom, blocks: &[Block], at: usize) -> String {
    let end = blocks.get(at + 1).map_or(dom.nodes.len() as u32, |b| b.first);
    let mut text = String::new();
    for x in blocks[at].first..end {
        let node = dom.node(x);
        if node.name != Name::Text || node.text.trim().is_empty() {
            if node.name == Name::Text && !text.is_empty() && !text.ends_with(' ') {
                text.push(' ');
            }
            continue;
        }
        let joins = text.chars().next_back().is_some_and(char::is_alphanumeric)
            && node.text.chars().next().is_some_and(char::is_alphanumeric);
        if joins {
            text.push_str(" | ");
        }
        push_folded(&mut text, &node.text);
    }
    text
}
