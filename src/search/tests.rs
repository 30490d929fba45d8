//! Search finds what the filter takes, and nothing else.

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, ToSpan as _};
use prometheus_client::registry::Registry;
use proptest::prelude::*;
use tokio::sync::watch;

use super::*;
use crate::{
    filter::{Filter, Words},
    follower::{self, Followers},
    item::{
        Action, Article, Change, ChangeSize, Event, EventId, Item, PageHash, PageRef, Seq, Source,
        Supersedes, TickerLine, Withdrawal, WordChange,
    },
    wire::{Entry, Group, Order as _, SqliteStore, Store},
};

/// A wire with its index, which a follower feeds.
struct Stage {
    wire: Arc<SqliteStore>,
    search: Arc<Search>,
    stop: watch::Sender<bool>,
    following: tokio::task::JoinHandle<()>,
    folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.db");
        let wire = SqliteStore::open(&path, &Default::default(), Timestamp::now()).unwrap();
        let wire = Arc::new(wire);
        let search = Arc::new(Search::beside(&path, &config()));
        let (stop, _) = watch::channel(false);
        let following = Stage::follow(&wire, &search, &stop);
        Stage { wire, search, stop, following, folder }
    }

    fn follow(
        wire: &Arc<SqliteStore>,
        search: &Arc<Search>,
        stop: &watch::Sender<bool>,
    ) -> tokio::task::JoinHandle<()> {
        let followers = Followers::new(["search"], &mut Registry::default());
        let standing = followers.iter().next().unwrap().clone();
        let sink = Box::new(Indexer::new(search.clone()));
        tokio::spawn(follower::run(wire.clone(), sink, standing, stop.subscribe()))
    }

    async fn tell(&self, events: Vec<Event>) {
        let events = events.into_iter().map(|event| Arc::new(Entry::new(Arc::new(event))));
        let group = Group { events: events.collect(), ..Group::default() };
        self.wire.append(self.wire.position(), [group].into()).await.unwrap();
    }

    /// Waits until all that was told is indexed.
    async fn indexed(&self) {
        let waiting = async {
            while self.search.place().ok().flatten() != Some(self.wire.head()) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap();
    }

    /// All that search finds, page by page.
    async fn all(&self, filter: &Filter, limit: usize) -> Vec<u64> {
        let mut seqs = Vec::new();
        let mut before = None;
        loop {
            let ask = Ask { filter: filter.clone(), before, limit };
            let found = self.search.find(&*self.wire, &ask).await.unwrap();
            assert!(!found.timed_out && !found.so_far);
            assert!(found.entries.len() <= limit);
            seqs.extend(found.entries.iter().map(|entry| entry.seq.0));
            before = found.before;
            if before.is_none() {
                return seqs;
            }
        }
    }

    async fn find(&self, q: &str) -> Vec<u64> {
        self.all(&filter(q), 100).await
    }

    /// All that the filter takes, one by one.
    async fn taken(&self, filter: &Filter) -> Vec<u64> {
        let entries = self.wire.read_back(Seq(u64::MAX), 1000).await.unwrap();
        let taken = entries.iter().filter(|entry| {
            entry.event.withdrawn_by.is_none()
                && filter.wants(&entry.event, &Words::of(&entry.event))
        });
        taken.map(|entry| entry.seq.0).collect()
    }
}

fn config() -> Config {
    Config { deadline_ms: 20_000, ..Config::default() }
}

fn filter(q: &str) -> Filter {
    let mut filter = Filter::default();
    filter.query(q, Timestamp::now()).unwrap_or_else(|bad| panic!("{q}: {bad}"));
    filter
}

fn event(seq: u64, item: Item) -> Event {
    let time: Timestamp = "2026-11-20T15:00:00Z".parse().unwrap();
    let time = time + (seq as i64 * 10).minutes();
    let page = PageRef::new("a.txt", PageHash::of(b"a"), time);
    Event::new(Seq(seq), id(seq), item, page)
}

fn id(seq: u64) -> EventId {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&seq.to_be_bytes());
    EventId(bytes)
}

fn line(seq: u64, headline: &str) -> Event {
    event(seq, Item::Ticker(TickerLine { headline: headline.into(), ..TickerLine::default() }))
}

/// Words that texts and queries are made of, in scripts with and without spaces, with signs that
/// count and such that don't.
const WORDS: [&str; 24] = [
    "ferry",
    "Ferry,",
    "port",
    "Port-Amal",
    "amal",
    "12",
    "1,200",
    "-5",
    "5",
    "6.1",
    "%",
    "50%",
    "عاجل",
    "ميناء",
    "أمل",
    "地震",
    "東京で",
    "カナ",
    "समाचार",
    "समा",
    "Größe",
    "groß",
    "ΣΊΣΥΦΟΣ",
    "é",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&WORDS[..]), 1..6).prop_map(|words| words.join(" "))
}

fn item() -> impl Strategy<Value = Item> {
    let language = prop::option::of(prop::sample::select(vec!["en", "en-GB", "ar", "ja"]));
    let parts = (text(), prop::option::of(text()), text(), language, 1..6u8, any::<bool>());
    parts.prop_map(|(headline, second, body, language, urgency, ticker)| {
        let language = language.map(str::to_owned);
        if ticker {
            let line = TickerLine {
                headline,
                attribution: second,
                language,
                urgency,
                ..Default::default()
            };
            return Item::Ticker(line);
        }
        let article = Article {
            headline: Some(headline),
            standfirst: second.clone(),
            byline: second,
            body,
            language,
            urgency,
            ..Article::default()
        };
        Item::Article(Box::new(article))
    })
}

/// Events without their positions.
fn told() -> impl Strategy<Value = Vec<Event>> {
    let source = prop::option::of(prop::sample::select(vec!["Harbour Daily", "Port Amal", "地震"]));
    let change = prop::option::of((text(), text(), any::<bool>()));
    let parts = (item(), source, change, any::<bool>(), any::<bool>());
    let event = parts.prop_map(|(item, source, change, stale, backfill)| {
        let mut event = event(1, item);
        event.source =
            Source { name: source.map(str::to_owned), host: Some("port-amal.test".into()) };
        (event.stale, event.backfill) = (stale, backfill);
        event.change = change.map(|(first, second, major)| Change {
            size: if major { ChangeSize::Major } else { ChangeSize::Edit },
            words: [first, second].map(|now| WordChange { was: "x".into(), now }).to_vec(),
        });
        if event.change.is_some() {
            event.action = Action::Update;
        }
        event
    });
    prop::collection::vec(event, 1..40).prop_map(|mut events| {
        for (at, event) in events.iter_mut().enumerate() {
            let seq = at as u64 + 1;
            let time: Timestamp = "2026-11-20T15:00:00Z".parse().unwrap();
            (event.seq, event.id, event.thread) = (Seq(seq), id(seq), id(seq / 3 + 1));
            event.time = time + (seq as i64 * 10).minutes();
        }
        events
    })
}

/// Queries as people could write them.
fn query() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&WORDS[..]).prop_filter("words", |word| *word != "%");
    let field = prop::sample::select(vec![
        "",
        "",
        "",
        "headline:",
        "body:",
        "standfirst:",
        "attribution:",
        "source:",
        "byline:",
        "changed:",
    ]);
    let words = prop_oneof![
        4 => word.clone().prop_map(|word| format!("\"{word}\"")),
        1 => word.clone().prop_map(|word| {
            let end = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
            format!("{}*", &word[..end])
        }),
        2 => text().prop_map(|text| format!("\"{text}\"")),
    ];
    let leaf = prop_oneof![
        6 => (field, words).prop_map(|(field, words)| format!("{field}{words}")),
        2 => prop::sample::select(vec![
            "kind:ticker", "kind:article", "action:update", "action:new", "lang:en", "lang:en-gb",
            "urgency:<=2", "urgency:>9", "urgency:3", "size:major", "stale:yes", "backfill:no",
            "origins:>1", "origins:1", "since:2026-11-20T17:00", "until:2026-11-20T18:30", "until:2026-11-20",
            "thread:fw-00000000000000000000000004",
        ]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|all| format!("({})", all.join(" "))),
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|any| format!("({})", any.join(" OR "))),
            inner.prop_map(|inner| format!("-({inner})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn search_finds_what_the_filter_takes(
        events in told(),
        queries in prop::collection::vec(query(), 24),
        source in prop::option::of(prop::sample::select(vec!["harbour daily", "port-amal.test"])),
        limit in 1..9usize,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let stage = Stage::new();
            stage.tell(events).await;
            stage.indexed().await;
            for q in queries {
                let mut filter = filter(&q);
                source.iter().for_each(|source| filter.source(source));
                let taken = stage.taken(&filter).await;
                assert_eq!(stage.all(&filter, limit).await, taken, "{q}");
            }
        });
    }
}

#[tokio::test]
async fn what_is_not_indexed_yet_is_found_all_the_same() {
    let stage = Stage::new();
    stage.tell(vec![line(1, "Ferry aground"), line(2, "Bridge closed")]).await;
    stage.indexed().await;
    stage.stop.send_replace(true);
    stage.following.await.unwrap();
    let wire = &stage.wire;
    let group = Group {
        events: vec![Arc::new(Entry::new(Arc::new(line(3, "Ferry afloat"))))],
        ..Group::default()
    };
    wire.append(wire.position(), [group].into()).await.unwrap();
    let ask = |before| Ask { filter: filter("ferry"), before, limit: 1 };
    let found = stage.search.find(&**wire, &ask(None)).await.unwrap();
    assert_eq!((found.entries[0].seq, found.before), (Seq(3), Some(Seq(3))));
    assert_eq!((found.indexed, found.head, found.so_far), (Seq(2), Seq(3), false));
    let found = stage.search.find(&**wire, &ask(Some(Seq(3)))).await.unwrap();
    assert_eq!((found.entries[0].seq, found.before), (Seq(1), None));
}

#[tokio::test]
async fn what_is_withdrawn_leaves_the_index_and_its_file() {
    let stage = Stage::new();
    let mut update = line(2, "Zephyrine ferry aground, 12 hurt");
    update.supersedes = Some(Supersedes { id: id(1), seq: Seq(1), version: 1 });
    let words = vec![WordChange { was: "quixotic".into(), now: "xylograph".into() }];
    update.change = Some(Change { size: ChangeSize::Edit, words });
    stage.tell(vec![line(1, "Quixotic ferry aground"), update]).await;
    stage.indexed().await;
    assert_eq!(stage.find("quixotic").await, [1]);
    assert_eq!(stage.find("changed:xylograph").await, [2]);
    let file = |ending: &str| {
        std::fs::read(stage.folder.path().join(format!("w.search.db{ending}"))).unwrap_or_default()
    };
    let holds = |word: &str| {
        ["", "-wal"].iter().any(|end| memchr::memmem::find(&file(end), word.as_bytes()).is_some())
    };
    assert!(holds("quixotic"));
    let mut taken = line(3, "");
    taken.action = Action::Withdrawn;
    taken.withdraws = Some(Withdrawal { id: id(1), seq: Seq(1), reason: "wrong".into() });
    stage.tell(vec![taken]).await;
    stage.indexed().await;
    assert_eq!(stage.find("quixotic OR changed:xylograph").await, Vec::<u64>::new());
    assert_eq!(stage.find("zephyrine").await, [2]);
    let gone = async {
        while holds("quixotic") || holds("xylograph") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_none_or_is_gone_is_made_anew() {
    let mut stage = Stage::new();
    stage.tell(vec![line(1, "Ferry aground")]).await;
    stage.indexed().await;
    // Under the follower's hands, with and without something told after it.
    std::fs::remove_file(stage.search.path()).unwrap();
    stage.indexed().await;
    std::fs::remove_file(stage.search.path()).unwrap();
    stage.tell(vec![line(2, "Bridge closed")]).await;
    stage.indexed().await;
    assert_eq!((stage.find("ferry").await, stage.find("bridge").await), (vec![1], vec![2]));
    for spoil in [true, false] {
        stage.stop.send_replace(true);
        (&mut stage.following).await.unwrap();
        let path = stage.search.path().to_owned();
        stage.search = Arc::new(Search::beside(stage.wire.path(), &config()));
        if spoil {
            std::fs::write(&path, "no index at all, but long enough to be looked at").unwrap();
        } else {
            std::fs::remove_file(&path).unwrap();
        }
        assert_eq!(stage.find("ferry").await, [1], "what isn't indexed is looked through");
        stage.stop.send_replace(false);
        stage.following = Stage::follow(&stage.wire, &stage.search, &stage.stop);
        stage.indexed().await;
        assert_eq!(stage.find("ferry").await, [1]);
    }
}

#[test]
fn hits_are_marked_where_they_stand() {
    let shown = |q: &str, event: &Event| {
        let marked = marks(&filter(q), event).into_iter().map(|(field, parts)| {
            let texts = parts
                .iter()
                .map(|part| if part.hit { format!("[{}]", part.text) } else { part.text.clone() });
            format!("{field:?}: {}", texts.collect::<String>())
        });
        marked.collect::<Vec<_>>()
    };
    let told = line(1, "Coast guard: Ferry “Amal Star” off Port-Amal");
    assert_eq!(shown("ferry", &told), ["Headline: Coast guard: [Ferry] “Amal Star” off Port-Amal"]);
    assert_eq!(
        shown("\"amal star\" -train", &told),
        ["Headline: Coast guard: Ferry [“Amal Star”] off Port-Amal"]
    );
    assert_eq!(
        shown("(po* OR train)", &told),
        ["Headline: Coast guard: Ferry “Amal Star” off [Port-Amal]"]
    );
    assert!(shown("body:ferry OR kind:ticker", &told).is_empty());
    assert_eq!(
        shown("地震", &line(1, "東京で地震 津波の心配なし")),
        ["Headline: 東京で[地震] 津波の心配なし"]
    );
    assert_eq!(shown("ميناء", &line(1, "إغلاق ميناء أمل")), ["Headline: إغلاق [ميناء] أمل"]);
    let body = format!("{} ferry {}", "é ".repeat(300), "é ".repeat(300));
    let long = Article { body, ..Article::default() };
    let parts = marks(&filter("ferry"), &event(1, Item::Article(Box::new(long)))).remove(0).1;
    assert!(parts.iter().map(|part| part.text.chars().count()).sum::<usize>() < 400);
    assert!(parts.iter().any(|part| part.hit && part.text == "ferry"));
}
