//! The page's tree, flat: nodes in document order, each with the end of its subtree, so that
//! "inside of" is a comparison and every walk is a loop.

use dom_query::{Document, NodeData, NodeRef};
use html5ever::{
    driver,
    tendril::{StrTendril, TendrilSink},
};

use super::scan::MAX_NODES;
use crate::parse::letters::Letter;

/// How much of a page the tree builder gets before its size is looked at again.
const CHUNK: usize = 16 << 10;

/// Names of elements as far as extraction tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub(super) enum Name {
    #[default]
    Other,
    /// Not an element: a run of text.
    Text,
    Html,
    Head,
    Body,
    Main,
    Article,
    Section,
    Div,
    P,
    Span,
    A,
    H1,
    H2,
    H3,
    H4,
    H5,
    H6,
    Ul,
    Ol,
    Li,
    Dl,
    Dt,
    Dd,
    Table,
    Tbody,
    Thead,
    Tfoot,
    Tr,
    Td,
    Th,
    Caption,
    Blockquote,
    Pre,
    Code,
    Figure,
    Figcaption,
    Picture,
    Img,
    Video,
    Audio,
    Iframe,
    Aside,
    Nav,
    Footer,
    Header,
    Form,
    Button,
    Input,
    Select,
    Textarea,
    Label,
    Fieldset,
    Br,
    Hr,
    Time,
    Address,
    Cite,
    Q,
    B,
    Strong,
    I,
    Em,
    U,
    S,
    Del,
    Ins,
    Sub,
    Sup,
    Small,
    Mark,
    Abbr,
    Font,
    Center,
    Marquee,
    Details,
    Summary,
    Meta,
    Template,
    Object,
    Dialog,
    Menu,
    Title,
    Hgroup,
}

impl Name {
    fn of(name: &str) -> Name {
        use Name::*;
        match name {
            "html" => Html,
            "head" => Head,
            "body" => Body,
            "main" => Main,
            "article" => Article,
            "section" => Section,
            "div" => Div,
            "p" => P,
            "span" | "nobr" | "wbr" | "big" | "tt" | "bdi" | "bdo" | "kbd" | "samp" | "var"
            | "dfn" | "data" => Span,
            "a" => A,
            "h1" => H1,
            "h2" => H2,
            "h3" => H3,
            "h4" => H4,
            "h5" => H5,
            "h6" => H6,
            "ul" => Ul,
            "ol" => Ol,
            "li" => Li,
            "dl" => Dl,
            "dt" => Dt,
            "dd" => Dd,
            "table" => Table,
            "tbody" => Tbody,
            "thead" => Thead,
            "tfoot" => Tfoot,
            "tr" => Tr,
            "td" => Td,
            "th" => Th,
            "caption" => Caption,
            "blockquote" => Blockquote,
            "pre" => Pre,
            "code" => Code,
            "figure" => Figure,
            "figcaption" => Figcaption,
            "picture" => Picture,
            "img" | "amp-img" => Img,
            "video" => Video,
            "audio" => Audio,
            "iframe" => Iframe,
            "aside" => Aside,
            "nav" => Nav,
            "footer" => Footer,
            "header" => Header,
            "form" => Form,
            "button" => Button,
            "input" => Input,
            "select" => Select,
            "textarea" => Textarea,
            "label" => Label,
            "fieldset" => Fieldset,
            "br" => Br,
            "hr" => Hr,
            "time" => Time,
            "address" => Address,
            "cite" => Cite,
            "q" => Q,
            "b" => B,
            "strong" => Strong,
            "i" => I,
            "em" => Em,
            "u" => U,
            "s" => S,
            "del" | "strike" => Del,
            "ins" => Ins,
            "sub" => Sub,
            "sup" => Sup,
            "small" => Small,
            "mark" => Mark,
            "abbr" | "acronym" => Abbr,
            "font" => Font,
            "center" => Center,
            "marquee" => Marquee,
            "details" => Details,
            "summary" => Summary,
            "meta" => Meta,
            "template" => Template,
            "object" => Object,
            "dialog" => Dialog,
            "menu" => Menu,
            "title" => Title,
            "hgroup" => Hgroup,
            _ => Other,
        }
    }

    /// Elements that stand inside a line of text. Unknown (custom) elements do not.
    pub(super) fn is_inline(self) -> bool {
        use Name::*;
        matches!(
            self,
            Text | Span
                | A
                | Code
                | Time
                | Cite
                | Q
                | B
                | Strong
                | I
                | Em
                | U
                | S
                | Del
                | Ins
                | Sub
                | Sup
                | Small
                | Mark
                | Abbr
                | Font
                | Label
                | Img
                | Picture
                | Br
                | Meta
                | Button
                | Input
                | Iframe
        )
    }
}

/// Attributes that detectors ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub(super) enum Attr {
    Class,
    Id,
    Href,
    Role,
    Itemprop,
    Itemtype,
    Datetime,
    Content,
    Alt,
    Rel,
    Hidden,
    AriaHidden,
    AriaLabel,
    Style,
    Dir,
    Lang,
    Title,
    Src,
    Property,
    Data,
    Type,
}

fn attr_of(name: &str) -> Option<Attr> {
    use Attr::*;
    Some(match name {
        "class" => Class,
        "id" => Id,
        "href" => Href,
        "role" => Role,
        "itemprop" => Itemprop,
        "itemtype" => Itemtype,
        "datetime" => Datetime,
        "content" => Content,
        "alt" => Alt,
        "rel" => Rel,
        "hidden" => Hidden,
        "aria-hidden" => AriaHidden,
        "aria-label" => AriaLabel,
        "style" => Style,
        "dir" => Dir,
        "lang" => Lang,
        "title" => Title,
        "src" | "data-src" => Src,
        "property" => Property,
        "data-testid" | "data-component" | "data-type" => Data,
        "type" => Type,
        _ => return None,
    })
}

/// One node.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// What it is.
    pub(super) name: Name,
    /// Index of its parent; the root is its own.
    pub(super) parent: u32,
    /// Index behind its subtree.
    pub(super) end: u32,
    /// Edges from the root.
    pub(super) depth: u16,
    /// A text node's text.
    pub(super) text: StrTendril,
    attrs: Vec<(Attr, StrTendril)>,
}

impl Node {
    /// The value of an attribute.
    pub(super) fn attr(&self, attr: Attr) -> Option<&str> {
        self.attrs.iter().find(|(a, _)| *a == attr).map(|(_, value)| &**value)
    }
}

/// A page's tree.
#[derive(Debug, Default)]
pub(super) struct Dom {
    /// Nodes in document order.
    pub(super) nodes: Vec<Node>,
}

impl Dom {
    /// Builds the tree of a lean page; `None` where it grows past the cap on nodes, which
    /// unclosed formatting elements can make it do however small the page is.
    pub(super) fn build(lean: &str) -> Option<Dom> {
        let mut parser = driver::parse_document(Document::default(), Default::default());
        let mut rest = lean;
        while !rest.is_empty() {
            let mut cut = rest.len().min(CHUNK);
            while !rest.is_char_boundary(cut) {
                cut -= 1;
            }
            parser.process(rest[..cut].into());
            rest = &rest[cut..];
            if parser.tokenizer.sink.sink.tree.len() > 2 * MAX_NODES {
                return None;
            }
        }
        Some(Dom::flatten(&parser.finish()))
    }

    fn flatten(document: &Document) -> Dom {
        let mut dom = Dom { nodes: vec![Node::default()] };
        // (node of the tree, flat index of its parent); closing is told by the stack of `open`.
        let mut open: Vec<u32> = vec![0];
        let mut next = document.root().first_child().map(|n| (n, 0usize));
        while let Some((node, level)) = next {
            while open.len() > level + 1 {
                dom.close(&mut open);
            }
            let parent = *open.last().unwrap_or(&0);
            let index = dom.nodes.len() as u32;
            let flat = node.query(|tree| match &tree.data {
                NodeData::Text { contents } => {
                    Some(Node { name: Name::Text, text: contents.clone(), ..Node::default() })
                }
                NodeData::Element(element) => {
                    let attrs = element.attrs.iter();
                    let kept =
                        attrs.filter_map(|a| Some((attr_of(&a.name.local)?, a.value.clone())));
                    Some(Node {
                        name: Name::of(&element.name.local),
                        attrs: kept.collect(),
                        ..Node::default()
                    })
                }
                _ => None,
            });
            let mut inner = None;
            if let Some(flat) = flat.flatten() {
                let is_element = flat.name != Name::Text;
                let depth = dom.nodes[parent as usize].depth.saturating_add(1);
                dom.nodes.push(Node { parent, end: index + 1, depth, ..flat });
                if is_element {
                    open.push(index);
                    inner = node.first_child();
                }
            }
            next = match inner {
                Some(child) => Some((child, level + 1)),
                None => up(node, level),
            };
        }
        while open.len() > 1 {
            dom.close(&mut open);
        }
        dom.nodes[0].end = dom.nodes.len() as u32;
        dom
    }

    fn close(&mut self, open: &mut Vec<u32>) {
        if let Some(index) = open.pop() {
            self.nodes[index as usize].end = self.nodes.len() as u32;
        }
    }

    /// A node by its index.
    pub(super) fn node(&self, index: u32) -> &Node {
        &self.nodes[index as usize]
    }

    /// A node and what it stands in, innermost first, without the root.
    pub(super) fn up(&self, from: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = from;
        std::iter::from_fn(move || {
            if at == 0 {
                return None;
            }
            let here = at;
            at = self.node(here).parent;
            Some(here)
        })
    }

    /// The elements and texts below a node, in document order.
    pub(super) fn below(&self, of: u32) -> std::ops::Range<u32> {
        of + 1..self.node(of).end
    }

    /// What stands right before an element among its siblings, white space looked over.
    pub(super) fn before(&self, of: u32) -> Option<u32> {
        let parent = self.node(of).parent;
        let siblings = self.children(parent).take_while(|&x| x < of);
        siblings
            .filter(|&x| self.node(x).name != Name::Text || !self.node(x).text.trim().is_empty())
            .last()
    }

    /// The direct children of a node.
    pub(super) fn children(&self, of: u32) -> impl Iterator<Item = u32> + '_ {
        let end = self.node(of).end;
        let mut at = of + 1;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let here = at;
            at = self.node(here).end;
            Some(here)
        })
    }

    /// Whether `inner` is `outer` or stands in it.
    pub(super) fn holds(&self, outer: u32, inner: u32) -> bool {
        outer <= inner && inner < self.node(outer).end
    }

    /// The text of a node with white space folded.
    pub(super) fn text(&self, of: u32) -> String {
        let mut text = String::new();
        for index in of..self.node(of).end {
            let node = self.node(index);
            if node.name == Name::Text {
                push_folded(&mut text, &node.text);
            } else if !node.name.is_inline() || node.name == Name::Br {
                push_folded(&mut text, " ");
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// The node behind `node` in document order, and its level, once its inside is done.
fn up(node: NodeRef<'_>, mut level: usize) -> Option<(NodeRef<'_>, usize)> {
    let mut at = node;
    loop {
        if let Some(sibling) = at.next_sibling() {
            return Some((sibling, level));
        }
        at = at.parent()?;
        level = level.checked_sub(1)?;
    }
}

/// Appends text with each run of white space and control characters folded to one space, none at
/// the start, and without soft hyphens and spaces of no width: where a word may break is no part
/// of it.
pub(super) fn push_folded(to: &mut String, text: &str) {
    // What needs no folding is taken over whole.
    let mut plain = 0;
    // Whether white space would fold into what stands before it.
    let mut spaced = to.is_empty() || to.ends_with([' ', '\n', '\t']);
    for (at, c) in text.char_indices() {
        let letter = Letter::of(c);
        let is_space = letter.is_whitespace() || letter.is_control();
        let has_width = !matches!(c, '\u{ad}' | '\u{feff}' | '\u{200b}' | '\u{2060}');
        if !is_space && has_width || c == ' ' && !spaced {
            spaced = is_space;
            continue;
        }
        to.push_str(&text[plain..at]);
        plain = at + c.len_utf8();
        if is_space && !spaced {
            to.push(' ');
            spaced = true;
        }
    }
    to.push_str(&text[plain..]);
}
