//! The article's pictures: caption, credit, alternative text.

use std::collections::BTreeMap;

use crate::{
    item::Image,
    parse::{lexicon::BYLINES, picture::credit_of},
};

use super::{
    block::Block,
    dom::{Attr, Dom, Name},
    said::{Phrase, phrases},
    words::{Hint, hints},
};

/// How many pictures of an article are told.
const MAX_IMAGES: usize = 40;

/// Pictures with a caption between two nodes; `captions` are the lines that are one.
pub(super) fn images(
    dom: &Dom,
    blocks: &[Block],
    captions: &BTreeMap<usize, u32>,
    from: u32,
    to: u32,
) -> Vec<Image> {
    // By where they stand.
    let mut images: Vec<(u32, Image)> = Vec::new();
    let mut at = from.max(1);
    while at < to && images.len() < MAX_IMAGES {
        let node = dom.node(at);
        let class = node.attr(Attr::Class).unwrap_or("");
        let is_figure = node.name == Name::Figure
            || matches!(node.name, Name::Div | Name::Span | Name::Section)
                && class.contains("wp-caption")
                && !class.contains("text");
        if is_figure {
            images.extend(figure(dom, at).map(|image| (at, image)));
            at = node.end;
        } else {
            at += 1;
        }
    }
    for (&i, &holder) in captions {
        let block = &blocks[i];
        let told = |(_, image): &(u32, Image)| {
            image.caption.as_deref().is_some_and(|caption| block.text.contains(caption))
        };
        if (from..to).contains(&block.first) && !images.iter().any(told) {
            images.push((block.first, captioned(dom, &block.text, holder)));
        }
    }
    images.sort_by_key(|(at, _)| *at);
    let mut told: Vec<Image> = Vec::new();
    for (_, image) in images {
        if told.len() < MAX_IMAGES && !told.contains(&image) {
            told.push(image);
        }
    }
    told
}

/// A picture with its caption: `holder` is or holds the picture.
fn captioned(dom: &Dom, text: &str, holder: u32) -> Image {
    let pictures = (holder..dom.node(holder).end).filter(|&x| dom.node(x).name == Name::Img);
    let alt = pictures.filter_map(|x| dom.node(x).attr(Attr::Alt)).map(str::trim);
    let alt = alt.filter(|alt| !alt.is_empty()).map(str::to_owned).next();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (caption, credit) = match split_credit(&text) {
        Some((caption, credit)) => (caption, Some(trim_credit(&credit))),
        None => (text.clone(), credit_of(&text)),
    };
    Image { caption: Some(caption).filter(|c| !c.is_empty()), credit, alt }
}

fn figure(dom: &Dom, at: u32) -> Option<Image> {
    let mut image = Image::default();
    let mut pictures = 0;
    for x in dom.below(at) {
        let node = dom.node(x);
        if node.name == Name::Img {
            pictures += 1;
            if image.alt.is_none() {
                image.alt = node
                    .attr(Attr::Alt)
                    .map(str::trim)
                    .filter(|a| !a.is_empty())
                    .map(str::to_owned);
            }
        }
        if matches!(node.name, Name::Table | Name::Blockquote | Name::Article) {
            return None;
        }
    }
    let caption = dom.below(at).find(|&x| {
        let node = dom.node(x);
        node.name == Name::Figcaption
            || node.name != Name::Text
                && node
                    .attr(Attr::Class)
                    .is_some_and(|c| hints(c).has(Hint::Caption) && c.contains("aption"))
    });
    if let Some(caption) = caption {
        let whole = dom.text(caption);
        // The credit is an element of its own inside or beside the caption …
        let credit = dom.below(at).find(|&x| {
            let class = dom.node(x).attr(Attr::Class).unwrap_or("").to_ascii_lowercase();
            (class.contains("credit")
                || class.contains("copyright")
                || class.contains("photographer")
                || class.contains("source"))
                && !class.contains("caption")
                && !dom.text(x).is_empty()
        });
        let mut text = whole.clone();
        if let Some(credit) = credit {
            let credit = dom.text(credit);
            text = text.replacen(&credit, "", 1).trim().to_owned();
            image.credit = Some(credit);
        } else if let Some((before, behind)) = split_credit(&whole) {
            // … or the end of it.
            text = before;
            image.credit = Some(behind);
        }
        image.caption = Some(text).filter(|t| !t.is_empty());
    }
    if let Some(credit) = &mut image.credit {
        *credit = trim_credit(credit);
    }
    image.credit = image.credit.filter(|c| !c.is_empty());
    (pictures > 0 && (image.caption.is_some() || image.credit.is_some()) || image.caption.is_some())
        .then_some(image)
}

/// "Text. (Photo: Name)" and "Text | Photo: Name".
fn split_credit(text: &str) -> Option<(String, String)> {
    for (open, close) in [("(", ")"), ("[", "]"), (" | ", ""), (" — ", ""), ("©", "")] {
        let Some(at) = text.rfind(open) else { continue };
        let behind = text[at + open.len()..].trim_end().trim_end_matches('.');
        let Some(behind) = behind.strip_suffix(close) else { continue };
        let is_credit = open == "©" || phrases(behind)[Phrase::Credit as usize] > 0;
        if is_credit && behind.chars().count() < 80 {
            return Some((text[..at].trim().to_owned(), behind.trim().to_owned()));
        }
    }
    None
}

/// A credit without "Photo:", "©" and brackets.
fn trim_credit(credit: &str) -> String {
    let credit = credit.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '©' | '|' | '/')
    });
    let is_label = |label: &str| {
        let label = label.trim().to_lowercase();
        BYLINES.photo.contains(&label) || BYLINES.source.contains(&label)
    };
    if let Some((_, rest)) = credit.split_once([':', '：']).filter(|(label, _)| is_label(label)) {
        return rest.trim().to_owned();
    }
    // "Photo by Ina Brandt"
    let mut spaces = credit.match_indices(' ').map(|(at, _)| at).take(2);
    if let Some(at) = spaces.find(|&at| credit[..at].contains(' ') && is_label(&credit[..at])) {
        return credit[at..].trim().to_owned();
    }
    credit.to_owned()
}
