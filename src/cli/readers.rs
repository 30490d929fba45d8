//! `flashwire readers`: who reads, how far, and who had what was taken back.

use std::{collections::BTreeMap, io::Write as _};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    item::{EventId, Shown, micros},
    outlet::{Receipts, Sitting},
    wire::{Entry, Extent, SqliteStore, Store as _},
};

use super::{Failure, line, store};

/// Arguments of `flashwire readers`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: store::Args,
    /// An event: who had it, and, where it was withdrawn, who has read past that.
    #[arg(value_name = "ID")]
    event: Option<EventId>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let wire = args.store.read()?;
    let report = super::runtime()?.block_on(report(&wire, args.event)).map_err(Failure::error)?;
    if args.json {
        return line::write_json(&format!("{report:#}")).map_err(Failure::output);
    }
    let mut out = anstream::stdout();
    let readers = report["readers"].as_array();
    if readers.is_none_or(Vec::is_empty) {
        return writeln!(out, "no token's reader has read this wire in the last 30 days")
            .map_err(Failure::output);
    }
    for reader in readers.into_iter().flatten() {
        let text = |name: &str| {
            Shown::exact(reader[name].as_str().unwrap_or_default().to_owned()).to_string()
        };
        let mut said = format!(
            "{}  read to {}, {} behind, last at {}",
            text("name"),
            text("cursor"),
            reader["behind"],
            text("last"),
        );
        if let Some(had) = reader["had"].as_bool() {
            said.push_str(if had { "; had it" } else { "; never had it" });
        }
        if let Some(knows) = reader["knowsWithdrawal"].as_bool() {
            said.push_str(if knows {
                ", has read that it is withdrawn"
            } else {
                ", has NOT read that it is withdrawn"
            });
        }
        writeln!(out, "{said}").map_err(Failure::output)?;
    }
    Ok(())
}

/// What is known of every token's reader.
///
/// # Errors
/// A sentence for whoever asked.
pub(super) async fn report(wire: &SqliteStore, event: Option<EventId>) -> Result<Value, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let sittings = Receipts::beside(wire.path()).all().map_err(|error| text(&error))?;
    let names = wire.named_tokens().map_err(|error| text(&error))?;
    let (head, extent) = (wire.head(), Extent::of(wire));
    let event = match event {
        None => None,
        Some(id) => {
            let found = wire.find(id).await.map_err(|error| text(&error))?;
            let found = found.ok_or_else(|| format!("this wire has no event {id}"))?;
            Some((withdrawal(wire, &found).await.map_err(|error| text(&error))?, found))
        }
    };
    let mut by_token: BTreeMap<[u8; 32], Vec<&Sitting>> = BTreeMap::new();
    for sitting in &sittings {
        by_token.entry(sitting.token).or_default().push(sitting);
    }
    let readers = by_token.into_iter().filter_map(|(token, sittings)| {
        // The key of the lock file, and tokens that are gone, have no name.
        let name = names.iter().find(|(_, hash)| *hash == token).map(|(name, _)| name)?;
        let last = sittings.iter().max_by_key(|sitting| sitting.last)?;
        let mut cursor = last.after.clone();
        cursor.seq = last.through;
        let at = extent.resume(&cursor).map_or(last.through, |resumption| resumption.after);
        let mut reader = json!({
            "name": name,
            "cursor": cursor,
            "behind": head.seq.0.saturating_sub(at.0),
            "last": micros::text(last.last),
        });
        if let Some((withdrawn, entry)) = &event {
            let (had, knows) = had(&sittings, entry, withdrawn.as_deref());
            reader["had"] = had.into();
            if let Some(knows) = knows {
                reader["knowsWithdrawal"] = knows.into();
            }
        }
        Some(reader)
    });
    Ok(json!({ "head": head, "readers": readers.collect::<Vec<_>>() }))
}

/// What took an event back, if anything did.
async fn withdrawal(
    wire: &SqliteStore,
    entry: &Entry,
) -> Result<Option<std::sync::Arc<Entry>>, crate::wire::ReadError> {
    let Some(by) = entry.event.withdrawn_by else { return Ok(None) };
    let found = wire.read(crate::item::Seq(by.0.saturating_sub(1)), 1).await?;
    Ok(found.into_iter().next())
}

/// Whether a reader had an event, and whether it has read that it was taken back. What was sent
/// after that was blank; a sitting that was under way then is taken to have had it before.
fn had(sittings: &[&Sitting], entry: &Entry, withdrawn: Option<&Entry>) -> (bool, Option<bool>) {
    let seq = entry.seq;
    let before = |sitting: &Sitting| {
        let began = i64::try_from(sitting.began).ok();
        let began = began.and_then(|began| Timestamp::from_microsecond(began).ok());
        withdrawn.is_none_or(|by| began.is_some_and(|began| began <= by.event.time))
    };
    let reads = |sitting: &Sitting| sitting.after.seq < seq && seq <= sitting.through;
    let had = sittings.iter().any(|sitting| reads(sitting) && before(sitting));
    let knows = withdrawn.map(|by| sittings.iter().any(|sitting| sitting.through >= by.seq));
    (had, knows.filter(|_| had))
}
