//! One shard on this thread, with real sockets and a real wire, seen from inside.

use std::{rc::Rc, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use jiff::Timestamp;
use prometheus_client::registry::Registry;
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    runtime::Handle,
    task::LocalSet,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

use super::{Shard, Shared};
use crate::{
    broadcast::{
        audience::Interest,
        config::Config,
        limits::Limits,
        metrics::{Metrics, Proto, Reason},
        prune::tests::article,
        replay::Beginning,
        session::{self, Arrival, Session, State, Wants},
        socket::Handed,
    },
    item::Seq,
    wire::{self, Durability, Entry, Group, Order as _, SqliteStore, Store},
};

const PATIENCE: Duration = Duration::from_secs(20);

struct Desk {
    shard: Rc<Shard>,
    wire: Arc<SqliteStore>,
    listener: TcpListener,
    _folder: tempfile::TempDir,
}

type Client = WebSocketStream<TcpStream>;

impl Desk {
    async fn open(config: Config) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wire.db");
        let quick = wire::Config { durability: Durability::Process, ..wire::Config::default() };
        let wire = Arc::new(SqliteStore::open(&path, &quick, Timestamp::now()).unwrap());
        let shared = Shared {
            config: Arc::new(config),
            wire: wire.clone(),
            gate: None,
            metrics: Metrics::register(&mut Registry::default()),
        };
        let shard = Rc::new(Shard::new(shared, wire.head(), Handle::current(), false));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Desk { shard, wire, listener, _folder: folder }
    }

    /// Tells stories with bodies of these lengths; the ring has them then.
    async fn tell(&self, bodies: impl IntoIterator<Item = usize>) {
        let head = self.wire.head().seq;
        let events: Vec<_> = bodies
            .into_iter()
            .zip(head.0 + 1..)
            .map(|(body, seq)| article(seq, "Harbour", &"x".repeat(body)))
            .map(|event| Arc::new(Entry::new(Arc::new(event))))
            .collect();
        let group = Group { events: events.clone(), ..Group::default() };
        self.wire.append(self.wire.position(), [group].into()).await.unwrap();
        for entry in events {
            self.shard.publish(&entry);
        }
    }

    /// A subscriber to everything after a position, served on this thread.
    async fn subscribe(&self, after: Seq) -> Client {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let address = self.listener.local_addr().unwrap();
        let (client, served) = tokio::join!(socket.connect(address), self.listener.accept());
        let (served, from) = served.unwrap();
        socket2::SockRef::from(&served).set_send_buffer_size(8192).unwrap();
        let beginning = Beginning {
            from: "cursor",
            interest: Interest::default(),
            after: Some(after),
            lost: None,
            gap: None,
            oldest: Seq(1),
        };
        let arrival = Arrival {
            socket: Handed::plain(served).unwrap(),
            early: Bytes::new(),
            slot: Limits::new(1, 1).take(from.ip(), false).unwrap(),
            wants: Wants::Served(Box::new(beginning), None),
        };
        tokio::task::spawn_local(session::run(self.shard.clone(), arrival));
        WebSocketStream::from_raw_socket(client.unwrap(), Role::Client, None).await
    }

    /// The only session there is.
    fn session(&self) -> Rc<Session> {
        let sessions = self.shard.sessions.borrow();
        assert_eq!(sessions.len(), 1);
        sessions.iter().next().unwrap().1.clone()
    }

    async fn until(&self, what: &str, so: impl Fn(&Shard) -> bool) {
        let waiting = async {
            while !so(&self.shard) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
    }
}

/// The next frame, or the code that the connection was closed with.
async fn hear(client: &mut Client) -> Result<Value, u16> {
    loop {
        let next = tokio::time::timeout(PATIENCE, client.next()).await.expect("a message in time");
        match next.expect("a message").expect("a good message") {
            Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
            Message::Close(Some(close)) => return Err(close.code.into()),
            _ => {}
        }
    }
}

/// The seqs of what is told up to `last`.
async fn seqs_to(client: &mut Client, last: Seq) -> Vec<u64> {
    let mut seqs = Vec::new();
    while seqs.last() != Some(&last.0) {
        let frame = hear(client).await.unwrap();
        if frame["type"] == "event" {
            seqs.push(frame["seq"].as_u64().unwrap());
        }
    }
    seqs
}

/// A session whose socket took all events and not one byte of `caughtUp` behind them.
fn stopped_at_caught_up(shard: &Shard, session: &Session) -> bool {
    session.blocked.get()
        && session.state.get() == State::Live
        && session.place.get() == shard.audiences.borrow()[0].end()
        && session.owed.borrow().is_none()
        && !session.has_nothing_of_its_own()
}

#[tokio::test]
async fn who_stops_at_caught_up_is_told_nothing_twice_when_the_ring_moves_on() {
    let config = Config { ring_bytes: 128 << 10, max_frame: 32 << 10, ..Config::default() };
    let work = async {
        let desk = Desk::open(config).await;
        // How much two sockets hold nobody knows beforehand: so many lengths are tried.
        for body in (0..16).flat_map(|off| (4096 + 4 * off..30_000).step_by(64)) {
            let after = desk.wire.head().seq;
            desk.tell([body, 300, 300]).await;
            let mut client = desk.subscribe(after).await;
            desk.until("it is served", |shard| {
                let sessions = shard.sessions.borrow();
                let session = sessions.iter().next().map(|(_, session)| session);
                session.is_some_and(|session| session.was_live.get() || session.blocked.get())
            })
            .await;
            let session = desk.session();
            // Perhaps the other side's kernel takes some more.
            tokio::time::sleep(Duration::from_millis(1)).await;
            if stopped_at_caught_up(&desk.shard, &session) {
                // The ring moves on under it.
                desk.tell([30_000; 6]).await;
                assert!(session.place.get() < desk.shard.audiences.borrow()[0].start());
                assert_eq!(desk.shard.evaluated(&session), Seq(after.0 + 3), "body {body}");
                let head = desk.wire.head().seq;
                let told = seqs_to(&mut client, head).await;
                assert_eq!(told, (after.0 + 1..=head.0).collect::<Vec<_>>(), "body {body}");
                return;
            }
            drop(client);
            session.die();
            desk.until("it is gone", |shard| shard.sessions.borrow().is_empty()).await;
        }
        panic!("no lengths at which a socket stops just so");
    };
    LocalSet::new().run_until(work).await;
}

#[tokio::test]
async fn a_panic_ends_its_session_and_nobody_elses() {
    let work = async {
        let desk = Desk::open(Config::default()).await;
        let writing = tokio::task::spawn_local(desk.shard.clone().write());
        for (count, says, spoil) in [
            // Found in the session's own task, when it changes its filter …
            (1, r#"{"op":"filter"}"#, (|session: &Session| session.seat.set(99)) as fn(&Session)),
            // … and in the pass that writes to all.
            (2, "", |session: &Session| session.place.set(u64::MAX)),
        ] {
            let mut bad = desk.subscribe(desk.wire.head().seq).await;
            while hear(&mut bad).await.unwrap()["type"] != "caughtUp" {}
            let session = desk.session();
            let mut good = desk.subscribe(desk.wire.head().seq).await;
            while hear(&mut good).await.unwrap()["type"] != "caughtUp" {}
            spoil(&session);
            if !says.is_empty() {
                bad.send(Message::text(says)).await.unwrap();
            }
            desk.tell([10]).await;
            let code = loop {
                if let Err(code) = hear(&mut bad).await {
                    break code;
                }
            };
            assert_eq!(code, 1011);
            assert_eq!(seqs_to(&mut good, desk.wire.head().seq).await.len(), 1);
            drop((bad, session));
            desk.until("it is gone", |shard| shard.sessions.borrow().len() == 1).await;
            let metrics = &desk.shard.metrics;
            assert_eq!(metrics.broken.get(), count);
            let internal = Reason { reason: "internal" };
            assert_eq!(metrics.closed.get_or_create(&internal).get(), count);
            assert_eq!(metrics.subscribers.get_or_create(&Proto { proto: "ws" }).get(), 1);
            assert_eq!(desk.shard.audiences.borrow()[0].live.len(), 1);
            assert_eq!(desk.shard.audiences.borrow().len(), 1);
            drop(good);
            desk.until("all are gone", |shard| shard.sessions.borrow().is_empty()).await;
        }
        writing.abort();
    };
    LocalSet::new().run_until(work).await;
}
