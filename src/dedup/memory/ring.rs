//! A queue in pieces: grows at the back, shrinks at the front, never copies what it holds and
//! never keeps more than one piece too many.

use std::collections::VecDeque;

const PIECE: usize = 1 << 13;

/// A queue whose items keep their absolute position.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    pieces: VecDeque<Vec<T>>,
    /// Absolute number of the first piece.
    first: u32,
}

impl<T: Copy> Ring<T> {
    pub(crate) fn new() -> Self {
        Ring { pieces: VecDeque::new(), first: 0 }
    }

    fn room(&mut self, len: usize) -> &mut Vec<T> {
        if self.pieces.back().is_none_or(|piece| piece.len() + len > PIECE) {
            self.pieces.push_back(Vec::with_capacity(PIECE));
        }
        let last = self.pieces.len() - 1;
        &mut self.pieces[last]
    }

    /// Appends a run, which stays in one piece; the answer finds it again.
    pub(crate) fn push(&mut self, run: &[T]) -> Place {
        let piece = self.room(run.len());
        let offset = piece.len() as u16;
        piece.extend_from_slice(run);
        Place { piece: self.first + self.pieces.len() as u32 - 1, offset }
    }

    /// Takes back the run appended last.
    pub(crate) fn pop(&mut self, at: Place) {
        while self.first + self.pieces.len() as u32 - 1 > at.piece {
            self.pieces.pop_back();
        }
        if let Some(piece) = self.pieces.back_mut() {
            piece.truncate(at.offset as usize);
        }
    }

    /// The run at a place.
    #[inline]
    pub(crate) fn run(&self, at: Place, len: usize) -> &[T] {
        &self.pieces[(at.piece - self.first) as usize][at.offset as usize..at.offset as usize + len]
    }

    /// One item.
    #[inline]
    pub(crate) fn get(&self, at: Place) -> &T {
        &self.pieces[(at.piece - self.first) as usize][at.offset as usize]
    }

    /// One item, to change.
    #[inline]
    pub(crate) fn get_mut(&mut self, at: Place) -> &mut T {
        &mut self.pieces[(at.piece - self.first) as usize][at.offset as usize]
    }

    /// Drops the pieces before a place.
    pub(crate) fn drop_before(&mut self, at: Place) {
        while self.first < at.piece && self.pieces.len() > 1 {
            self.pieces.pop_front();
            self.first += 1;
        }
    }
}

/// Where a run lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) piece: u32,
    pub(crate) offset: u16,
}

impl Place {
    /// The place of item `number` of a ring that holds single items.
    #[inline]
    pub(crate) fn of(number: u32) -> Self {
        Place { piece: number >> 13, offset: (number & (PIECE as u32 - 1)) as u16 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_again() {
        let mut ring = Ring::new();
        let places: Vec<Place> = (0..5000_u32).map(|n| ring.push(&[n, n + 1, n + 2])).collect();
        assert_eq!(ring.run(places[4000], 3), &[4000, 4001, 4002]);
        ring.drop_before(places[4000]);
        assert_eq!(ring.run(places[4000], 3), &[4000, 4001, 4002]);
        ring.pop(places[4500]);
        let again = ring.push(&[7, 7, 7]);
        assert_eq!(ring.run(again, 3), &[7, 7, 7]);
    }
}
