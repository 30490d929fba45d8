//! Bytes of the ring → sockets: one write for each session carries all it is owed.

use std::{
    io::{self, IoSlice},
    rc::Rc,
};

use bytes::Bytes;
use jiff::Timestamp;
use slab::Slab;

use crate::broadcast::{
    audience::Audience,
    frame::{Close, Frame},
    replay,
    ring::Ring,
    session::{Session, State},
    tallies,
};

use super::{Shard, contain::contain};

/// Most bytes one write carries: what a socket with a capped buffer takes at once, about.
const BATCH: u64 = 64 << 10;

/// Most stretches of the ring one write carries.
const PARTS: usize = 64;

/// Half-sent frames kept for the next session that stops inside the same one.
const SPILLS: usize = 16;

impl Shard {
    /// Sends what is new, once for all that gathered since the last pass.
    pub(super) async fn write(self: Rc<Self>) {
        loop {
            self.wake.notified().await;
            self.pass();
        }
    }

    pub(super) fn pass(self: &Rc<Self>) {
        let mut fallen = Vec::new();
        let mut broken = Vec::new();
        {
            let ring = self.ring.borrow();
            let audiences = self.audiences.borrow();
            for (_, audience) in &*audiences {
                if !audience.dirty.replace(false) {
                    continue;
                }
                for session in &audience.live {
                    match contain(|| self.feed(session, &ring, &audiences)) {
                        Ok(true) => {}
                        Ok(false) => fallen.push(session.clone()),
                        Err(panic) => broken.push((session.clone(), panic)),
                    }
                }
            }
        }
        for (session, panic) in broken {
            self.broken(&session, panic);
        }
        for session in fallen {
            if let Err(panic) = contain(|| self.fall(&session)) {
                self.broken(&session, panic);
            }
        }
        if let Some(appended) = self.appended.take() {
            let took = Timestamp::now().duration_since(appended).as_secs_f64();
            self.metrics.wire_to_socket.observe(took.max(0.0));
        }
    }

    /// Sends one session what it is owed.
    pub(in crate::broadcast) fn push(self: &Rc<Self>, session: &Rc<Session>) {
        let stays = self.feed(session, &self.ring.borrow(), &self.audiences.borrow());
        if !stays {
            self.fall(session);
        }
    }

    /// Writes to a session until it has all or takes no more. False where it has fallen out of
    /// the ring.
    fn feed(
        self: &Rc<Self>,
        session: &Rc<Session>,
        ring: &Ring,
        audiences: &Slab<Audience>,
    ) -> bool {
        if session.blocked.get() || session.is_dead() {
            return true;
        }
        let stays = self.send(session, ring, audiences);
        if stays && session.state.get() == State::Live {
            self.mark(session, ring, audiences);
        }
        stays
    }

    fn send(
        self: &Rc<Self>,
        session: &Rc<Session>,
        ring: &Ring,
        audiences: &Slab<Audience>,
    ) -> bool {
        let write = |parts: &[IoSlice<'_>]| {
            let written = session.socket.write(parts)?;
            self.bytes.set(self.bytes.get() + written as u64);
            self.writes.set(self.writes.get() + 1);
            session.stuck.set(None);
            session.told.set(self.clock.get());
            Ok(written)
        };
        loop {
            match session.send_own(|bytes| write(&[IoSlice::new(bytes)])) {
                Ok(true) => {}
                Ok(false) => return self.block(session),
                Err(error) => return self.fail(session, &error),
            }
            if session.state.get() != State::Live {
                return self.rest(session);
            }
            let Some(audience) = session.audience.get().and_then(|at| audiences.get(at)) else {
                return self.rest(session);
            };
            let place = session.place.get();
            let mut to = audience.end().min(place + BATCH);
            if let Some((caught_up, through)) = session.announce.get() {
                if place >= caught_up {
                    session.announce.set(None);
                    session.was_live.set(true);
                    session.say(&Frame::CaughtUp { cursor: self.cursor(through) });
                    tallies::tell_replayed(self, session);
                    continue;
                }
                to = to.min(caught_up);
            }
            if place < audience.start() {
                return false;
            }
            if place == to {
                return self.rest(session);
            }
            let mut parts = [IoSlice::new(&[]); PARTS];
            let mut count = 0;
            let mut len = 0;
            for (part, stretch) in parts.iter_mut().zip(audience.stretches(place, to)) {
                *part = IoSlice::new(ring.slice(stretch));
                len += stretch.len;
                count += 1;
            }
            match write(&parts[..count]) {
                Ok(written) => {
                    session.place.set(place + written as u64);
                    if (written as u64) < len {
                        return self.block(session);
                    }
                }
                Err(error) => return self.fail(session, &error),
            }
        }
    }

    /// A session has been given all there is; TLS may still hold some of it.
    fn rest(&self, session: &Rc<Session>) -> bool {
        !session.socket.holds() || self.block(session)
    }

    /// The socket takes no more: its session goes on when there is room.
    fn block(&self, session: &Rc<Session>) -> bool {
        session.blocked.set(true);
        if session.stuck.get().is_none() {
            session.stuck.set(Some(self.clock.get()));
        }
        session.wake();
        true
    }

    fn fail(&self, session: &Rc<Session>, error: &io::Error) -> bool {
        if error.kind() == io::ErrorKind::WouldBlock {
            self.block(session)
        } else {
            session.die();
            true
        }
    }

    /// Notes how far a live session has got by its place in the stream, while the ring still knows
    /// that: while a session is live its place is its one cursor, and when the ring has moved on
    /// the note is.
    ///
    /// A session that stopped inside a frame is given the rest of it to keep, so that its place is
    /// between two frames and the ring may move on. Sessions that stop inside the same frame
    /// share its bytes.
    fn mark(&self, session: &Rc<Session>, ring: &Ring, audiences: &Slab<Audience>) {
        let Some(audience) = session.audience.get().and_then(|at| audiences.get(at)) else {
            return;
        };
        let place = session.place.get();
        if place == audience.end() {
            session.at.set(ring.head());
            return;
        }
        let Some(half) = audience.frame_before(place, ring) else { return };
        session.at.set(session.at.get().max(half.seq));
        if half.rest == 0 {
            return;
        }
        let end = half.frame.at + half.frame.len;
        let mut spills = self.spills.borrow_mut();
        let kept = spills.iter().find(|(at, _)| *at == end).map(|(_, bytes)| bytes.clone());
        let whole = kept.unwrap_or_else(|| {
            let bytes = Bytes::copy_from_slice(ring.slice(half.frame));
            if spills.len() == SPILLS {
                spills.pop_front();
            }
            spills.push_back((end, bytes.clone()));
            bytes
        });
        let sent = (half.frame.len - half.rest) as usize;
        *session.owed.borrow_mut() = Some((whole, sent));
        session.place.set(place + half.rest);
    }

    /// Serves a session that fell out of the ring from the wire.
    fn fall(self: &Rc<Self>, session: &Rc<Session>) {
        self.metrics.fallen.inc();
        self.stand(session);
        session.state.set(State::Replaying);
        if self.echo {
            // What was said is stored nowhere.
            session.close(Close::Slow);
        } else {
            replay::start(self, session);
        }
    }

    /// Takes a session off the live ones of its audience.
    pub(super) fn stand(&self, session: &Rc<Session>) {
        let mut audiences = self.audiences.borrow_mut();
        let Some(audience) = session.audience.get().and_then(|at| audiences.get_mut(at)) else {
            return;
        };
        let seat = session.seat.get();
        if session.state.get() == State::Live {
            audience.live.swap_remove(seat);
            if let Some(moved) = audience.live.get(seat) {
                moved.seat.set(seat);
            }
        }
    }
}
