//! The wire's file, and whoever else comes near it.

use std::{
    io::Read as _,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use flashwire::wire::{Config, Lock, SqliteStore, Store as _};
use jiff::Timestamp;

use crate::daemon::{Daemon, Desk, eventually, example, flashwire, output};

/// Runs a daemon that must end by itself, and gives what it said.
fn refused(command: &mut Command, wire: &Path) -> String {
    struct Killed(Child);
    impl Drop for Killed {
        fn drop(&mut self) {
            // It has ended already, if all is well.
            let _ = self.0.kill();
        }
    }
    let mut child = Killed(command.stderr(Stdio::piped()).spawn().unwrap());
    let pid = format!("\"pid\":{},", child.0.id());
    let mut named = wire.as_os_str().to_owned();
    named.push(".lock");
    let status = eventually("a daemon to be refused", || {
        for note in [Lock::path(wire), PathBuf::from(&named)] {
            let says = std::fs::read_to_string(note).unwrap_or_default();
            let runs = says.contains(&pid) && says.contains("http");
            assert!(!runs, "a daemon started on {}", wire.display());
        }
        child.0.try_wait().unwrap()
    });
    let mut said = String::new();
    child.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(1), "{said}");
    said
}

fn line(n: usize) -> String {
    format!("BREAKING\nHarbour desk: Ferry number {n} has left Port Amal for Vellin tonight\n")
}

#[test]
fn a_second_daemon_is_refused_by_whatever_name_it_comes() {
    let mut desk = Desk::new();
    let wire = desk.wire();
    let daemon = desk.start();
    let pid = format!("process {}", daemon.pid());

    let link = desk.beside("link.db");
    symlink(&wire, &link).unwrap();
    let said = refused(&mut desk.at(link.clone()).command(), &link);
    assert!(said.contains("in use by") && said.contains(&pid), "{said}");

    let other = desk.beside("other.db");
    std::fs::hard_link(&wire, &other).unwrap();
    let said = refused(&mut desk.at(other.clone()).command(), &other);
    assert!(said.contains("in use by") && said.contains(&pid), "{said}");
    std::fs::remove_file(&other).unwrap();

    std::fs::remove_file(Lock::path(&wire)).unwrap();
    let said = refused(&mut desk.at(wire.clone()).command(), &wire);
    assert!(said.contains("in use by") && said.contains(&pid), "{said}");

    for n in 0..20 {
        desk.drop(&format!("{n}.txt"), line(n));
    }
    desk.wait_for_pages(20);
    assert_eq!(desk.events().len(), 20);
    assert!(daemon.stop().success());
    assert_eq!(desk.verify(), Vec::<String>::new());
}

#[test]
fn what_the_daemon_makes_only_its_user_can_read() {
    let desk = Desk::new();
    // Somebody who knows where the wire will lie was there before.
    std::fs::write(Lock::path(&desk.wire()), "").unwrap();
    std::fs::set_permissions(Lock::path(&desk.wire()), PermissionsExt::from_mode(0o666)).unwrap();
    let daemon = desk.start();
    desk.drop("page.txt", example("pages/courier-harbour.txt"));
    desk.wait_for_pages(1);
    let copy = desk.beside("copy.db");
    let backup = output(flashwire().arg("backup").arg(&copy).arg("--wire").arg(desk.wire()));
    assert_eq!(backup.0, Some(0), "{}", backup.2);
    let mut made = Vec::new();
    for entry in std::fs::read_dir(desk.beside("")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            made.push(entry.file_name().into_string().unwrap());
            assert_eq!(mode & 0o077, 0, "{} is {mode:o}", entry.path().display());
        }
    }
    made.sort();
    let wire = "pages.flashwire.db";
    let index = "pages.flashwire.search.db";
    let of = |name: &str, endings: &[&str]| {
        endings.iter().map(|ending| format!("{name}{ending}")).collect::<Vec<_>>()
    };
    let expected = [
        of("copy.db", &[""]),
        of(wire, &["", "-shm", "-wal", ".lock"]),
        of(index, &["", "-shm", "-wal"]),
    ];
    assert_eq!(made, expected.concat());
    assert!(daemon.stop().success());
}

#[test]
fn a_wire_cut_short_is_refused_with_the_way_to_a_backup() {
    let desk = Desk::new();
    let daemon = desk.start();
    for n in 0..50 {
        desk.drop(&format!("{n}.txt"), line(n));
    }
    desk.wait_for_pages(50);
    assert!(daemon.stop().success());
    let file = std::fs::OpenOptions::new().write(true).open(desk.wire()).unwrap();
    for part in [2, 4, u64::MAX] {
        file.set_len(file.metadata().unwrap().len() / part).unwrap();
        let said = refused(&mut desk.command(), &desk.wire());
        assert!(said.contains("damaged") && said.contains("flashwire backup"), "{said}");
        assert!(!said.contains("permissions"), "{said}");
        let (code, _, said) = output(flashwire().arg("verify").arg("--wire").arg(desk.wire()));
        assert!(code == Some(1) && said.contains("damaged"), "{said}");
    }
}

/// A wire big enough that a copy takes a while.
fn big_wire(desk: &Desk) -> PathBuf {
    assert!(desk.start().stop().success());
    let db = rusqlite::Connection::open(desk.wire()).unwrap();
    db.execute_batch(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300)
         INSERT INTO evidence SELECT randomblob(16), n, randomblob(65536) FROM n",
    )
    .unwrap();
    desk.wire()
}

#[test]
fn a_backup_killed_at_any_moment_is_whole_and_marked_or_has_no_name() {
    let desk = Desk::new();
    let wire = big_wire(&desk);
    let copy = desk.beside("copy.db");
    let backup = || {
        let mut command = flashwire();
        command.arg("backup").arg(&copy).arg("--wire").arg(&wire);
        command.stderr(Stdio::null());
        command
    };
    let epoch = SqliteStore::open_read_only(&wire).unwrap().head().epoch;
    let check = || {
        let opened = SqliteStore::open(&copy, &Config::default(), Timestamp::now()).unwrap();
        assert_ne!(opened.head().epoch, epoch, "the copy is not marked");
        drop(opened);
        let db = rusqlite::Connection::open(&copy).unwrap();
        let rows = db.query_row("SELECT count(*) FROM evidence", [], |row| row.get::<_, i64>(0));
        assert_eq!(rows.unwrap(), 300);
        drop(db);
        std::fs::remove_file(&copy).unwrap();
    };
    let started = Instant::now();
    assert!(backup().status().unwrap().success());
    let whole = started.elapsed();
    check();

    let mut seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 | 1;
    println!("seed {seed}");
    let mut named = 0;
    for _ in 0..60 {
        // xorshift64: the moments of the kills only have to differ from run to run.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let mut child = backup().spawn().unwrap();
        std::thread::sleep(whole.mul_f64((seed % 1200) as f64 / 1000.0));
        child.kill().unwrap();
        child.wait().unwrap();
        if copy.exists() {
            named += 1;
            check();
        }
    }
    println!("{named} of 60 had got their name");
    // What they left neither stands in the way nor passes for a wire.
    let part = desk.beside("copy.db.part");
    std::fs::copy(&wire, &part).unwrap();
    let said = SqliteStore::open(&part, &Config::default(), Timestamp::now()).unwrap_err();
    assert!(said.to_string().contains("never finished"), "{said}");
    assert!(backup().status().unwrap().success());
    assert!(!part.exists());
    check();
}

#[test]
fn two_backups_to_one_name_do_not_meet() {
    let desk = Desk::new();
    let wire = big_wire(&desk);
    let copy = desk.beside("copy.db");
    let backups: Vec<_> = (0..4)
        .map(|_| {
            let mut command = flashwire();
            command.arg("backup").arg(&copy).arg("--wire").arg(&wire);
            command.stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    let done =
        backups.into_iter().filter_map(|mut child| child.wait().unwrap().success().then_some(()));
    assert_eq!(done.count(), 1, "one makes it, the others say why they don't");
    let copied = SqliteStore::open(&copy, &Config::default(), Timestamp::now()).unwrap();
    assert_eq!(copied.epochs().len(), 2);
}

/// Names of what lies in the watched folder.
fn waiting(desk: &Desk) -> usize {
    std::fs::read_dir(desk.folder()).unwrap().count()
}

/// A daemon that deletes what it has told, and has told five pages.
fn deleting(desk: &Desk) -> Daemon {
    let daemon = desk.started(desk.command().env("FLASHWIRE_PIPELINE_AFTER", "delete"));
    for n in 0..5 {
        desk.drop(&format!("{n}.txt"), line(n));
    }
    desk.wait_for_pages(5);
    eventually("the files to be deleted", || (waiting(desk) == 0).then_some(()));
    daemon
}

fn says(daemon: &Daemon, words: &str) {
    eventually(&format!("the daemon to say `{words}`"), || {
        daemon.get("/v1/stats").1.contains(words).then_some(())
    });
    let (code, _, said) = output(flashwire().args(["status", "--url", daemon.url()]));
    assert!(code == Some(1) && said.contains(words), "{said}");
    let (status, history) = daemon.get("/v1/events?last=3");
    assert!(status == 200 && history.contains("\"seq\":5"), "readers go on: {history}");
}

#[test]
fn a_wire_that_is_moved_away_and_back_pauses_intake_and_nothing_is_lost() {
    let desk = Desk::new();
    let daemon = deleting(&desk);
    let away = desk.beside("away.db");
    std::fs::rename(desk.wire(), &away).unwrap();
    says(&daemon, "moved to");
    // The moved file is whole without the log that stayed behind.
    let alone = desk.beside("alone.db");
    std::fs::copy(&away, &alone).unwrap();
    let moved = SqliteStore::open_read_only(&alone).unwrap();
    assert_eq!(moved.head().seq.0, 5);
    for n in 5..25 {
        desk.drop(&format!("{n}.txt"), line(n));
    }
    says(&daemon, "moved to");
    assert_eq!(waiting(&desk), 20, "nothing is deleted meanwhile");
    std::fs::rename(&away, desk.wire()).unwrap();
    desk.wait_for_pages(25);
    eventually("the files to be deleted", || (waiting(&desk) == 0).then_some(()));
    eventually("the daemon to be well", || {
        daemon.get("/v1/stats").1.contains("\"degraded\":null").then_some(())
    });
    assert!(daemon.stop().success());
    assert_eq!(desk.events().len(), 25);
    assert_eq!(desk.verify(), Vec::<String>::new());
}

#[test]
fn of_a_wire_that_is_deleted_a_copy_is_kept_at_the_stop() {
    let desk = Desk::new();
    let daemon = deleting(&desk);
    for ending in ["", "-wal", "-shm", ".lock"] {
        let mut name = desk.wire().into_os_string();
        name.push(ending);
        std::fs::remove_file(name).unwrap();
    }
    says(&daemon, "deleted");
    for n in 5..25 {
        desk.drop(&format!("{n}.txt"), line(n));
    }
    // Another file in its place is not the wire.
    std::fs::write(desk.wire(), "something else").unwrap();
    says(&daemon, "deleted");
    assert_eq!(waiting(&desk), 20, "nothing is deleted meanwhile");
    assert!(daemon.stop().success());
    assert_eq!(waiting(&desk), 20);
    let rescued = desk.beside("pages.flashwire.db.rescued");
    std::fs::rename(rescued, desk.wire()).unwrap();
    let daemon = desk.start();
    desk.wait_for_pages(25);
    assert!(daemon.stop().success());
    assert_eq!(desk.events().len(), 25);
    assert_eq!(desk.verify(), Vec::<String>::new());
}

#[test]
fn a_log_that_is_removed_pauses_intake_until_the_next_start() {
    let desk = Desk::new();
    let daemon = deleting(&desk);
    let mut log = desk.wire().into_os_string();
    log.push("-wal");
    std::fs::remove_file(log).unwrap();
    says(&daemon, "has been removed: stop the daemon");
    desk.drop("5.txt", line(5));
    assert!(daemon.stop().success());
    assert_eq!(waiting(&desk), 1);
    let daemon = desk.start();
    desk.wait_for_pages(6);
    assert!(daemon.stop().success());
    assert_eq!(desk.events().len(), 6);
    assert_eq!(desk.verify(), Vec::<String>::new());
}
