//! How long a start takes on a wire that holds a full window.
//!
//! ```console
//! cargo run --release --example restart -- --events 1000000 --rounds 3
//! ```
//!
//! Writes a wire of so many told ticker lines, forty to a page, all within the dedup window, then
//! starts `flashwire run` on it: once it answers `/readyz` subscribers are served, and once
//! `/v1/stats` says `judging` the desk knows what was told. With `--wire FILE` the wire is kept
//! there, or used if it is there already.

#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::{
    collections::BTreeMap,
    error::Error,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use flashwire::{
    dedup::RULES,
    item::{Event, EventId, Item, Key, Kind, Outcome, PageHash, PageRef, Seq, Source, TickerLine},
    wire::{Config, Durability, Entry, Group, Order as _, PageRow, Spotted, SqliteStore, ToldKey},
};
use jiff::{SignedDuration, Timestamp};

const LINES: u64 = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut events, mut rounds, mut kept) = (1_000_000_u64, 3, None);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or("every option has a value")?;
        match arg.as_str() {
            "--events" => events = value.parse()?,
            "--rounds" => rounds = value.parse()?,
            "--wire" => kept = Some(PathBuf::from(value)),
            _ => return Err("options: --events N, --rounds N, --wire FILE".into()),
        }
    }
    let root = tempfile::tempdir()?;
    let pages = root.path().join("pages");
    std::fs::create_dir(&pages)?;
    let wire = kept.unwrap_or_else(|| root.path().join("pages.flashwire.db"));
    if !wire.exists() {
        let start = Instant::now();
        write(&wire, events)?;
        println!("{events} events written in {:.1} s", start.elapsed().as_secs_f64());
    }
    for round in 1..=rounds {
        let start = Instant::now();
        let daemon = Daemon::start(&pages, &wire)?;
        let address = daemon.address(&wire)?;
        daemon.wait(|| ureq::get(format!("http://{address}/readyz")).call().is_ok())?;
        let served = start.elapsed();
        daemon.wait(|| {
            let stats = ureq::get(format!("http://{address}/v1/stats")).call();
            let text = stats.ok().and_then(|mut stats| stats.body_mut().read_to_string().ok());
            text.is_some_and(|text| text.contains("\"judging\":true"))
        })?;
        let judging = start.elapsed();
        println!(
            "round {round}: served after {:.2} s, judging after {:.2} s ({:.2} s of a core, {} MB resident)",
            served.as_secs_f64(),
            judging.as_secs_f64(),
            daemon.worked().as_secs_f64(),
            daemon.resident() >> 20
        );
    }
    Ok(())
}

/// Made-up lines whose words are spread as real ones are: few of them everywhere, most hardly ever.
struct Lines(u64);

impl Lines {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn line(&mut self, number: u64) -> String {
        const BEGINNINGS: [&str; 16] = [
            "ka", "ro", "mi", "ten", "vel", "dor", "is", "an", "pu", "lem", "or", "ga", "shi",
            "wen", "tal", "bre",
        ];
        let mut line = String::from("Harbour desk:");
        // No two lines are the same: two of the words together number them.
        for part in [number / 1000, number % 1000] {
            line.push_str(" q");
            for digit in part.to_string().bytes() {
                line.push_str(BEGINNINGS[usize::from(digit - b'0')]);
            }
        }
        for _ in 0..7 + self.roll() % 6 {
            let share = (self.roll() >> 11) as f64 / (1_u64 << 53) as f64;
            let mut rank = 100_000_f64.powf(share) as usize;
            line.push(' ');
            loop {
                line.push_str(BEGINNINGS[rank % 16]);
                rank /= 16;
                if rank == 0 {
                    break;
                }
            }
        }
        line
    }
}

fn write(path: &Path, events: u64) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let now = Timestamp::now();
    let config = Config { durability: Durability::Process, ..Config::default() };
    let wire = SqliteStore::open(path, &config, now)?;
    let mut lines = Lines(0x5eed);
    let mut head = 0;
    let pages = events.div_ceil(LINES);
    for first in (0..pages).step_by(250) {
        let groups: Vec<Group> = (first..pages.min(first + 250))
            .map(|page| {
                // Sixty of the seventy-two hours of the window.
                let before = (pages - page) as i64 * 60 * 3_600_000 / pages as i64;
                let at = now - SignedDuration::from_millis(before);
                let told: Vec<Event> = (0..LINES.min(events - page * LINES))
                    .map(|_| {
                        head += 1;
                        event(head, lines.line(head), page, at)
                    })
                    .collect();
                group(page, at, told)
            })
            .collect();
        runtime.block_on(wire.append(wire.position(), groups.into()))?;
    }
    wire.close();
    Ok(())
}

fn event(seq: u64, line: String, page: u64, at: Timestamp) -> Event {
    let id = EventId::of(Kind::Ticker, &Key::of_ticker(&line), None);
    let item = Item::Ticker(TickerLine {
        headline: line,
        attribution: Some("Harbour desk".into()),
        language: Some("en".into()),
        urgency: 2,
        ..TickerLine::default()
    });
    let told = PageRef {
        line: seq as u32 % 40 + 6,
        ..PageRef::new(format!("{page}.txt"), PageHash::of(&page.to_le_bytes()), at)
    };
    let source = Source { name: Some("The Amal Courier".into()), ..Source::default() };
    Event { source, rules: RULES, ..Event::new(Seq(seq), id, item, told) }
}

fn group(page: u64, at: Timestamp, events: Vec<Event>) -> Group {
    let key = |event: &Event| Key::of(&event.item);
    Group {
        sightings: events
            .iter()
            .map(|event| Spotted { id: event.id, seq: event.seq, line: event.page.line })
            .collect(),
        told: events
            .iter()
            .map(|event| ToldKey { key: key(event), id: event.id, seq: event.seq, at })
            .collect(),
        page: Some(PageRow {
            name: format!("{page}.txt").into_bytes(),
            hash: Some(PageHash::of(&page.to_le_bytes())),
            stat: [1, page, 4096, 0, 0],
            outcome: Outcome::Done,
            reason: None,
            seen: at,
            at,
            lane: "live",
            ticket: page,
            source: Some("The Amal Courier".into()),
            url: None,
            ticker_lines: events.len() as u32,
            lines: BTreeMap::new(),
            remarks: Vec::new(),
        }),
        events: events.into_iter().map(|event| Arc::new(Entry::new(Arc::new(event)))).collect(),
        ..Group::default()
    }
}

struct Daemon(Child);

impl Daemon {
    fn start(pages: &Path, wire: &Path) -> Result<Self, Box<dyn Error>> {
        let binary = std::env::current_exe()?;
        let binary = binary.ancestors().nth(2).ok_or("no target folder")?.join("flashwire");
        let child = Command::new(binary)
            .arg("run")
            .arg(pages)
            .args(["--listen", "127.0.0.1:0", "--wire"])
            .arg(wire)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Daemon(child))
    }

    fn wait(&self, there: impl Fn() -> bool) -> Result<(), Box<dyn Error>> {
        let end = Instant::now() + Duration::from_secs(120);
        while Instant::now() < end {
            if there() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err("the daemon did not get there in two minutes".into())
    }

    /// Host and port, as written into the wire's lock file by this very process.
    fn address(&self, wire: &Path) -> Result<String, Box<dyn Error>> {
        let mut lock = wire.as_os_str().to_owned();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        let read = || {
            let text = std::fs::read_to_string(&lock).ok()?;
            let holder: serde_json::Value = serde_json::from_str(&text).ok()?;
            let own = holder["pid"].as_u64() == Some(u64::from(self.0.id()));
            holder["url"].as_str()?.strip_prefix("http://").filter(|_| own).map(str::to_owned)
        };
        self.wait(|| read().is_some())?;
        read().ok_or_else(|| "the lock file is gone".into())
    }

    fn worked(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0.id()));
        let nanos = tasks.into_iter().flatten().flatten().filter_map(|task| {
            let stat = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            stat.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanos.sum())
    }

    fn resident(&self) -> usize {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.0.id()));
        let statm = statm.unwrap_or_default();
        statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
