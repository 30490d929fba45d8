//! How far the stream has been read, and a batch whose parts are not all there yet.

use bytes::{Bytes, BytesMut};

use super::message::Label;

/// How far the stream has been read.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// The last message that was looked at.
    pub(super) read: u64,
    /// The batch that ends the stream so far and lacks its last parts.
    pub(super) unfinished: Option<Unfinished>,
    /// Batches that this node has sent.
    pub(super) sent: u64,
    /// Batches that came second, in a row.
    pub(super) conflicts: u32,
}

/// A batch that lacks its last parts.
#[derive(Debug)]
pub(super) struct Unfinished {
    last: Label,
    bytes: BytesMut,
}

impl Line {
    /// Reading goes on behind `mark`.
    pub(super) fn rewind(&mut self, mark: u64) {
        self.read = mark;
        self.unfinished = None;
    }

    /// Takes in a part; gives the bytes of the batch it makes whole. Parts stand right behind each
    /// other or are no batch: their sender was overtaken, and has judged again.
    pub(super) fn part(&mut self, label: Label, bytes: Bytes) -> Option<Bytes> {
        let before = self.unfinished.take();
        if label.parts == 1 {
            return Some(bytes);
        }
        let mut whole = match before {
            _ if label.part == 1 => BytesMut::new(),
            Some(Unfinished { last, bytes })
                if last.batch == label.batch
                    && last.parts == label.parts
                    && last.part + 1 == label.part =>
            {
                bytes
            }
            _ => return None,
        };
        whole.extend_from_slice(&bytes);
        if label.part == label.parts {
            return Some(whole.freeze());
        }
        self.unfinished = Some(Unfinished { last: label, bytes: whole });
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(batch: &str, part: u32, parts: u32) -> Label {
        Label { batch: batch.into(), part, parts }
    }

    #[test]
    fn a_batch_counts_once_its_parts_stand_together() {
        let mut line = Line::default();
        let mut part = |batch, part, parts, bytes: &'static str| {
            line.part(label(batch, part, parts), Bytes::from_static(bytes.as_bytes()))
        };
        assert_eq!(part("a", 1, 1, "whole").unwrap(), "whole");
        assert_eq!(part("b", 1, 3, "on"), None);
        assert_eq!(part("b", 2, 3, "e t"), None);
        assert_eq!(part("b", 3, 3, "wo").unwrap(), "one two");
        // Overtaken: what is left of it is nothing, also when its sender goes on blindly.
        assert_eq!(part("c", 1, 2, "lost"), None);
        assert_eq!(part("d", 1, 1, "first").unwrap(), "first");
        assert_eq!(part("c", 2, 2, "lost"), None);
        // Sent again from the beginning.
        assert_eq!(part("e", 1, 2, "x"), None);
        assert_eq!(part("e", 1, 2, "fr"), None);
        assert_eq!(part("e", 2, 2, "esh").unwrap(), "fresh");
        // Never more than was said.
        assert_eq!(part("f", 2, 2, "end without beginning"), None);
    }
}
