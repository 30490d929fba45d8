//! The rules: what two lines laid side by side mean. The first that fires decides; where none is
//! sure, the line is told.

use super::{Decision, slots::Diff, terms::Terms, tokens::Mark, words::Roles};

/// What the rules say of a line against one earlier line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ruling {
    pub(super) decision: Decision,
    pub(super) rule: &'static str,
    pub(super) differs: Vec<String>,
    /// How alike the two are, 0 to 1.
    pub(super) score: f32,
}

fn ruling(decision: Decision, rule: &'static str, differs: Vec<String>, diff: &Diff<'_>) -> Ruling {
    Ruling { decision, rule, differs, score: diff.old_covered.min(diff.new_covered) }
}

/// Where both lines must agree before one may be the other's update.
const CLOSE: f32 = 0.55;

/// Rules on a diff.
pub(super) fn rule(diff: &Diff<'_>) -> Ruling {
    let (old, new) = (diff.old, diff.new);
    let alike = diff.old_covered.max(diff.new_covered);
    let both = diff.old_covered.min(diff.new_covered);
    let close = both >= CLOSE && diff.shared >= 2.0;
    let kin = |rule: &'static str, differs: Vec<String>| {
        let decision = if diff.shared >= 3.0 && both >= 0.34 && alike >= 0.45 {
            Decision::Related
        } else {
            Decision::New
        };
        ruling(decision, rule, differs, diff)
    };
    let update = |rule: &'static str, differs: Vec<String>| {
        if close { ruling(Decision::Update, rule, differs, diff) } else { kin(rule, differs) }
    };
    let was = |at: usize| old.terms[at].word.to_string();
    let now = |at: usize| new.terms[at].word.to_string();

    // Who says it.
    if let Some((a, b)) = speakers_differ(diff) {
        return kin("another speaker", vec![format!("speaker {a} → {b}")]);
    }
    // The opposite.
    let negated =
        |terms: &Terms| terms.terms.iter().filter(|t| t.roles.any(Roles::NEGATION)).count() % 2;
    if negated(old) != negated(new) {
        return kin("negation", vec!["negation".into()]);
    }
    if let Some((a, b)) = diff.opposites() {
        return kin("opposite", vec![format!("{} → {}", was(a), now(b))]);
    }
    if diff.swapped() {
        return kin("roles swapped", vec!["order of names".into()]);
    }
    // Figures.
    let figures =
        |at: &usize, terms: &Terms| terms.terms[*at].figure.is_some() && !terms.terms[*at].credit;
    let lost: Vec<usize> = diff.dropped().filter(|at| figures(at, old)).collect();
    let found: Vec<usize> = diff.added().filter(|at| figures(at, new)).collect();
    if let Some(&found) = found.iter().find(|&&at| !year_beside_day(new, at)) {
        return match lost.first() {
            Some(&lost) => {
                update("figure changed", vec![format!("figure {} → {}", was(lost), now(found))])
            }
            None => update("figure added", vec![format!("figure {}", now(found))]),
        };
    }
    for (role, name) in [(Roles::ORDINAL, "ordinal"), (Roles::DAY, "day"), (Roles::MONTH, "month")]
    {
        let mut lost = diff.dropped().filter(|&at| old.terms[at].roles.any(role));
        let mut found = diff.added().filter(|&at| new.terms[at].roles.any(role));
        match (lost.next(), found.next()) {
            (Some(a), Some(b)) => {
                return kin(name, vec![format!("{name} {} → {}", was(a), now(b))]);
            }
            (None, Some(b)) if role == Roles::ORDINAL => {
                return update(name, vec![format!("{name} {}", now(b))]);
            }
            _ => {}
        }
    }
    // What lay ahead has happened.
    if let Some((a, b)) = came_true(diff) {
        return update("came true", vec![format!("{} → {}", was(a), now(b))]);
    }
    // An answer to what was told.
    if let Some(at) = diff.added().find(|&at| new.terms[at].roles.any(Roles::REACTION)) {
        return update("reaction", vec![format!("+{}", now(at))]);
    }
    // Names.
    let lost: Vec<usize> =
        diff.dropped().filter(|&at| old.name(at) && !old.terms[at].credit).collect();
    let found: Vec<usize> = diff
        .added()
        .filter(|&at| new.name(at) && !new.terms[at].credit && !qualifies(diff, at))
        .collect();
    match (lost.first(), found.first()) {
        (Some(&a), Some(&b)) => {
            return kin("another name", vec![format!("name {} → {}", was(a), now(b))]);
        }
        (None, Some(&b)) => return update("name added", vec![format!("name {}", now(b))]),
        _ => {}
    }
    let added: Vec<usize> = diff.added().filter(|&at| content(new, at)).collect();
    let dropped: Vec<usize> = diff.dropped().filter(|&at| content(old, at)).collect();
    let list = |sign: char, terms: &Terms, at: &[usize]| -> Vec<String> {
        at.iter().map(|&at| format!("{sign}{}", terms.terms[at].word)).collect()
    };
    let differs = || [list('-', old, &dropped), list('+', new, &added)].concat();
    if added.is_empty() && dropped.is_empty() {
        return ruling(Decision::Repeat, "same words", vec![], diff);
    }
    if old.cut || new.cut {
        return update("too long to compare", differs());
    }
    if added.is_empty() {
        return if diff.shared >= 3.0 && diff.old_covered >= 0.4 {
            ruling(Decision::Repeat, "shorter", differs(), diff)
        } else {
            kin("shorter", differs())
        };
    }
    // Told on after the end of the old line.
    if let Some(last) = diff.last_shared() {
        let tail: Vec<usize> = added.iter().copied().filter(|&at| at > last).collect();
        if tail.len() >= 2
            || (tail.len() == 1
                && added.len() == 1
                && new.terms[tail[0]].flags.mark() != Mark::None)
        {
            let lead = new.terms[last + 1..=tail[0]]
                .iter()
                .find(|t| t.roles.any(Roles::BACKGROUND.and(Roles::ADDITION)));
            let background = lead.is_some_and(|t| t.roles.any(Roles::BACKGROUND));
            if !background && diff.old_covered >= 0.7 {
                return update("told on", differs());
            }
        }
    }
    if dropped.is_empty() && diff.old_covered >= 0.95 && added.len() <= 4 {
        return ruling(Decision::Repeat, "filled in", differs(), diff);
    }
    if both >= 0.7 && diff.shared >= 3.0 && added.len() <= 3 {
        return ruling(Decision::Repeat, "reworded", differs(), diff);
    }
    kin("other words", differs())
}

fn content(terms: &Terms, at: usize) -> bool {
    let term = &terms.terms[at];
    !term.credit
        && !term
            .roles
            .any(Roles::ATTRIBUTION.and(Roles::TITLE).and(Roles::VAGUE).and(Roles::PROSPECTIVE))
}

/// Both lines say who tells it, and they name nobody in common.
fn speakers_differ(diff: &Diff<'_>) -> Option<(String, String)> {
    if diff.old.speaker.is_empty() || diff.new.speaker.is_empty() {
        return None;
    }
    let meets = diff.old.speaker.iter().any(|&at| diff.old_to_new[at].is_some())
        || diff.new.speaker.iter().any(|&at| diff.new_to_old[at].is_some());
    if meets {
        return None;
    }
    let join = |terms: &Terms| {
        terms.speaker.iter().map(|&at| &*terms.terms[at].word).collect::<Vec<_>>().join(" ")
    };
    Some((join(diff.old), join(diff.new)))
}

/// A year after a day or month only says more exactly what was said.
fn year_beside_day(terms: &Terms, at: usize) -> bool {
    let year = terms.terms[at].figure.is_some_and(|f| {
        f.unit == '\0' && f.value.fract() == 0.0 && (1900.0..2100.0).contains(&f.value)
    });
    year && terms.terms[at.saturating_sub(2)..at]
        .iter()
        .any(|t| t.roles.any(Roles::MONTH.and(Roles::DAY)))
}

/// "to resign" in the old line, "resigns" in the new.
fn came_true(diff: &Diff<'_>) -> Option<(usize, usize)> {
    for (at, tie) in diff.old_to_new.iter().enumerate() {
        let Some((new, _)) = *tie else { continue };
        let term = &diff.old.terms[at];
        if term.roles.any(Roles::FUNCTION) || term.figure.is_some() || diff.old.name(at) || at == 0
        {
            continue;
        }
        let ahead = |terms: &Terms, at: usize| {
            terms.terms[at.saturating_sub(2)..at].iter().any(|t| t.roles.any(Roles::PROSPECTIVE))
        };
        if ahead(diff.old, at) && !ahead(diff.new, new) && term.word != diff.new.terms[new].word {
            return Some((at, new));
        }
    }
    None
}

/// A name that only qualifies another word both lines have: a first name, a people's adjective, the company of a
/// possessive. It stands directly before or after a shared word, not at the end of the line.
fn qualifies(diff: &Diff<'_>, at: usize) -> bool {
    let terms = &diff.new.terms;
    let next = terms.get(at + 1);
    let beside = |n: usize| diff.new_to_old.get(n).is_some_and(Option::is_some);
    let plain = next.is_some_and(|t| t.flags.mark() == Mark::None && !t.roles.any(Roles::FUNCTION));
    (plain && beside(at + 1))
        || (at > 0
            && beside(at - 1)
            && diff.new.name(at - 1)
            && terms[at].flags.mark() == Mark::None)
}
