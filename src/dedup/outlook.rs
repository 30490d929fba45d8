//! Whether an earlier line can come to anything to a new one, told from single words: most lines
//! that share a few words can't, and need not be laid side by side.
//!
//! What is worked out here are upper bounds of what [`Diff`] works out: a word counts as met where
//! any way of meeting is thinkable. Where even so too little is shared, no rule fires.

use super::{
    rules::too_little,
    slots::{Diff, EMPTY, LIGHT},
    store::{Entry, Store},
    terms::Terms,
    tokens::{Case, Flags},
    words::{Roles, WORDS},
};

/// What of a word says whether another can be a form of it.
#[derive(Clone, Copy, Debug)]
struct Shape {
    /// Its first bytes.
    head: [u8; HEAD],
    last: u8,
    len: u32,
    group: u16,
    figure: bool,
    case: Case,
    met: bool,
}

/// As many as initials have at most.
const HEAD: usize = 5;

impl Shape {
    fn new(word: &[u8], roles: Roles, group: u16, flags: Flags) -> Self {
        let mut head = [0; HEAD];
        for (to, &from) in head.iter_mut().zip(word) {
            *to = from;
        }
        Shape {
            head,
            last: word.last().copied().unwrap_or(0),
            len: word.len() as u32,
            group,
            figure: roles.any(Roles::FIGURE),
            case: flags.case(),
            met: false,
        }
    }

    /// Whether it may be another form of a word, another word for it or the same figure.
    fn may_meet(&self, other: &Shape) -> bool {
        (self.head[0] == other.head[0] && self.may_be_form(other))
            || (self.figure && other.figure)
            || (self.group != 0 && other.group != 0 && WORDS.alike(self.group, other.group))
    }

    /// Of two words with the same first byte.
    fn may_be_form(&self, other: &Shape) -> bool {
        let (a, b) = (self.len, other.len);
        let (second, last) = (self.head[1] == other.head[1], self.last == other.last);
        // One slip in five letters or more leaves the first three or the last one.
        let slip = a.min(b) >= 5 && ((second && self.head[2] == other.head[2]) || last);
        // An e that stands for dots may be the second letter or the last.
        let e = |x: u8, y: u8| x == b'e' || y == b'e';
        let umlaut = a != b
            && a.min(b) >= 4
            && (second || e(self.head[1], other.head[1]))
            && (last || e(self.last, other.last));
        let us = a.max(b) <= 3 && second;
        slip || umlaut || us
    }

    /// Whether two words may be the parts of this one.
    fn may_join(&self, first: &Shape, second: &Shape) -> bool {
        self.head[0] == first.head[0]
            && self.len >= 6
            && first.len + second.len == self.len
            && self.last == second.last
    }

    fn initials(&self) -> bool {
        self.case == Case::Upper && (3..=HEAD as u32).contains(&self.len)
    }
}

/// A new line, ready to be held against earlier ones. Its lists are kept from line to line.
#[derive(Debug, Default)]
pub(super) struct Outlook {
    /// Its words.
    shapes: Vec<Shape>,
    weights: Vec<f32>,
    /// Concepts with the place of the word, in order of the concepts.
    numbers: Vec<(u32, u8)>,
    /// The concepts of words that hold content, in order.
    content: Vec<u32>,
    /// How many words hold content.
    size: usize,
    /// The binary logarithm of how many lines there are.
    all: f32,
    /// What makes rarity 1 in a single line.
    most: f32,
    /// The words again, with what they meet in the earlier line looked at, and that line's.
    new: Vec<Shape>,
    old: Vec<Shape>,
}

impl Outlook {
    /// Looks at a new line.
    pub(super) fn read(&mut self, terms: &Terms<'_>) {
        self.shapes.clear();
        self.shapes.extend(terms.terms.iter().map(|term| {
            let shape = Shape::new(term.word.as_bytes(), term.roles, term.group, term.flags);
            Shape { figure: term.figure.is_some(), ..shape }
        }));
        let numbers = terms.terms.iter().enumerate();
        self.numbers.clear();
        self.numbers.extend(numbers.filter_map(|(at, term)| Some((term.number?, at as u8))));
        self.numbers.sort_unstable();
        let content = || terms.terms.iter().filter(|term| !term.roles.any(EMPTY));
        self.content.clear();
        self.content.extend(content().filter_map(|term| term.number));
        self.content.sort_unstable();
        self.size = content().count();
        self.weights.clear();
        self.weights.extend((0..terms.terms.len()).map(|at| Diff::weight(terms, at)));
        let (all, most) = terms.scale();
        (self.all, self.most) = (all.log2(), most);
    }

    /// A cheap look before the close one: lines that have too little in common can't become
    /// anything to each other.
    pub(super) fn alike(&self, entry: &Entry, store: &Store) -> bool {
        let (mut shared, mut other) = (0, 0);
        for &id in store.words(entry) {
            let lexeme = store.lexicon.get(id);
            if !lexeme.roles.any(EMPTY) {
                other += 1;
                shared += usize::from(self.content.binary_search(&lexeme.concept).is_ok());
            }
        }
        shared >= 2 && shared * 3 >= self.size.min(other)
    }

    /// Whether a rule may have something to say of the two lines.
    pub(super) fn hopeful(&mut self, terms: &Terms<'_>, entry: &Entry, store: &Store) -> bool {
        let words = store.words(entry);
        self.new.clone_from(&self.shapes);
        self.old.clear();
        for (&id, flags) in words.iter().zip(store.flags(entry)) {
            let lexeme = store.lexicon.get(id);
            let bytes = store.lexicon.bytes(lexeme);
            let mut shape = Shape::new(bytes, lexeme.roles, lexeme.group, flags);
            let from = self.numbers.partition_point(|&(number, _)| number < lexeme.concept);
            for &(_, at) in self.numbers[from..].iter().take_while(|n| n.0 == lexeme.concept) {
                (self.new[usize::from(at)].met, shape.met) = (true, true);
            }
            self.old.push(shape);
        }
        // Whoever shares more is no less hopeful: often the same words are enough.
        self.enough(terms, words, store) || {
            self.meet(terms, words, store);
            self.enough(terms, words, store)
        }
    }

    /// Whether what is met is not too little for every rule.
    fn enough(&self, terms: &Terms<'_>, words: &[u32], store: &Store) -> bool {
        let (mut met, mut all) = (0.0_f32, 0.0_f32);
        for (shape, &weight) in self.new.iter().zip(&self.weights) {
            all += weight;
            met += if shape.met { weight } else { 0.0 };
        }
        let new_covered = if all > 0.0 { met / all } else { 0.0 };
        !too_little(self.old_covered(words, store), new_covered, met, terms.shortened)
    }

    /// Marks the words that may meet one of the other line otherwise than as the same word.
    fn meet(&mut self, terms: &Terms<'_>, words: &[u32], store: &Store) {
        let (old, new) = (&mut self.old, &mut self.new);
        for a in old.iter_mut() {
            for b in new.iter_mut() {
                if !(a.met && b.met) && a.may_meet(b) {
                    (a.met, b.met) = (true, true);
                }
            }
        }
        join_compounds(old, new);
        join_compounds(new, old);
        join_initials(old, new);
        join_initials(new, old);
        for (b, term) in new.iter_mut().zip(&terms.terms) {
            if !term.roles.any(Roles::PLACE) {
                continue;
            }
            for (a, &id) in old.iter_mut().zip(words) {
                let concept = store.lexicon.get(store.lexicon.get(id).concept);
                if !(a.met && b.met) && WORDS.lies_in(store.lexicon.text(concept), term.concept) {
                    (a.met, b.met) = (true, true);
                }
            }
        }
    }

    /// How much of the old line may be met at most: what is met weighs as much as it can, the rest
    /// as little.
    fn old_covered(&self, words: &[u32], store: &Store) -> f32 {
        let (mut met, mut missed) = (0.0_f32, 0.0_f32);
        for (shape, &id) in self.old.iter().zip(words) {
            let lexeme = store.lexicon.get(id);
            if lexeme.roles.any(EMPTY) && !shape.figure {
                continue;
            }
            let fixed = if shape.figure {
                Some(1.0)
            } else if lexeme.roles.any(LIGHT) {
                Some(0.25)
            } else {
                None
            };
            if shape.met {
                met += fixed.unwrap_or(1.5);
            } else {
                missed += fixed.unwrap_or_else(|| {
                    let lines = store.lexicon.get(lexeme.concept).lines().max(1) + 1;
                    // The logarithm from above.
                    let rarity = (self.all - (lines.ilog2() + 1) as f32) / self.most;
                    (0.6 * rarity - 0.001).max(0.0)
                });
            }
        }
        // Sums in another order may differ in their last digits.
        if met > 0.0 { met / (met + missed) + 1e-4 } else { 0.0 }
    }
}

/// "lockdown" in the one, "lock down" in the other.
fn join_compounds(one: &mut [Shape], two: &mut [Shape]) {
    for whole in one.iter_mut().filter(|whole| whole.len >= 6) {
        for at in 1..two.len() {
            if whole.may_join(&two[at - 1], &two[at]) {
                whole.met = true;
                (two[at - 1].met, two[at].met) = (true, true);
            }
        }
    }
}

/// "ICC" in the one, "International Criminal Court" in the other.
fn join_initials(one: &mut [Shape], two: &mut [Shape]) {
    for short in one.iter_mut().filter(|shape| shape.initials()) {
        if two.iter().any(|part| part.case != Case::Lower && part.head[0] == short.head[0]) {
            short.met = true;
            for part in two.iter_mut() {
                part.met |= part.case != Case::Lower && short.head.contains(&part.head[0]);
            }
        }
    }
}
