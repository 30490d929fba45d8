//! The reader threads: live, backlog and big. Each alone sends on its lane, so that the order of
//! tickets is the order of sending.

use std::{ops::ControlFlow, sync::Arc};

use async_channel::Sender;

use super::{
    Arrival, Lane,
    backlog::Job,
    budget::Budget,
    hints::{Hint, What},
    read::{Answer, read},
    shared::{Noticed, Shared},
    stat::Stat,
};
use crate::{
    item::{Outcome, Rejection},
    page::{Page, PageName},
};

/// Bytes of pages on their way in one lane.
const LANE_BYTES: usize = 32 << 20;
/// How soon a file that changed while it was read is looked at again.
const UNFINISHED: std::time::Duration = std::time::Duration::from_millis(50);

/// One reader and the lane it sends on.
pub(super) struct Reader {
    shared: Arc<Shared>,
    lane: Lane,
    to: Sender<Arrival>,
    ticket: u64,
    budget: Budget,
}

impl Reader {
    pub(super) fn new(shared: Arc<Shared>, lane: Lane, to: Sender<Arrival>) -> Self {
        Reader { shared, lane, to, ticket: 0, budget: Budget::new(LANE_BYTES) }
    }

    /// Reads until stopped, or until nobody listens.
    pub(super) fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let taken = || shared.gauges.in_hand();
        loop {
            let next = match self.lane {
                Lane::Live => shared.hints.next(taken).map(|(name, hint)| self.follow(name, hint)),
                Lane::Backlog => shared.backlog.next(taken).map(|job| self.take(job)),
                Lane::Big => shared.big.next(taken).map(|job| self.take(job)),
            };
            let Some(next) = next else { return };
            shared.gauges.out_of_hand();
            if next.is_break() {
                // Nobody listens: there is nothing to watch for.
                return shared.stop();
            }
        }
    }

    /// Does what a hint asks for.
    fn follow(&mut self, name: PageName, hint: Hint) -> ControlFlow<()> {
        let Hint { what, seen, tries } = hint;
        let noticed = Noticed::told(seen);
        let job = |name| Job { when: 0, name, claim: None, noticed, tries };
        // Who moves or links a page in, or gives it a name or rights at last, has written it.
        let whole = |name| Job { noticed: Noticed { as_it_is: true, ..noticed }, ..job(name) };
        let pending = &self.shared.pending;
        if let Some(ino) = nameless(&name) {
            if let Some(name) = pending.with_inode(ino) {
                return self.take(whole(name));
            }
        } else if what.has(What::MOVED_IN) {
            return self.take(whole(name));
        } else if what.has(What::CLOSED) {
            return self.take(job(name));
        } else if what.has(What::AS_IT_IS) {
            return self.take(whole(name));
        } else if what.has(What::FOUND) {
            return self.take(job(name));
        } else if what.has(What::CREATED) {
            let Some(stat) = self.unlinked(&name) else {
                return self.take(whole(name));
            };
            let written = what.has(What::WRITTEN);
            pending.created(name, stat, written, self.shared.config.settle, noticed);
        } else if what.has(What::ATTRIBUTES) && pending.was_refused(&name) {
            return self.take(whole(name));
        } else if what.has(What::WRITTEN) {
            pending.written(&name);
        }
        ControlFlow::Continue(())
    }

    /// The file's [`Stat`] if it only appeared; `None` if it was linked here whole, or if reading
    /// will say what it is.
    fn unlinked(&self, name: &PageName) -> Option<Stat> {
        let look = self.shared.root()?.look(name.as_bytes()).ok()?;
        (look.kind == rustix::fs::FileType::RegularFile && look.links == 1).then_some(look.stat)
    }

    /// Reads a file and passes on what came of it. Breaks when nobody listens any more.
    fn take(&mut self, job: Job) -> ControlFlow<()> {
        let shared = Arc::clone(&self.shared);
        let Some(root) = shared.root() else {
            // All is listed again once the folder is back.
            if let Some(claim) = job.claim {
                shared.claims.release(&job.name, claim);
            }
            return ControlFlow::Continue(());
        };
        let answer = read(&shared, &root, &job, self.lane == Lane::Big);
        if !matches!(answer, Answer::Refused(..)) {
            shared.pending.forget(&job.name);
        }
        let Job { name, noticed, tries, .. } = job;
        match answer {
            Answer::Known => {}
            Answer::Folder => shared.inbox.path(name),
            Answer::Big(claim) => {
                shared.big.push(Job { when: 0, name, claim: Some(claim), noticed, tries });
            }
            Answer::Unfinished(stat) => {
                shared.pending.again(name, stat, UNFINISHED, noticed);
            }
            Answer::Cut(stat) => {
                let noticed = Noticed { as_it_is: true, ..noticed };
                shared.pending.again(name, stat, shared.config.settle, noticed);
            }
            Answer::Refused(error, stat) => {
                shared.gauges.retried();
                if shared.pending.retry(name.clone(), error, tries, noticed) {
                    if tries == 0 {
                        tracing::warn!(page = %name, %error, "can't be read; tried again");
                    }
                } else {
                    let reason = format!("can't be read, tried {} times: {error}", tries + 1);
                    let rejection = Rejection::new(Outcome::Unreadable, reason);
                    if let Some(stat) = stat {
                        shared.claims.claim(&name, stat, None);
                    }
                    return self.send(name, stat, noticed, Err(rejection));
                }
            }
            Answer::Rejected(rejection, stat) => {
                if rejection.outcome == Outcome::Gone && !root.stands() {
                    shared.inbox.root();
                } else {
                    return self.send(name, stat, noticed, Err(rejection));
                }
            }
            Answer::Page(content, stat) => {
                let page = Page {
                    name: name.clone(),
                    bytes: self.budget.hold(content.bytes),
                    hash: content.hash,
                    format: content.format,
                    modified: stat.modified(),
                    seen: noticed.seen,
                    meta: content.meta,
                };
                return self.send(name, Some(stat), noticed, Ok(page));
            }
        }
        ControlFlow::Continue(())
    }

    fn send(
        &mut self,
        name: PageName,
        stat: Option<Stat>,
        noticed: Noticed,
        result: Result<Page, Rejection>,
    ) -> ControlFlow<()> {
        let (lane, ticket, initial) = (self.lane, self.ticket, noticed.initial);
        let arrival = Arrival { lane, ticket, name, stat, initial, result };
        if self.to.send_blocking(arrival).is_err() {
            return ControlFlow::Break(());
        }
        self.ticket += 1;
        self.shared.gauges.seen();
        ControlFlow::Continue(())
    }
}

/// The inode of a file without a name: the kernel tells of closing one as `#INODE`.
pub(super) fn nameless(name: &PageName) -> Option<u64> {
    std::str::from_utf8(name.file().strip_prefix(b"#")?).ok()?.parse().ok()
}
