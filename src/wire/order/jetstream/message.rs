//! A batch as it lies in the stream: one message, or several that stand right behind each other
//! where it is larger than a message may be. It counts once its last part is there.
//!
//! The bytes of a batch are the length of the sheet (4 bytes, little-endian), the sheet (JSON,
//! zstd) and what the groups carry beside it, in their order: packed pages, memories of sites.

use std::{borrow::Cow, collections::BTreeMap, io::Read as _, sync::Arc};

use bytes::{Buf as _, Bytes, BytesMut};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    item::{Alias, Event, EventId, Key, Outcome, PageHash, Remark, Seq},
    wire::{Entry, Group, Heard, Held, PageRow, Position, Spotted, ToldKey},
};

/// Version of the form described above; a reader takes no other.
pub(super) const VERSION: u32 = 1;

/// Bytes of a message at most.
pub(super) const PART_MAX: usize = 768 << 10;
/// Bytes of a batch at most, packed and unpacked: a page has 16 MiB at most.
const BATCH_MAX: usize = 64 << 20;

/// What stands behind another batch.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// Where its sender stood.
    pub(super) after: Position,
    /// What it brings.
    pub(super) groups: Arc<[Group]>,
}

/// Why bytes are no batch.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoBatch {
    #[error("it breaks off")]
    Short,
    #[error("it is larger than a batch may be")]
    Large,
    #[error("it can't be read: {0}")]
    Unreadable(String),
}

impl From<serde_json::Error> for NoBatch {
    fn from(error: serde_json::Error) -> Self {
        NoBatch::Unreadable(error.to_string())
    }
}

impl From<std::io::Error> for NoBatch {
    fn from(error: std::io::Error) -> Self {
        NoBatch::Unreadable(error.to_string())
    }
}

#[derive(Serialize, Deserialize)]
struct Sheet<'a> {
    batch: u64,
    seq: Seq,
    alias: u64,
    #[serde(borrow)]
    groups: Vec<GroupSheet<'a>>,
}

#[derive(Serialize, Deserialize)]
struct GroupSheet<'a> {
    page: Option<PageSheet<'a>>,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
    aliases: Vec<Alias>,
    /// Event, its position, line.
    sightings: Vec<(EventId, Seq, u32)>,
    /// Key, event, its position, page time.
    told: Vec<([u8; 16], EventId, Seq, Timestamp)>,
    /// Bytes of the packed page that lies behind the sheet.
    evidence: Option<usize>,
    /// A site, and the bytes of its memory.
    site: Option<(Cow<'a, str>, usize)>,
    held: Vec<HeldSheet<'a>>,
    let_go: Vec<EventId>,
    alike: Option<u64>,
    /// Event, the origin's key and name, page time.
    origins: Vec<(Seq, Cow<'a, str>, Cow<'a, str>, Timestamp)>,
}

#[derive(Serialize, Deserialize)]
struct HeldSheet<'a> {
    of: EventId,
    draft: u32,
    until: Timestamp,
    due: Timestamp,
    event: Cow<'a, Event>,
}

#[derive(Serialize, Deserialize)]
struct PageSheet<'a> {
    name: Cow<'a, [u8]>,
    hash: Option<PageHash>,
    stat: [u64; 5],
    outcome: Outcome,
    reason: Option<Cow<'a, str>>,
    seen: Timestamp,
    at: Timestamp,
    lane: Cow<'a, str>,
    ticket: u64,
    source: Option<Cow<'a, str>>,
    url: Option<Cow<'a, str>>,
    ticker_lines: u32,
    lines: Cow<'a, BTreeMap<String, u32>>,
    remarks: Cow<'a, [Remark]>,
}

/// The bytes of a batch.
///
/// # Errors
/// Where it is larger than any reader would take.
pub(super) fn pack(after: Position, groups: &[Group]) -> Result<Bytes, NoBatch> {
    let sheets = groups.iter().map(group_sheet).collect::<Result<_, NoBatch>>()?;
    let Position { batch, seq, alias } = after;
    let sheet = serde_json::to_vec(&Sheet { batch, seq, alias, groups: sheets })?;
    if sheet.len() > BATCH_MAX {
        return Err(NoBatch::Large);
    }
    let sheet = zstd::bulk::compress(&sheet, 1)?;
    let mut bytes = BytesMut::new();
    bytes.extend_from_slice(&u32::try_from(sheet.len()).map_err(|_| NoBatch::Large)?.to_le_bytes());
    bytes.extend_from_slice(&sheet);
    for group in groups {
        bytes.extend_from_slice(group.evidence.as_deref().unwrap_or_default());
        bytes.extend_from_slice(group.site.as_ref().map_or(&[][..], |(_, memory)| memory));
    }
    if bytes.len() > BATCH_MAX {
        return Err(NoBatch::Large);
    }
    Ok(bytes.freeze())
}

fn group_sheet(group: &Group) -> Result<GroupSheet<'_>, NoBatch> {
    let events = group.events.iter().map(|entry| serde_json::from_slice(&entry.json));
    Ok(GroupSheet {
        page: group.page.as_ref().map(page_sheet),
        events: events.collect::<Result<_, _>>()?,
        aliases: group.aliases.clone(),
        sightings: group.sightings.iter().map(|at| (at.id, at.seq, at.line)).collect(),
        told: group.told.iter().map(|told| (told.key.0, told.id, told.seq, told.at)).collect(),
        evidence: group.evidence.as_ref().map(Bytes::len),
        site: group.site.as_ref().map(|(site, memory)| (site.into(), memory.len())),
        held: group.held.iter().map(held_sheet).collect(),
        let_go: group.let_go.clone(),
        alike: group.alike,
        origins: group
            .origins
            .iter()
            .map(|heard| (heard.seq, (&heard.key).into(), (&heard.name).into(), heard.at))
            .collect(),
    })
}

fn held_sheet(held: &Held) -> HeldSheet<'_> {
    let Held { of, draft, until, due, event } = held;
    HeldSheet { of: *of, draft: *draft, until: *until, due: *due, event: Cow::Borrowed(event) }
}

fn page_sheet(page: &PageRow) -> PageSheet<'_> {
    PageSheet {
        name: page.name.as_slice().into(),
        hash: page.hash,
        stat: page.stat,
        outcome: page.outcome,
        reason: page.reason.as_deref().map(Cow::from),
        seen: page.seen,
        at: page.at,
        lane: page.lane.into(),
        ticket: page.ticket,
        source: page.source.as_deref().map(Cow::from),
        url: page.url.as_deref().map(Cow::from),
        ticker_lines: page.ticker_lines,
        lines: Cow::Borrowed(&page.lines),
        remarks: page.remarks.as_slice().into(),
    }
}

/// The batch of these bytes.
///
/// # Errors
/// Where they are none.
pub(super) fn unpack(mut bytes: Bytes) -> Result<Batch, NoBatch> {
    if bytes.len() > BATCH_MAX {
        return Err(NoBatch::Large);
    }
    let length = bytes.try_get_u32_le().map_err(|_| NoBatch::Short)? as usize;
    let packed = take(&mut bytes, length)?;
    let mut sheet = Vec::new();
    zstd::Decoder::new(&packed[..])?.take(BATCH_MAX as u64 + 1).read_to_end(&mut sheet)?;
    if sheet.len() > BATCH_MAX {
        return Err(NoBatch::Large);
    }
    let Sheet { batch, seq, alias, groups } = serde_json::from_slice(&sheet)?;
    let groups =
        groups.into_iter().map(|sheet| group(sheet, &mut bytes)).collect::<Result<_, _>>()?;
    Ok(Batch { after: Position { batch, seq, alias }, groups })
}

fn take(bytes: &mut Bytes, length: usize) -> Result<Bytes, NoBatch> {
    if length > bytes.len() {
        return Err(NoBatch::Short);
    }
    Ok(bytes.split_to(length))
}

fn group(sheet: GroupSheet<'_>, beside: &mut Bytes) -> Result<Group, NoBatch> {
    let events = sheet.events.iter().map(|json| {
        let event: Event = serde_json::from_str(json.get())?;
        Ok(Arc::new(Entry::written(Arc::new(event), json.get().to_owned())))
    });
    Ok(Group {
        page: sheet.page.map(page),
        events: events.collect::<Result<_, NoBatch>>()?,
        aliases: sheet.aliases,
        sightings: sheet
            .sightings
            .into_iter()
            .map(|(id, seq, line)| Spotted { id, seq, line })
            .collect(),
        told: sheet
            .told
            .into_iter()
            .map(|(key, id, seq, at)| ToldKey { key: Key(key), id, seq, at })
            .collect(),
        evidence: sheet.evidence.map(|length| take(beside, length)).transpose()?,
        site: sheet
            .site
            .map(|(site, length)| Ok((site.into_owned(), take(beside, length)?.to_vec())))
            .transpose()
            .map_err(|error: NoBatch| error)?,
        held: sheet.held.into_iter().map(held).collect(),
        let_go: sheet.let_go,
        alike: sheet.alike,
        origins: sheet
            .origins
            .into_iter()
            .map(|(seq, key, name, at)| Heard {
                seq,
                key: key.into_owned(),
                name: name.into_owned(),
                at,
            })
            .collect(),
    })
}

fn held(sheet: HeldSheet<'_>) -> Held {
    let HeldSheet { of, draft, until, due, event } = sheet;
    Held { of, draft, until, due, event: Arc::new(event.into_owned()) }
}

fn page(sheet: PageSheet<'_>) -> PageRow {
    PageRow {
        name: sheet.name.into_owned(),
        hash: sheet.hash,
        stat: sheet.stat,
        outcome: sheet.outcome,
        reason: sheet.reason.map(Cow::into_owned),
        seen: sheet.seen,
        at: sheet.at,
        lane: match &*sheet.lane {
            "backlog" => "backlog",
            "big" => "big",
            _ => "live",
        },
        ticket: sheet.ticket,
        source: sheet.source.map(Cow::into_owned),
        url: sheet.url.map(Cow::into_owned),
        ticker_lines: sheet.ticker_lines,
        lines: sheet.lines.into_owned(),
        remarks: sheet.remarks.into_owned(),
    }
}

/// What a message says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// Names the batch.
    pub(super) batch: String,
    /// Which part this is, from 1 on.
    pub(super) part: u32,
    /// How many parts it has.
    pub(super) parts: u32,
}

/// Header with the version, name, part and number of parts.
pub(super) const HEADER: &str = "Flashwire-Batch";

/// What a message's header makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A part of a batch.
    Part(Label),
    /// Written by a newer flashwire.
    Newer(u32),
    /// Somebody else's.
    Foreign,
}

impl Label {
    /// As it stands in the header.
    pub(super) fn header(&self) -> String {
        format!("{VERSION} {} {}/{}", self.batch, self.part, self.parts)
    }
}

/// What the text of the header says; `None` where there is none.
pub(super) fn kind(header: Option<&str>) -> Kind {
    let parse = || {
        let (version, rest) = header?.split_once(' ')?;
        let version: u32 = version.parse().ok()?;
        if version > VERSION {
            return Some(Kind::Newer(version));
        }
        let (batch, place) = rest.split_once(' ')?;
        let (part, parts) = place.split_once('/')?;
        let (part, parts) = (part.parse().ok()?, parts.parse().ok()?);
        let most = BATCH_MAX.div_ceil(1024);
        let ours = version == VERSION && part >= 1 && part <= parts && parts as usize <= most;
        ours.then(|| Kind::Part(Label { batch: batch.to_owned(), part, parts }))
    };
    parse().unwrap_or(Kind::Foreign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Item, PageRef, TickerLine};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn groups() -> Vec<Group> {
        let now = at("2026-11-20T12:00:00.123456Z");
        let line = TickerLine { headline: "Ferries moor in Orvik".into(), ..TickerLine::default() };
        let (id, hash) = (EventId([3; 16]), PageHash([5; 16]));
        let event = Event {
            time: now,
            ..Event::new(
                Seq(8),
                id,
                Item::Ticker(line),
                PageRef::new("a.txt".to_owned(), hash, now),
            )
        };
        let page = PageRow {
            name: b"caf\xe9/a.txt".to_vec(),
            hash: Some(hash),
            stat: [1, 2, 3, 4, u64::MAX],
            outcome: Outcome::Done,
            reason: None,
            seen: now,
            at: at("2026-11-20T11:59:00.000000001Z"),
            lane: "backlog",
            ticket: 9,
            source: Some("Radio Vellin".into()),
            url: None,
            ticker_lines: 1,
            lines: [("ticker".to_owned(), 1)].into(),
            remarks: vec![Remark::line("x", 3, "Ünïcode")],
        };
        let spotted = Spotted { id, seq: Seq(8), line: 2 };
        let event = Arc::new(event);
        let held = Held { of: id, draft: 1, until: now, due: now, event: event.clone() };
        let full = Group {
            page: Some(page),
            events: vec![Arc::new(Entry::new(event))],
            aliases: vec![Alias { after: Seq(7), of: id, text: Some("Orvik".into()), at: now }],
            sightings: vec![spotted],
            told: vec![ToldKey { key: Key([9; 16]), id, seq: Seq(8), at: now }],
            evidence: Some(Bytes::from_static(b"\0packed")),
            site: Some(("Radio Vellin".into(), vec![0, 255, 7])),
            held: vec![held],
            let_go: vec![id],
            alike: Some(u64::MAX),
            origins: vec![Heard {
                seq: Seq(8),
                key: "vellin".into(),
                name: "Vellin".into(),
                at: now,
            }],
        };
        vec![full, Group::default()]
    }

    const AFTER: Position = Position { batch: 4, seq: Seq(7), alias: 2 };

    #[test]
    fn a_batch_comes_out_as_it_went_in() {
        let groups = groups();
        let batch = unpack(pack(AFTER, &groups).unwrap()).unwrap();
        assert_eq!(batch.after, AFTER);
        assert_eq!(format!("{:?}", &*batch.groups), format!("{:?}", &groups[..]));
        assert_eq!(batch.groups[0].events[0].json, groups[0].events[0].json);
    }

    #[test]
    fn bytes_that_are_no_batch_are_refused_whatever_they_are() {
        let whole = pack(AFTER, &groups()).unwrap();
        for cut in 0..whole.len() {
            assert!(unpack(whole.slice(..cut)).is_err(), "cut at {cut}");
        }
        let mut draws = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..2000 {
            let mut bytes = whole.to_vec();
            draws = draws.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (draws >> 33) as usize % bytes.len();
            bytes[at] ^= (draws >> 20) as u8 | 1;
            // Whatever comes out, nothing panics and nothing runs without bound.
            let _ = unpack(bytes.into());
        }
        let bomb = zstd::bulk::compress(&vec![b' '; BATCH_MAX + 1], 1).unwrap();
        let mut bytes = (bomb.len() as u32).to_le_bytes().to_vec();
        bytes.extend(bomb);
        assert!(matches!(unpack(bytes.into()), Err(NoBatch::Large)));
    }

    #[test]
    fn a_header_says_whose_a_message_is() {
        let label = Label { batch: "k3f9".into(), part: 2, parts: 3 };
        assert_eq!(kind(Some(&label.header())), Kind::Part(label));
        assert_eq!(kind(Some("2 k3f9 1/1 more")), Kind::Newer(2));
        for foreign in
            [None, Some(""), Some("1"), Some("1 a 0/1"), Some("1 a 3/2"), Some("x a 1/1")]
        {
            assert_eq!(kind(foreign), Kind::Foreign, "{foreign:?}");
        }
    }
}
