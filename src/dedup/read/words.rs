//! What is known of single words: their roles, spellings and opposites, from the lists in
//! `words/`.

use std::sync::LazyLock;

use hashbrown::{HashMap, HashSet};
use serde::Deserialize;

use super::{roles::Roles, stem::stem};

/// What is known of one folded word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Knowledge {
    /// What it stands for: words with one concept are one word.
    pub(crate) concept: String,
    /// Its roles.
    pub(crate) roles: Roles,
    /// Where its groups of like-meaning words are found, 0 for none.
    pub(crate) group: u16,
}

const SCALES: Roles = Roles::SCALE.and(Roles::PERCENT);

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Lists {
    function: String,
    attribution: String,
    say: String,
    witness: String,
    outlet: String,
    hedge: String,
    certain: String,
    reversal: String,
    finding: String,
    nouns: String,
    quantity: String,
    rank: String,
    unit: String,
    attempt: String,
    within: String,
    tag: String,
    negation: String,
    prospective: String,
    reaction: String,
    background: String,
    addition: String,
    title: String,
    vague: String,
    common: String,
    ordinals: Vec<String>,
    numbers: Vec<String>,
    scales: Vec<String>,
    percent: String,
    days: Vec<String>,
    months: Vec<String>,
    tens: String,
    units: String,
    pairs: String,
    same: String,
    synonyms: String,
    acts: String,
    antonyms: String,
    ways: Vec<String>,
    irregular: String,
    characters: String,
}

/// What a word does to a statement: asked only of words that two lines don't share.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Classes {
    relations: Vec<String>,
    moments: Vec<String>,
    agent: String,
    strong: String,
    nearness: String,
    privative: String,
    bounds: String,
    roughly: String,
    corrects: String,
    frame: String,
    ahead: String,
    posted: String,
    states: String,
    presses: String,
    conditions: String,
    asks: String,
    wider: String,
    begins: String,
    relatives: String,
    offices: String,
}

/// A word's classes, and the rows of relations it stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Class {
    flags: u32,
    rows: u64,
    moments: u16,
}

impl Class {
    /// Says who acts.
    pub(crate) const AGENT: u32 = 1;
    /// A relation that is missed where one line has none.
    pub(crate) const STRONG: u32 = 2;
    /// This or the next.
    pub(crate) const NEARNESS: u32 = 4;
    /// Without it the rest says something else.
    pub(crate) const PRIVATIVE: u32 = 8;
    /// A bound of the figure after it.
    pub(crate) const BOUND: u32 = 16;
    /// Opens the figure after it.
    pub(crate) const ROUGHLY: u32 = 32;
    /// Tells that a line told before was wrong.
    pub(crate) const CORRECTS: u32 = 64;
    /// Counts readers or time at the edge of a line.
    pub(crate) const FRAME: u32 = 128;
    /// Begins what only says where a line is from.
    pub(crate) const POSTED: u32 = 512;
    /// Says how things stand, where nothing follows it.
    pub(crate) const STATE: u32 = 1024;
    /// An office that one person holds.
    pub(crate) const OFFICE: u32 = 2048;
    /// A relative of somebody named.
    pub(crate) const RELATIVE: u32 = 4096;
    /// It is under way.
    pub(crate) const BEGINS: u32 = 8192;
    /// More than was told.
    pub(crate) const WIDER: u32 = 16384;
    /// Begins a question.
    pub(crate) const ASKS: u32 = 32768;
    /// What hangs on it is not yet so.
    pub(crate) const CONDITION: u32 = 65536;
    /// Presses somebody to do.
    pub(crate) const PRESSES: u32 = 131072;

    /// Whether it has any of these.
    pub(crate) fn any(self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// Whether it relates what follows it.
    pub(crate) fn relates(self) -> bool {
        self.rows != 0
    }

    /// Whether the two relate in the same way; a time is related more exactly.
    pub(crate) fn agrees(self, other: Class, time: bool) -> bool {
        if time && self.moments != 0 && other.moments != 0 {
            self.moments & other.moments != 0
        } else {
            self.rows & other.rows != 0
        }
    }
}

/// All lists, ready to ask.
#[derive(Debug)]
pub(crate) struct Words {
    roles: HashMap<String, Roles>,
    /// Words of English, and of no other language listed.
    english: HashSet<String>,
    classes: HashMap<String, Class>,
    /// By first letter and length, whether a word may have a class.
    classed: Vec<bool>,
    ahead: Vec<String>,
    common: HashSet<String>,
    base: HashMap<String, String>,
    irregular: HashSet<String>,
    same: HashMap<String, String>,
    groups: HashMap<String, u16>,
    /// The rows of like-meaning words that a word stands in, by its group.
    meanings: Vec<Vec<u16>>,
    rows: u16,
    opposites: HashSet<(String, String)>,
    opposed: HashSet<String>,
    within: HashMap<String, String>,
    pairs: HashMap<String, String>,
    first_of_pair: HashSet<String>,
    scales: HashMap<String, f64>,
    /// What is known of every listed word and every concept of one, so that one look is enough.
    known: HashMap<String, Knowledge>,
    /// By first letter and length, whether a pair begins so, and whether a scale does: most words
    /// are seen not to be one.
    beginnings: Vec<(bool, bool)>,
    /// The same of places that lie in another.
    inner: Vec<bool>,
}

/// The lists that come with the crate.
pub(crate) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let read = |text: &str| -> Lists {
        toml::from_str(text).expect("the lists are part of the crate; a test reads them")
    };
    Words::new(
        &[
            read(include_str!("words/en.toml")),
            read(include_str!("words/more.toml")),
            Lists { same: String::new(), ..read(include_str!("words/common.toml")) },
        ],
        &read(include_str!("words/places.toml")),
        include_str!("words/wordnet.txt"),
    )
});

fn fold(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).filter_map(super::letters::fold_letter).collect()
}

fn beginning(word: &str) -> usize {
    usize::from(word.as_bytes().first().copied().unwrap_or(0)) * 16 + word.len().min(15)
}

/// `21st`, `3rd`.
pub(crate) fn ordinal_figure(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && matches!(&word[digits.len()..], "st" | "nd" | "rd" | "th")
}

impl Words {
    fn new(languages: &[Lists], places: &Lists, wordnet: &str) -> Self {
        let mut words = Words {
            roles: HashMap::new(),
            english: HashSet::new(),
            classes: HashMap::new(),
            classed: vec![false; 256 * 16],
            ahead: Vec::new(),
            common: HashSet::new(),
            base: HashMap::new(),
            irregular: HashSet::new(),
            same: HashMap::new(),
            groups: HashMap::new(),
            meanings: vec![Vec::new()],
            rows: 0,
            opposites: HashSet::new(),
            opposed: HashSet::new(),
            within: HashMap::new(),
            pairs: HashMap::new(),
            first_of_pair: HashSet::new(),
            scales: HashMap::new(),
            known: HashMap::new(),
            beginnings: vec![(false, false); 256 * 16],
            inner: vec![false; 256 * 16],
        };
        for lists in languages {
            words.read_spellings(lists);
        }
        for row in places.same.lines() {
            words.read_row(row, Roles::PLACE);
        }
        for word in places.nouns.split_whitespace() {
            words.give(word, Roles::COUNTRY);
        }
        for row in places.within.lines() {
            if let Some((inner, outer)) = row.split_once(' ') {
                words.give(inner, Roles::PLACE);
                let (inner, outer) = (words.concept(&fold(inner)), words.concept(&fold(outer)));
                words.within.insert(inner, outer);
            }
        }
        for (rank, lists) in languages.iter().enumerate() {
            words.read_roles(lists, rank == 0);
        }
        for lists in languages {
            words.read_meanings(lists);
        }
        for row in wordnet.lines().filter(|row| !row.starts_with('#')) {
            words.read_meaning(row);
        }
        let classes = include_str!("words/classes.toml");
        let classes = toml::from_str(classes).expect("the lists are part of the crate");
        words.read_classes(&classes, languages);
        let listed: Vec<String> = words
            .roles
            .keys()
            .chain(&words.common)
            .chain(words.base.keys())
            .chain(words.same.keys())
            .chain(words.groups.keys())
            .cloned()
            .collect();
        let concepts = listed.iter().map(|word| words.concept(word));
        let all: HashSet<String> = concepts.chain(listed.iter().cloned()).collect();
        let known = all.into_iter().map(|word| (word.clone(), words.look_up(&word))).collect();
        words.known = known;
        for word in &words.first_of_pair {
            words.beginnings[beginning(word)].0 = true;
        }
        for word in words.within.keys() {
            words.inner[beginning(word)] = true;
        }
        for (word, roles) in &words.roles {
            words.beginnings[beginning(word)].1 |= roles.any(SCALES);
        }
        words
    }

    fn give(&mut self, word: &str, role: Roles) {
        let roles = self.roles.entry(fold(word)).or_default();
        *roles = roles.and(role);
    }

    /// A row of forms: the first stands for all.
    fn read_row(&mut self, row: &str, role: Roles) {
        let mut forms = row.split_whitespace().map(fold);
        let Some(first) = forms.next() else { return };
        for form in std::iter::once(first.clone()).chain(forms) {
            self.give(&form, role);
            if role == Roles::COMMON {
                self.same.entry(stem(&form)).or_insert_with(|| first.clone());
            }
            self.same.entry(form).or_insert_with(|| first.clone());
        }
    }

    fn read_spellings(&mut self, lists: &Lists) {
        for row in lists.irregular.lines() {
            let mut forms = row.split_whitespace().map(fold);
            let Some(first) = forms.next() else { continue };
            for form in forms {
                self.common.insert(form.clone());
                self.base.entry(form).or_insert_with(|| first.clone());
            }
            self.irregular.insert(first.clone());
            self.common.insert(first);
        }
        for row in lists.same.lines() {
            self.read_row(row, Roles::COMMON);
        }
        for (rows, role) in [
            (&lists.ordinals, Roles::ORDINAL),
            (&lists.numbers, Roles::NUMBER),
            (&lists.days, Roles::DAY),
            (&lists.months, Roles::MONTH),
        ] {
            for row in rows {
                self.read_row(row, role);
            }
        }
        for row in lists.tens.lines() {
            let Some((first, tens)) = row.split_once('=') else { continue };
            let Ok(tens) = tens.parse::<u8>() else { continue };
            self.first_of_pair.insert(fold(first));
            for (units, second) in lists.units.split_whitespace().enumerate() {
                let value = usize::from(tens) + units + 1;
                self.pairs.insert(fold(&format!("{first} {second}")), value.to_string());
            }
        }
        for row in &lists.scales {
            let mut forms = row.split_whitespace();
            let Some(Ok(factor)) = forms.next().map(str::parse::<f64>) else { continue };
            for form in forms {
                self.scales.entry(fold(form)).or_insert(factor);
                self.give(form, Roles::SCALE);
            }
        }
        for word in lists.percent.split_whitespace() {
            self.give(word, Roles::PERCENT);
        }
        for row in lists.pairs.lines() {
            if let Some((pair, one)) = row.split_once('=') {
                if let Some(first) = pair.split(' ').next() {
                    self.first_of_pair.insert(fold(first));
                }
                self.pairs.insert(fold(pair), fold(one));
            }
        }
    }

    fn read_roles(&mut self, lists: &Lists, first: bool) {
        let known: HashSet<String> =
            if first { HashSet::new() } else { self.roles.keys().cloned().collect() };
        for (list, role) in [
            (&lists.function, Roles::FUNCTION),
            (&lists.attribution, Roles::ATTRIBUTION.and(Roles::COMMON)),
            (&lists.say, Roles::SAY.and(Roles::ATTRIBUTION).and(Roles::COMMON)),
            (&lists.witness, Roles::WITNESS.and(Roles::ATTRIBUTION).and(Roles::COMMON)),
            (&lists.outlet, Roles::WITNESS),
            (&lists.hedge, Roles::HEDGE.and(Roles::COMMON)),
            (&lists.certain, Roles::CERTAIN.and(Roles::COMMON)),
            (&lists.finding, Roles::FINDING.and(Roles::ATTRIBUTION).and(Roles::COMMON)),
            (&lists.quantity, Roles::QUANTITY.and(Roles::COMMON)),
            (&lists.rank, Roles::RANK.and(Roles::TITLE).and(Roles::COMMON)),
            (&lists.unit, Roles::UNIT.and(Roles::VAGUE).and(Roles::COMMON)),
            (&lists.reversal, Roles::REVERSAL.and(Roles::COMMON)),
            (&lists.tag, Roles::TAG.and(Roles::COMMON)),
            (&lists.negation, Roles::NEGATION),
            (&lists.prospective, Roles::PROSPECTIVE),
            (&lists.reaction, Roles::REACTION.and(Roles::COMMON)),
            (&lists.background, Roles::BACKGROUND),
            (&lists.addition, Roles::ADDITION),
            (&lists.title, Roles::TITLE.and(Roles::COMMON)),
            (&lists.vague, Roles::VAGUE.and(Roles::COMMON)),
        ] {
            for word in list.split_whitespace() {
                if !known.contains(&fold(word)) {
                    self.give(word, role);
                }
            }
        }
        for word in lists.attempt.split_whitespace() {
            let concept = self.concept(&fold(word));
            self.give(&concept, Roles::ATTEMPT);
        }
        for word in lists.common.split_whitespace() {
            let stem = self.concept(&fold(word));
            self.common.insert(stem);
        }
        for character in lists.characters.chars() {
            self.give(&character.to_string(), Roles::FUNCTION);
        }
    }

    /// A row of words that mean the same.
    fn read_meaning(&mut self, row: &str) {
        self.rows += 1;
        for word in row.split_whitespace() {
            let concept = self.concept(&fold(word));
            self.common.insert(concept.clone());
            let group = *self.groups.entry(concept).or_insert_with(|| {
                self.meanings.push(Vec::new());
                u16::try_from(self.meanings.len() - 1).unwrap_or(0)
            });
            self.meanings[usize::from(group)].push(self.rows);
        }
    }

    fn read_classes(&mut self, classes: &Classes, languages: &[Lists]) {
        self.ahead = classes.ahead.split_whitespace().map(fold).collect();
        for (row, words) in classes.relations.iter().enumerate() {
            for word in words.split_whitespace() {
                self.class(word).rows |= 1 << row;
            }
        }
        for (row, words) in classes.moments.iter().enumerate() {
            for word in words.split_whitespace() {
                self.class(word).moments |= 1 << row;
            }
        }
        for (words, flag) in [
            (&classes.agent, Class::AGENT),
            (&classes.strong, Class::STRONG),
            (&classes.nearness, Class::NEARNESS),
            (&classes.privative, Class::PRIVATIVE),
            (&classes.bounds, Class::BOUND),
            (&classes.roughly, Class::ROUGHLY),
            (&classes.corrects, Class::CORRECTS),
            (&classes.frame, Class::FRAME),
            (&classes.posted, Class::POSTED),
            (&classes.states, Class::STATE),
            (&classes.presses, Class::PRESSES),
            (&classes.conditions, Class::CONDITION),
            (&classes.asks, Class::ASKS),
            (&classes.wider, Class::WIDER),
            (&classes.begins, Class::BEGINS),
            (&classes.relatives, Class::RELATIVE),
            (&classes.offices, Class::OFFICE),
        ] {
            for word in words.split_whitespace() {
                self.class(word).flags |= flag;
            }
        }
        for word in self.classes.keys() {
            self.classed[beginning(word)] = true;
        }
        let others: HashSet<String> = languages[1..languages.len() - 1]
            .iter()
            .flat_map(|lists| lists.function.split_whitespace().map(fold))
            .collect();
        for lists in [&languages[0], &languages[languages.len() - 1]] {
            let lists = [&lists.function, &lists.common, &lists.vague, &lists.title];
            for word in lists.into_iter().flat_map(|list| list.split_whitespace()) {
                if !others.contains(&fold(word)) {
                    self.english.insert(fold(word));
                }
            }
        }
    }

    fn class(&mut self, word: &str) -> &mut Class {
        self.classes.entry(fold(word)).or_default()
    }

    fn read_meanings(&mut self, lists: &Lists) {
        for row in lists.synonyms.lines().chain(lists.acts.lines()).filter(|row| !row.is_empty()) {
            self.read_meaning(row);
        }
        for row in lists.antonyms.lines() {
            let mut pair = row.split_whitespace().map(|word| self.concept(&fold(word)));
            if let (Some(a), Some(b)) = (pair.next(), pair.next()) {
                self.oppose(a, b);
            }
        }
        for list in &lists.ways {
            let rows: Vec<Vec<String>> = list
                .lines()
                .map(|row| row.split_whitespace().map(|w| self.concept(&fold(w))).collect())
                .collect();
            for (at, row) in rows.iter().enumerate() {
                for other in rows[at + 1..].iter().flatten() {
                    for word in row.iter().filter(|word| *word != other) {
                        self.oppose(word.clone(), other.clone());
                    }
                }
            }
        }
    }

    fn oppose(&mut self, a: String, b: String) {
        self.common.insert(a.clone());
        self.common.insert(b.clone());
        self.opposites.insert((b.clone(), a.clone()));
        self.opposed.extend([a.clone(), b.clone()]);
        self.opposites.insert((a, b));
    }

    fn concept(&self, word: &str) -> String {
        let base = self.base.get(word).map_or(word, String::as_str);
        if let Some(same) = self.same.get(base) {
            return same.clone();
        }
        let stem = stem(base);
        self.same.get(&stem).cloned().unwrap_or(stem)
    }

    /// What is known of a folded word.
    pub(crate) fn know(&self, word: &str) -> Knowledge {
        if let Some(known) = self.known.get(word) {
            return known.clone();
        }
        let plain = word.len() > 1 && word.bytes().all(|b| b.is_ascii_lowercase());
        if plain {
            let concept = stem(word);
            if !self.known.contains_key(&concept) {
                return Knowledge { concept, roles: Roles::default(), group: 0 };
            }
        }
        self.look_up(word)
    }

    fn look_up(&self, word: &str) -> Knowledge {
        let mut roles = self.roles.get(word).copied().unwrap_or_default();
        let concept = self.concept(word);
        if self.common.contains(word) || self.common.contains(&concept) {
            roles = roles.and(Roles::COMMON);
        }
        if self.roles.get(&concept).is_some_and(|roles| roles.any(Roles::PLACE)) {
            roles = roles.and(Roles::PLACE);
        }
        if self.roles.get(&concept).is_some_and(|roles| roles.any(Roles::ATTEMPT)) {
            roles = roles.and(Roles::ATTEMPT);
        }
        if self.opposed.contains(&concept) {
            roles = roles.and(Roles::OPPOSED);
        }
        let mut letters = word.chars();
        if let (Some(one), None) = (letters.next(), letters.next())
            && super::letters::alone(one)
        {
            roles = roles.and(Roles::CHARACTER);
        }
        if super::figures::figure_in(self, word).is_some() {
            roles = roles.and(Roles::FIGURE);
        }
        if ordinal_figure(word) {
            roles = roles.and(Roles::ORDINAL);
        }
        let group = self.groups.get(&concept).copied().unwrap_or(0);
        Knowledge { concept, roles, group }
    }

    /// Two concepts of opposite meaning.
    pub(crate) fn opposite(&self, a: &str, b: &str) -> bool {
        // Borrowed tuple keys can't be looked up in a set of owned ones without a copy; the call
        // is rare (two leftover words).
        self.opposites.contains(&(a.to_owned(), b.to_owned()))
    }

    /// Whether it is a verb whose past forms no ending rule finds.
    pub(crate) fn irregular(&self, word: &str) -> bool {
        self.irregular.contains(word)
    }

    /// Whether two groups of words share a meaning.
    pub(crate) fn alike(&self, a: u16, b: u16) -> bool {
        a != 0
            && b != 0
            && self.meanings[usize::from(a)]
                .iter()
                .any(|row| self.meanings[usize::from(b)].contains(row))
    }

    /// Whether one place lies in the other.
    pub(crate) fn lies_in(&self, inner: &str, outer: &str) -> bool {
        self.inner[beginning(inner)]
            && self.within.get(inner).is_some_and(|country| country == outer)
    }

    /// Whether a word ends as verbs do that tell what is still ahead.
    pub(crate) fn looks_ahead(&self, word: &str) -> bool {
        self.ahead.iter().any(|ending| word.ends_with(ending.as_str()))
    }

    /// A word of English, and of no other language listed.
    pub(crate) fn english(&self, word: &str) -> bool {
        self.english.contains(word)
    }

    /// What a folded word does to a statement.
    pub(crate) fn class_of(&self, word: &str) -> Class {
        if !self.classed[beginning(word)] {
            return Class::default();
        }
        self.classes.get(word).copied().unwrap_or_default()
    }

    /// The roles a folded word is listed with.
    pub(crate) fn roles(&self, word: &str) -> Roles {
        self.roles.get(word).copied().unwrap_or_default()
    }

    /// Whether a folded word multiplies the figure before it, or makes it a share.
    pub(crate) fn scales(&self, word: &str) -> bool {
        self.beginnings[beginning(word)].1 && self.roles(word).any(SCALES)
    }

    /// One word for two, where they are read as one.
    pub(crate) fn pair(&self, first: &str, second: &str) -> Option<&str> {
        if !self.beginnings[beginning(first)].0 || !self.first_of_pair.contains(first) {
            return None;
        }
        self.pairs.get(&format!("{first} {second}")).map(String::as_str)
    }

    /// The factor of a scale word: `million` → 1e6.
    pub(crate) fn scale(&self, word: &str) -> Option<f64> {
        self.scales.get(word).copied()
    }

    /// The value of a number word: `nine` → 9.
    pub(crate) fn number(&self, word: &str) -> Option<f64> {
        let roles = self.roles.get(word)?;
        if !roles.any(Roles::NUMBER) {
            return None;
        }
        self.same.get(word)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_can_be_read() {
        assert_eq!(WORDS.know("russian").concept, "russia");
        assert_eq!(WORDS.know("fla").concept, "florida");
        assert_eq!(WORDS.know("execs").concept, WORDS.know("executives").concept);
        assert_eq!(WORDS.number("nine"), Some(9.0));
        assert_eq!(WORDS.scale("bn"), Some(1e9));
        assert_eq!(WORDS.pair("united", "states"), Some("usa"));
        assert!(WORDS.opposite("rise", "fall"));
        assert!(WORDS.know("russians").roles.any(Roles::PLACE));
        assert_eq!(WORDS.know("found").concept, WORDS.know("finds").concept);
    }
}
