//! Gradient boosting of small decision trees (Friedman 2001), with the randomised thresholds of
//! Geurts et al. 2006: at each node a feature offers one random threshold, which keeps trees that
//! are fitted on few sites from learning those sites by heart.

/// How trees are grown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    pub(crate) trees: usize,
    /// Leaves of a tree.
    pub(crate) leaves: usize,
    /// Rows a leaf holds at least.
    pub(crate) least: u32,
    /// Share of a tree that is added.
    pub(crate) rate: f64,
    /// Weight of the pull of leaves towards nothing.
    pub(crate) ridge: f64,
    /// Share of the features a tree may ask.
    pub(crate) features: f64,
    /// Share of the rows a tree is grown on.
    pub(crate) rows: f64,
    pub(crate) seed: u64,
}

/// A tree in prefix order: a split is followed by its "yes" branch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Node {
    /// Feature, threshold ("at most"), index of the "no" branch.
    Split(usize, f32, usize),
    Leaf(f64),
}

impl Tree {
    fn value(&self, row: &[f32]) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf(value) => return value,
                Node::Split(feature, threshold, no) => {
                    at = if row[feature] <= threshold { at + 1 } else { no };
                }
            }
        }
    }
}

/// The probability that a sum of trees gives a row.
pub(crate) fn probability(trees: &[Tree], row: &[f32]) -> f32 {
    let sum: f64 = trees.iter().map(|tree| tree.value(row)).sum();
    (1.0 / (1.0 + (-sum).exp())) as f32
}

/// Rows as columns of bins.
pub(crate) struct Table {
    /// Bin of each row, feature by feature.
    columns: Vec<Vec<u8>>,
    /// Upper ends of a feature's bins.
    ends: Vec<Vec<f32>>,
    labels: Vec<bool>,
    weights: Vec<f64>,
}

const BINS: usize = 255;

impl Table {
    /// Rows with their labels and weights.
    pub(crate) fn new(rows: &[&[f32]], labels: Vec<bool>, weights: Vec<f64>) -> Table {
        let features = rows.first().map_or(0, |row| row.len());
        let mut columns = Vec::with_capacity(features);
        let mut ends = Vec::with_capacity(features);
        for feature in 0..features {
            let values: Vec<f32> = rows.iter().map(|row| row[feature]).collect();
            let end = bins(&values);
            columns.push(values.iter().map(|v| end.partition_point(|e| e < v) as u8).collect());
            ends.push(end);
        }
        Table { columns, ends, labels, weights }
    }
}

/// Upper ends of at most [`BINS`] bins that hold about as many of the values each.
fn bins(values: &[f32]) -> Vec<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let mut distinct = sorted.clone();
    distinct.dedup();
    // Between two values that occur lies the threshold.
    let between = |i: usize| (distinct[i] + distinct[i + 1]) / 2.0;
    let mut ends: Vec<f32> = if distinct.len() <= BINS {
        (0..distinct.len() - 1).map(between).collect()
    } else {
        let mut ends: Vec<f32> = (1..BINS).map(|b| sorted[b * (sorted.len() - 1) / BINS]).collect();
        ends.dedup();
        ends
    };
    ends.push(f32::INFINITY);
    ends
}

/// What falls into a bin: sums of gradients and curvatures, and rows.
#[derive(Clone, Copy, Default)]
struct Bin {
    gradient: f64,
    curvature: f64,
    rows: u32,
}

impl Bin {
    fn add(&mut self, other: Bin) {
        self.gradient += other.gradient;
        self.curvature += other.curvature;
        self.rows += other.rows;
    }
}

#[derive(Clone, Copy)]
struct Split {
    gain: f64,
    feature: usize,
    bin: u8,
}

struct Leaf {
    rows: Vec<u32>,
    sum: Bin,
    best: Option<Split>,
    /// Its node among those grown.
    node: usize,
}

enum Grown {
    Leaf(f64),
    Split(Split, usize, usize),
}

/// A small generator (splitmix64): the same seed grows the same trees.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Fits trees to a table.
pub(crate) fn fit(table: &Table, growth: &Growth) -> Vec<Tree> {
    let n = table.labels.len();
    let mut chance = Chance(growth.seed);
    let positive: f64 =
        table.weights.iter().zip(&table.labels).filter(|(_, l)| **l).map(|(w, _)| w).sum();
    let all: f64 = table.weights.iter().sum();
    let base = (positive / (all - positive)).ln();
    let mut sums = vec![base; n];
    let mut trees = Vec::with_capacity(growth.trees);
    let mut gradients = vec![Bin::default(); n];
    for round in 0..growth.trees {
        for (i, gradient) in gradients.iter_mut().enumerate() {
            let p = 1.0 / (1.0 + (-sums[i]).exp());
            let target = f64::from(u8::from(table.labels[i]));
            *gradient = Bin {
                gradient: table.weights[i] * (p - target),
                curvature: table.weights[i] * p * (1.0 - p),
                rows: 1,
            };
        }
        let mut features: Vec<usize> = (0..table.columns.len()).collect();
        let asked = (features.len() as f64 * growth.features).ceil() as usize;
        for i in 0..asked {
            let other = i + chance.below(features.len() - i);
            features.swap(i, other);
        }
        features.truncate(asked);
        let rows: Vec<u32> = (0..n as u32).filter(|_| chance.share() < growth.rows).collect();
        let grown = grow(table, &gradients, rows, &features, growth, &mut chance);
        let mut tree = Tree::default();
        let first = if round == 0 { base } else { 0.0 };
        flatten(&grown, 0, table, growth.rate, first, &mut tree);
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum += leaf_of(&grown, table, i) * growth.rate;
        }
        trees.push(tree);
    }
    trees
}

/// Grows one tree, always splitting the leaf that gains most.
fn grow(
    table: &Table,
    gradients: &[Bin],
    rows: Vec<u32>,
    features: &[usize],
    growth: &Growth,
    chance: &mut Chance,
) -> Vec<Grown> {
    let value = |sum: Bin| -sum.gradient / (sum.curvature + growth.ridge);
    let mut grown = Vec::new();
    let leaf = |rows: Vec<u32>, grown: &mut Vec<Grown>, chance: &mut Chance| {
        let mut sum = Bin::default();
        rows.iter().for_each(|&r| sum.add(gradients[r as usize]));
        let best = best_split(table, gradients, &rows, sum, features, growth, chance);
        grown.push(Grown::Leaf(value(sum)));
        Leaf { rows, sum, best, node: grown.len() - 1 }
    };
    let root = leaf(rows, &mut grown, chance);
    let mut leaves = vec![root];
    while leaves.len() < growth.leaves {
        let most = (0..leaves.len())
            .filter(|&i| leaves[i].best.is_some())
            .max_by(|&a, &b| gain(&leaves[a]).total_cmp(&gain(&leaves[b])));
        let Some(at) = most else { break };
        let split = leaves.swap_remove(at);
        debug_assert!(split.sum.rows as usize == split.rows.len());
        let Some(best) = split.best else { break };
        let column = &table.columns[best.feature];
        let (yes, no) = split.rows.into_iter().partition(|&r| column[r as usize] <= best.bin);
        let yes = leaf(yes, &mut grown, chance);
        let no = leaf(no, &mut grown, chance);
        grown[split.node] = Grown::Split(best, yes.node, no.node);
        leaves.push(yes);
        leaves.push(no);
    }
    grown
}

fn gain(leaf: &Leaf) -> f64 {
    leaf.best.map_or(0.0, |best| best.gain)
}

fn best_split(
    table: &Table,
    gradients: &[Bin],
    rows: &[u32],
    sum: Bin,
    features: &[usize],
    growth: &Growth,
    chance: &mut Chance,
) -> Option<Split> {
    if sum.rows < 2 * growth.least {
        return None;
    }
    let score = |sum: Bin| sum.gradient * sum.gradient / (sum.curvature + growth.ridge);
    // Side by side, so that each feature reads them in one sweep.
    let own: Vec<Bin> = rows.iter().map(|&row| gradients[row as usize]).collect();
    let mut best: Option<Split> = None;
    for &feature in features {
        let column = &table.columns[feature];
        if table.ends[feature].len() < 2 {
            continue;
        }
        let bin = chance.below(table.ends[feature].len() - 1) as u8;
        let mut yes = Bin::default();
        for (&row, own) in rows.iter().zip(&own) {
            let is_yes = column[row as usize] <= bin;
            yes.gradient += if is_yes { own.gradient } else { 0.0 };
            yes.curvature += if is_yes { own.curvature } else { 0.0 };
            yes.rows += u32::from(is_yes);
        }
        let no = Bin {
            gradient: sum.gradient - yes.gradient,
            curvature: sum.curvature - yes.curvature,
            rows: sum.rows - yes.rows,
        };
        let gain = score(yes) + score(no) - score(sum);
        if yes.rows >= growth.least
            && no.rows >= growth.least
            && gain > 1e-9
            && best.is_none_or(|b| gain > b.gain)
        {
            best = Some(Split { gain, feature, bin });
        }
    }
    best
}

fn leaf_of(grown: &[Grown], table: &Table, row: usize) -> f64 {
    let mut at = 0;
    loop {
        match &grown[at] {
            Grown::Leaf(value) => return *value,
            Grown::Split(split, yes, no) => {
                at = if table.columns[split.feature][row] <= split.bin { *yes } else { *no };
            }
        }
    }
}

fn flatten(grown: &[Grown], at: usize, table: &Table, rate: f64, base: f64, tree: &mut Tree) {
    match &grown[at] {
        Grown::Leaf(value) => tree.nodes.push(Node::Leaf(value * rate + base)),
        Grown::Split(split, yes, no) => {
            let threshold = table.ends[split.feature][usize::from(split.bin)];
            let here = tree.nodes.len();
            tree.nodes.push(Node::Split(split.feature, threshold, 0));
            flatten(grown, *yes, table, rate, base, tree);
            tree.nodes[here] = Node::Split(split.feature, threshold, tree.nodes.len());
            flatten(grown, *no, table, rate, base, tree);
        }
    }
}
