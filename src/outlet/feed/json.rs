//! JSON Feed 1.1, and the events themselves.

use serde_json::json;

use crate::{item::micros, outlet::words};

use super::{Channel, Story, categories, html, link, tag};

pub(super) fn write(channel: &Channel, stories: &[Story]) -> String {
    let items = stories.iter().map(|story| {
        let event = &*story.entry.event;
        let authors = words::sources(event).into_iter().map(|name| json!({ "name": name }));
        let mut item = json!({
            "id": tag(story.id),
            "url": link(channel, event),
            "title": words::headline(event),
            "content_html": html(event),
            "date_published": micros::text(story.published),
            "date_modified": micros::text(event.time),
            "authors": authors.collect::<Vec<_>>(),
            "tags": categories(event),
            "_flashwire": { "seq": event.seq, "id": event.id, "thread": event.thread },
        });
        if let Some(language) = event.item.language() {
            item["language"] = language.into();
        }
        item
    });
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": format!("{}/", channel.base),
        "feed_url": channel.own,
        "items": items.collect::<Vec<_>>(),
    });
    feed.to_string()
}

/// The newest versions as they stand on the wire.
pub(super) fn array(stories: &[Story]) -> String {
    let mut text = String::from("[");
    for (at, story) in stories.iter().enumerate() {
        text.push_str(if at > 0 { ",\n" } else { "" });
        // It was made as JSON text.
        text.push_str(&String::from_utf8_lossy(&story.entry.json));
    }
    text + "]\n"
}
