//! Layout → drafts: what is the same for text and HTML pages.

use crate::{
    item::{Article, CreditFrom, Draft, Item, LineClass, Remark},
    page::public_address,
};

use super::{
    Parsed, byline, dateline, facts, language,
    layout::{Fields, Layout, Paragraph},
    memory::Lesson,
    pages, ticker, twice,
};

/// Makes the drafts of a page.
pub(super) fn compose(layout: &Layout) -> Parsed {
    let mut remarks = layout.remarks.clone();
    let mut lines = layout.lines.clone();
    let whole = once(&layout.body, &mut lines, &mut remarks);
    let mut body = whole;
    let headline = layout.fields.headline.as_deref();
    let kind = layout.no_article.or_else(|| match whole {
        // A page without a text may say what it is all the same.
        [] => {
            let around = || layout.around.lines();
            let facts: Vec<_> = around().map(facts::of).collect();
            let said = around().zip(&facts).map(|(line, facts)| facts.said(line));
            pages::judge(around().next(), said, "")
        }
        whole => pages::judge(headline, whole.iter().map(Paragraph::said), &layout.around),
    });
    if let Some(kind) = kind {
        body = &[];
        remarks.push(kind.remark());
        for paragraph in whole {
            if let Some(class) = lines.get_mut(paragraph.line as usize - 1) {
                *class = LineClass::Furniture(kind.code());
            }
        }
    }
    let article = match kind {
        Some(_) => None,
        None => article(layout, body, &mut remarks),
    };
    let prior = article
        .as_ref()
        .and_then(|(_, article)| article.language.as_deref())
        .or(layout.fields.language.as_deref());
    let mut drafts: Vec<Draft> = layout
        .ticker
        .iter()
        .map(|entry| {
            let published = entry.published.clone();
            let Fields { markers, urgency, .. } = &layout.fields;
            ticker::draft(entry.line, &entry.text, published, prior, markers, urgency)
        })
        .collect();
    let lesson = Lesson {
        lines: lines
            .iter()
            .zip(&layout.hashes)
            .filter(|(class, _)| {
                !matches!(class, LineClass::Blank | LineClass::Ticker | LineClass::Metadata)
            })
            .map(|(_, hash)| *hash)
            .collect(),
        paragraphs: body.iter().map(|paragraph| paragraph.said().facts.hash).collect(),
    };
    drafts.extend(
        article.map(|(line, article)| Draft { line, item: Item::Article(Box::new(article)) }),
    );
    let mut printed = layout.lines.iter().zip(&layout.hashes);
    let opening = printed.find(|(class, _)| !matches!(class, LineClass::Blank));
    Parsed {
        opening: opening.map(|(_, hash)| *hash),
        source: layout.source.clone(),
        url: layout.url.as_deref().and_then(public_address),
        newest_date: layout.newest_date,
        drafts,
        ticker_order: layout.ticker_order,
        remarks,
        lines,
        shown: layout.shown.clone(),
        rejected: None,
        lesson,
    }
}

/// The paragraphs of the first copy, where the article stands twice.
fn once<'a>(
    body: &'a [Paragraph],
    lines: &mut [LineClass],
    remarks: &mut Vec<Remark>,
) -> &'a [Paragraph] {
    let Some(at) = twice::second_copy(body.iter().map(|paragraph| paragraph.text.as_str())) else {
        return body;
    };
    let (first, second) = body.split_at(at);
    for paragraph in second {
        if let Some(class) = lines.get_mut(paragraph.line as usize - 1) {
            *class = LineClass::Furniture("second-copy");
        }
    }
    if let Some(paragraph) = second.first() {
        remarks.push(Remark::line(
            "article-twice",
            paragraph.line,
            format!(
                "the article stands twice in this page: its second copy, from line {}, is left out",
                paragraph.line
            ),
        ));
    }
    first
}

fn article(
    layout: &Layout,
    body: &[Paragraph],
    remarks: &mut Vec<Remark>,
) -> Option<(u32, Article)> {
    let fields = &layout.fields;
    let Some(opening) = body.first() else {
        remarks.push(Remark::page("no-article", "no article text was found on this page"));
        return None;
    };
    if fields.headline.is_none() {
        remarks.push(Remark::page("no-headline", "the article has no headline on this page"));
    }
    let dateline = dateline::read(&opening.text);
    let (credit, credit_from) = match (&fields.credit, dateline.credit) {
        (Some((credit, from)), _) => (Some(credit.clone()), Some(*from)),
        (None, Some(credit)) => (Some(credit.to_owned()), Some(CreditFrom::Dateline)),
        (None, None) => (None, None),
    };
    let text =
        body.iter().map(|paragraph| paragraph.text.as_str()).collect::<Vec<_>>().join("\n\n");
    let language = language::of(&text, fields.language.as_deref());
    let reporters = || dateline.reporters.and_then(byline::clean);
    let (published, published_raw) = fields.published.clone().unzip();
    let article = Article {
        headline: fields.headline.clone(),
        byline: fields.byline.clone().or_else(reporters),
        credit,
        credit_from,
        dateline: dateline.place.map(str::to_owned),
        published,
        published_raw,
        standfirst: fields.standfirst.clone(),
        body: text,
        teaser: None,
        body_truncated: false,
        images: fields.images.clone(),
        keywords: fields.keywords.clone(),
        url: layout.url.as_deref().and_then(public_address),
        version: 1,
        language: language.tag,
        dir: language.dir,
        urgency: fields.urgency.of_article(fields.headline.as_deref(), &fields.markers),
    };
    Some((opening.line, article))
}
