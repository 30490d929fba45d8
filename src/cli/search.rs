//! `flashwire search`: what was told, by what it says.

use std::{
    io::{IsTerminal as _, Write as _},
    path::Path,
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use prometheus_client::registry::Registry;
use serde_json::Value;

use crate::{
    filter::Filter,
    follower::{self, Followers},
    item::{Event, Seq, Shown},
    search::{Ask, Config, Found, Indexer, Search},
    wire::{Lock, SqliteStore, Store as _},
};

use super::{
    Exit, Failure,
    line::{self, Clock},
    reach::{self, Reach},
    store,
};

/// Arguments of `flashwire search`.
#[derive(Debug, clap::Args)]
#[command(mut_arg("wire", |arg| arg.help(
    "The wire's file, or the watched folder it lies beside: read here, whether or not a daemon runs"
)))]
pub(super) struct Args {
    #[command(flatten)]
    reach: reach::Args,
    /// What to look for: words, word*, "a phrase", -not, OR, (brackets), field:value, since:-2h.
    #[arg(value_name = "QUERY", required = true)]
    query: Vec<String>,
    /// How many at most, newest first.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: u16,
    /// Only what stands before this position.
    #[arg(long, value_name = "SEQ")]
    before: Option<u64>,
    /// Form of the output; `line` is for people.
    #[arg(short = 'o', long, value_enum, default_value_t = Output::Line)]
    output: Output,
    /// Show times in UTC.
    #[arg(long)]
    utc: bool,
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    /// One readable line an event.
    Line,
    /// The event's JSON, one a line.
    Json,
}

/// How long a search in a file may take: nobody else waits for it.
const PATIENCE_MS: u64 = 60_000;

/// What is so much newer than the index that it is built on first.
const BEHIND: u64 = 5000;

/// An answer, from wherever it came.
struct Answer {
    events: Vec<String>,
    before: Option<u64>,
    /// What is to be said of an answer that may not be whole.
    partly: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let query = args.query.join(" ");
    let answer = match &args.reach.wire {
        Some(wire) => super::runtime()?.block_on(in_file(args, &query, &store::path(wire)))?,
        None => from_daemon(args, &query)?,
    };
    let clock = if args.utc { Clock::utc() } else { Clock::local() };
    let mut out = line::stdout();
    for json in &answer.events {
        match args.output {
            Output::Json => line::write_json(json).map_err(Failure::output)?,
            Output::Line => {
                let event: Event = serde_json::from_str(json).map_err(|error| {
                    Failure::error(format!("an event is not readable: {error}"))
                })?;
                line::write(&mut out, &event, &clock, Timestamp::now()).map_err(Failure::output)?;
            }
        }
    }
    let say = |text: &str| {
        let _ = writeln!(std::io::stderr(), "{text}");
    };
    answer.partly.iter().for_each(|partly| say(partly));
    match answer.before {
        Some(before) => say(&format!("older ones: --before {before}")),
        None if answer.events.is_empty() => say("nothing was found"),
        None => {}
    }
    Ok(())
}

fn from_daemon(args: &Args, text: &str) -> Result<Answer, Failure> {
    let mut query = reach::Query::default();
    query.add("q", text);
    query.add("limit", &args.limit.to_string());
    query.add("body", "full");
    if let Some(before) = args.before {
        query.add("before", &before.to_string());
    }
    let answer = Reach::new(&args.reach)?.get(&format!("/v1/search{}", query.finish()))?;
    let number = |name: &str| answer[name].as_u64();
    let found = answer["found"].as_array().into_iter().flatten();
    Ok(Answer {
        events: found.map(|hit| hit["event"].to_string()).collect(),
        before: number("before"),
        partly: partly(
            answer["soFar"] == Value::Bool(true),
            answer["timedOut"] == Value::Bool(true),
            number("indexed").unwrap_or(0),
            number("head").unwrap_or(0),
        ),
    })
}

async fn in_file(args: &Args, text: &str, path: &Path) -> Result<Answer, Failure> {
    let mut filter = Filter::default();
    let read = filter.query(text, Timestamp::now());
    read.map_err(|bad| Failure::new(Exit::Usage, Shown::exact(&bad.to_string()).to_string()))?;
    let fail = |error: &dyn std::fmt::Display| Failure::error(error.to_string());
    let wire = SqliteStore::open_read_only(path).map_err(|error| fail(&error))?;
    let wire = Arc::new(wire);
    let config = Config { deadline_ms: PATIENCE_MS, ..Config::default() };
    let search = Arc::new(Search::beside(path, &config));
    if Lock::held_by(path).is_none() {
        build(&wire, &search).await;
    }
    let before = args.before.map(Seq);
    let ask = Ask { filter, before, limit: usize::from(args.limit) };
    let found = search.find(&*wire, &ask).await.map_err(|error| fail(&error))?;
    let Found { entries, before, indexed, head, so_far, timed_out } = found;
    let json = |entry: &Arc<crate::wire::Entry>| String::from_utf8_lossy(&entry.json).into_owned();
    Ok(Answer {
        events: entries.iter().map(json).collect(),
        before: before.map(|seq| seq.0),
        partly: partly(so_far, timed_out, indexed.0, head.0),
    })
}

/// Why an answer may not be whole.
fn partly(so_far: bool, timed_out: bool, indexed: u64, head: u64) -> Option<String> {
    if so_far {
        return Some(format!(
            "so far: {indexed} of {head} events are indexed; of the newer ones only the newest were looked through"
        ));
    }
    timed_out.then(|| "so far: time was up before all was looked through".to_owned())
}

/// Builds an index on that is far behind, and says how far it has come.
async fn build(wire: &Arc<SqliteStore>, search: &Arc<Search>) {
    let head = wire.head();
    let at = || {
        let place = search.place().ok().flatten();
        place.filter(|place| place.epoch == head.epoch).map_or(0, |place| place.seq.0)
    };
    if at() + BEHIND >= head.seq.0 {
        return;
    }
    let followers = Followers::new(["search"], &mut Registry::default());
    let Some(standing) = followers.iter().next().cloned() else { return };
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let sink = Box::new(Indexer::new(search.clone()));
    let following = tokio::spawn(follower::run(wire.clone(), sink, standing.clone(), stopped));
    let terminal = std::io::stderr().is_terminal();
    let mut out = std::io::stderr();
    // Where the index can't be written the search goes without.
    while standing.at() < head.seq && standing.degraded().is_none() {
        if terminal {
            let _ = write!(out, "\rindexed {} of {} events", standing.at(), head.seq);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if terminal {
        let _ = write!(out, "\r\x1b[K");
    }
    if let Some(degraded) = standing.degraded() {
        let _ = writeln!(out, "the index can't be built: {}", Shown::exact(&degraded.reason));
    }
    stop.send_replace(true);
    let _ = following.await;
}
