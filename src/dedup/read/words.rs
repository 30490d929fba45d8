//! What is known of single words: their roles, spellings and opposites, from the lists in
//! `words/`.

use std::{borrow::Cow, sync::LazyLock};

use hashbrown::{HashMap, HashSet};
use serde::Deserialize;

use super::{
    letters::fold_word as fold,
    roles::Roles,
    stars::{self, Stars},
    stem::stem,
};

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
    privative: String,
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
    elided: String,
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
    bounds: String,
    roughly: String,
    corrects: String,
    frame: String,
    ahead: String,
    posted: String,
    states: String,
    joins: String,
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
    /// Joins two things.
    pub(crate) const JOINS: u32 = 8;
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
    stars: Stars,
    /// Words that have lost their vowel before an apostrophe.
    elided: HashSet<String>,
    /// Names and acts of scripts without spaces by their first sign, the longest first.
    phrases: HashMap<char, Vec<(Vec<char>, String)>>,
    common: HashSet<String>,
    base: HashMap<String, String>,
    irregular: HashSet<String>,
    verbs: HashSet<String>,
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

fn beginning(word: &str) -> usize {
    usize::from(word.as_bytes().first().copied().unwrap_or(0)) * 16 + word.len().min(15)
}

/// A word as pairs are listed by: where words have many endings, without its own.
fn part_of_pair(word: &str) -> Cow<'_, str> {
    if Stars::speaks(word) { Cow::Owned(stem(word)) } else { Cow::Borrowed(word) }
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
            stars: Stars::default(),
            elided: HashSet::new(),
            phrases: HashMap::new(),
            common: HashSet::new(),
            base: HashMap::new(),
            irregular: HashSet::new(),
            verbs: HashSet::new(),
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
        for row in places.within.lines() {
            if let Some((inner, outer)) = row.split_once(' ') {
                words.give(inner, Roles::PLACE);
                let (inner, outer) = (words.concept(&fold(inner)), words.concept(&fold(outer)));
                words.within.insert(inner, outer);
            }
        }
        let starred: stars::Lists = toml::from_str(include_str!("words/cyrillic.toml"))
            .expect("the lists are part of the crate; a test reads them");
        words.read_stars(&starred);
        for (rank, lists) in languages.iter().enumerate() {
            words.read_roles(lists, rank == 0);
        }
        words.read_phrases(include_str!("words/phrases.txt"));
        for lists in languages {
            words.read_meanings(lists);
        }
        for row in wordnet.lines().filter(|row| !row.starts_with('#')) {
            words.read_meaning(row);
        }
        words.read_starred_meanings(&starred);
        let verbs = include_str!("words/verbs.txt").lines().filter(|word| !word.starts_with('#'));
        words.verbs = verbs.map(|word| words.concept(word)).collect();
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
            let first = part_of_pair(&fold(first)).into_owned();
            for (units, second) in lists.units.split_whitespace().enumerate() {
                let value = usize::from(tens) + units + 1;
                let second = fold(second);
                let pair = format!("{first} {}", part_of_pair(&second));
                self.pairs.insert(pair, value.to_string());
            }
            self.first_of_pair.insert(first);
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
        self.read_pairs(&lists.pairs);
    }

    /// Rows of two words that are read as one; of a language with many endings by their stems.
    fn read_pairs(&mut self, rows: &str) {
        for row in rows.lines() {
            let Some((pair, one)) = row.split_once('=') else { continue };
            let mut two = pair.split(' ').map(|word| part_of_pair(&fold(word)).into_owned());
            if let (Some(first), Some(second)) = (two.next(), two.next()) {
                self.pairs.insert(format!("{first} {second}"), fold(one));
                self.first_of_pair.insert(first);
            }
        }
    }

    /// Places of languages with many endings, and what pairs of their words are.
    fn read_stars(&mut self, lists: &stars::Lists) {
        self.stars = Stars::new(lists);
        for row in lists.places.lines() {
            let mut forms = row.split_whitespace();
            let Some(first) = forms.next() else { continue };
            let concept = self.concept(&fold(first));
            self.give(&concept, Roles::PLACE);
            for form in forms {
                self.stars.place(form, &concept);
            }
        }
        self.read_pairs(&lists.pairs);
    }

    fn read_phrases(&mut self, rows: &str) {
        for row in rows.lines().filter(|row| !row.starts_with('#')) {
            let mut forms = row.split_whitespace().map(fold);
            let Some(first) = forms.next() else { continue };
            for form in forms {
                let signs: Vec<char> = form.chars().collect();
                self.phrases.entry(signs[0]).or_default().push((signs, first.clone()));
            }
        }
        for phrases in self.phrases.values_mut() {
            phrases.sort_by_key(|(signs, _)| std::cmp::Reverse(signs.len()));
        }
    }

    /// What stands at the beginning of a text without spaces, as one word, with its length in signs.
    pub(crate) fn phrase(&self, text: &[char]) -> Option<(usize, &str)> {
        let sign = |c: &char| super::letters::fold_letter(*c).unwrap_or(*c);
        let phrases = self.phrases.get(&sign(text.first()?))?;
        let fits = |signs: &[char]| {
            text.len() >= signs.len() && signs.iter().zip(text).all(|(a, b)| *a == sign(b))
        };
        let (signs, one) = phrases.iter().find(|(signs, _)| fits(signs))?;
        Some((signs.len(), one))
    }

    fn read_starred_meanings(&mut self, lists: &stars::Lists) {
        for row in lists.meanings.lines().filter(|row| !row.is_empty()) {
            self.rows += 1;
            for word in row.split_whitespace() {
                let meanings = &mut self.meanings;
                let group = self.stars.group(word, || {
                    meanings.push(Vec::new());
                    u16::try_from(meanings.len() - 1).unwrap_or(0)
                });
                self.meanings[usize::from(group)].push(self.rows);
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
            (&lists.privative, Roles::PRIVATIVE),
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
        self.elided.extend(lists.elided.split_whitespace().map(str::to_owned));
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
            (&classes.bounds, Class::BOUND),
            (&classes.roughly, Class::ROUGHLY),
            (&classes.corrects, Class::CORRECTS),
            (&classes.frame, Class::FRAME),
            (&classes.posted, Class::POSTED),
            (&classes.states, Class::STATE),
            (&classes.joins, Class::JOINS),
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
        if Stars::speaks(base)
            && let Some(place) = self.stars.place_of(base)
        {
            return place.to_owned();
        }
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
        let mut group = self.groups.get(&concept).copied().unwrap_or(0);
        if Stars::speaks(word) {
            roles = roles.and(self.stars.roles_of(word));
            group = self.stars.group_of(word).unwrap_or(group);
        }
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

    /// Whether a word of English may tell what happens: a form of a verb, whatever else it is.
    pub(crate) fn acts(&self, word: &str, concept: &str) -> bool {
        word.ends_with("ed")
            || word.ends_with("ing")
            || self.base.contains_key(word)
            || self.verbs.contains(concept)
    }

    /// Whether a word is of a language whose endings say in what relation it stands.
    pub(crate) fn cased(&self, word: &str) -> bool {
        Stars::speaks(word)
    }

    /// Whether a word ends as verbs do in such a language where nobody in particular has done it.
    pub(crate) fn unnamed(&self, word: &str) -> bool {
        Stars::speaks(word) && self.stars.unnamed(word)
    }

    /// Whether a word ends as verbs do in such a language that tell what has happened.
    pub(crate) fn past(&self, word: &str) -> bool {
        Stars::speaks(word) && self.stars.past(word)
    }

    /// Whether a word ends as adjectives do in a language whose endings tell.
    pub(crate) fn adjective(&self, word: &str) -> bool {
        Stars::speaks(word) && self.stars.adjective(word)
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
        match Stars::speaks(word) {
            true => self.stars.looks_ahead(word),
            false => self.ahead.iter().any(|ending| word.ends_with(ending.as_str())),
        }
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

    /// Whether what stands before an apostrophe is a word that has lost its vowel: "l'", "dell'".
    pub(crate) fn elided(&self, word: &str) -> bool {
        word.len() <= 5 && self.elided.contains(word)
    }

    /// One word for two, where they are read as one.
    pub(crate) fn pair(&self, first: &str, second: &str) -> Option<&str> {
        let first = part_of_pair(first);
        if !self.beginnings[beginning(&first)].0 || !self.first_of_pair.contains(&*first) {
            return None;
        }
        self.pairs.get(&format!("{first} {}", part_of_pair(second))).map(String::as_str)
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
