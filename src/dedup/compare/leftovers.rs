//! The words that only one line has. Each is held against what may show that it says nothing new: a
//! title or first name of somebody both name, who tells it, a day, a filler; or, where the new line
//! has left it out, that the rest follows from the line told before. What is not shown stays open.

use smallvec::SmallVec;

use super::{
    differences::{Differences, Kind, year_beside_day, year_of_kind},
    slots::{Diff, EMPTY, Gap, Ties},
    terms::{Term, Terms},
};
use crate::dedup::read::{
    line::{Case, Mark},
    roles::Roles,
    words::{Class, WORDS},
};

type Ats = SmallVec<[usize; 8]>;

/// What bears on all that is said with it: it is never left out in silence.
const BEARING: Roles = Roles::NEGATION
    .and(Roles::REVERSAL)
    .and(Roles::ATTEMPT)
    .and(Roles::HEDGE)
    .and(Roles::REACTION)
    .and(Roles::CERTAIN);

/// Words of one line between the same shared words as words of the other.
#[derive(Default)]
struct Slot {
    old: Ats,
    new: Ats,
}

/// Finds the words that only one line has, and what is shown of them.
pub(super) fn leftovers(diff: &Diff<'_>, found: &mut Differences) {
    let mut slots: SmallVec<[(Gap, Slot); 8]> = SmallVec::new();
    let mut slot = |gap: Gap, old: Option<usize>, new: Option<usize>| {
        let at = slots.iter().position(|(other, _)| *other == gap).unwrap_or_else(|| {
            slots.push((gap, Slot::default()));
            slots.len() - 1
        });
        slots[at].1.old.extend(old);
        slots[at].1.new.extend(new);
    };
    for at in diff.dropped().filter(|&at| !diff.old.terms[at].credit) {
        slot(diff.gap_of_old(at), Some(at), None);
    }
    for at in diff.added().filter(|&at| !diff.new.terms[at].credit) {
        slot(diff.gap_of_new(at), None, Some(at));
    }
    let english = diff.english();
    for (gap, slot) in slots {
        let old = View {
            terms: diff.old,
            ties: &diff.old_to_new,
            other: diff.new,
            english,
            earlier: true,
        };
        let new = View {
            terms: diff.new,
            ties: &diff.new_to_old,
            other: diff.old,
            english,
            earlier: false,
        };
        let names = |view: &View<'_, '_>, ats: &Ats| ats.iter().any(|&at| view.own_name(at));
        let renamed = names(&old, &slot.old) && names(&new, &slot.new);
        let both = |is: fn(&Term<'_>) -> bool| {
            slot.old.iter().any(|&at| is(old.term(at)))
                && slot.new.iter().any(|&at| is(new.term(at)))
        };
        // Two fillers, two peoples, two counts in one place are two things.
        let held = Held {
            names: renamed,
            places: both(|term| term.roles.any(Roles::PLACE)),
            fillers: both(|term| term.roles.any(Roles::VAGUE)),
            counts: both(|term| term.figure.is_some() || term.roles.any(Roles::QUANTITY)),
        };
        let (lost, mut gone) = old.sort(&slot.old, held);
        let (come, more) = new.sort(&slot.new, held);
        let come: Ats = come
            .into_iter()
            .filter(|&at| !(year_beside_day(diff.new, at) || year_of_kind(diff, at)))
            .collect();
        let (lost, come) = without_noted(diff, lost, come);
        let lost: Ats = if come.is_empty() {
            let (left_out, lost) = lost.into_iter().partition(|&at| old.left_out(at));
            gone.extend::<Ats>(left_out);
            lost
        } else {
            lost
        };
        found.shorter |= !gone.is_empty();
        found.filled |= !more.is_empty();
        found.discharged.extend(gone.iter().map(|&at| format!("-{}", diff.old.terms[at].word)));
        found.discharged.extend(more.iter().map(|&at| format!("+{}", diff.new.terms[at].word)));
        stay(diff, gap, &lost, &come, found);
    }
}

/// Without the figures, months, ordinals and days that stand for one another: they are noted by
/// their own kind.
fn without_noted(diff: &Diff<'_>, mut lost: Ats, mut come: Ats) -> (Ats, Ats) {
    let figure = |terms: &Terms<'_>, at: usize| terms.terms[at].figure.is_some();
    let has = |terms: &Terms<'_>, at: usize, role: Roles| terms.terms[at].roles.any(role);
    if lost.iter().any(|&at| figure(diff.old, at)) && come.iter().any(|&at| figure(diff.new, at)) {
        lost.retain(|at| !figure(diff.old, *at));
        come.retain(|at| !figure(diff.new, *at));
    }
    for (was, now) in [
        (Roles::MONTH, Roles::MONTH),
        (Roles::ORDINAL, Roles::ORDINAL),
        (Roles::DAY, Roles::DAY),
        (Roles::HEDGE, Roles::CERTAIN),
    ] {
        if lost.iter().any(|&at| has(diff.old, at, was))
            && come.iter().any(|&at| has(diff.new, at, now))
        {
            lost.retain(|at| !has(diff.old, *at, was));
            come.retain(|at| !has(diff.new, *at, now));
        }
    }
    (lost, come)
}

/// Notes what stays open in one place.
fn stay(diff: &Diff<'_>, gap: Gap, lost: &[usize], come: &[usize], found: &mut Differences) {
    let words = |terms: &Terms<'_>, ats: &[usize]| {
        ats.iter().map(|&at| terms.terms[at].word).collect::<Vec<_>>().join(" ")
    };
    let signs = |terms: &Terms<'_>, ats: &[usize]| {
        ats.iter().any(|&at| terms.terms[at].roles.any(Roles::CHARACTER))
    };
    let figures =
        |terms: &Terms<'_>, ats: &[usize]| ats.iter().all(|&at| terms.terms[at].figure.is_some());
    let names = |terms: &Terms<'_>, ats: &[usize]| ats.iter().any(|&at| terms.name(at));
    let (was, now) = (words(diff.old, lost), words(diff.new, come));
    match (lost.is_empty(), come.is_empty()) {
        (true, true) => {}
        (false, false) => {
            let kind = if signs(diff.old, lost) || signs(diff.new, come) {
                Kind::Signs
            } else if names(diff.old, lost) && names(diff.new, come) {
                Kind::Name
            } else {
                Kind::Word
            };
            found.open(kind, format!("{was} → {now}"));
        }
        (false, true) => found.open(Kind::Dropped, format!("-{was}")),
        (true, false) if figures(diff.new, come) => {}
        (true, false) => {
            let tail = diff.last_shared().is_some_and(|last| come.iter().all(|&at| at > last));
            let kind = if tail {
                Kind::AddedTail
            } else if names(diff.new, come) {
                Kind::NameAdded
            } else if gap.before.is_none() {
                Kind::AddedHead
            } else {
                Kind::AddedInside
            };
            found.open(kind, format!("+{now}"));
        }
    }
}

/// What both lines have in one place, so that neither is idle.
#[derive(Clone, Copy)]
struct Held {
    names: bool,
    places: bool,
    fillers: bool,
    counts: bool,
}

/// One of the two lines, seen against the other.
struct View<'d, 'a> {
    terms: &'d Terms<'a>,
    ties: &'d Ties,
    other: &'d Terms<'a>,
    english: bool,
    /// It is the old line.
    earlier: bool,
}

impl<'a> View<'_, 'a> {
    fn term(&self, at: usize) -> &Term<'a> {
        &self.terms.terms[at]
    }

    fn tied(&self, at: usize) -> bool {
        self.ties.get(at).is_some_and(Option::is_some)
    }

    /// Part of somebody's name, not what he is or where he is from.
    fn own_name(&self, at: usize) -> bool {
        self.terms.name(at) && !self.term(at).roles.any(Roles::TITLE.and(Roles::PLACE))
    }

    /// Parts leftovers into those that nothing is shown of and those that say nothing new.
    fn sort(&self, ats: &[usize], held: Held) -> (Ats, Ats) {
        ats.iter().copied().partition(|&at| {
            let term = self.term(at);
            let described = self.describes(at)
                && !(held.names && self.own_name(at))
                && !(held.places && term.roles.any(Roles::PLACE));
            let idle = self.idle(at)
                && !(held.fillers && term.roles.any(Roles::VAGUE))
                && !(held.counts && (term.figure.is_some() || term.roles.any(Roles::QUANTITY)));
            !(idle || described)
        })
    }

    /// A word that says nothing wherever it stands.
    fn idle(&self, at: usize) -> bool {
        let term = self.term(at);
        let class = WORDS.class_of(term.word);
        let counts = Roles::QUANTITY.and(Roles::UNIT).and(Roles::REACTION).and(Roles::CERTAIN);
        // "New" before "Hampshire" is a part of the name.
        let capital = at > 0 && !self.terms.title_case && term.flags.case() == Case::Capital;
        let filler = term.roles.any(Roles::VAGUE)
            && !capital
            && !term.roles.any(counts)
            && !term.roles.any(Roles::PRIVATIVE)
            && !class.any(Class::NEARNESS | Class::BOUND);
        let ahead = Roles::PROSPECTIVE.and(Roles::HEDGE);
        let doubt = term.roles.any(Roles::PROSPECTIVE)
            || (term.roles.any(Roles::HEDGE) && (self.earlier || !term.word.ends_with("ly")));
        // What is ahead or in doubt must be so in both.
        let needs = if term.roles.any(Roles::HEDGE) { Roles::HEDGE } else { ahead };
        if doubt && !self.other.terms.iter().any(|term| term.roles.any(needs) && term.word != "to")
        {
            return false;
        }
        let told = term.roles.any(Roles::ATTRIBUTION.and(Roles::BACKGROUND).and(ahead))
            && !term.roles.any(Roles::FINDING.and(Roles::WITNESS).and(counts));
        let one = term
            .figure
            .is_some_and(|f| f.value == 1.0 && f.unit == '\0' && !term.word.starts_with('1'));
        // Without "dozens" the line says less; without "half" it says something else.
        let many = self.earlier
            && term.roles.any(Roles::QUANTITY)
            && !term.roles.any(Roles::PRIVATIVE)
            && !class.any(Class::BOUND);
        filler
            || many
            || told
            || one
            || term.roles.any(Roles::DAY)
            || class.any(Class::ROUGHLY) && self.figure_after(at)
    }

    fn figure_after(&self, at: usize) -> bool {
        self.terms.terms.get(at + 1).is_some_and(|term| term.figure.is_some())
    }

    /// A title, a first name or a people's adjective before a name both lines have.
    fn describes(&self, at: usize) -> bool {
        let first = self.term(at);
        let mut titled = first.roles.any(Roles::TITLE);
        let initial = first.word.chars().count() == 1 && first.flags.case() != Case::Lower;
        if !titled && !initial && !self.terms.name(at) || first.roles.any(Roles::PRIVATIVE) {
            return false;
        }
        let place = first.roles.any(Roles::PLACE);
        for next in at + 1..(at + 5).min(self.terms.terms.len()) {
            let term = self.term(next);
            if term.flags.mark() != Mark::None || term.roles.any(EMPTY) {
                return false;
            }
            // "The mayor's aide", "the mayor": where what follows has another ending, the title was
            // somebody else's.
            let meets = self.ties[next].map(|(meets, _)| self.other.terms[meets].word);
            let letter = term.word.chars().count() == 1;
            if WORDS.cased(term.word) && !letter && meets.is_some_and(|word| word != term.word) {
                return false;
            }
            if self.terms.name(next) && !term.roles.any(Roles::TITLE) {
                if self.tied(next) {
                    let own = !term.roles.any(Roles::PLACE) && term.flags.case() != Case::Lower;
                    let last = !self.terms.terms.get(next + 1).is_some_and(|term| {
                        term.flags.mark() == Mark::None && self.terms.name(next + 1)
                    });
                    return own && (titled || (!place && last && next == at + 1));
                }
                if term.roles.any(Roles::PLACE) && !titled {
                    return false;
                }
            } else if term.roles.any(Roles::TITLE) && (titled || place) {
                titled = true;
            } else {
                return false;
            }
        }
        false
    }

    /// A word of the old line that the new one leaves out, so that what it still says follows from
    /// the old one: a phrase of its own, or what only describes the word after it.
    fn left_out(&self, at: usize) -> bool {
        let content = |n: &usize| self.tied(*n) && !self.term(*n).roles.any(EMPTY);
        let before = (0..at).rev().find(content);
        let after = (at + 1..self.terms.terms.len()).find(content);
        let start = before.map_or(0, |n| n + 1);
        let end = after.unwrap_or(self.terms.terms.len());
        let bears = |n: usize| {
            let term = self.term(n);
            term.roles.any(BEARING) && !term.credit
                || WORDS.class_of(term.word).any(Class::CONDITION)
        };
        if (start..end).any(bears) || self.term(at).roles.any(Roles::CHARACTER) {
            return false;
        }
        let first = self.term(start);
        let leads = first.roles.any(Roles::FUNCTION.and(Roles::BACKGROUND)) && first.word != "the"
            || WORDS.class_of(first.word).relates();
        let marked = first.flags.mark() != Mark::None;
        let closed = after.is_some_and(|n| self.term(n).flags.mark() != Mark::None);
        match before {
            // A topic or a place before the statement.
            None if closed || (leads && WORDS.class_of(first.word).relates()) => true,
            // Its own phrase, to the end of it.
            Some(_) if leads || (marked && (closed || after.is_none())) => true,
            _ => {
                self.describes_next(at, after)
                    || self.closes_chain(at)
                    || after.is_some_and(|after| self.acts_unnamed(start..after))
            }
        }
    }

    /// Stands right before a noun that both lines have, and is nothing without which that would be
    /// something else.
    fn describes_next(&self, at: usize, after: Option<usize>) -> bool {
        let Some(after) = after else { return false };
        let noun = self.term(after);
        let plain = |n: usize| {
            let term = self.term(n);
            let counts = Roles::QUANTITY.and(Roles::RANK).and(Roles::ORDINAL);
            let turns = Roles::PRIVATIVE.and(Roles::OPPOSED).and(Roles::PROSPECTIVE);
            term.figure.is_none()
                && (n == at || term.flags.mark() == Mark::None)
                && !term.roles.any(EMPTY.and(counts).and(turns))
                && !WORDS.class_of(term.word).any(Class::NEARNESS)
        };
        if noun.flags.mark() != Mark::None || !(at..after).all(plain) {
            return false;
        }
        // In these languages the noun would have another ending, had its head gone.
        let meets = self.ties[after].map(|(meets, _)| self.other.terms[meets].word);
        if (at..after).all(|n| WORDS.adjective(self.term(n).word)) {
            return meets == Some(noun.word);
        }
        let (term, before) = (self.term(at), at.checked_sub(1).map(|n| self.term(n)));
        let verb = |term: &Term<'_>| WORDS.acts(term.word, term.concept);
        // A phrase begins here; else what stands before may be who does it, and this what he does.
        let begins = term.flags.mark() != Mark::None
            || before.is_none_or(|term| {
                term.roles.any(Roles::FUNCTION)
                    && !term.roles.any(Roles::PROSPECTIVE)
                    && !verb(term)
            });
        // After "halts" no other verb can come but in a form of its own.
        let told = before.is_some_and(|term| verb(term) && term.word.ends_with('s'));
        let tells = (at..after).any(|n| {
            let term = self.term(n);
            let formed = ["s", "ed", "ing"].iter().any(|end| term.word.ends_with(end));
            !self.terms.name(n) && verb(term) && (formed || !told)
        });
        let names = (at..after).any(|n| self.terms.name(n));
        let follows = self.terms.name(after) || verb(noun);
        self.english
            && !before.is_some_and(|term| term.flags.possessive())
            && (begins
                || noun.roles.any(Roles::TITLE)
                || !tells && (before.is_some_and(verb) || !follows))
            // Before a name it says what that is; a name in its place may be another's.
            && !(names && self.terms.name(after))
    }

    /// Who does it, in a language whose verb then has the ending of nobody in particular: "the court
    /// has lifted", "they have lifted".
    fn acts_unnamed(&self, run: std::ops::Range<usize>) -> bool {
        let verb = self.term(run.end);
        let begins = run.start == 0
            || self.term(run.start).flags.mark() != Mark::None
            || self.term(run.start - 1).roles.any(EMPTY);
        let meets = self.ties[run.end].map(|(meets, _)| self.other.terms[meets].word);
        begins
            && WORDS.past(verb.word)
            && verb.flags.mark() == Mark::None
            && meets.is_some_and(|word| word != verb.word && WORDS.unnamed(word))
            && run.clone().all(|at| {
                let term = self.term(at);
                WORDS.cased(term.word)
                    && term.figure.is_none()
                    && !term.roles.any(EMPTY.and(Roles::PRIVATIVE).and(Roles::QUANTITY))
                    && !WORDS.past(term.word)
                    && !WORDS.looks_ahead(term.word)
            })
    }

    /// The last of a chain of nouns in a language whose endings tell: "the mayor [of Velm]".
    fn closes_chain(&self, at: usize) -> bool {
        let same = |n: usize| {
            self.ties[n].is_some_and(|(meets, _)| self.other.terms[meets].word == self.term(n).word)
        };
        let term = self.term(at);
        let next = self.terms.terms.get(at + 1);
        let ends = next.is_none_or(|next| {
            next.flags.mark() != Mark::None
                || next.roles.any(EMPTY)
                || WORDS.past(next.word) && self.tied(at + 1)
        });
        WORDS.cased(term.word)
            && !WORDS.past(term.word)
            && !WORDS.looks_ahead(term.word)
            && !term.roles.any(Roles::PRIVATIVE.and(Roles::NEGATION))
            && term.figure.is_none()
            && term.flags.mark() == Mark::None
            && at > 0
            && !self.term(at - 1).roles.any(EMPTY)
            && !WORDS.past(self.term(at - 1).word)
            && same(at - 1)
            && ends
    }
}
