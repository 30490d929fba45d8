//! Page → drafts and remarks. Pure: no I/O, no clock, no randomness; it can't fail and can't run
//! without bound.
//!
//! Parsing has two steps. [`lay_out`] does the heavy part and runs on any worker in any order;
//! [`Sheet::finish`] chooses what is told with what earlier pages of the site taught
//! ([`SiteMemory`]), and runs in ticket order, so that the same pages in the same order always
//! come out the same.

mod html;

use jiff::civil::Date;

use crate::{
    item::{Draft, Item, LineClass, Rejection, Remark, Source, TickerLine},
    page::{Format, Page},
};

/// What one page says.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// Who published it.
    pub source: Source,
    /// Its canonical URL.
    pub url: Option<String>,
    /// The newest day printed anywhere on it.
    pub newest_date: Option<Date>,
    /// Ticker lines in page order, then the article.
    pub drafts: Vec<Draft>,
    /// How the site orders its ticker.
    pub ticker_order: TickerOrder,
    /// What was noticed.
    pub remarks: Vec<Remark>,
    /// What each line of the page's text was taken for.
    pub lines: Vec<LineClass>,
    /// Why the page says nothing at all; then there are no drafts.
    pub rejected: Option<Rejection>,
}

/// How a site orders the lines of its ticker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TickerOrder {
    /// The newest line stands on top, as on most sites.
    #[default]
    NewestFirst,
    /// The oldest line stands on top.
    OldestFirst,
}

/// What is known of some sites beforehand (`config/sites/*.toml`). Everything works without.
#[derive(Clone, Debug, Default)]
pub struct Sites {}

/// Lines that earlier pages of each site carried: what stands on pages with different articles
/// is furniture.
#[derive(Clone, Debug, Default)]
pub struct SiteMemory {}

/// A page laid out, before the choice that needs the site's memory.
#[derive(Debug)]
pub struct Sheet {
    parsed: Parsed,
}

/// Reads a page. Any bytes are a page.
pub fn lay_out(page: &Page, _sites: &Sites) -> Sheet {
    let mut parsed = Parsed::default();
    if page.format == Format::Html {
        let text = String::from_utf8_lossy(&page.bytes);
        match html::read(&text, page.meta.url.as_deref()) {
            html::Outcome::Read(reading) => {
                let html::Reading { source, url, language, dir, ticker, article, remarks, lines } =
                    *reading;
                parsed.source = source;
                parsed.url = url;
                parsed.remarks = remarks;
                parsed.lines = lines
                    .into_iter()
                    .map(|(text, class)| if text.is_empty() { LineClass::Blank } else { class })
                    .collect();
                parsed.drafts.extend(ticker.into_iter().map(|t| Draft {
                    line: t.line,
                    item: Item::Ticker(TickerLine {
                        headline: t.text,
                        published: t.published,
                        version: 1,
                        language: language.clone(),
                        dir: dir.unwrap_or_default(),
                        urgency: 2,
                        ..TickerLine::default()
                    }),
                }));
                parsed.drafts.extend(
                    article.map(|(a, line)| Draft { line, item: Item::Article(Box::new(a)) }),
                );
            }
            html::Outcome::TooBig { text, remark } => {
                parsed.lines = text.lines().map(|_| LineClass::Unclaimed).collect();
                parsed.remarks.push(remark);
            }
        }
    }
    Sheet { parsed }
}

impl Sheet {
    /// Chooses what the page says; `memory` is what earlier pages of the site taught.
    pub fn finish(self, _memory: Option<&SiteMemory>) -> Parsed {
        self.parsed
    }
}
