//! The same over TLS.

use std::sync::Arc;

use flashwire::broadcast::{Admission, Config, tls};
use tokio::net::TcpStream;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, pki_types::CertificateDer};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, tungstenite};

use super::desk::{Desk, Options, Subscriber, story};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A certificate just made, and what trusts it alone.
fn certificate() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let server = tls(&certificate, &key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(made.cert.der().to_vec())).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (server, Arc::new(client))
}

/// A server with a certificate of its own, and what its clients trust.
async fn open(config: Config) -> (Desk, Arc<ClientConfig>) {
    let (server, trust) = certificate();
    let options = Options { tls: Some(server), config, ..Options::default() };
    (Desk::with(options).await, trust)
}

async fn subscribe(desk: &Desk, trust: &Arc<ClientConfig>, query: &str) -> Subscriber {
    Subscriber { socket: try_subscribe(desk, trust, query).await.unwrap() }
}

async fn try_subscribe(
    desk: &Desk,
    trust: &Arc<ClientConfig>,
    query: &str,
) -> Result<Socket, tungstenite::Error> {
    let port = desk.at.port();
    let request = format!("wss://localhost:{port}/v1/wire?{query}");
    let socket = TcpStream::connect(desk.at).await.unwrap();
    let trust = Some(Connector::Rustls(trust.clone()));
    let connected = tokio_tungstenite::client_async_tls_with_config(request, socket, None, trust);
    Ok(connected.await?.0)
}

#[tokio::test]
async fn a_renewed_certificate_serves_who_comes_next_and_leaves_the_others() {
    let (desk, old) = open(Options::default().config).await;
    let mut early = subscribe(&desk, &old, "").await;
    early.until("caughtUp").await;
    let (renewed, new) = certificate();
    desk.admission.send_replace(Admission::new(&Options::default().config, Some(renewed)));
    assert!(try_subscribe(&desk, &old, "").await.is_err());
    let mut late = subscribe(&desk, &new, "").await;
    late.until("caughtUp").await;
    desk.tell(vec![story("Story", "Text.")]).await;
    for subscriber in [&mut early, &mut late] {
        assert_eq!(subscriber.until("event").await["seq"], 1);
    }
}

#[tokio::test]
async fn a_slow_and_a_quick_reader_get_all_of_it() {
    let mut config = Options::default().config;
    config.max_frame = 16 << 10;
    config.ring_bytes = 48 << 10;
    config.send_buffer = 4096;
    let (desk, trust) = open(config).await;
    let mut slow = subscribe(&desk, &trust, "").await;
    let mut quick = subscribe(&desk, &trust, "").await;
    slow.until("caughtUp").await;
    quick.until("caughtUp").await;
    for n in 1..=800u64 {
        desk.tell(vec![story(&format!("Story {n}"), &"Much text. ".repeat(300))]).await;
        assert_eq!(quick.until("event").await["seq"], n);
    }
    assert_eq!(slow.seqs_to(800).await, (1..=800).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_can_not_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cert.pem");
    let missing = tls(&path, &path).unwrap_err().to_string();
    assert!(missing.contains("cert.pem"), "{missing}");
    std::fs::write(&path, "no certificate").unwrap();
    let empty = tls(&path, &path).unwrap_err().to_string();
    assert!(empty.contains("cert.pem"), "{empty}");
}
