//! One wrong clock doesn't mark what comes after it.

use std::sync::Arc;

use flashwire::{
    item::{
        Action, Event, EventId, Item, Key, Kind, Outcome, PageHash, PageRef, Seq, Source,
        TickerLine,
    },
    wire::{Config, Entry, Group, Order as _, PageRow, Spotted, SqliteStore, ToldKey},
};
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

use crate::daemon::{Desk, flashwire, output, runtime};

const LINE: &str = "Harbour desk: The lightship of Karsa has broken loose in the storm";

/// What a daemon wrote whose clock was ten days ahead.
fn told_ahead(desk: &Desk) -> Timestamp {
    let ahead = Timestamp::now() + 240.hours();
    let key = Key::of_ticker(LINE);
    let id = EventId::of(Kind::Ticker, &key, None);
    let hash = PageHash::of(b"ahead");
    let source = Source { name: Some("The Amal Courier".into()), host: None };
    let line = TickerLine { headline: LINE.into(), urgency: 2, ..TickerLine::default() };
    let page = PageRef::new("ahead.txt", hash, ahead);
    let event = Event {
        time: ahead,
        source: source.clone(),
        ..Event::new(Seq(1), id, Item::Ticker(line), page)
    };
    let row = PageRow {
        name: b"ahead.txt".to_vec(),
        hash: Some(hash),
        stat: [1; 5],
        outcome: Outcome::Done,
        reason: None,
        seen: ahead,
        at: ahead,
        lane: "live",
        ticket: 0,
        source: source.label().map(Into::into),
        url: None,
        ticker_lines: 1,
        lines: [("ticker".to_owned(), 1)].into(),
        remarks: vec![],
    };
    let group = Group {
        page: Some(row),
        sightings: vec![Spotted { id, seq: Seq(1), line: 1 }],
        told: vec![ToldKey { key, id, seq: Seq(1), at: ahead }],
        events: vec![Arc::new(Entry::new(Arc::new(event)))],
        ..Group::default()
    };
    let wire = SqliteStore::open(&desk.wire(), &Config::default(), ahead).unwrap();
    runtime().block_on(wire.append(wire.position(), [group].into())).unwrap();
    wire.close();
    ahead
}

fn page(lines: &[String]) -> String {
    format!("The Amal Courier\n\nBREAKING\n{}\n", lines.join("\n"))
}

fn hurt(count: u32) -> String {
    format!("Radio Vellin: Storm hurts {count} people at the mole of Port Amal")
}

#[test]
fn a_clock_that_was_ahead_marks_nothing_that_is_told_after_it() {
    let desk = Desk::new();
    let ahead = told_ahead(&desk);
    for (round, count) in (1..).zip([9, 12, 15]) {
        // Through restarts, too.
        let log = desk.beside("log");
        let mut command = desk.command();
        let daemon = desk.started(command.stderr(std::fs::File::create(&log).unwrap()));
        desk.drop(&format!("{count}.txt"), page(&[hurt(count)]));
        desk.wait_for_pages(1 + round);
        let (code, said, _) = output(flashwire().args(["status", "--url", daemon.url()]));
        assert_eq!(code, Some(0));
        assert!(said.contains("is the clock right?"), "{said}");
        let stats: Value = serde_json::from_str(&daemon.get("/v1/stats").1).unwrap();
        assert!(stats["aheadSeconds"].as_i64().unwrap() > 9 * 86_400, "{stats}");
        assert!(daemon.stop().success());
        let log = std::fs::read_to_string(&log).unwrap();
        assert_eq!(log.matches("ahead of this machine's clock").count(), 1, "{log}");
    }
    let events = desk.events();
    assert!(events.iter().all(|event| !event.stale), "{events:?}");
    assert!(events.is_sorted_by(|one, next| one.time < next.time), "times never go back");
    assert!(events[3].time < ahead + 1.second());
    let actions: Vec<Action> = events.iter().map(|event| event.action).collect();
    let expected = [Action::New, Action::New, Action::Update, Action::Update];
    assert_eq!(actions, expected, "the window stays where the pages are");
}

/// A line that its source had dropped returns, though the last page before bears a later time.
#[test]
fn lines_return_though_a_page_of_their_source_came_from_the_future() {
    let desk = Desk::new();
    told_ahead(&desk);
    let daemon = desk.start();
    let line = |name: &str| {
        let words = match name {
            "A" => "Sirens are heard in the village of Ostermund",
            "B" => "The northern ferry has docked at the old pier",
            "D" => "Two lorries have collided below the Karsa pass",
            "E" => "School board closes three houses for want of teachers",
            _ => "Firemen free a cow from the canal at midnight",
        };
        format!("Radio Vellin: {words}")
    };
    // Newest first.
    let pages = [&["A", "B"][..], &["D", "A"], &["F", "E", "D"], &["A", "F", "E"]];
    for (n, lines) in (1..).zip(pages) {
        let lines: Vec<String> = lines.iter().map(|name| line(name)).collect();
        desk.drop(&format!("The Amal Courier/{n}.txt"), page(&lines));
        desk.wait_for_pages(1 + n);
    }
    let returned = desk.events().iter().filter(|event| event.resurfaces.is_some()).count();
    assert_eq!(returned, 1);
    assert!(daemon.stop().success());
}
