//! IPTC ninjs 3.1.

use serde_json::{Value, json};

use crate::{
    item::{Action, Item, micros},
    outlet::words,
};

use super::Piece;

pub(super) fn write(piece: &Piece) -> String {
    let event = &*piece.entry.event;
    let schema = "https://www.iptc.org/std/ninjs/ninjs-schema_3.1.json";
    let mut item = json!({
        "uri": piece.uri(),
        "standard": { "name": "ninjs", "version": "3.1", "schema": schema },
        "type": "text",
        "representationType": "full",
        "version": piece.version.to_string(),
        "firstCreated": micros::text(piece.first),
        "versionCreated": micros::text(event.time),
        "pubStatus": "usable",
        "altIds": [
            { "role": "flashwire-event", "value": event.id },
            { "role": "flashwire-seq", "value": event.seq.to_string() },
            { "role": "flashwire-thread", "value": event.thread },
        ],
    });
    if event.action == Action::Withdrawn {
        item["pubStatus"] = "canceled".into();
        if let Some(withdrawal) = &event.withdraws {
            item["edNote"] = withdrawal.reason.as_str().into();
        }
        return pretty(&item);
    }
    let say = |item: &mut Value, name: &str, value: Option<&str>| {
        if let Some(value) = value {
            item[name] = value.into();
        }
    };
    item["headlines"] = json!([{ "role": "main", "value": words::headline(event) }]);
    let sources = words::sources(event).into_iter().map(|name| json!({ "name": name }));
    item["infoSources"] = sources.collect();
    say(&mut item, "language", event.item.language());
    match &event.item {
        Item::Ticker(line) => {
            item["urgency"] = line.urgency.clamp(1, 9).into();
            say(&mut item, "located", line.place.as_deref());
        }
        Item::Article(article) => {
            item["urgency"] = article.urgency.clamp(1, 9).into();
            say(&mut item, "by", article.byline.as_deref());
            say(&mut item, "located", article.dateline.as_deref());
            if let Some(standfirst) = &article.standfirst {
                item["descriptions"] = json!([{ "role": "summary", "value": standfirst }]);
            }
            let body: Vec<_> = words::paragraphs(event).collect();
            let body = body.join("\n\n");
            item["bodies"] = json!([{
                "role": "main",
                "contentType": "text/plain",
                "charCount": body.chars().count(),
                "wordCount": body.split_whitespace().count(),
                "value": body,
            }]);
            if let Some(at) = article.published.as_ref().and_then(|at| at.as_str().parse().ok()) {
                let at: jiff::Timestamp = at;
                item["contentCreated"] = at.to_string().into();
            }
            let keywords = article.keywords.iter().map(|name| json!({ "name": name }));
            item["subjects"] = keywords.collect();
        }
    }
    if let Some(link) = words::link(event) {
        item["renditions"] = json!([{ "name": "web", "href": link, "contentType": "text/html" }]);
    }
    pretty(&item)
}

fn pretty(item: &Value) -> String {
    format!("{item:#}\n")
}
