//! What there is to know of a block, as numbers: the ground on which it is told whether the
//! block belongs to the article.

use std::hash::{Hash, Hasher};

use memchr::memmem;
use rustc_hash::{FxHashMap, FxHasher};

use crate::parse::letters::{squeeze, squeeze_first};

use super::{
    around::{Around, Meeting, NONE, SHELLS},
    block::{Block, Kind},
    dom::{Attr, Dom, Name},
    look::{Look, Marks, look},
    said::PHRASES,
    words::{HINTS, Hint, Hints, Words, hints},
};

/// How far up the tree hints count.
const REACH: usize = 12;

/// What the page says about itself that helps to find its article.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Headline as the metadata have it.
    pub(super) title: Option<String>,
    /// Summary as the metadata have it.
    pub(super) description: Option<String>,
    /// The body as the metadata have it, often cut short.
    pub(super) body: Option<String>,
}

const NAMES: &[&str] = &[
    "chars",
    "words",
    "linkdens",
    "links",
    "strong",
    "endp",
    "commas",
    "digits",
    "caps",
    "stop",
    "paragraph",
    "heading",
    "item",
    "row",
    "caption",
    "loose",
    "pre",
    "hidden",
    "button",
    "depth",
    "itembody",
    "parentshare",
    "grandshare",
    "pathshare",
    "classshare",
    "coreup",
    "coredown",
    "before",
    "after",
    "prevgood",
    "nextgood",
    "prevgoodch",
    "nextgoodch",
    "prevchars",
    "prevlink",
    "prevhead",
    "nextchars",
    "nextlink",
    "nexthead",
    "index",
    "aftertitle",
    "titlesim",
    "descsim",
    "dup",
    "listlink",
    "listlen",
    "listcount",
    "prev2chars",
    "next2chars",
    "prevend",
    "lower",
    "colon",
    "pathn",
    "sumgood",
    "parentlink",
    "parentchars",
    "quotes",
    "pipes",
    "shortrun",
    "cardn",
    "cardgood",
    "cardlink",
    "cardup",
    "titleup",
    "titledown",
    "titlegood",
    "ldbody",
    "headlink",
    "headdist",
    "headphrase",
    "articlegood",
    "classn",
    "prevphrase",
    "articles",
    "latin",
    "outer",
    "foreign",
    "shout",
    "notice",
    "credit",
    "bio",
    "signoff",
    "ago",
    "marker",
    "sinceaside",
    "sinceend",
    "goodsinceend",
    "prevmarker",
];

/// Names of the features, in the order of [`features`].
pub(super) fn names() -> Vec<String> {
    let mut names: Vec<String> = NAMES.iter().map(|n| (*n).to_owned()).collect();
    names.extend(SHELLS.iter().map(|n| format!("up{n:?}")));
    names.extend((0..PHRASES).map(|p| format!("phrase{p}")));
    names.extend((0..HINTS).map(|h| format!("hint{h}")));
    names.extend((0..HINTS).map(|h| format!("any{h}")));
    names
}

/// Values of the features near the median over the blocks of saved news pages: what is looked for
/// mostly isn't there.
pub(super) fn usual() -> Vec<f32> {
    let usual = |name: &String| match name.as_str() {
        "ldbody" => -1.0,
        "aftertitle" | "articles" | "latin" | "linkdens" | "nextlink" | "parentlink"
        | "prevlink" | "titlegood" => 1.0,
        "after" | "caps" => 0.6,
        "prevchars" => 3.0,
        "coredown" | "parentchars" => 5.0,
        "titledown" | "titleup" | "coreup" => 6.0,
        "sumgood" => 9.0,
        "depth" => 12.0,
        "classn" => 15.0,
        "nextgood" | "prevgood" => 30.0,
        "pathn" | "shortrun" => 45.0,
        "headdist" | "sinceaside" | "sinceend" => 99.0,
        shell if shell.starts_with("up") => f32::from(NONE),
        hint if hint.starts_with("hint") => REACH as f32 + 1.0,
        _ => 0.0,
    };
    names().iter().map(usual).collect()
}

fn density(block: &Block) -> f32 {
    (block.link_chars as f32 / block.chars.max(1) as f32).min(1.0)
}

/// Where a block stands in relation to the headline.
#[derive(Clone, Copy, Debug, Default)]
struct Shells {
    /// In navigation, a footer, a form or an aside that does not hold the headline.
    outer: bool,
    /// In an `<article>` that does not hold the headline, though another one does.
    foreign: bool,
    /// Before the headline.
    early: bool,
}

/// How much a block looks like a paragraph of prose, in characters.
fn goodness(block: &Block, look: &Look, hints: Hints, shells: Shells) -> f32 {
    if block.hidden || matches!(block.kind, Kind::Heading(_) | Kind::Caption | Kind::Row) {
        return 0.0;
    }
    let density = density(block);
    if look.length < 60.0 || density > 0.5 || look.end == 0 && look.length < 140.0 {
        return 0.0;
    }
    let mut good = look.length * (1.0 - density);
    if hints.has(Hint::Comment) || hints.has(Hint::Legal) || shells.outer {
        good *= 0.1;
    }
    if hints.has(Hint::Related) || hints.has(Hint::Breaking) || shells.foreign {
        good *= 0.3;
    }
    if block.kind == Kind::Item {
        good *= 0.5;
    }
    if shells.early {
        good *= 0.3;
    }
    good.min(1200.0)
}

fn hash(of: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    of.hash(&mut hasher);
    hasher.finish()
}

/// The tree with what the blocks sum up to in each of its nodes.
struct Weighed<'p> {
    dom: &'p Dom,
    hints: Vec<Hints>,
    good: Vec<f32>,
    chars: Vec<f32>,
    links: Vec<f32>,
    blocks: Vec<u32>,
    /// Siblings with the same name and class, itself included.
    alike: Vec<u32>,
    class: Vec<u64>,
}

impl<'p> Weighed<'p> {
    fn new(
        dom: &'p Dom,
        blocks: &[Block],
        looks: &[Look],
        title: Option<usize>,
    ) -> (Self, Vec<f32>, Vec<Hints>, Vec<Shells>) {
        let n = dom.nodes.len();
        let title_node = title.map(|t| blocks[t].node);
        let home = title_node.is_some_and(|t| dom.up(t).any(|x| dom.node(x).name == Name::Article));
        let mut cache: FxHashMap<&str, Hints> = FxHashMap::default();
        let mut hint = vec![Hints::default(); n];
        let mut any = vec![Hints::default(); n];
        let mut class = vec![0u64; n];
        // Below what holds the headline: in furniture, in another article.
        let mut inside = vec![(false, false); n];
        for i in 1..n {
            let node = &dom.nodes[i];
            if node.name != Name::Text {
                let of = |a| node.attr(a).unwrap_or("");
                class[i] = hash((node.name, of(Attr::Class)));
                if !matches!(node.name, Name::Html | Name::Body) {
                    let all = [Attr::Class, Attr::Id, Attr::Data].map(of);
                    for value in all.into_iter().filter(|v| !v.is_empty()) {
                        let found = *cache.entry(value).or_insert_with(|| hints(value));
                        hint[i] = hint[i].with(found);
                    }
                }
            }
            // What holds the headline says nothing about what stands in it.
            let holds_title = title_node.is_some_and(|t| dom.holds(i as u32, t));
            if !holds_title {
                any[i] = any[node.parent as usize].with(hint[i]);
                let (outer, foreign) = inside[node.parent as usize];
                inside[i] = match node.name {
                    Name::Nav | Name::Footer | Name::Form | Name::Aside => (true, foreign),
                    Name::Article => (outer, foreign || home),
                    _ => (outer, foreign),
                };
            }
        }
        let mut group: FxHashMap<(u32, u64), u32> = FxHashMap::default();
        for (node, &class) in dom.nodes.iter().zip(&class).filter(|(_, class)| **class != 0) {
            *group.entry((node.parent, class)).or_default() += 1;
        }
        let alike = (0..n)
            .map(|i| group.get(&(dom.nodes[i].parent, class[i])).copied().unwrap_or(0))
            .collect();
        let any: Vec<Hints> = blocks.iter().map(|b| any[b.node as usize]).collect();
        let shells: Vec<Shells> = blocks
            .iter()
            .enumerate()
            .map(|(i, b)| {
                let (outer, foreign) = inside[b.node as usize];
                Shells { outer, foreign, early: title.is_some_and(|t| i < t) }
            })
            .collect();
        let goods: Vec<f32> =
            (0..blocks.len()).map(|i| goodness(&blocks[i], &looks[i], any[i], shells[i])).collect();
        let mut w = Weighed {
            dom,
            hints: hint,
            good: vec![0.0; n],
            chars: vec![0.0; n],
            links: vec![0.0; n],
            blocks: vec![0; n],
            alike,
            class,
        };
        for (b, good) in blocks.iter().zip(&goods) {
            let at = b.node as usize;
            w.good[at] += good;
            w.chars[at] += b.chars as f32;
            w.links[at] += b.link_chars as f32;
            w.blocks[at] += 1;
        }
        // Nodes stand in document order, so each comes behind its parent.
        for i in (1..n).rev() {
            let parent = dom.nodes[i].parent as usize;
            w.good[parent] += w.good[i];
            w.chars[parent] += w.chars[i];
            w.links[parent] += w.links[i];
            w.blocks[parent] += w.blocks[i];
        }
        (w, goods, any, shells)
    }

    /// From the root down as long as one child holds most of what is good.
    fn core(&self) -> u32 {
        let mut core = 0;
        loop {
            let best = self
                .dom
                .children(core)
                .filter(|&c| self.dom.node(c).name != Name::Text)
                .max_by(|&a, &b| self.good[a as usize].total_cmp(&self.good[b as usize]));
            match best {
                Some(c)
                    if self.good[c as usize] > 0.0
                        && self.good[c as usize] >= 0.7 * self.good[core as usize] =>
                {
                    core = c;
                }
                _ => return core,
            }
        }
    }
}

/// The block that is the headline: the heading that agrees best with the metadata.
pub(super) fn title_block(blocks: &[Block], title: Option<&str>) -> Option<usize> {
    let rank = |b: &Block| match b.kind {
        Kind::Heading(1) => 0.3,
        Kind::Heading(2) => 0.1,
        Kind::Heading(_) => 0.0,
        _ => -0.2,
    };
    match title {
        Some(title) => {
            let title = Words::of(title);
            let mut best: Option<(usize, f32)> = None;
            for (i, b) in blocks.iter().enumerate() {
                if b.chars < 8 || b.chars > 400 {
                    continue;
                }
                let same = title.overlap(&b.text);
                if same < 0.5 || same < 0.8 && !matches!(b.kind, Kind::Heading(_)) {
                    continue;
                }
                let score = same + rank(b)
                    - if b.hidden { 0.3 } else { 0.0 }
                    - if density(b) > 0.5 { 0.2 } else { 0.0 };
                if best.is_none_or(|(_, s)| score > s + 0.01) {
                    best = Some((i, score));
                }
            }
            best.map(|(i, _)| i).or_else(|| title_block(blocks, None))
        }
        None => {
            let mut ones = blocks
                .iter()
                .enumerate()
                .filter(|(_, b)| b.kind == Kind::Heading(1) && b.chars >= 15);
            ones.next().map(|(i, _)| i)
        }
    }
}

/// The blocks of a page, to be seen as numbers.
#[derive(Clone, Copy)]
pub(super) struct Rows<'p> {
    pub(super) dom: &'p Dom,
    pub(super) blocks: &'p [Block],
    pub(super) facts: &'p Facts,
}

impl Rows<'_> {
    /// Hands over the features of each block in turn, in the order of [`names`], with a number
    /// that blocks which are much alike share. One row at a time: those of a page of
    /// many blocks are more than the processor's caches hold.
    pub(super) fn each(&self, take: &mut dyn FnMut(u64, &[f32])) {
        features(self.dom, self.blocks, self.facts, take);
    }
}

fn features(dom: &Dom, blocks: &[Block], facts: &Facts, take: &mut dyn FnMut(u64, &[f32])) {
    let n = blocks.len();
    let looks: Vec<Look> = blocks.iter().map(|b| look(&b.text)).collect();
    let title = title_block(blocks, facts.title.as_deref());
    let (w, good, any, shells) = Weighed::new(dom, blocks, &looks, title);
    let total = w.good[0].max(1.0);
    let core = w.core();
    let around = Around::new(dom);
    let to_core = Meeting::new(dom, core);
    let to_title = title.map(|t| Meeting::new(dom, blocks[t].node));
    let body = facts.body.as_deref().map(squeeze);
    let title_words = Words::of(facts.title.as_deref().unwrap_or(""));
    let description_words = Words::of(facts.description.as_deref().unwrap_or(""));

    let path = |b: &Block| {
        let mut hasher = FxHasher::default();
        dom.up(b.node).take(4).for_each(|i| dom.node(i).name.hash(&mut hasher));
        hasher.finish()
    };
    let class = |b: &Block| {
        let parent = dom.node(b.node).parent;
        w.class[b.node as usize] ^ w.class[parent as usize].rotate_left(17)
    };
    let paths: Vec<u64> = blocks.iter().map(path).collect();
    let classes: Vec<u64> = blocks.iter().map(class).collect();
    let mut path_good: FxHashMap<u64, (f32, u32)> = FxHashMap::default();
    let mut class_good: FxHashMap<u64, (f32, u32)> = FxHashMap::default();
    let mut seen: FxHashMap<&str, u32> = FxHashMap::default();
    for i in 0..n {
        for (map, key) in [(&mut path_good, paths[i]), (&mut class_good, classes[i])] {
            let entry = map.entry(key).or_default();
            entry.0 += good[i];
            entry.1 += 1;
        }
        *seen.entry(&blocks[i].text).or_default() += 1;
    }
    // Nearest good block before and behind each.
    let mut previous = vec![None; n];
    let mut next = vec![None; n];
    let mut last = None;
    for i in 0..n {
        previous[i] = last;
        if good[i] > 0.0 {
            last = Some(i);
        }
    }
    last = None;
    for i in (0..n).rev() {
        next[i] = last;
        if good[i] > 0.0 {
            last = Some(i);
        }
    }
    let flag = |x: bool| f32::from(u8::from(x));
    let width = NAMES.len() + SHELLS.len() + PHRASES + 2 * HINTS;
    let articles = dom.nodes.iter().filter(|x| x.name == Name::Article).count() as f32;
    let mut before = 0f32;
    let mut row = Vec::with_capacity(width);
    let mut heading: Option<usize> = None;
    // Where the last marker of each kind stood; of those that end, what was good before it.
    let mut aside: Option<usize> = None;
    let mut end: Option<(usize, f32)> = None;
    for i in 0..n {
        let (b, l) = (&blocks[i], &looks[i]);
        let [like_title, like_description] =
            Words::overlaps([&title_words, &description_words], &b.text);
        let parent = dom.node(b.node).parent as usize;
        let grand = dom.node(parent as u32).parent as usize;
        let list = dom
            .up(b.node)
            .take(4)
            .find(|&x| matches!(dom.node(x).name, Name::Ul | Name::Ol | Name::Dl | Name::Table));
        let words = l.words.max(1) as f32;
        let chars = b.chars.max(1) as f32;
        let at = |j: Option<usize>| j.and_then(|j| blocks.get(j));
        let (p, nx) = (at(i.checked_sub(1)), at(Some(i + 1)));
        let size = |b: Option<&Block>| b.map_or(0.0, |b| (b.chars as f32).ln_1p());
        let is_head =
            |b: Option<&Block>| flag(b.is_some_and(|b| matches!(b.kind, Kind::Heading(_))));
        let (back, ahead) = (previous[i].map(|j| i - j), next[i].map(|j| j - i));
        let run = if good[i] > 0.0 {
            0
        } else {
            back.unwrap_or(30).min(30) + ahead.unwrap_or(60).min(60)
        };
        // The innermost repeated element of several blocks around the block.
        let card = dom.up(b.node).enumerate().take(8).find(|&(_, x)| {
            let x = x as usize;
            w.alike[x] >= 3 && w.blocks[x] >= 2 && w.blocks[x] < w.blocks[0] / 2
        });
        let group = card.map(|(_, x)| dom.node(x).parent as usize);
        let (core_up, core_down) = to_core.apart(dom, b.node);
        let (title_up, title_down) =
            to_title.as_ref().map_or((-1.0, -1.0), |t| t.apart(dom, b.node));
        let title_meet = to_title.as_ref().and_then(|t| t.node(b.node));
        let article = around.article(b.node);
        let head = heading.filter(|&h| i - h <= 12);
        let list_at = |f: &dyn Fn(u32) -> f32| list.map_or(-1.0, f);
        row.clear();
        row.extend([
            l.length.ln_1p(),
            words.ln_1p(),
            density(b),
            f32::from(b.links),
            (b.strong_chars as f32 / chars).min(1.0),
            f32::from(l.end),
            l.commas as f32 / words,
            l.digits as f32 / chars,
            l.caps as f32 / words,
            l.stop as f32 / words,
            flag(b.kind == Kind::Paragraph),
            match b.kind {
                Kind::Heading(h) => f32::from(h),
                _ => 0.0,
            },
            flag(b.kind == Kind::Item),
            flag(b.kind == Kind::Row),
            flag(b.kind == Kind::Caption),
            flag(b.kind == Kind::Loose),
            flag(b.kind == Kind::Pre),
            flag(b.hidden),
            (b.button_chars as f32 / chars).min(1.0),
            f32::from(dom.node(b.node).depth),
            flag(around.in_article_body(b.node)),
            w.good[parent] / total,
            w.good[grand] / total,
            path_good[&paths[i]].0 / total,
            class_good[&classes[i]].0 / total,
            core_up,
            core_down,
            before / total,
            (total - before - good[i]).max(0.0) / total,
            back.map_or(99.0, |d| d as f32),
            ahead.map_or(99.0, |d| d as f32),
            previous[i].map_or(0.0, |j: usize| good[j].ln_1p()),
            next[i].map_or(0.0, |j: usize| good[j].ln_1p()),
            size(p),
            p.map_or(0.0, density),
            is_head(p),
            size(nx),
            nx.map_or(0.0, density),
            is_head(nx),
            i as f32 / n as f32,
            title.map_or(0.5, |t| {
                if i > t {
                    1.0
                } else if i == t {
                    0.7
                } else {
                    0.0
                }
            }),
            like_title,
            like_description,
            seen[b.text.as_str()] as f32,
            list_at(&|x| w.links[x as usize] / w.chars[x as usize].max(1.0)),
            list_at(&|x| (w.chars[x as usize] / w.blocks[x as usize].max(1) as f32).ln_1p()),
            list_at(&|x| w.blocks[x as usize] as f32),
            size(at(i.checked_sub(2))),
            size(at(Some(i + 2))),
            if i > 0 { f32::from(looks[i - 1].end) } else { 0.0 },
            flag(l.lower),
            flag(memmem::find(b.text.as_bytes(), b": ").is_some()),
            path_good[&paths[i]].1 as f32,
            total.ln(),
            w.links[parent] / w.chars[parent].max(1.0),
            w.chars[parent].ln_1p(),
            l.quotes as f32 / words,
            l.pipes as f32 / words,
            run as f32,
            card.map_or(0.0, |(_, x)| (w.alike[x as usize] as f32).ln_1p()),
            card.map_or(-1.0, |(_, x)| w.good[x as usize].ln_1p()),
            group.map_or(-1.0, |g| w.links[g] / w.chars[g].max(1.0)),
            card.map_or(-1.0, |(up, _)| up as f32),
            title_up,
            title_down,
            title_meet.map_or(-1.0, |x| w.good[x as usize] / total),
            match &body {
                Some(body) => {
                    let own = squeeze_first(&b.text, 60);
                    if own.len() >= 12 && memmem::find(body.as_bytes(), own.as_bytes()).is_some() {
                        1.0
                    } else {
                        0.0
                    }
                }
                None => -1.0,
            },
            head.map_or(-1.0, |h| density(&blocks[h])),
            head.map_or(99.0, |h| (i - h) as f32),
            head.map_or(-1.0, |h| f32::from(looks[h].phrases[0].max(looks[h].phrases[1]))),
            article.map_or(-1.0, |x| w.good[x as usize] / total),
            class_good[&classes[i]].1 as f32,
            if i > 0 { f32::from(looks[i - 1].phrases[0]) } else { 0.0 },
            articles,
            flag(l.latin),
            flag(shells[i].outer),
            flag(shells[i].foreign),
            l.shouted as f32 / words,
        ]);
        row.extend((0..5).map(|bit| f32::from(l.speaks >> bit & 1)));
        row.extend([
            f32::from(l.marks as u8),
            aside.map_or(99.0, |at| (i - at) as f32),
            end.map_or(99.0, |(at, _)| (i - at) as f32),
            end.map_or(-1.0, |(_, good)| (before - good) / total),
            if i > 0 { f32::from(looks[i - 1].marks as u8) } else { 0.0 },
        ]);
        match l.marks {
            Marks::Aside => aside = Some(i),
            Marks::End => end = Some((i, before)),
            Marks::Nothing | Marks::Button => {}
        }
        row.extend(around.shells(b.node).map(f32::from));
        row.extend(l.phrases.map(f32::from));
        let mut distance = [REACH as u8 + 1; HINTS];
        let mut left = u32::MAX;
        for (d, x) in dom.up(b.node).enumerate().take(REACH) {
            let mut new = w.hints[x as usize].0 & left;
            left &= !new;
            while new != 0 {
                distance[new.trailing_zeros() as usize] = d as u8;
                new &= new - 1;
            }
        }
        row.extend(distance.map(f32::from));
        row.extend((0..HINTS).map(|h| flag(any[i].0 & 1 << h != 0)));
        // Alike in what changes most from line to line: what it stands in, its length and end and
        // those of the line before.
        let length = |b: Option<&Block>| b.map_or(0, |b| b.chars.max(1).ilog2());
        let words = l.words.max(1).ilog2();
        let like = (paths[i], length(Some(b)), words, l.end, l.marks as u8, length(p));
        take(hash(like) >> 32, &row);
        before += good[i];
        if matches!(b.kind, Kind::Heading(_)) {
            heading = Some(i);
        }
    }
}
