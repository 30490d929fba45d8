//! `flashwire status`: how the daemon is, in one sentence.

use std::io::Write as _;

use jiff::SignedDuration;

use crate::item::Shown;

use super::{
    Failure, line,
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
    if args.json {
        let all = serde_json::json!({ "readiness": ready, "stats": stats });
        return line::write_json(&format!("{all:#}")).map_err(Failure::output);
    }
    let failing =
        ready["checks"].as_array().into_iter().flatten().find(|check| check["ok"] == false);
    let trouble = failing
        .map(|check| format!("{}: {}", check["name"], check["detail"]))
        .or_else(|| Some(format!("intake pauses: {}", stats["degraded"]["reason"].as_str()?)))
        .or_else(|| Some(format!("the wire is damaged: {}", stats["damaged"].as_str()?)));
    let trouble = trouble.or_else(|| {
        let mut followers = stats["followers"].as_array().into_iter().flatten();
        followers.find_map(|follower| {
            let degraded = &follower["degraded"];
            let given_up = if degraded["givenUp"] == true { " is given up" } else { "" };
            let reason = degraded["reason"].as_str()?;
            Some(format!("{}{given_up}: {reason}", follower["name"].as_str()?))
        })
    });
    if let Some(trouble) = trouble {
        return Err(Failure::error(format!(
            "{} is not well: {}",
            reach.url(),
            Shown::exact(&trouble)
        )));
    }
    let ahead = match stats["aheadSeconds"].as_i64() {
        Some(ahead) => format!(
            ", but its last event bears a time {:#} from now: is the clock right?",
            SignedDuration::from_secs(ahead)
        ),
        None => String::new(),
    };
    let subscribers: u64 = stats["subscribers"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, n)| n.as_u64())
        .sum();
    let figure = |value: &serde_json::Value| Shown::exact(value.to_string());
    let pages = match &stats["watch"] {
        serde_json::Value::Null => "other nodes take the pages in".to_owned(),
        watch => format!(
            "{} pages taken since it started, {} waiting",
            figure(&watch["seen"]),
            figure(&watch["pending"])
        ),
    };
    writeln!(
        anstream::stdout(),
        "{} is well: {} events on the wire, {pages}, {subscribers} subscribers{ahead}",
        reach.url(),
        figure(&stats["head"]),
    )
    .map_err(Failure::output)
}
