//! Which words of one text come again in another, bent or not.

use crate::parse::measure::{is_cjk, is_stop};

/// Letters of a word that must come again: what follows them bends with the sentence.
const LETTERS: usize = 5;

/// How many of the telling words of `claim` come again in `text` (lower case), and how many there
/// are. Chinese and Japanese are compared by pairs of characters.
pub(super) fn shared(claim: &str, text: &str) -> (usize, usize) {
    let claim = claim.to_lowercase();
    let letters: Vec<char> = claim.chars().filter(|&c| is_cjk(c)).collect();
    if letters.len() >= 6 {
        let pairs = letters.windows(2).filter(|pair| text.contains(&String::from_iter(*pair)));
        return (pairs.count(), letters.len() - 1);
    }
    let stems: Vec<&str> = claim
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 4 && !is_stop(word))
        .map(|word| word.char_indices().nth(LETTERS).map_or(word, |(at, _)| &word[..at]))
        .collect();
    (stems.iter().filter(|stem| text.contains(*stem)).count(), stems.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bent_words_come_again() {
        assert_eq!(shared("Ferry sinks off Port Amal", "the ferry had left port before"), (2, 4));
        assert_eq!(shared("Паром затонул ночью", "капитан парома сказал"), (1, 3));
        assert_eq!(shared("港沖でフェリー沈没", "フェリーが港沖で沈没した"), (6, 8));
        assert_eq!(shared("", "anything"), (0, 0));
    }
}
