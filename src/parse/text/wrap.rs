//! Pages whose paragraphs were broken into lines of one width, as text browsers and mail do.
//!
//! Such a page shows in its widest line, which is no longer than a screen is wide, and in where its
//! lines end: the first word of the next one would not have fit.

use super::line::Line;

/// Widths, in columns, that pages are broken at.
const WIDTHS: std::ops::RangeInclusive<u32> = 50..=100;
/// Broken places that a page must have: fewer may be chance.
const LEAST: usize = 5;

/// Which lines go on with the line before them. `text_of` gives a line's text.
pub(super) fn continued<'a>(lines: &[Line], text_of: impl Fn(&Line) -> &'a str) -> Vec<usize> {
    let width =
        |line: &Line| u32::from(line.indent) + line.shape.chars + 2 * u32::from(line.bullet);
    let widest = lines.iter().filter(|line| line.shape.words >= 4).map(width).max().unwrap_or(0);
    if !WIDTHS.contains(&widest) {
        return Vec::new();
    }
    let (mut pairs, mut broken, mut small) = (0, Vec::new(), 0);
    for (at, pair) in lines.windows(2).enumerate() {
        let [line, next] = pair else { continue };
        if line.is_blank() || next.is_blank() || next.bullet || next.indent < line.indent {
            continue;
        }
        pairs += 1;
        let word = text_of(next).split_whitespace().next().unwrap_or_default();
        if line.shape.words >= 4 && width(line) + 1 + word.chars().count() as u32 >= widest {
            broken.push(at + 1);
            small += usize::from(!word.starts_with(char::is_uppercase));
        }
    }
    // Lines of a list are of any length and begin each anew.
    let wrapped =
        broken.len() >= LEAST && broken.len() * 5 >= pairs * 3 && small * 2 >= broken.len();
    if wrapped { broken } else { Vec::new() }
}
