//! Key v1: what makes two wordings "the same words". Frozen, because event ids are made of it:
//! a better idea becomes key v2 beside it, never a change here.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::{
    draft::{Article, Item},
    id::first_16,
};

/// The key of an item: a hash of its [`key_text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub [u8; 16]);

impl Key {
    /// The key of any item.
    pub fn of(item: &Item) -> Self {
        match item {
            Item::Ticker(line) => Key::of_ticker(&line.headline),
            Item::Article(article) => Key::of_article(article),
        }
    }

    /// The key of a ticker line: its words.
    pub fn of_ticker(headline: &str) -> Self {
        Key::hash(&["ticker", &key_text(headline)])
    }

    /// The key of an article: its URL without query and fragment, else the words of its headline
    /// and first paragraph.
    pub fn of_article(article: &Article) -> Self {
        if let Some(url) = &article.url {
            let end = url.find(['?', '#']).unwrap_or(url.len());
            return Key::hash(&["url", url[..end].trim_end_matches('/')]);
        }
        let headline = key_text(article.headline.as_deref().unwrap_or(""));
        let first = article.body.split("\n\n").next().unwrap_or("");
        Key::hash(&["text", &headline, &key_text(first)])
    }

    fn hash(parts: &[&str]) -> Self {
        let mut hash = blake3::Hasher::new();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
        Key(first_16(&hash.finalize()))
    }
}

/// The words of `text` in compatibility form and lower case, one space between, without
/// punctuation, except what carries a figure's meaning: `.` and `,` between digits (the comma of
/// thousands is dropped), a sign before a digit, `%` and currency signs.
pub fn key_text(text: &str) -> String {
    // Most text needs no normalising, and finding that out costs less than doing it.
    if text.is_ascii() {
        ascii_words(text.as_bytes())
    } else if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        words(lower(text.chars(), text.len()).chars(), text.len())
    } else {
        words(lower(text.nfkc(), text.len()).chars(), text.len())
    }
}

/// Lower case, each character for itself: unlike [`str::to_lowercase`], which looks at what stands
/// around a sigma.
fn lower(chars: impl Iterator<Item = char>, len: usize) -> String {
    let mut lower = String::with_capacity(len);
    for c in chars {
        if c.is_ascii() {
            lower.push(c.to_ascii_lowercase());
        } else {
            lower.extend(c.to_lowercase());
        }
    }
    lower
}

/// The words of normal, lower-case text of about `len` bytes.
fn words(folded: impl Iterator<Item = char>, len: usize) -> String {
    let mut key = String::with_capacity(len);
    let digit = |at: Option<char>| at.is_some_and(char::is_numeric);
    let mut folded = folded.peekable();
    let mut previous = None;
    while let Some(c) = folded.next() {
        let (before, after) = (previous.replace(c), folded.peek().copied());
        let keep = match c {
            // Marks that only shape or direct the text; some of them count as letters.
            c if is_invisible(c) => continue,
            c if c.is_alphanumeric() => true,
            '.' => digit(before) && digit(after),
            ',' if digit(before) && digit(after) => continue,
            '-' | '+' | '−' => digit(after) && before.is_none_or(|c| c.is_whitespace()),
            '%' | '$' | '€' | '£' | '¥' | '₪' | '₽' | '₹' | '₺' => true,
            // An apostrophe inside a word joins it, whichever way it is drawn.
            '\'' | '’' | '‘' | 'ʼ' | '`' => continue,
            _ => false,
        };
        if keep {
            key.push(if c == '−' { '-' } else { c });
        } else if !key.is_empty() && !key.ends_with(' ') {
            key.push(' ');
        }
    }
    key.truncate(key.trim_end().len());
    key
}

/// The same of text of single bytes, which most is made of.
fn ascii_words(text: &[u8]) -> String {
    let mut key: Vec<u8> = Vec::with_capacity(text.len());
    let digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    let space = |at: &u8| char::from(*at).is_whitespace();
    for (at, &byte) in text.iter().enumerate() {
        if byte.is_ascii_alphanumeric() {
            key.push(byte.to_ascii_lowercase());
            continue;
        }
        let (before, after) = (at.checked_sub(1).map(|at| &text[at]), text.get(at + 1));
        let keep = match byte {
            b' ' => false,
            b'.' => digit(before) && digit(after),
            b',' if digit(before) && digit(after) => continue,
            b'-' | b'+' => digit(after) && before.is_none_or(space),
            b'%' | b'$' => true,
            b'\'' | b'`' => continue,
            _ => false,
        };
        if keep {
            key.push(byte);
        } else if !matches!(key.last(), None | Some(b' ')) {
            key.push(b' ');
        }
    }
    if key.last() == Some(&b' ') {
        key.pop();
    }
    String::from_utf8(key).expect("single bytes are text")
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
        || ('\u{300}'..='\u{36f}').contains(&c)
        || ('\u{64b}'..='\u{65f}').contains(&c)
        || c == '\u{640}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawing_of_quotes_dashes_and_spaces_does_not_count() {
        let straight = key_text("Mayor: \"We won't leave\" - 1,200 homes at risk.");
        let curly = key_text("Mayor : “We won’t leave” — 1200\u{a0}homes at risk");
        assert_eq!(straight, "mayor we wont leave 1200 homes at risk");
        assert_eq!(straight, curly);
    }

    proptest::proptest! {
        #[test]
        fn text_that_needs_no_normalising_has_the_key_it_has_with_it(
            text in r"[ -~’–é\u{430}-\u{44f}ﬁ①\u{301}İΣ]{0,40}"
        ) {
            let whole = words(text.nfkc().flat_map(char::to_lowercase), text.len());
            proptest::prop_assert_eq!(key_text(&text), whole);
        }

        #[test]
        fn single_bytes_have_the_key_that_all_text_has(text in r"[\x00-\x7f]{0,40}") {
            let whole = words(text.chars().map(|c| c.to_ascii_lowercase()), text.len());
            proptest::prop_assert_eq!(key_text(&text), whole);
        }
    }

    #[test]
    fn figures_keep_their_meaning() {
        assert_eq!(key_text("Up 1.5% to $3,000"), "up 1.5% to $3000");
        assert_eq!(key_text("Down to -4 degrees"), "down to -4 degrees");
        assert_eq!(key_text("A 4-day truce"), "a 4 day truce");
        assert_ne!(key_text("1.5 dead"), key_text("15 dead"));
    }

    #[test]
    fn other_scripts_keep_their_letters() {
        assert_eq!(key_text("عَاجِل | انفجارٌ"), "عاجل انفجار");
        assert_eq!(key_text("СРОЧНО: Взрыв"), "срочно взрыв");
        assert_eq!(key_text("速報：地震"), "速報 地震");
    }

    #[test]
    fn an_article_is_its_url_or_its_opening() {
        let article = |url: Option<&str>, body: &str| Article {
            url: url.map(Into::into),
            headline: Some("Harbour reopens".into()),
            body: body.into(),
            ..Article::default()
        };
        let key = |a: &Article| Key::of_article(a);
        assert_eq!(
            key(&article(Some("https://ex.test/a/?utm=1"), "x")),
            key(&article(Some("https://ex.test/a#top"), "y"))
        );
        assert_ne!(key(&article(None, "One.\n\nTwo.")), key(&article(None, "Two.\n\nOne.")));
        assert_eq!(key(&article(None, "One.\n\nTwo.")), key(&article(None, "One.\n\nThree.")));
    }
}
