//! The words of `q`: `sirens "port amal" -drill OR source:"Harbour Daily" headline:evacu*`.
//!
//! A word means the whole canonical word in headline, attribution, standfirst or body; `word*`
//! its beginning; `"a phrase"` the words in a row; `-` what must not be there; `field:` one field.
//! Terms side by side must all hold; `OR` stands between alternatives and binds less.

use std::str::FromStr;

use super::words::{Field, Words, canonical};

/// Alternatives of terms that must all hold, in a normal form. No alternative at all takes
/// everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in super::super) struct Query {
    any: Vec<Vec<Term>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Term {
    not: bool,
    field: Option<Field>,
    /// Canonical words after a space and, unless the last is a beginning only, before one: what
    /// must be found in a field's words.
    needle: String,
}

/// A query that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadQuery(String);

/// Longest query, in bytes, and the most terms of one: both far above what people type.
const LONGEST: usize = 1024;
const MOST_TERMS: usize = 64;

impl FromStr for Query {
    type Err = BadQuery;

    fn from_str(text: &str) -> Result<Self, BadQuery> {
        if text.len() > LONGEST {
            return Err(BadQuery(format!(
                "q has {} bytes; {LONGEST} are the most it may have",
                text.len()
            )));
        }
        let mut any = vec![Vec::new()];
        let mut terms = 0;
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (token, after) = token(rest)?;
            rest = after.trim_start();
            if token == "OR" {
                if any.last().is_some_and(Vec::is_empty) || rest.is_empty() {
                    return Err(BadQuery("q: OR must stand between two terms".into()));
                }
                any.push(Vec::new());
                continue;
            }
            terms += 1;
            if terms > MOST_TERMS {
                return Err(BadQuery(format!("q has more than {MOST_TERMS} terms")));
            }
            any.last_mut().expect("one alternative is always open").push(term(token)?);
        }
        for all in &mut any {
            all.sort();
            all.dedup();
        }
        any.sort();
        any.dedup();
        if any == [Vec::new()] {
            any.clear();
        }
        Ok(Query { any })
    }
}

/// Cuts the first token off: up to a space that stands outside quotes.
fn token(text: &str) -> Result<(&str, &str), BadQuery> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => return Ok((&text[..at], &text[at..])),
            _ => {}
        }
    }
    if quoted {
        return Err(BadQuery(format!("q: a quotation mark is missing in `{text}`")));
    }
    Ok((text, ""))
}

fn term(token: &str) -> Result<Term, BadQuery> {
    let (not, rest) = match token.strip_prefix('-') {
        // A sign before a figure belongs to the figure: "-5" is looked for, not left out.
        Some(rest) if !rest.starts_with(|c: char| c.is_ascii_digit()) => (true, rest),
        _ => (false, token),
    };
    let (field, value) = match rest.split_once(':') {
        Some((name, value)) if !name.contains('"') && !value.is_empty() => {
            let known = Field::ALL.into_iter().find(|field| field.name() == name);
            let field = known.ok_or_else(|| {
                let names = Field::ALL.map(Field::name).join(", ");
                BadQuery(format!(
                    "q: there is no field `{name}`; fields are {names} (put a text with a colon in quotation marks)"
                ))
            })?;
            (Some(field), value)
        }
        _ => (None, rest),
    };
    let (value, beginning) = match value.strip_suffix('*') {
        Some(value) => (value, true),
        None => (value, false),
    };
    let words = canonical(value);
    if words.is_empty() {
        return Err(BadQuery(format!("q: `{token}` has no letter or figure to look for")));
    }
    let end = if beginning { "" } else { " " };
    Ok(Term { not, field, needle: format!(" {words}{end}") })
}

impl Query {
    pub(super) fn matches(&self, words: &Words<'_>) -> bool {
        self.any.is_empty() || self.any.iter().any(|all| all.iter().all(|term| term.holds(words)))
    }
}

impl Term {
    fn holds(&self, words: &Words<'_>) -> bool {
        let found_in =
            |text: &str| memchr::memmem::find(text.as_bytes(), self.needle.as_bytes()).is_some();
        let found = match self.field {
            Some(Field::Source) => found_in(words.field(Field::Source)) || found_in(words.host()),
            Some(field) => found_in(words.field(field)),
            None => Field::TEXT.into_iter().any(|field| found_in(words.field(field))),
        };
        found != self.not
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        broadcast::prune::tests::{article, ticker},
        item::Event,
    };

    fn matches(q: &str, event: &Event) -> bool {
        q.parse::<Query>().unwrap().matches(&Words::of(event))
    }

    #[test]
    fn words_phrases_beginnings_and_fields() {
        let line = ticker(1, "Coast guard: Ferry “Amal Star” aground off Port Amal, 12 hurt");
        for q in [
            "ferry",
            "FERRY aground",
            "\"amal star\"",
            "agr*",
            "ferry -drill",
            "train OR ferry",
            "attribution:\"coast guard\"",
            "headline:12",
            "source:\"harbour daily\"",
            "train OR ferry hurt",
            "source:harbour-daily.test",
            "",
            "-train",
            "amal*",
        ] {
            assert!(matches(q, &line), "{q}");
        }
        for q in [
            "ferries",
            "fer",
            "\"star amal\"",
            "-ferry",
            "train OR ferry bus",
            "body:ferry",
            "attribution:ferry",
            "source:daily*x",
            "13",
            "guard:1".split(':').next().unwrap_or(""),
            "byline:coast",
        ] {
            let q = if q == "guard" { "guard -coast" } else { q };
            assert!(!matches(q, &line), "{q}");
        }
        let story = article(2, "Harbour reopens", "Ships left on Monday.\n\nThe pilot returned.");
        assert!(matches("pilot harbour", &story));
        assert!(matches("body:\"the pilot\"", &story));
        // A phrase doesn't run on from one field into the next.
        assert!(!matches("\"reopens ships\"", &story));
    }

    #[test]
    fn unspaced_scripts_are_found_inside() {
        let line = ticker(1, "東京で地震 津波の心配なし");
        assert!(matches("地震", &line));
        assert!(matches("津波", &line));
        assert!(!matches("震地", &line));
    }

    #[test]
    fn order_does_not_make_another_query() {
        let parse = |q: &str| q.parse::<Query>().unwrap();
        assert_eq!(parse("a b OR c"), parse("c OR b a b"));
        assert_eq!(parse("  "), Query::default());
        assert_ne!(parse("a b"), parse("\"a b\""));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |q: &str| q.parse::<Query>().unwrap_err().to_string();
        assert!(wrong("colour:red").contains("no field `colour`"));
        assert!(wrong("\"port amal").contains("quotation mark"));
        assert!(wrong("OR a").contains("between two terms"));
        assert!(wrong("a OR").contains("between two terms"));
        assert!(wrong("a …").contains("no letter or figure"));
        assert!(wrong(&"a".repeat(2000)).contains("2000 bytes"));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(q in ".{0,60}") {
            if let Ok(query) = q.parse::<Query>() {
                query.matches(&Words::of(&ticker(1, "Port Amal")));
            }
        }
    }
}
