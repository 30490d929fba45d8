//! Text from outside, as people may be shown it.

use std::fmt::{self, Display, Formatter, Write};

/// Text from outside (a file's name, an address, what a page says, an error that quotes any of
/// them) as it may stand in a log line or on a terminal: nothing in it steers the terminal,
/// begins a line of its own or turns the reading direction of what follows.
#[derive(Clone, Copy, Debug)]
pub struct Shown<T> {
    text: T,
    how: How,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Exact,
    Prose,
    Json,
}

impl<T: Display> Shown<T> {
    /// A name, an address, a reason: what can't be shown as it is stands as an escape such as
    /// `\u{1b}`, so that nothing disappears.
    pub fn exact(text: T) -> Self {
        Shown { text, how: How::Exact }
    }

    /// What a page says: line breaks and tabs become spaces, and what can't be shown is left out.
    pub fn prose(text: T) -> Self {
        Shown { text, how: How::Prose }
    }

    /// JSON: what can't be shown stands as `\u009b`, which JSON reads as the same text.
    pub fn json(text: T) -> Self {
        Shown { text, how: How::Json }
    }
}

impl<T: Display> Display for Shown<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(Showing { to: f, how: self.how }, "{}", self.text)
    }
}

struct Showing<'a, W> {
    to: &'a mut W,
    how: How,
}

impl<W: Write> Write for Showing<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let (how, mut written) = (self.how, 0);
        for (at, found) in text.match_indices(|c| !how.lets_stand(c)) {
            self.to.write_str(&text[written..at])?;
            written = at + found.len();
            for c in found.chars() {
                match how {
                    How::Exact => write!(self.to, "{}", c.escape_default())?,
                    How::Prose if c.is_whitespace() => self.to.write_char(' ')?,
                    How::Prose => {}
                    How::Json => write!(self.to, "\\u{:04x}", u32::from(c))?,
                }
            }
        }
        self.to.write_str(&text[written..])
    }
}

impl How {
    fn lets_stand(self, c: char) -> bool {
        match self {
            // Below that, JSON escapes what stands within its strings and lays itself out.
            How::Json if c < '\u{7f}' => true,
            How::Prose if c == '\u{a0}' || c == '\u{feff}' => false,
            _ => !steers(c),
        }
    }
}

/// Control characters, line and paragraph separators, and the marks that embed, override or
/// isolate a reading direction.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{206f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\x1b[31mred\x07\u{9b}2J\u{202e}x\ny\u{a0}z";

    #[test]
    fn a_name_is_shown_whole_and_can_not_steer() {
        let shown = Shown::exact(HOSTILE).to_string();
        assert_eq!(shown, "a\\u{1b}[31mred\\u{7}\\u{9b}2J\\u{202e}x\\ny\u{a0}z");
    }

    #[test]
    fn page_text_loses_what_can_not_be_shown() {
        assert_eq!(Shown::prose(HOSTILE).to_string(), "a[31mred2Jx y z");
        assert_eq!(Shown::prose("عاجل: القدس").to_string(), "عاجل: القدس");
    }

    #[test]
    fn json_stays_the_same_text() {
        let json = serde_json::to_string_pretty(&[HOSTILE]).unwrap();
        let shown = Shown::json(&json).to_string();
        assert!(shown.starts_with("[\n") && !shown.contains(['\u{9b}', '\u{202e}']), "{shown}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [HOSTILE]);
    }
}
