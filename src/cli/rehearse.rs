//! `flashwire rehearse`: judges the known pages again, under other settings, site files or rules,
//! and shows what of the wire would be otherwise. Nothing is told.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::Write,
    path::PathBuf,
    sync::{Arc, mpsc},
};

use jiff::{Timestamp, ToSpan as _};

use crate::{
    config::Config,
    desk::{self, Desk, Finished, Provenance, Seen, Submission},
    item::{Action, Event, EventId, Key, Outcome, PageHash, Record, Seq, Shown, Stored},
    outlet::words,
    page::{Meta, Page, PageName},
    parse::{Sites, lay_out},
    wire::{Known, LedgerPage, Publisher, ReadError, Spotted, SqliteStore, Store as _, ToldRow},
};

use super::{Exit, Failure, progress::Progress, store};

/// Arguments of `flashwire rehearse`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    store: store::Args,
    /// The TOML file to rehearse; without it the defaults, and this version's rules, are.
    #[arg(long, value_name = "NEW.toml")]
    config: Option<PathBuf>,
    /// Judge the pages taken in this time again: 12h, 7d.
    #[arg(long, value_name = "TIME", default_value = "7d")]
    since: String,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let config = super::config::load(args.config.as_deref())?;
    let sites = super::sites::load(&config.sites)?;
    let since = since(&args.since)?;
    let wire = Arc::new(args.store.read()?);
    let runtime = super::runtime()?;
    let rehearsal = Rehearsal::of(&runtime, &wire, &config, &sites, since).map_err(fail)?;
    let told = told(&wire, &runtime, rehearsal.start).map_err(fail)?;
    let otherwise = rehearsal.against(&told);
    account(&mut anstream::stdout().lock(), since, &rehearsal, &told, &otherwise)
        .map_err(Failure::output)
}

fn fail(error: ReadError) -> Failure {
    Failure::error(error.to_string())
}

fn since(text: &str) -> Result<Timestamp, Failure> {
    let wrong = || Failure::new(Exit::Usage, format!("--since {text}: write 12h or 7d"));
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let span = match unit {
        "m" => number.minutes(),
        "h" => number.hours(),
        "d" => (number.saturating_mul(24)).hours(),
        _ => return Err(wrong()),
    };
    Timestamp::now().checked_sub(span).map_err(|_| wrong())
}

/// Where something stands: the content of a page, and a line of it.
type Place = (PageHash, u32);

/// Asks the wire what was told under keys.
type Asking<'a> =
    dyn Fn(&[Key], Option<&Publisher>) -> Result<Vec<Option<ToldRow>>, ReadError> + 'a;

/// What is known up to where the rehearsal begins, and what the rehearsal itself has told.
struct Before<'a> {
    wire: &'a Asking<'a>,
    seen: &'a Seen,
    start: Seq,
}

impl Known for Before<'_> {
    fn told(
        &self,
        keys: &[Key],
        of: Option<&Publisher>,
    ) -> Result<Vec<Option<ToldRow>>, ReadError> {
        let rehearsed = self.seen.told(keys, of)?;
        let stored = (self.wire)(keys, of)?;
        let stored = stored.into_iter().map(|row| row.filter(|row| row.seq <= self.start));
        Ok(rehearsed.into_iter().zip(stored).map(|(new, old)| new.or(old)).collect())
    }

    fn page(&self, hash: PageHash) -> Result<Option<Vec<Spotted>>, ReadError> {
        self.seen.page(hash)
    }

    fn holds_page(&self, name: &[u8], hash: PageHash) -> Result<bool, ReadError> {
        self.seen.holds_page(name, hash)
    }

    fn holds_event(&self, id: EventId) -> Result<bool, ReadError> {
        self.seen.holds_event(id)
    }

    fn origins(&self, seq: Seq) -> Result<Vec<String>, ReadError> {
        self.seen.origins(seq)
    }

    fn last_ticker_page(
        &self,
        of: &Publisher,
        until: Timestamp,
    ) -> Result<Option<Timestamp>, ReadError> {
        self.seen.last_ticker_page(of, until)
    }
}

/// What the pages give when they are judged again.
struct Rehearsal {
    /// The last position told before.
    start: Seq,
    pages: usize,
    /// Pages whose bytes are not kept.
    without: usize,
    told: BTreeMap<Seq, Arc<Event>>,
    /// Where each draft ended, then and now.
    was: HashMap<Place, Seq>,
    now: HashMap<Place, Seq>,
}

impl Rehearsal {
    fn of(
        runtime: &tokio::runtime::Runtime,
        wire: &Arc<SqliteStore>,
        config: &Config,
        sites: &Sites,
        since: Timestamp,
    ) -> Result<Self, ReadError> {
        let start = runtime.block_on(wire.before(since))?;
        let mut desk = prepared(runtime, wire, config, since, start)?;
        let mut pages = runtime.block_on(wire.pages(false, usize::MAX >> 1))?;
        pages.retain(|page| page.seen >= since && page.outcome == Outcome::Done);
        pages.reverse();
        let mut rehearsal = Rehearsal {
            start,
            pages: 0,
            without: 0,
            told: BTreeMap::new(),
            was: HashMap::new(),
            now: HashMap::new(),
        };
        let (mut seen, mut taken) = (Seen::default(), HashSet::new());
        let snapshot = wire.snapshot()?;
        let stored = |keys: &[Key], of: Option<&Publisher>| snapshot.told(keys, of);
        let mut progress = Progress::new("judging pages again", pages.len() as u64);
        for row in pages {
            progress.step();
            let Some(hash) = row.hash.filter(|hash| taken.insert(*hash)) else { continue };
            let Some(bytes) = runtime.block_on(wire.evidence(hash))? else {
                // It told nothing new then, and its file is not looked for.
                rehearsal.without += 1;
                continue;
            };
            rehearsal.pages += 1;
            for spotted in snapshot.page(hash)?.unwrap_or_default() {
                rehearsal.was.insert((hash, spotted.line), spotted.seq);
            }
            let Some(page) = laid_out(&mut desk, &row, hash, bytes, sites) else { continue };
            if desk.next_due().is_some_and(|due| due <= row.seen) {
                rehearsal.release(&mut desk, &stored, &mut seen, row.seen)?;
            }
            desk.begin_batch(row.seen);
            let before = Before { wire: &stored, seen: &seen, start };
            let judged = desk.judge(&page, &before, row.seen)?;
            seen.absorb(desk.written());
            for spotted in judged.group.sightings {
                rehearsal.now.insert((hash, spotted.line), spotted.seq);
            }
            for entry in judged.group.events {
                rehearsal.told.insert(entry.seq, entry.event.clone());
            }
        }
        if desk.next_due().is_some_and(|due| due <= Timestamp::now()) {
            rehearsal.release(&mut desk, &stored, &mut seen, Timestamp::now())?;
        }
        Ok(rehearsal)
    }

    /// Tells what was held back until `now`.
    fn release(
        &mut self,
        desk: &mut Desk,
        stored: &Asking<'_>,
        seen: &mut Seen,
        now: Timestamp,
    ) -> Result<(), ReadError> {
        desk.begin_batch(now);
        let before = Before { wire: stored, seen, start: self.start };
        let group = desk.release(&before, now)?;
        seen.absorb(desk.written());
        for entry in group.events {
            let place = (entry.event.page.hash, entry.event.page.line);
            self.now.insert(place, entry.seq);
            self.told.insert(entry.seq, entry.event.clone());
        }
        Ok(())
    }

    /// What would be otherwise.
    fn against(&self, told: &BTreeMap<Seq, Arc<Event>>) -> Otherwise {
        let place = |event: &Event| (event.page.hash, event.page.line);
        let rehearsed: HashMap<Place, Seq> =
            self.told.values().map(|event| (place(event), event.seq)).collect();
        let first: HashMap<Place, Seq> =
            told.values().map(|event| (place(event), event.seq)).collect();
        let mut otherwise = Otherwise::default();
        for event in told.values() {
            let place = place(event);
            // Of a page whose bytes are not kept nothing can be said.
            if !self.was.contains_key(&place) {
                continue;
            }
            match (rehearsed.get(&place), self.now.get(&place)) {
                (Some(seq), _) => {
                    let now = &self.told[seq];
                    if now.action != event.action {
                        otherwise.changed.push((event.clone(), now.clone()));
                    }
                }
                (None, Some(into)) => otherwise.merged.push((event.clone(), *into)),
                (None, None) => otherwise.vanished.push(event.clone()),
            }
        }
        for event in self.told.values() {
            let place = place(event);
            if first.contains_key(&place) {
                continue;
            }
            match self.was.get(&place) {
                Some(from) => otherwise.split.push((event.clone(), *from)),
                None => otherwise.appeared.push(event.clone()),
            }
        }
        otherwise
    }

    /// The words of an event that was told in the rehearsal.
    fn words(&self, seq: Seq, told: &BTreeMap<Seq, Arc<Event>>) -> String {
        let event = self.told.get(&seq).or_else(|| told.get(&seq));
        event.map_or(format!("#{seq}"), |event| words::title(&event.item))
    }
}

/// A desk that knows what was told up to where the rehearsal begins.
fn prepared(
    runtime: &tokio::runtime::Runtime,
    wire: &Arc<SqliteStore>,
    config: &Config,
    since: Timestamp,
    start: Seq,
) -> Result<Desk, ReadError> {
    let mut desk = Desk::new(&desk::Config {
        dedup: config.dedup.clone(),
        fresh_within: config.pipeline.fresh_within,
    });
    let (to, records) = mpsc::channel();
    let each = move |record: Stored<'_>| {
        let record = match record {
            Stored::Event(json) => {
                let event: Event = serde_json::from_str(json)
                    .map_err(|error| ReadError(format!("an event is not readable: {error}")))?;
                (event.seq <= start).then(|| Record::Event(Arc::new(event)))
            }
            Stored::Alias(alias) => (alias.after < start).then_some(Record::Alias(alias)),
        };
        // The receiver lives as long as the reading.
        record.into_iter().for_each(|record| drop(to.send(record)));
        Ok(())
    };
    let horizon = since.checked_sub(config.dedup.window()).unwrap_or(Timestamp::MIN);
    runtime.block_on(wire.replay(Some(horizon), Box::new(each)))?;
    let records: Vec<Record> = records.iter().collect();
    let last = records.iter().rev().find_map(|record| match record {
        Record::Event(event) => Some(event.time),
        Record::Alias(_) => None,
    });
    desk.not_after(Timestamp::now());
    desk.begin(start, last.unwrap_or(Timestamp::MIN));
    desk.catch_up(&records, Vec::new());
    desk.begin(start, last.unwrap_or(Timestamp::MIN));
    Ok(desk)
}

/// A page of the ledger as it comes to the desk.
fn laid_out(
    desk: &mut Desk,
    row: &LedgerPage,
    hash: PageHash,
    bytes: Vec<u8>,
    sites: &Sites,
) -> Option<Finished> {
    let name = PageName::new(row.name.as_bytes());
    let page = Page {
        format: name.format()?,
        name: name.clone(),
        bytes: bytes.into(),
        hash,
        modified: row.at,
        seen: row.seen,
        meta: Meta { url: row.url.clone(), captured: Some(row.at), crawler: None },
    };
    let from =
        Provenance { hash: Some(hash), captured: Some(row.at), ..Provenance::new(name, row.seen) };
    let submission = Submission::new(from, Ok(lay_out(&page, sites)), desk.seed());
    Some(desk.finish(submission))
}

/// What was told behind `start` and stands.
fn told(
    wire: &SqliteStore,
    runtime: &tokio::runtime::Runtime,
    start: Seq,
) -> Result<BTreeMap<Seq, Arc<Event>>, ReadError> {
    let mut told = BTreeMap::new();
    let mut at = start;
    loop {
        let slice = runtime.block_on(wire.read(at, 1000))?;
        let Some(last) = slice.last() else { return Ok(told) };
        at = last.seq;
        let stands =
            |event: &Event| event.withdrawn_by.is_none() && event.action != Action::Withdrawn;
        let events = slice.iter().map(|entry| entry.event.clone());
        told.extend(events.filter(|event| stands(event)).map(|event| (event.seq, event)));
    }
}

/// What would be otherwise.
#[derive(Default)]
struct Otherwise {
    /// Told now, and no draft then.
    appeared: Vec<Arc<Event>>,
    /// Told then, and no draft now.
    vanished: Vec<Arc<Event>>,
    /// Told then, and a repeat of another event now.
    merged: Vec<(Arc<Event>, Seq)>,
    /// Told now, and a repeat of another event then.
    split: Vec<(Arc<Event>, Seq)>,
    /// Told as something else.
    changed: Vec<(Arc<Event>, Arc<Event>)>,
}

fn account(
    out: &mut impl Write,
    since: Timestamp,
    rehearsal: &Rehearsal,
    told: &BTreeMap<Seq, Arc<Event>>,
    otherwise: &Otherwise,
) -> std::io::Result<()> {
    writeln!(
        out,
        "{} pages since {}, judged again ({} more told nothing and are not kept): {} events were told, {} would be",
        rehearsal.pages,
        since.strftime("%Y-%m-%d %H:%M"),
        rehearsal.without,
        told.len(),
        rehearsal.told.len()
    )?;
    let why = |event: &Event| {
        event.verdict.as_ref().map_or(String::new(), |why| format!("  \x1b[2m{}\x1b[0m", why.rule))
    };
    let said = |event: &Event| words::title(&event.item);
    let at = |event: &Event| {
        let page = Shown::exact(&event.page.name).to_string();
        format!("\x1b[2m{page} line {}\x1b[0m", event.page.line)
    };
    let head = |out: &mut dyn Write, what: &str, count: usize| match count {
        0 => Ok(()),
        count => writeln!(out, "\n\x1b[1m{what}: {count}\x1b[0m"),
    };
    head(out, "would appear", otherwise.appeared.len())?;
    for event in &otherwise.appeared {
        writeln!(out, "  \x1b[32m+\x1b[0m {}  {}{}", said(event), at(event), why(event))?;
    }
    head(out, "would vanish", otherwise.vanished.len())?;
    for event in &otherwise.vanished {
        writeln!(out, "  \x1b[31m-\x1b[0m #{} {}  {}", event.seq, said(event), at(event))?;
    }
    head(out, "would merge into another event", otherwise.merged.len())?;
    for (event, into) in &otherwise.merged {
        writeln!(out, "  \x1b[33m>\x1b[0m #{} {}  {}", event.seq, said(event), at(event))?;
        writeln!(out, "      into {}", Shown::prose(rehearsal.words(*into, told)))?;
    }
    head(out, "would be events of their own", otherwise.split.len())?;
    for (event, from) in &otherwise.split {
        writeln!(out, "  \x1b[36m<\x1b[0m {}  {}{}", said(event), at(event), why(event))?;
        let words = told.get(from).map(|event| words::title(&event.item));
        let words = words.unwrap_or_default();
        writeln!(out, "      a repeat of #{from} {}", Shown::prose(words))?;
    }
    head(out, "would be told otherwise", otherwise.changed.len())?;
    for (was, now) in &otherwise.changed {
        writeln!(out, "  ~ #{} {}  {}{}", was.seq, said(now), at(now), why(now))?;
        writeln!(out, "      {} instead of {}", now.action.as_str(), was.action.as_str())?;
    }
    let same = otherwise.appeared.is_empty()
        && otherwise.vanished.is_empty()
        && otherwise.merged.is_empty()
        && otherwise.split.is_empty()
        && otherwise.changed.is_empty();
    if same {
        writeln!(out, "nothing would be otherwise")?;
    }
    Ok(())
}
