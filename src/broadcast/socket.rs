//! A subscriber's socket, plain or TLS, as the shard and tungstenite see it.

use std::{
    cell::RefCell,
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use super::{fragments::Fragments, frame::Close, session::Session, shard::Shard};

/// A connected socket.
#[derive(Debug)]
pub(super) enum Socket {
    Plain(TcpStream),
    Tls(Box<RefCell<TlsStream<TcpStream>>>),
}

/// A socket on its way to its shard.
#[derive(Debug)]
pub(super) enum Handed {
    Plain(std::net::TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Handed {
    /// Takes a plain socket off the present runtime, so that its shard's can have it.
    pub(super) fn plain(socket: TcpStream) -> io::Result<Self> {
        Ok(Handed::Plain(socket.into_std()?))
    }

    /// Makes the present runtime wait for the socket.
    pub(super) fn settle(self) -> io::Result<Socket> {
        Ok(match self {
            Handed::Plain(socket) => Socket::Plain(TcpStream::from_std(socket)?),
            Handed::Tls(socket) => Socket::Tls(Box::new(RefCell::new(*socket))),
        })
    }
}

impl Socket {
    /// Reads what there is; 0 is the end.
    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Socket::Plain(socket) => loop {
                ready!(socket.poll_read_ready(cx))?;
                match socket.try_read(into) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    done => return Poll::Ready(done),
                }
            },
            Socket::Tls(socket) => {
                let mut into = ReadBuf::new(into);
                ready!(Pin::new(&mut *socket.borrow_mut()).poll_read(cx, &mut into))?;
                Poll::Ready(Ok(into.filled().len()))
            }
        }
    }

    /// Writes what the socket takes now; `WouldBlock` where that is nothing. After `WouldBlock`
    /// or a short write, [`poll_room`][Socket::poll_room] tells when to go on.
    pub(super) fn write(&self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Socket::Plain(socket) => match parts {
                [one] => socket.try_write(one),
                many => socket.try_write_vectored(many),
            },
            Socket::Tls(socket) => {
                let mut socket = socket.borrow_mut();
                // Nobody is woken by this context; `poll_room` asks again with one that counts.
                let mut cx = Context::from_waker(std::task::Waker::noop());
                let mut written = 0;
                for part in parts {
                    match Pin::new(&mut *socket).poll_write(&mut cx, part) {
                        Poll::Ready(Ok(n)) => {
                            written += n;
                            if n < part.len() {
                                break;
                            }
                        }
                        Poll::Ready(Err(error)) => return Err(error),
                        Poll::Pending => break,
                    }
                }
                if let Poll::Ready(Err(error)) = Pin::new(&mut *socket).poll_flush(&mut cx) {
                    return Err(error);
                }
                if written == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(written) }
            }
        }
    }

    /// True where bytes that were written wait inside TLS for [`poll_room`][Socket::poll_room].
    pub(super) fn holds(&self) -> bool {
        match self {
            Socket::Plain(_) => false,
            Socket::Tls(socket) => socket.borrow().get_ref().1.wants_write(),
        }
    }

    /// Ready when a write may get on.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Socket::Plain(socket) => socket.poll_write_ready(cx),
            Socket::Tls(socket) => Pin::new(&mut *socket.borrow_mut()).poll_flush(cx),
        }
    }

    /// Says that nothing more will be sent.
    pub(super) fn poll_finish(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Socket::Plain(socket) => {
                Poll::Ready(socket2::SockRef::from(socket).shutdown(std::net::Shutdown::Write))
            }
            Socket::Tls(socket) => Pin::new(&mut *socket.borrow_mut()).poll_shutdown(cx),
        }
    }
}

/// What tungstenite reads from and writes to.
///
/// Reads come from the socket through one buffer that all sessions of the shard share, so that a
/// burst costs one system call although each session keeps only a small buffer of its own.
/// Writes (pongs, closes) are put where the shard sends them between two frames.
#[derive(Debug)]
pub(super) struct Wiring {
    pub(super) shard: Rc<Shard>,
    pub(super) session: Rc<Session>,
    /// What was read and not yet asked for.
    pub(super) inbox: Vec<u8>,
    pub(super) taken: usize,
    pub(super) fragments: Fragments,
}

impl Wiring {
    /// `early` came with the request.
    pub(super) fn new(shard: Rc<Shard>, session: Rc<Session>, early: &[u8]) -> Self {
        let mut fragments = Fragments::default();
        session.may_send(fragments.take(early));
        Wiring { shard, session, inbox: early.to_vec(), taken: 0, fragments }
    }
}

impl AsyncRead for Wiring {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.taken == self.inbox.len() {
            let shard = self.shard.clone();
            let mut scratch = shard.scratch.borrow_mut();
            let read = ready!(self.session.socket.poll_read(cx, &mut scratch))?;
            self.session.heard.set(shard.clock.get());
            let frames = self.fragments.take(&scratch[..read]);
            if !shard.echo && !self.session.may_send(frames) {
                // The session's task, which this wakes, closes it.
                self.session.close(Close::Policy);
                return Poll::Pending;
            }
            let direct = read.min(into.remaining());
            into.put_slice(&scratch[..direct]);
            self.inbox = scratch[direct..read].to_vec();
            self.taken = 0;
            return Poll::Ready(Ok(()));
        }
        let some = (self.inbox.len() - self.taken).min(into.remaining());
        into.put_slice(&self.inbox[self.taken..self.taken + some]);
        self.taken += some;
        if self.taken == self.inbox.len() {
            self.inbox = Vec::new();
            self.taken = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wiring {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        // What the subscriber is owed already goes first, so that a close doesn't cut it off.
        self.shard.push(&self.session);
        self.session.queue(|out| out.extend_from_slice(from));
        self.shard.push(&self.session);
        Poll::Ready(Ok(from.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.session.socket.poll_finish(cx)
    }
}
