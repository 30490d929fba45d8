//! Copies of a wire, however they were made: none is mistaken for what was told last.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::daemon::{Daemon, Desk, example, output, runtime};

fn page(n: usize) -> String {
    format!("BREAKING\nHarbour desk: Ferry number {n} has left Port Amal for Vellin tonight\n")
}

/// A stopped daemon's wire with an old copy of itself beside, made by `copy` in the middle, while
/// the daemon ran and was stopped. Gives the cursor of the last event.
fn told_on(desk: &Desk, copy: impl FnOnce(&Path, &Path)) -> String {
    desk.drop("a.txt", page(1));
    let daemon = desk.start();
    desk.wait_for_pages(1);
    assert!(daemon.stop().success());
    copy(&desk.wire(), &desk.beside("copy.db"));
    let daemon = desk.start();
    desk.drop("b.txt", page(2));
    desk.wait_for_pages(2);
    let cursor = runtime().block_on(async {
        let mut client = daemon.subscribe("?cursor=earliest").await;
        let events = client.replay().await;
        client.cursor(events.last().unwrap())
    });
    assert!(daemon.stop().success());
    cursor
}

/// What a subscriber that had the last event is told.
fn resumed(daemon: &Daemon, cursor: &str) -> Value {
    runtime().block_on(async { daemon.subscribe(&format!("?cursor={cursor}")).await.hello })
}

fn cp(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}

/// As `sqlite3 FILE ".backup COPY"` does.
fn by_sqlite(from: &Path, to: &Path) {
    let from = rusqlite::Connection::open(from).unwrap();
    from.backup("main", to, None::<fn(rusqlite::backup::Progress)>).unwrap();
}

#[test]
fn a_copy_put_in_the_place_of_the_wire_begins_a_new_epoch() {
    for copy in [cp, by_sqlite] {
        // Renamed into its place, and written over it.
        for put in [|from: &Path, to: &Path| fs::rename(from, to).unwrap(), cp] {
            let desk = Desk::new();
            let cursor = told_on(&desk, copy);
            put(&desk.beside("copy.db"), &desk.wire());
            // What is told now takes the number of what was lost.
            desk.drop("c.txt", page(3));
            let daemon = desk.start();
            let hello = resumed(&daemon, &cursor);
            assert_eq!(hello["recovered"], false, "{hello}");
            assert!(daemon.stop().success());
            // Only once.
            let epoch = hello["epoch"].clone();
            assert_eq!(resumed(&desk.start(), &cursor)["epoch"], epoch);
        }
    }
}

#[test]
fn a_copy_elsewhere_begins_a_new_epoch_unless_it_was_moved_on_purpose() {
    let mut desk = Desk::new();
    let cursor = told_on(&desk, |_, _| {});
    let (copy, moved) = (desk.beside("other.db"), desk.beside("moved.db"));
    cp(&desk.wire(), &copy);
    cp(&desk.wire(), &moved);
    let epoch = cursor.split(':').next().unwrap().to_owned();
    desk.at(copy);
    let daemon = desk.start();
    // It is told on in an epoch of its own, and nothing is lost of what it holds.
    let hello = resumed(&daemon, &cursor);
    assert_ne!(hello["epoch"], *epoch, "{hello}");
    assert_eq!(hello["recovered"], true, "{hello}");
    assert!(daemon.stop().success());
    desk.at(moved);
    let daemon = desk.started(desk.command().arg("--moved"));
    assert_eq!(resumed(&daemon, &cursor)["epoch"], *epoch);
    assert!(daemon.stop().success());
    assert_eq!(resumed(&desk.start(), &cursor)["epoch"], *epoch, "from then on it is at home");
}

#[test]
fn a_wire_that_is_renamed_or_only_started_again_goes_on() {
    let mut desk = Desk::new();
    let cursor = told_on(&desk, |_, _| {});
    let epoch = cursor.split(':').next().unwrap().to_owned();
    let name = desk.beside("another-name.db");
    fs::rename(desk.wire(), &name).unwrap();
    desk.at(name);
    // Killed, too.
    drop(desk.start());
    assert_eq!(resumed(&desk.start(), &cursor)["epoch"], *epoch);
}

#[test]
fn a_log_file_says_which_epoch_began_and_why() {
    let mut desk = Desk::new();
    told_on(&desk, |_, _| {});
    let copy = desk.beside("other.db");
    let copied = Command::new("cp").arg(desk.wire()).arg(&copy).status().unwrap();
    assert!(copied.success());
    desk.at(copy);
    let log = desk.beside("log");
    let daemon = desk.started(desk.command().stderr(fs::File::create(&log).unwrap()));
    assert!(daemon.stop().success());
    let said = fs::read_to_string(log).unwrap();
    assert!(said.contains("a new epoch") && said.contains("--moved"), "{said}");
    desk.drop("more.txt", example("pages/valley-blog.txt"));
    let (_, out, _) =
        output(crate::daemon::flashwire().args(["verify", "--wire"]).arg(desk.wire()));
    assert!(out.contains("all adds up"), "{out}");
}
