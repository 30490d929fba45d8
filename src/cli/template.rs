//! What `tail -o template` prints: a text with places for an event's fields.

use crate::{
    item::{Event, Item, Shown},
    outlet::words,
};

use super::{Exit, Failure};

/// A text, taken apart.
#[derive(Debug)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Field(Field),
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Time,
    Seq,
    Id,
    Kind,
    Action,
    Source,
    Headline,
    Attribution,
    Language,
    Urgency,
    Version,
    Page,
    Line,
    Url,
    Thread,
}

const FIELDS: &[(&str, Field)] = &[
    ("time", Field::Time),
    ("seq", Field::Seq),
    ("id", Field::Id),
    ("kind", Field::Kind),
    ("action", Field::Action),
    ("source", Field::Source),
    ("headline", Field::Headline),
    ("attribution", Field::Attribution),
    ("language", Field::Language),
    ("urgency", Field::Urgency),
    ("version", Field::Version),
    ("page", Field::Page),
    ("line", Field::Line),
    ("url", Field::Url),
    ("thread", Field::Thread),
];

impl Template {
    /// Takes a text apart: `{field}`, `{{` and `}}` for braces, `\\n` and `\\t`.
    ///
    /// # Errors
    /// A field that there is none of, or a brace that is not closed.
    pub(super) fn read(text: &str) -> Result<Self, Failure> {
        let bad = |why: String| Failure::new(Exit::Usage, format!("--template: {why}"));
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '{' | '}' if rest.next_if_eq(&c).is_some() => plain.push(c),
                '\\' => match rest.next() {
                    Some('n') => plain.push('\n'),
                    Some('t') => plain.push('\t'),
                    Some(other) => plain.push(other),
                    None => plain.push('\\'),
                },
                '{' => {
                    let name: String = rest.by_ref().take_while(|c| *c != '}').collect();
                    let field = FIELDS.iter().find(|(known, _)| *known == name);
                    let (_, field) = field.ok_or_else(|| {
                        let known: Vec<_> = FIELDS.iter().map(|(known, _)| *known).collect();
                        bad(format!(
                            "there is no field `{}`; there are {}",
                            Shown::exact(&name),
                            known.join(", ")
                        ))
                    })?;
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Field(*field));
                }
                '}' => return Err(bad("a `}` without its `{`; write }} for one".into())),
                c => plain.push(c),
            }
        }
        parts.push(Part::Text(plain));
        Ok(Template(parts))
    }

    /// The text for an event. What a page said can't steer a terminal.
    pub(super) fn fill(&self, event: &Event) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Field(field) => {
                    text.push_str(&Shown::prose(field.of(event)).to_string());
                }
            }
        }
        text
    }
}

impl Field {
    fn of(self, event: &Event) -> String {
        let attribution = match &event.item {
            Item::Ticker(line) => line.attribution.as_deref(),
            Item::Article(article) => article.credit.as_deref(),
        };
        let url = match &event.item {
            Item::Article(article) => article.url.as_deref().or(event.page.url.as_deref()),
            Item::Ticker(_) => event.page.url.as_deref(),
        };
        match self {
            Field::Time => event.time.to_string(),
            Field::Seq => event.seq.to_string(),
            Field::Id => event.id.to_string(),
            Field::Kind => event.kind().as_str().into(),
            Field::Action => event.action.as_str().into(),
            Field::Source => event.source.label().unwrap_or_default().into(),
            Field::Headline => words::title(&event.item),
            Field::Attribution => attribution.unwrap_or_default().into(),
            Field::Language => event.item.language().unwrap_or_default().into(),
            Field::Urgency => event.item.urgency().to_string(),
            Field::Version => event.item.version().to_string(),
            Field::Page => event.page.name.clone(),
            Field::Line => event.page.line.to_string(),
            Field::Url => url.unwrap_or_default().into(),
            Field::Thread => event.thread.to_string(),
        }
    }
}
