//! How an event looks in a console.

use std::io::{IsTerminal as _, Write};

use anstream::stream::{AsLockedWrite, RawStream};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    item::{Action, Event, Item, Kind, Shown},
    outlet::words,
};

/// How times are shown.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    zone: TimeZone,
}

impl Clock {
    /// The clock of the machine.
    pub(super) fn local() -> Self {
        Clock { zone: TimeZone::system() }
    }

    /// UTC.
    pub(super) fn utc() -> Self {
        Clock { zone: TimeZone::UTC }
    }

    /// The hour and minute, with the day where that isn't today.
    fn short(&self, at: Timestamp, now: Timestamp) -> String {
        let (at, now) = (at.to_zoned(self.zone.clone()), now.to_zoned(self.zone.clone()));
        let form = if at.date() == now.date() {
            "%H:%M"
        } else if at.year() == now.year() {
            "%d %b %H:%M"
        } else {
            "%d %b %Y %H:%M"
        };
        at.strftime(form).to_string()
    }

    /// The time of day, with the date where that isn't today.
    pub(super) fn show(&self, at: Timestamp, now: Timestamp) -> String {
        let (at, now) = (at.to_zoned(self.zone.clone()), now.to_zoned(self.zone.clone()));
        if at.date() == now.date() {
            at.strftime("%H:%M:%S").to_string()
        } else {
            at.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
    }
}

const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
/// Words that a newer version has no more.
const STRUCK: &str = "\x1b[31;9m";
/// Words that it has instead.
const ADDED: &str = "\x1b[1;32m";
const RESET: &str = "\x1b[0m";

/// Writes one event. On a terminal it is laid out for the width there, its words under each other;
/// into a pipe it is one line, without colours.
pub(super) fn write(
    to: &mut impl Write,
    event: &Event,
    clock: &Clock,
    now: Timestamp,
) -> std::io::Result<()> {
    match width() {
        Some(width) => write_wrapped(to, event, clock, now, width),
        None => write_wide(to, event, clock, now, Detail::Usual),
    }
}

/// How much a line of [`write_wide`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// What people read.
    Usual,
    /// Also its position, id, language and the line of its page.
    All,
}

/// Columns of the terminal that stdout is, if it is one.
fn width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    Some(width.max(LEAST_WIDTH))
}

/// Below this a terminal wraps as it likes.
const LEAST_WIDTH: usize = 30;

/// Columns of the word that says what an event is.
const TAG: usize = 7;

/// What an event is, in a word and its colour.
fn tag(event: &Event) -> (&'static str, &'static str) {
    let quiet = event.stale || event.backfill;
    let flash = event.item.urgency() == 1;
    let (tag, colour) = match (event.action, event.kind()) {
        (Action::Withdrawn, _) => ("TAKEN", YELLOW),
        (Action::Update, _) => ("UPDATE", YELLOW),
        (Action::Corroborated, _) => ("SECOND", YELLOW),
        (_, Kind::Ticker) if flash => ("FLASH", RED),
        (_, Kind::Ticker) => ("TICKER", RED),
        (_, Kind::Article) => ("ARTICLE", CYAN),
    };
    (tag, if quiet { DIM } else { colour })
}

/// Lines up to `width` columns, all but the first indented to where the first one's words begin.
fn write_wrapped(
    to: &mut impl Write,
    event: &Event,
    clock: &Clock,
    now: Timestamp,
    width: usize,
) -> std::io::Result<()> {
    let stamp = clock.short(event.time, now);
    let (tag, colour) = tag(event);
    // A narrow terminal has no room for words before the words.
    let (head, indent) = if width < 60 {
        (format!("{DIM}{stamp}{RESET} "), stamp.chars().count() + 1)
    } else {
        let columns = stamp.chars().count() + 1 + TAG + 1;
        (format!("{DIM}{stamp}{RESET} {colour}{tag:<TAG$}{RESET} "), columns)
    };
    let mut words = Vec::new();
    let weight = if event.stale || event.backfill { DIM } else { BOLD };
    for part in said(event) {
        match part {
            Part::Text(text) => words.extend(styled(&text, weight)),
            Part::Aside(text) => words.extend(styled(&text, DIM)),
            Part::Change { was, now } => words.extend(change(&was, &now)),
        }
    }
    let indent = " ".repeat(indent);
    let options = textwrap::Options::new(width.saturating_sub(1))
        .initial_indent(&indent)
        .subsequent_indent(&indent)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    let text = words.join(" ");
    for (at, line) in textwrap::wrap(&text, options).iter().enumerate() {
        match (at, line.strip_prefix(&indent)) {
            (0, Some(rest)) => writeln!(to, "{head}{rest}")?,
            _ => writeln!(to, "{line}")?,
        }
    }
    Ok(())
}

/// The words of a text, each with its style of its own, so that none runs on into an indent.
fn styled<'a>(text: &'a str, style: &'a str) -> impl Iterator<Item = String> + 'a {
    text.split_whitespace().map(move |word| format!("{style}{word}{RESET}"))
}

/// The words of a change as `[9→12]`, which says the same where there are no colours.
fn change(was: &str, now: &str) -> Vec<String> {
    if was.is_empty() {
        return styled(now, ADDED).collect();
    }
    let mut words: Vec<_> = styled(was, STRUCK).collect();
    let mut come = styled(now, ADDED);
    let arrow = format!("{DIM}→{RESET}{}", come.next().unwrap_or_default());
    words.iter_mut().take(1).for_each(|first| first.insert_str(0, &format!("{DIM}[{RESET}")));
    words.iter_mut().next_back().into_iter().for_each(|last| last.push_str(&arrow));
    words.extend(come);
    words.iter_mut().next_back().into_iter().for_each(|last| {
        last.push_str(&format!("{DIM}]{RESET}"));
    });
    words
}

/// One line, however long.
pub(super) fn write_wide(
    to: &mut impl Write,
    event: &Event,
    clock: &Clock,
    now: Timestamp,
    detail: Detail,
) -> std::io::Result<()> {
    let (tag, colour) = tag(event);
    let source = Shown::prose(event.source.label().unwrap_or("-")).to_string();
    let source = words::shorten(&source, 22);
    if detail == Detail::All {
        write!(to, "{DIM}#{}{RESET} ", event.seq)?;
    }
    write!(
        to,
        "{DIM}{}{RESET}  {colour}{tag:<TAG$}{RESET} {DIM}{source:<22}{RESET} ",
        clock.show(event.time, now)
    )?;
    let weight = if event.stale || event.backfill { DIM } else { BOLD };
    for part in said(event) {
        match part {
            Part::Text(text) => write!(to, " {weight}{text}{RESET}")?,
            Part::Change { was, now } => write!(to, " {}", change(&was, &now).join(" "))?,
            // Who it is from stands in a column of its own.
            Part::Aside(text) if text.starts_with("— ") => {}
            Part::Aside(text) => write!(to, " {DIM}{text}{RESET}")?,
        }
    }
    if detail == Detail::All {
        let language = event.item.language().unwrap_or("-");
        let page = Shown::exact(&event.page.name);
        let (language, line) = (Shown::prose(language), event.page.line);
        write!(to, "  {DIM}{language} {page}:{line} {}{RESET}", event.id)?;
    }
    writeln!(to)
}

/// A stretch of what is printed of an event.
enum Part {
    Text(String),
    /// Words that an update replaced; either may be empty.
    Change {
        was: String,
        now: String,
    },
    Aside(String),
}

/// What is printed of an event: its words, what changed in them where it changed, and what is
/// said beside them.
fn said(event: &Event) -> Vec<Part> {
    if let Some(withdrawal) = &event.withdraws {
        let reason = Shown::exact(&withdrawal.reason);
        return vec![
            Part::Text(format!("taken back: {reason}")),
            Part::Aside(withdrawal.id.to_string()),
        ];
    }
    if let Some(by) = event.withdrawn_by {
        return vec![Part::Aside(format!("(taken back by #{by})"))];
    }
    let headline = words::title(&event.item);
    let mut parts = changes_in(&headline, event).unwrap_or_else(|| vec![Part::Text(headline)]);
    if let Some(source) = event.source.label() {
        parts.push(Part::Aside(format!("— {}", Shown::prose(source))));
    }
    if let Some(corroborates) = &event.corroborates {
        let origin = Shown::prose(&corroborates.origin);
        parts.push(Part::Aside(format!("{origin} tells #{}, too", corroborates.seq)));
    }
    if let Some(supersedes) = &event.supersedes {
        parts.push(Part::Aside(format!("v{} of #{}", event.item.version(), supersedes.seq)));
    }
    if let Item::Article(article) = &event.item {
        let minutes = article.body.split_whitespace().count().div_ceil(230).max(1);
        let published = article.published.as_ref();
        let day = published.map(|at| format!(" · {}", Shown::prose(at.as_str())));
        parts.push(Part::Aside(format!("({minutes} min{})", day.unwrap_or_default())));
    }
    // An article that is old says so by its date above.
    let day = jiff::SignedDuration::from_hours(24);
    if event.stale && event.time.duration_since(event.page.time) > day {
        parts.push(Part::Aside(format!("[page of {}]", event.page.time.strftime("%Y-%m-%d"))));
    }
    parts
}

/// A headline in parts: the words that an update changed stand where they are, the old ones
/// before the new. Changes that are not in the headline follow it. `None` where nothing changed.
fn changes_in(headline: &str, event: &Event) -> Option<Vec<Part>> {
    let words = &event.change.as_ref()?.words;
    let mut parts = Vec::new();
    let mut rest = headline;
    let mut elsewhere = Vec::new();
    for word in words.iter().take(6) {
        let was = Shown::prose(&word.was).to_string();
        let now = Shown::prose(&word.now).to_string();
        let place = if now.is_empty() { None } else { rest.find(&now) };
        match place {
            Some(at) => {
                parts.push(Part::Text(rest[..at].to_owned()));
                rest = &rest[at + now.len()..];
                parts.push(Part::Change { was, now });
            }
            None => elsewhere.push(Part::Change { was, now }),
        }
    }
    parts.push(Part::Text(rest.to_owned()));
    parts.extend(elsewhere);
    parts.retain(|part| !matches!(part, Part::Text(text) if text.trim().is_empty()));
    for part in &mut parts {
        if let Part::Text(text) = part {
            *text = text.trim().to_owned();
        }
    }
    Some(parts)
}

/// Writes JSON as one line, or as it is laid out: to a pipe as it is, on a terminal so that nothing
/// in it can steer that.
pub(super) fn write_json(json: &str) -> std::io::Result<()> {
    // It has no colours that a pipe would have to be spared.
    let mut out = std::io::stdout().lock();
    if out.is_terminal() { writeln!(out, "{}", Shown::json(json)) } else { writeln!(out, "{json}") }
}

/// Stdout as events are written to it: colours only on a terminal, one lock for each line.
pub(super) fn stdout() -> anstream::AutoStream<impl RawStream + AsLockedWrite> {
    anstream::AutoStream::auto(std::io::stdout())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a terminal of that width shows, colours left out.
    fn shown(event: &Event, width: usize) -> String {
        let mut out = Vec::new();
        let now = event.time;
        write_wrapped(&mut out, event, &Clock::utc(), now, width).unwrap();
        anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string()
    }

    fn update() -> Event {
        use crate::item::*;
        let line = TickerLine {
            headline: "Amal fire service: 12 people hurt when scaffolding fell in Quay Street"
                .into(),
            ..TickerLine::default()
        };
        let time = "2026-11-20T14:03:09Z".parse().unwrap();
        let page = PageRef::new("a.txt", PageHash([0; 16]), time);
        let mut event = Event::new(Seq(9), EventId([1; 16]), Item::Ticker(line), page);
        event.action = Action::Update;
        event.source.name = Some("The Amal Courier".into());
        let words = vec![WordChange { was: "9".into(), now: "12".into() }];
        event.change = Some(Change { size: ChangeSize::Edit, words });
        event
    }

    #[test]
    fn a_line_breaks_between_words_and_hangs_under_its_first() {
        assert_eq!(
            shown(&update(), 60),
            "14:03 UPDATE  Amal fire service: [9→12] people hurt when\n              \
             scaffolding fell in Quay Street — The Amal\n              Courier\n"
        );
        for width in [30, 44, 79, 80, 132] {
            for line in shown(&update(), width).lines() {
                assert!(line.chars().count() < width, "{width}: {line}");
            }
        }
        assert_eq!(shown(&update(), 200).lines().count(), 1);
    }

    #[test]
    fn what_changed_stands_where_it_changed() {
        let mut out = Vec::new();
        let event = update();
        write_wide(&mut out, &event, &Clock::utc(), event.time, Detail::Usual).unwrap();
        let line = anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string();
        assert!(line.contains("Amal fire service: [9→12] people hurt"), "{line}");
    }

    #[test]
    fn times_of_another_day_carry_their_date() {
        let clock = Clock::utc();
        let now: Timestamp = "2026-11-20T15:00:00Z".parse().unwrap();
        assert_eq!(clock.show("2026-11-20T14:03:09Z".parse().unwrap(), now), "14:03:09");
        assert_eq!(clock.show("2026-11-19T23:59:59Z".parse().unwrap(), now), "2026-11-19 23:59:59");
    }
}
