//! The wire of one machine: one SQLite file, one writing thread, readers beside it.
//!
//! # Why SQLite
//! Of the embedded stores measured it alone goes on reading when the disk is full and recovers on
//! the same handle, opens in milliseconds after `kill -9`, and can be opened with a stock tool.

mod backup;
mod damage;
mod filter;
mod hold;
mod ledger;
mod mend;
mod open;
mod part;
mod place;
mod pulse;
mod read;
mod recall;
mod replay;
mod retain;
mod schema;
mod serve;
mod snapshot;
mod tokens;
mod withdraw;
mod write;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};

use crate::item::{Epoch, EventId, Seq};

use super::{
    AppendError, BackupError, Durability, Group, Holder, Mark, NatsConfig, OpenError, Order,
    Position, ReadError, lock::Lock, real_path, tail::Tail,
};

use damage::Damage;
use filter::Filter;
#[cfg(feature = "nats")]
pub(super) use open::random;
use place::Place;
pub use pulse::{Pulse, SetAside, SourcePulse};
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

    /// What was found damaged since the wire was opened, as a sentence.
    pub fn damage(&self) -> Option<String> {
        self.shared.damage.sentence()
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
