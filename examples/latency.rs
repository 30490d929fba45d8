//! From a dropped page to a subscriber's socket, through the real daemon.
//!
//! ```console
//! cargo run --release --example latency -- --durability process --drops 500
//! ```
//!
//! Starts `flashwire run` on a folder of its own, subscribes, moves one page in at a time and
//! notes when its event arrives. Run it beside `--example floor`, which does the same with a raw
//! inotify, one read and one socket: only the ratio of the two means anything on a busy machine.
//!
//! With `--backlog PAGES` it measures twice in one run: on an empty folder, then while a daemon
//! takes a folder that held so many pages when it started. It says how many of them were still
//! to be taken at the last drop; at none the second figure means nothing.

#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::{
    error::Error,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut durability = "power".to_owned();
    let (mut drops, mut gap, mut backlog) = (300, Duration::from_millis(20), 0);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or("every option has a value")?;
        match arg.as_str() {
            "--durability" => durability = value,
            "--drops" => drops = value.parse()?,
            "--gap-ms" => gap = Duration::from_millis(value.parse()?),
            "--backlog" => backlog = value.parse()?,
            _ => {
                return Err("options: --durability power|process, --drops N, --gap-ms MS, \
                            --backlog PAGES"
                    .into());
            }
        }
    }
    measure(&durability, drops, gap, 0)?;
    if backlog > 0 {
        measure(&durability, drops, gap, backlog)?;
    }
    Ok(())
}

fn measure(
    durability: &str,
    drops: usize,
    gap: Duration,
    backlog: usize,
) -> Result<(), Box<dyn Error>> {
    let root = tempfile::tempdir()?;
    let pages = root.path().join("pages");
    std::fs::create_dir(&pages)?;
    for n in 0..backlog {
        std::fs::write(pages.join(format!("old-{n}.txt")), page(n, "crossed to"))?;
    }
    let daemon = Daemon::start(&pages, durability)?;
    let address = daemon.address(root.path())?;
    // What was there at the start is marked as backfill: it is not what is waited for here.
    let mut client = Client::connect(&address)?;

    let mut micros = Vec::with_capacity(drops);
    for n in 0..drops {
        let part = root.path().join("part");
        std::fs::write(&part, page(n, "left Port Amal for"))?;
        std::thread::sleep(gap);
        let dropped = Instant::now();
        std::fs::rename(&part, pages.join(format!("{n}.txt")))?;
        client.wait_for(&format!("number {n} has left"))?;
        micros.push(dropped.elapsed().as_micros());
    }
    micros.sort_unstable();
    let at = |share: usize| micros[(micros.len() * share / 100).min(micros.len() - 1)];
    println!(
        "durability {durability}, {drops} drops: p50 {} us, p90 {} us, p99 {} us",
        at(50),
        at(90),
        at(99)
    );
    if backlog > 0 {
        let left = left(&address)?;
        println!("  behind a backlog of {backlog} pages, {left} of them untaken at the last drop");
    }
    Ok(())
}

/// A page of the size that text exports have, with one line of its own.
fn page(n: usize, verb: &str) -> String {
    let mut page = String::from("The Amal Courier\n\n  • News\n  • Harbour\n\nBREAKING\n");
    page.push_str(&format!("Harbour desk: The ferry number {n} has {verb} Vellin\n"));
    page.push_str(&format!("Radio Vellin: Convoy {n} of lorries waits at the western gate\n\n"));
    page.push_str(&"Most Read\n\nThe lighthouse keeper's last winter\n\n".repeat(150));
    page
}

/// How many pages the daemon has noticed and not taken.
fn left(address: &str) -> Result<u64, Box<dyn Error>> {
    let stats: serde_json::Value =
        ureq::get(format!("http://{address}/v1/stats")).call()?.body_mut().read_json()?;
    stats["watch"]["pending"].as_u64().ok_or_else(|| format!("no count in {stats}").into())
}

struct Daemon(Child);

impl Daemon {
    fn start(pages: &Path, durability: &str) -> Result<Self, Box<dyn Error>> {
        let binary = std::env::current_exe()?;
        let binary = binary.ancestors().nth(2).ok_or("no target folder")?.join("flashwire");
        let child = Command::new(binary)
            .arg("run")
            .arg(pages)
            .args(["--listen", "127.0.0.1:0"])
            .env("FLASHWIRE_WIRE_DURABILITY", durability)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Daemon(child))
    }

    /// Host and port, as written into the wire's lock file, once the daemon is ready.
    fn address(&self, root: &Path) -> Result<String, Box<dyn Error>> {
        let lock: PathBuf = root.join("pages.flashwire.db.lock");
        for _ in 0..500 {
            std::thread::sleep(Duration::from_millis(20));
            let Ok(text) = std::fs::read_to_string(&lock) else { continue };
            let Ok(holder) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
            let Some(address) = holder["url"].as_str().and_then(|url| url.strip_prefix("http://"))
            else {
                continue;
            };
            let ready = ureq::get(format!("http://{address}/readyz")).call();
            if ready.is_ok_and(|answer| answer.status() == 200) {
                return Ok(address.to_owned());
            }
        }
        Err("the daemon did not get ready".into())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The barest WebSocket client: it looks for words in what arrives.
struct Client {
    socket: TcpStream,
    text: Vec<u8>,
}

impl Client {
    fn connect(address: &str) -> Result<Self, Box<dyn Error>> {
        let mut socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            socket,
            "GET /v1/wire?backfill=0 HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )?;
        let mut client = Client { socket, text: Vec::new() };
        client.wait_for("caughtUp")?;
        Ok(client)
    }

    fn wait_for(&mut self, words: &str) -> Result<(), Box<dyn Error>> {
        let mut slice = [0; 65536];
        loop {
            let found = self.text.windows(words.len()).position(|text| text == words.as_bytes());
            if let Some(at) = found {
                self.text.drain(..at + words.len());
                return Ok(());
            }
            let n = self.socket.read(&mut slice)?;
            if n == 0 {
                return Err("the daemon hung up".into());
            }
            self.text.extend_from_slice(&slice[..n]);
        }
    }
}
