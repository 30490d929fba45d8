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

/// Which of [`SHELLS`] an element is, by its name.
const SHELL_OF: [Option<u8>; 256] = {
    let mut of = [None; 256];
    let mut i = 0;
    while i < SHELLS.len() {
        of[SHELLS[i] as usize] = Some(i as u8);
        i += 1;
    }
    of
};

/// For each node of a tree, itself included and the root left out.
pub(super) struct Around {
    shells: Vec<[u8; SHELLS.len()]>,
    /// 0 where there is none.
    articles: Vec<u32>,
    bodies: Vec<bool>,
}

/// No such element stands around.
pub(super) const NONE: u8 = 40;

/// What stands further up is told apart no more.
const FAR: u8 = NONE - 1;

impl Around {
    pub(super) fn new(dom: &Dom) -> Self {
        let n = dom.nodes.len();
        let mut around = Around {
            shells: Vec::with_capacity(n),
            articles: Vec::with_capacity(n),
            bodies: Vec::with_capacity(n),
        };
        around.shells.push([NONE; SHELLS.len()]);
        around.articles.push(0);
        around.bodies.push(false);
        // Nodes stand in document order, so each comes behind its parent.
        for (at, node) in (0_u32..).zip(&dom.nodes).skip(1) {
            let parent = node.parent as usize;
            let mut shells = around.shells[parent].map(|up| up + u8::from(up < FAR));
            if let Some(shell) = SHELL_OF[node.name as usize] {
                shells[usize::from(shell)] = 0;
            }
            around.shells.push(shells);
            let article = if node.name == Name::Article { at } else { around.articles[parent] };
            around.articles.push(article);
            let body = node
                .attr(Attr::Itemprop)
                .is_some_and(|property| property.eq_ignore_ascii_case("articleBody"));
            around.bodies.push(body || around.bodies[parent]);
        }
        around
    }

    /// How far up the innermost element of each of [`SHELLS`] is, or [`NONE`].
    pub(super) fn shells(&self, of: u32) -> [u8; SHELLS.len()] {
        self.shells[of as usize]
    }

    /// The innermost `<article>`.
    pub(super) fn article(&self, of: u32) -> Option<u32> {
        Some(self.articles[of as usize]).filter(|&article| article != 0)
    }

    /// Whether it stands in what the page marks as `articleBody`.
    pub(super) fn in_article_body(&self, of: u32) -> bool {
        self.bodies[of as usize]
    }
}

/// Where the way up from each node of a tree meets the way up from one of them.
pub(super) struct Meeting {
    /// Edges up to the meeting node, and that node.
    ways: Vec<(u16, u32)>,
    /// Depth of the node that is met.
    depth: u16,
}

impl Meeting {
    pub(super) fn new(dom: &Dom, to: u32) -> Self {
        let mut ways: Vec<(u16, u32)> = Vec::with_capacity(dom.nodes.len());
        ways.push((0, 0));
        for (at, node) in (0_u32..).zip(&dom.nodes).skip(1) {
            let (up, met) = ways[node.parent as usize];
            ways.push(if dom.holds(at, to) { (0, at) } else { (up.saturating_add(1), met) });
        }
        Meeting { ways, depth: dom.node(to).depth }
    }

    /// The innermost node that holds both; nothing where that is the root.
    pub(super) fn node(&self, from: u32) -> Option<u32> {
        Some(self.ways[from as usize].1).filter(|&met| met != 0)
    }

    /// Edges from `from` up to the meeting node, and from there down.
    pub(super) fn apart(&self, dom: &Dom, from: u32) -> (f32, f32) {
        let (up, met) = self.ways[from as usize];
        (f32::from(up), f32::from(self.depth.saturating_sub(dom.node(met).depth)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_meet_where_walking_up_meets() {
        let page = "<div><ul><li>a<li><p>b</p></ul><nav><a>c</a></nav></div><p>d</p>";
        let dom = Dom::build(page).unwrap();
        for to in 0..dom.nodes.len() as u32 {
            let meeting = Meeting::new(&dom, to);
            for from in 0..dom.nodes.len() as u32 {
                let met = dom.up(from).find(|&at| dom.holds(at, to));
                assert_eq!(meeting.node(from), met);
                let depth = |of: u32| f32::from(dom.node(of).depth);
                let met = depth(met.unwrap_or(0));
                assert_eq!(meeting.apart(&dom, from), (depth(from) - met, depth(to) - met));
            }
        }
    }

    #[test]
    fn shells_are_counted_from_the_inside() {
        let dom = Dom::build("<article><ul><li><p>a</p></ul></article>").unwrap();
        let around = Around::new(&dom);
        let text = (0..dom.nodes.len() as u32).find(|&x| dom.node(x).name == Name::Text).unwrap();
        let up = |shell: Name| {
            let at = SHELLS.iter().position(|s| *s == shell).unwrap();
            around.shells(text)[at]
        };
        assert_eq!((up(Name::P), up(Name::Ul), up(Name::Article)), (1, 3, 4));
        assert_eq!(up(Name::Nav), NONE);
        assert!(around.article(text).is_some());
        let dom = Dom::build(&format!("<nav>{}a", "<div>".repeat(100))).unwrap();
        let around = Around::new(&dom);
        let nav = SHELLS.iter().position(|s| *s == Name::Nav).unwrap();
        assert_eq!(around.shells(dom.nodes.len() as u32 - 1)[nav], FAR);
    }
}
