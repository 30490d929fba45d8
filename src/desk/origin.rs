//! Who tells something: the speaker or agency it is credited to, else who published the page.

use std::{collections::HashMap, sync::LazyLock};

use crate::item::{Item, Source, key_text};

/// An origin that is independent of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// What makes two names the same origin.
    pub(super) key: String,
    /// As the page names it.
    pub(super) name: String,
}

/// A speaker or an agency has a name of so many words at most: what is longer is the news itself,
/// with its speaker behind it.
const NAME_WORDS: usize = 6;

/// Names of agencies, canonical → the one that stands for all of its names.
static AGENCIES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let all: HashMap<String, Vec<String>> =
        toml::from_str(include_str!("agencies.toml")).expect("it is embedded; a test reads it");
    let named = |(agency, names): (String, Vec<String>)| {
        let names = names.into_iter().map(|name| plain(&name)).chain([plain(&agency)]);
        names.map(|name| (name, agency.clone())).collect::<Vec<_>>()
    };
    all.into_iter().flat_map(named).collect()
});

impl Origin {
    /// The origin of an item on a page of `source`, where one is named.
    pub(super) fn of(item: &Item, source: &Source) -> Option<Self> {
        let credited = match item {
            Item::Ticker(line) => line.attribution.as_deref(),
            Item::Article(article) => article.credit.as_deref(),
        };
        let named = |name: &&str| name.split_whitespace().count() <= NAME_WORDS;
        let name = credited.filter(named).or(source.label())?;
        let plain = plain(name);
        if plain.is_empty() {
            return None;
        }
        let key = AGENCIES.get(&plain).cloned().unwrap_or(plain);
        Some(Origin { key, name: name.to_owned() })
    }
}

/// A name without what doesn't make it another one: case, signs, an article before it.
fn plain(name: &str) -> String {
    let text = key_text(name);
    text.strip_prefix("the ").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Article, TickerLine};

    fn key(credit: Option<&str>, source: &str) -> Option<String> {
        let credit = credit.map(str::to_owned);
        let item = Item::Article(Box::new(Article { credit, ..Article::default() }));
        let source = Source { name: Some(source.into()), host: None };
        Origin::of(&item, &source).map(|origin| origin.key)
    }

    #[test]
    fn copies_of_one_agency_are_one_origin() {
        assert_eq!(key(Some("AP"), "Harbour Daily"), key(Some("The Associated Press"), "Courier"));
        assert_eq!(key(Some("(Reuters)"), "Harbour Daily"), key(None, "Reuters"));
        assert_ne!(key(Some("AP"), "Harbour Daily"), key(Some("AFP"), "Harbour Daily"));
        assert_eq!(key(None, "The Amal Courier"), key(None, "Amal Courier"));
        assert_eq!(key(Some("…"), "Harbour Daily"), None);
    }

    #[test]
    fn a_line_is_its_speakers() {
        let line = TickerLine { attribution: Some("Coast guard".into()), ..TickerLine::default() };
        let source = Source { name: Some("Harbour Daily".into()), host: None };
        let origin = Origin::of(&Item::Ticker(line), &source).unwrap();
        assert_eq!((origin.key.as_str(), origin.name.as_str()), ("coast guard", "Coast guard"));
        let origin = Origin::of(&Item::Ticker(TickerLine::default()), &source).unwrap();
        assert_eq!(origin.key, "harbour daily");
        let long = Some("Ferry aground off the Skerry light with 212 aboard".into());
        let line = TickerLine { attribution: long, ..TickerLine::default() };
        assert_eq!(Origin::of(&Item::Ticker(line), &source).unwrap().key, "harbour daily");
        assert_eq!(Origin::of(&Item::Ticker(TickerLine::default()), &Source::default()), None);
    }
}
