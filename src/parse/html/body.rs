//! Which blocks are the article.

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
    drop_hanging_headings(blocks, &mut keep);
    keep
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
