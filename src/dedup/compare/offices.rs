//! Offices and who holds them: "the mayor" and the mayor's name.

use smallvec::SmallVec;

use super::{
    slots::{Diff, EMPTY, Gap, Tie},
    terms::Terms,
};
use crate::dedup::read::roles::Roles;

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
/// Offices that one person holds in a firm or party.
const HEADS: [&str; 5] = ["ceo", "boss", "chief", "chairman", "leader"];

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
    /// An office that only one holds, and its holder's name in its place: "PM admits", "Varga
    /// admits". Nothing else may stand there but where the office is.
    pub(crate) fn join_offices(&mut self) {
        for flip in [false, true] {
            let (one, two) = if flip { (self.old, self.new) } else { (self.new, self.old) };
            let free = |diff: &Self, in_new: bool, at: usize| {
                if in_new { diff.new_to_old[at].is_none() } else { diff.old_to_new[at].is_none() }
            };
            let gap = |diff: &Self, in_new: bool, at: usize| {
                if in_new { diff.gap_of_new(at) } else { diff.gap_of_old(at) }
            };
            let leftovers = |diff: &Self, terms: &Terms<'_>, in_new: bool, there: Gap| {
                (0..terms.terms.len())
                    .filter(|&at| {
                        free(diff, in_new, at)
                            && !terms.terms[at].roles.any(EMPTY)
                            && gap(diff, in_new, at) == there
                    })
                    .collect::<SmallVec<[usize; 8]>>()
            };
            let shared = |diff: &Self| {
                (0..one.terms.len())
                    .filter(|&at| !free(diff, !flip, at) && !one.terms[at].roles.any(EMPTY))
                    .count()
            };
            for office in 0..one.terms.len() {
                if !free(self, !flip, office) {
                    continue;
                }
                let concept = one.terms[office].concept;
                let head = HEADS.contains(&concept);
                if !head && !OFFICES.contains(&concept) {
                    continue;
                }
                let there = gap(self, !flip, office);
                // "Teralon CEO": the one of the firm both lines name before it.
                if head && !there.before.is_some_and(|at| self.old.name(at)) {
                    continue;
                }
                let beside = leftovers(self, one, !flip, there);
                let holder = leftovers(self, two, flip, there);
                let place = |&at: &usize| {
                    let light = Roles::PLACE.and(Roles::PROSPECTIVE).and(Roles::ATTRIBUTION);
                    at == office || one.terms[at].roles.any(light)
                };
                let person = |&at: &usize| {
                    two.name(at) && !two.terms[at].roles.any(Roles::PLACE.and(Roles::ATTRIBUTION))
                };
                // "Israeli president" may be anybody else where little else is shared.
                let enough = if beside.len() > 1 { 4 } else { 3 };
                if (1..=3).contains(&holder.len())
                    && shared(self) >= enough
                    && beside.iter().all(place)
                    && holder.iter().all(person)
                {
                    for &name in &holder {
                        if flip {
                            self.tie(office, name, Tie::Like);
                        } else {
                            self.tie(name, office, Tie::Like);
                        }
                    }
                }
            }
        }
    }

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
