//! The headline: the heading on the page that agrees with what its metadata call it.

use crate::parse::{
    clues::{Clues, Place},
    date::{self, Called},
    letters::{alphanumerics, squeeze},
};

use super::{
    block::{Block, Kind},
    dom::{Attr, Dom},
    ld::LinkedData,
    scan::Scan,
    words::{Words, overlap},
};

/// Signs that divide a title from the site's name.
const DIVIDERS: &[&str] = &[
    " | ", " - ", " – ", " — ", " · ", " :: ", " » ", " • ", " « ", " / ", " ｜ ", "｜", "|",
    " _ ", "_",
];

/// A title without the site's name at either end.
pub(super) fn cut_site(title: &str, site: Option<&str>, heading: Option<&str>) -> String {
    // Where the page shows the same words as a heading, they are the title.
    if let Some(heading) = heading
        && title.len() > heading.len()
        && (title.starts_with(heading) || title.ends_with(heading))
        && heading.chars().count() >= 12
    {
        return heading.to_owned();
    }
    let mut title = without_year(title.trim()).to_owned();
    for _ in 0..3 {
        let mut cut = None;
        for divider in DIVIDERS {
            let Some(at) = title.rfind(divider) else { continue };
            let (head, tail) = (title[..at].trim(), title[at + divider.len()..].trim());
            let is_site = |part: &str| {
                site.is_some_and(|s| overlap(s, part) >= 0.6 || squeeze(s) == squeeze(part))
            };
            let is_bar = !divider.contains(['-', '–', '—', '/', '_']);
            let is_short = tail.split_whitespace().count() <= if is_bar { 5 } else { 3 }
                && tail.chars().count() < 32;
            let enough = head.chars().count() >= 15.max(tail.chars().count());
            if is_site(tail) && !head.is_empty()
                || enough && is_short && (is_bar || looks_like_site(tail))
            {
                cut = Some(head.to_owned());
                break;
            }
            if let Some(first) = title.find(divider)
                && is_site(title[..first].trim())
                && first + divider.len() < title.len()
            {
                cut = Some(title[first + divider.len()..].trim().to_owned());
                break;
            }
        }
        match cut {
            Some(shorter) => title = without_year(&shorter).to_owned(),
            None => break,
        }
    }
    last_part(&title).to_owned()
}

/// "Ferry docks (Published 2019)": a title without the year of its publication behind it.
fn without_year(title: &str) -> &str {
    let Some((before, behind)) = title.rsplit_once('(') else { return title };
    let said = behind.strip_suffix(')').is_some_and(|inside| {
        let year = inside.split_whitespace().any(|w| w.len() == 4 && w.parse::<u16>().is_ok());
        year && inside.len() <= 40 && date::called(inside) == Called::Published
    });
    if said { before.trim_end() } else { title }
}

/// "Harbour Post | Region | Ferry docks at Port Aldern": the headline of a title that begins with
/// names: the last part, where each before it is short and it is not.
fn last_part(title: &str) -> &str {
    let Some((names, last)) =
        [" | ", " » ", " › ", " :: ", " · "].iter().find_map(|divider| title.rsplit_once(divider))
    else {
        return title;
    };
    let words = |text: &str| text.split_whitespace().count();
    let parts = names.split(['|', '»', '›', '·', ':']);
    let short = parts.map(words).all(|words| words <= 3);
    if short && words(last) >= 4 && last.len() > names.len() { last.trim() } else { title }
}

/// A name such as "Harbour Post" or "harbourpost.example", not a part of a sentence.
fn looks_like_site(part: &str) -> bool {
    !part.is_empty()
        && (part.contains('.') && !part.contains(' ')
            || part.split_whitespace().all(|w| {
                w.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric())
                    || matches!(w, "of" | "the" | "and" | "de" | "la" | "der" | "di" | "&")
            }))
}

/// Whether a text is that once squeezed.
fn is_squeezed(text: &str, squeezed: &str) -> bool {
    alphanumerics(text).flat_map(char::to_lowercase).eq(squeezed.chars())
}

/// What the metadata call the page, best first, sites' names cut off.
pub(super) fn candidates(scan: &Scan, ld: &LinkedData, site: Option<&str>) -> Vec<String> {
    let metas = [
        ld.headline.as_deref(),
        scan.meta_of(&["og:title"]),
        scan.meta_of(&[
            "twitter:title",
            "parsely-title",
            "sailthru.title",
            "dc.title",
            "dcterms.title",
            "title",
        ]),
        scan.title.as_deref(),
    ];
    let mut all: Vec<String> = Vec::new();
    for meta in metas.into_iter().flatten() {
        let title = cut_site(&super::ld::clean(meta), site, None);
        let is_site = site.is_some_and(|s| squeeze(s) == squeeze(&title));
        if title.chars().count() >= 4 && !is_site && !all.contains(&title) {
            all.push(title);
        }
    }
    all
}

/// The headline and, where it stands on the page, its block.
pub(super) fn headline(
    dom: &Dom,
    blocks: &[Block],
    candidates: &[String],
    article: Option<usize>,
    names: &[String],
    clues: &Clues,
) -> (Option<String>, Option<usize>) {
    let mut best: Option<(f32, usize)> = None;
    let names: Vec<String> = names.iter().map(|name| squeeze(name)).collect();
    let is_site = |block: &Block| {
        block.chars <= 100 && names.iter().any(|name| is_squeezed(&block.text, name))
    };
    let lone = lone_heading(blocks, article, &is_site);
    let over = || over_text(blocks, article, &is_site);
    let lone = lone.or_else(|| candidates.is_empty().then(over).flatten());
    let squeezed: Vec<String> = candidates.iter().map(|c| squeeze(c)).collect();
    for (i, block) in blocks.iter().enumerate() {
        let Kind::Heading(level) = block.kind else { continue };
        if block.chars < 4 || block.chars > 350 || is_site(block) {
            continue;
        }
        let (own, words) = (squeeze(&block.text), Words::of(&block.text));
        let same = candidates.iter().zip(&squeezed).enumerate().map(|(rank, (c, squeezed))| {
            agreement(&own, squeezed).unwrap_or_else(|| words.overlap(c)) - 0.03 * rank as f32
        });
        // The only h1, right above the article, is its headline whatever the metadata say.
        let same = same.fold(if lone == Some(i) { 0.6 } else { 0.0 }, f32::max);
        let late = article.is_some_and(|a| i > a + 3);
        let linked = block.link_chars * 2 > block.chars;
        let declared = dom.up(block.node).take(2).any(|x| {
            dom.node(x).attr(Attr::Itemprop).is_some_and(|p| p.eq_ignore_ascii_case("headline"))
        });
        let score =
            same + match level {
                1 => 0.35,
                2 => 0.1,
                _ => 0.0,
            } - if late { 0.25 } else { 0.0 }
                - if linked { 0.25 } else { 0.0 }
                + if declared && same >= 0.85 { 0.4 } else { 0.0 }
                - if block.hidden { 0.2 } else { 0.0 };
        if same >= 0.5 && best.is_none_or(|(s, _)| score > s + 0.001) {
            best = Some((score, i));
        }
    }
    let heading = || {
        let (_, i) = best?;
        let heading = without_kicker(&one_line(&blocks[i].text), candidates);
        Some((with_overline(&heading, &blocks[..i], candidates), Some(i)))
    };
    let line = || {
        candidates.iter().zip(&squeezed).find_map(|(candidate, squeezed)| {
            let says_so =
                |b: &Block| !b.hidden && b.link_chars == 0 && is_squeezed(&b.text, squeezed);
            Some((candidate.clone(), Some(blocks.iter().position(says_so)?)))
        })
    };
    let unshown = || {
        let long = |c: &&String| c.split_whitespace().count() >= 3 || c.chars().count() >= 12;
        candidates.iter().find(long).map(|c| (c.clone(), None))
    };
    let only = || {
        let mut ones = blocks.iter().enumerate().filter(|(i, b)| {
            b.kind == Kind::Heading(1)
                && b.chars >= 15
                && !b.hidden
                && !is_site(b)
                && article.is_none_or(|a| *i <= a)
        });
        match (ones.next(), ones.next()) {
            (Some((i, only)), None) => Some((one_line(&only.text), Some(i))),
            _ => None,
        }
    };
    let places: [Place<'_, (String, Option<usize>)>; 4] = [
        ("a heading, by metadata or place", &heading),
        ("a line, by the metadata", &line),
        ("the metadata alone", &unshown),
        ("the page's only first heading", &only),
    ];
    match clues.first("headline", &places, |(text, _)| text.clone()) {
        Some((text, block)) => (Some(text), block),
        None => (None, None),
    }
}

/// The only h1 of the page that reads like a headline and stands shortly above the body.
fn lone_heading(
    blocks: &[Block],
    article: Option<usize>,
    is_site: &dyn Fn(&Block) -> bool,
) -> Option<usize> {
    let first = article?;
    let mut ones = blocks.iter().enumerate().filter(|(_, b)| {
        let words = b.text.split_whitespace().count();
        b.kind == Kind::Heading(1)
            && !b.hidden
            && !is_site(b)
            && b.chars >= 12
            && (words >= 4 || words < 3 && b.text.len() > 2 * b.chars as usize)
    });
    match (ones.next(), ones.next()) {
        (Some((i, _)), None) if i <= first && i + 25 > first => Some(i),
        _ => None,
    }
}

/// The heading right above the body, where the metadata have no title: only fields may stand
/// between.
fn over_text(
    blocks: &[Block],
    article: Option<usize>,
    is_site: &dyn Fn(&Block) -> bool,
) -> Option<usize> {
    let above = blocks.get(..=article?)?.iter().enumerate().rev().take(8);
    let mut fields = above.take_while(|(i, b)| Some(*i) == article || b.chars <= 200);
    // The page's own heading may be of two words.
    let ones = blocks.iter().filter(|b| b.kind == Kind::Heading(1)).take(2).count();
    let own = |b: &Block| {
        ones == 1 && b.kind == Kind::Heading(1) && b.chars >= 6 && b.text.trim().contains(' ')
    };
    let found =
        fields.find(|(_, b)| matches!(b.kind, Kind::Heading(1..=3)) && b.chars >= 12 || own(b))?;
    (!found.1.hidden && !is_site(found.1)).then_some(found.0)
}

/// A heading without the section's name that some sites put before it, where the metadata have
/// it without.
fn without_kicker(heading: &str, candidates: &[String]) -> String {
    let whole = squeeze(heading);
    candidates
        .iter()
        .find(|c| {
            let part = squeeze(c);
            part.chars().count() >= 20
                && whole.len() > part.len()
                && whole.ends_with(&part)
                && (whole.len() - part.len()) * 5 < whole.len() * 2
        })
        .map_or_else(|| heading.to_owned(), |c| one_line(c))
}

/// A heading with the line above it, where all that the metadata call the page is both, divided by
/// a colon: then the overline is the headline's first half, not a section's name.
fn with_overline(heading: &str, above: &[Block], candidates: &[String]) -> String {
    let Some(first) = candidates.first() else { return heading.to_owned() };
    let over = first.strip_suffix(heading).and_then(|over| over.trim_end().strip_suffix(':'));
    let is_whole = over.is_some_and(|over| {
        let printed = above.iter().rev().take(2).any(|b| squeeze(&b.text) == squeeze(over));
        let alone = candidates.iter().any(|c| squeeze(c) == squeeze(heading));
        over.split_whitespace().count() >= 2 && printed && !alone
    });
    if is_whole { first.clone() } else { heading.to_owned() }
}

/// How well a heading agrees with what the metadata say, both squeezed, where one has all of the
/// other; a title that only adds or lacks a tail agrees well.
fn agreement(h: &str, m: &str) -> Option<f32> {
    if h.is_empty() || m.is_empty() {
        return Some(0.0);
    }
    if h == m {
        return Some(1.0);
    }
    let (shorter, longer) = if h.len() < m.len() { (h, m) } else { (m, h) };
    let is_part = longer.starts_with(shorter) || longer.ends_with(shorter);
    (is_part && shorter.chars().count() >= 12).then_some(0.9)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
