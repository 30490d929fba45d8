//! Some of the trees, asked all at once: not tree by tree, each answer deciding the next question,
//! but feature by feature. Every answer that differs from the usual one rules out leaves of its
//! tree; of those left the first is the one that walking down would reach (QuickScorer; Lucchese
//! and others, SIGIR 2015).

use super::forest::{GROUP, LEAF, Node};

/// How many trees are asked at once.
pub(super) const STAGE: usize = 15 * GROUP;

/// Leaves a tree has at most: a bit each.
const LEAVES: usize = u16::BITS as usize;

/// Trees are told by so many numbers.
const ROOM: usize = STAGE.next_power_of_two();

/// Trees that are asked together.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// For each feature the cuts where the usual answer is yes, rising.
    rising: Vec<(u16, Vec<Cut>)>,
    /// Those where it is no, falling.
    falling: Vec<(u16, Vec<Cut>)>,
    /// The leaves of each tree.
    pub(super) leaves: Vec<[f32; LEAVES]>,
}

/// A question of a tree.
#[derive(Clone, Copy, Debug)]
struct Cut {
    threshold: f32,
    tree: u16,
    /// The leaves that the unusual answer leaves.
    left: u16,
}

impl Stage {
    /// Trees as [`Node`]s; `usual` are values of the features that most rows have.
    pub(super) fn new<'t>(
        trees: impl Iterator<Item = &'t [Node]>,
        usual: &[f32],
    ) -> Result<Stage, String> {
        let mut stage = Stage::default();
        let mut cuts = Vec::new();
        for (tree, nodes) in trees.enumerate() {
            let mut leaves = Vec::new();
            split(nodes, 0, tree as u16, usual, &mut leaves, &mut cuts);
            if leaves.len() > LEAVES {
                return Err(format!("a tree has {} leaves: up to {LEAVES} are read", leaves.len()));
            }
            leaves.resize(LEAVES, 0.0);
            stage.leaves.push(std::array::from_fn(|at| leaves[at]));
        }
        cuts.sort_by(|(a, _, x), (b, _, y)| a.cmp(b).then(x.threshold.total_cmp(&y.threshold)));
        for same in cuts.chunk_by(|(a, ..), (b, ..)| a == b) {
            let of = |yes: bool| same.iter().filter(move |cut| cut.1 == yes).map(|cut| cut.2);
            let feature = same[0].0;
            stage.rising.push((feature, of(true).collect()));
            stage.falling.push((feature, of(false).rev().collect()));
        }
        stage.rising.retain(|(_, cuts)| !cuts.is_empty());
        stage.falling.retain(|(_, cuts)| !cuts.is_empty());
        Ok(stage)
    }

    /// For each tree, the leaves that are left: the lowest bit is the one reached.
    pub(super) fn exits(&self, row: &[f32]) -> [u16; ROOM] {
        let mut exits = [u16::MAX; ROOM];
        for (feature, cuts) in &self.rising {
            let x = row[usize::from(*feature)];
            for cut in cuts.iter().take_while(|cut| x.is_nan() || x > cut.threshold) {
                exits[usize::from(cut.tree) % ROOM] &= cut.left;
            }
        }
        for (feature, cuts) in &self.falling {
            let x = row[usize::from(*feature)];
            for cut in cuts.iter().take_while(|cut| x <= cut.threshold) {
                exits[usize::from(cut.tree) % ROOM] &= cut.left;
            }
        }
        exits
    }
}

/// Appends the leaves below a node, those of the usual answer first, and each question's feature,
/// whether yes is its usual answer, and cut; the bits of the leaves.
fn split(
    tree: &[Node],
    at: usize,
    number: u16,
    usual: &[f32],
    leaves: &mut Vec<f32>,
    cuts: &mut Vec<(u16, bool, Cut)>,
) -> u32 {
    let node = tree[at];
    if node.feature == LEAF {
        leaves.push(node.value);
        // A tree of too many leaves is told as such once it is read.
        return 1u32.checked_shl(leaves.len() as u32 - 1).unwrap_or(0);
    }
    let yes = usual[usize::from(node.feature)] <= node.value;
    let (first, second) = if yes { (at + 1, node.no.into()) } else { (node.no.into(), at + 1) };
    let ruled_out = split(tree, first, number, usual, leaves, cuts);
    let others = split(tree, second, number, usual, leaves, cuts);
    let cut = Cut { threshold: node.value, tree: number, left: !(ruled_out as u16) };
    cuts.push((node.feature, yes, cut));
    ruled_out | others
}
