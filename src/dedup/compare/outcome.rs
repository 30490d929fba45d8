//! What lay ahead, was open or in doubt in the old line and is settled in the new one.

use super::{
    slots::{Diff, Tie},
    terms::{Term, Terms},
};
use crate::dedup::{
    read::line::{Case, Mark},
    read::roles::Roles,
    read::words::{Class, WORDS},
};

/// "to resign" in the old line, "resigns" in the new.
pub(crate) fn came_true(diff: &Diff<'_>) -> Option<(usize, usize)> {
    let decision = WORDS.know("decide").group;
    // Whether the new line, too, says that it lies ahead.
    let ahead = |new: usize| {
        diff.new.terms[new.saturating_sub(6)..new].iter().any(|t| t.roles.any(Roles::PROSPECTIVE))
    };
    for (at, tie) in diff.old_to_new.iter().enumerate() {
        let Some((new, _)) = *tie else { continue };
        let term = &diff.old.terms[at];
        if at == 0 || term.roles.any(Roles::FUNCTION) || term.figure.is_some() || diff.old.name(at)
        {
            continue;
        }
        // "To be sued" in the old line: its form says nothing, the "be" before it does.
        let passive = at >= 2
            && diff.old.terms[at - 1].word == "be"
            && diff.old.terms[at - 2].roles.any(Roles::PROSPECTIVE);
        // "Crews to hold", "crews hold": the subject stands right before the verb now.
        let plural = at >= 2
            && new > 0
            && diff.old.terms[at - 1].word == "to"
            && diff.old.terms[at].flags.mark() == Mark::None
            && diff.new.terms[new].flags.mark() == Mark::None
            && !diff.old.terms[at - 2].roles.any(Roles::FUNCTION)
            && diff.old_to_new[at - 2].is_some_and(|(meets, _)| meets == new - 1)
            && !ahead(new);
        if plural && term.word == diff.new.terms[new].word {
            return Some((at, new));
        }
        if !passive && (inflected(term.word) || term.word == diff.new.terms[new].word) {
            continue;
        }
        // The marker stands right before the verb, an adverb between them at most.
        let marker = (at.saturating_sub(2)..at)
            .rev()
            .find(|&n| diff.old.terms[n].roles.any(Roles::PROSPECTIVE));
        let Some(marker) = marker else { continue };
        // "Decides to keep", "decision keeps": what governs the act stands in both lines.
        if marker > 0
            && diff.old_to_new[marker - 1].is_some()
            && !diff.old.name(marker - 1)
            && !diff.old.terms[marker - 1].roles.any(Roles::FUNCTION.and(Roles::TITLE))
            && diff.old.terms[marker].word == "to"
            && WORDS.alike(diff.old.terms[marker - 1].group, decision)
        {
            continue;
        }
        if marker + 2 == at && !passive && !diff.old.terms[at - 1].word.ends_with("ly") {
            continue;
        }
        // "A law to cut taxes", "law cutting taxes": what it is for, not what has happened.
        let purpose = diff.new.terms[new].word.ends_with("ing")
            && new > 0
            && marker > 0
            && diff.old_to_new[marker - 1].is_some_and(|(meets, _)| meets == new - 1);
        if !ahead(new) && !purpose && inflected(diff.new.terms[new].word) {
            return Some((at, new));
        }
    }
    // "Votes on whether to ban", "votes to ban": what was open is settled.
    let open = |terms: &Terms<'_>| terms.terms.iter().position(|t| t.word == "whether");
    if let (Some(a), None) = (open(diff.old), open(diff.new))
        && let Some(&(b, _)) = diff.old_to_new[a + 1..].iter().flatten().next()
    {
        return Some((a, b));
    }
    // "Under pressure to quit", "to quit": what somebody wanted is settled.
    let pressed = |at: &usize| {
        WORDS.class_of(diff.old.terms[*at].word).any(Class::PRESSES)
            && diff.old.terms.get(at + 1).is_some_and(|t| t.word == "to")
    };
    if let Some(a) = diff.dropped().find(pressed)
        && let Some(Some((b, _))) = diff.old_to_new.get(a + 2)
        && !diff.new.terms[b.saturating_sub(3)..*b]
            .iter()
            .any(|t| t.roles.any(Roles::ATTEMPT.and(Roles::HEDGE).and(Roles::SAY)))
    {
        return Some((a, *b));
    }
    // "In talks to buy", "to buy": the talks have come to something.
    let talks = |terms: &Terms<'_>| {
        (1..terms.terms.len()).find(|&at| {
            terms.terms[at].word == "talks"
                && terms.terms[at.saturating_sub(2)..at].iter().any(|t| t.word == "in")
        })
    };
    if let (Some(a), None) = (talks(diff.old), talks(diff.new))
        && diff.old_to_new[a].is_none()
        && let Some(&(b, _)) = diff.old_to_new[a + 1..].iter().flatten().next()
    {
        return Some((a, b));
    }
    // "towards default" in the old line, "into default" in the new.
    let nearing = |terms: &Terms<'_>| {
        terms
            .terms
            .iter()
            .position(|t| matches!(t.word, "towards" | "toward" | "nears" | "near" | "nearing"))
    };
    let inside = |terms: &Terms<'_>| terms.terms.iter().position(|t| matches!(t.word, "into"));
    if let (Some(a), Some(b)) = (nearing(diff.old), inside(diff.new))
        && nearing(diff.new).is_none()
        && diff.same_slot(a, b)
    {
        return Some((a, b));
    }
    None
}

/// "Velmaria to impose duties", "Velmaria hits ferries with duties": what lay ahead in the old line
/// lies ahead in the new one no more, by whatever verb it is told.
pub(crate) fn settled(diff: &Diff<'_>) -> Option<usize> {
    let (old, new) = (&diff.old.terms, &diff.new.terms);
    let ahead = Roles::PROSPECTIVE.and(Roles::ATTEMPT).and(Roles::HEDGE);
    if new.iter().any(|term| term.roles.any(ahead)) {
        return None;
    }
    let to = |at: usize| old.get(at).is_some_and(|term| term.word == "to");
    (1..old.len().saturating_sub(1)).find(|&at| {
        let term = &old[at];
        let marks = match term.word {
            // "Will not sell" and "won't sell" are one.
            "will" => term.flags.case() == Case::Lower && !old[at + 1].roles.any(Roles::NEGATION),
            "set" | "expected" | "poised" | "likely" | "ready" => to(at + 1),
            // "Velmaria to impose", but not "flies from Velmaria to Aldine".
            "to" => {
                at <= 3
                    && diff.old.name(at - 1)
                    && !diff.old.name(at + 1)
                    && diff.old_to_new[at - 1].is_some()
                    && term.flags.mark() == Mark::None
            }
            _ => false,
        };
        // What is left out with the marker says nothing of the rest.
        let told = (at + 1..old.len())
            .any(|at| diff.old_to_new[at].is_some() && Diff::weight(diff.old, at) >= 0.4);
        marks && !term.credit && told
    })
}

/// "Agree to a ceasefire", "ceasefire begins": what was agreed or planned is under way.
pub(crate) fn begun(diff: &Diff<'_>) -> Option<(usize, usize)> {
    let begins = |term: &Term<'_>| WORDS.class_of(term.word).any(Class::BEGINS);
    let ahead = Roles::ATTEMPT.and(Roles::PROSPECTIVE);
    let old = &diff.old.terms;
    if old.iter().any(begins) {
        return None;
    }
    let lost = (0..old.len())
        .find(|&at| diff.old_to_new[at].is_none() && old[at].roles.any(ahead) && at > 0)?;
    Some((lost, diff.added().find(|&at| begins(&diff.new.terms[at]))?))
}

/// "May strike", "strikes": what may be is not what is.
pub(crate) fn doubted(diff: &Diff<'_>) -> Option<(String, String)> {
    let may = |terms: &Terms<'_>, ties: &[Option<(usize, Tie)>], other: &Terms<'_>| {
        (0..terms.terms.len().saturating_sub(1)).find(|&at| {
            matches!(terms.terms[at].word, "may" | "might" | "could")
                && terms.terms[at].flags.case() == Case::Lower
                && ties[at].is_none()
                && !terms.terms[at].credit
                && ties[at + 1].is_some_and(|(meets, _)| {
                    !other.terms[meets.saturating_sub(3)..meets]
                        .iter()
                        .any(|t| t.roles.any(Roles::PROSPECTIVE.and(Roles::HEDGE)))
                })
        })
    };
    let was = may(diff.old, &diff.old_to_new, diff.new);
    let now = may(diff.new, &diff.new_to_old, diff.old);
    let word = |terms: &Terms<'_>, at: Option<usize>| {
        at.map_or(String::new(), |at| terms.terms[at].word.to_owned())
    };
    (was.is_some() != now.is_some()).then(|| (word(diff.old, was), word(diff.new, now)))
}

fn inflected(word: &str) -> bool {
    (word.ends_with('s') && !word.ends_with("ss")) || word.ends_with("ed") || word.ends_with("ing")
}
