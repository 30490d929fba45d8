//! Tokens that come and go while the daemon runs.

use std::io::{Read as _, Write as _};

use crate::daemon::{Daemon, Desk, eventually, example, flashwire, output, runtime};

fn token(desk: &Desk, what: &[&str]) -> String {
    let mut command = flashwire();
    command.args(["token", "--wire"]).arg(desk.folder()).args(what);
    let (code, out, err) = output(&mut command);
    assert_eq!(code, Some(0), "{err}");
    out.trim().to_owned()
}

/// Status of a GET with this token.
fn asked(daemon: &Daemon, token: Option<&str>) -> u16 {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.get(format!("{}/v1/stats", daemon.url()));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.call().unwrap().status().as_u16()
}

/// An open stream of server-sent events; what comes is read until the daemon ends it.
fn streaming(daemon: &Daemon, token: Option<&str>) -> std::thread::JoinHandle<String> {
    let at = daemon.url().strip_prefix("http://").unwrap().to_owned();
    let shown = token.map_or(String::new(), |token| format!("Authorization: Bearer {token}\r\n"));
    let mut socket = std::net::TcpStream::connect(&at).unwrap();
    socket.set_read_timeout(Some(std::time::Duration::from_secs(40))).unwrap();
    let head = format!(
        "GET /v1/events HTTP/1.1\r\nHost: {at}\r\nAccept: text/event-stream\r\n{shown}\r\n"
    );
    socket.write_all(head.as_bytes()).unwrap();
    std::thread::spawn(move || {
        let mut told = Vec::new();
        let mut some = [0; 4096];
        loop {
            match socket.read(&mut some) {
                Ok(0) => break,
                Ok(read) => told.extend_from_slice(&some[..read]),
                Err(error) => panic!("the stream is not ended: {error}"),
            }
            // The last chunk of the answer: the connection itself may live on.
            if told.ends_with(b"0\r\n\r\n") {
                break;
            }
        }
        String::from_utf8(told).unwrap()
    })
}

#[test]
fn a_token_that_is_dropped_ends_the_streams_it_opened() {
    let desk = Desk::new();
    let (night, day) = (token(&desk, &["add", "night"]), token(&desk, &["add", "day"]));
    let daemon = desk.start();
    let runtime = runtime();
    let mut dropped = runtime.block_on(daemon.subscribe_with("", Some(&night)));
    let mut stays = runtime.block_on(daemon.subscribe_with("", Some(&day)));
    let (stream, kept) = (streaming(&daemon, Some(&night)), streaming(&daemon, Some(&day)));
    assert_eq!(asked(&daemon, Some(&night)), 200);
    token(&desk, &["drop", "night"]);
    assert_eq!(asked(&daemon, Some(&night)), 401);
    assert_eq!(runtime.block_on(dropped.closed()), 4502);
    let told = stream.join().unwrap();
    assert!(told.contains("event: error") && told.contains("unauthorised"), "{told}");
    desk.drop("a.txt", example("pages/valley-blog.txt"));
    assert_eq!(runtime.block_on(stays.events(1))[0]["seq"], 1);
    assert!(!kept.is_finished());
    // A name that is given a new token has lost the old one.
    token(&desk, &["add", "day", "--replace"]);
    assert_eq!(runtime.block_on(stays.closed()), 4502);
    kept.join().unwrap();
    assert!(daemon.stop().success());
}

#[test]
fn a_first_token_is_in_force_at_once_and_the_machine_itself_needs_none() {
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/valley-blog.txt"));
    let daemon = desk.start();
    desk.wait_for_pages(1);
    let runtime = runtime();
    let mut nameless = runtime.block_on(daemon.subscribe(""));
    let stream = streaming(&daemon, None);
    assert_eq!(asked(&daemon, None), 200);
    let token_of_desk = token(&desk, &["add", "desk"]);
    assert_eq!(asked(&daemon, None), 401);
    assert_eq!(asked(&daemon, Some(&token_of_desk)), 200);
    assert_eq!(runtime.block_on(nameless.closed()), 4502);
    assert!(stream.join().unwrap().contains("unauthorised"));
    // Health stays open for watchdogs.
    assert_eq!(daemon.get("/readyz").0, 200);

    // Whoever may read the wire's lock file needs no token.
    let here = |args: &[&str]| output(flashwire().args(args).arg("--wire").arg(desk.folder()));
    let (code, said, err) = here(&["tail", "-n", "5", "--no-follow", "-o", "cat"]);
    assert_eq!((code, said.lines().count()), (Some(0), 1), "{err}");
    let (code, said, err) = here(&["status"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(said.contains("is well"), "{said}");
    let id = desk.events()[0].id.to_string();
    let (code, _, err) = here(&["withdraw", &id, "--reason", "No"]);
    assert_eq!(code, Some(0), "{err}");
    // Others are told how.
    let (code, _, err) = output(flashwire().args(["tail", "--no-follow", "--url", daemon.url()]));
    assert_eq!(code, Some(4));
    assert!(err.contains("--wire FOLDER"), "{err}");

    // Without any token this machine is asked for none again.
    token(&desk, &["drop", "desk"]);
    eventually("an open door", || (asked(&daemon, None) == 200).then_some(()));
    assert!(daemon.stop().success());
}
