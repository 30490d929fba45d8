//! A question → what was told, newest first.

use std::{collections::HashMap, sync::Arc, time::Instant};

use jiff::{Timestamp, ToSpan as _};

use crate::{
    filter::{Expr, Filter, Term, Words},
    item::{EventId, Seq},
    wire::{Entry, ReadError, Store},
};

use super::{Search, plan::Plan};

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What it must be.
    pub filter: Filter,
    /// Only what stands before this position; `None` for the newest.
    pub before: Option<Seq>,
    /// How many at most.
    pub limit: usize,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// What was told, newest first.
    pub entries: Vec<Arc<Entry>>,
    /// Where to go on for older ones; `None` where there are none.
    pub before: Option<Seq>,
    /// How far the index has taken the wire.
    pub indexed: Seq,
    /// The wire's head.
    pub head: Seq,
    /// The index is still being built: what is newer than `indexed` may be missing.
    pub so_far: bool,
    /// Time was up before all was looked through: `before` goes on where it ended.
    pub timed_out: bool,
}

/// Entries behind the index that are looked through one by one.
const BEHIND: usize = 5000;

/// Entries read at once.
const READ: usize = 256;

/// Positions asked of the index at once: first, and when those weren't enough.
const FIRST: usize = 64;
const MORE: usize = 1024;

/// Where a search stands.
struct Looking<'a> {
    wire: &'a dyn Store,
    ask: &'a Ask,
    until: Instant,
    found: Vec<Arc<Entry>>,
    /// Everything at or above this position has been looked at.
    at: Seq,
}

impl Search {
    /// Looks for what was told. What the index does not hold yet is looked through beside it.
    ///
    /// # Errors
    /// Where the wire can't be read. An index that can't be is one that holds nothing.
    pub async fn find(self: &Arc<Self>, wire: &dyn Store, ask: &Ask) -> Result<Found, ReadError> {
        // Searches wait for each other, and that counts.
        let until = Instant::now() + self.deadline;
        let turn = tokio::time::timeout(self.deadline, self.turns.acquire()).await;
        let head = wire.head();
        let place = self.aside(|search| search.place()).await?;
        let place = place.inspect_err(|error| tracing::debug!(%error, "nothing is indexed"));
        let place = place.ok().flatten().filter(|place| place.epoch == head.epoch);
        let indexed = place.map_or(Seq(0), |place| place.seq).min(head.seq);
        let begin = ask.before.unwrap_or(Seq(u64::MAX)).min(Seq(head.seq.0 + 1));
        let mut looking = Looking { wire, ask, until, found: Vec::new(), at: begin };
        let mut done = turn.is_ok();
        let mut so_far = false;
        if done && indexed.0 + 1 < begin.0 {
            (done, so_far) = looking.behind(indexed).await?;
        }
        if done && !looking.is_full() && indexed > Seq(0) {
            done = looking.index(self, &ask.filter.expr()).await?;
        }
        let full = looking.is_full();
        looking.found.truncate(ask.limit);
        let before = match looking.found.last() {
            Some(last) if full => Some(last.seq),
            _ if !done => Some(looking.at),
            _ => None,
        };
        Ok(Found {
            entries: looking.found,
            before,
            indexed,
            head: head.seq,
            so_far,
            timed_out: !done && !full,
        })
    }
}

impl Looking<'_> {
    /// One more than is asked for has been found: then there are older ones.
    fn is_full(&self) -> bool {
        self.found.len() > self.ask.limit
    }

    fn is_late(&self) -> bool {
        Instant::now() >= self.until
    }

    async fn look_at(&mut self, entries: &[Arc<Entry>]) -> Result<(), ReadError> {
        let counts = self.ask.filter.counts_origins();
        let counted = entries.iter().filter(|it| counts && it.event.corroborates.is_none());
        let counted: Vec<EventId> = counted.map(|entry| entry.event.id).collect();
        let origins: HashMap<EventId, u64> = if counted.is_empty() {
            HashMap::new()
        } else {
            let tallies = self.wire.tallies(counted).await?;
            tallies.into_iter().map(|tally| (tally.id, tally.origins.max(1))).collect()
        };
        for entry in entries {
            let event = &entry.event;
            let mut words = Words::of(event);
            if counts && event.corroborates.is_none() {
                let origins = origins.get(&event.id).copied().unwrap_or(1);
                words = words.heard_from(u32::try_from(origins).unwrap_or(u32::MAX));
            }
            if event.withdrawn_by.is_none() && self.ask.filter.wants(event, &words) {
                self.found.push(entry.clone());
            }
        }
        Ok(())
    }

    /// Looks through what the index does not hold yet. Gives whether it came to its end in time,
    /// and whether something was left out.
    async fn behind(&mut self, indexed: Seq) -> Result<(bool, bool), ReadError> {
        let mut left = BEHIND;
        while self.at.0 > indexed.0 + 1 && !self.is_full() {
            if self.is_late() {
                return Ok((false, false));
            }
            if left == 0 {
                self.at = Seq(indexed.0 + 1);
                return Ok((true, true));
            }
            let mut entries = self.wire.read_back(self.at, READ.min(left)).await?;
            let Some(last) = entries.last() else { break };
            left -= entries.len();
            self.at = last.seq.max(Seq(indexed.0 + 1));
            entries.retain(|entry| entry.seq > indexed);
            self.look_at(&entries).await?;
        }
        self.at = self.at.min(Seq(indexed.0 + 1));
        Ok((true, false))
    }

    /// Asks the index. Gives whether it came to its end in time.
    async fn index(&mut self, search: &Arc<Search>, expr: &Expr) -> Result<bool, ReadError> {
        let plan = Plan::of(expr);
        let (oldest, newest) = positions(self.wire, expr).await?;
        self.at = self.at.min(Seq(newest.0.saturating_add(1)));
        let mut many = FIRST.max(self.ask.limit + 1);
        while !self.is_full() {
            if self.is_late() {
                return Ok(false);
            }
            let (question, before, until) = (plan.text.clone(), self.at, self.until);
            let asked = search
                .aside(move |search| search.positions(&question, oldest, before, many, until))
                .await?;
            let Some(seqs) = asked.map_err(|error| ReadError(error.to_string()))? else {
                return Ok(false);
            };
            let last = seqs.len() < many;
            for seqs in seqs.chunks(FIRST) {
                let mut entries = Vec::with_capacity(seqs.len());
                for &seq in seqs {
                    // The index may be a little behind: what is not on the wire is not found.
                    let found = self.wire.read(Seq(seq.0.saturating_sub(1)), 1).await?;
                    entries.extend(found.into_iter().filter(|entry| entry.seq == seq));
                    self.at = seq;
                    if self.is_late() {
                        break;
                    }
                }
                self.look_at(&entries).await?;
                if self.is_full() || self.is_late() {
                    break;
                }
            }
            if last && !self.is_late() {
                return Ok(true);
            }
            many = MORE;
        }
        Ok(true)
    }
}

/// Between which positions everything lies that `expr` can take: the first excluded, the last
/// included.
async fn positions(wire: &dyn Store, expr: &Expr) -> Result<(Seq, Seq), ReadError> {
    let parts = match expr {
        Expr::All(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let (mut after, mut until) = (Seq(0), Seq(i64::MAX as u64 - 1));
    for part in parts {
        match part {
            Expr::Term(Term::Since(since)) => after = after.max(wire.before(*since).await?),
            Expr::Term(Term::Until(moment)) => {
                // Times are told in microseconds.
                let next = moment.checked_add(1.microsecond()).unwrap_or(Timestamp::MAX);
                until = until.min(wire.before(next).await?);
            }
            _ => {}
        }
    }
    Ok((after, until))
}

impl Search {
    /// Runs what blocks beside whoever asks.
    async fn aside<T: Send + 'static>(
        self: &Arc<Self>,
        run: impl FnOnce(&Search) -> T + Send + 'static,
    ) -> Result<T, ReadError> {
        let search = self.clone();
        let done = tokio::task::spawn_blocking(move || run(&search)).await;
        done.map_err(|error| ReadError(error.to_string()))
    }

    /// The newest `limit` positions before `before` and after `after` that the index has for a
    /// question; `None` where time was up.
    fn positions(
        &self,
        question: &str,
        after: Seq,
        before: Seq,
        limit: usize,
        until: Instant,
    ) -> Result<Option<Vec<Seq>>, super::SearchError> {
        if !self.path.exists() {
            return Ok(Some(Vec::new()));
        }
        self.with_reader(|db| {
            db.progress_handler(1000, Some(move || Instant::now() >= until))?;
            let found = (|| {
                let mut statement = db.prepare_cached(
                    "SELECT rowid FROM words WHERE words MATCH ?1 AND rowid > ?2 AND rowid < ?3
                     ORDER BY rowid DESC LIMIT ?4",
                )?;
                let most = |seq: Seq| seq.0.min(i64::MAX as u64).cast_signed();
                let rows = statement
                    .query_map((question, most(after), most(before), limit as i64), |row| {
                        Ok(Seq(row.get::<_, i64>(0)?.unsigned_abs()))
                    })?;
                rows.collect::<rusqlite::Result<Vec<_>>>()
            })();
            db.progress_handler(0, None::<fn() -> bool>)?;
            match found {
                Err(error)
                    if error.sqlite_error_code()
                        == Some(rusqlite::ffi::ErrorCode::OperationInterrupted) =>
                {
                    Ok(None)
                }
                found => found.map(Some),
            }
        })
    }
}
