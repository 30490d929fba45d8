//! Feeds, read by readers that know nothing of flashwire.

use std::sync::Arc;

use flashwire::{
    item::{Action, Event, Item, Seq, Supersedes, TickerLine},
    wire::Store as _,
};
use serde_json::{Value, json};

use crate::broadcast::desk::{Desk, Options, TOKEN, event, line, story};

/// Ends elements, opens others, is no XML at all, and turns the reading direction.
const HOSTILE: &str = "]]></title><script>alert('1')</script> & \"quotes\" \u{202e}<b>\u{1b}[2J";

/// What a page says of it once nothing of that can steer.
const HARMLESS: &str = "]]></title><script>alert('1')</script> & \"quotes\" <b>[2J";

/// A newer version of what was told.
async fn update(desk: &Desk, old: &Event, headline: &str) -> Arc<Event> {
    let seq = Seq(desk.wire.head().seq.0 + 1);
    let item = Item::Ticker(TickerLine { headline: headline.into(), ..TickerLine::default() });
    let mut new = event(seq, item);
    new.item.set_version(2);
    new.action = Action::Update;
    new.supersedes = Some(Supersedes { id: old.id, seq: old.seq, version: 1 });
    let new = Arc::new(new);
    desk.append(vec![new.clone()]).await;
    new
}

/// What `feedparser` makes of a feed.
fn parsed(body: &str) -> Option<Value> {
    let script = "import feedparser, json, sys\n\
        feed = feedparser.parse(sys.stdin.buffer.read())\n\
        entries = [dict(id=e.id, title=e.title, updated=e.get('updated') or e.get('published'), \
        link=e.link, text=(e.get('summary') or e.content[0].value), \
        tags=[t.term for t in e.get('tags', [])], author=e.get('author')) for e in feed.entries]\n\
        print(json.dumps(dict(bozo=bool(feed.bozo), why=str(feed.get('bozo_exception')), \
        version=feed.version, title=feed.feed.title, entries=entries)))";
    let said = super::python("feedparser", script, body.as_bytes())?;
    Some(serde_json::from_str(&said).unwrap())
}

#[tokio::test]
async fn an_update_is_the_same_entry_and_what_is_withdrawn_is_gone() {
    let desk = Desk::open().await;
    let told = desk.tell(vec![line("Ferry aground"), line("Bridge shut"), line("Quay open")]).await;
    let read = async || desk.get("/feed.json", &[]).await.json();
    let first = read().await;
    let of = |feed: &Value, at: usize| feed["items"][at].clone();
    assert_eq!(of(&first, 2)["title"], "Ferry aground");
    let new = update(&desk, &told[0], "Ferry afloat").await;
    let second = read().await;
    assert_eq!(of(&second, 0)["title"], "Ferry afloat");
    assert_eq!(of(&second, 0)["id"], of(&first, 2)["id"], "the same entry");
    assert_eq!(of(&second, 0)["date_published"], of(&first, 2)["date_published"]);
    assert_ne!(of(&second, 0)["date_modified"], of(&first, 2)["date_modified"]);
    assert_eq!(second["items"].as_array().unwrap().len(), 3);
    // The list comes out the same for who asks for the first time.
    assert_eq!(desk.get("/feed.json?last=50", &[]).await.json()["items"], second["items"]);

    let etag = |answer: &crate::broadcast::desk::Answer| {
        answer.head.lines().find_map(|it| it.strip_prefix("etag: ").map(str::to_owned)).unwrap()
    };
    let before = desk.get("/feed.json", &[]).await;
    desk.withdraw(&told[1], "Not so").await;
    let after = desk.get("/feed.json", &[("if-none-match", &etag(&before))]).await;
    assert_eq!(after.status, 200);
    let titles = |feed: &Value| -> Vec<String> {
        let items = feed["items"].as_array().unwrap().iter();
        items.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(&after.json()), ["Ferry afloat", "Quay open"]);
    assert!(!after.body.contains("Bridge"), "{}", after.body);
    // Where the newest version goes the one before stands again.
    desk.withdraw(&new, "Not so either").await;
    assert_eq!(titles(&read().await), ["Quay open", "Ferry aground"]);
    let array = desk.get("/events.json", &[]).await.json();
    assert_eq!(array[0]["item"]["headline"], "Quay open");
}

#[tokio::test]
async fn whoever_has_it_already_gets_nothing() {
    let desk = Desk::open().await;
    desk.tell_lines(3).await;
    desk.tell(vec![story("Harbour", "One.")]).await;
    for path in ["/feed.atom", "/feed.rss", "/feed.json", "/events.json"] {
        let path = format!("{path}?kind=article");
        let first = desk.get(&path, &[]).await;
        assert_eq!(first.status, 200);
        let etag = first.head.lines().find_map(|it| it.strip_prefix("etag: ")).unwrap();
        let again = desk.get(&path, &[("if-none-match", etag)]).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""));
        // What the filter leaves out changes nothing.
        desk.tell_lines(1).await;
        assert_eq!(desk.get(&path, &[("if-none-match", etag)]).await.status, 304);
        desk.tell(vec![story(path.as_str(), "Two.")]).await;
        assert_eq!(desk.get(&path, &[("if-none-match", etag)]).await.status, 200);
    }
}

#[tokio::test]
async fn parameters_are_those_of_the_stream() {
    let desk = Desk::open().await;
    desk.tell_lines(60).await;
    desk.tell(vec![line("Sirens near Port Amal")]).await;
    let items = async |query: &str| {
        let feed = desk.get(&format!("/feed.json?{query}"), &[]).await;
        feed.json()["items"].as_array().unwrap().len()
    };
    assert_eq!(items("").await, 50);
    assert_eq!(items("last=7").await, 7);
    assert_eq!(items("q=siren*").await, 1);
    for (query, says) in [("q=%22x", "q"), ("cursor=5", "/v1/events"), ("colour=red", "colour")] {
        let answer = desk.get(&format!("/feed.atom?{query}"), &[]).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.body.contains(says), "{}", answer.body);
    }
}

#[tokio::test]
async fn readers_are_let_in_by_http_basic() {
    let desk = Desk::with(Options { tokens: true, ..Options::default() }).await;
    desk.tell_lines(1).await;
    let refused = desk.get("/feed.rss", &[]).await;
    assert_eq!(refused.status, 401);
    assert!(refused.head.contains("www-authenticate: basic"));
    let basic = data_encoding::BASE64.encode(format!("reader:{TOKEN}").as_bytes());
    let let_in = desk.get("/feed.rss", &[("authorization", &format!("Basic {basic}"))]).await;
    assert_eq!(let_in.status, 200);
}

#[tokio::test]
async fn an_independent_reader_reads_every_format_and_nothing_steers_it() {
    let desk = Desk::open().await;
    let told = desk.tell(vec![line(HOSTILE), story("Port Amal", "One.\n\n<i>Two</i> & three.")]);
    let told = told.await;
    for path in ["/feed.atom", "/feed.rss"] {
        let answer = desk.get(&format!("{path}?q=alert+OR+port"), &[]).await;
        let Some(feed) = parsed(&answer.body) else { return };
        assert_eq!(feed["bozo"], false, "{path}: {feed}\n{}", answer.body);
        assert_eq!(feed["version"], if path == "/feed.atom" { "atom10" } else { "rss20" });
        assert_eq!(feed["title"], "flashwire: q=alert+OR+port");
        let entries = feed["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[1]["id"], format!("tag:flashwire,2026:{}", told[0].id));
        assert_eq!(entries[0]["author"], "Harbour Daily");
        assert_eq!(entries[0]["tags"], json!(["article", "new"]));
        // A reader takes titles of RSS for HTML; Atom's says that it is text.
        if path == "/feed.atom" {
            assert_eq!(entries[1]["title"], HARMLESS);
        }
        assert!(!entries[1]["text"].as_str().unwrap().contains("<script"), "{feed}");
        let text = entries[0]["text"].as_str().unwrap();
        assert!(text.contains("&lt;i&gt;Two&lt;/i&gt; &amp; three."), "{text}");
        assert!(
            entries[0]["link"]
                .as_str()
                .unwrap()
                .starts_with(&format!("http://{}/v1/events/", desk.at))
        );
    }
}
