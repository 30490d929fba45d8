//! What stands in the place of what: one word for another, one quantity, rank or length of time for
//! another. Such a line says something else, however much of it is the same.

use super::{
    slots::{Diff, EMPTY},
    terms::Terms,
};
use crate::dedup::read::roles::Roles;

/// "Dozens arrested", "hundreds arrested"; "all freed", "some freed".
pub(super) fn quantity(diff: &Diff<'_>) -> Option<(String, String)> {
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
    let named = |was: usize, now: usize| {
        (diff.old.terms[was].word.to_owned(), diff.new.terms[now].word.to_owned())
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
    (was.is_some() != now.is_some())
        .then(|| (was.unwrap_or("").to_owned(), now.unwrap_or("").to_owned()))
}

/// "Deputy minister resigns", "minister resigns": another office, unless both lines name the same
/// person with it.
pub(super) fn rank(diff: &Diff<'_>) -> Option<(String, String)> {
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
    (was.is_some() || now.is_some())
        .then(|| (was.unwrap_or("").to_owned(), now.unwrap_or("").to_owned()))
}
