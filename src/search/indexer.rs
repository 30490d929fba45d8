//! The wire → the index.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use rusqlite::{Connection, Transaction};

use crate::{
    filter::{Field, Words},
    follower::{Beginning, Sink, Slice, Trouble},
    item::{Cursor, Seq},
    wire::Entry,
};

use super::{Readers, Search, SearchError, held, plan, schema};

/// Feeds the index from the wire. Two at once, say a daemon and a command, are in nobody's way:
/// each goes on behind what is in the file.
#[derive(Debug)]
pub struct Indexer {
    search: Arc<Search>,
    /// What was withdrawn may still stand in the file's log.
    unfolded: bool,
}

/// Entries taken at once, and how long they gather: the index writes each word once a slice, however
/// often the slice says it. A search looks through what it lacks by itself.
const SLICE: usize = 2048;
const GATHERS: Duration = Duration::from_millis(500);

/// How often the file is looked after while nothing is told.
const LOOK_AFTER: Duration = Duration::from_millis(500);

impl Indexer {
    /// Feeds this one.
    pub fn new(search: Arc<Search>) -> Self {
        // So may what was withdrawn right before a crash.
        Indexer { search, unfolded: true }
    }

    /// Folds the log into the file, because what was withdrawn stands in it until then; readers
    /// may be in the way.
    async fn fold(&mut self) -> Result<(), Trouble> {
        let fold = |db: &mut Connection| {
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))
        };
        self.unfolded = self.run(fold).await?;
        Ok(())
    }

    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, Trouble>> {
        let search = self.search.clone();
        async move {
            let done = tokio::task::spawn_blocking(move || search.write(work)).await;
            let done = done.map_err(|error| Trouble::passing(error.to_string()))?;
            done.map_err(|error| Trouble::passing(error.to_string()))
        }
        .boxed()
    }
}

impl Search {
    /// Whether the file is gone, or was found damaged.
    fn is_lost(&self) -> bool {
        self.spoiled.load(Ordering::Relaxed) || !self.path.exists()
    }

    /// Removes the file: what is written next makes it anew.
    fn remove(&self) -> Result<(), SearchError> {
        let mut writer = held(&self.writer);
        *writer = None;
        schema::remove(&self.path).map_err(|reason| self.fault(&reason))
    }

    /// Runs `work` on the connection that writes. After an error that is opened anew, so that a
    /// file that is damaged, or gone, is made anew.
    fn write<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, SearchError> {
        let mut writer = held(&self.writer);
        if self.spoiled.swap(false, Ordering::Relaxed) {
            tracing::warn!(path = %self.path.display(), "the search index is damaged and built anew");
            *writer = None;
            schema::remove(&self.path).map_err(|reason| self.fault(&reason))?;
        } else if writer.is_some() && !self.path.exists() {
            *writer = None;
        }
        let db = match &mut *writer {
            Some(db) => db,
            closed => {
                let mut readers = held(&self.readers);
                *readers = Readers { file: readers.file + 1, idle: Vec::new() };
                drop(readers);
                let opened = schema::writer(&self.path).map_err(|reason| self.fault(&reason))?;
                closed.insert(opened)
            }
        };
        let done = work(db);
        if let Err(error) = &done {
            *writer = None;
            if schema::is_damage(error) {
                self.spoiled.store(true, Ordering::Relaxed);
            }
        }
        done.map_err(|error| self.fault(&error))
    }
}

impl Sink for Indexer {
    fn name(&self) -> &str {
        "search"
    }

    fn place(&mut self) -> BoxFuture<'_, Result<Option<Cursor>, Trouble>> {
        self.run(|db| schema::place(db))
    }

    fn begin(&mut self, beginning: Beginning) -> BoxFuture<'_, Result<Seq, Trouble>> {
        let at = Cursor { seq: beginning.before_oldest, ..beginning.head };
        if let Some(reason) = &beginning.astray {
            tracing::info!(reason, "the search index is built anew");
        }
        let search = self.search.clone();
        let anew = beginning.astray.is_some();
        async move {
            let begun = tokio::task::spawn_blocking(move || {
                if anew {
                    search.remove()?;
                }
                search.write(|db| {
                    let tx =
                        db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
                    schema::set_place(&tx, &at)?;
                    tx.commit()?;
                    Ok(at.seq)
                })
            });
            let begun = begun.await.map_err(|error| Trouble::passing(error.to_string()))?;
            begun.map_err(|error| Trouble::passing(error.to_string()))
        }
        .boxed()
    }

    fn take<'a>(&'a mut self, slice: &'a Slice) -> BoxFuture<'a, Result<Seq, Trouble>> {
        async move {
            // What a withdrawal takes back may be quoted by later events, which have been
            // rewritten since they were taken.
            let mut rewritten = Vec::new();
            for withdrawal in slice.entries.iter().filter_map(|it| it.event.withdraws.as_ref()) {
                let quoting = plan::quoting(withdrawal.id);
                for seq in self.run(move |db| matching(db, &quoting)).await? {
                    let found = slice.wire().read(Seq(seq.0.saturating_sub(1)), 1).await?;
                    rewritten.extend(found.into_iter().filter(|entry| entry.seq == seq));
                }
            }
            let (entries, through) = (slice.entries.clone(), slice.through.clone());
            let withdraws = entries.iter().any(|entry| entry.event.withdraws.is_some());
            self.run(move |db| take(db, &entries, &rewritten, &through)).await?;
            if withdraws {
                self.unfolded = true;
                self.fold().await?;
            }
            Ok(slice.through.seq)
        }
        .boxed()
    }

    fn most(&self) -> usize {
        SLICE
    }

    fn gathers(&self) -> Duration {
        GATHERS
    }

    fn idle(&mut self) -> BoxFuture<'_, Result<(), Trouble>> {
        async move {
            loop {
                tokio::time::sleep(LOOK_AFTER).await;
                if self.search.is_lost() {
                    return Err(Trouble::passing(
                        "its file was removed or damaged: it is built anew",
                    ));
                }
                if self.unfolded {
                    self.fold().await?;
                }
            }
        }
        .boxed()
    }
}

fn matching(db: &Connection, question: &str) -> rusqlite::Result<Vec<Seq>> {
    let mut statement = db.prepare_cached("SELECT rowid FROM words WHERE words MATCH ?1")?;
    let rows = statement.query_map([question], |row| row.get::<_, i64>(0))?;
    rows.map(|row| row.map(|seq| Seq(seq.unsigned_abs()))).collect()
}

fn take(
    db: &mut Connection,
    entries: &[Arc<Entry>],
    rewritten: &[Arc<Entry>],
    through: &Cursor,
) -> rusqlite::Result<()> {
    let lets_go = entries.iter().any(|entry| entry.event.withdraws.is_some());
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if lets_go {
        schema::delete_securely(&tx, true)?;
    }
    // Somebody else may have taken some of it; in a file that was removed meanwhile, and made
    // anew, nothing is taken before it has begun.
    let place = schema::place(&tx)?.filter(|place| place.epoch == through.epoch);
    let taken = place.ok_or(rusqlite::Error::QueryReturnedNoRows)?.seq;
    for entry in entries.iter().filter(|entry| entry.seq > taken) {
        insert(&tx, entry)?;
        if let Some(withdrawal) = &entry.event.withdraws {
            delete(&tx, withdrawal.seq)?;
        }
    }
    for entry in rewritten {
        delete(&tx, entry.seq)?;
        insert(&tx, entry)?;
    }
    if through.seq > taken {
        schema::set_place(&tx, through)?;
    }
    tx.commit()?;
    if lets_go {
        schema::delete_securely(db, false)?;
    }
    Ok(())
}

fn delete(tx: &Transaction<'_>, seq: Seq) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([seq.0.cast_signed()])?;
    Ok(())
}

fn insert(tx: &Transaction<'_>, entry: &Entry) -> rusqlite::Result<()> {
    if entry.event.withdrawn_by.is_some() {
        return Ok(());
    }
    let words = Words::of(&entry.event);
    let text = |field| plan::indexed(words.field(field));
    tx.prepare_cached(
        "INSERT INTO words (rowid, headline, attribution, standfirst, body, source, host, place,
                            byline, changed, facts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(rusqlite::params![
        entry.seq.0.cast_signed(),
        text(Field::Headline),
        text(Field::Attribution),
        text(Field::Standfirst),
        text(Field::Body),
        text(Field::Source),
        words.host(),
        text(Field::Place),
        text(Field::Byline),
        text(Field::Changed),
        plan::facts_of(&entry.event, &words),
    ])?;
    Ok(())
}
