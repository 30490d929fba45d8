//! The other doors of the same port.

use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::desk::{Desk, PATIENCE, line, story};

#[tokio::test]
async fn health_figures_and_metrics() {
    let desk = Desk::open().await;
    desk.tell_lines(3).await;
    let (_subscriber, _) = desk.subscribe("").await;
    assert_eq!(desk.get("/healthz", &[]).await.json(), json!({"alive": true}));
    let ready = desk.get("/readyz", &[]).await;
    assert_eq!((ready.status, &ready.json()["checks"][0]["name"]), (200, &json!("watch")));
    let stats = desk.get("/v1/stats", &[]).await.json();
    assert_eq!((&stats["head"], &stats["subscribers"]["ws"]), (&json!(3), &json!(1)));
    assert_eq!(stats["cursor"], desk.cursor(3));
    let metrics = desk.get("/metrics", &[]).await;
    assert!(metrics.body.contains("flashwire_subscribers{proto=\"ws\"} 1"), "{}", metrics.body);
    assert!(metrics.body.ends_with("# EOF\n"));
}

#[tokio::test]
async fn the_dashboard_is_served_under_a_strict_policy() {
    let desk = Desk::open().await;
    let page = desk.get("/", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.head.contains("content-security-policy: default-src 'none'; script-src 'self'"));
    assert!(page.head.contains("x-content-type-options: nosniff"));
    let etag = page.head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    assert_eq!(desk.get("/", &[("if-none-match", etag)]).await.status, 304);
    assert_eq!(desk.get("/nothing", &[]).await.status, 404);
}

#[tokio::test]
async fn events_as_an_array() {
    let desk = Desk::open().await;
    desk.tell_lines(60).await;
    let json = &[("accept", "application/json")];
    let answer = desk.get("/v1/events?cursor=10&q=line", json).await;
    let events = answer.json();
    let seqs: Vec<_> =
        events.as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (11..=60).collect::<Vec<_>>());
    assert!(answer.head.contains(&format!("flashwire-cursor: {}", desk.cursor(60))));
    assert_eq!(desk.get("/v1/events", json).await.json().as_array().unwrap().len(), 50);
    assert_eq!(desk.get("/v1/events?last=5&kind=article", json).await.json(), json!([]));
}

#[tokio::test]
async fn one_event_with_its_sightings() {
    let desk = Desk::open().await;
    let told = desk.tell(vec![line("Ferry aground"), story("Harbour", "One.")]).await;
    desk.see(&told[0]).await;
    let whole = desk.get(&format!("/v1/events/{}", told[0].id), &[]).await.json();
    assert_eq!(whole["event"]["item"]["headline"], "Ferry aground");
    assert_eq!(whole["tally"]["sightings"], 2);
    assert_eq!(whole["sightings"].as_array().unwrap().len(), 2);
    assert_eq!(whole["versions"].as_array().unwrap().len(), 1);
    assert_eq!(desk.get("/v1/events/fw-1", &[]).await.status, 400);
    assert_eq!(desk.get(&format!("/v1/events/fw-{}", "0".repeat(26)), &[]).await.status, 404);
}

#[tokio::test]
async fn server_sent_events_resume_by_their_id() {
    let desk = Desk::open().await;
    desk.tell_lines(5).await;
    let socket = TcpStream::connect(desk.at).await.unwrap();
    let mut socket = BufReader::new(socket);
    let request = format!(
        "GET /v1/events HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\nLast-Event-ID: {}\r\n\r\n",
        desk.at,
        desk.cursor(2)
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut ids = Vec::new();
    let mut kinds = Vec::new();
    let read = async {
        let mut told = false;
        while ids.len() < 5 {
            let mut line = String::new();
            socket.read_line(&mut line).await.unwrap();
            if let Some(kind) = line.strip_prefix("event: ") {
                kinds.push(kind.trim().to_owned());
            }
            if let Some(id) = line.strip_prefix("id: ") {
                ids.push(id.trim().to_owned());
            }
            if kinds.last().is_some_and(|kind| kind == "caughtUp") && !told {
                told = true;
                desk.tell_lines(1).await;
            }
        }
    };
    tokio::time::timeout(PATIENCE, read).await.unwrap();
    assert_eq!(kinds, ["hello", "event", "event", "event", "caughtUp", "event"]);
    let want: Vec<_> = [3, 4, 5, 5, 6].into_iter().map(|seq| desk.cursor(seq)).collect();
    assert_eq!(ids, want);
}
