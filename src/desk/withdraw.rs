//! Taking back what was told: which events go, and the ones that say so.

use std::sync::Arc;

use jiff::Timestamp;

use super::Desk;
use crate::{
    item::{Action, Article, Event, EventId, Item, Key, Seq, Withdrawal, key_text},
    wire::{Entry, Group, Known, ReadError, ToldKey},
};

/// An event that is to be taken back, and every version of the chain it belongs to.
#[derive(Debug)]
pub struct Named {
    /// The event.
    pub entry: Arc<Entry>,
    /// The versions of it, older and later ones.
    pub versions: Vec<Arc<Entry>>,
}

impl Desk {
    /// Takes events back, each with the later versions that still say it; a group without events
    /// takes nothing back. The keys of what they said stay, so that it is not told again. Once it
    /// is on the wire the desk must be [made anew][Desk::anew]: it knows words that are nowhere.
    ///
    /// # Errors
    /// Where what was told can't be read.
    pub fn withdraw(
        &mut self,
        named: Vec<Named>,
        reason: &str,
        known: &impl Known,
        now: Timestamp,
    ) -> Result<Group, ReadError> {
        let mut group = Group::default();
        let mut taken = Vec::new();
        for Named { entry: named, versions } in named {
            if !stands(&named.event) {
                continue;
            }
            let ids: Vec<EventId> = versions.iter().map(|version| version.event.id).collect();
            for entry in chain(&named, versions) {
                if !stands(&entry.event) || taken.contains(&entry.event.id) {
                    continue;
                }
                let (seq, time) = (self.next_seq(), self.next_time(now));
                let event = withdrawal(&entry.event, seq, time, reason);
                group.events.push(Arc::new(Entry::new(Arc::new(event))));
                taken.push(entry.event.id);
                let keys = keys(&entry.event);
                let before = known.told(&keys, None)?;
                let (id, at) = (entry.event.id, entry.event.page.time);
                let unknown = keys.into_iter().zip(before).filter(|(_, before)| before.is_none());
                let unknown = unknown.map(|(key, _)| ToldKey { key, id, seq: entry.seq, at });
                group.told.extend(unknown);
            }
            // A version that is held back goes like one that was told, and with what it follows.
            let held: Vec<EventId> = self
                .held
                .iter()
                .filter(|held| {
                    let version = ids.contains(&held.of);
                    taken.contains(&held.of)
                        || version && repeats(&held.event.item, &named.event.item)
                })
                .map(|held| held.of)
                .collect();
            held.iter().for_each(|of| self.held.let_go(*of));
            group.let_go.extend(held);
        }
        Ok(group)
    }
}

/// What goes with `entry`: itself, and of the later `versions` of it those that repeat what it
/// said. A correction that no longer says it stays, and so does what was told before it.
fn chain(entry: &Arc<Entry>, versions: Vec<Arc<Entry>>) -> Vec<Arc<Entry>> {
    let later = versions.into_iter().filter(|version| {
        version.seq > entry.seq && repeats(&version.event.item, &entry.event.item)
    });
    std::iter::once(entry.clone()).chain(later).collect()
}

/// Whether there is something to take back: a withdrawal is not withdrawn, what a second origin
/// says goes with what it corroborates, and nothing is taken back twice.
fn stands(event: &Event) -> bool {
    event.withdrawn_by.is_none()
        && !matches!(event.action, Action::Withdrawn | Action::Corroborated)
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
fn keys(event: &Event) -> Vec<Key> {
    let mut keys = vec![Key::of(&event.item)];
    if let Item::Article(article) = &event.item {
        keys.push(Key::of_article(&Article { url: None, ..Article::clone(article) }));
    }
    keys
}

/// The event that takes `event` back.
fn withdrawal(event: &Event, seq: Seq, time: Timestamp, reason: &str) -> Event {
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
        held_until: None,
        corroborates: None,
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
