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
    let Item::Article(article) = &entry.event.item else { return entry.json.clone() };
    let keep = match body {
        Body::None if article.body.is_empty() => return entry.json.clone(),
        Body::None => 0,
        Body::Full if entry.json.len() <= most => return entry.json.clone(),
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
    with_body(&entry.event, &article.body[..keep]).into()
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
        body.clone_into(&mut article.body);
        article.body_truncated = true;
    }
    event.json()
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::item::{
        Action, Article, EventId, PageHash, PageRef, Seq, Source, TickerLine, Timing,
    };

    /// An event for the tests of this stage.
    pub(in crate::broadcast) fn event(seq: u64, item: Item) -> Event {
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&seq.to_be_bytes());
        let time = Timestamp::from_second(1_790_000_000 + seq as i64).unwrap();
        Event {
            seq: Seq(seq),
            id: EventId(bytes),
            time,
            action: Action::New,
            thread: EventId(bytes),
            item,
            source: Source {
                name: Some("Harbour Daily".into()),
                host: Some("harbour-daily.test".into()),
            },
            page: PageRef {
                name: format!("{seq}.txt"),
                hash: PageHash(bytes),
                line: 1,
                time,
                newest_date: None,
                url: None,
            },
            stale: false,
            backfill: false,
            rules: 1,
            timing: Timing::default(),
            supersedes: None,
            change: None,
            related_to: None,
            resurfaces: None,
            withdraws: None,
            verdict: None,
        }
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
    fn without_body_means_without_body() {
        let entry = entry(article(1, "Harbour reopens", "Ships left."));
        let lean: Event = serde_json::from_slice(&payload(&entry, Body::None, 4096)).unwrap();
        let Item::Article(lean) = lean.item else { panic!("an article") };
        assert_eq!((lean.body.as_str(), lean.body_truncated), ("", true));
    }
}
