//! Invented pages in the layouts real ones have: `tests/pages/SLUG/page.txt` (or `.html`) beside
//! what must come of it in `page.snap` (or `html.snap`), laid out for a person to proofread.

use std::fmt::Write as _;

use flashwire::{
    item::{Item, PageHash},
    page::{Format, Meta, Page, PageName},
    parse::{Parsed, SiteMemory, Sites, lay_out},
};
use jiff::Timestamp;

/// A page as the daemon would hand it over.
fn page(name: &str, bytes: Vec<u8>) -> Page {
    Page {
        name: PageName::new(name.as_bytes()),
        hash: PageHash::of(&bytes),
        format: if name.ends_with(".txt") { Format::Text } else { Format::Html },
        bytes: bytes.into(),
        modified: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        meta: Meta::default(),
    }
}

fn parse(name: &str, text: &str) -> Parsed {
    lay_out(&page(name, text.as_bytes().to_vec()), &Sites::default()).finish(None)
}

/// The account of a parsed page.
fn account(parsed: &Parsed) -> String {
    let mut out = String::new();
    let mut row = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            writeln!(out, "{name:<11} {value}").unwrap();
        }
    };
    row("source", Some(parsed.source.label().unwrap_or("(unknown)")));
    row("host", parsed.source.host.as_deref().filter(|_| parsed.source.name.is_some()));
    row("url", parsed.url.as_deref());
    row("newest date", parsed.newest_date.map(|date| date.to_string()).as_deref());
    for draft in &parsed.drafts {
        let line = format!("{:>4}", draft.line);
        match &draft.item {
            Item::Ticker(ticker) => {
                row(&format!("ticker {line}"), Some(&ticker.headline));
                row("    who", ticker.attribution.as_deref());
                row("    where", ticker.place.as_deref());
                row("    when", ticker.published.as_ref().map(|at| at.as_str()));
            }
            Item::Article(article) => {
                row(
                    "article",
                    Some(&format!(
                        "line {}, {} {:?}",
                        draft.line,
                        article.language.as_deref().unwrap_or("(unknown language)"),
                        article.dir
                    )),
                );
                row("headline", Some(article.headline.as_deref().unwrap_or("(none)")));
                row("byline", article.byline.as_deref());
                let from =
                    article.credit_from.map(|from| format!(" (from {from:?})")).unwrap_or_default();
                row(
                    "credit",
                    article.credit.as_ref().map(|credit| format!("{credit}{from}")).as_deref(),
                );
                row("dateline", article.dateline.as_deref());
                row("published", article.published.as_ref().map(|at| at.as_str()));
                row("as printed", article.published_raw.as_deref());
                row("standfirst", article.standfirst.as_deref());
                for image in &article.images {
                    row("caption", image.caption.as_deref());
                    row("    credit", image.credit.as_deref());
                    row("    alt", image.alt.as_deref());
                }
                row(
                    "keywords",
                    Some(article.keywords.join(" | ")).filter(|k| !k.is_empty()).as_deref(),
                );
                for paragraph in article.body.split("\n\n") {
                    row("  ¶", Some(paragraph));
                }
            }
        }
    }
    for remark in &parsed.remarks {
        row("remark", Some(&format!("[{}] {}", remark.code, remark.text)));
    }
    let mut classes = std::collections::BTreeMap::new();
    for class in &parsed.lines {
        *classes.entry(class.name()).or_insert(0) += 1;
    }
    let classes: Vec<String> =
        classes.iter().map(|(class, count)| format!("{count} {class}")).collect();
    row("lines", Some(&format!("{}: {}", parsed.lines.len(), classes.join(", "))));
    out
}

#[test]
fn every_layout_comes_out_as_its_snapshot_says() {
    for (name, snapshot) in [("page.txt", "page"), ("page.html", "html")] {
        insta::glob!("../pages", &format!("*/{name}"), |path| {
            let bytes = std::fs::read(path).unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let parsed = lay_out(&page(name, bytes), &Sites::default()).finish(None);
            if snapshot == "page" {
                assert_eq!(parsed.lines.len(), text.lines().count(), "the classes add up");
            }
            insta::with_settings!({
                snapshot_path => path.parent().unwrap(),
                prepend_module_to_snapshot => false,
                omit_expression => true,
                snapshot_suffix => "",
            }, {
                insta::assert_snapshot!(snapshot, account(&parsed));
            });
        });
    }
}

/// A page of one site: menu, article, and a notice that reads like prose.
fn site_page(story: &str, shares: u32) -> String {
    let mut page = format!(
        "Port Aldine Gazette\n\n  • News\n  • Harbour\nPort Aldine Gazette\n\nFerry line story {story}\n\n  • By Orla Venn\n  • 7 Feb 2024 18:38\n  • {shares} Shares\n\n"
    );
    for n in 0..6 {
        writeln!(
            page,
            "On the {story} day, in part {n} of this account of {story}, the council said that the ferry would sail again once the storm had passed.\n"
        )
        .unwrap();
    }
    page.push_str(
        "The Port Aldine Gazette has told the news of the harbour since its founders printed the first sheet in a boathouse, and it is read by sailors.\n",
    );
    page
}

fn body(parsed: &Parsed) -> String {
    parsed.drafts.last().and_then(|draft| draft.item.body()).unwrap_or_default().to_owned()
}

#[test]
fn the_memory_of_a_site_trims_what_stands_under_every_article() {
    let mut memory = SiteMemory::default();
    let mut bodies = Vec::new();
    for story in ["first", "second", "third", "fourth"] {
        let sheet = lay_out(&page("a.txt", site_page(story, 3).into_bytes()), &Sites::default());
        let parsed = sheet.finish(Some(&memory));
        assert_eq!(memory.fold(&parsed), Some("Port Aldine Gazette"));
        bodies.push(body(&parsed));
    }
    assert!(bodies[0].contains("founders printed"));
    assert!(!bodies[3].contains("founders printed"));
    assert!(
        (1..6).all(|part| bodies[3].contains(&format!("in part {part} of this account of fourth")))
    );
    // What was stored comes back the same.
    let stored = memory.save("Port Aldine Gazette").unwrap();
    let mut again = SiteMemory::default();
    assert!(again.load("Port Aldine Gazette", &stored));
    assert_eq!(again, memory);
}

#[test]
fn one_article_dropped_again_with_other_share_counts_stays_whole() {
    let mut memory = SiteMemory::default();
    let whole = body(&parse("a.txt", &site_page("only", 1)));
    for shares in 1..6 {
        let sheet =
            lay_out(&page("a.txt", site_page("only", shares).into_bytes()), &Sites::default());
        let parsed = sheet.finish(Some(&memory));
        memory.fold(&parsed);
        assert_eq!(body(&parsed), whole);
    }
}

#[test]
fn an_article_whose_every_paragraph_was_seen_before_is_told() {
    let common: Vec<String> = (0..6)
        .map(|n| format!("In part {n} of this story the council said that the ferry would sail again once the storm had passed."))
        .collect();
    let head = "Port Aldine Gazette\n\n  • News\nPort Aldine Gazette\n\nFerry line story of the council\n\n  • By Orla Venn\n  • 7 Feb 2024 18:38";
    let mut memory = SiteMemory::default();
    for story in ["first", "second", "third", "fourth"] {
        let own: String = (0..24)
            .map(|n| format!("On the {story} day the mayor spoke of {story} things, and in hour {n} nobody knew of the {story} ferry any more.\n\n"))
            .collect();
        let text = format!("{head}\n\n{own}{}\n", common.join("\n\n"));
        let sheet = lay_out(&page("a.txt", text.into_bytes()), &Sites::default());
        let parsed = sheet.finish(Some(&memory));
        memory.fold(&parsed);
    }
    let text = format!("{head}\n\n{}\n", common.join("\n\n"));
    let sheet = lay_out(&page("a.txt", text.into_bytes()), &Sites::default());
    let parsed = sheet.finish(Some(&memory));
    assert_eq!(body(&parsed), common.join("\n\n"));
    assert!(parsed.remarks.iter().any(|remark| remark.code == "all-seen-before"));
}

#[test]
fn a_ticker_that_stands_on_twenty_pages_stays() {
    let mut memory = SiteMemory::default();
    for story in 0..20 {
        let text = site_page(&format!("story{story}"), 1).replacen(
            "Port Aldine Gazette\n\nFerry",
            "BREAKING\nHarbour Radio: The storm has reached the coast of Eastland\nVenn: The council is going to meet tonight\n\nFerry",
            1,
        );
        let parsed =
            lay_out(&page("a.txt", text.into_bytes()), &Sites::default()).finish(Some(&memory));
        memory.fold(&parsed);
        assert_eq!(parsed.drafts.len(), 3, "page {story}");
    }
}

/// CPU seconds of this thread so far.
fn seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// CPU seconds that reading `text` takes, the less of two times.
fn cost(text: &str) -> f64 {
    let once = |_| {
        let begun = seconds();
        parse("a.txt", text);
        seconds() - begun
    };
    (0..2).map(once).fold(f64::INFINITY, f64::min)
}

#[test]
fn no_page_takes_more_than_its_size() {
    let numbered: String = (0..1_500)
        .map(|n| {
            format!("Ferry {n} has docked at the port, and the crew of ferry {n} is safe.\n\n")
        })
        .collect();
    let depths: String =
        (0..3_000).map(|n| format!("{}• item {n}\n", " ".repeat(n % 300))).collect();
    let pages = [
        ("words of one line", "word "),
        ("colons", ": "),
        ("dates of one line", "7 Feb 2024 "),
        ("blank lines", "\n"),
        ("lines of one letter", "a\n"),
        ("bullets", "  • item of the menu\n"),
        ("dates", "7 Feb 2024 18:40\n"),
        ("bylines", "By Orla Venn\n"),
        ("markers", "BREAKING\n"),
        ("markers set apart", "BREAKING\n\n"),
        ("prefixed lines", "BREAKING: The ferry has docked at Port Amal after the storm\n"),
        (
            "prefixed lines set apart",
            "BREAKING: The ferry has docked at Port Amal after the storm\n\n",
        ),
        ("prefixed menus", "Breaking: Sports | Weather\n"),
        ("bands", "+++ The ferry has docked at the port +++ The bridge is open again +++\n"),
        ("bands of nothing", "+++ a +++ b +++\n"),
        ("like a ticker", "Harbour Radio: The storm has reached the coast again\n"),
        (
            "one sentence",
            "The ferry has docked at the port, and the crew of the ferry is safe.\n\n",
        ),
        (
            "a broken paragraph",
            "the ferry has docked at the port, and the crew of the ferry is safe, said\n",
        ),
        (
            "box after box",
            "Related News\n\nFerry docks\n\nThe ferry has docked at the port, and the crew of the ferry is safe, the mayor said.\n\n",
        ),
        ("titles", "Council of Port Amal voices concern about the closure of its pier\n\n"),
        ("quotes", "\"“”„"),
        ("numbered", &numbered),
        ("depths", &depths),
    ];
    for (name, unit) in pages {
        let of = |bytes: usize| unit.repeat(bytes.div_ceil(unit.len()));
        let whole = 96 << 10;
        if unit.len() > whole / 8 {
            let cut = unit.char_indices().nth(unit.chars().count() / 8).map_or(0, |(at, _)| at);
            let (part, all) = (cost(&unit[..cut]), cost(unit));
            assert!(all < part * 24.0, "{name}: {part} s for an eighth, {all} s for the whole");
            continue;
        }
        let (part, all) = (cost(&of(whole / 8)), cost(&of(whole)));
        // What is quadratic takes 64 times as long.
        assert!(all < part * 24.0, "{name}: {part} s for an eighth, {all} s for the whole");
    }
}

#[test]
fn what_is_left_out_is_said_with_its_number() {
    let many = format!(
        "BREAKING\n{}",
        "Harbour Radio: The storm has reached the coast again\n".repeat(10_000)
    );
    let remark = |text: &str, code: &str, number: &str| {
        let parsed = parse("a.txt", text);
        assert_eq!(parsed.lines.len(), text.lines().count());
        let said =
            |remark: &flashwire::item::Remark| remark.code == code && remark.text.contains(number);
        assert!(parsed.remarks.iter().any(said), "{code} {:?}", parsed.remarks.first());
        parsed.drafts.len()
    };
    assert_eq!(remark(&many, "ticker-too-long", "9960"), 40);
    let lone = "BREAKING: The ferry has docked at Port Amal after the storm\n\n".repeat(100);
    assert_eq!(remark(&lone, "ticker-too-long", "60"), 40);
    assert_eq!(remark(&"BREAKING\nmore\n\n".repeat(50), "marker-without-lines", "30 more"), 0);
    assert_eq!(remark(&"\na".repeat(100_007), "page-too-long", "100000"), 0);
    let parsed = parse("a.txt", &("\n".repeat(1_000_001) + "a"));
    assert!(parsed.rejected.is_some_and(|rejection| rejection.reason.contains("1000001")));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_a_page(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2000)) {
        let parsed = lay_out(&page("a.txt", bytes), &Sites::default()).finish(None);
        proptest::prop_assert!(parsed.rejected.is_some() || !parsed.lines.is_empty());
    }

    #[test]
    fn any_text_has_as_many_classes_as_lines(text in "(([A-Za-z•:|#\"“—.,0-9عاجل速報é -]{0,60}|BREAKING|7 Feb 2024|By Orla Venn|Related News)\n){0,30}") {
        let parsed = parse("a.txt", &text);
        if parsed.rejected.is_none() {
            proptest::prop_assert_eq!(parsed.lines.len(), text.lines().count());
        }
        // The same page comes out the same.
        let again = parse("a.txt", &text);
        proptest::prop_assert_eq!(parsed.drafts, again.drafts);
    }
}
