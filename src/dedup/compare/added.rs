//! What the words are that only the new line has: a description, an aside, one more of a list, news.

use super::{
    slots::{Diff, Tie},
    terms::Terms,
};
use crate::dedup::{
    read::line::{Case, Mark},
    read::roles::Roles,
};

/// "Poland protests after Russia removed its flag": what was told stands after the "after", and
/// before it something new.
pub(crate) fn news_before_background(diff: &Diff<'_>, added: &[usize]) -> Option<usize> {
    let terms = &diff.new.terms;
    let marker = (2..terms.len()).find(|&at| {
        terms[at].roles.any(Roles::BACKGROUND) && !matches!(terms[at].word, "against" | "under")
    })?;
    let happened = |at: usize| {
        diff.new_to_old[at].is_some() && !diff.new.name(at) && Diff::weight(diff.new, at) >= 0.4
    };
    let new = added.iter().copied().find(|&at| at < marker && !diff.new.name(at))?;
    let gap = diff.gap_of_new(new);
    // "Officer cleared after shooting dog": whoever is shared does something new.
    let acts = |from: usize| {
        from > 0
            && (0..from).filter(|&at| happened(at)).count() <= 1
            && !(from..marker).any(happened)
            && !diff.dropped().any(|lost| diff.gap_of_old(lost) == gap)
    };
    let told = (marker..terms.len()).filter(|&at| happened(at)).count();
    (told > 0 && !(0..marker).any(happened) || told > 1 && acts(new)).then_some(new)
}

/// A few words in brackets at the very end are an aside of who posts the line ("(video)", "(via …)"),
/// unless they hold what would be news anywhere.
pub(crate) fn aside(diff: &Diff<'_>, first: usize) -> bool {
    const NEWS: Roles = Roles::NEGATION
        .and(Roles::REVERSAL)
        .and(Roles::REACTION)
        .and(Roles::CERTAIN)
        .and(Roles::QUANTITY)
        .and(Roles::ORDINAL);
    let terms = &diff.new.terms;
    let start = (0..=first).rev().find(|&at| terms[at].flags.mark() != Mark::None);
    start.is_some_and(|at| {
        terms[at].flags.mark() == Mark::Paren
            && at > 3
            && terms.len() - at <= 6
            && diff.new_to_old[at..].iter().all(|tie| !matches!(tie, Some((_, Tie::Same))))
            && terms[at..].iter().all(|t| t.figure.is_none() && !t.roles.any(NEWS))
    })
}

/// The new line begins with an act the old one does not know, and tells that one after it: "Judge
/// unseals warrant for the search".
pub(crate) fn new_head(diff: &Diff<'_>) -> Option<usize> {
    let mut head = (0..diff.new.terms.len())
        .filter(|&at| !diff.new.terms[at].credit && Diff::weight(diff.new, at) >= 0.4);
    let (first, second) = (head.next()?, head.next()?);
    let fresh = |at: usize| diff.new_to_old[at].is_none() && !diff.new.name(at);
    // In the place of the old beginning it is another way to begin.
    let gap = diff.gap_of_new(first);
    let replaces = diff.dropped().any(|at| {
        diff.gap_of_old(at) == gap
            && !diff.old.terms[at].credit
            && Diff::weight(diff.old, at) >= 0.4
    });
    (fresh(first) && (acts(diff, first) || fresh(second)) && !replaces && diff.same_head())
        .then_some(first)
}

/// "Government ends strike": whoever acts is a light word the old line does not have, and the act
/// stands right after it.
fn acts(diff: &Diff<'_>, at: usize) -> bool {
    const LIGHT: Roles = Roles::VAGUE.and(Roles::WITNESS).and(Roles::TITLE);
    at > 0
        && diff.new.terms[at].word.ends_with('s')
        && diff.new_to_old[at - 1].is_none()
        && diff.new.terms[at - 1].roles.any(LIGHT)
}

/// A word that only describes another word both lines have: it stands before it, or is an adverb.
pub(crate) fn fills_in(diff: &Diff<'_>, at: usize) -> bool {
    let terms = &diff.new.terms;
    if terms[at].word.ends_with("ly") {
        return true;
    }
    if one_more(diff, at) || (at == 1 && acts(diff, at)) {
        return false;
    }
    let mut next = at + 1;
    while let Some(term) = terms.get(next) {
        if term.flags.mark() != Mark::None || term.roles.any(Roles::FUNCTION.and(Roles::BACKGROUND))
        {
            return false;
        }
        if diff.new_to_old[next].is_some() {
            return true;
        }
        next += 1;
    }
    false
}

/// Three new words in a row where at most one word went: they tell something.
pub(crate) fn told_in_one(diff: &Diff<'_>, dropped: &[usize], added: &[usize]) -> bool {
    added.windows(3).any(|run| {
        let gap = diff.gap_of_new(run[0]);
        run.iter().all(|&at| diff.gap_of_new(at) == gap)
            && dropped.iter().filter(|&&at| diff.gap_of_old(at) == gap).count() <= 1
    })
}

/// One more member of a list: an "and" has come with it, and nothing went in its place.
pub(crate) fn one_more(diff: &Diff<'_>, at: usize) -> bool {
    let and = |at: usize| {
        diff.new.terms.get(at).is_some_and(|t| matches!(t.word, "and" | "or" | "plus"))
            && diff.new_to_old[at].is_none()
    };
    let gap = diff.gap_of_new(at);
    (and(at + 1) || (at > 0 && and(at - 1)))
        && !diff.dropped().any(|lost| diff.gap_of_old(lost) == gap)
}

/// Somebody the old line does not name says it, and says it with other words: an answer more often
/// than a copy.
pub(crate) fn speaks_first(diff: &Diff<'_>, added: &[usize]) -> bool {
    let says = diff.new.terms.iter().position(|t| t.credit && t.roles.any(Roles::SAY));
    says.is_some_and(|says| {
        says < 6
            && !added.is_empty()
            && diff.new.terms[..says]
                .iter()
                .zip(&diff.new_to_old)
                .enumerate()
                .any(|(at, (term, tie))| term.credit && tie.is_none() && diff.new.name(at))
            && diff.old.terms.iter().all(|t| !t.credit)
    })
}

/// A part of a name whose last part both lines have: "Ana" in "Ana Varga".
pub(crate) fn beside_shared_name(
    terms: &Terms<'_>,
    at: usize,
    shared: impl Fn(usize) -> bool,
) -> bool {
    let next = at + 1;
    terms.terms.get(next).is_some_and(|term| term.flags.mark() == Mark::None)
        && !terms.terms[at].roles.any(Roles::PLACE)
        && terms.name(next)
        && !terms.terms[next].roles.any(Roles::PLACE)
        && shared(next)
}

/// A name that stands between other words as part of what they name: no argument of its own ("in
/// Paris", "by the EU") and no member of a list, where it would be one more.
pub(crate) fn within_name(diff: &Diff<'_>, at: usize) -> bool {
    let terms = &diff.new.terms;
    let before = at.checked_sub(1).map(|at| &terms[at]);
    let after = terms.get(at + 1);
    let apart = |word: &str| {
        matches!(
            word,
            "in" | "at"
                | "near"
                | "to"
                | "from"
                | "on"
                | "with"
                | "against"
                | "into"
                | "over"
                | "by"
                | "for"
                | "of"
                | "and"
                | "or"
                | "under"
                | "via"
                | "outside"
                | "inside"
        )
    };
    terms[at].flags.mark() == Mark::None
        && before.is_none_or(|term| !apart(term.word) && !term.roles.any(Roles::BACKGROUND))
        && after.is_some_and(|term| {
            term.flags.mark() == Mark::None && !matches!(term.word, "and" | "or")
        })
}

/// A name that only qualifies another word both lines have: a first name, a people's adjective. It
/// stands directly before a shared word and is no argument of its own ("in Paris"), or directly
/// after a shared name.
pub(crate) fn qualifies(diff: &Diff<'_>, at: usize) -> bool {
    let terms = &diff.new.terms;
    let shared = |n: usize| diff.new_to_old.get(n).is_some_and(Option::is_some);
    let close = |n: usize| {
        terms.get(n).is_some_and(|t| {
            t.flags.mark() == Mark::None && !t.roles.any(Roles::FUNCTION.and(Roles::BACKGROUND))
        })
    };
    let argument = at > 0
        && terms[at].flags.mark() == Mark::None
        && matches!(
            terms[at - 1].word,
            "in" | "at" | "near" | "to" | "from" | "on" | "with" | "against" | "into" | "over"
        );
    let term = &terms[at];
    let next = (at + 1..terms.len())
        .take_while(|&n| close(n))
        .find(|&n| shared(n) || !(diff.new.name(n) || terms[n].roles.any(Roles::TITLE)));
    let next = next.filter(|&n| shared(n));
    // "Canadian", "Canada's", "U.S.", but not "Canada", which does something itself.
    let adjective = term.flags.possessive()
        || (term.roles.any(Roles::PLACE)
            && !term.roles.any(Roles::COUNTRY)
            && (term.word != term.concept || matches!(term.word, "usa" | "uk" | "eu" | "un")));
    let part_of_name = |n: usize| {
        !diff.new.title_case
            && n == at + 1
            && term.flags.case() != Case::Lower
            && terms[n].flags.case() != Case::Lower
    };
    ((!argument || term.flags.possessive())
        && next.is_some_and(|n| adjective || diff.new.name(n) || part_of_name(n)))
        || (at > 0 && close(at) && shared(at - 1) && diff.new.name(at - 1))
}
