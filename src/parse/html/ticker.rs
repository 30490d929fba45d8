//! The page's BREAKING lines: a label from the list and what stands behind it, lines divided by
//! `+++`, headline lists with clock times, and the updates of a live blog.
//!
//! Class names alone lie about half of the time (advertising, share prices, empty shells, app
//! promotion), so they only raise a score.

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::{
    item::PrintedTime,
    parse::{
        date,
        lexicon::{BREAKING, LATEST, LIVE, fold, may_be_marker, opening},
        phrases::{speaks, spoken},
        ticker::{self, Verdict},
    },
};

use super::{
    block::{Block, Kind},
    dom::{Attr, Dom, Name},
    ld::LinkedData,
    look::sentence_end,
    said::{Phrase, phrases},
    when,
    words::{Hint, Hints, hints},
};

/// How many lines a ticker may have; more is a list of something else's making.
pub(super) const MAX_LINES: usize = 40;

/// How many updates of a live blog are told: what the page's metadata list as such is no guess.
pub(super) const MAX_UPDATES: usize = 400;
/// How many blocks in boxes around labels are looked at: real pages ask for a few hundred, and a
/// page of labels alone would be looked through once for each.
const MOST_LOOKED_AT: usize = 10_000;

/// One line of a ticker.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// Index of the block it was read from; only the metadata have it otherwise.
    pub(super) block: Option<usize>,
    /// As printed, without label, clock time and "read more".
    pub(super) text: String,
    /// Its own time.
    pub(super) published: Option<PrintedTime>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Ticker {
    /// Its lines in page order.
    pub(super) lines: Vec<Line>,
    /// The blocks it takes up, labels included.
    pub(super) blocks: FxHashSet<usize>,
    /// Lines past [`MAX_LINES`], or updates past [`MAX_UPDATES`].
    pub(super) beyond: usize,
    /// A label that no line follows, as printed.
    pub(super) bare_label: Option<(usize, String)>,
}

/// A line's text without the ornaments around it, folded.
fn bare(text: &str) -> String {
    fold(text.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// 3 for a label of breaking news, 1 for a weak one. `markers` are the site's own labels, folded.
fn label(text: &str, markers: &[String]) -> Option<i32> {
    if text.chars().count() > 40 {
        return None;
    }
    let bare = bare(text);
    if LATEST.contains(&bare) {
        Some(1)
    } else if BREAKING.contains(&bare) || markers.contains(&bare) {
        Some(3)
    } else {
        None
    }
}

/// Whether a line is a label of breaking news and nothing else.
pub(super) fn is_label(text: &str, markers: &[String]) -> bool {
    label(text, markers) == Some(3)
}

fn hint_of(dom: &Dom, index: u32) -> Hints {
    [Attr::Class, Attr::Id]
        .iter()
        .filter_map(|a| dom.node(index).attr(*a))
        .fold(Hints::default(), |h, v| h.with(hints(v)))
}

/// Finds the page's ticker. `article` is where its headline and body stand, `title` its headline's
/// block.
pub(super) fn ticker(
    dom: &Dom,
    blocks: &[Block],
    article: Option<&Range<usize>>,
    title: Option<usize>,
    kept: &[bool],
    markers: &[String],
) -> Ticker {
    let mut finder = Finder {
        dom,
        blocks,
        article,
        kept,
        markers,
        looks: MOST_LOOKED_AT,
        found: Ticker::default(),
    };
    for (at, kept) in kept.iter().enumerate() {
        if !kept && !finder.found.blocks.contains(&at) && title != Some(at) {
            finder.look(at);
        }
    }
    finder.named();
    finder.entries(title);
    let mut ticker = finder.found;
    // A bar that stands on the page twice (phone and desktop) is one.
    let mut seen = FxHashSet::default();
    ticker.lines.retain(|line| seen.insert(bare(&line.text)));
    if ticker.lines.len() > MAX_LINES {
        ticker.beyond = ticker.lines.len() - MAX_LINES;
        ticker.lines.truncate(MAX_LINES);
    }
    if !ticker.lines.is_empty() {
        ticker.bare_label = None;
    }
    ticker
}

/// Looks through a page for its ticker.
struct Finder<'p> {
    dom: &'p Dom,
    blocks: &'p [Block],
    article: Option<&'p Range<usize>>,
    kept: &'p [bool],
    /// The site's own labels, folded.
    markers: &'p [String],
    /// How many more blocks around labels may be looked at.
    looks: usize,
    found: Ticker,
}

impl<'p> Finder<'p> {
    fn look(&mut self, at: usize) {
        let block = &self.blocks[at];
        if let Some(strength) = label(&block.text, self.markers) {
            self.labelled(at, strength);
        } else if block.text.contains('+') && block.text.matches("+++").count() >= 2 {
            divided(self.blocks, at, self.article, &mut self.found);
        } else if !self.bar(at) {
            self.prefixed(at);
        }
    }

    /// Above the article; on a page without one, anywhere.
    fn is_early(&self, at: usize) -> bool {
        self.article.is_none_or(|a| at < a.start)
    }

    /// Whether an element holds the article's beginning: a form or `<main>` around the whole page.
    fn holds_article(&self, x: u32) -> bool {
        self.article.is_some_and(|a| self.dom.holds(x, self.blocks[a.start].first))
    }

    fn says_so(&self, node: u32, up: usize) -> bool {
        self.dom.up(node).take(up).any(|x| hint_of(self.dom, x).has(Hint::Breaking))
    }

    /// Whether a node stands in navigation, a footer or a form, or names a form's field.
    fn in_chrome(&self, node: u32) -> bool {
        let dom = self.dom;
        let is_chrome = |x: u32| match dom.node(x).name {
            Name::Nav | Name::Footer | Name::Label => true,
            Name::Form => !self.holds_article(x),
            _ => false,
        };
        if self.says_so(node, 3) {
            // Bars of breaking news often stand in what a theme calls its top menu.
            return dom.up(node).take(3).any(is_chrome);
        }
        dom.up(node).any(is_chrome) || dom.up(node).take(3).any(|x| hint_of(dom, x).has(Hint::Nav))
    }

    /// "EILMELDUNG: Headline" in one line: in an element that says it is breaking, among others
    /// alike, or a line of its own that leads nowhere.
    fn prefixed(&mut self, at: usize) {
        let (blocks, markers) = (self.blocks, self.markers);
        let block = &blocks[at];
        let Some(text) = prefixed(&block.text, markers) else { return };
        let alike = |at: Option<usize>| {
            at.and_then(|at| blocks.get(at)).is_some_and(|b| prefixed(&b.text, markers).is_some())
        };
        let own = || block.links == 0 && !matches!(block.kind, Kind::Heading(_));
        let is_news = is_line(text) || is_flash(text);
        if is_news
            && self.is_early(at)
            && !self.in_chrome(block.node)
            && (self.says_so(block.node, 4)
                || alike(at.checked_sub(1))
                || alike(Some(at + 1))
                || own())
        {
            push(&mut self.found, at, text, None);
            self.found.blocks.insert(at);
        }
    }

    /// A bar on one line: the label, then linked headlines or one headline. True where the block is
    /// one.
    fn bar(&mut self, at: usize) -> bool {
        let (dom, blocks) = (self.dom, self.blocks);
        let block = &blocks[at];
        let end = blocks.get(at + 1).map_or(dom.nodes.len() as u32, |b| b.first);
        if !self.is_early(at) || self.in_chrome(block.node) {
            return false;
        }
        if let Some(rest) = self.behind_label(at, end) {
            let links = rest.clone().filter(|&x| dom.node(x).name == Name::A).count();
            let text: String = rest.clone().map(|x| &*dom.node(x).text).collect();
            let is_news = |text: &str| is_line(text) || is_flash(text);
            let mut lines = parts(dom, block.node, rest.start, text.trim());
            if lines.len() < 2 || !lines.iter().all(|line| is_news(line)) {
                lines = vec![text.trim().to_owned()];
            }
            if links == 0 && lines.iter().all(|line| is_news(line)) {
                for line in &lines {
                    push(&mut self.found, at, line, None);
                }
                self.found.blocks.insert(at);
                return true;
            }
        }
        let Some(link) = (block.first..end).find(|&x| dom.node(x).name == Name::A) else {
            return false;
        };
        let said: String = (block.first..link).map(|x| &*dom.node(x).text).collect();
        // The label may be a link itself, to all the news; so is many a button in a menu.
        let linked = said.trim().is_empty() && self.says_so(block.node, 2);
        let said = if linked { dom.text(link) } else { said };
        if label(&said, self.markers) != Some(3) {
            return false;
        }
        let lines = lines(dom, blocks, &[at], block.node, true);
        if lines.len() < 1 + usize::from(linked) {
            return false;
        }
        for line in lines {
            push(&mut self.found, at, &line.text, line.published);
        }
        self.found.blocks.insert(at);
        true
    }

    /// The nodes of a block behind an element at its beginning that is a label.
    fn behind_label(&self, at: usize, end: u32) -> Option<Range<u32>> {
        let (dom, block) = (self.dom, &self.blocks[at]);
        // Most lines begin as no label does.
        if self.markers.is_empty() && !may_be_marker(opening(&block.text)) {
            return None;
        }
        let elements = dom.up(block.first).take_while(|&x| x != block.node).take(4);
        let label = elements
            .filter(|&x| dom.node(x).name != Name::Text)
            .find(|&x| label(&dom.text(x), self.markers) == Some(3))?;
        let from = dom.node(label).end;
        (from < end).then_some(from..end)
    }

    fn labelled(&mut self, at: usize, strength: i32) {
        let (dom, blocks) = (self.dom, self.blocks);
        let label = &blocks[at];
        if self.looks == 0 {
            return;
        }
        let chrome = self.in_chrome(label.node) || self.in_chrome(label.first);
        let footer =
            || dom.up(label.first).any(|x| matches!(dom.node(x).name, Name::Footer | Name::Label));
        // In a menu, only what clearly is news is a ticker.
        if chrome && (strength < 3 || footer()) {
            return;
        }
        let mut inner = label.node;
        for container in dom.up(label.node).take(5) {
            let node = dom.node(container);
            let is_form = node.name == Name::Form && !self.holds_article(container);
            let whole = matches!(node.name, Name::Body | Name::Html | Name::Main);
            let inside: Vec<usize> = match whole {
                true => Vec::new(),
                false => (at + 1..blocks.len())
                    .take_while(|&j| dom.holds(container, blocks[j].first))
                    .collect(),
            };
            self.looks = self.looks.saturating_sub(inside.len());
            let holds_article = self.article.is_some_and(|a| {
                inside.iter().any(|j| a.contains(j))
                    && inside.iter().any(|&j| self.kept[j] || j == a.start)
            });
            if whole || holds_article {
                // The list may be the next element beside the label's.
                let next = dom
                    .children(dom.node(inner).parent)
                    .find(|&x| x >= dom.node(inner).end && dom.node(x).name != Name::Text);
                if let Some(next) = next.filter(|&next| !self.holds_article(next)) {
                    let inside: Vec<usize> = (at + 1..blocks.len())
                        .take_while(|&j| dom.holds(next, blocks[j].first))
                        .collect();
                    self.looks = self.looks.saturating_sub(inside.len());
                    if !inside.iter().any(|&j| self.kept[j]) {
                        self.take(at, strength, next, &inside, chrome);
                    }
                }
                break;
            }
            inner = container;
            if is_form || node.name == Name::Nav && !chrome {
                break;
            }
            if self.take(at, strength, container, &inside, chrome).is_some() {
                break;
            }
        }
        if strength == 3 && self.found.lines.is_empty() {
            self.found.bare_label.get_or_insert((at, label.text.clone()));
        }
    }

    /// Takes the lines among the blocks inside a container, if they are a ticker's: true, or false
    /// where they are lines of something else; nothing where there are none.
    fn take(
        &mut self,
        at: usize,
        strength: i32,
        container: u32,
        inside: &[usize],
        chrome: bool,
    ) -> Option<bool> {
        let dom = self.dom;
        let lines = lines(dom, self.blocks, inside, container, strength == 3 && !chrome);
        if lines.is_empty() {
            return None;
        }
        // A box with a form asks for something: an address for the newsletter, a search.
        if dom.below(container).any(|x| dom.node(x).name == Name::Form) {
            return Some(false);
        }
        if chrome && ticker::accept(lines.iter().map(|l| l.text.as_str())) != Verdict::Ticker {
            return Some(false);
        }
        let near = dom.up(container).take(3).chain(dom.below(container).take(4));
        let around = near.fold(Hints::default(), |h, x| h.with(hint_of(dom, x)));
        let early = self.is_early(at);
        let is_bar = early && self.says_so(self.blocks[at].node, 3);
        let timed = lines.iter().filter(|l| l.timed).count() * 2 > lines.len();
        let cut = lines.iter().filter(|l| l.text.ends_with("...") || l.text.ends_with('…')).count();
        let score = strength
            + i32::from(around.has(Hint::Breaking))
            + i32::from(lines.len() >= 2)
            + i32::from(early)
            + i32::from(timed)
            - 3 * i32::from(around.has(Hint::Ad))
            // Headlines cut short are a list of links.
            - 3 * i32::from(cut * 2 > lines.len())
            // A bar above the article that calls itself a ticker needs no times.
            - 3 * i32::from(!timed && strength < 3 && !(is_bar && lines.len() >= 3));
        if score < 4 {
            return Some(false);
        }
        self.found.blocks.insert(at);
        self.found.blocks.extend(inside);
        for line in lines {
            push(&mut self.found, line.block, &line.text, line.published);
        }
        Some(true)
    }

    /// Elements that are labelled for those who hear the page.
    fn named(&mut self) {
        let (dom, blocks) = (self.dom, self.blocks);
        for x in 1..dom.nodes.len() as u32 {
            let Some(name) = dom.node(x).attr(Attr::AriaLabel) else { continue };
            if label(name, self.markers) != Some(3) || self.in_chrome(x) || self.holds_article(x) {
                continue;
            }
            let from = blocks.partition_point(|b| b.first < x);
            let inside: Vec<usize> =
                (from..blocks.len()).take_while(|&i| dom.holds(x, blocks[i].first)).collect();
            let free = |&i: &usize| !self.kept[i] && !self.found.blocks.contains(&i);
            if let Some(&first) = inside.first().filter(|_| inside.iter().all(free)) {
                self.take(first, 3, x, &inside, false);
            }
        }
    }

    /// The entries of a page that is told live: elements alike, each with a time over a heading.
    fn entries(&mut self, title: Option<usize>) {
        let (dom, blocks) = (self.dom, self.blocks);
        let called_live = title.is_some_and(|t| is_live(&blocks[t].text));
        let class = |x: u32| (dom.node(x).name, dom.node(x).attr(Attr::Class).unwrap_or(""));
        let mut found: Vec<(usize, Option<PrintedTime>)> = Vec::new();
        for (at, block) in blocks.iter().enumerate() {
            // What leads elsewhere is a list's entry.
            let leads =
                |x: u32| dom.node(x).attr(Attr::Href).is_some_and(|href| !href.starts_with('#'));
            let linked = || {
                let end = blocks.get(at + 1).map_or(dom.nodes.len() as u32, |b| b.first);
                (block.node..end).chain(dom.up(block.node).take(3)).any(leads)
            };
            if !matches!(block.kind, Kind::Heading(2..=5)) || title == Some(at) || linked() {
                continue;
            }
            let card = dom.up(block.node).take(4).find(|&x| {
                let alike = dom.children(dom.node(x).parent).filter(|&y| class(y) == class(x));
                !class(x).1.is_empty() && alike.take(2).count() == 2
            });
            let Some(card) = card else { continue };
            let live = || {
                let near = dom.up(card).take(3);
                near.fold(Hints::default(), |h, x| h.with(hint_of(dom, x))).has(Hint::Live)
            };
            if !called_live && !live() {
                continue;
            }
            let from = blocks.partition_point(|b| b.first < card);
            let stamp = (card..block.first)
                .filter(|&x| dom.node(x).name == Name::Time)
                .find_map(|x| dom.node(x).attr(Attr::Datetime).and_then(when::machine));
            let says_when = |b: &Block| {
                b.chars <= 40
                    && (split_clock(&b.text).0
                        || spoken(&b.text) & speaks::AGO != 0
                        || date::find(&b.text, None).is_some())
            };
            if (stamp.is_some() || blocks[from..at].iter().take(3).any(says_when))
                && weight(&block.text) >= 8
            {
                found.push((at, stamp));
            }
        }
        if found.len() < 2 {
            return;
        }
        for (at, stamp) in found {
            push(&mut self.found, at, &blocks[at].text, stamp);
        }
    }
}

/// Whether a headline calls its page one that is told live.
fn is_live(headline: &str) -> bool {
    let headline = headline.to_lowercase();
    LIVE.iter().any(|word| {
        headline.match_indices(word.as_str()).any(|(at, _)| {
            let joins =
                |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && (c as u32) < 0x2e80);
            !joins(headline[..at].chars().next_back())
                && !joins(headline[at + word.len()..].chars().next())
        })
    })
}

/// The text behind a label that opens a line: `EILMELDUNG: …`, `+++ BREAKING +++ …`.
fn prefixed<'t>(text: &'t str, markers: &[String]) -> Option<&'t str> {
    let (at, _) = text
        .char_indices()
        .filter(|(_, c)| matches!(c, ':' | '|' | '+' | '–' | '—'))
        .find(|(at, _)| *at > 2 && *at < 60 && label(&text[..*at], markers) == Some(3))?;
    let rest = text[at..].trim_start_matches(|c: char| {
        !c.is_alphanumeric() && !matches!(c, '"' | '“' | '„' | '«' | '\'')
    });
    (!rest.is_empty()).then_some(rest)
}

fn push(ticker: &mut Ticker, block: usize, text: &str, published: Option<PrintedTime>) {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ticker.lines.push(Line { block: Some(block), text, published });
}

/// What may be a line.
struct Candidate<'a> {
    /// Index of the block it stands in.
    block: usize,
    text: String,
    /// It has a clock time before it.
    timed: bool,
    /// Where its link leads; empty without one.
    target: &'a str,
    published: Option<PrintedTime>,
}

/// The lines among blocks: linked headlines where there are links, else the blocks themselves, or
/// the parts of one. `flashes` tells that a few words are enough.
fn lines<'a>(
    dom: &'a Dom,
    blocks: &[Block],
    inside: &[usize],
    container: u32,
    flashes: bool,
) -> Vec<Candidate<'a>> {
    let is_line = |text: &str| is_line(text) || flashes && is_flash(text);
    let mut found: Vec<Candidate<'_>> = Vec::new();
    let (mut clock, mut stamp) = (false, None);
    let mut targets: FxHashSet<&str> = FxHashSet::default();
    let linked = inside
        .iter()
        .any(|&i| blocks[i].links > 0 || link_around(dom, blocks[i].node, container).is_some());
    for &i in inside {
        let block = &blocks[i];
        let span = block.first
            ..blocks
                .get(i + 1)
                .map_or(dom.nodes.len() as u32, |b| b.first)
                .min(dom.node(container).end);
        // A time element stands right before its text, so the next block's begins before that.
        let times = dom.up(block.first).take(3).chain(span.start..span.end.saturating_sub(1));
        for x in times.filter(|&x| dom.node(x).name == Name::Time) {
            stamp = dom.node(x).attr(Attr::Datetime).and_then(when::machine).or(stamp);
        }
        let (time, rest) = split_clock(&block.text);
        clock |= time;
        if linked {
            // One line for each link target: image, time and text often link separately.
            let mut x = span.start;
            let outer = link_around(dom, block.node, container);
            let inline = link_around(dom, block.first, container).filter(|_| outer.is_none());
            let links = outer
                .into_iter()
                .chain(inline)
                .chain(span.filter(|&x| dom.node(x).name == Name::A));
            let mut taken = false;
            for link in links {
                if link < x && Some(link) != outer && Some(link) != inline {
                    continue;
                }
                x = dom.node(link).end;
                let text = if Some(link) == outer {
                    rest.to_owned()
                } else {
                    split_clock(&dom.text(link)).1.to_owned()
                };
                let target = dom.node(link).attr(Attr::Href).unwrap_or("");
                if !is_line(&text)
                    || (!target.is_empty() && target != "#" && targets.contains(target))
                {
                    continue;
                }
                targets.insert(target);
                // A link's element stands before its text, so the text may be the next block's.
                let words = (link..x).find(|&x| !dom.node(x).text.trim().is_empty());
                let at = blocks.partition_point(|b| b.first <= words.unwrap_or(link));
                found.push(Candidate {
                    block: at.saturating_sub(1).max(i),
                    text,
                    timed: clock,
                    target,
                    published: stamp.take(),
                });
                clock = false;
                taken = true;
            }
            if taken {
                stamp = None;
            }
        } else {
            let parts = parts(dom, block.node, block.node, rest);
            let several = parts.len() > 1 && parts.iter().all(|part| is_line(part));
            let parts = if several { parts } else { vec![rest.to_owned()] };
            for text in parts.into_iter().filter(|part| is_line(part)) {
                let published = stamp.take();
                found.push(Candidate { block: i, text, timed: clock, target: "", published });
                clock = false;
            }
        }
    }
    // A link whose address others' addresses lie below names their section.
    let sections: FxHashSet<&str> = found.iter().flat_map(|line| above(line.target)).collect();
    found.retain(|line| !sections.contains(line.target.trim_end_matches('/')));
    let price = |t: &str| {
        let digits = t.chars().filter(char::is_ascii_digit).count();
        ticker::is_price(t) || digits * 3 > t.chars().count()
    };
    let prices = found.iter().filter(|l| price(&l.text)).count();
    // Posts with their days are an archive; under a label of breaking news they may be told with
    // their day.
    let dated = found
        .iter()
        .filter(|l| date::find(&l.text, None).is_some_and(|day| !flashes || day.start > 2));
    let dated = dated.count();
    if prices.max(dated) * 2 > found.len() {
        found.clear();
    }
    let mut lengths: Vec<usize> = found.iter().map(|l| weight(&l.text)).collect();
    lengths.sort_unstable();
    let short = lengths.get(lengths.len() / 2).is_some_and(|median| *median < 25);
    if short && !(flashes && found.iter().all(|l| weight(&l.text) >= 25 || is_flash(&l.text))) {
        found.clear();
    }
    found
}

/// The parts of an element's text, from a node on, that may be lines side by side: elements alike in
/// one row, or what bullets divide.
fn parts(dom: &Dom, of: u32, from: u32, text: &str) -> Vec<String> {
    let class = |x: u32| (dom.node(x).name, dom.node(x).attr(Attr::Class).unwrap_or(""));
    let below = || dom.children(of).filter(move |&x| x >= from);
    let children: Vec<u32> =
        below().filter(|&x| dom.node(x).name != Name::Text && !dom.text(x).is_empty()).collect();
    let alike = children.first().is_some_and(|&first| {
        children.iter().all(|&x| class(x) == class(first)) && class(first).0.is_inline()
    });
    let beside: usize = below()
        .map(|x| &*dom.node(x).text)
        .map(|text| text.chars().filter(|c| c.is_alphanumeric()).count())
        .sum();
    if alike && children.len() >= 2 && beside == 0 {
        return children.into_iter().map(|x| dom.text(x)).collect();
    }
    let parts = text.split(['•', '●', '▪', '■', '◆', '♦', '|', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A few words that are news, not an offer.
fn is_flash(text: &str) -> bool {
    let found = phrases(text);
    weight(text) >= 8
        && text.chars().count() <= 400
        && !text.trim_end().ends_with(['|', ':'])
        && ticker::is_flash(text)
        && !is_figures(text)
        && label(text, &[]).is_none()
        && found[Phrase::Subscribe as usize] == 0
        && found[Phrase::Ad as usize] == 0
        && found[Phrase::Related as usize] == 0
        && found[Phrase::Action as usize] < 2
}

/// The addresses above one.
fn above(target: &str) -> impl Iterator<Item = &str> {
    let path = target.trim_end_matches('/');
    path.match_indices('/').take(12).map(|(at, _)| &path[..at]).filter(|above| !above.is_empty())
}

/// The link that a whole block stands in, if it is below `container`.
fn link_around(dom: &Dom, node: u32, container: u32) -> Option<u32> {
    dom.up(node).take(8).take_while(|&x| x != container).find(|&x| dom.node(x).name == Name::A)
}

/// Length in characters; those of dense scripts say more.
fn weight(text: &str) -> usize {
    text.chars().map(|c| if (c as u32) >= 0x2e80 { 3 } else { 1 }).sum()
}

/// Whether a text can be a line of news, not a button or a section's name.
fn is_line(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let weight = weight(text);
    if !(18..=400).contains(&weight)
        || words < 3 && weight <= text.chars().count()
        // A section's name before the headline: "Crime | ".
        || text.trim_end().ends_with('|')
        || is_figures(text)
        || label(text, &[]).is_some()
    {
        return false;
    }
    let found = phrases(text);
    found[Phrase::Subscribe as usize] < 2
        && found[Phrase::Ad as usize] == 0
        && found[Phrase::Related as usize] < 2
}

/// Whether a text is a date, a score or the like: figures with hardly a letter.
fn is_figures(text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    digits >= 4 && text.chars().filter(|c| c.is_alphabetic()).count() <= 6
}

/// Whether a text begins with a clock time, and what follows it.
fn split_clock(text: &str) -> (bool, &str) {
    let text = text.trim_end().trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, '»' | '›' | '-' | '–' | '|' | '•')
    });
    let Some((hour, rest)) = text.split_once([':', '.', 'h']) else { return (false, text) };
    let is_clock = (1..=2).contains(&hour.len())
        && hour.parse::<u8>().is_ok_and(|h| h < 25)
        && rest.get(..2).is_some_and(|m| m.parse::<u8>().is_ok_and(|m| m < 60))
        && !rest[2..].starts_with(|c: char| c.is_ascii_digit());
    if !is_clock {
        return (false, text);
    }
    let rest = rest[2..].trim_start();
    let rest = rest.strip_prefix("Uhr").unwrap_or(rest);
    (
        true,
        rest.trim_start_matches(|c: char| {
            c.is_whitespace() || matches!(c, '-' | '–' | '—' | '|' | ':' | '•')
        }),
    )
}

/// Lines divided by `+++` in one block.
fn divided(blocks: &[Block], at: usize, article: Option<&Range<usize>>, ticker: &mut Ticker) {
    let block = &blocks[at];
    if matches!(block.kind, Kind::Heading(1)) || article.is_some_and(|a| a.contains(&at)) {
        return;
    }
    let parts: Vec<&str> =
        block.text.split("+++").map(str::trim).filter(|p| !p.is_empty()).collect();
    let labels = parts.iter().filter(|p| label(p, &[]).is_some()).count();
    let lines: Vec<&&str> = parts.iter().filter(|p| is_line(p)).collect();
    if lines.len() + labels < 2 || lines.is_empty() || lines.len() + labels < parts.len() {
        return;
    }
    for line in &lines {
        push(ticker, at, line, None);
    }
    ticker.blocks.insert(at);
}

impl Ticker {
    /// The ticker with the updates of a live blog, as far as the page's metadata list them.
    pub(super) fn with_live(mut self, ld: &LinkedData, blocks: &[Block]) -> Self {
        for update in &ld.updates {
            let text = update.headline.clone();
            let text = text.or_else(|| update.body.as_deref().map(first_sentence));
            let Some(text) = text.filter(|t| weight(t) >= 12) else { continue };
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if self.lines.iter().any(|l: &Line| l.text == text) {
                continue;
            }
            if self.lines.len() >= MAX_UPDATES {
                self.beyond += 1;
                continue;
            }
            let published = update.published.as_deref().and_then(when::machine);
            let block = blocks.iter().position(|b| b.text.starts_with(&text));
            self.lines.push(Line { block, text, published });
        }
        self
    }
}

/// The first sentence of an update without a headline.
fn first_sentence(text: &str) -> String {
    let text = text.trim();
    let line = text.lines().next().unwrap_or_default().trim();
    let mut end = line.len();
    for (at, c) in line.char_indices() {
        let next = at + c.len_utf8();
        if sentence_end(&line[..next]) == 2
            && at >= 40
            && line[next..].chars().next().is_none_or(char::is_whitespace)
        {
            end = next;
            break;
        }
    }
    line[..end].to_owned()
}
