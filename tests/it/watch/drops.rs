//! Single files, in every way a crawler may drop them.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::fd::AsRawFd,
    time::{Duration, Instant},
};

use flashwire::{
    item::Outcome,
    watch::{Config, Lane, Mode},
};
use rustix::fs::{AtFlags, CWD, Mode as Rights, OFlags, linkat};

use super::{Desk, brisk, events_only, outcome};

/// F1
#[test]
fn pages_moved_in_arrive_once_in_order() {
    let mut desk = Desk::new(brisk());
    for at in 0..2000 {
        desk.rename_in(&format!("{at:04}.txt"), &format!("page {at}"));
        desk.take();
    }
    desk.expect(2000);
    assert!(desk.names().is_sorted(), "{:?}", desk.names());
    assert!(desk.got.iter().all(|arrival| arrival.lane == Lane::Live && !arrival.initial));
    assert_eq!(desk.texts()["1234.txt"], "page 1234");
}

/// F2
#[test]
fn a_slow_writer_is_waited_for() {
    let mut desk = Desk::new(brisk());
    let mut file = File::create(desk.path("slow.txt")).unwrap();
    for part in 0..4 {
        write!(file, "part {part} ").unwrap();
        // Longer than a file at rest has to rest.
        let until = Instant::now() + Duration::from_millis(600);
        while Instant::now() < until {
            desk.take();
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(desk.got.is_empty(), "{:?}", desk.texts());
    }
    drop(file);
    desk.expect(1);
    assert_eq!(desk.texts()["slow.txt"], "part 0 part 1 part 2 part 3 ");
}

/// F3
#[test]
fn a_page_opened_again_comes_again_whole() {
    let mut desk = Desk::new(brisk());
    fs::write(desk.path("a.txt"), "first half").unwrap();
    desk.wait_for(1);
    let mut file = OpenOptions::new().append(true).open(desk.path("a.txt")).unwrap();
    file.write_all(b", second half").unwrap();
    drop(file);
    desk.expect(2);
    assert_eq!(desk.texts()["a.txt"], "first half, second half");
}

/// F3: where the first half shows that it is one, it is held back.
#[test]
fn html_that_is_cut_off_is_held_for_its_end() {
    let mut desk = Desk::new(Config { settle: Duration::from_secs(2), ..brisk() });
    fs::write(desk.path("a.html"), "<html><body><p>first half").unwrap();
    fs::write(desk.path("b.html"), "<p>this one has no end").unwrap();
    fs::write(desk.path("c.html"), "<html><body>whole</body></html>").unwrap();
    desk.wait_for(1);
    assert_eq!(desk.names(), ["c.html"]);
    let mut file = OpenOptions::new().append(true).open(desk.path("a.html")).unwrap();
    file.write_all(b", second half</body></html>").unwrap();
    drop(file);
    desk.expect(3);
    assert_eq!(desk.texts()["a.html"], "<html><body><p>first half, second half</body></html>");
    assert_eq!(desk.names(), ["c.html", "a.html", "b.html"]);
}

/// F3: text shows it by ending within a line.
#[test]
fn text_that_ends_within_a_line_is_held_for_its_end() {
    let mut desk = Desk::new(Config { settle: Duration::from_secs(2), ..brisk() });
    fs::write(desk.path("a.txt"), "BREAKING\nCourt frees th").unwrap();
    fs::write(desk.path("b.txt"), "BREAKING\nThis export never ends its last line").unwrap();
    fs::write(desk.path("c.txt"), "BREAKING\nHarbour opens\n").unwrap();
    desk.rename_in("d.txt", "moved in, so whole");
    desk.wait_for(2);
    assert_eq!(desk.names(), ["c.txt", "d.txt"]);
    let mut file = OpenOptions::new().append(true).open(desk.path("a.txt")).unwrap();
    file.write_all(b"ree\n").unwrap();
    drop(file);
    desk.expect(4);
    assert_eq!(desk.texts()["a.txt"], "BREAKING\nCourt frees three\n");
    assert_eq!(desk.names(), ["c.txt", "d.txt", "a.txt", "b.txt"]);
}

/// F3: a page that an event told of stays live while it is waited for, whatever its time says.
#[test]
fn a_page_that_was_waited_for_is_not_backlog() {
    let mut desk = Desk::new(brisk());
    let file = File::create(desk.path("a.txt")).unwrap();
    (&file).write_all(b"no end of line").unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    drop(file);
    desk.expect(1);
    assert_eq!(desk.got[0].lane, Lane::Live);
}

/// F4
#[test]
fn a_page_linked_in_is_complete_at_once() {
    let mut desk = Desk::new(events_only());
    fs::write(desk.aside("page"), "linked").unwrap();
    fs::hard_link(desk.aside("page"), desk.path("linked.txt")).unwrap();
    desk.wait_for(1);

    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let rights = Rights::RUSR | Rights::WUSR;
    match rustix::fs::open(desk.path(""), flags, rights) {
        Ok(fd) => {
            let mut file = File::from(fd);
            file.write_all(b"nameless").unwrap();
            let magic = format!("/proc/self/fd/{}", file.as_raw_fd());
            linkat(CWD, magic, CWD, desk.path("named.txt"), AtFlags::SYMLINK_FOLLOW).unwrap();
            drop(file);
            desk.wait_for(2);
            assert_eq!(desk.texts()["named.txt"], "nameless");
        }
        Err(error) => eprintln!("SKIPPED nameless files: this file system has none ({error})"),
    }
    assert_eq!(desk.texts()["linked.txt"], "linked");
}

/// F4: in the manner of a maildir.
#[test]
fn a_page_linked_in_whose_first_name_went_settles_by_its_own_timer() {
    let far = Duration::from_secs(3600);
    let mut desk =
        Desk::new(Config { rescan_folders: far, rescan_names: far, rescan_files: far, ..brisk() });
    desk.until("listed", || desk.watch.status().initial_done);
    let rescans = desk.watch.status().rescans;
    for at in 0..50 {
        fs::write(desk.aside("page"), format!("page {at}")).unwrap();
        fs::hard_link(desk.aside("page"), desk.path(&format!("{at}.txt"))).unwrap();
        fs::remove_file(desk.aside("page")).unwrap();
    }
    // One that was read while it had two names may come again: its links changed since.
    desk.wait("all of them", |desk| desk.texts().len() == 50);
    assert_eq!(desk.watch.status().rescans, rescans);
    desk.rest();
    assert!((0..50).all(|at| desk.texts()[&format!("{at}.txt")] == format!("page {at}")));
}

/// F5: content that changes without any event in the folder (written through a mapping, or
/// through a link elsewhere) is found by comparing files.
#[test]
fn a_change_without_an_event_is_found() {
    let mut desk = Desk::new(brisk());
    fs::write(desk.aside("page"), "before").unwrap();
    fs::hard_link(desk.aside("page"), desk.path("a.txt")).unwrap();
    desk.wait_for(1);
    fs::write(desk.aside("page"), "after!").unwrap();
    desk.wait("the new content", |desk| desk.texts()["a.txt"] == "after!");
    desk.rest();
    assert_eq!(desk.got.len(), 2);
}

/// F6
#[test]
fn unfinished_names_are_passed_over_and_counted() {
    let mut desk = Desk::new(brisk());
    for name in ["a.txt.part", ".b.txt", "c.txt~", "~$d.html", "e.html.crdownload", "f.jpg"] {
        fs::write(desk.path(name), "unfinished").unwrap();
    }
    fs::rename(desk.path("a.txt.part"), desk.path("a.txt")).unwrap();
    fs::rename(desk.path("e.html.crdownload"), desk.path("e.txt")).unwrap();
    desk.expect(2);
    assert_eq!(desk.names(), ["a.txt", "e.txt"]);
    // They are counted by a listing, which may come after the pages.
    desk.wait("the others to be counted", |desk| desk.watch.status().ignored == 4);
    assert!(desk.watch.status().last_ignored.is_some());
}

/// F7
#[test]
fn a_page_copied_from_another_file_system_arrives_whole() {
    let mut desk = Desk::new(brisk());
    let text = "line of a long page\n".repeat(40_000);
    let elsewhere = tempfile::Builder::new()
        .tempfile_in(if std::path::Path::new("/dev/shm").is_dir() { "/dev/shm" } else { "/tmp" })
        .unwrap();
    fs::write(elsewhere.path(), &text).unwrap();
    fs::copy(elsewhere.path(), desk.path("a.txt")).unwrap();
    desk.wait("whole", |desk| desk.texts().get("a.txt").is_some_and(|got| *got == text));
    desk.rest();
    assert!(
        desk.got.iter().all(|arrival| arrival.result.as_ref().unwrap().bytes.len() == text.len())
    );
}

/// F12
#[test]
fn the_same_name_with_new_content_is_a_new_version() {
    let mut desk = Desk::new(brisk());
    desk.rename_in("a.txt", "version 1");
    desk.wait_for(1);
    desk.rename_in("a.txt", "version 2");
    desk.wait_for(2);
    fs::write(desk.path("a.txt"), "version 3").unwrap();
    desk.wait("version 3", |desk| desk.texts()["a.txt"] == "version 3");
    desk.rest();
    // The same content written again is the ledger's to recognise.
    let before = desk.got.len();
    fs::write(desk.path("a.txt"), "version 3").unwrap();
    desk.wait_for(before + 1);
    let hashes: Vec<_> =
        desk.got[before - 1..].iter().map(|got| got.result.as_ref().unwrap().hash).collect();
    assert_eq!(hashes[0], hashes[1]);
    desk.rest();
}

/// F12: size and time forced back to what they were, and no event either.
#[test]
fn a_change_that_hides_its_time_is_found() {
    let mut desk = Desk::new(brisk());
    fs::write(desk.aside("page"), "nine killed").unwrap();
    let times = fs::metadata(desk.aside("page")).unwrap();
    fs::hard_link(desk.aside("page"), desk.path("a.txt")).unwrap();
    desk.wait_for(1);
    let mut file = OpenOptions::new().write(true).open(desk.aside("page")).unwrap();
    file.write_all(b"nine strong").unwrap();
    file.set_modified(times.modified().unwrap()).unwrap();
    drop(file);
    desk.wait("the new content", |desk| desk.texts()["a.txt"] == "nine strong");
    desk.rest();
}

/// F13
#[test]
fn an_inode_used_again_is_another_page() {
    let mut desk = Desk::new(events_only());
    for at in 0..1000 {
        fs::write(desk.path("a.txt"), format!("page {at:04}\n")).unwrap();
        desk.wait("the page", |desk| {
            desk.texts().get("a.txt").is_some_and(|text| *text == format!("page {at:04}\n"))
        });
        desk.got.drain(..);
        fs::remove_file(desk.path("a.txt")).unwrap();
    }
}

/// F14
#[test]
fn pages_alike_and_empty_ones_are_each_one() {
    let mut desk = Desk::new(brisk());
    for name in ["a.txt", "b.txt", "c.txt"] {
        desk.rename_in(name, &format!("Port Amal Courier\nstory of {name}\n"));
    }
    desk.rename_in("d.txt", "");
    fs::write(desk.path("e.txt"), "").unwrap();
    desk.expect(5);
    let empty = desk.got.iter().filter(|got| outcome(got) == Outcome::Empty).count();
    assert_eq!((desk.texts().len(), empty), (3, 2));
}

/// F21
#[test]
fn strange_times_delay_nothing() {
    let mut desk = Desk::new(brisk());
    for (name, seconds) in [("old.txt", 0), ("future.txt", 4_102_444_800_u64)] {
        let file = File::create(desk.aside("aside")).unwrap();
        (&file).write_all(name.as_bytes()).unwrap();
        let time = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
        file.set_modified(time).unwrap();
        drop(file);
        fs::rename(desk.aside("aside"), desk.path(name)).unwrap();
        // Again, where only a listing finds it.
        fs::create_dir_all(desk.aside("tree")).unwrap();
        fs::copy(desk.path(name), desk.aside("tree").join(name)).unwrap();
        File::options()
            .write(true)
            .open(desk.aside("tree").join(name))
            .unwrap()
            .set_modified(time)
            .unwrap();
    }
    fs::rename(desk.aside("tree"), desk.path("tree")).unwrap();
    desk.expect(4);
    let modified = desk.got.iter().find(|got| got.name.to_string() == "old.txt").unwrap();
    assert_eq!(modified.result.as_ref().unwrap().modified, jiff::Timestamp::UNIX_EPOCH);
}

/// F25
#[test]
fn a_page_deleted_at_once_is_gone_not_an_error() {
    let mut desk = Desk::new(brisk());
    for at in 0..500 {
        let name = format!("{at}.txt");
        desk.rename_in(&name, "short-lived");
        fs::remove_file(desk.path(&name)).unwrap();
    }
    desk.rename_in("last.txt", "stays");
    desk.wait("the last one", |desk| desk.texts().contains_key("last.txt"));
    desk.rest();
    assert!(
        desk.got.iter().all(|got| matches!(outcome(got), Outcome::Done | Outcome::Gone)),
        "{:?}",
        desk.outcomes()
    );
    assert_eq!(desk.watch.status().retries, 0);
}

/// F27
#[test]
fn polling_alone_finds_every_kind_of_drop() {
    let mut desk = Desk::new(Config { mode: Mode::Poll, ..brisk() });
    desk.rename_in("renamed.txt", "renamed");
    fs::write(desk.path("written.txt"), "written").unwrap();
    fs::write(desk.aside("page"), "linked").unwrap();
    fs::hard_link(desk.aside("page"), desk.path("linked.txt")).unwrap();
    fs::create_dir_all(desk.path("a/b/c")).unwrap();
    fs::write(desk.path("a/b/c/deep.txt"), "deep").unwrap();
    fs::write(desk.path("unfinished.txt.part"), "x").unwrap();
    desk.expect(4);
    let status = desk.watch.status();
    assert_eq!((status.noticing.as_str(), status.watches, status.polled), ("polling", 0, 4));
    fs::write(desk.path("written.txt"), "written again").unwrap();
    desk.wait("the new version", |desk| desk.texts()["written.txt"] == "written again");
    fs::rename(desk.path("a"), desk.path("moved")).unwrap();
    desk.wait("the moved page", |desk| desk.texts().contains_key("moved/b/c/deep.txt"));
    desk.rest();
}

/// F27: two looks, so that no writer is cut short.
#[test]
fn polling_waits_for_a_slow_writer() {
    let mut desk = Desk::new(Config { mode: Mode::Poll, ..brisk() });
    let mut file = File::create(desk.path("slow.txt")).unwrap();
    for part in 0..12 {
        write!(file, "part {part} ").unwrap();
        let until = Instant::now() + Duration::from_millis(100);
        while Instant::now() < until {
            desk.take();
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    drop(file);
    desk.expect(1);
    assert!(desk.texts()["slow.txt"].ends_with("part 11 "));
}
