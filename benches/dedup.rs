//! How fast the dedup stage judges and how much it holds, beside three plain engines of equal
//! care: exact keys, SimHash and MinHash. They live here only; none of them decides anything.
//!
//! `cargo bench --bench dedup [-- LINES [flat]]`: LINES remembered lines for the large runs
//! (default 1,000,000); with `flat`, ten windows of as many lines go through and the memory is
//! shown after each.

#![allow(clippy::print_stdout, reason = "a bench prints its table")]

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, Hash, Hasher},
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use flashwire::{
    dedup::{Config, Decision, Facts, Memory, RULES},
    item::{
        Action, Draft, Event, EventId, Item, Key, Kind, PageHash, PageRef, Record, Seq, Source,
        TickerLine, Timing, key_text,
    },
};
use jiff::Timestamp;

/// A stream of numbers that is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit as u64) as usize
    }
}

/// Lines of made-up words, drawn as real ones are: few of them everywhere, most hardly ever.
struct Lines {
    dice: Dice,
    words: Vec<String>,
}

impl Lines {
    fn new() -> Self {
        let mut dice = Dice(0x5eed);
        let syllables = [
            "ka", "ro", "mi", "ten", "vel", "dor", "is", "an", "pu", "lem", "or", "ga", "shi",
            "wen", "tal", "bre",
        ];
        let words = (0..150_000)
            .map(|_| (0..2 + dice.below(3)).map(|_| syllables[dice.below(16)]).collect())
            .collect();
        Lines { dice, words }
    }

    fn line(&mut self) -> String {
        let count = 7 + self.dice.below(9);
        let mut line = String::new();
        for at in 0..count {
            // Zipf's law by inversion: rank = n^u.
            let share = (self.dice.roll() >> 11) as f64 / (1_u64 << 53) as f64;
            let rank = (self.words.len() as f64).powf(share) as usize;
            if at > 0 {
                line.push(' ');
            }
            line.push_str(&self.words[rank.min(self.words.len() - 1)]);
        }
        line
    }

    fn many(&mut self, count: usize) -> Vec<String> {
        (0..count).map(|_| self.line()).collect()
    }
}

/// What every engine does: says whether a line is known, and takes it in.
trait Engine {
    fn take(&mut self, line: &str) -> bool;
}

#[derive(Default)]
struct Floor(HashSet<u64, hashbrown::DefaultHashBuilder>);

impl Engine for Floor {
    fn take(&mut self, line: &str) -> bool {
        let hash = self.0.hasher().hash_one(line);
        !self.0.insert(hash)
    }
}

#[derive(Default)]
struct Exact(HashMap<u64, u32>);

impl Engine for Exact {
    fn take(&mut self, line: &str) -> bool {
        let hash = self.0.hasher().hash_one(key_text(line));
        let count = self.0.len() as u32;
        self.0.insert(hash, count).is_some()
    }
}

fn token_hashes(line: &str) -> Vec<u64> {
    key_text(line)
        .split(' ')
        .map(|word| {
            let mut hasher = std::hash::DefaultHasher::new();
            word.hash(&mut hasher);
            hasher.finish()
        })
        .collect()
}

/// 64 bits, at most 8 of them different; nine tables of 7 bits each, the newest 16 lines of a slot.
#[derive(Default)]
struct SimHash {
    prints: Vec<u64>,
    tables: Vec<HashMap<u64, Vec<u32>>>,
}

impl Engine for SimHash {
    fn take(&mut self, line: &str) -> bool {
        let mut sums = [0_i32; 64];
        for hash in token_hashes(line) {
            for (bit, sum) in sums.iter_mut().enumerate() {
                *sum += if hash >> bit & 1 == 1 { 1 } else { -1 };
            }
        }
        let bits = sums.iter().enumerate();
        let print = bits.fold(0, |all, (bit, &sum)| all | u64::from(sum > 0) << bit);
        self.tables.resize_with(9, HashMap::new);
        let mut known = false;
        let number = self.prints.len() as u32;
        for (at, table) in self.tables.iter_mut().enumerate() {
            let slot = table.entry(print >> (at * 7) & 0x7f).or_default();
            let mut newest = slot.iter().rev().take(16);
            known |= newest.any(|&n| (self.prints[n as usize] ^ print).count_ones() <= 8);
            slot.push(number);
        }
        self.prints.push(print);
        known
    }
}

/// 128 hashes in 32 bands of 4; candidates are checked by their signatures at 0.7.
#[derive(Default)]
struct MinHash {
    signatures: Vec<[u32; 128]>,
    bands: Vec<HashMap<u64, u32>>,
}

impl Engine for MinHash {
    fn take(&mut self, line: &str) -> bool {
        let mut signature = [u32::MAX; 128];
        for hash in token_hashes(line) {
            let (a, b) = (hash as u32, (hash >> 32) as u32 | 1);
            for (n, least) in signature.iter_mut().enumerate() {
                let hash = a.wrapping_add(b.wrapping_mul(n as u32)).wrapping_mul(0x9e37_79b1);
                *least = (*least).min(hash);
            }
        }
        self.bands.resize_with(32, HashMap::new);
        let number = self.signatures.len() as u32;
        let mut known = false;
        for (at, band) in self.bands.iter_mut().enumerate() {
            let rows = &signature[at * 4..at * 4 + 4];
            let key = rows.iter().fold(0_u64, |key, &row| {
                key.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(u64::from(row))
            });
            if let Some(earlier) = band.insert(key, number) {
                let rows = self.signatures[earlier as usize].iter().zip(&signature);
                known |= rows.filter(|(a, b)| a == b).count() >= 90;
            }
        }
        self.signatures.push(signature);
        known
    }
}

/// The dedup stage as the desk drives it, one line a page.
struct Flashwire {
    memory: Memory,
    source: Source,
    seq: u64,
    at: Timestamp,
    step: Duration,
}

impl Flashwire {
    fn new(step: Duration) -> Self {
        Flashwire {
            memory: Memory::new(Config::default()),
            source: Source::default(),
            seq: 0,
            at: Timestamp::UNIX_EPOCH,
            step,
        }
    }

    fn event(&mut self, item: Item) -> Record {
        self.seq += 1;
        let mut name = [0; 16];
        name[..8].copy_from_slice(&self.seq.to_be_bytes());
        let id = EventId::of(Kind::Ticker, &Key(name), None);
        Record::Event(Arc::new(Event {
            seq: Seq(self.seq),
            id,
            time: self.at,
            action: Action::New,
            thread: id,
            item,
            source: Source::default(),
            page: PageRef {
                name: String::new(),
                hash: PageHash([0; 16]),
                line: 1,
                time: self.at,
                newest_date: None,
                url: None,
            },
            stale: false,
            backfill: false,
            rules: RULES,
            timing: Timing::default(),
            supersedes: None,
            change: None,
            related_to: None,
            resurfaces: None,
            withdraws: None,
            verdict: None,
        }))
    }

    fn draft(line: &str) -> [Draft; 1] {
        let line = TickerLine { headline: line.to_owned(), version: 1, ..TickerLine::default() };
        [Draft { line: 1, item: Item::Ticker(line) }]
    }

    fn judge(&self, drafts: &[Draft]) -> Decision {
        let facts = Facts {
            source: &self.source,
            url: None,
            page_time: self.at,
            last_page: None,
            told: &[None],
        };
        self.memory.judge(&facts, drafts, 0).decision
    }
}

impl Engine for Flashwire {
    fn take(&mut self, line: &str) -> bool {
        self.at += self.step;
        let drafts = Flashwire::draft(line);
        let known = self.judge(&drafts) == Decision::Repeat;
        if !known {
            let [draft] = drafts;
            let record = self.event(draft.item);
            self.memory.fold(&record);
            self.memory.settle();
        }
        known
    }
}

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

/// Time this process has had a core, so that other load on the machine does not count.
fn worked() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0);
    Duration::from_nanos(nanos)
}

/// Lines a second of processor time.
fn speed(engine: &mut dyn Engine, lines: &[String]) -> f64 {
    let start = worked();
    for line in lines {
        black_box(engine.take(line));
    }
    // The kernel counts in ticks of some milliseconds: a run within one counts as one.
    lines.len() as f64 / (worked() - start).as_secs_f64().max(0.001)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn engines() -> Vec<(&'static str, Box<dyn Engine>)> {
    vec![
        ("floor (hash, probe)", Box::<Floor>::default()),
        ("exact key", Box::<Exact>::default()),
        ("SimHash", Box::<SimHash>::default()),
        ("MinHash", Box::<MinHash>::default()),
        ("flashwire", Box::new(Flashwire::new(Duration::from_millis(1)))),
    ]
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let size: usize = args.iter().find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    let mut source = Lines::new();
    if args.iter().any(|arg| arg == "flat") {
        flat(&mut source, size);
        return;
    }
    // First, while the process is small: memory is read off its resident size.
    large(&mut source, size);
    let lines = source.many(20_000);
    small(&lines);
    unchanged(&lines);
    worst();
}

/// All engines on the same new lines.
fn small(lines: &[String]) {
    let names: Vec<&str> = engines().iter().map(|engine| engine.0).collect();
    let mut rounds: Vec<Vec<f64>> = vec![Vec::new(); names.len()];
    for _ in 0..5 {
        for (at, (_, engine)) in engines().iter_mut().enumerate() {
            let rate = speed(engine.as_mut(), lines);
            rounds[at].push(rate);
        }
    }
    let speeds: Vec<f64> = rounds.into_iter().map(median).collect();
    println!("\n{} new lines, empty at first (median of 5 interleaved rounds)", lines.len());
    let own = speeds.last().copied().unwrap_or(1.0);
    for (name, speed) in names.iter().zip(&speeds) {
        println!("  {name:<22} {speed:>12.0} lines/s   flashwire is {:.2}x", own / speed);
    }
}

/// A page that is dropped again and again without a change.
fn unchanged(lines: &[String]) {
    let page = &lines[..40];
    let mut floor = Floor::default();
    let mut own = Flashwire::new(Duration::ZERO);
    for line in page {
        floor.take(line);
        own.take(line);
    }
    let drafts: Vec<[Draft; 1]> = page.iter().map(|line| Flashwire::draft(line)).collect();
    let mut ratios = Vec::new();
    for _ in 0..5 {
        let start = worked();
        for line in (0..50_000).flat_map(|_| page) {
            black_box(floor.take(line));
        }
        let bare = worked() - start;
        let start = worked();
        for draft in (0..50_000).flat_map(|_| &drafts) {
            black_box(own.judge(draft));
        }
        ratios.push(bare.as_secs_f64() / (worked() - start).as_secs_f64());
    }
    println!(
        "\na page of 40 lines, unchanged: {:.2} of the floor (hash and one probe)",
        median(ratios)
    );
}

/// Many lines remembered: speed on new ones, memory, and a restart.
fn large(source: &mut Lines, size: usize) {
    let last = 100_000.min(size / 2);
    println!();
    for engine in ["flashwire", "MinHash"] {
        // MinHash needs some 3 kB a line: a tenth must do.
        let size = if engine == "MinHash" { size / 10 } else { size };
        let last = last.min(size / 2);
        let before = resident();
        let mut taken: Box<dyn Engine> = match engine {
            "MinHash" => Box::<MinHash>::default(),
            _ => Box::new(Flashwire::new(Duration::from_millis(1))),
        };
        let mut left = size - last;
        while left > 0 {
            let batch = source.many(left.min(10_000));
            speed(taken.as_mut(), &batch);
            left -= batch.len();
        }
        let batch = source.many(last);
        let rate = speed(taken.as_mut(), &batch);
        drop(batch);
        println!(
            "{engine}: {rate:.0} new lines/s at {size} remembered, {} B a line",
            resident().saturating_sub(before) / size
        );
    }
    let mut own = Flashwire::new(Duration::from_millis(1));
    let records: Vec<Record> = (0..size)
        .map(|_| {
            let [draft] = Flashwire::draft(&source.line());
            own.at += own.step;
            own.event(draft.item)
        })
        .collect();
    let start = worked();
    for record in &records {
        own.memory.fold(record);
        own.memory.settle();
    }
    println!("restart: {size} records folded in {:.2} s", (worked() - start).as_secs_f64());
}

/// Lines made to hurt.
fn worst() {
    println!();
    let mut dice = Dice(77);
    let shuffled = (0..20_000).map(|_| {
        let mut words = ["ka", "ro", "mi", "ten", "vel", "dor", "pun", "lem", "gash", "wen"];
        for at in (1..10).rev() {
            words.swap(at, dice.below(at + 1));
        }
        words.join(" ")
    });
    let village = |n| format!("sirens sounding near village {n}");
    let long = |n| format!("{n} {}", "long line ".repeat(5_000));
    let cases: Vec<(&str, Vec<String>)> = vec![
        ("the same ten words shuffled", shuffled.collect()),
        ("one word in all lines", (0..50_000).map(village).collect()),
        ("10,000 words a line", (0..50).map(long).collect()),
        ("numbers only", (0..20_000).map(|n| format!("{} {} {n}", n % 97, n % 89)).collect()),
        (
            "ten words ten times",
            (0..2_000)
                .map(|n| format!("{}{n}", "av bv cv dv ev fv gv hv iv jv ".repeat(9)))
                .collect(),
        ),
    ];
    for (name, lines) in cases {
        let mut own = Flashwire::new(Duration::from_millis(1));
        let (mut longest, start) = (Duration::ZERO, Instant::now());
        for line in &lines {
            let one = Instant::now();
            black_box(own.take(line));
            longest = longest.max(one.elapsed());
        }
        let each = start.elapsed() / lines.len() as u32;
        println!("worst case, {name}: {each:?} a line, {longest:?} at most");
    }
}

/// Ten windows of lines: what is remembered stays the same, and so must the memory.
fn flat(source: &mut Lines, size: usize) {
    let step = Config::default().window() / size as u32;
    let before = resident();
    let mut own = Flashwire::new(step);
    for window in 1..=10 {
        let mut left = size;
        while left > 0 {
            let batch = source.many(left.min(10_000));
            speed(&mut own, &batch);
            left -= batch.len();
        }
        println!(
            "after {window} windows of {size} lines: {} B a remembered line",
            resident().saturating_sub(before) / size
        );
    }
}
