//! A server on a wire of its own, and clients for it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use flashwire::{
    broadcast::{self, Access, Admission, Check, Config, Health, Pass, Readers, Serving},
    item::{
        Action, Alias, Article, Cursor, Event, EventId, Item, Key, Kind, PageHash, PageRef, Seq,
        Source, TickerLine, Withdrawal,
    },
    wire::{Entry, Group, Order as _, PageRow, Spotted, SqliteStore, Store, ToldKey},
};
use futures_util::{SinkExt, StreamExt};
use jiff::Timestamp;
use prometheus_client::registry::Registry;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{oneshot, watch},
    task::JoinHandle,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest, http},
};

/// How long anything here may take before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

struct Well;

impl Health for Well {
    fn alive(&self) -> bool {
        true
    }

    fn checks(&self) -> Vec<Check> {
        vec![Check { name: "watch".into(), ok: true, needed: true, detail: "armed".into() }]
    }

    fn figures(&self) -> serde_json::Map<String, Value> {
        serde_json::Map::new()
    }
}

/// Lets in who shows this token.
pub(crate) const TOKEN: &str = "opensesame";

struct OneToken;

impl Access for OneToken {
    fn pass(&self, token: &str) -> Pass {
        Pass(PageHash::of(token.as_bytes()).0.repeat(2).try_into().unwrap())
    }

    fn readers(&self) -> Option<Readers> {
        Some(Readers { everybody: false, passes: [self.pass(TOKEN)].into() })
    }
}

/// A running server.
pub(crate) struct Desk {
    pub(crate) wire: Arc<SqliteStore>,
    pub(crate) at: SocketAddr,
    /// Who may connect from now on.
    pub(crate) admission: watch::Sender<Admission>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<Result<(), broadcast::ServeError>>>,
    _folder: Arc<TempDir>,
}

/// What a desk is opened with.
pub(crate) struct Options {
    pub(crate) config: Config,
    pub(crate) tokens: bool,
    pub(crate) tls: Option<Arc<tokio_rustls::rustls::ServerConfig>>,
}

impl Default for Options {
    fn default() -> Self {
        let config = Config { shards: 1, ..Config::default() };
        Options { config, tokens: false, tls: None }
    }
}

impl Desk {
    pub(crate) async fn open() -> Desk {
        Desk::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Desk {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Desk::over(folder, "127.0.0.1:0".parse().unwrap(), options).await
    }

    async fn over(folder: Arc<TempDir>, at: SocketAddr, options: Options) -> Desk {
        let path = folder.path().join("wire.db");
        let wire = SqliteStore::open(&path, &Default::default(), Timestamp::now()).unwrap();
        let wire = Arc::new(wire);
        let listener = TcpListener::bind(at).await.unwrap();
        let at = listener.local_addr().unwrap();
        let mut registry = Registry::with_prefix("flashwire");
        let metrics = broadcast::Metrics::register(&mut registry);
        let (stop, stopped) = oneshot::channel::<()>();
        let admission = watch::Sender::new(Admission::new(&options.config, options.tls));
        let serving = Serving {
            readers: true,
            orders: axum::Router::new(),
            listeners: vec![listener],
            config: options.config,
            wire: wire.clone(),
            search: None,
            access: options.tokens.then(|| Arc::new(OneToken) as _),
            health: Arc::new(Well),
            admission: admission.subscribe(),
            metrics,
            registry: Arc::new(registry),
        };
        let stopped = async move {
            let _ = stopped.await;
        };
        let serving = tokio::spawn(broadcast::serve(serving, stopped));
        Desk { wire, at, admission, stop: Some(stop), serving: Some(serving), _folder: folder }
    }

    /// Stops the server as SIGTERM would.
    pub(crate) async fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        let serving = self.serving.take().unwrap();
        tokio::time::timeout(PATIENCE, serving).await.unwrap().unwrap().unwrap();
    }

    /// Stops, closes the wire, and starts again on the same file.
    pub(crate) async fn restart(mut self, options: Options) -> Desk {
        self.stop().await;
        self.reopen("127.0.0.1:0".parse().unwrap(), options).await
    }

    /// After a stop: starts again on the same file, at the given address.
    pub(crate) async fn reopen(self, at: SocketAddr, options: Options) -> Desk {
        self.wire.close();
        Desk::over(self._folder.clone(), at, options).await
    }

    /// Tells items, one page for all.
    pub(crate) async fn tell(&self, items: Vec<Item>) -> Vec<Arc<Event>> {
        let head = self.wire.head().seq;
        let events: Vec<_> = items
            .into_iter()
            .enumerate()
            .map(|(at, item)| Arc::new(event(Seq(head.0 + 1 + at as u64), item)))
            .collect();
        self.append(events.clone()).await;
        events
    }

    pub(crate) async fn append(&self, events: Vec<Arc<Event>>) {
        let head = self.wire.head().seq;
        let page = row(head.0, &events[0].page);
        let sightings = events
            .iter()
            .map(|event| Spotted { id: event.id, seq: event.seq, line: event.page.line })
            .collect();
        let told = events
            .iter()
            .map(|event| ToldKey {
                key: Key::of(&event.item),
                id: event.id,
                seq: event.seq,
                at: event.page.time,
            })
            .collect();
        let events = events.into_iter().map(|event| Arc::new(Entry::new(event))).collect();
        let group = Group { page: Some(page), events, sightings, told, ..Group::default() };
        self.wire.append(self.wire.position(), [group].into()).await.unwrap();
    }

    /// Takes an event back.
    pub(crate) async fn withdraw(&self, told: &Event, reason: &str) {
        let head = self.wire.head().seq;
        let seq = Seq(head.0 + 1);
        let event = Arc::new(Event {
            seq,
            id: EventId::of_withdrawal(told.id),
            time: Timestamp::now(),
            action: Action::Withdrawn,
            supersedes: None,
            withdraws: Some(Withdrawal { id: told.id, seq: told.seq, reason: reason.into() }),
            withdrawn_by: None,
            ..told.blanked(seq)
        });
        let events = vec![Arc::new(Entry::new(event))];
        let group = Group { events, ..Group::default() };
        self.wire.append(self.wire.position(), [group].into()).await.unwrap();
    }

    /// Tells `count` ticker lines in slices, numbered from the head on.
    pub(crate) async fn tell_lines(&self, count: u64) {
        let from = self.wire.head().seq.0 + 1;
        let mut lines: Vec<_> = (from..from + count).map(|n| line(&format!("Line {n}"))).collect();
        while !lines.is_empty() {
            let rest = lines.split_off(lines.len().min(1000));
            self.tell(lines).await;
            lines = rest;
        }
    }

    /// Says that an event was seen again, on another page.
    pub(crate) async fn see(&self, event: &Event) {
        let head = self.wire.head().seq;
        let name = format!("again-{}-{}.txt", event.seq, Timestamp::now().as_nanosecond());
        let page = PageRef {
            name: name.clone(),
            hash: PageHash::of(name.as_bytes()),
            ..event.page.clone()
        };
        let spotted = Spotted { id: event.id, seq: event.seq, line: 3 };
        let alias = Alias { after: head, of: event.id, text: None, at: page.time };
        let group = Group {
            page: Some(row(head.0, &page)),
            aliases: vec![alias],
            sightings: vec![spotted],
            ..Group::default()
        };
        self.wire.append(self.wire.position(), [group].into()).await.unwrap();
    }

    pub(crate) fn cursor(&self, seq: u64) -> String {
        Cursor { epoch: self.wire.head().epoch, seq: Seq(seq) }.to_string()
    }

    /// A subscriber, with its `hello` read.
    pub(crate) async fn subscribe(&self, query: &str) -> (Subscriber, Value) {
        let mut subscriber = self.connect(query, &[]).await.unwrap();
        let hello = subscriber.frame().await;
        assert_eq!(hello["type"], "hello", "{hello}");
        (subscriber, hello)
    }

    pub(crate) async fn connect(
        &self,
        query: &str,
        headers: &[(&str, &str)],
    ) -> Result<Subscriber, tungstenite::Error> {
        let address = format!("ws://{}/v1/wire?{query}", self.at);
        let mut request = address.into_client_request().unwrap();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Subscriber { socket })
    }

    /// Sends a request over a socket of its own and reads the whole answer.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers).await
    }

    /// The same with another method.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut socket = TcpStream::connect(self.at).await.unwrap();
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request += &format!("Host: {}\r\n", self.at);
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        socket.write_all(format!("{request}\r\n").as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let read = socket.read_to_end(&mut bytes);
        tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
        Answer::read(&bytes)
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> Answer {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

/// A client.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Subscriber {
    pub(crate) async fn message(&mut self) -> Message {
        let next = tokio::time::timeout(PATIENCE, self.socket.next()).await;
        next.expect("a message in time").expect("a message").expect("a good message")
    }

    /// The next JSON frame.
    pub(crate) async fn frame(&mut self) -> Value {
        loop {
            match self.message().await {
                Message::Text(text) => {
                    let frame = serde_json::from_str(&text).unwrap();
                    crate::outlets::check_schema(&frame);
                    return frame;
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?} instead of a frame"),
            }
        }
    }

    /// The next frame of a type; the ones before it are dropped.
    pub(crate) async fn until(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The seqs of the events up to and with `last`.
    pub(crate) async fn seqs_to(&mut self, last: u64) -> Vec<u64> {
        let mut seqs = Vec::new();
        loop {
            let frame = self.until("event").await;
            seqs.push(frame["seq"].as_u64().unwrap());
            if seqs.last() >= Some(&last) {
                return seqs;
            }
        }
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// Reads on to the close and returns its code, with the frames before it.
    pub(crate) async fn closed(&mut self) -> (u16, Vec<Value>) {
        let mut frames = Vec::new();
        loop {
            match self.message().await {
                Message::Text(text) => frames.push(serde_json::from_str(&text).unwrap()),
                Message::Close(Some(close)) => return (close.code.into(), frames),
                _ => {}
            }
        }
    }
}

pub(crate) fn line(text: &str) -> Item {
    Item::Ticker(TickerLine {
        headline: text.into(),
        version: 1,
        language: Some("en".into()),
        urgency: 2,
        ..TickerLine::default()
    })
}

pub(crate) fn story(headline: &str, body: &str) -> Item {
    Item::Article(Box::new(Article {
        headline: Some(headline.into()),
        body: body.into(),
        version: 1,
        language: Some("en".into()),
        urgency: 4,
        ..Article::default()
    }))
}

pub(crate) fn event(seq: Seq, item: Item) -> Event {
    let time = Timestamp::now();
    let kind = item.kind();
    let line = if kind == Kind::Ticker { 3 } else { 20 };
    let id = EventId::of(kind, &Key::of(&item), None);
    let name = format!("page-{seq}.txt");
    let hash = PageHash::of(name.as_bytes());
    let page = PageRef { line, ..PageRef::new(name, hash, time) };
    let source = Source { name: Some("Harbour Daily".into()), host: None };
    Event { source, ..Event::new(seq, id, item, page) }
}

fn row(ticket: u64, page: &PageRef) -> PageRow {
    PageRow {
        name: page.name.clone().into_bytes(),
        hash: Some(page.hash),
        stat: [0; 5],
        outcome: flashwire::item::Outcome::Done,
        reason: None,
        seen: page.time,
        at: page.time,
        lane: "live",
        ticket,
        source: Some("Harbour Daily".into()),
        url: None,
        ticker_lines: 1,
        lines: Default::default(),
        remarks: Vec::new(),
    }
}
