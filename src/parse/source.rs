//! Who published the page: site file, else host, else masthead, else first folder, else nobody.

use crate::{item::Source, page::Page};

use super::{
    measure::{Shape, beginning},
    sites::{Site, Sites},
    words::{BUTTONS, NAMELESS, SECTIONS, fold, may_be_heading, opening},
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

/// Characters of a name that is looked for in a copyright line; shorter ones stand in any.
const OWNER: usize = 5;

/// The copyright lines at the page's end, folded.
fn owners(lines: &[(&str, bool)]) -> Vec<String> {
    let printed = lines.iter().rev().filter(|(line, _)| !line.is_empty()).take(FOOT);
    printed
        .filter(|(line, _)| {
            line.len() <= 300 && (line.contains('©') || line.starts_with("Copyright"))
        })
        .map(|(line, _)| fold(line))
        .collect()
}

/// Printed lines at the page's end among which its copyright line stands.
const FOOT: usize = 30;

/// The masthead of a text export: the first line near its top that its copyright line names, or
/// that comes again as a line of its own, else the very first line where it opens the export like a name. Menu entries (bulleted),
/// buttons, breadcrumbs and sentences are none. `lines` are the page's lines, trimmed, each with
/// whether it is bulleted.
pub(super) fn masthead<'a>(lines: &[(&'a str, bool)]) -> Option<String> {
    let printed = || lines.iter().filter(|(line, _)| !line.is_empty());
    let candidates: Vec<(&'a str, String)> = printed()
        .take(TOP)
        .filter(|(line, bulleted)| !bulleted && is_name(line))
        .map(|(line, _)| (*line, fold(line)))
        .collect();
    let again = candidates.iter().find(|(line, folded)| {
        lines
            .iter()
            .filter(|(other, bulleted)| {
                !bulleted && other.len() == line.len() && fold(other) == *folded
            })
            .count()
            >= 2
    });
    let first = printed()
        .next()
        .filter(|(line, bulleted)| !bulleted && is_name(line))
        .map(|(line, _)| *line);
    let top = printed().take(TOP).count();
    let opens = first.filter(|_| top == TOP && followed_by_menu(lines));
    let owner = owners(lines);
    let owns = candidates.iter().find(|(_, folded)| {
        folded.chars().count() >= OWNER
            && owner.iter().any(|owner| {
                owner.split_once(folded.as_str()).is_some_and(|(before, after)| {
                    !before.ends_with(char::is_alphanumeric)
                        && !after.starts_with(char::is_alphanumeric)
                })
            })
    });
    owns.or(again).map(|(line, _)| *line).or(opens).map(|line| without_logo(line).to_owned())
}

/// A menu stands right under the first line.
fn followed_by_menu(lines: &[(&str, bool)]) -> bool {
    lines.iter().filter(|(line, _)| !line.is_empty()).skip(1).take(3).any(|(_, bulleted)| *bulleted)
}

fn without_logo(line: &str) -> &str {
    let lower = line.to_lowercase();
    let short =
        [" logo", " homepage", " home page"].iter().find_map(|ending| lower.strip_suffix(ending));
    short.and_then(|short| line.get(..short.len())).unwrap_or(line).trim()
}

/// Can the line be the name of a publication?
fn is_name(line: &str) -> bool {
    // What costs least is asked first.
    if line.ends_with([':', ','])
        || !(2..=48).contains(&beginning(line, 49).chars().count())
        || line.contains(['»', '>', '›', '|', '→', '[', '{', '=', '@'])
        || !line.chars().any(char::is_alphabetic)
    {
        return false;
    }
    let shape = Shape::of(line);
    let folded = fold(line);
    let heads = || BUTTONS.has(&folded) || SECTIONS.aside.has(&folded) || SECTIONS.end.has(&folded);
    (1..=6).contains(&shape.words)
        && !shape.ends_sentence
        && shape.digits * 2 < shape.chars
        && !NAMELESS.has(&folded)
        && !(may_be_heading(opening(line)) && heads())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_text(text: &str) -> Option<String> {
        let lines: Vec<(&str, bool)> = text
            .lines()
            .map(|line| line.trim())
            .map(|line| (line.trim_start_matches("• "), line.starts_with('•')))
            .collect();
        masthead(&lines)
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
    fn words_of_the_page_are_no_name() {
        for words in ["Homepage", "Become a member", "Close Alert", "Jump to main content"] {
            let page = format!("{words}\nHarbour Herald\nText\n{words}\nHarbour Herald\n");
            assert_eq!(of_text(&page).as_deref(), Some("Harbour Herald"), "{words}");
        }
    }

    #[test]
    fn a_first_line_above_a_menu() {
        let page = "Harbour Herald Logo\n• News\n• Sport\n• A\n• B\n• C\n• D\n• E\n• F\n• G\n• H\n• I\nText";
        assert_eq!(of_text(page).as_deref(), Some("Harbour Herald"));
    }

    #[test]
    fn breadcrumbs_and_sentences_are_none() {
        assert_eq!(
            of_text("Home » Ferry docks\n\nFerry docks\n\nby admin\nFerry docks"),
            None.or(Some("Ferry docks".to_owned()))
        );
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
