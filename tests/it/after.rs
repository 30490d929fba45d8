//! What becomes of a page's file once it is on the wire, with somebody in the folder who means
//! ill.

use std::{fs, os::unix::fs::symlink, path::Path};

use crate::daemon::{Daemon, Desk, eventually};

fn page(n: usize) -> String {
    format!("BREAKING\nHarbour desk: Ferry number {n} has left Port Amal for Vellin tonight\n")
}

/// A daemon that deletes or moves, and nothing else.
fn started(desk: &Desk, after: &str, moved_to: &Path) -> Daemon {
    let mut command = desk.command();
    command.env("FLASHWIRE_PIPELINE_AFTER", after).env("FLASHWIRE_PIPELINE_MOVED_TO", moved_to);
    desk.started(&mut command)
}

/// Lets nothing be written to the wire while `meanwhile` runs: pages are read, and not settled.
fn between_reading_and_settling(
    desk: &Desk,
    daemon: &Daemon,
    pages: u64,
    meanwhile: impl FnOnce(),
) {
    let seen = || {
        let stats: serde_json::Value = serde_json::from_str(&daemon.get("/v1/stats").1).unwrap();
        stats["watch"]["seen"].as_u64().unwrap()
    };
    let before = desk.counts().pages.values().sum::<u64>();
    eventually("the pages to be read", || (seen() >= pages).then_some(()));
    assert_eq!(before, desk.counts().pages.values().sum::<u64>(), "nothing is settled meanwhile");
    meanwhile();
}

/// The wire's file, locked against writing until it is dropped.
fn locked(desk: &Desk) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(desk.wire()).unwrap();
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    db
}

/// A folder that is moved away, a link in its place: the files are not below the watched folder
/// any more, whatever their path says.
#[test]
fn nothing_is_removed_or_moved_through_a_link_that_came_meanwhile() {
    for after in ["delete", "move"] {
        let desk = Desk::new();
        let (outside, archive) = (desk.beside("outside"), desk.beside("archive"));
        fs::create_dir(&archive).unwrap();
        let daemon = started(&desk, after, &archive);
        let lock = locked(&desk);
        for n in 0..20 {
            desk.drop(&format!("sub/{n}.txt"), page(n));
        }
        between_reading_and_settling(&desk, &daemon, 20, || {
            fs::rename(desk.folder().join("sub"), &outside).unwrap();
            symlink(&outside, desk.folder().join("sub")).unwrap();
        });
        drop(lock);
        // Dealt with after the others.
        desk.drop("last.txt", page(99));
        eventually("the last page to be dealt with", || {
            (!desk.folder().join("last.txt").exists()).then_some(())
        });
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 20, "after = {after}");
        assert_eq!(desk.counts().events, 21);
    }
}

#[test]
fn nothing_is_moved_through_a_link_below_the_target() {
    let desk = Desk::new();
    let (outside, archive) = (desk.beside("outside"), desk.beside("archive"));
    fs::create_dir(&archive).unwrap();
    fs::create_dir(&outside).unwrap();
    symlink(&outside, archive.join("sub")).unwrap();
    let daemon = started(&desk, "move", &archive);
    desk.drop("sub/a.txt", page(1));
    desk.drop("other/a.txt", page(2));
    eventually("the other page to be moved", || archive.join("other/a.txt").exists().then_some(()));
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    assert!(desk.folder().join("sub/a.txt").exists());
    drop(daemon);
}

/// A target on another file system, where files are copied.
#[test]
fn moving_across_file_systems_overwrites_nothing_and_follows_no_link() {
    use std::os::unix::fs::MetadataExt as _;
    let desk = Desk::new();
    let Ok(archive) = tempfile::tempdir_in("/dev/shm") else {
        return eprintln!("SKIPPED: no /dev/shm to move files to");
    };
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    if device(archive.path()) == device(&desk.folder()) {
        return eprintln!("SKIPPED: /dev/shm is no file system of its own");
    }
    let hash = flashwire::item::PageHash::of(page(1).as_bytes());
    let victim = desk.beside("victim");
    fs::write(&victim, "mine").unwrap();
    for planted in [format!(".{hash}.part"), "a.txt.part".into()] {
        symlink(&victim, archive.path().join(planted)).unwrap();
    }
    fs::write(archive.path().join("a.txt"), "archived before").unwrap();
    let daemon = started(&desk, "move", archive.path());
    desk.drop("a.txt", page(1));
    eventually("the page to be moved", || (!desk.folder().join("a.txt").exists()).then_some(()));
    let archived = |name: &str| fs::read_to_string(archive.path().join(name)).unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    assert_eq!(archived("a.txt"), "archived before");
    assert_eq!(archived(&format!("a.txt.{hash}")), page(1));
    drop(daemon);
}
