//! How fast HTML pages are read, as a ratio to what building their html5ever trees alone takes.
//!
//! `cargo bench --bench parse [-- FOLDER]`: FOLDER holds saved pages (default: the test pages);
//! nothing but ratios of one run means anything.

#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::{hint::black_box, path::Path, time::Instant};

use flashwire::{
    item::PageHash,
    page::{Format, Meta, Page, PageName},
    parse::{self, Sites},
};
use jiff::Timestamp;

/// Rounds, the fastest of which counts.
const ROUNDS: usize = 5;

fn main() {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages");
    let folder = std::env::args().nth(1).filter(|a| !a.starts_with("--"));
    let mut pages = Vec::new();
    collect(Path::new(folder.as_deref().unwrap_or(default)), &mut pages);
    let bytes: usize = pages.iter().map(|p| p.bytes.len()).sum();
    let sites = Sites::default();
    let tree = fastest(|| {
        for page in &pages {
            let html = String::from_utf8_lossy(&page.bytes);
            black_box(dom_query::Document::from(html.as_ref()));
        }
    });
    let ours = fastest(|| {
        for page in &pages {
            black_box(parse::lay_out(page, &sites).finish(None));
        }
    });
    println!(
        "{} HTML pages, {:.1} MB: html5ever tree {:.0} pages/s, flashwire {:.0} pages/s, ratio {:.2}",
        pages.len(),
        bytes as f64 / 1e6,
        pages.len() as f64 / tree,
        pages.len() as f64 / ours,
        tree / ours
    );
}

/// Seconds of the fastest round.
fn fastest(mut work: impl FnMut()) -> f64 {
    let round = |_| {
        let begun = Instant::now();
        work();
        begun.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

fn collect(folder: &Path, pages: &mut Vec<Page>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() {
            collect(&path, pages);
        } else if path.extension().is_some_and(|e| e == "html")
            && let Ok(bytes) = std::fs::read(&path)
        {
            pages.push(Page {
                name: PageName::new(&b"page.html"[..]),
                hash: PageHash::of(&bytes),
                bytes: bytes.into(),
                format: Format::Html,
                modified: Timestamp::UNIX_EPOCH,
                seen: Timestamp::UNIX_EPOCH,
                meta: Meta::default(),
            });
        }
    }
}
