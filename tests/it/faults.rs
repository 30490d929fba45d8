//! Bad input gets one clear sentence and the right exit code.

use crate::daemon::{Desk, eventually, example, flashwire, output};

/// Runs, and holds the answer against the exit code and words it must have.
fn refused(command: &mut std::process::Command, code: i32, words: &[&str]) {
    let (exit, out, err) = output(command);
    assert_eq!(exit, Some(code), "{err}");
    assert_eq!(out, "", "stdout carries events only");
    for word in words {
        assert!(err.contains(word), "`{word}` is not in: {err}");
    }
    assert!(!err.contains("panicked") && !err.contains("RUST_BACKTRACE"), "{err}");
}

#[test]
fn a_missing_folder_names_the_flag_that_makes_it() {
    let desk = Desk::new();
    let missing = desk.beside("nowhere");
    refused(flashwire().arg("run").arg(&missing), 1, &["nowhere", "missing", "--create"]);
    assert!(!missing.exists());
}

#[test]
fn a_wire_inside_the_watched_folder_is_refused() {
    let mut desk = Desk::new();
    let wire = desk.folder().join("wire.db");
    let mut command = desk.at(wire).command();
    refused(&mut command, 1, &["inside the watched folder", "--wire FILE"]);
}

#[test]
fn a_wire_that_can_not_be_written_is_refused() {
    let mut desk = Desk::new();
    let wire = desk.beside("no/such/place.db");
    let mut command = desk.at(wire).command();
    refused(&mut command, 1, &["place.db", "can't be opened for writing"]);
}

#[test]
fn a_second_daemon_is_told_who_holds_the_wire() {
    let desk = Desk::new();
    let daemon = desk.start();
    let pid = daemon.pid().to_string();
    refused(&mut desk.command(), 1, &["in use", &pid, "--wire FILE"]);
}

#[test]
fn a_port_in_use_is_named() {
    let desk = Desk::new();
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut command = flashwire();
    command.arg("run").arg(desk.folder()).args(["--listen", &address]);
    refused(&mut command, 1, &[&address, "another program has it", "--listen"]);
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let desk = Desk::new();
    assert!(desk.start().stop().success());
    let db = rusqlite::Connection::open(desk.wire()).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    refused(&mut desk.command(), 1, &["newer flashwire", "format 99"]);
}

#[test]
fn a_broken_config_is_shown_where_it_breaks() {
    let desk = Desk::new();
    let config = desk.beside("desk.toml");
    std::fs::write(&config, "[dedup]\nwindow_hour = 9\n").unwrap();
    let mut command = desk.command();
    refused(command.arg("--config").arg(&config), 3, &["line 2", "did you mean `window_hours`?"]);
    std::fs::write(&config, "[dedup\n").unwrap();
    refused(flashwire().args(["config", "check"]).arg(&config), 3, &["desk.toml", "line 1"]);
    std::fs::remove_file(&config).unwrap();
    refused(flashwire().args(["config", "check"]).arg(&config), 3, &["desk.toml", "can't be read"]);
}

#[test]
fn the_printed_config_can_be_used_as_it_is() {
    let desk = Desk::new();
    let (code, printed, _) = output(flashwire().args(["config", "print"]));
    assert_eq!(code, Some(0));
    let config = desk.beside("all.toml");
    std::fs::write(&config, printed).unwrap();
    let (code, said, _) = output(flashwire().args(["config", "check"]).arg(&config));
    assert_eq!((code, said.contains("good")), (Some(0), true));
}

#[test]
fn an_unknown_parameter_is_refused_by_name() {
    let desk = Desk::new();
    let daemon = desk.start();
    let (status, body) = daemon.get("/v1/events?curser=3");
    assert_eq!(status, 400);
    assert!(body.contains("curser"), "{body}");
    let (status, _) = daemon.get("/nothing-here");
    assert_eq!(status, 404);
}

#[test]
fn a_public_address_without_a_token_is_refused_with_the_command_that_makes_one() {
    let desk = Desk::new();
    let mut command = flashwire();
    command.arg("run").arg(desk.folder()).args(["--listen", "0.0.0.0:0"]);
    refused(&mut command, 1, &["flashwire token", "add"]);
}

#[test]
fn wrong_words_on_the_command_line_are_usage_errors() {
    refused(flashwire().arg("runn"), 2, &["run"]);
    refused(flashwire().args(["tail", "--since", "yesterday"]), 2, &["yesterday", "RFC 3339"]);
    refused(flashwire().args(["tail", "--url", "ftp://x"]), 2, &["http://127.0.0.1:7788"]);
}

#[test]
fn tail_without_a_daemon_says_how_to_start_one() {
    refused(
        flashwire().args(["tail", "--url", "http://127.0.0.1:9"]),
        4,
        &["127.0.0.1:9", "flashwire run FOLDER"],
    );
}

/// A small file system of its own, or `None` where that isn't allowed.
struct Tmpfs(std::path::PathBuf);

impl Tmpfs {
    fn mount(at: std::path::PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir(&at).unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&at);
        let mounted = mount.status().is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("SKIPPED: no right to mount a small file system; a full disk is not tested");
        }
        mounted.then_some(Tmpfs(at))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn on_a_full_disk_intake_pauses_readers_go_on_and_nothing_is_lost() {
    let mut desk = Desk::new();
    let Some(disk) = Tmpfs::mount(desk.beside("disk"), "6m") else { return };
    let daemon = desk.at(disk.0.join("wire.db")).start();
    desk.drop("first.txt", example("pages/courier-harbour.txt"));
    desk.wait_for_pages(1);
    let ballast = disk.0.join("ballast");
    let mut fill = std::fs::File::create(&ballast).unwrap();
    while std::io::Write::write_all(&mut fill, &[0; 4096]).is_ok() {}
    for n in 0..30 {
        let text = format!(
            "BREAKING\nHarbour desk: Ferry number {n} has left Port Amal for Vellin tonight\n\
             Radio Vellin: Lorry column {n} waits at the western gate of the yard\n"
        );
        desk.drop(&format!("{n}.txt"), text);
    }
    eventually("the daemon to say that intake pauses", || {
        daemon.get("/v1/stats").1.contains("disk is full").then_some(())
    });
    let (status, body) = daemon.get("/v1/events?last=3");
    assert_eq!((status, body.contains("\"seq\":7")), (200, true), "history goes on: {body}");
    drop(fill);
    std::fs::remove_file(ballast).unwrap();
    desk.wait_for_pages(31);
    assert_eq!(desk.counts().sightings, 7 + 60);
    assert!(daemon.stop().success());
    assert_eq!(desk.verify(), Vec::<String>::new());
}

#[test]
fn a_stop_signal_drains_and_exits_with_zero() {
    let desk = Desk::new();
    let daemon = desk.start();
    for n in 0..50 {
        desk.drop(&format!("{n}.txt"), example("pages/valley-blog.txt"));
    }
    assert_eq!(daemon.stop().code(), Some(0));
    let daemon = desk.start();
    desk.wait_for_pages(50);
    assert!(daemon.stop().success());
    assert_eq!(desk.verify(), Vec::<String>::new());
}
