//! The scorer: small decision trees over a block's features, fitted by gradient boosting on
//! labelled news pages.
//!
//! `forest.txt` holds the names of the features on its first line and then one tree a line, in
//! prefix order: `7<=0.25` asks whether feature 7 is at most 0.25 (the "yes" branch follows, then
//! the "no" branch), a bare number is a leaf. The leaves reached are summed and squashed to the
//! probability that the block belongs to the article.

use std::sync::LazyLock;

#[derive(Clone, Copy, Debug)]
struct Node {
    /// Feature to look at, or `LEAF`.
    feature: u16,
    /// Index of the "no" branch; the "yes" branch is the next node.
    no: u16,
    /// Threshold, or the leaf's value.
    value: f32,
}

const LEAF: u16 = u16::MAX;

/// A sum of leaves beyond which the remaining trees are not asked.
const FAR: f32 = 3.5;

/// Fitted trees.
#[derive(Debug)]
pub(super) struct Forest {
    nodes: Vec<Node>,
    roots: Vec<u32>,
}

/// The trees that tell article from furniture.
pub(super) static BODY: LazyLock<Forest> = LazyLock::new(|| {
    Forest::read(include_str!("forest.txt"), &super::features::names())
        .expect("the embedded trees are read by a test")
});

impl Forest {
    /// Reads trees whose features are among `names`.
    fn read(text: &str, names: &[String]) -> Result<Forest, String> {
        let mut lines = text.lines();
        let mut features = Vec::new();
        for name in lines.next().unwrap_or_default().split_ascii_whitespace() {
            let index = names.iter().position(|n| n == name);
            features.push(index.ok_or_else(|| format!("unknown feature {name}"))? as u16);
        }
        let mut forest = Forest { nodes: Vec::new(), roots: Vec::new() };
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
        Ok(forest)
    }

    /// The probability for a row of features.
    pub(super) fn probability(&self, row: &[f32]) -> f32 {
        let mut sum = 0.0f32;
        for (i, &root) in self.roots.iter().enumerate() {
            // Most blocks are clear furniture long before the last tree; later trees only
            // correct what is left, so a sum this far out no longer turns.
            if i % 8 == 7 && sum.abs() > FAR {
                break;
            }
            let tree = &self.nodes[root as usize..];
            let mut at = 0;
            loop {
                let node = tree[at];
                if node.feature == LEAF {
                    sum += node.value;
                    break;
                }
                at = if row[node.feature as usize] <= node.value {
                    at + 1
                } else {
                    node.no as usize
                };
            }
        }
        1.0 / (1.0 + (-sum).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_trees_can_be_read() {
        assert!(BODY.roots.len() > 10);
    }

    #[test]
    fn a_tree_is_walked_by_its_answers() {
        let names = ["a".to_owned(), "b".to_owned()];
        let forest = Forest::read("b a\n0<=1 1<=5 -2 0 3\n", &names).unwrap();
        assert!(forest.probability(&[0.0, 0.0]) < 0.2);
        assert_eq!(forest.probability(&[9.0, 0.0]), 0.5);
        assert!(forest.probability(&[0.0, 2.0]) > 0.9);
        assert!(Forest::read("c\n1", &names).is_err());
        assert!(Forest::read("a\n0<=1 2", &names).is_err());
    }
}
