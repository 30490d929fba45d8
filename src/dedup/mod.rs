//! Draft → Verdict. Pure: no I/O, no clock, no randomness, no hash order.
//!
//! [`Memory`] is a fold over wire records and nothing else, so that decisions after a restart
//! equal those without.

mod compare;
mod judge;
mod memory;
mod read;
mod reading;
mod search;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{memory::gist::Gist, read::spelling::Seed, reading::Reading};
use self::{
    memory::{
        articles::{Articles, Known},
        gist::{self, Telling},
        recent::Recent,
        store::{Fresh, Store},
    },
    read::wording::{Last, Wording},
    search::Room,
};
use crate::item::{
    Action, Article, Change, Draft, Event, EventId, Item, Record, RelatedTo, Seq, Source,
    Supersedes, Why,
};

/// Version of the rules, stored in each event; new rules never rewrite history.
pub const RULES: u32 = 7;

/// The table of rules as people read it: each row's name, effect, languages and an example.
#[must_use]
pub fn rules() -> String {
    compare::rules::shown()
}

/// How long and how much is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How long a line counts as told, in page time; each sighting renews it.
    pub window_hours: u32,
}

impl Default for Config {
    fn default() -> Self {
        Config { window_hours: 72 }
    }
}

impl Config {
    /// The window as a duration.
    pub fn window(&self) -> Duration {
        Duration::from_secs(u64::from(self.window_hours) * 3600)
    }
}

/// What the caller knows of the page under judgement.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Who published it.
    pub source: &'a Source,
    /// Its canonical URL.
    pub url: Option<&'a str>,
    /// When it was captured.
    pub page_time: Timestamp,
    /// Page time of the newest page of this source told so far that had a ticker; where the source
    /// is unknown, of pages that begin alike.
    pub last_page: Option<Timestamp>,
    /// For each draft, what was last told under exactly its key, at any age.
    pub told: &'a [Option<Told>],
}

/// What was last told under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The event.
    pub id: EventId,
    /// Its position.
    pub seq: Seq,
    /// Page time of its last sighting anywhere.
    pub last_at: Timestamp,
    /// Page time of its last sighting on a page of this source.
    pub last_here: Option<Timestamp>,
    /// Its version.
    pub version: u32,
    /// Its thread.
    pub thread: EventId,
}

/// The four answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Nothing like it within the window: told.
    New,
    /// Told before: a sighting of that event.
    Repeat,
    /// A newer version of something told: told, it supersedes that event.
    Update,
    /// Belongs to the thread of something told: told.
    Related,
}

/// The answer for one draft, with its reason.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The answer.
    pub decision: Decision,
    /// The earlier event it was held against; always there except for `New`.
    pub of: Option<Of>,
    /// The rule that fired.
    pub rule: &'static str,
    /// For a repeat how sure that is (of a hundred lines judged 0.9, some ninety repeat), else how
    /// alike the two wordings are; 0 to 1.
    pub score: f32,
    /// What differed, in words: `number 9 → 12`.
    pub differs: Vec<String>,
    /// What an update changed.
    pub change: Option<Change>,
    /// It comes from a page older than what it is related to.
    pub older: bool,
    /// The earlier telling of the same words that have become news again (with `New`).
    pub resurfaces: Option<EventId>,
    /// A repeat that taught something the wire must remember: a wording or a later sighting.
    pub alias: bool,
    /// What becomes of the version of the same article that is held back.
    pub holding: Holding,
}

/// Versions of an article that follow each other too soon are held back, the newest of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Holding {
    /// What is held back stays so: the draft says nothing about it.
    #[default]
    Stays,
    /// This draft takes its place, and is to be told at this page time.
    Until(Timestamp),
    /// The article says again what was told: there is nothing more to tell of it.
    Over,
}

impl Verdict {
    /// The event as this verdict tells it: its action and thread, what it follows and why.
    #[must_use]
    pub fn tell(self, mut event: Event) -> Event {
        match (self.decision, self.of) {
            (Decision::Update, Some(of)) => {
                event.item.set_version(of.version + 1);
                event.action = Action::Update;
                event.thread = of.thread;
                event.supersedes = Some(Supersedes { id: of.id, seq: of.seq, version: of.version });
            }
            (Decision::Related, Some(of)) => {
                event.action = Action::Related;
                event.thread = of.thread;
                event.related_to = Some(RelatedTo { id: of.id, older: self.older });
            }
            _ => {}
        }
        event.rules = RULES;
        event.change = self.change;
        event.resurfaces = self.resurfaces;
        event.verdict = Some(Why {
            rule: self.rule.into(),
            score: self.score,
            of: self.of.map(|of| of.id),
            differs: self.differs,
        });
        event
    }
}

/// An earlier event as a verdict names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Of {
    /// The event.
    pub id: EventId,
    /// Its position.
    pub seq: Seq,
    /// Its version.
    pub version: u32,
    /// Its thread.
    pub thread: EventId,
}

/// What was told within the window: a fold over wire records.
#[derive(Debug)]
pub struct Memory {
    store: Store,
    articles: Articles,
    recent: Recent,
    last: Last,
    room: Room,
    /// Articles folded since the last settle.
    unsettled: Vec<EventId>,
}

impl Verdict {
    fn new(rule: &'static str) -> Self {
        Verdict {
            decision: Decision::New,
            of: None,
            rule,
            score: 0.0,
            differs: Vec::new(),
            change: None,
            older: false,
            resurfaces: None,
            alias: false,
            holding: Holding::Stays,
        }
    }

    /// Written in one go: most verdicts are this one.
    fn same_words(of: Option<Of>, alias: bool) -> Self {
        Verdict {
            decision: Decision::Repeat,
            of,
            rule: "same words",
            score: 1.0,
            differs: Vec::new(),
            change: None,
            older: false,
            resurfaces: None,
            alias,
            holding: Holding::Stays,
        }
    }
}

impl Memory {
    /// An empty memory.
    pub fn new(config: Config) -> Self {
        let window = i64::try_from(config.window().as_micros()).unwrap_or(i64::MAX / 4);
        Memory {
            store: Store::new(window),
            articles: Articles::default(),
            recent: Recent::default(),
            last: Last::default(),
            room: Room::default(),
            unsettled: Vec::new(),
        }
    }

    /// An empty memory that reads words as this one does.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Memory {
            store: self.store.emptied(),
            articles: Articles::default(),
            recent: Recent::default(),
            last: Last::default(),
            room: Room::default(),
            unsettled: Vec::new(),
        }
    }

    /// Judges draft `at` of a page whose drafts are given in telling order (oldest first). What
    /// stands before `at` has been judged and, where told, folded.
    pub fn judge(&self, facts: &Facts<'_>, drafts: &[Draft], at: usize) -> Verdict {
        self.judge_read(facts, drafts, &[], at)
    }

    /// Judges like [`judge`][Self::judge] drafts that were read before with this memory's
    /// [`seed`][Self::seed]: one reading for each, or none for any.
    pub fn judge_read(
        &self,
        facts: &Facts<'_>,
        drafts: &[Draft],
        readings: &[Reading],
        at: usize,
    ) -> Verdict {
        match &drafts[at].item {
            Item::Ticker(line) => self.judge_ticker(facts, drafts, readings, at, line),
            Item::Article(article) => self.judge_article(facts, at, article, readings.get(at)),
        }
    }

    /// What [`Gist`]s and [`Reading`]s for this memory are read with.
    pub fn seed(&self) -> &Seed {
        self.store.lexicon.seed()
    }

    /// Takes in one record, in wire order. What is folded after the last [`settle`][Self::settle]
    /// can be taken back.
    pub fn fold(&mut self, record: &Record) {
        let text = match record {
            Record::Event(event) => Some(event.item.headline().unwrap_or("")),
            Record::Alias(alias) => alias.text.as_deref(),
        };
        let Some(text) = text else {
            self.take_in(record, None, None);
            return;
        };
        let wording = self.last.read(text, self.seed());
        self.take_in(record, Some(&wording), None);
        self.last.keep(wording);
    }

    /// Takes in a record like [`fold`][Self::fold], its item or wording read before with this
    /// memory's [`seed`][Self::seed].
    pub fn fold_read(&mut self, record: &Record, reading: &Reading) {
        self.take_in(record, Some(&reading.headline), reading.article.as_ref());
    }

    fn take_in(&mut self, record: &Record, wording: Option<&Wording>, known: Option<&Known>) {
        match (record, wording) {
            (Record::Event(event), Some(wording)) => {
                if matches!(event.action, Action::Withdrawn | Action::Corroborated) {
                    return;
                }
                let article = match &event.item {
                    Item::Ticker(_) => None,
                    Item::Article(article) => {
                        let known = known.cloned();
                        let url = event.page.url.as_deref();
                        let known = known.unwrap_or_else(|| Known::of(article, url));
                        Some((&**article, known))
                    }
                };
                let telling = Telling {
                    id: event.id,
                    seq: event.seq,
                    at: event.page.time.as_microsecond(),
                    told_at: event.held_until.unwrap_or(event.page.time).as_microsecond(),
                    version: event.item.version(),
                    thread: event.thread,
                    supersedes: event.supersedes.map(|supersedes| supersedes.id),
                };
                self.tell(&telling, article, wording);
            }
            (Record::Event(_), None) => {}
            (Record::Alias(alias), wording) => {
                let wording = wording.filter(|_| alias.text.is_some());
                self.learn(alias.of, alias.at.as_microsecond(), wording);
            }
        }
    }

    /// Takes in one record that is on the wire already: it can't be taken back. When all are taken
    /// in, they must be [settled][Self::settle].
    pub fn recall(&mut self, gist: &Gist) {
        self.store.journal(false);
        match &gist.of {
            Some(gist::Of::Event(telling, article)) => {
                let article = article
                    .as_deref()
                    .map(|of| (&of.article, Known::of(&of.article, of.url.as_deref())));
                self.tell(telling, article, &gist.reading);
            }
            Some(gist::Of::Alias(of, at, worded)) => {
                self.learn(*of, *at, worded.then_some(&gist.reading));
            }
            None => {}
        }
        self.store.journal(true);
        self.unsettled.clear();
    }

    /// Takes in an event, its headline taken apart; an article with what it is found again by.
    fn tell(&mut self, told: &Telling, article: Option<(&Article, Known)>, reading: &Wording) {
        if let Some(old) = told.supersedes {
            self.store.succeed(old, told.id);
        }
        let fresh = Fresh {
            id: told.id,
            seq: told.seq.0,
            last_at: told.at,
            told_at: told.at,
            version: told.version.min(u32::from(u16::MAX)) as u16,
            wording: false,
            article: article.is_some(),
        };
        let line = reading.line();
        if !fresh.article && !line.wordless && !line.cut {
            self.recent.note(reading.text(), self.store.next());
        }
        self.store.add(fresh, reading);
        self.store.join(told.id, told.thread);
        if let Some((article, known)) = article {
            self.articles.add(told.id, known, article, told.told_at);
            self.unsettled.push(told.id);
        }
    }

    /// Takes in what a repeat of an event taught at a page time: perhaps a wording.
    fn learn(&mut self, of: EventId, at: i64, wording: Option<&Wording>) {
        let Some(number) = self.store.event(of) else { return };
        self.store.renew(number, at);
        let Some(reading) = wording else { return };
        match self.store.wording(of, reading) {
            Some(number) => {
                self.store.renew(number, at);
                if let Some(number) = self.store.wording(of, reading) {
                    self.recent.note(reading.text(), number);
                }
            }
            None => {
                let Some(number) = self.store.event(of) else { return };
                let event = *self.store.entry(number);
                let fresh = Fresh {
                    id: event.id,
                    seq: event.seq,
                    last_at: at,
                    told_at: event.told_at,
                    version: event.version,
                    wording: true,
                    article: false,
                };
                self.store.add(fresh, reading);
            }
        }
    }

    /// No page is newer than this, whatever records say: a page that bears a time from the future
    /// must not drive the others out of the window. To be said again as time passes, while
    /// everything folded is settled.
    pub fn not_after(&mut self, now: Timestamp) {
        self.store.not_after(now.as_microsecond());
    }

    /// The folded records are on the wire: they can't be taken back any more, and what has left
    /// the window is dropped.
    pub fn settle(&mut self) {
        self.unsettled.clear();
        for id in self.store.settle() {
            self.articles.remove(id);
        }
    }

    /// Takes back everything folded since the last [`settle`][Self::settle].
    pub fn unfold(&mut self) {
        self.store.unfold();
        self.recent.clear();
        for id in self.unsettled.drain(..) {
            self.articles.remove(id);
        }
    }

    /// The newest version of an event that is in memory; itself where there is no other.
    pub fn latest(&self, of: EventId) -> EventId {
        self.store.latest(of)
    }

    /// Page time before which nothing matters any more: a memory built from the records at or
    /// after it decides like one built from all records.
    pub fn horizon(&self) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.store.horizon(None)?).ok()
    }
}

#[cfg(test)]
mod tests;
