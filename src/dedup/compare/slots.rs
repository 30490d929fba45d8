//! Slot diff: two lines are laid side by side, and what is left over on either side is looked at.

use std::cell::OnceCell;

use smallvec::SmallVec;

use super::{
    forms::{from_there, same_us, slip, stems, typing_slip, umlauts},
    terms::{Term, Terms},
};
use crate::dedup::{read::line::Case, read::roles::Roles, read::words::WORDS};

/// How a word of the one line meets a word of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// The same word or another form, spelling or abbreviation of it.
    Same,
    /// Another word for the same thing.
    Like,
    /// A word the other line has too, but less often.
    Again,
}

/// For each term of a line, the one of the other line that it meets.
pub(crate) type Ties = Vec<Option<(usize, Tie)>>;

/// Two lines side by side.
#[derive(Debug)]
pub(crate) struct Diff<'a> {
    pub(crate) old: &'a Terms<'a>,
    pub(crate) new: &'a Terms<'a>,
    /// For each old term, the new one it meets.
    pub(crate) old_to_new: Ties,
    /// For each new term, the old one it meets.
    pub(crate) new_to_old: Ties,
    /// How much of the old line's content the new one holds, 0 to 1.
    pub(crate) old_covered: f32,
    /// How much of the new line's content the old one holds, 0 to 1.
    pub(crate) new_covered: f32,
    /// The content that both share, in weights of a plain word.
    pub(crate) shared: f32,
    /// Shared words that are no names: what happened, not to whom.
    pub(crate) plain: usize,
    english: OnceCell<bool>,
}

/// The shared words on both sides of a leftover, `None` at the edge of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) before: Option<usize>,
    after: Option<usize>,
}

/// Roles of words that hold no content of their own.
pub(crate) const EMPTY: Roles = Roles::FUNCTION.and(Roles::TAG);
/// Of these each one counts: "true", said twice, is true, but "not" said twice is not.
const ONCE: Roles = EMPTY.and(Roles::NEGATION).and(Roles::PROSPECTIVE).and(Roles::BACKGROUND);
/// Roles of words that hold little content.
pub(crate) const LIGHT: Roles =
    Roles::ATTRIBUTION.and(Roles::TITLE).and(Roles::VAGUE).and(Roles::BACKGROUND);

impl<'a> Diff<'a> {
    /// Lays two lines side by side. The ties are noted in lists that are [given
    /// back][Self::into_room], for the next two lines.
    pub(crate) fn of(old: &'a Terms<'a>, new: &'a Terms<'a>, room: (Ties, Ties)) -> Self {
        let untied = |mut ties: Ties, terms: &Terms<'_>| {
            ties.clear();
            ties.resize(terms.terms.len(), None);
            ties
        };
        let mut diff = Diff {
            old,
            new,
            old_to_new: untied(room.0, old),
            new_to_old: untied(room.1, new),
            old_covered: 0.0,
            new_covered: 0.0,
            shared: 0.0,
            plain: 0,
            english: OnceCell::new(),
        };
        diff.align();
        diff.weigh();
        diff
    }

    /// Both lines are English, as far as the lists tell.
    pub(crate) fn english(&self) -> bool {
        *self.english.get_or_init(|| self.new.english() && self.old.english())
    }

    /// The lists it was given.
    pub(crate) fn into_room(self) -> (Ties, Ties) {
        (self.old_to_new, self.new_to_old)
    }

    /// Ties an old term to a new one.
    pub(crate) fn tie(&mut self, old: usize, new: usize, tie: Tie) {
        self.old_to_new[old] = Some((new, tie));
        self.new_to_old[new] = Some((old, tie));
    }

    fn align(&mut self) {
        // The same concept, the nearest occurrence first where one comes twice.
        let (old_numbers, new_numbers) = (numbers(self.old), numbers(self.new));
        for (new, &number) in new_numbers.iter().enumerate() {
            if number == NONE || !old_numbers.contains(&number) {
                continue;
            }
            let mut best: Option<usize> = None;
            for (old, &candidate) in old_numbers.iter().enumerate() {
                if candidate == number
                    && self.old_to_new[old].is_none()
                    && best.is_none_or(|best| best.abs_diff(new) > old.abs_diff(new))
                {
                    best = Some(old);
                }
            }
            if let Some(old) = best {
                self.tie(old, new, Tie::Same);
            }
        }
        let free_new: SmallVec<[usize; 32]> =
            (0..self.new.terms.len()).filter(|&n| self.new_to_old[n].is_none()).collect();
        let free_old: SmallVec<[(usize, u8); 32]> = (0..self.old.terms.len())
            .filter(|&old| self.old_to_new[old].is_none())
            .map(|old| (old, self.old.terms[old].initial()))
            .collect();
        for &new in &free_new {
            let term = &self.new.terms[new];
            let initial = term.initial();
            for &(old, other) in &free_old {
                // Two forms of one word begin with the same byte.
                if (initial != other && term.figure.is_none()) || self.old_to_new[old].is_some() {
                    continue;
                }
                let candidate = &self.old.terms[old];
                let same_figure =
                    matches!((term.figure, candidate.figure), (Some(a), Some(b)) if a == b);
                let listed = Roles::PLACE.and(Roles::COMMON);
                let known = candidate.roles.any(listed) && term.roles.any(listed);
                if same_figure
                    || self.initial(old, new)
                    || same_us(candidate, term, || self.small())
                    || umlauts(candidate.word, term.word)
                    || (!known && self.names(old, new) && from_there(candidate.word, term.word))
                    || (slip(candidate, term, known) && !self.two_names(old, new))
                    || (stems(candidate, term)
                        && !(self.two_names(old, new) && term.word.is_ascii()))
                {
                    self.tie(old, new, Tie::Same);
                    break;
                }
            }
        }
        self.join(compound);
        for &new in &free_new {
            if self.new_to_old[new].is_some() {
                continue;
            }
            let term = &self.new.terms[new];
            if term.group == 0 {
                continue;
            }
            let old = (0..self.old.terms.len()).find(|&old| {
                let candidate = &self.old.terms[old];
                // Where the lists name a verb's forms by their beginning, its end tells the time.
                let time = term.word.is_ascii()
                    || WORDS.looks_ahead(candidate.word) == WORDS.looks_ahead(term.word);
                self.old_to_new[old].is_none() && time && WORDS.alike(candidate.group, term.group)
            });
            if let Some(old) = old {
                self.tie(old, new, Tie::Like);
            }
        }
        // A country for its city, which says less; never the other way round.
        for &new in &free_new {
            let term = &self.new.terms[new];
            if self.new_to_old[new].is_none()
                && term.roles.any(Roles::PLACE)
                && let Some(old) = (0..self.old.terms.len()).find(|&old| {
                    self.old_to_new[old].is_none()
                        && WORDS.lies_in(self.old.terms[old].concept, term.concept)
                })
            {
                self.tie(old, new, Tie::Like);
            }
        }
        self.join(initials);
        // A word said once more is no other word.
        for &new in &free_new {
            if self.new_to_old[new].is_none()
                && new_numbers[new] != NONE
                && let Some(old) = old_numbers.iter().position(|&n| n == new_numbers[new])
                && self.new.terms[new].figure.is_none()
                && !self.new.terms[new].roles.any(ONCE)
            {
                self.new_to_old[new] = Some((old, Tie::Again));
            }
        }
        for old in 0..self.old.terms.len() {
            if self.old_to_new[old].is_none()
                && old_numbers[old] != NONE
                && let Some(new) = new_numbers.iter().position(|&n| n == old_numbers[old])
                && self.old.terms[old].figure.is_none()
                && !self.old.terms[old].roles.any(ONCE)
            {
                self.old_to_new[old] = Some((new, Tie::Again));
            }
        }
    }

    /// Two names that differ in a letter are two names, but for two letters swapped or one doubled.
    fn two_names(&self, old: usize, new: usize) -> bool {
        let (a, b) = (self.old.terms[old].word, self.new.terms[new].word);
        let swapped = a.len() == b.len() && typing_slip(a.as_bytes(), b.as_bytes());
        let single = |word: &str| {
            let mut bytes = word.as_bytes().to_vec();
            bytes.dedup();
            bytes
        };
        self.names(old, new) && !swapped && single(a) != single(b)
    }

    /// "A. Varga" and "Ana Varga": a letter for the name before one that both lines have.
    fn initial(&self, old: usize, new: usize) -> bool {
        let (a, b) = (self.old.terms[old].word, self.new.terms[new].word);
        let mut letters = (a.chars(), b.chars());
        letters.0.next() == letters.1.next()
            && (letters.0.next().is_none() || letters.1.next().is_none())
            && self.old.terms[old].flags.case() != Case::Lower
            && self.new.terms[new].flags.case() != Case::Lower
            && self.old_to_new.get(old + 1).is_some_and(|tie| tie.is_some_and(|t| t.0 == new + 1))
            && self.old.name(old + 1)
    }

    /// Both are names.
    fn names(&self, old: usize, new: usize) -> bool {
        self.old.name(old) && self.new.name(new)
    }

    /// One of the lines has no capital: what it writes "us" may be the country.
    fn small(&self) -> bool {
        let small = |terms: &Terms<'_>| terms.terms.iter().all(|t| t.flags.case() == Case::Lower);
        small(self.old) || small(self.new)
    }

    /// Whether two leftovers stand in the same place: after or before the same shared word.
    pub(crate) fn same_slot(&self, old: usize, new: usize) -> bool {
        let content = |terms: &Terms<'_>, at: usize| !terms.terms[at].roles.any(EMPTY);
        let before_old =
            (0..old).rev().find(|&at| self.old_to_new[at].is_some() && content(self.old, at));
        let before_new =
            (0..new).rev().find(|&at| self.new_to_old[at].is_some() && content(self.new, at));
        let after_old = (old + 1..self.old.terms.len())
            .find(|&at| self.old_to_new[at].is_some() && content(self.old, at));
        let after_new = (new + 1..self.new.terms.len())
            .find(|&at| self.new_to_old[at].is_some() && content(self.new, at));
        let meet = |old: Option<usize>, new: Option<usize>| match (old, new) {
            (None, None) => true,
            (Some(old), Some(new)) => self.new_to_old[new].is_some_and(|(at, _)| at == old),
            _ => false,
        };
        meet(before_old, before_new) || meet(after_old, after_new)
    }

    /// The shared words around a leftover, by their place in the old line; a credit is no part of
    /// the statement and bounds nothing.
    fn around(&self, terms: &Terms<'_>, at: usize, meets: impl Fn(usize) -> Option<usize>) -> Gap {
        let anchor = |&at: &usize| {
            !terms.terms[at].roles.any(EMPTY) && !terms.terms[at].credit && meets(at).is_some()
        };
        Gap {
            before: (0..at).rev().find(anchor).and_then(&meets),
            after: (at + 1..terms.terms.len()).find(anchor).and_then(&meets),
        }
    }

    /// The gap of the old line that a leftover of it stands in.
    pub(crate) fn gap_of_old(&self, at: usize) -> Gap {
        self.around(self.old, at, |at| self.old_to_new[at].map(|_| at))
    }

    /// The gap of the old line that a leftover of the new one stands in.
    pub(crate) fn gap_of_new(&self, at: usize) -> Gap {
        self.around(self.new, at, |at| self.new_to_old[at].map(|(old, _)| old))
    }

    /// Ties one word of a line to the several of the other that `parts` takes it for, given the one,
    /// the other line and where they begin; it tells where they end.
    fn join(&mut self, parts: impl Fn(&Term<'_>, &Terms<'_>, usize) -> Option<usize>) {
        for flip in [false, true] {
            let (one, two) = if flip { (self.old, self.new) } else { (self.new, self.old) };
            for at in 0..one.terms.len() {
                let (ones, twos) = match flip {
                    true => (&self.old_to_new, &self.new_to_old),
                    false => (&self.new_to_old, &self.old_to_new),
                };
                if ones[at].is_some() {
                    continue;
                }
                let content = |part: &usize| !two.terms[*part].roles.any(Roles::FUNCTION);
                let found = (0..two.terms.len()).find_map(|from| {
                    let range = from..parts(&one.terms[at], two, from)?;
                    range.clone().filter(content).all(|p| twos[p].is_none()).then_some(range)
                });
                for part in found.into_iter().flatten() {
                    let (old, new) = if flip { (at, part) } else { (part, at) };
                    self.tie(old, new, Tie::Same);
                }
            }
        }
    }

    /// How much a term counts.
    pub(crate) fn weight(terms: &Terms<'_>, at: usize) -> f32 {
        let term = &terms.terms[at];
        if term.figure.is_some() {
            return 1.0;
        }
        if term.roles.any(EMPTY) {
            return 0.0;
        }
        if term.roles.any(LIGHT) {
            return 0.25;
        }
        let base = if term.credit { 0.6 } else { 1.0 };
        let base = if terms.name(at) { base * 1.5 } else { base };
        base * term.rarity
    }

    fn weigh(&mut self) {
        let side = |terms: &Terms<'_>, ties: &[Option<(usize, Tie)>]| {
            let (mut all, mut met) = (0.0_f32, 0.0_f32);
            for (at, tie) in ties.iter().enumerate() {
                let weight = Diff::weight(terms, at);
                all += weight;
                match tie {
                    Some((_, Tie::Same | Tie::Again)) => met += weight,
                    Some((_, Tie::Like)) => met += weight * 0.9,
                    None => {}
                }
            }
            (met, if all > 0.0 { met / all } else { 0.0 })
        };
        let (_, old_covered) = side(self.old, &self.old_to_new);
        let (shared, new_covered) = side(self.new, &self.new_to_old);
        self.old_covered = old_covered;
        self.new_covered = new_covered;
        self.shared = shared;
        self.plain = (0..self.new.terms.len())
            .filter(|&at| {
                self.new_to_old[at].is_some()
                    && Diff::weight(self.new, at) >= 0.6
                    && !self.new.name(at)
            })
            .count();
    }

    /// Terms of the old line that the new one has not, content only.
    pub(crate) fn dropped(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.old.terms.len())
            .filter(|&at| self.old_to_new[at].is_none() && !self.old.terms[at].roles.any(EMPTY))
    }

    /// Terms of the new line that the old one has not, content only.
    pub(crate) fn added(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.new.terms.len())
            .filter(|&at| self.new_to_old[at].is_none() && !self.new.terms[at].roles.any(EMPTY))
    }

    /// The last content term of the new line that the old one has as well.
    pub(crate) fn last_shared(&self) -> Option<usize> {
        (0..self.new.terms.len())
            .rev()
            .find(|&at| first_tie(self.new_to_old[at]) && !self.new.terms[at].roles.any(EMPTY))
    }

    /// Every word of the new line stands in the old one, in the same order from its start; the last
    /// word may be cut.
    pub(crate) fn starts_alike(&self) -> bool {
        let mut next = 0;
        let count = self.new.terms.len();
        count >= 3
            && self.new.terms.iter().enumerate().all(|(at, term)| match self.new_to_old[at] {
                Some((old, _)) => {
                    let fits = old >= next && old <= next + 2;
                    next = old + 1;
                    fits
                }
                None => {
                    at + 1 == count
                        && self
                            .old
                            .terms
                            .get(next)
                            .is_some_and(|old| old.word.starts_with(term.word))
                }
            })
    }
}

/// "lock down" for "lockdown".
fn compound(one: &Term<'_>, two: &Terms<'_>, from: usize) -> Option<usize> {
    let (a, b) = (two.terms[from].word, two.terms.get(from + 1)?.word);
    let joined = one.word.len() >= 6
        && one.word.len() == a.len() + b.len()
        && one.word.starts_with(a)
        && one.word.ends_with(b);
    joined.then_some(from + 2)
}

/// "International Criminal Court" for "ICC"; words of grammar have no letter of their own.
fn initials(one: &Term<'_>, two: &Terms<'_>, from: usize) -> Option<usize> {
    let letters = one.word.chars().count();
    if one.flags.case() != Case::Upper || !(3..=5).contains(&letters) {
        return None;
    }
    let mut at = from;
    for letter in one.word.chars() {
        while at > from && two.terms.get(at)?.roles.any(Roles::FUNCTION) {
            at += 1;
        }
        let part = two.terms.get(at)?;
        if !part.word.starts_with(letter) || part.roles.any(Roles::FUNCTION) {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// Stands for the number of a concept that has none.
const NONE: u32 = u32::MAX;

/// The numbers of the concepts of a line, side by side: they are asked for over and over.
fn numbers(terms: &Terms<'_>) -> SmallVec<[u32; 32]> {
    terms.terms.iter().map(|term| term.number.unwrap_or(NONE)).collect()
}

fn first_tie(tie: Option<(usize, Tie)>) -> bool {
    tie.is_some_and(|(_, tie)| tie != Tie::Again)
}
