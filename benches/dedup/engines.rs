//! The engines flashwire is held against. They live in this bench only; none of them decides
//! anything.
//!
//! Each does what a careful author would make of its method, and no less than flashwire does: the
//! same folding of text, the earlier line by its number, candidates that are looked at before
//! they are believed, lines that leave after a window, quick hashes.

use std::{
    collections::{HashMap, VecDeque},
    hash::BuildHasher,
};

use flashwire::item::key_text;
use hashbrown::DefaultHashBuilder;

/// What every engine does: gives the number of the earlier line that this one repeats, or takes
/// it in under its own number.
pub(crate) trait Engine {
    /// Numbers rise from 0; `at` is the line's time in milliseconds.
    fn take(&mut self, line: &str, at: i64) -> Option<u32>;
}

/// For how long a line counts, in milliseconds.
pub(crate) const WINDOW: i64 = 72 * 3_600_000;

type Map<V> = HashMap<u64, V, DefaultHashBuilder>;

/// Nothing but a hash of the bytes and one probe: what no engine can be faster than.
#[derive(Default)]
pub(crate) struct Floor {
    known: Map<u32>,
    next: u32,
}

impl Engine for Floor {
    fn take(&mut self, line: &str, _: i64) -> Option<u32> {
        let hash = self.known.hasher().hash_one(line);
        let number = self.next;
        self.next += 1;
        let first = *self.known.entry(hash).or_insert(number);
        (first != number).then_some(first)
    }
}

/// The same words, whatever their drawing.
#[derive(Default)]
pub(crate) struct Exact {
    known: Map<(u32, i64)>,
    order: VecDeque<(u64, i64)>,
    next: u32,
}

impl Engine for Exact {
    fn take(&mut self, line: &str, at: i64) -> Option<u32> {
        while let Some(&(hash, _)) = self.order.front().filter(|(_, old)| at - old > WINDOW) {
            self.order.pop_front();
            self.known.remove(&hash);
        }
        let hash = self.known.hasher().hash_one(key_text(line));
        let number = self.next;
        self.next += 1;
        if let Some(&(first, _)) = self.known.get(&hash) {
            return Some(first);
        }
        self.known.insert(hash, (number, at));
        self.order.push_back((hash, at));
        None
    }
}

fn token_hashes(line: &str, hasher: &DefaultHashBuilder) -> Vec<u64> {
    key_text(line).split(' ').map(|word| hasher.hash_one(word)).collect()
}

/// Lines of a table that are looked at, newest first.
const STEPS: usize = 8;

/// Which lines share a part of their print: the newest of them by the part, each with the one
/// before it.
#[derive(Default)]
struct Chains {
    newest: Map<u32>,
}

impl Chains {
    /// The newest line with this part, which from now on is `number`.
    fn add(&mut self, part: u64, number: u32) -> u32 {
        self.newest.insert(part, number).unwrap_or(u32::MAX)
    }

    fn find(&self, part: u64) -> u32 {
        self.newest.get(&part).copied().unwrap_or(u32::MAX)
    }

    fn remove(&mut self, part: u64, number: u32) {
        if self.newest.get(&part) == Some(&number) {
            self.newest.remove(&part);
        }
    }
}

/// The lines taken in, in order, the oldest leaving.
struct Kept<T> {
    lines: VecDeque<(u32, i64, T)>,
    /// How many have left.
    gone: u32,
    /// Lines seen, repeats with them.
    seen: u32,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept { lines: VecDeque::new(), gone: 0, seen: 0 }
    }
}

impl<T> Kept<T> {
    /// What is kept of line `at`, counted by lines taken in.
    fn get(&self, at: u32) -> Option<&T> {
        Some(&self.lines.get(at.wrapping_sub(self.gone) as usize)?.2)
    }

    /// The number a line taken in came under.
    fn number(&self, at: u32) -> Option<u32> {
        Some(self.lines.get(at.wrapping_sub(self.gone) as usize)?.0)
    }

    /// The place the next line gets.
    fn next(&self) -> u32 {
        self.gone + self.lines.len() as u32
    }

    fn see(&mut self) -> u32 {
        self.seen += 1;
        self.seen - 1
    }

    fn expired(&mut self, at: i64) -> Option<(u32, T)> {
        self.lines.front().filter(|line| at - line.1 > WINDOW)?;
        self.gone += 1;
        self.lines.pop_front().map(|(_, _, line)| (self.gone - 1, line))
    }
}

/// 64 bits, at most 8 of them different; nine tables of 7 bits each, so that two lines within the
/// distance share at least one part.
#[derive(Default)]
pub(crate) struct SimHash {
    hasher: DefaultHashBuilder,
    kept: Kept<(u64, [u32; 9])>,
    tables: [Chains; 9],
}

impl Engine for SimHash {
    fn take(&mut self, line: &str, at: i64) -> Option<u32> {
        while let Some((number, (print, _))) = self.kept.expired(at) {
            for (n, table) in self.tables.iter_mut().enumerate() {
                table.remove(print >> (n * 7) & 0x7f, number);
            }
        }
        let mut sums = [0_i32; 64];
        for hash in token_hashes(line, &self.hasher) {
            for (bit, sum) in sums.iter_mut().enumerate() {
                *sum += if hash >> bit & 1 == 1 { 1 } else { -1 };
            }
        }
        let bits = sums.iter().enumerate();
        let print = bits.fold(0, |all, (bit, &sum)| all | u64::from(sum > 0) << bit);
        let number = self.kept.see();
        let place = self.kept.next();
        let mut best: Option<(u32, u32)> = None;
        for (n, table) in self.tables.iter().enumerate() {
            let mut other = table.find(print >> (n * 7) & 0x7f);
            for _ in 0..2 * STEPS {
                let Some(&(old, before)) = self.kept.get(other) else { break };
                let distance = (old ^ print).count_ones();
                if distance <= 8 && best.is_none_or(|(least, _)| distance < least) {
                    best = Some((distance, other));
                }
                other = before[n];
            }
        }
        if let Some((_, other)) = best {
            return self.kept.number(other);
        }
        let mut before = [u32::MAX; 9];
        for (n, table) in self.tables.iter_mut().enumerate() {
            before[n] = table.add(print >> (n * 7) & 0x7f, place);
        }
        self.kept.lines.push_back((number, at, (print, before)));
        None
    }
}

/// Hashes of a line's words, cut into bands of so many rows. Lines that agree in a whole band are
/// held side by side, word by word; the most alike is the one repeated, from a likeness on.
///
/// Words, not runs of letters: over real lines both find as much, and words cost less. What is
/// kept of a line is its words and its links in the bands' chains: with the words there, the true
/// likeness costs less than its estimate, the hashes need not be kept, and no more of them are made
/// than the bands take.
///
/// There is no one MinHash. How it is cut decides what it finds and what it costs, and four are
/// held against flashwire:
/// - 14 bands of 9, alike from 0.7 on: the usual threshold for near-duplicates, and the cut that
///   datasketch computes for it. Quick, and it finds little more than half of the real repeats
///   that flashwire finds.
/// - 25 bands of 5 from 0.5 on: what datasketch computes for 0.5.
/// - 20 bands of 3 from 0.4 on: the best F1 over the labelled real lines with many others
///   remembered (part `bands` tries them all), and so what one would choose who wants to find
///   repeats; 42 bands of 3 find a little more, within what chance does to so few lines, at half
///   the speed.
/// - 6 bands of 3 from 0.5 on: the cheapest that finds as many as flashwire.
///
/// None of them tells an update from a repeat: those that find as many as flashwire hold back from
/// a quarter to seven tenths of the lines alike that had to be told, and flashwire 2 of 53.
pub(crate) struct MinHash<const BANDS: usize, const ROWS: usize> {
    hasher: DefaultHashBuilder,
    least: f32,
    kept: Kept<Shingled<BANDS>>,
    bands: [Chains; BANDS],
    signature: Vec<[u32; LANES]>,
    words: Vec<u32>,
}

/// A line as MinHash keeps it.
struct Shingled<const BANDS: usize> {
    /// Hashes of its words, rising, each once.
    words: Box<[u32]>,
    parts: [u32; BANDS],
    before: [u32; BANDS],
}

/// Hashes made at once, so that the compiler makes them of vectors.
const LANES: usize = 8;

impl<const BANDS: usize, const ROWS: usize> MinHash<BANDS, ROWS> {
    /// Empty; lines are repeats where they share this much of their words, 0 to 1.
    pub(crate) fn new(least: f32) -> Self {
        MinHash {
            hasher: DefaultHashBuilder::default(),
            least,
            kept: Kept::default(),
            bands: std::array::from_fn(|_| Chains::default()),
            signature: vec![[0; LANES]; (BANDS * ROWS).div_ceil(LANES)],
            words: Vec::new(),
        }
    }

    /// Notes the words of a line; gives the parts of its print.
    fn read(&mut self, line: &str) -> [u32; BANDS] {
        self.signature.fill([u32::MAX; LANES]);
        self.words.clear();
        for word in key_text(line).split(' ') {
            let hash = self.hasher.hash_one(word);
            self.words.push(hash as u32);
            // The n-th hash of the word is the first and n times another.
            let (first, other) = (hash as u32, (hash >> 32) as u32 | 1);
            let mut hashes: [u32; LANES] =
                std::array::from_fn(|n| first.wrapping_add(other.wrapping_mul(n as u32)));
            let step = other.wrapping_mul(LANES as u32);
            for least in &mut self.signature {
                for (least, hash) in least.iter_mut().zip(&mut hashes) {
                    *least = (*least).min(*hash);
                    *hash = hash.wrapping_add(step);
                }
            }
        }
        self.words.sort_unstable();
        self.words.dedup();
        let signature = self.signature.as_flattened();
        std::array::from_fn(|n| {
            let rows = &signature[n * ROWS..(n + 1) * ROWS];
            let part = rows.iter().fold(0_u64, |part, &row| {
                (part.rotate_left(5) ^ u64::from(row)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            });
            (part >> 32) as u32
        })
    }
}

/// Which share of the words of two lines stands in both.
fn jaccard(one: &[u32], two: &[u32]) -> f32 {
    let (mut a, mut b, mut both) = (0, 0, 0);
    while let (Some(x), Some(y)) = (one.get(a), two.get(b)) {
        a += usize::from(x <= y);
        b += usize::from(y <= x);
        both += usize::from(x == y);
    }
    both as f32 / (one.len() + two.len() - both) as f32
}

impl<const BANDS: usize, const ROWS: usize> Engine for MinHash<BANDS, ROWS> {
    fn take(&mut self, line: &str, at: i64) -> Option<u32> {
        while let Some((number, old)) = self.kept.expired(at) {
            for (table, part) in self.bands.iter_mut().zip(old.parts) {
                table.remove(part.into(), number);
            }
        }
        let parts = self.read(line);
        let number = self.kept.see();
        let place = self.kept.next();
        let mut best: Option<(f32, u32)> = None;
        let heads: [u32; BANDS] = std::array::from_fn(|n| self.bands[n].find(parts[n].into()));
        for (n, mut other) in heads.into_iter().enumerate() {
            for _ in 0..STEPS {
                let Some(old) = self.kept.get(other) else { break };
                let alike = jaccard(&old.words, &self.words);
                if alike >= self.least && best.is_none_or(|(most, _)| alike > most) {
                    best = Some((alike, other));
                }
                other = old.before[n];
            }
        }
        if let Some((_, other)) = best {
            return self.kept.number(other);
        }
        for (table, part) in self.bands.iter_mut().zip(parts) {
            table.add(part.into(), place);
        }
        let words = self.words.as_slice().into();
        self.kept.lines.push_back((number, at, Shingled { words, parts, before: heads }));
        None
    }
}
