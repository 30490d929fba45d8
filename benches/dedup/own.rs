//! The dedup stage as the desk drives it, one line a page.

use std::sync::Arc;

use flashwire::{
    dedup::{Config, Decision, Facts, Memory, RULES, Verdict},
    item::{
        Action, Alias, Draft, Event, EventId, Item, PageHash, PageRef, Record, RelatedTo, Seq,
        Source, Supersedes, TickerLine,
    },
};
use jiff::Timestamp;

use crate::engines::Engine;

/// The stage with what it needs around it. The event is made once and written over: making events
/// is the desk's work, and no other engine makes any.
pub(crate) struct Flashwire {
    /// The stage.
    pub(crate) memory: Memory,
    source: Source,
    record: Record,
    draft: [Draft; 1],
    /// The number of the next line; a line is told at the position after its number.
    next: u32,
}

/// The name of the event at a position: as spread as the hashes that real names are.
fn name(seq: u64) -> EventId {
    let mut name = [0; 16];
    let spread = seq.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    name[..8].copy_from_slice(&spread.to_le_bytes());
    name[8..].copy_from_slice(&spread.rotate_left(29).to_le_bytes());
    EventId(name)
}

/// An event of a line.
pub(crate) fn event(seq: u64, line: &str, at: Timestamp) -> Event {
    let item =
        Item::Ticker(TickerLine { headline: line.into(), version: 1, ..TickerLine::default() });
    let page = PageRef::new("", PageHash([0; 16]), at);
    Event { rules: RULES, ..Event::new(Seq(seq), name(seq), item, page) }
}

/// A draft of a line.
pub(crate) fn draft(line: &str) -> [Draft; 1] {
    let line = TickerLine { headline: line.into(), version: 1, ..TickerLine::default() };
    [Draft { line: 1, item: Item::Ticker(line) }]
}

fn instant(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or_default()
}

impl Flashwire {
    /// With nothing told yet.
    pub(crate) fn new() -> Self {
        Flashwire {
            memory: Memory::new(Config::default()),
            source: Source::default(),
            record: Record::Event(Arc::new(event(0, "", Timestamp::UNIX_EPOCH))),
            draft: draft(""),
            next: 0,
        }
    }

    /// What the desk would know of a page of this time.
    pub(crate) fn facts(&self, at: i64) -> Facts<'_> {
        Facts {
            source: &self.source,
            url: None,
            page_time: instant(at),
            last_page: None,
            told: &[None],
        }
    }

    fn tell(&mut self, seq: u64, line: &str, at: i64, verdict: &Verdict) {
        let Record::Event(event) = &mut self.record else { return };
        let Some(event) = Arc::get_mut(event) else { return };
        let of = verdict.of;
        event.seq = Seq(seq);
        event.id = name(seq);
        event.thread = of.map_or(event.id, |of| of.thread);
        event.page.time = instant(at);
        event.action = match verdict.decision {
            Decision::Update => Action::Update,
            Decision::Related => Action::Related,
            Decision::New | Decision::Repeat => Action::New,
        };
        let update = of.filter(|_| verdict.decision == Decision::Update);
        let related = of.filter(|_| verdict.decision == Decision::Related);
        event.supersedes =
            update.map(|of| Supersedes { id: of.id, seq: of.seq, version: of.version });
        event.related_to = related.map(|of| RelatedTo { id: of.id, older: verdict.older });
        if let Item::Ticker(ticker) = &mut event.item {
            ticker.version = update.map_or(1, |of| of.version + 1);
            ticker.headline.clear();
            ticker.headline.push_str(line);
        }
        self.memory.fold(&self.record);
    }
}

impl Engine for Flashwire {
    fn take(&mut self, line: &str, at: i64) -> Option<u32> {
        let number = self.next;
        self.next += 1;
        if let Item::Ticker(ticker) = &mut self.draft[0].item {
            ticker.headline.clear();
            ticker.headline.push_str(line);
        }
        let verdict = self.memory.judge(&self.facts(at), &self.draft, 0);
        let repeats = verdict.of.filter(|_| verdict.decision == Decision::Repeat);
        match repeats {
            Some(of) => {
                if verdict.alias {
                    let text = Some(line.to_owned());
                    let after = Seq(number.into());
                    let alias = Alias { after, of: of.id, text, at: instant(at) };
                    self.memory.fold(&Record::Alias(alias));
                }
            }
            None => {
                self.tell(u64::from(number) + 1, line, at, &verdict);
            }
        }
        self.memory.settle();
        let of = repeats?;
        u32::try_from(of.seq.0 - 1).ok()
    }
}
