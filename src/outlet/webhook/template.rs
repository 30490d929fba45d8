//! What a receiver gets: the event itself, or a message for people as the receiver shows it.
//!
//! What a page says is text to each of them: it can't be markup there, mention anybody, or make a
//! link of its own.

use serde_json::{Value, json};

use crate::{
    item::{Action, Event, micros},
    outlet::{config::Template, words, xml::escaped},
    wire::Entry,
};

/// Lines of a digest, and characters of one.
const LINES: usize = 20;
const LINE: usize = 160;

/// Characters of the headline of one message: what every receiver takes, however it is escaped.
const HEADLINE: usize = 700;

/// One event as people read it.
struct Message<'a> {
    headline: String,
    sources: String,
    link: Option<&'a str>,
}

/// The line people read: what is taken back is said with its reason, an update as one.
fn line(event: &Event) -> String {
    match (event.action, &event.withdraws) {
        (Action::Withdrawn, Some(withdrawal)) => {
            let reason = crate::item::Shown::prose(&withdrawal.reason);
            format!("WITHDRAWN: what was told as no. {} ({reason})", withdrawal.seq)
        }
        (Action::Update, _) => format!("UPDATE: {}", words::headline(event)),
        _ => words::headline(event),
    }
}

impl<'a> Message<'a> {
    fn of(event: &'a Event) -> Self {
        Message {
            headline: words::shorten(&line(event), HEADLINE),
            sources: words::shorten(&words::sources(event).join(", "), LINE),
            link: words::link(event).filter(|link| link.len() <= 1000),
        }
    }

    /// Headline, sources and link, each as `escape` writes it.
    fn text(&self, escape: impl Fn(&str) -> String) -> String {
        let mut text = escape(&self.headline);
        for line in [Some(self.sources.as_str()), self.link].into_iter().flatten() {
            if !line.is_empty() {
                text.push('\n');
                text.push_str(&escape(line));
            }
        }
        text
    }
}

/// Slack takes three characters for its own.
fn slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Discord reads Markdown; a backslash before a mark makes it text. A link is one by itself.
fn discord(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\*_~`|>#-+.()[]<:@".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A request's body for one event; `to` is the chat or the topic.
pub(super) fn event(template: Template, entry: &Entry, to: &str) -> String {
    let event = &*entry.event;
    if template == Template::Json {
        // The event's JSON goes in as it stands on the wire.
        return format!(
            "{{\"type\":\"event.{}\",\"timestamp\":\"{}\",\"data\":{}}}",
            event.action.as_str(),
            micros::text(event.time),
            String::from_utf8_lossy(&entry.json)
        );
    }
    let message = Message::of(event);
    let body = match template {
        Template::Json => Value::Null,
        Template::Slack => {
            let mut small = slack(&message.sources);
            // Marks within a context would be formatting: what looks like one is set apart.
            small.retain(|c| !"*_~`".contains(c));
            if let Some(link) = message.link {
                small.push_str(&format!(" <{}>", slack(link)));
            }
            let mut blocks = vec![json!({
                "type": "section",
                "text": { "type": "plain_text", "text": message.headline, "emoji": false },
            })];
            if !small.trim().is_empty() {
                let element = json!({ "type": "mrkdwn", "text": small, "verbatim": true });
                blocks.push(json!({ "type": "context", "elements": [element] }));
            }
            json!({ "text": slack(&message.headline), "blocks": blocks, "unfurl_links": false })
        }
        Template::Discord => {
            let mut text = discord(&message.headline);
            if !message.sources.is_empty() {
                text.push_str(&format!("\n-# {}", discord(&message.sources)));
            }
            if let Some(link) = message.link {
                text.push_str(&format!("\n<{link}>"));
            }
            json!({ "content": text, "allowed_mentions": { "parse": [] } })
        }
        Template::Telegram => {
            let mut text = format!("<b>{}</b>", escaped(&message.headline));
            let sources = match message.sources.as_str() {
                "" => "open",
                sources => sources,
            };
            match message.link {
                Some(link) => text.push_str(&format!(
                    "\n<a href=\"{}\">{}</a>",
                    escaped(link),
                    escaped(sources)
                )),
                None => text.push_str(&format!("\n{}", escaped(&message.sources))),
            }
            telegram(to, &text)
        }
        Template::Ntfy => {
            let priority = match urgency(event) {
                1 => 5,
                2 => 4,
                _ => 3,
            };
            let mut body = json!({
                "topic": to,
                "message": message.text(str::to_owned),
                "priority": priority,
                "tags": [event.kind().as_str(), event.action.as_str()],
            });
            if let Some(link) = message.link {
                body["click"] = link.into();
            }
            body
        }
        Template::Apprise => {
            let title = match message.sources.as_str() {
                "" => "flashwire",
                sources => sources,
            };
            let mut text = message.headline.clone();
            if let Some(link) = message.link {
                text.push_str(&format!("\n{link}"));
            }
            json!({ "title": title, "body": text, "type": "info", "format": "text" })
        }
    };
    body.to_string()
}

fn urgency(event: &Event) -> u8 {
    match &event.item {
        crate::item::Item::Ticker(line) => line.urgency,
        crate::item::Item::Article(article) => article.urgency,
    }
}

fn telegram(to: &str, text: &str) -> Value {
    json!({
        "chat_id": to,
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": { "is_disabled": true },
    })
}

/// A request's body for what was held back: the newest wording of each story, oldest first.
pub(super) fn digest(template: Template, entries: &[std::sync::Arc<Entry>], to: &str) -> String {
    if template == Template::Json {
        let events: Vec<_> =
            entries.iter().map(|entry| String::from_utf8_lossy(&entry.json)).collect();
        let last = entries.last().map(|entry| micros::text(entry.event.time));
        return format!(
            "{{\"type\":\"digest\",\"timestamp\":\"{}\",\"data\":[{}]}}",
            last.unwrap_or_default(),
            events.join(",")
        );
    }
    let more = entries.len().saturating_sub(LINES);
    let title = format!("{} since the last message", entries.len());
    let lines = entries[more..].iter().map(|entry| {
        let event = &entry.event;
        match words::sources(event).first() {
            Some(source) => format!("{} ({source})", words::shorten(&line(event), LINE)),
            None => words::shorten(&line(event), LINE),
        }
    });
    let lines = std::iter::once(title.clone())
        .chain((more > 0).then(|| format!("the first {more} are on the wire; the newest:")))
        .chain(lines.map(|line| format!("• {line}")));
    // As many as every receiver takes; the newest stand last and are kept.
    let mut kept: Vec<String> = lines.collect();
    let room = |lines: &[String], escape: fn(&str) -> String, most: usize| {
        lines.iter().map(|line| escape(line).chars().count() + 1).sum::<usize>() <= most
    };
    let (escape, most): (fn(&str) -> String, usize) = match template {
        Template::Slack => (str::to_owned, 2900),
        Template::Discord => (discord, 1900),
        Template::Telegram => (|text: &str| escaped(text), 3900),
        Template::Ntfy => (|text: &str| text.chars().flat_map(|c| [c; 4]).collect(), 3900),
        _ => (str::to_owned, 8000),
    };
    while kept.len() > 2 && !room(&kept, escape, most) {
        kept.remove(1);
    }
    let plain = kept.join("\n");
    match template {
        Template::Slack => json!({
            "text": slack(&title),
            "blocks": [{
                "type": "section",
                "text": { "type": "plain_text", "text": plain, "emoji": false },
            }],
        }),
        Template::Discord => {
            json!({ "content": discord(&plain), "allowed_mentions": { "parse": [] } })
        }
        Template::Telegram => telegram(to, &escaped(&plain)),
        Template::Ntfy => json!({ "topic": to, "message": plain, "priority": 3 }),
        _ => json!({ "title": title, "body": plain, "type": "info", "format": "text" }),
    }
    .to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::item::{Article, EventId, Item, PageHash, PageRef, Seq, Source};

    /// Marks of every receiver: a mention, markup, a link of its own, the end of an element.
    const HOSTILE: &str = "<!channel> @everyone *b* _i_ `c` ~s~ <b>x</b> [a](https://b.example) \
        <https://b.example|here> ||spoiler|| # head & \"q\"\u{202e}";

    fn entry(seq: u64, headline: &str) -> Arc<Entry> {
        let article = Article {
            headline: Some(headline.into()),
            credit: Some(headline.into()),
            url: Some("https://courier.example/a?b=1&c=<d>".into()),
            urgency: 1,
            ..Article::default()
        };
        let page = PageRef {
            url: Some("https://courier.example/a?b=1&c=d".into()),
            ..PageRef::new("a.txt", PageHash::of(b"a"), jiff::Timestamp::UNIX_EPOCH)
        };
        let item = Item::Article(Box::new(article));
        let source = Source { name: Some("Amal *Courier*".into()), host: None };
        let event = Event::new(Seq(seq), EventId([seq as u8; 16]), item, page);
        Arc::new(Entry::new(Arc::new(Event { source, ..event })))
    }

    fn body(template: Template) -> Value {
        serde_json::from_str(&event(template, &entry(1, HOSTILE), "desk")).unwrap()
    }

    #[test]
    fn what_a_page_says_is_text_to_every_receiver() {
        let plain = HOSTILE.trim_end_matches('\u{202e}');
        let slack = body(Template::Slack);
        assert_eq!(slack["blocks"][0]["text"]["type"], "plain_text");
        assert_eq!(slack["blocks"][0]["text"]["text"], plain);
        let fallback = slack["text"].as_str().unwrap();
        assert!(!fallback.contains(['<', '>']), "{fallback}");
        let small = slack["blocks"][1]["elements"][0]["text"].as_str().unwrap();
        assert!(!small.contains("<!") && !small.contains('*'), "{small}");

        let discord = body(Template::Discord);
        assert_eq!(discord["allowed_mentions"]["parse"], json!([]));
        let text = discord["content"].as_str().unwrap();
        for mark in ["\\*b\\*", "\\@everyone", "\\|\\|spoiler", "\\[a\\]\\(https", "\\# head"] {
            assert!(text.contains(mark), "{mark}: {text}");
        }

        let telegram = body(Template::Telegram);
        assert_eq!(
            (&telegram["parse_mode"], &telegram["chat_id"]),
            (&json!("HTML"), &json!("desk"))
        );
        let text = telegram["text"].as_str().unwrap();
        assert!(text.starts_with("<b>&lt;!channel&gt;") && !text.contains("<b>x"), "{text}");

        let ntfy = body(Template::Ntfy);
        assert_eq!((&ntfy["topic"], &ntfy["priority"]), (&json!("desk"), &json!(5)));
        assert!(ntfy["message"].as_str().unwrap().starts_with(plain));
        let apprise = body(Template::Apprise);
        assert_eq!(apprise["format"], "text");
        let json = body(Template::Json);
        assert_eq!((&json["type"], &json["data"]["seq"]), (&json!("event.new"), &json!(1)));
    }

    #[test]
    fn the_link_is_the_page_where_the_articles_own_is_none() {
        for (template, place) in
            [(Template::Ntfy, "/click"), (Template::Slack, "/blocks/1/elements/0/text")]
        {
            let body = body(template);
            let said = body.pointer(place).unwrap().as_str().unwrap();
            assert!(!said.contains("<d>") && said.contains("courier.example"), "{said}");
        }
    }

    #[test]
    fn a_digest_fits_every_receiver_and_keeps_the_newest() {
        let entries: Vec<_> = (1..=40).map(|seq| entry(seq, &format!("{seq} {HOSTILE}"))).collect();
        for (template, text, most) in [
            (Template::Slack, "/blocks/0/text/text", 3000),
            (Template::Discord, "/content", 2000),
            (Template::Telegram, "/text", 4096),
            (Template::Ntfy, "/message", 4096),
            (Template::Apprise, "/body", 10_000),
        ] {
            let body: Value = serde_json::from_str(&digest(template, &entries, "x")).unwrap();
            let said = body.pointer(text).unwrap().as_str().unwrap();
            assert!(said.chars().count() <= most && said.len() <= 2 * most, "{template:?}");
            assert!(said.starts_with("40 since") && said.contains("40 "), "{said}");
        }
        let whole: Value = serde_json::from_str(&digest(Template::Json, &entries, "x")).unwrap();
        assert_eq!(whole["data"].as_array().unwrap().len(), 40);
    }
}
