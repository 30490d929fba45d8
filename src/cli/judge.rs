//! `flashwire judge`: judges lines from stdin as the dedup stage would, without telling them.

use std::{
    io::{BufRead, Write},
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::json;

use super::{Failure, exit::Exit};
use crate::{
    dedup::{Config, Decision, Facts, Memory, Verdict, rules},
    item::{
        Alias, Draft, Event, EventId, Item, Key, Kind, PageHash, PageRef, Record, Seq, Source,
        TickerLine,
    },
};

/// Arguments of `flashwire judge`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Read `id TAB milliseconds TAB text` lines and print one JSON object for each.
    #[arg(long)]
    tsv: bool,
    /// Say which earlier line each was held against, which rule fired and what differed.
    #[arg(long)]
    explain: bool,
    /// Print the table of rules: what each difference between two lines makes of the later one.
    #[arg(long, conflicts_with_all = ["tsv", "explain"])]
    rules: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(anstream::stdout().lock());
    if args.rules {
        write!(out, "{}", rules()).map_err(Failure::output)?;
        return out.flush().map_err(Failure::output);
    }
    let mut desk = Desk::new();
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line.map_err(|error| {
            Failure::error(format!("stdin, line {}: {error}; judge reads UTF-8 text", number + 1))
        })?;
        let said = if args.tsv {
            let (id, at, text) = columns(&line, number + 1)?;
            let verdict = desk.take(id, at, text);
            desk.json(id, &verdict, args.explain)
        } else {
            if line.trim().is_empty() {
                continue;
            }
            let id = number as u64 + 1;
            let verdict = desk.take(id, Timestamp::UNIX_EPOCH, &line);
            desk.plain(&line, &verdict, args.explain)
        };
        writeln!(out, "{said}").map_err(Failure::output)?;
    }
    out.flush().map_err(Failure::output)
}

fn columns(line: &str, number: usize) -> Result<(u64, Timestamp, &str), Failure> {
    let bad = |what: &str| {
        Failure::new(
            Exit::Usage,
            format!("stdin, line {number}: {what}; expected `id TAB milliseconds TAB text`"),
        )
    };
    let mut columns = line.splitn(3, '\t');
    let id =
        columns.next().and_then(|id| id.parse().ok()).ok_or_else(|| bad("the id is no number"))?;
    let at = columns
        .next()
        .and_then(|at| at.parse().ok())
        .and_then(|at| Timestamp::from_millisecond(at).ok())
        .ok_or_else(|| bad("the time is no number of milliseconds"))?;
    Ok((id, at, columns.next().ok_or_else(|| bad("the text is missing"))?))
}

/// A wire that exists only in memory: what is judged new is folded as if it had been told.
struct Desk {
    memory: Memory,
    source: Source,
    told: Vec<(u64, EventId, String)>,
}

impl Desk {
    fn new() -> Self {
        Desk { memory: Memory::new(Config::default()), source: Source::default(), told: Vec::new() }
    }

    fn take(&mut self, id: u64, at: Timestamp, text: &str) -> Verdict {
        let line = TickerLine {
            headline: text.to_owned(),
            version: 1,
            urgency: 2,
            ..TickerLine::default()
        };
        let drafts = [Draft { line: 1, item: Item::Ticker(line) }];
        let facts = Facts {
            source: &self.source,
            url: None,
            page_time: at,
            last_page: None,
            told: &[None],
        };
        let verdict = self.memory.judge(&facts, &drafts, 0);
        let [Draft { item, .. }] = drafts;
        match (verdict.decision, verdict.of) {
            (Decision::Repeat, Some(of)) => {
                if verdict.alias {
                    let alias = Alias {
                        after: Seq(self.told.len() as u64),
                        of: of.id,
                        text: Some(text.to_owned()),
                        at,
                    };
                    self.memory.fold(&Record::Alias(alias));
                }
            }
            _ => self.tell(id, at, item, &verdict),
        }
        self.memory.settle();
        verdict
    }

    fn tell(&mut self, id: u64, at: Timestamp, item: Item, verdict: &Verdict) {
        let seq = Seq(self.told.len() as u64 + 1);
        let mut name = [0; 16];
        name[..8].copy_from_slice(&seq.0.to_be_bytes());
        let event = EventId::of(Kind::Ticker, &Key(name), None);
        self.told.push((id, event, item.headline().unwrap_or_default().to_owned()));
        let page = PageRef::new("stdin", PageHash([0; 16]), at);
        let told = Event { source: self.source.clone(), ..Event::new(seq, event, item, page) };
        self.memory.fold(&Record::Event(Arc::new(verdict.clone().tell(told))));
    }

    fn earlier(&self, verdict: &Verdict) -> Option<&(u64, EventId, String)> {
        let of = verdict.of?;
        self.told.get(usize::try_from(of.seq.0).ok()?.checked_sub(1)?)
    }

    fn json(&self, id: u64, verdict: &Verdict, explain: bool) -> String {
        let earlier = self.earlier(verdict);
        let mut said = json!({
            "id": id,
            "decision": verdict.decision,
            "of": earlier.map(|(of, ..)| of),
            "rule": verdict.rule,
            "score": verdict.score,
            "differs": verdict.differs,
        });
        if explain {
            said["earlier"] = json!(earlier.map(|(.., text)| text));
        }
        said.to_string()
    }

    fn plain(&self, line: &str, verdict: &Verdict, explain: bool) -> String {
        let mut said = format!("{:<8} {line}", format!("{:?}", verdict.decision).to_lowercase());
        if let Some((id, _, text)) = self.earlier(verdict) {
            if explain {
                said += &format!(
                    "\n         of line {id}: {text}\n         rule: {} (score {:.2}){}{}",
                    verdict.rule,
                    verdict.score,
                    if verdict.differs.is_empty() { "" } else { "; differs: " },
                    verdict.differs.join(", ")
                );
            } else {
                said += &format!("  (line {id}: {})", verdict.rule);
            }
        }
        said
    }
}
