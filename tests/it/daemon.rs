//! The real daemon on a folder of its own, and a client of its wire.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use flashwire::wire::{LedgerCounts, OpenError, SqliteStore};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest as _};

/// The binary under test.
pub(crate) fn flashwire() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flashwire"));
    command.env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Waits until `ready` says yes, for at most a generous while.
pub(crate) fn eventually<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited a minute in vain for: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A place for a watched folder and its wire, and what is run on it.
pub(crate) struct Desk {
    root: tempfile::TempDir,
    wire: PathBuf,
}

/// A running daemon. Killed when dropped.
pub(crate) struct Daemon {
    child: Child,
    url: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("pages")).unwrap();
        Desk { wire: root.path().join("pages.flashwire.db"), root }
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("pages")
    }

    pub(crate) fn wire(&self) -> PathBuf {
        self.wire.clone()
    }

    /// With the wire in another place.
    pub(crate) fn at(&mut self, wire: PathBuf) -> &Self {
        self.wire = wire;
        self
    }

    /// A place beside the watched folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Drops a page as a careful crawler does: written beside the folder, then moved in.
    pub(crate) fn drop(&self, name: &str, text: impl AsRef<[u8]>) {
        let part = self.beside("part");
        std::fs::write(&part, text).unwrap();
        let to = self.folder().join(name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(part, to).unwrap();
    }

    /// `flashwire run` on the folder, any free port, nothing waited for.
    pub(crate) fn command(&self) -> Command {
        let mut command = flashwire();
        command.arg("run").arg(self.folder()).args(["--listen", "127.0.0.1:0"]);
        command.arg("--wire").arg(&self.wire);
        command.env("FLASHWIRE_LOG_LEVEL", "warn");
        command.stderr(Stdio::inherit()).stdout(Stdio::null());
        command
    }

    /// Starts the daemon and waits until it says it is ready.
    pub(crate) fn start(&self) -> Daemon {
        self.started(&mut self.command())
    }

    /// Starts it as `command` says.
    pub(crate) fn started(&self, command: &mut Command) -> Daemon {
        let mut child = command.spawn().unwrap();
        let lock = flashwire::wire::Lock::path(&self.wire);
        let url = eventually("the daemon's address", || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the daemon ended at once: {status}");
            }
            let holder: Value = serde_json::from_slice(&std::fs::read(&lock).ok()?).ok()?;
            if holder["pid"] != child.id() {
                return None;
            }
            holder["url"].as_str().map(str::to_owned)
        });
        let daemon = Daemon { child, url };
        eventually("readiness", || (daemon.get("/readyz").0 == 200).then_some(()));
        daemon
    }

    /// What the ledger says, also while a daemon runs.
    pub(crate) fn counts(&self) -> LedgerCounts {
        self.read(|wire| runtime().block_on(wire.counts()).unwrap()).unwrap_or_default()
    }

    /// Waits until the ledger holds `pages` pages.
    pub(crate) fn wait_for_pages(&self, pages: u64) {
        eventually(&format!("{pages} pages in the ledger"), || {
            (self.counts().pages.values().sum::<u64>() >= pages).then_some(())
        });
    }

    /// Everything on the wire.
    pub(crate) fn events(&self) -> Vec<std::sync::Arc<flashwire::item::Event>> {
        use flashwire::{item::Seq, wire::Store as _};
        let entries = self.read(|wire| runtime().block_on(wire.read(Seq(0), 1_000_000)).unwrap());
        entries.unwrap().iter().map(|entry| entry.event.clone()).collect()
    }

    /// The wire's own findings about itself.
    pub(crate) fn verify(&self) -> Vec<String> {
        self.read(|wire| runtime().block_on(wire.verify()).unwrap()).unwrap()
    }

    /// Asks the wire's file, beside the daemon and on a thread of its own, so that it may be
    /// asked from within a runtime; `None` before there is one.
    pub(crate) fn read<T: Send>(&self, ask: impl FnOnce(&SqliteStore) -> T + Send) -> Option<T> {
        let path = self.wire();
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| match SqliteStore::open_read_only(&path) {
                Ok(wire) => Some(ask(&wire)),
                Err(OpenError::Missing(_)) => None,
                Err(error) => panic!("{error}"),
            });
            asking.join().unwrap()
        })
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

impl Daemon {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Status and body of a GET.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).build().into();
        match agent.get(format!("{}{path}", self.url)).header("accept", "application/json").call() {
            Ok(mut response) => {
                (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
            }
            Err(_) => (0, String::new()),
        }
    }

    /// Opens a subscription; `query` begins with `?` or is empty.
    pub(crate) async fn subscribe(&self, query: &str) -> Client {
        self.subscribe_with(query, None).await
    }

    /// The same with a token.
    pub(crate) async fn subscribe_with(&self, query: &str, token: Option<&str>) -> Client {
        Client::connect(&self.url, query, token).await.unwrap()
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// SIGHUP: read the settings again, look at the whole folder.
    pub(crate) fn hang_up(&self) {
        self.signal(rustix::process::Signal::HUP);
    }

    /// SIGTERM; gives how it ended.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal(rustix::process::Signal::TERM);
        let started = Instant::now();
        let status = self.child.wait().unwrap();
        assert!(started.elapsed() < Duration::from_secs(15), "a stop takes seconds");
        status
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Stopped or killed already, mostly.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A subscriber.
pub(crate) struct Client {
    socket: tokio_tungstenite::WebSocketStream<
        tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>,
    >,
    pub(crate) hello: Value,
}

impl Client {
    /// Subscribes at the address of a daemon; `None` where nobody serves there.
    pub(crate) async fn connect(url: &str, query: &str, token: Option<&str>) -> Option<Client> {
        let url = format!("{}/v1/wire{query}", url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        if let Some(token) = token {
            let value = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().insert("authorization", value);
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await.ok()?;
        let mut client = Client { socket, hello: Value::Null };
        client.hello = client.frame().await?;
        assert_eq!(client.hello["type"], "hello");
        Some(client)
    }

    /// The next frame, `None` once the daemon has hung up.
    pub(crate) async fn frame(&mut self) -> Option<Value> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(60), self.socket.next()).await;
            match next.expect("a frame within a minute")? {
                Ok(Message::Text(text)) => {
                    let frame = serde_json::from_str(&text).unwrap();
                    crate::outlets::check_schema(&frame);
                    return Some(frame);
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next `n` events; other frames are passed over.
    pub(crate) async fn events(&mut self, n: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < n {
            let frame = self.frame().await.expect("the stream goes on");
            if frame["type"] == "event" {
                events.push(frame);
            }
        }
        events
    }

    /// Sends an operation; a daemon that has hung up hears nothing.
    pub(crate) async fn say(&mut self, text: &str) {
        let _ = self.socket.send(Message::text(text)).await;
    }

    /// Reads on to the close; gives its code.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(60), self.socket.next()).await;
            match next.expect("a close within a minute") {
                Some(Ok(Message::Close(Some(close)))) => return close.code.into(),
                Some(Ok(_)) => {}
                other => panic!("{other:?} instead of a close"),
            }
        }
    }

    /// Events up to `caughtUp`.
    pub(crate) async fn replay(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let frame = self.frame().await.expect("the stream goes on");
            match frame["type"].as_str() {
                Some("event") => events.push(frame),
                Some("caughtUp") => return events,
                _ => {}
            }
        }
    }

    /// `epoch:seq` behind an event.
    pub(crate) fn cursor(&self, event: &Value) -> String {
        format!("{}:{}", self.hello["epoch"].as_str().unwrap(), event["seq"])
    }
}

/// Runs a command to its end.
pub(crate) fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut texts = [String::new(), String::new()];
    let mut err = child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        err.read_to_string(&mut text).unwrap();
        text
    });
    child.stdout.take().unwrap().read_to_string(&mut texts[0]).unwrap();
    texts[1] = reader.join().unwrap();
    let [out, err] = texts;
    (child.wait().unwrap().code(), out, err)
}

/// A page of the examples.
pub(crate) fn example(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)).unwrap()
}

/// The folder of real pages, or a loud skip.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("FLASHWIRE_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("SKIPPED: FLASHWIRE_CORPUS is not set; real pages are not tested");
    }
    folder
}
