//! Pages whose paragraphs were broken into lines of one width, as text browsers, mail and
//! converters do.
//!
//! The width shows in where lines end: the first word of the next one would not have fit. Lines
//! that end so are joined again; the page keeps its line numbers.

use crate::parse::measure::{is_cjk, is_hangul};

use super::line::BULLETS;

/// Widths, in columns, that pages are broken at.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=170;
/// Broken places that a page must have: fewer may be chance.
const LEAST: usize = 5;
/// Lines wider than any page is broken at, that show a page to be whole.
const WIDE: usize = 8;

/// A page put together again.
#[derive(Debug)]
pub(super) struct Joined {
    /// Its text: a broken paragraph stands in its first line, the lines it went on in are empty.
    pub(super) text: String,
    /// Those empty lines, in order.
    pub(super) continued: Vec<usize>,
}

/// A printed line.
struct Piece<'a> {
    text: &'a str,
    indent: usize,
    /// Columns with the indentation.
    width: usize,
    bullet: bool,
    /// Quoted as mail and Markdown do, with a sign before each line.
    quoted: bool,
}

/// Two lines of which the second may go on with the first: the second line, and the page widths
/// that would have parted them there.
struct Pair {
    next: usize,
    from: usize,
    to: usize,
    /// The second opens in lower case, or in a script that has no cases.
    small: bool,
}

/// Joins the lines of broken paragraphs. `None` where the page is whole.
pub(super) fn joined(text: &str) -> Option<Joined> {
    if is_whole(text) {
        return None;
    }
    let pieces: Vec<Piece<'_>> = text.split('\n').map(Piece::of).collect();
    let pairs: Vec<Pair> = pieces
        .windows(2)
        .enumerate()
        .filter_map(|(at, pair)| match pair {
            [line, next] => Pair::of(at + 1, line, next),
            _ => None,
        })
        .collect();
    let width = width(&pairs)?;
    let (mut broken, mut small, mut fitting) = (0, 0, 0);
    for pair in &pairs {
        if pair.breaks(width) {
            broken += 1;
            small += usize::from(pair.small);
        } else if pair.from <= width && pair.from * 10 >= width * 7 {
            fitting += 1;
        }
    }
    let over = pieces
        .iter()
        .filter(|piece| piece.width > width && !is_address(piece.text))
        .filter(|piece| piece.text.split_whitespace().nth(3).is_some())
        .count();
    // Lines of a list are of any length and begin each anew. Nouns of some languages have capitals.
    if broken < LEAST || fitting * 2 > broken || over * 3 > broken || small * 4 < broken {
        return None;
    }
    let goes_on = |pair: &&Pair| {
        pair.breaks(width) || pair.small && pair.from * 2 >= width && pair.to + 8 >= width
    };
    let continued: Vec<usize> = pairs.iter().filter(goes_on).map(|pair| pair.next).collect();
    let mut whole = String::with_capacity(text.len());
    let mut next = continued.iter().peekable();
    let mut empty = 0;
    for (at, (piece, raw)) in pieces.iter().zip(text.split('\n')).enumerate() {
        if next.next_if_eq(&&at).is_some() {
            if !parted(&whole, piece.text) {
                whole.push(' ');
            }
            whole.push_str(piece.text);
            empty += 1;
            continue;
        }
        if at > 0 {
            whole.extend(std::iter::repeat_n('\n', empty + 1));
        }
        empty = 0;
        whole.push_str(raw.trim_end());
    }
    whole.extend(std::iter::repeat_n('\n', empty));
    Some(Joined { text: whole, continued })
}

/// The page has lines that no page is broken into.
fn is_whole(text: &str) -> bool {
    let wide = |line: &&str| {
        let most = *WIDTHS.end();
        line.len() > most
            && (line.len() > most * 4 || columns(line) > most)
            && !is_address(line.get(..most * 4).unwrap_or(line))
    };
    text.split('\n').filter(wide).nth(WIDE - 1).is_some()
}

/// Holds an address, which no line is broken in.
fn is_address(line: &str) -> bool {
    line.contains("://") || line.contains("](")
}

/// The width at which most pairs are parted.
fn width(pairs: &[Pair]) -> Option<usize> {
    let mut steps = vec![0_i32; WIDTHS.end() + 2];
    for pair in pairs {
        let end = (pair.to + 1).min(steps.len() - 1);
        if let Some(step) = steps.get_mut(pair.from) {
            *step += 1;
        }
        if let Some(step) = steps.get_mut(end) {
            *step -= 1;
        }
    }
    let mut most = (0, None);
    let mut sum = 0;
    for (width, step) in steps.iter().enumerate() {
        sum += step;
        if sum > most.0 && WIDTHS.contains(&width) {
            most = (sum, Some(width));
        }
    }
    most.1
}

impl<'a> Piece<'a> {
    fn of(line: &'a str) -> Piece<'a> {
        let line = line.trim_end();
        let text = line.trim_start();
        let quoted = text.starts_with('>');
        let text = text.trim_start_matches(['>', ' ']);
        let indent = line.len() - text.len();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let bullet = text.starts_with(BULLETS)
            || text.starts_with(['*', '-', '+', '–', '#'])
                && text.get(1..).is_none_or(|rest| !rest.starts_with(char::is_alphanumeric))
            || (1..=4).contains(&digits)
                && text.get(digits..).is_some_and(|rest| rest.starts_with(". "));
        let width = if text.len() > *WIDTHS.end() * 4 { text.len() } else { columns(text) };
        Piece { text, indent, width: indent + width, bullet, quoted }
    }
}

impl Pair {
    fn of(next: usize, line: &Piece<'_>, after: &Piece<'_>) -> Option<Pair> {
        let may = !line.text.is_empty()
            && !after.text.is_empty()
            && !after.bullet
            && line.quoted == after.quoted
            && after.indent >= line.indent
            && WIDTHS.contains(&line.width);
        if !may {
            return None;
        }
        let first = after.text.chars().next().filter(|c| is_wide(*c));
        let to = match first {
            // Two such characters stand together without a space, a full stop not at the start.
            Some(_) => line.width + 3,
            None => {
                let word = after.text.split(|c: char| c.is_whitespace() || is_wide(c)).next();
                line.width + columns(word.unwrap_or_default()).min(WIDTHS.end() + 1)
            }
        };
        let small = !after.text.starts_with(char::is_uppercase);
        Some(Pair { next, from: line.width, to, small })
    }

    fn breaks(&self, width: usize) -> bool {
        (self.from..=self.to).contains(&width)
    }
}

/// Nothing stands between the text and what it goes on with: a hyphen parts them, or the script
/// has no spaces.
fn parted(before: &str, after: &str) -> bool {
    let (Some(last), Some(first)) = (before.chars().next_back(), after.chars().next()) else {
        return true;
    };
    let hyphen = || {
        let word = before.chars().rev().nth(1);
        last == '-' && word.is_some_and(char::is_alphanumeric) && first.is_alphanumeric()
    };
    is_wide(last) && !is_hangul(last) && is_wide(first) && !is_hangul(first) || hyphen()
}

/// Takes two columns.
fn is_wide(c: char) -> bool {
    is_cjk(c) || is_hangul(c) || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff60}')
}

fn columns(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(|c| if c.is_ascii() { 1 } else { 1 + usize::from(is_wide(c)) }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_paragraphs_are_joined_and_lines_keep_their_numbers() {
        let page = "   Port Aldine\n\n   The ferry has docked at the port and the crew is safe, the\n   harbour office said on Monday. Nobody was hurt when the ship\n   ran aground off the northern pier, and divers will look at the\n   hull before it sails again, said the captain, who has been at\n   sea for thirty years and has seen many storms that were far\n   worse.\n   It is well-\n   known here.\n\n     * News\n     * Sport\n";
        let joined = joined(page).unwrap();
        assert_eq!(joined.text.matches('\n').count(), page.matches('\n').count());
        assert_eq!(joined.continued, [3, 4, 5, 6, 7]);
        let lines: Vec<&str> = joined.text.split('\n').collect();
        assert!(lines[2].starts_with("   The ferry has") && lines[2].ends_with("far worse."));
        assert_eq!((lines[3], lines[11]), ("", "     * News"));
    }

    #[test]
    fn lists_and_whole_paragraphs_are_left_alone() {
        let list = "The ferry has docked at Port Aldine after the storm\nThe bridge of Aldine is open again to all\nHarbour council meets at noon on the new pier\nDivers look for the hull of the lost ship in the bay\nA captain of thirty years retires\nNo boats will sail on Monday, says the office\nThe pier is closed\n";
        assert!(joined(list).is_none());
        let whole = "The ferry has docked at the port and the crew is safe. ".repeat(6) + "\n";
        assert!(joined(&whole.repeat(9)).is_none());
        assert!(joined("").is_none());
    }

    #[test]
    fn scripts_without_spaces_are_joined_without_them() {
        let line = "渡轮已抵达港口船员安全港务局星期一表示没有人受伤潜水员将检查";
        let page = format!("{line}\n{line}\n{line}\n{line}\n{line}\n{line}\n安全。\n");
        assert_eq!(joined(&page).unwrap().text.lines().next().unwrap(), line.repeat(6) + "安全。");
    }
}
