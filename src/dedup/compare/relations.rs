//! In what relation a thing stands: an attack on peacekeepers is no attack by peacekeepers, and a
//! ship from one port to another does not go back.

use smallvec::SmallVec;

use super::{
    differences::{Differences, Kind},
    slots::{Diff, EMPTY},
    terms::Terms,
};
use crate::dedup::read::{
    line::Mark,
    roles::Roles,
    words::{Class, WORDS},
};

/// A word that both lines have, with what relates it in each.
struct Related<'a> {
    old: Option<&'a str>,
    new: Option<&'a str>,
    time: bool,
    /// Of a language whose endings say in what relation a word stands.
    cased: bool,
    /// The particles after it, where the script tells no names by capitals.
    after: (Option<&'a str>, Option<&'a str>),
}

/// Notes what stands in another relation, or has changed places.
pub(super) fn relations(diff: &Diff<'_>, found: &mut Differences) {
    let caseless = diff.new.caseless();
    let mut related: SmallVec<[Related<'_>; 16]> = SmallVec::new();
    for (new, tie) in diff.new_to_old.iter().enumerate() {
        let Some((old, _)) = *tie else { continue };
        let (a, b) = (&diff.old.terms[old], &diff.new.terms[new]);
        if b.roles.any(EMPTY) || a.credit || b.credit {
            continue;
        }
        related.push(Related {
            old: relating(diff.old, old),
            new: relating(diff.new, new),
            time: b.roles.any(Roles::DAY.and(Roles::MONTH).and(Roles::UNIT)) || b.figure.is_some(),
            cased: WORDS.cased(b.word),
            after: if caseless {
                (particle(diff.old, old), particle(diff.new, new))
            } else {
                (None, None)
            },
        });
    }
    for (terms, ties) in [(diff.old, &diff.old_to_new), (diff.new, &diff.new_to_old)] {
        // What is told on after the end of the other line is another matter.
        let last = ties.iter().rposition(Option::is_some).unwrap_or(0);
        let apart = |at: usize| {
            terms.terms[(last + 1).min(at)..at].iter().any(|term| !term.roles.any(EMPTY))
        };
        let open = |at: usize| ties[at].is_none() && states(terms, at) && !apart(at);
        if let Some(at) = (0..ties.len()).find(|&at| open(at)) {
            found.open(Kind::Relation, terms.terms[at].word);
        }
    }
    for pair in &related {
        let other = match (pair.old, pair.new) {
            (Some(was), Some(now)) => {
                was != now && !WORDS.class_of(was).agrees(WORDS.class_of(now), pair.time)
            }
            (Some(one), None) | (None, Some(one)) => strong(diff, one),
            (None, None) => false,
        };
        if other {
            let words = format!("{} → {}", pair.old.unwrap_or("-"), pair.new.unwrap_or("-"));
            found.open(Kind::Relation, words);
            return;
        }
    }
    // Between the one and the other is between the other and the one.
    // In a language whose endings tell, a word without a preposition has its relation in itself.
    let cased = |pair: &Related<'_>| pair.old.is_none() != pair.new.is_none() && pair.cased;
    let pair = |word: Option<&str>| word.is_some_and(|w| matches!(w, "between" | "among"));
    for (at, a) in related.iter().enumerate() {
        let changed = |was: Option<&str>, now: Option<&str>| was != now && !pair(was) && !pair(now);
        let swapped = changed(a.old, a.new)
            && !cased(a)
            && related[at + 1..]
                .iter()
                .any(|b| a.old == b.new && a.new == b.old && !(a.time && b.time) && !cased(b));
        let turned = changed(a.after.0, a.after.1)
            && related[at + 1..].iter().any(|b| a.after == (b.after.1, b.after.0));
        if swapped || turned {
            found.open(Kind::Order, "two have changed places");
            return;
        }
    }
}

/// A word of relation with nothing after it says how things stand.
fn states(terms: &Terms<'_>, at: usize) -> bool {
    let ends = terms
        .terms
        .get(at + 1)
        .is_none_or(|next| next.flags.mark() != Mark::None || WORDS.class_of(next.word).relates());
    ends && !terms.terms[at].credit && WORDS.class_of(terms.terms[at].word).any(Class::STATE)
}

/// A relation that must not be missing, and is nowhere in the other line.
fn strong(diff: &Diff<'_>, word: &str) -> bool {
    WORDS.class_of(word).any(Class::STRONG)
        && !(diff.old.terms.iter().any(|t| t.word == word)
            && diff.new.terms.iter().any(|t| t.word == word))
}

/// The word of grammar right after a term.
fn particle<'a>(terms: &Terms<'a>, at: usize) -> Option<&'a str> {
    let next = terms.terms.get(at + 1)?;
    (next.flags.mark() == Mark::None && next.roles.any(Roles::FUNCTION)).then_some(next.word)
}

/// The word that relates a term: right before it, but for articles and the name that it is joined
/// to.
pub(super) fn relating<'a>(terms: &Terms<'a>, at: usize) -> Option<&'a str> {
    let mut joined = false;
    for n in (0..at).rev() {
        if terms.terms[n + 1].flags.mark() != Mark::None || terms.terms[n].credit {
            return None;
        }
        let term = &terms.terms[n];
        joined |= WORDS.class_of(term.word).any(Class::JOINS);
        let class = WORDS.class_of(term.word);
        let counts =
            class.any(Class::ROUGHLY | Class::BOUND) && terms.terms[n + 1].figure.is_some();
        if class.relates() && !counts {
            return Some(term.word);
        }
        // What is joined by "and" to a thing stands in its relation.
        if !(term.roles.any(EMPTY) || joined && terms.name(n) && terms.name(at)) {
            return None;
        }
    }
    None
}
