//! The text of `q` → what it asks for.

use jiff::Timestamp;

use crate::item::ChangeSize;

use super::{
    Cmp,
    params::{self, ACTIONS, KINDS, LANGUAGE},
    query::{Expr, Flag, Query, Term},
    when,
    words::{Field, canonical},
};

/// A query that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadQuery {
    /// Which character of it, counted from 1; nothing where it is the whole.
    pub column: Option<usize>,
    /// What is wrong, and what to write.
    pub message: String,
}

impl std::error::Error for BadQuery {}

impl std::fmt::Display for BadQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.column {
            Some(column) => write!(f, "q, column {column}: {}", self.message),
            None => write!(f, "q {}", self.message),
        }
    }
}

/// Longest query, in bytes, the most terms of one, and the most brackets in each other: all far
/// above what people type.
const LONGEST: usize = 1024;
const MOST_TERMS: usize = 64;
const DEEPEST: usize = 16;

impl Query {
    /// Reads a query; ages in it are counted from `now`.
    ///
    /// # Errors
    /// What of it can't be understood, where, and what to write.
    pub fn read(text: &str, now: Timestamp) -> Result<Self, BadQuery> {
        if text.len() > LONGEST {
            let message = format!("has {} bytes; {LONGEST} are the most it may have", text.len());
            return Err(BadQuery { column: None, message });
        }
        let mut reader = Reader { text, at: 0, now, terms: 0 };
        reader.skip_space();
        if reader.rest().is_empty() {
            return Ok(Query::default());
        }
        let expr = reader.any(None, 0)?;
        if reader.rest().starts_with(')') {
            return Err(reader.bad(
                reader.at,
                "this bracket closes none (put a text with brackets in quotation marks)",
            ));
        }
        Ok(Query(expr))
    }
}

/// What a `field:` speaks of.
#[derive(Clone, Copy)]
enum Name {
    Text(Field),
    Kind,
    Action,
    Language,
    Since,
    Until,
    Urgency,
    Origins,
    Size,
    Thread,
    Flag(Flag),
}

/// Names of what is no text.
const VALUES: [(&str, Name); 11] = [
    ("kind", Name::Kind),
    ("action", Name::Action),
    ("lang", Name::Language),
    ("since", Name::Since),
    ("until", Name::Until),
    ("urgency", Name::Urgency),
    ("origins", Name::Origins),
    ("size", Name::Size),
    ("thread", Name::Thread),
    ("stale", Name::Flag(Flag::Stale)),
    ("backfill", Name::Flag(Flag::Backfill)),
];

impl Name {
    fn of(word: &str) -> Option<Name> {
        let field = Field::ALL.into_iter().find(|field| field.as_str() == word);
        let value = || VALUES.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        field.map(Name::Text).or_else(value)
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    now: Timestamp,
    terms: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn bad(&self, at: usize, message: impl Into<String>) -> BadQuery {
        let column = self.text[..at].chars().count() + 1;
        BadQuery { column: Some(column), message: message.into() }
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Whether an operator stands here, as a word of its own.
    fn is_at(&self, operator: &str) -> bool {
        self.rest().strip_prefix(operator).is_some_and(|after| {
            after.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')'))
        })
    }

    /// Whether nothing stands here that could be a term.
    fn is_at_end(&self) -> bool {
        let rest = self.rest();
        rest.is_empty() || rest.starts_with(')') || self.is_at("OR") || self.is_at("AND")
    }

    /// Alternatives, up to a closing bracket or the end.
    fn any(&mut self, name: Option<Name>, depth: usize) -> Result<Expr, BadQuery> {
        let mut any = Vec::new();
        loop {
            any.push(self.all(name, depth)?);
            if !self.is_at("OR") {
                return Ok(Expr::any(any));
            }
            self.at += "OR".len();
        }
    }

    /// Terms that must all hold, up to `OR`, a closing bracket or the end.
    fn all(&mut self, name: Option<Name>, depth: usize) -> Result<Expr, BadQuery> {
        let mut all = Vec::new();
        loop {
            self.skip_space();
            if self.is_at("AND") && !all.is_empty() {
                let at = self.at;
                self.at += "AND".len();
                self.skip_space();
                if self.is_at_end() {
                    return Err(self.between(at, "AND"));
                }
            }
            if self.is_at_end() {
                break;
            }
            all.push(self.unary(name, depth)?);
        }
        if !all.is_empty() {
            return Ok(Expr::all(all));
        }
        for operator in ["AND", "OR"] {
            if self.is_at(operator) {
                return Err(self.between(self.at, operator));
            }
        }
        // An operator stands before, or a bracket.
        let before = self.text[..self.at].trim_end();
        match before.strip_suffix("OR") {
            Some(until) => Err(self.between(until.len(), "OR")),
            None => {
                Err(self.bad(self.at, "nothing stands between the brackets, or before this one"))
            }
        }
    }

    fn between(&self, at: usize, operator: &str) -> BadQuery {
        self.bad(
            at,
            format!("{operator} must stand between two terms (write \"{operator}\" to look for the word)"),
        )
    }

    fn unary(&mut self, name: Option<Name>, depth: usize) -> Result<Expr, BadQuery> {
        if self.is_at("NOT") {
            let at = self.at;
            self.at += "NOT".len();
            self.skip_space();
            if self.is_at_end() || self.is_at("NOT") {
                return Err(self
                    .bad(at, "NOT must stand before a term (write \"NOT\" to look for the word)"));
            }
            return Ok(self.unary(name, depth)?.negated());
        }
        let mut after = self.rest().chars();
        // A sign before a figure belongs to the figure: "-5" is looked for, not left out.
        if after.next() == Some('-')
            && after.next().is_some_and(|c| !c.is_ascii_digit() && !c.is_whitespace())
        {
            self.at += 1;
            return Ok(self.operand(name, depth)?.negated());
        }
        self.operand(name, depth)
    }

    /// A term, or terms in brackets.
    fn operand(&mut self, name: Option<Name>, depth: usize) -> Result<Expr, BadQuery> {
        let begin = self.at;
        if self.rest().starts_with('(') {
            return self.brackets(name, depth);
        }
        if let Some((word, after)) = self.rest().split_once(':')
            && after.starts_with('(')
            && is_name(word)
        {
            let name = self.name(begin, word)?;
            self.at += word.len() + 1;
            return self.brackets(Some(name), depth);
        }
        let token = self.token()?;
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return Err(self.bad(begin, format!("these are more than {MOST_TERMS} terms")));
        }
        self.term(begin, token, name).map(Expr::Term)
    }

    fn brackets(&mut self, name: Option<Name>, depth: usize) -> Result<Expr, BadQuery> {
        let begin = self.at;
        if depth == DEEPEST {
            return Err(self.bad(begin, format!("brackets stand more than {DEEPEST} deep")));
        }
        self.at += 1;
        let expr = self.any(name, depth + 1)?;
        if !self.rest().starts_with(')') {
            return Err(self.bad(begin, "this bracket is not closed"));
        }
        self.at += 1;
        Ok(expr)
    }

    /// Takes a token: up to a space or a closing bracket that stands outside quotation marks. A
    /// bracket within a word belongs to it, with the one that closes it.
    fn token(&mut self) -> Result<&'a str, BadQuery> {
        let begin = self.at;
        let mut quote = None;
        let mut open = 0;
        let mut end = self.text.len();
        for (at, c) in self.rest().char_indices() {
            match c {
                '"' if quote.is_some() => quote = None,
                '"' => quote = Some(begin + at),
                _ if quote.is_some() => {}
                '(' => open += 1,
                ')' if open > 0 => open -= 1,
                c if c == ')' || c.is_whitespace() => {
                    end = begin + at;
                    break;
                }
                _ => {}
            }
        }
        if let Some(at) = quote {
            return Err(self.bad(at, "this quotation mark is not closed"));
        }
        self.at = end;
        Ok(&self.text[begin..end])
    }

    fn name(&self, at: usize, word: &str) -> Result<Name, BadQuery> {
        if let Some(name) = Name::of(word) {
            return Ok(name);
        }
        let values = VALUES.iter().map(|(name, _)| *name);
        let names: Vec<_> = Field::ALL.into_iter().map(Field::as_str).chain(values).collect();
        let names = names.join(", ");
        Err(self.bad(
            at,
            format!(
                "there is no field `{word}`; fields are {names} (put a text with a colon in quotation marks)"
            ),
        ))
    }

    fn term(&self, begin: usize, token: &str, name: Option<Name>) -> Result<Term, BadQuery> {
        let (name, value) = match token.split_once(':') {
            Some((word, value)) if !word.contains('"') && !value.is_empty() => {
                (Some(self.name(begin, word)?), value)
            }
            Some((word, "")) if Name::of(word).is_some() => {
                return Err(self.bad(
                    begin,
                    format!("nothing stands behind `{word}:`; write it without a space between"),
                ));
            }
            _ => (name, token),
        };
        let at = begin + token.len() - value.len();
        let field = match name {
            None => None,
            Some(Name::Text(field)) => Some(field),
            Some(name) => return self.value(at, name, value),
        };
        let (words, beginning) = match value.strip_suffix('*') {
            Some(words) => (words, true),
            None => (value, false),
        };
        let words = canonical(words);
        if words.is_empty() {
            let message = match value {
                "|" | "||" => "`||` is not known; write OR".to_owned(),
                "&" | "&&" => "`&&` is not known; write AND, or nothing".to_owned(),
                _ => format!("`{value}` has no letter or figure to look for"),
            };
            return Err(self.bad(at, message));
        }
        let end = if beginning { "" } else { " " };
        Ok(Term::Words { field, needle: format!(" {words}{end}") })
    }

    /// A condition that is none of words.
    fn value(&self, at: usize, name: Name, value: &str) -> Result<Term, BadQuery> {
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
        let expected =
            |what: &str| self.bad(at, format!("`{value}` can't be used: expected {what}"));
        let number = || {
            let (cmp, number) = Cmp::split(value);
            number
                .parse()
                .ok()
                .map(|n| (cmp, n))
                .ok_or_else(|| expected("a number, with <, <=, > or >= before it or not"))
        };
        const WHEN: &str = "a day such as 2026-11-20, a time such as 2026-11-20T15:04:05Z (both of UTC where nothing else is said), or an age such as -15m, -2h, -1d";
        match name {
            Name::Text(_) => unreachable!("words are read by `term`"),
            Name::Kind => params::kind(value).map(Term::Kind).ok_or_else(|| expected(KINDS)),
            Name::Action => {
                let action = params::action(value).ok_or_else(|| expected(ACTIONS))?;
                Ok(Term::Action(action.as_str()))
            }
            Name::Language if params::is_language(value) => {
                Ok(Term::Language(value.to_ascii_lowercase()))
            }
            Name::Language => Err(expected(LANGUAGE)),
            Name::Since => {
                when::first(value, self.now).map(Term::Since).ok_or_else(|| expected(WHEN))
            }
            Name::Until => {
                when::last(value, self.now).map(Term::Until).ok_or_else(|| expected(WHEN))
            }
            Name::Urgency => number().map(|(cmp, n)| Term::Urgency(cmp, n)),
            Name::Origins => number().map(|(cmp, n)| Term::Origins(cmp, n)),
            Name::Size => {
                let sizes = [ChangeSize::Minor, ChangeSize::Edit, ChangeSize::Major]
                    .map(ChangeSize::as_str);
                let size = sizes.into_iter().find(|size| *size == value);
                size.map(Term::Size).ok_or_else(|| expected("minor, edit or major"))
            }
            Name::Thread => {
                value.parse().map(Term::Thread).map_err(|_| expected("the id of a story, fw-…"))
            }
            Name::Flag(flag) => match value {
                "yes" | "true" | "1" => Ok(Term::Flag(flag, true)),
                "no" | "false" | "0" => Ok(Term::Flag(flag, false)),
                _ => Err(expected("yes or no")),
            },
        }
    }
}

/// Whether a word before a colon and a bracket is meant as a field.
fn is_name(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphabetic())
}
