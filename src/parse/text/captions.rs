//! Captions and who took the picture.

use crate::{
    item::{Image, LineClass},
    parse::{
        layout::Fields,
        measure::Shape,
        words::{BYLINES, fold_space},
    },
};

use super::{Draught, feature};

/// Captions beneath the headline: sentences with a picture's credit, best in a list entry whose
/// first line is the picture's alternative text.
pub(super) fn pictures(
    page: &Draught,
    beneath: &[usize],
    fields: &mut Fields,
    classes: &mut [Option<LineClass>],
) {
    for (nth, &at) in beneath.iter().enumerate() {
        let Some(line) = page.lines.get(at) else { continue };
        let text = page.at(at);
        let credited = credit_of(text);
        let before = nth.checked_sub(1).and_then(|nth| beneath.get(nth)).copied();
        // In a list entry: "• alternative text", and the caption indented under it.
        let alt = before.filter(|&before| {
            before + 1 == at
                && !line.bullet
                && line.indent >= 2
                && page.lines.get(before).is_some_and(|alt| alt.bullet && alt.shape.words >= 2)
        });
        if credited.is_none() && alt.is_none() || feature::length(line) < 25 {
            continue;
        }
        for at in alt.into_iter().chain([at]) {
            if let Some(class) = classes.get_mut(at) {
                class.get_or_insert(LineClass::Metadata);
            }
        }
        fields.images.push(Image {
            caption: Some(fold_space(text)),
            credit: credited,
            alt: alt.map(|alt| fold_space(page.at(alt))),
        });
    }
}

/// The credit that ends a caption: in brackets ("… (AFP)", "… (Harbour Press / Orla Venn)"), after a
/// label ("… Photo: Orla Venn"), or as names and a slash after the last full stop.
pub(super) fn credit_of(caption: &str) -> Option<String> {
    let caption = caption.trim_end_matches(['.', ' ']);
    let named = |credit: &str| {
        (1..=10).contains(&credit.split_whitespace().count())
            && credit.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_ascii())
    };
    let says = |before: &str| {
        let shape = Shape::of(before.trim());
        shape.chars + shape.hangul + shape.cjk * 3 / 2 >= 20
    };
    if let Some(inside) = caption.strip_suffix(')') {
        let (before, credit) = inside.rsplit_once('(')?;
        return (says(before) && named(credit)).then(|| credit.trim().to_owned());
    }
    if let Some(at) = caption.rfind([':', '：', '=']) {
        let (before, credit) = caption.split_at(at);
        let label = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let credit = credit.trim_start_matches([':', '：', '=']).trim();
        let known = BYLINES.photo.contains(&label.to_lowercase());
        let picture = before.get(..before.len() - label.len()).unwrap_or_default();
        return (known && says(picture) && named(credit)).then(|| credit.to_owned());
    }
    let (before, credit) = caption.rsplit_once(". ")?;
    let names = credit.split(['/', ' ']).filter(|word| !word.is_empty());
    let capital =
        |word: &str| word.starts_with(|c: char| c.is_uppercase()) || word.chars().count() <= 3;
    (credit.contains('/') && says(before) && named(credit) && { names }.all(capital))
        .then(|| credit.trim().to_owned())
}
