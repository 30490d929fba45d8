//! The wire of one machine: one SQLite file, one writing thread, readers beside it.
//!
//! # Why SQLite
//! Of the embedded stores measured it alone goes on reading when the disk is full and recovers on
//! the same handle, opens in milliseconds after `kill -9`, and can be opened with a stock tool.

mod backup;
mod damage;
mod filter;
mod hold;
mod mend;
mod open;
mod part;
mod place;
mod pulse;
mod read;
mod replay;
mod retain;
mod schema;
mod snapshot;
mod tokens;
mod withdraw;
mod write;

use std::{
    collections::HashMap,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};

use crate::item::{Cursor, Epoch, EventId, Key, PageHash, Record, Seq};

use super::{
    AppendError, BackupError, Durability, Each, Entry, Follow, Group, Heard, Held, Holder,
    KnownPage, LedgerCounts, LedgerPage, Mark, NatsConfig, OpenError, Order, Position, Publisher,
    ReadError, Sighting, SightingSum, Store, Tally, ToldRow, follow, lock::Lock, real_path,
    tail::Tail,
};

use damage::{Damage, Way};
use filter::Filter;
#[cfg(feature = "nats")]
pub(super) use open::random;
use place::Place;
pub use pulse::{Pulse, SetAside, SourcePulse};
use retain::Slice;
pub use retain::{Kept, Retention};
pub use snapshot::Snapshot;

/// How the embedded wire keeps what it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What an acknowledged append survives.
    pub durability: Durability,
    /// NATS servers whose stream gives the order, divided by commas; empty where this file alone
    /// is the wire.
    pub order: String,
    /// The stream, and how it is reached.
    pub nats: NatsConfig,
    /// What is kept, and for how long.
    pub retention: Retention,
    /// The file was moved here on purpose: that it is another one is no reason for a new epoch.
    #[serde(skip)]
    pub moved: bool,
}

/// The embedded wire.
///
/// Dropping it closes the file; [`close`][Self::close] also marks it as cleanly closed.
pub struct SqliteStore {
    path: PathBuf,
    shared: Arc<Shared>,
    orders: Option<async_channel::Sender<write::Order>>,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    lock: Mutex<Option<Lock>>,
}

/// How long a reader is waited for while the file can't be opened anew.
const READER_WAIT: Duration = Duration::from_secs(10);

/// What the writer moves and readers look at.
struct Shared {
    /// The file itself, links followed: its log lies beside it.
    path: PathBuf,
    epochs: Mutex<Vec<(Epoch, Seq)>>,
    /// How far it has come in the stream that gives the order, if one does.
    mark: Mutex<Option<Mark>>,
    /// Sites whose memory was written, and with which batch, since the file was opened.
    sites: Mutex<HashMap<String, u64>>,
    head: watch::Sender<Seq>,
    /// How far the log had come when this process last looked at it or wrote it.
    position: Mutex<Position>,
    oldest: Mutex<Seq>,
    tail: Mutex<Tail>,
    withdrawn_at: AtomicU64,
    tallies: broadcast::Sender<Arc<[EventId]>>,
    readers: Mutex<Vec<Connection>>,
    /// A reader has come back.
    returned: Condvar,
    damage: Damage,
    /// Keys of what was told and hashes of the pages in the ledger.
    filter: Filter,
    /// Of the file that is written; below the connections, because it must be closed after them.
    place: Option<Place>,
}

/// A lock that a panicking holder can't spoil: what it guards is whole between any two calls.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the wire for writing, making it where there is none.
    ///
    /// # Errors
    /// [`OpenError`], each a sentence for whoever started the daemon.
    pub fn open(path: &Path, config: &Config, now: Timestamp) -> Result<Self, OpenError> {
        let file = real_path(path).map_err(|error| open::refused(path, error))?;
        open::refuse_part(&file)?;
        // Asked first, because the holder's note says more than the lock of the file.
        if let Some(holder) = Lock::held_by(&file) {
            return Err(OpenError::Held { path: file, holder: holder.to_string() });
        }
        if !file.exists() {
            open::make(&file, config, now)?;
        }
        let place = Place::take(&file)?;
        let noted = Lock::holder(&file).unwrap_or_default();
        let mut lock = Lock::take(&file)?;
        let life = Epoch::from_bits(open::random()).to_string();
        let seen = open::Seen { home: place.home(), noted, life };
        let (db, epochs, position) = open::for_writing(&file, config, now, &seen)?;
        let says =
            Holder { life: Some(seen.life), head: Some(position.seq.0), ..lock.says().clone() };
        lock.say(&says).and_then(|()| lock.settle()).map_err(|error| open::refused(path, error))?;
        let mark = open::mark(&db).map_err(|error| open::refused(path, error))?;
        let oldest = open::oldest(&db, path)?;
        // One reader is there from the beginning, for the day when the file can't be opened anew.
        let reader = open::reader(&file).map_err(|error| open::refused(path, error))?;
        place.has_log();
        let shared = Arc::new(Shared::new(&file, epochs, position, oldest, Some(place)));
        *held(&shared.mark) = mark;
        shared.put_back(reader);
        let (orders, inbox) = async_channel::bounded(1024);
        let writer =
            write::start(db, inbox, shared.clone()).map_err(|error| open::refused(path, error))?;
        Ok(SqliteStore {
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
        let file = real_path(path).map_err(|_| OpenError::Missing(path.to_owned()))?;
        open::refuse_part(&file)?;
        let (db, epochs, position) = open::for_reading(&file)?;
        let oldest = open::oldest(&db, path)?;
        let shared = Arc::new(Shared::new(&file, epochs, position, oldest, None));
        Ok(SqliteStore {
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
    pub fn say_holder(&self, folder: Option<&Path>, url: &str) -> std::io::Result<String> {
        let key = Epoch::from_bits(open::random()).to_string()
            + Epoch::from_bits(open::random()).as_str();
        if let Some(lock) = held(&self.lock).as_mut() {
            let says = Holder {
                folder: folder.map(Path::to_owned),
                url: Some(url.to_owned()),
                key: Some(key.clone()),
                ..lock.says().clone()
            };
            lock.say(&says)?;
        }
        Ok(key)
    }

    /// Whether what is told lies where the next start looks for it: the wire's file may have been
    /// moved or deleted under the daemon.
    ///
    /// # Errors
    /// What has happened to it and what to do, as a sentence.
    pub fn in_place(&self) -> Result<(), String> {
        self.shared.in_place()
    }

    /// Same as [`in_place`][Self::in_place], from time to time: what the file's log holds goes
    /// into a file that was moved, and a lock file that was removed is laid down again.
    ///
    /// # Errors
    /// [`AppendError::Full`] with what has happened and what to do.
    pub async fn look_after(&self) -> Result<(), AppendError> {
        let head = self.shared.head.borrow().0;
        if let Some(lock) = held(&self.lock).as_mut()
            && let Err(error) = lock.keep().and_then(|()| lock.say_head(head))
        {
            tracing::warn!(%error, "the wire's lock file can't be written");
        }
        self.order(|reply| write::Order::LookAfter { reply }).await?
    }

    /// Bytes that are free on its disk, for this user.
    pub fn free(&self) -> Option<u64> {
        let disk = rustix::fs::statvfs(&*self.shared.path).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
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
        if let Some(mut lock) = held(&self.lock).take() {
            // Best effort: it tells the next start that nothing older was put back.
            let _ = lock.say_head(self.shared.head.borrow().0);
        }
        if let Some(place) = &self.shared.place {
            place.release();
        }
    }

    fn order<T: Send + 'static>(
        &self,
        order: impl FnOnce(tokio::sync::oneshot::Sender<T>) -> write::Order,
    ) -> BoxFuture<'static, Result<T, AppendError>> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        let order = order(reply);
        let orders = self.orders.clone();
        async move {
            let orders = orders.ok_or(AppendError::Closed)?;
            orders.send(order).await.map_err(|_| AppendError::Closed)?;
            // What was ordered before the end is done; only a panic leaves it without an answer.
            answer.await.map_err(|_| AppendError::Unknown("its writer has ended".into()))
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

    /// Pages whose files lay in the folder when they were taken, for whoever deals with the files:
    /// name, version and content hash.
    ///
    /// # Errors
    /// Where the ledger can't be read.
    pub fn taken_files(&self) -> Result<Vec<(KnownPage, PageHash)>, ReadError> {
        self.shared.with_reader(read::taken_files)
    }

    /// All pages of the ledger with what the file system said of each: lets the watch stage skip
    /// them. In the order they were taken.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn known_pages(&self) -> Result<Vec<KnownPage>, ReadError> {
        self.shared.with_reader(|db| read::known_pages(db, &self.shared.damage))
    }

    /// Learns which keys and pages the file holds, so that it is not asked for others any more.
    pub fn learn_keys(&self) -> BoxFuture<'static, Result<(), ReadError>> {
        let shared = self.shared.clone();
        self.query(move |db| shared.filter.fill(|| read::names(db)))
    }

    /// How far the log has come.
    pub fn position(&self) -> Position {
        *held(&self.shared.position)
    }

    /// Writes a batch that has its place right behind `after`: all or nothing, durable, and then
    /// readers see it. Nothing else writes what a page gave, whichever order gave it its place;
    /// `mark` is where the batch stands in the stream, where a stream did.
    ///
    /// # Errors
    /// As [`Order::append`], which is this where the store is its own order.
    pub fn apply(
        &self,
        after: Position,
        groups: Arc<[Group]>,
        mark: Option<u64>,
    ) -> BoxFuture<'static, Result<Position, AppendError>> {
        let expected = after;
        let answer = self.order(|reply| write::Order::Append { expected, groups, mark, reply });
        async move { answer.await? }.boxed()
    }

    /// How far this store has come in the stream that gives the order; `None` where none does.
    pub fn mark(&self) -> Option<Mark> {
        held(&self.shared.mark).clone()
    }

    /// From here on `stream` gives the order: its name is the epoch of what it brings.
    ///
    /// # Errors
    /// Where the file can't be written, or was in that stream before and has left it.
    pub fn bind(
        &self,
        stream: Epoch,
        now: Timestamp,
    ) -> BoxFuture<'static, Result<(), AppendError>> {
        let answer = self.order(|reply| write::Order::Bind { stream, now, reply });
        async move { answer.await? }.boxed()
    }

    /// Memories of the sites that were written behind `batch`.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn sites_since(&self, batch: u64) -> Result<Vec<(String, Vec<u8>)>, ReadError> {
        let mut sites: Vec<String> = held(&self.shared.sites)
            .iter()
            .filter(|(_, written)| **written > batch)
            .map(|(site, _)| site.clone())
            .collect();
        sites.sort_unstable();
        let memory = |site: String| Ok(self.site_memory(&site)?.map(|memory| (site, memory)));
        sites.into_iter().filter_map(|site| memory(site).transpose()).collect()
    }

    /// What pages taught about a site.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn site_memory(&self, site: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.shared.with_reader(|db| read::site_memory(db, site))
    }

    /// What was appended between two positions, in wire order.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn records_between(&self, from: Position, to: Position) -> Result<Vec<Record>, ReadError> {
        self.shared.with_reader(|db| read::records_between(db, &self.shared.damage, from, to))
    }

    /// Same as [`Store::replay`] of the wire as it stands at one moment, and where that is:
    /// others may go on writing.
    pub fn replay_to(
        &self,
        horizon: Option<Timestamp>,
        each: Each,
    ) -> BoxFuture<'static, Result<Position, ReadError>> {
        let shared = self.shared.clone();
        self.query(move |db| {
            let moment = db.unchecked_transaction()?;
            let position = open::position(&moment)?;
            replay::replay(&moment, &shared.damage, position.seq, horizon, each)?;
            Ok(position)
        })
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
        let head = *self.shared.head.borrow();
        self.shared.with_reader(|db| read::newest_page_time(db, &self.shared.damage, head))
    }

    /// What pages taught about their sites, by site.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn site_memories(&self) -> Result<Vec<(String, Vec<u8>)>, ReadError> {
        self.shared.with_reader(|db| read::site_memories(db, &self.shared.damage))
    }

    /// Versions of articles that are held back, the first due first.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn held_back(&self) -> Result<Vec<Held>, ReadError> {
        self.shared.with_reader(|db| read::held(db, &self.shared.damage))
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
        self.order(|reply| write::Order::Retain { slice, reply }).await?
    }

    /// Sums over the ledger.
    pub fn counts(&self) -> BoxFuture<'static, Result<LedgerCounts, ReadError>> {
        let path = self.shared.path.clone();
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

    /// Pages that were read and gave no draft, newest first.
    pub fn silent_pages(
        &self,
        limit: usize,
    ) -> BoxFuture<'static, Result<Vec<LedgerPage>, ReadError>> {
        self.query(move |db| read::silent_pages(db, limit))
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

    /// The other words an event was seen in, each with the page time of its first sighting.
    pub fn wordings(
        &self,
        id: EventId,
    ) -> BoxFuture<'static, Result<Vec<(Timestamp, String)>, ReadError>> {
        self.query(move |db| read::wordings(db, id))
    }

    /// Checks the file against itself; each finding is a sentence.
    pub fn verify(&self) -> BoxFuture<'static, Result<Vec<String>, ReadError>> {
        let head = *self.shared.head.borrow();
        self.query(move |db| read::verify(db, head))
    }

    /// What was found damaged since the wire was opened, as a sentence.
    pub fn damage(&self) -> Option<String> {
        self.shared.damage.sentence()
    }

    /// Names of the access tokens and when each was made.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn tokens_now(&self) -> Result<Vec<(String, Timestamp)>, ReadError> {
        self.shared.with_reader(tokens::all)
    }

    /// Names and hashes of all access tokens.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn named_tokens(&self) -> Result<Vec<(String, [u8; 32])>, ReadError> {
        self.shared.with_reader(tokens::named)
    }

    /// Hashes of all access tokens.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn token_hashes(&self) -> Result<Vec<[u8; 32]>, ReadError> {
        self.shared.with_reader(tokens::hashes)
    }

    /// Keeps the hash of a token under a name, also while a daemon writes the wire; false where the
    /// name has one already, which stays unless `anew` says so. Makes the wire where there is none, so that tokens can be given
    /// out before the first start.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn keep_token(
        path: &Path,
        name: &str,
        hash: [u8; 32],
        now: Timestamp,
        anew: bool,
    ) -> Result<bool, OpenError> {
        if !path.exists() {
            drop(SqliteStore::open(path, &Config::default(), now)?);
        }
        tokens::keep(path, name, hash, now, anew)
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
    pub fn back_up(&self, to: &Path) -> Result<(), BackupError> {
        let db = self.shared.reader()?;
        let result = backup::write(&db, to, false);
        self.shared.put_back(db);
        result
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn new(
        path: &Path,
        epochs: Vec<(Epoch, Seq)>,
        position: Position,
        oldest: Seq,
        place: Option<Place>,
    ) -> Self {
        let head = position.seq;
        Shared {
            path: path.to_owned(),
            epochs: Mutex::new(epochs),
            mark: Mutex::new(None),
            sites: Mutex::new(HashMap::new()),
            head: watch::Sender::new(head),
            position: Mutex::new(position),
            filter: Filter::default(),
            oldest: Mutex::new(oldest),
            tail: Mutex::new(Tail::new(head)),
            withdrawn_at: AtomicU64::new(0),
            tallies: broadcast::Sender::new(1024),
            readers: Mutex::new(Vec::new()),
            returned: Condvar::new(),
            damage: Damage::default(),
            place,
        }
    }

    /// The batch that stands at `seq` in the stream is in the file.
    fn marked(&self, seq: Option<u64>) {
        if let (Some(mark), Some(seq)) = (held(&self.mark).as_mut(), seq) {
            mark.seq = seq;
        }
    }

    /// Runs a query on a connection of the pool.
    fn with_reader<T>(
        &self,
        run: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let db = self.reader()?;
        let result = run(&db);
        self.put_back(db);
        result
    }

    fn put_back(&self, db: Connection) {
        let mut readers = held(&self.readers);
        if readers.len() < 8 {
            readers.push(db);
            self.returned.notify_one();
        }
    }

    /// A connection of the pool.
    fn reader(&self) -> Result<Connection, ReadError> {
        if let Some(db) = held(&self.readers).pop() {
            return Ok(db);
        }
        let Err(reason) = self.in_place() else { return open::reader(&self.path) };
        // A new connection would open whatever lies there now: one that is in use must come back.
        let waiting =
            self.returned
                .wait_timeout_while(held(&self.readers), READER_WAIT, |readers| readers.is_empty());
        let (mut readers, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        readers.pop().ok_or(ReadError(reason))
    }

    /// Whether the file that is written lies where it must.
    fn in_place(&self) -> Result<(), String> {
        self.place.as_ref().map_or(Ok(()), Place::check)
    }
}

/// The order of one machine: placing a batch and storing it are one transaction.
impl Order for SqliteStore {
    fn append(
        &self,
        expected: Position,
        groups: Arc<[Group]>,
    ) -> BoxFuture<'static, Result<Position, AppendError>> {
        self.apply(expected, groups, None)
    }

    fn catch_up(&self) -> BoxFuture<'static, Result<Position, AppendError>> {
        let answer = self.order(|reply| write::Order::CatchUp { reply });
        async move { answer.await? }.boxed()
    }
}

impl Store for SqliteStore {
    fn head(&self) -> Cursor {
        // There is always an epoch: opening makes the first.
        let epoch = held(&self.shared.epochs).last().map(|(name, _)| name.clone());
        Cursor { epoch: epoch.unwrap_or(Epoch::from_bits(0)), seq: *self.shared.head.borrow() }
    }

    fn bounds(&self) -> RangeInclusive<Seq> {
        *held(&self.shared.oldest)..=*self.shared.head.borrow()
    }

    fn is_shared(&self) -> bool {
        held(&self.shared.mark).is_some()
    }

    fn epochs(&self) -> Vec<(Epoch, Seq)> {
        held(&self.shared.epochs).clone()
    }

    fn read(&self, after: Seq, limit: usize) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>> {
        if let Some(slice) = held(&self.shared.tail).read(after, limit) {
            return std::future::ready(Ok(slice)).boxed();
        }
        let (shared, from) = (self.shared.clone(), Seq(after.0.saturating_add(1)));
        let range = (from, *shared.head.borrow());
        self.query(move |db| read::events(db, &shared.damage, Way::On, range, limit))
    }

    fn unreadable(&self, after: Seq, until: Seq) -> Vec<RangeInclusive<Seq>> {
        self.shared.damage.within(after, until)
    }

    fn read_back(
        &self,
        before: Seq,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>> {
        let shared = self.shared.clone();
        let head = *shared.head.borrow();
        let range = (Seq(before.0.saturating_sub(1)).min(head), Seq(0));
        self.query(move |db| read::events(db, &shared.damage, Way::Back, range, limit))
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

    fn pulse(&self, now: Timestamp) -> BoxFuture<'_, Result<Pulse, ReadError>> {
        self.query(move |db| pulse::pulse(db, now))
    }

    fn origins(&self, id: EventId) -> BoxFuture<'_, Result<Vec<Heard>, ReadError>> {
        self.query(move |db| read::origins(db, id))
    }

    fn thread(
        &self,
        id: EventId,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>> {
        self.query(move |db| read::thread(db, id, limit))
    }

    fn versions(&self, id: EventId) -> BoxFuture<'_, Result<Vec<Arc<Entry>>, ReadError>> {
        self.query(move |db| read::versions(db, id))
    }

    fn told(
        &self,
        keys: Vec<Key>,
        source: Option<String>,
    ) -> BoxFuture<'_, Result<Vec<Option<ToldRow>>, ReadError>> {
        let shared = self.shared.clone();
        let of = source.map(Publisher::Named);
        self.query(move |db| read::told(db, &shared.damage, None, &keys, of.as_ref()))
    }

    fn replay(
        &self,
        horizon: Option<Timestamp>,
        each: Each,
    ) -> BoxFuture<'_, Result<(), ReadError>> {
        let shared = self.shared.clone();
        let head = *shared.head.borrow();
        self.query(move |db| replay::replay(db, &shared.damage, head, horizon, each))
    }
}
