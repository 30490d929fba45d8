//! Which blocks are the article.

use crate::parse::words::{BUTTONS, SECTIONS, fold};

use super::{
    Scorer,
    block::{Block, Kind},
    dom::{Attr, Dom, Name},
    features::{Facts, features},
    lexicon::{Phrase, phrases},
    look::sentence_end,
    words::{Hint, hints},
};

/// The least probability at which a block belongs to the article.
const KEEP: f32 = 0.5;

/// For each block, whether it belongs to the article.
pub(super) fn body(dom: &Dom, blocks: &[Block], facts: &Facts, score: Scorer<'_>) -> Vec<bool> {
    let rows = features(dom, blocks, facts);
    let odds = score(blocks, &rows);
    let mut keep: Vec<bool> = odds.iter().map(|odds| *odds > KEEP).collect();
    for (block, keep) in blocks.iter().zip(&mut keep) {
        *keep = *keep && !is_signpost(block) && !asks_to_subscribe(dom, block);
    }
    whole_tables(dom, blocks, &odds, &mut keep);
    if let Some(first) = keep.iter().position(|k| *k) {
        // A byline that no markup sets off from the first paragraph.
        let found = phrases(&blocks[first].text);
        let opens = fold(&blocks[first].text).starts_with("posted by");
        keep[first] = found[Phrase::Byline as usize] < 2 && !opens
            || blocks[first].chars > 90
            || sentence_end(&blocks[first].text) == 2;
    }
    drop_hanging_headings(blocks, &mut keep);
    keep
}

/// A line of a sign-up box: its element says so and so do its words.
fn asks_to_subscribe(dom: &Dom, block: &Block) -> bool {
    block.chars < 300
        && phrases(&block.text)[Phrase::Subscribe as usize] > 0
        && dom.up(block.node).take(3).any(|x| {
            let node = dom.node(x);
            node.name == Name::Form
                || [Attr::Class, Attr::Id]
                    .iter()
                    .filter_map(|a| node.attr(*a))
                    .any(|value| hints(value).has(Hint::Subscribe) && !hints(value).has(Hint::Body))
        })
}

/// A table of data is kept whole or left out whole.
fn whole_tables(dom: &Dom, blocks: &[Block], odds: &[f32], keep: &mut [bool]) {
    let table = |b: &Block| {
        let inner = (b.kind == Kind::Row).then(|| dom.up(b.node));
        inner.and_then(|mut up| up.find(|&x| dom.node(x).name == Name::Table))
    };
    let mut from = 0;
    while from < blocks.len() {
        let Some(here) = table(&blocks[from]) else {
            from += 1;
            continue;
        };
        let rows = blocks[from..].iter().take_while(|b| table(b) == Some(here)).count();
        let mean = odds[from..from + rows].iter().sum::<f32>() / rows as f32;
        let kept = keep[from..from + rows].iter().filter(|k| **k).count();
        keep[from..from + rows].fill(kept * 2 > rows || kept > 0 && mean > TABLE);
        from += rows;
    }
}

/// The mean probability of its rows at which a table of which some rows are kept is kept whole:
/// rows of short figures look like furniture by themselves.
const TABLE: f32 = 0.3;

/// A line that only points elsewhere: a section marker or button alone, "Read more: …" as one
/// link, a rule of dashes.
fn is_signpost(block: &Block) -> bool {
    if block.chars > 200 {
        return false;
    }
    if !block.text.chars().any(char::is_alphanumeric) {
        return true;
    }
    let line = fold(&block.text);
    if block.chars <= 40 && (SECTIONS.aside.has(&line) || BUTTONS.has(&line)) {
        return true;
    }
    block.link_chars * 5 > block.chars * 3
        && SECTIONS.link.iter().any(|link| {
            line.strip_prefix(link.as_str()).is_some_and(|rest| rest.starts_with([':', ' ', '：']))
        })
}

/// A heading that nothing of the article follows belongs to what was left out.
fn drop_hanging_headings(blocks: &[Block], keep: &mut [bool]) {
    let mut text_follows = false;
    for i in (0..blocks.len()).rev() {
        if keep[i] {
            if matches!(blocks[i].kind, Kind::Heading(_)) {
                keep[i] = text_follows;
            } else {
                text_follows = true;
            }
        }
    }
}
