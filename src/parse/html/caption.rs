//! Which lines are captions, whatever markup says so: `<figcaption>` is only one way, and old pages,
//! feeds and savers have others.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::parse::lexicon::{BUTTONS, NEW_WINDOW, SECTIONS, fold};

use super::{
    block::{Block, Kind},
    dom::{Attr, Dom, Name},
    said::{Phrase, phrases},
    words::{Hint, hints},
};

/// Characters of a caption.
const LENGTH: std::ops::RangeInclusive<u32> = 8..=600;

/// Characters of one that only its place tells.
const SHORT: u32 = 300;

/// Each line that is a picture's caption, with the element of the picture or of both.
pub(super) fn captions(dom: &Dom, blocks: &[Block]) -> BTreeMap<usize, u32> {
    let mut found = BTreeMap::new();
    // Most classes stand many times.
    let mut known: FxHashMap<&str, bool> = FxHashMap::default();
    let is_heading = |b: &Block| matches!(b.kind, Kind::Heading(_));
    for (i, block) in blocks.iter().enumerate() {
        if !LENGTH.contains(&block.chars)
            || is_heading(block)
            || block.link_chars * 2 > block.chars
            || block.button_chars > 0
        {
            continue;
        }
        let holder = in_figure(dom, block)
            .or_else(|| named(dom, block, &mut known))
            .or_else(|| under_picture(dom, block))
            .or_else(|| in_table(dom, blocks, i))
            .filter(|_| !says_nothing(&block.text));
        found.extend(holder.map(|holder| (i, holder)));
    }
    found
}

/// A button or the heading of a box.
fn says_nothing(text: &str) -> bool {
    let line = fold(text);
    BUTTONS.has(&line)
        || NEW_WINDOW.has(&line)
        || SECTIONS.aside.has(&line)
        || SECTIONS.link.contains(&line)
}

fn is_picture(name: Name) -> bool {
    matches!(name, Name::Img | Name::Picture | Name::Video | Name::Iframe | Name::Figure)
}

fn holds_picture(dom: &Dom, of: u32) -> bool {
    (of..dom.node(of).end).any(|x| is_picture(dom.node(x).name))
}

/// In a `<figure>` of a picture that has no `<figcaption>`.
fn in_figure(dom: &Dom, block: &Block) -> Option<u32> {
    let figure = dom.up(block.node).take(6).find(|&x| dom.node(x).name == Name::Figure)?;
    let mut below = dom.below(figure).map(|x| dom.node(x).name);
    let other = |name| {
        matches!(
            name,
            Name::Figcaption
                | Name::Table
                | Name::Blockquote
                | Name::Pre
                | Name::Article
                | Name::Ul
        )
    };
    let pictured = dom.below(figure).any(|x| is_picture(dom.node(x).name));
    (pictured && !below.any(other) && block.chars <= SHORT).then_some(figure)
}

/// In an element that calls itself a caption, beside a picture.
fn named<'d>(dom: &'d Dom, block: &Block, known: &mut FxHashMap<&'d str, bool>) -> Option<u32> {
    let mut says = |x: u32| {
        let class = dom.node(x).attr(Attr::Class).unwrap_or_default();
        *known.entry(class).or_insert_with(|| {
            let hints = hints(class);
            hints.has(Hint::Caption) && !hints.has(Hint::Body)
        })
    };
    let element = dom.up(block.node).take(2).find(|&x| says(x))?;
    let parent = dom.node(element).parent;
    let before = dom.before(element).filter(|&x| holds_picture(dom, x));
    before.or_else(|| {
        let beside = dom.children(parent).any(|x| x != element && holds_picture(dom, x));
        let lone = dom.text(parent).len() <= block.text.len() + 80;
        (beside && lone).then_some(parent)
    })
}

/// Below a picture in its own paragraph, or alone with it in another element, all of it emphasised
/// or with a credit; or alone in the paragraph under that of the picture, emphasised and with a
/// credit.
fn under_picture(dom: &Dom, block: &Block) -> Option<u32> {
    if block.chars > SHORT || block.node == 0 {
        return None;
    }
    let small = |x: u32| matches!(dom.node(x).name, Name::Small | Name::Font | Name::Cite);
    // What is quoted beside a picture is text.
    let quotes = block.text.starts_with(['"', '“', '«', '„', '「']);
    let stressed = block.strong_chars >= block.chars || dom.up(block.first).take(3).any(small);
    let stressed = stressed && !quotes;
    let credited = phrases(&block.text)[Phrase::Credit as usize] > 0;
    let own = (block.node..block.first).any(|x| is_picture(dom.node(x).name));
    if own {
        let alone =
            dom.node(block.node).name == Name::P || dom.text(block.node).len() <= block.text.len();
        return (alone && (stressed || credited && block.chars <= SHORT / 2)).then_some(block.node);
    }
    let before = dom.before(block.node)?;
    let picture_alone = holds_picture(dom, before) && dom.text(before).is_empty();
    (picture_alone && stressed && credited).then_some(before)
}

/// In a table that lays out one picture and its caption.
fn in_table(dom: &Dom, blocks: &[Block], at: usize) -> Option<u32> {
    let table = dom.up(blocks[at].node).take(8).find(|&x| dom.node(x).name == Name::Table)?;
    let pictures = dom.below(table).filter(|&x| dom.node(x).name == Name::Img).take(2).count();
    let inside = |b: &&Block| dom.holds(table, b.first);
    let before = blocks[..at].iter().rev().take_while(inside).take(2).count();
    let behind = blocks[at + 1..].iter().take_while(inside).take(2).count();
    (pictures == 1 && before + behind <= 1 && blocks[at].chars <= SHORT).then_some(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::html::block;

    fn is(html: &str) -> bool {
        let dom = Dom::build(html).unwrap();
        let blocks = block::blocks(&dom);
        let at = blocks.iter().position(|b| b.text.contains("quay")).unwrap();
        captions(&dom, &blocks).contains_key(&at)
    }

    #[test]
    fn captions_in_any_markup() {
        for html in [
            "<figure><img src=a><p>The ferry at the quay</p></figure>",
            "<figure><img src=a></figure><p class=caption>The ferry at the quay</p>",
            "<div class=bild><img src=a><div class=bildunterschrift>Die Fähre am quay</div></div>",
            "<p><img src=a><br><em>The ferry at the quay</em></p>",
            "<div><img src=a><br><small>Die Fähre am quay</small></div>",
            "<p><img src=a></p><p><i>The ferry at the quay. Photo: Ina Brandt</i></p>",
            "<table><tr><td><img src=a></td></tr><tr><td>The ferry at the quay</td></tr></table>",
        ] {
            assert!(is(html), "{html}");
        }
    }

    #[test]
    fn text_beside_pictures_is_none() {
        for html in [
            "<p><img src=a>The ferry lies at the quay, and nobody knows when it will sail.</p>",
            "<p><img src=a></p><p>The ferry lies at the quay.</p>",
            "<figure><blockquote>The ferry lies at the quay.</blockquote></figure>",
            "<table><tr><td>Port</td><td>The quay</td></tr><tr><td>a</td><td>b</td></tr></table>",
            "<p><em>The ferry lies at the quay.</em></p>",
        ] {
            assert!(!is(html), "{html}");
        }
    }
}
