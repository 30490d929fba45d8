//! When the article was published.

use crate::{item::PrintedTime, parse::date};

use super::{
    block::{Block, pieces},
    dom::{Attr, Dom, Name},
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

/// The time of publication, and as what it was read. `signed` says that the article has a byline.
pub(super) fn published(
    from: &super::Sources<'_>,
    place: &super::Place,
    signed: bool,
) -> Option<(PrintedTime, String)> {
    let super::Sources { dom, blocks, scan, ld, url, language } = *from;
    let (title, body) = (place.title, place.span);
    let read = |raw: &str| Some((when::machine(raw)?, raw.trim().to_owned()));
    let local = |(time, raw): (PrintedTime, String)| {
        let mut clocks = window(blocks, title, body).filter_map(|i| {
            let found = date::find(&pieces(dom, blocks, i), language)?;
            when::on_the_pages_clock(&time, &found.time)
        });
        (clocks.next().unwrap_or_else(|| time.clone()), raw)
    };
    let declared = ld.published.as_deref().and_then(read).map(local);
    let (declared, of_page) = if ld.only_page { (None, declared) } else { (declared, None) };
    declared
        .or_else(|| METAS.iter().find_map(|m| scan.meta_all(m).find_map(read)).map(local))
        .or_else(|| marked(dom, blocks, title, body, language))
        .or_else(|| printed(dom, blocks, title, body, language))
        .or_else(|| Some((when::in_url(url?)?, url?.to_owned())))
        .or_else(|| other_meta(scan))
        .or_else(|| lone_time(dom))
        // Static pages carry a WebPage's date too; where the page prints it, it is news.
        .or_else(|| {
            of_page.filter(|(time, _)| {
                let day = time.date();
                let year = day.map(|d| format!("/{}/", d.year()));
                url.zip(year).is_some_and(|(url, year)| url.contains(&year))
                    || signed
                    || blocks
                        .iter()
                        .filter(|b| b.chars < 200)
                        .any(|b| date::all(&b.text, language).any(|found| Some(found.day) == day))
            })
        })
}

/// Any `<meta>` whose name speaks of publication and whose content is a time.
fn other_meta(scan: &Scan) -> Option<(PrintedTime, String)> {
    scan.meta.iter().find_map(|(name, content)| {
        let said = name.contains("publi") && !name.contains("modif") && !name.contains("publisher");
        said.then(|| Some((when::machine(content)?, content.clone())))?
    })
}

/// The only day that the page's `<time>` elements name.
fn lone_time(dom: &Dom) -> Option<(PrintedTime, String)> {
    let mut lone: Option<(PrintedTime, String)> = None;
    for node in dom.nodes.iter().filter(|n| n.name == Name::Time) {
        let Some(raw) = node.attr(Attr::Datetime) else { continue };
        let Some(time) = when::machine(raw) else { continue };
        match &lone {
            Some((first, _)) if first.date() != time.date() => return None,
            Some(_) => {}
            None => lone = Some((time, raw.trim().to_owned())),
        }
    }
    lone
}

/// Whether a line speaks of the last change, not of publication.
fn is_change(text: &str) -> bool {
    let lower = text.to_lowercase();
    let changed = [
        "updated",
        "modified",
        "last reviewed",
        "aktualisiert",
        "mis à jour",
        "actualizado",
        "aggiornato",
        "atualizado",
        "обновлен",
        "güncelleme",
    ]
    .iter()
    .any(|w| lower.contains(w));
    let published = [
        "publish",
        "posted",
        "veröffentlicht",
        "publié",
        "publicado",
        "pubblicato",
        "опубликован",
        "yayın",
    ]
    .iter()
    .any(|w| lower.contains(w));
    changed && !published
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
        let labelled = blocks
            .partition_point(|b| b.first < i)
            .checked_sub(1)
            .and_then(|before| blocks.get(before.saturating_sub(1)..=before))
            .is_some_and(|near| {
                near.iter().any(|b| {
                    b.chars < 30 && b.text.to_lowercase().contains("publi") && !is_change(&b.text)
                })
            });
        let said = labelled
            || class.contains("publish")
            || prop.eq_ignore_ascii_case("datePublished")
            || class.contains("entry-date");
        let inside = i >= place(near.start) && i <= place(near.end);
        if !(inside || said) {
            continue;
        }
        let distance = i32::try_from(i.abs_diff(place(anchor)) / 40).unwrap_or(i32::MAX).min(20);
        let score =
            10 * i32::from(inside) + 6 * i32::from(said) - 8 * i32::from(modified) - distance;
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
    let behind = body.map_or(0..0, |b| b.1 + 1..(b.1 + 6).min(blocks.len()));
    for i in near.chain(behind) {
        let block = &blocks[i];
        if is_change(&block.text) || block.chars > 140 || block.hidden && block.chars > 60 {
            continue;
        }
        let Some(time) = date::find(&pieces(dom, blocks, i), language).map(|f| f.time) else {
            continue;
        };
        let said = dom
            .up(block.node)
            .take(3)
            .any(|x| dom.node(x).attr(Attr::Class).is_some_and(|c| hints(c).has(Hint::Meta)));
        if !said && block.chars > 80 {
            continue;
        }
        let distance = i32::try_from(i.abs_diff(anchor)).unwrap_or(i32::MAX).min(40);
        let score = 6 * i32::from(said) - distance - i32::from(i < anchor);
        if best.as_ref().is_none_or(|(s, ..)| score > *s) {
            best = Some((score, time, block.text.clone()));
        }
    }
    best.map(|(_, time, raw)| (time, raw))
}
