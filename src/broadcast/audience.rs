//! The subscribers of a shard that get exactly the same bytes.

use std::{cell::Cell, collections::VecDeque, rc::Rc};

use crate::{filter::Filter, item::Seq};

use super::{
    params::Body,
    ring::{Ring, Stretch},
    session::Session,
};

/// What an audience gets, and in what form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Interest {
    pub(super) filter: Filter,
    pub(super) body: Body,
}

/// A stretch of the ring at its place in the audience's own stream of bytes.
#[derive(Clone, Copy, Debug)]
struct Run {
    at: u64,
    ring: Stretch,
}

/// Subscribers with the same interest. Their stream of bytes is a list of stretches of the
/// ring: an event that doesn't match costs them nothing, one that matches is stored once for all
/// audiences. For those who want everything the list is mostly one long stretch.
#[derive(Debug)]
pub(super) struct Audience {
    pub(super) interest: Interest,
    /// Events after this position, and in the ring, are in the stream where they match.
    pub(super) floor: Seq,
    runs: VecDeque<Run>,
    end: u64,
    /// Subscribers that read from the stream.
    pub(super) live: Vec<Rc<Session>>,
    /// Subscribers in all, those on the way to the stream included.
    pub(super) members: usize,
    /// Something was added since the last pass.
    pub(super) dirty: Cell<bool>,
}

impl Audience {
    pub(super) fn new(interest: Interest, floor: Seq) -> Self {
        Audience {
            interest,
            floor,
            runs: VecDeque::new(),
            end: 0,
            live: Vec::new(),
            members: 0,
            dirty: Cell::new(false),
        }
    }

    /// Adds a stretch of the ring, newer than all before, to the stream.
    pub(super) fn take(&mut self, stretch: Stretch) {
        match self.runs.back_mut() {
            Some(last) if last.ring.at + last.ring.len == stretch.at => {
                last.ring.len += stretch.len
            }
            _ => self.runs.push_back(Run { at: self.end, ring: stretch }),
        }
        self.end += stretch.len;
        self.dirty.set(true);
    }

    /// Forgets what has left the ring.
    pub(super) fn trim(&mut self, start: u64) {
        while let Some(first) = self.runs.front_mut() {
            let lost = start.saturating_sub(first.ring.at).min(first.ring.len);
            if lost == 0 {
                return;
            }
            if lost == first.ring.len {
                self.runs.pop_front();
            } else {
                first.at += lost;
                first.ring.at += lost;
                first.ring.len -= lost;
            }
        }
    }

    /// Place of the oldest byte that can still be had.
    pub(super) fn start(&self) -> u64 {
        self.runs.front().map_or(self.end, |run| run.at)
    }

    /// Place after the newest byte.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Place of the first byte at or after an offset of the ring.
    pub(super) fn place(&self, offset: u64) -> u64 {
        let next = self.runs.partition_point(|run| run.ring.at + run.ring.len <= offset);
        let run = self.runs.get(next);
        run.map_or(self.end, |run| run.at + offset.saturating_sub(run.ring.at))
    }

    /// The stretches between two places, in order.
    pub(super) fn stretches(&self, from: u64, to: u64) -> impl Iterator<Item = Stretch> {
        let first = self.runs.partition_point(|run| run.at + run.ring.len <= from);
        self.runs.range(first..).take_while(move |run| run.at < to).map(move |run| {
            let skip = from.saturating_sub(run.at);
            let end = (to - run.at).min(run.ring.len);
            Stretch { at: run.ring.at + skip, len: end - skip }
        })
    }

    /// The frame that holds the byte before `place`, if that byte is still there.
    pub(super) fn frame_before(&self, place: u64, ring: &Ring) -> Option<Half> {
        let run = self.runs.partition_point(|run| run.at < place).checked_sub(1)?;
        let run = &self.runs[run];
        let offset = run.ring.at + (place - run.at);
        let (frame, seq) = ring.frame_before(offset)?;
        Some(Half { frame, seq, rest: frame.at + frame.len - offset })
    }
}

/// A frame a reader stands in, or has just left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Half {
    /// The whole frame.
    pub(super) frame: Stretch,
    /// How far it takes a reader once it is sent whole.
    pub(super) seq: Seq,
    /// How many of its bytes are not behind the reader.
    pub(super) rest: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::EventId;

    fn bytes(audience: &Audience, ring: &Ring, from: u64, to: u64) -> Vec<u8> {
        audience.stretches(from, to).flat_map(|stretch| ring.slice(stretch).to_vec()).collect()
    }

    #[test]
    fn a_stream_is_what_was_taken_and_no_more() {
        let mut ring = Ring::new(1024, Seq(0));
        let mut some = Audience::new(Interest::default(), Seq(0));
        let mut all = Audience::new(Interest::default(), Seq(0));
        let mut want = Vec::new();
        for n in 1..=60u64 {
            let payload = format!("event {n}");
            let stretch = ring.push_event(Seq(n), EventId([n as u8; 16]), payload.as_bytes());
            all.take(stretch);
            if n % 3 == 0 {
                some.take(stretch);
                want.extend_from_slice(ring.slice(stretch));
            }
            some.trim(ring.start());
            all.trim(ring.start());
        }
        assert_eq!(all.runs.len(), 1);
        assert_eq!(all.start() % 9, ring.start() % 9);
        let got = bytes(&some, &ring, some.start(), some.end());
        assert_eq!(got, want[want.len() - got.len()..]);

        // From any byte the rest of its frame can be had, and the rest of the stream after it.
        for place in some.start() + 1..=some.end() {
            let half = some.frame_before(place, &ring).unwrap();
            assert_eq!(half.seq.0 % 3, 0);
            let sent = (half.frame.len - half.rest) as usize;
            let mut joined = ring.slice(half.frame)[sent..].to_vec();
            joined.extend(bytes(&some, &ring, place + half.rest, some.end()));
            assert_eq!(joined, want[want.len() - (some.end() - place) as usize..]);
            assert_eq!(some.place(ring.after(half.seq)), place + half.rest);
        }
    }

    #[test]
    fn a_stream_that_left_the_ring_is_empty() {
        let mut ring = Ring::new(256, Seq(0));
        let mut audience = Audience::new(Interest::default(), Seq(0));
        audience.take(ring.push_event(Seq(1), EventId([1; 16]), b"one"));
        for n in 2..100u64 {
            ring.push_event(Seq(n), EventId([n as u8; 16]), &[b'x'; 20]);
        }
        audience.trim(ring.start());
        assert_eq!((audience.start(), audience.end()), (5, 5));
        assert_eq!(audience.place(ring.start()), 5);
    }
}
