//! `flashwire verify`: checks a wire against itself.

use std::io::Write as _;

use crate::{item::Shown, wire::LedgerCounts};

use super::{Failure, store};

/// Arguments of `flashwire verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: store::Args,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let wire = args.store.read()?;
    let runtime = super::runtime()?;
    let fail = |error: crate::wire::ReadError| Failure::error(error.to_string());
    let mut findings = runtime.block_on(wire.verify()).map_err(fail)?;
    let mut out = anstream::stdout();
    match runtime.block_on(wire.counts()) {
        Ok(counts) => write_counts(&mut out, &counts).map_err(Failure::output)?,
        Err(error) => findings.push(format!("pages and sightings can't be counted: {error}")),
    }
    for finding in &findings {
        writeln!(out, "WRONG: {}", Shown::exact(finding)).map_err(Failure::output)?;
    }
    match findings.len() {
        0 => writeln!(out, "all adds up").map_err(Failure::output),
        n => Err(Failure::error(format!("{n} findings: keep a copy of the file and report them"))),
    }
}

fn write_counts(out: &mut impl std::io::Write, counts: &LedgerCounts) -> std::io::Result<()> {
    let repeats = counts.sightings.saturating_sub(counts.events);
    let pages: u64 = counts.pages.values().sum();
    writeln!(
        out,
        "{pages} pages, {} sightings = {} events + {repeats} repeats",
        counts.sightings, counts.events
    )?;
    for (outcome, count) in &counts.pages {
        writeln!(out, "  {outcome}: {count}")?;
    }
    Ok(())
}
