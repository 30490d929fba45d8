//! The listing thread: places watches, lists folders, and goes over everything again and again.
//!
//! Rule of all watching here: first the watch, then the listing, then the folders inside. Whatever
//! comes before the watch stands is found by the listing, whatever comes after by an event.

mod folder;

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rustix::fs::{FileType, fstat};

use super::{
    Config, Mode, Noticing, Root,
    bell::Waited,
    events::Watches,
    hints::Asked,
    root::Home,
    shared::Shared,
    stat::{Look, now_ns},
    tree::{Folder, Tree},
};
use crate::page::PageName;

/// How often the watched folder itself is looked at, and looked for when it is lost.
const ROOT: Duration = Duration::from_secs(1);
/// Events lost once are often lost again at once; one listing serves all.
const AFTER_OVERFLOW: Duration = Duration::from_millis(20);
/// Going over what events should have told of may cost one part in so many of a core.
const SHARE: u32 = 200;
/// The same where nothing else tells of a change.
const POLL_SHARE: u32 = 20;
/// Folders touched within this time have their names compared now and then.
const TOUCHED: Duration = Duration::from_secs(3600);

/// How thoroughly a folder is gone over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    /// Files with a name and inode that are settled are passed over.
    Names,
    /// Every file is looked at, and every folder inside.
    Files,
    /// As `Files`, and watches are placed anew.
    Anew,
    /// As `Anew`, and the folder was moved here: whatever is in it is whole.
    Whole,
}

impl Care {
    /// Watches are placed anew.
    fn places(self) -> bool {
        matches!(self, Care::Anew | Care::Whole)
    }
}

pub(super) struct Lister {
    shared: Arc<Shared>,
    /// Where the watched folder is looked for when it is lost.
    home: Option<Home>,
    watches: Option<Watches>,
    tree: Tree,
    todo: VecDeque<(PageName, Care)>,
    /// Folders that may belong to a page, until it has had time to come.
    later: VecDeque<(Instant, PageName)>,
    /// The listing under way is the one at start.
    initial: bool,
    /// A listing of everything is under way: the CPU time at its start.
    sweep: Option<Duration>,
    /// Names are being compared: the CPU time at the start.
    names: Option<Duration>,
    /// Some folder could not be listed.
    incomplete: bool,
    /// The kernel refused a watch; asked again at the next comparison of names.
    limit: bool,
    due: Due,
}

/// When what is due next.
struct Due {
    root: Instant,
    polled: Instant,
    folders: Instant,
    names: Instant,
    files: Instant,
    /// A listing of everything was asked for.
    all: Option<Instant>,
    /// The pause after which a listing of everything may follow another.
    pause: Duration,
}

impl Due {
    fn new(config: &Config, now: Instant) -> Self {
        Due {
            root: now + ROOT,
            polled: now + config.poll,
            folders: now + config.rescan_folders,
            names: now + config.rescan_names,
            files: now + config.rescan_files,
            all: None,
            pause: Duration::ZERO,
        }
    }

    fn next(&self) -> Instant {
        let tiers = [self.root, self.polled, self.folders, self.names, self.files];
        tiers.into_iter().chain(self.all).min().unwrap_or(self.root)
    }
}

impl Lister {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let home = shared.root().map(|root| root.home());
        Lister {
            due: Due::new(&shared.config, Instant::now()),
            shared,
            home,
            watches: None,
            tree: Tree::default(),
            todo: VecDeque::new(),
            later: VecDeque::new(),
            initial: true,
            sweep: None,
            names: None,
            incomplete: false,
            limit: false,
        }
    }

    /// Lists and watches until stopped.
    pub(super) fn run(mut self) {
        self.shared.backlog.settling(true);
        if let Some(root) = self.shared.root() {
            self.arm(&root);
        }
        while !self.shared.is_stopped() {
            self.work();
            let later = self.later.front().map_or(self.due.root, |(due, _)| *due);
            let deadline =
                if self.todo.is_empty() { self.due.next().min(later) } else { Instant::now() };
            let asked = self.shared.inbox.0.wait(Some(deadline), |asked| {
                let any =
                    asked.all || asked.root || !asked.dirty.is_empty() || !asked.paths.is_empty();
                any.then(|| std::mem::take(asked))
            });
            match asked {
                Waited::Got(asked) => self.hear(asked),
                Waited::Late => {}
                Waited::Stopped => return,
            }
            self.tiers();
        }
    }

    /// Begins to watch a root: the one at start, or one that took its place.
    fn arm(&mut self, root: &Root) {
        self.tree = Tree::default();
        self.todo.clear();
        self.later.clear();
        self.shared.with_folders(std::collections::HashSet::clear);
        self.limit = false;
        self.watches = None;
        if self.shared.config.mode == Mode::Auto && root.tells_changes() {
            match Watches::new(&self.shared, root.path()) {
                Ok(watches) => self.watches = Some(watches),
                Err(error) => tracing::warn!(%error, "no events to be had; the folder is polled"),
            }
        }
        self.begin_all(Care::Anew);
    }

    /// Begins a listing of everything.
    fn begin_all(&mut self, how: Care) {
        self.todo.push_back((PageName::new(&b""[..]), how));
        self.sweep = Some(cpu_time());
        self.incomplete = false;
        self.due.all = None;
        if how == Care::Anew {
            self.shared.pending.doubt();
        }
        self.shared.claims.begin_sweep();
    }

    fn end_all(&mut self, began: Duration) {
        if !self.incomplete && self.shared.root().is_some() {
            self.shared.claims.end_sweep();
        }
        self.shared.gauges.rescanned();
        let cost = cpu_time().saturating_sub(began);
        self.due.pause = cost + AFTER_OVERFLOW;
        let config = &self.shared.config;
        let pause = if self.noticing() == Noticing::Events {
            config.rescan_files.max(cost * SHARE)
        } else {
            config.poll.max(cost * POLL_SHARE)
        };
        self.due.files = Instant::now() + pause;
        if std::mem::take(&mut self.initial) {
            self.shared.pending.then_backlog(config.settle);
            self.shared.gauges.listed(|listed| listed.initial_done = true);
        }
    }

    /// Goes over folders that wait, those asked for meanwhile first.
    fn work(&mut self) {
        if !self.todo.is_empty() {
            self.shared.backlog.listing(true);
        }
        while let Some((folder, how)) = self.todo.pop_front() {
            self.go_over(folder, how);
            if self.shared.is_stopped() {
                return;
            }
            let mut asked = None;
            self.shared.inbox.0.with(|inbox| asked = inbox.next_path());
            if let Some((path, moved)) = asked {
                self.look_at(path, moved);
            }
            if Instant::now() >= self.due.root {
                self.check_root();
            }
        }
        if let Some(began) = self.sweep.take() {
            self.end_all(began);
        }
        if let Some(began) = self.names.take() {
            let cost = cpu_time().saturating_sub(began);
            self.due.names = Instant::now() + self.shared.config.rescan_names.max(cost * SHARE);
        }
        self.shared.backlog.listing(false);
        self.count();
    }

    fn hear(&mut self, mut asked: Asked) {
        if asked.root {
            self.check_root();
        }
        while let Some((path, moved)) = asked.next_path() {
            self.look_at(path, moved);
        }
        for folder in asked.dirty {
            self.todo.push_back((folder, Care::Files));
        }
        if asked.all && self.due.all.is_none() {
            self.due.all = Some(Instant::now() + self.due.pause.max(AFTER_OVERFLOW));
        }
    }

    fn tiers(&mut self) {
        let now = Instant::now();
        if now >= self.due.root {
            self.check_root();
        }
        let config = self.shared.config.clone();
        if self.shared.root().is_none() {
            self.due = Due { root: self.due.root, ..Due::new(&config, now) };
            return;
        }
        while self.later.front().is_some_and(|(due, _)| now >= *due) {
            if let Some((_, path)) = self.later.pop_front() {
                self.enter(path);
            }
        }
        if self.due.all.is_some_and(|at| now >= at) {
            return self.begin_all(Care::Anew);
        }
        if now >= self.due.files {
            return self.begin_all(Care::Files);
        }
        if now >= self.due.names {
            self.limit = false;
            let touched = now_ns().saturating_sub(TOUCHED.as_nanos() as i64);
            self.compare(|folder| folder.mtime_ns.is_none_or(|mtime| mtime > touched));
            self.names = Some(cpu_time());
            self.due.names = now + config.rescan_names;
        }
        if now >= self.due.folders {
            self.find_changed(|_| true);
            self.due.folders = now + config.rescan_folders.max(now.elapsed() * SHARE);
        }
        if now >= self.due.polled {
            self.find_changed(|folder| !folder.watched);
            self.due.polled = now + config.poll.max(now.elapsed() * POLL_SHARE);
        }
    }

    /// Has the names of some folders compared.
    fn compare(&mut self, which: impl Fn(&Folder) -> bool) {
        let now = Instant::now();
        let folders = self.tree.iter().filter(|(_, folder)| which(folder));
        let due = folders.filter(|(_, folder)| folder.may_be_listed(now));
        self.todo.extend(due.map(|(path, _)| (path.clone(), Care::Names)));
    }

    /// Has the names of those folders compared whose modification time moved.
    fn find_changed(&mut self, which: impl Fn(&Folder) -> bool) {
        let Some(root) = self.shared.root() else { return };
        let now = Instant::now();
        let mut gone = Vec::new();
        for (path, folder) in self.tree.iter().filter(|(_, folder)| which(folder)) {
            let look = if path.as_bytes().is_empty() {
                root.folder(b"").and_then(fstat).map(Look::from)
            } else {
                root.look(path.as_bytes())
            };
            match look {
                Ok(look) if look.kind != FileType::Directory || look.stat.ino != folder.ino => {
                    gone.push(path.clone());
                }
                Ok(look) if folder.mtime_ns == Some(look.stat.mtime_ns) => {}
                Ok(_) if !folder.may_be_listed(now) => {}
                Ok(_) => self.todo.push_back((path.clone(), Care::Names)),
                Err(_) => gone.push(path.clone()),
            }
        }
        gone.into_iter().for_each(|path| self.look_at(path, false));
    }

    /// Makes sure that the watched folder is still the one at its path.
    fn check_root(&mut self) {
        self.due.root = Instant::now() + ROOT;
        let shared = Arc::clone(&self.shared);
        let held = shared.root();
        if held.as_ref().is_some_and(|root| root.stands()) {
            return;
        }
        match self.home.as_ref().map(Home::open) {
            Some(Ok(root)) => {
                tracing::warn!(
                    folder = %root.path().display(),
                    "another folder lies there now, or it is back; listing it again"
                );
                self.home = Some(root.home());
                shared.set_root(Some(Arc::new(root)));
                shared.gauges.listed(|listed| listed.root_missing_since = None);
                if let Some(root) = shared.root() {
                    self.arm(&root);
                }
            }
            Some(Err(error)) if held.is_some() => {
                tracing::error!(%error, "the folder is lost; looking for it every second");
                shared.set_root(None);
                shared.pending.clear();
                shared.gauges.listed(|listed| {
                    listed.root_missing_since = Some(Timestamp::now());
                    listed.armed = false;
                });
                self.watches = None;
                self.todo.clear();
            }
            _ => {}
        }
    }

    fn noticing(&self) -> Noticing {
        let polled = self.tree.iter().filter(|(_, folder)| !folder.watched).count();
        match (&self.watches, polled) {
            (None, _) => Noticing::Polling,
            (Some(_), 0) => Noticing::Events,
            (Some(_), _) => Noticing::Mixed,
        }
    }

    /// Brings the gauges up to date.
    fn count(&self) {
        let noticing = self.noticing();
        let watched = self.tree.iter().filter(|(_, folder)| folder.watched).count() as u64;
        let folders = self.tree.iter().count() as u64;
        let ignored = self.tree.iter().map(|(_, folder)| folder.ignored).sum();
        self.shared.gauges.listed(|listed| {
            listed.noticing = noticing;
            listed.watches = watched;
            listed.polled = folders - watched;
            listed.ignored = ignored;
        });
    }
}

/// CPU time this thread has used.
fn cpu_time() -> Duration {
    let at = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(at).unwrap_or_default()
}
