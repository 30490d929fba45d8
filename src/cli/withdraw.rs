//! `flashwire withdraw`: takes back what was told.

use std::{
    collections::HashMap,
    io::{IsTerminal as _, Write as _},
};

use serde_json::json;

use crate::{
    item::{EventId, Shown},
    outlet::words,
    wire::{SqliteStore, Store as _},
};

use super::{Exit, Failure, reach::Reach, store};

/// Arguments of `flashwire withdraw`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: store::Args,
    /// An event's id, or the name or hash of a page: then all that it told.
    #[arg(value_name = "ID|PAGE")]
    what: String,
    /// Why, for subscribers.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let path = args.store.path();
    let holder = args.store.holder().ok_or_else(|| {
        Failure::new(
            Exit::Connect,
            format!(
                "no daemon runs on the wire {}: start it (`flashwire run FOLDER`), it alone may write",
                Shown::exact(path.display())
            ),
        )
    })?;
    let (Some(url), Some(key)) = (holder.url, holder.key) else {
        return Err(Failure::new(Exit::Connect, "the daemon is still starting; try again"));
    };
    let known = super::runtime()?.block_on(before(&args.store.read()?, &args.what));
    let answer = Reach::local(&url)?.post(
        "/v1/withdrawals",
        &key,
        &json!({ "what": args.what, "reason": args.reason }),
    )?;
    let mut out = anstream::stdout();
    for id in answer["withdrawn"].as_array().into_iter().flatten() {
        let id = id.as_str().unwrap_or_default();
        writeln!(out, "withdrawn {}", Shown::exact(id)).map_err(Failure::output)?;
        // For a person at a terminal; the ids are for programs.
        if let Some(words) = known.get(id).filter(|_| std::io::stderr().is_terminal()) {
            let _ = writeln!(anstream::stderr(), "  {}", Shown::prose(words));
        }
    }
    Ok(())
}

/// What is about to be taken, by its id: its number and its words, which are gone afterwards.
async fn before(wire: &SqliteStore, what: &str) -> HashMap<String, String> {
    let told = match what.parse::<EventId>() {
        Ok(id) => wire.find(id).await.map(|found| found.into_iter().collect()),
        Err(_) => wire.told_by_page(what).await,
    };
    let mut known = HashMap::new();
    // What can't be read now is named without its words.
    for told in told.unwrap_or_default() {
        for version in wire.versions(told.event.id).await.unwrap_or_default() {
            let event = &version.event;
            let words = format!("#{} {}", event.seq, words::title(&event.item));
            known.insert(event.id.to_string(), words);
        }
    }
    known
}
