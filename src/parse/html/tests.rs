use std::time::{Duration, Instant};

use jiff::Timestamp;
use proptest::prelude::*;
use rustix::time::{ClockId, clock_gettime};

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
    let layout = lay_out(html, &page(html.as_bytes()), &Sites::default(), &Clues::default());
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

/// The ticker lines of a page that has `bar` above its article.
fn told(bar: &str) -> Vec<String> {
    read(&around(bar)).ticker.iter().map(|line| line.text.clone()).collect()
}

#[test]
fn what_a_box_of_news_holds_besides_its_lines_is_none() {
    let line = "Ferry leaves the harbour of Aldern before noon";
    let cases = [
        // The section of a headline has a link of its own.
        format!("<a href=/harbour/>Harbour and the islands</a><a href=/harbour/1>{line}</a>"),
        format!("<h3><a href=/crime/>Crime and public safety | </a><a href=/x>{line}</a></h3>"),
        format!("<a href=/1>{line}<br>8/10/2031 9:57 AM PT</a><p>8/10/2031 9:57 AM PT</p>"),
    ];
    for case in cases {
        let told = told(&format!("<div class=breaking><b>BREAKING NEWS</b>{case}</div>"));
        assert_eq!(told.len(), 1, "{case}: {told:?}");
        assert!(told[0].starts_with(line), "{told:?}");
    }
}

#[test]
fn a_form_is_no_ticker() {
    let asks =
        "<section class=breaking><b>BREAKING NEWS</b><p>The news that matter, in your mail</p>
        <form><input name=mail></form></section>";
    assert_eq!(told(asks), [""; 0]);
    let fields = "<ul><li><input type=checkbox><label>Breaking news</label></li>
        <li><input type=checkbox><label>Goals of Aldern United, as they fall</label></li></ul>";
    assert_eq!(told(fields), [""; 0]);
}

#[test]
fn a_bar_above_the_article_that_calls_itself_a_ticker_needs_no_times() {
    let lines: String = (1..=3)
        .map(|i| format!("<a href=/{i}>Ferry number {i} leaves the harbour of Aldern</a>"))
        .collect();
    // The label may be a link to all the news, and the bar stand in the top menu.
    let linked = format!("<div class=breaking-news><a href=/news>Breaking news</a>{lines}</div>");
    assert_eq!(told(&linked).len(), 3);
    let list = lines.replace("<a", "<li><a").replace("</a>", "</a></li>");
    let bar = |class| {
        format!(
            "<div class=top-nav><div class={class}><b>Latest news</b><ul>{list}</ul></div></div>"
        )
    };
    assert_eq!(told(&bar("breaking-news")).len(), 3);
    assert_eq!(told(&bar("posts")).len(), 0);
    // Posts with their days are an archive.
    let dated = list.replace(">Ferry", ">[ May 3, 2031 ] Ferry");
    let archive = format!("<div class=breaking-news><b>Latest news</b><ul>{dated}</ul></div>");
    assert_eq!(told(&archive).len(), 0);
}

#[test]
fn a_long_live_blog_is_told_whole() {
    let updates: Vec<String> = (0..120)
        .map(|i| {
            format!(
                r#"{{"@type":"BlogPosting","headline":"Ferry number {i} leaves the harbour",
                "datePublished":"2031-04-05T06:07:00Z"}}"#
            )
        })
        .collect();
    let blog = format!(
        r#"<script type="application/ld+json">{{"@type":"LiveBlogPosting","headline":"Quay reopens",
        "liveBlogUpdate":[{}]}}</script>"#,
        updates.join(",")
    );
    let layout = read(&around(&blog));
    assert_eq!(layout.ticker.len(), 120);
    assert!(!remarks(&layout).contains(&"ticker-too-long"));
    // A page too big for a tree has metadata, too.
    let layout = read(&around(&(blog + &"<b>7</b> ".repeat(scan::MAX_NODES))));
    assert!(remarks(&layout).contains(&"tree-too-big"));
    assert_eq!(layout.ticker.len(), 120);
    let last = layout.ticker.last().unwrap();
    let shown = layout.shown.lines().nth(last.line as usize - 1);
    assert_eq!(shown, Some("Ferry number 119 leaves the harbour"));
    assert_eq!(layout.lines.len(), layout.shown.lines().count());
    assert_eq!(layout.hashes.len(), layout.lines.len());
}

#[test]
fn a_long_transcript_is_told_whole() {
    let said: String = (0..3000)
        .map(|i| {
            let tug = if i % 3 == 0 { "Yes. " } else { "" };
            format!(
                "<div class=turn>\n<p><b>{} Venn:</b> <span>{tug}The tug left quay {i} before the \
                 storm came in from the west, and nobody had told the harbour board.</span>\
                 </p>\n</div>\n",
                if i % 2 == 0 { "Ada" } else { "Tom" },
            )
        })
        .collect();
    let title = "The hearing on the tug that left quay nine: the whole of what was said";
    let page = format!(
        "<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>\
         {said}</article></body></html>"
    );
    let layout = timed(page);
    assert!(!remarks(&layout).contains(&"tree-too-big"));
    assert_eq!(layout.body.len(), 3000);
    // One of more blocks than any saved page has is judged with less care, and still whole.
    let long =
        format!("<article><h1>{title}</h1>{}</article>", said.replace("Venn", "Lee") + &said);
    let layout = timed(format!("<html lang=en><title>{title}</title>{long}"));
    assert!(!remarks(&layout).contains(&"tree-too-big"));
    assert_eq!(layout.body.len(), 6000);
}

#[test]
fn a_page_of_keywords_is_read_in_time() {
    let keywords: String =
        (0..30_000).map(|i| format!("<meta property='article:tag' content='Ferry {i}'>")).collect();
    let page = around("").replace("<head>", &format!("<head>{keywords}"));
    let seconds = || clock_gettime(ClockId::ThreadCPUTime).tv_sec;
    let begun = seconds();
    assert_eq!(read(&page).fields.keywords.len(), MOST_KEYWORDS);
    // One second unoptimised; each compared with all before it, fourteen.
    assert!(seconds() - begun < 7, "{}", seconds() - begun);
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

/// A page whose article stands between what is given.
/// Each label asks what its box holds, and here all stand in one.
#[test]
fn ten_thousand_labels_in_one_box() {
    let line =
        |i| format!("<span>Breaking news</span><br><br><a href='/{i}'>Lock {i} shut</a><br><br>");
    let layout =
        timed(around(&format!("<div>{}</div>", (0..10_000).map(line).collect::<String>())));
    assert!(layout.body.len() >= 3, "{:?}", layout.body);
    assert!(layout.ticker.len() <= ticker::MAX_LINES);
}

fn page_with(head: &str, above: &str, below: &str) -> String {
    let body = around(above).replace("</article>", &format!("</article>{below}"));
    body.replace("</head>", &format!("{head}</head>"))
}

fn published(layout: &Layout) -> Option<&str> {
    layout.fields.published.as_ref().map(|(time, _)| time.as_str())
}

#[test]
fn a_cards_date_is_not_the_articles() {
    let cards: String = ["January 3, 2031", "March 9, 2031", "April 1, 2031"]
        .map(|d| format!("<div class=card><a href=/x>Three days out</a><span>{d}</span></div>"))
        .concat();
    let layout = read(&page_with("", "", &format!("<section>{cards}</section>")));
    assert_eq!(published(&layout), None);
    let one = read(&page_with("", "", "<p>March 9, 2031</p>"));
    assert_eq!(published(&one), Some("2031-03-09"));
}

#[test]
fn json_ld_may_stand_in_a_meta_tag() {
    let meta = "<meta name=\"script:ld+json\" content=\"{&quot;@type&quot;:&quot;Article&quot;,\
                &quot;datePublished&quot;:&quot;2031-11-17T09:00:00-05:00&quot;}\">";
    assert_eq!(published(&read(&page_with(meta, "", ""))), Some("2031-11-17T09:00:00-05:00"));
}

#[test]
fn what_was_saved_last_is_not_the_day_of_publication() {
    let saved = r#"<script type="application/ld+json">{"@type":"NewsArticle",
        "datePublished":"2031-06-01T08:00:00Z","dateModified":"2031-06-01T08:00:00Z"}</script>"#;
    let shown = "<time datetime=2030-02-03>3 February 2030</time>";
    assert_eq!(published(&read(&page_with(saved, shown, ""))), Some("2030-02-03"));
    assert_eq!(published(&read(&page_with(saved, "", ""))), Some("2031-06-01T08:00:00Z"));
    // The day of the last change is told as such, never taken.
    let changed = read(&page_with("", "<p>Updated 3 May 2031</p>", ""));
    assert_eq!(published(&changed), None);
    assert!(remarks(&changed).contains(&"only-changed"));
    let both = read(&page_with("", "<p>3 May 2031 - Updated 9 June 2031</p>", ""));
    assert_eq!(published(&both), Some("2031-05-03"));
}

#[test]
fn a_card_under_a_short_text_lends_it_no_date() {
    let card = "<h2>Reports</h2><div><a href=/r>The harbour's yearly report is out</a>\
                <time class=published datetime=2029-03-04T08:00:00Z>4 March 2029</time></div>\
                <div class=more><a href=/s>The pilots' station was rebuilt in a year</a>\
                <time class=published datetime=2029-01-02T08:00:00Z>2 January 2029</time></div>";
    assert_eq!(published(&read(&page_with("", "", card))), None);
    // Said to be the day of publication, it is, whatever stands before it.
    let own = "<h4>Published</h4><time datetime=2029-03-04>4 March 2029</time>";
    assert_eq!(published(&read(&page_with("", "", own))), Some("2029-03-04"));
}

#[test]
fn a_printed_day_of_publication_beats_weak_metadata() {
    let meta = r#"<meta name=date content="2031-10-15">"#;
    let line = "<p>Erschienen am: 13.10.2031</p>";
    assert_eq!(published(&read(&page_with(meta, line, ""))), Some("2031-10-13"));
    assert_eq!(published(&read(&page_with(meta, "<p>13.10.2031</p>", ""))), Some("2031-10-15"));
    let strong = r#"<meta property="article:published_time" content="2031-10-15">"#;
    assert_eq!(published(&read(&page_with(strong, line, ""))), Some("2031-10-15"));
}

#[test]
fn metadata_may_write_dates_in_words() {
    let meta =
        r#"<meta property="article:published_time" content="الأربعاء، 07 أكتوبر 2031 - 12:09">"#;
    assert_eq!(published(&read(&page_with(meta, "", ""))), Some("2031-10-07T12:09:00"));
    let japanese = read(&page_with("", "<p>2031年4月21日 12時00分更新</p>", ""));
    assert_eq!(published(&japanese), Some("2031-04-21T12:00:00"));
}

#[test]
fn bylines_as_pages_print_them() {
    let by = |above: &str| read(&page_with("", above, "")).fields.byline;
    for above in [
        "<p>By: Ada Kern October 2, 2031</p>",
        "<p>by <a href=/x>Ada Kern</a><a href=/y>@adakern</a> Dec 10, 2031, 10:20am EST</p>",
        "<p>By <a href=/x>Ada Kern</a> Published in Harbour December 14, 2031 2:24 pm</p>",
        "<p>By <a href=/x>Ada Kern</a> on <time datetime=2031-12-13>December 13, 2031</time></p>",
        "<p>By Ada Kern, a deputy editor who covers ships and other boats</p>",
        "<p>Written by:</p><p>Ada Kern</p><p>Checked: Tom Lee</p>",
        "<p><a href=/about/editors/ada-kern>Ada Kern</a>, <a href=/t>@adakern</a></p>",
        "<p class=author><a href=/author/ada-kern>Ada Kern</a> Senior Editor, Harbour Post</p>",
    ] {
        assert_eq!(by(above).as_deref(), Some("Ada Kern"), "{above}");
    }
    assert_eq!(by("<p>by adakern | Article published 4 May 2031</p>"), None);
}

#[test]
fn a_page_of_scripts_is_told_as_such() {
    let layout =
        read("<html><head><title>Ferry stops</title></head><body><div></div></body></html>");
    assert!(remarks(&layout).contains(&"nothing-shown"));
}

#[test]
fn a_front_page_has_no_day() {
    let meta = r#"<meta property="article:published_time" content="2031-06-01">"#;
    let root = format!(r#"<link rel=canonical href="https://post.example/">{meta}"#);
    assert_eq!(published(&read(&page_with(&root, "", ""))), None);
    assert_eq!(published(&read(&page_with(meta, "", ""))), Some("2031-06-01"));
}

#[test]
fn an_organisation_signs_nothing() {
    let by = |author: &str| {
        let head = format!(
            r#"<script type="application/ld+json">{{"@type":"NewsArticle","author":{author},
            "publisher":{{"@type":"Organization","name":"Harbour Post"}}}}</script>"#
        );
        let fields = read(&page_with(&head, "", "")).fields;
        (fields.byline, fields.credit.map(|(credit, _)| credit))
    };
    let some = |name: &str| Some(name.to_owned());
    let agency = r#"{"@type":"Organization","name":"Coastal Agency"}"#;
    assert_eq!(by(agency), (None, some("Coastal Agency")));
    assert_eq!(by(r#"{"@type":"Organization","name":"Harbour Post"}"#), (None, None));
    assert_eq!(by(r#"{"@type":"Person","name":"Harbour Post"}"#), (some("Harbour Post"), None));
    let admin = r#"{"@type":"Person","name":"Ilan D","url":"https://post.example/author/admin/"}"#;
    assert_eq!(by(admin), (None, None));
}

#[test]
fn each_ticker_line_has_its_own_line() {
    let bar = "<div class=breaking><b>BREAKING</b> <a href=/7>Seven new ferries leave the harbour \
               of Aldern</a> <a href=/8>Eight mayors of Aldern close the bridge</a></div>";
    let list = "<div class=breaking><b>SON DAK\u{130}KA</b><ul>\
                <li><a href=/1>Ferry number one leaves the harbour</a></li>\
                <li><a href=/2>The bridge of Aldern is closed tonight</a></li></ul></div>";
    let live = r#"<script type="application/ld+json">{"@type":"LiveBlogPosting","headline":"Quay reopens",
        "liveBlogUpdate":[{"headline":"Polls close across the district"}]}</script>"#;
    let layout = read(&page_with(live, &format!("{bar}{list}"), ""));
    assert_eq!(layout.ticker.len(), 5, "{:?}", layout.ticker);
    for entry in &layout.ticker {
        let shown = layout.shown.lines().nth(entry.line as usize - 1);
        assert_eq!(shown, Some(entry.text.as_str()));
    }
}

#[test]
fn a_page_that_breaks_off_is_said_to() {
    let whole = around("");
    assert!(!remarks(&read(&whole)).contains(&"page-truncated"));
    let end = whole.find("</article>").unwrap();
    let sentence = whole[..end].rfind("the mayor").unwrap();
    assert!(remarks(&read(&whole[..sentence])).contains(&"page-truncated"));
    let cut = format!("{}<a hre", &whole[..end]);
    assert!(remarks(&read(&cut)).contains(&"page-truncated"));
}

#[test]
fn control_characters_and_soft_hyphens_are_no_text() {
    let head = "<meta property=og:title content=\"Quay&#5; re\u{ad}opens\">";
    let layout = read(&page_with(head, "", "").replace("Port Aldern", "Port&#7; Al\u{ad}dern"));
    assert_eq!(layout.fields.headline.as_deref(), Some("Quay reopens"));
    assert!(layout.body[0].text.contains("Port Aldern"), "{}", layout.body[0].text);
}

#[test]
fn lines_of_a_ticker_hold_no_line_breaks() {
    let html = "<p>+++ The keeper helped us when the weather was bad.<br>On the first night it turned \
                +++ The ferry to Sandrey runs again on Friday +++</p>";
    let layout = read(&around(html));
    assert_eq!(layout.ticker.len(), 2);
    assert!(layout.ticker.iter().all(|line| !line.text.contains('\n')), "{:?}", layout.ticker);
}
