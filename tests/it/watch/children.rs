//! Faults that need a process of their own: one that is stopped, one with few watches, one
//! without rights, one that sees a disk come and go.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader, Write},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use flashwire::watch::{self, Config, Known, Root};
use rustix::process::{Pid, Signal, kill_process};

use super::{PATIENCE, brisk, events_only, fast_folder, folder, outcome};

const FOLDER: &str = "FLASHWIRE_TEST_FOLDER";
/// Set where the folder is to be listed for a reason only, never by the clock.
const NO_CLOCK: &str = "FLASHWIRE_TEST_NO_CLOCK";

/// Not a test: what the tests below start as a process. It watches, says what arrives, answers
/// `status` and ends with its input.
#[test]
#[ignore = "started by other tests"]
fn child() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let (lanes, arrivals) = watch::lanes();
    let root = Root::open(Path::new(&folder)).unwrap();
    let by_clock = env::var_os(NO_CLOCK).is_none();
    let config =
        if by_clock { brisk() } else { Config { settle: brisk().settle, ..events_only() } };
    let watch = watch::start(config, root, Known::default(), lanes).unwrap();
    let (ask, asked) = channel();
    std::thread::spawn(move || {
        std::io::stdin().lines().map_while(Result::ok).for_each(|line| ask.send(line).unwrap());
    });
    let mut out = std::io::stdout().lock();
    let mut armed = false;
    loop {
        if !armed && watch.status().armed {
            armed = true;
            writeln!(out, "\n@armed").unwrap();
        }
        for lane in [&arrivals.live, &arrivals.backlog, &arrivals.big] {
            while let Ok(arrival) = lane.try_recv() {
                let ended = outcome(&arrival).as_str();
                writeln!(out, "@{ended} {}", arrival.name).unwrap();
                if let Some(stat) = arrival.stat {
                    watch.settled(&arrival.name, stat);
                }
            }
        }
        match asked.recv_timeout(Duration::from_millis(2)) {
            Ok(_) => {
                let status = watch.status();
                let noticing = status.noticing.as_str();
                let missing = status.root_missing_since.is_some();
                let (overflows, watches) = (status.overflows, status.watches);
                writeln!(out, "@status {noticing} {watches} {overflows} {missing}").unwrap();
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// A process that watches.
struct Other {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    arrived: Vec<(String, String)>,
    answer: Option<Vec<String>>,
}

impl Other {
    /// Starts one under `before`, such as `unshare -Ur`.
    fn start(folder: &Path, before: &[&str], shape: impl FnOnce(&mut Command)) -> Other {
        let this = env::current_exe().unwrap();
        let mut words = before.iter().map(PathBuf::from).chain([this]);
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .args(["--exact", "watch::children::child", "--ignored", "--nocapture", "--quiet"])
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        shape(&mut command);
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        let mut other = Other { child, input, lines, arrived: Vec::new(), answer: None };
        other.wait("armed", |other| other.arrived.iter().any(|(what, _)| what == "armed"));
        other.arrived.clear();
        other
    }

    fn wait(&mut self, what: &str, ready: impl Fn(&Other) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !ready(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left);
            let line = line.unwrap_or_else(|why| {
                panic!("never {what} ({why}); {} arrived", self.arrived.len())
            });
            let Some(said) = line.strip_prefix('@') else { continue };
            let (word, rest) = said.split_once(' ').unwrap_or((said, ""));
            if word == "status" {
                self.answer = Some(rest.split(' ').map(str::to_owned).collect());
            } else {
                self.arrived.push((word.to_owned(), rest.to_owned()));
            }
        }
    }

    /// noticing, watches, overflows, whether the root is missing
    fn status(&mut self) -> Vec<String> {
        self.answer = None;
        writeln!(self.input.as_ref().unwrap(), "status").unwrap();
        self.wait("a status", |other| other.answer.is_some());
        self.answer.take().unwrap()
    }

    fn wait_for_status(&mut self, what: &str, ready: impl Fn(&[String]) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !ready(&self.status()) {
            assert!(Instant::now() < deadline, "never {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn done(&self) -> BTreeSet<&str> {
        let done = self.arrived.iter().filter(|(what, _)| what == "done");
        done.map(|(_, name)| name.as_str()).collect()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// True where a process may be started under `words`.
fn can(words: &[&str]) -> bool {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// F10: a real overflow of the kernel's queue.
#[test]
fn an_overflow_loses_nothing() {
    const PAGES: usize = 40_000;
    let dir = fast_folder();
    let root = dir.path().join("in");
    let no_clock = format!("{NO_CLOCK}=1");
    let mut other = Other::start(&root, &["env", &no_clock], |_| ());
    other.signal(Signal::STOP);
    for at in 0..PAGES {
        fs::write(dir.path().join("page"), format!("page {at}")).unwrap();
        fs::rename(dir.path().join("page"), root.join(format!("{at}.txt"))).unwrap();
    }
    other.signal(Signal::CONT);
    other.wait("all pages", |other| other.arrived.len() >= PAGES);
    assert_eq!(other.done().len(), PAGES);
    let overflows: u64 = other.status()[2].parse().unwrap();
    assert!(overflows >= 1, "the queue did not overflow: nothing was tested");
    assert_eq!(other.arrived.len(), PAGES, "doubled");
}

/// F11
#[test]
fn past_the_limit_of_watches_folders_are_polled() {
    let limited = "echo 50 > /proc/sys/user/max_inotify_watches && exec \"$@\"";
    let before = ["unshare", "-Ur", "sh", "-c", limited, "sh"];
    if !can(&[&before[..], &["true"]].concat()) {
        return eprintln!("SKIPPED: no user namespace with a limit of its own to be had here");
    }
    let dir = folder();
    let root = dir.path().join("in");
    let mut other = Other::start(&root, &before, |_| ());
    for at in 0..200 {
        let folder = root.join(format!("d{at}"));
        fs::create_dir(&folder).unwrap();
        for file in 0..10 {
            fs::write(folder.join(format!("{file}.txt")), "page").unwrap();
        }
    }
    other.wait("all pages", |other| other.arrived.len() >= 2000);
    assert_eq!(other.done().len(), 2000);
    let status = other.status();
    assert_eq!((status[0].as_str(), status[1].as_str()), ("mixed", "50"));
    // One that is polled only, later.
    fs::write(root.join("d199/later.txt"), "page").unwrap();
    other.wait("the later one", |other| other.done().contains("d199/later.txt"));
}

/// F17
#[test]
fn a_page_without_rights_is_tried_again() {
    const NOBODY: u32 = 65_534;
    let dir = folder();
    let root = dir.path().join("in");
    let is_root = rustix::process::geteuid().is_root();
    // As root nothing is unreadable: the watching process must be another user's.
    let reachable = can(&["setpriv", "--reuid=65534", "--clear-groups", "test", "-x"]
        .into_iter()
        .chain([env::current_exe().unwrap().to_str().unwrap()])
        .collect::<Vec<_>>());
    if is_root && !reachable {
        return eprintln!("SKIPPED: run as root, and nobody else may run this test");
    }
    for path in [dir.path(), &root] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    fs::create_dir(root.join("closed")).unwrap();
    fs::write(root.join("closed/d.txt"), "page").unwrap();
    fs::set_permissions(root.join("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    let mut other = Other::start(&root, &["env"], |command| {
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
    });
    for name in ["a.txt", "b.txt"] {
        fs::write(dir.path().join("page"), "page").unwrap();
        fs::set_permissions(dir.path().join("page"), fs::Permissions::from_mode(0o000)).unwrap();
        fs::rename(dir.path().join("page"), root.join(name)).unwrap();
    }
    fs::write(root.join("c.txt"), "page\n").unwrap();
    other.wait("the readable one", |other| !other.arrived.is_empty());
    assert_eq!(other.done(), BTreeSet::from(["c.txt"]));
    fs::set_permissions(root.join("a.txt"), fs::Permissions::from_mode(0o644)).unwrap();
    other.wait("the other one", |other| other.arrived.len() >= 2);
    assert_eq!(other.done(), BTreeSet::from(["a.txt", "c.txt"]));
    // The other is set aside, and taken all the same once its rights change.
    let set_aside = ("unreadable".to_owned(), "b.txt".to_owned());
    other.wait("a verdict", |other| other.arrived.contains(&set_aside));
    fs::set_permissions(root.join("b.txt"), fs::Permissions::from_mode(0o644)).unwrap();
    other.wait("the last one", |other| other.done().contains("b.txt"));
    // A folder that may not be entered is tried again and again.
    fs::set_permissions(root.join("closed"), fs::Permissions::from_mode(0o755)).unwrap();
    other.wait("the one in the folder", |other| other.done().contains("closed/d.txt"));
}

/// F22: a disk that is unmounted under the watch, and mounted again.
#[test]
fn a_disk_may_come_and_go() {
    let before = ["unshare", "-Urm", "--propagation", "private"];
    if !can(&[&before[..], &["sh", "-c", "mount -t tmpfs none /mnt"]].concat()) {
        return eprintln!("SKIPPED: no mount namespace to be had here");
    }
    let dir = folder();
    let root = dir.path().join("in");
    let mount = "mount -t tmpfs none \"$FLASHWIRE_TEST_FOLDER\" && exec \"$@\"";
    let before = [&before[..], &["sh", "-c", mount, "sh"]].concat();
    let mut other = Other::start(&root, &before, |_| ());
    let pid = other.child.id().to_string();
    // The watched folder is seen in the other's mount namespace only.
    let inside = |script: &str| {
        let mut command = Command::new("nsenter");
        command.args(["-t", &pid, "-U", "-m", "--preserve-credentials", "sh", "-ec", script]);
        let status = command.env(FOLDER, &root).status().unwrap();
        assert!(status.success(), "{script}");
    };
    inside("echo one > $FLASHWIRE_TEST_FOLDER/a.txt");
    other.wait("a page", |other| other.done().contains("a.txt"));
    inside("umount -l $FLASHWIRE_TEST_FOLDER");
    inside("mount -t tmpfs none $FLASHWIRE_TEST_FOLDER; echo two > $FLASHWIRE_TEST_FOLDER/b.txt");
    other.wait("a page of the new disk", |other| other.done().contains("b.txt"));
    other.wait_for_status("watched", |status| status[0] == "events" && status[3] == "false");
    inside("echo three > $FLASHWIRE_TEST_FOLDER/c.txt");
    other.wait("a page by event", |other| other.done().contains("c.txt"));
}
