//! The newest frames as bytes, framed once and shared by every subscriber of a shard.

use std::collections::VecDeque;

use crate::item::{EventId, Seq};

use super::frame::{Header, Opcode};

/// One frame in the ring.
#[derive(Clone, Copy, Debug)]
struct Framed {
    /// Offset of its first byte, counted from the ring's beginning of time.
    at: u64,
    /// Once it is sent, everything up to here is dealt with.
    seq: Seq,
    /// The event it carries; a `stats` frame carries none.
    id: Option<EventId>,
}

/// A stretch of the ring: an offset and a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) at: u64,
    pub(super) len: u64,
}

/// Bytes by offset. Offsets only grow; the oldest whole frames give way to new ones.
///
/// Every byte is stored twice, `size` apart, so that any stretch of the ring is one slice.
#[derive(Debug)]
pub(super) struct Ring {
    bytes: Vec<u8>,
    size: usize,
    start: u64,
    end: u64,
    frames: VecDeque<Framed>,
    floor: Seq,
    head: Seq,
}

impl Ring {
    /// An empty ring of `size` bytes that continues after `head`.
    pub(super) fn new(size: usize, head: Seq) -> Self {
        let bytes = vec![0; size * 2];
        Ring { bytes, size, start: 0, end: 0, frames: VecDeque::new(), floor: head, head }
    }

    /// Everything after this position and up to [`head`][Ring::head] is in the ring.
    pub(super) fn floor(&self) -> Seq {
        self.floor
    }

    /// The newest position in the ring.
    pub(super) fn head(&self) -> Seq {
        self.head
    }

    /// Offset of the oldest byte.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// Offset after the newest byte.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Adds the frame of the event at `seq`. A second frame of one event (without its body, say)
    /// is added under the same `seq`.
    pub(super) fn push_event(&mut self, seq: Seq, id: EventId, payload: &[u8]) -> Stretch {
        self.head = seq;
        self.push(Opcode::Text, payload, Some(id))
    }

    /// Adds a frame that is no event.
    pub(super) fn push_aside(&mut self, opcode: Opcode, payload: &[u8]) -> Stretch {
        self.push(opcode, payload, None)
    }

    /// Forgets all frames: who is behind is served from the wire.
    pub(super) fn forget(&mut self) {
        self.frames.clear();
        self.start = self.end;
        self.floor = self.head;
    }

    fn push(&mut self, opcode: Opcode, payload: &[u8], id: Option<EventId>) -> Stretch {
        let header = Header::new(opcode, payload.len());
        let len = (header.as_bytes().len() + payload.len()) as u64;
        while self.end + len - self.start > self.size as u64 {
            let Some(oldest) = self.frames.pop_front() else { break };
            if oldest.id.is_some() {
                self.floor = oldest.seq;
            }
            self.start = self.frames.front().map_or(self.end, |next| next.at);
        }
        let at = self.end;
        self.frames.push_back(Framed { at, seq: self.head, id });
        self.put(header.as_bytes());
        self.put(payload);
        Stretch { at, len }
    }

    fn put(&mut self, part: &[u8]) {
        let at = (self.end % self.size as u64) as usize;
        let (first, rest) = part.split_at(part.len().min(self.size - at));
        for copy in [0, self.size] {
            self.bytes[copy + at..][..first.len()].copy_from_slice(first);
            self.bytes[copy..][..rest.len()].copy_from_slice(rest);
        }
        self.end += part.len() as u64;
    }

    /// The bytes of a stretch that is still in the ring.
    pub(super) fn slice(&self, stretch: Stretch) -> &[u8] {
        let at = (stretch.at % self.size as u64) as usize;
        &self.bytes[at..][..stretch.len as usize]
    }

    /// Offset of the first frame that takes a reader past `seq`.
    pub(super) fn after(&self, seq: Seq) -> u64 {
        let next = self.frames.partition_point(|frame| frame.seq <= seq);
        self.frames.get(next).map_or(self.end, |frame| frame.at)
    }

    /// The frame that holds the byte before `offset`, and how far it takes a reader once it is
    /// sent whole.
    pub(super) fn frame_before(&self, offset: u64) -> Option<(Stretch, Seq)> {
        let next = self.frames.partition_point(|frame| frame.at < offset);
        let frame = self.frames[next.checked_sub(1)?];
        let end = self.frames.get(next).map_or(self.end, |next| next.at);
        Some((Stretch { at: frame.at, len: end - frame.at }, frame.seq))
    }

    /// The events whose frames begin inside a stretch.
    pub(super) fn ids(&self, stretch: Stretch) -> impl Iterator<Item = EventId> {
        let from = self.frames.partition_point(|frame| frame.at < stretch.at);
        let to = self.frames.partition_point(|frame| frame.at < stretch.at + stretch.len);
        self.frames.range(from..to).filter_map(|frame| frame.id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::broadcast::frame;

    fn id(n: u64) -> EventId {
        EventId(u128::from(n).to_be_bytes())
    }

    proptest! {
        /// Whatever is pushed, the ring holds the tail of the plain concatenation of the frames,
        /// cut at a frame boundary.
        #[test]
        fn the_ring_is_the_tail_of_the_log(sizes in prop::collection::vec(0usize..200, 1..80)) {
            let mut ring = Ring::new(512, Seq(0));
            let mut log = Vec::new();
            let mut ends = vec![0u64];
            for (n, size) in sizes.iter().enumerate() {
                let payload = vec![b'a' + (n % 26) as u8; *size];
                let seq = Seq(n as u64 + 1);
                let stretch = ring.push_event(seq, id(seq.0), &payload);
                frame::write(&mut log, Opcode::Text, &payload);
                ends.push(log.len() as u64);
                prop_assert_eq!(stretch.at + stretch.len, ring.end());
                prop_assert_eq!(ring.end(), log.len() as u64);
                prop_assert!(ring.end() - ring.start() <= 512);
                prop_assert!(ends.contains(&ring.start()));
                let whole = Stretch { at: ring.start(), len: ring.end() - ring.start() };
                prop_assert_eq!(ring.slice(whole), &log[ring.start() as usize..]);
                prop_assert_eq!(ring.head(), seq);
                // The floor is the event before the oldest frame, and every later one is found.
                prop_assert_eq!(ends[ring.floor().0 as usize], ring.start());
                for later in ring.floor().0..=seq.0 {
                    prop_assert_eq!(ring.after(Seq(later)), ends[later as usize]);
                }
                let held: Vec<_> = ring.ids(whole).collect();
                let want: Vec<_> = (ring.floor().0 + 1..=seq.0).map(id).collect();
                prop_assert_eq!(held, want);
            }
        }
    }

    #[test]
    fn a_byte_leads_to_its_frame() {
        let mut ring = Ring::new(512, Seq(7));
        let first = ring.push_event(Seq(9), id(9), b"nine");
        let aside = ring.push_aside(Opcode::Text, b"stats");
        let last = ring.push_event(Seq(12), id(12), b"twelve");
        assert_eq!(ring.frame_before(first.at), None);
        assert_eq!(ring.frame_before(first.at + 1), Some((first, Seq(9))));
        assert_eq!(ring.frame_before(aside.at), Some((first, Seq(9))));
        assert_eq!(ring.frame_before(aside.at + 1), Some((aside, Seq(9))));
        assert_eq!(ring.frame_before(last.at + 3), Some((last, Seq(12))));
        assert_eq!(ring.after(Seq(7)), first.at);
        assert_eq!(ring.after(Seq(9)), last.at);
        assert_eq!(ring.after(Seq(12)), ring.end());
    }
}
