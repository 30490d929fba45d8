//! Letters: what of a character counts.

use std::sync::LazyLock;

use hashbrown::HashMap;
use unicode_normalization::char::decompose_canonical;

/// Traditional signs of Chinese with the simplified form of each.
static SIGNS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let rows = include_str!("words/signs.txt").lines().filter(|row| !row.starts_with('#'));
    let signs: Vec<char> = rows.flat_map(str::chars).collect();
    signs.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
});

/// Characters that only shape or direct the text.
pub(crate) fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{591}'..='\u{5c7}')
}

/// One letter without what only decorates it; `None` drops it.
pub(crate) fn fold_letter(c: char) -> Option<char> {
    if c.is_ascii() {
        return Some(c);
    }
    Some(match c {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        'ة' | 'ۀ' => 'ه',
        'ؤ' => 'و',
        'ئ' => 'ي',
        'ё' => 'е',
        'ς' => 'σ',
        'ı' => 'i',
        'ł' => 'l',
        'ø' => 'o',
        'đ' | 'ð' => 'd',
        'ß' => 's',
        'æ' => 'a',
        'œ' => 'o',
        '\u{300}'..='\u{36f}' => return None,
        c if invisible(c) => return None,
        // Letters of Latin and Greek lose their accents; in other scripts a mark makes a letter.
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{370}'..='\u{3ff}' => {
            let mut base = None;
            decompose_canonical(c, |part| {
                base.get_or_insert(part);
            });
            base.unwrap_or(c)
        }
        '٠'..='٩' => char::from(b'0' + (c as u32 - '٠' as u32) as u8),
        '۰'..='۹' => char::from(b'0' + (c as u32 - '۰' as u32) as u8),
        '०'..='९' => char::from(b'0' + (c as u32 - '०' as u32) as u8),
        '\u{3400}'..='\u{9fff}' => SIGNS.get(&c).copied().unwrap_or(c),
        c => c,
    })
}

/// A word of a list as lines have it.
pub(crate) fn fold_word(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).filter_map(fold_letter).collect()
}

/// Signs that bind two letters of an Indic script into one: part of a word, though no letters.
pub(crate) fn binds(c: char) -> bool {
    matches!(
        c,
        '\u{93c}'
            | '\u{94d}'
            | '\u{9bc}'
            | '\u{9cd}'
            | '\u{a3c}'
            | '\u{a4d}'
            | '\u{abc}'
            | '\u{acd}'
            | '\u{b3c}'
            | '\u{b4d}'
            | '\u{bcd}'
            | '\u{c4d}'
            | '\u{ccd}'
            | '\u{d4d}'
            | '\u{dca}'
    )
}

/// Scripts written without spaces between words: each character is taken for a word.
pub(crate) fn alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30a0}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// Characters that compatibility normalisation leaves alone, whichever of them stand beside each
/// other: most lines hold no others, and need not be normalised.
pub(crate) fn settled(c: char) -> bool {
    matches!(c, '\0'..='\x7f' | '\u{ab}' | '\u{bb}' | '\u{c0}'..='\u{ff}' | '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}' | '\u{5d0}'..='\u{5ea}' | '\u{621}'..='\u{63a}' | '\u{641}'..='\u{64a}' | '\u{6cc}' | '\u{2013}' | '\u{2014}' | '\u{2018}'..='\u{201d}' | '\u{20ac}' | '\u{3001}' | '\u{3002}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fe}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

    use super::*;

    #[test]
    fn what_is_settled_stays() {
        let all: Vec<char> = ('\0'..=char::MAX).filter(|&c| settled(c)).collect();
        for &c in &all {
            assert!(c.nfkc().eq([c]) && !invisible(c), "{c:?}");
            assert_eq!(canonical_combining_class(c), 0, "{c:?}");
        }
        // Nor do two of them make one, but for Hangul, whose syllables are made of parts that are
        // not among them.
        let few = all.iter().filter(|&&c| c < '\u{4e00}');
        for &a in few.clone() {
            for &b in few.clone() {
                assert_eq!(unicode_normalization::char::compose(a, b), None, "{a:?} {b:?}");
            }
        }
    }
}
