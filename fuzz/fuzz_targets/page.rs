//! What must hold for every page.

use std::time::{Duration, Instant};

use flashwire::{
    item::{Item, PageHash},
    page::{Format, Meta, Page, PageName},
    parse::{self, Sites},
};
use jiff::Timestamp;

/// More ticker lines than one page may tell.
const MOST_DRAFTS: usize = 200;

/// Time for a page of the fuzzer's size, a hundred times what it needs.
const ENOUGH: Duration = Duration::from_secs(5);

/// Parses the bytes and checks what came out.
pub fn check(bytes: &[u8], format: Format) {
    let page = Page {
        name: PageName::new(&b"page"[..]),
        hash: PageHash::of(bytes),
        bytes: bytes.to_vec().into(),
        format,
        modified: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        meta: Meta::default(),
    };
    let begun = Instant::now();
    let parsed = parse::lay_out(&page, &Sites::default()).finish(None);
    assert!(begun.elapsed() < ENOUGH, "{} bytes took {:?}", bytes.len(), begun.elapsed());

    // A panic inside is caught and told as a remark; here it is a find.
    assert!(!parsed.remarks.iter().any(|r| r.code == "tree-failed"), "the extractor panicked");
    assert!(parsed.drafts.len() <= MOST_DRAFTS, "{} drafts", parsed.drafts.len());
    let articles = parsed.drafts.iter().filter(|d| matches!(d.item, Item::Article(_))).count();
    assert!(articles <= 1, "{articles} articles");
    if parsed.rejected.is_some() {
        assert!(parsed.drafts.is_empty() && !parsed.remarks.is_empty());
    }
    // Every line of the page has a class, and every item and remark begins at one of them.
    let lines = parsed.lines.len().max(1);
    for draft in &parsed.drafts {
        assert!((1..=lines).contains(&(draft.line as usize)), "line {}", draft.line);
        match &draft.item {
            Item::Ticker(line) => one_line("ticker line", &line.headline),
            Item::Article(article) => {
                for text in [&article.headline, &article.byline, &article.credit, &article.dateline]
                    .into_iter()
                    .flatten()
                {
                    one_line("field", text);
                }
                printable("body", &article.body);
            }
        }
    }
}

fn one_line(what: &str, text: &str) {
    printable(what, text);
    assert!(!text.trim().is_empty(), "an empty {what}");
    assert!(!text.contains('\n'), "{what} of several lines: {text:?}");
}

fn printable(what: &str, text: &str) {
    let control = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    assert!(control.is_none(), "{what} holds {control:?}: {text:?}");
}
