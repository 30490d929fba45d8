//! The other doors of the same port.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use flashwire::broadcast::Config;

use super::desk::{Desk, Options, PATIENCE, TOKEN, line, story};

#[tokio::test]
async fn health_figures_and_metrics() {
    let desk = Desk::open().await;
    desk.tell_lines(3).await;
    let (_subscriber, _) = desk.subscribe("").await;
    assert_eq!(desk.get("/healthz", &[]).await.json(), json!({"alive": true}));
    let ready = desk.get("/readyz", &[]).await;
    assert_eq!((ready.status, &ready.json()["checks"][0]["name"]), (200, &json!("watch")));
    let stats = desk.get("/v1/stats", &[]).await.json();
    assert_eq!((&stats["head"], &stats["subscribers"]["ws"]), (&json!(3), &json!(1)));
    assert_eq!(stats["cursor"], desk.cursor(3));
    let metrics = desk.get("/metrics", &[]).await;
    assert!(metrics.body.contains("flashwire_subscribers{proto=\"ws\"} 1"), "{}", metrics.body);
    assert!(metrics.body.ends_with("# EOF\n"));
}

#[tokio::test]
async fn the_dashboard_is_served_under_a_strict_policy() {
    let desk = Desk::open().await;
    let page = desk.get("/", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.head.contains("content-security-policy: default-src 'none'; script-src 'self'"));
    assert!(page.head.contains("x-content-type-options: nosniff"));
    let etag = page.head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    assert_eq!(desk.get("/", &[("if-none-match", etag)]).await.status, 304);
    assert_eq!(desk.get("/nothing", &[]).await.status, 404);
}

#[tokio::test]
async fn events_as_an_array() {
    let desk = Desk::open().await;
    desk.tell_lines(60).await;
    let json = &[("accept", "application/json")];
    let answer = desk.get("/v1/events?cursor=10&q=line", json).await;
    let events = answer.json();
    let seqs: Vec<_> =
        events.as_array().unwrap().iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (11..=60).collect::<Vec<_>>());
    assert!(answer.head.contains(&format!("flashwire-cursor: {}", desk.cursor(60))));
    assert_eq!(desk.get("/v1/events", json).await.json().as_array().unwrap().len(), 50);
    assert_eq!(desk.get("/v1/events?last=5&kind=article", json).await.json(), json!([]));
}

#[tokio::test]
async fn one_event_with_its_sightings() {
    let desk = Desk::open().await;
    let told = desk.tell(vec![line("Ferry aground"), story("Harbour", "One.")]).await;
    desk.see(&told[0]).await;
    let whole = desk.get(&format!("/v1/events/{}", told[0].id), &[]).await.json();
    assert_eq!(whole["event"]["item"]["headline"], "Ferry aground");
    assert_eq!(whole["tally"]["sightings"], 2);
    assert_eq!(whole["sightings"].as_array().unwrap().len(), 2);
    assert_eq!(whole["versions"].as_array().unwrap().len(), 1);
    assert_eq!(desk.get("/v1/events/fw-1", &[]).await.status, 400);
    assert_eq!(desk.get(&format!("/v1/events/fw-{}", "0".repeat(26)), &[]).await.status, 404);
}

#[tokio::test]
async fn server_sent_events_resume_by_their_id() {
    let desk = Desk::open().await;
    desk.tell_lines(5).await;
    let socket = TcpStream::connect(desk.at).await.unwrap();
    let mut socket = BufReader::new(socket);
    let request = format!(
        "GET /v1/events HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\nLast-Event-ID: {}\r\n\r\n",
        desk.at,
        desk.cursor(2)
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut ids = Vec::new();
    let mut kinds = Vec::new();
    let read = async {
        let (mut told, mut named) = (false, false);
        while kinds.len() < 6 {
            let mut line = String::new();
            socket.read_line(&mut line).await.unwrap();
            if let Some(kind) = line.strip_prefix("event: ") {
                named = true;
                kinds.push(kind.trim().to_owned());
            }
            if let Some(id) = line.strip_prefix("id: ") {
                ids.push(id.trim().to_owned());
            }
            if let Some(data) = line.strip_prefix("data: ") {
                let frame: Value = serde_json::from_str(data).unwrap();
                // What has no name reaches a browser's `onmessage`.
                assert_eq!(named, frame["type"] != "event", "{frame}");
                if !std::mem::take(&mut named) {
                    kinds.push("event".to_owned());
                }
            }
            if kinds.last().is_some_and(|kind| kind == "caughtUp") && !told {
                told = true;
                desk.tell_lines(1).await;
            }
        }
    };
    tokio::time::timeout(PATIENCE, read).await.unwrap();
    assert_eq!(kinds, ["hello", "event", "event", "event", "caughtUp", "event"]);
    let want: Vec<_> = [3, 4, 5, 5, 6].into_iter().map(|seq| desk.cursor(seq)).collect();
    assert_eq!(ids, want);
}

#[tokio::test]
async fn the_published_descriptions_are_of_what_is_there() {
    let desk = Desk::open().await;
    let told = desk.tell(vec![line("Ferry aground"), story("Harbour", "One.")]).await;
    let openapi = desk.get("/openapi.json", &[]).await.json();
    let described = openapi["paths"].as_object().unwrap();
    let source = include_str!("../../../src/broadcast/http/mod.rs");
    let routes = source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    // A WebSocket is no plain HTTP: /asyncapi.json has it.
    for route in routes.filter(|route| *route != "/v1/wire") {
        assert!(described.contains_key(route), "{route} is not in /openapi.json");
    }
    // This one has no index, and that one goes on.
    let answers =
        described.keys().filter(|path| !["/v1/search", "/ticker/events"].contains(&path.as_str()));
    for path in answers {
        let path = path.replace("{id}", &told[0].id.to_string());
        assert_eq!(desk.get(&path, &[("accept", "application/json")]).await.status, 200, "{path}");
    }
    let asyncapi = desk.get("/asyncapi.json", &[]).await.json();
    assert_eq!(asyncapi["channels"]["wire"]["address"], "/v1/wire");
    for document in [&openapi, &asyncapi] {
        let text = document.to_string();
        for rest in text.split("\"#/components/schemas/").skip(1) {
            let name = rest.split('"').next().unwrap();
            assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        }
    }
    // What is held against the schema in every test can fail.
    let mut event: Value = serde_json::from_str(&told[0].json()).unwrap();
    assert_eq!(crate::outlets::against_schema(&event), Vec::<String>::new());
    event["seq"] = json!("1");
    assert_ne!(crate::outlets::against_schema(&event), Vec::<String>::new());
}

#[tokio::test]
async fn pages_of_allowed_origins_may_read_and_others_may_not() {
    let origins = vec!["https://desk.example".into()];
    let config = Config { origins, shards: 1, ..Config::default() };
    let desk = Desk::with(Options { config, tokens: true, ..Options::default() }).await;
    let ours = ("origin", "https://desk.example");
    let headers = [ours, ("access-control-request-method", "GET")];
    let asked = desk.ask("OPTIONS", "/v1/events", &headers).await;
    assert_eq!(asked.status, 204);
    for says in [
        "access-control-allow-origin: https://desk.example",
        "access-control-allow-headers: authorization, last-event-id",
        "access-control-allow-methods: get",
    ] {
        assert!(asked.head.contains(says), "{}", asked.head);
    }
    // Also what is refused can be read there, or nobody would know why.
    for (token, status) in [("nothing", 401), (TOKEN, 200)] {
        let shown = format!("Bearer {token}");
        let answer = desk.get("/v1/stats", &[ours, ("authorization", &shown)]).await;
        assert_eq!(answer.status, status);
        assert!(answer.head.contains("access-control-allow-origin: https://desk.example"));
        assert!(answer.head.contains("vary: origin"));
    }
    for method in ["OPTIONS", "GET"] {
        let strange = [("origin", "https://else.example")];
        let answer = desk.ask(method, "/v1/stats", &strange).await;
        assert_eq!(answer.status, 403);
        assert!(!answer.head.contains("access-control-allow-origin"), "{}", answer.head);
    }
}

#[tokio::test]
async fn the_lower_third_stands_open_only_where_the_config_says_so() {
    for open in [false, true] {
        let config = Config { open_ticker: open, shards: 1, ..Config::default() };
        let desk = Desk::with(Options { config, tokens: true, ..Options::default() }).await;
        desk.tell_lines(3).await;
        let page = desk.get("/ticker?speed=100", &[]).await;
        assert_eq!(page.status, if open { 200 } else { 401 });
        for closed in ["/", "/v1/events", "/feed.json", "/ticker/events/"] {
            assert_eq!(desk.get(closed, &[]).await.status, 401, "{closed}");
        }
        let mut socket = TcpStream::connect(desk.at).await.unwrap();
        // An old cursor opens nothing that was told before.
        let request = format!(
            "GET /ticker/events?last=1 HTTP/1.1\r\nHost: {}\r\nLast-Event-ID: {}\r\n\r\n",
            desk.at,
            desk.cursor(0)
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut told = Vec::new();
        let mut lines = BufReader::new(socket).lines();
        while let Some(line) =
            tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap()
        {
            let Some(data) = line.strip_prefix("data: ") else {
                assert!(open || !line.starts_with("HTTP/1.1 200"));
                if line.is_empty() && !open {
                    break;
                }
                continue;
            };
            let frame: Value = serde_json::from_str(data).unwrap();
            match frame["type"].as_str() {
                Some("event") => told.push(frame["seq"].as_u64().unwrap()),
                Some("caughtUp") => break,
                _ => {}
            }
        }
        assert_eq!(told, if open { vec![3] } else { vec![] });
    }
}
