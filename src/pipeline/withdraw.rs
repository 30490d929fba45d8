//! What a withdrawal takes back, and the event that says so.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    item::{Action, Article, Event, EventId, Item, Key, Seq, Withdrawal, key_text},
    wire::Entry,
};

/// What goes with `entry`: itself, and of the later `versions` of it those that repeat what it
/// said. A correction that no longer says it stays, and so does what was told before it.
pub(super) fn chain(entry: &Arc<Entry>, versions: Vec<Arc<Entry>>) -> Vec<Arc<Entry>> {
    let later = versions.into_iter().filter(|version| {
        version.seq > entry.seq && repeats(&version.event.item, &entry.event.item)
    });
    std::iter::once(entry.clone()).chain(later).collect()
}

/// Whether there is something to take back: a withdrawal is not withdrawn, and nothing is twice.
pub(super) fn stands(event: &Event) -> bool {
    event.withdrawn_by.is_none() && event.action != Action::Withdrawn
}

/// Whether a later version still says what `withdrawn` says: all words of its headline, in their
/// order, or one of its paragraphs.
fn repeats(later: &Item, withdrawn: &Item) -> bool {
    let text = |item: &Item| key_text(item.headline().unwrap_or_default());
    let (now, was) = (text(later), text(withdrawn));
    let mut words = now.split(' ');
    let headline = !was.is_empty() && was.split(' ').all(|word| words.any(|other| other == word));
    let paragraphs = |item: &Item| -> Vec<String> {
        let all = item.body().unwrap_or_default().split("\n\n").map(key_text);
        all.filter(|text| !text.is_empty()).collect()
    };
    let now = paragraphs(later);
    headline || paragraphs(withdrawn).iter().any(|was| now.contains(was))
}

/// The keys under which what `event` says would come again: an article's words, too, which may
/// stand at another address.
pub(super) fn keys(event: &Event) -> Vec<Key> {
    let mut keys = vec![Key::of(&event.item)];
    if let Item::Article(article) = &event.item {
        keys.push(Key::of_article(&Article { url: None, ..Article::clone(article) }));
    }
    keys
}

/// The event that takes `event` back.
pub(super) fn withdrawal(event: &Event, seq: Seq, time: Timestamp, reason: &str) -> Event {
    Event {
        seq,
        id: EventId::of_withdrawal(event.id),
        time,
        action: Action::Withdrawn,
        stale: false,
        backfill: false,
        supersedes: None,
        related_to: None,
        resurfaces: None,
        withdraws: Some(Withdrawal { id: event.id, seq: event.seq, reason: reason.to_owned() }),
        withdrawn_by: None,
        ..event.blanked(seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::TickerLine;

    fn line(headline: &str) -> Item {
        Item::Ticker(TickerLine { headline: headline.into(), ..TickerLine::default() })
    }

    fn story(headline: &str, body: &str) -> Item {
        let (headline, body) = (Some(headline.into()), body.into());
        Item::Article(Box::new(Article { headline, body, ..Article::default() }))
    }

    #[test]
    fn a_version_that_says_it_again_goes_too_and_a_correction_stays() {
        let first = line("Governor: 9 killed in Tel Arun");
        assert!(repeats(&line("Governor: 9 killed, 31 wounded in Tel Arun"), &first));
        assert!(!repeats(&line("Governor: 12 killed in Tel Arun"), &first));
        assert!(!repeats(&line("Tel Arun: 9 killed, says governor"), &first));
        let first = story("Mole breaks", "The mole broke.\n\nNobody is hurt.");
        assert!(repeats(&story("Mole holds", "It holds.\n\nNobody is hurt."), &first));
        assert!(repeats(&story("Mole breaks again", "It was old."), &first));
        assert!(!repeats(&story("Mole holds", "It holds."), &first));
        assert!(!repeats(&story("", ""), &story("", "")));
    }
}
