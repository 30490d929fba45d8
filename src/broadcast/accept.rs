//! Sockets → HTTP connections, with every limit that must hold before a request is read.

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::{
    admission::Admission,
    config::{HANDSHAKE, HEAD_BYTES, KEEP_ALIVE},
    limits::{Limits, Over, Slot},
    metrics::{Metrics, Reason},
};

/// What every connection meets.
pub(super) struct Front {
    pub(super) router: Router,
    pub(super) limits: Arc<Limits>,
    pub(super) admission: watch::Receiver<Admission>,
    pub(super) send_buffer: usize,
    pub(super) stall: Duration,
    pub(super) metrics: Metrics,
    pub(super) stopped: watch::Receiver<bool>,
}

/// The connection a request came over, as its handler sees it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Counts the connection; moves on with the socket when that becomes a WebSocket.
    pub(super) slot: Arc<std::sync::Mutex<Option<Slot>>>,
    /// Who has connected.
    pub(super) peer: IpAddr,
}

/// Accepts until aborted.
pub(super) async fn run(listener: TcpListener, front: Arc<Front>) {
    loop {
        match listener.accept().await {
            Ok((socket, from)) => {
                let front = front.clone();
                tokio::spawn(async move { front.meet(socket, from).await });
            }
            Err(error) => {
                // Out of descriptors, most likely: connections must end before more can begin.
                tracing::warn!(%error, "no connection can be accepted; trying again");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

/// Whether the first byte is one of a plain request, not of a TLS handshake.
async fn speaks_plainly(socket: &TcpStream) -> bool {
    let mut first = [0];
    matches!(socket.peek(&mut first).await, Ok(1)) && first[0].is_ascii_alphabetic()
}

/// Writes a refusal to who has not been asked for its request yet.
async fn say(socket: &mut TcpStream, status: &str, code: &str, what: &str) {
    let body = format!("{{\"error\":\"{code}\",\"message\":\"{what}\"}}\n");
    let answer = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    // Who doesn't take it has gone already.
    let _ = tokio::time::timeout(Duration::from_secs(1), socket.write_all(answer.as_bytes())).await;
}

impl Front {
    async fn meet(&self, socket: TcpStream, from: SocketAddr) {
        let shared = self.admission.borrow().is_proxy(from.ip());
        let slot = match self.limits.take(from.ip(), shared) {
            Ok(slot) => slot,
            Err(over) => return self.turn_away(socket, over).await,
        };
        if let Err(error) = self.prepare(&socket) {
            tracing::debug!(%error, %from, "a socket can't be set up");
            return;
        }
        let Some(tls) = self.tls() else { return self.converse(socket, from.ip(), slot).await };
        match tokio::time::timeout(HANDSHAKE, speaks_plainly(&socket)).await {
            Ok(true) => return self.ask_for_tls(socket).await,
            Ok(false) => {}
            Err(_) => return tracing::debug!(%from, "a connection never asked for anything"),
        }
        match tokio::time::timeout(HANDSHAKE, tls.accept(socket)).await {
            Ok(Ok(socket)) => self.converse(socket, from.ip(), slot).await,
            Ok(Err(error)) => tracing::debug!(%error, %from, "TLS handshake failed"),
            Err(_) => tracing::debug!(%from, "TLS handshake took too long"),
        }
    }

    /// As it is configured now.
    fn tls(&self) -> Option<TlsAcceptor> {
        self.admission.borrow().tls.clone().map(TlsAcceptor::from)
    }

    fn prepare(&self, socket: &TcpStream) -> io::Result<()> {
        socket.set_nodelay(true)?;
        let socket = socket2::SockRef::from(socket);
        // What the kernel queues for a slow reader is memory too.
        socket.set_send_buffer_size(self.send_buffer)?;
        socket.set_tcp_user_timeout(Some(self.stall))
    }

    async fn turn_away(&self, mut socket: TcpStream, over: Over) {
        let (reason, what) = match over {
            Over::Total => (
                "connections",
                "this server has as many connections as it allows (broadcast.max_connections)",
            ),
            Over::Address => (
                "address",
                "your address has as many connections as this server allows (broadcast.max_per_address)",
            ),
        };
        self.metrics.refused.get_or_create(&Reason { reason }).inc();
        if self.tls().is_some() {
            return;
        }
        say(&mut socket, "503 Service Unavailable\r\nRetry-After: 5", "too_many", what).await;
    }

    /// Answers who speaks plain HTTP where TLS is spoken.
    async fn ask_for_tls(&self, mut socket: TcpStream) {
        self.metrics.refused.get_or_create(&Reason { reason: "plain" }).inc();
        let what = "this port speaks TLS: use https:// and wss://";
        say(&mut socket, "400 Bad Request", "tls", what).await;
        // Closing with unread bytes would reset the connection before the answer is read.
        let mut rest = [0; HEAD_BYTES];
        let _ = tokio::time::timeout(Duration::from_secs(1), socket.read(&mut rest)).await;
    }

    async fn converse<S>(&self, socket: S, peer: IpAddr, slot: Slot)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let line = Line { slot: Arc::new(std::sync::Mutex::new(Some(slot))), peer };
        let router = &self.router;
        let (asked, lately) = (AtomicBool::new(false), AtomicBool::new(false));
        let service = service_fn(|request: hyper::Request<Incoming>| {
            asked.store(true, Relaxed);
            lately.store(true, Relaxed);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(line.clone());
            let answer = router.clone().oneshot(request);
            async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // Who has asked once may wait this long before it asks again.
            .header_read_timeout(KEEP_ALIVE)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(socket), service)
            .with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let mut stopped = self.stopped.clone();
        let stopping = async { stopped.wait_for(|stopped| *stopped).await.is_ok() };
        // Who has not asked by then goes; who has, and is silent since, makes room for others.
        let silent = async {
            loop {
                tokio::time::sleep(HANDSHAKE).await;
                let silent = !lately.swap(false, Relaxed);
                if !asked.load(Relaxed) || (silent && self.limits.are_near()) {
                    break;
                }
            }
        };
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = silent => {
                if !asked.load(Relaxed) {
                    return tracing::debug!(%peer, "a connection never asked for anything");
                }
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            true = stopping => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection failed");
        }
    }
}
