//! `flashwire status`: how the daemon is, in one sentence.

use std::io::Write as _;

use super::{
    Failure,
    line::safe,
    reach::{self, Reach},
};

/// Arguments of `flashwire status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    reach: reach::Args,
    /// Print all that the daemon says, as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    // Whatever is wrong, the answer of `status` is "not well": 1.
    let well = |failure: Failure| Failure::error(failure.message());
    let reach = Reach::new(&args.reach)?;
    let ready = reach.get("/readyz").map_err(well)?;
    let stats = reach.get("/v1/stats").map_err(well)?;
    let mut out = anstream::stdout();
    if args.json {
        let all = serde_json::json!({ "readiness": ready, "stats": stats });
        return writeln!(out, "{all:#}").map_err(Failure::output);
    }
    let failing =
        ready["checks"].as_array().into_iter().flatten().find(|check| check["ok"] == false);
    let trouble = failing
        .map(|check| format!("{}: {}", check["name"], check["detail"]))
        .or_else(|| Some(format!("intake pauses: {}", stats["degraded"]["reason"].as_str()?)))
        .or_else(|| Some(format!("the wire is damaged: {}", stats["damaged"].as_str()?)));
    if let Some(trouble) = trouble {
        return Err(Failure::error(format!("{} is not well: {}", reach.url(), safe(&trouble))));
    }
    let subscribers: u64 = stats["subscribers"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, n)| n.as_u64())
        .sum();
    writeln!(
        out,
        "{} is well: {} events on the wire, {} pages taken since it started, {} waiting, {subscribers} subscribers",
        reach.url(),
        stats["head"],
        stats["watch"]["seen"],
        stats["watch"]["pending"],
    )
    .map_err(Failure::output)
}
