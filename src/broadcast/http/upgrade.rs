//! `GET /v1/wire`: an HTTP request becomes a WebSocket.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Request as Head, StatusCode, header},
    response::Response,
};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, sync::mpsc};
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use crate::broadcast::{
    accept::Line,
    guard::{self, Caller},
    replay,
    session::{Arrival, Wants},
    socket::Handed,
};

use super::{Shared, refuse, subscription};

/// The subprotocol's name.
const PROTOCOL: &str = "flashwire.v1";

/// Sockets are dealt out to the shards in turn.
static NEXT: AtomicUsize = AtomicUsize::new(0);

pub(super) async fn wire(State(desk): Shared, request: Request) -> Response {
    let browser = request.headers().contains_key(header::ORIGIN);
    // A browser can't read the body of a refusal: it learns over the WebSocket.
    let wants = match subscription(&desk, &request) {
        Err(bad) if browser => Wants::bad_parameter(bad),
        Err(bad) => return refuse::parameter(&bad),
        Ok(subscription) => match guard::caller(request.headers(), desk.gate.as_deref()) {
            Caller::Known(pass) => match replay::resolve(desk.wire.clone(), subscription).await {
                Ok(beginning) => Wants::Served(Box::new(beginning), pass),
                Err(bad) if browser => Wants::Refused {
                    close: bad.close(),
                    code: bad.code(),
                    message: bad.to_string(),
                },
                Err(bad) => return refuse::start(&bad),
            },
            Caller::Silent | Caller::Wrong => Wants::Admitted(Box::new(subscription)),
        },
    };
    let next = NEXT.fetch_add(1, Ordering::Relaxed) % desk.doors.len();
    upgrade(request, wants, &desk.doors[next])
}

/// A router that makes a WebSocket of every request, for [`echo`][crate::broadcast::echo].
pub(in crate::broadcast) fn echo_router(door: mpsc::UnboundedSender<Arrival>) -> Router {
    Router::new().fallback(move |request: Request| {
        let answer = upgrade(request, Wants::Echo, &door);
        async move { answer }
    })
}

/// Answers 101 and hands the socket over as soon as that is written, or says what is missing.
fn upgrade(request: Request, wants: Wants, door: &mpsc::UnboundedSender<Arrival>) -> Response {
    let (parts, body) = request.into_parts();
    let head = Head::from_parts(parts.clone(), ());
    let answer = match create_response(&head) {
        Ok(answer) => answer,
        Err(error) => {
            let mut answer = refuse::refuse(
                StatusCode::UPGRADE_REQUIRED,
                "upgrade",
                &format!(
                    "this path speaks WebSocket ({error}); /v1/events has the same events over plain HTTP"
                ),
            );
            answer.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            return answer;
        }
    };
    let mut answer = answer.map(|()| Body::empty());
    if offers(&head) {
        let protocol = HeaderValue::from_static(PROTOCOL);
        answer.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let line = parts.extensions.get::<Line>().cloned();
    let mut request = Request::from_parts(parts, body);
    let upgraded = hyper::upgrade::on(&mut request);
    let door = door.clone();
    tokio::spawn(async move {
        let (Ok(upgraded), Some(line)) = (upgraded.await, line) else { return };
        if let Err(error) = hand_over(upgraded, &line, wants, &door) {
            tracing::debug!(%error, "a WebSocket was lost on its way to its shard");
        }
    });
    answer
}

fn offers<T>(head: &Head<T>) -> bool {
    let offered = head.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim() == PROTOCOL)
}

/// Takes the socket itself back out of hyper.
fn hand_over(
    upgraded: Upgraded,
    line: &Line,
    wants: Wants,
    door: &mpsc::UnboundedSender<Arrival>,
) -> io::Result<()> {
    let (socket, early) = match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(plain) => (Handed::plain(plain.io.into_inner())?, plain.read_buf),
        Err(upgraded) => match upgraded.downcast::<TokioIo<TlsStream<TcpStream>>>() {
            Ok(tls) => (Handed::Tls(Box::new(tls.io.into_inner())), tls.read_buf),
            Err(_) => return Err(io::Error::other("a socket of an unknown kind")),
        },
    };
    let slot = line.slot.lock().ok().and_then(|mut slot| slot.take());
    let Some(slot) = slot else { return Err(io::Error::other("the connection is not counted")) };
    // A shard that has stopped drops the socket, which closes it.
    let _ = door.send(Arrival { socket, early, slot, wants });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subprotocol_is_found_among_others() {
        let offers = |value: &str| {
            let head = Head::builder().header(header::SEC_WEBSOCKET_PROTOCOL, value);
            super::offers(&head.body(()).unwrap())
        };
        assert!(offers("flashwire.v1"));
        assert!(offers("chat, flashwire.v1"));
        assert!(!offers("flashwire.v12"));
    }
}
