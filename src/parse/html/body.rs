//! Which blocks are the article.

use crate::parse::words::{BUTTONS, SECTIONS, fold};

use super::{
    block::{Block, Kind},
    dom::Dom,
    features::{Facts, features},
    forest::BODY,
};

/// The least probability at which a block belongs to the article.
const KEEP: f32 = 0.5;

/// For each block, whether it belongs to the article.
pub(super) fn body(dom: &Dom, blocks: &[Block], facts: &Facts) -> Vec<bool> {
    let rows = features(dom, blocks, facts);
    let mut keep: Vec<bool> = rows.iter().map(|row| BODY.probability(row) > KEEP).collect();
    for (block, keep) in blocks.iter().zip(&mut keep) {
        *keep = *keep && !is_signpost(block);
    }
    drop_hanging_headings(blocks, &mut keep);
    keep
}

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
