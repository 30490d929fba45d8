//! A text page as lines with what can be seen of each: indentation, bullet, the blank lines
//! around, what is said of its words.

use std::{ops::Range, sync::Arc};

use crate::parse::facts::{self, Facts};

/// A line of a text page.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Where its text stands in the page: without indentation, bullet and trailing space.
    pub(super) range: Range<usize>,
    /// Columns before the text or bullet.
    pub(super) indent: u16,
    /// It goes on with the line before it, whose range holds its text; its own is empty.
    pub(super) joined: bool,
    /// It begins with a bullet or a list number.
    pub(super) bullet: bool,
    /// A blank line (or the page's edge) stands before it.
    pub(super) opens: bool,
    /// A blank line (or the page's edge) stands after it.
    pub(super) closes: bool,
    /// What is said of its words.
    pub(super) facts: Arc<Facts>,
}

impl Line {
    /// Nothing printed on it, or nothing that is not the line's before it.
    pub(super) fn is_blank(&self) -> bool {
        self.range.is_empty()
    }

    /// Nothing is printed on it.
    pub(super) fn ends_block(&self) -> bool {
        self.range.is_empty() && !self.joined
    }
}

/// Lines of a page that are looked at; the longest news pages have some thousands.
const MOST: usize = 100_000;

/// Cuts a page into lines, and counts those past the first 100,000. Line `n` of the page is entry
/// `n - 1`. `continued` are the empty lines, in order, whose text stands in the line before them.
pub(super) fn lines(text: &str, continued: &[usize]) -> (Vec<Line>, usize) {
    let mut lines: Vec<Line> = Vec::new();
    // A final line end begins no line.
    let whole = text.strip_suffix('\n').unwrap_or(text);
    let mut from = 0;
    for to in memchr::memchr_iter(b'\n', whole.as_bytes()).chain([whole.len()]).take(MOST) {
        lines.push(line(whole, from, to));
        from = to + 1;
    }
    let beyond = match whole.get(from..) {
        Some(rest) => memchr::memchr_iter(b'\n', rest.as_bytes()).count() + 1,
        None => 0,
    };
    for &at in continued {
        if let Some(line) = lines.get_mut(at) {
            line.joined = true;
        }
    }
    let mut blank = true;
    for line in lines.iter_mut() {
        line.opens = blank;
        blank = line.ends_block();
    }
    blank = true;
    for line in lines.iter_mut().rev() {
        line.closes = blank;
        if !line.joined {
            blank = line.is_blank();
        }
    }
    (lines, beyond)
}

fn line(page: &str, from: usize, to: usize) -> Line {
    let raw = page.get(from..to).unwrap_or_default();
    let text = raw.trim_end();
    let body = text.trim_start();
    let indent = raw.len().min(text.len() - body.len()) as u16;
    let (bullet, text) = strip_bullet(without_signs(body), indent);
    let start = to - raw.len() + (text.as_ptr() as usize - raw.as_ptr() as usize);
    Line {
        range: start..start + text.len(),
        indent,
        joined: false,
        bullet,
        opens: false,
        closes: false,
        facts: facts::of(text),
    }
}

/// Takes off what marks a line up: the number signs of a Markdown heading, the flags around a line
/// of wire copy ("^By ORLA VENN=").
fn without_signs(text: &str) -> &str {
    if let Some(heading) = text.trim_start_matches('#').strip_prefix(' ')
        && (1..=6).contains(&(text.len() - heading.len() - 1))
    {
        return heading.trim_start();
    }
    match text.strip_prefix('^') {
        Some(flagged) => flagged.trim_end_matches(['=', '<', ' ']),
        None => text,
    }
}

/// Signs that only list entries begin with.
pub(super) const BULLETS: [char; 10] = ['•', '·', '●', '▪', '■', '‣', '◦', '○', '□', '☐'];

/// Takes bullets off. A dash or number is one only where the line is indented, or the text behind
/// it is: else it is part of the text.
fn strip_bullet(text: &str, indent: u16) -> (bool, &str) {
    let mut rest = text;
    let mut bullet = false;
    while let Some(after) = rest.strip_prefix(BULLETS) {
        bullet = true;
        rest = after.trim_start();
    }
    if !bullet && let Some(after) = rest.strip_prefix("* ") {
        return (true, after.trim_start());
    }
    if !bullet && let Some(after) = rest.strip_prefix("-  ") {
        return (true, after.trim_start());
    }
    if bullet || indent == 0 {
        return (bullet, rest);
    }
    if let Some(after) = rest.strip_prefix(['-', '*', '–', '+'])
        && after.starts_with(' ')
    {
        return (true, after.trim_start());
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=3).contains(&digits)
        && let Some(after) = rest.get(digits..).and_then(|after| after.strip_prefix(". "))
    {
        return (true, after.trim_start());
    }
    (false, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers_and_lose_their_ornament() {
        let page = "Harbour Herald\n\n  • News\n    • • Live\n- quoted list\n  1. first\n";
        let (lines, _) = lines(page, &[]);
        let text: Vec<&str> =
            lines.iter().map(|line| page.get(line.range.clone()).unwrap()).collect();
        assert_eq!(text, ["Harbour Herald", "", "News", "Live", "- quoted list", "first"]);
        let bullets: Vec<bool> = lines.iter().map(|line| line.bullet).collect();
        assert_eq!(bullets, [false, false, true, true, false, true]);
        assert!(lines[0].closes && lines[2].opens && !lines[3].opens);
        assert_eq!(lines[3].indent, 4);
        let signs = "## Ferry docks\n#harbour is full\n^By ORLA VENN=\n* News";
        let text: Vec<&str> = super::lines(signs, &[])
            .0
            .iter()
            .map(|line| signs.get(line.range.clone()).unwrap())
            .collect();
        assert_eq!(text, ["Ferry docks", "#harbour is full", "By ORLA VENN", "News"]);
    }

    #[test]
    fn no_end_of_lines_is_too_many() {
        let (lines, beyond) = super::lines(&"a\n".repeat(MOST + 7), &[]);
        assert_eq!((lines.len(), beyond), (MOST, 7));
        let (lines, beyond) = super::lines("a\n\n", &[]);
        assert_eq!((lines.len(), beyond), (2, 0));
        assert_eq!(super::lines("", &[]).0.len(), 1);
    }
}
