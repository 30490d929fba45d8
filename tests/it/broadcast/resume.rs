//! Coming back.

use serde_json::json;

use super::desk::{Desk, Options, line};

#[tokio::test]
async fn a_cursor_gets_what_was_missed_once() {
    let desk = Desk::open().await;
    desk.tell_lines(500).await;
    for (query, first) in [
        (format!("cursor={}", desk.cursor(120)), 121),
        ("cursor=120".to_owned(), 121),
        ("cursor=earliest".to_owned(), 1),
        ("last=7".to_owned(), 494),
    ] {
        let (mut subscriber, hello) = desk.subscribe(&query).await;
        assert_eq!(hello["recovered"], true);
        assert_eq!(hello["resumedFrom"], desk.cursor(first - 1));
        assert_eq!(subscriber.seqs_to(500).await, (first..=500).collect::<Vec<_>>(), "{query}");
        let caught_up = subscriber.frame().await;
        assert_eq!(caught_up, json!({"type": "caughtUp", "cursor": desk.cursor(500)}));
    }
}

#[tokio::test]
async fn an_event_is_a_cursor_too() {
    let desk = Desk::open().await;
    let told = desk.tell((1..=9).map(|n| line(&format!("Line {n}"))).collect()).await;
    let (mut subscriber, _) = desk.subscribe(&format!("cursor=id:{}", told[4].id)).await;
    assert_eq!(subscriber.seqs_to(9).await, [6, 7, 8, 9]);
    let since = told[0].time.to_string();
    let (mut subscriber, _) = desk.subscribe(&format!("since={since}")).await;
    assert_eq!(subscriber.seqs_to(9).await.len(), 9);
    let (mut subscriber, _) = desk.subscribe("since=-1h").await;
    assert_eq!(subscriber.seqs_to(9).await.len(), 9);
}

#[tokio::test]
async fn coming_back_after_a_restart_is_exact() {
    let desk = Desk::open().await;
    desk.tell_lines(40).await;
    let (mut subscriber, _) = desk.subscribe("cursor=earliest").await;
    assert_eq!(subscriber.seqs_to(25).await.len(), 25);
    let cursor = desk.cursor(25);
    drop(subscriber);
    desk.tell_lines(10).await;
    let desk = desk.restart(Options::default()).await;
    desk.tell_lines(10).await;
    let (mut subscriber, hello) = desk.subscribe(&format!("cursor={cursor}")).await;
    assert_eq!(hello["recovered"], true);
    assert_eq!(subscriber.seqs_to(60).await, (26..=60).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_cursor_that_can_not_be_used_is_refused() {
    let desk = Desk::open().await;
    desk.tell_lines(5).await;
    for cursor in
        [desk.cursor(6), "6".into(), "zzzzzzzz:1".into(), format!("id:fw-{}", "0".repeat(26))]
    {
        let query = format!("cursor={cursor}");
        let refused = desk.connect(&query, &[]).await.unwrap_err().to_string();
        assert!(refused.contains("400"), "{refused}");
        let answer =
            desk.get(&format!("/v1/events?{query}"), &[("accept", "application/json")]).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("bad_cursor")));
        // A page in a browser can't read that: it is told over the WebSocket.
        let origin = format!("http://{}", desk.at);
        let mut page = desk.connect(&query, &[("origin", &origin)]).await.unwrap();
        let (code, frames) = page.closed().await;
        assert_eq!(code, 4501);
        assert_eq!(
            (&frames[0]["type"], &frames[0]["code"]),
            (&json!("error"), &json!("bad_cursor"))
        );
    }
}

#[tokio::test]
async fn many_come_and_go_while_much_is_told() {
    let desk = std::sync::Arc::new(Desk::open().await);
    let telling = tokio::spawn({
        let desk = desk.clone();
        async move {
            for _ in 0..60 {
                desk.tell_lines(50).await;
            }
        }
    });
    let mut readers = Vec::new();
    for reader in 0..8u64 {
        let desk = desk.clone();
        readers.push(tokio::spawn(async move {
            // Each reads some, leaves in the middle, and comes back with what it saw last.
            let (mut seen, mut cursor) = (Vec::new(), "earliest".to_owned());
            while seen.last() != Some(&3000) {
                let (mut subscriber, _) = desk.subscribe(&format!("cursor={cursor}")).await;
                for _ in 0..(97 + reader * 131) {
                    let seq = subscriber.until("event").await["seq"].as_u64().unwrap();
                    seen.push(seq);
                    if seq == 3000 {
                        break;
                    }
                }
                cursor = desk.cursor(*seen.last().unwrap());
            }
            seen
        }));
    }
    telling.await.unwrap();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), (1..=3000).collect::<Vec<_>>());
    }
}
