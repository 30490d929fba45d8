//! Text pages a second on one core, beside the floor: the same bytes looked through once for line
//! ends. Pages are made here, of the size and layout of a saved export (8 KB, a ticker, an
//! article, boxes of links).

#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::{fmt::Write as _, hint::black_box, time::Instant};

use criterion::{Criterion, Throughput};
use flashwire::{
    item::PageHash,
    page::{Format, Meta, Page, PageName},
    parse::{SiteMemory, Sites, lay_out},
};
use jiff::Timestamp;

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
    let bytes = text.into_bytes();
    Page {
        name: PageName::new(format!("{number}.txt").into_bytes()),
        hash: PageHash::of(&bytes),
        bytes: bytes.into(),
        format: Format::Text,
        modified: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        meta: Meta::default(),
    }
}

fn floor(page: &Page) -> usize {
    memchr::memchr_iter(b'\n', &page.bytes).count()
}

fn main() {
    let sites = Sites::default();
    let pages: Vec<Page> = (0..64).map(page).collect();
    let bytes: usize = pages.iter().map(|page| page.bytes.len()).sum();
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("text");
    group.throughput(Throughput::Elements(pages.len() as u64));
    group.bench_function("parse", |bench| {
        bench.iter(|| {
            pages.iter().map(|page| lay_out(page, &sites).finish(None).drafts.len()).sum::<usize>()
        });
    });
    group.bench_function("floor", |bench| bench.iter(|| pages.iter().map(floor).sum::<usize>()));
    group.finish();

    // The two in turns, so that the ratio holds on a busy machine.
    let memory = SiteMemory::default();
    let (mut parse, mut floors) = (0.0, 0.0);
    for _ in 0..20 {
        let started = Instant::now();
        for page in &pages {
            black_box(lay_out(page, &sites).finish(Some(&memory)));
        }
        parse += started.elapsed().as_secs_f64();
        let started = Instant::now();
        for page in &pages {
            black_box(floor(page));
        }
        floors += started.elapsed().as_secs_f64();
    }
    let all = 20.0 * pages.len() as f64;
    println!(
        "text: {:.0} pages/s of {} bytes, {:.1} MB/s; floor {:.0} pages/s; parse takes {:.0} times the floor",
        all / parse,
        bytes / pages.len(),
        20.0 * bytes as f64 / parse / 1e6,
        all / floors,
        parse / floors
    );
}
