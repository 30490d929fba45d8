//! What every reader of the wire asks for.

use std::{
    ops::RangeInclusive,
    sync::{Arc, atomic::Ordering},
};

use futures_util::{FutureExt as _, future::BoxFuture};
use jiff::Timestamp;
use tokio::sync::{broadcast, watch};

use super::{Pulse, SqliteStore, damage::Way, held, pulse, read, replay};
use crate::{
    item::{Cursor, Epoch, EventId, Key, Seq},
    wire::{
        Each, Entry, Follow, Heard, Publisher, ReadError, Sighting, SightingSum, Store, Tally,
        ToldRow, follow,
    },
};

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
