//! Which blocks are the article.

use crate::parse::{
    date,
    lexicon::{BUTTONS, SECTIONS, fold, may_be_heading, opening},
    measure::Shape,
    word::is_reading_time,
};

use super::{
    Scorer,
    block::{Block, Kind},
    dom::{Attr, Dom, Name},
    features::{Facts, Rows},
    look::{closes, sentence_end},
    names::opened,
    published::{is_date_line, speaks_of_dates},
    said::{Phrase, phrases},
    words::{Hint, hints},
};

/// The least probability at which a block belongs to the article.
const KEEP: f32 = 0.5;

/// For each block, whether it belongs to the article, and the probability by itself.
pub(super) fn body(
    dom: &Dom,
    blocks: &[Block],
    facts: &Facts,
    score: Scorer<'_>,
) -> (Vec<bool>, Vec<f32>) {
    let odds = score(Rows { dom, blocks, facts });
    let mut keep: Vec<bool> = odds.iter().map(|odds| *odds > KEEP).collect();
    for (block, keep) in blocks.iter().zip(&mut keep) {
        *keep = *keep && !is_signpost(block) && !asks_to_subscribe(dom, block);
    }
    whole_tables(dom, blocks, &odds, &mut keep);
    drop_hanging_headings(blocks, &mut keep);
    keep_numbered(dom, blocks, &mut keep);
    (keep, odds)
}

/// Headings that count up or down are a list's entries, and the text of an article that is one.
fn keep_numbered(dom: &Dom, blocks: &[Block], keep: &mut [bool]) {
    let number = |b: &Block| -> Option<u32> {
        let digits = b.text.bytes().take_while(u8::is_ascii_digit).count();
        let rest = b.text.get(digits..)?.strip_prefix(['.', ')', ':'])?;
        let is_entry = matches!(b.kind, Kind::Heading(2..=4)) && !b.hidden && rest.len() > 10;
        b.text[..digits].parse().ok().filter(|_| is_entry && digits <= 3)
    };
    let entries: Vec<(usize, u32)> =
        blocks.iter().enumerate().filter_map(|(i, b)| Some((i, number(b)?))).collect();
    let counts = |pair: &[(usize, u32)]| {
        pair[0].1.abs_diff(pair[1].1) == 1
            && dom.node(blocks[pair[0].0].node).depth == dom.node(blocks[pair[1].0].node).depth
    };
    if entries.len() >= 3 && entries.windows(2).all(counts) {
        entries.iter().for_each(|&(i, _)| keep[i] = true);
    }
}

/// What stands between headline and text, and no markup sets off from it: the date, the names,
/// and the section or label above them.
pub(super) fn drop_head_matter(
    dom: &Dom,
    blocks: &[Block],
    language: Option<&str>,
    keep: &mut [bool],
) {
    let is_prose = |b: &Block| b.chars > PROSE && sentence_end(&b.text) == 2;
    let kept = (0..blocks.len()).filter(|&i| keep[i]);
    let head: Vec<usize> = kept.take_while(|&i| !is_prose(&blocks[i])).take(HEAD).collect();
    let last = head.iter().rposition(|&i| is_head_matter(dom, &blocks[i], language));
    for &i in last.map_or(&head[..0], |last| &head[..=last]) {
        let row = is_row(&blocks[i], language);
        keep[i] = blocks[i].chars > if row { 160 } else { 100 } || closes(&blocks[i].text);
    }
}

/// Characters above which a sentence is prose.
const PROSE: u32 = 80;

/// How many lines may stand between headline and text.
const HEAD: usize = 5;

/// Whether a line is a date or a byline.
pub(super) fn is_head_matter(dom: &Dom, block: &Block, language: Option<&str>) -> bool {
    let text = block.text.trim();
    let is_byline = || {
        block.chars <= 90
            && !closes(text)
            && (phrases(text)[Phrase::Byline as usize] == 2
                || fold(text).starts_with("posted by")
                || opened(text).is_some()
                    && (text.contains([':', '：']) || date::find(text, language).is_some()))
    };
    is_date(dom, block, language)
        || is_byline()
        || is_reading_time(text, &Shape::of(text))
        || is_row(block, language)
}

/// Whether a line is a row of short values, a day among them: "Aldern | 3 May 2031 | By Ada Kern".
fn is_row(block: &Block, language: Option<&str>) -> bool {
    let parts = || block.text.split(['|', '•', '·']).map(str::trim);
    parts().nth(1).is_some()
        && parts().all(|part| part.chars().count() <= 60)
        && parts().any(|part| date::find(part, language).is_some())
}

/// Whether a line is a date, or little more.
fn is_date(dom: &Dom, block: &Block, language: Option<&str>) -> bool {
    let little = || {
        block.chars <= 45
            && date::find(&block.text, language)
                .is_some_and(|found| block.text[..found.start].chars().count() <= 20)
    };
    // "3 May", marked up as a time.
    let marked =
        || block.chars <= 45 && dom.up(block.first).take(3).any(|x| dom.node(x).name == Name::Time);
    let label = || block.chars <= 25 && speaks_of_dates(&block.text);
    // "3 พ.ค. 2574 18:40 น.": the full stop is that of a shortened word.
    let alone = || {
        date::find(&block.text, language)
            .is_some_and(|found| block.text.trim().len() - (found.end - found.start) <= 5)
    };
    (!closes(&block.text) || alone())
        && (is_date_line(block, language) || little() || marked() || label())
}

/// A date that stands under the text alone.
pub(super) fn drop_date_below(
    dom: &Dom,
    blocks: &[Block],
    language: Option<&str>,
    keep: &mut [bool],
) {
    let last = keep.iter().rposition(|k| *k);
    if let Some(last) = last.filter(|&i| is_date(dom, &blocks[i], language)) {
        keep[last] = false;
    }
}

/// A line of a sign-up box: its element says so and so do its words.
fn asks_to_subscribe(dom: &Dom, block: &Block) -> bool {
    let named =
        |x: u32| [Attr::Class, Attr::Id].into_iter().filter_map(move |a| dom.node(x).attr(a));
    let is_form = |x: u32| dom.node(x).name == Name::Form;
    let around = || dom.up(block.node).take(3);
    block.chars < 300
        && around().any(|x| is_form(x) || named(x).next().is_some())
        && phrases(&block.text)[Phrase::Subscribe as usize] > 0
        && around().any(|x| {
            is_form(x) || named(x).map(hints).any(|h| h.has(Hint::Subscribe) && !h.has(Hint::Body))
        })
}

/// A table of data is kept whole or left out whole.
fn whole_tables(dom: &Dom, blocks: &[Block], odds: &[f32], keep: &mut [bool]) {
    let table = |b: &Block| {
        let inner = (b.kind == Kind::Row).then(|| dom.up(b.node));
        inner.and_then(|mut up| up.find(|&x| dom.node(x).name == Name::Table))
    };
    let mut from = 0;
    while from < blocks.len() {
        let Some(here) = table(&blocks[from]) else {
            from += 1;
            continue;
        };
        let rows = blocks[from..].iter().take_while(|b| table(b) == Some(here)).count();
        let mean = odds[from..from + rows].iter().sum::<f32>() / rows as f32;
        let kept = keep[from..from + rows].iter().filter(|k| **k).count();
        keep[from..from + rows].fill(kept * 2 > rows || kept > 0 && mean > TABLE);
        from += rows;
    }
}

/// The mean probability of its rows at which a table of which some rows are kept is kept whole:
/// rows of short figures look like furniture by themselves.
const TABLE: f32 = 0.3;

/// A line that only points elsewhere: a section marker or button alone, "Read more: …" as one
/// link, a rule of dashes.
fn is_signpost(block: &Block) -> bool {
    if block.chars > 200 {
        return false;
    }
    if !block.text.chars().any(char::is_alphanumeric) || is_clock(block) {
        return true;
    }
    // Whatever stands in the lists begins like one of them.
    if !may_be_heading(opening(&block.text)) {
        return false;
    }
    let line = fold(&block.text);
    if block.chars <= 40 && (SECTIONS.aside.has(&line) || BUTTONS.has(&line)) {
        return true;
    }
    block.link_chars * 5 > block.chars * 3
        && SECTIONS.link.iter().any(|link| {
            line.strip_prefix(link.as_str()).is_some_and(|rest| rest.starts_with([':', ' ', '：']))
        })
}

/// The time of an entry, alone on its line.
fn is_clock(block: &Block) -> bool {
    let text = block.text.trim();
    let number = |digits: &str, below: u8| {
        (1..=2).contains(&digits.len()) && digits.parse::<u8>().is_ok_and(|n| n < below)
    };
    let time = text.split_once([':', 'h']);
    block.kind != Kind::Row
        && time.is_some_and(|(hour, minute)| {
            number(hour, 24) && minute.len() == 2 && number(minute, 60)
        })
}

/// A heading that nothing of the article follows belongs to what was left out.
fn drop_hanging_headings(blocks: &[Block], keep: &mut [bool]) {
    let mut text_follows = false;
    for i in (0..blocks.len()).rev() {
        if keep[i] {
            if matches!(blocks[i].kind, Kind::Heading(_)) {
                keep[i] = text_follows;
            } else {
                text_follows = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::block, *};

    fn kept(html: &str) -> Vec<bool> {
        let dom = Dom::build(html).unwrap();
        let blocks = block::blocks(&dom);
        let mut keep = vec![true; blocks.len()];
        drop_head_matter(&dom, &blocks, Some("en"), &mut keep);
        keep
    }

    const TEXT: &str = "<p>By the time the ferry came in, the harbour of Aldern had been closed for \
                        more than an hour.</p><p>By Monday</p>";

    #[test]
    fn names_and_dates_above_the_text_are_no_text() {
        let head = "<p>Heritage</p><p>By Ada Kern</p><p>Published 3 May 2031, 18:05</p>";
        assert_eq!(kept(&format!("{head}{TEXT}")), [false, false, false, true, true]);
        assert_eq!(kept(&format!("<p>23/05/2031 18h05</p>{TEXT}")), [false, true, true]);
    }

    #[test]
    fn short_lines_without_names_and_dates_open_the_text() {
        assert_eq!(kept(&format!("<p>Aldern waits</p><p>Still</p>{TEXT}")), [true; 4]);
    }

    #[test]
    fn a_date_below_the_text_is_no_text() {
        for (below, stays) in [("9 March 2031", false), ("He left on 9 March 2031.", true)] {
            let dom = Dom::build(&format!("{TEXT}<p>{below}</p>")).unwrap();
            let mut keep = [true; 3];
            drop_date_below(&dom, &block::blocks(&dom), Some("en"), &mut keep);
            assert_eq!(keep, [true, true, stays]);
        }
    }

    #[test]
    fn a_clock_alone_is_an_entrys_time() {
        let is = |text: &str| {
            let page = format!("<p>{text}</p>");
            is_clock(&block::blocks(&Dom::build(&page).unwrap())[0])
        };
        assert!(is("18:05") && is("7h30"));
        assert!(!is("18:65") && !is("At 18:05") && !is("3:1") && !is("2031"));
    }
}
