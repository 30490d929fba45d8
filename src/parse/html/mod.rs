//! HTML pages: tree → blocks → what belongs to the article, what is ticker, what the metadata
//! say.
//!
//! A first pass over the bytes ([`scan`]) looks at the page's size before any tree is built,
//! collects what its head says and leaves a lean copy; the tree ([`dom`]) is laid out as a row of
//! [`block`]s; each gets a probability ([`features`], [`forest`]) of belonging to the article.

mod around;
mod block;
mod body;
mod byline;
mod caption;
mod dom;
mod features;
pub mod fit;
mod forest;
mod headline;
mod image;
mod ld;
mod look;
mod names;
mod published;
mod render;
mod said;
mod scan;
mod site;
mod stage;
mod ticker;
mod tokens;
mod trim;
mod when;
mod words;

#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::civil::Date;

use crate::{
    item::{CreditFrom, LineClass, Remark},
    page::Page,
    parse::{
        clues::Clues,
        date,
        layout::{Fields, Layout, Paragraph, TickerEntry},
        memory::line_hash,
        pages::NoArticle,
        sites::Sites,
        source::{self, Signs},
        text,
    },
};

use self::{
    block::{Block, Kind},
    dom::{Attr, Dom, Name},
    features::{Facts, Rows},
    forest::{Asking, BODY},
    ld::LinkedData,
    scan::{Cap, Scan},
    trim::Trim,
    words::{Hint, hints, overlap},
};

/// Gives each block, by its features, the probability that it belongs to the article.
type Scorer<'s> = &'s dyn Fn(Rows<'_>) -> Vec<f32>;

/// Lays out an HTML page.
pub(super) fn lay_out(html: &str, page: &Page, sites: &Sites, clues: &Clues) -> Layout {
    lay_out_by(html, page, sites, clues, &|rows| {
        let mut odds = Vec::with_capacity(rows.blocks.len());
        let mut trees = Asking::new(&BODY, rows.blocks.len());
        rows.each(&mut |like, row| odds.push(trees.probability(like, row)));
        odds
    })
}

fn lay_out_by(html: &str, page: &Page, sites: &Sites, clues: &Clues, score: Scorer<'_>) -> Layout {
    let scan = scan::scan(html);
    let too_big = |code, why: &str| {
        let why = format!("the page was read as plain text because {why}");
        let remark = Some(Remark::page(code, why));
        as_text(&scan, render::text(&scan.lean), remark, page, sites, clues)
    };
    if let Some(cap) = scan.over {
        return too_big("tree-too-big", &cap.words());
    }
    // Sound to go on after a panic: the closure only reads what it borrows and all it builds is
    // dropped with it, so nothing half-made is seen outside.
    let laid_out = catch_unwind(AssertUnwindSafe(|| {
        let dom = Dom::build(&scan.lean)?;
        let blocks = block::blocks(&dom);
        Some(match preformatted(&dom, &blocks) {
            Some(text) => Extracted::Preformatted(text),
            None => {
                let from = (page, sites, clues);
                Extracted::Laid(Box::new(extract(&scan, &dom, &blocks, from, score)))
            }
        })
    }));
    match laid_out {
        Ok(Some(Extracted::Laid(layout))) => *layout,
        // A wire's copy in an HTML page: its lines say what it is, not its markup.
        Ok(Some(Extracted::Preformatted(text))) => as_text(&scan, text, None, page, sites, clues),
        Ok(None) => too_big("tree-too-big", &Cap::Nodes.words()),
        Err(_) => too_big("tree-failed", "its tree could not be built"),
    }
}

/// What a tree gives.
enum Extracted {
    Laid(Box<Layout>),
    /// Most of the page is one text that is laid out by its lines alone.
    Preformatted(String),
}

/// The text of the one `<pre>` that is most of a page, where its lines are paragraphs and fields.
fn preformatted(dom: &Dom, blocks: &[Block]) -> Option<String> {
    let chars = |which: &dyn Fn(&&Block) -> bool| -> u32 {
        blocks.iter().filter(which).map(|b| b.chars).sum()
    };
    let first = blocks.iter().find(|b| b.kind == Kind::Pre)?;
    let pre = dom.up(first.node).find(|&x| dom.node(x).name == Name::Pre)?;
    let inside = chars(&|b| dom.holds(pre, b.first));
    let mut text = String::new();
    dom.below(pre).for_each(|x| text.push_str(&dom.node(x).text));
    let divided = text.trim().matches("\n\n").nth(2).is_some();
    (inside * 5 > chars(&|_| true) * 3 && divided).then_some(text)
}

/// A page that is read as text: one whose tree can't be had, as the text it shows and as what its
/// metadata tell of a live blog.
fn as_text(
    scan: &Scan,
    text: String,
    remark: Option<Remark>,
    page: &Page,
    sites: &Sites,
    clues: &Clues,
) -> Layout {
    let mut layout = text::lay_out(text.clone(), text, page, sites).choose(&|_| false, clues);
    let ld = linked_data(scan, &mut layout.remarks);
    layout.url = layout.url.or_else(|| site::url(scan, &ld, page.meta.url.as_deref()));
    layout.fields.language = layout.fields.language.or_else(|| language(scan, &ld));
    let signs = Signs { url: layout.url.clone(), ..Signs::default() };
    let live = match source::of(page, &signs, sites).1 {
        Some(site) if site.no_ticker => ticker::Ticker::default(),
        _ => ticker::Ticker::default().with_live(&ld, &[]),
    };
    for update in live.lines {
        if layout.ticker.iter().any(|entry| entry.text == update.text) {
            continue;
        }
        if !layout.shown.is_empty() && !layout.shown.ends_with('\n') {
            layout.shown.push('\n');
        }
        layout.shown.push_str(&update.text);
        layout.lines.push(LineClass::Ticker);
        layout.hashes.push(line_hash(&update.text));
        let line = layout.lines.len() as u32;
        layout.ticker.push(TickerEntry { line, text: update.text, published: update.published });
    }
    layout.remarks.extend(too_many(live.beyond, layout.ticker.len()));
    layout.remarks.extend(remark);
    layout
}

/// Says that some ticker lines past so many were left out, if any were.
fn too_many(beyond: usize, told: usize) -> Option<Remark> {
    let text = || format!("{beyond} ticker lines past the first {told} were left out");
    (beyond > 0).then(|| Remark::page("ticker-too-long", text()))
}

fn extract(
    scan: &Scan,
    dom: &Dom,
    blocks: &[Block],
    (page, sites, clues): (&Page, &Sites, &Clues),
    score: Scorer<'_>,
) -> Layout {
    let mut remarks = Vec::new();
    let ld = linked_data(scan, &mut remarks);
    let url = site::url(scan, &ld, page.meta.url.as_deref());
    let names = site::home_names(dom);
    let site_name = site::name(scan, &ld);
    let masthead = site::owner(&names, blocks).map(str::to_owned);
    let signs = Signs { url: url.clone(), site_name, masthead: masthead.clone() };
    let (source, site) = source::of(page, &signs, sites);
    let site_name = source.name.clone().or(masthead).or_else(|| source.host.clone());
    let language = language(scan, &ld).or_else(|| site.and_then(|s| s.language.clone()));
    let locale = locale(scan, &ld, url.as_deref(), blocks).or_else(|| language.clone());
    let markers = site.map(|s| s.markers.clone()).unwrap_or_default();

    let candidates = headline::candidates(scan, &ld, site_name.as_deref());
    let facts = facts(scan, &ld, &candidates);
    let (mut kept, odds) = body::body(dom, blocks, &facts, score);
    fold_doubles(blocks, &mut kept);
    // Lines over the text may have been taken for some of it.
    let is_text = |i: &usize| kept[*i] && blocks[*i].chars > 60;
    let opening = (0..blocks.len()).find(is_text).or_else(|| kept.iter().position(|k| *k));
    let (headline, title) = headline::headline(dom, blocks, &candidates, opening, &names, clues);
    // A page of nothing but a list under a label is a ticker.
    let headed = title.is_some_and(|t| ticker::is_label(&blocks[t].text, &markers));
    let short = (0..blocks.len()).filter(|&i| kept[i]).all(|i| blocks[i].chars <= 200);
    let (headline, title) = match headed && short {
        true => {
            kept.fill(false);
            (None, None)
        }
        false => (headline, title),
    };
    let captions = caption::captions(dom, blocks);
    let trim = Trim { dom, blocks, title, captions: &captions, language: locale.as_deref() };
    remarks.extend(trim.trim(&mut kept));
    if let Some(title) = title {
        kept[title] = false;
    }
    body::drop_head_matter(dom, blocks, locale.as_deref(), &mut kept);
    body::drop_date_below(dom, blocks, locale.as_deref(), &mut kept);
    let standfirst = standfirst(dom, blocks, &kept, title, &facts);
    if let Some(standfirst) = standfirst {
        kept[standfirst] = false;
        // It may stand before names and date.
        body::drop_head_matter(dom, blocks, locale.as_deref(), &mut kept);
    }
    let span = kept.iter().position(|k| *k).zip(kept.iter().rposition(|k| *k));
    let start = match (title, span) {
        (Some(title), Some((first, _))) => Some(title.min(first)),
        (title, span) => title.or(span.map(|s| s.0)),
    };
    let place = Place { title, span, range: start.map(|s| s..span.map_or(s, |s| s.1) + 1) };

    let ticker = if site.is_some_and(|s| s.no_ticker) {
        ticker::Ticker::default()
    } else {
        ticker::ticker(dom, blocks, place.range.as_ref(), title, &kept, &markers)
            .with_live(&ld, blocks)
    };
    let from = Sources {
        dom,
        blocks,
        scan,
        ld: &ld,
        url: url.as_deref(),
        locale: locale.as_deref(),
        clues,
    };
    let byline = byline::byline(&from, &place, site_name.as_deref());
    let byline =
        byline.filter(|b| site.is_none_or(|s| !s.nobody.contains(&crate::parse::lexicon::fold(b))));
    // A name that opens the body is told as byline.
    if let Some(name) = &byline
        && let Some((first, _)) = place.span
        && blocks[first].text.trim().eq_ignore_ascii_case(name)
    {
        kept[first] = false;
    }
    // What begins with it at the end is a note on its bearer.
    if let Some(name) = &byline
        && let Some((first, last)) = place.span
        && last > first
        && blocks[last].chars <= BIO
        && name.contains(' ')
        && blocks[last].text.starts_with(name.as_str())
    {
        kept[last] = false;
    }
    let declared =
        || byline.is_none().then(|| byline::credit(&from, site_name.as_deref())).flatten();
    let credit = place
        .span
        .and_then(|(_, last)| {
            blocks[last + 1..]
                .iter()
                .take(3)
                .find_map(|block| crate::parse::byline::credit(&block.text))
        })
        .map(|credit| (credit, CreditFrom::Line))
        .or_else(|| declared().map(|credit| (credit, CreditFrom::Meta)));
    let published = published::published(&from, &place, byline.is_some(), &mut remarks);
    // The text may stand in the metadata alone, for scripts to show.
    let unshown: Vec<&str> = match (&ld.body, place.span) {
        (Some(body), None) if body.chars().count() >= UNSHOWN => {
            body.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
        }
        _ => Vec::new(),
    };
    if !unshown.is_empty() {
        let text = "the article's text stands in the page's metadata alone";
        remarks.push(Remark::page("body-not-shown", text));
    } else if blocks.is_empty() {
        let text = "the page shows no text by itself: its scripts may fetch it";
        remarks.push(Remark::page("nothing-shown", text));
    } else if headline.is_some() && title.is_none() {
        let text = "the headline stands in the page's metadata alone";
        remarks.push(Remark::page("headline-not-shown", text));
    }
    let open_end = place.span.is_some_and(|(_, last)| {
        last + 1 == blocks.len() && look::sentence_end(&blocks[last].text) == 0
    });
    if !scan.ended && (scan.cut || open_end) {
        let at = if scan.cut { "inside a tag" } else { "in the middle of a sentence" };
        let text = format!("the page breaks off {at}: it may have been saved incompletely");
        remarks.push(Remark::page("page-truncated", text));
    }
    // Nobody signs such a page.
    let lists = byline.is_none() && lists_articles(dom, blocks, &kept, &ld);
    let no_article = lists.then_some(NoArticle::Index);
    let images = place.range.as_ref().map_or_else(Vec::new, |range| {
        let to = blocks.get(range.end).map_or(dom.nodes.len() as u32, |b| b.first);
        image::images(dom, blocks, &captions, blocks[range.start].first, to)
    });

    let mut sheet = Lines::default();
    let mut ticker_lines: Vec<u32> = vec![0; ticker.lines.len()];
    for (i, block) in blocks.iter().enumerate() {
        let class = class(i, block, &ticker, &kept, &place, standfirst, &captions);
        let told = |(_, l): &(usize, &ticker::Line)| l.block == Some(i);
        let of_block: Vec<usize> =
            ticker.lines.iter().enumerate().filter(told).map(|(l, _)| l).collect();
        if of_block.len() > 1 && class == LineClass::Ticker {
            // Lines side by side in one block get a line each.
            sheet.first.push(sheet.next());
            for line in of_block {
                ticker_lines[line] = sheet.push(&ticker.lines[line].text, class);
            }
        } else {
            let first = sheet.push(&block.text, class);
            sheet.first.push(first);
            for line in of_block {
                ticker_lines[line] = first;
            }
        }
    }
    // What only the metadata tell stands behind all that the page shows.
    for (line, at) in ticker.lines.iter().zip(&mut ticker_lines).filter(|(_, at)| **at == 0) {
        *at = sheet.push(&line.text, LineClass::Ticker);
    }
    let unshown: Vec<Paragraph> = unshown
        .into_iter()
        .map(|text| Paragraph::new(sheet.push(text, LineClass::Article), text.to_owned()))
        .collect();
    let line = |block: usize| sheet.first.get(block).copied().unwrap_or(1);
    clues.rows(|| odds.iter().enumerate().map(|(block, odds)| (line(block), *odds)).collect());
    remarks.extend(too_many(ticker.beyond, ticker.lines.len()));
    if let Some((block, label)) = &ticker.bare_label {
        let text = format!("the label “{label}” is followed by no ticker line");
        remarks.push(Remark::line("marker-without-lines", line(*block), text));
    }
    Layout {
        source,
        newest_date: newest_date(blocks, &ld, published.as_ref().map(|p| &p.0), locale.as_deref()),
        ticker_order: site.map(|s| s.ticker_order).unwrap_or_default(),
        ticker: ticker
            .lines
            .iter()
            .zip(&ticker_lines)
            .map(|(l, &line)| TickerEntry {
                line,
                text: l.text.clone(),
                published: l.published.clone(),
            })
            .collect(),
        body: (0..blocks.len())
            .filter(|&i| kept[i])
            .map(|i| Paragraph::new(line(i), blocks[i].text.clone()))
            .chain(unshown)
            .collect(),
        fields: Fields {
            headline,
            byline,
            credit,
            published,
            standfirst: standfirst.map(|i| blocks[i].text.replace('\n', " ")),
            images,
            keywords: keywords(scan, &ld),
            language,
            markers,
            urgency: site.map(|site| site.urgency).unwrap_or_default(),
        },
        url,
        lines: sheet.classes,
        hashes: sheet.hashes,
        around: Layout::of_short(&sheet.text),
        shown: sheet.text,
        no_article,
        remarks,
    }
}

/// Characters of a text in the metadata that can be the article.
const UNSHOWN: usize = 200;

/// Entries of a list of articles at least.
const ENTRIES: usize = 3;

/// Whether the page is a list of articles: most of what was taken for text stands in elements
/// alike, each with a heading that links elsewhere.
fn lists_articles(dom: &Dom, blocks: &[Block], kept: &[bool], ld: &LinkedData) -> bool {
    if ld.kind.is_some() && !ld.only_page {
        return false;
    }
    let class = |x: u32| (dom.node(x).name, dom.node(x).attr(Attr::Class).unwrap_or(""));
    let headed = |card: u32| {
        let inside = |b: &&Block| dom.holds(card, b.first);
        let from = blocks.partition_point(|b| b.first < card);
        let mut headings = blocks[from..].iter().take_while(inside).take(6);
        headings.any(|b| {
            let linked = b.links > 0 || dom.up(b.node).take(3).any(|x| dom.node(x).name == Name::A);
            matches!(b.kind, Kind::Heading(2..=6)) && linked
        })
    };
    let (mut all, mut listed) = (0, 0);
    let mut cards = std::collections::BTreeSet::new();
    for (block, _) in blocks.iter().zip(kept).filter(|(b, k)| **k && b.chars > 30) {
        all += block.chars;
        let card = dom.up(block.node).take(6).find(|&x| {
            let alike = dom.children(dom.node(x).parent).filter(|&other| class(other) == class(x));
            alike.take(ENTRIES).count() >= ENTRIES && headed(x)
        });
        if let Some(card) = card {
            listed += block.chars;
            cards.insert(card);
        }
    }
    cards.len() >= ENTRIES && listed * 4 >= all * 3
}

/// Where a page's fields can be read.
#[derive(Clone, Copy, Debug)]
struct Sources<'p> {
    dom: &'p Dom,
    blocks: &'p [Block],
    scan: &'p Scan,
    ld: &'p LinkedData,
    url: Option<&'p str>,
    /// The page's language with its region: what tells the order of a date's numbers.
    locale: Option<&'p str>,
    clues: &'p Clues,
}

/// Where the article stands among the blocks.
#[derive(Debug)]
struct Place {
    /// Its headline's block.
    title: Option<usize>,
    /// First and last block of its body.
    span: Option<(usize, usize)>,
    /// From headline to end of body.
    range: Option<std::ops::Range<usize>>,
}

/// The page's lines of text.
#[derive(Debug, Default)]
struct Lines {
    classes: Vec<LineClass>,
    hashes: Vec<u64>,
    text: String,
    /// The line each block begins at.
    first: Vec<u32>,
}

impl Lines {
    /// The number of the line that comes next.
    fn next(&self) -> u32 {
        self.classes.len() as u32 + 1
    }

    /// Adds the lines of a text; the number of the first.
    fn push(&mut self, text: &str, class: LineClass) -> u32 {
        let first = self.next();
        for line in text.lines() {
            self.classes.push(class);
            self.hashes.push(line_hash(line));
            self.text.push_str(line);
            self.text.push('\n');
        }
        first
    }
}

fn class(
    i: usize,
    block: &Block,
    ticker: &ticker::Ticker,
    kept: &[bool],
    place: &Place,
    standfirst: Option<usize>,
    captions: &std::collections::BTreeMap<usize, u32>,
) -> LineClass {
    if ticker.blocks.contains(&i) {
        LineClass::Ticker
    } else if kept[i] || standfirst == Some(i) {
        LineClass::Article
    } else if place.title == Some(i) || block.kind == Kind::Caption || captions.contains_key(&i) {
        LineClass::Metadata
    } else if place.range.as_ref().is_some_and(|r| r.contains(&i)) {
        LineClass::Furniture("inside-article")
    } else {
        LineClass::Furniture("outside-article")
    }
}

/// The newest day printed on the page or given by its metadata.
fn newest_date(
    blocks: &[Block],
    ld: &LinkedData,
    published: Option<&crate::item::PrintedTime>,
    language: Option<&str>,
) -> Option<Date> {
    let modified = ld.modified.as_deref().and_then(when::machine);
    let declared = published.and_then(|p| p.date()).max(modified.and_then(|m| m.date()));
    let printed = blocks
        .iter()
        .filter(|b| b.chars <= 300)
        .flat_map(|b| date::all(&b.text, language).map(|f| f.day))
        .max();
    declared.max(printed)
}

fn linked_data(scan: &Scan, remarks: &mut Vec<Remark>) -> LinkedData {
    let title = scan.meta_of(&["og:title", "twitter:title"]).or(scan.title.as_deref());
    let address = scan.canonical.as_deref().or_else(|| scan.meta_of(&["og:url"]));
    let ld = ld::read(&scan.json_ld, &|text| {
        if text.starts_with("http") {
            return f32::from(u8::from(address == Some(text)));
        }
        title.map_or(0.0, |t| overlap(t, text))
    });
    if ld.broken > 0 {
        let text = format!("{} of the page's JSON-LD scripts can't be read", ld.broken);
        remarks.push(Remark::page("json-ld-broken", text));
    }
    ld
}

fn facts(scan: &Scan, ld: &LinkedData, candidates: &[String]) -> Facts {
    let description = scan.meta_of(&["og:description", "description", "twitter:description"]);
    Facts {
        title: candidates.first().cloned(),
        description: description.map(ld::clean).or_else(|| ld.description.clone()),
        body: ld.body.clone(),
    }
}

/// A paragraph that already stood in the article is told once: phones and desktops often get
/// their own copy.
fn fold_doubles(blocks: &[Block], kept: &mut [bool]) {
    let key = |b: &Block| -> String {
        b.text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let mut seen = std::collections::HashSet::new();
    for (block, kept) in blocks.iter().zip(kept) {
        if *kept && block.chars >= 60 && !seen.insert(key(block)) {
            *kept = false;
        }
    }
}

/// The summary under the headline: marked as such, or what the metadata give as description and
/// set off from the body.
fn standfirst(
    dom: &Dom,
    blocks: &[Block],
    kept: &[bool],
    title: Option<usize>,
    facts: &Facts,
) -> Option<usize> {
    let title = title?;
    // The body is what most of the kept text stands in.
    let body = (title + 1..blocks.len()).filter(|&i| kept[i]);
    let firsts: Vec<usize> = body.take(2).collect();
    let until = firsts.last().copied()?;
    (title + 1..=until).take(14).find(|&i| {
        let block = &blocks[i];
        if !(30..=600).contains(&block.chars)
            || block.link_chars * 3 > block.chars
            || block.kind == Kind::Caption
        {
            return false;
        }
        let marked = dom.up(block.node).take(2).any(|x| {
            dom.node(x).attr(Attr::Class).is_some_and(|c| {
                let hints = hints(c);
                hints.has(Hint::Summary) && !hints.has(Hint::Body)
            })
        });
        let described =
            || facts.description.as_deref().is_some_and(|d| overlap(d, &block.text) > 0.75);
        // What only repeats the description may as well be the first paragraph.
        (marked || !kept[i] && described()) && i != until
    })
}

/// Characters of the longest note on an author.
const BIO: u32 = 250;

/// How many keywords of an article are told.
const MOST_KEYWORDS: usize = 30;

fn keywords(scan: &Scan, ld: &LinkedData) -> Vec<String> {
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
        if kept.len() == MOST_KEYWORDS {
            break;
        }
    }
    kept
}

fn language(scan: &Scan, ld: &LinkedData) -> Option<String> {
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

/// What tells the order of a date's numbers: a language other than English, an English of some
/// region, as the page declares it or as its host tells; else the page's other dates.
fn locale(scan: &Scan, ld: &LinkedData, url: Option<&str>, blocks: &[Block]) -> Option<String> {
    let metas = ["content-language", "language", "dc.language", "og:locale"];
    let metas = || metas.iter().filter_map(|meta| scan.meta_of(&[*meta]).map(str::trim));
    let own = scan.lang.as_deref().map(str::trim);
    let all = || own.into_iter().chain(metas()).chain(ld.language.as_deref());
    if let Some(other) = all().next().filter(|tag| !tag.starts_with("en")) {
        return Some(other.to_owned());
    }
    let has_region = |tag: &&str| tag.len() >= 5 && matches!(tag.get(2..3), Some("-" | "_"));
    let short = blocks.iter().filter(|b| b.chars <= 140).map(|b| date::dates(&b.text));
    let country = || {
        let host = source::host(url?)?;
        let (_, ending) = host.rsplit_once('.')?;
        ["uk", "ie", "au", "nz", "in", "za"].contains(&ending).then(|| format!("en-{ending}"))
    };
    // Content systems declare the English of the United States unless somebody changes it.
    date::numbers_order(short)
        .or_else(|| own.filter(has_region))
        .map(str::to_owned)
        .or_else(country)
        .or_else(|| all().find(has_region).map(str::to_owned))
}

/// The text that a page shows, as text exports have it.
pub(super) fn rendered(html: &str) -> String {
    render::text(&scan::scan(html).lean)
}
