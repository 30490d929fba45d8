//! `flashwire verify`: checks a wire against itself.

use std::io::Write as _;

use crate::item::Shown;

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
    let findings = runtime.block_on(wire.verify()).map_err(fail)?;
    let counts = runtime.block_on(wire.counts()).map_err(fail)?;
    let mut out = anstream::stdout();
    let repeats = counts.sightings.saturating_sub(counts.events);
    let pages: u64 = counts.pages.values().sum();
    writeln!(
        out,
        "{pages} pages, {} sightings = {} events + {repeats} repeats",
        counts.sightings, counts.events
    )
    .map_err(Failure::output)?;
    for (outcome, count) in &counts.pages {
        writeln!(out, "  {outcome}: {count}").map_err(Failure::output)?;
    }
    for finding in &findings {
        writeln!(out, "WRONG: {}", Shown::exact(finding)).map_err(Failure::output)?;
    }
    match findings.len() {
        0 => writeln!(out, "all adds up").map_err(Failure::output),
        n => Err(Failure::error(format!("{n} findings: keep a copy of the file and report them"))),
    }
}
