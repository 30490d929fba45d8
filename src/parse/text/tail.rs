//! What stands under the text: the page's tags.

use crate::{
    item::{CreditFrom, LineClass, Remark},
    parse::{
        byline::credit,
        layout::Fields,
        lexicon::{FRONT, fold, fold_space},
        word::Word,
    },
};

use super::{Draught, line::Line, run::Run};

/// Printed lines under the text among which the tags begin.
const REACH: usize = 4;
/// Tags of one page at most.
const MOST: usize = 30;

/// Reads the tags under the run: a list of short entries right after it, or a line that says so
/// ("Tags: …").
pub(super) fn read(
    page: &Draught,
    run: &Run,
    fields: &mut Fields,
    classes: &mut [Option<LineClass>],
) {
    let Some((_, last)) = run.bounds() else { return };
    let below: Vec<usize> = (last + 1..page.lines.len())
        .filter(|&at| page.lines.get(at).is_some_and(|line| !line.is_blank()))
        .take(MOST + REACH)
        .collect();
    for (nth, &at) in below.iter().enumerate().take(REACH) {
        let Some(line) = page.lines.get(at) else { return };
        if line.bullet {
            let list: Vec<usize> = below
                .get(nth..)
                .unwrap_or_default()
                .iter()
                .copied()
                .enumerate()
                .take_while(|(nth, entry)| {
                    *entry == at + nth && page.lines.get(*entry).is_some_and(|line| line.bullet)
                })
                .map(|(_, entry)| entry)
                .collect();
            if (2..=MOST).contains(&list.len()) && list.iter().all(|&at| is_tag(page, at)) {
                fields.keywords = list.iter().map(|&at| fold_space(page.at(at))).collect();
                claim(&list, classes);
            }
            return;
        }
        let text = page.at(at);
        if let Some(credit) = credit(text) {
            fields.credit.get_or_insert((credit, CreditFrom::Line));
            claim(&[at], classes);
            continue;
        }
        if let Some((label, tags)) = text.split_once([':', '：'])
            && FRONT.tags.contains(&fold(label))
        {
            let tags: Vec<String> = tags
                .split([',', ';', '|', '،', '、', '·'])
                .map(fold_space)
                .filter(|tag| !tag.is_empty() && tag.chars().count() <= 60)
                .collect();
            if !tags.is_empty() {
                fields.keywords = tags;
                claim(&[at], classes);
            }
            return;
        }
        if line.facts.word == Word::Aside {
            return;
        }
    }
}

/// Remarks on a text that breaks off: its last paragraph, the last line of the page, ends in the
/// middle of a sentence. That is part of the text however short it is.
pub(super) fn cut_short(
    page: &Draught,
    run: &mut Run,
    classes: &mut [Option<LineClass>],
) -> Option<Remark> {
    let last = page.lines.iter().rposition(|line| !line.is_blank())?;
    let line = page.lines.get(last)?;
    let (_, end) = run.bounds()?;
    // What was cut may be too short to look like text: then it stands right under it.
    let beneath = page.lines.get(end + 1..last).unwrap_or_default();
    let follows = beneath.len() <= 1 && beneath.iter().all(Line::is_blank);
    // Thai, Lao, Khmer and Burmese have no full stop.
    let unmarked = page.at(last).ends_with(
        |c| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'),
    );
    let breaks_off = !line.facts.shape.ends_sentence
        && !unmarked
        && !line.bullet
        && line.facts.word == Word::Plain
        && (line.facts.shape.stop >= 1 || line.facts.shape.cjk >= 10);
    let breaks_off = follows && breaks_off;
    if breaks_off && last > end && classes.get(last).is_some_and(Option::is_none) {
        run.kept.push(last);
        run.classify(classes);
    }
    (breaks_off || last == end && page.at(last).ends_with("[…]")).then(|| {
        let text = page.at(last);
        let from = text.char_indices().rev().nth(60).map_or(0, |(at, _)| at);
        Remark::line(
            "truncated",
            last as u32 + 1,
            format!(
                "the page ends in the middle of a sentence, “…{}”: its end may be missing",
                text.get(from..).unwrap_or(text)
            ),
        )
    })
}

fn claim(lines: &[usize], classes: &mut [Option<LineClass>]) {
    for &at in lines {
        if let Some(class) = classes.get_mut(at) {
            class.get_or_insert(LineClass::Metadata);
        }
    }
}

/// One to five words, no sentence, no date, no sharing button.
fn is_tag(page: &Draught, at: usize) -> bool {
    page.said(at).is_some_and(|said| {
        let shape = said.facts.shape;
        said.facts.word == Word::Plain
            && (1..=5).contains(&shape.words)
            && shape.chars <= 50
            && !shape.ends_sentence
            && said.dates().newest.is_none()
    })
}
