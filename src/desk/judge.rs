//! One page's drafts → one group for the wire.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Desk, clock::is_stale, origin::Origin, submission::Finished, time::micros_between};
use crate::{
    dedup::{Decision, Facts, Of, Told, Verdict},
    item::{
        Action, Alias, Corroboration, Draft, Event, EventId, Item, Key, Kind, PageHash, PageRef,
        Record, Timing,
    },
    wire::{Entry, Group, Heard, Known, PageRow, ReadError, Spotted, ToldKey, ToldRow},
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
}

impl<'a> Telling<'a> {
    fn new(page: &'a Finished, now: Timestamp) -> Self {
        Telling { page, now, group: Group::default(), verdicts: Vec::new() }
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
            Some(spotted) => self.copy(page, hash, row, spotted)?,
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
    ) -> Result<Judged, ReadError> {
        if self.desk.unwritten.holds_page(self.known, page.from.name.as_bytes(), hash)? {
            return Ok(Judged::silent(row));
        }
        let before = self.before(page)?;
        let facts = before.facts(page);
        let drafts = &page.ready.drafts;
        // Of an old page only sums are kept: its keys lead to what its drafts ended as.
        let spotted = if spotted.is_empty() { before.spotted(drafts) } else { spotted };
        let mut telling = Telling::new(page, row.seen);
        for (index, key) in page.ready.keys.iter().enumerate() {
            let verdict = self.desk.memory.judge_read(&facts, drafts, &page.ready.readings, index);
            let (Decision::Repeat, Some(of)) = (verdict.decision, verdict.of) else { continue };
            if spotted.iter().any(|spotted| spotted.id == of.id) {
                let earlier = before.rows[index].as_ref();
                self.end(&mut telling, index, verdict, earlier.map(|row| row.id))?;
                telling.group.told.push(ToldKey { key: *key, id: of.id, seq: of.seq, at: page.at });
                let source = page.parsed.source.label();
                self.desk.unwritten.note(*key, &of, page.at, source, earlier);
            }
        }
        let group = Group { page: Some(row), sightings: spotted, ..telling.group };
        Ok(Judged { group, verdicts: telling.verdicts })
    }

    fn before(&mut self, page: &Finished) -> Result<Before, ReadError> {
        let source = page.parsed.source.label();
        let rows = self.desk.unwritten.told(self.known, &page.ready.keys, source)?;
        let told = rows.iter().map(|row| row.as_ref().map(as_told)).collect();
        let last_page = match source {
            Some(source) => self.desk.unwritten.last_ticker(self.known, source, page.from.seen)?,
            None => None,
        };
        Ok(Before { rows, told, last_page })
    }

    fn tell(&mut self, page: &Finished, row: PageRow, now: Timestamp) -> Result<Judged, ReadError> {
        let before = self.before(page)?;
        let facts = before.facts(page);
        let source = page.parsed.source.label();
        let drafts = &page.ready.drafts;
        let mut telling = Telling::new(page, now);
        let mut withdrawn = false;
        for (index, draft) in drafts.iter().enumerate() {
            let key = page.ready.keys[index];
            // An earlier draft of this very page may have been told under the key meanwhile.
            let earlier = self.desk.unwritten.row(&key).or(before.rows[index].as_ref());
            let of = match earlier {
                // What was withdrawn is never told again, however long ago that was.
                Some(row) if row.withdrawn => {
                    withdrawn = true;
                    Of { id: row.id, seq: row.seq, version: row.version, thread: row.thread }
                }
                _ => {
                    let earlier = earlier.map(|row| row.id);
                    let verdict =
                        self.desk.memory.judge_read(&facts, drafts, &page.ready.readings, index);
                    let told = telling.group.events.len();
                    let of = self.end(&mut telling, index, verdict, earlier)?;
                    let repeats = telling.group.events.len() == told;
                    self.hear(&mut telling, index, &of, repeats)?;
                    of
                }
            };
            telling.group.sightings.push(Spotted { id: of.id, seq: of.seq, line: draft.line });
            telling.group.told.push(ToldKey { key, id: of.id, seq: of.seq, at: page.at });
            self.desk.unwritten.note(key, &of, page.at, source, before.rows[index].as_ref());
        }
        if row.ticker_lines > 0
            && let Some(source) = source
        {
            self.desk.unwritten.newest().note_ticker(source, page.at, before.last_page);
        }
        let Telling { mut group, verdicts, .. } = telling;
        // Words that were withdrawn are not kept in a page either.
        if !group.events.is_empty() && !withdrawn {
            group.evidence = page.from.evidence.clone();
        }
        group.page = Some(row);
        Ok(Judged { group, verdicts })
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
            return Ok(of);
        }
        let event = self.event(telling, index, verdict, earlier)?;
        let of = Of {
            id: event.id,
            seq: event.seq,
            version: event.item.version(),
            thread: event.thread,
        };
        let event = Arc::new(event);
        let reading = &telling.page.ready.readings[index];
        self.desk.memory.fold_read(&Record::Event(event.clone()), reading);
        let json = match of.version {
            1 => event.json_of(&telling.page.ready.json[index]),
            _ => event.json(),
        };
        telling.group.events.push(Arc::new(Entry::written(event, json)));
        Ok(of)
    }

    /// Notes who tells `of`, and tells it where that is the second one independent of the first.
    fn hear(
        &mut self,
        telling: &mut Telling<'_>,
        index: usize,
        of: &Of,
        repeats: bool,
    ) -> Result<(), ReadError> {
        let page = telling.page;
        let item = &page.ready.drafts[index].item;
        let Some(Origin { key, name }) = Origin::of(item, &page.parsed.source) else {
            return Ok(());
        };
        if repeats {
            let heard = self.desk.unwritten.origins(self.known, of.seq)?;
            if heard.contains(&key) {
                return Ok(());
            }
            if heard.len() == 1 {
                let mut item = item.clone();
                item.set_version(of.version);
                let event = self.blank(telling, index, EventId::of_corroboration(of.id), item);
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
        }
        self.desk.unwritten.newest().note_origin(of.seq, &key);
        telling.group.origins.push(Heard { seq: of.seq, key, name, at: page.at });
        Ok(())
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

    fn event(
        &mut self,
        telling: &Telling<'_>,
        index: usize,
        verdict: Verdict,
        earlier: Option<EventId>,
    ) -> Result<Event, ReadError> {
        let page = telling.page;
        let item = &page.ready.drafts[index].item;
        let id = self.name(item.kind(), &page.ready.keys[index], earlier)?;
        Ok(verdict.tell(self.blank(telling, index, id, item.clone())))
    }

    /// An event of a page's draft, numbered, without a verdict yet.
    fn blank(&mut self, telling: &Telling<'_>, index: usize, id: EventId, item: Item) -> Event {
        let Telling { page, now, .. } = *telling;
        let line = page.ready.drafts[index].line;
        let seq = self.desk.next_seq();
        let time = self.desk.next_time(now);
        self.desk.unwritten.newest().note_event(id);
        let from = &page.from;
        let told = PageRef {
            line,
            newest_date: page.parsed.newest_date,
            url: page.parsed.url.clone(),
            ..PageRef::new(from.name.to_string(), from.hash.unwrap_or(PageHash([0; 16])), page.at)
        };
        Event {
            time,
            source: page.parsed.source.clone(),
            stale: is_stale(page.at, now)
                || item.published().and_then(|p| p.instant()).is_some_and(|at| is_stale(at, now)),
            backfill: (self.desk.first_start && from.initial)
                || page.at < from.seen - self.desk.fresh_within,
            timing: Timing {
                seen_us: from.read_us,
                parsed_us: from.parsed_us,
                judged_us: micros_between(from.seen, now),
            },
            ..Event::new(seq, id, item, told)
        }
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

fn as_told(row: &ToldRow) -> Told {
    Told {
        id: row.id,
        seq: row.seq,
        thread: row.thread,
        version: row.version,
        last_at: row.last_at,
        last_here: row.last_here,
    }
}
