//! Workers finish pages in any order; they are judged in the order they were noticed.

use std::collections::BTreeMap;

use crate::watch::Lane;

/// Live pages taken for each backlog page while both wait.
pub(super) const LIVE_FOR_EACH_BACKLOG: u32 = 4;

/// Puts what comes in any order back into ticket order, lane by lane.
#[derive(Debug)]
pub(super) struct Turns<T> {
    live: Queue<T>,
    backlog: Queue<T>,
    big: Queue<T>,
    live_in_a_row: u32,
    /// A live page was taken since the batch began.
    live_in_batch: bool,
}

#[derive(Debug)]
struct Queue<T> {
    next: u64,
    waiting: BTreeMap<u64, T>,
}

impl<T> Queue<T> {
    fn ready(&self) -> bool {
        self.waiting.first_key_value().is_some_and(|(&ticket, _)| ticket == self.next)
    }

    fn take(&mut self) -> Option<T> {
        if !self.ready() {
            return None;
        }
        self.next += 1;
        self.waiting.pop_first().map(|(_, page)| page)
    }
}

impl<T> Turns<T> {
    /// Each lane begins at ticket 0.
    pub(super) fn new() -> Self {
        let queue = || Queue { next: 0, waiting: BTreeMap::new() };
        Turns {
            live: queue(),
            backlog: queue(),
            big: queue(),
            live_in_a_row: 0,
            live_in_batch: false,
        }
    }

    /// Puts a finished page in its place.
    pub(super) fn put(&mut self, lane: Lane, ticket: u64, page: T) {
        let queue = match lane {
            Lane::Live => &mut self.live,
            Lane::Backlog => &mut self.backlog,
            Lane::Big => &mut self.big,
        };
        queue.waiting.insert(ticket, page);
    }

    /// Whether there is a page whose turn it is.
    pub(super) fn ready(&self) -> bool {
        [&self.live, &self.backlog, &self.big].iter().any(|queue| queue.ready())
    }

    /// Begins another batch of pages that go to the wire together.
    pub(super) fn begin_batch(&mut self) {
        self.live_in_batch = false;
    }

    /// The next page of the batch: four live ones for each of the others while they wait. Big
    /// pages are rare and come before the backlog. A batch that holds a live page ends with the
    /// last of them, since it would wait for all that is taken after it.
    pub(super) fn take(&mut self) -> Option<T> {
        let others = self.live_in_a_row >= LIVE_FOR_EACH_BACKLOG
            && (self.backlog.ready() || self.big.ready());
        if !others && let Some(page) = self.live.take() {
            self.live_in_a_row += 1;
            self.live_in_batch = true;
            return Some(page);
        }
        if self.live_in_batch && !others {
            return None;
        }
        self.live_in_a_row = 0;
        self.big.take().or_else(|| self.backlog.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn four_live_pages_for_each_of_the_backlog() {
        let mut turns = Turns::new();
        for ticket in 0..10 {
            turns.put(Lane::Live, ticket, format!("l{ticket}"));
            turns.put(Lane::Backlog, ticket, format!("b{ticket}"));
        }
        let taken: Vec<String> = std::iter::from_fn(|| turns.take()).take(11).collect();
        assert_eq!(taken.join(" "), "l0 l1 l2 l3 b0 l4 l5 l6 l7 b1 l8");
    }

    #[test]
    fn a_live_page_does_not_wait_for_a_batch_of_the_backlog() {
        let mut turns = Turns::new();
        for ticket in 0..100 {
            turns.put(Lane::Backlog, ticket, format!("b{ticket}"));
        }
        for ticket in 0..2 {
            turns.put(Lane::Live, ticket, format!("l{ticket}"));
        }
        turns.put(Lane::Big, 0, "big".to_owned());
        let mut batch = |most: usize| {
            turns.begin_batch();
            std::iter::from_fn(|| turns.take()).take(most).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(batch(9), "l0 l1");
        assert_eq!(batch(3), "big b0 b1");
        assert_eq!(batch(200).split(' ').count(), 98);
    }

    proptest! {
        #[test]
        fn each_lane_comes_out_whole_and_in_ticket_order(
            tickets in Just((0..60u64).collect::<Vec<_>>()).prop_shuffle(),
            drain in any::<[bool; 60]>(),
        ) {
            let mut turns = Turns::new();
            let mut taken = [Vec::new(), Vec::new()];
            let mut take_all = |turns: &mut Turns<(Lane, u64)>| {
                for _ in 0..2 {
                    turns.begin_batch();
                    while let Some((lane, ticket)) = turns.take() {
                        taken[usize::from(lane == Lane::Backlog)].push(ticket);
                    }
                }
            };
            for (&at, drain) in tickets.iter().zip(drain) {
                let lane = if at % 3 == 0 { Lane::Backlog } else { Lane::Live };
                let ticket = if at % 3 == 0 { at / 3 } else { at - at / 3 - 1 };
                turns.put(lane, ticket, (lane, ticket));
                if drain {
                    take_all(&mut turns);
                }
            }
            take_all(&mut turns);
            prop_assert_eq!(&taken[0], &(0..40).collect::<Vec<_>>());
            prop_assert_eq!(&taken[1], &(0..20).collect::<Vec<_>>());
        }
    }
}
