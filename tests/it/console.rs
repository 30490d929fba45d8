//! The console commands against a running daemon.

use crate::daemon::{Desk, eventually, example, flashwire, output};

#[test]
fn tail_prints_what_was_told_and_keeps_its_place_in_a_file() {
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/courier-harbour.txt"));
    let daemon = desk.start();
    desk.wait_for_pages(1);
    let place = desk.beside("place");
    let tail = || {
        let mut command = flashwire();
        command.args(["tail", "--url", daemon.url(), "-o", "json", "--no-follow"]);
        command.arg("--cursor-file").arg(&place);
        output(&mut command)
    };
    let (code, first, err) = tail();
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(first.lines().count(), 7);
    for line in first.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["type"], "event");
    }
    assert_eq!(tail(), (Some(0), String::new(), String::new()), "nothing is printed twice");
    desk.drop("b.txt", example("pages/valley-blog.txt"));
    desk.wait_for_pages(2);
    let (_, more, _) = tail();
    assert_eq!(more.lines().count(), 1);
}

#[test]
fn tail_resumes_when_the_daemon_comes_back() {
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/courier-harbour.txt"));
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let start = || {
        let mut command = flashwire();
        command.arg("run").arg(desk.folder()).args(["--listen", &port.to_string()]);
        command.stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let mut daemon = start();
    desk.wait_for_pages(1);
    let out = desk.beside("out");
    let mut tail = flashwire()
        .args(["tail", "-n", "100", "-o", "cat", "--url", &format!("http://{port}")])
        .stdout(std::fs::File::create(&out).unwrap())
        .spawn()
        .unwrap();
    let lines = |n: usize| {
        eventually(&format!("{n} printed lines"), || {
            let text = std::fs::read_to_string(&out).unwrap();
            (text.lines().count() >= n).then_some(text)
        })
    };
    lines(7);
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    desk.drop("b.txt", example("pages/valley-blog.txt"));
    let mut daemon = start();
    let text = lines(8);
    assert_eq!(text.lines().count(), 8, "nothing twice: {text}");
    assert!(text.lines().last().unwrap().starts_with("Bridge at Ostermund"));
    tail.kill().unwrap();
    tail.wait().unwrap();
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

#[test]
fn status_says_in_one_sentence_how_the_daemon_is() {
    let desk = Desk::new();
    let daemon = desk.start();
    let (code, said, _) = output(flashwire().args(["status", "--url", daemon.url()]));
    assert_eq!(code, Some(0));
    assert_eq!(said.lines().count(), 1, "{said}");
    let url = daemon.url().to_owned();
    drop(daemon);
    let (code, _, err) = output(flashwire().args(["status", "--url", &url]));
    assert_eq!(code, Some(1), "{err}");
}

#[test]
fn what_is_withdrawn_is_struck_and_never_told_again() {
    let desk = Desk::new();
    let daemon = desk.start();
    desk.drop("a.txt", example("pages/valley-blog.txt"));
    desk.wait_for_pages(1);
    let id = desk.events()[0].id.to_string();
    let withdraw = |what: &str| {
        let mut command = flashwire();
        command.args(["withdraw", what, "--reason", "Wrong bridge", "--wire"]).arg(desk.folder());
        output(&mut command)
    };
    let (code, said, err) = withdraw(&id);
    assert_eq!((code, said.trim()), (Some(0), format!("withdrawn {id}").as_str()), "{err}");
    let (code, _, err) = withdraw(&id);
    assert_ne!(code, Some(0), "once is enough");
    assert!(err.contains("withdrawn already"), "{err}");
    let events = desk.events();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1].withdraws.as_ref().unwrap().reason, "Wrong bridge");
    let blank = serde_json::to_string(&*events[0]).unwrap();
    assert!(!blank.contains("Ostermund"), "{blank}");
    desk.drop("b.txt", [example("pages/valley-blog.txt"), b"\nOne line more.\n".to_vec()].concat());
    desk.wait_for_pages(2);
    assert_eq!(desk.counts().events, 2, "its words stay known");
    drop(daemon);
}

#[test]
fn explain_pages_and_verify_read_the_wire_beside_the_daemon() {
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/courier-harbour.txt"));
    desk.drop("empty.txt", "");
    let daemon = desk.start();
    desk.wait_for_pages(2);
    let on_wire = |args: &[&str]| {
        let mut command = flashwire();
        command.args(args).arg("--wire").arg(desk.folder());
        let (code, out, err) = output(&mut command);
        assert_eq!(code, Some(0), "{err}");
        out
    };
    let offline = |args: &[&str]| output(flashwire().args(args)).1;
    let id = desk.events()[0].id.to_string();
    let explained = on_wire(&["explain", &id]);
    assert!(explained.contains("a.txt line"), "{explained}");
    // The same news in other words is a sighting, and explain shows the words.
    let headline = desk.events()[0].item.headline().unwrap_or_default().to_owned();
    let copy = format!(
        "Port Times\n\nBREAKING\n- {headline}, officials say\n- Choir of Ostvale sells out its spring concert in the old mill\n\n"
    );
    desk.drop("copy.txt", copy);
    desk.wait_for_pages(3);
    let explained = on_wire(&["explain", &id]);
    assert!(explained.contains("worded") && explained.contains("officials say"), "{explained}");
    let table = offline(&["judge", "--rules"]);
    assert!(table.contains("figure changed") && table.contains("another name"), "{table}");
    let rejected = on_wire(&["pages", "--rejected"]);
    assert!(rejected.contains("empty.txt") && !rejected.contains("a.txt"), "{rejected}");
    let page = on_wire(&["pages", "a.txt"]);
    assert!(page.contains("lines ticker"), "{page}");
    assert!(on_wire(&["verify"]).contains("all adds up"));
    drop(daemon);
}

#[test]
fn tail_ends_when_its_reader_does_or_as_it_was_told() {
    use std::io::{BufRead as _, BufReader};
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/courier-harbour.txt"));
    let daemon = desk.start();
    desk.wait_for_pages(1);
    // Nothing more is told: only the closed pipe says that nobody reads on.
    let mut tail = flashwire()
        .args(["tail", "-n", "1", "-o", "cat", "--url", daemon.url()])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(tail.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    assert!(!line.is_empty());
    drop(out);
    let ended = eventually("the end of a tail that nobody reads", || tail.try_wait().unwrap());
    assert_eq!(ended.code(), Some(0));
    let tail = |args: &[&str]| {
        let mut command = flashwire();
        output(command.args(["tail", "-n", "100", "--url", daemon.url()]).args(args))
    };
    let (code, out, err) = tail(&["-o", "cat", "--count", "3"]);
    assert_eq!((code, out.lines().count()), (Some(0), 3), "{err}");
    let (code, out, _) = tail(&["-o", "cat", "--wait", "1s"]);
    assert_eq!((code, out.lines().count()), (Some(0), 7));
    let template = "{{{seq}}}\\t{kind}\\t{source}: {headline}\\n";
    let (_, out, err) = tail(&["-o", "template", "--template", template, "--no-follow"]);
    assert_eq!(out.lines().count(), 7, "{err}");
    assert!(
        out.lines().any(|line| line.starts_with('{')
            && line.contains("}\tticker\tThe Amal Courier: Amal fire service: 9 people hurt")),
        "{out}"
    );
    let (_, out, _) = tail(&["-o", "wide", "--no-follow"]);
    assert!(out.lines().all(|line| line.starts_with('#') && line.contains(" a.txt:")), "{out}");
}

#[test]
fn top_shows_who_feeds_the_wire() {
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/courier-harbour.txt"));
    desk.drop("empty.txt", "");
    let daemon = desk.start();
    desk.wait_for_pages(2);
    let (code, out, err) = output(flashwire().args(["top", "--once", "--url", daemon.url()]));
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("7 events · ") && out.contains("7 in the last hour"), "{out}");
    let row = out.lines().find(|line| line.contains("The Amal Courier")).unwrap();
    assert!(row.contains("s ago") && row.contains('█'), "{row}");
    // A page that was set aside is counted where it came from, with its reason at hand.
    let (_, sources) = daemon.get("/v1/sources");
    assert!(sources.contains("empty.txt"), "{sources}");
}

#[test]
fn a_line_is_shown_in_its_page_while_that_is_kept() {
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/courier-harbour.txt"));
    desk.drop("b.html", example("pages/lantern-market.html"));
    let daemon = desk.start();
    desk.wait_for_pages(2);
    for event in desk.events() {
        let (hash, line) = (event.page.hash, event.page.line);
        let (status, body) = daemon.get(&format!("/v1/pages/{hash}?line={line}&around=2"));
        assert_eq!(status, 200, "{body}");
        let page: serde_json::Value = serde_json::from_str(&body).unwrap();
        let lines = page["lines"].as_array().unwrap();
        let shown = lines.iter().find(|shown| shown["number"] == line).unwrap();
        let text = shown["text"].as_str().unwrap();
        let item = &event.item;
        let body = item.body().unwrap_or_default();
        let says = |words: &str| text.contains(words.split_whitespace().next().unwrap_or("-"));
        assert!(says(item.headline().unwrap_or_default()) || says(body), "{line}: {text}");
    }
    assert_eq!(daemon.get("/v1/pages/00000000000000000000000000000000").0, 404);
    assert_eq!(daemon.get("/v1/pages/a.txt").0, 400);
}

/// The sessions in `tests/cli` are what a person sees; `TRYCMD=overwrite` writes them anew.
#[test]
fn sessions_are_as_they_are_written_down() {
    trycmd::TestCases::new()
        .default_bin_path(env!("CARGO_BIN_EXE_flashwire"))
        .case("tests/cli/*.md")
        .run();
}
