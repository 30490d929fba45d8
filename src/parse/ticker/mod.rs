//! Ticker lines: what makes a block of lines a BREAKING block, and what a line of it says.
//! Used by text and HTML pages alike.

mod accept;
mod attribution;
mod marker;

pub(super) use accept::{
    MOST_LINES, Verdict, accept, accept_prefixed, accept_under, is_flash, is_price,
};
pub(super) use attribution::{Attributed, split};
pub(super) use marker::{find, may_be_marker};

use crate::item::{Draft, Item, PrintedTime, TickerLine};

use super::{
    language::{self, Language},
    urgency::Usual,
};

/// A ticker line as a draft: `text` verbatim, standing in the 1-based `line` of the page.
/// `prior` is the page's language, for lines too short to tell theirs.
pub(super) fn draft(
    line: u32,
    text: &str,
    published: Option<PrintedTime>,
    prior: Option<&str>,
    markers: &[String],
    urgency: &Usual,
) -> Draft {
    let text = text.trim();
    let claim = find(text, markers).map_or(text, |marker| marker.rest);
    let Attributed { attribution, place } = split(claim);
    let Language { tag, dir } = language::of_line(text, prior);
    Draft {
        line,
        item: Item::Ticker(TickerLine {
            headline: text.to_owned(),
            attribution: attribution.map(str::to_owned),
            place: place.map(str::to_owned),
            published,
            version: 1,
            language: tag,
            dir,
            urgency: urgency.of_line(text, markers),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefixed_line_stays_verbatim_and_its_claim_is_attributed() {
        let draft = draft(
            7,
            "BREAKING: Harbour Radio: The ferry has docked",
            None,
            Some("en"),
            &[],
            &Usual::default(),
        );
        let Item::Ticker(line) = draft.item else { panic!("an article") };
        assert_eq!(line.headline, "BREAKING: Harbour Radio: The ferry has docked");
        assert_eq!(line.attribution.as_deref(), Some("Harbour Radio"));
        assert_eq!(line.language.as_deref(), Some("en"));
    }
}
