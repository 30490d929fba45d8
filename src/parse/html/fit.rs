//! What the tool that fits the block scorer needs (`examples/fit_html`): a page's blocks as
//! numbers, and the body that comes of other probabilities than the built-in ones.

use crate::{
    page::Page,
    parse::{clues::Clues, decode, lexicon},
};

use super::{Sites, features, lay_out_by};

/// A block as the scorer sees it.
#[derive(Clone, Copy, Debug)]
pub struct Specimen<'p> {
    /// Its text.
    pub text: &'p str,
    /// What is known of it, in the order of [`names`].
    pub features: &'p [f32],
}

/// A mark of the word lists that the features are made of, to be written beside what was fitted.
pub fn lexicon() -> String {
    lexicon::of_models()
}

/// Names of the features.
pub fn names() -> Vec<String> {
    features::names()
}

/// The body of an HTML page where `score` gives each block's probability of belonging to it;
/// nothing where the page is read without its tree.
pub fn body(page: &Page, score: &dyn Fn(&[Specimen<'_>]) -> Vec<f32>) -> Option<String> {
    let decoded = decode::decode(&page.bytes).ok()?;
    let scored = std::cell::Cell::new(false);
    let layout = lay_out_by(&decoded.text, page, &Sites::default(), &Clues::default(), &|rows| {
        scored.set(true);
        let mut all: Vec<Vec<f32>> = Vec::new();
        rows.each(&mut |_, row| all.push(row.to_vec()));
        let specimens: Vec<Specimen<'_>> = rows
            .blocks
            .iter()
            .zip(&all)
            .map(|(block, features)| Specimen { text: &block.text, features })
            .collect();
        score(&specimens)
    });
    let paragraphs: Vec<&str> = layout.body.iter().map(|p| p.text.as_str()).collect();
    scored.get().then(|| paragraphs.join("\n\n"))
}
