//! The writing thread: the only connection that writes, one transaction for each order.

use std::{
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
};

use rusqlite::{Connection, ErrorCode, Transaction, params};
use tokio::sync::oneshot;

use crate::{
    item::{Alias, Event, EventId, Seq},
    wire::{AppendError, Entry, Group, PageRow, Spotted, ToldKey},
};

use super::{Shared, held, retain::Slice, schema, withdraw};

/// What the writing thread is asked to do.
pub(super) enum Order {
    Append {
        expected: Seq,
        groups: Arc<[Group]>,
        reply: oneshot::Sender<Result<Seq, AppendError>>,
    },
    /// Let go of some of what is old; the answer is how many rows that were.
    Retain {
        slice: Slice,
        reply: oneshot::Sender<Result<usize, AppendError>>,
    },
}

/// Checkpoint when idle and the log is over this many bytes.
const LOG_IDLE: u64 = 4 << 20;
/// Checkpoint even when never idle.
const LOG_MAX: u64 = 64 << 20;

pub(super) fn start(
    db: Connection,
    inbox: async_channel::Receiver<Order>,
    shared: Arc<Shared>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("wire".into()).spawn(move || {
        let mut writer = Writer { db, shared };
        while let Ok(order) = inbox.recv_blocking() {
            writer.obey(order);
            writer.checkpoint(inbox.is_empty());
        }
        writer.close();
    })
}

struct Writer {
    db: Connection,
    shared: Arc<Shared>,
}

impl Writer {
    fn obey(&mut self, order: Order) {
        // A reply nobody waits for is no fault: the asker was cancelled.
        match order {
            Order::Append { expected, groups, reply } => {
                let withdraws = groups
                    .iter()
                    .any(|group| group.events.iter().any(|event| event.withdraws.is_some()));
                let result = self.append(expected, &groups, withdraws);
                if result.is_ok() {
                    self.publish(&groups);
                }
                if withdraws {
                    // What was withdrawn stands in the log until that is folded in.
                    self.fold_in();
                }
                let _ = reply.send(result);
            }
            Order::Retain { slice, reply } => {
                let _ = reply.send(self.retain(&slice));
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

    fn append(
        &mut self,
        expected: Seq,
        groups: &[Group],
        withdraws: bool,
    ) -> Result<Seq, AppendError> {
        let head = *self.shared.head.borrow();
        if head != expected {
            return Err(AppendError::Conflict(head));
        }
        if withdraws {
            // Stays on: what is freed later may hold older copies.
            withdraw::overwrite_freed(&self.db).map_err(|error| full(&error))?;
        }
        let tx = self
            .db
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(|error| full(&error))?;
        let mut head = head;
        for group in groups {
            store(&tx, group).map_err(|error| match error.sqlite_error_code() {
                Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) => {
                    AppendError::Refused {
                        page: group.page.as_ref().map_or_else(
                            || "(no page)".to_owned(),
                            |page| String::from_utf8_lossy(&page.name).into_owned(),
                        ),
                        reason: error.to_string(),
                    }
                }
                _ => full(&error),
            })?;
            head = group.events.last().map_or(head, |event| event.seq);
        }
        // A commit that fails is rolled back when the transaction is dropped, so nothing of it
        // is ever seen: the answer is "full", not "unknown".
        tx.commit().map_err(|error| full(&error))?;
        Ok(head)
    }

    /// Shows readers what is now on disk.
    fn publish(&self, groups: &[Group]) {
        let mut repeated = Vec::new();
        let mut head = None;
        {
            let mut tail = held(&self.shared.tail);
            for group in groups {
                let told: Vec<EventId> = group.events.iter().map(|event| event.id).collect();
                repeated.extend(
                    group
                        .sightings
                        .iter()
                        .map(|spotted| spotted.id)
                        .filter(|id| !told.contains(id)),
                );
                for event in &group.events {
                    if let Some(withdrawal) = &event.withdraws {
                        tail.withdraw(withdrawal.id, event.seq);
                        self.shared.withdrawn_at.store(event.seq.0, Ordering::Release);
                    }
                    head = Some(event.seq);
                    tail.push(Arc::new(Entry::new(event.clone())));
                }
            }
        }
        if let Some(head) = head {
            self.shared.head.send_replace(head);
        }
        if !repeated.is_empty() {
            // No receiver is no fault.
            let _ = self.shared.tallies.send(repeated.into());
        }
    }

    fn checkpoint(&self, idle: bool) {
        let mut log = self.shared.path.as_os_str().to_owned();
        log.push("-wal");
        let size = std::fs::metadata(log).map_or(0, |meta| meta.len());
        if size > if idle { LOG_IDLE } else { LOG_MAX } {
            self.fold_in();
        }
    }

    fn fold_in(&self) {
        let done = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        if let Err(error) = done {
            tracing::debug!(%error, "the wire's log could not be folded in; trying later");
        }
    }

    fn close(&self) {
        if let Err(error) = schema::set_meta(&self.db, "clean", "yes") {
            tracing::warn!(%error, "the wire could not be marked as cleanly closed");
        }
    }
}

fn full(error: &rusqlite::Error) -> AppendError {
    AppendError::Full(error.to_string())
}

fn store(tx: &Transaction<'_>, group: &Group) -> rusqlite::Result<()> {
    let drafts = group.sightings.len();
    let page = group.page.as_ref().map(|page| store_page(tx, page, drafts)).transpose()?;
    for event in &group.events {
        store_event(tx, event)?;
    }
    for alias in &group.aliases {
        store_alias(tx, alias)?;
    }
    for told in &group.told {
        store_told(tx, told)?;
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
    if let Some((site, memory)) = &group.site {
        tx.prepare_cached(
            "INSERT INTO site (name, memory) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET memory = excluded.memory",
        )?
        .execute(params![site, memory])?;
    }
    Ok(())
}

fn store_page(tx: &Transaction<'_>, page: &PageRow, drafts: usize) -> rusqlite::Result<i64> {
    let stat: Vec<u8> = page.stat.iter().flat_map(|part| part.to_le_bytes()).collect();
    let hash: &[u8] = page.hash.as_ref().map_or(&[], |hash| &hash.0);
    tx.prepare_cached(
        "INSERT INTO page (name, hash, stat, outcome, reason, seen_at, page_at, lane, ticket,
                           source, url, ticker_lines, lines, remarks, drafts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
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
        ],
        |row| row.get(0),
    )
}

/// Maps with string keys and lists of plain data, as JSON text.
fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn store_event(tx: &Transaction<'_>, event: &Event) -> rusqlite::Result<()> {
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
        event.json(),
    ])?;
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
