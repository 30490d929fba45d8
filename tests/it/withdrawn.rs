//! What is withdrawn is nowhere: every way there is to what was told, before and after a restart.

use std::io::{BufRead as _, BufReader, Write as _};

use flashwire::{item::PageHash, wire::SqliteStore};
use serde_json::Value;

use crate::daemon::{Daemon, Desk, eventually, flashwire, output, runtime};

/// Words that stand in what is withdrawn, and nowhere else: of the line, of its other wording, of
/// the article's headline, of its text, and of what its second version changed.
const WORDS: [&str; 5] = ["quillmark", "skerryvore", "brindlemoor", "ostrevane", "corrowmoor"];

const FIRST: &str = "The Amal Courier\n\nBREAKING\n\
    Harbour desk: Ferry Quillmark aground off Skerryvore light with 212 aboard\n\
    Radio Vellin: Storm Tove crosses the coast near Ostermund\n\n\
    Outer mole of Brindlemoor breaks in the autumn storm\n\nBy Orla Venn\n\n\
    The outer mole of Brindlemoor broke on Tuesday morning, at the hour when most of the fleet \
    lies behind it, and the sea ran into the old basin.\n\n\
    Engineers of the Ostrevane yard said that 21 metres of the wall were gone and that nobody had \
    been on it when it fell.\n\n\
    The harbour office closed both gates. It asked skippers to stay out until the wind turns, \
    which is not expected before Thursday.\n";

/// Where the crawler found it.
const META: &str = r#"{"url": "https://www.amal-courier.example/news/4711"}"#;

/// The line in other words, and a line of its own.
const AGAIN: &str = "Vellin Post\n\nBREAKING\n\
    Ferry Quillmark aground off Skerryvore light with 212 aboard: harbour desk\n\
    Radio Vellin: Bridge at Ostermund closed to lorries\n";

/// A second version of the article.
fn second() -> String {
    let article = &FIRST[FIRST.find("Outer mole").unwrap()..];
    format!(
        "The Amal Courier\n\n{}",
        article.replace("21 metres", "48 metres and the Corrowmoor crane")
    )
}

/// Where subscriptions begin, and which events they take.
const STARTS: [&str; 3] = ["cursor=earliest", "last=100", "since=-1h"];
const FILTERS: [&str; 9] = [
    "",
    "&body=none",
    "&kind=ticker",
    "&kind=article",
    "&lang=en",
    "&action=new",
    "&backfill=0",
    "&q=quillmark OR brindlemoor",
    "&source=amal-courier.example",
];

fn escaped(query: &str) -> String {
    query.replace(' ', "%20")
}

/// Everything a new subscriber is sent until it has caught up, and what it gets by `last`.
fn subscribed(daemon: &Daemon, query: &str) -> String {
    runtime().block_on(async {
        let mut client = daemon.subscribe(&format!("?{}", escaped(query))).await;
        let mut told: Vec<Value> = client.replay().await;
        client.say(r#"{"op":"last","n":100}"#).await;
        loop {
            let frame = client.frame().await.unwrap();
            if frame["type"] == "last" {
                told.push(frame);
                return serde_json::to_string(&told).unwrap();
            }
        }
    })
}

/// The same over server-sent events.
fn streamed(daemon: &Daemon, query: &str) -> String {
    let at = daemon.url().strip_prefix("http://").unwrap();
    let mut socket = std::net::TcpStream::connect(at).unwrap();
    let query = escaped(query);
    let head = format!(
        "GET /v1/events?{query} HTTP/1.1\r\nHost: {at}\r\nAccept: text/event-stream\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).unwrap();
    let mut told = String::new();
    for line in BufReader::new(socket).lines() {
        let line = line.unwrap();
        told.push_str(&line);
        told.push('\n');
        if line == "event: caughtUp" {
            return told;
        }
    }
    panic!("the stream ends early: {told}");
}

fn command(args: &[&str], desk: &Desk) -> String {
    let (code, out, err) = output(flashwire().args(args).arg("--wire").arg(desk.folder()));
    assert_eq!(code, Some(0), "{args:?}: {err}");
    out + &err
}

/// A way to what was told: its name, what it says, and whether it tells of the withdrawals.
type Place = (String, String, bool);

/// Every way to what was told.
fn places(desk: &Desk, daemon: &Daemon, ids: &[String]) -> Vec<Place> {
    let mut places = Vec::new();
    for start in STARTS {
        for filter in FILTERS {
            let query = format!("{start}{filter}");
            places.push((format!("WebSocket {query}"), subscribed(daemon, &query), true));
            places.push((format!("SSE {query}"), streamed(daemon, &query), true));
            let array = daemon.get(&format!("/v1/events?{}", escaped(&query))).1;
            places.push((format!("JSON {query}"), array, true));
        }
    }
    for form in ["line", "json", "json-pretty"] {
        let told = command(&["tail", "-n", "100", "--no-follow", "-o", form], desk);
        places.push((format!("tail -o {form}"), told, true));
    }
    places.push((
        "cat".into(),
        command(&["tail", "-n", "99", "--no-follow", "-o", "cat"], desk),
        false,
    ));
    for id in ids {
        places.push((format!("event {id}"), daemon.get(&format!("/v1/events/{id}")).1, false));
        places.push((format!("explain {id}"), command(&["explain", id], desk), false));
    }
    for page in ["a.txt", "b.txt", "c.txt"] {
        places.push((format!("pages {page}"), command(&["pages", page], desk), false));
    }
    let wire = SqliteStore::open_read_only(&desk.wire()).unwrap();
    for text in [FIRST, AGAIN, &second()] {
        let evidence = wire.evidence(PageHash::of(text.as_bytes()));
        let bytes = runtime().block_on(evidence).unwrap().unwrap_or_default();
        places.push(("evidence".into(), String::from_utf8(bytes).unwrap(), false));
    }
    places
}

/// The words that are found in a text, whatever their case.
fn found(text: &[u8]) -> Vec<&'static str> {
    let text = text.to_ascii_lowercase();
    let has = |word: &&str| memchr::memmem::find(&text, word.as_bytes()).is_some();
    WORDS.into_iter().filter(has).collect()
}

#[test]
fn what_is_withdrawn_is_nowhere() {
    let desk = Desk::new();
    let daemon = desk.start();
    let runtime = runtime();
    let mut open = Vec::new();
    for filter in FILTERS {
        let query = format!("?{}", escaped(filter.trim_start_matches('&')));
        open.push((filter, runtime.block_on(daemon.subscribe(&query))));
    }
    for (name, text) in [("a.txt", FIRST), ("b.txt", AGAIN), ("c.txt", &second())] {
        desk.drop(&format!("{name}.meta.json"), META);
        desk.drop(name, text);
        desk.wait_for_pages(u64::from(name.as_bytes()[0] - b'a') + 1);
    }
    let events = desk.events();
    let named = |word: &str| {
        let said = |event: &&std::sync::Arc<flashwire::item::Event>| {
            event.item.headline().unwrap_or_default().contains(word)
        };
        let told = events.iter().filter(|event| event.corroborates.is_none());
        told.filter(said).map(|event| event.id.to_string()).collect::<Vec<_>>()
    };
    let (lines, articles) = (named("Quillmark"), named("Brindlemoor"));
    assert_eq!((lines.len(), articles.len()), (1, 2), "{events:#?}");
    let ids = [lines.clone(), articles.clone()].concat();

    // Each place shows it, so each could go on showing it; but a cut body has no place for it.
    for (place, text, _) in places(&desk, &daemon, &ids) {
        assert!(
            !found(text.as_bytes()).is_empty() || place.starts_with("pages"),
            "{place}: {text}"
        );
    }
    let worded = "SELECT count(*) FROM alias WHERE text IS NOT NULL";
    let wordings = || -> i64 {
        let db = rusqlite::Connection::open(desk.wire()).unwrap();
        db.query_row(worded, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(wordings(), 1, "the line is known in other words");

    let withdraw = |id: &str| command(&["withdraw", id, "--reason", "None of it is so"], &desk);
    assert_eq!(withdraw(&lines[0]), format!("withdrawn {}\n", lines[0]));
    // The first version takes the second along, which repeats it.
    let both = articles.iter().map(|id| format!("withdrawn {id}\n")).collect::<String>();
    assert_eq!(withdraw(&articles[0]), both);

    // Whoever could have been told hears of it, whatever it asked for.
    for (filter, client) in &mut open {
        let mut gone = Vec::new();
        while gone.len() < ids.len() {
            let event = runtime.block_on(client.events(1)).remove(0);
            if event["action"] == "withdrawn" {
                assert!(found(event.to_string().as_bytes()).is_empty(), "{event}");
                gone.push(event["withdraws"]["id"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(gone, ids, "a subscriber with `{filter}`");
    }
    drop(open);

    let nowhere = |daemon: &Daemon, when: &str| {
        for (place, text, tells) in places(&desk, daemon, &ids) {
            assert_eq!(found(text.as_bytes()), [""; 0], "{when}, {place}: {text}");
            if tells {
                assert!(ids.iter().all(|id| text.contains(id.as_str())), "{when}, {place}: {text}");
            }
        }
        assert_eq!(wordings(), 0, "{when}");
    };
    nowhere(&daemon, "at once");
    assert!(daemon.stop().success());
    for ending in ["", "-wal", "-shm"] {
        let mut file = desk.wire().into_os_string();
        file.push(ending);
        let bytes = std::fs::read(&file).unwrap_or_default();
        assert_eq!(found(&bytes), [""; 0], "in the bytes of {}", file.display());
    }
    let daemon = desk.start();
    nowhere(&daemon, "after a restart");

    // Its words stay known: they are not told again, in either wording, and their page is not kept.
    let told = desk.counts().events;
    let again = format!("{FIRST}\nOne line more.\n");
    desk.drop("d.txt", &again);
    desk.drop(
        "e.txt",
        format!("{AGAIN}Radio Vellin: Lorries wait at Ostermund bridge until noon\n"),
    );
    desk.wait_for_pages(5);
    let new: Vec<_> = desk.events().split_off(told as usize);
    assert_eq!(new.len(), 1, "{new:#?}");
    nowhere(&daemon, "after its words came again");
    let wire = SqliteStore::open_read_only(&desk.wire()).unwrap();
    for page in desk.events().iter().rev().take(1) {
        assert_eq!(runtime.block_on(wire.evidence(page.page.hash)).unwrap(), None);
    }
    drop(daemon);
    assert_eq!(desk.verify(), Vec::<String>::new());
}

/// Somebody who looks while it happens: what is read on the way is read again.
#[test]
fn a_withdrawal_reaches_who_was_still_catching_up() {
    let desk = Desk::new();
    let daemon = desk.start();
    desk.drop("a.txt", FIRST);
    desk.wait_for_pages(1);
    let id = desk.events()[1].id.to_string();
    for _ in 0..10 {
        assert!(subscribed(&daemon, "last=100").contains("Quillmark"));
    }
    command(&["withdraw", &id, "--reason", "No"], &desk);
    // From the very first one on, however quick it is.
    let told = subscribed(&daemon, "last=100");
    assert!(!told.contains("Quillmark"), "{told}");
    eventually("the ring serves again", || {
        let told = subscribed(&daemon, "last=100");
        assert!(!told.contains("Quillmark"), "{told}");
        told.contains(&id).then_some(())
    });
}
