//! Pages that are no article: walls, error pages, lists of other pages. What they are is said in a
//! remark; their ticker lines are told all the same.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use crate::item::Remark;

use super::{facts::Said, lexicon::PAGES};

/// What a page is that is no article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoArticle {
    /// A wall that asks for consent to cookies and tracking.
    Consent,
    /// A check of who comes, or a page that does nothing without scripts.
    Challenge,
    /// A wall that asks for an account or a subscription.
    Login,
    /// What was asked for is not there.
    Missing,
    /// A front page, or another list of articles.
    Index,
}

/// Those that are told by what they say, in the order of [`PAGES`].
const SAID: [NoArticle; 4] =
    [NoArticle::Consent, NoArticle::Challenge, NoArticle::Login, NoArticle::Missing];

/// Characters of the longest page of these kinds, walls of consent apart: what is longer has
/// something to say besides.
const LONGEST: usize = 1_500;

/// Characters of a page for which one phrase is enough.
const SHORT: usize = 300;

impl NoArticle {
    /// The name of the rule for a line's class, and the code of the remark.
    pub(super) fn code(self) -> &'static str {
        match self {
            NoArticle::Consent => "consent-wall",
            NoArticle::Challenge => "challenge-page",
            NoArticle::Login => "login-wall",
            NoArticle::Missing => "missing-page",
            NoArticle::Index => "index-page",
        }
    }

    /// What is said of the page.
    pub(super) fn remark(self) -> Remark {
        let text = match self {
            NoArticle::Consent => {
                "this page asks for consent to cookies or tracking: no article was saved with it"
            }
            NoArticle::Challenge => {
                "this page checks who visits it or needs scripts: no article was saved with it"
            }
            NoArticle::Login => {
                "this page asks to log in or subscribe: no article was saved with it"
            }
            NoArticle::Missing => "this page says that what was asked for is not there",
            NoArticle::Index => "this page lists articles: it is none itself",
        };
        Remark::page(self.code(), text)
    }
}

/// How many phrases stand in a text.
fn hits(phrases: &AhoCorasick, text: &str) -> usize {
    match text.is_ascii() {
        true => phrases.find_iter(text).count(),
        false => phrases.find_iter(&text.to_lowercase()).count(),
    }
}

/// What a page is by what it says, if that makes it no article: most of what was taken for one
/// must say so, and enough of the page, of which `around` is the rest.
pub(super) fn judge<'a>(
    headline: Option<&str>,
    paragraphs: impl Iterator<Item = Said<'a>> + Clone,
    around: &str,
) -> Option<NoArticle> {
    let all: usize = paragraphs.clone().map(|said| said.facts.shape.chars as usize).sum();
    // Nothing in the first lines of most pages says any of it.
    let opening = || paragraphs.clone().take(2);
    if all > LONGEST && !opening().any(|said| said.consent() > 0) {
        return None;
    }
    SAID.into_iter().zip(PAGES.iter()).find_map(|(kind, phrases)| {
        let wall = kind == NoArticle::Consent;
        if all > LONGEST && !wall {
            return None;
        }
        let hits = |text: &str| hits(phrases, text);
        let title = headline.map_or(0, hits);
        let (mut found, mut saying) = (0, 0);
        for said in paragraphs.clone() {
            let hits = hits(said.text);
            found += hits;
            saying += if hits > 0 { said.facts.shape.chars as usize } else { 0 };
        }
        let least = match kind {
            NoArticle::Consent => 3,
            _ if all <= SHORT => 1,
            _ => 2,
        };
        let most_of_it = saying * 2 >= all;
        let says = match kind {
            // A headline may well speak of a page that was not found.
            NoArticle::Missing => title > 0 && (found > 0 || all <= SHORT) || found >= 2,
            _ if found == 0 => title >= least,
            _ => title + found.max(hits(around)) >= least,
        };
        (says && most_of_it || kind == NoArticle::Missing && says && title > 0).then_some(kind)
    })
}

/// How many phrases of a banner that asks for consent stand in a text.
pub(super) fn consent(text: &str) -> usize {
    hits(&PAGES[0], text)
}

/// The texts without those at either end that ask for consent, and the headings over them.
pub(super) fn without_consent(texts: &[Said<'_>]) -> Range<usize> {
    // A heading of a few words may stand over what asks.
    let short = |said: &Said<'_>| said.facts.shape.chars <= 60;
    let asks = |said: &Said<'_>| said.consent() >= if short(said) { 1 } else { 2 };
    let heads = |said: Option<&Said<'_>>| said.is_some_and(short);
    let edge = |at: &dyn Fn(usize) -> Option<usize>| {
        let text = |nth: usize| at(nth).and_then(|at| texts.get(at));
        (0..EDGE)
            .take_while(|&nth| {
                text(nth).is_some_and(asks) || heads(text(nth)) && text(nth + 1).is_some_and(asks)
            })
            .count()
    };
    let first = edge(&Some);
    let last = texts.len() - edge(&|nth| texts.len().checked_sub(nth + 1));
    // One phrase may stand in any article; a banner has several.
    let banner =
        |part: &[Said<'_>]| part.iter().map(|said| u32::from(said.consent())).sum::<u32>() >= 2;
    let first = if banner(&texts[..first]) { first } else { 0 };
    let last = if last >= first && banner(&texts[last..]) { last } else { texts.len() };
    // What is left must be a text.
    let left = texts.get(first..last).unwrap_or_default();
    let chars = left.iter().map(|said| said.facts.shape.chars).sum::<u32>();
    if chars >= LEAST { first..last } else { 0..texts.len() }
}

/// Characters of the shortest text over or under a banner.
const LEAST: u32 = 60;

/// Paragraphs at either end of a text among which a banner stands.
const EDGE: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::facts;

    fn kind(headline: &str, paragraphs: &[&str]) -> Option<NoArticle> {
        let facts: Vec<_> = paragraphs.iter().map(|text| facts::of(text)).collect();
        judge(Some(headline), paragraphs.iter().zip(&facts).map(|(t, facts)| facts.said(t)), "")
    }

    #[test]
    fn walls_say_what_they_are() {
        assert_eq!(
            kind(
                "Avant de continuer",
                &[
                    "Nous et nos 92 partenaires enregistrons des données sur votre appareil.",
                    "Vous pouvez modifier vos choix à tout moment. Tout accepter",
                ],
            ),
            Some(NoArticle::Consent)
        );
        assert_eq!(
            kind("One moment", &["Verify you are human by completing the action below. Ray ID: 1"]),
            Some(NoArticle::Challenge)
        );
        assert_eq!(
            kind("Welcome back", &["Log in to your account", "Forgot your password? Remember me"]),
            Some(NoArticle::Login)
        );
        assert_eq!(
            kind("Seite nicht gefunden", &["Die gesuchte Seite gibt es nicht mehr."]),
            Some(NoArticle::Missing)
        );
    }

    #[test]
    fn news_about_such_pages_is_news() {
        let news = "The harbour office fined a ferry line on Monday because its page stored data on \
                    the devices of visitors before they had agreed, the chair of the board said.";
        assert_eq!(kind("Ferry line fined over cookies", &[news, news, news]), None);
        assert_eq!(kind("Lost ferry not found after ten days", &[news]), None);
        assert_eq!(
            kind("Council closes pier", &[news, "Subscribe to read the whole story."]),
            None
        );
    }

    #[test]
    fn a_banner_at_either_end_is_no_text() {
        let of = |texts: &[&'static str]| {
            let facts: Vec<_> = texts.iter().map(|text| facts::of(text)).collect();
            let said: Vec<_> = texts.iter().zip(&facts).map(|(t, facts)| facts.said(t)).collect();
            texts[without_consent(&said)].to_vec()
        };
        let banner = "Wir und unsere Partner speichern Daten auf Ihrem Gerät.";
        let text = "The ferry has docked at Port Aldine, and its crew is safe and well.";
        assert_eq!(of(&["We value your privacy", banner, text, text]), [text, text]);
        assert_eq!(of(&[text, text, banner]), [text, text]);
        assert_eq!(of(&[banner]), [banner]);
        let one = "Wir und unsere Boote fahren.";
        assert_eq!(of(&[one, text]), [one, text]);
    }
}
