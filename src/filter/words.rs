//! An event's words, as filters see them.

use std::cell::OnceCell;

use crate::item::{Event, Item, key_text};

/// Canonical words of `text`: those of [`key_text`], and each sign of a script that doesn't put
/// spaces between words (Chinese, Japanese, Thai …) as a word of its own, so that a word inside
/// such a text is found as the phrase it is.
pub fn canonical(text: &str) -> String {
    let key = key_text(text);
    if key.is_ascii() {
        return key;
    }
    let mut out = String::with_capacity(key.len() + 8);
    for c in key.chars() {
        let alone = is_unspaced(c);
        if (alone || out.chars().next_back().is_some_and(is_unspaced))
            && !out.ends_with(' ')
            && c != ' '
        {
            out.push(' ');
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out.trim_start().to_owned()
}

/// Whether a sign is of a script without spaces between words: Thai, Lao, Myanmar, Khmer, Kana,
/// Han (Unicode blocks).
pub fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a language tag is of the language `want`, lower case: `en-GB` is `en` too.
pub(super) fn speaks(tag: &str, want: &str) -> bool {
    tag.get(..want.len()).is_some_and(|head| head.eq_ignore_ascii_case(want))
        && matches!(tag.as_bytes().get(want.len()), None | Some(b'-'))
}

/// The parts of an event that words are looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The headline; a ticker line is its own.
    Headline,
    /// The speaker of a ticker line, or who an article is credited to.
    Attribution,
    /// The summary under an article's headline.
    Standfirst,
    /// An article's text.
    Body,
    /// The name of who published it, or the host.
    Source,
    /// The place of a ticker line, or an article's dateline.
    Place,
    /// Who wrote an article.
    Byline,
    /// What an update says that the version before it did not.
    Changed,
}

impl Field {
    /// All of them.
    pub const ALL: [Field; 8] = [
        Field::Headline,
        Field::Attribution,
        Field::Standfirst,
        Field::Body,
        Field::Source,
        Field::Place,
        Field::Byline,
        Field::Changed,
    ];

    /// The word for it in `q`.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Headline => "headline",
            Field::Attribution => "attribution",
            Field::Standfirst => "standfirst",
            Field::Body => "body",
            Field::Source => "source",
            Field::Place => "place",
            Field::Byline => "byline",
            Field::Changed => "changed",
        }
    }

    /// The fields a word without field is looked for in.
    pub const TEXT: [Field; 4] =
        [Field::Headline, Field::Attribution, Field::Standfirst, Field::Body];
}

/// The words of one event, made when first asked for and then shared by all filters.
#[derive(Debug)]
pub struct Words<'a> {
    event: &'a Event,
    /// Each field's words between single spaces, a space before the first and after the last;
    /// two spaces where a phrase ends.
    fields: [OnceCell<String>; Field::ALL.len()],
    host: OnceCell<String>,
    origins: u32,
}

impl<'a> Words<'a> {
    /// The words of `event`.
    pub fn of(event: &'a Event) -> Self {
        // As far as the event itself says.
        let origins = if event.corroborates.is_some() { 2 } else { 1 };
        Words { event, fields: Default::default(), host: OnceCell::new(), origins }
    }

    /// The same, of an event that so many independent origins tell by now.
    #[must_use]
    pub fn heard_from(self, origins: u32) -> Self {
        Words { origins, ..self }
    }

    /// How many independent origins tell it.
    pub(super) fn origins(&self) -> u32 {
        self.origins
    }

    /// The event they are of.
    pub fn event(&self) -> &'a Event {
        self.event
    }

    /// The words of a field, canonical, each between spaces; nothing where it is empty.
    pub fn field(&self, field: Field) -> &str {
        self.fields[field as usize].get_or_init(|| {
            if field == Field::Changed {
                return self.changed();
            }
            let text = self.text(field);
            if text.is_empty() { String::new() } else { format!(" {} ", canonical(text)) }
        })
    }

    /// Whether the event's source is named so, or has that host.
    pub(super) fn is_source(&self, canonical: &str) -> bool {
        self.field(Field::Source).trim() == canonical
            || self.event.source.host.is_some() && self.host().trim() == canonical
    }

    /// The source's host, canonical, between spaces.
    pub fn host(&self) -> &str {
        self.host.get_or_init(|| match &self.event.source.host {
            Some(host) => format!(" {} ", canonical(host)),
            None => String::new(),
        })
    }

    /// What an update added, place by place: a phrase does not run on from one into the next.
    fn changed(&self) -> String {
        let changes = self.event.change.iter().flat_map(|change| &change.words);
        let added = changes.map(|change| canonical(&change.now)).filter(|it| !it.is_empty());
        added.map(|added| format!(" {added} ")).collect()
    }

    fn text(&self, field: Field) -> &str {
        let event = self.event;
        let text = match (&event.item, field) {
            (_, Field::Source) => event.source.name.as_deref(),
            (item, Field::Headline) => item.headline(),
            (item, Field::Body) => item.body(),
            (Item::Ticker(line), Field::Attribution) => line.attribution.as_deref(),
            (Item::Article(article), Field::Attribution) => article.credit.as_deref(),
            (Item::Ticker(line), Field::Place) => line.place.as_deref(),
            (Item::Article(article), Field::Place) => article.dateline.as_deref(),
            (Item::Article(article), Field::Standfirst) => article.standfirst.as_deref(),
            (Item::Article(article), Field::Byline) => article.byline.as_deref(),
            (Item::Ticker(_), Field::Standfirst | Field::Byline) | (_, Field::Changed) => None,
        };
        text.unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn unspaced_scripts_come_apart() {
        assert_eq!(canonical("Port Amal: 12 killed"), "port amal 12 killed");
        assert_eq!(canonical("速報:地震 M6.1"), "速 報 地 震 m6.1");
        assert_eq!(canonical("в Порту Амал"), "в порту амал");
    }
}
