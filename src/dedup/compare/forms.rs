//! Two forms of one word: slips of the pen, endings, ways of writing.

use super::terms::Term;
use crate::dedup::read::{
    line::Case,
    roles::Roles,
    stem::{derived, one_stem},
    words::WORDS,
};

/// "US" in a line that capitalises every word is written as "Us" there, and as "us" in one that
/// capitalises none.
pub(crate) fn same_us(a: &Term<'_>, b: &Term<'_>, small: impl Fn() -> bool) -> bool {
    matches!((a.word, b.word), ("us", "usa") | ("usa", "us"))
        && ((a.flags.case() != Case::Lower && b.flags.case() != Case::Lower) || small())
}

/// A slip of the pen or another ending: "says" and "sayss", never "Iran" and "Iraq".
pub(crate) fn slip(old: &Term<'_>, new: &Term<'_>, known: bool) -> bool {
    let (old_lines, new_lines) = (old.lines, new.lines);
    let (a, b) = (old.word.as_bytes(), new.word.as_bytes());
    let doubled = a.len().min(b.len()) == 4 && typing_slip(a, b) && undoubled(a).eq(undoubled(b));
    if (a.len().min(b.len()) < 5 && !doubled) || a[0] != b[0] || !a.is_ascii() || !b.is_ascii() {
        return false;
    }
    if a.iter().any(u8::is_ascii_digit) || b.iter().any(u8::is_ascii_digit) {
        return false;
    }
    // A letter lost, doubled or swapped in a word nobody has written before, or hardly anybody.
    let rare = |one: u32, other: u32| one <= 3 && other >= 6 * one;
    let misspelt = new_lines == 0
        || (a.len().min(b.len()) >= 6
            && (rare(new_lines, old_lines) || rare(old_lines, new_lines)));
    if misspelt && !known && typing_slip(a, b) {
        return true;
    }
    // Two words that both live elsewhere are two words.
    if old_lines > 1 && new_lines > 0 {
        return false;
    }
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[start..], &b[start..]);
    if start >= 5
        && ((ending(rest_a) && ending(rest_b))
            || matches!((rest_a, rest_b), (b"", b"ly") | (b"ly", b"")))
    {
        return true;
    }
    if a.len().abs_diff(b.len()) > 1 || a.len().min(b.len()) < 6 {
        return false;
    }
    let tail = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (gap_a, gap_b) = (rest_a.len() - tail, rest_b.len() - tail);
    gap_a.max(gap_b) <= 1
        || (gap_a == 2 && gap_b == 2 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0])
}

/// What is left of two forms of one English word after their common beginning.
fn ending(rest: &[u8]) -> bool {
    const ENDINGS: [&str; 30] = [
        "", "s", "es", "d", "ed", "ing", "er", "ers", "ion", "ions", "ist", "ists", "ian", "ment",
        "e", "ation", "or", "ors", "y", "ive", "n", "an", "ans", "ity", "al", "ance", "ence",
        "able", "ant", "ations",
    ];
    ENDINGS.iter().any(|ending| ending.as_bytes() == rest)
}

/// Two forms of one word by the stemmer of a language other than English, unless one of them tells
/// what is still ahead.
pub(crate) fn stems(old: &Term<'_>, new: &Term<'_>) -> bool {
    let (a, b) = (old.word, new.word);
    let start = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let stem = |a, b| one_stem(a, b) || derived(a, b);
    start >= 4
        && !old.roles.any(Roles::COMMON)
        && !new.roles.any(Roles::COMMON)
        && old.figure.is_none()
        && new.figure.is_none()
        && WORDS.looks_ahead(a) == WORDS.looks_ahead(b)
        && stem(a, b)
}

/// A place no list has, and what is from there: "Velmaria" and "Velmarian".
pub(crate) fn from_there(a: &str, b: &str) -> bool {
    const ENDINGS: [&str; 8] = ["n", "ns", "an", "ans", "ian", "ians", "ese", "i"];
    let (place, people) = if a.len() < b.len() { (a, b) } else { (b, a) };
    place.len() >= 5 && people.strip_prefix(place).is_some_and(|rest| ENDINGS.contains(&rest))
}

/// "Bürger" and "Buerger", "Weiß" and "Weiss", as writers without these letters have it.
pub(crate) fn umlauts(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    a.len() != b.len()
        && a.len().min(b.len()) >= 3
        && a[0] == b[0]
        && a.iter().chain(b).all(u8::is_ascii_lowercase)
        && plain(a).eq(plain(b))
}

/// The letters, each double one as one.
fn undoubled(word: &[u8]) -> impl Iterator<Item = u8> {
    let mut before = 0;
    word.iter().copied().filter(move |&letter| std::mem::replace(&mut before, letter) != letter)
}

/// The letters without the e that stands for two dots on the vowel before it, and without the
/// second of the two that stand for a sharp s at the end.
fn plain(word: &[u8]) -> impl Iterator<Item = u8> {
    let word = if word.len() > 4 {
        word.strip_suffix(b"s").filter(|w| w.ends_with(b"s")).unwrap_or(word)
    } else {
        word
    };
    let mut before = 0;
    word.iter().copied().filter(move |&letter| {
        let dots = letter == b'e' && matches!(before, b'a' | b'o' | b'u');
        before = letter;
        !dots
    })
}

/// A letter lost or doubled, or two swapped: what a hand does. A letter replaced makes another name
/// as often as not.
pub(crate) fn typing_slip(a: &[u8], b: &[u8]) -> bool {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    match a.len().abs_diff(b.len()) {
        0 => a.len() >= 2 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..],
        1 if a.len() > b.len() => a[1..] == *b,
        1 => b[1..] == *a,
        _ => false,
    }
}
