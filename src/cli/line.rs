//! How an event looks in a console.

use std::io::{IsTerminal as _, Write};

use anstream::stream::{AsLockedWrite, RawStream};
use jiff::{Timestamp, tz::TimeZone};

use crate::item::{Action, Event, Item, Kind, Shown};

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
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
const STRIKE: &str = "\x1b[9m";
const RESET: &str = "\x1b[0m";

/// Writes one event as one line. `to` drops the colours where there is no terminal.
pub(super) fn write(
    to: &mut impl Write,
    event: &Event,
    clock: &Clock,
    now: Timestamp,
) -> std::io::Result<()> {
    let time = clock.show(event.time, now);
    let quiet = event.stale || event.backfill;
    let (tag, colour) = match (event.action, event.kind()) {
        (Action::Withdrawn, _) => ("WITHDRAWN", YELLOW),
        (Action::Update, _) => ("UPDATE", YELLOW),
        (Action::Corroborated, _) => ("SECOND", GREEN),
        (_, Kind::Ticker) => ("TICKER", RED),
        (_, Kind::Article) => ("ARTICLE", CYAN),
    };
    let colour = if quiet { DIM } else { colour };
    let source = Shown::prose(event.source.label().unwrap_or("-")).to_string();
    let source = shorten(&source, 22);
    write!(to, "{DIM}{time}{RESET}  {colour}{tag:<9}{RESET} {DIM}{source:<22}{RESET}  ")?;
    if let Some(withdrawal) = &event.withdraws {
        return writeln!(to, "{} ({})", withdrawal.id, Shown::exact(&withdrawal.reason));
    }
    if let Some(by) = event.withdrawn_by {
        return writeln!(to, "{DIM}(taken back by #{by}){RESET}");
    }
    let headline = Shown::prose(headline(&event.item));
    let weight = if quiet { DIM } else { BOLD };
    write!(to, "{weight}{headline}{RESET}")?;
    if let Some(corroborates) = &event.corroborates {
        let origin = Shown::prose(&corroborates.origin);
        write!(to, "  {DIM}{origin} tells #{}, too{RESET}", corroborates.seq)?;
    }
    if let Some(change) = &event.change {
        for word in change.words.iter().take(4) {
            write!(to, "  ")?;
            if !word.was.is_empty() {
                write!(to, "{RED}{STRIKE}{}{RESET}", Shown::prose(&word.was))?;
            }
            write!(to, "→{GREEN}{}{RESET}", Shown::prose(&word.now))?;
        }
    }
    if let Some(supersedes) = &event.supersedes {
        write!(to, "  {DIM}v{} of #{}{RESET}", event.item.version(), supersedes.seq)?;
    }
    if let Item::Article(article) = &event.item {
        let minutes = article.body.split_whitespace().count().div_ceil(230).max(1);
        write!(to, "  {DIM}({minutes} min")?;
        if let Some(published) = &article.published {
            write!(to, " · {}", Shown::prose(published.as_str()))?;
        }
        write!(to, "){RESET}")?;
    }
    // An article that is old says so by its date above.
    let day = jiff::SignedDuration::from_hours(24);
    if event.stale && event.time.duration_since(event.page.time) > day {
        write!(to, "  {DIM}[page of {}]{RESET}", event.page.time.strftime("%Y-%m-%d"))?;
    }
    writeln!(to)
}

/// The headline; an article without one shows its first sentence and says so.
pub(super) fn headline(item: &Item) -> String {
    if let Some(headline) = item.headline() {
        return headline.to_owned();
    }
    let body = item.body().unwrap_or_default();
    let end = body
        .char_indices()
        .find(|(at, c)| matches!(c, '.' | '!' | '?' | '؟' | '。' | '\n') && *at > 30)
        .map_or(body.len(), |(at, c)| at + c.len_utf8());
    format!("(no headline) {}", shorten(body[..end].trim(), 160))
}

fn shorten(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some(_) => {
            let end = text.char_indices().nth(characters - 1).map_or(text.len(), |(at, _)| at);
            format!("{}…", text[..end].trim_end())
        }
    }
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

    #[test]
    fn an_article_without_headline_shows_its_first_sentence() {
        let article = crate::item::Article {
            body: "The harbour of Port Amal was closed on Monday. Ferries wait.".into(),
            ..Default::default()
        };
        let shown = headline(&Item::Article(Box::new(article)));
        assert_eq!(shown, "(no headline) The harbour of Port Amal was closed on Monday.");
    }

    #[test]
    fn times_of_another_day_carry_their_date() {
        let clock = Clock::utc();
        let now: Timestamp = "2026-11-20T15:00:00Z".parse().unwrap();
        assert_eq!(clock.show("2026-11-20T14:03:09Z".parse().unwrap(), now), "14:03:09");
        assert_eq!(clock.show("2026-11-19T23:59:59Z".parse().unwrap(), now), "2026-11-19 23:59:59");
    }
}
