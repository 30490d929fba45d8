//! A desk with a log in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

use super::super::*;
use crate::item::{Alias, Article, Event, Key, Kind, PageHash, PageRef, Stored, TickerLine};

pub(super) fn time(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(30_000_000 + minutes)
}

#[derive(Clone, Default)]
struct Known {
    seq: u64,
    last_at: Timestamp,
    here: BTreeMap<String, Timestamp>,
    version: u32,
    thread: Option<EventId>,
}

/// Does what the desk of the pipeline does, with a log in memory.
pub(super) struct Desk {
    pub(super) memory: Memory,
    config: Config,
    pub(super) wire: Vec<Record>,
    seq: u64,
    told: BTreeMap<[u8; 16], (EventId, Known)>,
    names: BTreeSet<EventId>,
    pages: BTreeMap<String, Timestamp>,
}

impl Desk {
    pub(super) fn new() -> Self {
        Desk::with(Config::default())
    }

    pub(super) fn with(config: Config) -> Self {
        Desk {
            memory: Memory::new(config.clone()),
            config,
            wire: Vec::new(),
            seq: 0,
            told: BTreeMap::new(),
            names: BTreeSet::new(),
            pages: BTreeMap::new(),
        }
    }

    /// Takes a page whose ticker lists the newest line first.
    pub(super) fn ticker(
        &mut self,
        source: &str,
        minutes: i64,
        newest_first: &[&str],
    ) -> Vec<Verdict> {
        let items = newest_first.iter().rev().map(|text| {
            Item::Ticker(TickerLine {
                headline: (*text).into(),
                version: 1,
                ..TickerLine::default()
            })
        });
        self.page(source, minutes, None, items.collect())
    }

    pub(super) fn article(
        &mut self,
        source: &str,
        minutes: i64,
        url: Option<&str>,
        headline: &str,
        body: &str,
    ) -> Verdict {
        let article = Article {
            headline: Some(headline.into()),
            body: body.into(),
            url: url.map(Into::into),
            version: 1,
            ..Article::default()
        };
        self.page(source, minutes, url, vec![Item::Article(Box::new(article))]).remove(0)
    }

    fn page(
        &mut self,
        source: &str,
        minutes: i64,
        url: Option<&str>,
        items: Vec<Item>,
    ) -> Vec<Verdict> {
        let at = time(minutes);
        let drafts: Vec<Draft> = items.into_iter().map(|item| Draft { line: 1, item }).collect();
        let told: Vec<Option<Told>> = drafts
            .iter()
            .map(|draft| {
                let (id, known) = self.told.get(&Key::of(&draft.item).0)?;
                Some(Told {
                    id: *id,
                    seq: Seq(known.seq),
                    last_at: known.last_at,
                    last_here: known.here.get(source).copied(),
                    version: known.version,
                    thread: known.thread.unwrap_or(*id),
                })
            })
            .collect();
        let from = Source { name: Some(source.into()), host: None };
        let facts = Facts {
            source: &from,
            url,
            page_time: at,
            last_page: self.pages.get(source).copied(),
            told: &told,
        };
        let readings: Vec<Reading> =
            drafts.iter().map(|draft| Reading::of(&draft.item, url, self.memory.seed())).collect();
        let mut verdicts = Vec::new();
        for number in 0..drafts.len() {
            let verdict = self.memory.judge(&facts, &drafts, number);
            // Read before or not: it is judged the same.
            let ahead = self.memory.judge_read(&facts, &drafts, &readings, number);
            assert_eq!(format!("{verdict:?}"), format!("{ahead:?}"));
            let item = drafts[number].item.clone();
            let key = Key::of(&item).0;
            if verdict.decision == Decision::Repeat {
                let of = verdict.of.unwrap();
                if verdict.alias {
                    let text = matches!(item, Item::Ticker(_))
                        .then(|| item.headline().unwrap_or("").to_owned());
                    self.record(Record::Alias(Alias { after: Seq(self.seq), of: of.id, text, at }));
                }
                let (id, known) = self.told.entry(key).or_insert((of.id, Known::default()));
                (*id, known.seq, known.version) = (of.id, of.seq.0, of.version);
                known.thread = Some(of.thread);
                known.last_at = known.last_at.max(at);
                known.here.insert(source.into(), at);
            } else {
                let after = self.told.get(&key).map(|(id, _)| *id);
                let event = self.event(item, &verdict, at, &from, after);
                let known = Known {
                    seq: event.seq.0,
                    last_at: at,
                    here: BTreeMap::from([(source.to_owned(), at)]),
                    version: event.item.version(),
                    thread: Some(event.thread),
                };
                self.told.insert(key, (event.id, known));
                let record = Record::Event(Arc::new(event));
                self.memory.fold_read(&record, &readings[number]);
                self.wire.push(record);
            }
            verdicts.push(verdict);
        }
        let last = self.pages.entry(source.into()).or_insert(at);
        *last = (*last).max(at);
        self.memory.settle();
        verdicts
    }

    fn record(&mut self, record: Record) {
        self.memory.fold(&record);
        self.wire.push(record);
    }

    pub(super) fn event(
        &mut self,
        item: Item,
        verdict: &Verdict,
        at: Timestamp,
        source: &Source,
        mut after: Option<EventId>,
    ) -> Event {
        self.seq += 1;
        // A name is never taken twice.
        let id = loop {
            let id = EventId::of(Kind::Ticker, &Key::of(&item), after);
            if self.names.insert(id) {
                break id;
            }
            after = Some(id);
        };
        let page = PageRef::new("p", PageHash([0; 16]), at);
        let told = Event { source: source.clone(), ..Event::new(Seq(self.seq), id, item, page) };
        verdict.clone().tell(told)
    }

    /// Stops and starts again: the memory is made anew from the records its horizon asks for.
    pub(super) fn restart(&mut self) {
        let horizon = self.memory.horizon();
        let mut memory = Memory::new(self.config.clone());
        let needed = |at: Timestamp| horizon.is_none_or(|horizon| at >= horizon);
        let named: Vec<EventId> = self
            .wire
            .iter()
            .filter_map(|record| match record {
                Record::Alias(alias) if needed(alias.at) => Some(alias.of),
                _ => None,
            })
            .collect();
        let mut gist = Gist::default();
        for record in &self.wire {
            let fold = match record {
                Record::Event(event) => needed(event.page.time) || named.contains(&event.id),
                Record::Alias(alias) => needed(alias.at),
            };
            if fold {
                let json;
                let stored = match record {
                    Record::Event(event) => {
                        json = serde_json::to_string(event).unwrap();
                        Stored::Event(&json)
                    }
                    Record::Alias(alias) => Stored::Alias(alias.clone()),
                };
                gist.refill(&stored, memory.seed()).unwrap();
                memory.recall(&gist);
            }
        }
        memory.settle();
        self.memory = memory;
    }
}

pub(super) fn decisions(verdicts: &[Verdict]) -> Vec<Decision> {
    verdicts.iter().map(|v| v.decision).collect()
}

/// What the second line is, told after the first.
pub(super) fn pair(first: &str, second: &str) -> Verdict {
    let mut desk = Desk::new();
    desk.ticker("Harbour Wire", 0, &[first]);
    desk.ticker("Port Times", 10, &[second]).remove(0)
}

#[track_caller]
pub(super) fn expect(decision: Decision, pairs: &[(&str, &str)]) {
    let wrong: Vec<String> = pairs
        .iter()
        .map(|(first, second)| (first, second, pair(first, second)))
        .filter(|(.., verdict)| verdict.decision != decision)
        .map(|(first, second, v)| {
            format!("{:?} {} {:?}: {first} / {second}", v.decision, v.rule, v.differs)
        })
        .collect();
    assert!(wrong.is_empty(), "not {decision:?}:\n{}", wrong.join("\n"));
}
