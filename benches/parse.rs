//! How fast pages are read, on one core, as ratios to what can't be saved: HTML pages to building
//! their html5ever trees alone, text pages to looking through their bytes once for line ends.
//!
//! `cargo bench --bench parse [-- FOLDER]`: FOLDER holds saved pages, also `.gz`
//! (default: the test pages).
//! Text pages of the size and layout of a saved export (8 KB, a ticker, an article, boxes of links)
//! are made here besides. Seconds are the thread's own CPU seconds, so that a busy machine changes
//! little; still only ratios of one run mean anything.

#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::{
    fmt::Write as _,
    hint::black_box,
    io::{BufReader, Read as _},
    os::unix::ffi::OsStrExt as _,
    path::Path,
};

use flashwire::{
    item::PageHash,
    page::{Format, Meta, Page, PageName},
    parse::{self, Sites},
};
use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// Rounds, the fastest of which counts.
const ROUNDS: usize = 7;

/// A round over fewer pages is repeated until so many were read.
const PAGES: usize = 200;

fn main() {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages");
    let folder = std::env::args().nth(1).filter(|a| !a.starts_with("--"));
    let mut saved = Vec::new();
    collect(Path::new(folder.as_deref().unwrap_or(default)), &mut saved);
    let (text, html): (Vec<Page>, Vec<Page>) =
        saved.into_iter().partition(|page| page.format == Format::Text);
    compare("HTML", "html5ever tree", &html, |page| {
        let html = String::from_utf8_lossy(&page.bytes);
        black_box(dom_query::Document::from(html.as_ref()));
    });
    let look_through = |page: &Page| {
        black_box(memchr::memchr_iter(b'\n', &page.bytes).count());
    };
    compare("saved text", "line ends", &text, look_through);
    let made: Vec<Page> = (0..64).map(page).collect();
    compare("made text", "line ends", &made, look_through);
}

/// Prints how many pages a second are read, and that beside the floor.
fn compare(what: &str, floor_is: &str, pages: &[Page], floor: impl Fn(&Page)) {
    if pages.is_empty() {
        return;
    }
    let sites = Sites::default();
    let bytes: usize = pages.iter().map(|page| page.bytes.len()).sum();
    let ours = fastest(pages, |page| {
        black_box(parse::lay_out(page, &sites).finish(None));
    });
    let floor = fastest(pages, floor);
    println!(
        "{} {what} pages, {} bytes each: {floor_is} {:.0} pages/s, flashwire {:.0} pages/s ({:.1} MB/s), ratio {:.4}",
        pages.len(),
        bytes / pages.len(),
        1.0 / floor,
        1.0 / ours,
        bytes as f64 / pages.len() as f64 / ours / 1e6,
        floor / ours
    );
}

/// CPU seconds a page takes in the fastest round.
fn fastest(pages: &[Page], work: impl Fn(&Page)) -> f64 {
    let times = PAGES.div_ceil(pages.len());
    let round = |_| {
        let begun = seconds();
        for _ in 0..times {
            pages.iter().for_each(&work);
        }
        (seconds() - begun) / (times * pages.len()) as f64
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

/// CPU seconds of this thread so far.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn collect(folder: &Path, pages: &mut Vec<Page>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, pages);
            continue;
        }
        let name = PageName::new(path.as_os_str().as_bytes());
        if let (Some(format), Some(bytes)) = (name.format(), read(&path)) {
            pages.push(saved(bytes, format));
        }
    }
}

/// The bytes of a saved page, inflated.
fn read(path: &Path) -> Option<Vec<u8>> {
    let file = std::fs::File::open(path).ok()?;
    let mut bytes = Vec::new();
    match path.extension()?.to_str()? {
        "gz" => flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes),
        "html" | "txt" => BufReader::new(file).read_to_end(&mut bytes),
        _ => return None,
    }
    .ok()?;
    Some(bytes)
}

fn saved(bytes: Vec<u8>, format: Format) -> Page {
    Page {
        name: PageName::new(&b"page"[..]),
        hash: PageHash::of(&bytes),
        bytes: bytes.into(),
        format,
        modified: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        meta: Meta::default(),
    }
}

fn page(number: usize) -> Page {
    let mut text = String::from("Port Aldine Herald\n\n  • Es\n  • Fr\nPort Aldine Herald\n\n");
    for section in 0..50 {
        writeln!(text, "  • Section {section}").expect("a string takes all");
    }
    text.push_str("BREAKING\n");
    for line in 0..10 {
        writeln!(text, "Harbour Radio: Ferry {number} has docked at quay {line} after the storm that kept it at sea, and all are safe").expect("a string takes all");
    }
    write!(text, "\nCouncil voices concern about a closure of pier {number}\n\n  • By Orla Venn\n  • Source: Harbour Radio\n  • 7 Feb 2024 18:38\n\n").expect("a string takes all");
    for paragraph in 0..16 {
        write!(text, "The mayor of Port Aldine said on day {paragraph} that the closure of pier {number} would be a heavy blow to the islands, whose boats have no other shelter in the winter, and that the council had not been told of it before the engineers came to measure the piles. \"We shall see,\" she added.\n\n").expect("a string takes all");
    }
    text.push_str("  • Aldine\n  • Pier\n\nMost Read\n\n");
    for link in 0..20 {
        write!(text, "Ferry {link} runs aground off Lower Venn\n\n  • Harbour\n  • 14 Jun 2025\n")
            .expect("a string takes all");
    }
    saved(text.into_bytes(), Format::Text)
}
