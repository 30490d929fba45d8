//! Who wrote the article: people, not desks, not "admin".
//!
//! Where nobody signs in person, what the page declares as its author stands, though it be an
//! outlet's or a company's name: "Harbour Post" as a `Person` or as the plain name of the author is
//! how such pages sign. What is declared as an `Organization` signs nothing: it is what the
//! article is credited to ([`credit`]), and where it is the site itself, not even that. Roles,
//! handles and "admin" are nobody's byline however they are declared.

use super::{
    block::{Block, Kind, pieces},
    dom::{Attr, Dom, Name},
    names::{join, opened, people, signature},
    words::{Hint, Hints, hints, overlap},
};
use crate::parse::{
    byline::is_role, clues::Place, date, letters::squeeze, lexicon::BYLINES, measure::is_cjk,
};

/// Names of `<meta>` that say who wrote a page, most trustworthy first.
const SIGNED: &[&str] = &[
    "author",
    "article:author",
    "article:author_name",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "cxenseparse:author",
    "og:article:author",
    "citation_author",
    "twitter:data1",
    "bt:author",
    "authors",
    "mediator_author",
    "dc.creator.name",
    "cre",
    "article.author",
];

/// The byline as one string, or nothing.
pub(super) fn byline(
    from: &super::Sources<'_>,
    place: &super::Place,
    site: Option<&str>,
) -> Option<String> {
    let super::Sources { dom, blocks, scan, ld, clues, .. } = *from;
    let (title, body) = (place.title, place.span);
    let clean = |names: Vec<String>| people(&names, site);
    let declared =
        clean(ld.authors.iter().filter(|a| !a.organisation).map(|a| a.name.clone()).collect());
    let (printed, explicit) = printed(dom, blocks, title, body, site);
    // The company that publishes the site is declared as author of all that is unsigned.
    let house = ld.publisher.as_deref().map(squeeze);
    let is_house = !printed.is_empty() && declared.iter().all(|n| Some(squeeze(n)) == house);
    let declared = if is_house { Vec::new() } else { declared };
    // What the page prints as "By …" is what its desk means; the metadata often name whoever
    // pressed the button, or only the first author.
    let is_part = printed.iter().all(|n| declared.contains(n));
    let told = |names: &[String]| (!names.is_empty()).then(|| join(names));
    let metas = || -> Vec<String> {
        SIGNED
            .iter()
            .filter(|name| {
                **name != "twitter:data1"
                    || scan.meta_of(&["twitter:label1"]).is_some_and(|label| {
                        BYLINES.openers.contains(&label.to_lowercase().trim().to_owned())
                    })
            })
            .map(|name| scan.meta_all(name).map(super::ld::clean).collect::<Vec<_>>())
            .map(clean)
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    };
    let nobody_in_person = || {
        let organisations =
            || ld.authors.iter().filter(|a| a.organisation).map(|a| squeeze(&a.name));
        let declared = ld.authors.iter().filter(|a| !a.organisation).map(|a| a.name.as_str());
        let metas = SIGNED.iter().filter(|name| **name != "twitter:data1");
        let metas = metas.flat_map(|name| scan.meta_all(name));
        declared
            .chain(metas)
            .map(super::ld::clean)
            .find(|name| is_name(name) && !organisations().any(|o| o == squeeze(name)))
    };
    let places: [Place<'_, String>; 5] = [
        ("a line that opens so", &|| told(&printed).filter(|_| explicit && !is_part)),
        ("JSON-LD", &|| told(&declared)),
        ("<meta>", &|| told(&metas())),
        ("printed by the headline", &|| told(&printed)),
        ("a declared author that is no person", &nobody_in_person),
    ];
    clues.first("byline", &places, String::clone)
}

/// The organisation that the page declares as the article's author, other than the site itself.
pub(super) fn credit(from: &super::Sources<'_>, site: Option<&str>) -> Option<String> {
    let publisher = from.ld.publisher.as_deref();
    let is_site = |name: &str| {
        [site, publisher]
            .into_iter()
            .flatten()
            .any(|s| overlap(s, name) >= 0.5 || squeeze(s).contains(&squeeze(name)))
    };
    let declared = from.ld.authors.iter().filter(|a| a.organisation).map(|a| a.name.as_str());
    declared.map(str::trim).find(|name| is_name(name) && !is_site(name)).map(str::to_owned)
}

/// Whether a declared author that is no person can stand for one: a name of its own, not a role,
/// a handle or an address.
fn is_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    let chars = name.chars().count();
    (2..50).contains(&chars)
        && !BYLINES.nobody.contains(&lower)
        && !lower.split_whitespace().any(|w| w == "admin" || w == "administrator")
        && !name.contains(['@', '_', '/', '<', ',', '|', ':'])
        && name.split_whitespace().count() <= 4
        && name.chars().next().is_some_and(|c| !c.is_lowercase())
}

/// Bylines as the page prints them: in elements marked as such, or in a line by the headline.
/// The flag says that the line opens as bylines do.
fn printed(
    dom: &Dom,
    blocks: &[Block],
    title: Option<usize>,
    body: Option<(usize, usize)>,
    site: Option<&str>,
) -> (Vec<String>, bool) {
    let Some((first, last)) = body else { return (Vec::new(), false) };
    let from = title.unwrap_or(first).min(first).saturating_sub(6);
    let to = (first.max(title.unwrap_or(0)) + 4).min(blocks.len());
    let window = if from < to { from..to } else { first..first + 1 };
    // What stands under the headline is its own; over it may stand other stories.
    let head = title.filter(|t| window.contains(t)).unwrap_or(window.start);
    let under = (head..window.end).chain((window.start..head).rev());
    // Among what readers say, others sign.
    let comments = |i: usize| {
        let says =
            |x: u32| [Attr::Class, Attr::Id].map(|a| dom.node(x).attr(a).unwrap_or_default());
        dom.up(blocks[i].node).take(6).any(|x| says(x).map(hints).iter().any(is_comment))
    };
    let below = ((last + 1)..(last + 4).min(blocks.len())).take_while(|&i| !comments(i));
    let near: Vec<usize> = under.chain(below).collect();
    let (mut class_named, mut link_named) = (Vec::new(), Vec::new());
    for &i in &near {
        let block = &blocks[i];
        if block.chars > 160 || matches!(block.kind, Kind::Heading(1) | Kind::Caption) {
            continue;
        }
        if dom.up(block.node).any(|x| dom.node(x).name == Name::Nav) {
            continue;
        }
        let end = blocks.get(i + 1).map_or(dom.nodes.len() as u32, |b| b.first);
        if (block.first..end).chain(dom.up(block.first).take(3)).any(|x| is_admin(dom, x)) {
            continue;
        }
        let named = dom.up(block.node).take(3).any(|x| {
            let node = dom.node(x);
            [Attr::Class, Attr::Id]
                .iter()
                .any(|a| node.attr(*a).is_some_and(|v| hints(v).has(Hint::Author)))
        });
        let text = pieces(dom, blocks, i);
        // "Written by" may stand in a line of its own, the name in the next.
        let next = blocks.get(i + 1).filter(|b| b.chars <= 60 && is_label(&text));
        let next = next.map(|_| pieces(dom, blocks, i + 1));
        let said = next
            .as_deref()
            .or_else(|| opened(&text))
            .or_else(|| in_a_row(&text))
            .or_else(|| said_by(&text, block))
            .or_else(|| titled(&text, block));
        // What is linked is the name; a role or a newsroom may stand beside it.
        let links = if said.is_none() && block.chars <= 90 && window.contains(&i) {
            let link = dom.up(block.first).take(3).find(|&x| dom.node(x).name == Name::A);
            linked(dom, link.unwrap_or(block.first)..end, site)
        } else {
            Vec::new()
        };
        if link_named.is_empty() && i + 3 >= title.unwrap_or(first) {
            link_named = links;
        }
        if said.is_none() && class_named.is_empty() {
            class_named = within(dom, block, end, site);
        }
        let rest = match said {
            Some(rest) => rest,
            None if named && class_named.is_empty() => &text,
            None => continue,
        };
        let found = people(&[rest.to_owned()], site);
        if said.is_some()
            && found.iter().any(|n| n.contains(' ') || !n.is_ascii())
            && (window.contains(&i) || named)
        {
            return (found, i < first + 2 && window.contains(&i));
        }
        if class_named.is_empty()
            && (said.is_some() || found.iter().any(|n| n.contains(' ') || !n.is_ascii()))
        {
            class_named = found;
        }
    }
    let found = marked(dom, blocks[window.start].first..blocks[window.end - 1].first + 1, site);
    if !found.is_empty() {
        return (found, false);
    }
    if !class_named.is_empty() {
        return (class_named, false);
    }
    if !link_named.is_empty() {
        return (link_named, false);
    }
    let signed = blocks[last..].iter().take(3).find_map(|block| signature(&block.text));
    let found = people(&signed.map(str::to_owned).into_iter().collect::<Vec<_>>(), site);
    if !found.is_empty() {
        return (found, false);
    }
    // A line that is a name and nothing else, by the headline, linked to a profile or beside the
    // date.
    let close = title.map_or(first, |t| t).saturating_sub(3)..to;
    for i in near.into_iter().filter(|i| close.contains(i)) {
        let block = &blocks[i];
        if block.chars > 90
            || matches!(block.kind, Kind::Heading(_) | Kind::Caption)
            || dom.up(block.node).any(|x| dom.node(x).name == Name::Nav)
        {
            continue;
        }
        // A text that opens with a name in bold, in a paragraph of its own, is signed so.
        let signs = i == first
            && block.kind == Kind::Paragraph
            && block.strong_chars >= block.chars
            && block.link_chars == 0;
        let like_name = |part: &str| {
            let words: Vec<&str> = part.split_whitespace().collect();
            (2..=3).contains(&words.len())
                && words.iter().all(|w| {
                    w.chars().next().is_some_and(char::is_uppercase)
                        && (signs || w.chars().skip(1).any(|c| c.is_lowercase() || c == '.'))
                        && w.chars()
                            .all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’'))
                })
        };
        // A day, minutes, a role or the newsroom may stand beside the name, divided from it.
        let text = pieces(dom, blocks, i);
        let is_other = |part: &str| {
            is_role(part)
                || BYLINES.nobody.contains(&part.to_lowercase())
                || part.chars().any(char::is_numeric)
        };
        let (names, other): (Vec<&str>, Vec<&str>) =
            parts_of(&text).partition(|part| like_name(part) && !is_other(part));
        if names.is_empty() || !other.iter().all(|part| is_other(part)) {
            continue;
        }
        let end = blocks.get(i + 1).map_or(dom.nodes.len() as u32, |b| b.first);
        let profile = dom.up(block.first).take(4).chain(block.first..end).any(|x| {
            let href = dom.node(x).attr(Attr::Href).unwrap_or("").to_ascii_lowercase();
            is_profile(&href)
        });
        let is_date = |b: &Block| {
            b.chars < 60
                && b.text.chars().any(char::is_numeric)
                && (super::said::phrases(&b.text)[super::said::Phrase::Dated as usize] > 0
                    || i > head && date::find(&b.text, None).is_some())
        };
        let around = [i.wrapping_sub(2), i.wrapping_sub(1), i + 1, i + 2];
        let dated = around.iter().any(|&j| blocks.get(j).is_some_and(is_date));
        if profile || dated || signs || i > head && !other.is_empty() {
            let found =
                people(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), site);
            if !found.is_empty() {
                return (found, false);
            }
        }
    }
    (Vec::new(), false)
}

/// What a byline's opening stands before in a later part of a row: "3 May 2031 · By Ada Kern".
fn in_a_row(text: &str) -> Option<&str> {
    let row = super::look::sentence_end(text) != 2;
    text.split(['|', '·', '•']).skip(1).filter(|_| row).find_map(|part| opened(part.trim()))
}

/// The parts of a line, divided as the parts of bylines are.
fn parts_of(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split([',', '|', '/', '·', '•', '–', '—']);
    parts.map(str::trim).filter(|part| !part.is_empty())
}

fn is_comment(hints: &Hints) -> bool {
    hints.has(Hint::Comment) && !hints.has(Hint::Body)
}

/// Names in a part of a line that is marked as the author's: the date may stand beside it.
fn within(dom: &Dom, block: &Block, end: u32, site: Option<&str>) -> Vec<String> {
    let says = |x: u32| {
        let node = dom.node(x);
        let class = node.attr(Attr::Class).unwrap_or_default();
        node.name.is_inline()
            && node.name != Name::Text
            && (hints(class).has(Hint::Author) || node.attr(Attr::Rel) == Some("author"))
            && !is_admin(dom, x)
    };
    let elements = (block.node + 1..end.min(dom.node(block.node).end)).filter(|&x| says(x));
    let names: Vec<String> = elements.map(|x| dom.text(x)).filter(|n| n.len() < 120).collect();
    let mut found = people(&names, site);
    found.retain(|name| name.contains(' ') || !name.is_ascii());
    found
}

/// Whether a link leads to the page about one of a site's writers.
fn is_profile(href: &str) -> bool {
    const PROFILES: &[&str] = &[
        "/author",
        "/people",
        "/profile",
        "/team",
        "/contributor",
        "/writer",
        "/staff",
        "/autor",
        "/auteur",
        "/by/",
        "/journalist",
        "/reporter",
        "/columnist",
        "/editors/",
        "/redakt",
        "/byline",
        "/firma",
    ];
    let href = href.to_ascii_lowercase();
    PROFILES.iter().any(|p| href.contains(p))
}

/// Names that link to the page about a writer, in blocks by the headline.
fn linked(dom: &Dom, within: std::ops::Range<u32>, site: Option<&str>) -> Vec<String> {
    let links = within.filter(|&i| {
        let node = dom.node(i);
        node.name == Name::A && node.attr(Attr::Href).is_some_and(is_profile) && !is_admin(dom, i)
    });
    let names = links.map(|i| dom.text(i)).filter(|text| (2..60).contains(&text.chars().count()));
    let mut found = people(&names.collect::<Vec<_>>(), site);
    found.retain(|name| name.contains(' ') || !name.is_ascii());
    found
}

/// Names in elements marked up as author.
fn marked(dom: &Dom, within: std::ops::Range<u32>, site: Option<&str>) -> Vec<String> {
    let mut marked: Vec<String> = Vec::new();
    for i in within {
        let node = dom.node(i);
        let has = |attr, words: &[&str]| {
            node.attr(attr).is_some_and(|v| v.split(' ').any(|w| words.contains(&w)))
        };
        if node.name == Name::Meta
            || is_admin(dom, i)
            || !(has(Attr::Rel, &["author"]) || has(Attr::Itemprop, &["author", "creator"]))
        {
            continue;
        }
        let name = dom.below(i).find(|&x| dom.node(x).attr(Attr::Itemprop) == Some("name"));
        let text = name.map_or_else(
            || dom.text(i),
            |x| dom.node(x).attr(Attr::Content).map_or_else(|| dom.text(x), str::to_owned),
        );
        if text.chars().count() < 100 {
            marked.push(text);
        }
    }
    people(&marked, site)
}

/// Whether a link leads to the page of the site's administrator, whatever it is titled.
fn is_admin(dom: &Dom, node: u32) -> bool {
    dom.node(node).attr(Attr::Href).is_some_and(super::ld::is_admins)
}

/// The text behind " by " in a short line of dates and names: "Published 7 May 2031 by Ada Kern".
fn said_by<'t>(text: &'t str, block: &Block) -> Option<&'t str> {
    if block.chars > 120 || super::look::sentence_end(text) == 2 && block.chars > 60 {
        return None;
    }
    let at = text.find(" by ").or_else(|| text.find(" By "))?;
    let meta = super::said::phrases(&text[..at]);
    let dated = meta[super::said::Phrase::Dated as usize] > 0
        || meta[super::said::Phrase::Byline as usize] > 0
        || text[..at].contains("written")
        || text[..at].contains("posted")
        || date::find(&text[..at], None).is_some()
        || date::find(&text[..at], Some("en-US")).is_some();
    dated.then(|| &text[at + 4..])
}

/// The name in a short line of values with labels, or beside a title behind it: "2031-05-03 来源:海港网
/// 记者:林暁", "Publié : 3 mai  Auteur : Ada Kern", "한보라 기자".
fn titled<'t>(text: &'t str, block: &Block) -> Option<&'t str> {
    if block.chars > 120 || super::look::sentence_end(text) == 2 {
        return None;
    }
    let after = || {
        let name = BYLINES.after.iter().find_map(|title| Some(&text[..text.find(title)?]))?;
        let name = name.strip_suffix(' ')?.rsplit([' ', '|', '=', '[', '(']).next()?;
        (2..=4).contains(&name.chars().count()).then_some(name)
    };
    labelled(text).or_else(after).filter(|name| !name.is_empty())
}

/// What stands behind a byline's opening and a colon, up to the next value.
fn labelled(text: &str) -> Option<&str> {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return None;
    }
    let value = BYLINES.openers.iter().find_map(|opener| {
        let mut found = lower.match_indices(opener.as_str());
        found.find_map(|(at, _)| {
            // "Edited by:" is another label, of which this is the end.
            let apart = !text[at..].starts_with(char::is_lowercase);
            let value = text[at + opener.len()..].trim_start().strip_prefix([':', '：'])?;
            apart.then(|| value.trim_start())
        })
    })?;
    let value = value.split(['|', '•', '·', ';', '\u{3000}']).next().unwrap_or(value);
    if value.starts_with(is_cjk) {
        return value.split(' ').next();
    }
    // The next label's word is none of the name.
    let next = value.find([':', '：']).and_then(|colon| value[..colon].trim_end().rfind(' '));
    Some(value[..next.unwrap_or(value.len())].trim_end())
}

/// Whether a line is a byline's opening alone: "Written by", "Autor:".
fn is_label(text: &str) -> bool {
    let text = text.trim();
    let last = text.rsplit(' ').next().unwrap_or(text).to_lowercase();
    (text.ends_with([':', '：']) || matches!(last.as_str(), "by" | "von" | "par" | "por" | "door"))
        && opened(&format!("{text} ")).is_some_and(str::is_empty)
}
