//! Atom (RFC 4287).

use crate::{
    item::micros,
    outlet::{words, xml::Xml},
};

use super::{Channel, Story, categories, html, link, tag};

pub(super) fn write(channel: &Channel, stories: &[Story]) -> String {
    let mut xml = Xml::new();
    xml.open("feed", &[("xmlns", "http://www.w3.org/2005/Atom")]);
    xml.text("id", &[], &channel.own);
    xml.text("title", &[], &channel.title);
    xml.text("updated", &[], &micros::text(channel.changed));
    xml.empty("link", &[("rel", "self"), ("href", &channel.own)]);
    xml.empty("link", &[("rel", "alternate"), ("href", &format!("{}/", channel.base))]);
    xml.text("generator", &[("version", env!("CARGO_PKG_VERSION"))], "flashwire");
    for story in stories {
        let event = &*story.entry.event;
        let language = event.item.language().unwrap_or_default();
        xml.open("entry", &[("xml:lang", language)]);
        xml.text("id", &[], &tag(story.id));
        xml.text("title", &[], &words::headline(event));
        xml.text("published", &[], &micros::text(story.published));
        xml.text("updated", &[], &micros::text(event.time));
        xml.open("author", &[]);
        let sources = words::sources(event);
        xml.text("name", &[], sources.first().map_or("unknown", String::as_str));
        xml.close();
        xml.empty("link", &[("rel", "alternate"), ("href", &link(channel, event))]);
        for word in categories(event) {
            xml.empty("category", &[("term", word)]);
        }
        xml.text("content", &[("type", "html")], &html(event));
        xml.close();
    }
    xml.finish()
}
