//! Waiting longer each time, and never in step with others.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::Duration,
};

/// The first wait at its longest, and the longest.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(60);

/// How long to wait next.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait: between half and all of what it may be, so that those who failed together
    /// don't come back together.
    fn next(&mut self, random: u64) -> Duration {
        let longest = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures += 1;
        longest.mul_f64(0.5 + (random >> 11) as f64 / (1u64 << 54) as f64)
    }

    /// Waits.
    pub(super) async fn wait(&mut self) {
        let random = RandomState::new().build_hasher().finish();
        tokio::time::sleep(self.next(random)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_up_to_a_minute_and_never_the_same_for_all() {
        let waits = |random| {
            let mut backoff = Backoff::default();
            (0..12).map(|_| backoff.next(random)).collect::<Vec<_>>()
        };
        let (shortest, longest) = (waits(0), waits(u64::MAX));
        assert_eq!(shortest[..3], [125, 250, 500].map(Duration::from_millis));
        assert!(longest.iter().zip(&shortest).all(|(long, short)| *long > short.mul_f64(1.9)));
        assert_eq!(shortest[11], LONGEST / 2);
        assert!(longest[11] <= LONGEST);
    }
}
