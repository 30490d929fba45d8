//! Who tells something, independent of each other, and when the second one does.

use serde_json::Value;

use crate::daemon::{Daemon, Desk, eventually, output, runtime};

const LINE: &str = "Ferry aground off Skerry light with 212 aboard";

/// Drops a page of a host with one line, and one that no other page has.
fn drop_page(desk: &Desk, name: &str, host: &str, line: &str) {
    desk.drop(&format!("{name}.meta.json"), format!(r#"{{"url": "https://{host}/{name}"}}"#));
    desk.drop(
        name,
        format!("BREAKING\nRadio Vellin: Storm Tove nears {name} and {host}\n{line}\n"),
    );
}

/// Everything a new subscriber is sent.
fn told(daemon: &Daemon, query: &str) -> Vec<Value> {
    let query = query.replace(' ', "%20").replace('<', "%3C").replace('>', "%3E");
    runtime().block_on(async {
        let mut client = daemon.subscribe(&format!("?{query}")).await;
        let frames = client.replay().await;
        frames.into_iter().filter(|frame| frame["type"] == "event").collect()
    })
}

fn json(daemon: &Daemon, path: &str) -> Value {
    let (status, body) = daemon.get(&path.replace(' ', "%20").replace('>', "%3E"));
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn the_second_origin_is_told_once_to_who_asks() {
    let desk = Desk::new();
    let daemon = desk.start();
    let bridge = "Reuters: Bridge at Ostermund closed to lorries";
    for (pages, (name, host, line)) in (1..).zip([
        ("a.txt", "amal-courier.example", LINE),
        // Another page of the same publisher is no second origin.
        ("b.txt", "amal-courier.example", LINE),
        ("c.txt", "vellin-post.example", LINE),
        ("d.txt", "ostermund-herald.example", LINE),
        // One agency, however often it is copied.
        ("e.txt", "skerry-times.example", bridge),
        ("f.txt", "brindle-mail.example", bridge),
    ]) {
        drop_page(&desk, name, host, line);
        desk.wait_for_pages(pages);
    }
    assert!(told(&daemon, "cursor=earliest").iter().all(|event| event["action"] != "corroborated"));
    let asked = ["cursor=earliest&action=corroborated", "cursor=earliest&q=ferry origins:>1"];
    for query in asked {
        let events = told(&daemon, query);
        assert_eq!(events.len(), 1, "{query}: {events:?}");
        let (event, of) = (&events[0], &events[0]["corroborates"]);
        assert_eq!(
            (&event["action"], &of["origin"]),
            (&"corroborated".into(), &"vellin-post.example".into())
        );
        assert_eq!((&of["seq"], &event["item"]["headline"]), (&1.into(), &LINE.into()));
        assert_eq!(event["source"]["host"], "vellin-post.example");
    }
    let corroborated = &told(&daemon, asked[0])[0];
    let seq = corroborated["seq"].as_u64().unwrap();
    // It resumes exactly: with it before its position, without it behind.
    let after = |seq: u64| told(&daemon, &format!("cursor={seq}&q=ferry origins:>1")).len();
    assert_eq!((after(seq - 1), after(seq)), (1, 0));

    // Counts, wherever an event is read.
    let id = corroborated["corroborates"]["id"].as_str().unwrap().to_owned();
    let whole = json(&daemon, &format!("/v1/events/{id}"));
    let names = whole["origins"].as_array().unwrap().iter().map(|origin| &origin["name"]);
    let names: Vec<_> = names.map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.contains(&"vellin-post.example"), "{names:?}");
    assert_eq!((&whole["tally"]["origins"], &whole["tally"]["sightings"]), (&3.into(), &4.into()));
    let found = |q: &str| {
        let answer = json(&daemon, &format!("/v1/search?q={q}"));
        let hits = answer["found"].as_array().unwrap().clone();
        hits.iter().map(|hit| hit["event"]["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(found("ferry origins:>1"), [1]);
    assert_eq!(found("ferry origins:3"), [1]);
    assert_eq!(found("ferry origins:>3"), Vec::<u64>::new());
    assert_eq!(found("bridge origins:1").len(), 1);
    assert_eq!(found("action:corroborated"), [seq]);
    assert_eq!(desk.verify(), Vec::<String>::new());

    // Another start folds the same.
    assert!(daemon.stop().success());
    let daemon = desk.start();
    drop_page(&desk, "g.txt", "corrow-gazette.example", LINE);
    desk.wait_for_pages(7);
    assert_eq!(told(&daemon, asked[0]).len(), 1);
    let whole = json(&daemon, &format!("/v1/events/{id}"));
    assert_eq!(whole["tally"]["origins"], 4);

    // Where origins are counted anew, as in a damaged file, the second one is not told again.
    assert!(daemon.stop().success());
    rusqlite::Connection::open(desk.wire()).unwrap().execute("DELETE FROM origin", []).unwrap();
    let daemon = desk.start();
    for (pages, (name, host)) in
        (8..).zip([("h.txt", "tolm-letter.example"), ("i.txt", "orvik-sun.example")])
    {
        drop_page(&desk, name, host, LINE);
        desk.wait_for_pages(pages);
    }
    assert_eq!(told(&daemon, asked[0]).len(), 1);
    assert_eq!(json(&daemon, &format!("/v1/events/{id}"))["tally"]["origins"], 2);

    // What is taken back is nowhere: the words of the second origin and all names go, too.
    let mut withdraw = crate::daemon::flashwire();
    let wire = desk.wire();
    let args = ["withdraw", &id, "--reason", "wrong", "--wire", wire.to_str().unwrap()];
    let (code, _, err) = output(withdraw.args(args));
    assert_eq!(code, Some(0), "{err}");
    let blank = &told(&daemon, asked[0]);
    let blank = blank.iter().find(|event| event["action"] == "corroborated").unwrap();
    assert_eq!(
        (&blank["item"]["headline"], &blank["corroborates"]["origin"]),
        (&"".into(), &"".into())
    );
    assert_eq!(json(&daemon, &format!("/v1/events/{id}"))["origins"], Value::Array(vec![]));
    eventually("the index", || {
        let answer = json(&daemon, "/v1/search?q=ferry");
        answer["found"].as_array().unwrap().is_empty().then_some(())
    });
}

#[test]
fn a_story_has_its_versions_sources_and_times() {
    let desk = Desk::new();
    let daemon = desk.start();
    drop_page(
        &desk,
        "a.txt",
        "amal-courier.example",
        "Harbour desk: 9 hurt on the ferry off Skerry light",
    );
    desk.wait_for_pages(1);
    drop_page(
        &desk,
        "b.txt",
        "vellin-post.example",
        "Harbour desk: 12 hurt on the ferry off Skerry light",
    );
    desk.wait_for_pages(2);
    let events = desk.events();
    let says = |event: &&std::sync::Arc<flashwire::item::Event>| {
        event.item.headline().is_some_and(|headline| headline.contains("12 hurt"))
    };
    let update = events.iter().find(says).unwrap();
    assert!(update.supersedes.is_some());
    for id in [update.id, update.thread] {
        let story = json(&daemon, &format!("/v1/threads/{id}"));
        let versions = story["events"].as_array().unwrap();
        let heads: Vec<_> =
            versions.iter().map(|part| &part["event"]["item"]["headline"]).collect();
        assert_eq!(heads.len(), 2, "{heads:?}");
        assert!(heads[0].as_str().unwrap().contains("9 hurt"));
        assert_eq!(versions[1]["tally"]["sightings"], 1);
        let sources = story["sources"].as_array().unwrap();
        let names: Vec<_> =
            sources.iter().map(|source| source["source"].as_str().unwrap()).collect();
        assert_eq!(names, ["amal-courier.example", "vellin-post.example"]);
        assert_eq!(
            (&story["thread"], &story["more"]),
            (&update.thread.to_string().into(), &false.into())
        );
    }
    assert_eq!(daemon.get("/v1/threads/fw-1").0, 400);
    let (status, body) = daemon.get(&format!("/v1/threads/{}", "fw-".to_owned() + &"2".repeat(26)));
    assert!(matches!(status, 400 | 404), "{body}");
}

#[test]
fn urgency_is_read_and_asked_for() {
    let desk = Desk::new();
    let daemon = desk.start();
    let lines = "BREAKING\nFLASH: Governor of Amal resigns\nJUST IN: Ferry sails again from Skerry\nBridge at Ostermund closed to lorries\n";
    desk.drop("a.txt", format!("The Amal Courier\n\n{lines}"));
    desk.wait_for_pages(1);
    let urgencies = |query: &str| {
        let mut all: Vec<_> = told(&daemon, query)
            .iter()
            .map(|event| event["item"]["urgency"].as_u64().unwrap())
            .collect();
        all.sort_unstable();
        all
    };
    assert_eq!(urgencies("cursor=earliest"), [1, 2, 3]);
    assert_eq!(urgencies("cursor=earliest&q=urgency:<=2"), [1, 2]);
    assert_eq!(urgencies("cursor=earliest&q=urgency:1 governor"), [1]);
}
