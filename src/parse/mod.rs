//! Page → drafts and remarks. Pure: no I/O, no clock, no randomness; it can't fail and can't run
//! without bound.
//!
//! Parsing has two steps. [`lay_out`] does the heavy part and runs on any worker in any order;
//! [`Sheet::finish`] chooses what is told with what earlier pages of the site taught
//! ([`SiteMemory`]), and runs in ticket order, so that the same pages in the same order always
//! come out the same.
//!
//! Bytes become text (`decode`), text becomes a `Layout` (`text` or `html`), the layout becomes
//! drafts (`compose`). What both sides use stands beside them: `ticker`, `date`, `byline`,
//! `dateline`, `language`, `twice`, `source`, and the word lists in `lexicon/` (`lexicon`).

mod byline;
mod calendar;
mod clues;
mod compose;
mod dateline;
mod date;
mod decode;
mod facts;
mod html;
mod language;
mod layout;
mod letters;
mod lexicon;
mod measure;
mod memo;
mod memory;
mod mime;
mod pages;
mod phrases;
mod picture;
mod sites;
mod source;
mod text;
mod ticker;
mod twice;
mod urgency;
mod word;

use jiff::civil::Date;

use crate::{
    item::{Draft, Item, LineClass, Outcome, Rejection, Remark, Source},
    page::{Format, Page},
};

pub use clues::{Account, Clue};
pub use html::fit;
pub use memory::SiteMemory;
pub use sites::{SiteError, Sites};

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
    /// The text that an HTML page or a mail shows, line by line as `lines` counts them; empty for a
    /// text export, which is its own text.
    pub shown: String,
    /// Why the page says nothing at all; then there are no drafts.
    pub rejected: Option<Rejection>,
    /// Stands for how the page begins: pages whose source is unknown are told apart by it.
    pub opening: Option<u64>,
    /// What it teaches the site's memory.
    lesson: memory::Lesson,
}

impl Parsed {
    /// What is said of a page that is set aside.
    pub fn rejected(rejection: Rejection) -> Self {
        let remarks = vec![Remark::page("rejected", rejection.reason.clone())];
        Parsed { rejected: Some(rejection), remarks, ..Parsed::default() }
    }

    fn has_article(&self) -> bool {
        self.drafts.iter().any(|draft| matches!(draft.item, Item::Article(_)))
    }
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

/// A page laid out, before the choice that needs the site's memory.
#[derive(Debug)]
pub struct Sheet {
    /// What it says without a memory.
    parsed: Parsed,
    /// What is needed to choose again.
    again: Option<Again>,
}

/// The two sides choose in their own ways.
#[derive(Debug)]
enum Again {
    Text(Box<text::Draught>),
    Html(Box<layout::Layout>),
}

/// Lines of a text page that is read.
const MOST_LINES: usize = 1_000_000;

/// Reads a page. Any bytes are a page.
pub fn lay_out(page: &Page, sites: &Sites) -> Sheet {
    read(page, sites, &clues::Clues::default())
}

/// Reads a page as [`lay_out`] does, and tells how it came out so.
pub fn explain(page: &Page, sites: &Sites) -> (Sheet, Account) {
    let clues = clues::Clues::accounting();
    (read(page, sites, &clues), clues.account())
}

fn read(page: &Page, sites: &Sites, clues: &clues::Clues) -> Sheet {
    let decoded = match decode::decode(&page.bytes) {
        Ok(decoded) => decoded,
        Err(rejection) => {
            return Sheet::rejected(rejection);
        }
    };
    // What is said of each line of a page has to fit into memory.
    let lines = memchr::memchr_iter(b'\n', decoded.text.as_bytes()).count();
    if page.format == Format::Text && lines > MOST_LINES {
        let reason = format!("it has {lines} lines: pages of up to {MOST_LINES} are read");
        let rejection = Rejection::new(Outcome::TooLarge, reason);
        return Sheet::rejected(rejection);
    }
    let (mut parsed, again) = match page.format {
        Format::Text => {
            let mail = mime::text(&decoded.text, &html::rendered);
            let shown = mail.clone().unwrap_or_default();
            let draught = text::lay_out(mail.unwrap_or(decoded.text), shown, page, sites);
            (compose::compose(&draught.choose(&|_| false, clues)), Again::Text(Box::new(draught)))
        }
        Format::Html => {
            let layout = html::lay_out(&decoded.text, page, sites, clues);
            (compose::compose(&layout), Again::Html(Box::new(layout)))
        }
    };
    parsed.remarks.extend(decoded.remark);
    Sheet { parsed, again: Some(again) }
}

impl Sheet {
    /// The sheet of a page that can't be read.
    pub fn rejected(rejection: Rejection) -> Self {
        Sheet::saying(Parsed::rejected(rejection))
    }

    /// The sheet of a page that says this, whatever its site taught.
    pub fn saying(parsed: Parsed) -> Self {
        Sheet { parsed, again: None }
    }

    /// What the page says, as far as is known by now.
    pub fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    /// What the page says.
    pub fn into_parsed(self) -> Parsed {
        self.parsed
    }

    /// Chooses what the page says; `memory` is what earlier pages of all sites taught.
    pub fn finish(mut self, memory: Option<&SiteMemory>) -> Parsed {
        if let Some(memory) = memory {
            self.revise(memory);
        }
        self.parsed
    }

    /// Chooses again with what earlier pages of all sites taught; false where that changes nothing.
    pub fn revise(&mut self, memory: &SiteMemory) -> bool {
        let Some(site) = memory.site(self.parsed.source.label()) else { return false };
        let known = |hash: u64| site.is_furniture(hash);
        // Only a furniture line within the chosen text can change the choice.
        if !self.parsed.lesson.paragraphs.iter().any(|&hash| known(hash)) {
            return false;
        }
        let layout = match self.again.take() {
            None => return false,
            Some(Again::Text(draught)) => draught.choose(&known, &clues::Clues::default()),
            Some(Again::Html(layout)) => layout.trimmed(&known),
        };
        let mut chosen = compose::compose(&layout);
        // A page that repeats what other pages said is told: the memory lowers odds, it never takes
        // an article away.
        if self.parsed.has_article() && !chosen.has_article() {
            let text = "every paragraph of the article stood on earlier pages of the site";
            self.parsed.remarks.push(Remark::page("all-seen-before", text));
            return true;
        }
        let before = std::mem::take(&mut self.parsed.remarks).into_iter();
        chosen.remarks.extend(before.filter(|remark| remark.code == "charset-broken"));
        self.parsed = chosen;
        true
    }
}
