//! Fits the trees that tell article from furniture (`src/parse/html/forest.txt`).
//!
//! ```console
//! FLASHWIRE_CORPUS=… cargo run --release --example fit_html -- [--trees 350] [--write FILE]
//! ```
//!
//! The corpus is a folder with sets of labelled pages below `html/`: `html/SET/KEY.html[.gz]` and
//! `html/SET/truth.json`, an object of `{"KEY": {"url": …, "body": …}}`. Pages are divided into
//! five parts by site; each part is scored by trees fitted on the other four, through the whole
//! of `parse`. Those figures are what counts, and what a new fit is adopted by: on its own pages
//! a fit always looks better than it is.
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
use corpus::Labelled;
use flashwire::parse::fit;
use measure::Score;

const PARTS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut growth = Growth {
        trees: 350,
        leaves: 24,
        least: 40,
        rate: 0.08,
        ridge: 5.0,
        features: 0.4,
        rows: 0.7,
        seed: 1,
    };
    let mut write: Option<PathBuf> = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or(format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--trees" => growth.trees = value.parse()?,
            "--leaves" => growth.leaves = value.parse()?,
            "--least" => growth.least = value.parse()?,
            "--rate" => growth.rate = value.parse()?,
            "--ridge" => growth.ridge = value.parse()?,
            "--features" => growth.features = value.parse()?,
            "--rows" => growth.rows = value.parse()?,
            "--seed" => growth.seed = value.parse()?,
            "--write" => write = Some(value.into()),
            _ => return Err(format!("{arg} is no argument of this tool").into()),
        }
    }
    let corpus = std::env::var_os("FLASHWIRE_CORPUS").ok_or("FLASHWIRE_CORPUS is not set")?;
    let pages = corpus::read(&PathBuf::from(corpus).join("html"))?;
    println!("{} pages, {} blocks", pages.len(), pages.iter().map(|p| p.rows.len()).sum::<usize>());

    let held_out = crossed(&pages, &vec![true; pages.len()], &growth);
    let sound: Vec<bool> =
        pages.iter().zip(&held_out).map(|(page, odds)| sound(page, odds)).collect();
    println!("{} pages look mislabelled", sound.iter().filter(|s| !**s).count());
    let held_out = crossed(&pages, &sound, &growth);
    println!("on sites not fitted on:");
    report(&pages, &held_out);
    if let Some(file) = write {
        let used: Vec<&Labelled> =
            pages.iter().zip(&sound).filter(|(_, s)| **s).map(|(p, _)| p).collect();
        let trees = boost::fit(&table(&used), &growth);
        let odds: Vec<Vec<f32>> = pages.iter().map(|p| score(&trees, p)).collect();
        println!("on the sites fitted on:");
        report(&pages, &odds);
        std::fs::write(file, text(&trees))?;
    }
    Ok(())
}

/// Each page's odds by trees that were fitted without its site.
fn crossed(pages: &[Labelled], sound: &[bool], growth: &Growth) -> Vec<Vec<f32>> {
    let part = |page: &Labelled| part(&page.site);
    let mut odds = vec![Vec::new(); pages.len()];
    let fitted: Vec<Vec<Tree>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..PARTS)
            .map(|out| {
                scope.spawn(move || {
                    let used = pages.iter().zip(sound).filter(|(p, s)| **s && part(p) != out);
                    let used: Vec<&Labelled> = used.map(|(p, _)| p).collect();
                    boost::fit(&table(&used), growth)
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

/// The part a site falls into (FNV-1a).
fn part(site: &str) -> usize {
    let hash = site.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash >> 17) as usize % PARTS
}

fn table(pages: &[&Labelled]) -> Table {
    let rows: Vec<&[f32]> = pages.iter().flat_map(|p| p.rows.iter().map(Vec::as_slice)).collect();
    let labels = pages.iter().flat_map(|p| p.labels.iter().copied()).collect();
    // Each page weighs the same, long blocks more than short ones.
    let weights = pages.iter().flat_map(|page| {
        let weight = |words: &usize| (words.max(&1).to_owned() as f64).sqrt() + 2.0;
        let all: f64 = page.words.iter().map(weight).sum();
        page.words.iter().map(move |words| weight(words) / all * 100.0)
    });
    Table::new(&rows, labels, weights.collect())
}

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
        let body = fit::body(&page.page, &|_| odds.clone()).unwrap_or_default();
        sets.entry(&page.set).or_default().add(&page.truth, &body);
    }
    for (set, score) in sets {
        println!("  {set:<8} {score}");
    }
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
