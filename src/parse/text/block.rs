//! BREAKING blocks of a text page.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use crate::{
    item::{LineClass, Remark},
    parse::{
        byline, date, dateline,
        layout::TickerEntry,
        phrases::{speaks, spoken},
        ticker::{self, MOST_LINES, Verdict},
    },
};

use super::line::Line;

/// Lines of one block that are looked at; what goes beyond is counted, not read.
const LOOKED_AT: usize = 10_000;

/// The BREAKING lines of a page.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Lines of blocks.
    pub(super) entries: Vec<TickerEntry>,
    /// 0-based lines that begin with a marker and stand alone: ticker line, headline or text, which
    /// shows once the article is chosen.
    pub(super) lone: Vec<usize>,
}

/// Finds the BREAKING blocks of a page, claims their lines in `classes`, and remarks on markers
/// without a block.
pub(super) fn ticker(
    text: &str,
    lines: &[Line],
    markers: &[String],
    classes: &mut [Option<LineClass>],
    remarks: &mut Vec<Remark>,
) -> Found {
    let at =
        |line: usize| lines.get(line).and_then(|l| text.get(l.range.clone())).unwrap_or_default();
    // Nearly all lines begin as no marker does.
    let marker_of = |line: usize| {
        let may = !markers.is_empty()
            || lines.get(line).is_some_and(|l| l.facts.said(at(line)).may_be_marker());
        may.then(|| ticker::find(at(line), markers)).flatten()
    };
    let claim_of = |line: usize| marker_of(line).map_or(at(line), |m| m.rest);
    let mut found = Found::default();
    let (mut next, mut end_of_block) = (0, 0);
    while next < lines.len() {
        let head = next;
        next += 1;
        let marker = marker_of(head);
        // "EILMELDUNG +++ one +++ two +++": the items stand in the marker's own line, and in the
        // lines it runs on into.
        let signs = match memchr::memchr(b'+', at(head).as_bytes()) {
            None => 0,
            Some(_) => at(head).matches(PLUS).count(),
        };
        if signs >= if marker.is_some() { 2 } else { 3 } {
            let block = head..(head + 1..lines.len())
                .find(|&line| !at(line).contains(PLUS))
                .unwrap_or(lines.len());
            let first = marker.as_ref().map_or(at(head), |marker| marker.rest);
            let mut pieces: Vec<(usize, &str)> = block
                .clone()
                .flat_map(|line| {
                    let text = if line == head { first } else { at(line) };
                    text.split(PLUS).map(str::trim).map(move |piece| (line, piece))
                })
                .filter(|(_, piece)| !piece.is_empty())
                .take(LOOKED_AT)
                .collect();
            // A band that runs on prints its items once more.
            let mut seen = FxHashSet::default();
            pieces.retain(|(_, piece)| seen.insert(*piece));
            let enough = marker.is_some() || pieces.len() >= 2;
            if !pieces.is_empty() {
                if enough
                    && ticker::accept(pieces.iter().map(|(_, piece)| *piece)) == Verdict::Ticker
                {
                    told(&pieces, &mut found.entries, remarks);
                    claim(classes, block.clone());
                }
                next = block.end;
                continue;
            }
        }
        let Some(marker) = marker else { continue };
        let alone = marker.rest.is_empty();
        // A rule may be drawn under a marker.
        let ruled = alone && is_rule(at(head + 1));
        let first = if alone { head + 1 + usize::from(ruled) } else { head };
        // One blank line may stand between a marker and its lines.
        let first = match alone && lines.get(first).is_some_and(Line::ends_block) {
            true => first + 1,
            false => first,
        };
        // Blocks are looked through once: a marker within one ends where it does.
        if end_of_block <= first {
            end_of_block = (first..lines.len())
                .find(|&line| lines.get(line).is_none_or(Line::ends_block))
                .unwrap_or(lines.len());
        }
        let end = end_of_block.max(first).min(first + LOOKED_AT);
        let block = match alone {
            true if first > head + 1 + usize::from(ruled) => {
                first..single_spaced(lines, &at, first, end)
            }
            true => first..listed(lines, &at, first, end),
            false => {
                let same = |line: usize| {
                    marker_of(line).is_some()
                        || is_item(lines, line)
                        || lines.get(line).is_some_and(|line| line.joined)
                };
                let same = (first + 1..end).find(|&line| !same(line)).unwrap_or(end);
                // "BREAKING: one", and the lines after it without the marker up to a blank line.
                let rest = same..end;
                if same == first + 1 && speak(rest.clone().map(at), rest.clone()) {
                    first..end
                } else {
                    first..same
                }
            }
        };
        // A line that hangs under another, indented as that is not, goes on with it.
        let hangs = |line: usize| alone && hangs(lines, &block, line);
        let printed = || {
            let told = |&line: &usize| !at(line).is_empty() && !is_time(at(line)) && !hangs(line);
            block.clone().filter(told)
        };
        let whole = |line: usize| -> Cow<'_, str> {
            let more: Vec<usize> = (line + 1..block.end).take_while(|&next| hangs(next)).collect();
            match more.as_slice() {
                [] => at(line).into(),
                more => std::iter::once(line)
                    .chain(more.iter().copied())
                    .map(at)
                    .collect::<Vec<_>>()
                    .join(" ")
                    .into(),
            }
        };
        let verdict = if alone {
            ticker::accept_under(printed().map(claim_of))
        } else {
            ticker::accept_prefixed(printed().map(claim_of))
        };
        let one = printed().nth(1).is_none();
        // "Alert", and under it what that word means here.
        let word = alone && at(head).chars().any(char::is_lowercase);
        let explains = |line: usize| {
            lines
                .get(line)
                .is_some_and(|l| l.facts.shape.ends_sentence && l.facts.shape.chars >= EXPLAINS)
        };
        let explained = word && one && printed().next().is_some_and(explains);
        let offers = |line: usize| {
            lines.get(line).is_some_and(|l| {
                l.facts.shape.words < OFFERS
                    && l.facts.said(at(line)).spoken() & speaks::NOTICE != 0
            })
        };
        let offered = alone && one && printed().next().is_some_and(offers);
        let verdict = if explained || offered { Verdict::NoNews } else { verdict };
        let bulleted = lines.get(block.start).is_some_and(|line| line.bullet);
        if verdict == Verdict::Ticker && !alone && one && !bulleted {
            found.lone.push(head);
        } else if verdict == Verdict::Ticker {
            let items: Vec<(usize, Cow<'_, str>)> =
                printed().map(|line| (line, whole(line))).collect();
            // A dash before each of several lines is a list's.
            let listed =
                alone && items.len() > 1 && items.iter().all(|(_, text)| undashed(text).is_some());
            let items: Vec<(usize, &str)> = items
                .iter()
                .map(|(line, text)| (*line, undashed(text).filter(|_| listed).unwrap_or(text)))
                .collect();
            told(&items, &mut found.entries, remarks);
            claim(classes, head..block.end);
            next = block.end;
        } else if verdict != Verdict::Empty && (alone || bulleted || !one) {
            remarks.push(Remark::line(
                "marker-without-lines",
                head as u32 + 1,
                why(verdict, at(head), at(block.start)),
            ));
            // Prefixed lines are judged together, once.
            next = if alone { next } else { block.end };
        }
    }
    shorten(remarks);
    found
}

/// Where the lines under a marker end: at a blank line, or with the list, whose entries may have
/// blank lines between them.
fn listed<'t>(lines: &[Line], at: &impl Fn(usize) -> &'t str, first: usize, end: usize) -> usize {
    let line = |at: usize| lines.get(at);
    let mut end = end;
    while line(end).is_some_and(Line::ends_block)
        && end < first + LOOKED_AT
        && line(first).is_some_and(|first| first.bullet)
        && line(end + 1).is_some_and(|next| next.bullet && next.facts.shape.words >= 2)
        && end - first < 3 * MOST_LINES
        && !at(end + 1).is_empty()
    {
        end = (end + 2..lines.len())
            .find(|&at| line(at).is_none_or(Line::ends_block))
            .unwrap_or(lines.len());
    }
    end
}

/// The same where a blank line stands under the marker, too, and each line after it is a block of
/// its own: such a list ends before the line that fields or a text follow, which is a headline.
fn single_spaced<'t>(
    lines: &[Line],
    at: &impl Fn(usize) -> &'t str,
    first: usize,
    end: usize,
) -> usize {
    let mut end = listed(lines, at, first, end);
    let line = |nth: usize| lines.get(nth).filter(|line| !line.is_blank());
    let next = |from: usize| (from + 1..lines.len()).take(3).find(|&nth| line(nth).is_some());
    let alone = |nth: usize| line(nth).is_some_and(|l| l.opens && l.closes && !l.bullet);
    let heads = |nth: usize| {
        let Some(next) = next(nth) else { return false };
        let text =
            line(next).is_some_and(|l| l.facts.shape.chars >= 120 && l.facts.shape.ends_sentence);
        text || byline::is_labelled(at(next)) || date::find(at(next), None).is_some()
    };
    if !alone(first) || heads(first) {
        return end;
    }
    for _ in 0..SINGLE {
        let Some(nth) = next(end).filter(|&nth| alone(nth) && !heads(nth)) else { break };
        let news = ticker::accept_prefixed([at(nth)]) == Verdict::Ticker;
        if !news || line(nth).is_none_or(|l| l.facts.shape.words < 4) || is_time(at(nth)) {
            break;
        }
        end = nth + 1;
    }
    end
}

/// Lines of such a list at most.
const SINGLE: usize = 12;

/// A line of a block that goes on with the one above it: it is indented where the block's first is
/// less, or has no bullet where that has one.
fn hangs(lines: &[Line], block: &std::ops::Range<usize>, at: usize) -> bool {
    let (Some(first), Some(line)) = (lines.get(block.start), lines.get(at)) else { return false };
    at > block.start
        && !line.bullet
        && !line.is_blank()
        && line.indent > first.indent
        && lines
            .get(at - 1)
            .is_some_and(|above| !above.is_blank() && !above.facts.shape.ends_sentence)
}

/// Markers without lines that are remarked on one by one.
const MOST_REMARKS: usize = 20;

/// Says of the rest only how many they are.
fn shorten(remarks: &mut Vec<Remark>) {
    let is_one = |remark: &Remark| remark.code == "marker-without-lines";
    let all = remarks.iter().filter(|remark| is_one(remark)).count();
    if all <= MOST_REMARKS {
        return;
    }
    let mut kept = 0;
    remarks.retain(|remark| {
        kept += usize::from(is_one(remark));
        !is_one(remark) || kept <= MOST_REMARKS
    });
    remarks.push(Remark::page(
        "marker-without-lines",
        format!("{} more markers stand over no ticker", all - MOST_REMARKS),
    ));
}

/// Characters of a sentence that explains the word above it.
const EXPLAINS: u32 = 100;

/// Words of an offer at most ("Alerts: get the news by mail"); news with such words is longer.
const OFFERS: u32 = 14;

/// An entry without the dash that a list may have instead of bullets.
fn undashed(text: &str) -> Option<&str> {
    text.strip_prefix(['-', '–', '—'])?.strip_prefix(' ').map(str::trim_start)
}

/// A line of one sign over and over.
fn is_rule(line: &str) -> bool {
    let first = line.chars().next().filter(|c| matches!(c, '=' | '-' | '_' | '*' | '~' | '—'));
    first.is_some_and(|first| line.chars().nth(2).is_some() && line.chars().all(|c| c == first))
}

/// What divides the items of a band.
const PLUS: &str = "+++";

/// "20 min ago", "14:05": when the line beside it was told.
fn is_time(line: &str) -> bool {
    let ago = || spoken(line) & speaks::AGO != 0 && line.split_whitespace().count() <= 4;
    line.len() <= 40
        && line.bytes().any(|byte| byte.is_ascii_digit())
        && (ago() || line.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.')))
}

/// Tells the items of a block up to [`MOST_LINES`], and remarks on those past it.
fn told(items: &[(usize, &str)], entries: &mut Vec<TickerEntry>, remarks: &mut Vec<Remark>) {
    entries.extend(items.iter().take(MOST_LINES).map(|(line, text)| entry(*line, text)));
    if let Some((line, _)) = items.get(MOST_LINES) {
        let left = items.len() - MOST_LINES;
        remarks.push(Remark::line(
            "ticker-too-long",
            *line as u32 + 1,
            format!("the BREAKING block has {} lines: {left} lines past the first {MOST_LINES} are left out", items.len()),
        ));
    }
}

/// Lines under a prefixed one that go on with the list it began: most name who says it. A byline, a
/// date or a paragraph among them is an article's.
fn speak<'a>(lines: impl Iterator<Item = &'a str> + Clone, block: std::ops::Range<usize>) -> bool {
    !block.is_empty()
        && block.len() < MOST_LINES
        && lines.clone().all(|line| {
            (25..=400).contains(&line.chars().count())
                && !byline::is_labelled(line)
                && date::find(line, None).is_none()
                && dateline::read(line) == dateline::Dateline::default()
        })
        && lines.filter(|line| ticker::split(line).attribution.is_some()).count() * 10
            >= block.len() * 4
}

/// A line that belongs to the list which a prefixed line began: bulleted as it is.
fn is_item(lines: &[Line], line: usize) -> bool {
    let bullet = |line: usize| lines.get(line).is_some_and(|line| line.bullet);
    bullet(line) && line > 0 && bullet(line - 1)
}

pub(super) fn entry(line: usize, text: &str) -> TickerEntry {
    TickerEntry { line: line as u32 + 1, text: text.trim().to_owned(), published: None }
}

fn claim(classes: &mut [Option<LineClass>], lines: std::ops::Range<usize>) {
    for class in classes.get_mut(lines).into_iter().flatten() {
        class.get_or_insert(LineClass::Ticker);
    }
}

fn why(verdict: Verdict, marker: &str, first: &str) -> String {
    let reason = match verdict {
        Verdict::Ticker | Verdict::Empty => "stand apart from it",
        Verdict::TooShort => "are too short for news",
        Verdict::Prices => "are prices",
        Verdict::DatedLinks => "are links with dates",
        Verdict::NoNews => "don't read as news",
    };
    if marker == first {
        return format!("“{}” reads as no news: no ticker was read", quote(first));
    }
    format!(
        "“{}” stands over lines that {reason}, beginning “{}”: no ticker was read",
        quote(marker),
        quote(first)
    )
}

/// So much of a line that a desk knows it again.
pub(super) fn quote(line: &str) -> String {
    line.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::text::line;

    fn read(page: &str) -> (Vec<(u32, String)>, Vec<Remark>) {
        let (found, remarks) = found(page);
        (found.entries.into_iter().map(|entry| (entry.line, entry.text)).collect(), remarks)
    }

    fn found(page: &str) -> (Found, Vec<Remark>) {
        let (lines, _) = line::lines(page, &[]);
        let mut classes: Vec<Option<LineClass>> =
            lines.iter().map(|line| line.is_blank().then_some(LineClass::Blank)).collect();
        let mut remarks = Vec::new();
        (ticker(page, &lines, &[], &mut classes, &mut remarks), remarks)
    }

    #[test]
    fn a_block_ends_at_a_blank_line() {
        let (lines, remarks) = read(
            "  • Sport\nBREAKING\nHarbour Radio: The ferry has docked at Port Aldine\n  • Venn: We shall sail again tomorrow morning\n\nThe ferry has docked",
        );
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0], (3, "Harbour Radio: The ferry has docked at Port Aldine".to_owned()));
        assert_eq!(lines[1].1, "Venn: We shall sail again tomorrow morning");
        assert!(remarks.is_empty());
    }

    #[test]
    fn a_rule_under_the_marker_and_dashes_before_the_lines_are_no_news() {
        let (lines, remarks) = read(
            "BREAKING NEWS\n=============\n\n- The ferry has docked at Port Aldine\n- The bridge of Aldine is open again\n\nText",
        );
        assert_eq!(lines[0], (4, "The ferry has docked at Port Aldine".to_owned()));
        assert_eq!((lines.len(), remarks.len()), (2, 0));
        // What a person says may open with a dash.
        let (lines, _) = read("EILMELDUNG\n– Die Fähre hat im Hafen von Aldorf angelegt\n\nText");
        assert!(lines[0].1.starts_with('–'));
    }

    #[test]
    fn a_marker_over_a_menu_is_a_remark() {
        let (lines, remarks) = read("BREAKING\nPolitics\nEconomy\n\nText");
        assert!(lines.is_empty());
        assert_eq!(remarks[0].code, "marker-without-lines");
        assert!(remarks[0].text.contains("Politics"));
    }

    #[test]
    fn times_between_the_lines_are_no_lines() {
        let page = "BREAKING\n14:05\nThe ferry has docked at Port Aldine\n20 min ago\nThe bridge of Aldine is open again to all\n\nText";
        let (lines, _) = read(page);
        assert_eq!(lines.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 5]);
    }

    #[test]
    fn a_word_that_is_explained_is_no_marker() {
        let means = "A notice that is meant to be read by the crew of a ferry, and that is sent to the bridge or to the harbour office.";
        let (lines, remarks) = read(&format!("Page\n\nAlert\n\n{means}\n\nText"));
        assert!(lines.is_empty());
        assert_eq!(remarks[0].code, "marker-without-lines");
        assert_eq!(read(&format!("Page\n\nALERT\n\n{means}\n\nText")).0.len(), 1);
    }

    #[test]
    fn an_offer_is_no_news() {
        let offer = "Sign up for our newsletter and hear from the harbour every morning";
        let (lines, remarks) = read(&format!("Page\n\nALERT\n\n{offer}\n\nText"));
        assert!(lines.is_empty());
        assert_eq!(remarks[0].code, "marker-without-lines");
        // What is longer is news that has such words.
        let news = "The harbour office asks all skippers to sign up for our newsletter, which tells of the storm that closed Port Aldine";
        assert_eq!(read(&format!("Page\n\nALERT\n\n{news}\n\nText")).0.len(), 1);
    }

    #[test]
    fn lines_past_forty_are_counted() {
        let page =
            format!("عاجل\n{}", "وكالة المرفأ: وصلت العبّارة إلى الميناء قبل الفجر\n".repeat(45));
        let (lines, remarks) = read(&page);
        assert_eq!(lines.len(), 40);
        assert!(remarks[0].text.contains("5 lines"));
        assert_eq!(remarks[0].line, Some(42));
    }

    #[test]
    fn prefixed_lines_in_a_row() {
        let (lines, _) = read(
            "BREAKING: The ferry has docked at Port Aldine\nBREAKING: The bridge of Aldine is open again\n\nText",
        );
        assert_eq!(lines.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2]);
        let (lines, _) = read(
            "SON DAKİKA | Feribot battı, üç kişi kayıp\nSON DAKİKA | Doksan yolcu kıyıya çıkarıldı\n\nText",
        );
        assert_eq!(lines.len(), 2);
        let (lines, _) = read(
            "BREAKING | Harbour Radio: The ferry has docked\nVenn: We shall sail again tomorrow\nAldine council: the pier stays open\n\nText",
        );
        assert_eq!(lines.len(), 3);
        let (lines, _) = read("  • عاجل | وصلت العبّارة إلى الميناء قبل الفجر\n\nText");
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn a_prefixed_line_that_stands_alone_waits_for_the_article() {
        for line in [
            "BREAKING: Ferry sinks off Port Amal, 3 missing",
            "عاجل | غرق عبّارة قبالة بورت أمل",
            "#عاجل غرق عبّارة قبالة بورت أمل",
            "URGENT — Un ferry coule au large de Port Amal",
            "EILMELDUNG: Fähre vor Port Amal gesunken",
            "🔴 BREAKING: Ferry Sinks Near Port Amal",
            "【速報】アマル港沖でフェリー沈没、三人不明",
        ] {
            let (lone, remarks) = found(&format!("Harbour Wire\n\n{line}\n\nText"));
            assert_eq!((lone.lone, lone.entries.len()), (vec![2], 0), "{line}");
            assert!(remarks.is_empty());
        }
        for line in [
            "Breaking News: Sports | Weather",
            "Breaking News: Sports | Weather | Politics and Economy | Business | Videos",
            "Breaking news: sign up for our newsletter and hear it first",
            "Breaking: more",
        ] {
            assert!(found(line).0.lone.is_empty(), "{line}");
        }
        // What a prefixed line is followed by may be its article.
        let (lines, _) = found(
            "Breaking: The ferry has docked at Port Aldine\nBy Orla Venn, Harbour Desk\nPort Aldine: it has docked\n",
        );
        assert!(lines.entries.is_empty());
    }

    #[test]
    fn a_band_is_cut_at_its_signs() {
        let (lines, _) = read(
            "EILMELDUNG +++ Die Fähre hat im Hafen von Aldorf angelegt +++ Die Brücke ist wieder offen für alle +++",
        );
        assert_eq!(lines.len(), 2);
        // Each item has the line it stands in; a band that runs on says nothing twice.
        let (lines, _) = read(
            "+++ Die Fähre hat im Hafen von Aldorf angelegt +++ Die Brücke ist wieder offen +++\n+++ Der Rat tagt am Abend noch einmal +++ Die Fähre hat im Hafen von Aldorf angelegt +++\n\nText",
        );
        assert_eq!(lines.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 1, 2]);
    }

    #[test]
    fn lines_of_a_block_each_have_their_own_number() {
        let (lines, _) = read(
            "+++ EILMELDUNG +++\n\nStadtrat: Der Nordsteg bleibt bis zum Frühling offen\nDie Fähre hat im Hafen von Aldorf angelegt\n\nText",
        );
        assert_eq!(lines.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4]);
    }
}
