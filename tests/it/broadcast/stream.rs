//! What a subscriber hears.

use serde_json::json;

use super::desk::{Desk, Options, TOKEN, line, story};

#[tokio::test]
async fn stored_then_live_each_once_in_order() {
    let desk = Desk::open().await;
    desk.tell_lines(300).await;
    let (mut early, hello) = desk.subscribe("cursor=earliest").await;
    assert_eq!(hello["head"], 300);
    assert_eq!(hello["recovered"], true);
    assert_eq!(hello["resumedFrom"], desk.cursor(0));
    let (mut late, hello) = desk.subscribe("").await;
    assert_eq!(hello["resumedFrom"], desk.cursor(300));
    assert_eq!(late.frame().await, json!({"type": "caughtUp", "cursor": desk.cursor(300)}));
    desk.tell_lines(50).await;
    assert_eq!(early.seqs_to(350).await, (1..=350).collect::<Vec<_>>());
    assert_eq!(late.seqs_to(350).await, (301..=350).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_event_is_sent_as_it_is_stored() {
    let desk = Desk::open().await;
    let (mut subscriber, _) = desk.subscribe("").await;
    let told = desk
        .tell(vec![line("Ferry aground off Port Amal"), story("Harbour", "One.\n\nTwo.")])
        .await;
    for event in told {
        let frame = subscriber.until("event").await;
        assert_eq!(frame, serde_json::from_str::<serde_json::Value>(&event.json()).unwrap());
    }
}

#[tokio::test]
async fn a_filter_lets_through_what_matches_stored_and_live() {
    let desk = Desk::open().await;
    let told = || {
        vec![
            line("Coast guard: Ferry aground off Port Amal"),
            line("Markets close early"),
            story("Ferry service resumes", "The ferry left on Monday."),
        ]
    };
    desk.tell(told()).await;
    let (mut ferry, _) = desk.subscribe("cursor=earliest&q=ferry").await;
    let (mut lines, _) = desk.subscribe("cursor=earliest&kind=ticker").await;
    let (mut lean, _) = desk.subscribe("cursor=earliest&body=none").await;
    let (mut all, _) = desk.subscribe("cursor=earliest").await;
    for round in 0..2 {
        if round == 1 {
            desk.tell(vec![
                line("Ferry refloated"),
                line("Banks reopen"),
                story("Ferry crew thanked", "At noon."),
            ])
            .await;
        }
        let from = round * 3;
        assert_eq!(ferry.until("event").await["seq"], from + 1);
        assert_eq!(ferry.until("event").await["seq"], from + 3);
        assert_eq!(lines.until("event").await["seq"], from + 1);
        assert_eq!(lines.until("event").await["seq"], from + 2);
        for seq in 1..=3 {
            let slim = lean.until("event").await;
            assert_eq!(slim["seq"], from + seq);
            let fat = all.until("event").await;
            assert_eq!(fat["seq"], from + seq);
            if seq == 3 {
                assert_eq!(
                    (&slim["item"]["body"], &slim["item"]["bodyTruncated"]),
                    (&json!(""), &json!(true))
                );
                assert_ne!(fat["item"]["body"], "");
            }
        }
    }
}

#[tokio::test]
async fn the_newest_so_many_that_match_then_live() {
    let desk = Desk::open().await;
    for n in 1..=40 {
        desk.tell(vec![line(&format!("Ferry report {n}")), line(&format!("Rail report {n}"))])
            .await;
    }
    let (mut subscriber, _) = desk.subscribe("last=3&q=ferry").await;
    assert_eq!(subscriber.seqs_to(79).await, [75, 77, 79]);
    assert_eq!(subscriber.until("caughtUp").await["cursor"], desk.cursor(80));
}

#[tokio::test]
async fn counts_come_after_a_replay_and_when_they_change() {
    let desk = Desk::open().await;
    let told = desk.tell(vec![line("Ferry aground"), line("Banks closed")]).await;
    desk.see(&told[0]).await;
    let (mut subscriber, _) = desk.subscribe("cursor=earliest").await;
    let (mut banks, _) = desk.subscribe("q=banks").await;
    subscriber.until("caughtUp").await;
    let stats = subscriber.frame().await;
    assert_eq!(stats["type"], "stats");
    assert_eq!(stats["items"].as_array().unwrap().len(), 1);
    assert_eq!(stats["items"][0]["id"], told[0].id.to_string());
    assert_eq!(
        (&stats["items"][0]["sightings"], &stats["items"][0]["pages"]),
        (&json!(2), &json!(2))
    );
    // The change before the subscription may be told once more.
    desk.see(&told[0]).await;
    while subscriber.until("stats").await["items"][0]["sightings"] != 3 {}
    desk.see(&told[1]).await;
    for subscriber in [&mut subscriber, &mut banks] {
        let stats = subscriber.until("stats").await;
        assert_eq!(stats["items"].as_array().unwrap().len(), 1);
        assert_eq!(stats["items"][0]["id"], told[1].id.to_string());
    }
}

#[tokio::test]
async fn silence_is_broken_by_how_far_the_filter_was_evaluated() {
    let mut options = Options::default();
    options.config.heartbeat = 1;
    let desk = Desk::with(options).await;
    let (mut subscriber, hello) = desk.subscribe("q=volcano").await;
    assert_eq!(hello["heartbeatSeconds"], 1);
    desk.tell_lines(20).await;
    loop {
        let heartbeat = subscriber.until("heartbeat").await;
        if heartbeat["cursor"] == desk.cursor(20) {
            break;
        }
    }
}

#[tokio::test]
async fn operations_are_answered() {
    let desk = Desk::open().await;
    desk.tell_lines(30).await;
    let (mut subscriber, _) = desk.subscribe("").await;
    subscriber.until("caughtUp").await;
    subscriber.say(r#"{"op":"ping","id":[1]}"#).await;
    let ack = subscriber.frame().await;
    assert_eq!(ack, json!({"type": "ack", "op": "ping", "id": [1], "cursor": desk.cursor(30)}));

    subscriber.say(r#"{"op":"last","id":"a","n":3,"before":10}"#).await;
    let last = subscriber.frame().await;
    assert_eq!(
        (&last["type"], &last["id"], &last["more"]),
        (&json!("last"), &json!("a"), &json!(true))
    );
    let seqs: Vec<_> =
        last["events"].as_array().unwrap().iter().map(|event| event["seq"].as_u64()).collect();
    assert_eq!(seqs, [Some(7), Some(8), Some(9)]);

    subscriber.say(r#"{"op":"filter","id":2,"q":"ferry"}"#).await;
    assert_eq!(subscriber.until("ack").await["cursor"], desk.cursor(30));
    desk.tell(vec![line("Banks closed"), line("Ferry aground")]).await;
    assert_eq!(subscriber.until("event").await["seq"], 32);

    for (said, code) in [
        ("ferry", "bad_json"),
        (r#"{"op":"stop","id":3}"#, "unknown_op"),
        (r#"{"op":"filter","id":3,"colour":"red"}"#, "bad_parameter"),
    ] {
        subscriber.say(said).await;
        let error = subscriber.frame().await;
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!(code)));
    }
    // None of that ended the subscription or changed its filter.
    desk.tell(vec![line("Ferry refloated")]).await;
    assert_eq!(subscriber.until("event").await["seq"], 33);
}

#[tokio::test]
async fn a_long_body_is_cut_in_the_frame_and_whole_at_its_address() {
    let desk = Desk::open().await;
    let (mut subscriber, _) = desk.subscribe("").await;
    let body = "A paragraph of the long story.\n\n".repeat(20_000);
    let told = desk.tell(vec![story("Long", body.trim())]).await;
    let frame = subscriber.until("event").await;
    assert_eq!(frame["item"]["bodyTruncated"], true);
    assert!(frame.to_string().len() <= 256 << 10);
    let whole = desk.get(&format!("/v1/events/{}", told[0].id), &[]).await.json();
    assert_eq!(whole["event"]["item"]["body"], body.trim());
}

#[tokio::test]
async fn a_stop_sends_what_is_told_says_goodbye_and_closes() {
    let mut desk = Desk::open().await;
    let (mut subscriber, _) = desk.subscribe("").await;
    subscriber.until("caughtUp").await;
    desk.tell_lines(200).await;
    let reading = tokio::spawn(async move { subscriber.closed().await });
    desk.stop().await;
    let (code, frames) = reading.await.unwrap();
    assert_eq!(code, 1001);
    let goodbye = frames.last().unwrap();
    assert_eq!((&goodbye["type"], &goodbye["reason"]), (&json!("goodbye"), &json!("stopping")));
    assert_eq!(goodbye["cursor"], desk.cursor(200));
    assert!(goodbye["retryAfterMs"].as_u64().unwrap() > 0);
    assert_eq!(frames.iter().filter(|frame| frame["type"] == "event").count(), 200);
}

#[tokio::test]
async fn tokens_open_the_wire() {
    let desk = Desk::with(Options { tokens: true, ..Options::default() }).await;
    let bearer = format!("Bearer {TOKEN}");
    let mut known = desk.connect("", &[("authorization", &bearer)]).await.unwrap();
    assert_eq!(known.frame().await["type"], "hello");

    let mut first = desk.connect("", &[]).await.unwrap();
    first.say(&json!({"op": "auth", "token": TOKEN}).to_string()).await;
    assert_eq!(first.frame().await["type"], "hello");

    let mut wrong = desk.connect("", &[]).await.unwrap();
    wrong.say(r#"{"op":"auth","token":"guess"}"#).await;
    let (code, frames) = wrong.closed().await;
    assert_eq!((code, &frames[0]["code"]), (4502, &json!("unauthorised")));

    let refused = desk.connect("", &[("authorization", "Bearer guess")]).await.unwrap_err();
    assert!(refused.to_string().contains("401"), "{refused}");
    assert_eq!(desk.get("/v1/events", &[]).await.status, 401);
    assert_eq!(desk.get("/", &[]).await.status, 401);
    assert_eq!(desk.get("/healthz", &[]).await.status, 200);
}
