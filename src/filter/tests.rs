//! What `q` takes and leaves, and what it refuses.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::item::{
    Article, Change, ChangeSize, EventId, Item, PageHash, PageRef, Seq, Source, TickerLine,
    WordChange,
};

fn event(seq: u64, item: Item) -> Event {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&seq.to_be_bytes());
    let time = Timestamp::from_second(1_790_000_000 + seq as i64).unwrap();
    let page = PageRef::new(format!("{seq}.txt"), PageHash(bytes), time);
    let source =
        Source { name: Some("Harbour Daily".into()), host: Some("harbour-daily.test".into()) };
    Event { source, ..Event::new(Seq(seq), EventId(bytes), item, page) }
}

fn ticker(headline: &str) -> Event {
    let attribution = headline.split_once(": ").map(|(who, _)| who.to_owned());
    let line = TickerLine { headline: headline.into(), attribution, ..TickerLine::default() };
    event(1, Item::Ticker(TickerLine { language: Some("en-GB".into()), urgency: 2, ..line }))
}

fn article(headline: &str, body: &str) -> Event {
    let article = Article {
        headline: Some(headline.into()),
        body: body.into(),
        urgency: 4,
        ..Article::default()
    };
    event(2, Item::Article(Box::new(article)))
}

fn now() -> Timestamp {
    "2026-11-20T15:00:00Z".parse().unwrap()
}

fn read(q: &str) -> Query {
    Query::read(q, now()).unwrap_or_else(|bad| panic!("{q}: {bad}"))
}

fn matches(q: &str, event: &Event) -> bool {
    read(q).matches(&Words::of(event))
}

fn takes(event: &Event, queries: &[&str]) {
    queries.iter().for_each(|q| assert!(matches(q, event), "{q}"));
}

fn leaves(event: &Event, queries: &[&str]) {
    queries.iter().for_each(|q| assert!(!matches(q, event), "{q}"));
}

#[test]
fn words_phrases_beginnings_and_fields() {
    let line = ticker("Coast guard: Ferry “Amal Star” aground off Port Amal, 12 hurt");
    takes(
        &line,
        &[
            "ferry",
            "FERRY aground",
            "\"amal star\"",
            "agr*",
            "ferry -drill",
            "train OR ferry",
            "attribution:\"coast guard\"",
            "headline:12",
            "source:\"harbour daily\"",
            "train OR ferry hurt",
            "source:harbour-daily.test",
            "",
            "-train",
            "amal*",
            "ferry:",
        ],
    );
    leaves(
        &line,
        &[
            "ferries",
            "fer",
            "\"star amal\"",
            "-ferry",
            "train OR ferry bus",
            "body:ferry",
            "attribution:ferry",
            "source:daily*x",
            "13",
            "guard -coast",
            "byline:coast",
        ],
    );
    let story = article("Harbour reopens", "Ships left on Monday.\n\nThe pilot returned.");
    takes(&story, &["pilot harbour", "body:\"the pilot\""]);
    // A phrase doesn't run on from one field into the next.
    leaves(&story, &["\"reopens ships\""]);
}

#[test]
fn brackets_and_operators() {
    let line = ticker("Ferry aground off Port Amal");
    takes(
        &line,
        &[
            "(train OR ferry) aground",
            "aground (train OR (bus OR ferry))",
            "ferry AND aground",
            "ferry AND NOT train",
            "NOT train ferry",
            "-(train OR bus)",
            "(ferry)",
            "train OR ferry AND aground",
            "headline:(train OR ferry)",
            "-body:(ferry OR aground)",
            "headline:(ferry -train)",
            "kind:(ticker OR article)",
            "ferry(aground)",
            "and OR ferry",
            "NOT (train)",
        ],
    );
    leaves(
        &line,
        &[
            "(train OR ferry) bus",
            "-(train OR ferry)",
            "NOT ferry",
            "ferry AND train",
            "body:(ferry OR aground)",
            "and ferry",
            "ferry -(port amal)",
            "\"AND\"",
        ],
    );
}

#[test]
fn values_of_fields() {
    let line = ticker("Ferry aground");
    takes(
        &line,
        &[
            "kind:ticker",
            "action:new",
            "lang:en",
            "lang:en-gb",
            "urgency:2",
            "urgency:<=2",
            "urgency:>1",
            "since:2026-09-21",
            "until:2026-09-21",
            "since:2026-09-21T14:13:21Z",
            "until:2026-09-21T14:13:21Z",
            "until:-1d",
            "stale:no",
            "backfill:no",
            "-kind:article",
            "kind:\"ticker\"",
        ],
    );
    leaves(
        &line,
        &[
            "kind:article",
            "action:update",
            "lang:e2",
            "lang:en-us",
            "urgency:>=3",
            "urgency:<2",
            "since:2026-09-22",
            "until:2026-09-20",
            "since:2026-09-21T14:13:22Z",
            "since:-1d",
            "stale:yes",
            "size:major",
            "changed:ferry",
        ],
    );
    assert!(matches(&format!("thread:{}", line.thread), &line));
}

#[test]
fn only_what_an_update_added_is_changed() {
    let words = [("9", "12"), ("in Quay Street", ""), ("", "near the port of Amal")];
    let words = words.map(|(was, now)| WordChange { was: was.into(), now: now.into() });
    let change = Change { size: ChangeSize::Edit, words: words.to_vec() };
    let update = Event { change: Some(change), ..ticker("12 hurt near the port of Amal") };
    takes(&update, &["changed:12", "changed:\"port of amal\"", "changed:amal size:edit"]);
    leaves(
        &update,
        &["changed:9", "changed:hurt", "changed:quay", "changed:\"12 near\"", "size:minor"],
    );
}

#[test]
fn unspaced_scripts_are_found_inside() {
    let line = ticker("東京で地震 津波の心配なし");
    takes(&line, &["地震", "津波", "(火事 OR 地震) -大雨"]);
    leaves(&line, &["震地"]);
}

#[test]
fn order_and_brackets_do_not_make_another_query() {
    assert_eq!(read("a b OR c"), read("c OR b a b"));
    assert_eq!(read("a (b c)"), read("((c) AND b) a"));
    assert_eq!(read("a OR (b OR c)"), read("c OR b OR a"));
    assert_eq!(read("-(-a)"), read("a"));
    assert_eq!(read("-(kind:ticker)"), read("NOT kind:ticker"));
    assert_eq!(read("  "), Query::default());
    assert_ne!(read("a b"), read("\"a b\""));
    assert_ne!(read("a (b OR c)"), read("a b OR c"));
}

#[test]
fn what_is_wrong_is_said_and_where() {
    for (q, said) in [
        ("colour:red", "q, column 1: there is no field `colour`"),
        ("é colour:red", "q, column 3: there is no field `colour`"),
        ("colour:(red)", "q, column 1: there is no field `colour`"),
        ("a \"port amal", "q, column 3: this quotation mark is not closed"),
        ("OR a", "q, column 1: OR must stand between two terms"),
        ("a OR", "q, column 3: OR must stand between two terms"),
        ("a OR OR b", "q, column 6: OR must stand between two terms"),
        ("a AND", "q, column 3: AND must stand between two terms"),
        ("AND a", "q, column 1: AND must stand between two terms"),
        ("(a AND) b", "q, column 4: AND must stand between two terms"),
        ("a NOT", "q, column 3: NOT must stand before a term"),
        ("a (b", "q, column 3: this bracket is not closed"),
        ("a b)", "q, column 4: this bracket closes none"),
        ("a ()", "q, column 4: nothing stands between the brackets"),
        (")", "q, column 1: nothing stands between the brackets, or before this one"),
        ("a …", "q, column 3: `…` has no letter or figure"),
        ("a || b", "q, column 3: `||` is not known; write OR"),
        ("source: courier", "q, column 1: nothing stands behind `source:`"),
        ("kind:video", "q, column 6: `video` can't be used: expected ticker or article"),
        ("urgency:high", "q, column 9: `high` can't be used: expected a number"),
        ("since:yesterday", "q, column 7: `yesterday` can't be used: expected a day"),
        ("size:huge", "q, column 6: `huge` can't be used: expected minor, edit or major"),
    ] {
        let bad = Query::read(q, now()).unwrap_err().to_string();
        assert!(bad.starts_with(said), "{q}: {bad}");
    }
    let bad = |q: &str| Query::read(q, now()).unwrap_err().to_string();
    assert!(bad(&"a".repeat(2000)).starts_with("q has 2000 bytes"));
    assert!(bad(&"(".repeat(40)).contains("column 17: brackets stand more than 16 deep"));
    assert!(bad(&"a ".repeat(65)).contains("more than 64 terms"));
    // However often something is taken back, it is read by its own few steps.
    assert!(Query::read(&"NOT ".repeat(250), now()).is_err());
}

/// What a query's text is made of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "ferry",
        "-",
        "(",
        ")",
        "\"",
        "OR",
        "AND",
        "NOT",
        " ",
        " ",
        ":",
        "headline:",
        "since:",
        "urgency:",
        "<",
        "2",
        "*",
        "地震",
        "é",
        "kind:ticker",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(q in ".{0,60}") {
        if let Ok(query) = Query::read(&q, now()) {
            query.matches(&Words::of(&ticker("Port Amal")));
        }
    }

    #[test]
    fn what_is_refused_is_refused_within_the_text(q in pieces()) {
        match Query::read(&q, now()) {
            Ok(query) => { query.matches(&Words::of(&ticker("Port Amal"))); }
            Err(bad) => {
                let column = bad.column.unwrap();
                prop_assert!((1..=q.chars().count() + 1).contains(&column), "{}: {}", q, bad);
            }
        }
    }
}
