//! How often events were seen → `stats` frames.

use std::{collections::BTreeSet, rc::Rc, time::Duration};

use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::{
    filter::Words,
    item::EventId,
    wire::{ReadError, Tally},
};

use super::{
    frame::{Frame, Opcode},
    ring::Stretch,
    session::Session,
    shard::Shard,
};

/// Counts in one frame: it stays below the least `max_frame`.
const ITEMS: usize = 100;

/// At most one `stats` frame in this time.
const PACE: Duration = Duration::from_secs(1);

/// Tells a session the counts of what was replayed to it.
pub(super) fn tell_replayed(shard: &Rc<Shard>, session: &Rc<Session>) {
    let ids = session.replayed.take();
    if ids.is_empty() {
        return;
    }
    let (by, told) = (shard.clone(), session.clone());
    shard.aside(session, async move { tell_one(&by, &told, ids).await });
}

/// Tells a session the counts of these events.
pub(super) async fn tell_one(shard: &Rc<Shard>, session: &Rc<Session>, ids: Vec<EventId>) {
    for ids in ids.chunks(ITEMS) {
        match counted(shard, ids.to_vec()).await {
            Ok(items) if items.is_empty() => {}
            Ok(items) => session.say(&Frame::Stats { items }),
            Err(error) => tracing::warn!(%error, "counts can't be read"),
        }
    }
    shard.push(session);
}

/// The counts of events seen more than once.
async fn counted(shard: &Shard, ids: Vec<EventId>) -> Result<Vec<Tally>, ReadError> {
    let mut items = shard.wire.tallies(ids).await?;
    items.retain(|tally| tally.sightings > 1);
    Ok(items)
}

/// Tells every audience the counts that change.
pub(super) async fn tell(shard: Rc<Shard>) {
    let mut changes = shard.wire.tally_changes();
    loop {
        let mut ids = BTreeSet::new();
        let mut missed = false;
        match changes.recv().await {
            Ok(changed) => ids.extend(changed.iter().copied()),
            Err(RecvError::Lagged(_)) => missed = true,
            Err(RecvError::Closed) => return,
        }
        loop {
            match changes.try_recv() {
                Ok(changed) => ids.extend(changed.iter().copied()),
                Err(TryRecvError::Lagged(_)) => missed = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        if missed {
            // Which ones is not known: those that subscribers were sent last.
            let ring = shard.ring.borrow();
            let whole = Stretch { at: ring.start(), len: ring.end() - ring.start() };
            ids.extend(ring.ids(whole));
        }
        if shard.sessions.borrow().is_empty() {
            continue;
        }
        let ids: Vec<_> = ids.into_iter().collect();
        for ids in ids.chunks(ITEMS) {
            match counted(&shard, ids.to_vec()).await {
                Ok(items) if items.is_empty() => {}
                Ok(items) => spread(&shard, items).await,
                Err(error) => tracing::warn!(%error, "counts can't be read"),
            }
        }
        tokio::time::sleep(PACE).await;
    }
}

/// Puts counts into the streams of those who get the events they are of.
async fn spread(shard: &Shard, items: Vec<Tally>) {
    let (all, filtered): (Vec<_>, Vec<_>) = {
        let audiences = shard.audiences.borrow();
        let wanted = audiences.iter().filter(|(_, audience)| audience.members > 0);
        let wanted = wanted.map(|(number, audience)| (number, audience.interest.filter.clone()));
        wanted.partition(|(_, filter)| filter.is_everything())
    };
    let mut by_audience: Vec<(usize, Vec<Tally>)> =
        filtered.iter().map(|(number, _)| (*number, Vec::new())).collect();
    if !filtered.is_empty() {
        for tally in &items {
            let Ok(Some(entry)) = shard.wire.find(tally.id).await else { continue };
            let words = Words::of(&entry.event);
            for ((_, filter), (_, items)) in filtered.iter().zip(&mut by_audience) {
                if filter.passes(&entry.event, &words) {
                    items.push(tally.clone());
                }
            }
        }
    }
    let all: Vec<_> = all.into_iter().map(|(number, _)| number).collect();
    if !all.is_empty() {
        shard.publish_aside(Opcode::Text, Frame::Stats { items }.json().as_bytes(), &all);
    }
    for (number, items) in by_audience {
        if !items.is_empty() {
            shard.publish_aside(Opcode::Text, Frame::Stats { items }.json().as_bytes(), &[number]);
        }
    }
}
