//! Fits the trees that tell article from furniture (`src/parse/html/forest.txt`).
//!
//! ```console
//! FLASHWIRE_CORPUS=… cargo run --release --example fit_html -- --divisions 3 --support DERIVED
//! FLASHWIRE_CORPUS=… cargo run --release --example fit_html -- --divisions 0 --support DERIVED \
//!     --write src/parse/html/forest.txt
//! ```
//!
//! The first measures, the second writes the trees. The corpus is a folder with sets of labelled
//! pages below `html/`: `html/SET/KEY.html[.gz]` and `html/SET/truth.json`, an object of
//! `{"KEY": {"url": …, "body": …}}`. For each division the sites fall into five parts; each part
//! is scored by trees fitted on the other four, through the whole of `parse`. Those figures are
//! what counts, and what a new fit is adopted by, over several divisions: one differs from the
//! next by up to 0.008, and on its own pages a fit always looks better than it is. What is written
//! depends on the corpus and the arguments alone.
//!
//! To these pages come their lean versions: the smallest element that holds headline and body, and
//! nothing around it, as print views and reader exports have it. Without them the trees take every
//! line of a small page for text. They weigh `--share` of a page, as do the pages of the sets named
//! by `--support SET,…`: sets whose labels were not cut out by people, but follow from another
//! extractor's rules for the page. There a label that trees fitted without the page are sure to be
//! wrong counts for nothing.
//!
//! `--odds FILE` measures what is made of the odds that an earlier `--blocks FILE` wrote: what a
//! change to the rules does, free of the chance of another fit.
//!
//! A fit may measure better on whole sets and yet put bylines and dates into bodies: adopt none
//! before `cargo test --test it pages` was run with it.
//!
//! `--blocks FILE` writes each page's blocks with their labels, odds and whether they were kept,
//! worst page first.
//!
//! Pages that the trees fitted without them find mislabelled (more than a quarter of the found
//! body is sure to be article and yet not in the label, as with labels that were cut short) are
//! measured but not fitted on.
#![allow(clippy::print_stdout, reason = "it prints its measurements")]
#![allow(missing_docs, reason = "an example's modules are its own")]

mod boost;
mod corpus;
mod measure;

use std::{collections::BTreeMap, error::Error, fmt::Write as _, path::PathBuf};

use boost::{Growth, Node, Table, Tree, probability};
use corpus::{LEAN, Labelled};
use flashwire::parse::fit;
use measure::Score;

const PARTS: usize = 5;

/// What the command line asks for.
struct Asked {
    growth: Growth,
    /// How many forests of different seeds are fitted and their leaves averaged.
    bags: u64,
    /// How often the sites are divided into parts, each time otherwise.
    divisions: u64,
    /// The first division.
    division: u64,
    /// Where to write the trees fitted on all pages.
    write: Option<PathBuf>,
    /// Sets whose labels were not cut out by people.
    support: Vec<String>,
    /// What a page of these weighs, and a lean one.
    share: f64,
    /// Odds of an earlier run, as `--blocks` wrote them, to measure what is made of them.
    odds: Option<PathBuf>,
    /// Where to write each block with its odds on sites not fitted on.
    blocks: Option<PathBuf>,
}

fn asked() -> Result<Asked, Box<dyn Error>> {
    let growth = Growth {
        trees: 350,
        leaves: 16,
        least: 80,
        rate: 0.08,
        ridge: 20.0,
        features: 0.4,
        rows: 0.7,
        seed: 1,
    };
    let mut asked = Asked {
        growth,
        bags: 1,
        divisions: 1,
        division: 0,
        write: None,
        support: Vec::new(),
        share: 0.3,
        odds: None,
        blocks: None,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or(format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--trees" => asked.growth.trees = value.parse()?,
            "--leaves" => asked.growth.leaves = value.parse()?,
            "--least" => asked.growth.least = value.parse()?,
            "--rate" => asked.growth.rate = value.parse()?,
            "--ridge" => asked.growth.ridge = value.parse()?,
            "--features" => asked.growth.features = value.parse()?,
            "--rows" => asked.growth.rows = value.parse()?,
            "--seed" => asked.growth.seed = value.parse()?,
            "--bags" => asked.bags = value.parse()?,
            "--divisions" => asked.divisions = value.parse()?,
            "--division" => asked.division = value.parse()?,
            "--write" => asked.write = Some(value.into()),
            "--support" => asked.support = value.split(',').map(str::to_owned).collect(),
            "--share" => asked.share = value.parse()?,
            "--odds" => asked.odds = Some(value.into()),
            "--blocks" => asked.blocks = Some(value.into()),
            _ => return Err(format!("{arg} is no argument of this tool").into()),
        }
    }
    Ok(asked)
}

fn main() -> Result<(), Box<dyn Error>> {
    let asked = asked()?;
    let corpus = std::env::var_os("FLASHWIRE_CORPUS").ok_or("FLASHWIRE_CORPUS is not set")?;
    let mut pages = corpus::read(&PathBuf::from(corpus).join("html"))?;
    println!("{} pages, {} blocks", pages.len(), pages.iter().map(|p| p.rows.len()).sum::<usize>());

    if let Some(file) = &asked.odds {
        let odds = read_odds(&std::fs::read_to_string(file)?, &pages)?;
        report(&pages, &odds);
        if let Some(file) = &asked.blocks {
            std::fs::write(file, lines(&pages, &odds))?;
        }
        return Ok(());
    }

    let lean: Vec<Labelled> =
        pages.iter().filter(|p| !asked.support.contains(&p.set)).filter_map(corpus::lean).collect();
    println!("{} lean pages", lean.len());
    pages.extend(lean);

    // A coarse fit is enough to see which labels can't be.
    let coarse = Growth { trees: 100, rate: 0.2, seed: 1, ..asked.growth };
    for page in &mut pages {
        page.weights = weights(page);
    }
    let odds = crossed(&pages, &vec![true; pages.len()], &coarse, 1, 0);
    let sound: Vec<bool> = pages.iter().zip(&odds).map(|(page, odds)| sound(page, odds)).collect();
    println!("{} pages look mislabelled", sound.iter().filter(|s| !**s).count());
    for (page, odds) in pages.iter_mut().zip(&odds) {
        page.weights = weights(page);
        if page.set == LEAN || asked.support.contains(&page.set) {
            doubt(page, odds, asked.share);
        }
    }
    for division in asked.division..asked.division + asked.divisions {
        let odds = crossed(&pages, &sound, &asked.growth, asked.bags, division);
        println!("on sites not fitted on, division {division}:");
        report(&pages, &odds);
        if let Some(file) = asked.blocks.as_ref().filter(|_| division == asked.division) {
            std::fs::write(file, lines(&pages, &odds))?;
        }
    }
    if let Some(file) = asked.write {
        let used: Vec<&Labelled> =
            pages.iter().zip(&sound).filter(|(_, s)| **s).map(|(p, _)| p).collect();
        let trees = bagged(&table(&used), &asked.growth, asked.bags);
        let odds: Vec<Vec<f32>> = pages.iter().map(|p| score(&trees, p)).collect();
        println!("on the sites fitted on:");
        report(&pages, &odds);
        let head = format!(
            "# fitted by examples/fit_html; its head says how\n# lexicon {}\n",
            fit::lexicon()
        );
        std::fs::write(file, head + &text(&trees))?;
    }
    Ok(())
}

/// Each page's odds by trees that were fitted without its site.
fn crossed(
    pages: &[Labelled],
    sound: &[bool],
    growth: &Growth,
    bags: u64,
    division: u64,
) -> Vec<Vec<f32>> {
    let part = |page: &Labelled| part(&page.site, division);
    let mut odds = vec![Vec::new(); pages.len()];
    let fitted: Vec<Vec<Tree>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..PARTS)
            .map(|out| {
                scope.spawn(move || {
                    let used = pages.iter().zip(sound).filter(|(p, s)| **s && part(p) != out);
                    let used: Vec<&Labelled> = used.map(|(p, _)| p).collect();
                    bagged(&table(&used), growth, bags)
                })
            })
            .collect();
        workers.into_iter().map(|w| w.join().unwrap_or_default()).collect()
    });
    for (page, odds) in pages.iter().zip(&mut odds) {
        *odds = score(&fitted[part(page)], page);
    }
    odds
}

/// Forests of successive seeds as one whose sum is their mean.
fn bagged(table: &Table, growth: &Growth, bags: u64) -> Vec<Tree> {
    let forests: Vec<Vec<Tree>> = (0..bags)
        .map(|bag| boost::fit(table, &Growth { seed: growth.seed + bag, ..*growth }))
        .collect();
    // In turns, so that the first trees already tell most.
    let mut trees: Vec<Tree> = Vec::new();
    for round in 0..growth.trees {
        for forest in &forests {
            let mut tree = forest[round].clone();
            for node in &mut tree.nodes {
                if let Node::Leaf(value) = node {
                    *value /= bags as f64;
                }
            }
            trees.push(tree);
        }
    }
    trees
}

/// The part a site falls into (FNV-1a).
fn part(site: &str, division: u64) -> usize {
    let begin = 0xcbf2_9ce4_8422_2325_u64 ^ division.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = site
        .bytes()
        .fold(begin, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (hash >> 17) as usize % PARTS
}

fn table(pages: &[&Labelled]) -> Table {
    let rows: Vec<&[f32]> = pages.iter().flat_map(|p| p.rows.iter().map(Vec::as_slice)).collect();
    let labels = pages.iter().flat_map(|p| p.labels.iter().copied()).collect();
    let weights = pages.iter().flat_map(|page| page.weights.iter().copied()).collect();
    Table::new(&rows, labels, weights)
}

/// Each page weighs the same, long blocks more than short ones.
fn weights(page: &Labelled) -> Vec<f64> {
    let weight = |words: &usize| (words.max(&1).to_owned() as f64).sqrt() + 2.0;
    let all: f64 = page.words.iter().map(weight).sum();
    page.words.iter().map(|words| weight(words) / all * 100.0).collect()
}

/// Labels that trees fitted without the page are sure to be wrong count for nothing, the others
/// for a `share`.
fn doubt(page: &mut Labelled, odds: &[f32], share: f64) {
    for ((weight, label), odds) in page.weights.iter_mut().zip(&page.labels).zip(odds) {
        let against = if *label { 1.0 - odds } else { *odds };
        *weight = if against > DOUBT { 0.0 } else { *weight * share };
    }
}

/// The odds against a label above which it counts for nothing.
const DOUBT: f32 = 0.8;

fn score(trees: &[Tree], page: &Labelled) -> Vec<f32> {
    page.rows.iter().map(|row| probability(trees, row)).collect()
}

fn sound(page: &Labelled, odds: &[f32]) -> bool {
    let blocks = || page.words.iter().zip(&page.labels).zip(odds);
    let sure: usize = blocks().filter(|((_, l), p)| !**l && **p > 0.85).map(|((w, _), _)| w).sum();
    let found: usize = blocks().filter(|(_, p)| **p > 0.5).map(|((w, _), _)| w).sum();
    sure * 4 <= found.max(1)
}

fn report(pages: &[Labelled], odds: &[Vec<f32>]) {
    let mut sets: BTreeMap<&str, Score> = BTreeMap::new();
    for (page, odds) in pages.iter().zip(odds) {
        sets.entry(&page.set).or_default().add(&page.truth, &body(page, odds));
    }
    for (set, score) in sets {
        println!("  {set:<8} {score}");
    }
}

fn body(page: &Labelled, odds: &[f32]) -> String {
    fit::body(&page.page, &|_| odds.to_vec()).unwrap_or_default()
}

/// A line for each page with its F1, worst first, and one for each of its blocks: label, odds,
/// whether it was kept, beginning of its text.
fn lines(pages: &[Labelled], odds: &[Vec<f32>]) -> String {
    let mut order: Vec<(f64, usize)> = (0..pages.len())
        .map(|i| {
            let mut score = Score::default();
            score.add(&pages[i].truth, &body(&pages[i], &odds[i]));
            (score.f1(), i)
        })
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut lines = String::new();
    for (f1, i) in order {
        let page = &pages[i];
        // Writing to a string can't fail.
        let _ = writeln!(lines, "# {f1:.3} {} {} {}", page.set, page.key, page.site);
        let body = body(page, &odds[i]).replace(['\n', '\t'], " ");
        for ((label, odds), text) in page.labels.iter().zip(&odds[i]).zip(&page.texts) {
            let text = text.replace(['\n', '\t'], " ");
            let kept = if body.contains(text.trim()) { "kept" } else { "left" };
            let _ = writeln!(lines, "{}\t{odds:.3}\t{kept}\t{text}", u8::from(*label));
        }
    }
    lines
}

/// The odds in a file that [`lines`] made.
fn read_odds(file: &str, pages: &[Labelled]) -> Result<Vec<Vec<f32>>, Box<dyn Error>> {
    let mut of: BTreeMap<(&str, &str), Vec<f32>> = BTreeMap::new();
    let mut page = ("", "");
    for line in file.lines() {
        if let Some(head) = line.strip_prefix("# ") {
            let mut words = head.split(' ').skip(1);
            page = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        } else {
            let odds = line.split('\t').nth(1).ok_or("a line without odds")?;
            of.entry(page).or_default().push(odds.parse()?);
        }
    }
    pages
        .iter()
        .map(|page| {
            let odds = of.remove(&(page.set.as_str(), page.key.as_str())).unwrap_or_default();
            if odds.len() == page.rows.len() {
                Ok(odds)
            } else {
                Err(format!("{} {} has other blocks now", page.set, page.key).into())
            }
        })
        .collect()
}

/// The trees as `forest.rs` reads them.
fn text(trees: &[Tree]) -> String {
    let names = fit::names();
    let mut used: Vec<usize> = Vec::new();
    let mut lines = String::new();
    for tree in trees {
        let mut tokens = Vec::with_capacity(tree.nodes.len());
        for node in &tree.nodes {
            tokens.push(match node {
                Node::Leaf(value) => format!("{value:.4}"),
                Node::Split(feature, threshold, _) => {
                    let at = used.iter().position(|u| u == feature).unwrap_or_else(|| {
                        used.push(*feature);
                        used.len() - 1
                    });
                    format!("{at}<={threshold}")
                }
            });
        }
        // Writing to a string can't fail.
        let _ = writeln!(lines, "{}", tokens.join(" "));
    }
    let names: Vec<&str> = used.iter().map(|&u| names[u].as_str()).collect();
    format!("{}\n{lines}", names.join(" "))
}
