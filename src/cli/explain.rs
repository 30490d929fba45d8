//! `flashwire explain`: why an event was told, and where else it was seen.

use std::io::Write as _;

use jiff::Timestamp;

use crate::{
    item::{Action, Event, EventId, Seq, Shown},
    outlet::words,
    wire::{SqliteStore, Store as _},
};

use super::{Failure, line::Clock, store};

/// Arguments of `flashwire explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: store::Args,
    /// An event's id, or its number on the wire: `3` or `#3`.
    #[arg(value_name = "ID|NUMBER")]
    id: String,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let number = args.id.strip_prefix('#').unwrap_or(&args.id).parse::<u64>().ok();
    let id = match number {
        Some(_) => None,
        None => Some(args.id.parse::<EventId>().map_err(|error| {
            Failure::new(super::Exit::Usage, format!("{error}; an event's number will do, too"))
        })?),
    };
    let wire = args.store.read()?;
    super::runtime()?.block_on(async {
        let id = match (id, number) {
            (Some(id), _) => id,
            (None, number) => numbered(&wire, Seq(number.unwrap_or_default())).await?,
        };
        explain(&wire, id).await
    })
}

/// The id of the event at that place of the wire.
async fn numbered(wire: &SqliteStore, seq: Seq) -> Result<EventId, Failure> {
    let read = wire.read(Seq(seq.0.saturating_sub(1)), 1).await;
    let read = read.map_err(|error| Failure::error(error.to_string()))?;
    let found = read.first().filter(|entry| entry.seq == seq).map(|entry| entry.event.id);
    found.ok_or_else(|| {
        let bounds = wire.bounds();
        Failure::error(format!(
            "there is no event #{seq} on this wire; it holds #{} to #{}",
            bounds.start(),
            bounds.end()
        ))
    })
}

async fn explain(wire: &SqliteStore, id: EventId) -> Result<(), Failure> {
    let fail = |error: crate::wire::ReadError| Failure::error(error.to_string());
    let entry = wire
        .find(id)
        .await
        .map_err(fail)?
        .ok_or_else(|| Failure::error(format!("{id} is not on this wire")))?;
    let versions = wire.versions(id).await.map_err(fail)?;
    let sightings = wire.sightings(id).await.map_err(fail)?;
    let sums = wire.sighting_sums(id).await.map_err(fail)?;
    let of = match entry.event.verdict.as_ref().and_then(|why| why.of) {
        Some(of) => wire.find(of).await.map_err(fail)?,
        None => None,
    };
    let taken_back = match entry.event.withdrawn_by {
        Some(by) => wire.read(Seq(by.0.saturating_sub(1)), 1).await.map_err(fail)?.pop(),
        None => None,
    };
    let wordings = wire.wordings(id).await.map_err(fail)?;
    let clock = Clock::local();
    let now = Timestamp::now();
    let mut out = anstream::stdout();
    let mut say = || -> std::io::Result<()> {
        let event = &entry.event;
        writeln!(out, "#{} {}", event.seq, words::title(&event.item))?;
        writeln!(
            out,
            "  from   {} line {} ({}), page time {}",
            Shown::exact(&event.page.name),
            event.page.line,
            Shown::prose(event.source.label().unwrap_or("no source")),
            clock.show(event.page.time, now)
        )?;
        writeln!(out, "  told   {} as {}", clock.show(event.time, now), why(event))?;
        if let Some(withdrawal) = &taken_back {
            let reason = withdrawal.event.withdraws.as_ref().map_or("", |why| &why.reason);
            writeln!(
                out,
                "  \x1b[33mtaken back\x1b[0m {} by #{}: {}",
                clock.show(withdrawal.event.time, now),
                withdrawal.seq,
                Shown::prose(reason)
            )?;
        }
        if let Some(of) = &of {
            writeln!(out, "  held against #{} {}", of.seq, words::title(&of.event.item))?;
        }
        for differs in event.verdict.iter().flat_map(|why| &why.differs) {
            writeln!(out, "  differs: {}", Shown::prose(differs))?;
        }
        if versions.len() > 1 {
            writeln!(out, "  versions:")?;
            for version in &versions {
                let event = &version.event;
                let headline = words::title(&event.item);
                writeln!(out, "    v{} #{} {headline}", event.item.version(), event.seq)?;
                for word in event.change.iter().flat_map(|change| &change.words) {
                    writeln!(
                        out,
                        "       {} → {}",
                        Shown::prose(&word.was),
                        Shown::prose(&word.now)
                    )?;
                }
            }
        }
        let earlier: u64 = sums.iter().map(|sum| sum.sightings).sum();
        writeln!(out, "  seen {} times:", earlier + sightings.len() as u64)?;
        for sum in &sums {
            writeln!(
                out,
                "    {} to {}  {} times on {} pages  {}",
                clock.show(sum.first, now),
                clock.show(sum.last, now),
                sum.sightings,
                sum.pages,
                Shown::prose(sum.source.as_deref().unwrap_or("-"))
            )?;
        }
        for sighting in &sightings {
            writeln!(
                out,
                "    {}  {} line {}  {}",
                clock.show(sighting.at, now),
                Shown::exact(&sighting.name),
                sighting.line,
                Shown::prose(sighting.source.as_deref().unwrap_or("-"))
            )?;
            // A wording is written down where it was first seen.
            for (_, text) in wordings.iter().filter(|(at, _)| *at == sighting.at) {
                writeln!(out, "      worded {}", Shown::prose(text))?;
            }
        }
        let listed = |at: Timestamp| sightings.iter().any(|sighting| sighting.at == at);
        for (at, text) in wordings.iter().filter(|(at, _)| !listed(*at)) {
            writeln!(out, "    {}  worded {}", clock.show(*at, now), Shown::prose(text))?;
        }
        Ok(())
    };
    say().map_err(Failure::output)
}

fn why(event: &Event) -> String {
    let action = match (event.action, &event.supersedes, &event.related_to, &event.withdraws) {
        (Action::Update, Some(of), _, _) => format!("an update of #{}", of.seq),
        (Action::Related, _, Some(of), _) => format!("related to {}", of.id),
        (Action::Withdrawn, _, _, Some(of)) => format!("the withdrawal of #{}", of.seq),
        _ => match &event.corroborates {
            Some(of) => format!("a second origin of #{}", of.seq),
            None => "new".to_owned(),
        },
    };
    match &event.verdict {
        Some(why) => format!(
            "{action}: rule `{}`, likeness {:.2}, rules version {}",
            why.rule, why.score, event.rules
        ),
        None => action,
    }
}
