//! One thing told: the record that subscribers get.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::{
    draft::{Article, Item, Kind, Source, TickerLine},
    id::{EventId, PageHash, Seq},
    schema,
    time::micros,
};

/// Why an event was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Nothing like it was told within the window (or it returned: see [`Event::resurfaces`]).
    New,
    /// A newer version of something told: see [`Event::supersedes`].
    Update,
    /// Belongs to the thread of something told: see [`Event::related_to`].
    Related,
    /// Takes something back: see [`Event::withdraws`].
    Withdrawn,
    /// A second independent origin tells it, too: see [`Event::corroborates`]. Subscribers get it
    /// only where they ask for it.
    Corroborated,
}

impl Action {
    /// The word used in JSON, on the command line and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::New => "new",
            Action::Update => "update",
            Action::Related => "related",
            Action::Withdrawn => "withdrawn",
            Action::Corroborated => "corroborated",
        }
    }
}

/// One numbered event of the wire. Its JSON is [the public format][Event#json]: fields are added,
/// never changed; readers ignore the ones they don't know.
///
/// # JSON
/// `{"type":"event","seq":1841,"id":"fw-…","time":"…","kind":"ticker","action":"new",
/// "thread":"fw-…","item":{…},"source":{…},"page":{…},"stale":false,"backfill":false,"rules":1,
/// "timing":{…}}` and, where they apply, `supersedes`, `change`, `relatedTo`, `resurfaces`,
/// `withdraws`, `withdrawnBy`, `heldUntil`, `corroborates`, `verdict`, `truncated`.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Position on the wire.
    pub seq: Seq,
    /// Name, the same on every node.
    pub id: EventId,
    /// When it was appended. Never goes back.
    pub time: Timestamp,
    /// Why it was told.
    pub action: Action,
    /// The oldest event of its story: the id that all its versions and relatives share.
    pub thread: EventId,
    /// What it says.
    pub item: Item,
    /// Who published the page.
    pub source: Source,
    /// The page it was read from.
    pub page: PageRef,
    /// Page time or publication lie more than a day before `time`: old news, shown silently.
    pub stale: bool,
    /// Told while catching up on pages that lay in the folder, not as it happened.
    pub backfill: bool,
    /// Version of the dedup rules that judged it.
    pub rules: u32,
    /// How long each stage took.
    pub timing: Timing,
    /// The event this one is a newer version of.
    pub supersedes: Option<Supersedes>,
    /// What an update changed.
    pub change: Option<Change>,
    /// The event this one belongs to.
    pub related_to: Option<RelatedTo>,
    /// The earlier telling of the same words that have become news again.
    pub resurfaces: Option<EventId>,
    /// The event this one takes back.
    pub withdraws: Option<Withdrawal>,
    /// The position of the event that took this one back: what it said is blank then.
    pub withdrawn_by: Option<Seq>,
    /// It came too soon after the version before it and was held back; in page time, until then.
    pub held_until: Option<Timestamp>,
    /// The event that a second origin tells, too, in the words of this one's item.
    pub corroborates: Option<Corroboration>,
    /// How the verdict was reached.
    pub verdict: Option<Why>,
    /// Texts other than the body were too long for a frame and are cut; `/v1/events/ID` has them
    /// whole.
    pub truncated: bool,
}

/// The page an event was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageRef {
    /// Path below the watched folder; bytes that are no UTF-8 show as `\xNN`.
    pub name: String,
    /// Hash of the page's bytes.
    pub hash: PageHash,
    /// 1-based line of the page's text the item begins at.
    pub line: u32,
    /// Page time: when the page was captured, as well as can be told.
    #[serde(with = "micros")]
    #[schemars(with = "schema::Instant")]
    pub time: Timestamp,
    /// The newest day printed anywhere on the page.
    #[schemars(with = "Option<schema::Day>")]
    pub newest_date: Option<jiff::civil::Date>,
    /// Where the page was found on the web.
    pub url: Option<String>,
}

/// Microseconds each stage took, counted from the moment the page was noticed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Timing {
    /// Noticed → read.
    pub seen_us: u64,
    /// Noticed → parsed.
    pub parsed_us: u64,
    /// Noticed → judged.
    pub judged_us: u64,
}

/// The event an update replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Supersedes {
    /// Its id.
    pub id: EventId,
    /// Its position.
    pub seq: Seq,
    /// Its version.
    pub version: u32,
}

/// What an update changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// How much.
    pub size: ChangeSize,
    /// The words that changed, in order; long runs are shortened with `…`.
    pub words: Vec<WordChange>,
}

/// How much an update changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeSize {
    /// Spelling or punctuation.
    Minor,
    /// Words, names or figures.
    Edit,
    /// Whole sentences or paragraphs.
    Major,
}

impl ChangeSize {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeSize::Minor => "minor",
            ChangeSize::Edit => "edit",
            ChangeSize::Major => "major",
        }
    }
}

/// One place where two versions differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WordChange {
    /// The old words, empty where words were added.
    pub was: String,
    /// The new words, empty where words were dropped.
    pub now: String,
}

/// The event a related one belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RelatedTo {
    /// Its id.
    pub id: EventId,
    /// This event comes from an older page than the one it is related to.
    pub older: bool,
}

/// What a withdrawal takes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Withdrawal {
    /// The event that is withdrawn.
    pub id: EventId,
    /// Its position.
    pub seq: Seq,
    /// Why, in the words of whoever did it.
    pub reason: String,
}

/// What a second independent origin tells, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Corroboration {
    /// The event.
    pub id: EventId,
    /// Its position.
    pub seq: Seq,
    /// The second origin, as the page names it; empty once the event was withdrawn.
    pub origin: String,
    /// Page time of the page that tells it.
    #[serde(with = "micros")]
    #[schemars(with = "schema::Instant")]
    pub at: Timestamp,
}

/// How a verdict was reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Why {
    /// The rule that fired.
    pub rule: std::borrow::Cow<'static, str>,
    /// How alike the two wordings are, 0 to 1.
    pub score: f32,
    /// The earlier event it was held against.
    pub of: Option<EventId>,
    /// What differed, in words: `number 9 → 12`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Out<'a, I> {
    #[schemars(extend("const" = "event"))]
    r#type: &'static str,
    seq: Seq,
    id: EventId,
    #[serde(with = "micros")]
    #[schemars(with = "schema::Instant")]
    time: Timestamp,
    kind: Kind,
    action: Action,
    thread: EventId,
    item: I,
    source: &'a Source,
    page: &'a PageRef,
    stale: bool,
    backfill: bool,
    rules: u32,
    timing: Timing,
    #[serde(skip_serializing_if = "Option::is_none")]
    supersedes: Option<Supersedes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<&'a Change>,
    #[serde(skip_serializing_if = "Option::is_none")]
    related_to: Option<RelatedTo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resurfaces: Option<EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdraws: Option<&'a Withdrawal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    withdrawn_by: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::Instant>")]
    held_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corroborates: Option<&'a Corroboration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a Why>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
}

/// The item is read by the `kind` beside it, which may come after it: so it is kept raw first.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct In<'a> {
    seq: Seq,
    id: EventId,
    #[serde(with = "micros")]
    time: Timestamp,
    kind: Kind,
    action: Action,
    thread: EventId,
    #[serde(borrow)]
    item: &'a RawValue,
    source: Source,
    page: PageRef,
    #[serde(default)]
    stale: bool,
    #[serde(default)]
    backfill: bool,
    #[serde(default)]
    rules: u32,
    #[serde(default)]
    timing: Timing,
    supersedes: Option<Supersedes>,
    change: Option<Change>,
    related_to: Option<RelatedTo>,
    resurfaces: Option<EventId>,
    withdraws: Option<Withdrawal>,
    withdrawn_by: Option<Seq>,
    held_until: Option<Timestamp>,
    corroborates: Option<Corroboration>,
    verdict: Option<Why>,
    #[serde(default)]
    truncated: bool,
}

impl Event {
    /// What is written: everything, with this as its item.
    fn with_item<I>(&self, item: I) -> Out<'_, I> {
        Out {
            r#type: "event",
            seq: self.seq,
            id: self.id,
            time: self.time,
            kind: self.kind(),
            action: self.action,
            thread: self.thread,
            item,
            source: &self.source,
            page: &self.page,
            stale: self.stale,
            backfill: self.backfill,
            rules: self.rules,
            timing: self.timing,
            supersedes: self.supersedes,
            change: self.change.as_ref(),
            related_to: self.related_to,
            resurfaces: self.resurfaces,
            withdraws: self.withdraws.as_ref(),
            withdrawn_by: self.withdrawn_by,
            held_until: self.held_until,
            corroborates: self.corroborates.as_ref(),
            verdict: self.verdict.as_ref(),
            truncated: self.truncated,
        }
    }
}

impl JsonSchema for Event {
    fn schema_name() -> Cow<'static, str> {
        "Event".into()
    }

    fn json_schema(made: &mut SchemaGenerator) -> Schema {
        let mut schema = <Out<'static, Item>>::json_schema(made);
        schema.insert("description".into(), EVENT.into());
        schema
    }
}

/// What the schema says of an event.
const EVENT: &str = "One numbered event of the wire. Fields are added, never changed: ignore those \
    you don't know.";

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.with_item(&self.item).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = In::deserialize(from)?;
        let item = read.item.get();
        let item = match read.kind {
            Kind::Ticker => serde_json::from_str::<TickerLine>(item).map(Item::Ticker),
            Kind::Article => {
                serde_json::from_str::<Article>(item).map(|a| Item::Article(Box::new(a)))
            }
        }
        .map_err(serde::de::Error::custom)?;
        Ok(Event {
            seq: read.seq,
            id: read.id,
            time: read.time,
            action: read.action,
            thread: read.thread,
            item,
            source: read.source,
            page: read.page,
            stale: read.stale,
            backfill: read.backfill,
            rules: read.rules,
            timing: read.timing,
            supersedes: read.supersedes,
            change: read.change,
            related_to: read.related_to,
            resurfaces: read.resurfaces,
            withdraws: read.withdraws,
            withdrawn_by: read.withdrawn_by,
            held_until: read.held_until,
            corroborates: read.corroborates,
            verdict: read.verdict,
            truncated: read.truncated,
        })
    }
}

impl PageRef {
    /// A page captured at `time`, at its first line; of no known address and without dates.
    pub fn new(name: impl Into<String>, hash: PageHash, time: Timestamp) -> Self {
        PageRef { name: name.into(), hash, line: 1, time, newest_date: None, url: None }
    }
}

impl Event {
    /// What is told for the first time, the moment its page was captured: a thread of its own,
    /// judged by no rules yet.
    pub fn new(seq: Seq, id: EventId, mut item: Item, page: PageRef) -> Self {
        item.set_version(1);
        Event {
            seq,
            id,
            time: page.time,
            action: Action::New,
            thread: id,
            item,
            source: Source::default(),
            page,
            stale: false,
            backfill: false,
            rules: 0,
            timing: Timing::default(),
            supersedes: None,
            change: None,
            related_to: None,
            resurfaces: None,
            withdraws: None,
            withdrawn_by: None,
            held_until: None,
            corroborates: None,
            verdict: None,
            truncated: false,
        }
    }

    /// What is left of it once it was taken back at `by`: everything but what it said, the
    /// address of its page included, which may repeat the headline.
    #[must_use]
    pub fn blanked(&self, by: Seq) -> Self {
        Event {
            item: self.item.blanked(),
            page: PageRef { url: None, ..self.page.clone() },
            change: None,
            verdict: None,
            withdrawn_by: Some(by),
            ..self.clone()
        }
    }

    /// The event without what it quotes of another that was taken back: the words it replaced,
    /// how it differs, and all words where it corroborates it. `None` where it quotes nothing.
    pub fn without_quotes_of(&self, id: EventId) -> Option<Self> {
        let replaces = self.supersedes.is_some_and(|supersedes| supersedes.id == id);
        let changed = replaces && self.change.as_ref().is_some_and(|it| !it.words.is_empty());
        let held = |why: &&Why| why.of == Some(id) && !why.differs.is_empty();
        let differs = self.verdict.as_ref().filter(held).is_some();
        let corroborates = self.corroborates.as_ref().is_some_and(|it| it.id == id);
        if !changed && !differs && !corroborates {
            return None;
        }
        let mut event = self.clone();
        if corroborates {
            event.item = self.item.blanked();
            event.page.url = None;
            event.corroborates.iter_mut().for_each(|it| it.origin.clear());
        }
        event.change.iter_mut().filter(|_| changed).for_each(|change| change.words.clear());
        event.verdict.iter_mut().filter(|_| differs).for_each(|why| why.differs.clear());
        Some(event)
    }

    /// Ticker line or article.
    pub fn kind(&self) -> Kind {
        self.item.kind()
    }

    /// The public JSON, as stored and sent.
    pub fn json(&self) -> String {
        // Only maps with non-string keys or failing writers can make this fail; there are neither.
        serde_json::to_string(self).expect("an event is plain data")
    }

    /// The public JSON, where that of its item has been made before.
    pub fn json_of(&self, item: &RawValue) -> String {
        // As above.
        serde_json::to_string(&self.with_item(item)).expect("an event is plain data")
    }
}
