//! An article that stands twice in its page is told once.

use std::collections::HashMap;

use super::letters::{alphanumerics, lower, squeeze_first};

/// Share of the paragraphs of one copy that the other must hold.
const SHARED: f32 = 0.9;

/// Paragraphs a copy has at least; two lines that repeat are a refrain.
const LEAST: usize = 3;

/// Letters of a paragraph that are compared first.
const BEGINNING: usize = 24;

/// Where the second copy begins: the paragraphs from there on are those before it once more,
/// quotes, dashes and a moved line apart. `None` where the text stands once.
pub(super) fn second_copy<'a>(paragraphs: impl IntoIterator<Item = &'a str>) -> Option<usize> {
    let paragraphs: Vec<&str> = paragraphs.into_iter().collect();
    // Most texts stand once: that is seen from the beginnings of their paragraphs.
    let opening = squeeze_first(paragraphs.first()?, BEGINNING);
    let opens_alike = |paragraph: &&str| {
        let (mut rest, mut alike) = (opening.chars(), true);
        for c in alphanumerics(paragraph).take(BEGINNING) {
            lower(c, |c| alike &= rest.next() == Some(c));
            if !alike {
                return false;
            }
        }
        rest.next().is_none()
    };
    if paragraphs.len() < LEAST * 2 || !paragraphs.iter().skip(LEAST).any(opens_alike) {
        return None;
    }
    let keys: Vec<u64> = paragraphs.iter().map(|paragraph| key(paragraph)).collect();
    // Lines may repeat within a copy, so that any later place of the opening may be its second.
    let opening = keys.first()?;
    keys.iter()
        .enumerate()
        .skip(LEAST)
        .filter(|(_, key)| *key == opening)
        .map(|(at, _)| at)
        .take(8)
        .find(|&at| alike(&keys, at))
}

fn alike(keys: &[u64], at: usize) -> bool {
    let (Some(first), Some(second)) = (keys.get(..at), keys.get(at..)) else { return false };
    if second.len() < LEAST || second.len() * 2 < first.len() {
        return false;
    }
    let mut left: HashMap<u64, usize> = HashMap::new();
    for key in first {
        *left.entry(*key).or_default() += 1;
    }
    let shared = second
        .iter()
        .take(first.len())
        .filter(|key| {
            left.get_mut(key)
                .is_some_and(|count| std::mem::replace(count, count.saturating_sub(1)) > 0)
        })
        .count();
    shared as f32 >= SHARED * first.len().min(second.len()) as f32
}

/// Letters and digits only, lower case: what stays when quotes are drawn otherwise.
fn key(paragraph: &str) -> u64 {
    let mut hash = super::memory::Fnv::default();
    alphanumerics(paragraph).for_each(|c| lower(c, |c| hash.write(u32::from(c))));
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_copy_with_other_quotes_and_a_moved_line() {
        let text = [
            "\"One\" - the ferry",
            "Two",
            "Three",
            "Four",
            "Five",
            "Six",
            "Seven",
            "Eight",
            "Nine",
            "Ten...",
            "“One” – the ferry",
            "Two",
            "Four",
            "Three",
            "Five",
            "Six",
            "Seven",
            "Eight",
            "Nine",
            "Ten…",
        ];
        assert_eq!(second_copy(text), Some(10));
    }

    #[test]
    fn a_refrain_is_no_copy() {
        assert_eq!(second_copy(["One", "Two", "Three", "One", "Four", "Five", "Six"]), None);
        assert_eq!(second_copy(["One", "Two", "One", "Two"]), None);
        assert_eq!(second_copy([]), None);
    }
}
