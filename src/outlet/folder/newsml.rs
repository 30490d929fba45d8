//! IPTC NewsML-G2, a `newsItem` of conformance level core.

use crate::{
    item::{Action, Dir, Item, micros},
    outlet::{words, xml::Xml},
};

use super::Piece;

pub(super) fn write(piece: &Piece) -> String {
    let event = &*piece.entry.event;
    let (uri, version) = (piece.uri(), piece.version.to_string());
    let language = event.item.language().unwrap_or("und");
    let dir = if event.item.dir() == Dir::Rtl { "rtl" } else { "ltr" };
    let withdrawn = event.action == Action::Withdrawn;
    let mut xml = Xml::new();
    let about = [
        ("xmlns", "http://iptc.org/std/nar/2006-10-01/"),
        ("guid", uri.as_str()),
        ("version", version.as_str()),
        ("standard", "NewsML-G2"),
        ("standardversion", "2.28"),
        ("conformance", "core"),
        ("xml:lang", language),
        ("dir", dir),
    ];
    xml.open("newsItem", &about);
    let catalog = "http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_33.xml";
    xml.empty("catalogRef", &[("href", catalog)]);
    xml.open("itemMeta", &[]);
    xml.empty("itemClass", &[("qcode", "ninat:text")]);
    let source = words::sources(event);
    xml.open("provider", &[("literal", "flashwire")]);
    xml.text("name", &[], source.first().map_or("flashwire", String::as_str));
    xml.close();
    xml.text("versionCreated", &[], &micros::text(event.time));
    xml.text("firstCreated", &[], &micros::text(piece.first));
    xml.empty("pubStatus", &[("qcode", if withdrawn { "stat:canceled" } else { "stat:usable" })]);
    if let Some(withdrawal) = &event.withdraws {
        xml.text("edNote", &[], &withdrawal.reason);
    }
    xml.close();
    if !withdrawn {
        content(&mut xml, piece, &source);
    }
    xml.finish()
}

fn content(xml: &mut Xml, piece: &Piece, sources: &[String]) {
    let event = &*piece.entry.event;
    let (urgency, byline, dateline) = match &event.item {
        Item::Ticker(line) => (line.urgency, None, line.place.as_deref()),
        Item::Article(article) => {
            (article.urgency, article.byline.as_deref(), article.dateline.as_deref())
        }
    };
    let headline = words::headline(event);
    xml.open("contentMeta", &[]);
    xml.text("urgency", &[], &urgency.clamp(1, 9).to_string());
    for source in sources {
        xml.open("infoSource", &[("literal", source)]);
        xml.text("name", &[], source);
        xml.close();
    }
    if let Some(language) = event.item.language() {
        xml.empty("language", &[("tag", language)]);
    }
    xml.text("headline", &[], &headline);
    let more = [("dateline", dateline), ("by", byline)];
    for (name, value) in more.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        xml.text(name, &[], value);
    }
    if let Item::Article(article) = &event.item {
        if let Some(standfirst) = &article.standfirst {
            xml.text("description", &[("role", "drol:summary")], standfirst);
        }
        for keyword in &article.keywords {
            xml.text("keyword", &[], keyword);
        }
    }
    xml.close();
    xml.open("contentSet", &[]);
    let paragraphs: Vec<_> = words::paragraphs(event).collect();
    let body = if paragraphs.is_empty() { headline } else { paragraphs.join("\n\n") };
    xml.text("inlineData", &[("contenttype", "text/plain")], &body);
    xml.close();
}
