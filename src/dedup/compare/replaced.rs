//! What stands in the place of what: one word for another, one quantity, rank or length of time for
//! another. Such a line says something else, however much of it is the same.

use super::{
    forms::kindred,
    slots::{Diff, EMPTY},
    terms::Terms,
};
use crate::dedup::read::roles::Roles;

/// A word gone and the word that stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// The rule's name.
    pub(crate) rule: &'static str,
    /// As the old line has it.
    pub(crate) was: String,
    /// As the new line has it.
    pub(crate) now: String,
    /// A listed common word for another, or another for it: perhaps only another way to say it.
    pub(crate) common: bool,
}

/// The first replacement that makes other news of the line.
pub(crate) fn replaced(diff: &Diff<'_>) -> Option<Replaced> {
    quantity(diff).or_else(|| rank(diff)).or_else(|| modality(diff)).or_else(|| word(diff))
}

/// "Dozens arrested", "hundreds arrested"; "all freed", "some freed".
fn quantity(diff: &Diff<'_>) -> Option<Replaced> {
    let loose = |terms: &Terms<'_>, free: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..terms.terms.len())
            .filter(|&at| {
                let term = &terms.terms[at];
                free(at)
                    && !term.credit
                    && (term.roles.any(Roles::QUANTITY) || term.figure.is_some())
            })
            .collect()
    };
    let lost = loose(diff.old, &|at| diff.old_to_new[at].is_none());
    let found = loose(diff.new, &|at| diff.new_to_old[at].is_none());
    let named = |was: usize, now: usize| Replaced {
        rule: "figure in doubt",
        was: diff.old.terms[was].word.to_owned(),
        now: diff.new.terms[now].word.to_owned(),
        common: false,
    };
    for &was in &lost {
        for &now in &found {
            let plain =
                diff.old.terms[was].figure.is_some() && diff.new.terms[now].figure.is_some();
            if !plain && diff.same_slot(was, now) {
                return Some(named(was, now));
            }
        }
    }
    // "Thousands", "tens of thousands".
    let grown = |terms: &Terms<'_>, at: usize| {
        terms.terms[at].roles.any(Roles::QUANTITY)
            && terms.terms[at + 1..]
                .iter()
                .take(2)
                .find(|t| !t.roles.any(EMPTY))
                .is_some_and(|t| t.roles.any(Roles::QUANTITY))
    };
    let was = lost.iter().find(|&&at| grown(diff.old, at)).map(|&at| diff.old.terms[at].word);
    let now = found.iter().find(|&&at| grown(diff.new, at)).map(|&at| diff.new.terms[at].word);
    (was.is_some() != now.is_some()).then(|| Replaced {
        rule: "figure in doubt",
        was: was.unwrap_or("").to_owned(),
        now: now.unwrap_or("").to_owned(),
        common: false,
    })
}

/// "Deputy minister resigns", "minister resigns": another office, unless both lines name the same
/// person with it.
fn rank(diff: &Diff<'_>) -> Option<Replaced> {
    let side = |terms: &Terms<'_>, ties: &dyn Fn(usize) -> bool| {
        (0..terms.terms.len()).find(|&at| {
            let term = &terms.terms[at];
            if !term.roles.any(Roles::RANK) || ties(at) || term.credit {
                return false;
            }
            let titles =
                terms.terms[at + 1..].iter().take_while(|t| t.roles.any(Roles::TITLE)).count();
            let office = at + 1..at + 1 + titles;
            titles > 0
                && office.clone().any(ties)
                && !(ties(office.end)
                    && terms.terms.get(office.end).is_some()
                    && terms.name(office.end))
        })
    };
    let tied_old = |at: usize| diff.old_to_new.get(at).is_some_and(Option::is_some);
    let tied_new = |at: usize| diff.new_to_old.get(at).is_some_and(Option::is_some);
    let was = side(diff.old, &tied_old).map(|at| diff.old.terms[at].word);
    let now = side(diff.new, &tied_new).map(|at| diff.new.terms[at].word);
    (was.is_some() || now.is_some()).then(|| Replaced {
        rule: "another rank",
        was: was.unwrap_or("").to_owned(),
        now: now.unwrap_or("").to_owned(),
        common: false,
    })
}

/// "Approves the drug", "declines to approve the drug": what one does becomes what one wants,
/// tries, fails or is asked to do.
fn modality(diff: &Diff<'_>) -> Option<Replaced> {
    let side = |terms: &Terms<'_>, tied: &dyn Fn(usize) -> Option<usize>, other: &Terms<'_>| {
        (1..terms.terms.len().saturating_sub(2)).find(|&at| {
            let term = &terms.terms[at];
            tied(at).is_none()
                && !term.credit
                && term.roles.any(Roles::ATTEMPT)
                && terms.terms[at + 1].word == "to"
                && tied(at + 2).is_some_and(|meets| {
                    // "Intends to sign" and "will sign" both lie ahead.
                    !other.terms[meets.saturating_sub(2)..meets]
                        .iter()
                        .any(|t| t.roles.any(Roles::PROSPECTIVE.and(Roles::ATTEMPT)))
                })
        })
    };
    let was = side(diff.old, &|at| diff.old_to_new[at].map(|(new, _)| new), diff.new);
    let now = side(diff.new, &|at| diff.new_to_old[at].map(|(old, _)| old), diff.old);
    (was.is_some() != now.is_some()).then(|| Replaced {
        rule: "another act",
        was: was.map_or("", |at| diff.old.terms[at].word).to_owned(),
        now: now.map_or("", |at| diff.new.terms[at].word).to_owned(),
        common: false,
    })
}

/// One word in the very place of one other, and neither another form nor another word for it.
fn word(diff: &Diff<'_>) -> Option<Replaced> {
    let counts = |terms: &Terms<'_>, at: usize| {
        let term = &terms.terms[at];
        term.figure.is_none()
            && (term.roles.any(Roles::UNIT.and(Roles::FINDING))
                || !term.roles.any(
                    EMPTY
                        .and(Roles::NEGATION)
                        .and(Roles::ATTRIBUTION)
                        .and(Roles::VAGUE)
                        .and(Roles::PROSPECTIVE)
                        .and(Roles::BACKGROUND),
                ))
    };
    let lost: Vec<usize> = diff.dropped().filter(|&at| !diff.old.terms[at].credit).collect();
    let found: Vec<usize> = diff.added().filter(|&at| !diff.new.terms[at].credit).collect();
    for &was in &lost {
        let gap = diff.gap_of_old(was);
        if lost.iter().any(|&other| other != was && diff.gap_of_old(other) == gap) {
            continue;
        }
        let mut there = found.iter().filter(|&&now| diff.gap_of_new(now) == gap);
        let (Some(&now), None) = (there.next(), there.next()) else { continue };
        if !counts(diff.old, was) || !counts(diff.new, now) {
            continue;
        }
        let (a, b) = (&diff.old.terms[was], &diff.new.terms[now]);
        // Two titles of one person named in both lines.
        let titled = |terms: &Terms<'_>, at: usize, tied: bool| {
            terms.terms[at].roles.any(Roles::TITLE) && tied
        };
        let named_old =
            diff.old_to_new.get(was + 1).is_some_and(Option::is_some) && diff.old.name(was + 1);
        let named_new =
            diff.new_to_old.get(now + 1).is_some_and(Option::is_some) && diff.new.name(now + 1);
        if titled(diff.old, was, named_old) && titled(diff.new, now, named_new) {
            continue;
        }
        // "Sharply", "strongly": how, not what.
        let manner = a.word.ends_with("ly") || b.word.ends_with("ly");
        if manner || kindred(a.word, b.word) {
            continue;
        }
        // What a figure counts or measures is what is told, not how.
        let counted = |terms: &Terms<'_>, at: usize| {
            terms.terms[at].roles.any(Roles::UNIT.and(Roles::RANK))
                || (at > 0 && terms.terms[at - 1].figure.is_some())
        };
        let saying = (a.roles.any(Roles::COMMON) || b.roles.any(Roles::COMMON))
            && !counted(diff.old, was)
            && !counted(diff.new, now);
        return Some(Replaced {
            rule: "another word",
            was: a.word.to_owned(),
            now: b.word.to_owned(),
            common: saying,
        });
    }
    None
}
