//! Webhooks of the real daemon, to a receiver with faults.

use std::{collections::HashSet, process::Command};

use data_encoding::BASE64;
use jiff::{Timestamp, ToSpan as _};
use ring::hmac;
use serde_json::Value;

use super::receiver::{Does, Posted, Receiver};
use crate::{
    crash::page,
    daemon::{Desk, eventually, flashwire, output, runtime},
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A daemon's command whose config has a webhook with these keys.
fn with_webhook(desk: &Desk, receiver: &Receiver, keys: &str) -> Command {
    let config = desk.beside("desk.toml");
    let at = receiver.at;
    let text = format!(
        "[[outlet.webhook]]\nname = \"night\"\nurl = \"http://{at}/hook?key=1\"\n\
         timeout = \"500ms\"\n{keys}\n"
    );
    std::fs::write(&config, text).unwrap();
    let mut command = desk.command();
    command.arg("--config").arg(config).env("FLASHWIRE_LOG_LEVEL", "error");
    command
}

fn seqs(posted: &[Posted]) -> Vec<u64> {
    posted.iter().map(|posted| posted.body()["data"]["seq"].as_u64().unwrap()).collect()
}

fn status(desk: &Desk) -> (Option<i32>, String) {
    let (code, _, err) = output(flashwire().arg("status").arg("--wire").arg(desk.folder()));
    (code, err)
}

fn outlet(desk: &Desk, args: &[&str]) -> (Option<i32>, String, String) {
    output(flashwire().arg("outlet").arg("--wire").arg(desk.folder()).args(args))
}

#[test]
fn events_arrive_in_order_signed_and_through_every_fault() {
    let desk = Desk::new();
    let receiver = Receiver::new([
        Does::Says(500, "x-a: b"),
        Does::HangsUp,
        Does::Says(302, "location: http://127.0.0.1:1/elsewhere"),
        Does::Hangs,
        Does::Says(429, "retry-after: 1"),
    ]);
    let keys = format!("private = true\nbegin = \"earliest\"\nsecret = \"{SECRET}\"");
    let daemon = desk.started(&mut with_webhook(&desk, &receiver, &keys));
    for n in 0..5 {
        desk.drop(&format!("{n}.txt"), page(n * 10));
    }
    desk.wait_for_pages(5);
    // Nobody else waits for it.
    runtime().block_on(async {
        let mut client = daemon.subscribe("?cursor=earliest").await;
        assert_eq!(client.events(20).await.len(), 20);
    });
    eventually("twenty events", || (receiver.taken().len() >= 20).then_some(()));
    eventually("a good word", || (status(&desk).0 == Some(0)).then_some(()));
    let taken = receiver.taken();
    assert_eq!(seqs(&taken), (1..=20).collect::<Vec<_>>());
    let key = hmac::Key::new(hmac::HMAC_SHA256, &BASE64.decode(&SECRET.as_bytes()[6..]).unwrap());
    for posted in &taken {
        let body = posted.body();
        assert_eq!(posted.id(), body["data"]["id"].as_str().unwrap());
        let action = body["data"]["action"].as_str().unwrap();
        assert_eq!(body["type"], format!("event.{action}"));
        assert_eq!(posted.headers["path"], "/hook?key=1");
        let signed =
            format!("{}.{}.{}", posted.id(), posted.headers["webhook-timestamp"], posted.text);
        let tag = posted.headers["webhook-signature"].strip_prefix("v1,").unwrap();
        let tag = BASE64.decode(tag.as_bytes()).unwrap();
        hmac::verify(&key, signed.as_bytes(), &tag).unwrap();
    }
    // All five tries before the first that was taken were of the first event.
    let first: Vec<_> = receiver.posted()[..6].iter().map(|it| it.id().to_owned()).collect();
    assert_eq!(first.iter().collect::<HashSet<_>>().len(), 1, "{first:?}");
    assert!(daemon.stop().success());
}

#[test]
fn nothing_is_lost_through_kill_9() {
    let desk = Desk::new();
    let receiver = Receiver::new([]);
    let mut command = with_webhook(&desk, &receiver, "private = true\nbegin = \"earliest\"");
    for round in 0..5 {
        let daemon = desk.started(&mut command);
        for n in 0..4 {
            desk.drop(&format!("{round}-{n}.txt"), page((round * 4 + n) * 10));
        }
        eventually("some of it", || (receiver.taken().len() > round * 10).then_some(()));
        // Killed, not stopped.
        drop(daemon);
    }
    let daemon = desk.started(&mut command);
    eventually("the last", || (seqs(&receiver.taken()).last() == Some(&80)).then_some(()));
    let taken = receiver.taken();
    let mut told = seqs(&taken);
    assert!(told.is_sorted(), "{told:?}");
    told.dedup();
    assert_eq!(told, (1..=80).collect::<Vec<_>>());
    assert!(daemon.stop().success());
}

#[test]
fn what_is_gone_is_given_up_with_its_reason_until_it_is_resumed() {
    let desk = Desk::new();
    let receiver = Receiver::new([Does::Says(410, "x-a: b"), Does::Says(410, "x-a: b")]);
    let keys = "private = true\nbegin = \"earliest\"\nonly = { kind = \"ticker\" }";
    let daemon = desk.started(&mut with_webhook(&desk, &receiver, keys));
    desk.drop("a.txt", page(0));
    eventually("given up", || status(&desk).1.contains("given up").then_some(()));
    let (code, said) = status(&desk);
    assert_eq!(code, Some(1));
    assert!(said.contains("webhook night is given up") && said.contains("gone for good"), "{said}");
    assert!(!said.contains("key=1"), "an address may be a secret: {said}");
    let ready: Value = serde_json::from_str(&daemon.get("/readyz").1).unwrap();
    let checks = ready["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == "webhook night").unwrap();
    assert!(check["detail"].as_str().unwrap().starts_with("given up since"), "{check}");
    assert_eq!(receiver.posted().len(), 1);

    let (code, listed, _) = outlet(&desk, &[]);
    assert_eq!(code, Some(0));
    assert!(listed.starts_with("webhook night  4 behind  is given up"), "{listed}");
    let (code, _, err) = outlet(&desk, &["resume", "nihgt"]);
    assert_eq!(code, Some(4));
    assert!(err.contains("webhook night"), "{err}");
    assert_eq!(outlet(&desk, &["resume", "night"]).0, Some(0));
    eventually("given up again", || (receiver.posted().len() == 2).then_some(()));
    eventually("given up again", || status(&desk).1.contains("given up").then_some(()));
    assert_eq!(outlet(&desk, &["resume", "night", "--skip"]).0, Some(0));
    eventually("the rest", || (seqs(&receiver.taken()) == [2, 3, 4]).then_some(()));
    assert!(daemon.stop().success());
}

#[test]
fn a_private_address_is_none_unless_the_config_allows_it() {
    let desk = Desk::new();
    let receiver = Receiver::new([]);
    let daemon = desk.started(&mut with_webhook(&desk, &receiver, "begin = \"earliest\""));
    desk.drop("a.txt", page(0));
    eventually("a refusal", || status(&desk).1.contains("only private addresses").then_some(()));
    assert!(receiver.posted().is_empty());
    assert!(daemon.stop().success());
}

#[test]
fn what_is_beyond_the_budget_or_told_in_quiet_hours_comes_as_one() {
    let desk = Desk::new();
    let receiver = Receiver::new([]);
    let keys = "private = true\nbegin = \"earliest\"\nbudget = 2\nbudget_time = \"3s\"";
    let daemon = desk.started(&mut with_webhook(&desk, &receiver, keys));
    desk.drop("a.txt", page(0));
    desk.drop("b.txt", page(10));
    eventually("a digest", || (receiver.taken().len() == 3).then_some(()));
    let taken = receiver.taken();
    assert_eq!(seqs(&taken[..2]), [1, 2]);
    let digest = taken[2].body();
    assert_eq!(digest["type"], "digest");
    let held: Vec<_> =
        digest["data"].as_array().unwrap().iter().map(|it| it["seq"].as_u64().unwrap()).collect();
    // The second page's lines are newer wordings of the first one's.
    assert_eq!(held, [5, 6, 7, 8]);
    assert!(taken[2].at.duration_since(taken[0].at) >= jiff::SignedDuration::from_secs(2));
    assert!(daemon.stop().success());

    let desk = Desk::new();
    let receiver = Receiver::new([]);
    let time = |at: Timestamp| at.strftime("%H:%M:%S").to_string();
    let until = Timestamp::now() + 8.seconds();
    let keys = format!(
        "private = true\nbegin = \"earliest\"\n\
         quiet = {{ from = \"{}\", until = \"{}\", zone = \"UTC\" }}",
        time(until - 1.hour()),
        time(until)
    );
    let daemon = desk.started(&mut with_webhook(&desk, &receiver, &keys));
    desk.drop("a.txt", page(0));
    desk.wait_for_pages(1);
    let told = desk.events().last().unwrap().time;
    eventually("a digest", || (!receiver.taken().is_empty()).then_some(()));
    if told < until - 1.second() {
        let first = &receiver.taken()[0];
        assert_eq!(first.body()["type"], "digest");
        assert!(first.at >= until - 1.second(), "{first:?}");
    }
    assert!(daemon.stop().success());
}
