//! Offices and who holds them: "the mayor" and the mayor's name.

use super::{
    slots::{Diff, Tie},
    terms::Terms,
};

/// Offices that one person holds in a country or town, so that the office means its holder.
const OFFICES: [&str; 10] = [
    "pm",
    "premier",
    "president",
    "chancellor",
    "pope",
    "king",
    "queen",
    "mayor",
    "governor",
    "taoiseach",
];
/// Relatives of somebody named: what is told of one of them is not told of him.
const RELATIVES: [&str; 22] = [
    "daughter",
    "son",
    "wife",
    "husband",
    "brother",
    "sister",
    "father",
    "mother",
    "widow",
    "uncle",
    "aunt",
    "cousin",
    "nephew",
    "niece",
    "grandson",
    "granddaughter",
    "girlfriend",
    "boyfriend",
    "fiance",
    "fiancee",
    "spouse",
    "sibling",
];

impl Diff<'_> {
    /// "Varga resigns", "Varga's daughter resigns": a relative of somebody both lines name, in one
    /// line alone.
    pub(crate) fn relative(&self) -> Option<String> {
        let stranger = |terms: &Terms<'_>, ties: &[Option<(usize, Tie)>]| {
            (1..terms.terms.len()).find(|&at| {
                let term = &terms.terms[at];
                ties[at].is_none()
                    && RELATIVES.contains(&term.concept)
                    && terms.terms[at - 1].flags.possessive()
                    && terms.name(at - 1)
                    && ties[at - 1].is_some()
            })
        };
        let word = |terms: &Terms<'_>, at: usize| terms.terms[at].word.to_owned();
        let known = |terms: &Terms<'_>| {
            terms.terms.iter().any(|t| RELATIVES.contains(&t.concept) || t.word == "family")
        };
        let new = stranger(self.new, &self.new_to_old).filter(|_| !known(self.old));
        let old = stranger(self.old, &self.old_to_new).filter(|_| !known(self.new));
        new.map(|at| word(self.new, at)).or_else(|| old.map(|at| word(self.old, at)))
    }

    /// Two offices of which each has one holder, one in the place of the other.
    pub(crate) fn offices_differ(&self) -> Option<(usize, usize)> {
        let office = |terms: &Terms<'_>, at: usize| {
            !terms.terms[at].credit && OFFICES.contains(&terms.terms[at].concept)
        };
        let new = self.added().find(|&at| office(self.new, at))?;
        let gap = self.gap_of_new(new);
        let old = self.dropped().find(|&at| office(self.old, at) && self.gap_of_old(at) == gap)?;
        Some((old, new))
    }
}
