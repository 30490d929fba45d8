//! The wire of one machine: one SQLite file, one writing thread, readers beside it.
//!
//! # Why SQLite
//! Of the embedded stores measured it alone goes on reading when the disk is full and recovers on
//! the same handle, opens in milliseconds after `kill -9`, and can be opened with a stock tool.

mod backup;
mod open;
mod read;
mod retain;
mod schema;
mod snapshot;
mod tokens;
mod withdraw;
mod write;

use std::{
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::{FutureExt as _, future::BoxFuture};
use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};

use crate::item::{Cursor, Epoch, EventId, Key, PageHash, Seq};

use super::{
    AppendError, Durability, Each, Entry, Follow, Group, KnownPage, LedgerCounts, LedgerPage,
    OpenError, ReadError, Sighting, SightingSum, Tally, ToldRow, Wire, follow, lock::Lock,
    tail::Tail,
};

use retain::Slice;
pub use retain::{Kept, Retention};
pub use snapshot::Snapshot;

/// How the embedded wire keeps what it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What an acknowledged append survives.
    pub durability: Durability,
    /// What is kept, and for how long.
    pub retention: Retention,
}

/// The embedded wire.
///
/// Dropping it closes the file; [`close`][Self::close] also marks it as cleanly closed.
pub struct SqliteWire {
    path: PathBuf,
    shared: Arc<Shared>,
    orders: Option<async_channel::Sender<write::Order>>,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    lock: Mutex<Option<Lock>>,
}

/// What the writer moves and readers look at.
struct Shared {
    path: PathBuf,
    epochs: Vec<(Epoch, Seq)>,
    head: watch::Sender<Seq>,
    oldest: Mutex<Seq>,
    tail: Mutex<Tail>,
    withdrawn_at: AtomicU64,
    tallies: broadcast::Sender<Arc<[EventId]>>,
    readers: Mutex<Vec<Connection>>,
}

/// A lock that a panicking holder can't spoil: what it guards is whole between any two calls.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl std::fmt::Debug for SqliteWire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteWire").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteWire {
    /// Opens the wire for writing, making it where there is none.
    ///
    /// # Errors
    /// [`OpenError`], each a sentence for whoever started the daemon.
    pub fn open(path: &Path, config: &Config, now: Timestamp) -> Result<Self, OpenError> {
        let lock = Lock::take(path)?;
        let (db, epochs, head) = open::for_writing(path, config, now)?;
        let shared = Arc::new(Shared::new(path, epochs, head, open::oldest(&db, path)?));
        let (orders, inbox) = async_channel::bounded(1024);
        let writer =
            write::start(db, inbox, shared.clone()).map_err(|error| open::refused(path, error))?;
        Ok(SqliteWire {
            path: path.to_owned(),
            shared,
            orders: Some(orders),
            writer: Mutex::new(Some(writer)),
            lock: Mutex::new(Some(lock)),
        })
    }

    /// Opens an existing wire for reading only, also while a daemon writes it. What is told
    /// afterwards is not followed.
    ///
    /// # Errors
    /// [`OpenError`], each a sentence for whoever asked.
    pub fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        let (db, epochs, head) = open::for_reading(path)?;
        let shared = Arc::new(Shared::new(path, epochs, head, open::oldest(&db, path)?));
        Ok(SqliteWire {
            path: path.to_owned(),
            shared,
            orders: None,
            writer: Mutex::new(None),
            lock: Mutex::new(None),
        })
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes down, for whoever comes second and for the commands of this machine, what this
    /// process does with the wire; gives the key that proves the right to give it orders.
    ///
    /// # Errors
    /// As the file system says.
    pub fn say_holder(&self, folder: &Path, url: &str) -> std::io::Result<String> {
        let key = Epoch::from_bits(open::random()).to_string()
            + Epoch::from_bits(open::random()).as_str();
        if let Some(lock) = held(&self.lock).as_mut() {
            lock.say(&super::Holder {
                pid: std::process::id(),
                folder: Some(folder.to_owned()),
                url: Some(url.to_owned()),
                key: Some(key.clone()),
            })?;
        }
        Ok(key)
    }

    /// Waits for what was ordered, marks the file as cleanly closed and closes it.
    pub fn close(&self) {
        if let Some(orders) = &self.orders {
            orders.close();
        }
        // The writer's connection is then the last one, whose end folds the log into the file.
        held(&self.shared.readers).clear();
        if let Some(writer) = held(&self.writer).take() {
            // A panic of the writer has been logged by its hook; the file is safe either way.
            let _ = writer.join();
        }
        held(&self.lock).take();
    }

    fn order<T: Send + 'static>(
        &self,
        order: impl FnOnce(tokio::sync::oneshot::Sender<T>) -> write::Order,
    ) -> BoxFuture<'static, Option<T>> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let order = order(reply);
        let orders = self.orders.clone();
        async move {
            orders?.send(order).await.ok()?;
            answer.await.ok()
        }
        .boxed()
    }

    fn query<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, ReadError>> {
        let shared = self.shared.clone();
        async move {
            tokio::task::spawn_blocking(move || shared.with_reader(run))
                .await
                .map_err(|error| ReadError(error.to_string()))?
        }
        .boxed()
    }

    /// All pages of the ledger with what the file system said of each: lets the watch stage skip
    /// them. In the order they were taken.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn known_pages(&self) -> Result<Vec<KnownPage>, ReadError> {
        self.shared.with_reader(read::known_pages)
    }

    /// The wire as it stands, for a caller with many questions and a thread of its own.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, ReadError> {
        Snapshot::take(&self.shared)
    }

    /// Page time of the newest page that told or taught something: where the window ends.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn newest_page_time(&self) -> Result<Option<Timestamp>, ReadError> {
        self.shared.with_reader(read::newest_page_time)
    }

    /// What pages taught about their sites, by site.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn site_memories(&self) -> Result<Vec<(String, Vec<u8>)>, ReadError> {
        self.shared.with_reader(read::site_memories)
    }

    /// The stored bytes of a page that gave events, while they are kept.
    pub fn evidence(
        &self,
        hash: PageHash,
    ) -> BoxFuture<'static, Result<Option<Vec<u8>>, ReadError>> {
        self.query(move |db| read::evidence(db, hash))
    }

    /// Sums up old sightings and drops old evidence, as `retention` says; in slices, so that
    /// appends go on between them.
    ///
    /// # Errors
    /// Where the wire can't be written; what is left is done the next time.
    pub async fn retain(&self, retention: &Retention, now: Timestamp) -> Result<(), AppendError> {
        let before = Retention::before(retention.sightings_days, now);
        while self.slice(Slice::Sightings { before }).await? > 0 {}
        let before = Retention::before(retention.evidence_days, now);
        while self.slice(Slice::Evidence { before }).await? > 0 {}
        Ok(())
    }

    /// The next pages behind `after` in the ledger, up to a thousand.
    pub fn pages_after(&self, after: i64) -> BoxFuture<'static, Result<Vec<Kept>, ReadError>> {
        self.query(move |db| retain::pages_after(db, after))
    }

    /// Notes whose files have gone and whose are back, and drops the pages whose files have been
    /// gone for as long as `retention` says.
    ///
    /// # Errors
    /// Where the wire can't be written; what is left is done the next time.
    pub async fn forget_pages(
        &self,
        gone: Vec<i64>,
        back: Vec<i64>,
        retention: &Retention,
        now: Timestamp,
    ) -> Result<(), AppendError> {
        if !gone.is_empty() || !back.is_empty() {
            self.slice(Slice::Files { gone, back, now: now.as_microsecond() }).await?;
        }
        let before = Retention::before(retention.pages_days, now);
        while self.slice(Slice::Pages { before }).await? > 0 {}
        Ok(())
    }

    async fn slice(&self, slice: Slice) -> Result<usize, AppendError> {
        let answer = self.order(|reply| write::Order::Retain { slice, reply });
        answer.await.ok_or_else(|| AppendError::Unknown("the wire is closed".into()))?
    }

    /// Sums over the ledger.
    pub fn counts(&self) -> BoxFuture<'static, Result<LedgerCounts, ReadError>> {
        let path = self.path.clone();
        self.query(move |db| read::counts(db, &path))
    }

    /// The newest pages of the ledger, newest first; only set-aside ones where `rejected`.
    pub fn pages(
        &self,
        rejected: bool,
        limit: usize,
    ) -> BoxFuture<'static, Result<Vec<LedgerPage>, ReadError>> {
        self.query(move |db| read::pages(db, rejected, limit))
    }

    /// Pages of this name or content hash, newest first.
    pub fn page_named(&self, name: &str) -> BoxFuture<'static, Result<Vec<LedgerPage>, ReadError>> {
        let name = name.to_owned();
        self.query(move |db| read::page_named(db, &name))
    }

    /// Events first told by pages of this name or content hash.
    pub fn told_by_page(
        &self,
        name: &str,
    ) -> BoxFuture<'static, Result<Vec<Arc<Entry>>, ReadError>> {
        let name = name.to_owned();
        self.query(move |db| read::told_by_page(db, &name))
    }

    /// Checks the file against itself; each finding is a sentence.
    pub fn verify(&self) -> BoxFuture<'static, Result<Vec<String>, ReadError>> {
        self.query(read::verify)
    }

    /// Names of the access tokens and when each was made.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn tokens_now(&self) -> Result<Vec<(String, Timestamp)>, ReadError> {
        self.shared.with_reader(tokens::all)
    }

    /// Hashes of all access tokens.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn token_hashes(&self) -> Result<Vec<[u8; 32]>, ReadError> {
        self.shared.with_reader(tokens::hashes)
    }

    /// Keeps the hash of a token under a name, also while a daemon writes the wire; a name that
    /// had one gets the new one. Makes the wire where there is none, so that tokens can be given
    /// out before the first start.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn keep_token(
        path: &Path,
        name: &str,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<(), OpenError> {
        if !path.exists() {
            drop(SqliteWire::open(path, &Config::default(), now)?);
        }
        tokens::keep(path, name, hash, now)
    }

    /// Forgets a token; false where there was none of that name.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn forget_token(path: &Path, name: &str) -> Result<bool, OpenError> {
        tokens::forget(path, name)
    }

    /// Copies the wire into a new file, also while a daemon writes it. The copy begins a new epoch
    /// when it is first opened.
    ///
    /// # Errors
    /// Where the file can't be read or the copy can't be written.
    pub fn back_up(&self, to: &Path) -> Result<(), ReadError> {
        self.shared.with_reader(|db| backup::write(db, to))
    }
}

impl Drop for SqliteWire {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn new(path: &Path, epochs: Vec<(Epoch, Seq)>, head: Seq, oldest: Seq) -> Self {
        Shared {
            path: path.to_owned(),
            epochs,
            head: watch::Sender::new(head),
            oldest: Mutex::new(oldest),
            tail: Mutex::new(Tail::new(head)),
            withdrawn_at: AtomicU64::new(0),
            tallies: broadcast::Sender::new(1024),
            readers: Mutex::new(Vec::new()),
        }
    }

    /// Runs a query on a connection of the pool.
    fn with_reader<T>(
        &self,
        run: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let pooled = held(&self.readers).pop();
        let db = match pooled {
            Some(db) => db,
            None => open::reader(&self.path)?,
        };
        let result = run(&db);
        self.put_back(db);
        result
    }

    fn put_back(&self, db: Connection) {
        let mut readers = held(&self.readers);
        if readers.len() < 8 {
            readers.push(db);
        }
    }
}

impl Wire for SqliteWire {
    fn head(&self) -> Cursor {
        // There is always an epoch: opening makes the first.
        let epoch = self.shared.epochs.last().map(|(name, _)| name.clone());
        Cursor { epoch: epoch.unwrap_or(Epoch::from_bits(0)), seq: *self.shared.head.borrow() }
    }

    fn bounds(&self) -> RangeInclusive<Seq> {
        *held(&self.shared.oldest)..=*self.shared.head.borrow()
    }

    fn epochs(&self) -> Vec<(Epoch, Seq)> {
        self.shared.epochs.clone()
    }

    fn append(
        &self,
        expected: Seq,
        groups: Arc<[Group]>,
    ) -> BoxFuture<'_, Result<Seq, AppendError>> {
        let answer = self.order(|reply| write::Order::Append { expected, groups, reply });
        async move {
            let gone = || AppendError::Unknown("the wire is closed".into());
            answer.await.ok_or_else(gone)?
        }
        .boxed()
    }

    fn read(&self, after: Seq, limit: usize) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>> {
        if let Some(slice) = held(&self.shared.tail).read(after, limit) {
            return std::future::ready(Ok(slice)).boxed();
        }
        self.query(move |db| read::after(db, after, limit))
    }

    fn read_back(
        &self,
        before: Seq,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>> {
        self.query(move |db| read::back(db, before, limit))
    }

    fn follow(self: Arc<Self>, after: Seq) -> Follow {
        follow::follow(self, after)
    }

    fn head_changes(&self) -> watch::Receiver<Seq> {
        self.shared.head.subscribe()
    }

    fn withdrawn_at(&self) -> Seq {
        Seq(self.shared.withdrawn_at.load(Ordering::Acquire))
    }

    fn find(&self, id: EventId) -> BoxFuture<'_, Result<Option<Arc<Entry>>, ReadError>> {
        self.query(move |db| read::find(db, id))
    }

    fn before(&self, since: Timestamp) -> BoxFuture<'_, Result<Seq, ReadError>> {
        self.query(move |db| read::before(db, since))
    }

    fn tallies(&self, ids: Vec<EventId>) -> BoxFuture<'_, Result<Vec<Tally>, ReadError>> {
        self.query(move |db| read::tallies(db, &ids))
    }

    fn tally_changes(&self) -> broadcast::Receiver<Arc<[EventId]>> {
        self.shared.tallies.subscribe()
    }

    fn sightings(&self, id: EventId) -> BoxFuture<'_, Result<Vec<Sighting>, ReadError>> {
        self.query(move |db| read::sightings(db, id))
    }

    fn sighting_sums(&self, id: EventId) -> BoxFuture<'_, Result<Vec<SightingSum>, ReadError>> {
        self.query(move |db| read::sums(db, id))
    }

    fn versions(&self, id: EventId) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>> {
        self.query(move |db| read::versions(db, id))
    }

    fn told(
        &self,
        keys: Vec<Key>,
        source: Option<String>,
    ) -> BoxFuture<'_, Result<Vec<Option<ToldRow>>, ReadError>> {
        self.query(move |db| read::told(db, &keys, source.as_deref()))
    }

    fn replay(
        &self,
        horizon: Option<Timestamp>,
        each: Each,
    ) -> BoxFuture<'_, Result<(), ReadError>> {
        self.query(move |db| read::replay(db, horizon, each))
    }
}
