//! Looking after sessions: pings, heartbeats, and what has taken too long.

use std::{rc::Rc, time::Duration};

use jiff::Timestamp;

use crate::broadcast::{
    access::SHUT_OUT,
    config::HANDSHAKE,
    frame::{self, Close, Frame, Opcode},
    metrics::Reason,
    session::{Session, State},
};

use super::{Shard, contain::contain};

impl Shard {
    /// Once a second: pings, heartbeats, and what has taken too long.
    pub(super) async fn tick(self: Rc<Self>) {
        let began = tokio::time::Instant::now();
        let mut every = tokio::time::interval(Duration::from_secs(1));
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            self.clock.set(u32::try_from(began.elapsed().as_secs()).unwrap_or(u32::MAX));
            let sessions: Vec<_> =
                self.sessions.borrow().iter().map(|(_, session)| session.clone()).collect();
            let head = self.ring.borrow().head();
            let mut furthest = 0;
            for session in &sessions {
                if let Err(panic) = contain(|| self.look_after(session)) {
                    self.broken(session, panic);
                }
                if session.audience.get().is_some() {
                    furthest = furthest.max(head.0.saturating_sub(self.evaluated(session).0));
                }
            }
            self.metrics.backlog.set(furthest);
            self.metrics.bytes.inc_by(self.bytes.take());
            self.metrics.writes.inc_by(self.writes.take());
        }
    }

    fn look_after(self: &Rc<Self>, session: &Rc<Session>) {
        let now = self.clock.get();
        let config = &*self.config;
        let past = |since: u32, seconds: u64| u64::from(now.saturating_sub(since)) >= seconds;
        session.refill(config.command_rate);
        if session.stuck.get().is_some_and(|since| past(since, config.stall)) {
            self.metrics.closed.get_or_create(&Reason { reason: "stalled" }).inc();
            session.die();
            return;
        }
        let inside = !matches!(session.state.get(), State::Waiting | State::Closing);
        if inside && self.gate.as_ref().is_some_and(|gate| !gate.admits(session.pass.get())) {
            let code = Close::Unauthorised.reason().to_owned();
            session.say(&Frame::Error { code, message: SHUT_OUT.to_owned(), id: None });
            session.close(Close::Unauthorised);
            return;
        }
        match session.state.get() {
            State::Waiting if past(session.since.get(), HANDSHAKE.as_secs()) => {
                session.close(Close::Unauthorised);
                return;
            }
            // Who takes nothing has until it counts as stalled, to hear why it is closed.
            State::Closing => {
                if !session.blocked.get() && past(session.since.get(), HANDSHAKE.as_secs()) {
                    session.die();
                }
                return;
            }
            State::Live | State::Replaying if session.was_live.get() => {
                let behind = self.ring.borrow().head().0.saturating_sub(self.evaluated(session).0);
                if behind > config.lag {
                    session.close(Close::Slow);
                    return;
                }
            }
            _ => {}
        }
        self.note(session);
        if past(session.heard.get(), config.ping) {
            match session.pinged.get() {
                Some(pinged) if pinged > session.heard.get() || pinged == now => {
                    if past(pinged, config.pong) {
                        session.close(Close::NoPong);
                        return;
                    }
                }
                _ => {
                    session.pinged.set(Some(now));
                    session.queue(|out| frame::write(out, Opcode::Ping, b""));
                }
            }
        }
        let served = matches!(session.state.get(), State::Live | State::Replaying);
        if served
            && !self.echo
            && !session.blocked.get()
            && past(session.told.get(), config.heartbeat)
        {
            let cursor = self.cursor(self.evaluated(session));
            session.say(&Frame::Heartbeat { cursor, time: Timestamp::now() });
        }
        self.push(session);
    }
}
