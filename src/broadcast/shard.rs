//! One thread that serves a share of the subscribers from one ring.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io::{self, IoSlice},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use jiff::Timestamp;
use slab::Slab;
use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore, mpsc, oneshot},
    task::LocalSet,
};
use tokio_stream::StreamExt as _;

use crate::{
    item::{Cursor, Seq},
    wire::{Entry, Wire},
};

use super::{
    access::Access,
    audience::{Audience, Interest},
    config::{Config, HANDSHAKE},
    filter::Words,
    frame::{self, Close, Frame, Opcode},
    metrics::{From, Metrics, Proto, Reason},
    params::Body,
    prune,
    replay::{self, Beginning},
    ring::Ring,
    session::{self, Arrival, Session, State},
    tallies,
};

/// Most bytes one write carries: what a socket with a capped buffer takes at once, about.
const BATCH: u64 = 64 << 10;

/// Most stretches of the ring one write carries.
const PARTS: usize = 64;

/// Bytes read from a socket at once.
const SCRATCH: usize = 16 << 10;

/// Replays that read the wire at the same time, on one shard.
const REPLAYS: usize = 8;

/// Half-sent frames kept for the next session that stops inside the same one.
const SPILLS: usize = 16;

/// What all shards share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) config: Arc<Config>,
    pub(super) wire: Arc<dyn Wire>,
    pub(super) access: Option<Arc<dyn Access>>,
    pub(super) metrics: Metrics,
}

/// The way to a shard.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) arrivals: mpsc::UnboundedSender<Arrival>,
    stop: Option<oneshot::Sender<Duration>>,
    done: oneshot::Receiver<()>,
}

impl Door {
    /// Starts a shard on a thread of its own; heavy reading runs on the caller's runtime.
    pub(super) fn open(number: usize, shared: Shared, echo: bool) -> io::Result<Self> {
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let (finished, done) = oneshot::channel();
        let heavy = Handle::current();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name(format!("shard-{number}")).spawn(move || {
            let local = LocalSet::new();
            local.block_on(&runtime, async move {
                let head = shared.wire.head();
                let shard = Rc::new(Shard::new(shared, head, heavy, echo));
                shard.clone().live(arrived, stopped).await;
            });
            // The receiver is gone only where the caller gave up waiting.
            let _ = finished.send(());
        })?;
        Ok(Door { arrivals, stop: Some(stop), done })
    }

    /// Says goodbye to every subscriber and waits until they are gone, for `grace` at most.
    pub(super) async fn close(mut self, grace: Duration) {
        if let Some(stop) = self.stop.take() {
            // A shard that is gone already has nobody to say goodbye to.
            let _ = stop.send(grace);
        }
        let _ = self.done.await;
    }

    /// Waits for the shard's end, which before [`close`][Door::close] is a defect.
    pub(super) async fn ended(&mut self) {
        let _ = (&mut self.done).await;
    }
}

/// The state of one shard. It lives on one thread; its parts are borrowed for short, synchronous
/// stretches only.
pub(super) struct Shard {
    pub(super) config: Arc<Config>,
    pub(super) wire: Arc<dyn Wire>,
    pub(super) access: Option<Arc<dyn Access>>,
    pub(super) metrics: Metrics,
    pub(super) echo: bool,
    pub(super) heavy: Handle,
    /// The life of the wire that this shard serves.
    pub(super) epoch: crate::item::Epoch,
    pub(super) ring: RefCell<Ring>,
    pub(super) audiences: RefCell<Slab<Audience>>,
    pub(super) sessions: RefCell<Slab<Rc<Session>>>,
    /// Whole seconds since the shard began: exact enough for pings and heartbeats.
    pub(super) clock: Cell<u32>,
    pub(super) scratch: RefCell<Vec<u8>>,
    pub(super) replays: Semaphore,
    /// The ring has got further.
    pub(super) grown: Notify,
    wake: Notify,
    spills: RefCell<VecDeque<(u64, Bytes)>>,
    /// When the newest event that no pass has sent yet was appended.
    appended: Cell<Option<Timestamp>>,
    spread: Cell<u64>,
    bytes: Cell<u64>,
    writes: Cell<u64>,
}

impl std::fmt::Debug for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shard").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

impl Shard {
    fn new(shared: Shared, head: Cursor, heavy: Handle, echo: bool) -> Self {
        let Shared { config, wire, access, metrics } = shared;
        let mut audiences = Slab::new();
        // Number 0 stays: those who want everything.
        audiences.insert(Audience::new(Interest::default(), head.seq));
        Shard {
            ring: RefCell::new(Ring::new(config.ring_bytes, head.seq)),
            config,
            wire,
            access,
            metrics,
            echo,
            heavy,
            epoch: head.epoch,
            audiences: RefCell::new(audiences),
            sessions: RefCell::new(Slab::new()),
            clock: Cell::new(0),
            scratch: RefCell::new(vec![0; SCRATCH]),
            replays: Semaphore::new(REPLAYS),
            grown: Notify::new(),
            wake: Notify::new(),
            spills: RefCell::new(VecDeque::new()),
            appended: Cell::new(None),
            spread: Cell::new(0),
            bytes: Cell::new(0),
            writes: Cell::new(0),
        }
    }

    async fn live(
        self: Rc<Self>,
        mut arrived: mpsc::UnboundedReceiver<Arrival>,
        mut stopped: oneshot::Receiver<Duration>,
    ) {
        if !self.echo {
            self.warm().await;
        }
        let tasks = [
            tokio::task::spawn_local(tokio::task::unconstrained(self.clone().write())),
            tokio::task::spawn_local(self.clone().tick()),
            tokio::task::spawn_local(self.clone().follow()),
            tokio::task::spawn_local(tallies::tell(self.clone())),
        ];
        let grace = loop {
            tokio::select! {
                arrival = arrived.recv() => match arrival {
                    Some(arrival) => drop(tokio::task::spawn_local(session::run(self.clone(), arrival))),
                    None => break Duration::ZERO,
                },
                grace = &mut stopped => break grace.unwrap_or_default(),
            }
        };
        self.stop(grace).await;
        for task in tasks {
            task.abort();
        }
    }

    /// Sends what the wire has, then says goodbye to all.
    async fn stop(self: &Rc<Self>, grace: Duration) {
        let deadline = tokio::time::Instant::now() + grace;
        let told = async {
            while !self.echo && self.ring.borrow().head() < self.wire.head().seq {
                self.grown.notified().await;
            }
        };
        let _ = tokio::time::timeout_at(deadline - grace / 2, told).await;
        self.pass();
        for (_, session) in &*self.sessions.borrow() {
            session.close(Close::Stopping);
        }
        while !self.sessions.borrow().is_empty() && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Puts the wire's events into the ring as they are told.
    async fn follow(self: Rc<Self>) {
        if self.echo {
            return;
        }
        loop {
            let after = self.ring.borrow().head();
            let mut events = self.wire.clone().follow(after);
            while let Some(entry) = events.next().await {
                match entry {
                    Ok(entry) => self.publish(&entry),
                    Err(error) => {
                        tracing::error!(%error, "the wire can't be followed; trying again");
                        break;
                    }
                }
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Fills the ring with the newest events before anybody is served, so that subscribers who
    /// come back after a restart are served from memory.
    async fn warm(&self) {
        let head = self.ring.borrow().head();
        let newest = match self.wire.read_back(Seq(head.0 + 1), 500).await {
            Ok(newest) => newest,
            Err(error) => {
                tracing::warn!(%error, "the newest events can't be read; the ring starts empty");
                return;
            }
        };
        let room = self.config.ring_bytes / 2;
        let mut bytes = 0;
        let fit = newest.iter().take_while(|entry| {
            bytes += entry.json.len().min(self.config.max_frame) + 10;
            bytes <= room
        });
        let fit: Vec<_> = fit.collect();
        let Some(oldest) = fit.last() else { return };
        let floor = Seq(oldest.seq.0 - 1);
        *self.ring.borrow_mut() = Ring::new(self.config.ring_bytes, floor);
        self.audiences.borrow_mut()[0].floor = floor;
        for entry in fit.into_iter().rev() {
            self.publish(entry);
        }
        self.appended.set(None);
    }

    /// Puts one event into the ring, and into the stream of each audience that wants it.
    fn publish(&self, entry: &Entry) {
        let mut ring = self.ring.borrow_mut();
        if entry.seq <= ring.head() {
            return;
        }
        let most = self.config.max_frame;
        let id = entry.event.id;
        let full = ring.push_event(entry.seq, id, &prune::payload(entry, Body::Full, most));
        let mut lean = None;
        let words = Words::of(&entry.event);
        let mut audiences = self.audiences.borrow_mut();
        for (_, audience) in &mut *audiences {
            let Interest { filter, body } = &audience.interest;
            if !filter.is_everything() && !filter.passes(&entry.event, &words) {
                continue;
            }
            let stretch = match body {
                Body::Full => full,
                Body::None if entry.event.item.body().is_none() => full,
                Body::None => *lean.get_or_insert_with(|| {
                    ring.push_event(entry.seq, id, &prune::payload(entry, Body::None, most))
                }),
            };
            audience.take(stretch);
        }
        for (_, audience) in &mut *audiences {
            audience.trim(ring.start());
        }
        self.metrics.events.inc();
        self.appended.set(Some(entry.event.time));
        self.grown.notify_waiters();
        self.wake.notify_one();
    }

    /// Adds a frame that is no event to the streams of some audiences.
    pub(super) fn publish_aside(&self, opcode: Opcode, payload: &[u8], to: &[usize]) {
        let mut ring = self.ring.borrow_mut();
        let stretch = ring.push_aside(opcode, payload);
        let mut audiences = self.audiences.borrow_mut();
        for (number, audience) in &mut *audiences {
            if to.contains(&number) {
                audience.take(stretch);
            }
            audience.trim(ring.start());
        }
        self.wake.notify_one();
    }

    /// Sends what is new, once for all that gathered since the last pass.
    async fn write(self: Rc<Self>) {
        loop {
            self.wake.notified().await;
            self.pass();
        }
    }

    fn pass(self: &Rc<Self>) {
        let mut fallen = Vec::new();
        {
            let ring = self.ring.borrow();
            let audiences = self.audiences.borrow();
            for (_, audience) in &*audiences {
                if !audience.dirty.replace(false) {
                    continue;
                }
                for session in &audience.live {
                    if !self.feed(session, &ring, &audiences) {
                        fallen.push(session.clone());
                    }
                }
            }
        }
        for session in fallen {
            self.fall(&session);
        }
        if let Some(appended) = self.appended.take() {
            let took = Timestamp::now().duration_since(appended).as_secs_f64();
            self.metrics.wire_to_socket.observe(took.max(0.0));
        }
    }

    /// Sends one session what it is owed.
    pub(super) fn push(self: &Rc<Self>, session: &Rc<Session>) {
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
                    let place = place + written as u64;
                    session.place.set(place);
                    if place == audience.end() {
                        session.at.set(ring.head());
                    } else if (written as u64) < len {
                        self.spill(session, audience, ring);
                        return self.block(session);
                    }
                }
                Err(error) => {
                    self.spill(session, audience, ring);
                    return self.fail(session, &error);
                }
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

    /// Gives a session that stopped inside a frame the rest of it to keep, so that its place is
    /// between two frames and the ring may move on. Sessions that stop inside the same frame
    /// share its bytes.
    fn spill(&self, session: &Rc<Session>, audience: &Audience, ring: &Ring) {
        let place = session.place.get();
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
    fn stand(&self, session: &Rc<Session>) {
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

    /// Makes a session live if the ring holds all that it is still owed.
    pub(super) fn sit(self: &Rc<Self>, session: &Rc<Session>) -> bool {
        let Some(number) = session.audience.get() else { return false };
        {
            let ring = self.ring.borrow();
            let mut audiences = self.audiences.borrow_mut();
            let audience = &mut audiences[number];
            let at = session.at.get();
            if at < ring.floor().max(audience.floor) || at > ring.head() {
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

    /// The audience with this interest.
    fn audience(&self, interest: Interest) -> Result<usize, (Close, String)> {
        let mut audiences = self.audiences.borrow_mut();
        let known = audiences.iter().find(|(_, audience)| audience.interest == interest);
        if let Some((number, _)) = known {
            return Ok(number);
        }
        if audiences.len() > self.config.max_filters {
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

    fn enter(&self, session: &Rc<Session>, number: usize) {
        self.audiences.borrow_mut()[number].members += 1;
        session.audience.set(Some(number));
    }

    /// Takes a session out of its audience; an audience nobody is in is forgotten.
    pub(super) fn leave(&self, session: &Rc<Session>) {
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
    pub(super) fn begin(
        self: &Rc<Self>,
        session: &Rc<Session>,
        beginning: Beginning,
    ) -> Result<(), (Close, String)> {
        let Beginning { from, interest, after, lost, gap, oldest } = beginning;
        let number = self.audience(interest)?;
        self.enter(session, number);
        self.metrics.subscriptions.get_or_create(&From { from }).inc();
        let head = self.wire.head();
        // "From now on" is what this shard calls now: later than that is still to come.
        let after = after.unwrap_or_else(|| self.ring.borrow().head());
        session.at.set(after);
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

    /// Makes a session want something else from the next event on.
    pub(super) fn change(
        self: &Rc<Self>,
        session: &Rc<Session>,
        interest: Interest,
    ) -> Result<(), (Close, String)> {
        let number = self.audience(interest)?;
        let at = self.evaluated(session);
        let replaying = session.state.get() == State::Replaying;
        self.leave(session);
        self.enter(session, number);
        session.at.set(at);
        session.state.set(State::Replaying);
        if !replaying {
            replay::start(self, session);
        }
        Ok(())
    }

    /// Lets a session hear what others say from now on.
    pub(super) fn join_echo(self: &Rc<Self>, session: &Rc<Session>) {
        self.enter(session, 0);
        session.at.set(self.ring.borrow().head());
        self.sit(session);
    }

    /// How far a session's filter has been evaluated, with all that matched sent.
    pub(super) fn evaluated(&self, session: &Session) -> Seq {
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
    pub(super) fn interest(&self, session: &Session) -> Option<Interest> {
        let audiences = self.audiences.borrow();
        Some(audiences.get(session.audience.get()?)?.interest.clone())
    }

    /// The cursor of a position.
    pub(super) fn cursor(&self, seq: Seq) -> Cursor {
        Cursor { epoch: self.epoch.clone(), seq }
    }

    /// When to come back: spread out, so that not all come at once.
    pub(super) fn retry_after_ms(&self) -> u64 {
        let next = self.spread.get().wrapping_add(617);
        self.spread.set(next);
        250 + next % 3000
    }

    /// Counts a new session.
    pub(super) fn admit(&self, session: &Rc<Session>) -> usize {
        self.metrics.subscribers.get_or_create(&Proto { proto: "ws" }).inc();
        self.sessions.borrow_mut().insert(session.clone())
    }

    /// Forgets a session.
    pub(super) fn dismiss(&self, number: usize, session: &Rc<Session>) {
        self.leave(session);
        self.sessions.borrow_mut().remove(number);
        self.metrics.subscribers.get_or_create(&Proto { proto: "ws" }).dec();
    }

    /// Once a second: pings, heartbeats, and what has taken too long.
    async fn tick(self: Rc<Self>) {
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
                self.look_after(session);
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
