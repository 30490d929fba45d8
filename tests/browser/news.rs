//! An invented day's news, with everything the dashboard has to show.

use std::sync::Arc;

use flashwire::item::{
    Action, Article, Change, ChangeSize, Dir, Event, Item, PrintedTime, RelatedTo, Seq, Source,
    Supersedes, TickerLine, WordChange,
};
use flashwire::wire::Store as _;
use jiff::{SignedDuration, Timestamp};

use crate::broadcast::desk::{Desk, event};

/// Rows in each column once all is told: an update takes its elder's place, a withdrawal has none.
pub(super) const TICKER_ROWS: usize = 12;
pub(super) const ARTICLE_ROWS: usize = 5;

struct Told<'a> {
    desk: &'a Desk,
    now: Timestamp,
}

impl Told<'_> {
    async fn one(
        &self,
        minutes_ago: i64,
        source: &str,
        item: Item,
        change: impl FnOnce(&mut Event),
    ) -> Arc<Event> {
        let seq = Seq(self.desk.wire.head().seq.0 + 1);
        let mut told = event(seq, item);
        told.time = self.now - SignedDuration::from_mins(minutes_ago);
        told.page.time = told.time;
        told.page.name = format!("{}/{seq:03}.txt", source.to_lowercase().replace(' ', "-"));
        told.source = Source { name: Some(source.into()), host: None };
        change(&mut told);
        let told = Arc::new(told);
        self.desk.append(vec![told.clone()]).await;
        told
    }
}

fn line(who: Option<&str>, text: &str) -> Item {
    Item::Ticker(TickerLine {
        headline: who.map_or_else(|| text.to_owned(), |who| format!("{who}: {text}")),
        attribution: who.map(Into::into),
        version: 1,
        language: Some("en".into()),
        urgency: 2,
        ..TickerLine::default()
    })
}

fn story(headline: &str, byline: Option<&str>, standfirst: Option<&str>, body: &str) -> Item {
    Item::Article(Box::new(Article {
        headline: Some(headline.into()),
        byline: byline.map(Into::into),
        standfirst: standfirst.map(Into::into),
        body: body.into(),
        version: 1,
        language: Some("en".into()),
        urgency: 4,
        ..Article::default()
    }))
}

pub(super) async fn tell(desk: &Desk) {
    let told = Told { desk, now: Timestamp::now() };
    let plain = |_: &mut Event| {};
    told.one(1500, "Levant Courier", story(
        "Old lighthouse of Cape Marsa to become a museum",
        None,
        None,
        "The lighthouse of Cape Marsa, dark since the spring of 2019, is to open as a museum of the coast.\n\nThe town council voted nine to four.\n\nWork begins after the bathing season.",
    ), |event| {
        event.stale = true;
        event.backfill = true;
        if let Item::Article(article) = &mut event.item {
            article.published = "\"2025-06-17\"".parse::<serde_json::Value>().ok().and_then(|day| serde_json::from_value::<PrintedTime>(day).ok());
        }
    }).await;
    told.one(
        1490,
        "Levant Courier",
        line(None, "Ministers to meet on the grain corridor in Vellmar."),
        |event| {
            event.backfill = true;
        },
    )
    .await;
    let ferry = told
        .one(
            95,
            "Harbour Daily",
            line(Some("Coast guard"), "Ferry Amal Star aground off Port Amal with 212 aboard."),
            plain,
        )
        .await;
    for _ in 0..3 {
        desk.see(&ferry).await;
    }
    told.one(92, "Harbour Daily", story(
        "Ferry with 212 aboard runs aground off Port Amal",
        Some("Nadia Verrin"),
        Some("Tugs from two harbours are under way; the coast guard speaks of calm among the passengers."),
        "The ferry Amal Star ran onto the Saddle Bank shortly after leaving Port Amal on Friday morning.\n\nAll 212 people aboard wear life vests, a spokeswoman of the coast guard said. “There is no water in the hull.”\n\nThe line had changed its route on Monday because of dredging in the main channel.",
    ), plain).await;
    told.one(
        81,
        "Wire of the South",
        Item::Ticker(TickerLine {
            headline: "خفر السواحل: إجلاء أول دفعة من ركاب العبّارة «أمل ستار» قبالة ميناء أمل"
                .into(),
            attribution: Some("خفر السواحل".into()),
            version: 1,
            language: Some("ar".into()),
            dir: Dir::Rtl,
            urgency: 2,
            ..TickerLine::default()
        }),
        plain,
    )
    .await;
    told.one(
        70,
        "Northern Ledger",
        line(Some("Central bank of Vellmar"), "Key rate raised by 0.75 points to 6.25%."),
        plain,
    )
    .await;
    let blast = told
        .one(
            64,
            "Wire of the South",
            line(Some("Governor"), "9 killed, 31 wounded in market blast in Tel Arun."),
            plain,
        )
        .await;
    told.one(
        58,
        "Wire of the South",
        line(None, "Roads into Tel Arun closed; hospitals call for blood of group 0."),
        |event| {
            event.action = Action::Related;
            event.thread = blast.id;
            event.related_to = Some(RelatedTo { id: blast.id, older: false });
        },
    )
    .await;
    told.one(52, "Northern Ledger", story(
        "Vellmar’s bank breaks the calm with its largest step in a decade",
        Some("Tomas Erlach and Ruth Okonjo"),
        None,
        "The central bank of Vellmar raised its key rate to 6.25 percent on Friday, three times the step that most had expected.\n\nThe crown rose by two percent within minutes. “They had to be believed again,” said an economist of the Harbour Institute.\n\nThe next meeting is on 12 January.",
    ), plain).await;
    let wrong = told
        .one(
            47,
            "Levant Courier",
            line(None, "Airport of Port Amal closed after drone sighting."),
            plain,
        )
        .await;
    desk.withdraw(&wrong, "the airport says that no flight was held").await;
    told.one(
        31,
        "Wire of the South",
        line(Some("Governor"), "12 killed, 31 wounded in market blast in Tel Arun."),
        |event| {
            event.action = Action::Update;
            event.thread = blast.id;
            event.item.set_version(2);
            event.supersedes = Some(Supersedes { id: blast.id, seq: blast.seq, version: 1 });
            event.change = Some(Change {
                size: ChangeSize::Edit,
                words: vec![WordChange { was: "9".into(), now: "12".into() }],
            });
        },
    )
    .await;
    told.one(
        27,
        "東洋通信",
        Item::Ticker(TickerLine {
            headline: "【速報】ポートアマル沖でフェリー座礁、乗客の避難続く".into(),
            version: 1,
            language: Some("ja".into()),
            urgency: 2,
            ..TickerLine::default()
        }),
        plain,
    )
    .await;
    told.one(24, "Wire of the South", story(
        "What is known of the blast in the market of Tel Arun",
        None,
        None,
        "A blast tore through the covered market of Tel Arun at the busiest hour of the week.\n\nTwelve people were killed, the governor said; an hour before, he had spoken of nine.\n\nNobody has claimed it.",
    ), plain).await;
    told.one(
        17,
        "Harbour Daily",
        line(None, "Sirens sound in the port quarter of Port Amal."),
        |event| {
            event.resurfaces = Some(ferry.id);
        },
    )
    .await;
    told.one(12, "Northern Ledger", line(Some("Vellmar’s prime minister"), "“We will not negotiate under the threat of a blockade,” in a speech to both chambers that was interrupted twice and carried live by all stations."), plain).await;
    told.one(9, "Levant Courier", Item::Article(Box::new(Article {
        headline: Some("سفن القطر تصل إلى العبّارة الجانحة قبالة ميناء أمل".into()),
        byline: Some("ليلى منصور".into()),
        body: "وصلت سفينتا قطر إلى العبّارة «أمل ستار» ظهر الجمعة، وبدأت المحاولة الأولى لتعويمها مع ارتفاع المد.\n\nوقالت المتحدثة باسم خفر السواحل إن الركاب بخير.\n\nوتستمر العملية حتى المساء.".into(),
        version: 1,
        language: Some("ar".into()),
        dir: Dir::Rtl,
        urgency: 4,
        ..Article::default()
    })), plain).await;
    told.one(
        6,
        "Harbour Daily",
        Item::Ticker(TickerLine {
            headline: "FLASH: Grain corridor agreed in Vellmar".into(),
            version: 1,
            language: Some("en".into()),
            urgency: 1,
            ..TickerLine::default()
        }),
        plain,
    )
    .await;
    told.one(
        2,
        "Harbour Daily",
        line(Some("Coast guard"), "Ferry Amal Star refloated, all 212 aboard safe."),
        plain,
    )
    .await;
}
