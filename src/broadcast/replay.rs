//! The wire → who is not (or no longer) in the ring.

use std::{rc::Rc, sync::Arc, time::Duration};

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::{
    filter::{Filter, Words},
    item::{EventId, Seq},
    wire::{BadCursor, Entry, Extent, ReadError, Resumption, Store},
};

use super::{
    audience::Interest,
    frame::{self, Close, Frame, Opcode},
    params::{Start, Subscription},
    prune,
    session::{Session, State},
    shard::Shard,
};

/// Bytes a slice is filled up to; a session that takes nothing holds one slice, for as long as
/// its socket may stall.
const SLICE_BYTES: usize = 32 << 10;

/// Entries asked of the wire at once, and evaluated for one slice at most: a narrow filter gives
/// way to others while it searches.
const READ: usize = 256;
const SLICE_ENTRIES: usize = 4096;

/// Entries that are searched for the newest matching ones.
const SEARCH: usize = 200_000;

/// Events of a replay whose counts are told after it.
const REPLAYED_MOST: usize = 5000;

/// Bytes of events in one answer to `last`.
const LAST_BYTES: usize = 1 << 20;

/// A subscription whose beginning is found.
#[derive(Debug)]
pub(super) struct Beginning {
    /// Where it begins, in a word, for the metrics.
    pub(super) from: &'static str,
    pub(super) interest: Interest,
    /// Events after this position; `None` for those from now on.
    pub(super) after: Option<Seq>,
    pub(super) lost: Option<String>,
    pub(super) gap: Option<(Seq, Seq)>,
    pub(super) oldest: Seq,
}

/// Why a subscription can't begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadStart {
    #[error("{0}")]
    Cursor(#[from] BadCursor),
    #[error("{0}")]
    Behind(String),
    #[error("{0}")]
    Read(#[from] ReadError),
}

impl BadStart {
    pub(super) fn code(&self) -> &'static str {
        match self {
            BadStart::Cursor(_) => "bad_cursor",
            BadStart::Behind(_) => "behind",
            BadStart::Read(_) => "wire_unreadable",
        }
    }

    pub(super) fn close(&self) -> Close {
        match self {
            BadStart::Cursor(_) => Close::BadCursor,
            BadStart::Behind(_) => Close::Behind,
            BadStart::Read(_) => Close::Internal,
        }
    }
}

/// How long a node that is behind others is given to come to a cursor that was taken there.
const BEHIND: Duration = Duration::from_secs(5);

/// Waits for what another node of the same wire has told already.
async fn catch_up_with(wire: &dyn Store, start: &Start) -> Result<(), BadStart> {
    let head = wire.head();
    let beyond = match start {
        Start::After(cursor) if cursor.epoch == head.epoch => cursor.seq,
        Start::AfterSeq(seq) => *seq,
        _ => return Ok(()),
    };
    if beyond <= head.seq || !wire.is_shared() {
        return Ok(());
    }
    let mut heads = wire.head_changes();
    match tokio::time::timeout(BEHIND, heads.wait_for(|head| *head >= beyond)).await {
        Ok(_) => Ok(()),
        Err(_) => Err(BadStart::Behind(format!(
            "this node has come to {} of the wire that it shares with others, and cursor {beyond} \
             lies beyond: come back in a while, or ask another node",
            wire.head().seq
        ))),
    }
}

/// Finds where a subscription begins.
pub(super) async fn resolve(
    wire: Arc<dyn Store>,
    subscription: Subscription,
) -> Result<Beginning, BadStart> {
    let Subscription { start, interest } = subscription;
    catch_up_with(&*wire, &start).await?;
    let extent = Extent::of(&*wire);
    let oldest = extent.oldest;
    let exactly = |after| Resumption { after, lost: None, gap: None };
    let (from, resumption) = match start {
        Start::Latest => ("latest", None),
        Start::Earliest => ("earliest", Some(exactly(Seq(oldest.0.saturating_sub(1))))),
        Start::After(cursor) => ("cursor", Some(extent.resume(&cursor)?)),
        Start::AfterSeq(seq) => ("cursor", Some(extent.resume_seq(seq)?)),
        Start::AfterEvent(id) => {
            let entry = wire.find(id).await?;
            let entry = entry
                .ok_or_else(|| BadCursor(format!("cursor id:{id} names no event of this wire")))?;
            ("id", Some(exactly(entry.seq)))
        }
        Start::Since(since) => ("since", Some(exactly(wire.before(since).await?))),
        Start::Last(0) => ("last", None),
        Start::Last(count) => {
            let beyond = Seq(extent.head.0 + 1);
            let (newest, _) = newest(&*wire, &interest.filter, beyond, count).await?;
            let after = match newest.last() {
                Some(entry) => Seq(entry.seq.0 - 1),
                None => extent.head,
            };
            ("last", Some(exactly(after)))
        }
    };
    let (after, lost, gap) = match resumption {
        Some(Resumption { after, lost, gap }) => (Some(after), lost, gap),
        None => (None, None, None),
    };
    Ok(Beginning { from, interest, after, lost, gap, oldest })
}

/// The newest `count` entries before `before` that pass, newest first, and whether older ones
/// may pass too.
pub(super) async fn newest(
    wire: &dyn Store,
    filter: &Filter,
    before: Seq,
    count: usize,
) -> Result<(Vec<Arc<Entry>>, bool), ReadError> {
    let mut found = Vec::new();
    let mut before = before;
    let mut searched = 0;
    while searched < SEARCH {
        let limit = if filter.is_everything() { count - found.len() } else { READ };
        let entries = wire.read_back(before, limit).await?;
        searched += entries.len();
        let Some(last) = entries.last() else { return Ok((found, false)) };
        before = last.seq;
        for entry in entries {
            if passes(filter, &entry) {
                found.push(entry);
                if found.len() == count {
                    return Ok((found, true));
                }
            }
        }
    }
    Ok((found, true))
}

pub(super) fn passes(filter: &Filter, entry: &Entry) -> bool {
    filter.passes_unseen(&entry.event) || filter.passes(&entry.event, &Words::of(&entry.event))
}

/// A stretch of the wire as frames.
struct Slice {
    bytes: Vec<u8>,
    ids: Vec<EventId>,
    /// Everything up to here has been evaluated.
    through: Seq,
}

impl Slice {
    /// Tells which positions before `next` can't be read.
    fn tell_lost(&mut self, wire: &dyn Store, next: Seq) {
        // Positions without holes are the rule.
        if next.0 <= self.through.0 + 1 {
            return;
        }
        for lost in wire.unreadable(self.through, Seq(next.0 - 1)) {
            frame::write(&mut self.bytes, Opcode::Text, Frame::lost(&lost).json().as_bytes());
        }
    }
}

/// Evaluates the wire after `after` and up to `until`, until a slice is full.
async fn slice(
    wire: Arc<dyn Store>,
    interest: Interest,
    after: Seq,
    until: Seq,
    most: usize,
) -> Result<Slice, ReadError> {
    let mut slice = Slice { bytes: Vec::new(), ids: Vec::new(), through: after };
    let mut evaluated = 0;
    while slice.through < until && evaluated < SLICE_ENTRIES {
        let entries = wire.read(slice.through, READ).await?;
        if entries.is_empty() {
            slice.tell_lost(&*wire, Seq(until.0 + 1));
            slice.through = until;
        }
        for entry in entries {
            slice.tell_lost(&*wire, entry.seq.min(Seq(until.0 + 1)));
            if entry.seq > until {
                slice.through = until;
                return Ok(slice);
            }
            evaluated += 1;
            slice.through = entry.seq;
            if passes(&interest.filter, &entry) {
                let payload = prune::payload(&entry, interest.body, most);
                frame::write(&mut slice.bytes, Opcode::Text, &payload);
                slice.ids.push(entry.event.id);
                if slice.bytes.len() >= SLICE_BYTES {
                    return Ok(slice);
                }
            }
        }
    }
    Ok(slice)
}

/// Serves a session from wherever it stands: from the ring if that reaches back so far, else from
/// the wire until it does.
pub(super) fn start(shard: &Rc<Shard>, session: &Rc<Session>) {
    if shard.sit(session) {
        return;
    }
    shard.push(session);
    let (served, by) = (session.clone(), shard.clone());
    shard.aside(session, async move { run(&by, &served).await });
}

async fn run(shard: &Rc<Shard>, session: &Rc<Session>) {
    loop {
        while !session.has_nothing_of_its_own() && !session.is_dead() {
            session.drained.notified().await;
        }
        if session.is_dead() || session.state.get() != State::Replaying || shard.sit(session) {
            return;
        }
        let at = session.at.get();
        let until = shard.ring.borrow().head();
        if at >= until {
            // Another reader of the wire was quicker than the ring.
            tokio::select! {
                () = shard.grown.notified() => {}
                () = session.drained.notified() => {}
            }
            continue;
        }
        let Some(interest) = shard.interest(session) else { return };
        let Ok(_turn) = shard.replays.acquire().await else { return };
        let withdrawn_at = shard.wire.withdrawn_at();
        let reading =
            slice(shard.wire.clone(), interest.clone(), at, until, shard.config.max_frame);
        let slice = match shard.heavy.spawn(reading).await {
            Ok(Ok(slice)) => slice,
            Ok(Err(error)) => {
                tracing::error!(%error, "a subscriber can't be served from the wire");
                return session.close(Close::Internal);
            }
            Err(_) => return session.close(Close::Internal),
        };
        let stale = shard.wire.withdrawn_at() != withdrawn_at;
        if stale
            || session.state.get() != State::Replaying
            || shard.interest(session) != Some(interest)
        {
            continue;
        }
        if session.announce.get().is_some() {
            let mut replayed = session.replayed.borrow_mut();
            replayed.extend(slice.ids);
            let over = replayed.len().saturating_sub(REPLAYED_MOST);
            replayed.drain(..over);
        }
        session.at.set(slice.through);
        if !slice.bytes.is_empty() {
            session.owe(Bytes::from(slice.bytes));
            shard.push(session);
        }
    }
}

/// Answers the operation `last`, and names the events in the answer.
pub(super) async fn last(
    shard: &Rc<Shard>,
    session: &Rc<Session>,
    id: Option<Box<RawValue>>,
    count: usize,
    before: Option<Seq>,
) -> (Frame, Vec<EventId>) {
    let interest = shard.interest(session).unwrap_or_default();
    let before = before.unwrap_or(Seq(shard.wire.head().seq.0 + 1));
    let (wire, most) = (shard.wire.clone(), shard.config.max_frame);
    let reading = shard.heavy.spawn(async move {
        let (found, mut more) = loop {
            let withdrawn_at = wire.withdrawn_at();
            let found = newest(&*wire, &interest.filter, before, count).await?;
            if wire.withdrawn_at() == withdrawn_at {
                break found;
            }
        };
        let mut events = Vec::with_capacity(found.len());
        let mut ids = Vec::with_capacity(found.len());
        let mut bytes = 0;
        for entry in found {
            let payload = prune::payload(&entry, interest.body, most);
            bytes += payload.len();
            if bytes > LAST_BYTES && !events.is_empty() {
                more = true;
                break;
            }
            let event = serde_json::from_slice::<Box<RawValue>>(&payload);
            events.push(event.map_err(|error| ReadError(error.to_string()))?);
            ids.push(entry.event.id);
        }
        events.reverse();
        Ok::<_, ReadError>((events, ids, more))
    });
    let (code, message) = match reading.await {
        Ok(Ok((events, ids, more))) => return (Frame::Last { id, events, more }, ids),
        Ok(Err(error)) => ("wire_unreadable", error.to_string()),
        Err(_) => ("internal", "the server failed to read the wire; its log says why".into()),
    };
    (Frame::Error { code: code.into(), message, id }, Vec::new())
}
