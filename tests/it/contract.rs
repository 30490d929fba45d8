//! What every wire promises.

use std::sync::Arc;

use flashwire::{
    item::{
        Action, Alias, Event, EventId, Item, Key, Kind, Outcome, PageHash, PageRef, Record, Seq,
        Source, Stored, TickerLine, Withdrawal,
    },
    wire::{
        AppendError, Config, Durability, Entry, Group, Known as _, OpenError, Order as _, PageRow,
        Retention, Spotted, SqliteStore, Store, ToldKey,
    },
};
use jiff::Timestamp;
use tokio_stream::StreamExt as _;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

/// An event at `seq` that says `headline`.
fn event(seq: u64, headline: &str) -> Arc<Event> {
    let key = Key::of_ticker(headline);
    let id = EventId::of(Kind::Ticker, &key, None);
    let item =
        Item::Ticker(TickerLine { headline: headline.into(), urgency: 2, ..TickerLine::default() });
    let page = PageRef::new("a.txt", PageHash::of(headline.as_bytes()), at(seq as i64));
    let source = Source { name: Some("Port Amal Courier".into()), host: None };
    Arc::new(Event { source, ..Event::new(Seq(seq), id, item, page) })
}

/// The group of a page of its own that tells `event`.
fn telling(event: Arc<Event>) -> Group {
    let Item::Ticker(line) = &event.item else { panic!("a ticker line") };
    Group {
        page: Some(PageRow {
            name: format!("{}.txt", event.seq).into_bytes(),
            hash: Some(event.page.hash),
            stat: [event.seq.0; 5],
            outcome: Outcome::Done,
            reason: None,
            seen: event.time,
            at: event.page.time,
            lane: "live",
            ticket: event.seq.0,
            source: event.source.label().map(Into::into),
            url: None,
            ticker_lines: 1,
            lines: [("ticker".to_owned(), 1)].into(),
            remarks: vec![],
        }),
        sightings: vec![Spotted { id: event.id, seq: event.seq, line: 1 }],
        told: vec![ToldKey {
            key: Key::of_ticker(&line.headline),
            id: event.id,
            seq: event.seq,
            at: event.page.time,
        }],
        events: vec![Arc::new(Entry::new(event))],
        ..Group::default()
    }
}

struct Desk {
    folder: tempfile::TempDir,
    config: Config,
}

impl Desk {
    fn new(durability: Durability) -> Self {
        Desk {
            folder: tempfile::tempdir().unwrap(),
            config: Config { durability, ..Config::default() },
        }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("test.db")
    }

    fn open(&self) -> Arc<SqliteStore> {
        Arc::new(SqliteStore::open(&self.path(), &self.config, at(0)).unwrap())
    }
}

async fn tell(wire: &SqliteStore, seqs: std::ops::RangeInclusive<u64>) {
    for seq in seqs {
        let group = telling(event(seq, &format!("Ferry {seq} leaves Port Amal")));
        assert_eq!(wire.append(wire.position(), [group].into()).await.unwrap().seq, Seq(seq));
    }
}

#[tokio::test]
async fn positions_grow_and_a_wrong_expectation_conflicts() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    tell(&wire, 1..=1).await;
    let before = wire.position();
    tell(&wire, 2..=3).await;
    let late = wire.append(before, [telling(event(2, "Late"))].into()).await;
    let stands = wire.position();
    assert_eq!((stands.batch, stands.seq), (3, Seq(3)));
    assert!(matches!(late, Err(AppendError::Conflict(at)) if at == stands), "{late:?}");
    let read = wire.read(Seq(1), 10).await.unwrap();
    assert_eq!(read.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(), [2, 3]);
    let back = wire.read_back(Seq(3), 1).await.unwrap();
    assert_eq!(back[0].seq, Seq(2));
}

#[tokio::test]
async fn what_another_writer_told_is_a_conflict_and_no_fault_of_the_page() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    tell(&wire, 1..=2).await;
    wire.learn_keys().await.unwrap();
    let theirs = event(3, "Bridge closed");
    let key = Key::of_ticker("Bridge closed");
    let other = rusqlite::Connection::open(desk.path()).unwrap();
    other
        .execute(
            "INSERT INTO event (seq, id, at, page_at, thread, version, json)
             VALUES (3, ?1, 0, 0, ?1, 1, ?2)",
            (theirs.id.0, theirs.json()),
        )
        .unwrap();
    other
        .execute(
            "INSERT INTO told (key, id, seq, last_at) VALUES (?1, ?2, 3, 0)",
            (key.0, theirs.id.0),
        )
        .unwrap();
    drop(other);
    let ours = || telling(event(3, "Ferry 3 leaves Port Amal"));
    let before = wire.position();
    let late = wire.append(before, [ours()].into()).await;
    assert!(matches!(late, Err(AppendError::Conflict(at)) if at.seq == Seq(3)), "{late:?}");
    let missed = wire.records_between(before, wire.position()).unwrap();
    assert_eq!(missed, [Record::Event(theirs.clone())], "and judged with");
    let told = wire.snapshot().unwrap().told(&[key], None).unwrap();
    assert_eq!(told[0].as_ref().map(|row| row.seq), Some(Seq(3)), "its key is known");
    let read = wire.read(Seq(2), 10).await.unwrap();
    assert_eq!(read[0].event.id, theirs.id, "it can be read on from there");
    tell(&wire, 4..=4).await;
}

#[tokio::test]
async fn an_append_to_a_closed_wire_says_that_it_is_the_end() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    tell(&wire, 1..=1).await;
    wire.close();
    let late = wire.append(wire.position(), [telling(event(2, "Late"))].into()).await;
    assert!(matches!(late, Err(AppendError::Closed)), "{late:?}");
    let late = wire.retain(&Retention::default(), at(0)).await;
    assert!(matches!(late, Err(AppendError::Closed)), "{late:?}");
}

#[tokio::test]
async fn a_page_is_told_whole_or_not_at_all() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    tell(&wire, 1..=1).await;
    // The second group tells an id that is on the wire already: the store refuses it, and the
    // first goes with it.
    let good = telling(event(2, "Bridge closed"));
    let bad = telling(event(3, "Ferry 1 leaves Port Amal"));
    let result = wire.append(wire.position(), [good.clone(), bad].into()).await;
    assert!(
        matches!(&result, Err(AppendError::Refused { page, .. }) if page == "3.txt"),
        "{result:?}"
    );
    assert_eq!(wire.head().seq, Seq(1));
    assert_eq!(wire.read(Seq(0), 10).await.unwrap().len(), 1);
    assert_eq!(wire.append(wire.position(), [good].into()).await.unwrap().seq, Seq(2));
}

#[tokio::test]
async fn following_joins_what_is_stored_and_what_comes() {
    let desk = Desk::new(Durability::Process);
    {
        let wire = desk.open();
        tell(&wire, 1..=450).await;
        wire.close();
    }
    let wire = desk.open();
    let mut follow = wire.clone().follow(Seq(3));
    let teller = tokio::spawn({
        let wire = wire.clone();
        async move { tell(&wire, 451..=1500).await }
    });
    for seq in 4..=1500 {
        assert_eq!(follow.next().await.unwrap().unwrap().seq, Seq(seq));
    }
    teller.await.unwrap();
}

#[tokio::test]
async fn a_clean_restart_keeps_the_epoch_and_everything_told() {
    let desk = Desk::new(Durability::Process);
    let wire = desk.open();
    tell(&wire, 1..=5).await;
    let before = (wire.head(), wire.epochs());
    wire.close();
    drop(wire);
    let wire = desk.open();
    assert_eq!((wire.head(), wire.epochs()), before);
    let key = Key::of_ticker("Ferry 4 leaves Port Amal");
    let told = wire.told(vec![key], Some("Port Amal Courier".into())).await.unwrap();
    let told = told[0].clone().unwrap();
    assert_eq!((told.seq, told.last_at, told.last_here), (Seq(4), at(4), Some(at(4))));
}

#[tokio::test]
async fn an_opened_backup_begins_a_new_epoch() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    tell(&wire, 1..=5).await;
    let copy = desk.folder.path().join("copy.db");
    wire.back_up(&copy).unwrap();
    assert!(wire.back_up(&copy).is_err(), "never over an existing file");
    let copied = SqliteStore::open(&copy, &desk.config, at(9)).unwrap();
    assert_eq!(copied.head().seq, Seq(5));
    assert_ne!(copied.head().epoch, wire.head().epoch);
    let epochs = copied.epochs();
    assert_eq!(epochs.len(), 2);
    assert_eq!(epochs[1].1, Seq(5), "the first epoch is good up to the copy's head");
}

#[tokio::test]
async fn replay_gives_records_in_wire_order_from_the_horizon_on() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    tell(&wire, 1..=6).await;
    let first = event(1, "Ferry 1 leaves Port Amal");
    let alias = Alias { after: Seq(6), of: first.id, text: Some("Ferry One".into()), at: at(50) };
    let group = Group { aliases: vec![alias.clone()], ..Group::default() };
    wire.append(wire.position(), [group].into()).await.unwrap();
    let mut seven = telling(event(7, "Ferry 7 leaves Port Amal"));
    seven.aliases.push(Alias { after: Seq(6), of: first.id, text: None, at: at(51) });
    wire.append(wire.position(), [seven].into()).await.unwrap();
    let replay = async |horizon| {
        let (out, records) = std::sync::mpsc::channel();
        let each = move |record: Stored<'_>| {
            let number = match record {
                Stored::Event(json) => serde_json::from_str::<Event>(json).unwrap().seq.0 as i64,
                Stored::Alias(alias) => -alias.at.duration_since(at(0)).as_secs(),
            };
            out.send(number).unwrap();
            Ok(())
        };
        wire.replay(horizon, Box::new(each)).await.unwrap();
        records.iter().collect::<Vec<_>>()
    };
    assert_eq!(replay(None).await, [1, 2, 3, 4, 5, 6, -50, -51, 7]);
    assert_eq!(replay(Some(at(5))).await, [1, 5, 6, -50, -51, 7]);
}

/// Takes an event back.
async fn withdraw(wire: &SqliteStore, told: &Event) {
    let withdrawal = Event {
        seq: Seq(wire.head().seq.0 + 1),
        id: EventId::of_withdrawal(told.id),
        action: Action::Withdrawn,
        item: Item::Ticker(TickerLine::default()),
        withdraws: Some(Withdrawal { id: told.id, seq: told.seq, reason: "wrong".into() }),
        ..told.clone()
    };
    let group =
        Group { events: vec![Arc::new(Entry::new(Arc::new(withdrawal)))], ..Group::default() };
    wire.append(wire.position(), [group].into()).await.unwrap();
}

#[tokio::test]
async fn no_corner_of_the_file_keeps_what_is_withdrawn() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    // So many that the first of them have been moved to another page of the file meanwhile.
    tell(&wire, 1..=60).await;
    let words = "Ferry 3 leaves Port Amal";
    let copies = || {
        let bytes = std::fs::read(desk.path()).unwrap();
        bytes.windows(words.len()).filter(|bytes| *bytes == words.as_bytes()).count()
    };
    withdraw(&wire, &event(3, words)).await;
    wire.close();
    assert_eq!(copies(), 0);
}

#[tokio::test]
async fn a_withdrawn_event_is_blanked_wherever_it_is_read() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    tell(&wire, 1..=2).await;
    let first = event(1, "Ferry 1 leaves Port Amal");
    withdraw(&wire, &first).await;
    let live = wire.read(Seq(0), 9).await.unwrap();
    assert_eq!(live[0].event.item.headline(), Some(""));
    let stored = wire.find(first.id).await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&stored.json).contains("Ferry"));
    let key = Key::of_ticker("Ferry 1 leaves Port Amal");
    let told = wire.told(vec![key], None).await.unwrap();
    assert!(told[0].is_some(), "its key stays, so that it is not told again");
}

#[tokio::test]
async fn counts_and_sightings_say_where_an_event_was_seen() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    tell(&wire, 1..=2).await;
    let mut changes = wire.tally_changes();
    let first = event(1, "Ferry 1 leaves Port Amal");
    let mut again = telling(event(9, "Somewhere else"));
    again.events.clear();
    again.told.clear();
    again.sightings = vec![
        Spotted { id: first.id, seq: Seq(1), line: 4 },
        Spotted { id: first.id, seq: Seq(1), line: 7 },
    ];
    wire.append(wire.position(), [again].into()).await.unwrap();
    assert_eq!(changes.recv().await.unwrap()[0], first.id);
    let tally = wire.tallies(vec![first.id]).await.unwrap().remove(0);
    assert_eq!((tally.sightings, tally.pages, tally.last_seen), (3, 2, at(9)));
    let lines: Vec<u32> =
        wire.sightings(first.id).await.unwrap().iter().map(|sighting| sighting.line).collect();
    assert_eq!(lines, [1, 4, 7]);
    assert_eq!(wire.verify().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn old_sightings_become_sums_that_answer_the_same() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    tell(&wire, 1..=2).await;
    let first = event(1, "Ferry 1 leaves Port Amal");
    let mut again = telling(event(9, "Somewhere else"));
    again.events.clear();
    again.told.clear();
    again.sightings = [4, 7].map(|line| Spotted { id: first.id, seq: Seq(1), line }).to_vec();
    wire.append(wire.position(), [again].into()).await.unwrap();
    let source = Some("Port Amal Courier".to_owned());
    let key = Key::of_ticker("Ferry 1 leaves Port Amal");
    let ask = async || {
        (
            wire.tallies(vec![first.id]).await.unwrap(),
            wire.told(vec![key], source.clone()).await.unwrap(),
            wire.counts().await.unwrap().sightings,
            wire.pages(false, 10).await.unwrap(),
            wire.verify().await.unwrap(),
        )
    };
    let before = ask().await;
    assert_eq!(before.2, 4);
    let retention = Retention::default();
    wire.retain(&retention, at(5 + 7 * 86_400)).await.unwrap();
    assert_eq!(ask().await, before);
    // The page noticed later is still kept line by line.
    let lines = async || {
        let whole = wire.sightings(first.id).await.unwrap();
        whole.iter().map(|sighting| sighting.line).collect::<Vec<_>>()
    };
    assert_eq!(lines().await, [4, 7]);
    wire.retain(&retention, at(10 + 7 * 86_400)).await.unwrap();
    assert_eq!(ask().await, before);
    assert_eq!(lines().await, Vec::<u32>::new());
    let sums = wire.sighting_sums(first.id).await.unwrap();
    let [sum] = sums.as_slice() else { panic!("one source: {sums:?}") };
    assert_eq!((&sum.source, sum.first, sum.last), (&source, at(1), at(9)));
    assert_eq!((sum.sightings, sum.pages), (3, 2));
}

#[tokio::test]
async fn evidence_is_dropped_after_its_days() {
    let desk = Desk::new(Durability::Power);
    let wire = desk.open();
    let mut group = telling(event(1, "Ferry 1 leaves Port Amal"));
    let page = b"BREAKING\nFerry 1 leaves Port Amal\n";
    group.evidence = Some(zstd::encode_all(&page[..], 1).unwrap().into());
    let hash = group.page.as_ref().unwrap().hash.unwrap();
    wire.append(wire.position(), [group].into()).await.unwrap();
    wire.retain(&Retention::default(), at(30 * 86_400)).await.unwrap();
    assert_eq!(wire.evidence(hash).await.unwrap().as_deref(), Some(&page[..]));
    wire.retain(&Retention::default(), at(2 + 30 * 86_400)).await.unwrap();
    assert_eq!(wire.evidence(hash).await.unwrap(), None);
}

/// Wires that earlier versions wrote: one page told, and the same again under another name.
const EARLIER: [(i64, &str, &str); 2] = [
    (1, "mb15dcj4", include_str!("wires/format-1.sql")),
    (2, "nmabe2qq", include_str!("wires/format-2.sql")),
];

#[tokio::test]
async fn a_wire_of_an_earlier_version_is_brought_up_to_date_and_kept() {
    for (format, epoch, dump) in EARLIER {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch(dump).unwrap();
        let only_reading = SqliteStore::open_read_only(&path).unwrap_err();
        let OpenError::Older { found, known, .. } = only_reading else { panic!("{only_reading}") };
        assert_eq!(found, format);

        let wire = SqliteStore::open(&path, &Config::default(), at(0)).unwrap();
        assert_eq!(wire.head().to_string(), format!("{epoch}:7"), "the epoch goes on");
        assert_eq!(wire.verify().await.unwrap(), Vec::<String>::new());
        let counts = wire.counts().await.unwrap();
        assert_eq!((counts.events, counts.sightings), (7, 14));
        let told = wire.read(Seq(0), 10).await.unwrap();
        assert_eq!(wire.sightings(told[0].event.id).await.unwrap().len(), 2);
        assert_eq!(wire.pages(false, 10).await.unwrap()[0].drafts, 7);
        let kept = folder.path().join(format!("old.db.before-{known}"));
        let kept = rusqlite::Connection::open(kept).unwrap();
        let found: i64 = kept.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(found, format);
        let backup: String = kept
            .query_row("SELECT value FROM meta WHERE key = 'backup'", [], |row| row.get(0))
            .unwrap();
        assert_eq!(backup, "yes", "whoever goes back to it begins a new epoch");
    }
}

#[tokio::test]
async fn origins_are_counted_from_the_version_on_that_knows_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(EARLIER[1].2).unwrap();
    let wire = SqliteStore::open(&path, &Config::default(), at(0)).unwrap();
    assert_eq!(wire.verify().await.unwrap(), Vec::<String>::new());
    let told = wire.read(Seq(0), 10).await.unwrap();
    let id = told[0].event.id;
    assert_eq!(wire.thread(id, 10).await.unwrap().len(), 1);
    let tally = wire.tallies(vec![id]).await.unwrap().remove(0);
    assert_eq!((tally.sightings, tally.origins), (2, 0));
}

#[test]
fn files_that_are_no_wire_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| SqliteStore::open(&folder.path().join(name), &Config::default(), at(0));

    std::fs::write(folder.path().join("text.db"), "not a database, but long enough to be one")
        .unwrap();
    assert!(matches!(open("text.db"), Err(OpenError::Foreign(_))));

    let other = rusqlite::Connection::open(folder.path().join("other.db")).unwrap();
    other.execute_batch("CREATE TABLE x (y)").unwrap();
    assert!(matches!(open("other.db"), Err(OpenError::Foreign(_))));

    drop(open("newer.db").unwrap());
    let newer = rusqlite::Connection::open(folder.path().join("newer.db")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(open("newer.db"), Err(OpenError::Newer { found: 99, .. })));

    assert!(matches!(open("no/such/folder.db"), Err(OpenError::Refused { .. })));
    let missing = SqliteStore::open_read_only(&folder.path().join("missing.db"));
    assert!(matches!(missing, Err(OpenError::Missing(_))));
}
