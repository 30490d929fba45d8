//! Where in an event's texts the words stand that were looked for.

use serde::{Deserialize, Serialize};

use crate::{
    filter::{Expr, Field, Filter, Term, canonical},
    item::{Article, Event, Item},
};

/// A part of a text: one that was looked for, or what stands around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its words, as they stand there.
    pub text: String,
    /// Whether it was looked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hit: bool,
}

/// Characters of a long text that are shown around its first hit.
const AROUND: usize = 120;

/// The texts of an event that hold what was looked for, in parts: the first place of long ones.
pub fn marks(filter: &Filter, event: &Event) -> Vec<(Field, Vec<Part>)> {
    let mut needles = Vec::new();
    collect(&filter.expr(), &mut needles);
    let mut marked = Vec::new();
    for field in Field::TEXT {
        let asked = needles.iter().filter(|(of, _)| of.is_none_or(|of| of == field));
        let asked: Vec<&str> = asked.map(|(_, needle)| needle.as_str()).collect();
        let text = text(event, field);
        let hits = hits(text, &asked);
        if !hits.is_empty() {
            marked.push((field, parts(text, &hits)));
        }
    }
    marked
}

/// The words that must be there, with the field they must stand in.
fn collect(expr: &Expr, needles: &mut Vec<(Option<Field>, String)>) {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|it| collect(it, needles)),
        Expr::Term(Term::Words { field, needle }) => needles.push((*field, needle.clone())),
        Expr::Not(_) | Expr::Term(_) => {}
    }
}

fn text(event: &Event, field: Field) -> &str {
    let article = |of: fn(&Article) -> Option<&str>| match &event.item {
        Item::Article(article) => of(article),
        Item::Ticker(_) => None,
    };
    let text = match field {
        Field::Headline => event.item.headline(),
        Field::Body => event.item.body(),
        Field::Standfirst => article(|article| article.standfirst.as_deref()),
        // A line's own stands in its headline.
        Field::Attribution => article(|article| article.credit.as_deref()),
        _ => None,
    };
    text.unwrap_or_default()
}

/// Byte ranges of what is looked for, in order and apart.
fn hits(text: &str, needles: &[&str]) -> Vec<(usize, usize)> {
    if needles.is_empty() || text.is_empty() {
        return Vec::new();
    }
    // The canonical words with spaces around them, and where each comes from.
    let mut words = String::from(" ");
    let mut origins: Vec<(usize, (usize, usize))> = Vec::new();
    for (begin, end) in pieces(text) {
        for word in canonical(&text[begin..end]).split(' ').filter(|word| !word.is_empty()) {
            origins.push((words.len(), (begin, end)));
            words.push_str(word);
            words.push(' ');
        }
    }
    let origin = |at: usize| {
        let next = origins.partition_point(|(from, _)| *from <= at);
        next.checked_sub(1).map(|last| origins[last].1)
    };
    let mut found: Vec<(usize, usize)> = Vec::new();
    for needle in needles {
        for at in memchr::memmem::find_iter(words.as_bytes(), needle.as_bytes()) {
            let last = at + needle.trim_end().len() - 1;
            if let (Some((begin, _)), Some((_, end))) = (origin(at + 1), origin(last)) {
                found.push((begin, end));
            }
        }
    }
    found.sort_unstable();
    let mut apart: Vec<(usize, usize)> = Vec::new();
    for (begin, end) in found {
        match apart.last_mut() {
            Some(last) if begin <= last.1 => last.1 = last.1.max(end),
            _ => apart.push((begin, end)),
        }
    }
    apart
}

/// Stretches of a text between spaces; each sign of a script without spaces is one of its own.
fn pieces(text: &str) -> Vec<(usize, usize)> {
    let mut pieces = Vec::new();
    let mut begin = None;
    for (at, c) in text.char_indices() {
        let alone = crate::filter::is_unspaced(c);
        if (alone || c.is_whitespace())
            && let Some(begin) = begin.take()
        {
            pieces.push((begin, at));
        }
        if alone {
            pieces.push((at, at + c.len_utf8()));
        } else if !c.is_whitespace() && begin.is_none() {
            begin = Some(at);
        }
    }
    pieces.extend(begin.map(|begin| (begin, text.len())));
    pieces
}

/// The text in parts, cut to what stands around the first hit.
fn parts(text: &str, hits: &[(usize, usize)]) -> Vec<Part> {
    let (first, end) = hits[0];
    let from = text[..first].char_indices().rev().nth(AROUND).map_or(0, |(at, _)| at);
    let to = text[end..].char_indices().nth(AROUND * 2).map_or(text.len(), |(at, _)| end + at);
    let mut parts = Vec::new();
    let mut push = |text: &str, hit: bool| {
        if !text.is_empty() {
            parts.push(Part { text: text.to_owned(), hit });
        }
    };
    if from > 0 {
        push("…", false);
    }
    let mut at = from;
    for (begin, end) in hits.iter().take_while(|(_, end)| *end <= to) {
        push(&text[at..*begin], false);
        push(&text[*begin..*end], true);
        at = *end;
    }
    push(&text[at..to], false);
    if to < text.len() {
        push("…", false);
    }
    parts
}
