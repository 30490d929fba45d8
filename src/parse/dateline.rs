//! The place and agency that open a text: `PORT ALDINE, Eastland (AP) — The ferry …`.

use super::words::{BYLINES, PLACES};

/// What the opening says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dateline<'a> {
    /// Place, and date where one is printed.
    pub(super) place: Option<&'a str>,
    /// The agency in brackets.
    pub(super) credit: Option<&'a str>,
}

/// The dash that ends a dateline stands within so many characters.
const LONGEST: usize = 80;

/// Reads the opening of an article's first paragraph. The text itself stays as it is.
pub(super) fn read(opening: &str) -> Dateline<'_> {
    let opening = opening.trim_start();
    let none = Dateline::default();
    let window = opening.char_indices().nth(LONGEST).map_or(opening.len(), |(at, _)| at);
    let window = opening.get(..window).unwrap_or(opening);
    let Some(end) = dash(window) else { return none };
    let head = window.get(..end).unwrap_or_default().trim_end_matches([' ', '.', '\u{a0}', ',']);
    let (place, credit) = match (head.rfind('('), head.strip_suffix(')')) {
        (Some(open), Some(_)) => {
            let inside = head.get(open + 1..head.len() - 1).unwrap_or_default().trim();
            (head.get(..open).unwrap_or_default(), Some(inside).filter(|inside| !inside.is_empty()))
        }
        _ => (head, None),
    };
    let place = place.trim_end_matches([' ', ',', '\u{a0}', '/']).trim();
    let agency = credit.is_some_and(is_agency);
    let looks_like_credit = credit.is_some_and(|credit| credit.split_whitespace().count() <= 4);
    if place.is_empty() {
        return Dateline { place: None, credit: credit.filter(|_| agency) };
    }
    let words: Vec<&str> = place.split_whitespace().collect();
    let first = words.first().copied().unwrap_or_default();
    let capitals = first.chars().filter(|c| c.is_alphabetic()).count() >= 3
        && first.chars().all(|c| !c.is_lowercase())
        && first.chars().any(char::is_uppercase);
    let city = place.split([',', '/']).next().unwrap_or_default().trim().to_lowercase();
    let known = PLACES.names.contains(&city);
    let shape = words.len() <= 8
        && place.chars().all(|c| {
            c.is_alphanumeric()
                || c.is_whitespace()
                || matches!(c, ',' | '.' | '\'' | '’' | '-' | '/')
        });
    if shape && (agency || looks_like_credit && capitals || known || capitals && words.len() <= 5) {
        Dateline { place: Some(place), credit: credit.filter(|_| agency || looks_like_credit) }
    } else {
        none
    }
}

/// Where the dash stands that ends a dateline: a long dash, a hyphen with space after it, or the
/// slashes around an agency's name.
fn dash(window: &str) -> Option<usize> {
    window.char_indices().find_map(|(at, c)| {
        let after = window.get(at + c.len_utf8()..)?.chars().next();
        let before = window.get(..at)?.chars().next_back();
        let spaced_after = after.is_some_and(char::is_whitespace);
        let ends = match c {
            '—' | '–' | '−' => {
                before.is_some_and(|c| c.is_whitespace() || c == ')') || spaced_after
            }
            '-' => {
                spaced_after
                    && before.is_some_and(|c| c.is_whitespace() || matches!(c, ')' | '.' | '-'))
            }
            ':' => before == Some(')'),
            _ => false,
        };
        (ends && at > 0).then_some(at)
    })
}

/// Is it (or does it begin with) the name of a news agency?
pub(super) fn is_agency(name: &str) -> bool {
    let first = name.split(['/', ',', ';']).next().unwrap_or_default().trim();
    BYLINES.agencies.contains(first) || BYLINES.agencies.contains(name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(opening: &str) -> (Option<&str>, Option<&str>) {
        let Dateline { place, credit } = read(opening);
        (place, credit)
    }

    #[test]
    fn place_and_agency() {
        assert_eq!(
            both("PORT ALDINE, Eastland (AP) — The ferry has docked"),
            (Some("PORT ALDINE, Eastland"), Some("AP"))
        );
        assert_eq!(
            both("ALDINE (Reuters) - The ferry has docked"),
            (Some("ALDINE"), Some("Reuters"))
        );
        assert_eq!(
            both("ALDINE, Nov 19 (Harbour Press) - The ferry"),
            (Some("ALDINE, Nov 19"), Some("Harbour Press"))
        );
        assert_eq!(both("Aldorf (dpa/hp) – Die Fähre"), (Some("Aldorf"), Some("dpa/hp")));
        assert_eq!(both("Aldina, 5 mar (EFE).- El ferri"), (Some("Aldina, 5 mar"), Some("EFE")));
        assert_eq!(both("(AP) — The ferry"), (None, Some("AP")));
        assert_eq!(both("Paris — The ferry"), (Some("Paris"), None));
    }

    #[test]
    fn prose_has_none() {
        for opening in [
            "The ferry — late again — has docked",
            "But (as we said) - well",
            "A ferry docked.",
            "",
            "— Orla Venn",
        ] {
            assert_eq!(both(opening), (None, None), "{opening}");
        }
    }
}
