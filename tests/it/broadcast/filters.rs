//! Subscribers that change their minds.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::json;

use super::desk::{Desk, Options, Subscriber, line};

#[tokio::test]
async fn a_filter_that_is_asked_for_again_is_kept() {
    let desk = Desk::open().await;
    let (mut alone, _) = desk.subscribe("q=ferry").await;
    alone.until("caughtUp").await;
    alone.say(r#"{"op":"filter","id":1,"q":"ferry"}"#).await;
    assert_eq!(alone.until("ack").await["id"], 1);
    desk.tell(vec![line("Bridge closed"), line("Ferry aground")]).await;
    assert_eq!(alone.until("event").await["seq"], 2);
}

#[tokio::test]
async fn the_last_free_filter_can_be_changed() {
    let mut options = Options::default();
    options.config.max_filters = 1;
    let desk = Desk::with(options).await;
    let (mut alone, _) = desk.subscribe("q=ferry").await;
    alone.until("caughtUp").await;
    alone.say(r#"{"op":"filter","id":1,"q":"bridge"}"#).await;
    assert_eq!(alone.until("ack").await["id"], 1);
    let (mut other, _) = desk.subscribe("q=bridge").await;
    other.until("caughtUp").await;
    // Two share it now: neither can have another while the other keeps this one.
    other.say(r#"{"op":"filter","id":2,"q":"ferry"}"#).await;
    let error = other.until("error").await;
    assert_eq!((&error["id"], &error["code"]), (&json!(2), &json!("too_many")));
    desk.tell(vec![line("Ferry aground"), line("Bridge closed")]).await;
    assert_eq!(other.until("event").await["seq"], 2);
    assert_eq!(alone.until("event").await["seq"], 2);
}

#[tokio::test]
async fn another_filter_cancels_the_last_that_was_asked_under_the_one_before() {
    let desk = Desk::open().await;
    desk.tell_lines(5000).await;
    let (mut reader, _) = desk.subscribe("q=zeppelin").await;
    reader.until("caughtUp").await;
    // Looking through all of it for what is not there takes longer than the next words.
    reader.say(r#"{"op":"last","id":1,"n":5}"#).await;
    reader.say(r#"{"op":"filter","id":2,"q":"line"}"#).await;
    reader.say(r#"{"op":"last","id":3,"n":5}"#).await;
    let mut answers = std::collections::BTreeMap::new();
    while answers.len() < 3 {
        let frame = reader.frame().await;
        if let Some(id) = frame["id"].as_u64().filter(|_| frame["type"] != "event") {
            answers.insert(id, frame);
        }
    }
    assert_eq!(answers[&1]["code"], "cancelled", "{answers:?}");
    assert_eq!(answers[&2]["type"], "ack");
    assert_eq!(answers[&3]["events"].as_array().unwrap().len(), 5, "{answers:?}");
}

/// The words that lines are made of, and that filters ask for; the empty one asks for all.
const WORDS: [&str; 4] = ["", "ferry", "bridge", "siren"];

#[derive(Clone, Debug)]
enum Op {
    Come { word: usize, lean: bool },
    Want { who: usize, word: usize, lean: bool },
    Last { who: usize },
    Leave { who: usize },
    Tell { words: Vec<usize> },
}

fn op() -> impl Strategy<Value = Op> {
    let word = 0..WORDS.len();
    prop_oneof![
        2 => (word.clone(), any::<bool>()).prop_map(|(word, lean)| Op::Come { word, lean }),
        4 => (0..8usize, word.clone(), any::<bool>())
            .prop_map(|(who, word, lean)| Op::Want { who, word, lean }),
        1 => (0..8usize).prop_map(|who| Op::Last { who }),
        1 => (0..8usize).prop_map(|who| Op::Leave { who }),
        4 => prop::collection::vec(1..WORDS.len(), 1..6).prop_map(|words| Op::Tell { words }),
    ]
}

/// A subscriber, what it wants, and what it must have been told.
struct Reader {
    subscriber: Subscriber,
    word: usize,
    lean: bool,
    owed: Vec<u64>,
    told: Vec<u64>,
}

impl Reader {
    /// Reads on to an answer, or to a refusal: the last `last` may not be answered yet.
    async fn answer(&mut self, kind: &str) {
        loop {
            let frame = self.subscriber.frame().await;
            if frame["type"] == "event" {
                self.told.push(frame["seq"].as_u64().unwrap());
            }
            if frame["type"] == kind || frame["code"] == "busy" {
                return;
            }
        }
    }
}

/// Plays a sequence of operations against what each subscriber must get by them.
async fn play(ops: &[Op]) {
    let mut options = Options::default();
    options.config.max_filters = 6;
    options.config.command_rate = 100;
    options.config.heartbeat = 60;
    let desk = Desk::with(options).await;
    // What this one has been told, all others have been or will never be: then the next may come.
    let (mut witness, _) = desk.subscribe("").await;
    let mut readers: Vec<Reader> = Vec::new();
    let mut seq = 0;
    for op in ops {
        match op {
            Op::Come { word, lean } => {
                let body = if *lean { "none" } else { "full" };
                let query = match WORDS[*word] {
                    "" => format!("body={body}"),
                    text => format!("body={body}&q={text}"),
                };
                let (mut subscriber, _) = desk.subscribe(&query).await;
                subscriber.until("caughtUp").await;
                let (word, lean) = (*word, *lean);
                readers.push(Reader { subscriber, word, lean, owed: vec![], told: vec![] });
            }
            Op::Want { who, word, lean } => {
                let Some(reader) = readers.get_mut(*who) else { continue };
                let body = if *lean { "none" } else { "full" };
                let op = json!({"op": "filter", "q": WORDS[*word], "body": body});
                reader.subscriber.say(&op.to_string()).await;
                reader.answer("ack").await;
                (reader.word, reader.lean) = (*word, *lean);
            }
            Op::Last { who } => {
                let Some(reader) = readers.get_mut(*who) else { continue };
                reader.subscriber.say(r#"{"op":"last","n":3}"#).await;
                reader.answer("last").await;
            }
            Op::Leave { who } => {
                if *who < readers.len() {
                    readers.remove(*who);
                }
            }
            Op::Tell { words } => {
                let lines = words.iter().map(|word| {
                    seq += 1;
                    for reader in &mut readers {
                        if reader.word == 0 || reader.word == *word {
                            reader.owed.push(seq);
                        }
                    }
                    line(&format!("A {} near pier {seq}", WORDS[*word]))
                });
                desk.tell(lines.collect()).await;
                witness.seqs_to(seq).await;
                // What is told before a filter changes is told by the old one.
                for reader in &mut readers {
                    while reader.told.len() < reader.owed.len() {
                        reader.answer("event").await;
                    }
                }
            }
        }
        for reader in &readers {
            assert_eq!(reader.told, reader.owed, "after {op:?}");
        }
    }
    let wanted: BTreeMap<_, usize> =
        readers.iter().map(|reader| ((reader.word, reader.lean), 1)).collect();
    let everything = usize::from(wanted.contains_key(&(0, false)));
    let gauges = |metrics: &str, name: &str| {
        let line = metrics.lines().find(|line| line.starts_with(name));
        line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap())
    };
    // Who has hung up is noticed a little later.
    let settled = async {
        loop {
            let metrics = desk.get("/metrics", &[]).await.body;
            let here = gauges(&metrics, "flashwire_subscribers{proto=\"ws\"}");
            let audiences = gauges(&metrics, "flashwire_audiences ");
            if (here, audiences) == (readers.len() + 1, wanted.len() - everything) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let settled = tokio::time::timeout(super::desk::PATIENCE, settled).await;
    settled.expect("as many subscribers and filters are counted as there are");
}

#[test]
fn any_change_of_filters_gets_each_what_it_asked_for() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let config = ProptestConfig {
        cases: 48,
        max_shrink_iters: 20,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let ops = prop::collection::vec(op(), 1..40);
    let played = TestRunner::new(config).run(&ops, |ops| {
        runtime.block_on(play(&ops));
        Ok(())
    });
    played.unwrap();
}
