//! Server-sent events (WHATWG HTML section 9.2) straight from `Store::follow`.

use std::{collections::VecDeque, convert::Infallible, pin::Pin, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use tokio::{sync::watch, time::Instant};
use tokio_stream::StreamExt as _;

use crate::{
    broadcast::{
        access::{Gate, Pass, Receipt, SHUT_OUT},
        audience::Interest,
        frame::{Close, Frame},
        metrics::{From, Metrics, Proto},
        prune,
        replay::{self, Beginning},
    },
    item::{Cursor, Epoch, Seq},
    wire::{Follow, Store},
};

use super::Desk;

/// What a browser waits before it comes back, in milliseconds.
const RETRY: u64 = 2000;

/// Counts a stream for as long as it lives.
struct Counted(Metrics);

impl Counted {
    fn new(metrics: &Metrics) -> Self {
        metrics.subscribers.get_or_create(&Proto { proto: "sse" }).inc();
        Counted(metrics.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.subscribers.get_or_create(&Proto { proto: "sse" }).dec();
    }
}

struct Reader {
    wire: Arc<dyn Store>,
    events: Follow,
    interest: Interest,
    epoch: Epoch,
    /// Everything up to here has been evaluated.
    at: Seq,
    /// The head when the stream began, until it is reached.
    catch_up: Option<Seq>,
    ready: VecDeque<Bytes>,
    heartbeat: Duration,
    beat: Instant,
    most: usize,
    stopped: watch::Receiver<bool>,
    /// Resolves when who asked may read no longer.
    shut_out: ShutOut,
    /// What its token's reader has read.
    receipt: Option<Receipt>,
    ended: bool,
    _counted: Counted,
}

/// Streams everything after the beginning, until who asked may read no longer.
pub(super) fn stream(
    desk: &Desk,
    beginning: Beginning,
    pass: Option<Pass>,
    shut_out: ShutOut,
) -> Response {
    let head = desk.wire.head();
    let Beginning { from, interest, after, lost, gap, oldest } = beginning;
    let at = after.unwrap_or(head.seq);
    let cursor = Cursor { epoch: head.epoch.clone(), seq: at };
    desk.metrics.subscriptions.get_or_create(&From { from }).inc();
    let hello = Frame::Hello {
        epoch: head.epoch.clone(),
        head: head.seq,
        oldest,
        resumed_from: cursor.clone(),
        recovered: lost.is_none(),
        reason: lost,
        heartbeat_seconds: desk.config.heartbeat,
        server_time: Timestamp::now(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let mut ready = VecDeque::from([Bytes::from(format!("retry: {RETRY}\n\n"))]);
    ready.push_back(message(Some("hello"), None, hello.json().as_bytes()));
    if let Some((from, to)) = gap {
        let reason = "trimmed from the wire".to_owned();
        let gap = Frame::Gap { from, to, reason };
        ready.push_back(message(Some("gap"), None, gap.json().as_bytes()));
    }
    let heartbeat = Duration::from_secs(desk.config.heartbeat);
    let reader = Reader {
        wire: desk.wire.clone(),
        events: desk.wire.clone().follow(at),
        interest,
        epoch: head.epoch,
        at,
        catch_up: Some(head.seq),
        ready,
        heartbeat,
        beat: Instant::now() + heartbeat,
        most: desk.config.max_frame,
        stopped: desk.stopped.clone(),
        shut_out,
        receipt: desk
            .gate
            .as_ref()
            .zip(pass)
            .map(|(gate, pass)| gate.sits_down(pass, cursor.clone())),
        ended: false,
        _counted: Counted::new(&desk.metrics),
    };
    let body = stream::unfold(reader, |mut reader| async move {
        let chunk = reader.next().await?;
        Some((Ok::<_, Infallible>(chunk), reader))
    });
    let mut answer = Response::new(Body::from_stream(body));
    let headers = answer.headers_mut();
    let kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, kind);
    // Proxies that gather answers would hold the news back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    if let Ok(cursor) = HeaderValue::from_str(&cursor.to_string()) {
        headers.insert("flashwire-cursor", cursor);
    }
    answer
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                if let Some(receipt) = self.receipt.as_ref().filter(|_| self.ready.is_empty()) {
                    receipt.has(self.at);
                }
                self.beat = Instant::now() + self.heartbeat;
                return Some(chunk);
            }
            if self.ended {
                return None;
            }
            if self.catch_up.is_some_and(|head| self.at >= head) {
                self.catch_up = None;
                self.say("caughtUp", &Frame::CaughtUp { cursor: self.cursor() });
                continue;
            }
            tokio::select! {
                entry = self.events.next() => match entry {
                    Some(Ok(entry)) => {
                        self.tell_lost(entry.seq);
                        self.at = entry.seq;
                        if replay::passes(&self.interest.filter, &entry) {
                            let json = prune::payload(&entry, self.interest.body, self.most);
                            self.ready.push_back(message(None, Some(&self.cursor()), &json));
                        }
                    }
                    Some(Err(error)) => {
                        tracing::warn!(%error, "a stream of events ends early");
                        self.ended = true;
                    }
                    None => self.ended = true,
                },
                () = tokio::time::sleep_until(self.beat) => {
                    let cursor = self.cursor();
                    self.say("heartbeat", &Frame::Heartbeat { cursor, time: Timestamp::now() });
                }
                () = &mut self.shut_out => {
                    self.ended = true;
                    let code = Close::Unauthorised.reason().to_owned();
                    let error = Frame::Error { code, message: SHUT_OUT.to_owned(), id: None };
                    self.say("error", &error);
                }
                true = stopping(&mut self.stopped) => {
                    self.ended = true;
                    let goodbye = Frame::Goodbye {
                        reason: "stopping".into(),
                        retry_after_ms: Some(RETRY),
                        cursor: self.cursor(),
                    };
                    self.say("goodbye", &goodbye);
                }
            }
        }
    }

    /// Tells which positions before `next` can't be read.
    fn tell_lost(&mut self, next: Seq) {
        // Positions without holes are the rule.
        if next.0 > self.at.0 + 1 {
            for lost in self.wire.unreadable(self.at, Seq(next.0 - 1)) {
                self.say("gap", &Frame::lost(&lost));
            }
        }
    }

    fn cursor(&self) -> Cursor {
        Cursor { epoch: self.epoch.clone(), seq: self.at }
    }

    fn say(&mut self, kind: &str, frame: &Frame) {
        let chunk = message(Some(kind), Some(&self.cursor()), frame.json().as_bytes());
        self.ready.push_back(chunk);
    }
}

/// Resolves when a reader may read no longer.
pub(super) type ShutOut = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The end of whoever came in with this pass, or with none.
pub(super) fn shut_out(gate: Option<Arc<Gate>>, pass: Option<Pass>) -> ShutOut {
    Box::pin(async move {
        match gate {
            Some(gate) => gate.shuts_out(pass).await,
            None => std::future::pending().await,
        }
    })
}

/// Resolves when the server stops.
async fn stopping(stopped: &mut watch::Receiver<bool>) -> bool {
    stopped.wait_for(|stopped| *stopped).await.is_ok()
}

/// One message; JSON has no line ends of its own. An event of the wire has no name of its own, so
/// that a browser's `onmessage` gets it; the other frames have their type's.
fn message(kind: Option<&str>, id: Option<&Cursor>, json: &[u8]) -> Bytes {
    let mut chunk = Vec::with_capacity(json.len() + 64);
    if let Some(kind) = kind {
        chunk.extend_from_slice(format!("event: {kind}\n").as_bytes());
    }
    if let Some(id) = id {
        chunk.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    chunk.extend_from_slice(b"data: ");
    chunk.extend_from_slice(json);
    chunk.extend_from_slice(b"\n\n");
    chunk.into()
}
