//! What a proxy in front may say, and how long it may keep its connections.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite;

use super::desk::{Desk, Options};

fn behind_a_proxy() -> Options {
    let mut options = Options::default();
    options.config.hosts = vec!["desk.example".into()];
    options.config.proxies = vec!["127.0.0.1".into()];
    options.config.max_per_address = 2;
    options
}

#[tokio::test]
async fn what_a_known_proxy_says_counts_for_origins_and_limits() {
    let desk = Desk::with(behind_a_proxy()).await;
    let of = |client: &'static str| {
        [
            ("origin", "https://desk.example"),
            ("x-forwarded-host", "desk.example"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-for", client),
        ]
    };
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut subscriber = desk.connect("", &of("192.0.2.7")).await.unwrap();
        assert_eq!(subscriber.frame().await["type"], "hello");
        held.push(subscriber);
    }
    let refused = desk.connect("", &of("192.0.2.7")).await.unwrap_err();
    let tungstenite::Error::Http(answer) = &refused else { panic!("{refused}") };
    assert_eq!(answer.status(), 503);
    let said = String::from_utf8_lossy(answer.body().as_deref().unwrap()).into_owned();
    assert!(said.contains("broadcast.max_per_address"), "{said}");
    // Somebody else has places of its own, and those that are left are free again.
    desk.connect("", &of("192.0.2.8")).await.unwrap();
    held.clear();
    loop {
        if desk.connect("", &of("192.0.2.7")).await.is_ok() {
            break;
        }
    }
}

#[tokio::test]
async fn who_is_no_known_proxy_is_not_believed() {
    let desk = Desk::open().await;
    let said = [("origin", "https://desk.example"), ("x-forwarded-host", "desk.example")];
    let refused = desk.connect("", &said).await.unwrap_err();
    let tungstenite::Error::Http(answer) = &refused else { panic!("{refused}") };
    assert_eq!(answer.status(), 403);
    let said = String::from_utf8_lossy(answer.body().as_deref().unwrap()).into_owned();
    assert!(said.contains("broadcast.proxies") && said.contains("Host $host"), "{said}");
}

#[tokio::test]
async fn health_is_told_under_any_name_and_nothing_else() {
    let desk = Desk::open().await;
    let ask = async |path: &str, host: &str| {
        let mut socket = TcpStream::connect(desk.at).await.unwrap();
        let request = format!("GET {path} HTTP/1.0\r\n{host}\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(ask(path, "").await, 200, "{path}");
        assert_eq!(ask(path, "Host: flashwire.news.svc\r\n").await, 200, "{path}");
    }
    for path in ["/", "/v1/events", "/v1/stats", "/healthz/../v1/stats"] {
        assert_eq!(ask(path, "").await, 421, "{path}");
        assert_eq!(ask(path, "Host: flashwire.news.svc\r\n").await, 421, "{path}");
    }
    assert_eq!(ask("/v1/stats", "Host: localhost\r\nHost: 127.0.0.1\r\n").await, 400);
}

#[tokio::test]
async fn a_person_is_told_on_the_page() {
    let desk = Desk::open().await;
    let browser = [("host", "desk.example"), ("accept", "text/html,*/*")];
    let answer = desk.get("/", &browser).await;
    assert_eq!(answer.status, 421);
    assert!(answer.head.contains("content-type: text/html"), "{}", answer.head);
    assert!(answer.body.contains("broadcast.hosts"), "{}", answer.body);
    let forged = [("host", "<script>alert(1)</script>"), ("accept", "text/html")];
    let answer = desk.get("/", &forged).await;
    assert!(!answer.body.contains("<script>"), "{}", answer.body);
}

/// Proxies keep a connection for a minute and send the next request into it.
#[tokio::test]
async fn a_connection_is_kept_for_longer_than_a_proxy_keeps_it() {
    let desk = Desk::open().await;
    let mut socket = TcpStream::connect(desk.at).await.unwrap();
    let mut some = [0; 4096];
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", desk.at);
    let began = Instant::now();
    for pause in [0, 12] {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        socket.write_all(request.as_bytes()).await.unwrap();
        let read = socket.read(&mut some).await.unwrap();
        let answer = String::from_utf8_lossy(&some[..read]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200"), "after {:?}: {answer:?}", began.elapsed());
    }
}

#[tokio::test]
async fn frames_that_say_nothing_are_limited() {
    let desk = Desk::open().await;
    // Pongs nobody asked for; then one text message in fragments, all of them empty.
    for frame in [&b"\x8a\x80\0\0\0\0"[..], b"\x00\x80\0\0\0\0"] {
        let mut socket = TcpStream::connect(desk.at).await.unwrap();
        let request = format!(
            "GET /v1/wire HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            desk.at
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        if frame[0] == 0 {
            socket.write_all(b"\x01\x80\0\0\0\0").await.unwrap();
        }
        let (mut from, mut to) = socket.into_split();
        let flood = frame.repeat(100);
        let flooding = tokio::spawn(async move {
            for _ in 0..1000 {
                if to.write_all(&flood).await.is_err() {
                    return true;
                }
            }
            false
        });
        let mut heard = Vec::new();
        let _ = tokio::time::timeout(super::desk::PATIENCE, from.read_to_end(&mut heard))
            .await
            .expect("a flood is closed");
        let close =
            heard.windows(4).any(|part| part[0] == 0x88 && part[2..] == 1008u16.to_be_bytes());
        let cut_off = flooding.await.unwrap();
        assert!(close || cut_off, "{}", String::from_utf8_lossy(&heard));
    }
}

#[tokio::test]
async fn wrong_tokens_are_answered_slowly_and_good_ones_at_once() {
    let desk = Desk::with(Options { tokens: true, ..Options::default() }).await;
    let guesses = (0..20).map(async |n| {
        let guess = format!("Bearer guess-{n}");
        let mut tries = 0;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(2) {
            let answer = desk.get("/v1/stats", &[("authorization", &guess)]).await;
            assert_eq!((answer.status, &answer.json()["error"]), (401, &json!("unauthorised")));
            tries += 1;
        }
        tries
    });
    let good = format!("Bearer {}", super::desk::TOKEN);
    let guesses = futures_util::future::join_all(guesses);
    let served = async {
        let mut served = 0;
        for _ in 0..50 {
            served +=
                u32::from(desk.get("/v1/stats", &[("authorization", &good)]).await.status == 200);
        }
        served
    };
    let (tries, served) = tokio::join!(guesses, served);
    assert_eq!(served, 50);
    let tries: u32 = tries.into_iter().sum();
    assert!(tries <= 20 * 3, "{tries} guesses in two seconds over 20 connections");
}
