//! Words of languages with many endings, listed by their beginnings: `француз*` stands for француз,
//! французы, французов.

use hashbrown::{HashMap, HashSet};
use serde::Deserialize;

use super::{letters::fold_word, roles::Roles};

/// Letters that a beginning has at least.
const LEAST: usize = 3;
/// Letters that a verb's ending has at most.
const LONGEST: usize = 5;

/// The lists as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lists {
    endings: String,
    pub(super) places: String,
    titles: String,
    pub(super) meanings: String,
    pub(super) pairs: String,
    ahead: String,
    past: String,
    unnamed: String,
    done: String,
    adjectives: String,
    nouns: String,
    vague: String,
    attribution: String,
    privative: String,
}

/// What is told by whole words and by beginnings.
#[derive(Debug)]
struct Table<T> {
    whole: HashMap<String, T>,
    starred: HashMap<String, T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { whole: HashMap::new(), starred: HashMap::new() }
    }
}

impl<T> Table<T> {
    /// Where a word of a list is told of.
    fn entry(
        &mut self,
        listed: &str,
    ) -> hashbrown::hash_map::Entry<'_, String, T, hashbrown::DefaultHashBuilder> {
        match listed.strip_suffix('*') {
            Some(start) => self.starred.entry(fold_word(start)),
            None => self.whole.entry(fold_word(listed)),
        }
    }

    /// What is told of a word, by its longest listed beginning after which the rest fits.
    fn get(&self, word: &str, fits: impl Fn(&str) -> bool) -> Option<&T> {
        if let Some(whole) = self.whole.get(word) {
            return Some(whole);
        }
        let ends = word.char_indices().skip(LEAST).map(|(at, _)| at).chain([word.len()]);
        let ends: smallvec::SmallVec<[usize; 24]> = ends.collect();
        ends.into_iter()
            .rev()
            .filter(|&end| fits(&word[end..]))
            .find_map(|end| self.starred.get(&word[..end]))
    }
}

/// The lists, ready to ask. Only words that begin as the language's do are asked for.
#[derive(Debug, Default)]
pub(super) struct Stars {
    endings: HashSet<String>,
    ahead: Vec<String>,
    past: Vec<String>,
    unnamed: Vec<String>,
    done: Vec<String>,
    adjectives: Vec<String>,
    nouns: Vec<String>,
    places: Table<String>,
    roles: Table<Roles>,
    groups: Table<u16>,
}

impl Stars {
    /// Reads all lists but places and meanings, whose concepts and groups the caller knows.
    pub(super) fn new(lists: &Lists) -> Self {
        let words = |list: &str| list.split_whitespace().map(fold_word).collect::<Vec<_>>();
        let mut stars = Stars {
            ahead: words(&lists.ahead),
            past: words(&lists.past),
            unnamed: words(&lists.unnamed),
            done: words(&lists.done),
            adjectives: words(&lists.adjectives),
            nouns: words(&lists.nouns),
            ..Stars::default()
        };
        stars.endings.extend(words(&lists.endings));
        for (list, role) in [
            (&lists.titles, Roles::TITLE),
            (&lists.vague, Roles::VAGUE),
            (&lists.attribution, Roles::ATTRIBUTION),
            (&lists.privative, Roles::PRIVATIVE),
        ] {
            for word in list.split_whitespace() {
                let roles = stars.roles.entry(word).or_default();
                *roles = roles.and(role).and(Roles::COMMON);
            }
        }
        stars
    }

    /// Whether a word is of one of the languages, as far as its letters tell.
    pub(super) fn speaks(word: &str) -> bool {
        word.starts_with(|c: char| ('а'..='я').contains(&c) || matches!(c, 'і' | 'ї' | 'є' | 'ґ'))
    }

    /// Notes what a place's name stands for.
    pub(super) fn place(&mut self, listed: &str, concept: &str) {
        self.places.entry(listed).or_insert_with(|| concept.to_owned());
    }

    /// The group of a word of a meaning; a new one is made by the caller.
    pub(super) fn group(&mut self, listed: &str, new: impl FnOnce() -> u16) -> u16 {
        *self.groups.entry(listed).or_insert_with(new)
    }

    fn ends(&self, rest: &str) -> bool {
        rest.is_empty() || self.endings.contains(rest)
    }

    /// The place a word names.
    pub(super) fn place_of(&self, word: &str) -> Option<&str> {
        self.places.get(word, |rest| self.ends(rest)).map(String::as_str)
    }

    /// The roles of a word.
    pub(super) fn roles_of(&self, word: &str) -> Roles {
        self.roles.get(word, |rest| self.ends(rest)).copied().unwrap_or_default()
    }

    /// The group of words of like meaning that a word stands in; verbs have more endings than are
    /// listed.
    pub(super) fn group_of(&self, word: &str) -> Option<u16> {
        self.groups.get(word, |rest| rest.chars().count() <= LONGEST).copied()
    }

    /// Whether a word ends as verbs do that tell what is still ahead.
    pub(super) fn looks_ahead(&self, word: &str) -> bool {
        ends(word, &self.ahead) && !ends(word, &self.done)
    }

    /// Whether a word ends as verbs do that tell what has happened.
    pub(super) fn past(&self, word: &str) -> bool {
        ends(word, &self.past) || ends(word, &self.done)
    }

    /// Whether a word ends as verbs do where nobody in particular has done it.
    pub(super) fn unnamed(&self, word: &str) -> bool {
        ends(word, &self.unnamed)
    }

    /// Whether a word ends as adjectives do, and not as some nouns.
    pub(super) fn adjective(&self, word: &str) -> bool {
        word.chars().count() > LONGEST && ends(word, &self.adjectives) && !ends(word, &self.nouns)
    }
}

fn ends(word: &str, endings: &[String]) -> bool {
    endings.iter().any(|ending| word.ends_with(ending.as_str()))
}
