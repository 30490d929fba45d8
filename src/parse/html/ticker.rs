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
        words::{BREAKING, LATEST, fold},
    },
};

use super::{
    block::{Block, Kind},
    dom::{Attr, Dom, Name},
    ld::LinkedData,
    lexicon::{Phrase, phrases},
    look::sentence_end,
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

fn hint_of(dom: &Dom, index: u32) -> Hints {
    [Attr::Class, Attr::Id]
        .iter()
        .filter_map(|a| dom.node(index).attr(*a))
        .fold(Hints::default(), |h, v| h.with(hints(v)))
}

/// Finds the page's ticker. `article` is where its headline and body stand.
pub(super) fn ticker(
    dom: &Dom,
    blocks: &[Block],
    article: Option<&Range<usize>>,
    kept: &[bool],
    markers: &[String],
) -> Ticker {
    let mut ticker = Ticker::default();
    let mut looks = MOST_LOOKED_AT;
    for (i, block) in blocks.iter().enumerate() {
        if kept[i] || ticker.blocks.contains(&i) {
            continue;
        }
        if let Some(strength) = label(&block.text, markers) {
            labelled(dom, blocks, i, strength, article, kept, &mut looks, &mut ticker);
        } else if block.text.contains('+') && block.text.matches("+++").count() >= 2 {
            divided(blocks, i, article, &mut ticker);
        } else if bar(dom, blocks, i, article, markers, &mut ticker) {
        } else if let Some(text) = prefixed(&block.text, markers) {
            // "EILMELDUNG Headline" in one line, in an element that says it is breaking.
            let says_so = dom.up(block.node).take(4).any(|x| hint_of(dom, x).has(Hint::Breaking));
            let early = article.is_some_and(|a| i < a.start);
            if says_so && early && is_line(text) && !in_chrome(dom, block.node) {
                push(&mut ticker, i, text, None);
                ticker.blocks.insert(i);
            }
        }
    }
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

/// A bar on one line: the label, then linked headlines. True where the block is one.
fn bar(
    dom: &Dom,
    blocks: &[Block],
    at: usize,
    article: Option<&Range<usize>>,
    markers: &[String],
    ticker: &mut Ticker,
) -> bool {
    let block = &blocks[at];
    let end = blocks.get(at + 1).map_or(dom.nodes.len() as u32, |b| b.first);
    let Some(link) = (block.first..end).find(|&x| dom.node(x).name == Name::A) else {
        return false;
    };
    let said: String = (block.first..link).map(|x| dom.node(x).text.as_str()).collect();
    // The label may be a link itself, to all the news; so is many a button in a menu.
    let says_so = || dom.up(block.node).take(2).any(|x| hint_of(dom, x).has(Hint::Breaking));
    let linked = said.trim().is_empty() && says_so();
    let said = if linked { dom.text(link) } else { said };
    let early = article.is_some_and(|a| at < a.start);
    if label(&said, markers) != Some(3) || !early || in_chrome(dom, block.node) {
        return false;
    }
    let lines = lines(dom, blocks, &[at], block.node);
    if lines.len() < 1 + usize::from(linked) {
        return false;
    }
    for line in lines {
        push(ticker, at, &line.text, line.published);
    }
    ticker.blocks.insert(at);
    true
}

/// Whether a node stands in navigation, a footer or a form, or names a form's field.
fn in_chrome(dom: &Dom, node: u32) -> bool {
    let is_chrome = |name| matches!(name, Name::Nav | Name::Footer | Name::Form | Name::Label);
    if dom.up(node).take(3).any(|x| hint_of(dom, x).has(Hint::Breaking)) {
        // Bars of breaking news often stand in what a theme calls its top menu.
        return dom.up(node).take(3).any(|x| is_chrome(dom.node(x).name));
    }
    dom.up(node).any(|x| is_chrome(dom.node(x).name))
        || dom.up(node).take(3).any(|x| hint_of(dom, x).has(Hint::Nav))
}

#[allow(clippy::too_many_arguments)]
fn labelled(
    dom: &Dom,
    blocks: &[Block],
    at: usize,
    strength: i32,
    article: Option<&Range<usize>>,
    kept: &[bool],
    looks: &mut usize,
    ticker: &mut Ticker,
) {
    let label = &blocks[at];
    if *looks == 0 {
        return;
    }
    if in_chrome(dom, label.node) || in_chrome(dom, label.first) {
        return;
    }
    for container in dom.up(label.node).take(5) {
        let node = dom.node(container);
        if matches!(node.name, Name::Body | Name::Html | Name::Main | Name::Nav | Name::Form) {
            break;
        }
        let inside: Vec<usize> =
            (at + 1..blocks.len()).take_while(|&j| dom.holds(container, blocks[j].first)).collect();
        *looks = looks.saturating_sub(inside.len());
        let holds_article = article.is_some_and(|a| {
            inside.iter().any(|j| a.contains(j)) && inside.iter().any(|&j| kept[j] || j == a.start)
        });
        if holds_article {
            break;
        }
        let lines = lines(dom, blocks, &inside, container);
        if lines.is_empty() {
            continue;
        }
        // A box with a form asks for something: an address for the newsletter, a search.
        if dom.below(container).any(|x| dom.node(x).name == Name::Form) {
            break;
        }
        let near = dom.up(container).take(3).chain(dom.below(container).take(4));
        let around = near.fold(Hints::default(), |h, x| h.with(hint_of(dom, x)));
        let is_bar = article.is_some_and(|a| at < a.start)
            && dom.up(label.node).take(3).any(|x| hint_of(dom, x).has(Hint::Breaking));
        let timed = lines.iter().filter(|l| l.timed).count() * 2 > lines.len();
        let cut = lines.iter().filter(|l| l.text.ends_with("...") || l.text.ends_with('…')).count();
        let score = strength
            + i32::from(around.has(Hint::Breaking))
            + i32::from(lines.len() >= 2)
            + i32::from(article.is_some_and(|a| at < a.start))
            + i32::from(timed)
            - 3 * i32::from(around.has(Hint::Ad))
            // Headlines cut short are a list of links.
            - 3 * i32::from(cut * 2 > lines.len())
            // A bar above the article that calls itself a ticker needs no times.
            - 3 * i32::from(!timed && strength < 3 && !(is_bar && lines.len() >= 3));
        if score < 4 {
            break;
        }
        ticker.blocks.insert(at);
        ticker.blocks.extend(&inside);
        for line in lines {
            push(ticker, line.block, &line.text, line.published);
        }
        return;
    }
    if strength == 3 && ticker.lines.is_empty() {
        ticker.bare_label.get_or_insert((at, label.text.clone()));
    }
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

/// The lines among blocks: linked headlines where there are links, else the blocks themselves.
fn lines<'a>(
    dom: &'a Dom,
    blocks: &[Block],
    inside: &[usize],
    container: u32,
) -> Vec<Candidate<'a>> {
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
        } else if is_line(rest) {
            found.push(Candidate {
                block: i,
                text: rest.to_owned(),
                timed: clock,
                target: "",
                published: stamp.take(),
            });
            clock = false;
        }
    }
    // A link whose address others' addresses lie below names their section.
    let sections: FxHashSet<&str> = found.iter().flat_map(|line| above(line.target)).collect();
    found.retain(|line| !sections.contains(line.target.trim_end_matches('/')));
    let price = |t: &str| {
        let digits = t.chars().filter(char::is_ascii_digit).count();
        t.contains('%') || digits * 3 > t.chars().count()
    };
    let prices = found.iter().filter(|l| price(&l.text)).count();
    // Posts with their days are an archive.
    let dated = found.iter().filter(|l| date::find(&l.text, None).is_some()).count();
    if prices.max(dated) * 2 > found.len() {
        found.clear();
    }
    let mut lengths: Vec<usize> = found.iter().map(|l| weight(&l.text)).collect();
    lengths.sort_unstable();
    if lengths.get(lengths.len() / 2).is_some_and(|median| *median < 25) {
        found.clear();
    }
    found
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
