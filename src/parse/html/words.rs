//! What class names and ids say about an element: they are read word by word (`entry-content`,
//! `relatedPosts`), so that "sticker" is no ticker and "badge" no ad.

use std::{cell::RefCell, collections::BTreeMap, sync::LazyLock};

use rustc_hash::FxHashMap as HashMap;

use crate::parse::{
    letters::{Letter, lower},
    lexicon::embedded,
    memo::Memo,
    memory::Fnv,
};

/// One thing a class name can say; a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub(super) enum Hint {
    Article,
    Body,
    Comment,
    Related,
    Rail,
    Nav,
    Frame,
    Share,
    Ad,
    Subscribe,
    Caption,
    Meta,
    Tags,
    Summary,
    Legal,
    Popup,
    Quote,
    Embed,
    Hidden,
    Author,
    Box,
    Headline,
    Breaking,
    Shop,
    Media,
    Note,
    Live,
    Teaser,
    Post,
}

/// How many hints there are.
pub(super) const HINTS: usize = 29;

/// A set of hints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hints(pub(super) u32);

impl Hints {
    /// Whether a hint is in the set.
    pub(super) fn has(self, hint: Hint) -> bool {
        self.0 & 1 << hint as u8 != 0
    }

    /// Both sets.
    pub(super) fn with(self, other: Hints) -> Hints {
        Hints(self.0 | other.0)
    }
}

/// The hints by their names in `lexicon/classes.toml`.
const NAMES: [(&str, Hint); HINTS] = [
    ("article", Hint::Article),
    ("body", Hint::Body),
    ("comment", Hint::Comment),
    ("related", Hint::Related),
    ("rail", Hint::Rail),
    ("nav", Hint::Nav),
    ("frame", Hint::Frame),
    ("share", Hint::Share),
    ("ad", Hint::Ad),
    ("subscribe", Hint::Subscribe),
    ("caption", Hint::Caption),
    ("meta", Hint::Meta),
    ("tags", Hint::Tags),
    ("summary", Hint::Summary),
    ("legal", Hint::Legal),
    ("popup", Hint::Popup),
    ("quote", Hint::Quote),
    ("embed", Hint::Embed),
    ("hidden", Hint::Hidden),
    ("author", Hint::Author),
    ("box", Hint::Box),
    ("headline", Hint::Headline),
    ("breaking", Hint::Breaking),
    ("shop", Hint::Shop),
    ("media", Hint::Media),
    ("note", Hint::Note),
    ("live", Hint::Live),
    ("teaser", Hint::Teaser),
    ("post", Hint::Post),
];

/// Longest first part of a word that can match a beginning.
static LOOKUP: LazyLock<HashMap<String, (u32, u32)>> = LazyLock::new(|| {
    let mut map: HashMap<String, (u32, u32)> = HashMap::default();
    let words: BTreeMap<String, String> = embedded!("classes");
    for (name, hint) in NAMES {
        for word in words.get(name).into_iter().flat_map(|words| words.split(' ')) {
            let bit = 1u32 << hint as u8;
            match word.strip_suffix('*') {
                Some(stem) => map.entry(stem.to_owned()).or_default().1 |= bit,
                None => map.entry(word.to_owned()).or_default().0 |= bit,
            }
        }
    }
    map
});

/// Bytes of the longest entry of [`LOOKUP`].
static LONGEST: LazyLock<usize> =
    LazyLock::new(|| LOOKUP.keys().map(|word| word.len()).max().unwrap_or(0));

thread_local! {
    static MEMO: RefCell<Memo<Hints>> = RefCell::default();
}

/// Reads a class or id attribute: those of a site's pages are alike.
pub(super) fn hints(value: &str) -> Hints {
    if value.is_empty() {
        return Hints::default();
    }
    MEMO.with_borrow_mut(|memo| memo.of(value, read))
}

fn read(value: &str) -> Hints {
    let mut found = 0;
    let longest = *LONGEST;
    each_word(value, |word| {
        if word.len() < 2 {
            return;
        }
        let ends = word.char_indices().skip(2).chain([(word.len(), ' ')]);
        for (end, _) in ends.take_while(|(end, _)| *end <= longest) {
            if let Some(&(exact, stem)) = LOOKUP.get(&word[..end]) {
                found |= stem;
                if end == word.len() {
                    found |= exact;
                }
            }
        }
    });
    Hints(found)
}

/// Characters of an attribute that are looked at.
const MOST_CHARS: usize = 512;

/// Calls `f` with each lower-case word of a class or id attribute.
pub(super) fn each_word(value: &str, mut f: impl FnMut(&str)) {
    let mut word = String::with_capacity(24);
    let mut was_lower = false;
    if value.is_ascii() {
        // Nearly all are.
        for &byte in value.as_bytes().iter().take(MOST_CHARS).chain(b" ") {
            let opens = !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() && was_lower;
            if opens && !word.is_empty() {
                f(&word);
                word.clear();
            }
            was_lower = byte.is_ascii_lowercase();
            if byte.is_ascii_alphabetic() {
                word.push(char::from(byte.to_ascii_lowercase()));
            }
        }
        return;
    }
    for c in value.chars().take(MOST_CHARS) {
        if !c.is_alphanumeric() || c.is_ascii_digit() {
            if !word.is_empty() {
                f(&word);
                word.clear();
            }
            was_lower = false;
            continue;
        }
        if c.is_uppercase() && was_lower && !word.is_empty() {
            f(&word);
            word.clear();
        }
        was_lower = c.is_lowercase();
        word.extend(c.to_lowercase());
    }
    if !word.is_empty() {
        f(&word);
    }
}

/// How much two texts share: the F1 of their words, without case and punctuation.
pub(super) fn overlap(a: &str, b: &str) -> f32 {
    Words::of(a).overlap(b)
}

/// How many words of a text are compared.
const MOST_WORDS: usize = 200;

/// The words of a text that many others are compared with.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Hashes of them, sorted, each once.
    words: Vec<u64>,
}

impl Words {
    /// The words of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut words = Vec::new();
        each_lower(text, |word| words.push(word));
        words.sort_unstable();
        words.dedup();
        Words { words }
    }

    /// [`overlap`] with another text.
    pub(super) fn overlap(&self, other: &str) -> f32 {
        let [overlap] = Words::overlaps([self], other);
        overlap
    }

    /// [`overlap`] of each with another text, whose words are read once.
    pub(super) fn overlaps<const N: usize>(all: [&Words; N], other: &str) -> [f32; N] {
        if all.iter().all(|words| words.words.is_empty()) {
            return [0.0; N];
        }
        let mut met = [[false; MOST_WORDS]; N];
        let mut counts = [(0, 0); N];
        each_lower(other, |word| {
            for ((words, met), (common, others)) in all.iter().zip(&mut met).zip(&mut counts) {
                match words.words.binary_search(&word) {
                    Ok(at) if met[at] => {}
                    Ok(at) => {
                        met[at] = true;
                        *common += 1;
                        *others += 1;
                    }
                    Err(_) => *others += 1,
                }
            }
        });
        std::array::from_fn(|at| match (all[at].words.len(), counts[at]) {
            (0, _) => 0.0,
            (own, (common, others)) => 2.0 * common as f32 / (own + others) as f32,
        })
    }
}

/// Calls `f` with the hash of each word of a text's beginning, in lower case. Chance meetings of
/// two words change a likeness by a trifle.
fn each_lower(text: &str, mut f: impl FnMut(u64)) {
    let mut left = MOST_WORDS;
    // Of the word so far; none between words.
    let mut word: Option<Fnv> = None;
    let mut end = |word: &mut Option<Fnv>| {
        if let Some(hash) = word.take() {
            f(hash.finish());
            left -= 1;
        }
        left > 0
    };
    if text.is_ascii() {
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() {
                word.get_or_insert_default().write(byte.to_ascii_lowercase().into());
            } else if !end(&mut word) {
                return;
            }
        }
    } else {
        for c in text.chars() {
            if Letter::of(c).is_alphanumeric() {
                lower(c, |c| word.get_or_insert_default().write(u32::from(c)));
            } else if !end(&mut word) {
                return;
            }
        }
    }
    end(&mut word);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_is_of_words_without_case() {
        assert_eq!(overlap("The ferry docks", "FERRY docks, the"), 1.0);
        assert_eq!(overlap("The ferry", "the tug"), 0.5);
        assert_eq!(overlap("Die Fähre", "die FÄHRE"), 1.0);
        assert_eq!(overlap("", "the tug"), 0.0);
        assert_eq!(overlap("the", ""), 0.0);
        // Only beginnings are compared.
        assert_eq!(overlap(&"ferry ".repeat(500), &"ferry ".repeat(150)), 1.0);
        assert_eq!(overlap(&format!("{}tug", "ferry ".repeat(200)), "tug"), 0.0);
    }
}
