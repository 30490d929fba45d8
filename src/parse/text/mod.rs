//! Text exports: lines, blocks divided by blank lines, no tags to lean on.
//!
//! What text browsers, converters and mail did to the page is undone first: broken paragraphs
//! (`wrap`), link numbers and Markdown (`marks`), a mail's head and front matter (`front`). Each line is measured
//! (`line`) and scored (`score`); the article is the best run of lines (`run`), not every good
//! line; what stands around it gives its fields (`head`, `headline`, `captions`, `tail`). BREAKING
//! blocks are found first (`block`) and never belong to the article.

mod block;
mod captions;
mod cut;
mod feature;
mod fit;
mod front;
mod head;
mod headline;
mod line;
mod lone;
mod marks;
mod run;
mod score;
mod stem;
mod tail;
mod weights;
mod wrap;

use crate::{
    item::{LineClass, Remark, Source},
    page::Page,
};

use self::line::Line;

use super::{
    TickerOrder,
    clues::Clues,
    date,
    facts::Said,
    layout::{Fields, Layout, Paragraph, TickerEntry},
    lexicon::fold_space,
    sites::Sites,
    source,
    word::Word,
};

/// A text page read, before its article is chosen.
#[derive(Clone, Debug)]
pub(super) struct Draught {
    text: String,
    /// The text again where that is not what the page's bytes are.
    shown: String,
    lines: Vec<Line>,
    /// What is known of each line before the article is chosen.
    classes: Vec<Option<LineClass>>,
    ticker: Vec<TickerEntry>,
    /// 0-based lines, in order, that begin with a marker and stand alone.
    lone: Vec<usize>,
    weights: &'static weights::Weights,
    /// What the lines at its top say of it.
    front: Option<front::Front>,
    /// Lines past those that were looked at.
    beyond: usize,
    remarks: Vec<Remark>,
    source: Source,
    url: Option<String>,
    ticker_order: TickerOrder,
    /// Language and markers by the site file, and whose names are nobody's there.
    site: Option<super::sites::Site>,
    newest_date: Option<jiff::civil::Date>,
    /// The masthead came from the page alone: a headline is none.
    masthead: Option<String>,
    /// How the numbers of its dates are ordered, where they tell.
    order: Option<&'static str>,
}

/// Reads a text page. `shown` is its text again where that is not what the page's bytes are.
pub(super) fn lay_out(text: String, shown: String, page: &Page, sites: &Sites) -> Draught {
    let (text, continued) = match wrap::joined(&text) {
        Some(joined) => (joined.text, joined.continued),
        None => (text, Vec::new()),
    };
    let text = marks::without(text.into(), !continued.is_empty()).into_owned();
    let (mut lines, beyond) = line::lines(&text, &continued);
    let front = front::head(&text, &mut lines);
    let trimmed: Vec<(Said<'_>, bool)> = lines
        .iter()
        .map(|line| {
            let text = text.get(line.range.clone()).unwrap_or_default();
            (line.facts.said(text), line.bullet)
        })
        .collect();
    let masthead = source::masthead(&trimmed, |name| sites.by_masthead(name).is_some());
    let signs = source::Signs {
        masthead: masthead.clone(),
        url: front.as_ref().and_then(|front| front.url.clone()),
        site_name: front.as_ref().and_then(|front| front.site.clone()),
    };
    let (source, site) = source::of(page, &signs, sites);
    let mut classes: Vec<Option<LineClass>> =
        lines.iter().map(|line| line.is_blank().then_some(LineClass::Blank)).collect();
    for &at in front.iter().flat_map(|front| &front.others) {
        if let Some(class) = classes.get_mut(at) {
            *class = Some(LineClass::Metadata);
        }
    }
    let mut remarks = Vec::new();
    if beyond > 0 {
        let read = lines.len();
        remarks.push(Remark::line(
            "page-too-long",
            read as u32 + 1,
            format!(
                "the page has {} lines: those past the first {read} were not looked at",
                read + beyond
            ),
        ));
    }
    let block::Found { entries: ticker, lone } = match site {
        Some(site) if site.no_ticker => block::Found::default(),
        _ => {
            let markers = site.map_or(&[][..], |site| site.markers.as_slice());
            block::ticker(&text, &lines, markers, &mut classes, &mut remarks)
        }
    };
    let short = |said: &Said<'_>| said.facts.shape.digits >= 6 && said.facts.shape.chars <= 140;
    let all = || trimmed.iter().map(|(said, _)| *said);
    let order = date::numbers_order(all().filter(short).map(Said::dates));
    let language = site.and_then(|site| site.language.as_deref()).or(order);
    // A date has a year.
    let dated = all().filter(|said| said.facts.shape.digits >= 4);
    let newest_date = dated.filter_map(|said| said.dates().newest_in(said.text, language)).max();
    Draught {
        classes,
        ticker,
        lone,
        weights: &weights::FITTED,
        front,
        beyond,
        remarks,
        source,
        url: signs.url.or_else(|| page.meta.url.clone()),
        ticker_order: site.map(|site| site.ticker_order).unwrap_or_default(),
        site: site.cloned(),
        newest_date,
        masthead,
        order,
        lines,
        text,
        shown,
    }
}

impl Draught {
    /// The text of the 0-based line.
    fn at(&self, line: usize) -> &str {
        self.said(line).map_or("", |said| said.text)
    }

    /// The 0-based line with what is said of it.
    fn said(&self, line: usize) -> Option<Said<'_>> {
        let line = self.lines.get(line)?;
        Some(line.facts.said(self.text.get(line.range.clone()).unwrap_or_default()))
    }

    /// What tells the order of a date's numbers: the site file's language, or the page's other dates.
    fn locale(&self) -> Option<&str> {
        self.site.as_ref().and_then(|site| site.language.as_deref()).or(self.order)
    }

    /// What each line was taken for; a line that goes on with another is what that is.
    fn claimed(&self, classes: &[Option<LineClass>]) -> Vec<LineClass> {
        let mut claimed: Vec<LineClass> = Vec::with_capacity(classes.len());
        for (class, line) in classes.iter().zip(&self.lines) {
            let before = claimed.last().copied().filter(|_| line.joined);
            claimed.push(before.or(*class).unwrap_or(unclaimed(line)));
        }
        claimed.resize(claimed.len() + self.beyond, LineClass::Unclaimed);
        claimed
    }

    /// Chooses the article; `known` tells the lines that the site's memory takes for furniture.
    pub(super) fn choose(&self, known: &dyn Fn(u64) -> bool, clues: &Clues) -> Layout {
        let mut run = run::choose(self, known, clues);
        let mut classes = self.classes.clone();
        let mut remarks = self.remarks.clone();
        let mut ticker = self.ticker.clone();
        let marked = lone::settle(self, &mut run, &mut classes, &mut ticker, &mut remarks);
        let mut fields = Fields {
            language: self.site.as_ref().and_then(|site| site.language.clone()),
            markers: self.site.as_ref().map(|site| site.markers.clone()).unwrap_or_default(),
            urgency: self.site.as_ref().map(|site| site.urgency).unwrap_or_default(),
            ..Fields::default()
        };
        if let Some(front) = &self.front {
            front.tell(self, &mut fields, clues);
        }
        let marked = marked.or(self.front.as_ref().and_then(|front| front.subject));
        run.kept.retain(|at| Some(*at) != marked);
        run::trim(self, &mut run);
        remarks.extend(run::other_article(self, &mut run));
        head::read(self, &mut run, marked, &mut fields, &mut classes, &mut remarks, clues);
        tail::read(self, &run, &mut fields, &mut classes);
        remarks.extend(tail::cut_short(self, &mut run, &mut classes));
        let mut source = self.source.clone();
        // A headline that is printed twice looks like a masthead.
        if source.name == self.masthead && source.name.is_some() && fields.headline == source.name {
            source.name = None;
        }
        let body = run
            .kept
            .iter()
            .map(|&line| Paragraph::new(line as u32 + 1, fold_space(self.at(line))))
            .collect();
        Layout {
            source,
            url: self.url.clone(),
            newest_date: self.newest_date,
            ticker_order: self.ticker_order,
            ticker,
            body,
            fields,
            lines: self.claimed(&classes),
            hashes: self.lines.iter().map(|line| line.facts.hash).collect(),
            shown: self.shown.clone(),
            around: Layout::of_short(&self.text),
            no_article: None,
            remarks,
        }
    }
}

/// What a line that nobody claimed looks like.
fn unclaimed(line: &Line) -> LineClass {
    match line.facts.word {
        Word::Button => LineClass::Furniture("button"),
        Word::Aside | Word::Link => LineClass::Furniture("related"),
        Word::End => LineClass::Furniture("footer"),
        Word::Plain if line.bullet && line.facts.shape.words <= 6 => LineClass::Furniture("menu"),
        Word::Plain => LineClass::Unclaimed,
    }
}

#[cfg(test)]
mod tests;
