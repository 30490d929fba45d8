//! The same words in another sense: opposites, a negation, who does it to whom.

use smallvec::SmallVec;

use super::{
    relations::relating,
    slots::{Diff, EMPTY, LIGHT, Tie},
    terms::Terms,
};
use crate::dedup::{
    read::line::Mark,
    read::roles::Roles,
    read::words::{Class, WORDS},
};

impl Diff<'_> {
    /// Two leftover words of opposite meaning in the same place.
    pub(crate) fn opposites(&self) -> Option<(usize, usize)> {
        let free = |terms: &Terms<'_>, ties: &[Option<(usize, Tie)>]| -> SmallVec<[usize; 8]> {
            let free = (0..ties.len()).filter(|&at| ties[at].is_none());
            free.filter(|&at| terms.terms[at].roles.any(Roles::OPPOSED)).collect()
        };
        let news = free(self.new, &self.new_to_old);
        if news.is_empty() {
            return None;
        }
        // Prepositions change with the verb ("charge for", "charges filed against"): they are
        // opposites only where no other word has come.
        let content = |at: &usize| Diff::weight(self.new, *at) > 0.3;
        let come = self.added().filter(content).count();
        for old in free(self.old, &self.old_to_new) {
            for &new in &news {
                let (a, b) = (&self.old.terms[old], &self.new.terms[new]);
                let grammar = a.roles.any(Roles::FUNCTION)
                    || b.roles.any(Roles::FUNCTION)
                    || a.roles.any(Roles::BACKGROUND);
                let bare = come == usize::from(content(&new));
                let slot = !grammar || (bare && self.same_slot(old, new));
                if slot && WORDS.opposite(a.concept, b.concept) {
                    return Some((old, new));
                }
            }
        }
        None
    }

    /// Negations that stand in one line only: in the new line always, in the old one where they
    /// bear on something the new line says as well.
    pub(crate) fn negated(&self) -> bool {
        let content = |terms: &Terms<'_>, at: usize| {
            !terms.terms[at].roles.any(EMPTY.and(Roles::VAGUE).and(Roles::ATTRIBUTION))
        };
        let last = self.last_shared().unwrap_or(usize::MAX);
        let bare = |terms: &Terms<'_>, ties: &[Option<(usize, Tie)>], always: bool| {
            (0..terms.terms.len())
                .filter(|&at| {
                    let roles = terms.terms[at].roles;
                    if !roles.any(Roles::NEGATION.and(Roles::REVERSAL)) || ties[at].is_some() {
                        return false;
                    }
                    // "'It can't be nothing': …": what is quoted before the statement.
                    if terms.terms[at].credit && terms.terms[at].flags.quoted() {
                        return false;
                    }
                    // "Port block: …": right before the colon it names the topic.
                    let colon =
                        terms.terms.get(at + 1).is_some_and(|t| t.flags.mark() == Mark::Colon);
                    if colon && !roles.any(Roles::NEGATION) {
                        return false;
                    }
                    let next = (at + 1..terms.terms.len()).find(|&n| content(terms, n));
                    let before = (0..at).rev().find(|&n| content(terms, n));
                    // In many languages it follows its verb, at the very end.
                    let closes = (terms.terms.len() - at <= 2 || (always && next.is_none()))
                        && before.is_some_and(|n| ties[n].is_some())
                        && next.is_none_or(|n| ties[n].is_none());
                    let bears = closes
                        || next.is_some_and(|n| ties[n].is_some())
                        || (roles.any(Roles::REVERSAL)
                            && (before.is_some_and(|n| ties[n].is_some())
                                || (at.saturating_sub(2)..at)
                                    .any(|n| ties[n].is_some() && content(terms, n))));
                    bears || (always && !terms.terms[at].credit && at < last)
                })
                .count()
        };
        // What is told on after the end is another rule's affair.
        let new = bare(self.new, &self.new_to_old, true);
        bare(self.old, &self.old_to_new, new > 0) % 2 != new % 2
    }

    /// Who does it to whom has changed places: "A strikes B", "B strikes A".
    pub(crate) fn swapped(&self) -> bool {
        let (english, caseless) = (self.english(), self.new.caseless());
        let names: Vec<(usize, usize)> = (0..self.new.terms.len())
            .filter_map(|new| Some((self.new_to_old[new]?.0, new)))
            .filter(|&(old, new)| {
                let term = &self.new.terms[new];
                let thing = caseless && term.figure.is_none() && !term.roles.any(EMPTY);
                // Where it happens is neither who does it nor to whom.
                let aside = |terms: &Terms<'_>, at| relating(terms, at).is_some_and(|w| !agent(w));
                (thing || self.new.name(new))
                    && !(aside(self.old, old) && aside(self.new, new))
                    && !self.new.terms[new].credit
                    && !self.old.terms[old].credit
            })
            .collect();
        // The word between them that both lines have, in the same form: another form may be the
        // passive, which turns the order and keeps the sense.
        let verb = |old: (usize, usize), new: (usize, usize)| {
            (new.0 + 1..new.1).any(|at| {
                let term = &self.new.terms[at];
                !term.roles.any(EMPTY.and(Roles::ATTRIBUTION))
                    && (!english || finite(term.word, term.concept))
                    && !self.new.name(at)
                    && self.new_to_old[at].is_some_and(|(meets, _)| {
                        meets > old.0 && meets < old.1 && self.old.terms[meets].word == term.word
                    })
            })
        };
        let by = |terms: &Terms<'_>, from: usize, to: usize| {
            terms.terms[from..to].iter().any(|t| agent(t.word) || t.flags.mark() == Mark::Colon)
        };
        self.swapped_around_verb()
            || names.iter().enumerate().any(|(n, &(old_a, new_a))| {
                names[n + 1..].iter().any(|&(old_b, new_b)| {
                    old_a > old_b
                        && self.old.terms[old_a].concept != self.old.terms[old_b].concept
                        && !self.marked((old_a, new_a), (old_b, new_b))
                        && verb((old_b, old_a), (new_a, new_b))
                        && by(self.old, old_b, old_a) == by(self.new, new_a, new_b)
                })
            })
    }

    /// Both have the same form in a language whose endings say who acts, wherever a word stands, and
    /// one of them has an ending that does: a consonant at the end tells nothing.
    fn marked(&self, a: (usize, usize), b: (usize, usize)) -> bool {
        let word = |at: (usize, usize)| self.new.terms[at.1].word;
        let same =
            |at: (usize, usize)| WORDS.cased(word(at)) && self.old.terms[at.0].word == word(at);
        let tells = |at: (usize, usize)| word(at).ends_with(['а', 'я', 'у', 'ю', 'ы', 'и', 'е']);
        same(a) && same(b) && (tells(a) || tells(b))
    }

    /// Who does it to whom where neither has a name: "staff sue owner", "owner sues staff". The two
    /// stand right before and after one and the same verb.
    fn swapped_around_verb(&self) -> bool {
        // Up to two content words on one side, without a mark or a "by" in between.
        let beside = |terms: &Terms<'_>, at: usize, forward: bool| -> Vec<usize> {
            let mut found = Vec::new();
            let mut here = at;
            loop {
                if forward {
                    here += 1;
                    if terms.terms.get(here).is_none_or(|t| t.flags.mark() != Mark::None) {
                        break;
                    }
                } else {
                    if here == 0 || terms.terms[here].flags.mark() != Mark::None {
                        break;
                    }
                    here -= 1;
                }
                if agent(terms.terms[here].word) || found.len() == 2 {
                    break;
                }
                if !terms.terms[here].roles.any(EMPTY.and(Roles::BACKGROUND)) {
                    found.push(here);
                }
            }
            found
        };
        let meets = |new: &[usize], old: &[usize]| {
            new.iter().any(|&new| self.new_to_old[new].is_some_and(|(at, _)| old.contains(&at)))
        };
        (1..self.new.terms.len()).any(|verb| {
            let term = &self.new.terms[verb];
            let Some((old, Tie::Same)) = self.new_to_old[verb] else { return false };
            // "Blast kills soldiers", "soldiers killed in blast": the passive keeps the sense.
            let passive = passive(self.old, old) != passive(self.new, verb);
            if term.roles.any(EMPTY.and(LIGHT))
                || passive
                || !term.word.ends_with('s') && !finite(self.old.terms[old].word, term.concept)
                || self.new.name(verb)
                || self.old.terms[old].concept != term.concept
            {
                return false;
            }
            meets(&beside(self.new, verb, false), &beside(self.old, old, true))
                && meets(&beside(self.new, verb, true), &beside(self.old, old, false))
        })
    }
}

/// Written as a past form that no object follows: a headline's passive.
fn passive(terms: &Terms<'_>, at: usize) -> bool {
    let term = &terms.terms[at];
    (term.word.ends_with("ed") || (term.word != term.concept && WORDS.irregular(term.word)))
        && terms.terms.get(at + 1).is_none_or(|next| {
            next.roles.any(Roles::FUNCTION.and(Roles::BACKGROUND))
                || next.flags.mark() != Mark::None
        })
}

/// Written as a verb is that says what happens: "attacks", "attacked", "beat" of "beat".
fn finite(word: &str, concept: &str) -> bool {
    word.ends_with('s') || word.ends_with("ed") || word != concept || WORDS.irregular(word)
}

/// Says who acts.
fn agent(word: &str) -> bool {
    WORDS.class_of(word).any(Class::AGENT)
}
