//! When the article was published.

use std::ops::Range;

use aho_corasick::AhoCorasick;
use jiff::civil::Date;

use crate::{
    item::{PrintedTime, Remark},
    parse::{
        clues,
        date::{self, Called},
        lexicon::{DATES, SAYS_ORIGINALLY, SAYS_PUBLISHED, SAYS_UPDATED},
    },
};

use super::{
    block::{Block, Kind, pieces},
    dom::{Attr, Dom, Name},
    ld::LinkedData,
    look::closes,
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

/// Those of [`METAS`] that content systems also fill with the day of the last change: where the page
/// prints another day as that of publication, it is that one.
const WEAK: &[&str] = &[
    "dcterms.created",
    "dc.date",
    "dc.created",
    "dcterms.date",
    "date",
    "datecreated",
    "created",
    "article:created",
    "creation_date",
];

/// A time, and as what it was read.
type Time = (PrintedTime, String);

/// The time of publication, and as what it was read. `signed` says that the article has a byline.
///
/// The order of trust: what the metadata declare of the article; what is marked up as a time by
/// the headline; what is printed there; the address; times that stand alone on the page. The time
/// of the last change is never taken for it, though many pages show only that one: null beats
/// wrong.
pub(super) fn published(
    from: &super::Sources<'_>,
    place: &super::Place,
    signed: bool,
    remarks: &mut Vec<Remark>,
) -> Option<(PrintedTime, String)> {
    let super::Sources { dom, blocks, scan, ld, url, locale: language, clues: heard } = *from;
    if is_front_page(url, ld) {
        let text = "this is its site's front page: it has no day of publication";
        remarks.push(Remark::page("front-page", text));
        return None;
    }
    let window = Window::new(dom, blocks, place, language);
    // Some write into their metadata what readers see: "Monday, 3 May 2031 - 12:09".
    let time = |raw: &str| {
        let words = || date::find(raw, None).filter(|_| raw.len() <= 80).map(|f| f.time);
        when::machine(raw).or_else(words)
    };
    let read = |raw: &str| Some((time(raw)?, raw.trim().to_owned()));
    let declared = ld.published.as_deref().and_then(read);
    let (declared, of_page) = if ld.only_page { (None, declared) } else { (declared, None) };
    let marked = window.marked();
    let modified = ld
        .modified
        .as_deref()
        .or_else(|| scan.meta_of(&["article:modified_time", "og:updated_time"]))
        .and_then(when::machine);
    // A datePublished that equals dateModified is often the time of the last save, and
    // article:published_time that of the node's making: the reader is shown another day then.
    let shown = marked.as_ref().filter(|shown| shown.printed).map(|shown| &shown.time);
    let saved = |(time, _): &(PrintedTime, String)| {
        shown.is_some_and(|shown| {
            let days = |other: &PrintedTime| {
                other.date().zip(shown.date()).map_or(0, |(a, b)| (a - b).get_days())
            };
            modified.as_ref().is_some_and(|m| m.date() == time.date()) && days(time) > 1
        })
    };
    let node = |(time, _): &(PrintedTime, String)| {
        shown.is_some_and(|shown| {
            let near = |other: &PrintedTime| {
                other.date().zip(shown.date()).is_none_or(|(a, b)| (a - b).get_days().abs() <= 1)
            };
            !near(time) && modified.as_ref().is_some_and(|m| !near(m))
        })
    };
    let shown_day = shown.and_then(PrintedTime::date);
    let on_its_clock = |(time, raw): Time| (window.on_its_clock(time, scan), raw);
    let linked = || declared.clone().filter(|time| !saved(time)).map(on_its_clock);
    let meta = || {
        let named = |m: &&'static str| Some((*m, scan.meta_all(m).find_map(read)?));
        let (name, found) = METAS.iter().find_map(named)?;
        let belied = WEAK.contains(&name)
            && window.said_day().is_some_and(|day| Some(day) != found.0.date());
        (!belied && !node(&found)).then(|| on_its_clock(found))
    };
    // Static pages carry a WebPage's date too; where the page prints it, it is news.
    let web_page = || {
        of_page.clone().filter(|(time, _)| {
            let day = time.date();
            let year = day.map(|d| format!("/{}/", d.year()));
            url.zip(year).is_some_and(|(url, year)| url.contains(&year))
                || signed
                || blocks
                    .iter()
                    .filter(|b| b.chars < 200)
                    .any(|b| date::all(&b.text, language).any(|found| Some(found.day) == day))
        })
    };
    let places: [clues::Place<'_, Time>; 10] = [
        ("JSON-LD", &linked),
        ("<meta>", &meta),
        ("marked up by the headline", &|| marked.as_ref().map(|s| (s.time.clone(), s.raw.clone()))),
        ("a line on the first publication", &|| originally(blocks, language)),
        ("printed by the headline", &|| window.printed().map(|(_, time, raw)| (time, raw))),
        ("the text opens with it", &|| window.opening()),
        ("the address", &|| Some((when::in_url(url?)?, url?.to_owned()))),
        ("another <meta>", &|| other_meta(scan)),
        ("the only <time>", &|| lone_time(dom)),
        ("JSON-LD of the web page", &web_page),
    ];
    let published =
        heard.first("published", &places, |(time, raw)| format!("{} “{raw}”", time.as_str()));
    match (published.as_ref().and_then(|(time, _)| time.date()), shown_day) {
        (Some(taken), Some(shown)) if (taken - shown).get_days().abs() > 1 => {
            let text = format!(
                "the page shows {shown} by its headline but says elsewhere that it was published \
                 on {taken}: the latter is taken"
            );
            remarks.push(Remark::page("two-dates", text));
        }
        (None, _) => {
            if let Some(change) = window.change() {
                let text = format!("the page names only the day of its last change: “{change}”");
                remarks.push(Remark::page("only-changed", text));
            }
        }
        _ => {}
    }
    published
}

/// Whether the page is its site's front page: it has no day of publication, whatever its
/// content system says of it.
fn is_front_page(url: Option<&str>, ld: &LinkedData) -> bool {
    let path = url.and_then(|url| Some(url.split_once("://")?.1.split_once('/')?.1));
    path == Some("") && (ld.kind.is_none() || ld.only_page)
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

fn speaks_of(text: &str, words: &AhoCorasick) -> bool {
    match text.is_ascii() {
        true => words.is_match(text),
        false => words.is_match(&text.to_lowercase()),
    }
}

/// Whether a line speaks of the last change, not of publication.
fn is_change(text: &str) -> bool {
    speaks_of(text, &SAYS_UPDATED) && !speaks_of(text, &SAYS_PUBLISHED)
}

/// "This article was originally published on 3 May 2031": what the page's other dates are not.
fn originally(blocks: &[Block], language: Option<&str>) -> Option<(PrintedTime, String)> {
    let may_say = |b: &&Block| b.chars < 400 && !b.hidden && speaks_of(&b.text, &SAYS_ORIGINALLY);
    blocks.iter().filter(may_say).find_map(|block| {
        let lower = block.text.to_lowercase();
        let phrase =
            DATES.originally.iter().find_map(|p| Some(lower.find(p.as_str())? + p.len()))?;
        let rest = lower.get(phrase..)?;
        let found = date::find(rest, language).filter(|found| found.start <= 4)?;
        Some((found.time, block.text.clone()))
    })
}

/// Whether a text has a word for publication or a later change.
pub(super) fn speaks_of_dates(text: &str) -> bool {
    speaks_of(text, &SAYS_PUBLISHED) || speaks_of(text, &SAYS_UPDATED)
}

/// Whether a line says when the page was published or changed, and nothing else of length.
pub(super) fn is_date_line(block: &Block, language: Option<&str>) -> bool {
    block.chars <= 100
        && speaks_of_dates(&block.text)
        && date::find(&block.text, language).is_some_and(|found| found.start <= 40)
        && block.text.chars().filter(char::is_ascii_digit).count() * 8 >= block.chars as usize
}

/// A time marked up by the headline.
#[derive(Debug)]
struct Shown {
    time: PrintedTime,
    raw: String,
    /// It stands there for readers, in words that name the same day.
    printed: bool,
}

/// Where dates of the article stand: around its headline and right behind its body.
#[derive(Debug)]
struct Window<'p> {
    dom: &'p Dom,
    blocks: &'p [Block],
    language: Option<&'p str>,
    /// From the headline, or a little above it, to the first paragraphs.
    near: Range<usize>,
    /// Behind the body.
    behind: Range<usize>,
    /// The headline's block, else the body's first.
    anchor: Option<usize>,
    /// The body's first block.
    body: Option<usize>,
}

impl<'p> Window<'p> {
    fn new(
        dom: &'p Dom,
        blocks: &'p [Block],
        place: &super::Place,
        language: Option<&'p str>,
    ) -> Self {
        let (title, body) = (place.title, place.span);
        let first = body.map_or(title.unwrap_or(0), |b| b.0);
        let from = title.unwrap_or(first).min(first).saturating_sub(8);
        // What follows a short body is other articles' more often than its own.
        let end = body.map_or(usize::MAX, |b| b.1 + 1).max(title.map_or(0, |t| t + 1));
        let to = (first.max(title.unwrap_or(0)) + 4).min(end);
        Window {
            dom,
            blocks,
            language,
            near: from..to.min(blocks.len()),
            behind: body.map_or(0..0, |b| b.1 + 1..(b.1 + 6).min(blocks.len())),
            anchor: title.or(body.map(|b| b.0)),
            body: body.map(|b| b.0),
        }
    }

    /// An instant on the clock that the page shows for it, where it shows one.
    fn on_its_clock(&self, time: PrintedTime, scan: &Scan) -> PrintedTime {
        let lines = self.near.clone().chain(self.behind.clone());
        let mut printed = lines.filter_map(|i| {
            let found = date::find(&pieces(self.dom, self.blocks, i), self.language)?;
            when::on_the_pages_clock(&time, &found.time)
        });
        if let Some(local) = printed.next() {
            return local;
        }
        let utc = time.as_str().ends_with('Z');
        let Some(instant) = time.instant().filter(|_| utc) else { return time };
        let same = |raw: &str| {
            let local = when::machine(raw)?;
            (!local.as_str().ends_with('Z') && local.instant() == Some(instant)).then_some(local)
        };
        let times = self.dom.nodes.iter().filter(|n| n.name == Name::Time);
        times
            .filter_map(|n| n.attr(Attr::Datetime))
            .chain(scan.meta_all("datepublished"))
            .find_map(same)
            .unwrap_or(time)
    }

    /// Whether a node stands behind the body with a heading between: that opens something else.
    fn beyond_the_article(&self, node: u32) -> bool {
        let here = self.blocks.partition_point(|b| b.first <= node);
        let behind = self.blocks.get(self.behind.start..here).unwrap_or_default();
        behind.len() > 12 || behind.iter().any(|b| matches!(b.kind, Kind::Heading(_)))
    }

    /// Whether a node stands in one of several like elements that each carry a date: cards of
    /// other articles, comments.
    fn in_a_card(&self, node: u32, title: Option<u32>) -> bool {
        let dom = self.dom;
        let class = |x: u32| (dom.node(x).name, dom.node(x).attr(Attr::Class).unwrap_or(""));
        for at in dom.up(node).take(8) {
            if title.is_some_and(|t| dom.holds(at, t)) {
                return false;
            }
            let alike = dom
                .children(dom.node(at).parent)
                .filter(|&x| x != at && dom.node(x).name != Name::Text && class(x) == class(at))
                .take(12)
                .filter(|&x| self.holds_date(x))
                .take(2)
                .count();
            if alike >= 2 {
                return true;
            }
        }
        false
    }

    fn holds_date(&self, node: u32) -> bool {
        let end = self.dom.node(node).end;
        let from = self.blocks.partition_point(|b| b.first < node);
        // "3/4/2031" is a date, whichever.
        let numeric = |text: &str| {
            let signs = text.matches(['/', '.', '-']).count();
            signs == 2 && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '/' | '.' | '-'))
        };
        self.dom.below(node).take(60).any(|x| self.dom.node(x).name == Name::Time)
            || (from..self.blocks.len())
                .take(12)
                .take_while(|&i| self.blocks[i].first < end)
                .filter(|&i| self.blocks[i].chars <= 140)
                // Title and date often meet without a space.
                .map(|i| pieces(self.dom, self.blocks, i))
                .any(|text| numeric(text.trim()) || date::find(&text, self.language).is_some())
    }

    /// A line by the headline that says when the page was changed.
    fn change(&self) -> Option<&'p str> {
        let blocks = self.blocks[self.near.clone()].iter();
        let mut short = blocks.filter(|b| b.chars <= 80 && is_change(&b.text));
        short.find(|b| date::find(&b.text, self.language).is_some()).map(|b| b.text.as_str())
    }

    /// What stands before a time's element and may say what its time is: the text of its line back
    /// to the time before it (which ends at `from`), else the short line above.
    fn label(&self, node: u32, from: u32) -> String {
        let Window { dom, blocks, .. } = *self;
        let Some(here) = blocks.partition_point(|b| b.first <= node).checked_sub(1) else {
            return String::new();
        };
        let text = (node..dom.node(node).end).find(|&x| !dom.node(x).text.trim().is_empty());
        let opens = text.is_some_and(|text| blocks.get(here + 1).is_some_and(|b| b.first <= text));
        // The element stands before its text: where that opens a line, this is the line above.
        if opens && blocks[here].chars >= 30 {
            return String::new();
        }
        let mut label = String::new();
        for x in blocks[here].first.max(from)..node {
            label.push_str(&dom.node(x).text);
            label.push(' ');
        }
        let above = here.checked_sub(1).map(|above| &blocks[above]).filter(|b| b.chars < 30);
        match above {
            Some(above) if !label.contains(char::is_alphabetic) => above.text.clone(),
            _ => label,
        }
    }

    /// `<time datetime>` and `itemprop=datePublished` by the headline, else said to be it.
    fn marked(&self) -> Option<Shown> {
        let Window { dom, blocks, language, .. } = *self;
        let place = |i: usize| blocks.get(i).map_or(dom.nodes.len() as u32, |b| b.first);
        let anchor = place(self.anchor?);
        let mut best: Option<(i32, Shown)> = None;
        let mut before = 0;
        for i in 1..dom.nodes.len() as u32 {
            let node = dom.node(i);
            let prop = node.attr(Attr::Itemprop).unwrap_or("");
            let is_time = node.name == Name::Time;
            if !is_time
                && (prop.is_empty() || !prop.to_ascii_lowercase().contains("date"))
                && node.attr(Attr::Property) != Some("datePublished")
            {
                continue;
            }
            let from = std::mem::replace(&mut before, node.end);
            let raw = node.attr(Attr::Datetime).or_else(|| node.attr(Attr::Content));
            let text = dom.text(i);
            let raw = raw.filter(|r| !r.trim().is_empty()).unwrap_or(&text);
            let printed = || date::publication(raw, language).map(|date| date.found.time);
            let Some(time) = when::machine(raw).or_else(printed) else { continue };
            let class = [Attr::Class, Attr::Itemprop]
                .iter()
                .filter_map(|a| node.attr(*a))
                .collect::<Vec<_>>()
                .join(" ")
                .to_ascii_lowercase();
            let called = date::called(&self.label(i, from));
            let labelled = called == Called::Published;
            let changed = called == Called::Updated;
            let modified = class.contains("modif") || class.contains("updat") || changed;
            let said = labelled
                || class.contains("publish")
                || prop.eq_ignore_ascii_case("datePublished")
                || class.contains("entry-date");
            // The element stands before its text, with which the block begins.
            let inside = node.end > place(self.near.start) && i <= place(self.near.end);
            if !(inside || labelled || said && !self.beyond_the_article(i))
                || self.in_a_card(i, self.anchor.map(place))
            {
                continue;
            }
            let distance = i32::try_from(i.abs_diff(anchor) / 40).unwrap_or(i32::MAX).min(20);
            let score =
                10 * i32::from(inside) + 6 * i32::from(said) - 8 * i32::from(modified) - distance;
            if best.as_ref().is_none_or(|(s, ..)| score > *s) {
                let printed = inside
                    && !changed
                    && date::find(&text, language).is_some_and(|f| Some(f.day) == time.date());
                best = Some((score, Shown { time, raw: raw.trim().to_owned(), printed }));
            }
        }
        best.map(|(_, shown)| shown)
    }

    /// A date printed in a short line by the headline, or in a line of its own behind the body.
    /// The flag says that the line calls it the day of publication.
    fn printed(&self) -> Option<(bool, PrintedTime, String)> {
        let Window { dom, blocks, language, .. } = *self;
        let anchor = self.anchor?;
        let title = blocks.get(anchor).map(|b| b.first);
        let mut best: Option<(i32, bool, PrintedTime, String)> = None;
        for i in self.near.clone().chain(self.behind.clone()) {
            let block = &blocks[i];
            if block.chars > 400 || block.hidden && block.chars > 60 {
                continue;
            }
            let text = pieces(dom, blocks, i);
            let Some(date) = date::publication(&text, language) else { continue };
            let (labelled, found) = (date.called == Called::Published, date.found);
            // A heading that names a day is about it, unless it is that day alone.
            let alone = (found.end - found.start) * 2 > text.len();
            if matches!(block.kind, Kind::Heading(_)) && !labelled && !alone {
                continue;
            }
            let said = dom
                .up(block.node)
                .take(3)
                .any(|x| dom.node(x).attr(Attr::Class).is_some_and(|c| hints(c).has(Hint::Meta)));
            if block.chars > 140 && (!(labelled || said) || closes(&text)) {
                continue;
            }
            let introduces = block.chars > 40 && closes(&text) || text.ends_with([':', '：']);
            let loose = !said && (block.chars > 80 && !labelled || introduces);
            if loose || self.in_a_card(block.first, title) {
                continue;
            }
            if self.behind.contains(&i) {
                // References and notes name days too; a line of fields names who wrote it besides.
                let rest = &text[found.end..];
                let alone = found.start <= 24 && (rest.len() <= 24 || said && block.chars <= 80);
                let two = date::find(rest, language).is_some_and(|other| other.day != found.day);
                if !alone || two {
                    continue;
                }
            }
            let distance = i32::try_from(i.abs_diff(anchor)).unwrap_or(i32::MAX).min(40);
            let score =
                6 * i32::from(said) + 6 * i32::from(labelled) - distance - i32::from(i < anchor);
            if best.as_ref().is_none_or(|(s, ..)| score > *s) {
                best = Some((score, labelled, found.time, block.text.clone()));
            }
        }
        best.map(|(_, labelled, time, raw)| (labelled, time, raw))
    }

    /// The day that a printed line calls the day of publication.
    fn said_day(&self) -> Option<Date> {
        self.printed().filter(|(labelled, ..)| *labelled).and_then(|(_, time, _)| time.date())
    }

    /// The date a text opens with: "3 May 2031 – The ferry …", "(3 May 2031) The ferry …".
    fn opening(&self) -> Option<(PrintedTime, String)> {
        let text = &self.blocks.get(self.body?)?.text;
        let found = date::find(text, self.language).filter(|found| found.start <= 1)?;
        let rest = text[found.end..].trim_start();
        rest.starts_with(['-', '–', '—', ')', ':', '|'])
            .then(|| (found.time, text[..found.end].to_owned()))
    }
}
