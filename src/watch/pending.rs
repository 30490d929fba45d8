//! Files that are not ready: still being written, or refused by the system for now. Each has a
//! timer of its own, so none waits for a listing.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::{Duration, Instant},
};

use rustix::{fs::FileType, io::Errno};

use super::{
    bell::{Bell, Waited},
    shared::{Noticed, Shared},
    stat::{Stat, now_ns},
};
use crate::page::PageName;

/// Pauses between the tries at a file that the system refuses. After the last it is set aside.
const RETRIES: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(300),
];

/// Tries at a file that rights forbid to read: enough for a writer that sets them last. Later
/// their change is an event, and shows in comparing files.
const FORBIDDEN: usize = 2;

/// A file that events showed being written to, but not closed, is given this long.
const STALLED: Duration = Duration::from_secs(60);

/// How many files set aside as unreadable are watched for a change of their rights.
const MOST_REFUSED: usize = 4096;

/// Why a file waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// An event showed it appear, none showed it complete.
    Created { written: bool },
    /// It was touched too recently.
    Settling,
    /// The system refused to read it this many times.
    Retrying(u8),
}

#[derive(Clone, Copy, Debug)]
struct Wait {
    due: Instant,
    why: Why,
    last: Option<Stat>,
    noticed: Noticed,
}

/// The files that wait.
#[derive(Debug, Default)]
pub(super) struct Pending(Bell<Waits>);

#[derive(Debug, Default)]
struct Waits {
    files: HashMap<PageName, Wait>,
    order: BTreeSet<(Instant, PageName)>,
    /// Files without a link of their own when they appeared: the event that closes one names it
    /// by its inode.
    inodes: HashMap<u64, PageName>,
    refused: HashSet<PageName>,
    /// The backlog begins once nothing waits that was due by then.
    backlog_after: Option<Instant>,
}

impl Waits {
    fn put(&mut self, name: PageName, wait: Wait) {
        self.remove(&name);
        if let (Why::Created { .. }, Some(stat)) = (wait.why, wait.last) {
            self.inodes.insert(stat.ino, name.clone());
        }
        self.order.insert((wait.due, name.clone()));
        self.files.insert(name, wait);
    }

    fn remove(&mut self, name: &PageName) -> Option<Wait> {
        let wait = self.files.remove(name)?;
        self.order.remove(&(wait.due, name.clone()));
        if let Some(stat) = wait.last
            && self.inodes.get(&stat.ino) == Some(name)
        {
            self.inodes.remove(&stat.ino);
        }
        Some(wait)
    }

    fn pop_due(&mut self, now: Instant) -> Option<(PageName, Wait)> {
        let (due, name) = self.order.first()?;
        if *due > now {
            return None;
        }
        let name = name.clone();
        let wait = self.remove(&name)?;
        Some((name, wait))
    }
}

impl Pending {
    fn put(&self, name: PageName, wait: Wait) {
        self.0.ring_if(|waits| {
            let first = waits.order.first().is_none_or(|(due, _)| wait.due < *due);
            waits.put(name, wait);
            first
        });
    }

    /// Looks at the file again in `pause`, and takes it if it has not changed by then.
    pub(super) fn settle(&self, name: PageName, stat: Stat, pause: Duration, noticed: Noticed) {
        let waits = self.0.with(|waits| {
            let wait = waits.files.get(&name);
            wait.is_some_and(|wait| wait.last == Some(stat) || wait.why != Why::Settling)
        });
        if !waits {
            let due = Instant::now() + pause;
            self.put(name, Wait { due, why: Why::Settling, last: Some(stat), noticed });
        }
    }

    /// The same for a file that was read and isn't whole, whatever a listing said of it meanwhile.
    pub(super) fn again(&self, name: PageName, stat: Stat, pause: Duration, noticed: Noticed) {
        let due = Instant::now() + pause;
        self.put(name, Wait { due, why: Why::Settling, last: Some(stat), noticed });
    }

    /// An event showed the file appear, or be written to, and nothing more yet.
    pub(super) fn created(
        &self,
        name: PageName,
        stat: Stat,
        written: bool,
        pause: Duration,
        noticed: Noticed,
    ) {
        let (why, due) = (Why::Created { written }, Instant::now() + pause);
        self.put(name, Wait { due, why, last: Some(stat), noticed });
    }

    /// An event showed the file being written to; counts only for one that waits for its end.
    pub(super) fn written(&self, name: &PageName) {
        self.0.with(|waits| {
            if let Some(Wait { why: Why::Created { written }, .. }) = waits.files.get_mut(name) {
                *written = true;
            }
        });
    }

    /// The system refused to read the file; `false` once it has been tried often enough.
    pub(super) fn retry(&self, name: PageName, error: Errno, tries: u8, noticed: Noticed) -> bool {
        let forbidden = matches!(error, Errno::ACCESS | Errno::PERM);
        let most = if forbidden { FORBIDDEN } else { RETRIES.len() };
        let Some(&pause) = RETRIES[..most].get(usize::from(tries)) else {
            self.0.with(|waits| {
                if waits.refused.len() < MOST_REFUSED {
                    waits.refused.insert(name);
                }
            });
            return false;
        };
        let (why, due) = (Why::Retrying(tries + 1), Instant::now() + pause);
        self.put(name, Wait { due, why, last: None, noticed });
        true
    }

    /// The rights of the file changed: true where it was refused before and is worth a try.
    pub(super) fn was_refused(&self, name: &PageName) -> bool {
        self.0.with(|waits| {
            let retrying =
                waits.files.get(name).is_some_and(|wait| matches!(wait.why, Why::Retrying(_)));
            if retrying {
                waits.remove(name);
            }
            waits.refused.remove(name) || retrying
        })
    }

    /// The file is dealt with otherwise.
    pub(super) fn forget(&self, name: &PageName) {
        self.0.with(|waits| waits.remove(name));
    }

    /// The file that appeared with this inode and waits for its end.
    pub(super) fn with_inode(&self, ino: u64) -> Option<PageName> {
        self.0.with(|waits| waits.inodes.get(&ino).cloned())
    }

    /// True where the file waits for an event or another try, so that what a listing shows of it
    /// does not count.
    pub(super) fn owns(&self, name: &PageName) -> bool {
        self.0.with(|waits| waits.files.get(name).is_some_and(|wait| wait.why != Why::Settling))
    }

    /// Lets the backlog begin once every file that waits now has been looked at again: the oldest
    /// page may be among them.
    pub(super) fn then_backlog(&self, settle: Duration) {
        self.0.ring_if(|waits| {
            waits.backlog_after = Some(Instant::now() + settle);
            true
        });
    }

    /// Events were lost: no file waits for one any more.
    pub(super) fn doubt(&self) {
        self.0.with(|waits| {
            for wait in waits.files.values_mut() {
                if matches!(wait.why, Why::Created { .. }) {
                    wait.why = Why::Settling;
                }
            }
        });
    }

    /// Files waiting, and how many of them for another try.
    pub(super) fn count(&self) -> (usize, usize) {
        self.0.with(|waits| {
            let retrying =
                waits.files.values().filter(|wait| matches!(wait.why, Why::Retrying(_))).count();
            (waits.files.len(), retrying)
        })
    }

    pub(super) fn clear(&self) {
        self.0.with(|waits| *waits = Waits::default());
    }

    pub(super) fn stop(&self) {
        self.0.stop();
    }
}

/// The timer thread: looks at each file when its time has come, until stopped.
pub(super) fn run(shared: &Shared) {
    let mut deadline = None;
    loop {
        let next = shared.pending.0.wait(deadline, |waits| {
            let due = waits.pop_due(Instant::now());
            if due.is_some() {
                shared.gauges.in_hand();
            }
            let next = waits.order.first().map(|(due, _)| *due);
            let through = due.is_none()
                && waits.backlog_after.is_some_and(|after| next.is_none_or(|due| due > after));
            if through {
                waits.backlog_after = None;
            }
            // Wakes also to take a nearer deadline.
            (due.is_some() || through || next != deadline).then_some((due, through, next))
        });
        match next {
            Waited::Got((due, through, next)) => {
                deadline = next;
                if let Some((name, wait)) = due {
                    look_again(shared, name, wait);
                    shared.gauges.out_of_hand();
                }
                if through {
                    shared.backlog.settling(false);
                }
            }
            Waited::Late => {}
            Waited::Stopped => return,
        }
    }
}

fn look_again(shared: &Shared, name: PageName, wait: Wait) {
    // Without a root all is listed again once it is back.
    let Some(root) = shared.root() else { return };
    let Wait { noticed, why, .. } = wait;
    let tries = if let Why::Retrying(tries) = why { tries } else { 0 };
    let look = match root.look(name.as_bytes()) {
        Ok(look) if tries == 0 && look.kind == FileType::RegularFile => look,
        Err(Errno::NOENT | Errno::NOTDIR) if tries == 0 => {
            shared.gauges.vanished();
            tracing::debug!(page = %name, "gone before it was complete");
            return;
        }
        // A refused file that came back, or something else by now: the reader says what.
        _ => {
            shared.to_reader(name, noticed, tries);
            return;
        }
    };
    if shared.claims.has(&name, look.stat) {
        return;
    }
    let settle = shared.config.settle;
    let stalled = look.stat.quiet_ns(now_ns()) >= STALLED.as_nanos() as u64;
    let open = match why {
        Why::Created { written } => (written || look.stat.size == 0) && !stalled,
        Why::Settling | Why::Retrying(_) => false,
    };
    if open || wait.last != Some(look.stat) {
        let wait = Wait { due: Instant::now() + settle, last: Some(look.stat), ..wait };
        shared.pending.put(name, wait);
    } else {
        shared.complete(name, look.stat, noticed);
    }
}
