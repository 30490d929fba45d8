//! Two versions of an article compared, paragraph with paragraph and word by word.

use hashbrown::HashSet;

use super::changes::Changes;
use crate::{
    dedup::memory::articles::{Known, words},
    item::{Article, key_text},
};

/// Words a first paragraph has at least; what is shorter is a credit, a dateline or a caption.
const LEDE: usize = 12;

impl Known {
    /// What changed from this article to the new one; `None` where the text was too long to keep.
    pub(crate) fn changes(&self, new: &Article) -> Option<Changes> {
        let text = self.text()?;
        let (headline, body) = text.split_once('\n')?;
        let mut changes = Changes::default();
        changes.compare(headline, new.headline.as_deref().unwrap_or(""));
        let split = |body: &str| -> Vec<String> {
            body.split("\n\n").map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect()
        };
        let headline = changes.clone();
        if key_text(body) == key_text(&new.body) {
            // The same words, though perhaps in other paragraphs.
            changes.draw(body != new.body);
        } else {
            pair_paragraphs(&split(body), &split(&new.body), &mut changes);
        }
        if let Some(reflowed) = changes.reflowed(body, &new.body) {
            changes = headline.and(reflowed);
        }
        let new_headline = new.headline.as_deref().unwrap_or("");
        changes.settle(&text, &format!("{new_headline}\n{}", new.body));
        Some(changes)
    }
}

/// The first name or figure of an article's opening that a text does not have anywhere, headline
/// and first paragraph being the opening. Where nothing is written with capitals, any word may be a
/// name, and most of them must be there.
pub(crate) fn stranger(headline: &str, body: &str, text: &str) -> Option<String> {
    /// Of words that may be names so many are in the text.
    const MOST: f32 = 0.85;
    let known: HashSet<String> = text.split_whitespace().map(key_text).collect();
    let first = body.split("\n\n").find(|p| words(&key_text(p)).len() >= LEDE).unwrap_or("");
    let lede: Vec<&str> = without_dateline(first);
    let figures = headline.split_whitespace().filter(|word| word.contains(char::is_numeric));
    let mut starts = true;
    let capital = |word: &&str| {
        let within =
            !std::mem::replace(&mut starts, word.ends_with(['.', '!', '?', ':', '”', '"']));
        within && word.trim_start_matches(['"', '“', '(', '«']).starts_with(char::is_uppercase)
    };
    let names: Vec<&str> = lede.iter().copied().filter(capital).collect();
    let cased = text.contains(char::is_uppercase);
    let strange = |word: &str| {
        let key = key_text(word);
        // A possessive, a hyphenated name: its parts may stand alone.
        !key.is_empty() && !known.contains(&key) && !key.split(' ').all(|part| known.contains(part))
    };
    if !cased && !lede.is_empty() {
        let met = lede.iter().filter(|word| !strange(word)).count();
        if (met as f32) < MOST * lede.len() as f32 {
            return Some("other words".into());
        }
    }
    let counted = lede.iter().copied().filter(|word| word.contains(char::is_numeric));
    names.into_iter().chain(counted).chain(figures).find(|word| strange(word)).map(key_text)
}

/// The words of a paragraph after "VELMAR, March 3 (NPW) –".
fn without_dateline(paragraph: &str) -> Vec<&str> {
    const LONGEST: usize = 9;
    let words: Vec<&str> = paragraph.split_whitespace().collect();
    let dash = words.iter().take(LONGEST).position(|word| matches!(*word, "-" | "–" | "—" | "--"));
    words[dash.map_or(0, |dash| dash + 1)..].to_vec()
}

/// Compares paragraph with paragraph: those alike in their words first, then each that is left
/// with the one most like it, in order; what finds no partner came or went whole.
fn pair_paragraphs(old: &[String], new: &[String], changes: &mut Changes) {
    let keys = |all: &[String]| all.iter().map(|p| key_text(p)).collect::<Vec<_>>();
    let (old_keys, new_keys) = (keys(old), keys(new));
    let mut left: Vec<usize> = (0..old.len()).collect();
    let mut open = Vec::new();
    for (at, key) in new_keys.iter().enumerate() {
        match left.iter().position(|&n| old_keys[n] == *key) {
            Some(found) => {
                let n = left.remove(found);
                changes.compare(&old[n], &new[at]);
            }
            // Twice the same paragraph on one page is one paragraph.
            None if old_keys.contains(key) => {}
            None => open.push(at),
        }
    }
    let bag = |key: &str| key.split(' ').map(str::to_owned).collect::<HashSet<String>>();
    for at in open {
        let own = bag(&new_keys[at]);
        let mut best: Option<(f32, usize)> = None;
        for (place, &n) in left.iter().enumerate() {
            let others = bag(&old_keys[n]);
            let shared = own.intersection(&others).count() as f32;
            let alike = shared / own.len().max(others.len()).max(1) as f32;
            if alike >= 0.4 && best.is_none_or(|(most, _)| alike > most) {
                best = Some((alike, place));
            }
        }
        match best {
            Some((_, place)) => {
                let n = left.remove(place);
                changes.compare(&old[n], &new[at]);
            }
            None => {
                changes.lede |= at == 0 && words(&new_keys[at]).len() >= LEDE;
                changes.whole("", &new[at]);
            }
        }
    }
    for n in left {
        if !new_keys.contains(&old_keys[n]) {
            changes.whole(&old[n], "");
        }
    }
}
