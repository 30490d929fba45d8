//! Lines that head no news but a guide to it: "Who is Ana Varga?", "What we know about the blaze",
//! "How to watch the launch". What they are about has been told, or will be; neither repeats the
//! other.

use super::terms::Terms;
use crate::dedup::read::line::{Case, Mark};

/// Whether the line asks or explains instead of telling what happened, up to the
/// word at `end`.
pub(crate) fn guides(terms: &Terms<'_>, end: usize) -> bool {
    let all = &terms.terms;
    let word = |at: usize| all.get(at).map_or("", |term| term.word);
    (0..all.len().min(end + 1)).filter(|&at| !all[at].flags.quoted()).any(|at| {
        let term = &all[at];
        // A statement begins: at the head of the line, after a colon or a stop, or after who says it.
        let begins = at == 0
            || term.flags.mark() == Mark::Colon
            || term.flags.mark() == Mark::Stop
            || all[at - 1].credit && !term.credit;
        // "WHO declares …"
        let upper = |at: usize| all.get(at).is_some_and(|term| term.flags.case() == Case::Upper);
        let spelled = !upper(at) || upper(at + 1);
        let asks = begins
            && spelled
            && matches!(term.word, "who" | "what" | "why" | "how" | "when" | "where" | "which");
        // "Clashes at the border – what we know", not "– who says so".
        let explains =
            term.flags.mark() == Mark::Dash && matches!(term.word, "what" | "why" | "how");
        // "Can the pier be saved?"
        let whether = at == 0
            && matches!(
                term.word,
                "can"
                    | "could"
                    | "did"
                    | "do"
                    | "does"
                    | "is"
                    | "are"
                    | "should"
                    | "will"
                    | "would"
            );
        asks || explains
            || whether
            || matches!(
                (term.word, word(at + 1), word(at + 2)),
                ("what", "we", "know")
                    | ("what", "to", "know" | "expect" | "watch")
                    | ("need" | "things", "to", "know")
                    | ("how", "to", "watch" | "follow")
                    | ("heres" | "here", "how" | "what" | "why", _)
            )
    })
}
