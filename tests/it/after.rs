//! What becomes of a page's file once it is on the wire, with somebody in the folder who means
//! ill.

use std::{fs, os::unix::fs::symlink, path::Path};

use crate::daemon::{Daemon, Desk, eventually, flashwire, output};

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

/// What `/readyz` says of a check that is not well.
fn ill(daemon: &Daemon, name: &str) -> Option<serde_json::Value> {
    let ready: serde_json::Value = serde_json::from_str(&daemon.get("/readyz").1).unwrap();
    ready["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == name && check["ok"] == false)
        .cloned()
}

/// A disk that is not mounted is not made, and nothing else waits for it.
#[test]
fn files_wait_for_a_folder_that_is_missing() {
    let desk = Desk::new();
    let archive = desk.beside("disk/archive");
    let daemon = started(&desk, "move", &archive);
    for n in 0..3 {
        desk.drop(&format!("sub/{n}.txt"), page(n));
    }
    desk.wait_for_pages(3);
    let said = eventually("the daemon to say that files wait", || {
        ill(&daemon, "files").filter(|check| check["detail"].as_str().unwrap().contains("3 files"))
    });
    assert_eq!(said["ok"], false);
    assert!(said["detail"].as_str().unwrap().contains("mounted"), "{said}");
    assert_eq!(daemon.get("/readyz").0, 200, "subscribers are served on");
    assert!(!desk.beside("disk").exists());
    let (code, _, err) = output(flashwire().args(["status", "--url", daemon.url()]));
    assert!(code == Some(1) && err.contains("files"), "{err}");
    fs::create_dir_all(&archive).unwrap();
    eventually("the files to be moved", || archive.join("sub/2.txt").exists().then_some(()));
    eventually("the daemon to say so", || ill(&daemon, "files").is_none().then_some(()));
    assert!(!desk.folder().join("sub/0.txt").exists());
    // Unmounted while it runs, and mounted again.
    fs::rename(&archive, desk.beside("disk/away")).unwrap();
    desk.drop("later.txt", page(7));
    eventually("files to wait again", || ill(&daemon, "files"));
    assert!(!archive.exists() && desk.folder().join("later.txt").exists());
    fs::rename(desk.beside("disk/away"), &archive).unwrap();
    eventually("the file to be moved", || archive.join("later.txt").exists().then_some(()));
}

/// Files of pages that were on the wire when the daemon was killed.
#[test]
fn a_kill_leaves_no_file_behind_for_good() {
    for after in ["delete", "move"] {
        let desk = Desk::new();
        let archive = desk.beside("archive");
        for n in 0..50 {
            desk.drop(&format!("{n}.txt"), page(n));
        }
        desk.drop("rejected.txt", [0, 1, 2, 3]);
        // On the wire, and not dealt with: as if killed before that.
        drop(desk.start());
        let daemon = desk.start();
        desk.wait_for_pages(51);
        drop(daemon);
        assert_eq!(fs::read_dir(desk.folder()).unwrap().count(), 51);
        fs::write(desk.folder().join("7.txt"), page(1007)).unwrap();
        fs::create_dir(&archive).unwrap();
        let _daemon = started(&desk, after, &archive);
        eventually("all files to be dealt with", || {
            (fs::read_dir(desk.folder()).unwrap().count() == 1).then_some(())
        });
        assert!(desk.folder().join("rejected.txt").exists(), "it stays for whoever looks into it");
        let moved = if after == "move" { 50 } else { 0 };
        assert_eq!(fs::read_dir(&archive).unwrap().count(), moved);
        assert_eq!(desk.counts().events, 51);
    }
}
