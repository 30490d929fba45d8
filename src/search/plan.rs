//! What a filter asks for → a question to the full-text table, and an event → its row there.
//!
//! What is no text stands in the column `facts` as words such as `kind=ticker`; `all` stands in
//! every row, because the full-text engine can take away only from something.

use crate::{
    filter::{Expr, Field, Flag, Term, Words},
    item::Event,
};

/// A question to the full-text table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// In the engine's language.
    pub(super) text: String,
    /// Whether it finds exactly what is asked for; otherwise it finds that and more.
    exact: bool,
}

/// The most urgent and the least: more than the scale has.
const URGENCIES: std::ops::RangeInclusive<u32> = 0..=9;

impl Plan {
    /// The question that finds everything `expr` takes.
    pub(super) fn of(expr: &Expr) -> Self {
        match expr {
            Expr::All(all) => Plan::of_all(all),
            Expr::Any(any) => {
                let any: Vec<Plan> = any.iter().map(Plan::of).collect();
                Plan { exact: any.iter().all(|part| part.exact), text: joined(any.iter(), " OR ") }
            }
            Expr::Not(_) => Plan::of_all(std::slice::from_ref(expr)),
            Expr::Term(term) => Plan::of_term(term),
        }
    }

    /// What is left out is taken from what must be there.
    fn of_all(all: &[Expr]) -> Self {
        let mut exact = true;
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for part in all {
            let (list, plan) = match part {
                Expr::Not(part) => (&mut without, Plan::of(part)),
                part => (&mut with, Plan::of(part)),
            };
            exact &= plan.exact;
            // What finds more than it should can't be taken away.
            let leaves_out = matches!(part, Expr::Not(_));
            if plan.exact || !leaves_out {
                list.push(plan);
            }
        }
        if with.is_empty() {
            with.push(Plan::all());
        }
        let mut text = joined(with.iter(), " AND ");
        if !without.is_empty() {
            text = format!("({text} NOT {})", joined(without.iter(), " OR "));
        }
        Plan { text, exact }
    }

    fn of_term(term: &Term) -> Self {
        let fact = |fact: &str| Plan { text: facts(fact), exact: true };
        match term {
            Term::Words { field, needle } => {
                let columns = match field {
                    None => "{headline attribution standfirst body}",
                    Some(Field::Source) => "{source host}",
                    Some(field) => field.as_str(),
                };
                let words = needle.trim().replace('"', "\"\"");
                let beginning = if needle.ends_with(' ') { "" } else { " *" };
                Plan { text: format!("{columns} : \"{words}\"{beginning}"), exact: true }
            }
            Term::Kind(kind) => fact(&format!("kind={}", kind.as_str())),
            Term::Action(action) => fact(&format!("action={action}")),
            Term::Language(tag) => fact(&format!("lang={tag}")),
            Term::Publisher(name) => fact(&publisher(name)),
            Term::Size(size) => fact(&format!("size={size}")),
            Term::Thread(thread) => fact(&format!("thread={thread}")),
            Term::Flag(flag, yes) => fact(&flagged(*flag, *yes)),
            Term::Urgency(cmp, to) => {
                let met = URGENCIES.filter(|urgency| cmp.holds(*urgency, *to));
                let met: Vec<Plan> =
                    met.map(|urgency| fact(&format!("urgency={urgency}"))).collect();
                if met.is_empty() {
                    return fact("none");
                }
                Plan { text: joined(met.iter(), " OR "), exact: true }
            }
            // Who has told what is counted on the wire, and looked up there.
            Term::Origins(..) => Plan { exact: false, ..Plan::all() },
            // What is told between two moments lies between two positions, which is no matter of
            // words.
            Term::Since(_) | Term::Until(_) => Plan { exact: false, ..Plan::all() },
        }
    }

    fn all() -> Self {
        Plan { text: facts("all"), exact: true }
    }
}

fn joined<'a>(plans: impl Iterator<Item = &'a Plan>, with: &str) -> String {
    let texts: Vec<&str> = plans.map(|plan| plan.text.as_str()).collect();
    if let [text] = texts[..] { text.to_owned() } else { format!("({})", texts.join(with)) }
}

fn facts(fact: &str) -> String {
    format!("facts : \"{fact}\"")
}

fn flagged(flag: Flag, yes: bool) -> String {
    let flag = match flag {
        Flag::Stale => "stale",
        Flag::Backfill => "backfill",
    };
    format!("{flag}={}", if yes { "yes" } else { "no" })
}

/// The whole canonical name of a source as one word.
fn publisher(name: &str) -> String {
    format!("source={}", name.replace(' ', "_"))
}

/// Between two phrases in one column: a sign of no script, which no query can hold.
const BREAK: &str = " \u{10fffd} ";

/// A field's words as they stand in its column.
pub(super) fn indexed(field: &str) -> String {
    field.replace("  ", BREAK)
}

/// The words in `facts` for an event.
pub(super) fn facts_of(event: &Event, words: &Words<'_>) -> String {
    let mut facts = vec![
        "all".to_owned(),
        format!("kind={}", event.kind().as_str()),
        format!("action={}", event.action.as_str()),
        format!("urgency={}", u32::from(event.item.urgency()).min(*URGENCIES.end())),
        format!("thread={}", event.thread),
        flagged(Flag::Stale, event.stale),
        flagged(Flag::Backfill, event.backfill),
    ];
    if let Some(tag) = event.item.language() {
        let tag = tag.to_ascii_lowercase();
        let ends = tag.match_indices('-').map(|(at, _)| at).chain([tag.len()]);
        facts.extend(ends.map(|end| format!("lang={}", &tag[..end])));
    }
    for name in [words.field(Field::Source), words.host()] {
        if !name.is_empty() {
            facts.push(publisher(name.trim()));
        }
    }
    if let Some(change) = &event.change {
        facts.push(format!("size={}", change.size.as_str()));
    }
    if let Some(supersedes) = &event.supersedes {
        facts.push(quotes(supersedes.id));
    }
    if let Some(of) = &event.corroborates {
        facts.push(quotes(of.id));
    }
    facts.join(" ")
}

/// Marks an event that may quote the one of that id.
fn quotes(id: crate::item::EventId) -> String {
    format!("quotes={id}")
}

/// The question for all events that may quote the one of that id.
pub(super) fn quoting(id: crate::item::EventId) -> String {
    facts(&quotes(id))
}
