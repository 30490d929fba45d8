//! RSS 2.0, for readers and for the graphics of a broadcast.

use jiff::Timestamp;

use crate::outlet::{words, xml::Xml};

use super::{Channel, Story, categories, html, link, tag};

/// A date as RFC 822 writes it, with a year of four digits.
fn date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

pub(super) fn write(channel: &Channel, stories: &[Story]) -> String {
    let mut xml = Xml::new();
    let spaces = [
        ("version", "2.0"),
        ("xmlns:atom", "http://www.w3.org/2005/Atom"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
    ];
    xml.open("rss", &spaces);
    xml.open("channel", &[]);
    xml.text("title", &[], &channel.title);
    xml.text("link", &[], &format!("{}/", channel.base));
    xml.text("description", &[], &channel.title);
    let own = [("rel", "self"), ("type", "application/rss+xml"), ("href", &channel.own)];
    xml.empty("atom:link", &own);
    xml.text("lastBuildDate", &[], &date(channel.changed));
    xml.text("generator", &[], concat!("flashwire ", env!("CARGO_PKG_VERSION")));
    for story in stories {
        let event = &*story.entry.event;
        xml.open("item", &[]);
        xml.text("title", &[], &words::headline(event));
        xml.text("link", &[], &link(channel, event));
        xml.text("guid", &[("isPermaLink", "false")], &tag(story.id));
        xml.text("pubDate", &[], &date(event.time));
        for source in words::sources(event) {
            xml.text("dc:creator", &[], &source);
        }
        if let Some(language) = event.item.language() {
            xml.text("dc:language", &[], language);
        }
        for word in categories(event) {
            xml.text("category", &[], word);
        }
        xml.text("description", &[], &html(event));
        xml.close();
    }
    xml.finish()
}
