//! A marker alone is never enough: the lines under it must read like news.

use crate::parse::{
    date,
    lexicon::{BUTTONS, NAMELESS, SECTIONS, fold},
    measure,
    phrases::{speaks, spoken},
};

use super::attribution;

/// Lines of one block that are told; more of them is no ticker any more.
pub(in crate::parse) const MOST_LINES: usize = 40;

/// Why a block is or is not a BREAKING block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::parse) enum Verdict {
    /// It is one.
    Ticker,
    /// Nothing under the marker.
    Empty,
    /// The median line is too short for a sentence.
    TooShort,
    /// Prices, quotes of a stock market.
    Prices,
    /// Links with their dates.
    DatedLinks,
    /// Too few lines carry an attribution or read as a sentence.
    NoNews,
}

/// Judges the lines under a marker that stands alone over a block: they may be flashes of a few
/// words.
pub(in crate::parse) fn accept_under<'a>(lines: impl IntoIterator<Item = &'a str>) -> Verdict {
    let lines: Vec<&str> = lines.into_iter().take(MOST_LINES).collect();
    match accept(lines.iter().copied()) {
        verdict @ (Verdict::TooShort | Verdict::NoNews)
            if lines.iter().any(|line| is_menu(line) || line.chars().count() > LONGEST) =>
        {
            verdict
        }
        Verdict::TooShort | Verdict::NoNews if lines.iter().all(|line| is_flash(line)) => {
            Verdict::Ticker
        }
        verdict => verdict,
    }
}

/// A headline of a few words, and no menu's entry: "Mayor resigns", "Central bank leaves rates
/// unchanged". What is written in capital initials alone may be a name or an entry.
pub(in crate::parse) fn is_flash(line: &str) -> bool {
    let shape = measure::Shape::of(line);
    let folded = fold(line);
    let first_letters =
        || line.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphabetic()));
    let entry = BUTTONS.has(&folded)
        || SECTIONS.aside.has(&folded)
        || SECTIONS.end.has(&folded)
        || NAMELESS.has(&folded);
    let says = match shape.cjk {
        0 => shape.words >= 2 && first_letters().skip(1).any(|c| !c.is_uppercase()),
        // A menu's entry is one noun.
        cjk => cjk >= 6 || cjk >= 5 && shape.stop >= 1,
    };
    says && !entry && !is_menu(line) && !is_price(line) && spoken(line) & speaks::NOTICE == 0
}

/// Judges the lines of a block, the marker left out.
pub(in crate::parse) fn accept<'a>(lines: impl IntoIterator<Item = &'a str>) -> Verdict {
    let lines: Vec<&str> = lines.into_iter().take(MOST_LINES).collect();
    if lines.is_empty() {
        return Verdict::Empty;
    }
    let mut lengths: Vec<usize> = lines
        .iter()
        .map(|line| {
            let length = line.chars().count();
            // 10 characters of Chinese or Japanese say what 25 of other scripts do, 13 of Korean.
            if line.chars().any(measure::is_cjk) {
                length * 5 / 2
            } else if line.chars().any(measure::is_hangul) {
                length * 2
            } else {
                length
            }
        })
        .collect();
    lengths.sort_unstable();
    if lengths.get(lengths.len() / 2).is_none_or(|&median| median < 25) {
        return Verdict::TooShort;
    }
    if lines.iter().any(|line| is_price(line)) {
        return Verdict::Prices;
    }
    if lines.iter().any(|line| ends_in_date(line)) {
        return Verdict::DatedLinks;
    }
    let news = lines.iter().filter(|line| reads_as_news(line)).count();
    if news * 10 >= lines.len() * 4 { Verdict::Ticker } else { Verdict::NoNews }
}

/// Judges what lines say that each begin with a marker: it divides them from menus already, so that
/// a headline's few words are enough.
pub(in crate::parse) fn accept_prefixed<'a>(claims: impl IntoIterator<Item = &'a str>) -> Verdict {
    let verdicts: Vec<Verdict> = claims.into_iter().take(MOST_LINES).map(headline).collect();
    let news = verdicts.iter().filter(|verdict| **verdict == Verdict::Ticker).count();
    match verdicts.first() {
        None => Verdict::Empty,
        Some(_) if news * 10 >= verdicts.len() * 4 => Verdict::Ticker,
        Some(verdict) => *verdict,
    }
}

/// Judges one line as a headline.
fn headline(claim: &str) -> Verdict {
    let shape = measure::Shape::of(claim);
    let words = shape.words;
    let first_letters =
        || claim.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphabetic()));
    // A name or a menu's entry is all capital letters; a headline is seldom so and short.
    let runs_on = || first_letters().any(|c| !c.is_uppercase()) || shape.stop > 0;
    let verdict = match accept([claim]) {
        Verdict::NoNews if !is_menu(claim) && (words >= 5 || words >= 3 && runs_on()) => {
            Verdict::Ticker
        }
        Verdict::TooShort if is_flash(claim) => Verdict::Ticker,
        verdict => verdict,
    };
    let offers = spoken(claim) & speaks::NOTICE != 0 && words < 24;
    let posted = claim.contains("://") || claim.contains("pic.twitter.com");
    match verdict {
        Verdict::Ticker if offers || posted || claim.chars().nth(LONGEST).is_some() => {
            Verdict::NoNews
        }
        verdict => verdict,
    }
}

/// Longest line with a prefix that is news, in characters; a longer one is a paragraph.
const LONGEST: usize = 400;

/// "Sports | Weather | Politics": a few words between dividers.
fn is_menu(line: &str) -> bool {
    let mut pieces = line.split(['|', '•', '·', '>', '»', '/', '–']).map(str::trim);
    line.contains(['|', '•', '·', '>', '»', '/'])
        && pieces.all(|piece| piece.split_whitespace().count() <= 3)
}

/// An attribution, or a sentence.
fn reads_as_news(line: &str) -> bool {
    if is_menu(line) {
        return false;
    }
    let head = attribution::split(line);
    if head.attribution.is_some() || head.place.is_some() {
        return true;
    }
    let shape = measure::Shape::of(line);
    shape.cjk >= 10 || shape.words >= 5 && (shape.stop >= 1 || shape.ends_sentence)
}

/// A few words, and a figure with a sign, a percent sign or a currency: a market quote.
pub(in crate::parse) fn is_price(line: &str) -> bool {
    let digits = line.chars().filter(|c| c.is_numeric()).count();
    // News has few digits, and is long: the rest is asked of what has many.
    digits >= 3
        && digits * 2 > line.chars().filter(|c| c.is_alphabetic()).count()
        && line.contains(['%', '$', '€', '£', '¥', '+', '−', '▲', '▼'])
        && line.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count() <= 4
}

fn ends_in_date(line: &str) -> bool {
    date::find(line, None).is_some_and(|found| {
        found.end + 1 >= line.trim_end().len()
            && found.start * 2 > line.len()
            && !line.ends_with('.')
            && !line.get(..found.start).is_some_and(|before| {
                // "… on 7 February 2024" is a sentence; a date after nothing of the kind is a stamp.
                let last = before.split_whitespace().next_back().unwrap_or_default();
                last.chars().all(char::is_lowercase) && !last.is_empty() && measure::is_stop(last)
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(text: &str) -> Verdict {
        accept(text.lines())
    }

    #[test]
    fn news_is_accepted() {
        assert_eq!(
            judge(
                "Harbour Radio: The ferry has docked at Port Aldine\nVenn: We shall go on\nMayor of Aldine signs the law on bridges"
            ),
            Verdict::Ticker
        );
        assert_eq!(judge("وكالة المرفأ: وصلت العبّارة إلى الميناء قبل الفجر"), Verdict::Ticker);
        assert_eq!(judge("オルディン港でフェリーが座礁、けが人なし"), Verdict::Ticker);
    }

    #[test]
    fn a_few_words_under_a_marker_are_a_flash() {
        let judge = |text: &str| accept_under(text.lines());
        for flash in [
            "Mayor Selby resigns",
            "Bridge closed",
            "Central bank leaves rates unchanged",
            "Le maire démissionne",
            "Мэр ушёл в отставку",
            "استقالة العمدة",
            "הריבית נותרה ללא שינוי",
            "市長が辞任",
        ] {
            assert_eq!(judge(flash), Verdict::Ticker, "{flash}");
        }
        for entry in ["Politics", "Top stories", "Middle East", "Sports | Weather", "Read more"] {
            assert_ne!(judge(entry), Verdict::Ticker, "{entry}");
        }
    }

    #[test]
    fn menus_prices_and_dated_links_are_not() {
        assert_eq!(judge(""), Verdict::Empty);
        assert_eq!(judge("Politics\nEconomy\nSports and Leisure"), Verdict::TooShort);
        assert_eq!(
            judge("Aldine 100 index closing quote 4,123.50 +0.3%\nALD 17.20 $ +1.1% 12,300"),
            Verdict::Prices
        );
        assert_eq!(
            judge("Ferry docks at Port Aldine after storm 14 Jun 2025\nBridge opens 15 Jun 2025"),
            Verdict::DatedLinks
        );
        assert_eq!(
            judge("Weather Sports Business Lifestyle Video\nPodcasts Newsletters Games Shop"),
            Verdict::NoNews
        );
    }

    #[test]
    fn length_is_judged_on_the_block_not_on_one_line() {
        assert_eq!(
            judge(
                "Ferry docks\nHarbour Radio: The ferry has docked at Port Aldine\nThe mayor of Aldine has signed the law"
            ),
            Verdict::Ticker
        );
    }
}
