//! What earlier pages of each site carried: a line that stands on pages with different articles
//! is furniture, in any language and without a rule.
//!
//! A fold over parsed pages in ticket order. It never touches ticker lines or metadata, and inside
//! an article's run it removes nothing: it lowers scores when the run is chosen and trims its
//! edges.

use std::collections::{BTreeMap, VecDeque};

use smallvec::SmallVec;

use super::{Parsed, letters::Letter, lexicon};

/// A line counts as furniture once it stood beside so many different articles.
const ARTICLES: usize = 3;
/// Articles of a site that are remembered, to know one when it comes again.
const RECENT: usize = 64;
/// Paragraphs that stand for an article.
const SKETCH: usize = 8;
/// Lines of a site that are remembered at most.
const LINES: usize = 4096;
/// Pages of a site after which a line that is not furniture yet is forgotten.
const FORGET: u32 = 24;
/// Version of the stored form, hashes included.
const FORM: u8 = 2;

/// Lines that earlier pages of each site carried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteMemory {
    sites: BTreeMap<String, Site>,
}

/// What is remembered of one site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Site {
    /// Pages folded in.
    pages: u32,
    /// Number of the next article.
    next: u32,
    /// The newest articles: their number, and the least hashes of their paragraphs.
    articles: VecDeque<(u32, Vec<u64>)>,
    lines: BTreeMap<u64, Seen>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Numbers of the articles it stood beside.
    articles: [u32; ARTICLES],
    count: u8,
    /// The page it was last seen on.
    last: u32,
}

/// What a page teaches its site; kept in [`Parsed`].
#[derive(Clone, Debug, Default)]
pub(super) struct Lesson {
    /// Its lines that may be furniture.
    pub(super) lines: Vec<u64>,
    /// The paragraphs of its article.
    pub(super) paragraphs: Vec<u64>,
}

impl SiteMemory {
    /// Learns from a page and names the site whose memory changed, if any did. Pages without an
    /// article or without a source teach nothing.
    pub fn fold(&mut self, page: &Parsed) -> Option<&str> {
        let name = page.source.label()?;
        if page.lesson.paragraphs.is_empty() {
            return None;
        }
        if !self.sites.contains_key(name) {
            self.sites.insert(name.to_owned(), Site::default());
        }
        self.sites.get_mut(name)?.learn(&page.lesson);
        self.sites.get_key_value(name).map(|(name, _)| name.as_str())
    }

    /// The memory of one site as bytes, for the ledger.
    pub fn save(&self, site: &str) -> Option<Vec<u8>> {
        self.sites.get(site).map(Site::save)
    }

    /// Takes back what [`SiteMemory::save`] gave. Bytes of an unknown form are left aside, and the
    /// site is learned anew: `false`.
    pub fn load(&mut self, site: &str, bytes: &[u8]) -> bool {
        let loaded = Site::load(bytes);
        let known = loaded.is_some();
        self.sites.extend(loaded.map(|memory| (site.to_owned(), memory)));
        known
    }

    /// A site begins anew.
    pub fn forget(&mut self, site: &str) {
        self.sites.remove(site);
    }

    /// What is known of a site.
    pub(super) fn site(&self, name: Option<&str>) -> Option<&Site> {
        self.sites.get(name?)
    }
}

impl Site {
    /// Has the line stood beside enough different articles?
    pub(super) fn is_furniture(&self, line: u64) -> bool {
        self.lines.get(&line).is_some_and(|seen| usize::from(seen.count) >= ARTICLES)
    }

    fn learn(&mut self, lesson: &Lesson) {
        self.pages = self.pages.saturating_add(1);
        let article = self.article(&lesson.paragraphs);
        for &line in &lesson.lines {
            let seen = self.lines.entry(line).or_default();
            seen.last = self.pages;
            let count = usize::from(seen.count);
            let met = seen.articles.get(..count).is_some_and(|met| met.contains(&article));
            if let (false, Some(free)) = (met, seen.articles.get_mut(count)) {
                *free = article;
                seen.count += 1;
            }
        }
        if self.lines.len() > LINES {
            self.forget();
        }
    }

    /// The number of an article: the one it had when it came before, else the next.
    fn article(&mut self, paragraphs: &[u64]) -> u32 {
        let mut sketch = paragraphs.to_vec();
        sketch.sort_unstable();
        sketch.dedup();
        sketch.truncate(SKETCH);
        let same = |known: &Vec<u64>| {
            let shared = known.iter().filter(|hash| sketch.contains(hash)).count();
            shared * 2 >= known.len().min(sketch.len())
        };
        if let Some((number, _)) = self.articles.iter().find(|(_, known)| same(known)) {
            return *number;
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.articles.push_back((number, sketch));
        if self.articles.len() > RECENT {
            self.articles.pop_front();
        }
        number
    }

    /// Makes room: first lines that never became furniture, the longest unseen first.
    fn forget(&mut self) {
        let (pages, limit) = (self.pages, LINES / 2);
        self.lines
            .retain(|_, seen| usize::from(seen.count) >= ARTICLES || pages - seen.last <= FORGET);
        if self.lines.len() > LINES {
            let mut ages: Vec<u32> = self.lines.values().map(|seen| seen.last).collect();
            ages.sort_unstable_by(|a, b| b.cmp(a));
            let oldest = ages.get(limit).copied().unwrap_or(pages);
            self.lines.retain(|_, seen| seen.last > oldest);
        }
    }

    fn save(&self) -> Vec<u8> {
        let mut bytes = vec![FORM];
        bytes.extend(self.pages.to_le_bytes());
        bytes.extend(self.next.to_le_bytes());
        bytes.push(self.articles.len() as u8);
        for (number, sketch) in &self.articles {
            bytes.extend(number.to_le_bytes());
            bytes.push(sketch.len() as u8);
            sketch.iter().for_each(|hash| bytes.extend(hash.to_le_bytes()));
        }
        for (line, seen) in &self.lines {
            bytes.extend(line.to_le_bytes());
            bytes.extend(seen.last.to_le_bytes());
            bytes.push(seen.count);
            seen.articles.iter().for_each(|article| bytes.extend(article.to_le_bytes()));
        }
        bytes
    }

    fn load(mut bytes: &[u8]) -> Option<Self> {
        let from = &mut bytes;
        if take::<1>(from)? != [FORM] {
            return None;
        }
        let mut site = Site {
            pages: u32::from_le_bytes(take(from)?),
            next: u32::from_le_bytes(take(from)?),
            ..Site::default()
        };
        let [articles] = take(from)?;
        for _ in 0..articles {
            let number = u32::from_le_bytes(take(from)?);
            let [hashes] = take(from)?;
            let sketch =
                (0..hashes).map(|_| take(from).map(u64::from_le_bytes)).collect::<Option<_>>()?;
            site.articles.push_back((number, sketch));
        }
        while !from.is_empty() {
            let line = u64::from_le_bytes(take(from)?);
            let last = u32::from_le_bytes(take(from)?);
            let [count] = take(from)?;
            let mut articles = [0; ARTICLES];
            for article in &mut articles {
                *article = u32::from_le_bytes(take(from)?);
            }
            if usize::from(count) > ARTICLES || last > site.pages {
                return None;
            }
            site.lines.insert(line, Seen { articles, count, last });
        }
        Some(site)
    }
}

fn take<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*head)
}

/// The hash a line is remembered by. Digits of short lines count alike ("3 shares", "14 shares"),
/// and so does any white space.
pub(super) fn line_hash(line: &str) -> u64 {
    let short = line.len() < 40;
    let line = line.trim_matches(lexicon::is_ornament);
    let mut hash = Fnv::default();
    let digits = || !line.is_ascii() || line.bytes().any(|byte| byte.is_ascii_digit());
    if lexicon::is_single_spaced(line) && !(short && digits()) {
        hash.write_text(line.as_bytes());
        return hash.finish();
    }
    if short && line.is_ascii() {
        hash.write_text(fold_short(line).as_slice());
        return hash.finish();
    }
    let mut folded = String::with_capacity(line.len());
    for c in line.chars() {
        let c = match c {
            c if short && Letter::of(c).is_numeric() => '0',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if !(matches!(c, ' ' | '0') && folded.ends_with(c)) {
            folded.push(c);
        }
    }
    hash.write_text(folded.as_bytes());
    hash.finish()
}

/// What [`line_hash`] makes of a short line of single bytes.
fn fold_short(line: &str) -> SmallVec<[u8; 40]> {
    let mut folded = SmallVec::new();
    for byte in line.bytes() {
        let byte = match byte {
            b'0'..=b'9' => b'0',
            b' ' | b'\t'..=b'\r' => b' ',
            other => other,
        };
        if !(matches!(byte, b' ' | b'0') && folded.last() == Some(&byte)) {
            folded.push(byte);
        }
    }
    folded
}

/// FNV-1a, written out because its result is stored: the same for ever.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    pub(super) fn write(&mut self, value: u32) {
        self.0 = (self.0 ^ u64::from(value)).wrapping_mul(0x0100_0000_01b3);
    }

    /// Eight bytes at a time: all the text of a page goes through here.
    fn write_text(&mut self, text: &[u8]) {
        let (words, rest) = text.as_chunks::<8>();
        for word in words.iter().copied().chain([padded(rest)]) {
            let word = self.0 ^ u64::from_le_bytes(word);
            // FNV's multiplier spreads upwards only: fold the high half back each time.
            self.0 = (word ^ (word >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    pub(super) fn finish(&self) -> u64 {
        // The low bits of FNV are weak; the sketch takes the least hashes, so mix them.
        let hash = self.0 ^ (self.0 >> 32);
        hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (hash >> 29)
    }
}

/// Fewer than eight bytes, and their number, as eight.
fn padded(rest: &[u8]) -> [u8; 8] {
    let mut word = [0; 8];
    word.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    word[7] = rest.len() as u8;
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_known_by_their_words_alone() {
        let long = "The ferry has docked at Port Aldine after 9 days in the storm";
        assert_eq!(line_hash(long), line_hash(&format!("  • {}: ", long.replace(' ', "\u{a0} "))));
        assert_ne!(line_hash(long), line_hash(&long.replace('9', "8")));
        assert_ne!(line_hash(long), line_hash(&long.replace("Port", "Prot")));
        assert_eq!(line_hash("3 Shares"), line_hash("140  Shares"));
        assert_ne!(line_hash("Share"), line_hash("Share\0"));
        assert_ne!(line_hash(""), line_hash("a"));
    }

    fn lesson(lines: &[&str], paragraphs: &[&str]) -> Lesson {
        Lesson {
            lines: lines.iter().map(|line| line_hash(line)).collect(),
            paragraphs: paragraphs.iter().map(|paragraph| line_hash(paragraph)).collect(),
        }
    }

    #[test]
    fn lines_beside_three_different_articles_are_furniture() {
        let mut site = Site::default();
        for article in ["One", "Two", "Three"] {
            assert!(!site.is_furniture(line_hash("12 Shares")));
            site.learn(&lesson(&["3 Shares", article], &[article]));
        }
        assert!(site.is_furniture(line_hash("140 Shares")));
        assert!(!site.is_furniture(line_hash("One")));
    }

    #[test]
    fn one_article_dropped_often_teaches_nothing() {
        let mut site = Site::default();
        for shares in ["1 Shares", "2 Shares", "3 Shares", "4 Shares"] {
            site.learn(&lesson(&[shares, "Home"], &["A", "B", "C", shares]));
        }
        assert!(!site.is_furniture(line_hash("Home")));
    }

    #[test]
    fn memory_survives_as_bytes_and_stays_bounded() {
        let mut site = Site::default();
        for page in 0..200 {
            let lines: Vec<String> = (0..100)
                .map(|line| format!("a line of page {page} and its number {line} that is long"))
                .collect();
            let lines: Vec<&str> =
                lines.iter().map(String::as_str).chain(["Menu of the site"]).collect();
            site.learn(&lesson(&lines, &lines[..5]));
        }
        assert!(site.lines.len() <= LINES + 101);
        assert!(site.is_furniture(line_hash("Menu of the site")));
        let bytes = site.save();
        assert_eq!(Site::load(&bytes), Some(site));
        assert_eq!(Site::load(bytes.get(..bytes.len() - 1).unwrap()), None);
        assert_eq!(Site::load(&[9, 9]), None);
    }
}
