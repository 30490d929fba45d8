//! What a reader wants: `q` and the parameters beside it. The same for subscribers, search and
//! every other reader of the wire.

mod params;
mod query;
mod read;
#[cfg(test)]
pub(crate) mod tests;
mod when;
mod words;

use jiff::Timestamp;

use crate::item::{Action, Event, Kind};

pub use params::{BadParameter, moment};
pub use query::{Expr, Flag, Query, Term};
pub use read::BadQuery;
pub use when::Cmp;
pub use words::{Field, Words, canonical, is_unspaced};

/// A filter in one normal form: two that ask for the same in another order are equal.
///
/// Withdrawals pass every filter: who was told something, perhaps under another filter, must learn
/// that it no longer holds. That a second origin tells something passes only one that asks for
/// `corroborated` or counts origins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Ticker lines or articles; empty means both.
    kinds: Vec<Kind>,
    /// Empty means all.
    actions: Vec<&'static str>,
    /// Names or hosts of sources in canonical form; empty means all.
    sources: Vec<String>,
    /// Languages, lower case: `en` takes `en-GB` too; empty means all.
    languages: Vec<String>,
    /// Leaves out what was told while catching up on pages that lay in the folder.
    no_backfill: bool,
    query: Query,
}

impl Filter {
    /// True where every event passes that nobody must ask for.
    pub fn is_everything(&self) -> bool {
        *self == Filter::default()
    }

    /// True where it can be told without looking closer that this event passes.
    pub fn passes_unseen(&self, event: &Event) -> bool {
        self.is_everything() && event.action != Action::Corroborated
    }

    /// Whether it depends on how many origins tell an event.
    pub fn counts_origins(&self) -> bool {
        self.query.expr().mentions(|term| matches!(term, Term::Origins(..)))
    }

    /// Whether it asks to be told what a second origin tells.
    fn names_corroborated(&self) -> bool {
        const WORD: &str = "corroborated";
        self.actions.contains(&WORD)
            || self.query.expr().mentions(|term| matches!(term, Term::Action(WORD)))
    }

    /// Adds a kind to those wanted.
    pub fn kind(&mut self, kind: Kind) {
        insert(&mut self.kinds, kind);
    }

    /// Adds an action to those wanted.
    pub fn action(&mut self, action: Action) {
        insert(&mut self.actions, action.as_str());
    }

    /// Adds a source by its name or host.
    pub fn source(&mut self, source: &str) {
        insert(&mut self.sources, canonical(source));
    }

    /// Adds a language by its BCP 47 tag.
    pub fn language(&mut self, tag: &str) {
        insert(&mut self.languages, tag.to_ascii_lowercase());
    }

    /// Leaves out backfill, or not.
    pub fn backfill(&mut self, wanted: bool) {
        self.no_backfill = !wanted;
    }

    /// Wants what matches `text`, read at `now`: see [`Query`].
    ///
    /// # Errors
    /// What of it can't be understood, where, and what to write.
    pub fn query(&mut self, text: &str, now: Timestamp) -> Result<(), BadQuery> {
        self.query = Query::read(text, now)?;
        Ok(())
    }

    /// What [`wants`][Self::wants] takes, as one tree.
    pub fn expr(&self) -> Expr {
        let one_of = |terms: Vec<Term>| {
            let any = terms.into_iter().map(Expr::Term).collect::<Vec<_>>();
            (!any.is_empty()).then(|| Expr::any(any))
        };
        let actions = self.actions.iter().map(|action| Term::Action(action));
        let all = [
            one_of(self.kinds.iter().copied().map(Term::Kind).collect()),
            one_of(actions.collect()),
            one_of(self.sources.iter().cloned().map(Term::Publisher).collect()),
            one_of(self.languages.iter().cloned().map(Term::Language).collect()),
            self.no_backfill.then_some(Expr::Term(Term::Flag(Flag::Backfill, false))),
            Some(self.query.expr().clone()),
        ];
        Expr::all(all.into_iter().flatten().collect())
    }

    /// Whether an event passes. `words` are the event's own, made once for many filters.
    pub fn passes(&self, event: &Event, words: &Words<'_>) -> bool {
        match event.action {
            Action::Withdrawn => true,
            Action::Corroborated => {
                (self.counts_origins() || self.names_corroborated()) && self.takes(event, words)
            }
            _ => self.takes(event, words),
        }
    }

    /// Whether an event is what is asked for: as [`passes`][Self::passes], but of withdrawals too
    /// only those that are, and what is corroborated once: the event itself, whose origins are
    /// counted. For who looks for something, not for who keeps what was told.
    pub fn wants(&self, event: &Event, words: &Words<'_>) -> bool {
        let asked = event.action != Action::Corroborated || self.names_corroborated();
        asked && self.takes(event, words)
    }

    fn takes(&self, event: &Event, words: &Words<'_>) -> bool {
        if !self.kinds.is_empty() && !self.kinds.contains(&event.kind()) {
            return false;
        }
        if !self.languages.is_empty() {
            let Some(tag) = event.item.language() else { return false };
            if !self.languages.iter().any(|want| words::speaks(tag, want)) {
                return false;
            }
        }
        if !self.sources.is_empty() && !self.sources.iter().any(|source| words.is_source(source)) {
            return false;
        }
        if !self.actions.is_empty() && !self.actions.contains(&event.action.as_str()) {
            return false;
        }
        !(self.no_backfill && event.backfill) && self.query.matches(words)
    }
}

fn insert<T: Ord>(set: &mut Vec<T>, value: T) {
    if let Err(at) = set.binary_search(&value) {
        set.insert(at, value);
    }
}
