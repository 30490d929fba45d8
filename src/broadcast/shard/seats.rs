//! Who subscribes to what, and from where: sessions come, change their filter, and go.

use std::{rc::Rc, sync::Arc};

use jiff::Timestamp;

use crate::{
    broadcast::{
        access::Gate,
        audience::{Audience, Interest},
        frame::{Close, Frame},
        metrics::{From, Proto},
        replay::{self, Beginning},
        session::{Session, State},
    },
    item::{Cursor, Seq},
};

use super::Shard;

impl Shard {
    /// Makes a session live if the ring holds all that it is still owed.
    pub(in crate::broadcast) fn sit(self: &Rc<Self>, session: &Rc<Session>) -> bool {
        let Some(number) = session.audience.get() else { return false };
        {
            let ring = self.ring.borrow();
            let mut audiences = self.audiences.borrow_mut();
            let audience = &mut audiences[number];
            let at = session.at.get();
            if at < ring.floor().max(audience.floor) || at > ring.head() {
                return false;
            }
            // The ring doesn't know yet that something in it was taken back.
            if self.wire.withdrawn_at() > ring.head() {
                return false;
            }
            let place = audience.place(ring.after(at));
            session.place.set(place);
            if session.announce.get().is_some() {
                session.announce.set(Some((audience.end(), ring.head())));
                let owed = audience.stretches(place, audience.end());
                session.replayed.borrow_mut().extend(owed.flat_map(|stretch| ring.ids(stretch)));
            }
            session.seat.set(audience.live.len());
            session.state.set(State::Live);
            audience.live.push(session.clone());
        }
        self.push(session);
        true
    }

    /// Makes an interest what a session wants: it enters the audience that has it and leaves its
    /// own in one step, so that no audience is forgotten while somebody is on the way into it.
    fn enter(&self, session: &Rc<Session>, interest: Interest) -> Result<(), (Close, String)> {
        let number = self.audience(session.audience.get(), interest)?;
        self.audiences.borrow_mut()[number].members += 1;
        self.leave(session);
        session.audience.set(Some(number));
        Ok(())
    }

    /// The audience with this interest, for somebody who will leave `own` for it.
    fn audience(&self, own: Option<usize>, interest: Interest) -> Result<usize, (Close, String)> {
        let mut audiences = self.audiences.borrow_mut();
        let known = audiences.iter().find(|(_, audience)| audience.interest == interest);
        if let Some((number, _)) = known {
            return Ok(number);
        }
        // One that nobody else is in makes room.
        let alone = |number: &usize| *number != 0 && audiences[*number].members == 1;
        let freed = usize::from(own.as_ref().is_some_and(alone));
        if audiences.len() - freed > self.config.max_filters {
            return Err((
                Close::TooMany,
                format!(
                    "{} different filters are in use, as many as this server allows (broadcast.max_filters); use one that others use, or come back later",
                    self.config.max_filters
                ),
            ));
        }
        self.metrics.audiences.inc();
        Ok(audiences.insert(Audience::new(interest, self.ring.borrow().head())))
    }

    /// Takes a session out of its audience; an audience nobody is in is forgotten.
    pub(in crate::broadcast) fn leave(&self, session: &Rc<Session>) {
        self.note(session);
        self.stand(session);
        let Some(number) = session.audience.take() else { return };
        let mut audiences = self.audiences.borrow_mut();
        audiences[number].members -= 1;
        if number != 0 && audiences[number].members == 0 {
            audiences.remove(number);
            self.metrics.audiences.dec();
        }
    }

    /// Greets a session and starts to serve it.
    pub(in crate::broadcast) fn begin(
        self: &Rc<Self>,
        session: &Rc<Session>,
        beginning: Beginning,
    ) -> Result<(), (Close, String)> {
        let Beginning { from, interest, after, lost, gap, oldest } = beginning;
        self.enter(session, interest)?;
        self.metrics.subscriptions.get_or_create(&From { from }).inc();
        let head = self.wire.head();
        // "From now on" is after all that was told before, also where this shard has yet to read it.
        let after = after.unwrap_or(head.seq);
        session.at.set(after);
        let sits_down = |(gate, pass): (&Arc<Gate>, _)| gate.sits_down(pass, self.cursor(after));
        let receipt = self.gate.as_ref().zip(session.pass.get()).map(sits_down);
        session.receipt.replace(receipt);
        session.say(&Frame::Hello {
            epoch: head.epoch,
            head: head.seq,
            oldest,
            resumed_from: self.cursor(after),
            recovered: lost.is_none(),
            reason: lost,
            heartbeat_seconds: self.config.heartbeat,
            server_time: Timestamp::now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        });
        if let Some((from, to)) = gap {
            let reason = "trimmed from the wire".to_owned();
            session.say(&Frame::Gap { from, to, reason });
        }
        session.announce.set(Some((u64::MAX, after)));
        session.state.set(State::Replaying);
        replay::start(self, session);
        Ok(())
    }

    /// Makes a session want something else from the next event on; `answer` makes what it is told
    /// before that event, with how far it had got under what it wanted before.
    pub(in crate::broadcast) fn change(
        self: &Rc<Self>,
        session: &Rc<Session>,
        interest: Interest,
        answer: impl FnOnce(Cursor) -> Frame,
    ) -> Result<(), (Close, String)> {
        let at = self.evaluated(session);
        let replaying = session.state.get() == State::Replaying;
        self.enter(session, interest)?;
        session.at.set(at);
        session.say(&answer(self.cursor(at)));
        session.state.set(State::Replaying);
        if !replaying {
            replay::start(self, session);
        }
        Ok(())
    }

    /// Lets a session hear what others say from now on.
    pub(in crate::broadcast) fn join_echo(self: &Rc<Self>, session: &Rc<Session>) {
        // Everything is an audience that is always there.
        if self.enter(session, Interest::default()).is_ok() {
            session.at.set(self.ring.borrow().head());
            self.sit(session);
        }
    }

    /// Notes for its token's reader how far a session has come.
    pub(in crate::broadcast) fn note(&self, session: &Session) {
        if let Some(receipt) = &*session.receipt.borrow() {
            receipt.has(self.evaluated(session));
        }
    }

    /// How far a session's filter has been evaluated, with all that matched sent.
    pub(in crate::broadcast) fn evaluated(&self, session: &Session) -> Seq {
        let audiences = self.audiences.borrow();
        let audience = session.audience.get().and_then(|at| audiences.get(at));
        match audience {
            Some(audience)
                if session.state.get() == State::Live && session.place.get() == audience.end() =>
            {
                self.ring.borrow().head()
            }
            _ => session.at.get(),
        }
    }

    /// What a session wants.
    pub(in crate::broadcast) fn interest(&self, session: &Session) -> Option<Interest> {
        let audiences = self.audiences.borrow();
        Some(audiences.get(session.audience.get()?)?.interest.clone())
    }

    /// The cursor of a position.
    pub(in crate::broadcast) fn cursor(&self, seq: Seq) -> Cursor {
        Cursor { epoch: self.epoch.clone(), seq }
    }

    /// When to come back: spread out, so that not all come at once.
    pub(in crate::broadcast) fn retry_after_ms(&self) -> u64 {
        let next = self.spread.get().wrapping_add(617);
        self.spread.set(next);
        250 + next % 3000
    }

    /// Counts a new session.
    pub(in crate::broadcast) fn admit(&self, session: &Rc<Session>) -> usize {
        self.metrics.subscribers.get_or_create(&Proto { proto: "ws" }).inc();
        self.sessions.borrow_mut().insert(session.clone())
    }

    /// Forgets a session.
    pub(in crate::broadcast) fn dismiss(&self, number: usize, session: &Rc<Session>) {
        self.sessions.borrow_mut().remove(number);
        self.metrics.subscribers.get_or_create(&Proto { proto: "ws" }).dec();
        self.leave(session);
    }
}
