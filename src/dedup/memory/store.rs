//! The lines in memory: what was told or learned within the window, with the journal that can
//! take back what is not yet on the wire.

use std::{collections::BTreeMap, hash::BuildHasher, hint::black_box};

use hashbrown::DefaultHashBuilder;
use smallvec::SmallVec;

use super::{
    lexicon::{Lexicon, Numbers},
    parted::Parted,
    ring::{Place, Ring},
    table::Table,
};
use crate::dedup::read::{
    line::{Case, Flags, Line, MOST_WORDS},
    roles::Roles,
    spelling::Seed,
    wording::{LookedUp, Wording},
};
use crate::item::EventId;

/// A wording in memory: an event's own, or one a repeat taught.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The event.
    pub(crate) id: EventId,
    /// Its position.
    pub(crate) seq: u64,
    /// Page time of the last record that spoke of this wording, in microseconds.
    pub(crate) last_at: i64,
    /// Page time of the page the event was first told from.
    pub(crate) told_at: i64,
    words: Place,
    len: u8,
    marks: u8,
    /// The event's version.
    pub(crate) version: u16,
    hash: u32,
}

const DEAD: u8 = 1;
const WORDING: u8 = 2;
const ARTICLE: u8 = 4;
const CUT: u8 = 8;
/// A newer line may have the same words.
const SHADED: u8 = 16;
/// It belongs to the thread of another event.
const JOINED: u8 = 32;

impl Entry {
    /// Whether it is a wording that a repeat taught, not the event's own.
    pub(crate) fn wording(&self) -> bool {
        self.marks & WORDING != 0
    }

    /// Whether it is an article's headline.
    pub(crate) fn article(&self) -> bool {
        self.marks & ARTICLE != 0
    }

    /// Whether the line had more words than are kept.
    pub(crate) fn cut(&self) -> bool {
        self.marks & CUT != 0
    }
}

/// What is new about an entry to be added.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fresh {
    pub(crate) id: EventId,
    pub(crate) seq: u64,
    pub(crate) last_at: i64,
    pub(crate) told_at: i64,
    pub(crate) version: u16,
    pub(crate) wording: bool,
    pub(crate) article: bool,
}

#[derive(Clone, Copy, Debug)]
enum Undo {
    /// A line was added.
    Added(u32),
    /// A line gave way to its renewed copy.
    Retired(u32),
    /// An event got a thread that is not its own.
    Thread(EventId),
    /// An event got a successor; before it there was this one.
    Successor(EventId, Option<EventId>),
    /// The newest page time moved on from here.
    Newest(Option<i64>),
}

/// The lines in memory.
#[derive(Debug)]
pub(crate) struct Store {
    window: i64,
    step: i64,
    pub(crate) lexicon: Lexicon,
    entries: Ring<Entry>,
    next: u32,
    front: u32,
    words: Ring<u32>,
    flags: Ring<u8>,
    by_key: Table,
    by_id: Table,
    /// Seeded anew in each process, so that nobody can write lines whose names all fall into one
    /// slot. Like the vocabulary's it decides nothing.
    hasher: DefaultHashBuilder,
    threads: Parted<EventId, EventId>,
    successors: Parted<EventId, EventId>,
    by_time: BTreeMap<i64, Vec<u32>>,
    newest: Option<i64>,
    /// No page counts as newer than this.
    latest: i64,
    /// The horizon of the newest page time.
    edge: i64,
    live: u32,
    journal: Vec<Undo>,
    journaling: bool,
}

/// Of how many steps the window consists: what has left it goes when the next step begins.
const STEPS: i64 = 256;

impl Store {
    /// An empty store with a window in microseconds.
    pub(crate) fn new(window: i64) -> Self {
        Store::reading_with(window, Seed::default())
    }

    /// An empty one that hashes words alike.
    pub(crate) fn emptied(&self) -> Self {
        Store::reading_with(self.window, self.lexicon.seed().clone())
    }

    fn reading_with(window: i64, seed: Seed) -> Self {
        Store {
            window,
            step: (window / STEPS).max(1),
            lexicon: Lexicon::new(seed),
            entries: Ring::new(),
            next: 0,
            front: 0,
            words: Ring::new(),
            flags: Ring::new(),
            by_key: Table::new(),
            by_id: Table::new(),
            hasher: DefaultHashBuilder::default(),
            threads: Parted::default(),
            successors: Parted::default(),
            by_time: BTreeMap::new(),
            newest: None,
            latest: i64::MAX,
            edge: 0,
            live: 0,
            journal: Vec::new(),
            journaling: true,
        }
    }

    /// The window in microseconds.
    pub(crate) fn window(&self) -> i64 {
        self.window
    }

    /// Page time before which nothing counts any more, seen from a page of this time.
    pub(crate) fn horizon(&self, at: Option<i64>) -> Option<i64> {
        match (self.newest, at) {
            (Some(newest), at) if at.is_none_or(|at| at <= newest) => Some(self.edge),
            (newest, at) => newest.max(at).map(|newest| self.edge_of(newest)),
        }
    }

    fn edge_of(&self, newest: i64) -> i64 {
        newest.saturating_sub(self.window).div_euclid(self.step) * self.step
    }

    /// Lines in memory.
    pub(crate) fn len(&self) -> u32 {
        self.live
    }

    /// The line with this number.
    #[inline]
    pub(crate) fn entry(&self, number: u32) -> &Entry {
        self.entries.get(Place::of(number))
    }

    /// Its words as numbers of the lexicon.
    #[inline]
    pub(crate) fn words(&self, entry: &Entry) -> &[u32] {
        self.words.run(entry.words, usize::from(entry.len))
    }

    /// What its words carry.
    pub(crate) fn flags(&self, entry: &Entry) -> impl Iterator<Item = Flags> + '_ {
        self.flags.run(entry.words, usize::from(entry.len)).iter().map(|&flags| Flags(flags))
    }

    #[cfg(not(test))]
    fn hash(reading: &Wording) -> u32 {
        reading.hash()
    }

    #[cfg(test)]
    fn hash(reading: &Wording) -> u32 {
        if COLLIDE.with(std::cell::Cell::get) { 7 } else { reading.hash() }
    }

    fn spread(hash: u32) -> u64 {
        u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn of_id(hasher: &DefaultHashBuilder, id: EventId) -> u64 {
        hasher.hash_one(u128::from_le_bytes(id.0))
    }

    /// The newest line of exactly these words, told or learned, seen from a page of this time.
    pub(crate) fn exact(&self, reading: &Wording, article: bool, at: i64) -> Option<u32> {
        let line = reading.line();
        if line.cut || line.spans.is_empty() {
            return None;
        }
        let hash = Self::hash(reading);
        let horizon = self.horizon(Some(at))?;
        self.by_key
            .iter_hash(Self::spread(hash))
            .copied()
            .filter(|&number| {
                let entry = self.entry(number);
                entry.hash == hash
                    && entry.article() == article
                    && entry.last_at >= horizon
                    && self.same_words(entry, line)
            })
            .max()
    }

    /// The line of an event that has exactly these words, its own or a learned one.
    pub(crate) fn wording(&self, id: EventId, reading: &Wording) -> Option<u32> {
        let line = reading.line();
        if line.cut {
            return None;
        }
        let hash = Self::hash(reading);
        self.by_key
            .iter_hash(Self::spread(hash))
            .copied()
            .filter(|&number| {
                let entry = self.entry(number);
                entry.hash == hash && entry.id == id && self.same_words(entry, line)
            })
            .max()
    }

    /// Whether line `number` is known to be still what [`exact`][Self::exact] finds for its words.
    #[inline]
    pub(crate) fn current(&self, number: u32, at: i64) -> bool {
        if number < self.front || number >= self.next {
            return false;
        }
        let entry = self.entry(number);
        entry.marks & (DEAD | ARTICLE | SHADED) == 0
            && self.horizon(Some(at)).is_some_and(|horizon| entry.last_at >= horizon)
    }

    /// The number the next line gets.
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    fn same_words(&self, entry: &Entry, line: &Line) -> bool {
        usize::from(entry.len) == line.spans.len()
            && self
                .words(entry)
                .iter()
                .zip(line.words())
                .all(|(&id, (word, _))| self.lexicon.spells(id, word))
    }

    /// Its words as folded.
    pub(crate) fn spelled(&self, entry: &Entry) -> impl Iterator<Item = &str> {
        self.words(entry).iter().map(|&id| self.lexicon.text(self.lexicon.get(id)))
    }

    /// The line that is an event's own.
    pub(crate) fn event(&self, id: EventId) -> Option<u32> {
        self.by_id.find(Self::of_id(&self.hasher, id), |&number| self.entry(number).id == id)
    }

    /// The thread of an event, by the line that is its own.
    #[inline]
    pub(crate) fn thread(&self, entry: &Entry) -> EventId {
        match entry.marks & JOINED {
            0 => entry.id,
            _ => self.threads.get(entry.id).copied().unwrap_or(entry.id),
        }
    }

    /// The newest version of the chain an event belongs to.
    pub(crate) fn latest(&self, id: EventId) -> EventId {
        let mut latest = id;
        while let Some(&next) = self.successors.get(latest) {
            if self.event(next).is_none() {
                break;
            }
            latest = next;
        }
        latest
    }

    /// Adds a line.
    pub(crate) fn add(&mut self, fresh: Fresh, reading: &Wording) {
        let line = reading.line();
        let mut ids = [0; MOST_WORDS];
        let mut flags = [0; MOST_WORDS];
        // Asked for now, as these tables are cold: what is done to the words takes as long.
        black_box(self.by_key.likely(Self::spread(Self::hash(reading))));
        black_box(self.by_id.likely(Self::of_id(&self.hasher, fresh.id)));
        let mut found = Numbers::new();
        match reading.kept(self.lexicon.version()) {
            Some(kept) => found.extend(kept.iter().map(|word| match word {
                LookedUp::Known(id) => Some(*id),
                LookedUp::Strange(_) => None,
            })),
            None => self.lexicon.find_all(reading.sought(), &mut found),
        }
        for (at, ((word, sought), found)) in reading.sought().zip(found).enumerate() {
            let id = found.unwrap_or_else(|| self.lexicon.add(word, sought));
            // Held at once, so that a word that comes twice is not taken for unused.
            self.lexicon.hold(id, false);
            ids[at] = id;
            flags[at] = line.spans[at].flags.0;
        }
        let concepts = ids[..line.spans.len()].iter().map(|&id| self.lexicon.get(id).concept);
        self.lexicon.fetch(concepts);
        let len = line.spans.len();
        let marks = if fresh.wording { WORDING } else { 0 }
            | if fresh.article { ARTICLE } else { 0 }
            | if line.cut { CUT } else { 0 };
        let words = self.words.push(&ids[..len]);
        self.flags.push(&flags[..len]);
        let entry = Entry {
            id: fresh.id,
            seq: fresh.seq,
            last_at: fresh.last_at,
            told_at: fresh.told_at,
            words,
            len: len as u8,
            marks,
            version: fresh.version,
            hash: Self::hash(reading),
        };
        self.append(entry);
        for &id in &ids[..len] {
            self.lexicon.release(id, false);
        }
        self.see(fresh.last_at);
    }

    /// Renews a line: it counts from this page time on, and stands where the newest stand.
    pub(crate) fn renew(&mut self, number: u32, at: i64) {
        self.see(at);
        let old = *self.entry(number);
        if at <= old.last_at {
            return;
        }
        let ids: Vec<u32> = self.words(&old).to_vec();
        let flags: Vec<u8> = self.flags(&old).map(|flags| flags.0).collect();
        let words = self.words.push(&ids);
        self.flags.push(&flags);
        self.append(Entry { last_at: at, words, ..old });
        self.unindex(number);
        self.entries.get_mut(Place::of(number)).marks |= DEAD;
        self.note(Undo::Retired(number));
    }

    fn append(&mut self, entry: Entry) {
        let number = self.next;
        self.entries.push(&[entry]);
        self.next += 1;
        self.index(number);
        self.note(Undo::Added(number));
    }

    /// Whether what follows is noted, so that it can be taken back.
    pub(crate) fn journal(&mut self, on: bool) {
        self.journaling = on;
    }

    fn note(&mut self, undo: Undo) {
        if self.journaling {
            self.journal.push(undo);
        }
    }

    /// No page counts as newer than this from now on.
    pub(crate) fn not_after(&mut self, latest: i64) {
        self.latest = latest;
        if self.newest.is_some_and(|newest| newest > latest) {
            self.newest = Some(latest);
            self.edge = self.edge_of(latest);
        }
    }

    /// A record of this page time was folded.
    pub(crate) fn see(&mut self, at: i64) {
        let at = at.min(self.latest);
        if self.newest.is_none_or(|newest| at > newest) {
            let before = self.newest;
            self.newest = Some(at);
            self.edge = self.edge_of(at);
            self.note(Undo::Newest(before));
        }
    }

    /// An event belongs to the thread of another.
    pub(crate) fn join(&mut self, id: EventId, thread: EventId) {
        if id == thread {
            return;
        }
        if self.threads.insert(id, thread).is_none() {
            self.note(Undo::Thread(id));
        }
        if let Some(number) = self.event(id) {
            self.entries.get_mut(Place::of(number)).marks |= JOINED;
        }
    }

    /// An event is the newer version of another.
    pub(crate) fn succeed(&mut self, old: EventId, new: EventId) {
        if self.event(old).is_some() {
            let before = self.successors.insert(old, new);
            self.note(Undo::Successor(old, before));
        }
    }

    /// What is in memory is on the wire; what has left the window goes. Gives the articles among
    /// it.
    pub(crate) fn settle(&mut self) -> Vec<EventId> {
        let mut articles = Vec::new();
        self.journal.clear();
        self.journaling = true;
        let Some(horizon) = self.horizon(None) else { return articles };
        let mut moved = false;
        while let Some(first) = self.by_time.first_entry() {
            if *first.key() >= horizon {
                break;
            }
            let (bucket, numbers) = first.remove_entry();
            for number in numbers {
                if number < self.front {
                    continue;
                }
                let entry = *self.entry(number);
                if entry.marks & DEAD != 0 || self.bucket(entry.last_at) != bucket {
                    continue;
                }
                self.unindex(number);
                self.entries.get_mut(Place::of(number)).marks |= DEAD;
                if !entry.wording() {
                    if entry.article() {
                        articles.push(entry.id);
                    }
                    self.threads.remove(entry.id);
                    self.successors.remove(entry.id);
                }
                moved = true;
            }
        }
        if moved {
            while self.front < self.next && self.entry(self.front).marks & DEAD != 0 {
                self.front += 1;
            }
            if self.front < self.next {
                let words = self.entry(self.front).words;
                self.entries.drop_before(Place::of(self.front));
                self.words.drop_before(words);
                self.flags.drop_before(words);
            }
        }
        articles
    }

    /// Takes back everything since the last settle.
    pub(crate) fn unfold(&mut self) {
        self.journaling = false;
        while let Some(undo) = self.journal.pop() {
            match undo {
                Undo::Added(number) => {
                    let entry = *self.entry(number);
                    self.unindex(number);
                    let bucket = self.bucket(entry.last_at);
                    if let Some(numbers) = self.by_time.get_mut(&bucket)
                        && numbers.last() == Some(&number)
                    {
                        numbers.pop();
                    }
                    self.entries.pop(Place::of(number));
                    self.words.pop(entry.words);
                    self.flags.pop(entry.words);
                    self.next = number;
                }
                Undo::Retired(number) => {
                    self.entries.get_mut(Place::of(number)).marks &= !DEAD;
                    self.index(number);
                }
                Undo::Thread(id) => {
                    self.threads.remove(id);
                }
                Undo::Successor(old, Some(before)) => {
                    self.successors.insert(old, before);
                }
                Undo::Successor(old, None) => {
                    self.successors.remove(old);
                }
                Undo::Newest(before) => {
                    self.newest = before;
                    self.edge = before.map_or(0, |newest| self.edge_of(newest));
                }
            }
        }
        self.journaling = true;
    }

    fn bucket(&self, at: i64) -> i64 {
        at.div_euclid(self.step) * self.step
    }

    fn index(&mut self, number: u32) {
        let entry = *self.entry(number);
        let (entries, hasher, key) = (&self.entries, &self.hasher, Self::spread(entry.hash));
        // A hash is enough to doubt: whoever is shaded is looked up by its words.
        let older: SmallVec<[u32; 4]> = self.by_key.iter_hash(key).copied().collect();
        let key_of = |n: u32| Self::spread(entries.get(Place::of(n)).hash);
        self.by_key.insert(key, number, key_of);
        if !entry.wording() {
            let id_of = |n: u32| Self::of_id(hasher, entries.get(Place::of(n)).id);
            self.by_id.insert(id_of(number), number, id_of);
        }
        for older in older {
            let older = self.entries.get_mut(Place::of(older));
            if older.hash == entry.hash {
                older.marks |= SHADED;
            }
        }
        let words = self.words.run(entry.words, usize::from(entry.len));
        let flags = self.flags.run(entry.words, usize::from(entry.len));
        for (&id, &flags) in words.iter().zip(flags) {
            self.lexicon.hold(id, Flags(flags).case() == Case::Lower);
            let concept = self.lexicon.get(id).concept;
            if !self.lexicon.get(concept).roles.any(Roles::FUNCTION) {
                self.lexicon.index(concept, number);
            }
        }
        let bucket = self.bucket(entry.last_at);
        let numbers = self.by_time.entry(bucket).or_default();
        if numbers.len() == numbers.capacity() {
            numbers.reserve_exact((numbers.len() / 8).max(16));
        }
        numbers.push(number);
        self.live += 1;
    }

    fn unindex(&mut self, number: u32) {
        let entry = *self.entry(number);
        let (entries, hasher) = (&self.entries, &self.hasher);
        let key_of = |n: u32| Self::spread(entries.get(Place::of(n)).hash);
        self.by_key.remove(key_of(number), number, key_of);
        if !entry.wording() {
            let id_of = |n: u32| Self::of_id(hasher, entries.get(Place::of(n)).id);
            self.by_id.remove(id_of(number), number, id_of);
        }
        let words = self.words.run(entry.words, usize::from(entry.len));
        let flags = self.flags.run(entry.words, usize::from(entry.len));
        for (&id, &flags) in words.iter().zip(flags) {
            let concept = self.lexicon.get(id).concept;
            if !self.lexicon.get(concept).roles.any(Roles::FUNCTION) {
                self.lexicon.unindex(concept, number);
            }
            self.lexicon.release(id, Flags(flags).case() == Case::Lower);
        }
        self.live -= 1;
    }
}

#[cfg(test)]
thread_local! {
    pub(crate) static COLLIDE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}
