//! A random mix of all that happens to a daemon in a day, against an oracle that recounts from the
//! pages themselves. A person runs it for longer: `FLASHWIRE_MIX_SECONDS=3600`, and again with the
//! seed that was printed: `FLASHWIRE_SEED=…`.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use flashwire::{
    item::{Event, EventId, Key, Kind, Outcome, PageHash, Seq},
    wire::{SqliteStore, Store as _},
};
use serde_json::{Value, json};

use crate::daemon::{Client, Daemon, Desk, eventually, flashwire, output, runtime};

const COLOURS: [&str; 3] = ["red", "blue", "green"];

/// The one line of that number: no two lines are alike, and a line has one wording.
fn line(number: u64) -> String {
    let colour = COLOURS[(number % 3) as usize];
    format!("Radio Vellin: Number {number} of the {colour} barges has passed the lock of Ostermund")
}

/// What is in no other line.
fn mark(number: u64) -> String {
    format!("Number {number} of")
}

fn number(line: &str) -> u64 {
    line.split("Number ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
}

fn name_of(number: u64) -> EventId {
    EventId::of(Kind::Ticker, &Key::of_ticker(&line(number)), None)
}

/// xorshift64*: the same seed draws the same.
struct Draws(u64);

impl Draws {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// A stretch of the wire that a subscriber was sent under one filter.
#[derive(Debug)]
struct Stretch {
    /// `None` for everything, else lines of one colour.
    colour: Option<u64>,
    after: u64,
    until: u64,
    seqs: Vec<u64>,
}

/// What subscribers must know of the daemon.
#[derive(Default)]
struct Place {
    url: Mutex<Option<String>>,
    ending: AtomicBool,
}

fn query(colour: Option<u64>) -> String {
    colour.map(|colour| COLOURS[colour as usize].to_owned()).unwrap_or_default()
}

fn seq_of(cursor: &Value) -> u64 {
    cursor.as_str().unwrap().split(':').nth(1).unwrap().parse().unwrap()
}

/// Subscribes, stalls, wants something else, leaves and resumes, until all is told.
async fn subscriber(place: Arc<Place>, mut draws: Draws) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut cursor: Option<String> = None;
    let colour = |draws: &mut Draws| Some(draws.below(4)).filter(|colour| *colour < 3);
    loop {
        let last_time = place.ending.load(Ordering::SeqCst);
        let url = place.url.lock().unwrap().clone();
        let mut now = Stretch {
            colour: colour(&mut draws),
            after: cursor.as_ref().map_or(0, |cursor| seq_of(&json!(cursor))),
            until: 0,
            seqs: Vec::new(),
        };
        now.until = now.after;
        let from = cursor.as_deref().unwrap_or("earliest");
        let q = match now.colour {
            Some(_) => format!("&q={}", query(now.colour)),
            None => String::new(),
        };
        let client = match &url {
            Some(url) => Client::connect(url, &format!("?cursor={from}{q}"), None).await,
            None => None,
        };
        let Some(mut client) = client else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        assert_eq!(client.hello["recovered"], true, "{}", client.hello);
        let mut through = false;
        while let Some(frame) = client.frame().await {
            match frame["type"].as_str().unwrap() {
                "event" => {
                    let seq = frame["seq"].as_u64().unwrap();
                    assert!(seq > now.until, "{seq} comes after {}", now.until);
                    now.seqs.push(seq);
                    now.until = seq;
                }
                "caughtUp" | "heartbeat" | "goodbye" | "ack" => {
                    let until = seq_of(&frame["cursor"]);
                    assert!(until >= now.until, "{frame} comes after {}", now.until);
                    now.until = until;
                    through |= frame["type"] == "caughtUp";
                    if frame["type"] == "ack" {
                        let colour = frame["id"].as_u64();
                        let next = Stretch { colour, after: until, until, seqs: Vec::new() };
                        stretches.push(std::mem::replace(&mut now, next));
                    }
                }
                "stats" => {}
                _ => panic!("{frame}"),
            }
            if last_time && through {
                break;
            }
            if last_time {
                continue;
            }
            if draws.one_in(30) {
                // The answer carries it, since events under the old filter may come before that.
                let colour = colour(&mut draws);
                let op = json!({"op": "filter", "id": colour, "q": query(colour)});
                client.say(&op.to_string()).await;
            } else if draws.one_in(40) {
                tokio::time::sleep(Duration::from_millis(draws.below(600))).await;
            } else if draws.one_in(100) {
                break;
            }
        }
        let epoch = client.hello["epoch"].as_str().unwrap();
        cursor = Some(format!("{epoch}:{}", now.until));
        stretches.push(now);
        if last_time && through {
            return stretches;
        }
    }
}

/// The daemon and all that was done to it.
struct Mix {
    desk: Desk,
    daemon: Option<Daemon>,
    place: Arc<Place>,
    draws: Draws,
    /// Lines of each page that was ever dropped, by its content.
    contents: HashMap<PageHash, Vec<u64>>,
    /// What lies in the folder.
    files: BTreeMap<String, String>,
    names: Vec<String>,
    next_line: u64,
    withdrawn: BTreeSet<u64>,
    done: BTreeMap<&'static str, u32>,
}

impl Mix {
    fn new(seed: u64) -> Self {
        Mix {
            desk: Desk::new(),
            daemon: None,
            place: Arc::default(),
            draws: Draws(seed),
            contents: HashMap::new(),
            files: BTreeMap::new(),
            names: Vec::new(),
            next_line: 0,
            withdrawn: BTreeSet::new(),
            done: BTreeMap::new(),
        }
    }

    fn start(&mut self) {
        let mut command = self.desk.command();
        command.env("FLASHWIRE_BROADCAST_RING_BYTES", "1048576");
        let daemon = self.desk.started(&mut command);
        *self.place.url.lock().unwrap() = Some(daemon.url().to_owned());
        self.daemon = Some(daemon);
    }

    fn end(&mut self, kill: bool) {
        *self.place.url.lock().unwrap() = None;
        let daemon = self.daemon.take().unwrap();
        if kill {
            drop(daemon);
        } else {
            assert!(daemon.stop().success());
        }
    }

    /// A page of lines told before and lines that are new.
    fn page(&mut self) -> String {
        let mut numbers = BTreeSet::new();
        for _ in 0..1 + self.draws.below(5) {
            if self.next_line > 0 && self.draws.one_in(3) {
                numbers.insert(self.draws.below(self.next_line));
            } else {
                numbers.insert(self.next_line);
                self.next_line += 1;
            }
        }
        let lines: Vec<String> = numbers.iter().map(|number| line(*number)).collect();
        // Where the source is unknown, lines return on pages that begin alike.
        // Digits of short lines count alike.
        let digits = self.contents.len().to_string();
        let top: String = digits.bytes().map(|digit| char::from(digit + b'a' - b'0')).collect();
        format!("edition {top}\n\nBREAKING\n{}\n", lines.join("\n"))
    }

    fn drop(&mut self, name: String, text: String) {
        let numbers = text.lines().skip(3).map(number).collect();
        self.contents.insert(PageHash::of(text.as_bytes()), numbers);
        self.desk.drop(&name, &text);
        if self.files.insert(name.clone(), text).is_none() {
            self.names.push(name);
        }
    }

    fn new_name(&self) -> String {
        format!("{}.txt", self.names.len())
    }

    fn any_name(&mut self) -> String {
        let at = self.draws.below(self.names.len() as u64) as usize;
        self.names[at].clone()
    }

    fn step(&mut self) {
        let what = match self.draws.below(100) {
            0..60 => {
                let burst = if self.draws.one_in(10) { 30 } else { 2 };
                for _ in 0..1 + self.draws.below(burst) {
                    let page = self.page();
                    self.drop(self.new_name(), page);
                }
                "dropped"
            }
            _ if self.names.is_empty() => return,
            60..69 => {
                let (name, page) = (self.any_name(), self.page());
                self.drop(name, page);
                "overwritten"
            }
            69..76 => {
                let name = self.any_name();
                let text = self.files[&name].clone();
                self.drop(self.new_name(), text);
                "copied"
            }
            76..82 => {
                let name = self.any_name();
                let text = self.files[&name].clone();
                self.drop(name, text);
                "dropped again"
            }
            82..88 => {
                let what = if self.draws.one_in(2) {
                    self.any_name()
                } else {
                    name_of(self.draws.below(self.next_line)).to_string()
                };
                if !self.withdraw(&what) {
                    return;
                }
                "withdrawn"
            }
            88..91 => {
                self.read_all();
                "read"
            }
            91..94 => {
                self.back_up();
                "backed up"
            }
            94..97 => {
                self.end(false);
                self.start();
                "stopped"
            }
            _ => {
                self.end(true);
                self.start();
                "killed"
            }
        };
        *self.done.entry(what).or_default() += 1;
    }

    fn withdraw(&mut self, what: &str) -> bool {
        let mut command = flashwire();
        command.args(["withdraw", what, "--reason", "A test", "--wire"]).arg(self.desk.wire());
        let (code, said, err) = output(&mut command);
        if code != Some(0) {
            assert!(err.contains("nothing to withdraw"), "{err}");
            return false;
        }
        let ids: HashSet<&str> =
            said.lines().map(|line| line.strip_prefix("withdrawn ").unwrap()).collect();
        let numbers: Vec<u64> = (0..self.next_line)
            .filter(|n| ids.contains(name_of(*n).to_string().as_str()))
            .collect();
        assert_eq!(numbers.len(), ids.len(), "{said}");
        self.withdrawn.extend(numbers);
        true
    }

    /// What a new subscriber gets has no word that was withdrawn.
    fn read_all(&self) {
        let daemon = self.daemon.as_ref().unwrap();
        let events =
            runtime().block_on(async { daemon.subscribe("?cursor=earliest").await.replay().await });
        let text: String = events.iter().map(|event| format!("{event}\n")).collect();
        let (_, listed) = daemon.get("/v1/events?last=200");
        for number in &self.withdrawn {
            assert!(!text.contains(&mark(*number)), "line {number} was withdrawn");
            assert!(!listed.contains(&mark(*number)), "line {number} was withdrawn");
        }
    }

    /// A copy is whole, and the beginning of what is on the wire.
    fn back_up(&self) {
        let copy = self.desk.beside("copy.db");
        let mut command = flashwire();
        command.args(["backup", "--wire"]).arg(self.desk.wire()).arg(&copy);
        let (code, _, err) = output(&mut command);
        assert_eq!(code, Some(0), "{err}");
        let opened =
            SqliteStore::open(&copy, &flashwire::wire::Config::default(), jiff::Timestamp::now())
                .unwrap();
        let runtime = runtime();
        assert_eq!(runtime.block_on(opened.verify()).unwrap(), Vec::<String>::new());
        assert_eq!(opened.epochs().len(), 2, "it begins an epoch of its own");
        let copied = runtime.block_on(opened.read(Seq(0), usize::MAX)).unwrap();
        let ids = |events: Vec<Arc<Event>>| -> Vec<EventId> {
            events.iter().map(|event| event.id).collect()
        };
        let copied = ids(copied.iter().map(|entry| entry.event.clone()).collect());
        assert!(ids(self.desk.events()).starts_with(&copied));
        opened.close();
        drop(opened);
        for file in ["copy.db", "copy.db-wal", "copy.db-shm", "copy.db.lock"] {
            remove(&self.desk.beside(file));
        }
    }

    /// Waits until all that lies in the folder is in the ledger.
    fn wait(&self) {
        eventually("all files in the ledger", || {
            let taken = self.ledger();
            let waits = self.files.iter().find(|(name, text)| {
                !taken.contains_key(&((*name).clone(), PageHash::of(text.as_bytes())))
            });
            waits.is_none().then_some(())
        });
    }

    fn ledger(&self) -> HashMap<(String, PageHash), Outcome> {
        let pages = self
            .desk
            .read(|wire| runtime().block_on(wire.pages(false, usize::MAX >> 1)).unwrap())
            .unwrap();
        pages.into_iter().filter_map(|page| Some(((page.name, page.hash?), page.outcome))).collect()
    }

    /// Recounts from the pages what must stand on the wire.
    fn recount(&self) -> HashMap<u64, Option<u64>> {
        assert_eq!(self.desk.verify(), Vec::<String>::new());
        let taken = self.ledger();
        let mut lines = BTreeSet::new();
        let mut sightings = 0;
        for ((name, hash), outcome) in &taken {
            assert_eq!(*outcome, Outcome::Done, "{name}");
            let numbers = &self.contents[hash];
            lines.extend(numbers.iter().copied());
            sightings += numbers.len() as u64;
        }
        assert_eq!(self.desk.counts().sightings, sightings, "every draft ends once");

        let by_id: HashMap<EventId, u64> = lines.iter().map(|n| (name_of(*n), *n)).collect();
        let events = self.desk.events();
        let mut told = BTreeSet::new();
        let mut taken_back = BTreeSet::new();
        let mut by_seq = HashMap::new();
        for (at, event) in events.iter().enumerate() {
            assert_eq!(event.seq.0, at as u64 + 1, "numbers without holes");
            if let Some(withdrawal) = &event.withdraws {
                assert!(taken_back.insert(by_id[&withdrawal.id]), "withdrawn twice: {event:?}");
                by_seq.insert(event.seq.0, None);
                continue;
            }
            let number = by_id[&event.id];
            assert!(told.insert(number), "told twice: {number}");
            let blank = self.withdrawn.contains(&number);
            let words = serde_json::to_string(&**event).unwrap();
            assert_eq!(words.contains(&mark(number)), !blank, "{words}");
            by_seq.insert(event.seq.0, Some(number));
        }
        assert_eq!(told, lines, "every line of a page that was taken is told");
        assert_eq!(taken_back, self.withdrawn);
        by_seq
    }
}

fn remove(path: &Path) {
    // What was not made needs no removing.
    let _ = std::fs::remove_file(path);
}

/// Each stretch holds what its filter lets through, no more and no less, and where one ends the
/// next begins. Whether a filter by words lets through what was withdrawn hangs on the moment.
fn check(
    stretches: &[Stretch],
    wire: &HashMap<u64, Option<u64>>,
    withdrawn: &BTreeSet<u64>,
) -> Result<(), String> {
    let mut end = 0;
    for stretch in stretches {
        assert_eq!(stretch.after, end, "each goes on where the one before ended");
        end = stretch.until;
        let judged = |seq: &u64| {
            stretch.colour.is_none() || wire[seq].is_some_and(|n| !withdrawn.contains(&n))
        };
        let passes = |seq: &u64| {
            stretch.colour.is_none_or(|colour| wire[seq].is_some_and(|n| n % 3 == colour))
        };
        let expected: Vec<u64> =
            (stretch.after + 1..=stretch.until).filter(judged).filter(passes).collect();
        let got: Vec<u64> = stretch.seqs.iter().copied().filter(judged).collect();
        if got != expected {
            let missing: Vec<_> = expected.iter().filter(|seq| !got.contains(seq)).collect();
            let extra: Vec<_> = got.iter().filter(|seq| !expected.contains(seq)).collect();
            return Err(format!(
                "between {} and {} under {:?}: missing {missing:?}, too many {extra:?}",
                stretch.after, stretch.until, stretch.colour
            ));
        }
    }
    if end == wire.len() as u64 { Ok(()) } else { Err(format!("ends at {end} of {}", wire.len())) }
}

#[test]
fn a_random_mix_adds_up_to_what_the_pages_say() {
    let asked = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let seed = asked("FLASHWIRE_SEED").unwrap_or(jiff::Timestamp::now().as_nanosecond() as u64 | 1);
    let length = Duration::from_secs(asked("FLASHWIRE_MIX_SECONDS").unwrap_or(15));
    println!("FLASHWIRE_SEED={seed}");
    let mut mix = Mix::new(seed);
    mix.start();
    let subscribers: Vec<_> = (1..=6)
        .map(|number| {
            let place = mix.place.clone();
            let draws = Draws(seed.wrapping_add(number) | 1);
            std::thread::spawn(move || runtime().block_on(subscriber(place, draws)))
        })
        .collect();
    let started = Instant::now();
    while started.elapsed() < length {
        mix.step();
        std::thread::sleep(Duration::from_millis(mix.draws.below(40)));
    }
    mix.wait();
    mix.read_all();
    // Whoever waits for news hears goodbye, comes back and reads to the end.
    mix.place.ending.store(true, Ordering::SeqCst);
    mix.end(false);
    mix.start();
    let streams: Vec<Vec<Stretch>> =
        subscribers.into_iter().map(|subscriber| subscriber.join().unwrap()).collect();
    mix.end(false);
    println!("{:?}, {} lines", mix.done, mix.next_line);
    let wire = mix.recount();
    for stretches in &streams {
        check(stretches, &wire, &mix.withdrawn).unwrap();
    }
    let (code, said, err) = output(flashwire().args(["verify", "--wire"]).arg(mix.desk.wire()));
    assert_eq!(code, Some(0), "{said}{err}");
    assert!(said.contains("all adds up"), "{said}");
}
