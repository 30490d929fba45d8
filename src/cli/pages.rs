//! `flashwire pages`: the ledger.

use std::io::Write as _;

use jiff::Timestamp;

use crate::{
    item::{Outcome, Shown},
    watch::Ignored,
    wire::LedgerPage,
};

use super::{
    Failure,
    line::{self, Clock},
    store,
};

/// Arguments of `flashwire pages`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: store::Args,
    /// Only pages that were set aside.
    #[arg(long)]
    rejected: bool,
    /// Only pages that were read and told nothing: neither a ticker line nor an article was found.
    #[arg(long, conflicts_with = "rejected")]
    silent: bool,
    /// Files and folders that are not taken at all, each with why: --wire names the watched folder.
    #[arg(long, conflicts_with_all = ["rejected", "silent", "json", "page"])]
    ignored: bool,
    /// How many, newest first.
    #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
    last: usize,
    /// One JSON object a page.
    #[arg(long)]
    json: bool,
    /// Only the page of this name or hash, with its remarks.
    #[arg(value_name = "PAGE")]
    page: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    if args.ignored {
        return ignored(args);
    }
    let wire = args.store.read()?;
    let pages = match &args.page {
        Some(page) => wire.page_named(page),
        None if args.silent => wire.silent_pages(args.last),
        None => wire.pages(args.rejected, args.last),
    };
    let pages =
        super::runtime()?.block_on(pages).map_err(|error| Failure::error(error.to_string()))?;
    if let (Some(page), true) = (&args.page, pages.is_empty()) {
        return Err(Failure::error(format!(
            "no page of that name or hash was taken: {}",
            Shown::exact(page)
        )));
    }
    let mut out = anstream::stdout();
    let clock = Clock::local();
    for page in &pages {
        let written = if args.json {
            serde_json::to_string(page).map_err(Into::into).and_then(|json| line::write_json(&json))
        } else {
            write(&mut out, page, &clock, args.page.is_some())
        };
        written.map_err(Failure::output)?;
    }
    Ok(())
}

/// What lies in the folder and is not taken.
fn ignored(args: &Args) -> Result<(), Failure> {
    let folder = match args.store.holder().and_then(|holder| holder.folder) {
        Some(folder) => folder,
        None => args.store.wire.clone(),
    };
    let depth = super::config::load(None)?.watch.max_depth;
    let found = crate::watch::ignored(&folder, depth).map_err(|error| {
        Failure::error(format!(
            "{} can't be listed: {error}; name the watched folder with --wire",
            Shown::exact(folder.display())
        ))
    })?;
    let mut out = anstream::stdout();
    for Ignored { name, why } in found {
        writeln!(out, "{}  ({why})", Shown::exact(&name)).map_err(Failure::output)?;
    }
    Ok(())
}

fn write(
    out: &mut impl std::io::Write,
    page: &LedgerPage,
    clock: &Clock,
    whole: bool,
) -> std::io::Result<()> {
    write!(out, "{}  ", clock.show(page.seen, Timestamp::now()))?;
    match page.outcome {
        Outcome::Done => write!(out, "{} drafts", page.drafts)?,
        outcome => {
            let reason = page.reason.as_deref().unwrap_or_default();
            write!(out, "\x1b[33m{}\x1b[0m ({})", outcome.as_str(), Shown::exact(reason))?;
        }
    }
    writeln!(out, "  \x1b[1m{}\x1b[0m", Shown::exact(&page.name))?;
    if !whole {
        return Ok(());
    }
    if let Some(hash) = page.hash {
        writeln!(out, "  hash    {hash}")?;
    }
    writeln!(out, "  source  {}", Shown::exact(page.source.as_deref().unwrap_or("-")))?;
    writeln!(out, "  time    {}", page.at)?;
    for (class, count) in &page.lines {
        writeln!(out, "  {count:>5} lines {}", Shown::exact(class))?;
    }
    for remark in &page.remarks {
        match remark.line {
            Some(line) => writeln!(out, "  line {line}: {}", Shown::exact(&remark.text))?,
            None => writeln!(out, "  {}", Shown::exact(&remark.text))?,
        }
    }
    Ok(())
}
