//! Plain text, one heading a line.

use crate::{
    item::{Item, Shown, micros},
    outlet::words,
};

use super::Piece;

pub(super) fn write(piece: &Piece) -> String {
    let event = &*piece.entry.event;
    let mut text = String::new();
    let mut say = |name: &str, value: &str| {
        let value = Shown::prose(value.trim()).to_string();
        if !value.is_empty() {
            text.push_str(&format!("{name}: {value}\n"));
        }
    };
    say("no", &event.seq.to_string());
    say("id", &event.id.to_string());
    say("story", &piece.story.to_string());
    say("version", &piece.version.to_string());
    say("time", &micros::text(event.time));
    say("kind", event.kind().as_str());
    say("action", event.action.as_str());
    if let Some(withdrawal) = &event.withdraws {
        say("reason", &withdrawal.reason);
        return text;
    }
    say("source", &words::sources(event).join(", "));
    if let Item::Article(article) = &event.item {
        say("by", article.byline.as_deref().unwrap_or_default());
    }
    say("link", words::link(event).unwrap_or_default());
    say("headline", &words::headline(event));
    for paragraph in words::paragraphs(event) {
        text.push_str(&format!("\n{paragraph}\n"));
    }
    text
}
