//! Several nodes share one wire, and real NATS servers give its order.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
    time::{Duration, Instant},
};

use flashwire::wire::SqliteStore;
use serde_json::Value;

use crate::{
    daemon::{Daemon, Desk, eventually, flashwire, output, runtime},
    nats::{self, Server, Wishes},
};

/// `flashwire order init` on these servers.
fn init(servers: &str, replicas: usize) {
    let replicas = replicas.to_string();
    let mut command = flashwire();
    command.args(["order", "init", servers, "--replicas", &replicas]);
    let (code, said, err) = output(&mut command);
    assert_eq!(code, Some(0), "{said}{err}");
}

/// A node that takes pages in and serves readers.
fn node(desk: &Desk, servers: &str) -> Daemon {
    desk.started(desk.command().args(["--order", servers]))
}

/// A node that serves readers only.
fn broadcaster(desk: &Desk, servers: &str) -> Daemon {
    let mut command = flashwire();
    command.args(["run", "--role", "broadcast", "--listen", "127.0.0.1:0", "--order", servers]);
    command.arg("--wire").arg(desk.wire()).env("FLASHWIRE_LOG_LEVEL", "warn");
    command.stdout(Stdio::null());
    desk.started(&mut command)
}

/// The place a story is about, by its number; no two are alike.
fn place(story: u64) -> String {
    const BEGIN: [&str; 16] = [
        "Bar", "Cor", "Dun", "Fel", "Gor", "Hal", "Jor", "Kel", "Lom", "Mar", "Nor", "Pel", "Ras",
        "Sol", "Tor", "Vel",
    ];
    const MIDDLE: [&str; 16] = [
        "an", "den", "gar", "im", "kos", "lav", "mun", "nor", "pas", "rid", "sel", "tav", "ul",
        "ves", "win", "zor",
    ];
    const END: [&str; 16] = [
        "ach", "berg", "dal", "feld", "gate", "holm", "ia", "key", "land", "mouth", "ness", "port",
        "stad", "ton", "vik", "wick",
    ];
    let drawn = (story * 2_654_435_761) % 4096;
    let part = |parts: &[&'static str; 16], shift: u32| parts[(drawn >> shift) as usize & 15];
    format!("{}{}{}", part(&BEGIN, 0), part(&MIDDLE, 4), part(&END, 8))
}

/// A story in one of its wordings; all say the same.
fn line(story: u64, wording: u64) -> String {
    let place = place(story);
    let wordings = match story % 3 {
        0 => [
            format!("New law of {place} on electric vehicles angers dealers"),
            format!("New law of {place} on EVs angers dealers"),
        ],
        1 => [
            format!("{place} kicks off season of river racing"),
            format!("{place} begins season of river racing"),
        ],
        _ => [
            format!("Radio Vellin: Barge with relief goods has left the harbour of {place}"),
            format!("RADIO VELLIN: barge with relief goods has left the harbour of {place}."),
        ],
    };
    wordings[(wording % 2) as usize].clone()
}

/// The number of a story, whatever its wording.
fn story(line: &str) -> u64 {
    static STORIES: LazyLock<HashMap<String, u64>> =
        LazyLock::new(|| (0..4096).map(|story| (place(story), story)).collect());
    let mut words = line.split([' ', '.']);
    words.find_map(|word| STORIES.get(word).copied()).unwrap_or_else(|| panic!("no story: {line}"))
}

/// A page that tells these stories.
fn page(stories: impl Iterator<Item = u64>, wording: u64) -> String {
    let lines = stories.map(|story| line(story, wording + story) + "\n");
    format!("BREAKING\n{}", lines.collect::<String>())
}

/// How often each story was told on this wire.
fn told(desk: &Desk) -> BTreeMap<u64, u32> {
    let mut told = BTreeMap::new();
    for event in desk.events() {
        *told.entry(story(event.item.headline().unwrap())).or_default() += 1;
    }
    told
}

/// What a wire's file holds, table by table, and its epochs; not what is each node's own.
fn rows(wire: &Path) -> Vec<String> {
    let db = rusqlite::Connection::open(wire).unwrap();
    let mut rows = Vec::new();
    let tables = [
        "SELECT * FROM event ORDER BY 1",
        "SELECT * FROM alias ORDER BY 1",
        "SELECT * FROM page ORDER BY 1",
        "SELECT * FROM sighting ORDER BY 1, 2",
        "SELECT * FROM sighting_sum ORDER BY 1, 2",
        "SELECT * FROM told ORDER BY 1",
        "SELECT * FROM evidence ORDER BY 1",
        "SELECT * FROM site ORDER BY 1",
        "SELECT name, after FROM epoch ORDER BY number",
        "SELECT * FROM meta WHERE key IN ('batches', 'stream', 'stream_seq') ORDER BY 1",
    ];
    for table in tables {
        let mut statement = db.prepare(table).unwrap();
        let columns = statement.column_count();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let values: Vec<rusqlite::types::Value> =
                (0..columns).map(|column| row.get(column).unwrap()).collect();
            rows.push(format!("{table}: {values:?}"));
        }
    }
    rows
}

/// Waits until all hold the same, and `pages` pages.
fn agree(desks: &[&Desk], pages: u64) {
    desks.iter().for_each(|desk| desk.wait_for_pages(pages));
    eventually("nodes that hold the same", || {
        let first = rows(&desks[0].wire());
        desks[1..].iter().all(|desk| rows(&desk.wire()) == first).then_some(())
    });
    for desk in desks {
        assert_eq!(desk.verify(), Vec::<String>::new());
    }
}

/// Every story of `stories` is told once on every one of these wires.
fn told_once(desks: &[&Desk], stories: std::ops::Range<u64>) {
    let all: BTreeMap<u64, u32> = stories.map(|story| (story, 1)).collect();
    for desk in desks {
        let told = told(desk);
        assert_eq!(told, all, "every story is told, and once");
    }
}

const STORIES: u64 = 6;

/// Drops the stories of a round on all nodes at the same moment, each in words of its own.
fn round(desks: &[&Desk], round: u64) {
    for (at, desk) in desks.iter().enumerate() {
        let stories = round * STORIES..(round + 1) * STORIES;
        let page = page(stories, at as u64);
        std::fs::write(desk.beside("next"), page).unwrap();
    }
    for (at, desk) in desks.iter().enumerate() {
        let name = format!("round{round}-{at}.txt");
        std::fs::rename(desk.beside("next"), desk.folder().join(name)).unwrap();
    }
}

/// More rounds may be asked for by `FLASHWIRE_ROUNDS`.
fn rounds(usual: u64) -> u64 {
    std::env::var("FLASHWIRE_ROUNDS").map_or(usual, |rounds| rounds.parse().unwrap())
}

#[test]
fn four_nodes_with_the_same_stories_tell_them_once() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::alone(&program, folder.path(), Wishes::default());
    init(&server.url(), 1);
    let desks: [Desk; 4] = std::array::from_fn(|_| Desk::new());
    let all: Vec<&Desk> = desks.iter().collect();
    let daemons: Vec<Daemon> = desks.iter().map(|desk| node(desk, &server.url())).collect();
    let rounds = rounds(30);
    for n in 0..rounds {
        round(&all, n);
        all.iter().for_each(|desk| desk.wait_for_pages((n + 1) * 4));
    }
    agree(&all, rounds * 4);
    told_once(&all, 0..rounds * STORIES);
    drop(daemons);

    // Each by itself would have told them again: the stories do come four times.
    let alone: [Desk; 4] = std::array::from_fn(|_| Desk::new());
    let each: Vec<&Desk> = alone.iter().collect();
    let daemons: Vec<Daemon> = alone.iter().map(Desk::start).collect();
    round(&each, 0);
    each.iter().for_each(|desk| desk.wait_for_pages(1));
    let doubles: u32 = each.iter().flat_map(|desk| told(desk).into_values()).sum();
    assert_eq!(u64::from(doubles), 4 * STORIES);
    drop(daemons);
}

#[test]
fn nodes_that_are_killed_lose_nothing_and_double_nothing() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::alone(&program, folder.path(), Wishes::default());
    init(&server.url(), 1);
    let [a, b, c] = [Desk::new(), Desk::new(), Desk::new()];
    let first = node(&a, &server.url());
    let mut second = node(&b, &server.url());
    let mut third = broadcaster(&c, &server.url());
    for n in 0..12 {
        round(&[&a, &b], n);
        match n {
            3 | 8 => {
                drop(second);
                second = node(&b, &server.url());
            }
            5 => {
                drop(third);
                third = broadcaster(&c, &server.url());
            }
            _ => {}
        }
    }
    agree(&[&a, &b, &c], 24);
    told_once(&[&a, &b, &c], 0..12 * STORIES);

    // A node whose file is lost begins with the stream; another one with a backup.
    drop(third);
    std::fs::remove_file(c.wire()).unwrap();
    let third = broadcaster(&c, &server.url());
    let d = Desk::new();
    let mut backup = flashwire();
    backup.args(["backup", "--wire"]).arg(a.wire()).arg(d.wire());
    assert_eq!(output(&mut backup).0, Some(0));
    round(&[&a, &b], 12);
    let fourth = node(&d, &server.url());
    agree(&[&a, &b, &c, &d], 26);
    told_once(&[&a, &b, &c, &d], 0..13 * STORIES);
    drop((first, second, third, fourth));
}

#[test]
fn a_page_in_two_folders_and_a_withdrawal_count_everywhere() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::alone(&program, folder.path(), Wishes::default());
    init(&server.url(), 1);
    let [a, b, c] = [Desk::new(), Desk::new(), Desk::new()];
    let nodes = [node(&a, &server.url()), node(&b, &server.url())];
    let reader = broadcaster(&c, &server.url());
    let text = page(0..3, 0);
    a.drop("same.txt", &text);
    b.drop("same.txt", &text);
    b.drop("other name.txt", &text);
    agree(&[&a, &b, &c], 2);
    told_once(&[&a, &b, &c], 0..3);

    let id = a.events()[0].id.to_string();
    let withdraw = |desk: &Desk| {
        let mut command = flashwire();
        command.args(["withdraw", "--reason", "it is wrong", "--wire"]).arg(desk.wire()).arg(&id);
        output(&mut command)
    };
    let (code, _, err) = withdraw(&c);
    assert_eq!(code, Some(4), "{err}");
    assert!(err.contains("takes no pages in"), "{err}");
    let (code, said, err) = withdraw(&b);
    assert_eq!((code, said.contains(&id)), (Some(0), true), "{err}");
    eventually("a withdrawal on every node", || {
        [&a, &b, &c].iter().all(|desk| desk.events().len() == 4).then_some(())
    });
    agree(&[&a, &b, &c], 2);
    assert!(a.events()[0].withdrawn_by.is_some());
    // Taken back is taken back, whoever meets it again.
    a.drop("again.txt", page(0..1, 0));
    agree(&[&a, &b, &c], 3);
    assert_eq!(a.events().len(), 4);
    drop((nodes, reader));
}

#[test]
fn a_cursor_of_one_node_resumes_on_another() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::alone(&program, folder.path(), Wishes::default());
    init(&server.url(), 1);
    let [a, b] = [Desk::new(), Desk::new()];
    let (first, second) = (node(&a, &server.url()), broadcaster(&b, &server.url()));
    a.drop("0.txt", page(0..8, 0));
    b.wait_for_pages(1);
    let out = a.beside("out");
    let mut tail = flashwire()
        .args(["tail", "-n", "100", "-o", "json", "--url", first.url(), "--url", second.url()])
        .stdout(std::fs::File::create(&out).unwrap())
        .spawn()
        .unwrap();
    let printed = |n: usize| {
        eventually(&format!("{n} printed lines"), || {
            let text = std::fs::read_to_string(&out).unwrap();
            (text.lines().count() >= n).then_some(text)
        })
    };
    printed(8);
    runtime().block_on(async {
        let whole = first.subscribe("?cursor=earliest").await.replay().await;
        let mut early = first.subscribe("?cursor=earliest").await;
        let some = early.events(3).await;
        let query = format!("?cursor={}", early.cursor(&some[2]));
        let rest = second.subscribe(&query).await.replay().await;
        let joined: Vec<&Value> = some.iter().chain(&rest).collect();
        assert_eq!(joined, whole.iter().collect::<Vec<_>>(), "the same events, bit by bit");
    });

    drop(first);
    let c = Desk::new();
    let third = node(&c, &server.url());
    c.drop("1.txt", page(8..12, 0));
    let text = printed(12);
    let seqs: Vec<u64> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=12).collect::<Vec<_>>(), "nothing twice, nothing lost");
    tail.kill().unwrap();
    tail.wait().unwrap();
    drop((second, third));
}

#[test]
fn a_cursor_ahead_of_a_node_waits_for_it() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::alone(&program, folder.path(), Wishes::default());
    init(&server.url(), 1);
    let [a, b] = [Desk::new(), Desk::new()];
    let (first, second) = (node(&a, &server.url()), broadcaster(&b, &server.url()));
    a.drop("0.txt", page(0..2, 0));
    b.wait_for_pages(1);
    runtime().block_on(async {
        let mut known = second.subscribe("?cursor=earliest").await;
        let events = known.events(2).await;
        let epoch = known.hello["epoch"].as_str().unwrap();
        assert_eq!(events[1]["seq"], 2);
        let query = format!("?cursor={epoch}:4");
        let ahead = second.subscribe_with(&query, None);
        let drop = async { a.drop("1.txt", page(2..6, 0)) };
        let (mut ahead, ()) = tokio::join!(ahead, drop);
        let seqs: Vec<Value> = ahead.events(2).await.iter().map(|e| e["seq"].clone()).collect();
        assert_eq!(seqs, [5, 6]);
        // Whoever is ahead of all for good is asked to come back.
        let (code, said) = second.get(&format!("/v1/events?cursor={epoch}:400"));
        assert_eq!((code, said.contains("come back in a while")), (503, true), "{said}");
    });
    drop((first, second));
}

/// What `/v1/stats` says of a pause.
fn degraded(daemon: &Daemon) -> Option<String> {
    let stats: Value = serde_json::from_str(&daemon.get("/v1/stats").1).ok()?;
    stats["degraded"]["reason"].as_str().map(str::to_owned)
}

#[test]
fn a_server_that_goes_and_comes_back_is_waited_for() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::alone(&program, folder.path(), Wishes::default());
    init(&server.url(), 1);
    let [a, b] = [Desk::new(), Desk::new()];
    let (first, second) = (node(&a, &server.url()), node(&b, &server.url()));
    round(&[&a, &b], 0);
    agree(&[&a, &b], 2);
    for (n, kills) in [(1, true), (2, false)] {
        if kills {
            server.kill()
        } else {
            server.pause()
        }
        let why = eventually("a word on the server", || degraded(&first));
        assert!(why.contains("gives no answer"), "{why}");
        let readiness = first.get("/readyz");
        assert_eq!(readiness.0, 200, "readers are served meanwhile: {}", readiness.1);
        round(&[&a, &b], n);
        runtime().block_on(async {
            let told = first.subscribe("?cursor=earliest").await.replay().await;
            assert_eq!(told.len() as u64, n * STORIES);
        });
        if kills {
            server.again()
        } else {
            server.resume()
        }
        agree(&[&a, &b], (n + 1) * 2);
        eventually("nodes that are well again", || {
            (degraded(&first).is_none() && degraded(&second).is_none()).then_some(())
        });
    }
    told_once(&[&a, &b], 0..3 * STORIES);
    // One that starts while the server is away serves what it has.
    server.kill();
    drop(second);
    let second = node(&b, &server.url());
    assert!(degraded(&second).is_some());
    round(&[&b], 3);
    server.again();
    agree(&[&a, &b], 7);
    told_once(&[&a, &b], 0..4 * STORIES);
    drop((first, second));
}

#[test]
fn one_of_three_servers_may_go() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut servers = Server::cluster(&program, folder.path(), 3);
    let urls = nats::urls(&servers);
    eventually("a stream on three servers", || {
        let mut command = flashwire();
        command.args(["order", "init", &urls, "--replicas", "3"]);
        (output(&mut command).0 == Some(0)).then_some(())
    });
    let [a, b] = [Desk::new(), Desk::new()];
    let (first, second) = (node(&a, &urls), node(&b, &urls));
    round(&[&a, &b], 0);
    agree(&[&a, &b], 2);
    let mut n = 1;
    for at in 0..3 {
        servers[at].kill();
        let begun = Instant::now();
        round(&[&a, &b], n);
        a.wait_for_pages((n + 1) * 2);
        eprintln!("server {at} killed: told after {:?}", begun.elapsed());
        servers[at].again();
        round(&[&a, &b], n + 1);
        agree(&[&a, &b], (n + 2) * 2);
        n += 2;
    }
    // Cut off for ten seconds.
    servers[0].pause();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        round(&[&a, &b], n);
        n += 1;
        std::thread::sleep(Duration::from_millis(500));
    }
    servers[0].resume();
    agree(&[&a, &b], n * 2);
    told_once(&[&a, &b], 0..n * STORIES);
    drop((first, second));
}

/// Runs a command that must fail by itself, and gives what it said.
fn refused(command: &mut Command, code: i32) -> String {
    let (exit, _, err) = output(command);
    assert_eq!(exit, Some(code), "{err}");
    assert_eq!(err.trim().lines().count(), 1, "one sentence: {err}");
    err
}

/// `flashwire run` that is to refuse.
fn run(desk: &Desk, servers: &str) -> Command {
    let mut command = desk.command();
    command.args(["--order", servers]).env("FLASHWIRE_LOG_LEVEL", "off");
    command
}

async fn stream(server: &Server) -> async_nats::jetstream::Context {
    async_nats::jetstream::new(async_nats::connect(server.url()).await.unwrap())
}

#[test]
fn what_can_not_give_the_order_is_refused_in_a_sentence() {
    let Some(program) = nats::program() else { return };
    let desk = Desk::new();
    let nobody = refused(&mut run(&desk, "nats://127.0.0.1:9"), 4);
    assert!(nobody.contains("can't be reached") && nobody.contains("are they running?"));
    let wrong = refused(&mut run(&desk, "127.0.0.1:4222"), 3);
    assert!(wrong.contains("write nats://HOST:4222"), "{wrong}");
    let role = refused(desk.command().args(["--role", "ingest"]), 3);
    assert!(role.contains("wire.order names no server"), "{role}");

    let folder = tempfile::tempdir().unwrap();
    let server = Server::alone(&program, folder.path(), Wishes::default());
    let missing = refused(&mut run(&desk, &server.url()), 4);
    assert!(missing.contains("make it with `flashwire order init`"), "{missing}");
    let even = refused(flashwire().args(["order", "init", &server.url(), "--replicas", "2"]), 4);
    assert!(even.contains("take 1, 3 or 5"), "{even}");
    let three = refused(flashwire().args(["order", "init", &server.url(), "--replicas", "3"]), 4);
    assert!(three.contains("need a cluster"), "{three}");
    runtime().block_on(async {
        let stream = async_nats::jetstream::stream::Config {
            name: "flashwire".into(),
            subjects: vec!["orders.>".into()],
            ..Default::default()
        };
        stream_of(&server, stream).await;
    });
    let strange = refused(&mut run(&desk, &server.url()), 4);
    assert!(strange.contains("was not made by `flashwire order init`"), "{strange}");
    let strange = refused(flashwire().args(["order", "check", &server.url()]), 1);
    assert!(strange.contains("was not made by"), "{strange}");

    let secret = "authorization { user: desk, password: secret }";
    let folder = tempfile::tempdir().unwrap();
    let wishes = Wishes { more: secret, ..Wishes::default() };
    let closed = Server::alone(&program, folder.path(), wishes);
    let refusal = refused(&mut run(&desk, &closed.url()), 4);
    assert!(refusal.contains("authorization violation"), "{refusal}");
    let folder = tempfile::tempdir().unwrap();
    let wishes = Wishes { more: "max_payload: 16384", ..Wishes::default() };
    let narrow = Server::alone(&program, folder.path(), wishes);
    init_fails(&narrow, "max_payload");

    let Some(old) = std::env::var_os("FLASHWIRE_TEST_NATS_OLD").map(PathBuf::from) else {
        eprintln!("SKIPPED: FLASHWIRE_TEST_NATS_OLD is not set; no old server is refused");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let old = Server::alone(&old, folder.path(), Wishes::default());
    init_fails(&old, "needs 2.12 or newer");
}

async fn stream_of(server: &Server, config: async_nats::jetstream::stream::Config) {
    stream(server).await.create_stream(config).await.unwrap();
}

fn init_fails(server: &Server, why: &str) {
    let (code, _, err) = output(flashwire().args(["order", "init", &server.url()]));
    assert!(code != Some(0) && err.contains(why), "{err}");
}

#[test]
fn order_check_says_what_an_acknowledgement_means() {
    let Some(program) = nats::program() else { return };
    for (streams, said) in
        [("", "every 120 s"), ("sync_interval: always", "before it acknowledges")]
    {
        let folder = tempfile::tempdir().unwrap();
        let wishes = Wishes { streams, ..Wishes::default() };
        let server = Server::alone(&program, folder.path(), wishes);
        init(&server.url(), 1);
        let mut command = flashwire();
        command.args(["order", "check", &server.url(), "--monitor", &server.monitor]);
        let (code, out, err) = output(&mut command);
        assert_eq!(code, Some(0), "{err}");
        for part in [said, "one server keeps it", "its epoch is"] {
            assert!(out.contains(part), "{part}: {out}");
        }
        // Made once; a second time nothing is changed.
        let (code, out, _) = output(flashwire().args(["order", "init", &server.url()]));
        assert_eq!((code, out.contains("is there already")), (Some(0), true), "{out}");
    }
}

#[test]
fn what_is_not_ours_in_the_stream_stops_nobody_and_what_is_newer_waits() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::alone(&program, folder.path(), Wishes::default());
    init(&server.url(), 1);
    let [a, b] = [Desk::new(), Desk::new()];
    let (first, second) = (node(&a, &server.url()), node(&b, &server.url()));
    round(&[&a, &b], 0);
    agree(&[&a, &b], 2);
    let publish = |header: Option<&str>, text: &str| {
        runtime().block_on(async {
            let context = stream(&server).await;
            let mut headers = async_nats::HeaderMap::new();
            header.inspect(|header| headers.insert("Flashwire-Batch", *header));
            let sent =
                context.publish_with_headers("flashwire.wire", headers, text.to_owned().into());
            sent.await.unwrap().await.unwrap();
        });
    };
    publish(None, "hello");
    publish(Some("1 stranger-1 1/1"), "no batch");
    publish(Some("1 stranger-2 1/2"), "half a batch");
    round(&[&a, &b], 1);
    agree(&[&a, &b], 4);
    told_once(&[&a, &b], 0..2 * STORIES);
    publish(Some("2 later-1 1/1"), "of another version");
    let why = eventually("a word on the newer message", || degraded(&second));
    assert!(why.contains("written by a newer flashwire") && why.contains("install that version"));
    drop((first, second));
}

#[test]
fn a_stream_that_is_full_is_waited_for() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::alone(&program, folder.path(), Wishes::default());
    let mut command = flashwire();
    command.args(["order", "init", &server.url(), "--max-bytes", "1048576"]);
    assert_eq!(output(&mut command).0, Some(0));
    let desk = Desk::new();
    let daemon = node(&desk, &server.url());
    runtime().block_on(async {
        let context = stream(&server).await;
        for size in [100_000, 10_000, 1_000, 0] {
            let fill = || context.publish("flashwire.wire", vec![b'x'; size].into());
            while fill().await.unwrap().await.is_ok() {}
        }
    });
    desk.drop("0.txt", page(0..3, 0));
    let why = eventually("a word on the full stream", || degraded(&daemon));
    assert!(why.contains("is full") && why.contains("give it more room"), "{why}");
    runtime().block_on(async {
        let context = stream(&server).await;
        let mut config =
            context.get_stream("flashwire").await.unwrap().cached_info().config.clone();
        config.max_bytes = 64 << 20;
        context.update_stream(config).await.unwrap();
    });
    desk.wait_for_pages(1);
    told_once(&[&desk], 0..3);
    drop(daemon);
}

#[test]
fn a_batch_larger_than_a_message_goes_in_parts() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let wishes = Wishes { more: "max_payload: 65536", ..Wishes::default() };
    let server = Server::alone(&program, folder.path(), wishes);
    init(&server.url(), 1);
    let [a, b] = [Desk::new(), Desk::new()];
    let (first, second) = (node(&a, &server.url()), node(&b, &server.url()));
    let mut draws = 11_u64;
    let mut paragraphs = String::new();
    while paragraphs.len() < 600_000 {
        draws = draws.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        paragraphs.push_str(&format!(
            "On berth {} the harbour board counted {} crates and {} casks, and {} barrels more \
             than in the year before, which the clerks of Orvik entered by hand into the book.\n\n",
            draws >> 40,
            draws >> 33 & 0xfff,
            draws >> 13 & 0xffff,
            draws & 0xffff
        ));
    }
    a.drop("long.txt", format!("Harbour board of Orvik counts all of its crates\n\n{paragraphs}"));
    for n in 0..6 {
        round(&[&a, &b], n);
    }
    agree(&[&a, &b], 13);
    let parts = runtime().block_on(async {
        let stream = stream(&server).await.get_stream("flashwire").await.unwrap();
        stream.cached_info().state.messages
    });
    let batches = a.read(SqliteStore::position).unwrap().batch;
    assert!(parts > batches, "{parts} messages for {batches} batches");
    let longest = b.events().iter().filter_map(|e| e.item.body().map(str::len)).max();
    assert!(longest > Some(400_000), "{longest:?}");
    drop((first, second));
}

#[test]
fn a_stream_that_is_made_again_begins_a_new_epoch() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::alone(&program, folder.path(), Wishes::default());
    init(&server.url(), 1);
    let [a, b] = [Desk::new(), Desk::new()];
    let (first, second) = (node(&a, &server.url()), node(&b, &server.url()));
    round(&[&a, &b], 0);
    agree(&[&a, &b], 2);
    let epoch = |desk: &Desk| {
        use flashwire::wire::Store as _;
        desk.read(|wire| wire.head().epoch).unwrap()
    };
    let before = epoch(&a);
    assert_eq!(before, epoch(&b));
    runtime().block_on(async {
        stream(&server).await.delete_stream("flashwire").await.unwrap();
    });
    let why = eventually("a word on the stream", || degraded(&first));
    assert!(why.contains("make it with `flashwire order init`"), "{why}");
    init(&server.url(), 1);
    eventually("a new epoch", || (epoch(&a) != before && epoch(&a) == epoch(&b)).then_some(()));
    round(&[&a, &b], 1);
    agree(&[&a, &b], 4);
    told_once(&[&a, &b], 0..2 * STORIES);

    // Who comes without what was told before is told where to begin.
    let c = Desk::new();
    let said = refused(&mut run(&c, &server.url()), 4);
    assert!(said.contains("start from a backup of a node"), "{said}");
    // A process that began anew is the same process.
    drop((first, second));
}

#[test]
fn a_node_that_only_takes_pages_in_serves_nobody() {
    let Some(program) = nats::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::alone(&program, folder.path(), Wishes::default());
    init(&server.url(), 1);
    let [a, b] = [Desk::new(), Desk::new()];
    let ingest = a.started(a.command().args(["--role", "ingest", "--order", &server.url()]));
    let reader = broadcaster(&b, &server.url());
    a.drop("0.txt", page(0..3, 0));
    agree(&[&a, &b], 1);
    assert_eq!(ingest.get("/v1/wire").0, 404);
    assert!(ingest.get("/").1.contains("this node takes pages in"));
    assert_eq!(ingest.get("/v1/stats").0, 200);
    let (code, said, err) = output(flashwire().args(["status", "--url", reader.url()]));
    assert_eq!(code, Some(0), "{err}");
    assert!(said.contains("other nodes take the pages in"), "{said}");
    let both = refused(
        flashwire().arg("run").arg(b.folder()).args([
            "--role",
            "broadcast",
            "--order",
            &server.url(),
        ]),
        2,
    );
    assert!(both.contains("watches no folder"), "{both}");
    drop((ingest, reader));
}
