//! The articles in memory: found again by address, paragraph or sketch, compared word by word.

use std::hash::Hasher as _;

use hashbrown::HashSet;
use rustc_hash::FxHasher;
use smallvec::SmallVec;

use super::parted::Parted;
use crate::dedup::read::letters::alone;
use crate::item::{Article, EventId, key_text};

/// Hashes kept of an article's runs of five words: enough to say how much of one article stands
/// in another, to within about a tenth.
const SKETCH: usize = 96;
/// Of these, the lowest are looked up.
const PROBED: usize = 12;
/// Earlier articles that are compared closely.
const COMPARED: usize = 6;
/// A body longer than this is not kept for comparison: paragraphs and sketch must do.
const LONGEST: usize = 256 << 10;

/// An article as it is found and compared.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    address: Option<u64>,
    path: Option<u64>,
    paragraphs: Box<[u64]>,
    sketch: Box<[u64]>,
    /// See [`exact`].
    pub(crate) exact: [u8; 32],
    /// Headline and body, compressed; empty where the body was too long to keep.
    text: Box<[u8]>,
    size: usize,
    told_at: i64,
}

/// How two articles meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Meeting {
    /// They share their address.
    pub(crate) address: bool,
    /// Share of the new article that stands in the old one, 0 to 1.
    pub(crate) contained: f32,
    /// Share of the paragraphs that both have, of the shorter one.
    pub(crate) paragraphs: f32,
}

impl Meeting {
    /// It may be the same article: one address and a part of its text, or most of its text.
    pub(crate) fn same(self) -> bool {
        (self.address && (self.paragraphs >= 0.5 || self.contained >= 0.3)) || self.contained >= 0.6
    }
}

impl Known {
    /// What an article is found and compared by.
    pub(crate) fn of(article: &Article, url: Option<&str>) -> Self {
        let url = article.url.as_deref().or(url);
        let (paragraphs, words) = read(&article.body);
        Known {
            address: url.map(|url| hashed(&address(url))),
            path: url.and_then(path).map(|path| hashed(&path)),
            paragraphs,
            sketch: sketch(&words),
            exact: exact(article),
            text: Box::default(),
            size: 0,
            told_at: 0,
        }
    }

    /// The same with the text, for comparing later versions with it word by word.
    fn with_text(mut self, article: &Article, press: &mut Press) -> Self {
        let headline = article.headline.as_deref().unwrap_or("");
        self.size = headline.len() + 1 + article.body.len();
        if self.size <= LONGEST {
            let whole = format!("{headline}\n{}", article.body);
            self.text = press.compress(whole.as_bytes());
        }
        self
    }

    /// Whether it has this [`exact`] text.
    pub(crate) fn is(&self, exact: &[u8; 32]) -> bool {
        self.exact == *exact
    }

    /// How the new article meets this one.
    pub(crate) fn meet(&self, new: &Known) -> Meeting {
        let same = |a: Option<u64>, b: Option<u64>| a.is_some() && a == b;
        let old: HashSet<u64> = self.paragraphs.iter().copied().collect();
        let shared = new.paragraphs.iter().filter(|p| old.contains(*p)).count();
        let least = self.paragraphs.len().min(new.paragraphs.len());
        let contained = if new.sketch.is_empty() || self.sketch.is_empty() {
            0.0
        } else {
            // Both sketches know all hashes below the lower of their largest ones.
            let complete = |sketch: &[u64]| sketch.len() < SKETCH;
            let most =
                |sketch: &[u64]| if complete(sketch) { u64::MAX } else { sketch[sketch.len() - 1] };
            let limit = most(&self.sketch).min(most(&new.sketch));
            let below: Vec<&u64> = new.sketch.iter().take_while(|&&hash| hash <= limit).collect();
            let met = below.iter().filter(|hash| self.sketch.binary_search(hash).is_ok()).count();
            if below.is_empty() { 0.0 } else { met as f32 / below.len() as f32 }
        };
        Meeting {
            address: same(self.address, new.address) || same(self.path, new.path),
            contained,
            paragraphs: if least == 0 { 0.0 } else { shared as f32 / least as f32 },
        }
    }

    /// Bytes of headline and body.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// When the pause after it begins: page time, in microseconds.
    pub(crate) fn told_at(&self) -> i64 {
        self.told_at
    }

    /// Headline and body, with a line end between; `None` where they were too long to keep.
    pub(crate) fn text(&self) -> Option<String> {
        if self.text.is_empty() {
            return None;
        }
        String::from_utf8(zstd::bulk::decompress(&self.text, self.size).ok()?).ok()
    }
}

/// Stands for headline and body, letter for letter.
pub(crate) fn exact(article: &Article) -> [u8; 32] {
    let mut hash = blake3::Hasher::new();
    hash.update(article.headline.as_deref().unwrap_or("").as_bytes());
    hash.update(&[0]);
    hash.update(article.body.as_bytes());
    *hash.finalize().as_bytes()
}

/// Without a key, so that it is the same in every process, and of a hash that can't be steered: a
/// paragraph or an address is known by it alone.
fn hashed(text: &str) -> u64 {
    let mut hash = [0; 8];
    blake3::Hasher::new().update(text.as_bytes()).finalize_xof().fill(&mut hash);
    u64::from_le_bytes(hash)
}

fn address(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = url[..end].trim_end_matches('/');
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    url.strip_prefix("www.").unwrap_or(url).to_lowercase()
}

/// The path, where it is long enough to name one article on several hosts (`www`, `m`, `amp`).
fn path(url: &str) -> Option<String> {
    let address = address(url);
    let (_, path) = address.split_once('/')?;
    let path = path.trim_start_matches("amp/").trim_end_matches("/amp").trim_end_matches(".amp");
    let telling = path.len() >= 24
        && path.contains(['-', '_', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    telling.then(|| path.to_owned())
}

/// Words; in scripts without spaces each character counts as one.
pub(crate) fn words(key: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in key.split(' ').filter(|w| !w.is_empty()) {
        if word.chars().any(alone) {
            words.extend(word.char_indices().map(|(at, c)| &word[at..at + c.len_utf8()]));
        } else {
            words.push(word);
        }
    }
    words
}

/// The hashes of a body's paragraphs of five words or more, each once, and those of all its words.
fn read(body: &str) -> (Box<[u64]>, Vec<u64>) {
    let (mut paragraphs, mut seen) = (Vec::new(), HashSet::new());
    let mut all = Vec::with_capacity(body.len() / 5);
    for paragraph in body.split("\n\n") {
        let key = key_text(paragraph);
        let before = all.len();
        let hash = |word: &str| {
            let mut hasher = FxHasher::default();
            hasher.write(word.as_bytes());
            hasher.finish()
        };
        if key.is_ascii() {
            all.extend(key.split(' ').filter(|word| !word.is_empty()).map(hash));
        } else {
            all.extend(words(&key).into_iter().map(hash));
        }
        if all.len() - before >= 5 {
            let hash = hashed(&key);
            if seen.insert(hash) {
                paragraphs.push(hash);
            }
        }
    }
    (paragraphs.into_boxed_slice(), all)
}

/// The lowest hashes of runs of five words: a sample that is the same for the same runs. What it
/// finds is compared word by word, so that a run met by chance decides nothing.
fn sketch(words: &[u64]) -> Box<[u64]> {
    let run = |run: &[u64]| {
        mixed(run.iter().fold(0, |sum: u64, &word| mixed(sum.rotate_left(23) ^ word)))
    };
    let mut hashes: Vec<u64> = words.windows(5).map(run).collect();
    // The lowest ones, with some more in case that some are the same.
    let few = 2 * SKETCH;
    let mut lowest = if hashes.len() > few {
        hashes.select_nth_unstable(few).0.to_vec()
    } else {
        std::mem::take(&mut hashes)
    };
    lowest.sort_unstable();
    lowest.dedup();
    if lowest.len() < SKETCH && !hashes.is_empty() {
        hashes.sort_unstable();
        hashes.dedup();
        lowest = hashes;
    }
    lowest.truncate(SKETCH);
    lowest.into_boxed_slice()
}

/// Spreads what differs over all bits (the finalizer of SplitMix64).
fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

type Ids = SmallVec<[EventId; 1]>;

/// Compresses texts, one after the other.
#[derive(Default)]
struct Press(Option<zstd::bulk::Compressor<'static>>);

impl Press {
    /// Fast, and empty where it fails: compression into memory fails only for want of memory, and
    /// then nothing is kept.
    fn compress(&mut self, text: &[u8]) -> Box<[u8]> {
        if self.0.is_none() {
            self.0 = zstd::bulk::Compressor::new(1).ok();
        }
        let press = self.0.as_mut();
        press.and_then(|press| press.compress(text).ok()).unwrap_or_default().into_boxed_slice()
    }
}

impl std::fmt::Debug for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Press").finish_non_exhaustive()
    }
}

/// The articles in memory.
#[derive(Debug, Default)]
pub(crate) struct Articles {
    known: Parted<EventId, Known>,
    addresses: Parted<u64, Ids>,
    paragraphs: Parted<u64, Ids>,
    sketches: Parted<u64, Ids>,
    press: Press,
}

/// Holders of one hash that are looked at, newest first.
const HOLDERS: usize = 16;

impl Articles {
    /// The article told as this event.
    pub(crate) fn get(&self, id: EventId) -> Option<&Known> {
        self.known.get(id)
    }

    /// Adds an article; the pause after it begins at `told_at`.
    pub(crate) fn add(&mut self, id: EventId, known: Known, article: &Article, told_at: i64) {
        let known = Known { told_at, ..known.with_text(article, &mut self.press) };
        let note = |map: &mut Parted<u64, Ids>, hash: u64| map.get_or_default(hash).push(id);
        for hash in [known.address, known.path].into_iter().flatten() {
            note(&mut self.addresses, hash);
        }
        for &hash in &known.paragraphs {
            note(&mut self.paragraphs, hash);
        }
        for &hash in known.sketch.iter().take(PROBED) {
            note(&mut self.sketches, hash);
        }
        self.known.insert(id, known);
    }

    /// Forgets an article.
    pub(crate) fn remove(&mut self, id: EventId) {
        let Some(known) = self.known.remove(id) else { return };
        let forget = |map: &mut Parted<u64, Ids>, hash: u64| {
            map.spend(hash, |ids| {
                ids.retain(|other| *other != id);
                ids.is_empty()
            });
        };
        for hash in [known.address, known.path].into_iter().flatten() {
            forget(&mut self.addresses, hash);
        }
        for &hash in &known.paragraphs {
            forget(&mut self.paragraphs, hash);
        }
        for &hash in known.sketch.iter().take(PROBED) {
            forget(&mut self.sketches, hash);
        }
    }

    /// Earlier articles worth comparing, the most promising first; equally promising ones newest
    /// first.
    pub(crate) fn candidates(&self, new: &Known) -> Vec<EventId> {
        let mut found: Vec<(EventId, u32, u32)> = Vec::new();
        let mut turn = 0;
        let mut count = |ids: Option<&Ids>, worth: u32| {
            for &id in ids.into_iter().flat_map(|ids| ids.iter().rev().take(HOLDERS)) {
                match found.iter_mut().find(|(other, ..)| *other == id) {
                    Some((_, hits, _)) => *hits += worth,
                    None => {
                        found.push((id, worth, turn));
                        turn += 1;
                    }
                }
            }
        };
        for hash in [new.address, new.path].into_iter().flatten() {
            count(self.addresses.get(hash), 4);
        }
        for hash in new.paragraphs.iter().take(64) {
            count(self.paragraphs.get(*hash), 2);
        }
        for hash in new.sketch.iter().take(PROBED) {
            count(self.sketches.get(*hash), 1);
        }
        found.sort_by(|a, b| b.1.cmp(&a.1).then(a.2.cmp(&b.2)));
        found.truncate(COMPARED);
        found.into_iter().map(|(id, ..)| id).collect()
    }
}
