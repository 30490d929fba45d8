//! What a search over a long history costs, how far behind the index is, and what it costs the
//! commit: nothing, it is told in one run with and without. `cargo bench --bench search -- 1000000`

#![allow(clippy::unwrap_used, reason = "a bench that can't go on ends")]
#![allow(clippy::print_stdout, reason = "its figures are its output")]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use flashwire::{
    filter::Filter,
    follower::{self, Followers},
    item::{Article, Event, EventId, Item, PageHash, PageRef, Seq, Source, TickerLine},
    search::{Ask, Config, Indexer, Search},
    wire::{self, Durability, Entry, Group, Order as _, SqliteStore, Store as _},
};
use jiff::{Timestamp, ToSpan as _};
use prometheus_client::registry::Registry;
use tokio::sync::watch;

/// Numbers that come the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    /// A word: few are common, most are rare.
    fn word(&mut self) -> String {
        let range = 1 << (4 + self.next(13));
        let mut number = self.next(range);
        let mut word = String::new();
        for _ in 0..3 {
            word.push(char::from(b"bdfgklmnprst"[(number % 12) as usize]));
            word.push(char::from(b"aeiou"[(number / 12 % 5) as usize]));
            number /= 60;
        }
        word
    }

    fn text(&mut self, words: u64) -> String {
        (0..words).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

fn event(dice: &mut Dice, seq: u64) -> Event {
    let words = 6 + dice.next(10);
    let headline = format!("{}: {}", dice.word(), dice.text(words));
    let item = if seq.is_multiple_of(20) {
        let body = dice.text(250);
        let language = Some("en".into());
        let article =
            Article { headline: Some(headline), body, language, urgency: 4, ..Article::default() };
        Item::Article(Box::new(article))
    } else {
        Item::Ticker(TickerLine {
            headline,
            language: Some("en".into()),
            urgency: 2,
            ..TickerLine::default()
        })
    };
    let mut id = [0; 16];
    id[8..].copy_from_slice(&seq.to_be_bytes());
    let time: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let page = PageRef::new("a.txt", PageHash(id), time + (seq as i64 * 20).seconds());
    let source = Source { name: Some(format!("Source {}", dice.next(40))), host: None };
    Event { source, ..Event::new(Seq(seq), EventId(id), item, page) }
}

async fn tell(wire: &SqliteStore, dice: &mut Dice, count: u64) -> Duration {
    let head = wire.head().seq.0;
    let events =
        (head + 1..=head + count).map(|seq| Arc::new(Entry::new(Arc::new(event(dice, seq)))));
    let group = Group { events: events.collect(), ..Group::default() };
    let began = Instant::now();
    wire.append(wire.position(), [group].into()).await.unwrap();
    began.elapsed()
}

fn percentile(times: &mut [Duration], of: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * of / 1000]
}

fn follow(
    wire: &Arc<SqliteStore>,
    search: &Arc<Search>,
) -> (watch::Sender<bool>, tokio::task::JoinHandle<()>) {
    let followers = Followers::new(["search"], &mut Registry::default());
    let standing = followers.iter().next().unwrap().clone();
    let (stop, stopped) = watch::channel(false);
    let sink = Box::new(Indexer::new(search.clone()));
    (stop, tokio::spawn(follower::run(wire.clone(), sink, standing, stopped)))
}

async fn indexed(wire: &SqliteStore, search: &Search) {
    while search.place().ok().flatten() != Some(wire.head()) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn query(dice: &mut Dice, kind: u64) -> String {
    match kind {
        0 => dice.word(),
        1 => dice.text(2),
        2 => format!("\"{}\"", dice.text(2)),
        3 => format!("{}*", &dice.word()[..4]),
        4 => format!("({} OR {}) -{}", dice.word(), dice.word(), dice.word()),
        5 => format!("headline:{} kind:article", dice.word()),
        6 => format!("{} since:2026-03-01 until:2026-06-01", dice.word()),
        7 => format!("{} \"source {}\"", dice.word(), dice.next(40)),
        8 => format!("{} source:\"source {}\"", dice.word(), dice.next(40)),
        _ => format!("-{} kind:ticker urgency:<=2", dice.word()),
    }
}

#[tokio::main]
async fn main() {
    let count = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wire.db");
    let config = wire::Config { durability: Durability::Process, ..wire::Config::default() };
    let wire = Arc::new(SqliteStore::open(&path, &config, Timestamp::now()).unwrap());
    let search =
        Arc::new(Search::beside(&path, &Config { deadline_ms: 60_000, ..Config::default() }));
    let mut dice = Dice(7);
    for _ in 0..count / 500 {
        tell(&wire, &mut dice, 500).await;
    }
    let began = Instant::now();
    let (stop, following) = follow(&wire, &search);
    indexed(&wire, &search).await;
    let took = began.elapsed();
    let size = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |it| it.len()) >> 20;
    println!(
        "indexed {count} events in {took:.1?}: {:.0} a second; wire {} MiB, index {} MiB",
        count as f64 / took.as_secs_f64(),
        size(&path),
        size(search.path()),
    );

    let mut all = Vec::new();
    for kind in 0..10 {
        let mut times = Vec::new();
        let mut hits = 0;
        for _ in 0..100 {
            let mut filter = Filter::default();
            filter.query(&query(&mut dice, kind), Timestamp::now()).unwrap();
            let began = Instant::now();
            let found =
                search.find(&*wire, &Ask { filter, before: None, limit: 50 }).await.unwrap();
            times.push(began.elapsed());
            hits += found.entries.len();
        }
        println!(
            "  {:42} p50 {:8.2?} p99 {:8.2?}, {} hits in 100",
            query(&mut dice, kind),
            percentile(&mut times, 500),
            percentile(&mut times, 990),
            hits
        );
        all.extend(times);
    }
    println!("search p50 {:.2?} p99 {:.2?}", percentile(&mut all, 500), percentile(&mut all, 990));

    let mut lags = Vec::new();
    for _ in 0..200 {
        tell(&wire, &mut dice, 1).await;
        let began = Instant::now();
        indexed(&wire, &search).await;
        lags.push(began.elapsed());
    }
    println!(
        "index behind p50 {:.2?} p99 {:.2?}",
        percentile(&mut lags, 500),
        percentile(&mut lags, 990)
    );

    stop.send_replace(true);
    following.await.unwrap();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for round in 0..20 {
        let followed = (round % 2 == 0).then(|| follow(&wire, &search));
        for _ in 0..200 {
            let took = tell(&wire, &mut dice, 1).await;
            if followed.is_some() {
                with.push(took)
            } else {
                without.push(took)
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        if let Some((stop, following)) = followed {
            stop.send_replace(true);
            following.await.unwrap();
        }
    }
    for (what, times) in [("with", &mut with), ("without", &mut without)] {
        println!(
            "commit {what:8} p50 {:.2?} p99 {:.2?}",
            percentile(times, 500),
            percentile(times, 990)
        );
    }
}
