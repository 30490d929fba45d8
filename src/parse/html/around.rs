//! What each node stands in, worked out once from the root down: a page may be as deep as it is
//! long, and every block asks.

use super::dom::{Attr, Dom, Name};

/// The elements whose distance above a block is a feature.
pub(super) const SHELLS: [Name; 19] = [
    Name::Article,
    Name::Main,
    Name::Section,
    Name::Aside,
    Name::Nav,
    Name::Footer,
    Name::Header,
    Name::Form,
    Name::Figure,
    Name::Blockquote,
    Name::Ul,
    Name::Ol,
    Name::Table,
    Name::P,
    Name::Dl,
    Name::A,
    Name::Button,
    Name::Details,
    Name::Address,
];

/// For each node of a tree, itself included and the root left out.
pub(super) struct Around {
    shells: Vec<[u16; SHELLS.len()]>,
    articles: Vec<Option<u32>>,
    bodies: Vec<bool>,
}

/// No such element stands around.
const NONE: u16 = u16::MAX;

impl Around {
    pub(super) fn new(dom: &Dom) -> Self {
        let mut around = Around {
            shells: vec![[NONE; SHELLS.len()]],
            articles: vec![None],
            bodies: vec![false],
        };
        // Nodes stand in document order, so each comes behind its parent.
        for (at, node) in (0_u32..).zip(&dom.nodes).skip(1) {
            let parent = node.parent as usize;
            let mut shells = around.shells[parent];
            for (distance, shell) in shells.iter_mut().zip(SHELLS) {
                *distance = match *distance {
                    _ if node.name == shell => 0,
                    NONE => NONE,
                    up => (up + 1).min(NONE - 1),
                };
            }
            around.shells.push(shells);
            let article = (node.name == Name::Article).then_some(at);
            around.articles.push(article.or(around.articles[parent]));
            let body = node
                .attr(Attr::Itemprop)
                .is_some_and(|property| property.eq_ignore_ascii_case("articleBody"));
            around.bodies.push(body || around.bodies[parent]);
        }
        around
    }

    /// How far up the innermost element of each of [`SHELLS`] is.
    pub(super) fn shells(&self, of: u32) -> [Option<u16>; SHELLS.len()] {
        self.shells[of as usize].map(|up| (up != NONE).then_some(up))
    }

    /// The innermost `<article>`.
    pub(super) fn article(&self, of: u32) -> Option<u32> {
        self.articles[of as usize]
    }

    /// Whether it stands in what the page marks as `articleBody`.
    pub(super) fn in_article_body(&self, of: u32) -> bool {
        self.bodies[of as usize]
    }
}
