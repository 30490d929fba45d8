//! The words in `config/words/`, read once.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use aho_corasick::AhoCorasick;
use serde::Deserialize;

type ByLanguage = BTreeMap<String, Vec<String>>;

macro_rules! embedded {
    ($name:literal) => {
        toml::from_str(include_str!(concat!("../../config/words/", $name, ".toml")))
            .expect(concat!("config/words/", $name, ".toml is embedded; a test reads it"))
    };
}

/// Lower case, one kind of apostrophe and space, and no bullets, brackets or punctuation around:
/// how a line is compared with the lists.
pub(super) fn fold(line: &str) -> String {
    let mut folded = String::with_capacity(line.len());
    for c in line.trim_matches(is_ornament).chars() {
        match c {
            '’' | '‘' | 'ʼ' | '`' | '´' => folded.push('\''),
            c if c.is_whitespace() => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            '\u{200e}' | '\u{200f}' | '\u{ad}' | '\u{200b}' | '\u{feff}' => {}
            c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            // Unicode makes two characters of it, which no list has.
            'İ' => folded.push('i'),
            c => folded.extend(c.to_lowercase()),
        }
    }
    folded
}

/// What may stand around a word without being part of it.
pub(super) fn is_ornament(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '•' | '·'
                | '●'
                | '▪'
                | '■'
                | '►'
                | '▶'
                | '‣'
                | '*'
                | '+'
                | '#'
                | ':'
                | '：'
                | ';'
                | '|'
                | '>'
                | '<'
                | '»'
                | '«'
                | '›'
                | '‹'
                | '-'
                | '–'
                | '—'
                | '_'
                | '='
                | '~'
                | '.'
                | '…'
                | '!'
                | '?'
                | ','
                | '"'
                | '\''
                | '“'
                | '”'
                | '„'
                | '('
                | ')'
                | '['
                | ']'
                | '【'
                | '】'
                | '「'
                | '」'
                | '/'
                | '↓'
                | '→'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{200b}'
                | '\u{feff}'
        )
}

/// Whole lines and beginnings of lines.
#[derive(Default)]
pub(super) struct Lines {
    whole: HashSet<String>,
    /// By their first two characters.
    beginnings: HashMap<[char; 2], Vec<String>, WordHash>,
}

impl Lines {
    fn new<'a>(entries: impl IntoIterator<Item = &'a String>) -> Self {
        let mut lines = Lines::default();
        for entry in entries {
            match entry.strip_suffix('*') {
                None => {
                    lines.whole.insert(fold(entry));
                }
                Some(beginning) => {
                    lines
                        .beginnings
                        .entry(first_two(beginning))
                        .or_default()
                        .push(beginning.to_owned());
                }
            }
        }
        lines
    }

    /// Does the folded line stand in the list?
    pub(super) fn has(&self, folded: &str) -> bool {
        // No heading is long: what is longer can only begin like one.
        folded.len() <= LONGEST && self.whole.contains(folded)
            || self.beginnings.get(&first_two(folded)).is_some_and(|list| {
                list.iter().any(|beginning| folded.starts_with(beginning.as_str()))
            })
    }
}

/// Bytes of the longest heading looked up whole.
const LONGEST: usize = 160;

fn first_two(text: &str) -> [char; 2] {
    let mut chars = text.chars();
    [chars.next().unwrap_or(' '), chars.next().unwrap_or(' ')]
}

/// Headings of boxes that are not the article.
pub(super) struct Sections {
    /// A box of links in the middle of a text that goes on after it.
    pub(super) aside: Lines,
    /// What stands under an article.
    pub(super) end: Lines,
    /// Beginnings of lines that are one link.
    pub(super) link: HashSet<String>,
}

/// Words around an author or an outlet.
pub(super) struct Bylines {
    /// What stands before a name, by its first letter, longest first.
    pub(super) before: HashMap<char, Vec<String>>,
    /// Names that are nobody's.
    pub(super) nobody: HashSet<String>,
    /// News agencies, as they are written.
    pub(super) agencies: HashSet<String>,
    /// Labels before the outlet a text is credited to.
    pub(super) source: HashSet<String>,
}

/// Words of dates.
pub(super) struct Dates {
    /// Month by its name, 1 to 12; two-word names with one space.
    pub(super) months: HashMap<String, i8>,
    /// Zone by its letters, hours from UTC.
    pub(super) zones: HashMap<String, i8>,
}

/// Names of places.
pub(super) struct Places {
    /// Places.
    pub(super) names: HashSet<String>,
    /// Words that may stand with one.
    pub(super) around: HashSet<String>,
}

/// Markers of BREAKING blocks.
pub(super) static BREAKING: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let all: ByLanguage = embedded!("breaking");
    all.values().flatten().map(|marker| fold(marker)).collect()
});

/// Section markers.
pub(super) static SECTIONS: LazyLock<Sections> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        aside: ByLanguage,
        end: ByLanguage,
        link: ByLanguage,
    }
    let file: File = embedded!("sections");
    Sections {
        aside: Lines::new(file.aside.values().flatten()),
        end: Lines::new(file.end.values().flatten()),
        link: file.link.values().flatten().map(|link| fold(link)).collect(),
    }
});

/// Lines that are never part of a text.
pub(super) static BUTTONS: LazyLock<Lines> = LazyLock::new(|| Lines::new(&furniture().buttons));

/// What the words of a line speak of, a bit each.
pub(super) mod speaks {
    /// Notices and offers.
    pub(in crate::parse) const NOTICE: u8 = 1;
    /// A picture's credit.
    pub(in crate::parse) const CREDIT: u8 = 2;
    /// An author.
    pub(in crate::parse) const BIO: u8 = 4;
    /// The end of an article.
    pub(in crate::parse) const SIGN_OFF: u8 = 8;
    /// A time told from now.
    pub(in crate::parse) const AGO: u8 = 16;
}

/// What a line speaks of: the bits of [`speaks`], found in one pass.
pub(super) fn spoken(line: &str) -> u8 {
    let (automaton, bits) = &*SPOKEN;
    automaton
        .find_overlapping_iter(line)
        .fold(0, |all, found| all | bits.get(found.pattern().as_usize()).copied().unwrap_or(0))
}

static SPOKEN: LazyLock<(AhoCorasick, Vec<u8>)> = LazyLock::new(|| {
    let file = furniture();
    let lists = [
        (file.notices, speaks::NOTICE),
        (file.credits, speaks::CREDIT),
        (file.bios, speaks::BIO),
        (file.signoffs, speaks::SIGN_OFF),
        (file.ago, speaks::AGO),
    ];
    let (words, bits): (Vec<String>, Vec<u8>) = lists
        .into_iter()
        .flat_map(|(list, bit)| list.into_iter().map(move |word| (word, bit)))
        .unzip();
    (any_of(&words), bits)
});

#[derive(Deserialize)]
struct Furniture {
    buttons: Vec<String>,
    notices: Vec<String>,
    credits: Vec<String>,
    bios: Vec<String>,
    signoffs: Vec<String>,
    ago: Vec<String>,
}

fn furniture() -> Furniture {
    embedded!("furniture")
}

fn any_of(words: &[String]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(aho_corasick::AhoCorasickKind::DFA))
        .build(words)
        .expect("some hundred short words are within the limits of an automaton")
}

/// Words around bylines and credits.
pub(super) static BYLINES: LazyLock<Bylines> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        before: Vec<String>,
        nobody: Vec<String>,
        agencies: Vec<String>,
        source: Vec<String>,
    }
    let file: File = embedded!("bylines");
    let mut all = file.before;
    all.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
    let mut before: HashMap<char, Vec<String>> = HashMap::new();
    for prefix in all {
        before.entry(prefix.chars().next().unwrap_or(' ')).or_default().push(prefix);
    }
    Bylines {
        before,
        nobody: file.nobody.into_iter().collect(),
        agencies: file.agencies.into_iter().collect(),
        source: file.source.into_iter().collect(),
    }
});

/// Words of dates.
pub(super) static DATES: LazyLock<Dates> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        months: ByLanguage,
        zones: HashMap<String, i8>,
    }
    let file: File = embedded!("dates");
    let mut months = HashMap::new();
    for names in file.months.values() {
        for (month, spellings) in (1_i8..).zip(names) {
            for spelling in spellings.split(' ') {
                months.insert(spelling.replace('_', " "), month);
            }
        }
    }
    Dates { months, zones: file.zones }
});

/// Names of places.
pub(super) static PLACES: LazyLock<Places> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        names: Vec<String>,
        around: Vec<String>,
    }
    let file: File = embedded!("places");
    Places { names: file.names.into_iter().collect(), around: file.around.into_iter().collect() }
});

/// Languages with stop words, in the order of their bits.
pub(super) static STOP_LANGUAGES: LazyLock<Vec<String>> =
    LazyLock::new(|| stop_file().into_keys().collect());

/// The languages (one bit each) that have a word among their commonest.
pub(super) static STOP: LazyLock<HashMap<String, u64, WordHash>> = LazyLock::new(|| {
    let mut words = HashMap::default();
    for (bit, list) in stop_file().values().enumerate() {
        for word in list.split(' ') {
            *words.entry(word.to_owned()).or_insert(0) |= 1_u64 << bit;
        }
    }
    words
});

/// FNV-1a: every word of a page is looked up, and words are short. The words looked among are
/// ours, so that nobody can make them collide.
type WordHash = std::hash::BuildHasherDefault<Fnv>;

/// The state of FNV-1a.
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl std::hash::Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}

fn stop_file() -> BTreeMap<String, String> {
    embedded!("stop")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_can_be_read() {
        assert!(BREAKING.contains("عاجل"));
        assert!(SECTIONS.aside.has("related news"));
        assert!(SECTIONS.end.has("all rights reserved by someone"));
        assert!(SECTIONS.link.contains("lire aussi"));
        assert!(BUTTONS.has("advertisement"));
        assert!(BYLINES.nobody.contains("admin"));
        assert_eq!(DATES.months.get("كانون الثاني"), Some(&1));
        assert!(PLACES.names.contains("palestine"));
        assert!(STOP.len() > 1000 && STOP_LANGUAGES.len() > 20);
        assert!(STOP_LANGUAGES.len() <= 64);
    }

    #[test]
    fn lines_are_compared_without_ornament() {
        assert_eq!(fold("  • • You’ll  LIKE\u{a0}this: "), "you'll like this");
        assert_eq!(fold("+++ EILMELDUNG +++"), "eilmeldung");
        assert_eq!(fold("© 2020 X"), "© 2020 x");
    }
}
