//! Readers of every pace against a ring that moves on under them: each is told every event once,
//! whenever it stalls, and what goodbye says is how far it was told.

use std::{collections::HashMap, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::desk::{Desk, Options, PATIENCE, line, story};

/// A source of chances that can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % most
    }
}

/// A subscriber that reads as many bytes as it likes, when it likes.
struct Reader {
    socket: TcpStream,
    bytes: Vec<u8>,
    /// Where it began, then what it was told.
    begun: u64,
    seqs: Vec<u64>,
    goodbye: Option<u64>,
    ended: bool,
}

impl Reader {
    async fn begin(desk: &Desk, query: &str, receive: u32) -> Reader {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(receive).unwrap();
        let mut socket = socket.connect(desk.at).await.unwrap();
        let request = format!(
            "GET /v1/wire?{query} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            desk.at
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
                break end + 4;
            }
            let mut one = [0];
            socket.read_exact(&mut one).await.unwrap();
            bytes.push(one[0]);
        };
        assert!(bytes.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&bytes));
        bytes.drain(..end);
        Reader { socket, bytes, begun: 0, seqs: vec![], goodbye: None, ended: false }
    }

    /// Reads up to so many bytes, if they are there.
    fn sip(&mut self, most: usize) {
        let mut cup = vec![0; most];
        match self.socket.try_read(&mut cup) {
            Ok(0) => self.ended = true,
            Ok(read) => self.bytes.extend_from_slice(&cup[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => self.ended = true,
        }
        self.understand();
    }

    /// Reads on to the end, or to an event.
    async fn drain(&mut self, until: Option<u64>) {
        let read = async {
            while !self.ended && until.is_none_or(|until| self.seqs.last() < Some(&until)) {
                self.socket.readable().await.unwrap();
                self.sip(64 << 10);
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the stream goes on");
    }

    fn understand(&mut self) {
        while let Some((opcode, payload)) = self.frame() {
            if opcode != 1 {
                continue;
            }
            let frame: Value = serde_json::from_slice(&payload).unwrap();
            let position = |name: &str| {
                let cursor = frame[name].as_str().unwrap();
                cursor.split_once(':').unwrap().1.parse::<u64>().unwrap()
            };
            match frame["type"].as_str().unwrap() {
                "hello" => self.begun = position("resumedFrom"),
                "event" => self.seqs.push(frame["seq"].as_u64().unwrap()),
                "goodbye" => self.goodbye = Some(position("cursor")),
                // These two say what has been told before them.
                "caughtUp" | "heartbeat" => {
                    let told = self.seqs.last().copied().unwrap_or(self.begun);
                    assert!(position("cursor") >= told, "{frame} after {told}");
                }
                _ => {}
            }
        }
    }

    /// Cuts a whole frame off what has come.
    fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let (opcode, short) = (self.bytes.first()? & 0x0f, *self.bytes.get(1)?);
        let (head, len) = match short {
            126 => {
                let long = self.bytes.get(2..4)?.try_into().unwrap();
                (4, usize::from(u16::from_be_bytes(long)))
            }
            127 => {
                let long = self.bytes.get(2..10)?.try_into().unwrap();
                (10, u64::from_be_bytes(long) as usize)
            }
            short => (2, usize::from(short)),
        };
        let payload = self.bytes.get(head..head + len)?.to_vec();
        self.bytes.drain(..head + len);
        Some((opcode, payload))
    }
}

/// Which events a filter takes: those whose number these divide.
const TAKES: [(&str, u64); 3] = [("", 1), ("&q=even", 2), ("&q=third", 3)];

fn words(seq: u64) -> String {
    let even = if seq.is_multiple_of(2) { "even" } else { "odd" };
    let third = if seq.is_multiple_of(3) { "third" } else { "other" };
    format!("Story {seq} {even} {third}")
}

async fn tell(desk: &Desk, dice: &mut Dice, seq: &mut u64, count: u64) {
    for _ in 0..count {
        *seq += 1;
        let item = match dice.below(3) {
            0 => line(&words(*seq)),
            _ => story(&words(*seq), &"Much text. ".repeat(20 + dice.below(900) as usize)),
        };
        desk.tell(vec![item]).await;
    }
}

/// Many readers that take what they like of a wire, and of a ring that holds a part of it.
async fn play(seed: u64) {
    let mut dice = Dice(seed);
    let mut options = Options::default();
    options.config.ring_bytes = 128 << 10;
    options.config.max_frame = 16 << 10;
    options.config.send_buffer = 8 << 10;
    let mut desk = Desk::with(options).await;
    let mut seq = 0;
    tell(&desk, &mut dice, &mut seq, 60).await;
    let mut readers = Vec::new();
    for number in 0..120u64 {
        let (query, takes) = TAKES[(number % 3) as usize];
        let from = seq - dice.below(20);
        let reader = Reader::begin(&desk, &format!("cursor={from}{query}"), 4 << 10).await;
        readers.push((reader, takes));
    }
    // They catch up bit by bit, each as far as it likes; then the ring moves on under them.
    for round in 0..3 {
        for _ in 0..12 {
            for (reader, _) in &mut readers {
                if dice.below(3) == 0 {
                    reader.sip(1 + dice.below(5000) as usize);
                }
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tell(&desk, &mut dice, &mut seq, 60 + round * 10).await;
    }
    let metrics = desk.get("/metrics", &[]).await.body;
    let fallen = metrics.lines().find_map(|line| {
        line.strip_prefix("flashwire_subscriber_fallen_behind_total ")?.parse::<u64>().ok()
    });
    assert!(fallen > Some(20), "seed {seed}: the ring moved on under {fallen:?} readers only");
    // Half of them read on to the newest; the others stand wherever they stand.
    for (reader, takes) in readers.iter_mut().step_by(2) {
        reader.drain(Some(seq - seq % *takes)).await;
    }
    let stopping = async {
        for (reader, _) in &mut readers {
            reader.drain(None).await;
        }
    };
    tokio::join!(desk.stop(), stopping);
    let at = "127.0.0.1:0".parse().unwrap();
    let desk = desk.reopen(at, Options::default()).await;
    let mut resumed = HashMap::new();
    for (number, (reader, takes)) in readers.iter().enumerate() {
        let due = |after: u64, to: u64| {
            (after + 1..=to).filter(|seq| seq.is_multiple_of(*takes)).collect::<Vec<_>>()
        };
        let told = reader.seqs.last().copied().unwrap_or(reader.begun);
        assert_eq!(reader.seqs, due(reader.begun, told), "seed {seed}, reader {number}");
        let Some(goodbye) = reader.goodbye else {
            panic!("seed {seed}: reader {number} heard no goodbye");
        };
        assert!(goodbye >= told, "seed {seed}, reader {number}: goodbye {goodbye} behind {told}");
        assert_eq!(due(told, goodbye), [0; 0], "seed {seed}, reader {number}: goodbye ahead");
        resumed.insert((goodbye, *takes), ());
    }
    for (goodbye, takes) in resumed.into_keys() {
        let query = TAKES.iter().find(|(_, other)| *other == takes).unwrap().0;
        let last = seq - seq % takes;
        if last <= goodbye {
            continue;
        }
        let mut again = Reader::begin(&desk, &format!("cursor={goodbye}{query}"), 64 << 10).await;
        again.drain(Some(last)).await;
        let rest: Vec<_> = (goodbye + 1..=last).filter(|seq| seq.is_multiple_of(takes)).collect();
        assert_eq!(again.seqs, rest, "seed {seed}: resumed after {goodbye}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_any_pace_is_told_everything_once() {
    let seeds = match std::env::var("FLASHWIRE_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => vec![1],
    };
    for seed in seeds {
        let playing = tokio::time::timeout(Duration::from_secs(120), play(seed));
        playing.await.unwrap_or_else(|_| panic!("seed {seed} does not end"));
    }
}
