//! Folder → Page on real files: whatever way a page is dropped, it arrives once and whole.
//!
//! The ways in which a watch can go wrong are numbered, and a test names the one that it is for:
//!
//! | | what happens | where |
//! |---|---|---|
//! | F1 | many pages moved in | `drops` |
//! | F2, F3 | slow writers; written, closed, written on | `drops` |
//! | F4 | linked in | `drops` |
//! | F5 | changed without an event | `drops` |
//! | F6 | unfinished names | `drops` |
//! | F7 | copied from another file system | `drops` |
//! | F8 | dropped while nobody watched | `start` |
//! | F9 | new folders, written to, moved in, deep | `folders` |
//! | F10 | the kernel's queue overflows | `children` |
//! | F11 | more folders than watches | `children` |
//! | F12, F13 | overwritten, also unseen; an inode used again | `drops` |
//! | F14 | pages alike, empty ones | `drops` |
//! | F15 | killed during drops, and between commit and move | `crash`, `after` |
//! | F16 | links, devices, a folder swapped meanwhile | `faults` |
//! | F17 | no rights for a while | `children` |
//! | F18 to F20 | huge files, any bytes, any names | `faults` |
//! | F21 | strange times of files | `drops` |
//! | F22 | the folder, or its disk, goes and comes back | `faults`, `children` |
//! | F23 | a live page behind a backlog: its order here, its time by `--example latency -- --backlog N` | `faults` |
//! | F24 | a full disk, stalled readers | `faults` and `broadcast::slow` beside this module |
//! | F25 | deleted at once | `drops` |
//! | F26 | a million known files: too much for a test, and not measured by any bench yet | |
//! | F27 | no events at all: polling | `drops`, `folders` |
//! | P1 | any of these one after the other, against a model | `model` |

mod children;
mod drops;
mod faults;
mod folders;
mod model;
mod start;

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use flashwire::{
    item::Outcome,
    watch::{self, Arrival, Arrivals, Config, Known, Lane, Root, Watch},
};

/// Long enough for the slowest machine; what is waited for comes far sooner.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watched folder and what arrived from it.
struct Desk {
    dir: tempfile::TempDir,
    watch: Watch,
    arrivals: Arrivals,
    got: Vec<Arrival>,
    tickets: BTreeMap<&'static str, u64>,
}

/// Pauses short enough for a test.
fn brisk() -> Config {
    Config {
        settle: Duration::from_millis(400),
        poll: Duration::from_millis(200),
        rescan_folders: Duration::from_millis(500),
        rescan_names: Duration::from_secs(2),
        rescan_files: Duration::from_secs(1),
        ..Config::default()
    }
}

/// Pauses so long that only events can be the reason for an arrival.
fn events_only() -> Config {
    let never = Duration::from_secs(3600);
    Config {
        settle: never,
        poll: never,
        rescan_folders: never,
        rescan_names: never,
        rescan_files: never,
        ..Config::default()
    }
}

/// A folder `in`, not watched yet, and room beside it on the same file system.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("in")).unwrap();
    dir
}

/// The same in memory where there is room for many small files: there, drops come fastest.
fn fast_folder() -> tempfile::TempDir {
    const ROOM: u64 = 1 << 30;
    let memory = std::path::Path::new("/dev/shm");
    let room = rustix::fs::statvfs(memory).is_ok_and(|fs| fs.f_bavail * fs.f_bsize > ROOM);
    if !room {
        return folder();
    }
    let dir = tempfile::tempdir_in(memory).unwrap();
    fs::create_dir(dir.path().join("in")).unwrap();
    dir
}

impl Desk {
    fn new(config: Config) -> Desk {
        Desk::on(folder(), config, Known::default())
    }

    /// Watches the folder `in` of `dir`, and waits until drops are noticed.
    fn on(dir: tempfile::TempDir, config: Config, known: Known) -> Desk {
        let (lanes, arrivals) = watch::lanes();
        let root = Root::open(&dir.path().join("in")).unwrap();
        let watch = watch::start(config, root, known, lanes).unwrap();
        let desk = Desk { dir, watch, arrivals, got: Vec::new(), tickets: BTreeMap::new() };
        desk.until("armed", || desk.watch.status().armed);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("in").join(name)
    }

    /// A place on the same file system that is not watched.
    fn aside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Drops a page the way a careful crawler does.
    fn rename_in(&self, name: &str, text: &str) {
        let aside = self.aside("aside");
        fs::write(&aside, text).unwrap();
        fs::rename(&aside, self.path(name)).unwrap();
    }

    fn until(&self, what: &str, ready: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !ready() {
            assert!(Instant::now() < deadline, "never {what}: {:?}", self.watch.status());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Takes what has arrived and settles it.
    fn take(&mut self) -> usize {
        let mut taken = 0;
        for lane in [&self.arrivals.live, &self.arrivals.backlog, &self.arrivals.big] {
            while let Ok(arrival) = lane.try_recv() {
                let ticket = self.tickets.entry(lane_name(&arrival)).or_default();
                assert_eq!(arrival.ticket, *ticket, "tickets have no holes");
                *ticket += 1;
                if let Some(stat) = arrival.stat {
                    self.watch.settled(&arrival.name, stat);
                }
                self.got.push(arrival);
                taken += 1;
            }
        }
        taken
    }

    /// Waits for `count` arrivals in all, then makes sure that no more come.
    fn expect(&mut self, count: usize) {
        self.wait_for(count);
        self.rest();
        assert_eq!(self.got.len(), count, "{:?}", self.names());
    }

    /// Waits for `count` arrivals in all.
    fn wait_for(&mut self, count: usize) {
        self.wait(&format!("{count} arrivals"), |desk| desk.got.len() >= count);
    }

    fn wait(&mut self, what: &str, ready: impl Fn(&Desk) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !ready(self) {
            if self.take() == 0 {
                let got = self.got.len();
                let status = self.watch.status();
                assert!(Instant::now() < deadline, "never {what}; {got} arrived; {status:?}");
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Takes what comes until nothing waits and a listing of everything finds nothing new.
    fn rest(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let before = self.watch.status().rescans;
        let mut asked = before;
        self.watch.rescan();
        loop {
            self.take();
            let status = self.watch.status();
            // The first to end may have begun earlier.
            if status.rescans > before + 1 && status.unsettled == 0 {
                break;
            }
            if status.rescans > asked {
                asked = status.rescans;
                self.watch.rescan();
            }
            assert!(Instant::now() < deadline, "not at rest: {status:?}");
            std::thread::sleep(Duration::from_millis(1));
        }
        self.take();
    }

    fn names(&self) -> Vec<String> {
        self.got.iter().map(|arrival| arrival.name.to_string()).collect()
    }

    /// The last content that arrived of each name.
    fn texts(&self) -> BTreeMap<String, String> {
        let pages = self.got.iter().filter_map(|arrival| arrival.result.as_ref().ok());
        pages
            .map(|page| (page.name.to_string(), String::from_utf8_lossy(&page.bytes).into_owned()))
            .collect()
    }

    /// How each file ended, in order of arrival.
    fn outcomes(&self) -> Vec<(String, Outcome)> {
        self.got.iter().map(|arrival| (arrival.name.to_string(), outcome(arrival))).collect()
    }
}

fn outcome(arrival: &Arrival) -> Outcome {
    arrival.result.as_ref().map_or_else(|rejection| rejection.outcome, |_| Outcome::Done)
}

fn lane_name(arrival: &Arrival) -> &'static str {
    match arrival.lane {
        Lane::Live => "live",
        Lane::Backlog => "backlog",
        Lane::Big => "big",
    }
}
