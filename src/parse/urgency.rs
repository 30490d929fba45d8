//! How urgent something is, as ninjs counts: 1 (drop everything) to 6 (can wait).
//!
//! The word before it says so ("FLASH: …", `lexicon/urgency.toml`); else its site's file; else a
//! ticker line is 2 and an article 4.

use serde::Deserialize;

use super::{
    lexicon::{URGENCY, fold},
    ticker,
};

/// A line, or a headline, that says BREAKING or the like before it.
const MARKED: u8 = 2;
/// What nothing is said of.
const LINE: u8 = 2;
const ARTICLE: u8 = 4;

/// What a site's news are where no word before them says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Usual {
    ticker: Option<u8>,
    article: Option<u8>,
}

impl Usual {
    /// The first value that is off the scale.
    pub(super) fn wrong(&self) -> Option<u8> {
        [self.ticker, self.article].into_iter().flatten().find(|level| !(1..=6).contains(level))
    }

    /// Of a ticker line; `markers` are the site's own, folded.
    pub(super) fn of_line(&self, text: &str, markers: &[String]) -> u8 {
        marked(text, markers).or(self.ticker).unwrap_or(LINE)
    }

    /// Of an article with this headline.
    pub(super) fn of_article(&self, headline: Option<&str>, markers: &[String]) -> u8 {
        let marked = headline.and_then(|headline| marked(headline, markers));
        marked.or(self.article).unwrap_or(ARTICLE)
    }
}

/// What the marker before a text says; `None` where there is none.
fn marked(text: &str, markers: &[String]) -> Option<u8> {
    let text = text.trim();
    let rest = ticker::find(text, markers)?.rest;
    let marker = text.strip_suffix(rest).unwrap_or(text).replace('_', " ");
    let marker = fold(marker.trim_matches(|c: char| !c.is_alphanumeric()));
    Some(URGENCY.get(&marker).copied().unwrap_or(MARKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_before_it_counts_then_the_site_then_the_kind() {
        let usual = Usual::default();
        for (line, level) in [
            ("FLASH: Ferry aground", 1),
            ("#Flash Ferry aground", 1),
            ("МОЛНИЯ: Паром сел на мель", 1),
            ("BREAKING: Ferry aground", 2),
            ("عاجل | الميناء مغلق", 2),
            ("URGENT - Le port est fermé", 2),
            ("🔴 JUST IN: Ferry aground", 3),
            ("Ferry aground", 2),
            ("Flash-floods: three villages cut off", 2),
        ] {
            assert_eq!(usual.of_line(line, &[]), level, "{line}");
        }
        assert_eq!(usual.of_article(Some("Ferry aground"), &[]), 4);
        assert_eq!(usual.of_article(Some("BREAKING: Ferry aground"), &[]), 2);
        assert_eq!(usual.of_article(None, &[]), 4);
        let site = Usual { ticker: Some(3), article: Some(5) };
        assert_eq!(site.of_line("Ferry aground", &[]), 3);
        assert_eq!(site.of_line("FLASH: Ferry aground", &[]), 1);
        assert_eq!(site.of_article(Some("Ferry aground"), &[]), 5);
        assert_eq!(site.wrong(), None);
        assert_eq!(Usual { ticker: Some(9), article: None }.wrong(), Some(9));
    }

    #[test]
    fn every_word_of_the_list_is_a_marker() {
        let strange: Vec<_> =
            URGENCY.keys().filter(|word| ticker::find(word, &[]).is_none()).collect();
        assert!(strange.is_empty(), "not in breaking.toml: {strange:?}");
    }
}
