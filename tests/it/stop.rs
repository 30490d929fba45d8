//! A stop ends, whatever is left to do, and the next start goes on with it.

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::daemon::{Desk, eventually};

fn line(number: usize) -> String {
    format!("Radio Vellin: Barge number {number} has passed the lock of Ostermund")
}

/// Lays so many pages into the folder that were written long ago, each with a line of its own.
fn fill(desk: &Desk, count: usize) {
    let aside = desk.beside("aside");
    std::fs::create_dir(&aside).unwrap();
    for number in 0..count {
        let mut page = std::fs::File::create(aside.join(format!("{number}.txt"))).unwrap();
        page.write_all(format!("BREAKING\n{}\n", line(number)).as_bytes()).unwrap();
        page.set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    std::fs::rename(aside, desk.folder().join("old")).unwrap();
}

fn in_ledger(desk: &Desk) -> u64 {
    desk.counts().pages.values().sum()
}

/// Waits for so many pages in the ledger, for as long as they become more.
fn wait_while_it_grows(desk: &Desk, pages: u64) {
    let (mut last, mut grew) = (0, Instant::now());
    loop {
        let now = in_ledger(desk);
        if now >= pages {
            return;
        }
        if now > last {
            (last, grew) = (now, Instant::now());
        }
        assert!(grew.elapsed() < Duration::from_secs(60), "no page in a minute behind {now}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A daemon whose log goes to a file, and that is killed when the test ends.
struct Started(Child);

impl Started {
    fn new(desk: &Desk, command: &mut Command) -> Self {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(desk.beside("log.txt"))
            .unwrap();
        Started(command.stderr(Stdio::from(log)).spawn().unwrap())
    }

    /// SIGTERM, and what the ledger holds when it has ended.
    fn stop(mut self, desk: &Desk) -> u64 {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status =
            eventually("the end of a daemon that was stopped", || self.0.try_wait().unwrap());
        assert!(status.success(), "{status}");
        in_ledger(desk)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // Stopped already, mostly.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn all_told_once(desk: &Desk, count: usize) {
    assert_eq!(desk.verify(), Vec::<String>::new());
    let counts = desk.counts();
    assert_eq!(counts.pages, BTreeMap::from([("done".to_owned(), count as u64)]));
    assert_eq!((counts.events, counts.sightings), (count as u64, count as u64));
    let mut told: Vec<String> =
        desk.events().iter().map(|event| event.item.headline().unwrap().to_owned()).collect();
    let mut lines: Vec<String> = (0..count).map(line).collect();
    told.sort_unstable();
    lines.sort_unstable();
    assert!(told == lines, "every line is told, and once");
}

/// The shorter grace is over before what is on its way can be told.
#[test]
fn a_stop_in_the_middle_of_a_backlog_ends_within_its_grace() {
    const PAGES: usize = 20_000;
    let desk = Desk::new();
    fill(&desk, PAGES);
    for (grace, pages) in [("50ms", 2000), ("1s", 4000)] {
        let mut command = desk.command();
        let daemon = Started::new(&desk, command.env("FLASHWIRE_PIPELINE_GRACE", grace));
        wait_while_it_grows(&desk, pages);
        let told = daemon.stop(&desk);
        assert!(told < PAGES as u64, "the stop came in the middle");
        let log = std::fs::read_to_string(desk.beside("log.txt")).unwrap();
        let left = format!("pages={}", PAGES as u64 - told);
        assert!(log.contains(&left), "{left} is not what it says is left: {log}");
    }
    let daemon = Started::new(&desk, &mut desk.command());
    wait_while_it_grows(&desk, PAGES as u64);
    daemon.stop(&desk);
    all_told_once(&desk, PAGES);
}

/// Only what is on its way is finished, a few hundred pages at most, however long the grace is.
#[test]
fn a_stop_tells_what_was_dropped_and_leaves_the_backlog() {
    const PAGES: usize = 6000;
    let desk = Desk::new();
    fill(&desk, PAGES);
    let mut command = desk.command();
    let daemon = Started::new(&desk, command.env("FLASHWIRE_PIPELINE_GRACE", "10m"));
    wait_while_it_grows(&desk, 500);
    for number in PAGES..PAGES + 20 {
        desk.drop(&format!("{number}.txt"), format!("BREAKING\n{}\n", line(number)));
    }
    let last = line(PAGES + 19);
    eventually("a page that was dropped", || {
        desk.events().iter().any(|event| event.item.headline() == Some(&last)).then_some(())
    });
    let before = in_ledger(&desk);
    let told = daemon.stop(&desk);
    assert!(told < before + 500, "{} pages were told after the order to stop", told - before);
    let daemon = Started::new(&desk, &mut command);
    wait_while_it_grows(&desk, PAGES as u64 + 20);
    daemon.stop(&desk);
    all_told_once(&desk, PAGES + 20);
}
