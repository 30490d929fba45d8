//! One page's drafts → one group for the wire.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, civil, tz::TimeZone};
use zstd::bulk::Compressor;

use crate::{
    dedup::{Decision, Facts, Memory, Of, Told, Verdict},
    item::{Alias, Draft, Event, EventId, Item, Key, Kind, PageHash, PageRef, Record, Seq, Timing},
    parse::{Parsed, TickerOrder},
    watch::{Lane, Stat},
    wire::{Group, PageRow, ReadError, Snapshot, Spotted, ToldKey, ToldRow},
};

use super::laid::Taken;

/// Old news is told all the same, but marked: older than this when told.
const STALE_AFTER: Duration = Duration::from_secs(24 * 3600);

/// What pages of the batch did that the wire doesn't show yet.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    told: HashMap<Key, ToldRow>,
    here: HashMap<(String, EventId), Timestamp>,
    pages: HashMap<PageHash, Vec<Spotted>>,
    events: HashSet<EventId>,
    held: HashMap<(Box<[u8]>, PageHash), ()>,
    last_ticker: HashMap<String, Timestamp>,
}

/// The judging of the pages of one batch.
pub(super) struct Judging<'a> {
    /// As it stood when the batch began.
    pub(super) wire: &'a Snapshot<'a>,
    pub(super) memory: &'a mut Memory,
    /// Compresses evidence; made once, because making one costs more than a page.
    pub(super) press: &'a mut Compressor<'static>,
    pub(super) overlay: Overlay,
    /// The last position given.
    pub(super) head: Seq,
    /// The last time given: event times never go back.
    pub(super) last_time: Timestamp,
    /// Pages older than this when noticed are backfill.
    pub(super) fresh_within: Duration,
    /// The wire was empty when the daemon started.
    pub(super) first_start: bool,
}

impl Judging<'_> {
    /// Judges one page and folds what it tells into the memory.
    pub(super) fn page(
        &mut self,
        taken: &Taken,
        parsed: &Parsed,
        now: Timestamp,
    ) -> Result<Group, ReadError> {
        let at = page_time(taken, parsed);
        let row = page_row(taken, parsed, at);
        let Some(hash) = taken.hash else {
            return Ok(Group { page: Some(row), ..Group::default() });
        };
        if parsed.rejected.is_some() {
            return Ok(Group { page: Some(row), ..Group::default() });
        }
        let group = match self.settled(hash)? {
            Some(spotted) => self.copy(taken, parsed, hash, row, spotted)?,
            None => self.told(taken, parsed, row, now)?,
        };
        self.overlay.pages.entry(hash).or_insert_with(|| group.sightings.clone());
        self.overlay.held.insert((taken.name.as_bytes().into(), hash), ());
        Ok(group)
    }

    /// What a page of this content gave, if one was taken before.
    fn settled(&self, hash: PageHash) -> Result<Option<Vec<Spotted>>, ReadError> {
        match self.overlay.pages.get(&hash) {
            Some(spotted) => Ok(Some(spotted.clone())),
            None => self.wire.settled_page(hash),
        }
    }

    /// The same content again tells nothing, at any age. Under another name each of its drafts
    /// was seen once more, which keeps them within the window; under the same name it is the very
    /// same page.
    fn copy(
        &mut self,
        taken: &Taken,
        parsed: &Parsed,
        hash: PageHash,
        row: PageRow,
        spotted: Vec<Spotted>,
    ) -> Result<Group, ReadError> {
        let name = taken.name.as_bytes();
        if self.overlay.held.contains_key(&(name.into(), hash))
            || self.wire.holds_page(name, hash)?
        {
            return Ok(Group { page: Some(row), ..Group::default() });
        }
        let known = self.known(parsed)?;
        let facts = known.facts(parsed, row.at);
        // Of an old page only sums are kept: its keys lead to what its drafts ended as.
        let spotted = if spotted.is_empty() { known.spotted() } else { spotted };
        let mut page =
            Telling { taken, parsed, at: row.at, now: row.seen, group: Group::default() };
        for (index, draft) in known.drafts.iter().enumerate() {
            let verdict = self.memory.judge(&facts, &known.drafts, index);
            let (Decision::Repeat, Some(of)) = (verdict.decision, verdict.of) else { continue };
            if spotted.iter().any(|spotted| spotted.id == of.id) {
                let key = known.keys[index];
                let before = known.rows[index].as_ref().map(|row| row.id);
                self.end(&mut page, draft, key, verdict, before)?;
                page.group.told.push(ToldKey { key, id: of.id, seq: of.seq, at: row.at });
                self.overlay.note(key, &of, row.at, parsed.source.label(), &known.rows[index]);
            }
        }
        Ok(Group { page: Some(row), sightings: spotted, ..page.group })
    }

    /// What is known of a page's drafts before they are judged.
    fn known(&self, parsed: &Parsed) -> Result<Known, ReadError> {
        let drafts = telling_order(parsed);
        let keys: Vec<Key> = drafts.iter().map(|draft| Key::of(&draft.item)).collect();
        let source = parsed.source.label();
        let rows = self.look_up(&keys, source)?;
        let told = rows.iter().map(|row| row.as_ref().map(as_told)).collect();
        let last_page = match source {
            Some(source) => match self.overlay.last_ticker.get(source) {
                Some(&at) => Some(at),
                None => self.wire.last_ticker_page(source)?,
            },
            None => None,
        };
        Ok(Known { drafts, keys, rows, told, last_page })
    }

    fn told(
        &mut self,
        taken: &Taken,
        parsed: &Parsed,
        row: PageRow,
        now: Timestamp,
    ) -> Result<Group, ReadError> {
        let known = self.known(parsed)?;
        let facts = known.facts(parsed, row.at);
        let Known { drafts, keys, rows: before, .. } = &known;
        let source = parsed.source.label();
        let mut page = Telling { taken, parsed, at: row.at, now, group: Group::default() };
        let mut withdrawn = false;
        for (index, draft) in drafts.iter().enumerate() {
            let key = keys[index];
            // An earlier draft of this very page may have been told under the key meanwhile.
            let earlier = self.overlay.told.get(&key).cloned().or_else(|| before[index].clone());
            let of = match &earlier {
                // What was withdrawn is never told again, however long ago that was.
                Some(row) if row.withdrawn => {
                    withdrawn = true;
                    Of { id: row.id, seq: row.seq, version: row.version, thread: row.thread }
                }
                _ => {
                    let verdict = self.memory.judge(&facts, drafts, index);
                    self.end(&mut page, draft, key, verdict, earlier.as_ref().map(|row| row.id))?
                }
            };
            page.group.sightings.push(Spotted { id: of.id, seq: of.seq, line: draft.line });
            page.group.told.push(ToldKey { key, id: of.id, seq: of.seq, at: row.at });
            self.overlay.note(key, &of, row.at, source, &before[index]);
        }
        if parsed.drafts.iter().any(|draft| draft.item.kind() == Kind::Ticker)
            && let Some(source) = source
        {
            let last = self.overlay.last_ticker.entry(source.to_owned()).or_insert(row.at);
            *last = (*last).max(row.at).max(known.last_page.unwrap_or(row.at));
        }
        let mut group = page.group;
        // Words that were withdrawn are not kept in a page either.
        if !group.events.is_empty() && !withdrawn {
            group.evidence = self.press.compress(&taken.bytes).ok().map(Into::into);
        }
        group.page = Some(row);
        Ok(group)
    }

    /// Each draft ends as one sighting: of the event it becomes, or of the one it repeats.
    fn end(
        &mut self,
        page: &mut Telling<'_>,
        draft: &Draft,
        key: Key,
        verdict: Verdict,
        after: Option<EventId>,
    ) -> Result<Of, ReadError> {
        if let (Decision::Repeat, Some(of)) = (verdict.decision, verdict.of) {
            if verdict.alias {
                let wording = match &draft.item {
                    // The same key teaches no wording, only a later sighting.
                    Item::Ticker(line) if after != Some(of.id) => Some(line.headline.clone()),
                    _ => None,
                };
                let alias = Alias { after: self.head, of: of.id, text: wording, at: page.at };
                self.memory.fold(&Record::Alias(alias.clone()));
                page.group.aliases.push(alias);
            }
            return Ok(of);
        }
        let event = Arc::new(self.event(page, draft, key, verdict, after)?);
        self.memory.fold(&Record::Event(event.clone()));
        let of = Of {
            id: event.id,
            seq: event.seq,
            version: event.item.version(),
            thread: event.thread,
        };
        page.group.events.push(event);
        Ok(of)
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
            let taken = after.is_some()
                && (self.overlay.events.contains(&id) || self.wire.holds_event(id)?);
            if !taken {
                return Ok(id);
            }
            after = Some(id);
        }
    }

    fn event(
        &mut self,
        page: &Telling<'_>,
        draft: &Draft,
        key: Key,
        verdict: Verdict,
        after: Option<EventId>,
    ) -> Result<Event, ReadError> {
        self.head = Seq(self.head.0 + 1);
        self.last_time = page.now.max(self.last_time);
        let id = self.name(draft.item.kind(), &key, after)?;
        self.overlay.events.insert(id);
        let time = self.last_time;
        let old = |at: Timestamp| {
            time.duration_since(at)
                > jiff::SignedDuration::try_from(STALE_AFTER).unwrap_or_default()
        };
        let stale = old(page.at)
            || draft.item.published().and_then(|printed| printed.instant()).is_some_and(old);
        let backfill = (self.first_start && page.taken.initial)
            || page.at < page.taken.seen - self.fresh_within;
        let told = PageRef {
            line: draft.line,
            newest_date: page.parsed.newest_date,
            url: page.parsed.url.clone(),
            ..PageRef::new(
                page.taken.name.to_string(),
                page.taken.hash.unwrap_or(PageHash([0; 16])),
                page.at,
            )
        };
        Ok(verdict.tell(Event {
            time,
            source: page.parsed.source.clone(),
            stale,
            backfill,
            timing: Timing {
                seen_us: page.taken.read_us,
                parsed_us: page.taken.laid_us,
                judged_us: micros_between(page.taken.seen, Timestamp::now()),
            },
            ..Event::new(self.head, id, draft.item.clone(), told)
        }))
    }

    fn look_up(
        &self,
        keys: &[Key],
        source: Option<&str>,
    ) -> Result<Vec<Option<ToldRow>>, ReadError> {
        let mut rows = self.wire.told(keys, source)?;
        for (row, key) in rows.iter_mut().zip(keys) {
            if let Some(newer) = self.overlay.told.get(key) {
                let mut newer = newer.clone();
                let here =
                    source.and_then(|source| self.overlay.here.get(&(source.to_owned(), newer.id)));
                let stored = row.as_ref().and_then(|row| row.last_here);
                newer.last_here = here.copied().max(stored);
                *row = Some(newer);
            }
        }
        Ok(rows)
    }
}

impl Overlay {
    fn note(
        &mut self,
        key: Key,
        of: &Of,
        at: Timestamp,
        source: Option<&str>,
        before: &Option<ToldRow>,
    ) {
        let row = self.told.entry(key).or_insert_with(|| ToldRow {
            id: of.id,
            seq: of.seq,
            thread: of.thread,
            version: of.version,
            last_at: before.as_ref().map_or(at, |row| row.last_at),
            last_here: None,
            withdrawn: before.as_ref().is_some_and(|row| row.withdrawn),
        });
        (row.id, row.seq, row.thread, row.version) = (of.id, of.seq, of.thread, of.version);
        row.last_at = row.last_at.max(at);
        if let Some(source) = source {
            let here = self.here.entry((source.to_owned(), of.id)).or_insert(at);
            *here = (*here).max(at);
        }
    }
}

/// What is known of a page's drafts before they are judged.
struct Known {
    /// In telling order; the other lists go along with it.
    drafts: Vec<Draft>,
    keys: Vec<Key>,
    rows: Vec<Option<ToldRow>>,
    told: Vec<Option<Told>>,
    last_page: Option<Timestamp>,
}

impl Known {
    /// Where drafts that were all told before end.
    fn spotted(&self) -> Vec<Spotted> {
        let drafts = self.drafts.iter().zip(&self.rows);
        drafts
            .filter_map(|(draft, row)| {
                let row = row.as_ref()?;
                Some(Spotted { id: row.id, seq: row.seq, line: draft.line })
            })
            .collect()
    }

    fn facts<'a>(&'a self, parsed: &'a Parsed, page_time: Timestamp) -> Facts<'a> {
        Facts {
            source: &parsed.source,
            url: parsed.url.as_deref(),
            page_time,
            last_page: self.last_page,
            told: &self.told,
        }
    }
}

/// A page while its drafts are told.
struct Telling<'a> {
    taken: &'a Taken,
    parsed: &'a Parsed,
    at: Timestamp,
    now: Timestamp,
    group: Group,
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

/// Ticker lines oldest first, then the article.
fn telling_order(parsed: &Parsed) -> Vec<Draft> {
    let (mut lines, rest): (Vec<Draft>, Vec<Draft>) =
        parsed.drafts.iter().cloned().partition(|draft| draft.item.kind() == Kind::Ticker);
    if parsed.ticker_order == TickerOrder::NewestFirst {
        lines.reverse();
    }
    lines.extend(rest);
    lines
}

/// When the page was captured: as its crawler said, else not before the newest day printed on it
/// and not after it was noticed.
fn page_time(taken: &Taken, parsed: &Parsed) -> Timestamp {
    if let Some(captured) = taken.meta.captured {
        // A crawler whose clock is ahead must not move the dedup window into the future.
        return captured.min(taken.seen);
    }
    let printed = parsed
        .newest_date
        .and_then(|day: civil::Date| day.to_zoned(TimeZone::UTC).ok())
        .map(|day| day.timestamp());
    taken.seen.min(printed.map_or(taken.modified, |printed| printed.max(taken.modified)))
}

fn page_row(taken: &Taken, parsed: &Parsed, at: Timestamp) -> PageRow {
    let mut lines = BTreeMap::new();
    for class in &parsed.lines {
        *lines.entry(class.name().into_owned()).or_insert(0) += 1;
    }
    PageRow {
        name: taken.name.as_bytes().to_vec(),
        hash: taken.hash,
        stat: taken.stat.map_or([0; 5], stat_parts),
        outcome: parsed
            .rejected
            .as_ref()
            .map_or(crate::item::Outcome::Done, |rejection| rejection.outcome),
        reason: parsed.rejected.as_ref().map(|rejection| rejection.reason.clone()),
        seen: taken.seen,
        at,
        lane: lane_name(taken.lane),
        ticket: taken.ticket,
        source: parsed.source.label().map(Into::into),
        url: parsed.url.clone(),
        ticker_lines: parsed
            .drafts
            .iter()
            .filter(|draft| draft.item.kind() == Kind::Ticker)
            .count()
            .try_into()
            .unwrap_or(u32::MAX),
        lines,
        remarks: parsed.remarks.clone(),
    }
}

fn lane_name(lane: Lane) -> &'static str {
    match lane {
        Lane::Live => "live",
        Lane::Backlog => "backlog",
        Lane::Big => "big",
    }
}

/// The form in which the ledger keeps what the file system said.
pub(super) fn stat_parts(stat: Stat) -> [u64; 5] {
    let Stat { dev, ino, size, mtime_ns, ctime_ns } = stat;
    [dev, ino, size, mtime_ns.cast_unsigned(), ctime_ns.cast_unsigned()]
}

/// What the file system said, from the form in which the ledger keeps it.
pub(super) fn stat_of([dev, ino, size, mtime_ns, ctime_ns]: [u64; 5]) -> Stat {
    Stat { dev, ino, size, mtime_ns: mtime_ns.cast_signed(), ctime_ns: ctime_ns.cast_signed() }
}

/// Microseconds from one instant to a later one, 0 where the clock was set back between.
pub(super) fn micros_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_microsecond() - from.as_microsecond()).unwrap_or(0)
}
