//! Saved pages in many layouts and what comes of them, as readable snapshots beside each page.

use std::{fmt::Write, path::Path};

use flashwire::{
    item::{Item, PageHash},
    page::{Meta, Page, PageName},
    parse::{self, Parsed, Sites},
};
use jiff::Timestamp;

#[test]
fn html_pages() {
    insta::glob!("../pages", "*/page.html", snapshot);
}

fn snapshot(path: &Path) {
    let bytes = std::fs::read(path).expect("the page can be read");
    let name = PageName::new(&b"page.html"[..]);
    let page = Page {
        format: name.format().expect("the name ends as a page's does"),
        name,
        hash: PageHash::of(&bytes),
        bytes: bytes.into(),
        modified: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        meta: Meta::default(),
    };
    let parsed = parse::lay_out(&page, &Sites::default()).finish(None);
    insta::with_settings!({
        snapshot_path => path.parent().expect("a page lies in a folder"),
        prepend_module_to_snapshot => false,
        snapshot_suffix => "",
        omit_expression => true,
    }, {
        insta::assert_snapshot!("html", readable(&parsed));
    });
}

/// What a page says, one fact a line.
fn readable(parsed: &Parsed) -> String {
    let mut out = String::new();
    let mut fact = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            writeln!(out, "{name}: {value}").expect("a string takes everything");
        }
    };
    fact("source", parsed.source.name.as_deref());
    fact("host", parsed.source.host.as_deref());
    fact("url", parsed.url.as_deref());
    fact("newest date", parsed.newest_date.map(|d| d.to_string()).as_deref());
    for draft in &parsed.drafts {
        match &draft.item {
            Item::Ticker(line) => {
                let time = line.published.as_ref().map_or("", |t| t.as_str());
                let said = [&line.attribution, &line.place].map(|s| s.as_deref().unwrap_or("-"));
                fact(
                    "ticker",
                    Some(&format!("{} [{time}] [{}] [{}]", line.headline, said[0], said[1])),
                );
            }
            Item::Article(a) => {
                fact("headline", a.headline.as_deref());
                fact("byline", a.byline.as_deref());
                fact("credit", a.credit.as_deref());
                fact("dateline", a.dateline.as_deref());
                fact("published", a.published.as_ref().map(|t| t.as_str()));
                fact("as printed", a.published_raw.as_deref());
                fact("standfirst", a.standfirst.as_deref());
                fact("language", a.language.as_deref());
                fact("direction", Some(&format!("{:?}", a.dir).to_lowercase()));
                fact("keywords", Some(&a.keywords.join(", ")));
                for image in &a.images {
                    let parts = [&image.caption, &image.credit, &image.alt];
                    let parts = parts.map(|p| p.as_deref().unwrap_or("-"));
                    fact("image", Some(&parts.join(" | ")));
                }
                fact("body", Some(&format!("\n{}", a.body)));
            }
        }
    }
    for remark in &parsed.remarks {
        fact("remark", Some(&format!("{}: {}", remark.code, remark.text)));
    }
    out
}
