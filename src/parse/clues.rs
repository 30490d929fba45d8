//! What spoke for the article's fields: every place that may tell one, in the order in which it is
//! believed. A field is mended by adding a clue to its list.

use std::cell::RefCell;

/// One clue to a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Clue {
    /// The field.
    pub field: &'static str,
    /// Where it was read.
    pub place: &'static str,
    /// What it says there.
    pub says: String,
    /// How likely that is, as a logarithm of the odds, where clues of one list are weighed.
    pub odds: Option<f32>,
    /// The field is what it says.
    pub taken: bool,
}

/// How a page came out as it did.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The probability of belonging to the article, by the 1-based line, of those that were asked.
    pub rows: Vec<(u32, f32)>,
    /// What spoke for each field, most trusted first.
    pub clues: Vec<Clue>,
}

/// Asks the clues to fields, and keeps an account of it where somebody wants one.
#[derive(Debug, Default)]
pub(super) struct Clues(Option<RefCell<Account>>);

/// A place that may tell a field: its name, and what it tells.
pub(super) type Place<'c, T> = (&'static str, &'c dyn Fn() -> Option<T>);

impl Clues {
    /// Keeps an account.
    pub(super) fn accounting() -> Clues {
        Clues(Some(RefCell::default()))
    }

    /// The account, if one was kept.
    pub(super) fn account(self) -> Account {
        self.0.map(RefCell::into_inner).unwrap_or_default()
    }

    /// What the first place says that says anything; the others are asked only for the account.
    pub(super) fn first<T>(
        &self,
        field: &'static str,
        places: &[Place<'_, T>],
        shown: impl Fn(&T) -> String,
    ) -> Option<T> {
        let mut taken = None;
        for (place, ask) in places {
            if taken.is_some() && self.0.is_none() {
                break;
            }
            if let Some(says) = ask() {
                self.note(field, place, None, taken.is_none(), || shown(&says));
                taken = taken.or(Some(says));
            }
        }
        taken
    }

    /// Notes a clue.
    pub(super) fn note(
        &self,
        field: &'static str,
        place: &'static str,
        odds: Option<f32>,
        taken: bool,
        says: impl FnOnce() -> String,
    ) {
        if let Some(account) = &self.0 {
            let clue = Clue { field, place, says: says(), odds, taken };
            account.borrow_mut().clues.push(clue);
        }
    }

    /// Notes the probabilities of rows.
    pub(super) fn rows(&self, rows: impl FnOnce() -> Vec<(u32, f32)>) {
        if let Some(account) = &self.0 {
            account.borrow_mut().rows = rows();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_says_anything_is_taken_and_others_are_asked_for_the_account_alone() {
        let asked = std::cell::Cell::new(0);
        let last = || {
            asked.set(asked.get() + 1);
            Some(3)
        };
        let places: [Place<'_, i32>; 3] =
            [("silent", &|| None), ("first", &|| Some(2)), ("last", &last)];
        let quiet = Clues::default();
        assert_eq!(quiet.first("number", &places, i32::to_string), Some(2));
        assert_eq!((asked.get(), quiet.account().clues.len()), (0, 0));
        let clues = Clues::accounting();
        assert_eq!(clues.first("number", &places, i32::to_string), Some(2));
        let told: Vec<_> =
            clues.account().clues.into_iter().map(|c| (c.place, c.says, c.taken)).collect();
        assert_eq!(told, [("first", "2".to_owned(), true), ("last", "3".to_owned(), false)]);
    }
}
