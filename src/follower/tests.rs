//! A follower over a real wire, with a sink that fails as told.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use prometheus_client::registry::Registry;

use super::*;
use crate::{
    item::{Event, EventId, Item, Key, Kind, PageHash, PageRef, TickerLine},
    wire::{Group, Order as _, SqliteStore},
};

/// What a sink does with the next slice.
#[derive(Clone, Copy, Debug)]
enum Does {
    Takes(usize),
    Fails,
    Panics,
    Refuses,
}

/// What a sink was given and where it stands, for the test to see.
#[derive(Debug, Default)]
struct Seen {
    taken: Vec<u64>,
    place: Option<Cursor>,
    astray: Vec<Option<String>>,
    skips: u64,
}

struct Recorder {
    seen: Arc<Mutex<Seen>>,
    script: VecDeque<Does>,
}

fn held(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sink for Recorder {
    fn name(&self) -> &str {
        "recorder"
    }

    fn place(&mut self) -> BoxFuture<'_, Result<Option<Cursor>, Trouble>> {
        let place = held(&self.seen).place.clone();
        async { Ok(place) }.boxed()
    }

    fn begin(&mut self, beginning: Beginning) -> BoxFuture<'_, Result<Seq, Trouble>> {
        let mut seen = held(&self.seen);
        seen.astray.push(beginning.astray);
        let at = beginning.common.unwrap_or(beginning.before_oldest);
        seen.place = Some(Cursor { seq: at, ..beginning.head });
        async move { Ok(at) }.boxed()
    }

    fn take<'a>(&'a mut self, slice: &'a Slice) -> BoxFuture<'a, Result<Seq, Trouble>> {
        async move {
            let most = match self.script.pop_front().unwrap_or(Does::Takes(usize::MAX)) {
                Does::Takes(most) => most,
                Does::Fails => return Err(Trouble::passing("the shelf is full")),
                Does::Panics => panic!("as the script says"),
                Does::Refuses => return Err(Trouble::for_good("it will not have it")),
            };
            let mut seen = held(&self.seen);
            for entry in slice.entries.iter().take(most) {
                seen.taken.push(entry.seq.0);
                seen.place = Some(slice.at(entry.seq));
            }
            Ok(seen.place.as_ref().unwrap().seq)
        }
        .boxed()
    }

    fn skip(&mut self) -> bool {
        let mut seen = held(&self.seen);
        seen.skips += 1;
        true
    }
}

/// A wire, and a recorder that follows it.
struct Stage {
    wire: Arc<SqliteStore>,
    seen: Arc<Mutex<Seen>>,
    followers: Followers,
    stop: watch::Sender<bool>,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.db");
        let wire = SqliteStore::open(&path, &Default::default(), Timestamp::now()).unwrap();
        let followers = Followers::new(["recorder"], &mut Registry::default());
        let (stop, _) = watch::channel(false);
        let (wire, seen) = (Arc::new(wire), Arc::default());
        Stage { wire, seen, followers, stop, _folder: folder }
    }

    async fn tell(&self, count: u64) {
        let head = self.wire.head().seq.0;
        let events = (head + 1..=head + count).map(|seq| {
            let headline = format!("Line {seq}");
            let item = Item::Ticker(TickerLine { headline, ..TickerLine::default() });
            let id = EventId::of(Kind::Ticker, &Key::of(&item), None);
            let page = PageRef::new("a.txt", PageHash::of(b"a"), Timestamp::now());
            Arc::new(Entry::new(Arc::new(Event::new(Seq(seq), id, item, page))))
        });
        let group = Group { events: events.collect(), ..Group::default() };
        self.wire.append(self.wire.position(), [group].into()).await.unwrap();
    }

    fn start(&self, script: impl IntoIterator<Item = Does>) -> tokio::task::JoinHandle<()> {
        let script = script.into_iter().collect();
        let sink = Box::new(Recorder { seen: self.seen.clone(), script });
        let standing = self.standing();
        tokio::spawn(run(self.wire.clone(), sink, standing, self.stop.subscribe()))
    }

    fn standing(&self) -> Arc<Standing> {
        self.followers.iter().next().unwrap().clone()
    }

    async fn until(&self, what: &str, so: impl Fn(&Seen, &Standing) -> bool) {
        let standing = self.standing();
        let waited = tokio::time::timeout(Duration::from_secs(30), async {
            while !so(&held(&self.seen), &standing) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        assert!(waited.await.is_ok(), "{what}: {:?} {standing:?}", held(&self.seen));
    }
}

#[tokio::test]
async fn entries_come_once_and_in_order_through_failures_and_panics() {
    let stage = Stage::new();
    stage.tell(700).await;
    let following = stage.start([Does::Fails, Does::Takes(10), Does::Panics, Does::Takes(1)]);
    stage.until("700 entries", |seen, _| seen.taken.len() == 700).await;
    stage.tell(3).await;
    stage.until("three more", |seen, _| seen.taken.len() == 703).await;
    stage.until("nothing in its way", |_, standing| standing.degraded().is_none()).await;
    stage.stop.send_replace(true);
    following.await.unwrap();
    assert_eq!(held(&stage.seen).taken, (1..=703).collect::<Vec<_>>());
    assert_eq!(held(&stage.seen).astray, [None], "it begins once");

    // Another run goes on where the sink says it stands.
    stage.stop.send_replace(false);
    stage.tell(2).await;
    let following = stage.start([]);
    stage.until("the last two", |seen, _| seen.taken.len() == 705).await;
    stage.wire.close();
    drop(stage.wire);
    stage.stop.send_replace(true);
    following.await.unwrap();
}

#[tokio::test]
async fn what_is_given_up_waits_for_whoever_resumes_it() {
    let stage = Stage::new();
    stage.tell(2).await;
    assert!(stage.followers.resume("recorder", false).unwrap_err().contains("nothing is in"));
    assert!(stage.followers.resume("recodrer", false).unwrap_err().contains("recorder"));
    let _following = stage.start([Does::Takes(1), Does::Refuses, Does::Refuses]);
    let given_up =
        |_: &Seen, standing: &Standing| standing.degraded().is_some_and(|why| why.given_up);
    stage.until("given up", given_up).await;
    let standing = stage.standing();
    assert_eq!(standing.degraded().unwrap().reason, "it will not have it");
    assert_eq!(standing.at(), Seq(1));
    stage.followers.resume("recorder", true).unwrap();
    stage.until("one skip", |seen, _| seen.skips == 1).await;
    stage.until("given up again", given_up).await;
    stage.followers.resume("recorder", false).unwrap();
    stage.until("both", |seen, _| seen.taken == [1, 2]).await;
    stage.until("nothing in its way", |_, standing| standing.degraded().is_none()).await;
    assert_eq!(held(&stage.seen).skips, 1);
}

#[tokio::test]
async fn a_place_on_another_wire_is_begun_anew() {
    let (stage, other) = (Stage::new(), Stage::new());
    stage.tell(3).await;
    let strange = Cursor { epoch: other.wire.head().epoch, seq: Seq(2) };
    held(&stage.seen).place = Some(strange);
    let _following = stage.start([]);
    stage.until("all three", |seen, _| seen.taken == [1, 2, 3]).await;
    let astray = held(&stage.seen).astray.clone();
    assert!(astray[0].as_ref().unwrap().contains("which this wire never had"), "{astray:?}");
}
