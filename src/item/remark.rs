//! What parsing noticed, and why a page was set aside.

use serde::{Deserialize, Serialize};

/// Something a desk may want to know about how a page came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Stable short name, such as `article-twice`, for machines and metrics.
    pub code: std::borrow::Cow<'static, str>,
    /// The sentence for people.
    pub text: String,
    /// The 1-based line it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u32>,
}

impl Remark {
    /// A remark about the whole page.
    pub fn page(code: &'static str, text: impl Into<String>) -> Self {
        Remark { code: code.into(), text: text.into(), line: None }
    }

    /// A remark about the 1-based `line`.
    pub fn line(code: &'static str, line: u32, text: impl Into<String>) -> Self {
        Remark { code: code.into(), text: text.into(), line: Some(line) }
    }
}

/// What a line of a page was taken for. The classes of a page add up to its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineClass {
    /// Nothing printed on it.
    Blank,
    /// Part of the BREAKING block (its marker included).
    Ticker,
    /// Part of the article: body or standfirst.
    Article,
    /// Headline, byline, date, credit, caption, keywords …
    Metadata,
    /// Menus, related links, notices: with the rule that said so.
    Furniture(&'static str),
    /// Nobody claimed it.
    Unclaimed,
}

impl LineClass {
    /// The name under which the ledger counts it, such as `furniture:related`.
    pub fn name(self) -> std::borrow::Cow<'static, str> {
        match self {
            LineClass::Blank => "blank".into(),
            LineClass::Ticker => "ticker".into(),
            LineClass::Article => "article".into(),
            LineClass::Metadata => "metadata".into(),
            LineClass::Furniture(rule) => format!("furniture:{rule}").into(),
            LineClass::Unclaimed => "unclaimed".into(),
        }
    }
}

/// How a page ended in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Read and told (perhaps nothing of it was new).
    Done,
    /// No text in it.
    Empty,
    /// Binary, or in no charset that can be read.
    NotText,
    /// Over the size limit, before or after inflating.
    TooLarge,
    /// The system refused to read it.
    Unreadable,
    /// Not a kind of file that flashwire takes: a link, a socket, a folder named like a page.
    Unsupported,
    /// Deleted before it was read.
    Gone,
}

impl Outcome {
    /// The word used in JSON, in the ledger and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Empty => "empty",
            Outcome::NotText => "not_text",
            Outcome::TooLarge => "too_large",
            Outcome::Unreadable => "unreadable",
            Outcome::Unsupported => "unsupported",
            Outcome::Gone => "gone",
        }
    }
}

/// Why a page was set aside: what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The class of reason.
    pub outcome: Outcome,
    /// The sentence for people.
    pub reason: String,
}

impl Rejection {
    /// A rejection with its sentence.
    pub fn new(outcome: Outcome, reason: impl Into<String>) -> Self {
        Rejection { outcome, reason: reason.into() }
    }
}
