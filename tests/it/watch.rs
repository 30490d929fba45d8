//! Folder → Page on real files: whatever way a page is dropped, it arrives once and whole.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::PathBuf,
    time::{Duration, Instant},
};

use flashwire::watch::{self, Arrival, Arrivals, Config, Known, Lane, Root, Watch};

/// Long enough for the slowest machine; what is waited for comes far sooner.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watched folder and what arrived from it.
struct Drop {
    dir: tempfile::TempDir,
    watch: Watch,
    arrivals: Arrivals,
    got: Vec<Arrival>,
    next: BTreeMap<&'static str, u64>,
}

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

fn empty() -> Drop {
    Drop::on(tempfile::tempdir().unwrap(), brisk(), Known::default())
}

impl Drop {
    /// Watches the folder `in` of `dir`, and waits until drops are noticed.
    fn on(dir: tempfile::TempDir, config: Config, known: Known) -> Drop {
        let root = dir.path().join("in");
        if !root.exists() {
            fs::create_dir(&root).unwrap();
        }
        let (lanes, arrivals) = watch::lanes();
        let watch = watch::start(config, Root::open(&root).unwrap(), known, lanes).unwrap();
        let drop = Drop { dir, watch, arrivals, got: Vec::new(), next: BTreeMap::new() };
        drop.until("armed", |drop| drop.watch.status().armed);
        drop
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

    fn until(&self, what: &str, ready: impl Fn(&Drop) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !ready(self) {
            assert!(Instant::now() < deadline, "never {what}: {:?}", self.watch.status());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Takes what has arrived and settles it.
    fn take(&mut self) -> usize {
        let mut taken = 0;
        for lane in [&self.arrivals.live, &self.arrivals.backlog, &self.arrivals.big] {
            while let Ok(arrival) = lane.try_recv() {
                let name = match arrival.lane {
                    Lane::Live => "live",
                    Lane::Backlog => "backlog",
                    Lane::Big => "big",
                };
                let next = self.next.entry(name).or_default();
                assert_eq!(arrival.ticket, *next, "tickets of {name} have no holes");
                *next += 1;
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
    fn expect(&mut self, count: usize) -> &[Arrival] {
        self.wait_for(count);
        self.expect_no_more();
        assert_eq!(self.got.len(), count, "{:?}", self.names());
        &self.got
    }

    fn wait_for(&mut self, count: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.got.len() < count {
            if self.take() == 0 {
                let missing = count - self.got.len();
                assert!(Instant::now() < deadline, "{missing} lost: {:?}", self.watch.status());
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Nothing waits, and a listing of everything finds nothing.
    fn expect_no_more(&mut self) {
        let rescans = self.watch.status().rescans;
        self.watch.rescan();
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.take();
            let status = self.watch.status();
            if status.rescans > rescans + 1 && status.unsettled == 0 {
                break;
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
}

/// F1
#[test]
fn pages_moved_in_arrive_once_in_order() {
    let mut drop = empty();
    for at in 0..2000 {
        drop.rename_in(&format!("{at:04}.txt"), &format!("page {at}"));
        drop.take();
    }
    drop.expect(2000);
    let mut sorted = drop.names();
    sorted.sort();
    assert_eq!(drop.names(), sorted);
    assert!(drop.got.iter().all(|arrival| arrival.lane == Lane::Live && !arrival.initial));
    assert_eq!(drop.texts()["1234.txt"], "page 1234");
}

/// F2
#[test]
fn a_slow_writer_is_waited_for() {
    let mut drop = empty();
    let mut file = fs::File::create(drop.path("slow.txt")).unwrap();
    for part in 0..4 {
        write!(file, "part {part} ").unwrap();
        // Longer than it takes a file at rest to be taken.
        let pause = Instant::now() + Duration::from_millis(600);
        while Instant::now() < pause {
            drop.take();
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(drop.got.is_empty(), "{:?}", drop.texts());
    }
    std::mem::drop(file);
    drop.expect(1);
    assert_eq!(drop.texts()["slow.txt"], "part 0 part 1 part 2 part 3 ");
}
