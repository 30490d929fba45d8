//! Bounds the memory of pages that were read and are not yet dealt with.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use bytes::Bytes;

/// Bytes that may be on their way at once. A page gives its share back when the last copy of its
/// [`Bytes`] is dropped, wherever that is.
#[derive(Clone, Debug)]
pub(super) struct Budget(Arc<Room>);

#[derive(Debug)]
struct Room {
    left: Mutex<usize>,
    freed: Condvar,
    whole: usize,
}

impl Budget {
    pub(super) fn new(whole: usize) -> Self {
        Budget(Arc::new(Room { left: Mutex::new(whole), freed: Condvar::new(), whole }))
    }

    /// Waits until there is room for `content` and hands it on. One that is larger than the whole
    /// budget waits until it is alone.
    pub(super) fn hold(&self, content: Vec<u8>) -> Bytes {
        let share = content.len().min(self.0.whole);
        let mut left = self.0.left.lock().unwrap_or_else(PoisonError::into_inner);
        while *left < share {
            left = self.0.freed.wait(left).unwrap_or_else(PoisonError::into_inner);
        }
        *left -= share;
        drop(left);
        Bytes::from_owner(Held { content, share, room: Arc::clone(&self.0) })
    }
}

struct Held {
    content: Vec<u8>,
    share: usize,
    room: Arc<Room>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.content
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        *self.room.left.lock().unwrap_or_else(PoisonError::into_inner) += self.share;
        self.room.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_comes_back_with_the_last_copy() {
        let budget = Budget::new(10);
        let first = budget.hold(vec![0; 8]);
        let copy = first.slice(2..4);
        drop(first);
        let (tell, told) = std::sync::mpsc::channel();
        let waiting = {
            let budget = budget.clone();
            std::thread::spawn(move || {
                let second = budget.hold(vec![0; 400]);
                tell.send(()).unwrap();
                second.len()
            })
        };
        assert!(told.try_recv().is_err());
        drop(copy);
        assert_eq!(waiting.join().unwrap(), 400);
    }
}
