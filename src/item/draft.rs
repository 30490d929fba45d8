//! What a page says, before anyone judged it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::time::PrintedTime;

/// What an item is: a ticker line or an article.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One line of a page's BREAKING block.
    Ticker,
    /// The page's article.
    Article,
}

impl Kind {
    /// The word used in JSON, on the command line and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Ticker => "ticker",
            Kind::Article => "article",
        }
    }
}

/// Reading direction of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dir {
    /// Left to right.
    #[default]
    Ltr,
    /// Right to left (Arabic, Hebrew, Persian, Urdu …).
    Rtl,
}

/// Who published the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The masthead's name, as readers know it.
    pub name: Option<String>,
    /// The registrable host the page came from, lower case, without `www.`.
    pub host: Option<String>,
}

impl Source {
    /// What stands for the source where one word is needed: its name, else its host.
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.host.as_deref())
    }
}

/// One unjudged item of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The 1-based line of the page's text the item begins at.
    pub line: u32,
    /// What it says.
    pub item: Item,
}

/// What is told: a ticker line or an article.
///
/// In JSON the two are told apart by the `kind` that stands beside them.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Item {
    /// A ticker line.
    Ticker(TickerLine),
    /// An article.
    Article(Box<Article>),
}

/// One line of a BREAKING block, verbatim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct TickerLine {
    /// The whole line as printed, attribution included.
    pub headline: String,
    /// Speaker or outlet before the first `: `.
    pub attribution: Option<String>,
    /// Place before the first `: `, where it is a place and not a speaker.
    pub place: Option<String>,
    /// The line's own printed time, if it carries one. Never the article's date.
    pub published: Option<PrintedTime>,
    /// 1 for the first telling, one more for each update.
    pub version: u32,
    /// BCP 47 language, `None` where it can't be told.
    pub language: Option<String>,
    /// Reading direction.
    pub dir: Dir,
    /// IPTC urgency, 1 (flash) to 6; ticker lines are 2 unless the page or its site says otherwise.
    pub urgency: u8,
}

/// The article of a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Article {
    /// The headline, or `None` where the page has none: it is never guessed.
    pub headline: Option<String>,
    /// Who wrote it, as one string, without "By".
    pub byline: Option<String>,
    /// The agency or outlet the text is credited to.
    pub credit: Option<String>,
    /// Where the credit was read.
    pub credit_from: Option<CreditFrom>,
    /// Place (and date) that opens the text, such as `TEL AVIV, Israel`.
    pub dateline: Option<String>,
    /// When it was published.
    pub published: Option<PrintedTime>,
    /// The publication time as printed.
    pub published_raw: Option<String>,
    /// The summary under the headline; not part of the body.
    pub standfirst: Option<String>,
    /// Paragraphs divided by one blank line.
    pub body: String,
    /// The opening of a body that is left out (`body=none`), where there is no standfirst.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub teaser: Option<String>,
    /// True where the frame carries only the beginning of a long body; the whole one is at
    /// `/v1/events/{id}`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub body_truncated: bool,
    /// Pictures with caption and credit.
    pub images: Vec<Image>,
    /// The page's own tags.
    pub keywords: Vec<String>,
    /// Canonical URL.
    pub url: Option<String>,
    /// 1 for the first telling, one more for each update.
    pub version: u32,
    /// BCP 47 language, `None` where it can't be told.
    pub language: Option<String>,
    /// Reading direction.
    pub dir: Dir,
    /// IPTC urgency, 1 (flash) to 6; articles are 4 unless the page or its site says otherwise.
    pub urgency: u8,
}

/// Where an article's credit was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CreditFrom {
    /// A line of its own ("Source: …").
    Line,
    /// The dateline ("CITY (AP) — …").
    Dateline,
    /// The page's metadata.
    Meta,
}

/// A picture of the article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Image {
    /// The text printed under it.
    pub caption: Option<String>,
    /// Who took it.
    pub credit: Option<String>,
    /// Its alternative text.
    pub alt: Option<String>,
}

impl Item {
    /// Ticker line or article.
    pub fn kind(&self) -> Kind {
        match self {
            Item::Ticker(_) => Kind::Ticker,
            Item::Article(_) => Kind::Article,
        }
    }

    /// The headline; a ticker line is its own.
    pub fn headline(&self) -> Option<&str> {
        match self {
            Item::Ticker(line) => Some(&line.headline),
            Item::Article(article) => article.headline.as_deref(),
        }
    }

    /// The article's text; a ticker line has none.
    pub fn body(&self) -> Option<&str> {
        match self {
            Item::Ticker(_) => None,
            Item::Article(article) => Some(&article.body),
        }
    }

    /// BCP 47 language.
    pub fn language(&self) -> Option<&str> {
        match self {
            Item::Ticker(line) => line.language.as_deref(),
            Item::Article(article) => article.language.as_deref(),
        }
    }

    /// Reading direction.
    pub fn dir(&self) -> Dir {
        match self {
            Item::Ticker(line) => line.dir,
            Item::Article(article) => article.dir,
        }
    }

    /// The printed time of publication.
    pub fn published(&self) -> Option<&PrintedTime> {
        match self {
            Item::Ticker(line) => line.published.as_ref(),
            Item::Article(article) => article.published.as_ref(),
        }
    }

    /// IPTC urgency, 1 (flash) to 6.
    pub fn urgency(&self) -> u8 {
        match self {
            Item::Ticker(line) => line.urgency,
            Item::Article(article) => article.urgency,
        }
    }

    /// 1 for the first telling, one more for each update.
    pub fn version(&self) -> u32 {
        match self {
            Item::Ticker(line) => line.version,
            Item::Article(article) => article.version,
        }
    }

    /// What is left of an item that was withdrawn: all but what it said.
    pub fn blanked(&self) -> Item {
        match self {
            Item::Ticker(line) => Item::Ticker(TickerLine {
                version: line.version,
                language: line.language.clone(),
                dir: line.dir,
                urgency: line.urgency,
                ..TickerLine::default()
            }),
            Item::Article(article) => Item::Article(Box::new(Article {
                version: article.version,
                language: article.language.clone(),
                dir: article.dir,
                urgency: article.urgency,
                ..Article::default()
            })),
        }
    }

    /// Its JSON, as it stands in an event's.
    pub fn json(&self) -> Box<RawValue> {
        // Only maps with non-string keys make this fail; there are none.
        serde_json::value::to_raw_value(self).expect("an item is plain data")
    }

    /// Numbers the version; the desk does this once the verdict is known.
    pub fn set_version(&mut self, version: u32) {
        match self {
            Item::Ticker(line) => line.version = version,
            Item::Article(article) => article.version = version,
        }
    }
}
