//! An HTTP receiver that takes what is posted to it, or does as the test says.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;

/// What it does with a request; it takes what nothing is said of.
#[derive(Clone, Debug)]
pub(super) enum Does {
    /// Answers this status, with a header.
    Says(u16, &'static str),
    /// Takes it and says nothing, ever.
    Hangs,
    /// Takes it and hangs up.
    HangsUp,
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Posted {
    pub(super) headers: BTreeMap<String, String>,
    pub(super) text: String,
    pub(super) at: Timestamp,
    /// It was answered with success.
    pub(super) taken: bool,
}

impl Posted {
    pub(super) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(super) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }
}

#[derive(Debug, Default)]
struct Inside {
    script: VecDeque<Does>,
    posted: Vec<Posted>,
}

/// A receiver on this machine; it ends with the test.
#[derive(Clone, Debug)]
pub(super) struct Receiver {
    inside: Arc<Mutex<Inside>>,
    pub(super) at: SocketAddr,
}

impl Receiver {
    pub(super) fn new(script: impl IntoIterator<Item = Does>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let script = script.into_iter().collect();
        let inside = Arc::new(Mutex::new(Inside { script, ..Inside::default() }));
        let receiver = Receiver { inside, at };
        let serving = receiver.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let serving = serving.clone();
                std::thread::spawn(move || serving.serve(socket.unwrap()));
            }
        });
        receiver
    }

    pub(super) fn posted(&self) -> Vec<Posted> {
        self.inside.lock().unwrap().posted.clone()
    }

    /// What it has taken.
    pub(super) fn taken(&self) -> Vec<Posted> {
        self.posted().into_iter().filter(|posted| posted.taken).collect()
    }

    fn serve(&self, socket: TcpStream) {
        let mut reader = BufReader::new(socket.try_clone().unwrap());
        let mut socket = socket;
        while let Some(posted) = read(&mut reader) {
            let does = {
                let mut inside = self.inside.lock().unwrap();
                let does = inside.script.pop_front();
                inside.posted.push(Posted { taken: does.is_none(), ..posted });
                does
            };
            let (status, header) = match does {
                None => (204, "x-well: yes"),
                Some(Does::Says(status, header)) => (status, header),
                Some(Does::HangsUp) => return,
                Some(Does::Hangs) => return std::thread::sleep(Duration::from_secs(300)),
            };
            let length = if status == 204 { "" } else { "content-length: 0\r\n" };
            let answer = format!("HTTP/1.1 {status} Said\r\n{length}{header}\r\n\r\n");
            if socket.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Posted> {
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    assert!(line.starts_with("POST /"), "{line}");
    headers.insert("path".to_owned(), line.split(' ').nth(1)?.to_owned());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().unwrap()];
    reader.read_exact(&mut body).ok()?;
    let text = String::from_utf8(body).unwrap();
    Some(Posted { headers, text, at: Timestamp::now(), taken: false })
}
