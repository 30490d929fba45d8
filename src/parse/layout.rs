//! What both sides, text and HTML, make of a page; `compose` turns it into drafts.

use std::sync::Arc;

use jiff::civil::Date;

use crate::item::{CreditFrom, Image, LineClass, PrintedTime, Remark, Source};

use super::{
    TickerOrder,
    facts::{self, Facts, Said},
    pages::NoArticle,
    urgency::Usual,
};

/// A page taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// Who published it.
    pub(super) source: Source,
    /// Its canonical address.
    pub(super) url: Option<String>,
    /// The newest day printed anywhere on it.
    pub(super) newest_date: Option<Date>,
    /// How its site orders the ticker.
    pub(super) ticker_order: TickerOrder,
    /// Its ticker lines, in page order.
    pub(super) ticker: Vec<TickerEntry>,
    /// The article's paragraphs, in page order, standfirst left out.
    pub(super) body: Vec<Paragraph>,
    /// What is said about the article.
    pub(super) fields: Fields,
    /// What each line of the page's text was taken for.
    pub(super) lines: Vec<LineClass>,
    /// [`line_hash`](super::memory::line_hash) of each line of the page's text.
    pub(super) hashes: Vec<u64>,
    /// The text of an HTML page, as `lines` counts it; empty where the page is its own text.
    pub(super) shown: String,
    /// The text of a short page, article and all: what it is may be said around its article.
    pub(super) around: String,
    /// What the page is by its layout, if that makes it no article.
    pub(super) no_article: Option<NoArticle>,
    /// What was noticed.
    pub(super) remarks: Vec<Remark>,
}

impl Layout {
    /// What is kept of a page's text as [`Layout::around`].
    pub(super) fn of_short(text: &str) -> String {
        if text.len() <= SHORT { text.to_owned() } else { String::new() }
    }
}

/// Bytes of a short page.
const SHORT: usize = 6_000;

/// A line of a BREAKING block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TickerEntry {
    /// The 1-based line it stands in.
    pub(super) line: u32,
    /// The line, verbatim.
    pub(super) text: String,
    /// Its own printed time.
    pub(super) published: Option<PrintedTime>,
}

/// A paragraph, sub-head or list entry of the article.
#[derive(Clone, Debug)]
pub(super) struct Paragraph {
    /// The 1-based line it begins at.
    pub(super) line: u32,
    /// Its text, white space folded.
    pub(super) text: String,
    /// What is said of its words.
    facts: Arc<Facts>,
}

impl Paragraph {
    /// A paragraph that begins at the 1-based line.
    pub(super) fn new(line: u32, text: String) -> Paragraph {
        Paragraph { line, facts: facts::of(&text), text }
    }

    /// Its text with what is said of it.
    pub(super) fn said(&self) -> Said<'_> {
        self.facts.said(&self.text)
    }
}

/// What a page says about its article, outside the body. `None` where it says nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    /// The headline.
    pub(super) headline: Option<String>,
    /// Who wrote it: cleaned.
    pub(super) byline: Option<String>,
    /// The agency or outlet it is credited to, and where that was read.
    pub(super) credit: Option<(String, CreditFrom)>,
    /// When it was published, and as printed.
    pub(super) published: Option<(PrintedTime, String)>,
    /// The summary under the headline.
    pub(super) standfirst: Option<String>,
    /// Pictures.
    pub(super) images: Vec<Image>,
    /// The page's tags.
    pub(super) keywords: Vec<String>,
    /// The language it declares (BCP 47).
    pub(super) language: Option<String>,
    /// The site's own words for BREAKING, folded.
    pub(super) markers: Vec<String>,
    /// How urgent the site's news usually are.
    pub(super) urgency: Usual,
}

impl Layout {
    /// The layout without the furniture lines at the edges of its body, as the site's memory knows
    /// them. A paragraph inside the body stays, whatever is known of it.
    pub(super) fn trimmed(&self, known: &dyn Fn(u64) -> bool) -> Layout {
        let mut layout = self.clone();
        let furniture = |paragraph: &Paragraph| known(paragraph.facts.hash);
        let from = layout.body.iter().position(|paragraph| !furniture(paragraph));
        let to = layout.body.iter().rposition(|paragraph| !furniture(paragraph));
        // A body of furniture alone is what the page has to say.
        let (Some(from), Some(to)) = (from, to) else { return layout };
        let cut: Vec<Paragraph> = layout
            .body
            .drain(to + 1..)
            .collect::<Vec<_>>()
            .into_iter()
            .chain(layout.body.drain(..from).collect::<Vec<_>>())
            .collect();
        for paragraph in cut {
            if let Some(class) = layout.lines.get_mut(paragraph.line as usize - 1) {
                *class = LineClass::Furniture("site-memory");
            }
        }
        layout
    }
}
