//! Captions and who took the picture.

use crate::{
    item::{Image, LineClass},
    parse::{layout::Fields, lexicon::fold_space, picture::credit_of},
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
                && page
                    .lines
                    .get(before)
                    .is_some_and(|alt| alt.bullet && alt.facts.shape.words >= 2)
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
