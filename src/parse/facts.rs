//! What is said of one line by its words alone: a pure function of its bytes, each thing worked out
//! when it is first asked for, and once.
//!
//! Most lines of a site's pages are its furniture and come again on every page, so a worker
//! remembers the lines that came again ([`of`]).

use std::{
    cell::RefCell,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU8, AtomicU32, Ordering},
    },
};

use super::{
    byline,
    date::{self, Dates},
    dateline,
    lexicon::fold,
    measure::{Shape, beginning},
    memo::Memo,
    memory::line_hash,
    pages,
    phrases::spoken,
    source, ticker,
    word::Word,
};

/// What is said of a line; ask by [`Said`].
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Counts.
    pub(super) shape: Shape,
    /// What the word lists say of it.
    pub(super) word: Word,
    /// The hash the site's memory knows it by.
    pub(super) hash: u64,
    /// Answers to yes-no questions: a low bit that it was asked, a high one that it is so.
    answers: AtomicU32,
    spoken: AtomicU8,
    consent: AtomicU8,
    folded: OnceLock<Box<str>>,
    dates: OnceLock<Dates>,
}

/// Nobody has asked for it yet.
const UNASKED: u8 = u8::MAX;

/// The questions, a bit each.
mod ask {
    pub(super) const NAME: u32 = 1;
    pub(super) const LABELLED: u32 = 2;
    pub(super) const DATELINE: u32 = 4;
    pub(super) const MARKER: u32 = 8;
    pub(super) const ADDRESS: u32 = 16;
}

/// Characters of a line's beginning in which it says what it speaks of.
const SPEAKS: usize = 400;

/// A line with what is said of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'p> {
    /// Its text, of which the facts are.
    pub(super) text: &'p str,
    pub(super) facts: &'p Facts,
}

impl Facts {
    fn new(text: &str) -> Facts {
        let shape = Shape::of(text);
        Facts {
            word: Word::of(text, &shape),
            shape,
            hash: line_hash(text),
            spoken: UNASKED.into(),
            consent: UNASKED.into(),
            ..Facts::default()
        }
    }

    /// The line with its facts; `text` must be the one they are of.
    pub(super) fn said<'p>(&'p self, text: &'p str) -> Said<'p> {
        Said { text, facts: self }
    }
}

impl<'p> Said<'p> {
    fn is(self, question: u32, answer: impl FnOnce(&str) -> bool) -> bool {
        let answers = &self.facts.answers;
        let known = answers.load(Ordering::Relaxed);
        if known & question != 0 {
            return known & question << 16 != 0;
        }
        let is = answer(self.text);
        answers.fetch_or(question | if is { question << 16 } else { 0 }, Ordering::Relaxed);
        is
    }

    fn number(self, of: &AtomicU8, count: impl FnOnce(&str) -> u8) -> u8 {
        match of.load(Ordering::Relaxed) {
            UNASKED => {
                let number = count(self.text).min(UNASKED - 1);
                of.store(number, Ordering::Relaxed);
                number
            }
            known => known,
        }
    }

    /// Can it be a person's name?
    pub(super) fn is_name(self) -> bool {
        self.is(ask::NAME, byline::is_name)
    }

    /// Does it open as a byline does?
    pub(super) fn is_labelled(self) -> bool {
        self.is(ask::LABELLED, byline::is_labelled)
    }

    /// Does it open with a place or an agency, as wires' texts do?
    pub(super) fn has_dateline(self) -> bool {
        let default = dateline::Dateline::default();
        self.is(ask::DATELINE, |text| dateline::read(text) != default)
    }

    /// Does it begin as one of the markers of a BREAKING block that no site brings along?
    pub(super) fn may_be_marker(self) -> bool {
        self.is(ask::MARKER, ticker::may_be_marker)
    }

    /// Does an address or a handle stand in it?
    pub(super) fn has_address(self) -> bool {
        self.is(ask::ADDRESS, source::has_address)
    }

    /// What its first 400 characters speak of, as bits of [`speaks`](super::phrases::speaks).
    pub(super) fn spoken(self) -> u8 {
        self.number(&self.facts.spoken, |text| spoken(beginning(text, SPEAKS)))
    }

    /// How many phrases of a banner that asks for consent stand in it; what is over 254 is 254.
    pub(super) fn consent(self) -> u8 {
        self.number(&self.facts.consent, |text| {
            u8::try_from(pages::consent(text)).unwrap_or(u8::MAX)
        })
    }

    /// As it is compared with the word lists.
    pub(super) fn folded(self) -> &'p str {
        self.facts.folded.get_or_init(|| fold(self.text).into())
    }

    /// What its dates are, as far as no language tells.
    pub(super) fn dates(self) -> Dates {
        *self.facts.dates.get_or_init(|| date::dates(self.text))
    }
}

thread_local! {
    static MEMO: RefCell<Memo<Arc<Facts>>> = RefCell::default();
}

/// What is said of a line.
pub(super) fn of(text: &str) -> Arc<Facts> {
    MEMO.with_borrow_mut(|memo| memo.of(text, |text| Arc::new(Facts::new(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that can be asked of a line, twice: what was asked first changes nothing.
    fn asked(facts: &Facts, text: &str) -> String {
        let said = facts.said(text);
        let ask = || {
            format!(
                "{:?} {:?} {} {} {} {} {} {} {} {} {} {:?}",
                facts.shape,
                facts.word,
                facts.hash,
                said.is_name(),
                said.is_labelled(),
                said.has_dateline(),
                said.may_be_marker(),
                said.has_address(),
                said.spoken(),
                said.consent(),
                said.folded(),
                said.dates()
            )
        };
        let first = ask();
        assert_eq!(ask(), first);
        first
    }

    proptest::proptest! {
        #[test]
        fn a_remembered_line_says_what_a_new_one_does(
            lines in proptest::collection::vec(
                "(By |BREAKING: |PARIS \\(AP\\) - )?[A-Za-zÀ-ÿ .,:0-9/@]{0,30}", 1..20,
            ),
        ) {
            for text in lines.iter().chain(&lines).chain(&lines) {
                let new = Facts::new(text);
                proptest::prop_assert_eq!(asked(&of(text), text), asked(&new, text));
            }
        }
    }
}
