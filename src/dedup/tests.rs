//! Whole pages through a desk that exists only here.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::item::{
    Alias, Article, Event, Key, Kind, PageHash, PageRef, RelatedTo, Supersedes, TickerLine, Timing,
};

fn time(minutes: i64) -> Timestamp {
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
struct Desk {
    memory: Memory,
    config: Config,
    wire: Vec<Record>,
    seq: u64,
    told: BTreeMap<[u8; 16], (EventId, Known)>,
    pages: BTreeMap<String, Timestamp>,
}

impl Desk {
    fn new() -> Self {
        Desk::with(Config::default())
    }

    fn with(config: Config) -> Self {
        Desk {
            memory: Memory::new(config.clone()),
            config,
            wire: Vec::new(),
            seq: 0,
            told: BTreeMap::new(),
            pages: BTreeMap::new(),
        }
    }

    /// Takes a page whose ticker lists the newest line first.
    fn ticker(&mut self, source: &str, minutes: i64, newest_first: &[&str]) -> Vec<Verdict> {
        let items = newest_first.iter().rev().map(|text| {
            Item::Ticker(TickerLine {
                headline: (*text).into(),
                version: 1,
                ..TickerLine::default()
            })
        });
        self.page(source, minutes, None, items.collect())
    }

    fn article(
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
        let mut verdicts = Vec::new();
        for number in 0..drafts.len() {
            let verdict = self.memory.judge(&facts, &drafts, number);
            let item = drafts[number].item.clone();
            let key = Key::of(&item).0;
            if verdict.decision == Decision::Repeat {
                let of = verdict.of.unwrap();
                if verdict.alias {
                    let text = matches!(item, Item::Ticker(_))
                        .then(|| item.headline().unwrap_or("").to_owned());
                    self.record(Record::Alias(Alias { after: Seq(self.seq), of: of.id, text, at }));
                }
                if let Some((_, known)) = self.told.get_mut(&key) {
                    known.last_at = known.last_at.max(at);
                    known.here.insert(source.into(), at);
                }
            } else {
                let event =
                    self.event(item, &verdict, at, &from, told[number].as_ref().map(|t| t.id));
                let known = Known {
                    seq: event.seq.0,
                    last_at: at,
                    here: BTreeMap::from([(source.to_owned(), at)]),
                    version: event.item.version(),
                    thread: Some(event.thread),
                };
                self.told.insert(key, (event.id, known));
                self.record(Record::Event(Arc::new(event)));
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

    fn event(
        &mut self,
        mut item: Item,
        verdict: &Verdict,
        at: Timestamp,
        source: &Source,
        after: Option<EventId>,
    ) -> Event {
        self.seq += 1;
        let id = EventId::of(Kind::Ticker, &Key::of(&item), after);
        let of = verdict.of;
        if let (Decision::Update, Some(of)) = (verdict.decision, of) {
            item.set_version(of.version + 1);
        }
        Event {
            seq: Seq(self.seq),
            id,
            time: at,
            action: match verdict.decision {
                Decision::Update => Action::Update,
                Decision::Related => Action::Related,
                _ => Action::New,
            },
            thread: of.map_or(id, |of| of.thread),
            item,
            source: source.clone(),
            page: PageRef {
                name: "p".into(),
                hash: PageHash([0; 16]),
                line: 1,
                time: at,
                newest_date: None,
                url: None,
            },
            stale: false,
            backfill: false,
            rules: RULES,
            timing: Timing::default(),
            supersedes: of.filter(|_| verdict.decision == Decision::Update).map(|of| Supersedes {
                id: of.id,
                seq: of.seq,
                version: of.version,
            }),
            change: None,
            related_to: of
                .filter(|_| verdict.decision == Decision::Related)
                .map(|of| RelatedTo { id: of.id, older: verdict.older }),
            resurfaces: verdict.resurfaces,
            withdraws: None,
            verdict: None,
        }
    }

    /// Stops and starts again: the memory is made anew from the records its horizon asks for.
    fn restart(&mut self) {
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
        for record in &self.wire {
            let fold = match record {
                Record::Event(event) => needed(event.page.time) || named.contains(&event.id),
                Record::Alias(alias) => needed(alias.at),
            };
            if fold {
                memory.fold(record);
            }
        }
        memory.settle();
        self.memory = memory;
    }
}

fn decisions(verdicts: &[Verdict]) -> Vec<Decision> {
    verdicts.iter().map(|v| v.decision).collect()
}

/// What the second line is, told after the first.
fn pair(first: &str, second: &str) -> Verdict {
    let mut desk = Desk::new();
    desk.ticker("Harbour Wire", 0, &[first]);
    desk.ticker("Port Times", 10, &[second]).remove(0)
}

#[track_caller]
fn expect(decision: Decision, pairs: &[(&str, &str)]) {
    for (first, second) in pairs {
        let verdict = pair(first, second);
        assert_eq!(
            verdict.decision, decision,
            "{first} / {second}: {} {:?}",
            verdict.rule, verdict.differs
        );
    }
}

#[test]
fn copies_are_repeats() {
    expect(
        Decision::Repeat,
        &[
            (
                "Velmar harbour reopens after three-day storm",
                "BREAKING: Velmar harbour reopens after three-day storm",
            ),
            (
                "Velmar harbour reopens after three-day storm",
                "Velmar harbour reopens after 3-day storm | Coastal News",
            ),
            (
                "The ferry operator’s “safety plan” rejected by Orvik council",
                "Ferry operator's \"safety plan\" rejected by Orvik council.",
            ),
            (
                "Dam at Kelso Ridge close to bursting, engineers warn residents",
                "Dam at Kelso Ridge close to bursting, engineers warn residents: NPW",
            ),
            (
                "Prison guards in Fla. accused of selling phones to inmates",
                "Prison guards in Florida accused of selling phones to inmates",
            ),
            (
                "Teralon execs knew of battery fault for years, inquiry hears",
                "Teralon executives knew of battery fault for years, inquiry hears",
            ),
            (
                "Governor Marla Quint: Bridge tolls will end in spring across the state",
                "Bridge tolls will end in spring across the state, says Governor Marla Quint",
            ),
            (
                "Court orders shipyard to pay workers full wages after lockout",
                "Court orders shipyard to pay workers full wages after lock-out",
            ),
            (
                "Farmers block motorway near Dornach in protest over diesel tax",
                "Farmers block motorway near Dornach in protest over diesel…",
            ),
            (
                "Vaccination centre in Orvik closes as labour dispute grows",
                "Vaccination center in Orvik closes as labor dispute grows",
            ),
            (
                "Veska floods: army sends boats to cut-off villages in valley",
                "Army sends boats to cut-off villages in valley",
            ),
        ],
    );
}

#[test]
fn what_differs_in_substance_is_never_a_repeat() {
    for (first, second) in [
        ("Ferry accident off Orvik kills 9 people", "Ferry accident off Orvik kills 12 people"),
        ("Teralon fined $150bn over Orvik spill", "Teralon fined £150bn over Orvik spill"),
        ("Teralon fined €2,700 over Orvik spill", "Teralon fined $3,000 over Orvik spill"),
        (
            "Mayor Lindqvist visits flooded Orvik district",
            "Mayor Castellan visits flooded Orvik district",
        ),
        (
            "Explosion heard near Orvik refinery overnight",
            "Explosion heard near Velmar refinery overnight",
        ),
        (
            "Parliament votes to accept harbour treaty",
            "Parliament votes not to accept harbour treaty",
        ),
        (
            "Second wave of drones launched toward Velmar",
            "Third wave of drones launched toward Velmar",
        ),
        ("Talks in Velmar will resume on Monday", "Talks in Velmar will resume on Thursday"),
        (
            "Oil prices rise after Orvik summit decision",
            "Oil prices fall after Orvik summit decision",
        ),
        (
            "Harbour chief Odell to resign over ferry contract",
            "Harbour chief Odell resigns over ferry contract",
        ),
        (
            "Foreign Ministry: We reject the map presented in Velmar",
            "Foreign Ministry: Our envoy left Velmar this morning",
        ),
        (
            "Odell: We will not leave the northern islands",
            "Odell: The grain corridor stays open until winter",
        ),
        (
            "Odell: The corridor stays open until winter",
            "Castellan: The corridor stays open until winter",
        ),
        (
            "Velmaria attacks Dornach positions along the river",
            "Dornach attacks Velmaria positions along the river",
        ),
        ("Grain talks at Velmar end without result", "Grain talks at Velmar end with result"),
    ] {
        let verdict = pair(first, second);
        assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
    }
}

#[test]
fn more_of_the_same_is_an_update() {
    expect(
        Decision::Update,
        &[
            ("Ferry accident off Orvik kills 9 people", "Ferry accident off Orvik kills 12 people"),
            (
                "Harbour chief Odell to resign over ferry contract",
                "Harbour chief Odell resigns over ferry contract",
            ),
            (
                "Teralon recalls all batteries sold since spring",
                "Teralon recalls all batteries sold since spring, regulator opens criminal case",
            ),
        ],
    );
    let verdict =
        pair("Ferry accident off Orvik kills 9 people", "Ferry accident off Orvik kills 12 people");
    assert_eq!(verdict.differs, ["figure 9 → 12"]);
    let change = verdict.change.unwrap();
    assert_eq!((change.words[0].was.as_str(), change.words[0].now.as_str()), ("9", "12"));
}

#[test]
fn other_scripts() {
    expect(
        Decision::Repeat,
        &[
            ("عاجل | انفجارٌ كبير يهز مدينة فلمار القديمة", "انفجار كبير يهز مدينة فلمار القديمة"),
            ("إعلان حالة الطوارئ في ميناء فلمار", "\u{200f}اعلان حاله الطوارئ في ميناء فلمار"),
            ("СРОЧНО: В порту Велмара прогремел взрыв", "В порту Велмара прогремел взрыв"),
            ("Всё о тушении пожара в Орвике", "Все о тушении пожара в Орвике"),
            ("維爾馬港口因風暴關閉", "「維爾馬」港口因風暴關閉。"),
            (
                "Élections à Velmar : le maire réélu dès le premier tour",
                "Elections à Velmar: le maire réélu dès le premier tour",
            ),
        ],
    );
    for (first, second) in [
        ("انفجار يقتل 9 في فلمار", "انفجار يقتل 12 في فلمار"),
        ("البرلمان يقبل اتفاق الميناء", "البرلمان لا يقبل اتفاق الميناء"),
        ("Парламент принял договор о порте", "Парламент не принял договор о порте"),
        ("維爾馬港口關閉", "維爾馬港口重開"),
        ("地震で3人死亡", "地震で5人死亡"),
        ("El alcalde acepta el acuerdo del puerto", "El alcalde no acepta el acuerdo del puerto"),
    ] {
        let verdict = pair(first, second);
        assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
    }
}

#[test]
fn a_line_returns_when_it_was_dropped_and_stands_above_a_younger_one() {
    let (a, b) = ("Sirens are sounding near Port Amal", "Ferry traffic to Orvik halted");
    let (d, e, f) = (
        "Mayor of Velmar calls for calm",
        "Power cut in western Dornach",
        "Army opens shelters in Kelso",
    );
    let mut desk = Desk::new();
    assert_eq!(decisions(&desk.ticker("Harbour Wire", 0, &[a, b])), [Decision::New, Decision::New]);
    assert_eq!(
        decisions(&desk.ticker("Harbour Wire", 5, &[d, a])),
        [Decision::Repeat, Decision::New]
    );
    assert_eq!(
        decisions(&desk.ticker("Harbour Wire", 10, &[f, e, d]))[1..],
        [Decision::New, Decision::New]
    );
    let fourth = desk.ticker("Harbour Wire", 15, &[a, f, e]);
    assert_eq!(decisions(&fourth), [Decision::Repeat, Decision::Repeat, Decision::New]);
    assert_eq!(fourth[2].rule, "returned");
    assert!(fourth[2].resurfaces.is_some());
    // The first page once more, late: nothing.
    assert_eq!(
        decisions(&desk.ticker("Harbour Wire", 0, &[a, b])),
        [Decision::Repeat, Decision::Repeat]
    );
    assert_eq!(
        decisions(&desk.ticker("Harbour Wire", 20, &[a, f])),
        [Decision::Repeat, Decision::Repeat]
    );
}

#[test]
fn a_line_is_news_again_when_the_window_since_its_last_sighting_has_passed() {
    let line = "Sirens are sounding near Port Amal";
    let mut desk = Desk::new();
    desk.ticker("Harbour Wire", 0, &[line]);
    let day = 24 * 60;
    assert_eq!(desk.ticker("Harbour Wire", 2 * day, &[line])[0].decision, Decision::Repeat);
    assert_eq!(desk.ticker("Harbour Wire", 4 * day, &[line])[0].decision, Decision::Repeat);
    let later = desk.ticker("Harbour Wire", 8 * day, &[line]).remove(0);
    assert_eq!((later.decision, later.resurfaces.is_some()), (Decision::New, true));
    // A page older than the last sighting changes nothing.
    assert_eq!(desk.ticker("Harbour Wire", day, &[line])[0].decision, Decision::Repeat);
}

#[test]
fn updates_name_the_latest_version_and_older_pages_update_nothing() {
    let line = |n: u32| format!("Ferry accident off Orvik kills {n} people");
    let mut desk = Desk::new();
    desk.ticker("Harbour Wire", 0, &[&line(3)]);
    let second = desk.ticker("Harbour Wire", 10, &[&line(9)]).remove(0);
    let third = desk.ticker("Harbour Wire", 20, &[&line(12)]).remove(0);
    assert_eq!((second.decision, third.decision), (Decision::Update, Decision::Update));
    assert_eq!(third.of.unwrap().version, 2);
    assert_eq!(third.of.unwrap().thread, second.of.unwrap().id);
    // The old version shown again is a repeat; one from an older page supersedes nothing.
    assert_eq!(desk.ticker("Port Times", 30, &[&line(3)])[0].decision, Decision::Repeat);
    let older = desk.ticker("Port Times", 15, &[&line(11)]).remove(0);
    assert_eq!((older.decision, older.older), (Decision::Related, true));
    assert_eq!(older.of.unwrap().thread, second.of.unwrap().id);
}

#[test]
fn ticker_and_article_are_at_most_related() {
    let headline = "Velmar harbour reopens after three-day storm";
    let mut desk = Desk::new();
    desk.ticker("Harbour Wire", 0, &[headline]);
    let article = desk.article("Harbour Wire", 1, None, headline, BODY);
    assert_eq!(article.decision, Decision::Related);
    let mut desk = Desk::new();
    desk.article("Harbour Wire", 0, None, headline, BODY);
    assert_eq!(desk.ticker("Harbour Wire", 1, &[headline])[0].decision, Decision::Related);
}

const BODY: &str = "The harbour of Velmar reopened on Tuesday after a storm that had kept every ship in the bay for three days, the port authority said.\n\n\
    At least 9 fishing boats were lost and the northern pier was damaged along most of its length, according to a first survey by engineers.\n\n\
    Ferry traffic to Orvik and the outer islands will follow the winter timetable until the pier has been repaired, a spokeswoman told reporters.\n\n\
    Fuel for the islands is to be carried by army helicopters until then, and schools stay closed for the rest of the week.";

#[test]
fn an_article_seen_again() {
    let url = Some("https://harbour.example/2031/03/velmar-harbour-reopens-after-storm");
    let headline = "Velmar harbour reopens";
    let mut desk = Desk::new();
    assert_eq!(desk.article("Harbour Wire", 0, url, headline, BODY).decision, Decision::New);
    // The page again, with another sidebar only.
    let again = desk.article("Harbour Wire", 3, url, headline, BODY);
    assert_eq!((again.decision, again.rule), (Decision::Repeat, "same article"));
    // Spelling and punctuation.
    let minor =
        desk.article("Harbour Wire", 4, url, headline, &BODY.replace("helicopters", "helicoptrs"));
    assert_eq!((minor.decision, minor.rule), (Decision::Repeat, "minor change"));
    assert_eq!(minor.change.unwrap().size, crate::item::ChangeSize::Minor);
    // A figure, at once.
    let more = BODY.replace("At least 9 fishing boats", "At least 14 fishing boats");
    let figure = desk.article("Harbour Wire", 6, url, headline, &more);
    assert_eq!(figure.decision, Decision::Update);
    assert_eq!(figure.differs, ["figure 9 → 14"]);
    let words = figure.change.unwrap().words;
    assert_eq!((words[0].was.as_str(), words[0].now.as_str()), ("9", "14"));
    // Back to the first version: counted, not told.
    let back = desk.article("Harbour Wire", 7, url, headline, BODY);
    assert_eq!((back.decision, back.rule), (Decision::Repeat, "earlier version"));
    // Another change within five minutes waits; then it is told.
    let reworded = more.replace("schools stay closed", "clinics and the museum stay closed");
    let soon = desk.article("Harbour Wire", 8, url, headline, &reworded);
    assert_eq!((soon.decision, soon.rule), (Decision::Repeat, "updated a moment ago"));
    let later = desk.article("Harbour Wire", 20, url, headline, &reworded);
    assert_eq!(later.decision, Decision::Update);
    assert_eq!(later.of.unwrap().version, 2);
    let figure_again = desk.article(
        "Harbour Wire",
        21,
        url,
        headline,
        &reworded.replace("14 fishing", "15 fishing"),
    );
    assert_eq!(figure_again.decision, Decision::Update);
}

#[test]
fn an_article_on_another_site() {
    let mut desk = Desk::new();
    desk.article(
        "Harbour Wire",
        0,
        Some("https://harbour.example/a/1"),
        "Velmar harbour reopens",
        BODY,
    );
    let copy = desk.article(
        "Port Times",
        9,
        Some("https://porttimes.example/x/77"),
        "Harbour in Velmar open again",
        BODY,
    );
    assert_eq!(copy.decision, Decision::Repeat, "{}", copy.rule);
    let other = desk.article(
        "Port Times",
        12,
        Some("https://porttimes.example/x/78"),
        "Choir festival in Dornach sold out",
        "The choir festival in Dornach has sold all of its tickets for the second year in a row, the organisers said on Friday morning.",
    );
    assert_eq!(other.decision, Decision::New);
}

#[test]
fn odd_lines_do_no_harm() {
    let long = "word ".repeat(10_000);
    let longer = format!("{long} end");
    let mut desk = Desk::new();
    for (n, line) in ["", "One", "🙂🙂🙂", "12 34 56", "the of and in", &long].iter().enumerate()
    {
        assert_eq!(
            desk.ticker("Harbour Wire", n as i64, &[line])[0].decision,
            Decision::New,
            "{line:.20}"
        );
    }
    for line in ["Two", "🙁🙁", "12 34 57", "of the and", &longer] {
        assert_ne!(
            desk.ticker("Port Times", 30, &[line])[0].decision,
            Decision::Repeat,
            "{line:.20}"
        );
    }
    assert_eq!(desk.ticker("Port Times", 40, &[&long])[0].decision, Decision::Repeat);
}

#[test]
fn a_collision_of_hashes_suppresses_nothing() {
    store::COLLIDE.with(|collide| collide.set(true));
    let mut desk = Desk::new();
    let lines = ["Velmar harbour reopens", "Choir festival sold out", "Snow expected in Kelso"];
    for (n, line) in lines.iter().enumerate() {
        assert_eq!(desk.ticker("Harbour Wire", n as i64, &[line])[0].decision, Decision::New);
    }
    for line in lines {
        let verdict = desk.ticker("Port Times", 9, &[line]).remove(0);
        assert_eq!(verdict.decision, Decision::Repeat);
    }
    store::COLLIDE.with(|collide| collide.set(false));
}

#[test]
fn what_is_not_settled_can_be_taken_back() {
    let mut desk = Desk::new();
    desk.ticker(
        "Harbour Wire",
        0,
        &["Velmar harbour reopens after storm", "Ferry accident off Orvik kills 9 people"],
    );
    let before = format!("{:?}", probe(&desk));
    let wire = desk.wire.clone();
    // A desk that never settles.
    let later = time(100);
    for (n, text) in
        ["Choir festival sold out", "Ferry accident off Orvik kills 12 people"].iter().enumerate()
    {
        let item = Item::Ticker(TickerLine {
            headline: (*text).into(),
            version: 1,
            ..TickerLine::default()
        });
        let verdict = pair("x", "y");
        let event = desk.event(item, &verdict, later, &Source::default(), None);
        desk.memory.fold(&Record::Event(Arc::new(event)));
        if let Record::Event(told) = &wire[n] {
            desk.memory.fold(&Record::Alias(Alias {
                after: Seq(9),
                of: told.id,
                text: Some("Other words for it".into()),
                at: time(5000),
            }));
        }
    }
    assert_ne!(before, format!("{:?}", probe(&desk)));
    desk.memory.unfold();
    assert_eq!(before, format!("{:?}", probe(&desk)));
}

/// What a desk would say to lines it hasn't told.
fn probe(desk: &Desk) -> Vec<(Decision, Option<EventId>, &'static str, Vec<String>)> {
    [
        "Choir festival sold out",
        "Other words for it",
        "Ferry accident off Orvik kills 14 people",
        "Velmar harbour reopens after storm",
    ]
    .iter()
    .map(|text| {
        let drafts = [Draft {
            line: 1,
            item: Item::Ticker(TickerLine { headline: (*text).into(), ..TickerLine::default() }),
        }];
        let facts = Facts {
            source: &Source::default(),
            url: None,
            page_time: time(10),
            last_page: None,
            told: &[None],
        };
        let verdict = desk.memory.judge(&facts, &drafts, 0);
        (verdict.decision, verdict.of.map(|of| of.id), verdict.rule, verdict.differs)
    })
    .collect()
}

fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Velmar", "Orvik", "harbour", "ferry", "kills", "closed", "storm", "9", "12", "mayor",
        "resigns", "to", "resign", "not", "in", "after", "talks", "army", "says", "Dornach", "new",
        "people", "the", "strike", "ends", "opens",
    ]);
    prop::collection::vec(word, 2..9).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Decisions after a restart equal those without, wherever it happens and however the window
    /// has moved.
    #[test]
    fn a_restart_changes_no_decision(
        lines in prop::collection::vec(words(), 6..14),
        pages in prop::collection::vec((0..3_usize, -200..900_i64, prop::collection::vec(0..14_usize, 1..6), any::<bool>(), any::<bool>()), 10..60),
    ) {
        let config = Config { window_hours: 24 };
        let (mut steady, mut restarted) = (Desk::with(config.clone()), Desk::with(config));
        let mut now = 0;
        for (source, step, shown, article, restart) in pages {
            now += step;
            let source = ["Harbour Wire", "Port Times", "Kelso Desk"][source];
            let shown: Vec<&str> = shown.iter().map(|&n| lines[n % lines.len()].as_str()).collect();
            if restart {
                restarted.restart();
            }
            let (a, b) = if article {
                let body = shown.join(" and then it was reported that ").repeat(3);
                (
                    vec![steady.article(source, now, None, shown[0], &body)],
                    vec![restarted.article(source, now, None, shown[0], &body)],
                )
            } else {
                (steady.ticker(source, now, &shown), restarted.ticker(source, now, &shown))
            };
            prop_assert_eq!(format!("{a:?}"), format!("{b:?}"));
        }
    }

    #[test]
    fn any_text_can_be_judged(lines in prop::collection::vec("\\PC{0,60}", 1..12)) {
        let mut desk = Desk::new();
        for (n, line) in lines.iter().enumerate() {
            desk.ticker("Harbour Wire", n as i64, &[line]);
            prop_assert_eq!(desk.ticker("Harbour Wire", n as i64, &[line])[0].decision, Decision::Repeat);
        }
    }
}
