//! Event frames that are shorter than what the wire holds.

use bytes::Bytes;

use crate::{
    item::{Event, Item},
    wire::Entry,
};

use super::params::Body;

/// The JSON that a subscriber gets for `entry`: as stored, or with its body cut to fit into
/// `most` bytes, or without body. A body that isn't whole is marked `bodyTruncated`.
pub(super) fn payload(entry: &Entry, body: Body, most: usize) -> Bytes {
    let fits = entry.json.len() <= most;
    let Item::Article(article) = &entry.event.item else {
        return if fits { entry.json.clone() } else { bare(&entry.event).into() };
    };
    let keep = match body {
        Body::None if article.body.is_empty() && fits => return entry.json.clone(),
        Body::None => 0,
        Body::Full if fits => return entry.json.clone(),
        Body::Full => {
            let whole: usize = article.body.chars().map(in_json).sum();
            let rest = (entry.json.len() - whole) + r#","bodyTruncated":true"#.len();
            let mut room = most.saturating_sub(rest);
            let fits = |&(_, c): &(usize, char)| {
                let fits = in_json(c) <= room;
                room = room.saturating_sub(in_json(c));
                fits
            };
            let last = article.body.char_indices().take_while(fits).last();
            last.map_or(0, |(at, c)| at + c.len_utf8())
        }
    };
    let json = with_body(&entry.event, &article.body[..keep]);
    if json.len() <= most { json.into() } else { bare(&entry.event).into() }
}

/// Characters of each text that a [`bare`] event keeps: together far below the least `max_frame`,
/// however they are escaped.
const BARE: usize = 120;

/// An event whose texts other than the body are monstrous, cut down to what surely fits. A ring
/// that can't hold an event could not go past it.
fn bare(event: &Event) -> String {
    let short = |text: &mut String| {
        if let Some((at, _)) = text.char_indices().nth(BARE) {
            text.truncate(at);
            text.push('…');
        }
    };
    let shorten = |text: &mut Option<String>| text.iter_mut().for_each(short);
    let mut event = event.clone();
    match &mut event.item {
        Item::Ticker(line) => {
            short(&mut line.headline);
            shorten(&mut line.attribution);
            shorten(&mut line.place);
            shorten(&mut line.language);
        }
        Item::Article(article) => {
            article.body.clear();
            article.body_truncated = true;
            article.images.clear();
            article.keywords.clear();
            article.standfirst = None;
            article.published_raw = None;
            article.url = None;
            shorten(&mut article.headline);
            shorten(&mut article.byline);
            shorten(&mut article.credit);
            shorten(&mut article.dateline);
            shorten(&mut article.language);
        }
    }
    shorten(&mut event.source.name);
    shorten(&mut event.source.host);
    short(&mut event.page.name);
    event.page.url = None;
    event.change.iter_mut().for_each(|change| change.words.clear());
    event.verdict = None;
    event.corroborates.iter_mut().for_each(|it| short(&mut it.origin));
    event.withdraws.iter_mut().for_each(|withdrawal| short(&mut withdrawal.reason));
    event.truncated = true;
    event.json()
}

/// Bytes a character takes in JSON as serde_json writes it.
fn in_json(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        c if c < ' ' => 6,
        c => c.len_utf8(),
    }
}

fn with_body(event: &Event, body: &str) -> String {
    let mut event = event.clone();
    if let Item::Article(article) = &mut event.item {
        if body.is_empty() && article.standfirst.is_none() {
            article.teaser = teaser(&article.body);
        }
        body.clone_into(&mut article.body);
        article.body_truncated = true;
    }
    event.json()
}

/// Characters of a teaser.
const TEASER: usize = 240;

/// The opening of a body, cut at the end of a word.
fn teaser(body: &str) -> Option<String> {
    let first = body.split("\n\n").find(|paragraph| !paragraph.trim().is_empty())?.trim();
    let Some((end, _)) = first.char_indices().nth(TEASER) else { return Some(first.to_owned()) };
    // Scripts without spaces have no word end that could be seen.
    let cut = first[..end].rfind(char::is_whitespace).filter(|at| *at > end / 2).unwrap_or(end);
    Some(format!("{} …", first[..cut].trim_end()))
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::item::{Article, EventId, PageHash, PageRef, Seq, Source, TickerLine};

    /// An event for the tests of this stage.
    pub(in crate::broadcast) fn event(seq: u64, item: Item) -> Event {
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&seq.to_be_bytes());
        let time = Timestamp::from_second(1_790_000_000 + seq as i64).unwrap();
        let page = PageRef::new(format!("{seq}.txt"), PageHash(bytes), time);
        let source =
            Source { name: Some("Harbour Daily".into()), host: Some("harbour-daily.test".into()) };
        Event { source, ..Event::new(Seq(seq), EventId(bytes), item, page) }
    }

    pub(in crate::broadcast) fn ticker(seq: u64, headline: &str) -> Event {
        let attribution = headline.split_once(": ").map(|(who, _)| who.to_owned());
        event(
            seq,
            Item::Ticker(TickerLine {
                headline: headline.into(),
                attribution,
                version: 1,
                ..TickerLine::default()
            }),
        )
    }

    pub(in crate::broadcast) fn article(seq: u64, headline: &str, body: &str) -> Event {
        event(
            seq,
            Item::Article(Box::new(Article {
                headline: Some(headline.into()),
                body: body.into(),
                version: 1,
                ..Article::default()
            })),
        )
    }

    fn entry(event: Event) -> Entry {
        Entry::new(Arc::new(event))
    }

    #[test]
    fn what_fits_is_sent_as_stored() {
        let entry = entry(article(1, "Harbour reopens", "Ships left."));
        assert_eq!(payload(&entry, Body::Full, 4096), entry.json);
        let line = super::tests::entry(ticker(2, "Ferry aground"));
        assert_eq!(payload(&line, Body::None, 4096), line.json);
    }

    #[test]
    fn a_long_body_is_cut_and_marked() {
        for unit in ["a", "é", "\"", "\n", "\u{1}", "報"] {
            let body = unit.repeat(20_000 / unit.len());
            let entry = entry(article(1, "Long", &body));
            let cut = payload(&entry, Body::Full, 8192);
            assert!((8180..=8192).contains(&cut.len()), "{unit:?} {}", cut.len());
            let read: Event = serde_json::from_slice(&cut).unwrap();
            let Item::Article(read) = read.item else { panic!("an article") };
            assert!(read.body_truncated);
            assert!(body.starts_with(&read.body));
            assert!(read.body.len() > 500, "{unit:?} {}", read.body.len());
        }
    }

    #[test]
    fn a_monstrous_event_still_fits() {
        let long = "\u{1}".repeat(100_000);
        let mut line = ticker(1, &long);
        line.source.name = Some(long.clone());
        line.page.url = Some(long.clone());
        let mut story = article(2, &long, "Ships left.");
        if let Item::Article(article) = &mut story.item {
            article.keywords = vec!["word".into(); 50_000];
            article.byline = Some(long);
        }
        for event in [line, story] {
            let entry = entry(event);
            for body in [Body::Full, Body::None] {
                let cut = payload(&entry, body, 16 << 10);
                assert!(cut.len() <= 16 << 10, "{}", cut.len());
                assert_eq!(serde_json::from_slice::<Event>(&cut).unwrap().seq, entry.seq);
            }
        }
    }

    #[test]
    fn without_body_means_without_body() {
        let entry = entry(article(1, "Harbour reopens", "Ships left."));
        let lean: Event = serde_json::from_slice(&payload(&entry, Body::None, 4096)).unwrap();
        let Item::Article(lean) = lean.item else { panic!("an article") };
        assert_eq!((lean.body.as_str(), lean.body_truncated), ("", true));
        assert_eq!(lean.teaser.as_deref(), Some("Ships left."));
    }

    #[test]
    fn a_teaser_ends_with_a_word() {
        let body = "Ships of every size left the inner basin. ".repeat(20);
        let short = teaser(&body).unwrap();
        assert!(short.chars().count() <= TEASER + 2 && short.ends_with(" …"), "{short}");
        assert!(body.starts_with(short.trim_end_matches(" …")));
        assert!(body[short.len() - " …".len()..].starts_with(' '), "{short}");
        assert_eq!(teaser(&"報".repeat(300)).unwrap().chars().count(), TEASER + 2);
        assert_eq!(teaser("\n\n"), None);
    }
}
