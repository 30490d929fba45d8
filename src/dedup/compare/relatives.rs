//! Relatives: what is told of one of them is not told of the other.

use super::{
    slots::{Diff, Tie},
    terms::{Term, Terms},
};
use crate::dedup::read::words::{Class, WORDS};

impl Diff<'_> {
    /// "Varga resigns", "Varga's daughter resigns": a relative of somebody both lines name, in one
    /// line alone.
    pub(crate) fn relative(&self) -> Option<String> {
        let stranger = |terms: &Terms<'_>, ties: &[Option<(usize, Tie)>]| {
            (1..terms.terms.len()).find(|&at| {
                let term = &terms.terms[at];
                ties[at].is_none()
                    && is(term, Class::RELATIVE)
                    && terms.terms[at - 1].flags.possessive()
                    && terms.name(at - 1)
                    && ties[at - 1].is_some()
            })
        };
        let word = |terms: &Terms<'_>, at: usize| terms.terms[at].word.to_owned();
        let known = |terms: &Terms<'_>| {
            terms.terms.iter().any(|t| is(t, Class::RELATIVE) || t.word == "family")
        };
        let new = stranger(self.new, &self.new_to_old).filter(|_| !known(self.old));
        let old = stranger(self.old, &self.old_to_new).filter(|_| !known(self.new));
        new.map(|at| word(self.new, at)).or_else(|| old.map(|at| word(self.old, at)))
    }
}

fn is(term: &Term<'_>, class: u32) -> bool {
    WORDS.class_of(term.concept).any(class)
}
