use std::time::{Duration, Instant};

use jiff::Timestamp;
use proptest::prelude::*;

use crate::{
    item::{LineClass, PageHash},
    page::{Format, Meta, Page, PageName},
};

use super::*;

fn page(bytes: &[u8]) -> Page {
    Page {
        name: PageName::new(&b"page.html"[..]),
        hash: PageHash::of(bytes),
        bytes: bytes.to_vec().into(),
        format: Format::Html,
        modified: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        meta: Meta::default(),
    }
}

fn read(html: &str) -> Layout {
    let layout = lay_out(html, &page(html.as_bytes()), &Sites::default());
    assert_eq!(layout.lines.len(), layout.hashes.len());
    for paragraph in &layout.body {
        assert!(paragraph.line >= 1 && paragraph.line as usize <= layout.lines.len());
    }
    for line in &layout.ticker {
        assert!(line.line as usize <= layout.lines.len().max(1), "{line:?}");
    }
    layout
}

/// A page with the given body, in which an article can be found.
fn around(inside: &str) -> String {
    let prose = "<p>The harbour board of Port Aldern met on Monday, and after five hours of talks \
                 it agreed to reopen the eastern quay, the chair told reporters.</p>";
    format!(
        "<html lang=en><head><title>Quay reopens - Harbour Post</title></head><body>{inside}\
         <article><h1>Quay reopens</h1>{}</article></body></html>",
        prose.repeat(3).replace("Monday", "Tuesday")
            + &prose.replace("five", "nine")
            + &prose.replace("eastern", "western")
            + &prose.replace("chair", "mayor")
    )
}

fn remarks(layout: &Layout) -> Vec<&str> {
    layout.remarks.iter().map(|r| r.code.as_ref()).collect()
}

/// Runs on a stack as big as the one the workers have.
fn timed(html: String) -> Layout {
    let begun = Instant::now();
    let layout = read(&html);
    // Generous, as tests run unoptimised beside others; quadratic work takes minutes.
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    layout
}

#[test]
fn an_article_among_little_else() {
    let layout = read(&around("<nav><a href=/>Home</a></nav>"));
    assert_eq!(layout.fields.headline.as_deref(), Some("Quay reopens"));
    assert!(layout.body.iter().any(|p| p.text.contains("western quay")));
    assert!(layout.body.iter().all(|p| !p.text.contains("Home")));
    assert!(layout.lines.contains(&LineClass::Metadata));
}

#[test]
fn a_hundred_thousand_open_tags() {
    for tag in ["<div>", "<b>", "<a href=x>", "<table><td>", "<font color=1><p>", "<ul><li>"] {
        let layout = timed(around(&tag.repeat(100_000)));
        assert_eq!(remarks(&layout).first(), Some(&"tree-too-big"), "{tag}");
        assert!(layout.body.iter().any(|p| p.text.contains("western quay")), "{tag}");
    }
}

#[test]
fn unclosed_everything() {
    for open in [
        "<title>",
        "<noscript>",
        "<textarea>",
        "<iframe>",
        "<svg>",
        "<p>",
        "<li>",
        "<!--x--",
        "<a b=\"",
    ] {
        timed(around(&open.repeat(50_000)));
    }
    for tail in ["<script>", "<style>", "<!-- ", "<a href=\"", "<", "</", "&#", "<![CDATA["] {
        let layout = timed(around("") + tail);
        assert!(layout.body.iter().any(|p| p.text.contains("western quay")), "{tail}");
    }
}

#[test]
fn formatting_that_multiplies_is_stopped() {
    // Each paragraph opens every unclosed <b id=…> again.
    let bold: String = (0..400).map(|i| format!("<b id={i}>")).collect();
    let html = format!("<body><p>{bold}</p>{}", "<p>x</p>".repeat(20_000));
    assert!(remarks(&timed(html)).contains(&"tree-too-big"));
}

#[test]
fn sixteen_mebibytes_on_one_line() {
    let layout = timed(format!("<p>{}", "word ".repeat((16 << 20) / 5)));
    assert!(remarks(&layout).contains(&"tree-too-big"));
}

#[test]
fn lying_and_broken_json_ld() {
    let lie = r#"<script type="application/ld+json">{"@type":"NewsArticle","headline":"Buy our watches",
        "datePublished":"yesterday","author":{"@type":"Person","name":"admin"}}</script>
        <script type="application/ld+json">{"@type":"NewsArticle",</script>"#;
    let layout = read(&around(lie));
    assert_eq!(layout.fields.headline.as_deref(), Some("Quay reopens"));
    assert_eq!(layout.fields.byline, None);
    assert_eq!(layout.fields.published, None);
    assert!(remarks(&layout).contains(&"json-ld-broken"));
}

#[test]
fn a_ticker_without_end_is_cut_and_said_so() {
    let items: String = (0..10_000)
        .map(|i| format!("<li><a href=/{i}>Ferry number {i} leaves the harbour of Aldern</a></li>"))
        .collect();
    let bar = format!("<div class=breaking><b>BREAKING</b><ul>{items}</ul></div>");
    let layout = timed(around(&bar));
    assert_eq!(layout.ticker.len(), ticker::MAX_LINES);
    assert!(remarks(&layout).contains(&"ticker-too-long"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_a_page(text in "\\PC{0,400}") {
        read(&text);
    }

    #[test]
    fn any_soup_is_a_page(parts in prop::collection::vec(prop::sample::select(vec![
        "<div class=breaking>", "<p>", "</p>", "<b>", "</div>", "<table>", "<tr>", "<td>", "</table>", "<a href=x>", "</a>",
        "<h1>", "</h1>", "<script>", "</script>", "<script type=application/ld+json>", "{\"@type\":\"Article\"", "}", "<!--", "-->",
        "<svg>", "</svg>", "<template>", "</template>", "<li>", "<ul>", "<br>", "BREAKING", "+++", "12:30", "text ", "Ferry leaves the harbour of Aldern. ",
        "<figure>", "<figcaption>", "<img alt=x>", "<time datetime=2031-02-03>", "By Ada Kern", "&amp;", "&#x", "\u{202e}", "عاجل", "速報", "\n", "<", ">", "\"",
    ]), 0..200)) {
        read(&parts.concat());
    }
}
