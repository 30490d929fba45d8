//! Who published the page: site file, else host, else masthead, else first folder, else nobody.

use rustc_hash::FxHashSet;

use crate::{item::Source, page::Page};

use super::{
    facts::Said,
    letters::squeeze,
    lexicon::{BUTTONS, LOGO, NAMELESS, SECTIONS, fold, may_be_heading, opening},
    measure::{Shape, beginning},
    sites::{Site, Sites},
    ticker,
};

/// What a page says about where it comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Clues {
    /// Its address, as the page or its crawler names it.
    pub(super) url: Option<String>,
    /// The site's name in its metadata.
    pub(super) site_name: Option<String>,
    /// Its masthead, as [`masthead`] found it.
    pub(super) masthead: Option<String>,
}

/// The source of a page, and its site file where there is one.
pub(super) fn of<'a>(page: &Page, clues: &Clues, sites: &'a Sites) -> (Source, Option<&'a Site>) {
    let host = clues.url.as_deref().or(page.meta.url.as_deref()).and_then(host);
    let site = host
        .as_deref()
        .and_then(|host| sites.by_host(host))
        .or_else(|| clues.site_name.as_deref().and_then(|name| sites.by_masthead(name)))
        .or_else(|| clues.masthead.as_deref().and_then(|masthead| sites.by_masthead(masthead)));
    let name = match site {
        Some(site) => site.name.clone(),
        None => clues.site_name.clone().or_else(|| match host {
            // A host says more than a guess; one without a name is shown as itself.
            Some(_) => None,
            None => clues.masthead.clone(),
        }),
    };
    let name = match (name, &host) {
        (None, None) => {
            page.name.first_folder().map(|folder| String::from_utf8_lossy(folder).into_owned())
        }
        (name, _) => name,
    };
    (Source { name, host }, site)
}

/// The host of an address, lower case, without `www.`; `None` where it has none.
pub(super) fn host(url: &str) -> Option<String> {
    let rest = url.trim();
    let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?.trim_end_matches('.');
    let host = host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let valid = host.contains('.') && !host.contains(|c: char| c.is_whitespace() || c == ',');
    valid.then(|| host.to_owned())
}

/// Lines from the top among which a masthead stands.
const TOP: usize = 12;

/// Characters of a name that is looked for in a copyright line; shorter ones stand in any, unless
/// they are written in capitals.
const OWNER: usize = 5;

/// Characters of a name that is looked for in addresses.
const HOST: usize = 3;

/// The copyright lines at the page's end, folded.
fn owners<'p>(lines: &[(Said<'p>, bool)]) -> Vec<&'p str> {
    let printed = lines.iter().rev().filter(|(said, _)| !said.text.is_empty()).take(FOOT);
    // "All rights reserved" is among what ends an article.
    let reserves =
        |said: &Said<'_>| may_be_heading(opening(said.text)) && SECTIONS.end.has(said.folded());
    printed
        .filter(|(said, _)| {
            let line = said.text;
            line.len() <= 300
                && (line.contains('©') || line.starts_with("Copyright") || reserves(said))
        })
        .map(|(said, _)| said.folded())
        .collect()
}

/// Printed lines at the page's end among which its copyright line stands.
const FOOT: usize = 30;

/// The names in the page's addresses and handles, in lower case: "harbourherald" of
/// "desk@harbour-herald.example" and "@HarbourHerald".
fn hosts(lines: &[(Said<'_>, bool)]) -> FxHashSet<String> {
    let lines = lines.iter().map(|(said, _)| said).filter(|said| said.has_address());
    lines.flat_map(|said| addresses(said.text)).take(MOST_HOSTS).map(squeeze).collect()
}

/// Does a name stand in it as in an address or a handle?
pub(super) fn has_address(line: &str) -> bool {
    addresses(line).next().is_some()
}

/// The names in the addresses and handles of a line.
fn addresses(line: &str) -> impl Iterator<Item = &str> {
    let bytes = line.as_bytes();
    // Most full stops have a space behind them.
    let joins = |at: &usize| bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
    memchr::memchr2_iter(b'.', b'@', bytes).filter(joins).filter_map(move |at| {
        let (before, after) = (&line[..at], &line[at + 1..]);
        let run = |text: &str| text.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = if bytes[at] == b'@' {
            &after[..after.bytes().take_while(|b| is_host(*b) || *b == b'_').count()]
        } else if after.starts_with(|c: char| c.is_ascii_lowercase()) && run(after) >= 2 {
            &before[before.len() - before.bytes().rev().take_while(|b| is_host(*b)).count()..]
        } else {
            return None;
        };
        (name.len() >= HOST).then_some(name)
    })
}

/// Names in addresses that are looked at; a page has some dozens.
const MOST_HOSTS: usize = 1000;

fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// The masthead of a text export: of the lines near its top that can be a name the one that a site
/// file knows (`known`), or that the copyright line names, or an address on the page; else the
/// first line, words of the page apart, where it comes again, names a picture over a menu, or is a
/// name over a BREAKING block. A line
/// that only comes again somewhere is more often a button than a name. Menu entries (bulleted),
/// breadcrumbs and sentences are none. `lines` are the page's lines, trimmed, each with whether it
/// is bulleted.
pub(super) fn masthead(lines: &[(Said<'_>, bool)], known: impl Fn(&str) -> bool) -> Option<String> {
    let printed = || lines.iter().filter(|(said, _)| !said.text.is_empty());
    let candidates: Vec<(&str, String)> = printed()
        .take(TOP)
        .filter(|(_, bulleted)| !bulleted)
        .map(|(said, _)| bare(said.text))
        .filter(|line| is_name(line))
        .map(|line| (line, fold(line)))
        .collect();
    if let Some((line, _)) = candidates.iter().find(|(line, _)| known(line)) {
        return Some((*line).to_owned());
    }
    let owner = owners(lines);
    let owns = |line: &str, folded: &str| {
        let letters = folded.chars().count();
        (letters >= OWNER || letters >= HOST && line.chars().all(char::is_uppercase))
            && owner.iter().any(|owner| {
                owner.split_once(folded).is_some_and(|(before, after)| {
                    !before.ends_with(char::is_alphanumeric)
                        && !after.starts_with(char::is_alphanumeric)
                })
            })
    };
    let hosted = || {
        let hosts = if candidates.is_empty() { FxHashSet::default() } else { hosts(lines) };
        candidates.iter().find(|(_, folded)| {
            let name = squeeze(folded);
            let names = |name: &str| name.len() >= HOST && hosts.contains(name);
            names(&name) || name.strip_prefix("the").is_some_and(names)
        })
    };
    let first = || {
        let (said, _) =
            printed().find(|(said, bulleted)| !bulleted && !is_listed(said.folded()))?;
        let line = said.text;
        let (first, folded) = candidates.first().filter(|(name, _)| *name == bare(line))?;
        let alike = |(other, bulleted): &&(Said<'_>, bool)| {
            !bulleted && other.text.len() == line.len() && fold(bare(other.text)) == *folded
        };
        let again = || printed().filter(alike).nth(1).is_some();
        // "Harbour Herald logo" over a menu: a picture that names its page.
        let pictured = || *first != line && followed_by_menu(lines);
        (again() || pictured() || heads_a_ticker(lines)).then_some(*first)
    };
    let found = candidates.iter().find(|(line, folded)| owns(line, folded)).or_else(hosted);
    found.map(|(line, _)| *line).or_else(first).map(str::to_owned)
}

/// A menu stands right under the first line.
fn followed_by_menu(lines: &[(Said<'_>, bool)]) -> bool {
    lines
        .iter()
        .filter(|(said, _)| !said.text.is_empty())
        .skip(1)
        .take(3)
        .any(|(_, bulleted)| *bulleted)
}

/// A proper name, each of its longer words with a capital, stands right over a ticker's marker.
fn heads_a_ticker(lines: &[(Said<'_>, bool)]) -> bool {
    let mut printed = lines.iter().map(|(said, _)| said.text).filter(|line| !line.is_empty());
    let (Some(name), Some(marker)) = (printed.next(), printed.next()) else {
        return false;
    };
    let small = |word: &str| word.len() <= 3 || !word.starts_with(char::is_lowercase);
    name.split_whitespace().all(small)
        && ticker::find(marker, &[]).is_some_and(|marker| marker.rest.is_empty())
}

/// A name without what a picture's alternative text says of it ("Harbour Herald logo"), and once
/// where it stands twice.
fn bare(line: &str) -> &str {
    let mut name = line;
    for word in LOGO.iter() {
        let (from, to) = (word.len(), name.len().saturating_sub(word.len()));
        if name.get(to..).is_some_and(|end| end.eq_ignore_ascii_case(word)) {
            name = name.get(..to).unwrap_or_default();
        } else if name.get(..from).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            name = name.get(from..).unwrap_or_default();
        }
        name = name.trim_matches([' ', '-', '_', ':']);
    }
    let half = name.len() / 2;
    match (name.get(..half), name.get(half..)) {
        (Some(one), Some(two)) if !one.is_empty() && one.trim() == two.trim() => one.trim(),
        _ => name,
    }
}

/// Can the line be the name of a publication?
fn is_name(line: &str) -> bool {
    // What costs least is asked first.
    if line.ends_with(',')
        || !(2..=48).contains(&beginning(line, 49).chars().count())
        || line.contains(['»', '>', '›', '|', '→', '[', '{', '=', '@', ':', '：'])
        || line.starts_with(['(', '"'])
        || !line.chars().any(char::is_alphabetic)
    {
        return false;
    }
    let shape = Shape::of(line);
    (1..=6).contains(&shape.words)
        && !shape.ends_sentence
        && shape.digits * 2 < shape.chars
        && !is_listed(&fold(line))
}

/// Words of the page, not of its publisher: a button, the heading of a box, a menu's entry.
fn is_listed(folded: &str) -> bool {
    let heads = || BUTTONS.has(folded) || SECTIONS.aside.has(folded) || SECTIONS.end.has(folded);
    NAMELESS.has(folded) || may_be_heading(opening(folded)) && heads()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::facts;

    fn of_text(text: &str) -> Option<String> {
        known_of(text, |_| false)
    }

    fn known_of(text: &str, known: impl Fn(&str) -> bool) -> Option<String> {
        let lines: Vec<_> = text
            .lines()
            .map(|line| line.trim())
            .map(|line| (line.trim_start_matches("• "), line.starts_with('•')))
            .map(|(text, bulleted)| (facts::of(text), text, bulleted))
            .collect();
        let said: Vec<_> = lines.iter().map(|(f, text, b)| (f.said(text), *b)).collect();
        masthead(&said, known)
    }

    #[test]
    fn the_first_line_that_comes_again() {
        assert_eq!(
            of_text("Skip to content\nHarbour Herald\n• News\nNews\nHarbour Herald\nText")
                .as_deref(),
            Some("Harbour Herald")
        );
    }

    #[test]
    fn the_line_that_holds_the_copyright() {
        let page = "Subscribe now\nHarbour Herald\nWeather report\nText\nWeather report\n© 2024 Harbour Herald. All rights reserved.";
        assert_eq!(of_text(page).as_deref(), Some("Harbour Herald"));
        let page = "Harbour\nNews\nText\n© 2024 Harbourmaster";
        assert_eq!(of_text(page), None);
    }

    #[test]
    fn the_line_that_an_address_names() {
        let page = "World\nHarbour Herald\nThe Ferry Post\nText\n";
        for address in [
            "Write to desk@harbourherald.example",
            "www.harbour-herald.example/news",
            "Follow @Harbour_Herald",
        ] {
            let found = of_text(&format!("{page}{address}"));
            assert_eq!(found.as_deref(), Some("Harbour Herald"), "{address}");
        }
        assert_eq!(of_text(&format!("{page}@ferrypost")).as_deref(), Some("The Ferry Post"));
        assert_eq!(of_text(&format!("{page}The harbour.Herald of the port.")), None);
    }

    #[test]
    fn a_site_file_knows_its_name() {
        let found = known_of("World\nFerry Post\nText", |name| name == "Ferry Post");
        assert_eq!(found.as_deref(), Some("Ferry Post"));
    }

    #[test]
    fn words_of_the_page_are_no_name() {
        for words in ["Homepage", "Become a member", "Close Alert", "Jump to main content"] {
            let page = format!("{words}\nHarbour Herald\nText\n{words}\nHarbour Herald\n");
            assert_eq!(of_text(&page).as_deref(), Some("Harbour Herald"), "{words}");
        }
    }

    #[test]
    fn a_picture_of_the_name_above_a_menu() {
        let page = "Harbour Herald Logo\n• News\n• Sport\n• A\n• B\n• C\n• D\n• E\n• F\n• G\n• H\n• I\nText";
        assert_eq!(of_text(page).as_deref(), Some("Harbour Herald"));
        assert_eq!(of_text(&page.replace("Harbour Herald Logo", "Free shipping")), None);
    }

    #[test]
    fn a_name_over_a_breaking_block() {
        let page = "Voice of the Harbour\n\nBREAKING\nMayor: The ferry has docked at the pier\n";
        assert_eq!(of_text(page).as_deref(), Some("Voice of the Harbour"));
        assert_eq!(of_text(&page.replace("Harbour", "harbour")), None);
        assert_eq!(of_text(&page.replace("BREAKING\n", "BREAKING: ")), None);
    }

    #[test]
    fn breadcrumbs_and_sentences_are_none() {
        assert_eq!(of_text("Home » Ferry docks\n\nFerry docks\n\nby admin\nFerry docks"), None);
        assert_eq!(
            of_text("The ferry has docked at Port Aldine after a storm, the mayor said.\nMore"),
            None
        );
    }

    #[test]
    fn hosts() {
        assert_eq!(
            host("https://www.Harbour.example:8080/a?b").as_deref(),
            Some("harbour.example")
        );
        assert_eq!(host("//harbour.example/a").as_deref(), Some("harbour.example"));
        assert_eq!(host("/a/b"), None);
        assert_eq!(host("mailto:a"), None);
    }
}
