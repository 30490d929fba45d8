//! Subscribers that don't keep up.

use std::time::Duration;

use serde_json::json;

use super::desk::{Desk, Options, story};

/// A ring that holds little, and sockets that hold less.
fn tight() -> Options {
    let mut options = Options::default();
    options.config.max_frame = 16 << 10;
    options.config.ring_bytes = 48 << 10;
    options.config.send_buffer = 4096;
    options
}

#[tokio::test]
async fn who_falls_out_of_the_ring_misses_nothing() {
    let desk = Desk::with(tight()).await;
    let (mut slow, _) = desk.subscribe("").await;
    let (mut filtered, _) = desk.subscribe("q=even").await;
    let (mut quick, _) = desk.subscribe("").await;
    slow.until("caughtUp").await;
    filtered.until("caughtUp").await;
    // Far more than ring and sockets hold, while `slow` and `filtered` read nothing.
    for n in 1..=1500u64 {
        let word = if n % 2 == 0 { "even" } else { "odd" };
        desk.tell(vec![story(&format!("Story {n} {word}"), &"Much text. ".repeat(300))]).await;
        assert_eq!(quick.until("event").await["seq"], n);
    }
    assert_eq!(slow.seqs_to(1500).await, (1..=1500).collect::<Vec<_>>());
    let even: Vec<_> = (1..=1500).filter(|n| n % 2 == 0).collect();
    assert_eq!(filtered.seqs_to(1500).await, even);
    let metrics = desk.get("/metrics", &[]).await.body;
    let fallen =
        metrics.lines().find(|line| line.starts_with("flashwire_subscriber_fallen_behind_total"));
    assert!(fallen.unwrap().rsplit(' ').next().unwrap().parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn who_is_too_far_behind_is_closed_with_its_cursor() {
    let mut options = tight();
    options.config.lag = 500;
    let desk = Desk::with(options).await;
    let (mut slow, _) = desk.subscribe("").await;
    slow.until("caughtUp").await;
    for n in 1..=1500u64 {
        desk.tell(vec![story(&format!("Story {n}"), &"Much text. ".repeat(300))]).await;
    }
    // The shard looks after its sessions once a second.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let (code, frames) = slow.closed().await;
    assert_eq!(code, 4001);
    let goodbye = frames.last().unwrap();
    assert_eq!((&goodbye["type"], &goodbye["reason"]), (&json!("goodbye"), &json!("slow")));
    let sent: Vec<_> = frames.iter().filter_map(|frame| frame["seq"].as_u64()).collect();
    assert_eq!(sent, (1..=sent.len() as u64).collect::<Vec<_>>());
    assert_eq!(goodbye["cursor"], desk.cursor(*sent.last().unwrap()));
    let (mut again, _) =
        desk.subscribe(&format!("cursor={}", goodbye["cursor"].as_str().unwrap())).await;
    let rest = again.seqs_to(1500).await;
    assert_eq!(rest, (sent.len() as u64 + 1..=1500).collect::<Vec<_>>());
}

#[tokio::test]
async fn who_takes_nothing_at_all_is_closed() {
    let mut options = tight();
    options.config.stall = 2;
    let desk = Desk::with(options).await;
    let (_dead, _) = desk.subscribe("").await;
    let (mut quick, _) = desk.subscribe("").await;
    for n in 1..=1500u64 {
        desk.tell(vec![story(&format!("Story {n}"), &"Much text. ".repeat(300))]).await;
        assert_eq!(quick.until("event").await["seq"], n);
    }
    let closed = async {
        loop {
            let stats = desk.get("/v1/stats", &[]).await.json();
            if stats["subscribers"]["ws"] == 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(super::desk::PATIENCE, closed).await.unwrap();
}
