//! A damaged wire is served as far as it is whole, and says what is not.

use std::{
    collections::BTreeSet,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
};

use serde_json::Value;

use crate::daemon::{Client, Daemon, Desk, eventually, flashwire, output, runtime};

const PAGES: usize = 400;
const TOLD: u64 = 2 * PAGES as u64;

fn page(n: usize) -> String {
    format!(
        "BREAKING\n\
         Radio Vellin: Lorry number {n} with relief goods has reached the camp of Ostermund\n\
         Harbour desk: The barge Hopeful {n} was towed into the inner basin of Port Amal\n"
    )
}

/// A wire that holds `PAGES` pages, closed.
fn filled() -> Desk {
    let desk = Desk::new();
    let daemon = desk.start();
    for n in 0..PAGES {
        desk.drop(&format!("{n}.txt"), page(n));
    }
    desk.wait_for_pages(PAGES as u64);
    assert!(daemon.stop().success());
    assert_eq!(desk.events().len() as u64, TOLD);
    desk
}

/// Replays everything; gives the positions of the events and those that are said to be lost.
async fn replayed(client: &mut Client) -> (Vec<u64>, Vec<u64>) {
    let (mut told, mut lost, mut at) = (Vec::new(), Vec::new(), 0);
    loop {
        let frame = client.frame().await.expect("the stream goes on");
        match frame["type"].as_str() {
            Some("event") => {
                let seq = frame["seq"].as_u64().unwrap();
                assert!(seq > at, "{seq} after {at}");
                at = seq;
                told.push(seq);
            }
            Some("gap") => {
                let (from, to) = (frame["from"].as_u64().unwrap(), frame["to"].as_u64().unwrap());
                assert!(from > at && to >= from, "{frame} after {at}");
                at = to;
                lost.extend(from..=to);
            }
            Some("caughtUp") => return (told, lost),
            _ => {}
        }
    }
}

/// Every position up to `head` is an event or said to be lost; gives those that are lost.
fn all_accounted_for(daemon: &Daemon, head: u64) -> Vec<u64> {
    let (told, lost) = runtime().block_on(async {
        let mut client = daemon.subscribe("?cursor=earliest").await;
        replayed(&mut client).await
    });
    let all: BTreeSet<u64> = told.iter().chain(&lost).copied().collect();
    assert_eq!(told.len() + lost.len(), all.len());
    let missing: Vec<u64> = (1..=head).filter(|seq| !all.contains(seq)).collect();
    assert!(missing.is_empty(), "neither told nor said to be lost: {missing:?}");
    assert_eq!(all.last(), Some(&head));
    lost
}

fn verify_names(desk: &Desk, words: &str) {
    let (code, out, err) = output(flashwire().arg("verify").arg("--wire").arg(desk.wire()));
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains(words), "`{words}` is not in: {out}{err}");
}

#[test]
fn an_event_that_can_not_be_read_is_named_and_passed_over() {
    let desk = filled();
    let db = rusqlite::Connection::open(desk.wire()).unwrap();
    db.execute("UPDATE event SET json = substr(json, 1, 40) WHERE seq IN (7, 790)", []).unwrap();
    drop(db);
    let daemon = desk.start();
    assert_eq!(all_accounted_for(&daemon, TOLD), [7, 790]);

    let agent = ureq::Agent::new_with_defaults();
    let answer = agent.get(format!("{}/v1/events?cursor=5", daemon.url()));
    let mut answer = answer.header("accept", "application/json").call().unwrap();
    assert_eq!(answer.headers()["flashwire-gap"], "7-7, 790-790");
    let events: Vec<Value> = answer.body_mut().read_json().unwrap();
    assert_eq!(events.len() as u64, TOLD - 5 - 2);

    desk.drop("more.txt", page(PAGES));
    desk.drop("again.txt", page(3));
    desk.wait_for_pages(PAGES as u64 + 2);
    assert_eq!(all_accounted_for(&daemon, TOLD + 2), [7, 790]);
    assert!(daemon.get("/readyz").1.contains("events 7"));
    let (code, _, said) = output(flashwire().args(["status", "--url", daemon.url()]));
    assert!(code == Some(1) && said.contains("events 7, events 790 can't be read"), "{said}");
    assert!(daemon.stop().success());
    verify_names(&desk, "WRONG: events 7 can't be read");
    verify_names(&desk, "WRONG: events 790 can't be read");
}

/// Overwrites one page of the file.
fn overwrite(wire: &Path, page: u64, seed: &mut u64) {
    let mut garbage = [0u8; 8192];
    for chunk in garbage.chunks_exact_mut(8) {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        chunk.copy_from_slice(&seed.to_le_bytes());
    }
    let mut file = std::fs::OpenOptions::new().write(true).open(wire).unwrap();
    file.seek(SeekFrom::Start((page - 1) * 8192)).unwrap();
    file.write_all(&garbage).unwrap();
}

#[test]
fn garbage_in_any_table_or_index_leaves_the_rest_to_be_served_and_judged_with() {
    let desk = filled();
    let whole = desk.beside("whole.db");
    std::fs::copy(desk.wire(), &whole).unwrap();
    let db = rusqlite::Connection::open(&whole).unwrap();
    // Of each tree with several leaves one that is not the last.
    let mut leaves = db
        .prepare(
            "SELECT name, pageno FROM
               (SELECT name, pageno, count(*) OVER (PARTITION BY name) AS leaves,
                       row_number() OVER (PARTITION BY name ORDER BY path) AS place
                FROM dbstat WHERE pagetype = 'leaf')
             WHERE leaves > 1 AND place = (leaves + 1) / 2 ORDER BY name",
        )
        .unwrap();
    let leaves: Vec<(String, i64)> = leaves
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for name in ["event", "page", "told", "sighting", "event_page_at", "sqlite_autoindex_event_1"] {
        assert!(leaves.iter().any(|(leaf, _)| leaf == name), "{name} is too small: {leaves:?}");
    }
    let mut seed = 0x5eed_0fda_7a00_u64;
    for (n, (tree, leaf)) in leaves.iter().enumerate() {
        println!("garbage in {tree}, page {leaf}, seed {seed}");
        std::fs::copy(&whole, desk.wire()).unwrap();
        for ending in ["-wal", "-shm"] {
            let mut name = desk.wire().into_os_string();
            name.push(ending);
            // Mostly there is none.
            let _ = std::fs::remove_file(name);
        }
        overwrite(&desk.wire(), leaf.unsigned_abs(), &mut seed);
        let daemon = desk.start();
        let lost = all_accounted_for(&daemon, TOLD);
        assert_eq!(lost.is_empty(), tree != "event", "{lost:?}");
        assert!(lost.len() < 50, "{lost:?}");
        let names: Vec<String> = (0..30).map(|m| format!("more-{n}-{m}.txt")).collect();
        for (m, name) in names.iter().enumerate() {
            desk.drop(name, page(PAGES + 30 * n + m));
        }
        let stats =
            |daemon: &Daemon| serde_json::from_str::<Value>(&daemon.get("/v1/stats").1).unwrap();
        eventually("the new pages to be told", || {
            let stats = stats(&daemon);
            assert!(stats["degraded"].is_null(), "{stats}");
            // What a tree of unique values refuses is set aside.
            let enough = if tree.starts_with("sqlite_autoindex") { 1 } else { 60 };
            (stats["head"].as_u64().unwrap() >= TOLD + enough).then_some(())
        });
        assert!(daemon.stop().success());
        let daemon = desk.start();
        let head = stats(&daemon)["head"].as_u64().unwrap();
        assert_eq!(all_accounted_for(&daemon, head), lost);
        assert!(daemon.stop().success());
        verify_names(&desk, "WRONG: ");
        for name in names {
            std::fs::remove_file(desk.folder().join(name)).unwrap();
        }
    }
}

#[test]
fn where_nothing_can_be_added_any_more_intake_pauses_and_the_rest_is_served() {
    let desk = filled();
    let db = rusqlite::Connection::open(desk.wire()).unwrap();
    let last: i64 = db
        .query_row(
            "SELECT pageno FROM dbstat WHERE name = 'event' AND pagetype = 'leaf'
             ORDER BY path DESC LIMIT 1",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(db);
    overwrite(&desk.wire(), last.unsigned_abs(), &mut 0x5eed_0fda_7a01_u64);
    let daemon = desk.start();
    let lost = all_accounted_for(&daemon, TOLD);
    assert!(lost.last() == Some(&TOLD) && lost.len() < 50, "{lost:?}");
    desk.drop("more.txt", page(PAGES));
    eventually("the daemon to say that intake pauses", || {
        daemon.get("/v1/stats").1.contains("its file is damaged").then_some(())
    });
    assert_eq!(all_accounted_for(&daemon, TOLD), lost);
    assert!(daemon.stop().success());
}
