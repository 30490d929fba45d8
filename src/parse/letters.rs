//! What a character is, looked up: the tables that the standard library searches are small, and
//! a page asks them many times for each of its characters.

use std::sync::OnceLock;

/// What a character is: bits of [`is`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letter(u8);

/// What a character can be, a bit each.
mod is {
    pub(super) const ALPHANUMERIC: u8 = 1;
    pub(super) const NUMERIC: u8 = 2;
    pub(super) const UPPERCASE: u8 = 4;
    pub(super) const LOWERCASE: u8 = 8;
    pub(super) const WHITESPACE: u8 = 16;
    pub(super) const CONTROL: u8 = 32;
    /// Its lower case is another.
    pub(super) const LOWERED: u8 = 64;
    pub(super) const ALPHABETIC: u8 = 128;
}

/// Characters of a table.
const PAGE: usize = 256;

/// Those of two bytes in UTF-16, filled in as they are met.
static PAGES: [OnceLock<[u8; PAGE]>; 256] = [const { OnceLock::new() }; 256];

impl Letter {
    /// Looks a character up.
    #[inline]
    pub(super) fn of(c: char) -> Letter {
        let (page, at) = (c as usize / PAGE, c as usize % PAGE);
        match PAGES.get(page) {
            Some(table) => Letter(table.get_or_init(|| fill(page))[at]),
            None => Letter(bits(c)),
        }
    }

    /// [`char::is_alphanumeric`]
    #[inline]
    pub(super) fn is_alphanumeric(self) -> bool {
        self.0 & is::ALPHANUMERIC != 0
    }

    /// [`char::is_alphabetic`]
    #[inline]
    pub(super) fn is_alphabetic(self) -> bool {
        self.0 & is::ALPHABETIC != 0
    }

    /// [`char::is_numeric`]
    #[inline]
    pub(super) fn is_numeric(self) -> bool {
        self.0 & is::NUMERIC != 0
    }

    /// [`char::is_uppercase`]
    #[inline]
    pub(super) fn is_uppercase(self) -> bool {
        self.0 & is::UPPERCASE != 0
    }

    /// [`char::is_lowercase`]
    #[inline]
    pub(super) fn is_lowercase(self) -> bool {
        self.0 & is::LOWERCASE != 0
    }

    /// [`char::is_whitespace`]
    #[inline]
    pub(super) fn is_whitespace(self) -> bool {
        self.0 & is::WHITESPACE != 0
    }

    /// [`char::is_control`]
    #[inline]
    pub(super) fn is_control(self) -> bool {
        self.0 & is::CONTROL != 0
    }

    /// Whether [`char::to_lowercase`] gives the character itself.
    #[inline]
    pub(super) fn is_lowered(self) -> bool {
        self.0 & is::LOWERED == 0
    }
}

/// Calls `put` with the lower case of a character.
#[inline]
pub(super) fn lower(c: char, put: impl FnMut(char)) {
    if c.is_ascii() {
        std::iter::once(c.to_ascii_lowercase()).for_each(put);
    } else if Letter::of(c).is_lowered() {
        std::iter::once(c).for_each(put);
    } else {
        c.to_lowercase().for_each(put);
    }
}

/// The letters and digits of a text.
pub(super) fn alphanumerics(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| Letter::of(*c).is_alphanumeric())
}

/// The first so many letters and digits of a text in lower case: how two are compared whose spaces
/// and marks don't count.
pub(super) fn squeeze_first(text: &str, most: usize) -> String {
    let mut squeezed = String::new();
    alphanumerics(text).take(most).for_each(|c| lower(c, |c| squeezed.push(c)));
    squeezed
}

/// The same of the whole text.
pub(super) fn squeeze(text: &str) -> String {
    squeeze_first(text, usize::MAX)
}

#[cold]
fn fill(page: usize) -> [u8; PAGE] {
    std::array::from_fn(|at| char::from_u32((page * PAGE + at) as u32).map_or(0, bits))
}

fn bits(c: char) -> u8 {
    let bit = |is: bool, bit: u8| if is { bit } else { 0 };
    bit(c.is_alphanumeric(), is::ALPHANUMERIC)
        | bit(c.is_numeric(), is::NUMERIC)
        | bit(c.is_uppercase(), is::UPPERCASE)
        | bit(c.is_lowercase(), is::LOWERCASE)
        | bit(c.is_whitespace(), is::WHITESPACE)
        | bit(c.is_control(), is::CONTROL)
        | bit(!c.to_lowercase().eq([c]), is::LOWERED)
        | bit(c.is_alphabetic(), is::ALPHABETIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_marks_are_squeezed_out() {
        assert_eq!(squeeze("Harbour-Herald (7)"), "harbourherald7");
        assert_eq!(squeeze_first("ÉTÉ à Aldine", 4), "étéà");
    }

    #[test]
    fn letters_are_what_the_standard_library_says() {
        for c in (0..=0x2_ffff).filter_map(char::from_u32) {
            let letter = Letter::of(c);
            assert_eq!(letter.is_alphanumeric(), c.is_alphanumeric(), "{c:?}");
            assert_eq!(letter.is_alphabetic(), c.is_alphabetic(), "{c:?}");
            assert_eq!(letter.is_numeric(), c.is_numeric(), "{c:?}");
            assert_eq!(letter.is_uppercase(), c.is_uppercase(), "{c:?}");
            assert_eq!(letter.is_lowercase(), c.is_lowercase(), "{c:?}");
            assert_eq!(letter.is_whitespace(), c.is_whitespace(), "{c:?}");
            assert_eq!(letter.is_control(), c.is_control(), "{c:?}");
            let mut lowered = String::new();
            lower(c, |c| lowered.push(c));
            assert!(lowered.chars().eq(c.to_lowercase()), "{c:?}");
        }
    }
}
