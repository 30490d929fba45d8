//! `flashwire outlet`: what the wire is fed to, and what is in its way.

use std::io::Write as _;

use serde_json::json;

use crate::item::Shown;

use super::{Exit, Failure, reach::Reach, store};

/// Arguments of `flashwire outlet`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: store::Args,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Name all outlets, how far each has come, and what is in its way (the default).
    List,
    /// Send one on its way again that was given up or waits.
    Resume {
        /// Its name.
        name: String,
        /// Pass over the event that it failed on.
        #[arg(long)]
        skip: bool,
    },
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let holder = args.store.holder().ok_or_else(|| {
        Failure::new(
            Exit::Connect,
            format!(
                "no daemon runs on the wire {}: start it (`flashwire run FOLDER`)",
                Shown::exact(args.store.path().display())
            ),
        )
    })?;
    let (Some(url), Some(key)) = (holder.url, holder.key) else {
        return Err(Failure::new(Exit::Connect, "the daemon is still starting; try again"));
    };
    match &args.what {
        None | Some(What::List) => list(&Reach::with_key(&url, &key)?),
        Some(What::Resume { name, skip }) => {
            let order = json!({ "name": name, "skip": skip });
            Reach::local(&url)?.post("/v1/outlets/resume", &key, &order).map(drop)
        }
    }
}

fn list(daemon: &Reach) -> Result<(), Failure> {
    let stats = daemon.get("/v1/stats")?;
    let head = stats["head"].as_u64().unwrap_or_default();
    let mut out = anstream::stdout();
    for follower in stats["followers"].as_array().into_iter().flatten() {
        let text = |value: &serde_json::Value| {
            Shown::exact(value.as_str().unwrap_or_default().to_owned()).to_string()
        };
        let behind = head.saturating_sub(follower["at"].as_u64().unwrap_or_default());
        let degraded = &follower["degraded"];
        let state = match (degraded.is_null(), degraded["givenUp"] == true) {
            (true, _) => "is well".to_owned(),
            (false, false) => format!("waits: {}", text(&degraded["reason"])),
            (false, true) => format!("is given up: {}", text(&degraded["reason"])),
        };
        writeln!(out, "{}  {behind} behind  {state}", text(&follower["name"]))
            .map_err(Failure::output)?;
    }
    Ok(())
}
