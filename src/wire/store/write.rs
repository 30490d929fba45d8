//! The writing thread: the only connection that writes, one transaction for each order.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, Transaction, params};
use tokio::sync::oneshot;

use crate::{
    item::{Alias, Epoch, EventId, Key},
    wire::{
        AppendError, Entry, Group, Heard, Mark, PageRow, Position, Spotted, ToldKey, own,
        tail::Tail,
    },
};

use super::{
    Shared, backup,
    damage::is_damage,
    held, hold, mend, open,
    place::{self, Place},
    retain::Slice,
    schema, withdraw,
};

/// What the writing thread is asked to do.
pub(super) enum Order {
    Append {
        expected: Position,
        groups: Arc<[Group]>,
        /// Where the batch stands in the stream that gives the order.
        mark: Option<u64>,
        reply: oneshot::Sender<Result<Position, AppendError>>,
    },
    /// From here on a stream gives the order.
    Bind { stream: Epoch, now: Timestamp, reply: oneshot::Sender<Result<(), AppendError>> },
    /// Look how far the log in the file has come.
    CatchUp { reply: oneshot::Sender<Result<Position, AppendError>> },
    /// Let go of some of what is old; the answer is how many rows that were.
    Retain { slice: Slice, reply: oneshot::Sender<Result<usize, AppendError>> },
    /// See whether the file lies where it must.
    LookAfter { reply: oneshot::Sender<Result<(), AppendError>> },
}

/// The log is folded in when it is larger than this and nothing has been told for a while.
const LOG_QUIET: u64 = 4 << 20;
/// The log is folded in when it is larger than this, however much is told.
const LOG_MAX: u64 = 64 << 20;

pub(super) fn start(
    db: Connection,
    inbox: async_channel::Receiver<Order>,
    shared: Arc<Shared>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("wire".into()).spawn(move || {
        let mut writer = Writer { db, shared, folded: false, damaged: false, quiet: false };
        while let Ok(order) = inbox.recv_blocking() {
            writer.obey(order);
        }
        writer.close();
    })
}

struct Writer {
    db: Connection,
    shared: Arc<Shared>,
    /// The file has been moved, and its log went into it.
    folded: bool,
    /// The file was found damaged while it was written.
    damaged: bool,
    /// Nothing was appended since somebody looked after the file.
    quiet: bool,
}

impl Writer {
    fn obey(&mut self, order: Order) {
        // A reply nobody waits for is no fault: the asker was cancelled.
        match order {
            Order::Append { expected, groups, mark, reply } => {
                let mut told = groups.iter().flat_map(|group| &group.events);
                let withdraws = told.any(|entry| entry.event.withdraws.is_some());
                let result = self.append(expected, &groups, mark);
                if let Ok(position) = &result {
                    self.publish(*position, &groups);
                    self.shared.marked(mark);
                }
                if withdraws {
                    // What was withdrawn stands in the log until that is folded in.
                    self.fold();
                }
                let _ = reply.send(result);
                self.quiet = false;
                self.checkpoint(LOG_MAX);
            }
            Order::Bind { stream, now, reply } => {
                let _ = reply.send(self.bind(&stream, now));
            }
            Order::CatchUp { reply } => {
                let stored = open::position(&self.db).map_err(|error| full(&error));
                let _ = reply.send(stored.inspect(|stored| self.moved(*stored)));
            }
            Order::Retain { slice, reply } => {
                let _ = reply.send(self.retain(&slice));
            }
            Order::LookAfter { reply } => {
                let _ = reply.send(self.look_after());
                if self.quiet {
                    self.checkpoint(LOG_QUIET);
                }
                self.quiet = true;
            }
        }
    }

    fn retain(&mut self, slice: &Slice) -> Result<usize, AppendError> {
        let mut run = || {
            let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let rows = slice.run(&tx)?;
            tx.commit()?;
            Ok(rows)
        };
        run().map_err(|error| full(&error))
    }

    fn bind(&mut self, stream: &Epoch, now: Timestamp) -> Result<(), AppendError> {
        let mut run = || {
            let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            open::bind(&tx, stream, now)?;
            tx.commit()?;
            open::epochs(&self.db)
        };
        let epochs = run().map_err(|error| full(&error))?;
        *held(&self.shared.epochs) = epochs;
        *held(&self.shared.mark) = Some(Mark { stream: stream.clone(), seq: 0 });
        Ok(())
    }

    fn append(
        &mut self,
        expected: Position,
        groups: &[Group],
        mark: Option<u64>,
    ) -> Result<Position, AppendError> {
        let known = *held(&self.shared.position);
        if known != expected {
            return Err(AppendError::Conflict(known));
        }
        self.look_after()?;
        let written = match self.write(expected, groups, mark) {
            Err(Fault::Sqlite(error)) if is_damage(&error) && !self.damaged => {
                self.mend(&error);
                self.write(expected, groups, mark)
            }
            written => written,
        };
        let position = written.map_err(|fault| match fault {
            Fault::Append(error) => error,
            Fault::Sqlite(error) => full(&error),
        })?;
        // What went into a file that was taken away meanwhile must not be acknowledged.
        self.look_after().map_err(|error| AppendError::Unknown(error.to_string()))?;
        Ok(position)
    }

    /// Writes it in one transaction; nothing of it is ever seen where that fails.
    fn write(
        &mut self,
        expected: Position,
        groups: &[Group],
        mark: Option<u64>,
    ) -> Result<Position, Fault> {
        let passed_over = if self.damaged { self.without_place(groups)? } else { HashSet::new() };
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if open::place(&tx)? != (expected.batch, expected.seq) {
            // Somebody else has written the file: what he told counts, and what is to be told
            // must be judged again, knowing that.
            drop(tx);
            let stored = open::position(&self.db)?;
            self.moved(stored);
            return Err(Fault::Append(AppendError::Conflict(stored)));
        }
        for group in groups {
            store(&tx, group, &passed_over).map_err(|error| {
                let reason = match error.sqlite_error_code() {
                    Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) => {
                        error.to_string()
                    }
                    // Where rows can be added, this one alone has no place.
                    _ if self.damaged && is_damage(&error) && mend::takes_rows(&tx) => {
                        format!("the wire's file is damaged where it would be kept ({error})")
                    }
                    _ => return Fault::Sqlite(error),
                };
                let page = group.page.as_ref().map_or_else(
                    || "(no page)".to_owned(),
                    |page| String::from_utf8_lossy(&page.name).into_owned(),
                );
                Fault::Append(AppendError::Refused { page, reason })
            })?;
        }
        let position = expected.after(groups);
        schema::set_meta(&tx, "batches", &position.batch.to_string())?;
        if let Some(mark) = mark {
            schema::set_meta(&tx, "stream_seq", &mark.to_string())?;
        }
        tx.commit()?;
        Ok(position)
    }

    /// The log has come so far without this process.
    fn moved(&self, stored: Position) {
        let known = std::mem::replace(&mut *held(&self.shared.position), stored);
        if known != stored {
            self.shared.filter.forget();
        }
        if known.seq != stored.seq {
            *held(&self.shared.tail) = Tail::new(stored.seq);
            self.shared.head.send_replace(stored.seq);
        }
    }

    /// Keys of what was told whose place in the file is damaged: what isn't known is told again.
    /// Asked outside a transaction, because SQLite writes nothing more in one that met damage.
    fn without_place(&self, groups: &[Group]) -> rusqlite::Result<HashSet<Key>> {
        let mut statement = self.db.prepare_cached("SELECT 1 FROM told WHERE key = ?1")?;
        let mut without = HashSet::new();
        for told in groups.iter().flat_map(|group| &group.told) {
            match statement.exists([told.key.0]) {
                Err(error) if is_damage(&error) => {
                    self.shared.damage.note("told", &error);
                    without.insert(told.key);
                }
                found => drop(found?),
            }
        }
        Ok(without)
    }

    /// Makes the indexes of a damaged file anew, where what they are made from is whole. From then
    /// on keys that have no place are passed over.
    fn mend(&mut self, error: &rusqlite::Error) {
        self.damaged = true;
        tracing::error!(%error, "the wire's file is damaged; its indexes are made anew");
        if let Err(error) = mend::indexes(&mut self.db) {
            tracing::error!(%error, "the indexes can't be made anew");
        }
        if let Err(error) = mend::origins(&mut self.db) {
            tracing::error!(%error, "the table of origins can't be made anew");
        }
    }

    /// Nothing is told while the file does not lie where the next start looks for it.
    fn look_after(&mut self) -> Result<(), AppendError> {
        match self.shared.in_place() {
            Ok(()) => {
                self.folded = false;
                Ok(())
            }
            Err(reason) => {
                if !self.folded {
                    // A file that was moved without its log would miss the newest events.
                    self.fold();
                    self.folded = true;
                }
                Err(AppendError::Full(reason))
            }
        }
    }

    /// Shows readers what is now on disk.
    fn publish(&self, position: Position, groups: &[Group]) {
        let mut repeated = Vec::new();
        *held(&self.shared.position) = position;
        for group in groups {
            if let Some((site, _)) = &group.site {
                held(&self.shared.sites).insert(site.clone(), position.batch);
            }
            group.told.iter().for_each(|told| self.shared.filter.insert(&told.key.0));
            let hash = group.page.as_ref().and_then(|page| page.hash);
            hash.iter().for_each(|hash| self.shared.filter.insert(&hash.0));
        }
        {
            let mut tail = held(&self.shared.tail);
            for group in groups {
                let told: Vec<EventId> = group.events.iter().map(|entry| entry.event.id).collect();
                repeated.extend(
                    group
                        .sightings
                        .iter()
                        .map(|spotted| spotted.id)
                        .filter(|id| !told.contains(id)),
                );
                for entry in &group.events {
                    if let (Some(_), Some(old)) = (entry.event.held_until, entry.event.supersedes) {
                        // Its sighting counted there so far.
                        repeated.push(old.id);
                    }
                    if let Some(withdrawal) = &entry.event.withdraws {
                        tail.withdraw(withdrawal.id, entry.seq);
                        self.shared.withdrawn_at.store(entry.seq.0, Ordering::Release);
                    }
                    tail.push(entry.clone());
                }
            }
        }
        if *self.shared.head.borrow() != position.seq {
            self.shared.head.send_replace(position.seq);
        }
        if !repeated.is_empty() {
            // No receiver is no fault.
            let _ = self.shared.tallies.send(repeated.into());
        }
    }

    /// Folds in a log of more than so many bytes.
    fn checkpoint(&self, most: u64) {
        let mut log = self.shared.path.as_os_str().to_owned();
        log.push("-wal");
        let size = std::fs::metadata(log).map_or(0, |meta| meta.len());
        if size > most {
            self.fold();
        }
    }

    /// Puts what the log holds into the file.
    fn fold(&self) {
        let done = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = done {
            tracing::debug!(%error, "the wire's log could not be folded in; trying later");
        }
    }

    fn close(&mut self) {
        if let Err(error) = schema::set_meta(&self.db, "clean", "yes") {
            tracing::warn!(%error, "the wire could not be marked as cleanly closed");
        }
        // Not left to the end of the last connection: a reader may still be at work, and whoever
        // copies a stopped wire copies its file.
        self.fold();
        let Err(reason) = self.shared.in_place() else { return };
        tracing::error!(reason, "the wire's file does not lie where the next start looks for it");
        if self.shared.place.as_ref().is_some_and(Place::is_deleted) {
            self.rescue();
        }
    }

    /// Keeps a copy of a file that was deleted and ends with this process.
    fn rescue(&self) {
        let copy = own::beside(&self.shared.path, place::RESCUED);
        match backup::write(&self.db, &copy, false) {
            Ok(()) => tracing::warn!(
                copy = %copy.display(),
                "what was told is kept in a copy: move it to the wire's place, or name it with --wire FILE"
            ),
            Err(error) => tracing::error!(%error, "what was told could not be kept"),
        }
    }
}

/// Why a transaction did not come to its end.
enum Fault {
    Append(AppendError),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Sqlite(error)
    }
}

fn full(error: &rusqlite::Error) -> AppendError {
    AppendError::Full(if is_damage(error) {
        format!(
            "its file is damaged ({error}): stop the daemon, and start from a backup with --wire FILE"
        )
    } else {
        error.to_string()
    })
}

/// Stores what a page gave, but for the keys of what was told that are passed over.
fn store(tx: &Transaction<'_>, group: &Group, passed_over: &HashSet<Key>) -> rusqlite::Result<()> {
    let drafts = group.sightings.len();
    let page =
        group.page.as_ref().map(|page| store_page(tx, page, group.alike, drafts)).transpose()?;
    for entry in &group.events {
        store_event(tx, entry)?;
    }
    for alias in &group.aliases {
        store_alias(tx, alias)?;
    }
    for heard in &group.origins {
        store_origin(tx, heard)?;
    }
    for told in &group.told {
        if !passed_over.contains(&told.key) {
            store_told(tx, told)?;
        }
    }
    if let (Some(page), Some(row)) = (page, &group.page) {
        for (draft, spotted) in group.sightings.iter().enumerate() {
            store_sighting(tx, page, draft, row, spotted)?;
        }
        if let (Some(bytes), Some(hash)) = (&group.evidence, row.hash) {
            tx.prepare_cached(
                "INSERT OR IGNORE INTO evidence (hash, stored_at, bytes) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![hash.0, row.seen.as_microsecond(), bytes.as_ref()])?;
        }
    }
    let withdraws = group.events.iter().any(|entry| entry.event.withdraws.is_some());
    group.let_go.iter().try_for_each(|of| hold::let_go(tx, *of, withdraws))?;
    group.held.iter().try_for_each(|held| hold::hold(tx, page, held))?;
    if let Some((site, memory)) = &group.site {
        tx.prepare_cached(
            "INSERT INTO site (name, memory) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET memory = excluded.memory",
        )?
        .execute(params![site, memory])?;
    }
    Ok(())
}

fn store_page(
    tx: &Transaction<'_>,
    page: &PageRow,
    alike: Option<u64>,
    drafts: usize,
) -> rusqlite::Result<i64> {
    let stat: Vec<u8> = page.stat.iter().flat_map(|part| part.to_le_bytes()).collect();
    let hash: &[u8] = page.hash.as_ref().map_or(&[], |hash| &hash.0);
    tx.prepare_cached(
        "INSERT INTO page (name, hash, stat, outcome, reason, seen_at, page_at, lane, ticket,
                           source, url, ticker_lines, lines, remarks, drafts, alike)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT (name, hash) DO UPDATE
         SET stat = excluded.stat, outcome = excluded.outcome, reason = excluded.reason,
             attempts = attempts + 1, drafts = max(drafts, excluded.drafts), gone_at = NULL
         RETURNING page",
    )?
    .query_row(
        params![
            page.name,
            hash,
            stat,
            page.outcome.as_str(),
            page.reason,
            page.seen.as_microsecond(),
            page.at.as_microsecond(),
            page.lane,
            page.ticket.cast_signed(),
            page.source,
            page.url,
            page.ticker_lines,
            json(&page.lines)?,
            json(&page.remarks)?,
            drafts as i64,
            alike.map(u64::cast_signed),
        ],
        |row| row.get(0),
    )
}

/// Maps with string keys and lists of plain data, as JSON text.
fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn store_event(tx: &Transaction<'_>, entry: &Entry) -> rusqlite::Result<()> {
    let event = &entry.event;
    let json = std::str::from_utf8(&entry.json)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    tx.prepare_cached(
        "INSERT INTO event (seq, id, at, page_at, thread, version, supersedes, json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        event.seq.0.cast_signed(),
        event.id.0,
        event.time.as_microsecond(),
        event.page.time.as_microsecond(),
        event.thread.0,
        event.item.version(),
        event.supersedes.map(|supersedes| supersedes.id.0),
        json,
    ])?;
    hold::told(tx, event)?;
    match &event.withdraws {
        Some(withdrawal) => withdraw::blank(tx, event.seq, withdrawal),
        None => Ok(()),
    }
}

fn store_alias(tx: &Transaction<'_>, alias: &Alias) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT INTO alias (after, of, text, at) VALUES (?1, ?2, ?3, ?4)")?.execute(
        params![alias.after.0.cast_signed(), alias.of.0, alias.text, alias.at.as_microsecond()],
    )?;
    Ok(())
}

fn store_origin(tx: &Transaction<'_>, heard: &Heard) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO origin (seq, key, name, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (seq, key) DO UPDATE SET at = min(at, excluded.at)",
    )?
    .execute(params![
        heard.seq.0.cast_signed(),
        heard.key,
        heard.name,
        heard.at.as_microsecond()
    ])?;
    Ok(())
}

fn store_told(tx: &Transaction<'_>, told: &ToldKey) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO told (key, id, seq, last_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (key) DO UPDATE
         SET id = excluded.id, seq = excluded.seq, last_at = max(last_at, excluded.last_at)",
    )?
    .execute(params![
        told.key.0,
        told.id.0,
        told.seq.0.cast_signed(),
        told.at.as_microsecond()
    ])?;
    Ok(())
}

fn store_sighting(
    tx: &Transaction<'_>,
    page: i64,
    draft: usize,
    row: &PageRow,
    spotted: &Spotted,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO sighting (page, draft, seq, line, at, source)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        page,
        draft as i64,
        spotted.seq.0.cast_signed(),
        spotted.line,
        row.at.as_microsecond(),
        row.source
    ])?;
    Ok(())
}
