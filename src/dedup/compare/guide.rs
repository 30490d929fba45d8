//! Lines that head no news but a guide to it: "Who is Ana Varga?", "What we know about the blaze",
//! "How to watch the launch". What they are about has been told, or will be; neither repeats the
//! other.

use super::terms::Terms;
use crate::dedup::read::{
    line::{Case, Mark},
    words::{Class, WORDS},
};

/// Whether the line asks or explains instead of telling what happened, up to the
/// word at `end`.
pub(crate) fn guides(terms: &Terms<'_>, end: usize) -> bool {
    let all = &terms.terms;
    (0..all.len().min(end + 1)).filter(|&at| !all[at].flags.quoted()).any(|at| {
        let term = &all[at];
        let class = WORDS.class_of(term.word);
        // A statement begins: at the head of the line, after a colon or a stop, or after who says it.
        let begins = at == 0
            || matches!(term.flags.mark(), Mark::Colon | Mark::Stop)
            || all[at - 1].credit && !term.credit;
        // "WHO declares …"
        let upper = |at: usize| all.get(at).is_some_and(|term| term.flags.case() == Case::Upper);
        let spelled = !upper(at) || upper(at + 1);
        begins && spelled && class.any(Class::QUESTION)
            // "Clashes at the border – what we know", not "– who says so".
            || term.flags.mark() == Mark::Dash && class.any(Class::EXPLAINS)
            // "Can the pier be saved?"
            || at == 0 && class.any(Class::ASKS)
            || WORDS.guides(all[at..].iter().map(|term| term.word))
    })
}
