//! What it costs to get an order from NATS: how long a batch takes until it stands and is in the
//! store of its node, and how many come second when several nodes append as fast as they can.
//!
//! ```console
//! flashwire order init nats://127.0.0.1:4222
//! cargo run --release --features nats --example order -- nats://127.0.0.1:4222 [NODES] [BATCHES]
//! ```
//!
//! Each batch has one page with three events of some 400 bytes. Without an address the embedded
//! order is measured; `durability` is `process` either way, so that the disk has no say. The
//! stream grows: take one that is not used for anything else.
#![allow(clippy::print_stdout, reason = "it prints its measurements")]

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use flashwire::{
    item::{Event, EventId, Item, Key, Kind, PageHash, PageRef, Seq, TickerLine},
    wire::{
        AppendError, Config, Durability, Entry, Group, NatsConfig, Order, Position, SqliteStore,
        ToldKey, order::jetstream::JetStream,
    },
};
use jiff::Timestamp;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A node that appends.
struct Node {
    number: usize,
    order: Arc<dyn Order>,
    at: Position,
}

/// What became of a node's batches.
#[derive(Default)]
struct Tally {
    took: Vec<Duration>,
    second: u64,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut args = std::env::args().skip(1);
    let servers = args.next();
    let nodes: usize = args.next().map_or(Ok(1), |text| text.parse())?;
    let batches: usize = args.next().map_or(Ok(500), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let config = Config { durability: Durability::Process, ..Config::default() };
    let mut working = Vec::new();
    for number in 0..nodes {
        let path = folder.path().join(format!("{number}.db"));
        let store = Arc::new(SqliteStore::open(&path, &config, Timestamp::now())?);
        let order: Arc<dyn Order> = match &servers {
            Some(servers) => {
                let nats = NatsConfig::default();
                Arc::new(JetStream::connect(servers, &nats, store.clone(), Timestamp::now()).await?)
            }
            None => store.clone(),
        };
        let at = order.catch_up().await?;
        working.push((Node { number, order, at }, store));
    }
    let begun = Instant::now();
    let running: Vec<_> = working
        .into_iter()
        .map(|(node, store)| tokio::spawn(async move { (work(node, batches).await, store) }))
        .collect();
    let mut all = Tally::default();
    for node in running {
        let (tally, _store) = node.await?;
        let tally = tally?;
        all.took.extend(tally.took);
        all.second += tally.second;
    }
    let wall = begun.elapsed();
    all.took.sort_unstable();
    let at =
        |part: f64| all.took[((all.took.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    let appended = all.took.len() as f64;
    println!(
        "{nodes} nodes: p50 {:.2} ms, p99 {:.2} ms, {:.0} batches/s, {:.0} % came second",
        at(0.5),
        at(0.99),
        appended / wall.as_secs_f64(),
        100.0 * all.second as f64 / (appended + all.second as f64)
    );
    Ok(())
}

async fn work(mut node: Node, batches: usize) -> Result<Tally, AppendError> {
    let mut tally = Tally::default();
    for batch in 0..batches {
        let begun = Instant::now();
        loop {
            let groups: Arc<[Group]> = [group(&node, batch)].into();
            match node.order.append(node.at, groups).await {
                Ok(position) => {
                    node.at = position;
                    break;
                }
                Err(AppendError::Conflict(_)) => {
                    tally.second += 1;
                    node.at = node.order.catch_up().await?;
                }
                Err(error) => return Err(error),
            }
        }
        tally.took.push(begun.elapsed());
    }
    Ok(tally)
}

fn group(node: &Node, batch: usize) -> Group {
    let now = Timestamp::now();
    let mut group = Group::default();
    for line in 1..=3_u64 {
        let headline = format!(
            "Harbour desk of node {}: barge {batch}-{line} has left for Ostermund with relief goods \
             and the mail of two months, {}",
            node.number,
            now.as_nanosecond()
        );
        let item = Item::Ticker(TickerLine { headline, ..TickerLine::default() });
        let key = Key::of(&item);
        let id = EventId::of(Kind::Ticker, &key, None);
        let seq = Seq(node.at.seq.0 + line);
        let from = PageRef::new("page.txt".to_owned(), PageHash(key.0), now);
        let event = Event { time: now, ..Event::new(seq, id, item, from) };
        group.told.push(ToldKey { key, id, seq, at: now });
        group.events.push(Arc::new(Entry::new(Arc::new(event))));
    }
    group
}
