//! NATS JetStream gives the order: one stream, one message for a batch, and every node applies the
//! same batches to a store of its own.
//!
//! A batch is published with the number of the last message its sender knows
//! (`Nats-Expected-Last-Sequence`): whoever comes second is refused, reads what came before and
//! judges again. A publish that gets no answer is sent again with the same expectation, which can
//! land once at most; if the place is taken meanwhile, the message there tells by whom. Never used
//! are pipelined expectations (a stranger's message can make the second one true) and
//! `Nats-Expected-Last-Msg-Id` (one that fails halts a replicated stream).
//!
//! Nobody has a consumer on the servers: consumers that live on a server die with it, and their
//! readers wait. A node asks four times a second how far the stream is, and at once when another
//! one rings; it reads message by message, as the store's own mark says.

mod line;
mod message;
mod reach;
mod setup;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_nats::{
    Subscriber, header,
    jetstream::{self, message::PublishMessage, stream},
};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream as streams};
use jiff::Timestamp;
use tokio::{
    sync::{Mutex, watch},
    time::MissedTickBehavior,
};

use super::{Mark, NatsConfig, Order, OrderStatus, Position};
use crate::{
    item::Epoch,
    wire::{AppendError, Group, SqliteStore, Store as _},
};

use line::Line;
use message::{Batch, Kind, Label};
use reach::Reach;
pub use setup::{Made, check, init};

/// How often the stream is asked how far it is, where nobody rings.
const EVERY: Duration = Duration::from_millis(250);
/// How long a single answer is waited for: with the beat above, a server that is dead is known as
/// such within a second.
const PATIENCE: Duration = Duration::from_millis(700);
/// Messages asked for ahead of the one that is applied.
const READ_AHEAD: usize = 16;
/// How long a batch that stands in the stream with its first parts only is given to be finished
/// before another one is put in its way.
const FINISH: Duration = Duration::from_millis(200);
/// The longest wait before a batch that came second is judged again, in microseconds.
const JITTER_MAX: u64 = 20_000;

/// Why no order can be had from the servers: a sentence for whoever starts a node.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OrderError(String);

/// The order that a stream gives, and the store of this node that follows it.
pub struct JetStream {
    node: Arc<Node>,
    following: tokio::task::JoinHandle<()>,
}

impl std::fmt::Debug for JetStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JetStream").field("stream", &self.node.id).finish_non_exhaustive()
    }
}

struct Node {
    store: Arc<SqliteStore>,
    reach: Reach,
    /// The stream's identity: the epoch of what it brings.
    id: Epoch,
    /// Names this process among the senders.
    name: String,
    line: Mutex<Line>,
    status: watch::Sender<OrderStatus>,
}

/// What became of a message that was published.
enum Put {
    /// It stands there.
    At(u64),
    /// Somebody else's stands in its place.
    Taken,
}

impl JetStream {
    /// Follows the stream into the store from here on. A store that has been in the stream is
    /// served while the servers are away; a new one needs them.
    ///
    /// # Errors
    /// A sentence for whoever starts the node.
    pub async fn connect(
        servers: &str,
        config: &NatsConfig,
        store: Arc<SqliteStore>,
        now: Timestamp,
    ) -> Result<Self, OrderError> {
        let known = store.mark();
        let (reach, trouble) = match Reach::open(servers, config, known.is_some()).await {
            Ok(reach) => (reach, None),
            Err(reach::Unreached::Later(reach, why)) => (*reach, Some(why)),
            Err(reach::Unreached::Never(why)) => return Err(OrderError(why)),
        };
        let id = match (trouble.is_none(), known) {
            (true, known) => begin(&reach, &store, known, now).await?,
            (false, Some(mark)) => mark.stream,
            (false, None) => return Err(OrderError(trouble.unwrap_or_default())),
        };
        let mark = store.mark().map_or(0, |mark| mark.seq);
        let status = trouble.map_or(OrderStatus::Well, OrderStatus::Trouble);
        let bell = reach.bell().await.map_err(OrderError)?;
        let name = Epoch::from_bits(rand_bits()).to_string();
        let node = Arc::new(Node {
            store,
            reach,
            id,
            name,
            line: Mutex::new(Line { read: mark, ..Line::default() }),
            status: watch::Sender::new(status),
        });
        let following = tokio::spawn(node.clone().follow(bell));
        Ok(JetStream { node, following })
    }

    /// How it is doing, as that changes.
    pub fn status(&self) -> watch::Receiver<OrderStatus> {
        self.node.status.subscribe()
    }
}

impl Drop for JetStream {
    fn drop(&mut self) {
        self.following.abort();
    }
}

impl Order for JetStream {
    fn append(
        &self,
        expected: Position,
        groups: Arc<[Group]>,
    ) -> BoxFuture<'static, Result<Position, AppendError>> {
        let node = self.node.clone();
        async move {
            // It is on its way from the first look on, whenever the answer is asked for.
            let sent = tokio::spawn(async move { node.append(expected, groups).await });
            sent.await.unwrap_or_else(|error| Err(AppendError::Unknown(error.to_string())))
        }
        .boxed()
    }

    fn catch_up(&self) -> BoxFuture<'static, Result<Position, AppendError>> {
        let node = self.node.clone();
        async move {
            let mut line = node.line.lock().await;
            node.read_on(&mut line).await?;
            Ok(node.store.position())
        }
        .boxed()
    }
}

/// Binds the store to the stream where it isn't yet; gives the stream's identity.
async fn begin(
    reach: &Reach,
    store: &SqliteStore,
    known: Option<Mark>,
    now: Timestamp,
) -> Result<Epoch, OrderError> {
    let info = reach.info().await.map_err(|error| OrderError(error.to_string()))?;
    if let Some(fault) = setup::faults(&info, &reach.config, &reach.server()).into_iter().next() {
        return Err(OrderError(format!("{} {fault}", reach.what())));
    }
    let id = setup::identity(&info).ok_or_else(|| OrderError(setup::unmade(&reach.config)))?;
    if known.is_some_and(|mark| mark.stream == id) {
        return Ok(id);
    }
    let at = store.position();
    if store.epochs().iter().any(|(epoch, _)| *epoch == id) {
        return Err(OrderError(format!(
            "this store left {} once and has told events of its own since: start with another \
             --wire FILE, or with a backup of a node that follows the stream",
            reach.what()
        )));
    }
    if info.state.messages > 0 {
        let first = reach.message(info.state.first_sequence).await;
        let after = first
            .ok()
            .and_then(|message| message::unpack(message.payload).ok().map(|batch| batch.after));
        // A first batch in parts can't be looked into; its own place is checked when it is applied.
        if let Some(after) = after
            && after != at
        {
            return Err(OrderError(not_from_here(&reach.what(), after, at)));
        }
    }
    store.bind(id.clone(), now).await.map_err(|error| OrderError(error.to_string()))?;
    tracing::info!(stream = %id, after = %at, "the order comes from the stream from here on");
    Ok(id)
}

/// What is said where a batch belongs behind another place than the store's.
fn not_from_here(stream: &str, after: Position, at: Position) -> String {
    format!(
        "{stream} goes on behind {after}, but this store stands at {at}: what lies between is not \
         here, or was told elsewhere; start from a backup of a node that follows the stream \
         (`flashwire backup` there, --wire FILE here)"
    )
}

fn rand_bits() -> u64 {
    crate::wire::store::random()
}

impl Node {
    /// Works until aborted: looks how far the stream is, and applies what came.
    async fn follow(self: Arc<Self>, mut bell: Subscriber) {
        let mut beat = tokio::time::interval(EVERY);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = beat.tick() => {}
                Some(_) = bell.next() => {}
            }
            // However often it rang, one look is enough.
            while let Some(Some(_)) = bell.next().now_or_never() {}
            let status = match self.look().await {
                Ok(()) => OrderStatus::Well,
                Err(error) => OrderStatus::Trouble(error.to_string()),
            };
            self.say(status);
        }
    }

    async fn look(&self) -> Result<(), AppendError> {
        let info = self.info().await?;
        let mut line = self.line.lock().await;
        self.advance(&mut line, &info).await
    }

    /// Says how it is doing, where that has changed.
    fn say(&self, status: OrderStatus) {
        self.status.send_if_modified(|was| {
            // There is no way back to a stream that is another one.
            if *was == status || matches!(was, OrderStatus::Anew(_)) {
                return false;
            }
            match &status {
                OrderStatus::Well => tracing::warn!("the stream gives the order again"),
                OrderStatus::Trouble(why) => tracing::warn!(why, "the stream gives no order"),
                OrderStatus::Anew(why) => {
                    tracing::warn!(why, "the order comes from another stream")
                }
            }
            *was = status;
            true
        });
    }

    /// How the stream is, if it is still the one that this node follows.
    async fn info(&self) -> Result<stream::Info, AppendError> {
        let info = self.reach.info().await?;
        let what = self.reach.what();
        match setup::identity(&info) {
            Some(id) if id == self.id => {}
            Some(id) => {
                let why = format!(
                    "{what} was deleted and made again (it was {}, it is {id}): a new epoch \
                     begins with it",
                    self.id
                );
                self.say(OrderStatus::Anew(why.clone()));
                return Err(AppendError::Unknown(why));
            }
            None => return Err(AppendError::Full(setup::unmade(&self.reach.config))),
        }
        let mark = self.store.mark().map_or(0, |mark| mark.seq);
        if info.state.last_sequence < mark {
            return Err(AppendError::Full(format!(
                "{what} ends at message {}, but this store holds what stood there up to {mark}: \
                 the servers have lost what they had acknowledged. Where they can't be brought \
                 back to it, delete the stream and make it again (`flashwire order init`): a new \
                 epoch begins, and nothing that this store holds is lost",
                info.state.last_sequence
            )));
        }
        Ok(info)
    }

    /// Applies everything that is in the stream now.
    async fn read_on(&self, line: &mut Line) -> Result<(), AppendError> {
        let info = self.info().await?;
        self.advance(line, &info).await
    }

    /// Applies what stands behind the last message that was read.
    async fn advance(&self, line: &mut Line, info: &stream::Info) -> Result<(), AppendError> {
        let (first, last) = (info.state.first_sequence, info.state.last_sequence);
        if line.read < last && first > line.read + 1 {
            return Err(AppendError::Full(format!(
                "{} was trimmed: it begins with message {first}, and this store has come to {} \
                 only. Start from a backup of a node that has all (`flashwire backup` there, \
                 --wire FILE here)",
                self.reach.what(),
                line.read
            )));
        }
        let ahead = line.read + 1..=last;
        let mut messages = streams::iter(ahead)
            .map(|seq| async move { self.reach.message(seq).await })
            .buffered(READ_AHEAD);
        while let Some(message) = messages.next().await {
            let taken = match message {
                Ok(message) => self.take(line, message).await,
                Err(error) => Err(error),
            };
            if let Err(error) = taken {
                line.rewind(self.store.mark().map_or(0, |mark| mark.seq));
                return Err(error);
            }
        }
        Ok(())
    }

    /// Deals with a message of the stream.
    async fn take(
        &self,
        line: &mut Line,
        message: jetstream::message::StreamMessage,
    ) -> Result<(), AppendError> {
        let seq = message.sequence;
        let ours = message.subject.as_str() == self.reach.config.subject;
        let header = message.headers.get(message::HEADER).map(|value| value.as_str());
        match message::kind(header.filter(|_| ours)) {
            Kind::Part(label) => {
                if let Some(bytes) = line.part(label, message.payload) {
                    self.take_batch(seq, bytes).await?;
                }
            }
            Kind::Newer(version) => {
                return Err(AppendError::Full(format!(
                    "message {seq} of {} was written by a newer flashwire (form {version}, this \
                     one reads {}): install that version on this node",
                    self.reach.what(),
                    message::VERSION
                )));
            }
            Kind::Foreign => {
                line.unfinished = None;
                tracing::warn!(seq, "a message in the stream is not from flashwire: passed over");
            }
        }
        line.read = seq;
        Ok(())
    }

    async fn take_batch(&self, seq: u64, bytes: Bytes) -> Result<(), AppendError> {
        let Batch { after, groups } = match message::unpack(bytes) {
            Ok(batch) => batch,
            Err(error) => {
                tracing::error!(seq, %error, "a message in the stream is no batch: passed over");
                return Ok(());
            }
        };
        let at = self.store.position();
        if after.batch < at.batch {
            // Everybody has gone on since: nobody can take it.
            tracing::warn!(seq, %after, "a batch in the stream came without its place: passed over");
            return Ok(());
        }
        if after != at {
            return Err(AppendError::Full(not_from_here(&self.reach.what(), after, at)));
        }
        match self.store.apply(at, groups, Some(seq)).await {
            Ok(_) => Ok(()),
            // Every store holds the same, so every one refuses it; its sender has judged again.
            Err(AppendError::Refused { page, reason }) if self.store.damage().is_none() => {
                tracing::error!(seq, page, reason, "a batch in the stream is refused: set aside");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn append(
        &self,
        expected: Position,
        groups: Arc<[Group]>,
    ) -> Result<Position, AppendError> {
        let mut line = self.line.lock().await;
        if line.unfinished.is_some() {
            self.let_finish(&mut line).await?;
        }
        if self.store.position() != expected {
            return Err(AppendError::Conflict(self.store.position()));
        }
        let bytes = message::pack(expected, &groups).map_err(|error| refused(&groups, &error))?;
        line.sent += 1;
        let batch = format!("{}-{}", self.name, line.sent);
        let deadline = Instant::now() + self.reach.config.timeout;
        let size = self.reach.part_size();
        let parts = u32::try_from(bytes.len().div_ceil(size)).unwrap_or(u32::MAX);
        let mut last = line.read;
        for part in 1..=parts {
            let from = (part as usize - 1) * size;
            let slice = bytes.slice(from..bytes.len().min(from + size));
            let label = Label { batch: batch.clone(), part, parts };
            match self.put(last, &label, slice, deadline).await? {
                Put::At(seq) => last = seq,
                Put::Taken => return Err(self.came_second(line).await),
            }
        }
        line.conflicts = 0;
        match self.store.apply(expected, groups, Some(last)).await {
            Ok(position) => {
                (line.read, line.unfinished) = (last, None);
                self.reach.ring().await;
                Ok(position)
            }
            Err(error @ AppendError::Refused { .. }) if self.store.damage().is_none() => {
                (line.read, line.unfinished) = (last, None);
                Err(error)
            }
            Err(error) => {
                line.rewind(self.store.mark().map_or(0, |mark| mark.seq));
                Err(AppendError::Unknown(format!(
                    "the stream has it, but the store of this node can't take it: {error}"
                )))
            }
        }
    }

    /// Somebody else has the place: applies what came, and waits a little, so that those who meet
    /// don't meet again.
    async fn came_second(&self, mut line: tokio::sync::MutexGuard<'_, Line>) -> AppendError {
        line.conflicts = line.conflicts.saturating_add(1);
        let most = (500 << line.conflicts.min(6)).min(JITTER_MAX);
        let read = self.read_on(&mut line).await;
        drop(line);
        tokio::time::sleep(Duration::from_micros(rand_bits() % most)).await;
        match read {
            Ok(()) => AppendError::Conflict(self.store.position()),
            Err(error) => AppendError::Unknown(error.to_string()),
        }
    }

    /// Gives the sender of a batch in parts the time to finish it.
    async fn let_finish(&self, line: &mut Line) -> Result<(), AppendError> {
        let begun = Instant::now();
        let mut seen = line.read;
        let mut moved = begun;
        while line.unfinished.is_some() && moved.elapsed() < FINISH {
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.read_on(line).await?;
            if line.read != seen {
                (seen, moved) = (line.read, Instant::now());
            }
        }
        Ok(())
    }

    /// Publishes a message right behind `after`, however often that takes until `deadline`.
    async fn put(
        &self,
        after: u64,
        label: &Label,
        bytes: Bytes,
        deadline: Instant,
    ) -> Result<Put, AppendError> {
        // Once there was no answer, an earlier try may have landed, or land yet.
        let mut unanswered = false;
        loop {
            let message = PublishMessage::build()
                .payload(bytes.clone())
                .header(message::HEADER, label.header())
                .header(header::NATS_EXPECTED_STREAM, self.reach.config.stream.as_str())
                .expected_last_sequence(after);
            let why = match self.reach.publish(message).await {
                Ok(seq) => return Ok(Put::At(seq)),
                Err(reach::Refusal::Taken) => match self.reach.message(after + 1).await {
                    Ok(there) => {
                        let there = there.headers.get(message::HEADER).map(|value| value.as_str());
                        let ours = message::kind(there) == Kind::Part(label.clone());
                        return Ok(if ours { Put::At(after + 1) } else { Put::Taken });
                    }
                    // What has the place is not there yet, and may never be.
                    Err(error) => error.to_string(),
                },
                Err(reach::Refusal::Never(why)) if !unanswered => {
                    return Err(AppendError::Full(why));
                }
                Err(reach::Refusal::Never(why) | reach::Refusal::Silence(why)) => why,
            };
            unanswered = true;
            if Instant::now() >= deadline {
                return Err(AppendError::Unknown(why));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn refused(groups: &[Group], error: &message::NoBatch) -> AppendError {
    let page = groups.iter().find_map(|group| group.page.as_ref());
    AppendError::Refused {
        page: page
            .map_or_else(String::new, |page| String::from_utf8_lossy(&page.name).into_owned()),
        reason: format!("what it gave can't be sent: {error}"),
    }
}
