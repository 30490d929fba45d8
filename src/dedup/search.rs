//! The earlier line that a new one is held against: found by the new line's rarest words, then
//! compared word by word.

use std::{cell::Cell, hint::black_box};

use smallvec::SmallVec;

use super::{
    Decision, Memory,
    compare::{
        rules::{Ruling, rule},
        slots::{Diff, EMPTY, Ties},
        terms::{Terms, look_up},
    },
    memory::store::{Entry, Store},
    read::{roles::Roles, wording::Wording},
};

/// Of the new line's words, how many of the rarest are followed to earlier lines.
const PROBES: usize = 6;
/// How many of the newest lines holding such a word are looked at.
const STEPS: usize = 16;
/// How many of the earlier lines found are compared word by word.
const COMPARED: usize = 6;

/// Numbers of lines, a few.
type Numbers = SmallVec<[u32; PROBES * STEPS]>;

/// What a search needs besides the lines, kept from one to the next: it saves time and decides
/// nothing.
#[derive(Default)]
pub(super) struct Room(Cell<Option<Box<Lists>>>);

#[derive(Default)]
struct Lists {
    new: Terms<'static>,
    old: Terms<'static>,
    ties: (Ties, Ties),
    content: Content,
}

/// The words of a new line that hold content.
#[derive(Default)]
struct Content {
    /// The concepts of those that were heard before, in order.
    concepts: Vec<u32>,
    /// How many words they are.
    size: usize,
}

impl Content {
    fn read(&mut self, terms: &Terms<'_>) {
        let content = || terms.terms.iter().filter(|term| !term.roles.any(EMPTY));
        self.concepts.clear();
        self.concepts.extend(content().filter_map(|term| term.number));
        self.concepts.sort_unstable();
        self.size = content().count();
    }

    /// A cheap look before the close one: lines that have too little in common can't become
    /// anything to each other.
    fn alike(&self, entry: &Entry, store: &Store) -> bool {
        let (mut shared, mut other) = (0, 0);
        for &id in store.words(entry) {
            let lexeme = store.lexicon.get(id);
            if !lexeme.roles.any(EMPTY) {
                other += 1;
                shared += usize::from(self.concepts.binary_search(&lexeme.concept).is_ok());
            }
        }
        shared >= 2 && shared * 3 >= self.size.min(other)
    }
}

impl Room {
    /// The lists, to be [kept][Self::keep] when they are done with.
    fn take(&self) -> Box<Lists> {
        self.0.take().unwrap_or_default()
    }

    /// Keeps the lists for the next line.
    fn keep(&self, lists: Box<Lists>) {
        self.0.set(Some(lists));
    }
}

impl std::fmt::Debug for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Room").finish_non_exhaustive()
    }
}

impl Memory {
    /// The earlier line that most is to be said of, and what.
    pub(super) fn closest(
        &self,
        reading: &Wording,
        article: bool,
        now: i64,
    ) -> Option<(u32, Ruling)> {
        let mut lists = self.room.take();
        let looked_up = look_up(reading, &self.store.lexicon);
        let (mut new, mut old) = (lists.new.emptied(), lists.old.emptied());
        let mut ties = lists.ties;
        new.read_line(reading.line(), &looked_up, &self.store);
        let mut best: Option<(u32, Ruling)> = None;
        for number in self.candidates(&new, now, &mut lists.content) {
            let entry = self.store.entry(number);
            old.read_entry(entry, &self.store);
            let diff = Diff::of(&old, &new, ties);
            let mut ruling = rule(&diff);
            ties = diff.into_room();
            if (article || entry.article())
                && matches!(ruling.decision, Decision::Repeat | Decision::Update)
            {
                ruling.decision = Decision::Related;
                ruling.rule =
                    if article == entry.article() { "same headline" } else { "ticker and article" };
            }
            if best.as_ref().is_none_or(|(_, best)| rank(&ruling) > rank(best)) {
                best = Some((number, ruling));
            }
        }
        lists.ties = ties;
        (lists.new, lists.old) = (new.emptied(), old.emptied());
        self.room.keep(lists);
        reading.keep(looked_up, self.store.lexicon.version());
        best.filter(|(_, ruling)| ruling.decision != Decision::New)
    }

    /// Earlier lines worth comparing, the most promising first.
    fn candidates(
        &self,
        terms: &Terms<'_>,
        now: i64,
        content: &mut Content,
    ) -> SmallVec<[u32; COMPARED]> {
        let mut probes: SmallVec<[(u32, u32); 32]> = SmallVec::new();
        for term in &terms.terms {
            let Some(number) = term.number else { continue };
            if term.lines > 0
                && !term.roles.any(Roles::FUNCTION)
                && !probes.iter().any(|&(_, other)| other == number)
            {
                probes.push((term.lines, number));
            }
        }
        // A stable sort: equally rare words stay in the order of the line.
        probes.sort_by_key(|&(lines, _)| lines);
        probes.truncate(PROBES);
        let least = if probes.len() < 3 { 1 } else { 2 };
        // All lists are asked for before the first is waited for.
        self.store.lexicon.fetch(probes.iter().map(|&(_, concept)| concept));
        let mut lines = Numbers::new();
        for &(_, concept) in &probes {
            self.store.lexicon.get(concept).posting().newest(STEPS, &mut lines);
        }
        let mut found = meetings(&lines, least);
        if found.is_empty() {
            return SmallVec::new();
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        let horizon = self.store.horizon(Some(now)).unwrap_or(i64::MIN);
        let most = found.first().map_or(0, |&(hits, _)| hits);
        content.read(terms);
        let found = found.into_iter().filter(|&(hits, _)| hits * 2 >= most);
        let found = found.map(|(_, number)| (number, self.store.entry(number)));
        // The lines, then the words of all of them, before the first is waited for.
        let found: SmallVec<[(u32, &Entry); COMPARED]> =
            found.filter(|(_, entry)| entry.last_at >= horizon).take(COMPARED).collect();
        let words = found.iter().map(|(_, entry)| self.store.words(entry).first());
        black_box(words.fold(0, |all, first| all ^ first.copied().unwrap_or(0)));
        found
            .into_iter()
            .filter(|(_, entry)| content.alike(entry, &self.store))
            .map(|(number, _)| number)
            .collect()
    }
}

/// Numbers that come up at least so often, each with how often.
fn meetings(lines: &[u32], least: u32) -> SmallVec<[(u32, u32); 32]> {
    /// Twice as many as there can be, so that there is always a free place.
    const PLACES: usize = (2 * PROBES * STEPS).next_power_of_two();
    let (mut hits, mut numbers) = ([0_u8; PLACES], [0_u32; PLACES]);
    let mut used: SmallVec<[u8; PROBES * STEPS]> = SmallVec::new();
    for &number in lines {
        let mut at = number as usize % PLACES;
        while hits[at] > 0 && numbers[at] != number {
            at = (at + 1) % PLACES;
        }
        if hits[at] == 0 {
            used.push(at as u8);
        }
        (hits[at], numbers[at]) = (hits[at] + 1, number);
    }
    let found = used.iter().map(|&at| (u32::from(hits[at as usize]), numbers[at as usize]));
    found.filter(|&(hits, _)| hits >= least).collect()
}

fn rank(ruling: &Ruling) -> (u8, u32) {
    let decision = match ruling.decision {
        Decision::Repeat => 3,
        Decision::Update => 2,
        Decision::Related => 1,
        Decision::New => 0,
    };
    (decision, (ruling.score * 1e4) as u32)
}
