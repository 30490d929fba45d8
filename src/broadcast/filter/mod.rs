//! Which events a subscriber wants.

mod query;
mod words;

use crate::item::{Action, Event, Kind};

pub use query::BadQuery;
pub(super) use query::Query;
pub use words::Words;

/// A filter in one normal form: two that ask for the same in another order are equal.
///
/// Withdrawals pass every filter: who was told something, perhaps under another filter, must learn
/// that it no longer holds.
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
    /// True where every event passes.
    pub fn is_everything(&self) -> bool {
        *self == Filter::default()
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
        insert(&mut self.sources, words::canonical(source));
    }

    /// Adds a language by its BCP 47 tag.
    pub fn language(&mut self, tag: &str) {
        insert(&mut self.languages, tag.to_ascii_lowercase());
    }

    /// Leaves out backfill, or not.
    pub fn backfill(&mut self, wanted: bool) {
        self.no_backfill = !wanted;
    }

    /// Wants what matches `text` (words, `word*`, `"a phrase"`, `-not`, `OR`, `field:value`).
    ///
    /// # Errors
    /// What of it can't be understood, and what to write.
    pub fn query(&mut self, text: &str) -> Result<(), BadQuery> {
        self.query = text.parse()?;
        Ok(())
    }

    /// Whether an event passes. `words` are the event's own, made once for many filters.
    pub fn passes(&self, event: &Event, words: &Words<'_>) -> bool {
        if event.action == Action::Withdrawn {
            return true;
        }
        if !self.kinds.is_empty() && !self.kinds.contains(&event.kind()) {
            return false;
        }
        if !self.languages.is_empty() {
            let Some(tag) = event.item.language() else { return false };
            let speaks = |want: &String| {
                tag.get(..want.len()).is_some_and(|head| head.eq_ignore_ascii_case(want))
                    && matches!(tag.as_bytes().get(want.len()), None | Some(b'-'))
            };
            if !self.languages.iter().any(speaks) {
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
