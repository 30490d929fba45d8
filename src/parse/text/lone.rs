//! A line that begins with a marker ("BREAKING: Ferry sinks off Port Amal") and stands alone.
//!
//! It is a ticker line, unless the article says otherwise. Right over the article's fields or text,
//! and told by its opening, it is the article's headline; in the middle of the text, and the only
//! one there, it is a post that the text quotes. Several of them among paragraphs are a stream of
//! briefs. Under the article, in a box of links, it heads another story. When unsure it is told.

use crate::{
    item::{LineClass, Remark},
    parse::{
        layout::TickerEntry,
        ticker::{self, MOST_LINES},
        word::Word,
    },
};

use super::{
    Draught,
    block::{entry, quote},
    feature,
    head::{self, Role},
    run::Run,
    stem,
};

/// Settles the lone lines of a page: adds the ticker lines among them to `entries`, takes them out
/// of the run, and gives the one that is the article's headline.
pub(super) fn settle(
    page: &Draught,
    run: &mut Run,
    classes: &mut [Option<LineClass>],
    entries: &mut Vec<TickerEntry>,
    remarks: &mut Vec<Remark>,
) -> Option<usize> {
    if page.lone.is_empty() {
        return None;
    }
    let text = |at: &&usize| page.lone.binary_search(at).is_err();
    let first = run.kept.iter().find(text).copied();
    let last = run.kept.iter().rfind(text).copied();
    let prose = |at: &&usize| page.lines.get(**at).is_some_and(feature::is_prose);
    let between = run.kept.iter().find(|at| text(at) && prose(at)).copied();
    let between = between.zip(run.kept.iter().rfind(|at| text(at) && prose(at)).copied());
    let within = |at: usize| between.is_some_and(|(first, last)| first < at && at < last);
    let several = page.lone.iter().filter(|&&at| within(at)).count() >= 2;
    let quoted = |at: usize| within(at) && !several && run.kept.binary_search(&at).is_ok();
    let quoted = page.lone.iter().copied().find(|&at| quoted(at));
    let lone = |at: &usize| quoted != Some(*at) && page.lone.binary_search(at).is_ok();
    run.kept.retain(|at| !lone(at));
    run.dropped.retain(|(at, _)| !lone(at));
    let mut headline = None;
    if let Some(&at) = page.lone.get(MOST_LINES) {
        let left = page.lone.len() - MOST_LINES;
        remarks.push(Remark::line(
            "ticker-too-long",
            at as u32 + 1,
            format!("{} lines of the page begin with a marker: {left} past the first {MOST_LINES} are left out", page.lone.len()),
        ));
    }
    for &at in page.lone.iter().take(MOST_LINES).filter(|at| lone(at)) {
        let text = page.at(at);
        if first.is_some_and(|first| heads(page, run, classes, at, first)) {
            set(classes, at, LineClass::Metadata);
            headline = Some(at);
            remarks.push(Remark::line(
                "marked-headline",
                at as u32 + 1,
                format!("“{}” stands right over the article that tells it: it is taken for its headline, not for a ticker line", quote(text)),
            ));
        } else if last.is_some_and(|last| last < at && in_box(page, last, at)) {
            set(classes, at, LineClass::Furniture("related"));
            remarks.push(Remark::line(
                "marker-without-lines",
                at as u32 + 1,
                format!("“{}” stands in a box of links: no ticker was read", quote(text)),
            ));
        } else {
            set(classes, at, LineClass::Ticker);
            entries.push(entry(at, text));
        }
    }
    entries.sort_by_key(|entry| entry.line);
    headline
}

fn set(classes: &mut [Option<LineClass>], at: usize, to: LineClass) {
    if let Some(class) = classes.get_mut(at) {
        *class = Some(to);
    }
}

/// Lines between the headline and the text at most.
const FIELDS: usize = 14;

/// Only fields, a standfirst and pictures stand between the line and the text, and the text's
/// opening tells what it says.
fn heads(
    page: &Draught,
    run: &Run,
    classes: &[Option<LineClass>],
    at: usize,
    first: usize,
) -> bool {
    let markers = page.site.as_ref().map_or(&[][..], |site| site.markers.as_slice());
    let claim = ticker::find(page.at(at), markers).map_or(page.at(at), |marker| marker.rest);
    let mut others = 0;
    at < first
        && (at + 1..first)
            .filter(|&between| page.lines.get(between).is_some_and(|line| !line.is_blank()))
            .take(FIELDS + 1)
            .enumerate()
            .all(|(nth, between)| {
                let free = matches!(classes.get(between), Some(None | Some(LineClass::Article)));
                let field = match head::role(page, between) {
                    Role::Title => page.at(between).ends_with(claim),
                    Role::Other => {
                        others += 1;
                        others <= 2
                    }
                    _ => true,
                };
                nth < FIELDS && free && field && page.lone.binary_search(&between).is_err()
            })
        && tells(page, run, claim)
}

/// The words of `claim` come again in the text's opening.
fn tells(page: &Draught, run: &Run, claim: &str) -> bool {
    let opening: String =
        run.kept.iter().take(4).map(|&at| page.at(at).to_lowercase() + "\n").collect();
    let (shared, all) = stem::shared(claim, &opening);
    shared >= 2 && shared * 5 >= all * 2
}

/// The heading of a box of links, or the foot of the page, stands between the text's end and the
/// line.
fn in_box(page: &Draught, last: usize, at: usize) -> bool {
    (last + 1..at).any(|line| {
        page.lines.get(line).is_some_and(|line| matches!(line.facts.word, Word::Aside | Word::End))
    })
}
