//! `flashwire withdraw`: takes back what was told.

use std::io::Write as _;

use serde_json::json;

use crate::item::Shown;

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
    let answer = Reach::local(&url)?.post(
        "/v1/withdrawals",
        &key,
        &json!({ "what": args.what, "reason": args.reason }),
    )?;
    let mut out = anstream::stdout();
    for id in answer["withdrawn"].as_array().into_iter().flatten() {
        let id = Shown::exact(id.as_str().unwrap_or_default());
        writeln!(out, "withdrawn {id}").map_err(Failure::output)?;
    }
    Ok(())
}
