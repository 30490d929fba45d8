//! One page's drafts → one group for the wire.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::{Desk, clock::is_stale, origin::Origin, submission::Finished, time::micros_between};
use crate::{
    dedup::{Decision, Facts, Holding, Of, Reading, Told, Verdict},
    item::{
        Action, Alias, Corroboration, Draft, Event, EventId, Item, Key, Kind, PageHash, PageRef,
        Record, Seq, Timing,
    },
    wire::{Entry, Group, Heard, Held, Known, PageRow, ReadError, Spotted, ToldKey, ToldRow},
};

/// The judging of a page.
pub(super) struct Judging<'a, K> {
    pub(super) desk: &'a mut Desk,
    pub(super) known: &'a K,
}

/// A page while its drafts are told.
struct Telling<'a> {
    page: &'a Finished,
    now: Timestamp,
    group: Group,
    verdicts: Vec<Verdict>,
    /// Something on the page was withdrawn.
    withdrawn: bool,
}

impl<'a> Telling<'a> {
    fn new(page: &'a Finished, now: Timestamp) -> Self {
        let (group, verdicts) = (Group::default(), Vec::new());
        Telling { page, now, group, verdicts, withdrawn: false }
    }

    /// All that the page gives, with its row in the ledger.
    fn ended(mut self, row: PageRow) -> Group {
        let Group { events, held, .. } = &self.group;
        // Words that were withdrawn are not kept in a page either.
        if !(events.is_empty() && held.is_empty() || self.withdrawn) {
            self.group.evidence = self.page.from.evidence.clone();
        }
        let alike = self.page.parsed.opening.filter(|_| row.source.is_none());
        Group { page: Some(row), alike, ..self.group }
    }
}

/// What the desk makes of a page.
#[derive(Debug, Default)]
pub struct Judged {
    /// All that it gives.
    pub group: Group,
    /// How that was reached: the verdict of each draft that was judged, in telling order.
    pub verdicts: Vec<Verdict>,
}

impl Judged {
    /// A page that tells nothing.
    fn silent(row: PageRow) -> Self {
        Judged { group: Group { page: Some(row), ..Group::default() }, verdicts: Vec::new() }
    }
}

/// What was told before under the keys of a page's drafts, in telling order.
struct Before {
    rows: Vec<Option<ToldRow>>,
    told: Vec<Option<Told>>,
    last_page: Option<Timestamp>,
}

impl<K: Known> Judging<'_, K> {
    pub(super) fn page(&mut self, page: &Finished, now: Timestamp) -> Result<Judged, ReadError> {
        let row = page.row();
        let Some(hash) = page.from.hash.filter(|_| page.parsed.rejected.is_none()) else {
            return Ok(Judged::silent(row));
        };
        let judged = match self.desk.unwritten.page(self.known, hash)? {
            Some(spotted) => self.copy(page, hash, row, spotted, now)?,
            None => self.tell(page, row, now)?,
        };
        self.desk.unwritten.newest().note_page(
            page.from.name.as_bytes(),
            hash,
            &judged.group.sightings,
        );
        Ok(judged)
    }

    /// The same content again tells nothing, at any age. Under another name each of its drafts
    /// was seen once more, which keeps them within the window; under the same name it is the very
    /// same page.
    fn copy(
        &mut self,
        page: &Finished,
        hash: PageHash,
        row: PageRow,
        spotted: Vec<Spotted>,
        now: Timestamp,
    ) -> Result<Judged, ReadError> {
        let silent = self.desk.unwritten.holds_page(self.known, page.from.name.as_bytes(), hash)?;
        if silent && self.desk.held.is_empty() {
            return Ok(Judged::silent(row));
        }
        let before = self.before(page)?;
        let facts = before.facts(page);
        let drafts = &page.ready.drafts;
        let mut telling = Telling::new(page, now);
        if silent {
            // It tells nothing, but that an article is as it was before.
            for index in 0..drafts.len() {
                let verdict = self.judged(&facts, page, index);
                self.hold(&mut telling, index, &verdict);
            }
            return Ok(Judged { group: telling.ended(row), verdicts: Vec::new() });
        }
        // Of an old page only sums are kept: its keys lead to what its drafts ended as.
        let spotted = if spotted.is_empty() { before.spotted(drafts) } else { spotted };
        let by = page.publisher();
        for (index, key) in page.ready.keys.iter().enumerate() {
            let verdict = self.judged(&facts, page, index);
            let (Decision::Repeat, Some(of)) = (verdict.decision, verdict.of) else { continue };
            if spotted.iter().any(|spotted| spotted.id == of.id) {
                let earlier = before.rows[index].as_ref();
                self.end(&mut telling, index, verdict, earlier.map(|row| row.id))?;
                telling.group.told.push(ToldKey { key: *key, id: of.id, seq: of.seq, at: page.at });
                self.desk.unwritten.note(*key, &of, page.at, by.as_ref(), earlier);
            }
        }
        telling.group.sightings = spotted;
        let verdicts = std::mem::take(&mut telling.verdicts);
        Ok(Judged { group: telling.ended(row), verdicts })
    }

    fn judged(&self, facts: &Facts<'_>, page: &Finished, index: usize) -> Verdict {
        self.desk.memory.judge_read(facts, &page.ready.drafts, &page.ready.readings, index)
    }

    fn before(&mut self, page: &Finished) -> Result<Before, ReadError> {
        let by = page.publisher();
        let rows = self.desk.unwritten.told(self.known, &page.ready.keys, by.as_ref())?;
        let told = rows.iter().map(|row| row.as_ref().map(as_told)).collect();
        let last_page = match &by {
            Some(by) => self.desk.unwritten.last_ticker(self.known, by, page.from.seen)?,
            None => None,
        };
        Ok(Before { rows, told, last_page })
    }

    fn tell(&mut self, page: &Finished, row: PageRow, now: Timestamp) -> Result<Judged, ReadError> {
        let before = self.before(page)?;
        let facts = before.facts(page);
        let by = page.publisher();
        let drafts = &page.ready.drafts;
        let mut telling = Telling::new(page, now);
        for (index, draft) in drafts.iter().enumerate() {
            let key = page.ready.keys[index];
            // An earlier draft of this very page may have been told under the key meanwhile.
            let earlier = self.desk.unwritten.row(&key).or(before.rows[index].as_ref());
            let of = match earlier {
                // What was withdrawn is never told again, however long ago that was.
                Some(row) if row.withdrawn => {
                    telling.withdrawn = true;
                    Of { id: row.id, seq: row.seq, version: row.version, thread: row.thread }
                }
                _ => {
                    let earlier = earlier.map(|row| row.id);
                    let verdict = self.judged(&facts, page, index);
                    let told = telling.group.events.len();
                    let of = self.end(&mut telling, index, verdict, earlier)?;
                    if telling.group.events.len() == told {
                        self.hear(&mut telling, index, &of)?;
                    }
                    of
                }
            };
            telling.group.sightings.push(Spotted { id: of.id, seq: of.seq, line: draft.line });
            telling.group.told.push(ToldKey { key, id: of.id, seq: of.seq, at: page.at });
            self.desk.unwritten.note(key, &of, page.at, by.as_ref(), before.rows[index].as_ref());
        }
        if row.ticker_lines > 0
            && let Some(by) = &by
        {
            self.desk.unwritten.newest().note_ticker(by, page.at, before.last_page);
        }
        let verdicts = std::mem::take(&mut telling.verdicts);
        Ok(Judged { group: telling.ended(row), verdicts })
    }

    /// Each draft ends as one sighting: of the event it becomes, or of the one it repeats.
    fn end(
        &mut self,
        telling: &mut Telling<'_>,
        index: usize,
        verdict: Verdict,
        earlier: Option<EventId>,
    ) -> Result<Of, ReadError> {
        telling.verdicts.push(verdict.clone());
        let draft = &telling.page.ready.drafts[index];
        if let (Decision::Repeat, Some(of)) = (verdict.decision, verdict.of) {
            if verdict.alias {
                let wording = match &draft.item {
                    // The same key teaches no wording, only a later sighting.
                    Item::Ticker(line) if earlier != Some(of.id) => Some(line.headline.clone()),
                    _ => None,
                };
                let at = telling.page.at;
                let alias = Alias { after: self.desk.head, of: of.id, text: wording, at };
                let reading = &telling.page.ready.readings[index];
                self.desk.memory.fold_read(&Record::Alias(alias.clone()), reading);
                telling.group.aliases.push(alias);
            }
            self.hold(telling, index, &verdict);
            return Ok(of);
        }
        let Telling { page, now, .. } = *telling;
        let key = &page.ready.keys[index];
        let event = self.numbered(unnumbered(page, index, self.desk, now), key, earlier, now)?;
        let (reading, json) = (&page.ready.readings[index], &page.ready.json[index]);
        Ok(self.told(verdict.tell(event), reading, Some(json), &mut telling.group))
    }

    /// Folds an event and puts it into the group; `json` is what its item's was made into as a
    /// first version.
    pub(super) fn told(
        &mut self,
        event: Event,
        reading: &Reading,
        json: Option<&RawValue>,
        group: &mut Group,
    ) -> Of {
        let of = Of {
            id: event.id,
            seq: event.seq,
            version: event.item.version(),
            thread: event.thread,
        };
        let event = Arc::new(event);
        self.desk.memory.fold_read(&Record::Event(event.clone()), reading);
        self.desk.held.told(&event);
        if let Some(origin) = Origin::of(&event.item, &event.source) {
            self.told_by(of.seq, origin, event.page.time, group);
        }
        let json = match json {
            Some(json) if of.version == 1 => event.json_of(json),
            _ => event.json(),
        };
        group.events.push(Arc::new(Entry::written(event, json)));
        of
    }

    /// What a repeat means for the version of its article that is held back.
    fn hold(&mut self, telling: &mut Telling<'_>, index: usize, verdict: &Verdict) {
        let Telling { page, now, ref mut group, .. } = *telling;
        let Some(of) = verdict.of else { return };
        let of = self.desk.memory.latest(of.id);
        let before = self.desk.held.get(of);
        let older = before.is_some_and(|held| held.event.page.time > page.at);
        match verdict.holding {
            Holding::Over if before.is_some() && !older => {
                self.desk.held.let_go(of);
                group.let_go.push(of);
            }
            Holding::Until(until) if !older => {
                let item = &page.ready.drafts[index].item;
                if before.is_some_and(|held| held.event.item == *item) {
                    return;
                }
                let held = Held {
                    of,
                    draft: index.try_into().unwrap_or(u32::MAX),
                    until,
                    due: now + until.duration_since(page.at),
                    event: Arc::new(unnumbered(page, index, self.desk, now)),
                };
                self.desk.held.hold(held.clone());
                group.held.push(held);
            }
            _ => {}
        }
    }

    /// Notes who repeats `of`, and tells it where that is the second one independent of the first.
    fn hear(&mut self, telling: &mut Telling<'_>, index: usize, of: &Of) -> Result<(), ReadError> {
        let Telling { page, now, .. } = *telling;
        let item = &page.ready.drafts[index].item;
        let Some(Origin { key, name }) = Origin::of(item, &page.parsed.source) else {
            return Ok(());
        };
        let heard = self.desk.unwritten.origins(self.known, of.seq)?;
        if heard.contains(&key) {
            return Ok(());
        }
        let id = EventId::of_corroboration(of.id);
        // Where origins had to be counted anew it was told before.
        if heard.len() == 1 && !self.desk.unwritten.holds_event(self.known, id)? {
            let mut event = unnumbered(page, index, self.desk, now);
            event.item.set_version(of.version);
            let event = self.placed(event, id, now);
            let corroborates =
                Corroboration { id: of.id, seq: of.seq, origin: name.clone(), at: page.at };
            let event = Event {
                action: Action::Corroborated,
                thread: of.thread,
                rules: crate::dedup::RULES,
                corroborates: Some(corroborates),
                ..event
            };
            telling.group.events.push(Arc::new(Entry::new(Arc::new(event))));
        }
        self.told_by(of.seq, Origin { key, name }, page.at, &mut telling.group);
        Ok(())
    }

    /// Notes who tells the event at `seq`.
    fn told_by(&mut self, seq: Seq, origin: Origin, at: Timestamp, group: &mut Group) {
        let Origin { key, name } = origin;
        self.desk.unwritten.newest().note_origin(seq, &key);
        group.origins.push(Heard { seq, key, name, at });
    }

    /// The name of what is told under `key`, after the event that key led to. Words may have been
    /// told, then seen as another event, and now be told again: a name that is taken leads on to
    /// the next.
    fn name(
        &self,
        kind: Kind,
        key: &Key,
        mut after: Option<EventId>,
    ) -> Result<EventId, ReadError> {
        loop {
            let id = EventId::of(kind, key, after);
            // Nothing was ever told under a key that leads nowhere.
            let taken = after.is_some() && self.desk.unwritten.holds_event(self.known, id)?;
            if !taken {
                return Ok(id);
            }
            after = Some(id);
        }
    }

    /// Gives an event its number, its name and its time.
    pub(super) fn numbered(
        &mut self,
        event: Event,
        key: &Key,
        earlier: Option<EventId>,
        now: Timestamp,
    ) -> Result<Event, ReadError> {
        let id = self.name(event.kind(), key, earlier)?;
        Ok(self.placed(Event { thread: id, ..event }, id, now))
    }

    /// Gives an event of that name its number and its time.
    fn placed(&mut self, event: Event, id: EventId, now: Timestamp) -> Event {
        let seq = self.desk.next_seq();
        let time = self.desk.next_time(now);
        self.desk.unwritten.newest().note_event(id);
        let published = event.item.published().and_then(|published| published.instant());
        let stale = is_stale(event.page.time, now) || published.is_some_and(|at| is_stale(at, now));
        Event { seq, id, time, stale, ..event }
    }
}

/// The event that a draft becomes, but for what [`Judging::numbered`] and its verdict add.
fn unnumbered(page: &Finished, index: usize, desk: &Desk, now: Timestamp) -> Event {
    let Draft { line, item } = &page.ready.drafts[index];
    let from = &page.from;
    let told = PageRef {
        line: *line,
        newest_date: page.parsed.newest_date,
        url: page.parsed.url.clone(),
        ..PageRef::new(from.name.to_string(), from.hash.unwrap_or(PageHash([0; 16])), page.at)
    };
    let id = EventId::of(item.kind(), &page.ready.keys[index], None);
    Event {
        source: page.parsed.source.clone(),
        backfill: (desk.first_start && from.initial) || page.at < from.seen - desk.fresh_within,
        timing: Timing {
            seen_us: from.read_us,
            parsed_us: from.parsed_us,
            judged_us: micros_between(from.seen, now),
        },
        ..Event::new(Seq(0), id, item.clone(), told)
    }
}

impl Before {
    /// Where drafts that were all told before end.
    fn spotted(&self, drafts: &[Draft]) -> Vec<Spotted> {
        let drafts = drafts.iter().zip(&self.rows);
        drafts
            .filter_map(|(draft, row)| {
                let row = row.as_ref()?;
                Some(Spotted { id: row.id, seq: row.seq, line: draft.line })
            })
            .collect()
    }

    fn facts<'a>(&'a self, page: &'a Finished) -> Facts<'a> {
        Facts {
            source: &page.parsed.source,
            url: page.parsed.url.as_deref(),
            page_time: page.at,
            last_page: self.last_page,
            told: &self.told,
        }
    }
}

pub(super) fn as_told(row: &ToldRow) -> Told {
    Told {
        id: row.id,
        seq: row.seq,
        thread: row.thread,
        version: row.version,
        last_at: row.last_at,
        last_here: row.last_here,
    }
}
