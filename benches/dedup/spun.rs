//! Lines spun of real ones, in any number.

use std::collections::HashMap;

use crate::stream::Dice;

/// Lines spun of real ones: each word follows one that it follows in a real line. They read like
/// nonsense, but have the words, the figures, the capitals and the marks of real lines, and share
/// runs of words as real lines do.
pub(crate) struct Spun {
    dice: Dice,
    words: Vec<String>,
    /// For each word what followed it, as often as it did; the last is what lines begin with.
    follow: Vec<Vec<u32>>,
}

/// Stands for the end of a line.
const END: u32 = u32::MAX;

impl Spun {
    /// The stream from its beginning.
    pub(crate) fn new(lines: &[String]) -> Self {
        let mut words: Vec<String> = Vec::new();
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let (mut follow, mut first) = (Vec::new(), Vec::new());
        for line in lines {
            let mut before: Option<u32> = None;
            let mut note = |follow: &mut Vec<Vec<u32>>, next: u32| match before.replace(next) {
                Some(before) => follow[before as usize].push(next),
                None => first.push(next),
            };
            for word in line.split_whitespace() {
                let number = *numbers.entry(word).or_insert_with(|| {
                    words.push(word.to_owned());
                    follow.push(Vec::new());
                    words.len() as u32 - 1
                });
                note(&mut follow, number);
            }
            note(&mut follow, END);
        }
        first.retain(|&word| word != END);
        follow.push(first);
        Spun { dice: Dice(0x5eed), words, follow }
    }

    /// The next line.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        let mut at = self.follow.len() - 1;
        for _ in 0..40 {
            let choice = self.dice.below(self.follow[at].len());
            let next = self.follow[at][choice];
            if next == END {
                break;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            at = next as usize;
            line.push_str(&self.words[at]);
        }
        line
    }
}
