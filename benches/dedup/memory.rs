//! How much memory the dedup stage holds: bytes asked of the allocator, all counted, and what the
//! process has of the machine.
//!
//! `cargo bench --bench dedup-memory [-- LINES [WINDOWS]]`: LINES lines in a window (default
//! 1,000,000), WINDOWS windows of them one after the other (default 1). What is remembered stays
//! the same from the first window on, and so must the memory.

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod engines;
mod own;
mod stream;

use peak_alloc::PeakAlloc;

use engines::{Engine, Exact, Floor, MinHash, SimHash, WINDOW};
use own::Flashwire;
use stream::Lines;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

fn main() {
    let args: Vec<usize> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let size = args.first().copied().unwrap_or(1_000_000);
    let windows = args.get(1).copied().unwrap_or(1);
    run("flashwire", &mut Flashwire::new(), size, windows);
    if windows == 1 {
        // A tenth will do: they hold the same for every line.
        run("MinHash 0.7, 14 x 9", &mut MinHash::<14, 9>::new(0.7), size / 10, 1);
        run("MinHash 0.4, 20 x 3", &mut MinHash::<20, 3>::new(0.4), size / 10, 1);
        run("SimHash", &mut SimHash::default(), size / 10, 1);
        run("floor", &mut Floor::default(), size / 10, 1);
        run("exact key", &mut Exact::default(), size / 10, 1);
    }
}

fn run(name: &str, engine: &mut dyn Engine, size: usize, windows: usize) {
    let mut source = Lines::new();
    let (heap, held) = (HEAP.current_usage(), resident());
    HEAP.reset_peak_usage();
    for window in 1..=windows {
        for number in 0..size {
            let at = ((window - 1) * size + number) as i64 * WINDOW / size as i64;
            engine.take(&source.line(), at);
        }
        println!(
            "{name}: {window} x {size} lines: {} B a remembered line asked for (peak {}), resident {}",
            (HEAP.current_usage() - heap) / size,
            (HEAP.peak_usage() - heap) / size,
            resident().saturating_sub(held) / size
        );
    }
}
