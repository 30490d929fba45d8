//! What bad input gets: what, where, what to do, and an exit code that says of which kind it is.

use std::{fs, io::Write as _, net::TcpListener, process::Stdio};

use crate::daemon::{Desk, eventually, example, flashwire, output};

/// Runs it, and holds its end against the exit code and words on stderr.
fn fails(args: &[&str], code: i32, words: &[&str]) {
    let (ended, out, err) = output(flashwire().args(args));
    assert_eq!(ended, Some(code), "{args:?}: {out}{err}");
    for word in words {
        assert!(err.contains(word), "{args:?} doesn't say {word:?}: {err}");
    }
}

#[test]
fn a_config_that_can_not_be_used_is_a_3() {
    let desk = Desk::new();
    let folder = desk.folder().to_str().unwrap().to_owned();
    let file = desk.beside("desk.toml");
    let missing = desk.beside("missing").to_str().unwrap().to_owned();
    for (text, words) in [
        ("[watch]\nsettle = \"soon\"\n", vec!["line 2", "settle"]),
        ("[pipeline]\nafter = \"move\"\n", vec!["moved_to"]),
        ("[broadcast]\nring_bytes = 99999999999\n", vec!["broadcast.ring_bytes", "at most"]),
        ("[broadcast]\nproxies = [\"proxy.example\"]\n", vec!["broadcast.proxies", "10.0.0.0/8"]),
        ("[dedup]\nwindow_hours = 100000\n", vec!["sightings_days"]),
        ("listen = \"no such host\"\n", vec!["line 1", "localhost:7788"]),
        (&format!("sites = {missing:?}\n"), vec!["sites"]),
        (&format!("[tls]\ncertificate = {missing:?}\nkey = {missing:?}\n"), vec![missing.as_str()]),
        ("[log]\nlevel = \"a=b=c\"\n", vec!["log.level"]),
    ] {
        fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        fails(&["run", &folder, "--listen", "127.0.0.1:0", "--config", file], 3, &words);
        if !text.contains("moved_to") && !text.contains("after") {
            fails(&["config", "check", file], 3, &words);
        }
    }
    fs::write(&file, "[broadcast]\nheartbeat = 5\n").unwrap();
    let (code, out, _) = output(flashwire().args(["config", "check"]).arg(&file));
    assert_eq!((code, out.contains("good")), (Some(0), true));
}

#[test]
fn a_variable_that_sets_nothing_is_named() {
    let mut command = flashwire();
    command.args(["config", "check"]).env("FLASHWIRE_DEDUP_WINDOW", "24");
    let (code, _, err) = output(&mut command);
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("did you mean FLASHWIRE_DEDUP_WINDOW_HOURS?"), "{err}");
}

#[test]
fn pages_are_parsed_from_stdin_and_what_is_none_is_an_error() {
    fails(&["parse", "nope.txt"], 1, &["1 of 1 files"]);
    let mut child = flashwire()
        .args(["parse", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&example("pages/courier-harbour.txt")).unwrap();
    let ended = child.wait_with_output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert!(ended.status.success());
    assert!(said["items"].as_array().unwrap().len() > 3, "{said}");
}

#[test]
fn a_host_name_to_listen_on_is_looked_up() {
    let desk = Desk::new();
    let mut command = flashwire();
    command.arg("run").arg(desk.folder()).args(["--listen", "localhost:0", "--wire"]);
    command.arg(desk.wire()).stdout(Stdio::null());
    let daemon = desk.started(&mut command);
    assert_eq!(daemon.get("/healthz").0, 200);
    fails(&["run", "pages", "--listen", "nowhere"], 2, &["no address and port", "localhost:7788"]);
}

#[test]
fn tokens_are_added_with_care() {
    let desk = Desk::new();
    let folder = desk.folder().to_str().unwrap().to_owned();
    let missing = desk.beside("missing/pages").to_str().unwrap().to_owned();
    let add = |rest: &[&str]| {
        let mut command = flashwire();
        command.args(["token", "--wire", &folder, "add"]).args(rest);
        output(&mut command)
    };
    fails(&["token", "--wire", &missing, "add", "x"], 1, &["neither a wire nor a folder"]);
    assert!(!desk.beside("missing").exists());
    fails(&["token", "--wire", &folder, "add", ""], 2, &["needs a name"]);
    fails(&["token", "add", "x"], 2, &["--wire FOLDER"]);
    let (code, first, said) = add(&["night"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("it is the first") && said.contains("tail --wire"), "{said}");
    let (code, none, said) = add(&["night"]);
    assert_eq!((code, none.as_str()), (Some(1), ""), "{said}");
    assert!(said.contains("--replace"), "{said}");
    let (code, second, said) = add(&["night", "--replace"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("it is the first"), "{said}");
    assert_ne!(first, second);
    // The wire may be named behind the word, too.
    let (code, list, err) = output(flashwire().args(["token", "list", "--wire", &folder]));
    assert_eq!((code, list.lines().count()), (Some(0), 1), "{err}");
    fails(&["token", "drop", "day", "--wire", &folder], 1, &["no token named day", "list"]);
}

#[test]
fn another_program_on_the_port_is_not_taken_for_a_daemon() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::Read as _;
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let _ = socket.read(&mut [0; 4096]);
            let page = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
            let _ = socket.write_all(page.as_bytes());
        }
    });
    fails(&["status", "--url", &url], 1, &["another program"]);
    fails(&["tail", "--no-follow", "--url", &url], 4, &["another program"]);
    fails(&["status", "--url", "http://127.0.0.1:1"], 1, &["is the daemon running?"]);
}

#[test]
fn a_query_that_is_refused_is_a_2() {
    let desk = Desk::new();
    let daemon = desk.start();
    fails(&["tail", "--no-follow", "--url", daemon.url(), "-q", "\"open"], 2, &["q"]);
    let (code, _, err) =
        output(flashwire().args(["tail", "--no-follow", "--url", daemon.url(), "-q", "-ferry"]));
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn a_file_that_is_there_is_no_place_for_a_backup_and_a_broken_wire_says_that_it_is() {
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/valley-blog.txt"));
    let daemon = desk.start();
    desk.wait_for_pages(1);
    let copy = desk.beside("copy.db");
    fs::write(&copy, "mine").unwrap();
    let wire = desk.wire().to_str().unwrap().to_owned();
    let copy = copy.to_str().unwrap();
    fails(&["backup", copy, "--wire", &wire], 1, &["exists already"]);
    let (_, _, err) = output(flashwire().args(["backup", copy, "--wire", &wire]));
    assert!(!err.contains("can't be read"), "{err}");
    assert!(daemon.stop().success());
    // Tables gone: nothing a permission could mend.
    let db = rusqlite::Connection::open(&wire).unwrap();
    db.execute_batch("DROP TABLE epoch").unwrap();
    drop(db);
    let folder = desk.folder().to_str().unwrap().to_owned();
    fails(
        &["run", &folder, "--wire", &wire, "--listen", "127.0.0.1:0"],
        1,
        &["is damaged", "backup"],
    );
}

#[test]
fn events_are_explained_by_their_number_and_silent_pages_are_listed() {
    let desk = Desk::new();
    desk.drop("a.txt", example("pages/courier-harbour.txt"));
    let daemon = desk.start();
    desk.wait_for_pages(1);
    desk.drop("empty-handed.html", "<html><body><p>Log in</p></body></html>\n");
    desk.wait_for_pages(2);
    let folder = desk.folder().to_str().unwrap().to_owned();
    let run = |args: &[&str]| output(flashwire().args(args).args(["--wire", &folder]));
    let (code, by_number, err) = run(&["explain", "3"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(by_number.starts_with("#3 "), "{by_number}");
    let id = desk.events()[2].id.to_string();
    assert_eq!(run(&["explain", &id]).1, by_number);
    assert_eq!(run(&["explain", "#3"]).1, by_number);
    fails(&["explain", "99", "--wire", &folder], 1, &["no event #99", "#1 to #7"]);
    let (code, pages, _) = run(&["pages", "--silent"]);
    assert_eq!((code, pages.contains("empty-handed.html")), (Some(0), true), "{pages}");
    assert!(!pages.contains("a.txt"), "{pages}");
    // What is taken back is named before its words are gone, and says so afterwards.
    let (code, said, err) = run(&["withdraw", &id, "--reason", "Not so"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(said.trim(), format!("withdrawn {id}"));
    let (_, said, _) = run(&["explain", "3"]);
    assert!(said.contains("taken back") && said.contains("Not so"), "{said}");
    let (_, lines, _) = run(&["tail", "-n", "20", "-o", "cat", "--no-follow"]);
    assert!(lines.lines().all(|line| !line.trim().is_empty()), "{lines:?}");
    drop(daemon);
}

/// A certificate that nothing on this machine has signed.
#[test]
fn a_private_certificate_is_trusted_by_its_file_and_named_otherwise() {
    let desk = Desk::new();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (desk.beside("cert.pem"), desk.beside("key.pem"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    desk.drop("a.txt", example("pages/valley-blog.txt"));
    let mut child = desk
        .command()
        .env("FLASHWIRE_TLS_CERTIFICATE", &certificate)
        .env("FLASHWIRE_TLS_KEY", &key)
        .spawn()
        .unwrap();
    let lock = flashwire::wire::Lock::path(&desk.wire());
    let url = eventually("the daemon's address", || {
        let holder: serde_json::Value = serde_json::from_slice(&fs::read(&lock).ok()?).ok()?;
        Some(holder["url"].as_str()?.replace("127.0.0.1", "localhost"))
    });
    desk.wait_for_pages(1);
    let certificate = certificate.to_str().unwrap();
    let tail = ["tail", "--no-follow", "-o", "cat", "--url", &url];
    fails(&tail, 4, &["certificate", "--ca FILE"]);
    fails(&["status", "--url", &url], 1, &["certificate", "--ca FILE"]);
    let (code, said, err) = output(flashwire().args(tail).args(["--ca", certificate]));
    assert_eq!((code, said.lines().count()), (Some(0), 1), "{err}");
    let (code, _, err) = output(flashwire().args(["status", "--url", &url, "--ca", certificate]));
    assert_eq!(code, Some(0), "{err}");
    // Plain HTTP to the same port.
    let plain = url.replace("https", "http");
    fails(&["status", "--url", &plain], 1, &["speaks TLS", "https://"]);
    fails(&["tail", "--no-follow", "--url", &plain], 4, &["speaks TLS", "https://"]);
    child.kill().unwrap();
    child.wait().unwrap();
}
