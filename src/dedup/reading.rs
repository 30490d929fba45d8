//! A draft read before it is judged. That needs no memory, so that another thread can do it.

use super::{
    memory::articles::Known,
    read::{spelling::Seed, wording::Wording},
};
use crate::item::{Article, Item};

/// A draft read: its headline taken apart and, of an article, what it is found again by.
#[derive(Debug)]
pub struct Reading {
    pub(super) headline: Wording,
    pub(super) article: Option<Known>,
}

impl Reading {
    /// Reads an item of a page with this address; `seed` is the [memory's][super::Memory::seed]
    /// that is to judge it.
    #[must_use]
    pub fn of(item: &Item, url: Option<&str>, seed: &Seed) -> Self {
        match item {
            Item::Ticker(line) => {
                Reading { headline: Wording::of(&line.headline, seed), article: None }
            }
            Item::Article(article) => Reading::of_article(article, url, seed),
        }
    }

    pub(super) fn of_article(article: &Article, url: Option<&str>, seed: &Seed) -> Self {
        let headline = article.headline.as_deref().unwrap_or("");
        Reading { headline: Wording::of(headline, seed), article: Some(Known::of(article, url)) }
    }
}
