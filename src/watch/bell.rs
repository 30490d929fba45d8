//! A value behind a lock with somebody waiting for it to change.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// What one thread leaves for another to pick up.
#[derive(Debug, Default)]
pub(super) struct Bell<T> {
    state: Mutex<State<T>>,
    rung: Condvar,
}

#[derive(Debug, Default)]
struct State<T> {
    value: T,
    stopped: bool,
}

/// What came of waiting.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Waited<R> {
    Got(R),
    /// The deadline passed first.
    Late,
    /// The bell was stopped: nobody is to wait at it again.
    Stopped,
}

impl<T> Bell<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the value, or changes it in a way nobody waits for.
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.lock().value)
    }

    /// Changes the value and wakes the one who waits if `f` says that it is worth it.
    pub(super) fn ring_if(&self, f: impl FnOnce(&mut T) -> bool) {
        let ring = f(&mut self.lock().value);
        if ring {
            self.rung.notify_one();
        }
    }

    /// Waits until `take` finds something, the deadline passes or the bell is stopped.
    pub(super) fn wait<R>(
        &self,
        deadline: Option<Instant>,
        mut take: impl FnMut(&mut T) -> Option<R>,
    ) -> Waited<R> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return Waited::Stopped;
            }
            if let Some(found) = take(&mut state.value) {
                return Waited::Got(found);
            }
            state = match deadline {
                None => self.rung.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Waited::Late;
                    }
                    let waited = self.rung.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Ends all waiting, now and later.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.rung.notify_all();
    }
}
