//! When the article was published.

use crate::{item::PrintedTime, parse::date};

use super::{
    block::Block,
    dom::{Attr, Dom, Name},
    ld::LinkedData,
    scan::Scan,
    when,
    words::{Hint, hints},
};

/// Names of `<meta>` that say when a page was published, most trustworthy first.
const METAS: &[&str] = &[
    "article:published_time",
    "article:published",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "published_time",
    "publish_date",
    "publish-date",
    "publishdate",
    "publication_date",
    "pub_date",
    "pubdate",
    "published",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "article.published",
    "article_date_original",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.issued",
    "dc.date",
    "dc.created",
    "dcterms.date",
    "citation_publication_date",
    "citation_date",
    "bt:pubdate",
    "ptime",
    "rnews:datepublished",
    "originalpublicationdate",
    "displaydate",
    "mediator_published_time",
    "date",
    "iso-8601-publish-date",
    "release_date",
    "datecreated",
    "created",
    "article:created",
    "weibo: article:create_at",
    "originaldate",
    "creation_date",
    "vr:published_time",
    "shareaholic:article_published_time",
];

/// The time of publication, and as what it was read.
pub(super) fn published(
    dom: &Dom,
    blocks: &[Block],
    scan: &Scan,
    ld: &LinkedData,
    place: &super::Place,
    url: Option<&str>,
    language: Option<&str>,
) -> Option<(PrintedTime, String)> {
    let (title, body) = (place.title, place.span);
    let read = |raw: &str| Some((when::machine(raw)?, raw.trim().to_owned()));
    ld.published
        .as_deref()
        .and_then(read)
        .or_else(|| METAS.iter().find_map(|m| scan.meta_all(m).find_map(read)))
        .or_else(|| marked(dom, blocks, title, body, language))
        .or_else(|| printed(dom, blocks, title, body, language))
        .or_else(|| Some((when::in_url(url?)?, url?.to_owned())))
        .or_else(|| ld.modified.as_deref().and_then(read))
}

/// Blocks around the headline, up to the first paragraphs of the body.
fn window(
    blocks: &[Block],
    title: Option<usize>,
    body: Option<(usize, usize)>,
) -> std::ops::Range<usize> {
    let first = body.map_or(title.unwrap_or(0), |b| b.0);
    let from = title.unwrap_or(first).min(first).saturating_sub(8);
    let to = first.max(title.unwrap_or(0)) + 4;
    from..to.min(blocks.len())
}

/// `<time datetime>` and `itemprop=datePublished` by the headline, else right behind the body.
fn marked(
    dom: &Dom,
    blocks: &[Block],
    title: Option<usize>,
    body: Option<(usize, usize)>,
    language: Option<&str>,
) -> Option<(PrintedTime, String)> {
    let near = window(blocks, title, body);
    let anchor = title.or(body.map(|b| b.0))?;
    let place = |i: usize| blocks.get(i).map_or(dom.nodes.len() as u32, |b| b.first);
    let mut best: Option<(i32, PrintedTime, String)> = None;
    for i in 1..dom.nodes.len() as u32 {
        let node = dom.node(i);
        let prop = node.attr(Attr::Itemprop).unwrap_or("");
        let is_time = node.name == Name::Time;
        if !is_time
            && !prop.to_ascii_lowercase().contains("date")
            && node.attr(Attr::Property) != Some("datePublished")
        {
            continue;
        }
        let raw = node.attr(Attr::Datetime).or_else(|| node.attr(Attr::Content));
        let text = dom.text(i);
        let raw = raw.filter(|r| !r.trim().is_empty()).unwrap_or(&text);
        let Some(time) = when::machine(raw).or_else(|| date::find(raw, language).map(|f| f.time))
        else {
            continue;
        };
        let class = [Attr::Class, Attr::Itemprop]
            .iter()
            .filter_map(|a| node.attr(*a))
            .collect::<Vec<_>>()
            .join(" ")
            .to_ascii_lowercase();
        let modified = class.contains("modif") || class.contains("updat");
        let said = class.contains("publish")
            || prop.eq_ignore_ascii_case("datePublished")
            || class.contains("entry-date");
        let inside = i >= place(near.start) && i <= place(near.end);
        let after = body.is_some_and(|b| i >= place(b.1) && i <= place(b.1 + 4));
        if !(inside || after || said) {
            continue;
        }
        let distance = i32::try_from(i.abs_diff(place(anchor)) / 40).unwrap_or(i32::MAX).min(20);
        let score = 10 * i32::from(inside) + 6 * i32::from(said) - 8 * i32::from(modified)
            + 2 * i32::from(after)
            - distance;
        if best.as_ref().is_none_or(|(s, ..)| score > *s) {
            best = Some((score, time, raw.trim().to_owned()));
        }
    }
    best.map(|(_, time, raw)| (time, raw))
}

/// A date printed in a short line by the headline.
fn printed(
    dom: &Dom,
    blocks: &[Block],
    title: Option<usize>,
    body: Option<(usize, usize)>,
    language: Option<&str>,
) -> Option<(PrintedTime, String)> {
    let near = window(blocks, title, body);
    let anchor = title.or(body.map(|b| b.0))?;
    let mut best: Option<(i32, PrintedTime, String)> = None;
    let behind = body.map_or(0..0, |b| b.1 + 1..(b.1 + 3).min(blocks.len()));
    for i in near.chain(behind) {
        let block = &blocks[i];
        if block.chars > 140 || block.hidden && block.chars > 60 {
            continue;
        }
        let Some(time) = date::find(&block.text, language).map(|f| f.time) else { continue };
        let said = dom
            .up(block.node)
            .take(3)
            .any(|x| dom.node(x).attr(Attr::Class).is_some_and(|c| hints(c).has(Hint::Meta)));
        let distance = i32::try_from(i.abs_diff(anchor)).unwrap_or(i32::MAX).min(40);
        let score = 6 * i32::from(said) - distance - 3 * i32::from(i < anchor);
        if best.as_ref().is_none_or(|(s, ..)| score > *s) {
            best = Some((score, time, block.text.clone()));
        }
    }
    best.map(|(_, time, raw)| (time, raw))
}
