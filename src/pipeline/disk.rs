//! How long the wire's disk will last.

use std::{collections::VecDeque, time::Duration};

/// How often the disk is looked at.
pub(super) const EVERY: Duration = Duration::from_secs(60);
/// For how long looks are kept: a burst of a minute says nothing about a day.
const LOOKS: usize = 360;
/// Looks before anything is said of the future.
const ENOUGH: usize = 10;
/// Room that is too little at any pace, in bytes.
const LITTLE: u64 = 64 << 20;
/// A disk that lasts for a shorter time is worth a word.
const DAY: u64 = 24 * 3600;

/// What was free at each look, newest last.
#[derive(Debug, Default)]
pub(super) struct Disk(VecDeque<u64>);

impl Disk {
    /// Takes note of the bytes that are free, [`EVERY`] so often; gives what is to be said.
    pub(super) fn look(&mut self, free: u64) -> Option<String> {
        if self.0.len() >= LOOKS {
            self.0.pop_front();
        }
        self.0.push_back(free);
        let mib = free >> 20;
        if free < LITTLE {
            return Some(format!("the wire's disk has {mib} MiB left"));
        }
        let (first, looks) = (*self.0.front()?, self.0.len());
        let lost = first.saturating_sub(free);
        if looks < ENOUGH || lost == 0 {
            return None;
        }
        let seconds = EVERY.as_secs() * (looks as u64 - 1);
        let left = u128::from(free) * u128::from(seconds) / u128::from(lost);
        let hour = (u128::from(lost) * 3600 / u128::from(seconds)) >> 20;
        (left < u128::from(DAY)).then(|| {
            format!(
                "the wire's disk has {mib} MiB left and loses {hour} MiB an hour: it is full in {} \
                 hours",
                left / 3600
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said after so many minutes at that pace (MiB a minute), beginning with that much.
    fn said(minutes: u64, from: u64, pace: u64) -> Option<String> {
        let mut disk = Disk::default();
        (0..=minutes).fold(None, |_, minute| disk.look((from - pace * minute) << 20))
    }

    #[test]
    fn a_disk_that_is_full_in_a_day_is_told_of() {
        assert_eq!(said(60, 100_000, 1), None, "69 days");
        assert_eq!(said(5, 100_000, 100), None, "too early to say");
        let soon = said(60, 100_000, 100).unwrap();
        assert!(
            soon.contains("94000 MiB left and loses 6000 MiB an hour: it is full in 15 h"),
            "{soon}"
        );
        // It goes by the last hours, not by what was long ago.
        let mut disk = Disk::default();
        (0..30).for_each(|minute| drop(disk.look((100_000 - 100 * minute) << 20)));
        let later = (0..1000).fold(None, |_, _| disk.look(97_000 << 20));
        assert_eq!(later, None);
        // More room than before is no loss.
        assert_eq!(said(1, 100, 0), None);
        assert_eq!(said(0, 63, 0).unwrap(), "the wire's disk has 63 MiB left");
    }
}
