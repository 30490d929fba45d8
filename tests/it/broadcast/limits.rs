//! What a client may not do.

use std::time::Duration;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use super::desk::{Desk, Options, PATIENCE};

#[tokio::test]
async fn unknown_parameters_are_refused_by_name() {
    let desk = Desk::open().await;
    for (query, name) in [("curser=5", "curser"), ("kind=video", "kind"), ("q=%22a", "q")] {
        let refused = desk.connect(query, &[]).await.unwrap_err();
        assert!(refused.to_string().contains("400"), "{refused}");
        let answer = desk.get(&format!("/v1/events?{query}"), &[]).await;
        assert_eq!((answer.status, &answer.json()["parameter"]), (400, &json!(name)));
        let origin = format!("http://{}", desk.at);
        let mut page = desk.connect(query, &[("origin", &origin)]).await.unwrap();
        let (code, frames) = page.closed().await;
        assert_eq!(code, 4500);
        assert!(frames[0]["message"].as_str().unwrap().contains(name));
    }
}

#[tokio::test]
async fn other_origins_and_hosts_are_refused() {
    let desk = Desk::open().await;
    let refused = desk.connect("", &[("origin", "https://elsewhere.example")]).await.unwrap_err();
    assert!(refused.to_string().contains("403"), "{refused}");
    let answer = desk.get("/", &[("host", "rebound.example")]).await;
    assert_eq!((answer.status, &answer.json()["error"]), (421, &json!("host")));
}

#[tokio::test]
async fn a_message_too_large_is_closed_with_1009() {
    let desk = Desk::open().await;
    let (mut subscriber, _) = desk.subscribe("").await;
    subscriber.say(&"x".repeat(70_000)).await;
    assert_eq!(subscriber.closed().await.0, 1009);
}

#[tokio::test]
async fn binary_and_floods_are_closed_with_1008() {
    let desk = Desk::open().await;
    let (mut subscriber, _) = desk.subscribe("").await;
    futures_util::SinkExt::send(&mut subscriber.socket, Message::binary(vec![1])).await.unwrap();
    assert_eq!(subscriber.closed().await.0, 1008);
    let (mut subscriber, _) = desk.subscribe("").await;
    for _ in 0..60 {
        subscriber.say(r#"{"op":"ping"}"#).await;
    }
    let (code, frames) = subscriber.closed().await;
    assert_eq!((code, &frames.last().unwrap()["code"]), (1008, &json!("too_fast")));
}

#[tokio::test]
async fn who_does_not_answer_a_ping_is_closed() {
    let mut options = Options::default();
    options.config.ping = 1;
    options.config.pong = 1;
    let desk = Desk::with(options).await;
    let (mut answers, _) = desk.subscribe("").await;
    // A raw socket that never says anything again.
    let mut mute = TcpStream::connect(desk.at).await.unwrap();
    let request = format!(
        "GET /v1/wire HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        desk.at
    );
    mute.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let answering = tokio::spawn(async move {
        loop {
            answers.frame().await;
        }
    });
    // The server closes its side after the close frame: the read comes to an end.
    tokio::time::timeout(PATIENCE, mute.read_to_end(&mut bytes)).await.unwrap().unwrap();
    let close = bytes.windows(4).any(|part| part[0] == 0x88 && part[2..] == 4002u16.to_be_bytes());
    assert!(close, "{}", String::from_utf8_lossy(&bytes));
    assert!(!answering.is_finished());
}

#[tokio::test]
async fn slow_and_large_requests_are_cut_off() {
    let desk = Desk::open().await;
    let mut half = TcpStream::connect(desk.at).await.unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n").await.unwrap();
    let mut large = TcpStream::connect(desk.at).await.unwrap();
    let head =
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n", "x".repeat(20_000));
    // The server may close before all of it is written.
    let _ = large.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, large.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"));
    let mut answer = Vec::new();
    let within = tokio::time::timeout(Duration::from_secs(8), half.read_to_end(&mut answer)).await;
    within.expect("half a request is not waited for long").unwrap();
}

#[tokio::test]
async fn connections_and_filters_are_limited() {
    let mut options = Options::default();
    options.config.max_connections = 3;
    options.config.max_filters = 1;
    let desk = Desk::with(options).await;
    let (_one, _) = desk.subscribe("q=one").await;
    let (_same, _) = desk.subscribe("q=one").await;
    let mut other = desk.connect("q=two", &[]).await.unwrap();
    // It is greeted by a refusal, then closed.
    let (code, frames) = other.closed().await;
    assert_eq!((code, &frames[0]["code"]), (4503, &json!("too_many")));
    drop(other);
    let (_three, _) = loop {
        if let Ok(mut subscriber) = desk.connect("", &[]).await {
            let hello = subscriber.frame().await;
            break (subscriber, hello);
        }
    };
    let refused = desk.connect("", &[]).await.unwrap_err();
    assert!(refused.to_string().contains("503"), "{refused}");
}

/// Requests whose body doesn't come, or comes a byte at a time, for a route of each kind.
#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let mut options = Options::default();
    options.config.max_connections = 8;
    let desk = Desk::with(options).await;
    let mut waiting = tokio::task::JoinSet::new();
    for head in [
        "POST /v1/withdrawals HTTP/1.1\r\nContent-Length: 100",
        "POST /v1/withdrawals HTTP/1.1\r\nTransfer-Encoding: chunked",
        "POST / HTTP/1.1\r\nContent-Length: 100",
        "GET /v1/events HTTP/1.1\r\nContent-Length: 100",
        "GET /v1/wire HTTP/1.1\r\nContent-Length: 100",
        "GET /healthz HTTP/1.1\r\nContent-Length: 100",
        "PUT /v1/stats HTTP/1.1\r\nTransfer-Encoding: chunked",
        "GET /nothing HTTP/1.1\r\nContent-Length: 100",
    ] {
        let head = format!(
            "{head}\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json\r\n\r\n",
            desk.at
        );
        let mut socket = TcpStream::connect(desk.at).await.unwrap();
        waiting.spawn(async move {
            socket.write_all(head.as_bytes()).await.unwrap();
            let (mut from, mut to) = socket.into_split();
            let chunked = head.contains("chunked");
            let trickle = tokio::spawn(async move {
                while to.write_all(if chunked { b"1\r\nx\r\n" } else { b"x" }).await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            });
            let mut answer = Vec::new();
            let mut some = [0; 4096];
            // A reset is an end, too.
            while let Ok(read @ 1..) = from.read(&mut some).await {
                answer.extend_from_slice(&some[..read]);
            }
            trickle.abort();
            (head, String::from_utf8(answer).unwrap())
        });
    }
    let ended = tokio::time::timeout(Duration::from_secs(15), waiting.join_all()).await;
    for (head, answer) in ended.expect("nobody is waited for longer than for a head") {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{head}{answer}");
    }
    // Their places are free again.
    assert_eq!(desk.get("/healthz", &[]).await.status, 200);
}

/// A head that trickles, a connection that asks once and stays, and answers nobody reads.
#[tokio::test]
async fn whoever_stands_in_the_way_goes() {
    let mut options = Options::default();
    options.config.max_connections = 4;
    options.config.stall = 2;
    options.config.heartbeat = 1;
    options.config.send_buffer = 4096;
    let desk = Desk::with(options).await;
    for n in 0..20 {
        let body = "Much text. ".repeat(20_000);
        desk.tell(vec![super::desk::story(&format!("Story {n}"), &body)]).await;
    }
    let ask = async |text: String| {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut socket = socket.connect(desk.at).await.unwrap();
        socket.write_all(text.as_bytes()).await.unwrap();
        socket
    };
    let host = format!("Host: {}\r\n", desk.at);
    let mut trickling = ask(format!("GET / HTTP/1.1\r\n{host}")).await;
    let _array = ask(format!(
        "GET /v1/events?cursor=earliest HTTP/1.1\r\n{host}Accept: application/json\r\n\r\n"
    ))
    .await;
    let _stream = ask(format!("GET /v1/events?cursor=earliest HTTP/1.1\r\n{host}\r\n")).await;
    let _idle = ask(format!("GET /healthz HTTP/1.1\r\n{host}\r\n")).await;
    let trickle = tokio::spawn(async move {
        while trickling.write_all(b"X: y\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    let free = async {
        let mut places = Vec::new();
        while places.len() < 4 {
            // Who has no place is answered at once that there is none.
            let mut socket = TcpStream::connect(desk.at).await.unwrap();
            let mut some = [0; 16];
            let refused = tokio::time::timeout(Duration::from_millis(300), socket.read(&mut some));
            match refused.await {
                Err(_) => places.push(socket),
                Ok(_) => places.clear(),
            }
        }
    };
    tokio::time::timeout(PATIENCE, free).await.expect("all four places are free in the end");
    trickle.await.unwrap();
}
