//! What lay ahead in the old line and is settled in the new one.

use super::slots::Diff;
use crate::dedup::{
    read::line::{Case, Mark},
    read::roles::Roles,
    read::words::{Class, WORDS},
};

/// "to resign" in the old line, "resigns" in the new.
pub(crate) fn came_true(diff: &Diff<'_>) -> Option<(usize, usize)> {
    let decision = WORDS.know("decide").group;
    let was = |at: usize| &diff.old.terms[at];
    // Whether the new line, too, says that it lies ahead.
    let ahead = |new: usize| {
        diff.new.terms[new.saturating_sub(6)..new].iter().any(|t| t.roles.any(Roles::PROSPECTIVE))
    };
    diff.old_to_new.iter().enumerate().skip(1).find_map(|(at, tie)| {
        let (new, _) = (*tie)?;
        let (term, now) = (was(at), &diff.new.terms[new]);
        if term.roles.any(Roles::FUNCTION) || term.figure.is_some() || diff.old.name(at) {
            return None;
        }
        // "To be sued" in the old line: its form says nothing, the "be" before it does.
        let passive =
            at >= 2 && was(at - 1).word == "be" && was(at - 2).roles.any(Roles::PROSPECTIVE);
        if !passive && (inflected(term.word) || term.word == now.word) {
            return None;
        }
        // The marker stands right before the verb, an adverb between them at most.
        let marker =
            (at.saturating_sub(2)..at).rev().find(|&n| was(n).roles.any(Roles::PROSPECTIVE))?;
        // "Decides to keep", "decision keeps": what governs the act stands in both lines.
        if marker > 0
            && diff.old_to_new[marker - 1].is_some()
            && !diff.old.name(marker - 1)
            && !was(marker - 1).roles.any(Roles::FUNCTION.and(Roles::TITLE))
            && was(marker).word == "to"
            && WORDS.alike(was(marker - 1).group, decision)
        {
            return None;
        }
        if marker + 2 == at && !passive && !was(at - 1).word.ends_with("ly") {
            return None;
        }
        // "A law to cut taxes", "law cutting taxes": what it is for, not what has happened.
        let purpose = now.word.ends_with("ing")
            && new > 0
            && marker > 0
            && diff.old_to_new[marker - 1].is_some_and(|(meets, _)| meets == new - 1);
        (!ahead(new) && !purpose && inflected(now.word)).then_some((at, new))
    })
}

/// "Velmaria to impose duties", "Velmaria hits ferries with duties": what lay ahead in the old line
/// lies ahead in the new one no more, by whatever verb it is told.
pub(crate) fn settled(diff: &Diff<'_>) -> Option<usize> {
    let (old, new) = (&diff.old.terms, &diff.new.terms);
    let ahead = Roles::PROSPECTIVE.and(Roles::ATTEMPT).and(Roles::HEDGE);
    if new.iter().any(|term| term.roles.any(ahead)) {
        return None;
    }
    (1..old.len().saturating_sub(1)).find(|&at| {
        let term = &old[at];
        let marks = if WORDS.class_of(term.word).any(Class::SET) {
            old[at + 1].word == "to"
        } else {
            match term.word {
                // "Will not sell" and "won't sell" are one.
                "will" => {
                    term.flags.case() == Case::Lower && !old[at + 1].roles.any(Roles::NEGATION)
                }
                // "Velmaria to impose", but not "flies from Velmaria to Aldine".
                "to" => {
                    at <= 3
                        && diff.old.name(at - 1)
                        && !diff.old.name(at + 1)
                        && diff.old_to_new[at - 1].is_some()
                        && term.flags.mark() == Mark::None
                }
                _ => false,
            }
        };
        // What is left out with the marker says nothing of the rest.
        let told = (at + 1..old.len())
            .any(|at| diff.old_to_new[at].is_some() && Diff::weight(diff.old, at) >= 0.4);
        marks && !term.credit && told
    })
}

fn inflected(word: &str) -> bool {
    (word.ends_with('s') && !word.ends_with("ss")) || word.ends_with("ed") || word.ends_with("ing")
}
