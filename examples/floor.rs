//! What the machine itself takes from a dropped page to a client's socket, to set the daemon's
//! own figures beside: rename → inotify → read → (append, fdatasync) → loopback TCP, in as few
//! system calls as it can be done. And how far the watch stage alone is from its part of that.
//!
//! ```console
//! cargo run --release --example floor -- [--drops 2000] [--gap-us 1000] [--rounds 3] [FOLDER]
//! ```
//!
//! All ways are measured in turns, `rounds` times, on the same folder (by default one in
//! `/tmp`): on a busy machine compare within a round. Times are microseconds from just before
//! the rename until the content has arrived.
#![allow(clippy::print_stdout, reason = "it prints its measurements")]

use std::{
    error::Error,
    fs::{self, File},
    io::{Read, Write},
    mem::MaybeUninit,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use flashwire::watch::{self, Known, Root};
use rustix::fs::inotify;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// As long as a text export of a news page.
const PAGE_BYTES: usize = 9_000;
/// What the log holds of an event.
const RECORD_BYTES: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Read,
    Watch,
    Socket,
    Append,
    Sync,
}

impl Way {
    const ALL: [Way; 5] = [Way::Read, Way::Watch, Way::Socket, Way::Append, Way::Sync];

    fn name(self) -> &'static str {
        match self {
            Way::Read => "inotify, read",
            Way::Watch => "flashwire's watch stage",
            Way::Socket => "inotify, read, socket",
            Way::Append => "inotify, read, append, socket",
            Way::Sync => "inotify, read, append, fdatasync, socket",
        }
    }
}

struct Plan {
    drops: usize,
    gap: Duration,
    rounds: usize,
    folder: Option<PathBuf>,
}

fn main() -> Outcome<()> {
    let plan = plan()?;
    println!("{:<42} {:>8} {:>8} {:>8} {:>8}", "microseconds", "p50", "p90", "p99", "max");
    for _ in 0..plan.rounds {
        for way in Way::ALL {
            let mut took = measure(way, &plan)?;
            took.sort_unstable();
            let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_micros();
            println!(
                "{:<42} {:>8} {:>8} {:>8} {:>8}",
                way.name(),
                at(0.5),
                at(0.9),
                at(0.99),
                at(1.0)
            );
        }
    }
    Ok(())
}

fn plan() -> Outcome<Plan> {
    let mut plan = Plan { drops: 2000, gap: Duration::from_millis(1), rounds: 3, folder: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || -> Outcome<u64> {
            Ok(words.next().ok_or_else(|| format!("{word} needs a number"))?.parse()?)
        };
        match word.as_str() {
            "--drops" => plan.drops = usize::try_from(number()?)?.max(1),
            "--gap-us" => plan.gap = Duration::from_micros(number()?),
            "--rounds" => plan.rounds = usize::try_from(number()?)?,
            _ => plan.folder = Some(word.into()),
        }
    }
    Ok(plan)
}

/// Drops pages one by one and takes the time until each has arrived.
fn measure(way: Way, plan: &Plan) -> Outcome<Vec<Duration>> {
    let dir = match &plan.folder {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let root = dir.path().join("in");
    fs::create_dir(&root)?;
    let (tell, told) = channel();
    let watch = match way {
        Way::Read => {
            let events = events(&root)?;
            let root = root.clone();
            thread::spawn(move || follow(&events, &root, |_| Ok(tell.send(Instant::now())?)));
            None
        }
        Way::Watch => Some(watched(&root, tell)?),
        Way::Socket | Way::Append | Way::Sync => {
            let log = (way != Way::Socket).then(|| File::create(dir.path().join("log")));
            through_socket(&root, log.transpose()?, way == Way::Sync, tell)?;
            None
        }
    };
    let took = drop_pages(plan, dir.path(), &root, &told);
    std::mem::drop(watch);
    took
}

fn drop_pages(
    plan: &Plan,
    aside: &Path,
    root: &Path,
    told: &Receiver<Instant>,
) -> Outcome<Vec<Duration>> {
    let page = vec![b'x'; PAGE_BYTES];
    let mut took = Vec::with_capacity(plan.drops);
    for at in 0..plan.drops {
        let (from, to) = (aside.join("page"), root.join(format!("{at}.txt")));
        fs::write(&from, &page)?;
        thread::sleep(plan.gap);
        let began = Instant::now();
        fs::rename(&from, &to)?;
        took.push(told.recv_timeout(Duration::from_secs(60))?.duration_since(began));
    }
    Ok(took)
}

fn events(root: &Path) -> Outcome<rustix::fd::OwnedFd> {
    let events = inotify::init(inotify::CreateFlags::CLOEXEC)?;
    inotify::add_watch(&events, root, inotify::WatchFlags::MOVED_TO)?;
    Ok(events)
}

/// Reads each page that is moved in, until nobody wants it.
fn follow(
    events: &rustix::fd::OwnedFd,
    root: &Path,
    mut pass_on: impl FnMut(&[u8]) -> Outcome<()>,
) -> Outcome<()> {
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut reader = inotify::Reader::new(events, &mut buffer);
    let mut page = Vec::with_capacity(2 * PAGE_BYTES);
    loop {
        let event = reader.next()?;
        let Some(name) = event.file_name() else { continue };
        page.clear();
        File::open(root.join(name.to_str()?))?.read_to_end(&mut page)?;
        pass_on(&page)?;
    }
}

/// The watch stage, and one consumer of its live lane.
fn watched(root: &Path, tell: Sender<Instant>) -> Outcome<watch::Watch> {
    let (lanes, arrivals) = watch::lanes();
    let watch = watch::start(watch::Config::default(), Root::open(root)?, Known::default(), lanes)?;
    while !watch.status().initial_done {
        thread::sleep(Duration::from_millis(1));
    }
    thread::spawn(move || {
        while let Ok(arrival) = arrivals.live.recv_blocking() {
            if arrival.result.is_ok() && tell.send(Instant::now()).is_err() {
                return;
            }
        }
    });
    Ok(watch)
}

/// One thread follows the folder and writes to a socket, another reads from it.
fn through_socket(
    root: &Path,
    mut log: Option<File>,
    sync: bool,
    tell: Sender<Instant>,
) -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut to = TcpStream::connect(listener.local_addr()?)?;
    let (mut from, _) = listener.accept()?;
    to.set_nodelay(true)?;
    let (events, root) = (events(root)?, root.to_owned());
    thread::spawn(move || {
        follow(&events, &root, |page| {
            let record = &page[..page.len().min(RECORD_BYTES)];
            if let Some(log) = &mut log {
                log.write_all(record)?;
                if sync {
                    log.sync_data()?;
                }
            }
            Ok(to.write_all(record)?)
        })
    });
    thread::spawn(move || {
        let mut record = [0; RECORD_BYTES];
        while from.read_exact(&mut record).is_ok() && tell.send(Instant::now()).is_ok() {}
    });
    Ok(())
}
