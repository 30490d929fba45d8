//! The scorer: small decision trees over a block's features, fitted by gradient boosting on
//! labelled news pages.
//!
//! `forest.txt` says in its head what it was fitted with (`# lexicon`: the mark of the word lists
//! that the features are made of), holds the names of the features on one line and then one tree a line, in
//! prefix order: `7<=0.25` asks whether feature 7 is at most 0.25 (the "yes" branch follows, then
//! the "no" branch), a bare number is a leaf. The leaves reached are summed and squashed to the
//! probability that the block belongs to the article.

use std::sync::LazyLock;

use super::{
    features,
    stage::{STAGES, Stage},
};

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Feature to look at, or `LEAF`.
    pub(super) feature: u16,
    /// Index of the "no" branch; the "yes" branch is the next node.
    pub(super) no: u16,
    /// Threshold, or the leaf's value.
    pub(super) value: f32,
}

pub(super) const LEAF: u16 = u16::MAX;

/// A sum of leaves beyond which the remaining trees are not asked.
const FAR: f32 = 3.5;

/// The same on pages of more than [`CROWDED`] blocks. Of the 84,000 blocks of 396 saved pages the
/// remaining trees would have turned one in 800.
const FAR_ENOUGH: f32 = 2.0;

/// Blocks of a page above which its trees are asked less thoroughly. The largest of 1,879 saved
/// pages has 2,240.
const CROWDED: usize = 5_000;

/// So many trees are asked between two looks at the sum.
pub(super) const GROUP: usize = 8;

/// Fitted trees.
#[derive(Debug)]
pub(super) struct Forest {
    nodes: Vec<Node>,
    /// The same trees, some at a time.
    stages: Vec<Stage>,
    /// Where each tree begins in `nodes`. The first is a bare zero.
    roots: Vec<u32>,
    /// Each feature's thresholds, ascending, each once.
    thresholds: Vec<Vec<f32>>,
    /// For each feature, the trees that ask for it.
    askers: Vec<Trees>,
}

/// A set of trees: a byte for each group of them.
type Trees = Vec<u8>;

/// The trees that tell article from furniture.
pub(super) static BODY: LazyLock<Forest> = LazyLock::new(|| {
    Forest::read(include_str!("forest.txt"), &features::names(), &features::usual())
        .expect("the embedded trees are read by a test")
});

impl Forest {
    /// Reads trees whose features are among `names`; `usual` are values that most rows have.
    fn read(text: &str, names: &[String], usual: &[f32]) -> Result<Forest, String> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut features = Vec::new();
        for name in lines.next().unwrap_or_default().split_ascii_whitespace() {
            let index = names.iter().position(|n| n == name);
            features.push(index.ok_or_else(|| format!("unknown feature {name}"))? as u16);
        }
        let zero = Node { feature: LEAF, no: 0, value: 0.0 };
        let mut forest = Forest {
            nodes: vec![zero],
            stages: Vec::new(),
            // The sum was first looked at before the eighth tree when the trees were fitted.
            roots: vec![0],
            thresholds: vec![Vec::new(); names.len()],
            askers: Vec::new(),
        };
        for line in lines {
            let base = forest.nodes.len();
            forest.roots.push(base as u32);
            // Splits whose "no" branch is still to come.
            let mut waiting: Vec<usize> = Vec::new();
            for token in line.split_ascii_whitespace() {
                let here = forest.nodes.len() - base;
                let number = |n: &str| n.parse::<f32>().map_err(|e| format!("{n}: {e}"));
                match token.split_once("<=") {
                    Some((feature, threshold)) => {
                        let feature = feature.parse::<usize>().map_err(|e| e.to_string())?;
                        let feature =
                            *features.get(feature).ok_or_else(|| format!("feature {feature}"))?;
                        waiting.push(here);
                        forest.nodes.push(Node { feature, no: 0, value: number(threshold)? });
                    }
                    None => {
                        forest.nodes.push(Node { feature: LEAF, no: 0, value: number(token)? });
                        if let Some(split) = waiting.pop() {
                            let next = forest.nodes.len() - base;
                            forest.nodes[base + split].no =
                                u16::try_from(next).map_err(|e| e.to_string())?;
                        }
                    }
                }
            }
            // Every split has two branches, so there is one leaf more than splits.
            let leaves = forest.nodes[base..].iter().filter(|n| n.feature == LEAF).count();
            if !waiting.is_empty() || 2 * leaves != forest.nodes.len() - base + 1 {
                return Err(format!("a tree ends early: {line:.40}"));
            }
        }
        forest.index();
        let mut roots = forest.roots.as_slice();
        for (i, stage) in STAGES.into_iter().enumerate() {
            let (now, later) = roots.split_at(stage.min(roots.len()));
            let trees = now.iter().map(|&root| &forest.nodes[root as usize..]);
            forest.stages.push(Stage::new(trees, usual)?);
            if i + 1 == STAGES.len() && !later.is_empty() {
                return Err(format!("{} trees too many", later.len()));
            }
            roots = later;
        }
        Ok(forest)
    }

    /// Fills in what the trees ask of each feature.
    fn index(&mut self) {
        self.askers = vec![vec![0; self.roots.len().div_ceil(GROUP)]; self.thresholds.len()];
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, n)| n.feature != LEAF) {
            let tree = self.roots.partition_point(|&root| root as usize <= at) - 1;
            self.askers[node.feature as usize][tree / GROUP] |= 1 << (tree % GROUP);
            self.thresholds[node.feature as usize].push(node.value);
        }
        for thresholds in &mut self.thresholds {
            thresholds.sort_unstable_by(f32::total_cmp);
            thresholds.dedup();
        }
    }

    /// The probability for a row of features.
    fn probability(&self, row: &[f32], far: f32) -> f32 {
        let mut sum = 0.0f32;
        for stage in &self.stages {
            let exits = stage.exits(row);
            for (group, exits) in stage.leaves.chunks(GROUP).zip(exits.chunks(GROUP)) {
                // Most blocks are clear furniture long before the last tree; later trees only
                // correct what is left, so a sum this far out no longer turns.
                if sum.abs() > far {
                    return squash(sum);
                }
                for (leaves, exit) in group.iter().zip(exits) {
                    sum += leaves[exit.trailing_zeros() as usize % leaves.len()];
                }
            }
        }
        squash(sum)
    }

    /// The leaf that a row of features reaches in the tree that begins at `root`.
    fn leaf(&self, root: u32, row: &[f32]) -> f32 {
        let tree = &self.nodes[root as usize..];
        let mut at = 0;
        loop {
            let node = tree[at];
            if node.feature == LEAF {
                return node.value;
            }
            at = if row[node.feature as usize] <= node.value { at + 1 } else { node.no as usize };
        }
    }
}

/// Asks the trees for one row after another. What they said of some is kept: the blocks of a list
/// or a table differ in little, and where no threshold stands between two rows' values of a
/// feature, no tree that asks for it answers otherwise.
#[derive(Debug)]
pub(super) struct Asking<'f> {
    forest: &'f Forest,
    far: f32,
    kept: Vec<Kept>,
}

/// How many rows are kept to compare others with.
const ROWS: usize = 64;

/// A row in so many features on the other side of a threshold is asked for anew.
const NEAR: usize = 6;

/// After so many rows that are not near, another is kept: most rows of ordinary pages are not
/// worth keeping.
const PATIENCE: u8 = 6;

/// Features compared at a time.
const LANES: usize = 16;

impl<'f> Asking<'f> {
    /// For the rows of a page of so many blocks.
    pub(super) fn new(forest: &'f Forest, blocks: usize) -> Self {
        let far = if blocks > CROWDED { FAR_ENOUGH } else { FAR };
        Asking { forest, far, kept: vec![Kept::default(); ROWS] }
    }

    /// The probability for a row of features. Those that are `like` each other are told faster.
    pub(super) fn probability(&mut self, like: u64, row: &[f32]) -> f32 {
        let kept = &mut self.kept[like as usize % ROWS];
        match kept.turned(row) {
            Some(0) => return kept.probability,
            Some(_) => {}
            None if kept.patience > 0 => {
                kept.patience -= 1;
                return self.forest.probability(row, self.far);
            }
            None => kept.patience = PATIENCE,
        }
        kept.turn_to(self.forest, row);
        kept.ask(self.forest, row, self.far);
        kept.probability
    }
}

/// What the trees said of a row.
#[derive(Clone, Debug)]
struct Kept {
    /// The thresholds around the value of each feature: above the first, not above the second.
    above: Vec<f32>,
    up_to: Vec<f32>,
    /// The leaf reached in each tree.
    leaves: Vec<[f32; GROUP]>,
    /// The trees whose leaf may be another now.
    stale: Trees,
    probability: f32,
    /// How many rows that are not near it may stand still.
    patience: u8,
}

impl Default for Kept {
    fn default() -> Self {
        Kept {
            above: Vec::new(),
            up_to: Vec::new(),
            leaves: Vec::new(),
            stale: Vec::new(),
            probability: 0.5,
            patience: PATIENCE,
        }
    }
}

fn stays(x: f32, above: f32, up_to: f32) -> bool {
    (x > above) & (x <= up_to)
}

/// No branch in the loop: four are compared at once.
fn all_stay(row: &[f32], above: &[f32], up_to: &[f32]) -> bool {
    let lanes = row.iter().zip(above).zip(up_to);
    lanes.fold(true, |all, ((x, above), up_to)| all & stays(*x, *above, *up_to))
}

impl Kept {
    /// How many features of a row stand on another side of a threshold, if few do.
    fn turned(&self, row: &[f32]) -> Option<usize> {
        if self.above.is_empty() {
            return None;
        }
        let mut turned = 0;
        for at in (0..row.len()).step_by(LANES) {
            let lanes = at..(at + LANES).min(row.len());
            let (row, above) = (&row[lanes.clone()], &self.above[lanes.clone()]);
            let up_to = &self.up_to[lanes];
            if !all_stay(row, above, up_to) {
                let lanes = row.iter().zip(above).zip(up_to);
                turned += lanes.filter(|((x, above), up_to)| !stays(**x, **above, **up_to)).count();
                if turned > NEAR {
                    return None;
                }
            }
        }
        Some(turned)
    }

    /// Keeps another row.
    fn turn_to(&mut self, forest: &Forest, row: &[f32]) {
        if self.above.is_empty() {
            let groups = forest.roots.len().div_ceil(GROUP);
            // Between these stands no value.
            self.above = vec![f32::INFINITY; row.len()];
            self.up_to = vec![f32::NEG_INFINITY; row.len()];
            self.leaves = vec![[0.0; GROUP]; groups];
            self.stale = vec![u8::MAX; groups];
        }
        for at in (0..row.len()).step_by(LANES) {
            let lanes = at..(at + LANES).min(row.len());
            let up_to = &self.up_to[lanes.clone()];
            if all_stay(&row[lanes.clone()], &self.above[lanes.clone()], up_to) {
                continue;
            }
            for feature in lanes {
                let x = row[feature];
                if stays(x, self.above[feature], self.up_to[feature]) {
                    continue;
                }
                let thresholds = &forest.thresholds[feature];
                // What is no number is at most nothing, so it answers as what is above all.
                let at = thresholds.partition_point(|t| x.is_nan() || x > *t);
                let below = at.checked_sub(1).map(|at| thresholds[at]);
                self.above[feature] = below.unwrap_or(f32::NEG_INFINITY);
                self.up_to[feature] = thresholds.get(at).copied().unwrap_or(f32::INFINITY);
                for (stale, asks) in self.stale.iter_mut().zip(&forest.askers[feature]) {
                    *stale |= asks;
                }
            }
        }
    }

    /// Asks the trees whose leaf may be another.
    fn ask(&mut self, forest: &Forest, row: &[f32], far: f32) {
        let groups = self.leaves.iter_mut().zip(&mut self.stale).zip(forest.roots.chunks(GROUP));
        let mut sum = 0.0f32;
        for ((leaves, stale), roots) in groups {
            if sum.abs() > far {
                break;
            }
            while *stale != 0 {
                let k = stale.trailing_zeros() as usize;
                *stale &= *stale - 1;
                if let Some(&root) = roots.get(k) {
                    leaves[k] = forest.leaf(root, row);
                }
            }
            for leaf in leaves {
                sum += *leaf;
            }
        }
        self.probability = squash(sum);
    }
}

fn squash(sum: f32) -> f32 {
    1.0 / (1.0 + (-sum).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_trees_can_be_read() {
        assert!(BODY.roots.len() > 10);
    }

    #[test]
    fn the_embedded_trees_were_fitted_with_the_words_there_are() {
        let head = include_str!("forest.txt").lines().find_map(|l| l.strip_prefix("# lexicon "));
        let now = crate::parse::lexicon::of_models();
        assert_eq!(head, Some(now.as_str()), "a list changed: fit anew (examples/fit_html)");
    }

    #[test]
    fn a_tree_is_walked_by_its_answers() {
        let names = ["a".to_owned(), "b".to_owned()];
        let read = |text: &str| Forest::read(text, &names, &[9.0, 0.0]);
        let forest = read("b a\n0<=1 1<=5 -2 0 3\n").unwrap();
        assert!(forest.probability(&[0.0, 0.0], FAR) < 0.2);
        assert_eq!(forest.probability(&[9.0, 0.0], FAR), 0.5);
        assert!(forest.probability(&[0.0, 2.0], FAR) > 0.9);
        assert!(read("c\n1").is_err());
        let large = format!("a\n{}{}", "0<=1 ".repeat(16), "0 ".repeat(17));
        assert!(read(&large).is_err());
        assert!(read("a\n0<=1 2").is_err());
    }

    /// What the trees say, one after the other.
    fn walked(row: &[f32]) -> f32 {
        let mut sum = 0.0f32;
        for group in BODY.roots.chunks(GROUP) {
            if sum.abs() <= FAR {
                group.iter().for_each(|&root| sum += BODY.leaf(root, row));
            }
        }
        squash(sum)
    }

    proptest::proptest! {
        /// Whatever rows went before, the answer is that of the trees.
        #[test]
        fn rows_kept_change_no_answer(
            rows in proptest::collection::vec((0u64..3, 0usize..8, -2i8..60), 1..60),
        ) {
            let width = super::super::features::names().len();
            let mut row = vec![0.0; width];
            let mut asking = Asking::new(&BODY, 1);
            for (like, feature, value) in rows {
                // Few features change from row to row, all over the row; some are no number.
                let feature = (feature * 31 + like as usize * 7) % width;
                row[feature] = if value < 0 { f32::NAN } else { f32::from(value) / 4.0 };
                let right = walked(&row);
                proptest::prop_assert_eq!(asking.probability(like, &row), right);
                proptest::prop_assert_eq!(BODY.probability(&row, FAR), right);
            }
        }
    }
}
