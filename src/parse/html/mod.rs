//! HTML pages: tree → blocks → what belongs to the article, what is ticker, what the metadata
//! say.
//!
//! A first pass over the bytes ([`scan`]) looks at the page's size before any tree is built,
//! collects what its head says and leaves a lean copy; the tree ([`dom`]) is laid out as a row of
//! [`block`]s; each gets a probability ([`features`], [`forest`]) of belonging to the article.

mod block;
mod body;
mod byline;
mod dom;
mod features;
mod forest;
mod headline;
mod image;
mod ld;
mod lexicon;
mod published;
mod render;
mod scan;
mod site;
mod ticker;
mod tokens;
mod when;
mod words;

use crate::item::{Article, Dir, LineClass, PrintedTime, Remark, Source};

use self::{
    block::{Block, Kind},
    dom::Dom,
    features::Facts,
    words::{Hint, hints, overlap},
};

/// An HTML page read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) source: Source,
    pub(super) url: Option<String>,
    /// The page's own word for its language.
    pub(super) language: Option<String>,
    /// The page's own word for its direction.
    pub(super) dir: Option<Dir>,
    /// The ticker's lines.
    pub(super) ticker: Vec<TickerText>,
    /// The article and the 1-based line its body begins at.
    pub(super) article: Option<(Article, u32)>,
    pub(super) remarks: Vec<Remark>,
    /// The page as lines of text, and what each was taken for.
    pub(super) lines: Vec<(String, LineClass)>,
}

/// A line of the ticker as the page has it.
#[derive(Debug)]
pub(super) struct TickerText {
    /// 1-based line of the page's text.
    pub(super) line: u32,
    pub(super) text: String,
    pub(super) published: Option<PrintedTime>,
}

/// What came of an HTML page.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was read.
    Read(Box<Reading>),
    /// Its tree would be too big; this is its text, for the text path.
    TooBig {
        /// The page's text.
        text: String,
        /// Says why.
        remark: Remark,
    },
}

/// Reads an HTML page. `saved_from` is where whoever saved it found it.
pub(super) fn read(page: &str, saved_from: Option<&str>) -> Outcome {
    let scan = scan::scan(page);
    let tree = match scan.over {
        Some(cap) => Err(cap),
        None => Dom::build(&scan.lean).ok_or(scan::Cap::Nodes),
    };
    match tree {
        Ok(dom) => Outcome::Read(Box::new(extract(&scan, &dom, saved_from))),
        Err(cap) => Outcome::TooBig {
            text: render::text(&scan.lean),
            remark: Remark::page(
                "tree-too-big",
                format!("The page was read as plain text because {}.", cap.words()),
            ),
        },
    }
}

fn extract(scan: &scan::Scan, dom: &Dom, saved_from: Option<&str>) -> Reading {
    let blocks = block::blocks(dom);
    let hint = scan.meta_of(&["og:title", "twitter:title"]).or(scan.title.as_deref());
    let address = scan.canonical.as_deref().or_else(|| scan.meta_of(&["og:url"]));
    let ld = ld::read(&scan.json_ld, &|text| {
        if text.starts_with("http") {
            return f32::from(u8::from(address == Some(text)));
        }
        hint.map_or(0.0, |h| overlap(h, text))
    });
    let mut reading = Reading {
        url: site::url(scan, &ld, saved_from),
        language: language(scan, &ld),
        dir: dir(scan),
        ..Reading::default()
    };
    reading.source =
        Source { name: site::name(scan, &ld), host: reading.url.as_deref().and_then(site::host) };
    if ld.broken > 0 {
        let text = format!("{} JSON-LD script(s) of the page can't be read.", ld.broken);
        reading.remarks.push(Remark::page("json-ld-broken", text));
    }

    let site_name = reading.source.name.clone().or_else(|| reading.source.host.clone());
    let candidates = headline::candidates(scan, &ld, site_name.as_deref());
    let description = scan.meta_of(&["og:description", "description", "twitter:description"]);
    let facts = Facts {
        title: candidates.first().cloned(),
        description: description.map(ld::clean).or_else(|| ld.description.clone()),
        body: ld.body.clone(),
    };
    let mut kept = body::body(dom, &blocks, &facts);
    fold_doubles(&blocks, &mut kept, &mut reading.remarks);
    let first = kept.iter().position(|k| *k);
    let last = kept.iter().rposition(|k| *k);
    let span = first.zip(last);
    let (headline, title) = headline::headline(&blocks, &candidates, first);
    if let Some(title) = title {
        kept[title] = false;
    }

    let start = title.map_or(first, |t| Some(first.map_or(t, |f| f.min(t))));
    let article_range = start.map(|s| s..last.unwrap_or(s) + 1);
    let mut ticker = ticker::ticker(dom, &blocks, article_range.as_ref(), &kept);
    let (live, beyond) = ticker::live(&ld);
    if !live.is_empty() {
        ticker.lines.extend(live);
        ticker.beyond += beyond;
    }

    let standfirst = standfirst(dom, &blocks, &kept, title, first, &facts);
    let byline = byline::byline(dom, &blocks, scan, &ld, title, span, site_name.as_deref());
    let published =
        published::published(dom, &blocks, scan, &ld, title, span, reading.url.as_deref());

    // Lines and their classes.
    let mut line = 1u32;
    let mut place = Vec::with_capacity(blocks.len());
    for (i, block) in blocks.iter().enumerate() {
        place.push(line);
        let class = if ticker.blocks.contains(&i) {
            LineClass::Ticker
        } else if kept[i] || standfirst == Some(i) {
            LineClass::Article
        } else if title == Some(i) || block.kind == Kind::Caption {
            LineClass::Metadata
        } else {
            LineClass::Furniture("outside-article")
        };
        for text in block.text.lines() {
            reading.lines.push((text.to_owned(), class));
            line += 1;
        }
    }
    reading.ticker = ticker
        .lines
        .into_iter()
        .map(|l| TickerText {
            line: l.block.map_or(1, |b| place[b]),
            text: l.text,
            published: l.published,
        })
        .collect();
    if ticker.beyond > 0 {
        let text = format!(
            "{} ticker lines past the first {} were left out.",
            ticker.beyond,
            ticker::MAX_LINES
        );
        reading.remarks.push(Remark::page("ticker-too-long", text));
    }
    if let Some((block, label)) = ticker.bare_label {
        let text = format!("The label “{label}” is followed by no ticker line.");
        reading.remarks.push(Remark::line("marker-without-lines", place[block], text));
    }

    let body = body_text(&blocks, &kept);
    if body.is_empty() {
        if headline.is_some() {
            reading
                .remarks
                .push(Remark::page("no-body", "The page has a headline but no article text."));
        }
    } else {
        if headline.is_none() {
            reading.remarks.push(Remark::page("no-headline", "The page names no headline."));
        }
        let (published, published_raw) = published.unzip();
        let from = start.map_or(0, |s| blocks[s].first);
        let to = last.map_or(from, |l| blocks.get(l + 1).map_or(blocks[l].first + 1, |b| b.first));
        let article = Article {
            headline,
            byline,
            published,
            published_raw,
            standfirst: standfirst.map(|i| blocks[i].text.replace('\n', " ")),
            body,
            images: image::images(dom, from, to),
            keywords: keywords(scan, &ld),
            url: reading.url.clone(),
            language: reading.language.clone(),
            version: 1,
            urgency: 4,
            ..Article::default()
        };
        reading.article = Some((article, first.map_or(1, |f| place[f])));
    }
    reading
}

/// Text that already stood in the article is told once.
fn fold_doubles(blocks: &[Block], kept: &mut [bool], remarks: &mut Vec<Remark>) {
    let key = |b: &Block| -> String {
        b.text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let mut seen = std::collections::HashSet::new();
    let mut folded = 0usize;
    for i in 0..blocks.len() {
        if kept[i] && blocks[i].chars >= 60 && !seen.insert(key(&blocks[i])) {
            kept[i] = false;
            folded += blocks[i].chars as usize;
        }
    }
    let whole: usize =
        (0..blocks.len()).filter(|&i| kept[i]).map(|i| blocks[i].chars as usize).sum();
    if folded * 2 > whole && whole > 0 {
        remarks.push(Remark::page(
            "article-twice",
            "The article stands twice in the page; it is told once.",
        ));
    }
}

fn body_text(blocks: &[Block], kept: &[bool]) -> String {
    let mut body = String::new();
    for (block, kept) in blocks.iter().zip(kept) {
        if *kept {
            if !body.is_empty() {
                body.push_str("\n\n");
            }
            body.push_str(&block.text);
        }
    }
    body
}

/// The summary under the headline: marked as such, or what the metadata give as description.
fn standfirst(
    dom: &Dom,
    blocks: &[Block],
    kept: &[bool],
    title: Option<usize>,
    first: Option<usize>,
    facts: &Facts,
) -> Option<usize> {
    let (title, first) = (title?, first?);
    if title >= first && title > first + 3 {
        return None;
    }
    (title + 1..=first.max(title + 1)).take(12).filter(|&i| i < blocks.len() && !kept[i]).find(
        |&i| {
            let block = &blocks[i];
            let marked = dom.up(block.node).take(3).any(|x| {
                dom.node(x).attr(Attr::Class).is_some_and(|c| hints(c).has(Hint::Summary))
            });
            let described =
                facts.description.as_deref().is_some_and(|d| overlap(d, &block.text) > 0.75);
            block.chars >= 30
                && block.chars <= 600
                && block.link_chars * 3 < block.chars
                && block.kind != Kind::Caption
                && (marked || described)
        },
    )
}
use dom::Attr;

fn keywords(scan: &scan::Scan, ld: &ld::LinkedData) -> Vec<String> {
    let mut all: Vec<String> = scan.meta_all("article:tag").map(ld::clean).collect();
    let split = |s: &str| s.split([',', ';', '،', '、']).map(ld::clean).collect::<Vec<_>>();
    if all.len() == 1 {
        all = split(&all[0]);
    }
    if all.is_empty() {
        all = scan.meta_of(&["news_keywords"]).map(split).unwrap_or_default();
    }
    if all.is_empty() {
        all.clone_from(&ld.keywords);
    }
    if all.is_empty() {
        all = scan
            .meta_of(&["keywords", "parsely-tags", "sailthru.tags"])
            .map(split)
            .unwrap_or_default();
    }
    let mut kept: Vec<String> = Vec::new();
    for keyword in all {
        if (2..60).contains(&keyword.chars().count())
            && !keyword.contains([':', '{', '='])
            && !kept.iter().any(|k| k.eq_ignore_ascii_case(&keyword))
        {
            kept.push(keyword);
        }
    }
    kept.truncate(30);
    kept
}

fn language(scan: &scan::Scan, ld: &ld::LinkedData) -> Option<String> {
    let tag = |t: &str| {
        let primary = t.trim().split(['-', '_', ',', ';']).next()?.to_ascii_lowercase();
        ((2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_lowercase()))
            .then_some(primary)
    };
    scan.lang
        .as_deref()
        .and_then(tag)
        .or_else(|| {
            scan.meta_of(&["content-language", "language", "dc.language", "og:locale"])
                .and_then(tag)
        })
        .or_else(|| ld.language.as_deref().and_then(tag))
}

fn dir(scan: &scan::Scan) -> Option<Dir> {
    match scan.dir.as_deref().map(|d| d.trim().to_ascii_lowercase()).as_deref() {
        Some("rtl") => Some(Dir::Rtl),
        Some("ltr") => Some(Dir::Ltr),
        _ => None,
    }
}
