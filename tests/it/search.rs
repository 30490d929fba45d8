//! Looking for what was told: in a running daemon, in its file, and page by page.

use serde_json::Value;

use crate::daemon::{Daemon, Desk, eventually, output};

const FIRST: &str = "The Amal Courier\n\nBREAKING\n\
    Harbour desk: Ferry aground off Skerry light with 212 aboard\n\
    Radio Vellin: Storm Tove crosses the coast near Ostermund\n\
    إغلاق ميناء أمل بعد العاصفة\n\
    東京で地震 津波の心配なし\n";

const SECOND: &str = "The Amal Courier\n\nBREAKING\n\
    Harbour desk: Ferry aground off Skerry light with 240 aboard\n";

/// What a search in the daemon finds, newest first.
fn found(daemon: &Daemon, query: &str) -> Value {
    let query = query.replace(' ', "%20").replace('<', "%3C").replace('=', "%3D");
    let (status, body) = daemon.get(&format!("/v1/search?q={query}"));
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

fn headlines(answer: &Value) -> Vec<String> {
    let found = answer["found"].as_array().unwrap().iter();
    found.map(|hit| hit["event"]["item"]["headline"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_was_told_is_found_in_the_daemon_and_in_its_file() {
    let desk = Desk::new();
    let daemon = desk.start();
    desk.drop("first.txt", FIRST);
    desk.wait_for_pages(1);
    desk.drop("second.txt", SECOND);
    desk.wait_for_pages(2);
    for (q, want) in [
        ("ferry aground", vec!["with 240 aboard", "with 212 aboard"]),
        ("ferry NOT 240", vec!["with 212 aboard"]),
        ("changed:240", vec!["with 240 aboard"]),
        ("(storm OR bridge) oster*", vec!["Storm Tove"]),
        ("ميناء", vec!["ميناء أمل"]),
        ("地震", vec!["津波"]),
        ("action:update urgency:<=2 since:-1h", vec!["with 240 aboard"]),
        ("kind:article ferry", vec![]),
    ] {
        let heads = headlines(&found(&daemon, q));
        assert_eq!(heads.len(), want.len(), "{q}: {heads:?}");
        assert!(heads.iter().zip(&want).all(|(head, part)| head.contains(part)), "{q}: {heads:?}");
    }
    let answer = found(&daemon, "aground");
    assert_eq!(answer["found"][0]["marks"]["headline"][1]["text"], "aground");
    assert_eq!(answer["found"][0]["marks"]["headline"][1]["hit"], true);
    assert_eq!(answer["found"][0]["tally"]["sightings"], 1);
    assert_eq!((&answer["soFar"], &answer["timedOut"]), (&Value::Bool(false), &Value::Bool(false)));

    // Page by page.
    let (_, body) = daemon.get("/v1/search?q=kind:ticker&limit=2");
    let page: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(page["found"].as_array().unwrap().len(), 2);
    let (_, body) = daemon.get(&format!("/v1/search?q=kind:ticker&before={}", page["before"]));
    let rest: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((rest["found"].as_array().unwrap().len(), &rest["before"]), (3, &Value::Null));

    // What is wrong is said, and where.
    let (status, body) = daemon.get("/v1/search?q=ferry%20colour:red");
    assert!(status == 400 && body.contains("q, column 7: there is no field `colour`"), "{body}");
    let (status, body) = daemon.get("/v1/search?limit=0");
    assert!(status == 400 && body.contains("limit=0"), "{body}");

    // The command asks the daemon, or reads the file beside it, and after it.
    let url = daemon.url().to_owned();
    let mut asked = crate::daemon::flashwire();
    let (code, out, err) = output(asked.args(["search", "ferry", "NOT 240", "--url", &url]));
    assert!(code == Some(0) && out.contains("with 212 aboard"), "{out}{err}");
    assert_eq!(out.lines().count(), 1);
    let wire = desk.wire().display().to_string();
    let index = std::path::PathBuf::from(format!("{}.search.db", wire.trim_end_matches(".db")));
    eventually("the index", || index.exists().then_some(()));
    in_file(&desk);
    daemon.stop();
    in_file(&desk);
    // The index can be deleted at any time.
    std::fs::remove_file(&index).unwrap();
    in_file(&desk);
}

/// Searches in the wire's file.
fn in_file(desk: &Desk) {
    let search = |args: &[&str]| {
        let mut command = crate::daemon::flashwire();
        output(command.arg("search").args(args).arg("--wire").arg(desk.wire()))
    };
    let (code, out, err) = search(&["-n", "1", "-o", "json", "ferry"]);
    assert_eq!(code, Some(0), "{err}");
    let event: Value = serde_json::from_str(&out).unwrap();
    assert!(event["item"]["headline"].as_str().unwrap().contains("240"));
    assert!(err.contains(&format!("--before {}", event["seq"])), "{err}");
    let (code, out, err) = search(&["kind:article"]);
    assert!(code == Some(0) && out.is_empty() && err.contains("nothing was found"), "{err}");
    let (code, _, err) = search(&["ferry", "OR"]);
    assert!(code == Some(2) && err.contains("q, column 7: OR must stand between"), "{err}");
}

#[test]
fn an_index_that_is_off_is_said() {
    let desk = Desk::new();
    let daemon = desk.started(desk.command().env("FLASHWIRE_SEARCH_ENABLED", "false"));
    let (status, body) = daemon.get("/v1/search?q=ferry");
    assert!(status == 404 && body.contains("[search]"), "{body}");
}

#[test]
fn history_is_paged_back_to_the_beginning() {
    let desk = Desk::new();
    let daemon = desk.start();
    let lines: Vec<String> =
        (1..=30).map(|n| format!("Gate {n} of the Quay {n} warehouse opens")).collect();
    desk.drop("gates.txt", format!("The Amal Courier\n\nBREAKING\n{}\n", lines.join("\n")));
    desk.wait_for_pages(1);
    let (mut before, mut seqs) = (None, Vec::<u64>::new());
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    loop {
        let from = before
            .as_ref()
            .map_or("limit=7".to_owned(), |seq: &String| format!("limit=7&before={seq}"));
        let url = format!("{}/v1/events?{from}", daemon.url());
        let mut answer = agent.get(url).header("accept", "application/json").call().unwrap();
        let next = answer.headers().get("flashwire-before").cloned();
        let page: Vec<Value> =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        assert!(page.len() <= 7);
        seqs.splice(0..0, page.iter().map(|event| event["seq"].as_u64().unwrap()));
        match (next, before.is_some()) {
            (Some(next), _) => before = Some(next.to_str().unwrap().to_owned()),
            (None, true) => break,
            // The newest page is no page back: its oldest event says where one begins.
            (None, false) => before = Some(seqs[0].to_string()),
        }
    }
    assert_eq!(seqs, (1..=30).collect::<Vec<_>>());
    let url = format!("{}/v1/events?before=5", daemon.url());
    let mut answer = agent.get(url).header("accept", "text/event-stream").call().unwrap();
    let body = answer.body_mut().read_to_string().unwrap();
    assert!(answer.status() == 400 && body.contains("Accept: application/json"), "{body}");
}
