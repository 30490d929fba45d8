//! What `q` asks for, in one normal form.

use jiff::Timestamp;

use crate::item::{EventId, Kind};

use super::words::{self, Field, Words};

/// What `q` asks for: `sirens "port amal" -drill`, `(fire OR blaze) source:"Harbour Daily"`,
/// `headline:evacu* urgency:<=2 since:-6h`.
///
/// A word means the whole canonical word in headline, attribution, standfirst or body; `word*`
/// its beginning; `"a phrase"` the words in a row; `-` or `NOT` what must not be there; `field:`
/// one field, of one term or of all in brackets. Terms side by side must all hold, `AND` between
/// them or not; `OR` stands between alternatives and binds less; brackets bind most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Query(pub(super) Expr);

/// A query as a tree in normal form: no `All` in an `All`, no `Any` in an `Any`, neither of one
/// alone, and the members of each in one order and once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Expr {
    /// All of these hold. Of none: always.
    All(Vec<Expr>),
    /// One of these holds.
    Any(Vec<Expr>),
    /// This does not hold.
    Not(Box<Expr>),
    /// A single condition.
    Term(Term),
}

/// A single condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// Canonical words after a space and, unless the last is a beginning only, before one: what
    /// must be found in a field's words.
    Words {
        /// The field, or nothing for the text: headline, attribution, standfirst and body.
        field: Option<Field>,
        /// The words.
        needle: String,
    },
    /// A ticker line, or an article.
    Kind(Kind),
    /// Why it was told, by its word in JSON.
    Action(&'static str),
    /// Who published it, by the whole canonical name or host.
    Publisher(String),
    /// The language, lower case: `en` takes `en-GB` too.
    Language(String),
    /// Told then or later.
    Since(Timestamp),
    /// Told then or before.
    Until(Timestamp),
    /// How urgent it is.
    Urgency(super::Cmp, u32),
    /// How many independent origins tell it.
    Origins(super::Cmp, u32),
    /// An update that changed so much, by its word in JSON.
    Size(&'static str),
    /// Of this story.
    Thread(EventId),
    /// Something that is so, or not.
    Flag(Flag, bool),
}

/// What is so of an event, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flag {
    /// Old news when it was told.
    Stale,
    /// Told while catching up on pages that lay in the folder.
    Backfill,
}

impl Default for Expr {
    fn default() -> Self {
        Expr::All(Vec::new())
    }
}

impl Expr {
    pub(super) fn all(parts: Vec<Expr>) -> Expr {
        let mut all = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Expr::All(inner) => all.extend(inner),
                other => all.push(other),
            }
        }
        all.sort();
        all.dedup();
        if all.len() == 1 { all.swap_remove(0) } else { Expr::All(all) }
    }

    pub(super) fn any(parts: Vec<Expr>) -> Expr {
        let mut any = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Expr::Any(inner) => any.extend(inner),
                other => any.push(other),
            }
        }
        any.sort();
        any.dedup();
        if any.len() == 1 { any.swap_remove(0) } else { Expr::Any(any) }
    }

    pub(super) fn negated(self) -> Expr {
        match self {
            Expr::Not(inner) => *inner,
            other => Expr::Not(Box::new(other)),
        }
    }

    /// Whether a term that `is` so stands anywhere in it.
    pub fn mentions(&self, is: fn(&Term) -> bool) -> bool {
        match self {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().any(|part| part.mentions(is)),
            Expr::Not(part) => part.mentions(is),
            Expr::Term(term) => is(term),
        }
    }

    /// Whether it holds of the event these words are of.
    pub fn holds(&self, words: &Words<'_>) -> bool {
        match self {
            Expr::All(all) => all.iter().all(|part| part.holds(words)),
            Expr::Any(any) => any.iter().any(|part| part.holds(words)),
            Expr::Not(part) => !part.holds(words),
            Expr::Term(term) => term.holds(words),
        }
    }
}

impl Query {
    /// Whether it takes the event these words are of.
    pub fn matches(&self, words: &Words<'_>) -> bool {
        self.0.holds(words)
    }

    /// What it asks for, as a tree.
    pub fn expr(&self) -> &Expr {
        &self.0
    }
}

impl Term {
    fn holds(&self, words: &Words<'_>) -> bool {
        let event = words.event();
        match self {
            Term::Words { field, needle } => {
                let found_in =
                    |text: &str| memchr::memmem::find(text.as_bytes(), needle.as_bytes()).is_some();
                match field {
                    Some(Field::Source) => {
                        found_in(words.field(Field::Source)) || found_in(words.host())
                    }
                    Some(field) => found_in(words.field(*field)),
                    None => Field::TEXT.into_iter().any(|field| found_in(words.field(field))),
                }
            }
            Term::Kind(kind) => event.kind() == *kind,
            Term::Action(action) => event.action.as_str() == *action,
            Term::Publisher(name) => words.is_source(name),
            Term::Language(want) => {
                event.item.language().is_some_and(|tag| words::speaks(tag, want))
            }
            Term::Since(since) => event.time >= *since,
            Term::Until(until) => event.time <= *until,
            Term::Urgency(cmp, to) => cmp.holds(u32::from(event.item.urgency()), *to),
            Term::Origins(cmp, to) => cmp.holds(words.origins(), *to),
            Term::Size(size) => {
                event.change.as_ref().is_some_and(|change| change.size.as_str() == *size)
            }
            Term::Thread(thread) => event.thread == *thread,
            Term::Flag(Flag::Stale, yes) => event.stale == *yes,
            Term::Flag(Flag::Backfill, yes) => event.backfill == *yes,
        }
    }
}
