//! From a dropped page to a subscriber, through the real daemon.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::daemon::{Desk, corpus, eventually, example, runtime};

const PAGES: [&str; 4] =
    ["channel-post.txt", "courier-harbour.txt", "lantern-market.html", "valley-blog.txt"];

fn headlines(events: &[Value]) -> Vec<String> {
    events
        .iter()
        .map(|event| event["item"]["headline"].as_str().unwrap_or("(none)").to_owned())
        .collect()
}

#[test]
fn pages_reach_a_subscriber_whole_and_in_order() {
    let desk = Desk::new();
    let daemon = desk.start();
    runtime().block_on(async {
        let mut client = daemon.subscribe("").await;
        desk.drop("courier-harbour.txt", example("pages/courier-harbour.txt"));
        let events = client.events(7).await;
        // The ticker's newest line stands on top, so it is told last; then the article.
        assert!(
            events[0]["item"]["headline"].as_str().unwrap().starts_with("Vellin, North Coast:")
        );
        assert!(events[5]["item"]["headline"].as_str().unwrap().starts_with("Radio Vellin: Storm"));
        assert_eq!(events[6]["kind"], "article");
        assert_eq!(
            events[6]["item"]["headline"],
            "Port Amal shuts its harbour as the autumn storm comes ashore"
        );
        for (event, seq) in events.iter().zip(1..) {
            assert_eq!(event["seq"], seq);
            assert_eq!(event["action"], "new");
            assert_eq!(event["source"]["name"], "The Amal Courier");
            assert_eq!(event["page"]["name"], "courier-harbour.txt");
        }
    });
    assert!(daemon.stop().success());
    assert_eq!(desk.verify(), Vec::<String>::new());
}

#[test]
fn the_same_content_under_another_name_and_a_restart_tell_nothing() {
    let desk = Desk::new();
    for page in PAGES {
        desk.drop(page, example(&format!("pages/{page}")));
    }
    let daemon = desk.start();
    desk.wait_for_pages(4);
    let first = desk.counts();
    assert_eq!(first.events, first.sightings);
    for page in PAGES {
        desk.drop(&format!("again/{page}"), example(&format!("pages/{page}")));
    }
    desk.wait_for_pages(8);
    let again = desk.counts();
    assert_eq!((again.events, again.sightings), (first.events, 2 * first.sightings));
    assert!(daemon.stop().success());

    let daemon = desk.start();
    desk.drop("last.txt", example("pages/valley-blog.txt"));
    desk.wait_for_pages(9);
    assert_eq!(desk.counts().events, first.events);
    assert!(daemon.stop().success());
    assert_eq!(desk.verify(), Vec::<String>::new());
}

#[test]
fn the_same_pages_in_the_same_order_give_the_same_wire() {
    let told = |workers: &str| {
        let desk = Desk::new();
        for n in 0..60 {
            let text = format!(
                "The Amal Courier\n\nBREAKING\nHarbour desk: Ferry {n} waits outside the mole of Port Amal\nRadio Vellin: Column {} of lorries has crossed the pass above Ostermund\n",
                n / 6
            );
            desk.drop(&format!("{n:02}.txt"), text);
            // One time for all: then the backlog comes in the order of names.
            let file = std::fs::File::options()
                .write(true)
                .open(desk.folder().join(format!("{n:02}.txt")));
            file.unwrap()
                .set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_790_000_000))
                .unwrap();
        }
        for page in PAGES {
            desk.drop(page, example(&format!("pages/{page}")));
        }
        let mut command = desk.command();
        let mut daemon = command.env("FLASHWIRE_PIPELINE_WORKERS", workers).spawn().unwrap();
        desk.wait_for_pages(64);
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        desk.events()
            .iter()
            .map(|event| {
                (
                    event.seq,
                    event.id,
                    event.action,
                    event.thread,
                    event.item.headline().map(str::to_owned),
                )
            })
            .collect::<Vec<_>>()
    };
    let (one, four) = (told("1"), told("4"));
    assert_eq!(one, four);
    assert!(one.len() > 64, "{}", one.len());
}

#[test]
fn a_later_page_updates_what_was_told_and_repeats_become_sightings() {
    let desk = Desk::new();
    for page in PAGES {
        desk.drop(page, example(&format!("pages/{page}")));
    }
    let daemon = desk.start();
    desk.wait_for_pages(4);
    let before = desk.events().len();
    runtime().block_on(async {
        let mut client = daemon.subscribe("").await;
        desk.drop("courier-update.txt", example("later/courier-update.txt"));
        let events = client.events(3).await;
        let told = headlines(&events);
        assert!(told[0].contains("12 people hurt"), "{told:?}");
        assert_eq!(events[0]["action"], "update");
        assert_eq!(events[0]["item"]["version"], 2);
        assert_eq!(events[0]["change"]["words"][0]["was"], "9");
        assert_eq!(events[0]["change"]["words"][0]["now"], "12");
        assert!(told[1].starts_with("Mainland ferry line"), "{told:?}");
        assert_eq!(events[1]["action"], "new");
        assert_eq!(
            (&events[2]["kind"], &events[2]["action"]),
            (&"article".into(), &"update".into())
        );

        desk.drop("valley-repeat.txt", example("later/valley-repeat.txt"));
        desk.wait_for_pages(6);
    });
    let events = desk.events();
    let told: Vec<_> = events[before..].iter().map(|event| event.item.headline()).collect();
    assert_eq!(events.len(), before + 3, "the repeats tell nothing: {told:?}");
    drop(daemon);
}

#[test]
fn a_subscriber_that_was_away_gets_what_it_missed_once_and_in_order() {
    let desk = Desk::new();
    let daemon = desk.start();
    let line = |n: usize| {
        format!(
            "BREAKING\nHarbour desk: Ferry number {n} has left Port Amal for Vellin\nRadio Vellin: Convoy {n} of lorries waits at the gate of the western yard\n"
        )
    };
    runtime().block_on(async {
        let mut client = daemon.subscribe("?cursor=earliest").await;
        for n in 0..20 {
            desk.drop(&format!("{n}.txt"), line(n));
        }
        let seen = client.events(7).await;
        let cursor = client.cursor(&seen[6]);
        drop(client);
        for n in 20..40 {
            desk.drop(&format!("{n}.txt"), line(n));
        }
        desk.wait_for_pages(40);
        let all = desk.events();
        let mut client = daemon.subscribe(&format!("?cursor={cursor}")).await;
        assert_eq!(client.hello["recovered"], true);
        let rest = client.replay().await;
        let seqs: Vec<u64> =
            seen.iter().chain(&rest).map(|event| event["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (1..=all.len() as u64).collect::<Vec<_>>());
    });
    drop(daemon);
}

/// The wire can't be written, and pages wait in every place there is.
#[test]
fn a_stop_ends_though_the_desk_leaves_pages_behind() {
    let desk = Desk::new();
    let mut command = desk.command();
    let daemon = desk.started(command.env("FLASHWIRE_PIPELINE_GRACE", "1m"));
    let lock = rusqlite::Connection::open(desk.wire()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let aside = desk.beside("aside");
    std::fs::create_dir(&aside).unwrap();
    for n in 0..300 {
        let page = std::fs::File::create(aside.join(format!("{n}.txt"))).unwrap();
        std::io::Write::write_all(&mut (&page), format!("BREAKING\nFerry {n} waits\n").as_bytes())
            .unwrap();
        page.set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    std::fs::rename(aside, desk.folder().join("sub")).unwrap();
    eventually("the backlog to be read and intake to pause", || {
        let stats: Value = serde_json::from_str(&daemon.get("/v1/stats").1).unwrap();
        (stats["watch"]["seen"] == 300 && !stats["degraded"].is_null()).then_some(())
    });
    assert!(daemon.stop().success());
    drop(lock);
    let daemon = desk.start();
    desk.wait_for_pages(300);
    assert!(daemon.stop().success());
}

/// A writer that pauses in the middle of a line, its file closed.
#[test]
fn half_a_line_is_never_told() {
    let desk = Desk::new();
    let mut command = desk.command();
    let daemon = desk.started(command.env("FLASHWIRE_WATCH_SETTLE", "1h"));
    let page = desk.folder().join("a.txt");
    std::fs::write(&page, "BREAKING\nHarbour desk: Court frees th").unwrap();
    eventually("the half page to be noticed", || {
        let stats: Value = serde_json::from_str(&daemon.get("/v1/stats").1).unwrap();
        let count = |what: &str| stats["watch"][what].as_u64().unwrap();
        (count("pending") == 1 || count("seen") == 1).then_some(())
    });
    let mut whole = std::fs::File::options().append(true).open(&page).unwrap();
    std::io::Write::write_all(&mut whole, b"ree of the harbour strikers\n").unwrap();
    drop(whole);
    let told = |text: &str| desk.events().iter().any(|e| e.item.headline() == Some(text));
    eventually("the whole line", || {
        told("Harbour desk: Court frees three of the harbour strikers").then_some(())
    });
    assert_eq!(desk.events().len(), 1);
    drop(daemon);
}

#[test]
fn real_pages_give_exactly_what_they_say() {
    let Some(corpus) = corpus() else { return };
    let seeds: BTreeMap<String, Vec<u8>> = std::fs::read_dir(corpus.join("seeds"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    let desk = Desk::new();
    let daemon = desk.start();
    for (name, text) in &seeds {
        desk.drop(name, text);
    }
    desk.wait_for_pages(5);
    let counts = desk.counts();
    assert_eq!((counts.events, counts.sightings), (35, 35));
    assert!(desk.events().iter().all(|event| event.action == flashwire::item::Action::New
        || event.action == flashwire::item::Action::Related));
    for (name, text) in &seeds {
        desk.drop(&format!("second/{name}"), text);
    }
    desk.wait_for_pages(10);
    let counts = desk.counts();
    assert_eq!((counts.events, counts.sightings), (35, 70));
    drop(daemon);
}

#[test]
fn pages_that_can_not_be_read_are_set_aside_with_their_reason() {
    let desk = Desk::new();
    let daemon = desk.start();
    desk.drop("empty.txt", "");
    desk.drop("binary.txt", [0u8, 159, 146, 150].repeat(40));
    desk.drop("large.txt", vec![b'a'; 17 << 20]);
    std::os::unix::fs::symlink("/etc/hostname", desk.folder().join("link.txt")).unwrap();
    desk.drop("good.txt", example("pages/valley-blog.txt"));
    eventually("five ledger rows", || {
        let pages = desk.counts().pages;
        (pages.values().sum::<u64>() == 5).then_some(())
    });
    let pages = desk.counts().pages;
    let expected =
        [("done", 1), ("empty", 1), ("not_text", 1), ("too_large", 1), ("unsupported", 1)];
    let expected: BTreeMap<String, u64> =
        expected.into_iter().map(|(outcome, count)| (outcome.to_owned(), count)).collect();
    assert_eq!(pages, expected);
    let (_, metrics) = daemon.get("/metrics");
    assert!(metrics.contains("flashwire_pages_total{outcome=\"too_large\"} 1"), "{metrics}");
    assert!(daemon.stop().success());
}

#[test]
fn a_first_start_on_very_many_pages_says_how_to_spare_subscribers() {
    let desk = Desk::new();
    for n in 0..1001 {
        std::fs::write(desk.folder().join(format!("{n}.txt")), format!("Page {n}\n")).unwrap();
    }
    let log = desk.beside("log");
    let mut command = desk.command();
    command.stderr(std::fs::File::create(&log).unwrap()).env("FLASHWIRE_LOG_LEVEL", "info");
    let daemon = desk.started(&mut command);
    eventually("word of --backfill quiet", || {
        std::fs::read_to_string(&log).unwrap().contains("--backfill quiet").then_some(())
    });
    assert!(daemon.stop().success());
}

/// A page whose article goes from figure to figure and back: its words are found again under
/// versions that were told long before.
#[test]
fn an_article_that_goes_back_and_forth_is_never_refused() {
    let desk = Desk::new();
    let daemon = desk.start();
    for (page, hurt) in [9, 12, 9, 15, 9, 12, 15, 20].iter().enumerate() {
        let article = format!(
            "The Amal Courier\n\nScaffolding falls in Quay Street\n\nBy Orla Venn\n\n\
             A scaffold six floors high came down in Quay Street on Tuesday morning, at the hour \
             when most of the street walks to work.\n\nThe fire service of Port Amal said that \
             {hurt} people were hurt and that nobody was looked for any more.\n\nThe builder did \
             not answer calls. Its last site in the harbour had been shut in the spring.\n\n\
             Most Read\n\nThe lighthouse keeper's winter number {page}\n"
        );
        desk.drop(&format!("{page}.txt"), article);
        desk.wait_for_pages(page as u64 + 1);
    }
    assert!(daemon.stop().success());
    let pages = desk.counts().pages;
    assert_eq!(pages.get("done"), Some(&8), "{pages:?}");
    assert_eq!(desk.verify(), Vec::<String>::new());
}

/// Text exports in one folder: from a publisher that says who it is, and from one that doesn't.
#[test]
fn lines_return_whether_their_source_is_known_or_not() {
    let line = |name: char| {
        let words = match name {
            'A' => "Sirens are heard in the village of Ostermund",
            'B' => "The northern ferry has docked at the old pier",
            'D' => "Two lorries have collided below the Karsa pass",
            'E' => "School board closes three houses for want of teachers",
            _ => "Firemen free a cow from the canal at midnight",
        };
        format!("Radio Vellin: {words}\n")
    };
    for (top, source) in [("The Amal Courier\n\n", Some("The Amal Courier")), ("", None)] {
        let desk = Desk::new();
        let mut daemon = desk.start();
        // Newest first.
        for (n, names) in (1..).zip(["AB", "DA", "FED", "AFE"]) {
            let lines: String = names.chars().map(line).collect();
            desk.drop(&format!("{n}.txt"), format!("{top}BREAKING\n{lines}"));
            desk.wait_for_pages(n);
            if n == 2 {
                assert!(daemon.stop().success());
                daemon = desk.start();
            }
        }
        let events = desk.events();
        assert!(events.iter().all(|event| event.source.name.as_deref() == source), "{events:?}");
        let returned: Vec<_> = events.iter().filter(|event| event.resurfaces.is_some()).collect();
        assert_eq!(returned.len(), 1, "{source:?}");
        assert_eq!(format!("{}\n", returned[0].item.headline().unwrap()), line('A'));
        assert!(daemon.stop().success());
    }
}
