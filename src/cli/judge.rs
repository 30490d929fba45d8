//! `flashwire judge`: judges lines from stdin as the dedup stage would, without telling them.

use std::io::{BufRead, IsTerminal as _, Write};

use jiff::Timestamp;
use serde_json::json;

use super::{Failure, exit::Exit};
use crate::{
    dedup::{Verdict, rules},
    desk::{self, Desk, Provenance, Seen, Submission},
    item::{Draft, Item, PageHash, Shown, TickerLine},
    page::PageName,
    parse::{Parsed, Sheet},
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
    let terminal = std::io::stdout().is_terminal();
    let mut out = std::io::BufWriter::new(anstream::stdout().lock());
    if args.rules {
        write!(out, "{}", rules()).map_err(Failure::output)?;
        return out.flush().map_err(Failure::output);
    }
    let mut lines = Lines::new();
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line.map_err(|error| {
            Failure::error(format!("stdin, line {}: {error}; judge reads UTF-8 text", number + 1))
        })?;
        let said = if args.tsv {
            let (id, at, text) = columns(&line, number + 1)?;
            let verdict = lines.take(id, at, text)?;
            let said = lines.json(id, &verdict, args.explain);
            if terminal { Shown::json(said).to_string() } else { said }
        } else {
            if line.trim().is_empty() {
                continue;
            }
            let id = number as u64 + 1;
            let verdict = lines.take(id, Timestamp::UNIX_EPOCH, &line)?;
            lines.plain(&line, &verdict, args.explain)
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

/// The desk, and a wire that exists only in memory: each line is a page of its own.
struct Lines {
    desk: Desk,
    seen: Seen,
    told: Vec<(u64, String)>,
    taken: u64,
}

impl Lines {
    fn new() -> Self {
        let desk = Desk::new(&desk::Config::default());
        Lines { desk, seen: Seen::default(), told: Vec::new(), taken: 0 }
    }

    fn take(&mut self, id: u64, at: Timestamp, text: &str) -> Result<Verdict, Failure> {
        self.taken += 1;
        let line = TickerLine { headline: text.to_owned(), urgency: 2, ..TickerLine::default() };
        let mut parsed = Parsed::default();
        parsed.drafts.push(Draft { line: 1, item: Item::Ticker(line) });
        let from = Provenance {
            hash: Some(PageHash::of(&self.taken.to_le_bytes())),
            ..Provenance::new(PageName::new(&b"stdin"[..]), at)
        };
        let page =
            self.desk.finish(Submission::new(from, Ok(Sheet::saying(parsed)), self.desk.seed()));
        // Whatever the lines say is the time.
        self.desk.begin_batch(Timestamp::MAX);
        let judged = self.desk.judge(&page, &self.seen, at);
        let mut judged = judged.map_err(|error| Failure::error(error.to_string()))?;
        self.seen.absorb(self.desk.written());
        if !judged.group.events.is_empty() {
            self.told.push((id, text.to_owned()));
        }
        judged.verdicts.pop().ok_or_else(|| Failure::error("a line was not judged".to_owned()))
    }

    fn earlier(&self, verdict: &Verdict) -> Option<&(u64, String)> {
        let of = verdict.of?;
        self.told.get(usize::try_from(of.seq.0).ok()?.checked_sub(1)?)
    }

    fn json(&self, id: u64, verdict: &Verdict, explain: bool) -> String {
        let earlier = self.earlier(verdict);
        let mut said = json!({
            "id": id,
            "decision": verdict.decision,
            "of": earlier.map(|(of, _)| of),
            "rule": verdict.rule,
            "score": verdict.score,
            "differs": verdict.differs,
        });
        if explain {
            said["earlier"] = json!(earlier.map(|(_, text)| text));
        }
        said.to_string()
    }

    fn plain(&self, line: &str, verdict: &Verdict, explain: bool) -> String {
        let mut said = format!(
            "{:<8} {}",
            format!("{:?}", verdict.decision).to_lowercase(),
            Shown::prose(line)
        );
        if let Some((id, text)) = self.earlier(verdict) {
            let text = Shown::prose(text);
            if explain {
                said += &format!(
                    "\n         of line {id}: {text}\n         rule: {} (score {:.2}){}{}",
                    verdict.rule,
                    verdict.score,
                    if verdict.differs.is_empty() { "" } else { "; differs: " },
                    Shown::prose(verdict.differs.join(", "))
                );
            } else {
                said += &format!("  (line {id}: {})", verdict.rule);
            }
        }
        said
    }
}
