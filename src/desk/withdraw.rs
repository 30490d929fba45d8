//! Taking back what was told.

use std::sync::Arc;

use jiff::Timestamp;

use super::Desk;
use crate::{
    item::{Action, Event, EventId, Record, Seq, Withdrawal},
    wire::{Entry, Group},
};

impl Desk {
    /// Takes back the events of these entries: one withdrawal for each that wasn't withdrawn
    /// before. A group without events takes nothing back.
    pub fn withdraw(&mut self, entries: &[Arc<Entry>], reason: &str, now: Timestamp) -> Group {
        let mut group = Group::default();
        for entry in entries {
            if entry.withdrawn || entry.event.action == Action::Withdrawn {
                continue;
            }
            let (seq, time) = (self.next_seq(), self.next_time(now));
            let event = Arc::new(withdrawal(&entry.event, seq, time, reason));
            self.memory.fold(&Record::Event(event.clone()));
            group.events.push(Arc::new(Entry::new(event)));
        }
        group
    }
}

fn withdrawal(event: &Event, seq: Seq, time: Timestamp, reason: &str) -> Event {
    Event {
        seq,
        id: EventId::of_withdrawal(event.id),
        time,
        action: Action::Withdrawn,
        item: event.item.blanked(),
        stale: false,
        backfill: false,
        supersedes: None,
        change: None,
        related_to: None,
        resurfaces: None,
        verdict: None,
        withdraws: Some(Withdrawal { id: event.id, seq: event.seq, reason: reason.to_owned() }),
        ..event.clone()
    }
}
