//! What stands under a picture: the caption, and who took it.

use super::{lexicon::BYLINES, measure::Shape};

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

/// A line that says who took a picture: "Foto: Mia Kern".
pub(super) fn is_labelled(line: &str) -> bool {
    line.split_once([':', '：']).is_some_and(|(label, name)| {
        BYLINES.photo.contains(&label.trim().to_lowercase()) && !name.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_end_captions() {
        for (caption, credit) in [
            (
                "The ferry lies at the quay on Thursday. (Photo: Ina Brandt)",
                Some("Photo: Ina Brandt"),
            ),
            ("The ferry lies at the quay on Thursday. Photo: Ina Brandt", Some("Ina Brandt")),
            ("Die Fähre liegt am Kai von Aldorf. Foto: Mia Kern", Some("Mia Kern")),
            (
                "The ferry lies at the quay on Thursday. Harbour Press/Ina Brandt",
                Some("Harbour Press/Ina Brandt"),
            ),
            ("The ferry lies at the quay on Thursday.", None),
            ("Photo: Ina Brandt", None),
        ] {
            assert_eq!(credit_of(caption).as_deref(), credit, "{caption}");
        }
    }
}
