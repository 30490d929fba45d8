//! The newest stories that a filter lets through, each in its newest wording.

use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;

use crate::{
    filter::{Filter, Words},
    item::{Action, Event, EventId, Seq},
    wire::{Entry, ReadError, Store},
};

/// Entries read at once.
const READ: usize = 500;

/// Entries that are searched for the newest stories.
const SEARCH: usize = 200_000;

/// One story: all versions of one event are one.
#[derive(Clone, Debug)]
pub struct Story {
    /// The first version's name: the story's for ever.
    pub id: EventId,
    /// When the first version was told.
    pub published: Timestamp,
    /// The newest version that the filter lets through.
    pub entry: Arc<Entry>,
}

/// A list of stories that is kept up with the wire.
#[derive(Debug)]
pub struct Stories {
    filter: Filter,
    most: usize,
    /// The wire is evaluated up to here; `None` before it was looked at.
    through: Option<Seq>,
    withdrawn_at: Seq,
    list: Vec<Story>,
    changed: Option<Timestamp>,
}

impl Stories {
    /// A list of at most so many stories, not looked for yet.
    pub fn new(filter: Filter, most: usize) -> Self {
        let (through, withdrawn_at) = (None, Seq(0));
        Stories { filter, most, through, withdrawn_at, list: Vec::new(), changed: None }
    }

    /// The stories, the one that changed last first.
    pub fn list(&self) -> &[Story] {
        &self.list
    }

    /// When it last changed, in the wire's times; `None` while it is empty.
    pub fn changed(&self) -> Option<Timestamp> {
        self.changed
    }

    fn wants(&self, event: &Event) -> bool {
        event.action != Action::Withdrawn
            && event.withdrawn_by.is_none()
            && self.filter.passes(event, &Words::of(event))
    }

    /// Catches up with the wire; says whether anything changed.
    ///
    /// # Errors
    /// Where the wire can't be read; the next call goes on.
    pub async fn refresh(&mut self, wire: &dyn Store) -> Result<bool, ReadError> {
        let withdrawn_at = wire.withdrawn_at();
        let Some(mut through) = self.through.filter(|_| self.withdrawn_at == withdrawn_at) else {
            return self.rebuild(wire, withdrawn_at).await.map(|()| true);
        };
        let mut changed = false;
        while wire.head().seq > through {
            let entries = wire.read(through, READ).await?;
            let Some(last) = entries.last() else { break };
            through = last.seq;
            for entry in entries {
                if entry.event.action == Action::Withdrawn {
                    return self.rebuild(wire, wire.withdrawn_at()).await.map(|()| true);
                }
                if self.wants(&entry.event) {
                    self.changed = Some(entry.event.time);
                    self.add(wire, entry).await?;
                    changed = true;
                }
            }
            self.through = Some(through);
        }
        Ok(changed)
    }

    async fn add(&mut self, wire: &dyn Store, entry: Arc<Entry>) -> Result<(), ReadError> {
        let story = story(wire, entry).await?;
        self.list.retain(|known| known.id != story.id);
        self.list.insert(0, story);
        self.list.truncate(self.most);
        Ok(())
    }

    async fn rebuild(&mut self, wire: &dyn Store, withdrawn_at: Seq) -> Result<(), ReadError> {
        let head = wire.head().seq;
        let (mut before, mut searched) = (Seq(head.0 + 1), 0);
        let (mut list, mut older) = (Vec::new(), HashSet::new());
        let mut changed = None;
        'wire: while searched < SEARCH {
            let entries = wire.read_back(before, READ).await?;
            let Some(last) = entries.last() else { break };
            before = last.seq;
            searched += entries.len();
            for entry in entries {
                let wanted = self.wants(&entry.event);
                if wanted || entry.event.action == Action::Withdrawn {
                    changed = changed.max(Some(entry.event.time));
                }
                // A newer version stands for it, and so for what it stood for.
                let known = older.contains(&entry.event.id);
                if wanted || known {
                    older.extend(entry.event.supersedes.map(|older| older.id));
                }
                if wanted && !known {
                    list.push(story(wire, entry).await?);
                    if list.len() == self.most {
                        break 'wire;
                    }
                }
            }
        }
        self.list = list;
        self.changed = changed;
        self.through = Some(head);
        self.withdrawn_at = withdrawn_at;
        Ok(())
    }
}

async fn story(wire: &dyn Store, entry: Arc<Entry>) -> Result<Story, ReadError> {
    let (mut id, mut published) = (entry.event.id, entry.event.time);
    if entry.event.supersedes.is_some()
        && let Some(first) = wire.versions(entry.event.id).await?.first()
    {
        (id, published) = (first.event.id, first.event.time);
    }
    Ok(Story { id, published, entry })
}
