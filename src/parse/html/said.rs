//! Phrases that give a line away: "read also", "sign up", "photo:" … in the languages news is
//! written in. Each class is one more thing known of a block, never a verdict.

use std::{borrow::Cow, sync::LazyLock};

use serde::Deserialize;

use crate::parse::{
    letters::{Letter, lower},
    lexicon::embedded,
    phrases::Phrases,
};

/// What a phrase hints at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phrase {
    /// Points at another page of the site.
    Related,
    /// Asks to subscribe, register, follow, write or donate.
    Subscribe,
    /// Names who took the picture.
    Credit,
    /// Names who wrote the text.
    Byline,
    /// Says when.
    Dated,
    /// Asks to share, print, comment.
    Action,
    /// Advertising or commerce.
    Ad,
    /// Rights, terms, cookies.
    Legal,
    /// Introduces a source or a note of the editors.
    Note,
}

/// How many classes there are.
pub(super) const PHRASES: usize = 9;

/// The lists of phrases, one for each [`Phrase`], in its order.
#[derive(Deserialize)]
struct Lists {
    related: Vec<String>,
    subscribe: Vec<String>,
    credit: Vec<String>,
    byline: Vec<String>,
    dated: Vec<String>,
    action: Vec<String>,
    ad: Vec<String>,
    legal: Vec<String>,
    note: Vec<String>,
}

static FINDER: LazyLock<Phrases> = LazyLock::new(|| {
    let Lists { related, subscribe, credit, byline, dated, action, ad, legal, note } =
        embedded!("lines");
    let lists: [(Phrase, Vec<String>); PHRASES] = [
        (Phrase::Related, related),
        (Phrase::Subscribe, subscribe),
        (Phrase::Credit, credit),
        (Phrase::Byline, byline),
        (Phrase::Dated, dated),
        (Phrase::Action, action),
        (Phrase::Ad, ad),
        (Phrase::Legal, legal),
        (Phrase::Note, note),
    ];
    let of = |(class, list)| -> Vec<(&str, u8)> {
        let (class, list): (&Phrase, &Vec<String>) = (class, list);
        list.iter().map(|phrase| (phrase.as_str(), *class as u8)).collect()
    };
    Phrases::new(lists.iter().flat_map(|(class, list)| of((class, list))))
});

/// How many bytes of a line's beginning are looked at.
const REACH: usize = 160;

/// For each class: 2 if the line begins with one of its phrases, 1 if one stands further on (in
/// its first 160 bytes), else 0. Words only match whole, except in scripts without spaces.
pub(super) fn phrases(text: &str) -> [u8; PHRASES] {
    let mut found = [0u8; PHRASES];
    let mut end = text.len().min(REACH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    // Phrases are found in any case of single bytes.
    let lower = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(lowered(text)) };
    let start =
        lower.find(|c: char| Letter::of(c).is_alphanumeric() || matches!(c, '©' | '(' | '$' | '@'));
    let joins = |a: Option<char>, b: Option<char>| {
        matches!((a, b), (Some(a), Some(b)) if a.is_alphanumeric() && b.is_alphanumeric()
            && (a as u32) < 0x2e80)
    };
    // What names a price in dollars sells something.
    if let Some(at) = lower.find('$') {
        found[Phrase::Ad as usize] = if Some(at) == start { 2 } else { 1 };
    }
    FINDER.each(&lower, |at, length, class| {
        let before = lower[..at].chars().next_back();
        let inside = &lower[at..at + length];
        let after = lower[at + length..].chars().next();
        if joins(before, inside.chars().next()) || joins(inside.chars().next_back(), after) {
            return;
        }
        let level = if Some(at) == start { 2 } else { 1 };
        let found = &mut found[usize::from(class)];
        *found = level.max(*found);
    });
    found
}

/// Lower case, with one kind of apostrophe.
fn lowered(text: &str) -> String {
    if text.contains('Σ') {
        // Its small letter is another at the end of a word.
        return text.replace('’', "'").to_lowercase();
    }
    let mut all = String::with_capacity(text.len());
    text.chars().for_each(|c| lower(if c == '’' { '\'' } else { c }, |c| all.push(c)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_match_whole_words() {
        let level = |text: &str, class: Phrase| phrases(text)[class as usize];
        assert_eq!(level("“Read also: the ferry", Phrase::Related), 2);
        assert_eq!(level("The ferry. Read Also: the tug", Phrase::Related), 1);
        assert_eq!(level("Bread also rises", Phrase::Related), 0);
        assert_eq!(level("Read alsos", Phrase::Related), 0);
        assert_eq!(level("Venn ©", Phrase::Legal), 1);
        assert_eq!(level("$12 a crate", Phrase::Ad), 2);
        assert_eq!(level("A crate is $12", Phrase::Ad), 1);
        assert_eq!(level("今年の船", Phrase::Dated), 1);
        assert_eq!(level("Don’t miss", Phrase::Related), 2);
        assert_eq!(phrases(""), [0; PHRASES]);
    }
}
