//! A cursor → what its owner gets: the same for every reader that comes back.

use crate::item::{Cursor, Epoch, Seq};

use super::Store;

/// The state of the wire a cursor is held against.
#[derive(Clone, Debug)]
pub struct Extent {
    /// The wire's lives, oldest first, each with the last position before it began.
    pub epochs: Vec<(Epoch, Seq)>,
    /// The oldest position that can be had; after the head where there is none.
    pub oldest: Seq,
    /// The newest position.
    pub head: Seq,
}

/// What the owner of a cursor gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumption {
    /// Events after this position follow.
    pub after: Seq,
    /// Why something between the cursor and `after` is missing, or may be wrong.
    pub lost: Option<String>,
    /// Positions that can't be had any more, first and last.
    pub gap: Option<(Seq, Seq)>,
}

/// A cursor that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadCursor(pub String);

impl Extent {
    /// The wire's extent now.
    pub fn of(wire: &dyn Store) -> Self {
        let bounds = wire.bounds();
        Extent { epochs: wire.epochs(), oldest: *bounds.start(), head: wire.head().seq }
    }

    /// Resumes after a bare position, taken as one of the present epoch.
    ///
    /// # Errors
    /// Where it lies beyond the head.
    pub fn resume_seq(&self, seq: Seq) -> Result<Resumption, BadCursor> {
        if seq > self.head {
            return Err(BadCursor(format!(
                "cursor {seq} lies beyond the head {}; it is of another wire, or from before a backup was restored: start again with cursor=earliest or cursor=latest",
                self.head
            )));
        }
        Ok(self.after(seq, None))
    }

    /// Resumes after a cursor, of the present epoch or an older one.
    ///
    /// An older one resumes exactly up to where a later epoch branched off; beyond that point its
    /// owner saw events that are not on this wire.
    ///
    /// # Errors
    /// Where it is of no epoch of this wire, or lies beyond the head.
    pub fn resume(&self, cursor: &Cursor) -> Result<Resumption, BadCursor> {
        let Some(at) = self.epochs.iter().rposition(|(epoch, _)| *epoch == cursor.epoch) else {
            return Err(BadCursor(format!(
                "cursor {cursor} is of epoch {}, which this wire never had; start again with cursor=earliest or cursor=latest",
                cursor.epoch
            )));
        };
        let later = self.epochs[at + 1..].iter().map(|(_, branch)| *branch).min();
        match later {
            None => self.resume_seq(cursor.seq),
            Some(branch) if cursor.seq <= branch => Ok(self.after(cursor.seq.min(self.head), None)),
            Some(branch) => Ok(self.after(
                branch.min(self.head),
                Some(format!(
                    "epoch {} ended at {branch}; what was told under it after that is not on this wire, and may be told again",
                    cursor.epoch
                )),
            )),
        }
    }

    fn after(&self, seq: Seq, lost: Option<String>) -> Resumption {
        let before_oldest = Seq(self.oldest.0.saturating_sub(1));
        if seq >= before_oldest {
            return Resumption { after: seq, lost, gap: None };
        }
        let gap = (Seq(seq.0 + 1), before_oldest);
        let reason = format!("positions {} to {} have been trimmed from the wire", gap.0, gap.1);
        Resumption { after: before_oldest, lost: Some(lost.unwrap_or(reason)), gap: Some(gap) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(n: u64) -> Epoch {
        Epoch::from_bits(n)
    }

    fn extent() -> Extent {
        // Epoch 2 began after 100, epoch 3 (an older backup opened) after 50.
        let epochs = vec![(epoch(1), Seq(0)), (epoch(2), Seq(100)), (epoch(3), Seq(50))];
        Extent { epochs, oldest: Seq(11), head: Seq(80) }
    }

    fn resume(n: u64, seq: u64) -> Result<Resumption, BadCursor> {
        extent().resume(&Cursor { epoch: epoch(n), seq: Seq(seq) })
    }

    fn exact(seq: u64) -> Resumption {
        Resumption { after: Seq(seq), lost: None, gap: None }
    }

    #[test]
    fn the_present_epoch_resumes_exactly_up_to_the_head() {
        assert_eq!(resume(3, 60).unwrap(), exact(60));
        assert_eq!(resume(3, 80).unwrap(), exact(80));
        assert!(resume(3, 81).unwrap_err().0.contains("beyond the head 80"));
        assert!(extent().resume_seq(Seq(81)).is_err());
        assert_eq!(extent().resume_seq(Seq(10)).unwrap(), exact(10));
    }

    #[test]
    fn an_older_epoch_resumes_up_to_the_earliest_later_branch() {
        assert_eq!(resume(1, 50).unwrap(), exact(50));
        assert_eq!(resume(2, 50).unwrap(), exact(50));
        for n in [1, 2] {
            let lost = resume(n, 70).unwrap();
            assert_eq!(lost.after, Seq(50));
            assert!(lost.lost.unwrap().contains("ended at 50"));
        }
    }

    #[test]
    fn what_was_trimmed_is_told_as_a_gap() {
        let trimmed = resume(3, 4).unwrap();
        assert_eq!((trimmed.after, trimmed.gap), (Seq(10), Some((Seq(5), Seq(10)))));
        assert!(trimmed.lost.unwrap().contains("trimmed"));
    }

    #[test]
    fn a_strange_epoch_is_refused() {
        assert!(resume(9, 1).unwrap_err().0.contains("never had"));
    }

    #[test]
    fn an_empty_wire_resumes_at_its_beginning() {
        let empty = Extent { epochs: vec![(epoch(1), Seq(0))], oldest: Seq(1), head: Seq(0) };
        assert_eq!(empty.resume_seq(Seq(0)).unwrap(), exact(0));
        assert!(empty.resume_seq(Seq(1)).is_err());
    }
}
