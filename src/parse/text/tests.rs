//! What whole text pages come out as.

use jiff::Timestamp;

use crate::{
    item::{Article, Item, PageHash},
    page::{Format, Meta, Page, PageName},
    parse::{Parsed, Sites, lay_out},
};

fn parse(text: &str) -> Parsed {
    let page = Page {
        name: PageName::new(&b"page.txt"[..]),
        hash: PageHash::of(text.as_bytes()),
        bytes: text.as_bytes().to_vec().into(),
        format: Format::Text,
        modified: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        meta: Meta::default(),
    };
    lay_out(&page, &Sites::default()).finish(None)
}

/// The ticker lines, each with its line.
fn ticker(parsed: &Parsed) -> Vec<(u32, &str)> {
    let lines = parsed.drafts.iter().filter_map(|draft| match &draft.item {
        Item::Ticker(line) => Some((draft.line, line.headline.as_str())),
        Item::Article(_) => None,
    });
    lines.collect()
}

fn article(parsed: &Parsed) -> &Article {
    let article = parsed.drafts.iter().find_map(|draft| match &draft.item {
        Item::Article(article) => Some(&**article),
        Item::Ticker(_) => None,
    });
    article.expect("the page has an article")
}

fn remarked(parsed: &Parsed, code: &str) -> bool {
    parsed.remarks.iter().any(|remark| remark.code == code)
}

const MENU: &str = "Port Amal Herald\n\n  • News\n  • Harbour\n  • Weather\n\n";

const TAXES: &str = "The council of Port Amal will lower the tax on boats next year, the mayor said on Tuesday after a meeting that lasted until midnight.

Owners of boats had asked for this since the storm of last winter, in which more than forty of them lost what they lived from.

The new tax is to hold for three years, and the council wants to look at it again before it ends.
";

const FERRY: &str = "A ferry with ninety people on board sank off Port Amal on Tuesday night and three of them are missing, the coast guard said.

The vessel had left the harbour before dawn, although the storm had been announced the evening before by all the stations.

Boats from the islands took the others on board, and the mayor thanked their crews for what they had done in the dark.
";

#[test]
fn a_prefixed_line_above_another_story_is_a_ticker_line() {
    for line in [
        "BREAKING: Ferry sinks off Port Amal, 3 missing",
        "عاجل | غرق عبّارة قبالة بورت أمل وفقدان ثلاثة",
        "#عاجل غرق عبّارة قبالة بورت أمل وفقدان ثلاثة",
        "URGENT — Un ferry coule au large de Port Amal, trois disparus",
        "EILMELDUNG: Fähre vor Port Amal gesunken, drei Vermisste",
        "🔴 СРОЧНО: Паром затонул у берегов Порт-Амаля",
        "  • JUST IN: Ferry sinks off Port Amal, 3 missing",
    ] {
        let page = format!(
            "{MENU}{line}\n\nBoat tax to fall for three years\n\nBy Orla Venn\n7 Feb 2024 18:38\n\n{TAXES}"
        );
        let parsed = parse(&page);
        let told = line.trim_start_matches([' ', '•']);
        assert_eq!(ticker(&parsed), [(7, told)], "{line}");
        let article = article(&parsed);
        assert_eq!(article.headline.as_deref(), Some("Boat tax to fall for three years"));
        assert!(!article.body.contains(told), "{line}");
        assert_eq!(article.body.split("\n\n").count(), 3);
    }
}

#[test]
fn a_prefixed_line_that_the_article_tells_is_its_headline() {
    for fields in ["By Orla Venn\n7 Feb 2024 18:38\n\n", "", "PORT AMAL (Harbour Press) — "] {
        let page =
            format!("{MENU}BREAKING: Ferry sinks off Port Amal, three missing\n\n{fields}{FERRY}");
        let parsed = parse(&page);
        assert!(ticker(&parsed).is_empty(), "{fields}");
        let article = article(&parsed);
        assert_eq!(
            article.headline.as_deref(),
            Some("BREAKING: Ferry sinks off Port Amal, three missing"),
            "{fields}"
        );
        assert_eq!(article.body.split("\n\n").count(), 3, "{fields}");
        assert!(remarked(&parsed, "marked-headline"));
    }
}

#[test]
fn a_prefixed_line_right_over_a_text_that_does_not_tell_it_is_a_ticker_line() {
    let parsed =
        parse(&format!("BREAKING: Ferry sinks off the Venn islands, three missing\n\n{TAXES}"));
    assert_eq!(ticker(&parsed).len(), 1);
    assert_eq!(article(&parsed).headline, None);
    assert_eq!(article(&parsed).body.split("\n\n").count(), 3);
}

#[test]
fn prefixed_lines_set_apart_are_told_each() {
    let page = format!(
        "BREAKING: Ferry sinks off Port Amal, 3 missing\n\nBREAKING: Sirens are heard near the salt marsh\n\nBREAKING: Mayor calls the council together\n\nBoat tax to fall\n\nBy Orla Venn\n\n{TAXES}"
    );
    let parsed = parse(&page);
    assert_eq!(ticker(&parsed).iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 5]);
    // Alone on a page without an article.
    let parsed = parse("Harbour Wire\n\nBREAKING: Ferry sinks off Port Amal, 3 missing\n");
    assert_eq!(ticker(&parsed).len(), 1);
    assert_eq!(parsed.drafts.len(), 1);
}

#[test]
fn a_stream_of_briefs_tells_each_and_one_quoted_post_stays_in_its_text() {
    let paragraphs: Vec<&str> = TAXES.trim().split("\n\n").collect();
    let stream = format!(
        "Boat tax to fall\n\n{0}\n\nURGENT: Ferry sinks off Port Amal, three are missing\n\n{1}\n\nURGENT: Sirens are heard near the salt marsh of Venn\n\n{2}\n",
        paragraphs[0], paragraphs[1], paragraphs[2]
    );
    let parsed = parse(&stream);
    assert_eq!(ticker(&parsed).len(), 2);
    assert!(!article(&parsed).body.contains("URGENT"));
    let quoted = format!(
        "Boat tax to fall\n\n{0}\n\nBreaking: The council of Port Amal is going to vote on the boat tax tonight.\n\n{1}\n\n{2}\n",
        paragraphs[0], paragraphs[1], paragraphs[2]
    );
    let parsed = parse(&quoted);
    assert!(ticker(&parsed).is_empty());
    assert!(article(&parsed).body.contains("Breaking: The council"));
}

#[test]
fn menus_and_boxes_with_a_marker_are_no_ticker() {
    let page = format!(
        "Port Amal Herald\n\nBreaking News: Sports | Weather | Politics and Economy | Videos\n\nBoat tax to fall\n\nBy Orla Venn\n\n{TAXES}\nRelated News\n\nBREAKING: The old ferry is sold to the islands\n"
    );
    let parsed = parse(&page);
    assert!(ticker(&parsed).is_empty());
    assert!(remarked(&parsed, "marker-without-lines"));
    assert_eq!(article(&parsed).body.split("\n\n").count(), 3);
}

#[test]
fn a_headline_right_above_a_dateline_is_found() {
    let page = format!("Ferry sinks off Port Amal\n\nPORT AMAL (Harbour Press) — {FERRY}");
    let parsed = parse(&page);
    assert_eq!(article(&parsed).headline.as_deref(), Some("Ferry sinks off Port Amal"));
    assert_eq!(article(&parsed).dateline.as_deref(), Some("PORT AMAL"));
    assert_eq!(article(&parsed).body.split("\n\n").count(), 3);
    // Beneath a menu, and without blank lines.
    let dense = format!(
        "{MENU}Ferry sinks off Port Amal\nPORT AMAL (Harbour Press) — {}",
        FERRY.replace("\n\n", "\n")
    );
    assert_eq!(article(&parse(&dense)).headline.as_deref(), Some("Ferry sinks off Port Amal"));
    // A page without a headline has none.
    assert_eq!(article(&parse(TAXES)).headline, None);
}

#[test]
fn the_text_goes_on_after_a_box_with_one_paragraph() {
    let paragraphs: Vec<&str> = TAXES.trim().split("\n\n").collect();
    for foot in ["Comments\n\nImprint\n", "", "  • taxes\n  • boats\n", "Tags: taxes, boats\n"]
    {
        for head in ["Read also", "Lesen Sie auch", "اقرأ أيضا"] {
            let page = format!(
                "{MENU}Boat tax to fall for three years\n\nBy Orla Venn\n7 Feb 2024 18:38\n\n{}\n\n{}\n\n{head}\n\nNew ferries for the islands\n\n{}\n\n{foot}",
                paragraphs[0], paragraphs[1], paragraphs[2]
            );
            let parsed = parse(&page);
            let body = &article(&parsed).body;
            assert!(body.ends_with("before it ends."), "{head:?} {foot:?}: {body}");
            assert!(!body.contains("New ferries"));
        }
    }
}

#[test]
fn a_text_that_breaks_off_is_remarked() {
    assert!(!remarked(&parse(&format!("{MENU}{TAXES}")), "truncated"));
    let cut = TAXES.trim_end();
    for end in [cut.len() - 3, cut.len() - 40, cut.len() - 88] {
        let parsed = parse(&format!("{MENU}Boat tax to fall\n\nBy Orla Venn\n\n{}", &cut[..end]));
        assert!(remarked(&parsed, "truncated"), "{end}: {:?}", &cut[end - 10..end]);
    }
}

/// Breaks each paragraph into lines of up to `width` columns.
fn broken(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut column = 0;
        for word in line.split(' ') {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > width {
                out.push('\n');
                column = 0;
            } else if column > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += length;
        }
        out.push('\n');
    }
    out
}

#[test]
fn paragraphs_broken_into_lines_are_whole_again() {
    let page = format!(
        "Port Amal Herald\n\nBREAKING\nHarbour Radio: The ferry has docked at Port Amal after a storm that kept it at sea for nine days\nVenn: We shall sail again tomorrow\n\nBoat tax to fall for three years\n\nBy Orla Venn\n7 Feb 2024 18:38\n\n{TAXES}\n{FERRY}"
    );
    let whole = parse(&page);
    for width in [60, 72, 80] {
        let text = broken(&page, width);
        let parsed = parse(&text);
        assert_eq!(article(&parsed).body, article(&whole).body, "{width}");
        let texts = |parsed: &Parsed| {
            ticker(parsed).iter().map(|(_, text)| (*text).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts(&parsed), texts(&whole), "{width}");
        assert_eq!(parsed.lines.len(), text.lines().count());
    }
    // Lines of a ticker are never taken together.
    let list = "BREAKING\n".to_owned()
        + &(0..20)
            .map(|n| format!("Harbour Radio: Ferry number {n} has docked at the north pier\n"))
            .collect::<String>();
    assert_eq!(ticker(&parse(&list)).len(), 20);
}
