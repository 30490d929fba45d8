//! Memory is a fold: it can be taken back and made anew.

use std::sync::Arc;

use proptest::prelude::*;

use super::{
    super::*,
    desk::{Desk, pair, time},
};
use crate::item::{Alias, TickerLine};

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
