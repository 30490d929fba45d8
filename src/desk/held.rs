//! Versions of articles that came too soon after the last one told, the newest of each article:
//! they are told when the pause ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    slice,
};

use jiff::Timestamp;

use super::{Desk, judge::Judging};
use crate::{
    dedup::{Decision, Facts, Holding, Reading},
    item::{Draft, Event, EventId, Key},
    wire::{Group, Held, Known, Publisher, ReadError},
};

/// Held versions that are told together at most.
const RELEASED_MAX: usize = 64;

/// What is held back, as far as it was judged, and as it stands on the wire.
#[derive(Debug, Default)]
pub(super) struct HeldBack {
    now: Versions,
    /// What [`now`][Self::now] goes back to.
    settled: Versions,
    changed: bool,
}

/// Held versions by the event that was told last of their article.
#[derive(Clone, Debug, Default)]
struct Versions {
    held: BTreeMap<EventId, Held>,
    due: BTreeSet<(Timestamp, EventId)>,
}

impl Versions {
    fn put(&mut self, held: Held) {
        self.remove(held.of);
        self.due.insert((held.due, held.of));
        self.held.insert(held.of, held);
    }

    fn remove(&mut self, of: EventId) -> Option<Held> {
        let held = self.held.remove(&of)?;
        self.due.remove(&(held.due, of));
        Some(held)
    }
}

impl HeldBack {
    /// What is held on the wire, and nothing else.
    pub(super) fn recall(&mut self, held: Vec<Held>) {
        *self = HeldBack::default();
        held.into_iter().for_each(|held| self.settled.put(held));
        self.now = self.settled.clone();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.now.held.is_empty()
    }

    pub(super) fn get(&self, of: EventId) -> Option<&Held> {
        self.now.held.get(&of)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Held> {
        self.now.held.values()
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.now.due.first().map(|(due, _)| *due)
    }

    fn due(&self, now: Timestamp) -> Vec<Held> {
        let due = self.now.due.iter().take_while(|(due, _)| *due <= now).take(RELEASED_MAX);
        due.filter_map(|(_, of)| self.get(*of).cloned()).collect()
    }

    /// A version takes the place of an older one.
    pub(super) fn hold(&mut self, held: Held) {
        self.changed = true;
        self.now.put(held);
    }

    /// Nothing held after `of` is to be told any more.
    pub(super) fn let_go(&mut self, of: EventId) {
        self.changed |= self.now.remove(of).is_some();
    }

    /// An event is told. What is held after the version it supersedes goes, unless it is newer:
    /// then it now follows this one.
    pub(super) fn told(&mut self, event: &Event) {
        let Some(old) = event.supersedes.filter(|_| !self.is_empty()) else { return };
        if event.held_until.is_some() {
            let is = |held: &&Held| {
                let (held, told) = (&held.event.page, &event.page);
                (held.hash, held.line) == (told.hash, told.line)
            };
            let this = self.iter().find(is).map(|held| held.of);
            this.into_iter().for_each(|of| self.let_go(of));
        }
        if let Some(held) = self.now.remove(old.id) {
            self.changed = true;
            if held.event.page.time > event.page.time {
                self.now.put(Held { of: event.id, ..held });
            }
        }
    }

    /// Takes in a group that is on the wire.
    pub(super) fn fold(&mut self, group: &Group) {
        group.events.iter().for_each(|entry| self.told(&entry.event));
        group.let_go.iter().for_each(|of| self.let_go(*of));
        group.held.iter().for_each(|held| self.hold(held.clone()));
    }

    /// All of it is on the wire.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.changed) {
            self.settled = self.now.clone();
        }
    }

    /// Takes back what isn't.
    pub(super) fn unfold(&mut self) {
        if std::mem::take(&mut self.changed) {
            self.now = self.settled.clone();
        }
    }
}

impl<K: Known> Judging<'_, K> {
    /// Tells the held versions whose pause is over.
    pub(super) fn release(&mut self, now: Timestamp) -> Result<Group, ReadError> {
        let mut group = Group::default();
        for held in self.desk.held.due(now) {
            self.release_one(held, now, &mut group)?;
        }
        Ok(group)
    }

    /// A version is judged once more, as if its page came at the end of the pause: since it was
    /// held, other versions may have been told.
    fn release_one(
        &mut self,
        held: Held,
        now: Timestamp,
        group: &mut Group,
    ) -> Result<(), ReadError> {
        let Held { of, until, event, .. } = &held;
        let (source, url) = (&event.source, event.page.url.as_deref());
        let drafts = [Draft { line: event.page.line, item: event.item.clone() }];
        let key = Key::of(&event.item);
        let reading = Reading::of(&event.item, url, self.desk.seed());
        let rows = self.desk.unwritten.told(self.known, slice::from_ref(&key), None)?;
        let row = rows.into_iter().next().flatten();
        let told = [row.as_ref().map(super::judge::as_told)];
        let facts = Facts { source, url, page_time: *until, last_page: None, told: &told };
        let withdrawn = row.as_ref().is_some_and(|row| row.withdrawn);
        let verdict = self.desk.memory.judge_read(&facts, &drafts, slice::from_ref(&reading), 0);
        match (verdict.decision, verdict.holding) {
            (Decision::Update, _) if !withdrawn => {
                let earlier = row.as_ref().map(|row| row.id);
                let event = Event { held_until: Some(*until), ..Event::clone(event) };
                let event = verdict.tell(self.numbered(event, &key, earlier, now)?);
                let told = self.told(event, &reading, None, group);
                let at = held.event.page.time;
                let by = source.label().map(|source| Publisher::Named(source.to_owned()));
                self.desk.unwritten.note(key, &told, at, by.as_ref(), row.as_ref());
            }
            (_, Holding::Until(again)) if !withdrawn => {
                let due = now + again.duration_since(*until);
                let later = Held { until: again, due, ..held };
                self.desk.held.hold(later.clone());
                group.held.push(later);
            }
            _ => {
                self.desk.held.let_go(*of);
                group.let_go.push(*of);
            }
        }
        Ok(())
    }
}

impl Desk {
    /// When the next version that is held back is to be told.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.held.next_due()
    }

    /// Tells the held versions whose pause is over; they are a batch of their own.
    ///
    /// # Errors
    /// As [`judge`][Self::judge].
    pub fn release(&mut self, known: &impl Known, now: Timestamp) -> Result<Group, ReadError> {
        Judging { desk: self, known }.release(now)
    }

    /// Lets go of the held versions whose pause is over, untold: the store refuses them.
    pub fn give_up(&mut self, now: Timestamp) -> Group {
        let let_go: Vec<EventId> = self.held.due(now).iter().map(|held| held.of).collect();
        let_go.iter().for_each(|of| self.held.let_go(*of));
        Group { let_go, ..Group::default() }
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;
    use crate::{
        desk::{Config, Provenance, Seen, Submission},
        item::{Action, Article, Item, PageHash, Seq},
        page::PageName,
        parse::{Parsed, Sheet},
    };

    const PIER: &str = "The outer pier of Velmar broke on Tuesday morning and the sea ran into \
        the old basin, where most of the fishing fleet lies in winter.\n\nThe harbour office \
        closed both gates and asked skippers to stay out until the wind turns, which nobody \
        expects before the end of the week.";

    /// A desk with its wire in memory; minutes are page time.
    struct Harbour {
        desk: Desk,
        seen: Seen,
        pages: u64,
    }

    fn at(minutes: f64) -> Timestamp {
        let noon: Timestamp = "2031-03-04T12:00:00Z".parse().unwrap();
        noon + ((minutes * 60.0) as i64).seconds()
    }

    impl Harbour {
        /// Told: a first version, and at minute 0 an update of it.
        fn new() -> Self {
            let desk = Desk::new(&Config::default());
            let mut harbour = Harbour { desk, seen: Seen::default(), pages: 0 };
            assert_eq!(harbour.page(-60.0, "").events.len(), 1);
            assert_eq!(harbour.page(0.0, "Schools stay closed, the mayor said.").events.len(), 1);
            harbour
        }

        /// Takes a page captured at a minute of the hour, whose article ends with `last`.
        fn page(&mut self, minute: f64, last: &str) -> Group {
            self.pages += 1;
            let article = Article {
                headline: Some("Outer pier of Velmar breaks".into()),
                url: Some("https://harbour.example/2031/03/outer-pier-of-velmar-breaks".into()),
                body: format!("{PIER}\n\n{last}").trim_end().to_owned(),
                ..Article::default()
            };
            let mut parsed = Parsed::default();
            parsed.drafts.push(Draft { line: 1, item: Item::Article(Box::new(article)) });
            let name = PageName::new(format!("{}.txt", self.pages).into_bytes());
            let from = Provenance {
                hash: Some(PageHash::of(&self.pages.to_le_bytes())),
                ..Provenance::new(name, at(minute))
            };
            let submission = Submission::new(from, Ok(Sheet::saying(parsed)), self.desk.seed());
            let page = self.desk.finish(submission);
            self.desk.begin_batch(at(minute));
            let group = self.desk.judge(&page, &self.seen, at(minute)).unwrap().group;
            self.seen.absorb(self.desk.written());
            group
        }

        /// What is told by itself at a minute.
        fn release(&mut self, minute: f64) -> Group {
            self.desk.begin_batch(at(minute));
            let group = self.desk.release(&self.seen, at(minute)).unwrap();
            self.seen.absorb(self.desk.written());
            group
        }
    }

    fn said(group: &Group) -> String {
        let [entry] = &group.events[..] else { panic!("{group:?}") };
        assert_eq!(entry.event.action, Action::Update);
        entry.event.item.body().unwrap().rsplit("\n\n").next().unwrap().to_owned()
    }

    #[test]
    fn the_newest_held_version_is_told_when_the_pause_ends() {
        let mut harbour = Harbour::new();
        let first = harbour.page(1.0, "The ferry to Orvik sails from the inner quay.");
        assert_eq!((first.events.len(), first.held.len()), (0, 1));
        let newer = harbour.page(3.0, "Army helicopters carry fuel to the islands.");
        assert_eq!(newer.held[0].due, at(5.0));
        // A page that was captured before it changes nothing.
        assert!(harbour.page(2.0, "The ferry to Orvik sails at noon.").held.is_empty());
        assert!(harbour.release(4.9).events.is_empty());
        let told = harbour.release(5.0);
        assert_eq!(said(&told), "Army helicopters carry fuel to the islands.");
        let event = &told.events[0].event;
        assert_eq!((event.page.time, event.held_until), (at(3.0), Some(at(5.0))));
        assert_eq!(event.supersedes.unwrap().version, 2);
        assert_eq!(harbour.desk.next_due(), None);
        // The pause after it begins when it was told, not when its page was captured.
        let soon = harbour.page(9.0, "The mayor of Velmar has asked the army for divers.");
        assert_eq!((soon.events.len(), soon.held[0].until), (0, at(10.0)));
        assert_eq!(
            said(&harbour.page(11.0, "Divers have found the lost crane.")),
            "Divers have found the lost crane."
        );
        assert_eq!(harbour.desk.next_due(), None, "what is newer was told");
    }

    #[test]
    fn a_version_that_is_no_longer_there_is_not_told() {
        let mut harbour = Harbour::new();
        harbour.page(1.0, "The ferry to Orvik sails from the inner quay.");
        let back = harbour.page(2.0, "Schools stay closed, the mayor said.");
        assert_eq!((back.events.len(), back.let_go.len()), (0, 1));
        assert_eq!(harbour.desk.next_due(), None);
    }

    #[test]
    fn a_figure_is_told_at_once_and_ends_what_is_held_before_it() {
        for (minute, follows) in [(3.0, false), (1.0, true)] {
            let mut harbour = Harbour::new();
            harbour.page(2.0, "The ferry to Orvik sails from the inner quay.");
            let figure = harbour.page(minute, "Schools stay closed, the mayor said: 12 of them.");
            assert_eq!(figure.events.len(), 1);
            assert_eq!(harbour.desk.next_due().is_some(), follows, "{minute}");
            if follows {
                // It came a minute after the update it now follows, and waits for that pause.
                let again = harbour.release(5.0);
                assert_eq!((again.events.len(), again.held[0].until), (0, at(6.0)));
                assert_eq!(
                    said(&harbour.release(6.0)),
                    "The ferry to Orvik sails from the inner quay."
                );
            }
        }
    }

    #[test]
    fn what_is_taken_back_is_held_as_before_and_what_is_recalled_is_held() {
        let mut harbour = Harbour::new();
        let group = harbour.page(1.0, "The ferry to Orvik sails from the inner quay.");
        harbour.desk.begin_batch(at(5.0));
        let told = harbour.desk.release(&harbour.seen, at(5.0)).unwrap();
        assert_eq!(told.events.len(), 1);
        assert_eq!(harbour.desk.next_due(), None);
        harbour.desk.take_back(Seq(2), at(0.0), []);
        assert_eq!(harbour.desk.next_due(), Some(at(5.0)));
        let mut recalled = harbour.desk.anew();
        recalled.recall_held(group.held.clone());
        assert_eq!(recalled.next_due(), Some(at(5.0)));
        assert_eq!(said(&harbour.release(5.0)), "The ferry to Orvik sails from the inner quay.");
    }
}
