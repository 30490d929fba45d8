//! BREAKING blocks of a text page.

use crate::{
    item::{LineClass, Remark},
    parse::{
        layout::TickerEntry,
        ticker::{self, MOST_LINES, Verdict},
    },
};

use super::line::Line;

/// Lines of one block that are looked at; what goes beyond is counted, not read.
const LOOKED_AT: usize = 10_000;

/// Finds the BREAKING blocks of a page, claims their lines in `classes`, and remarks on markers
/// without a block.
pub(super) fn ticker(
    text: &str,
    lines: &[Line],
    markers: &[String],
    classes: &mut [Option<LineClass>],
    remarks: &mut Vec<Remark>,
) -> Vec<TickerEntry> {
    let at =
        |line: usize| lines.get(line).and_then(|l| text.get(l.range.clone())).unwrap_or_default();
    let mut entries: Vec<TickerEntry> = Vec::new();
    let mut next = 0;
    while next < lines.len() {
        let head = next;
        next += 1;
        let Some(marker) = ticker::find(at(head), markers) else { continue };
        // "+++ one +++ two +++": the items stand in the marker's own line.
        let pieces: Vec<&str> = match marker.rest.contains("+++") {
            true => {
                marker.rest.split("+++").map(str::trim).filter(|piece| !piece.is_empty()).collect()
            }
            false => Vec::new(),
        };
        if !pieces.is_empty() {
            if ticker::accept(pieces.iter().copied()) == Verdict::Ticker {
                entries.extend(pieces.iter().take(MOST_LINES).map(|piece| entry(head, piece)));
                claim(classes, head..head + 1);
            }
            continue;
        }
        let alone = marker.rest.is_empty();
        let first = if alone { head + 1 } else { head };
        // One blank line may stand between a marker and its lines.
        let first = match alone && lines.get(first).is_some_and(Line::is_blank) {
            true => first + 1,
            false => first,
        };
        let block = first
            ..(first..lines.len().min(first + LOOKED_AT))
                .find(|&line| lines.get(line).is_none_or(Line::is_blank))
                .unwrap_or(lines.len().min(first + LOOKED_AT));
        // A prefixed line that stands alone is a headline unless others like it follow.
        let block = match alone {
            true => block,
            false => {
                first
                    ..(first..block.end)
                        .find(|&line| {
                            line > first
                                && ticker::find(at(line), markers).is_none()
                                && !is_item(lines, line)
                        })
                        .unwrap_or(block.end)
            }
        };
        let verdict = ticker::accept(block.clone().map(at));
        if verdict == Verdict::Ticker && (alone || is_apart(lines, &block)) {
            entries.extend(block.clone().take(MOST_LINES).map(|line| entry(line, at(line))));
            if block.len() > MOST_LINES {
                let left = block.len() - MOST_LINES;
                remarks.push(Remark::line(
                    "ticker-too-long",
                    (block.start + MOST_LINES) as u32 + 1,
                    format!("the BREAKING block has {} lines: {left} lines past the first {MOST_LINES} are left out", block.len()),
                ));
            }
            claim(classes, head..block.end);
            next = block.end;
        } else if alone && verdict != Verdict::Empty {
            remarks.push(Remark::line(
                "marker-without-lines",
                head as u32 + 1,
                why(verdict, at(head), at(block.start)),
            ));
        }
    }
    entries
}

/// A line that belongs to the list which a prefixed line began: bulleted as it is.
fn is_item(lines: &[Line], line: usize) -> bool {
    let bullet = |line: usize| lines.get(line).is_some_and(|line| line.bullet);
    bullet(line) && line > 0 && bullet(line - 1)
}

/// Two lines or more, or one that no article follows at once.
fn is_apart(lines: &[Line], block: &std::ops::Range<usize>) -> bool {
    block.len() >= 2 || lines.get(block.start).is_some_and(|line| line.bullet)
}

fn entry(line: usize, text: &str) -> TickerEntry {
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
    let quote: String = first.chars().take(80).collect();
    format!("“{marker}” stands over lines that {reason}, beginning “{quote}”: no ticker was read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::text::line;

    fn read(page: &str) -> (Vec<(u32, String)>, Vec<Remark>) {
        let lines = line::lines(page);
        let mut classes: Vec<Option<LineClass>> =
            lines.iter().map(|line| line.is_blank().then_some(LineClass::Blank)).collect();
        let mut remarks = Vec::new();
        let entries = ticker(page, &lines, &[], &mut classes, &mut remarks);
        (entries.into_iter().map(|entry| (entry.line, entry.text)).collect(), remarks)
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
    fn a_marker_over_a_menu_is_a_remark() {
        let (lines, remarks) = read("BREAKING\nPolitics\nEconomy\n\nText");
        assert!(lines.is_empty());
        assert_eq!(remarks[0].code, "marker-without-lines");
        assert!(remarks[0].text.contains("Politics"));
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
    fn prefixed_lines_and_plus_signs() {
        let (lines, _) = read(
            "BREAKING: The ferry has docked at Port Aldine\nBREAKING: The bridge of Aldine is open again\n\nText",
        );
        assert_eq!(lines.len(), 2);
        let (lines, _) = read(
            "EILMELDUNG +++ Die Fähre hat im Hafen von Aldorf angelegt +++ Die Brücke ist wieder offen für alle +++",
        );
        assert_eq!(lines.len(), 2);
        let (lines, _) = read(
            "Breaking: The ferry has docked at Port Aldine\n\nBy Orla Venn\n\nThe ferry has docked",
        );
        assert!(lines.is_empty());
    }
}
