//! One subscriber: a socket, a position, and what is said both ways.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    io,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message, Utf8Bytes,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::{
    filter::BadParameter,
    item::{EventId, Seq},
};

use super::{
    access::{Pass, Receipt},
    config::WRONG_TOKEN,
    frame::{self, Close, Frame, Opcode},
    limits::Slot,
    op::{BadOp, Op, What},
    params::Subscription,
    replay,
    shard::Shard,
    socket::{Handed, Socket, Wiring},
    tallies,
};

/// Bytes of control frames a subscriber may cause and not take before it is cut off: enough for
/// two answers of the largest kind.
const OUT_MOST: usize = 4 << 20;

/// Frames for each message that a subscriber may send: some send in fragments.
const FRAGMENTS: u32 = 16;

/// Bytes tungstenite keeps to read each connection with; bursts go through the shard's buffer.
const READ_BUFFER: usize = 256;

/// A connection that has just become a WebSocket.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) socket: Handed,
    /// Bytes that came after the request's head.
    pub(super) early: Bytes,
    pub(super) slot: Slot,
    /// What is asked for; a browser learns after the upgrade what was wrong with it.
    pub(super) wants: Wants,
}

/// What a new session begins with.
#[derive(Debug)]
pub(super) enum Wants {
    /// To be served, with the pass it has shown.
    Served(Box<replay::Beginning>, Option<Pass>),
    /// To show a token first.
    Admitted(Box<Subscription>),
    /// Nothing good.
    Refused { close: Close, code: &'static str, message: String },
    /// To say things that all hear (see `echo`).
    Echo,
}

impl Wants {
    pub(super) fn bad_parameter(bad: BadParameter) -> Self {
        Wants::Refused { close: Close::BadRequest, code: "bad_parameter", message: bad.message }
    }
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Has to show a token, or is about to be told that it is refused.
    Waiting,
    /// Has shown a token; where it begins is being found.
    Admitted,
    /// Reads from the wire.
    Replaying,
    /// Reads from the ring.
    Live,
    /// Gets nothing more.
    Closing,
}

/// One subscriber as its shard sees it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) socket: Socket,
    pub(super) state: Cell<State>,
    /// What it showed to come in, if that was asked for.
    pub(super) pass: Cell<Option<Pass>>,
    /// What its token's reader has read, where one was asked for.
    pub(super) receipt: RefCell<Option<Receipt>>,
    /// Index of its audience, once it has one, and its index among the live there.
    pub(super) audience: Cell<Option<usize>>,
    pub(super) seat: Cell<usize>,
    /// Place in the audience's stream; always at a frame boundary when the socket is full.
    pub(super) place: Cell<u64>,
    /// Everything up to here that matches has been sent (or lies in `owed`).
    pub(super) at: Cell<Seq>,
    /// A half-sent frame or a slice of the wire: goes out before anything else.
    pub(super) owed: RefCell<Option<(Bytes, usize)>>,
    /// Frames for this subscriber alone: they follow what is owed.
    out: RefCell<Vec<u8>>,
    out_sent: Cell<usize>,
    /// Wakes the replay: something has gone out, or the session is dead.
    pub(super) drained: Notify,
    /// The place at which the subscriber has caught up, and how far that takes it.
    pub(super) announce: Cell<Option<(u64, Seq)>>,
    /// Whether it has ever caught up: who has not can't be called slow.
    pub(super) was_live: Cell<bool>,
    /// Events replayed to it, until their counts are told.
    pub(super) replayed: RefCell<Vec<EventId>>,
    /// The socket is full, and since when nothing has gone out.
    pub(super) blocked: Cell<bool>,
    pub(super) stuck: Cell<Option<u32>>,
    /// When the last byte came, the last ping went, the last frame went (seconds of the shard).
    pub(super) heard: Cell<u32>,
    pub(super) pinged: Cell<Option<u32>>,
    pub(super) told: Cell<u32>,
    /// When it came, began to close, or was last found to take bytes again.
    pub(super) since: Cell<u32>,
    closing: Cell<Option<Close>>,
    dead: Cell<bool>,
    /// An operation that reads the wire is under way.
    busy: Cell<bool>,
    /// How many filters it has asked for: what was asked under an older one is not answered.
    filters: Cell<u32>,
    tokens: Cell<u32>,
    frames: Cell<u32>,
    waker: RefCell<Option<Waker>>,
}

impl Session {
    fn new(socket: Socket, now: u32, burst: u32) -> Rc<Self> {
        Rc::new(Session {
            socket,
            state: Cell::new(State::Waiting),
            pass: Cell::new(None),
            receipt: RefCell::new(None),
            audience: Cell::new(None),
            seat: Cell::new(0),
            place: Cell::new(0),
            at: Cell::new(Seq(0)),
            owed: RefCell::new(None),
            out: RefCell::new(Vec::new()),
            out_sent: Cell::new(0),
            drained: Notify::new(),
            announce: Cell::new(None),
            was_live: Cell::new(false),
            replayed: RefCell::new(Vec::new()),
            blocked: Cell::new(false),
            stuck: Cell::new(None),
            heard: Cell::new(now),
            pinged: Cell::new(None),
            told: Cell::new(now),
            since: Cell::new(now),
            closing: Cell::new(None),
            dead: Cell::new(false),
            busy: Cell::new(false),
            filters: Cell::new(0),
            tokens: Cell::new(burst),
            frames: Cell::new(burst * FRAGMENTS),
            waker: RefCell::new(None),
        })
    }

    /// Adds bytes of whole frames for this subscriber alone.
    pub(super) fn queue(&self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut out = self.out.borrow_mut();
        write(&mut out);
        if out.len() > OUT_MOST {
            drop(out);
            self.die();
        }
    }

    pub(super) fn say(&self, frame: &Frame) {
        self.queue(|out| frame::write(out, Opcode::Text, frame.json().as_bytes()));
    }

    /// Gives the session bytes of whole frames that go out before anything else; it must have
    /// nothing of its own.
    pub(super) fn owe(&self, bytes: Bytes) {
        *self.owed.borrow_mut() = Some((bytes, 0));
    }

    /// Nothing waits to be sent to this subscriber alone.
    pub(super) fn has_nothing_of_its_own(&self) -> bool {
        self.owed.borrow().is_none() && self.out.borrow().is_empty()
    }

    /// Sends what is owed and what is for this subscriber alone. True when all of it went out.
    pub(super) fn send_own(&self, write: impl Fn(&[u8]) -> io::Result<usize>) -> io::Result<bool> {
        let mut owed = self.owed.borrow_mut();
        if let Some((bytes, sent)) = owed.as_mut() {
            *sent += write(&bytes[*sent..])?;
            if *sent < bytes.len() {
                return Ok(false);
            }
            *owed = None;
            self.drained.notify_one();
        }
        let mut out = self.out.borrow_mut();
        if !out.is_empty() {
            let sent = self.out_sent.get() + write(&out[self.out_sent.get()..])?;
            self.out_sent.set(sent);
            if sent < out.len() {
                return Ok(false);
            }
            // Idle sessions keep no buffer.
            *out = Vec::new();
            self.out_sent.set(0);
            self.drained.notify_one();
        }
        Ok(true)
    }

    /// Asks the session's task to close.
    pub(super) fn close(&self, close: Close) {
        if !matches!(self.state.get(), State::Closing) && self.closing.get().is_none() {
            self.closing.set(Some(close));
            self.wake();
        }
    }

    /// The socket is of no use any more.
    pub(super) fn die(&self) {
        self.dead.set(true);
        self.drained.notify_one();
        self.wake();
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.get()
    }

    /// Lets the session's task look at its socket again.
    pub(super) fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    fn watch(&self, cx: &Context<'_>) {
        let mut waker = self.waker.borrow_mut();
        match waker.as_mut() {
            Some(waker) => waker.clone_from(cx.waker()),
            None => *waker = Some(cx.waker().clone()),
        }
    }

    /// Counts a message against the subscriber's rate; `refill` adds what a second allows.
    fn may_say(&self) -> bool {
        let left = self.tokens.get();
        self.tokens.set(left.saturating_sub(1));
        left > 0
    }

    /// Counts frames of any kind against the same rate: a message may come in some fragments.
    pub(super) fn may_send(&self, frames: u32) -> bool {
        let left = self.frames.get();
        self.frames.set(left.saturating_sub(frames));
        left >= frames
    }

    pub(super) fn refill(&self, rate: u32) {
        self.tokens.set((self.tokens.get() + rate).min(rate * 2));
        self.frames.set((self.frames.get() + rate * FRAGMENTS).min(rate * 2 * FRAGMENTS));
    }
}

type Ws = WebSocketStream<Wiring>;

/// What a session's task has to deal with next.
enum Turn {
    Said(Message),
    Failed(Error),
    Close(Close),
    Gone,
}

/// Serves one subscriber until it is gone.
pub(super) async fn run(shard: Rc<Shard>, arrival: Arrival) {
    let Arrival { socket, early, slot: _slot, wants } = arrival;
    let Ok(socket) = socket.settle() else { return };
    let session = Session::new(socket, shard.clock.get(), shard.config.command_rate * 2);
    let number = shard.admit(&session);
    let wiring = Wiring::new(shard.clone(), session.clone(), &early);
    // Even empty, it holds on to the buffer that the request was read into.
    drop(early);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(shard.config.max_message))
        .max_frame_size(Some(shard.config.max_message));
    let mut ws = WebSocketStream::from_raw_socket(wiring, Role::Server, Some(config)).await;
    let served = async {
        match Box::pin(first(&shard, &session, wants, &mut ws)).await {
            None => listen(&shard, &session, &mut ws).await,
            Some(close) => close,
        }
    };
    let close = shard.contained(&session, served).await.unwrap_or(Some(Close::Internal));
    if let Some(close) = close {
        shard.contained(&session, Box::pin(part(&shard, &session, &mut ws, close))).await;
    }
    session.die();
    shard.dismiss(number, &session);
}

/// Begins what the session wants. `Some` where it ends at once.
async fn first(
    shard: &Rc<Shard>,
    session: &Rc<Session>,
    wants: Wants,
    ws: &mut Ws,
) -> Option<Option<Close>> {
    let refuse = |code: &str, message: String, close: Close| {
        session.say(&Frame::Error { code: code.into(), message, id: None });
        shard.push(session);
        Some(Some(close))
    };
    let beginning = match wants {
        Wants::Echo => {
            shard.join_echo(session);
            return None;
        }
        Wants::Refused { close, code, message } => return refuse(code, message, close),
        Wants::Served(beginning, pass) => {
            session.pass.set(pass);
            *beginning
        }
        Wants::Admitted(subscription) => {
            match admission(shard, session, ws).await {
                Ok(()) => {}
                Err(close) => return Some(close),
            }
            match shard.heavy.spawn(replay::resolve(shard.wire.clone(), *subscription)).await {
                Ok(Ok(beginning)) => beginning,
                Ok(Err(bad)) => return refuse(bad.code(), bad.to_string(), bad.close()),
                Err(_) => return Some(Some(Close::Internal)),
            }
        }
    };
    match shard.begin(session, beginning) {
        Ok(()) => None,
        Err((close, message)) => refuse("too_many", message, close),
    }
}

/// Waits for `{"op":"auth","token":…}`.
async fn admission(
    shard: &Rc<Shard>,
    session: &Rc<Session>,
    ws: &mut Ws,
) -> Result<(), Option<Close>> {
    loop {
        let text = match turn(shard, session, ws).await {
            Turn::Said(Message::Text(text)) => text,
            Turn::Said(Message::Ping(_) | Message::Pong(_)) => continue,
            Turn::Said(_) => return Err(Some(Close::Unauthorised)),
            Turn::Failed(error) => return Err(close_for(&error)),
            Turn::Close(close) => return Err(Some(close)),
            Turn::Gone => return Err(None),
        };
        let pass = match Op::read(&text, shard.config.backfill, Timestamp::now()) {
            Ok(Op { what: What::Auth(token), .. }) => {
                shard.gate.as_ref().and_then(|gate| gate.check(&token))
            }
            _ => None,
        };
        if pass.is_some() {
            session.pass.set(pass);
            session.state.set(State::Admitted);
            return Ok(());
        }
        tokio::time::sleep(WRONG_TOKEN).await;
        session.say(&Frame::Error {
            code: "unauthorised".into(),
            message: "the first message must be {\"op\":\"auth\",\"token\":…} with a good token; `flashwire token add NAME --wire FOLDER` makes one".into(),
            id: None,
        });
        shard.push(session);
        return Err(Some(Close::Unauthorised));
    }
}

/// Hears the subscriber out until one side closes.
async fn listen(shard: &Rc<Shard>, session: &Rc<Session>, ws: &mut Ws) -> Option<Close> {
    loop {
        let text = match turn(shard, session, ws).await {
            Turn::Said(Message::Text(text)) => {
                if shard.echo {
                    shard.publish_aside(Opcode::Text, text.as_bytes(), &[0]);
                    continue;
                }
                text
            }
            Turn::Said(Message::Binary(bytes)) => {
                if shard.echo {
                    shard.publish_aside(Opcode::Binary, &bytes, &[0]);
                    continue;
                }
                return Some(Close::Policy);
            }
            Turn::Said(Message::Ping(_)) => {
                if !shard.echo && !session.may_say() {
                    return Some(Close::Policy);
                }
                continue;
            }
            // tungstenite has answered a close by the next turn, and then reports the end.
            Turn::Said(_) => continue,
            Turn::Failed(error) => return close_for(&error),
            Turn::Close(close) => return Some(close),
            Turn::Gone => return None,
        };
        if !session.may_say() {
            let rate = shard.config.command_rate;
            session.say(&Frame::Error {
                code: "too_fast".into(),
                message: format!("more than {rate} messages a second"),
                id: None,
            });
            return Some(Close::Policy);
        }
        if let Err(bad) = obey(shard, session, &text) {
            session.say(&Frame::Error { code: bad.code.into(), message: bad.message, id: bad.id });
        }
        shard.push(session);
    }
}

fn obey(shard: &Rc<Shard>, session: &Rc<Session>, text: &Utf8Bytes) -> Result<(), BadOp> {
    let Op { id, what } = Op::read(text, shard.config.backfill, Timestamp::now())?;
    let op = match what {
        What::Ping => "ping",
        // Nobody asked, but a client that always shows its token is not wrong.
        What::Auth(_) => "auth",
        What::Filter(interest) => {
            let answer = |cursor| Frame::Ack { op: "filter".into(), id: id.clone(), cursor };
            if let Err((_, message)) = shard.change(session, interest, answer) {
                return Err(BadOp { id, code: "too_many", message });
            }
            session.filters.set(session.filters.get().wrapping_add(1));
            session.busy.set(false);
            return Ok(());
        }
        What::Last { n, before } => {
            if session.busy.replace(true) {
                return Err(BadOp {
                    id,
                    code: "busy",
                    message: "the last `last` is not answered yet".into(),
                });
            }
            let (by, asker, under) = (shard.clone(), session.clone(), session.filters.get());
            shard.aside(session, async move {
                let (frame, ids) = replay::last(&by, &asker, id.clone(), n, before).await;
                if asker.filters.get() != under {
                    asker.say(&Frame::Error {
                        code: "cancelled".into(),
                        message: "another filter was asked for meanwhile; ask again".into(),
                        id,
                    });
                    return by.push(&asker);
                }
                asker.say(&frame);
                by.push(&asker);
                tallies::tell_one(&by, &asker, ids).await;
                asker.busy.set(false);
            });
            return Ok(());
        }
    };
    let cursor = shard.cursor(shard.evaluated(session));
    session.say(&Frame::Ack { op: op.into(), id, cursor });
    Ok(())
}

/// The next thing that happens to a session; meanwhile its socket is emptied into as room comes.
async fn turn(shard: &Rc<Shard>, session: &Rc<Session>, ws: &mut Ws) -> Turn {
    poll_fn(|cx| {
        session.watch(cx);
        if !unblock(shard, session, cx) {
            return Poll::Ready(Turn::Gone);
        }
        if let Some(close) = session.closing.take() {
            return Poll::Ready(Turn::Close(close));
        }
        ws.poll_next_unpin(cx).map(|said| match said {
            Some(Ok(message)) => Turn::Said(message),
            Some(Err(error)) => Turn::Failed(error),
            None => Turn::Gone,
        })
    })
    .await
}

/// Goes on sending while there is room. False where the socket is dead.
fn unblock(shard: &Rc<Shard>, session: &Rc<Session>, cx: &mut Context<'_>) -> bool {
    while session.blocked.get() && !session.is_dead() {
        match session.socket.poll_room(cx) {
            Poll::Ready(Ok(())) => {
                session.blocked.set(false);
                session.since.set(shard.clock.get());
                shard.push(session);
            }
            Poll::Ready(Err(_)) => session.die(),
            Poll::Pending => break,
        }
    }
    !session.is_dead()
}

/// What to close with after tungstenite failed; nothing where there is nobody left to tell.
fn close_for(error: &Error) -> Option<Close> {
    match error {
        Error::Protocol(
            tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
        ) => None,
        Error::Protocol(_) | Error::AttackAttempt => Some(Close::Protocol),
        Error::Utf8(_) => Some(Close::BadData),
        Error::Capacity(_) => Some(Close::TooBig),
        _ => None,
    }
}

/// Says goodbye, closes, and waits a little for the other side to have read it.
async fn part(shard: &Rc<Shard>, session: &Rc<Session>, ws: &mut Ws, close: Close) {
    shard.push(session);
    let cursor = shard.cursor(shard.evaluated(session));
    let served = session.audience.get().is_some() && !shard.echo;
    shard.leave(session);
    session.state.set(State::Closing);
    session.since.set(shard.clock.get());
    shard.metrics.closed.get_or_create(&super::metrics::Reason { reason: close.reason() }).inc();
    let reason = match close {
        Close::Slow => Utf8Bytes::from(format!("too slow; resume with cursor={cursor}")),
        other => Utf8Bytes::from_static(other.reason()),
    };
    if served && matches!(close, Close::Stopping | Close::Slow) {
        let retry_after_ms = Some(shard.retry_after_ms());
        session.say(&Frame::Goodbye { reason: close.reason().into(), retry_after_ms, cursor });
    }
    let farewell = CloseFrame { code: CloseCode::from(close.code()), reason };
    // It goes into the session's own bytes, which can't fail.
    let _ = ws.send(Message::Close(Some(farewell))).await;
    shard.push(session);
    let mut finished = false;
    poll_fn(|cx| {
        session.watch(cx);
        if !unblock(shard, session, cx) {
            return Poll::Ready(());
        }
        if !finished && session.has_nothing_of_its_own() && !session.blocked.get() {
            finished = session.socket.poll_finish(cx).is_ready();
        }
        // Whatever still comes is read and forgotten: closing with unread bytes would reset the
        // connection, and the other side could lose the close.
        let mut sink = [0; 1024];
        loop {
            match session.socket.poll_read(cx, &mut sink) {
                Poll::Ready(Ok(1..)) => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await;
}
