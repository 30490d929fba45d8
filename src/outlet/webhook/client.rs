//! One connection to one receiver: what is posted over it, and to whom it may lead.
//!
//! Redirects are not followed and proxies not asked: who gets the news is who the config names.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    HeaderMap, Request, StatusCode, Uri,
    client::conn::http1::{self, SendRequest},
    header::{self, HeaderValue},
};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider},
};

/// Bytes of an answer that are read so that the connection can be used again.
const ANSWER: usize = 64 << 10;

/// What a receiver said.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// How long it asks to be left alone.
    pub(super) retry_after: Option<Duration>,
}

/// Where a rule's events go.
pub(super) struct Client {
    uri: Uri,
    host: String,
    port: u16,
    tls: Option<TlsConnector>,
    /// Whether it may lead to an address of this machine or its network.
    private: bool,
    /// How long it may take, connecting and answer included.
    timeout: Duration,
    headers: HeaderMap,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// # Errors
    /// What is wrong with the address.
    pub(super) fn new(
        url: &str,
        private: bool,
        timeout: Duration,
        headers: HeaderMap,
    ) -> Result<Self, String> {
        let form = || "url must be an address such as https://desk.example/hook".to_owned();
        let uri: Uri = url.parse().map_err(|_| form())?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(form()),
        };
        let host = uri.host().ok_or_else(form)?.trim_matches(['[', ']']).to_owned();
        let authority = uri.authority().ok_or_else(form)?;
        if authority.as_str().contains('@') {
            return Err("url must hold no password; give an Authorization header".into());
        }
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let tls = secure.then(connector);
        Ok(Client { uri, host, port, tls, private, timeout, headers, open: None })
    }

    /// Host and port, for sentences: the path may be a secret.
    pub(super) fn receiver(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Posts JSON and gives what the receiver says to it.
    ///
    /// # Errors
    /// Why nothing came back, as a sentence.
    pub(super) async fn post(&mut self, body: Bytes, own: &HeaderMap) -> Result<Answer, String> {
        let receiver = self.receiver();
        let timeout = self.timeout;
        let posted = tokio::time::timeout(timeout, self.try_twice(body, own)).await;
        let posted = posted.unwrap_or_else(|_| Err(format!("gave no answer within {timeout:?}")));
        if posted.is_err() {
            self.open = None;
        }
        posted.map_err(|why| format!("{receiver} {why}"))
    }

    /// A connection that was kept may have been closed meanwhile: then a new one is tried at once.
    async fn try_twice(&mut self, body: Bytes, own: &HeaderMap) -> Result<Answer, String> {
        if let Some(open) = self.open.take()
            && let Ok(answer) = self.try_over(open, body.clone(), own).await
        {
            return Ok(answer);
        }
        let fresh = self.connect().await?;
        self.try_over(fresh, body, own).await
    }

    async fn try_over(
        &mut self,
        mut open: SendRequest<Full<Bytes>>,
        body: Bytes,
        own: &HeaderMap,
    ) -> Result<Answer, String> {
        let lost = |error: hyper::Error| format!("hung up: {error}");
        open.ready().await.map_err(lost)?;
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::post(path)
            .header(header::HOST, self.uri.authority().map_or("", |it| it.as_str()))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("flashwire/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(body))
            .map_err(|error| error.to_string())?;
        for (name, value) in self.headers.iter().chain(own) {
            request.headers_mut().insert(name, value.clone());
        }
        let answer = open.send_request(request).await.map_err(lost)?;
        let (head, body) = answer.into_parts();
        // The status is the answer; what is said beside it only has to be out of the way.
        if Limited::new(body, ANSWER).collect().await.is_ok() {
            self.open = Some(open);
        }
        let seconds = head
            .headers
            .get(header::RETRY_AFTER)
            .and_then(|value: &HeaderValue| value.to_str().ok()?.trim().parse().ok());
        Ok(Answer { status: head.status, retry_after: seconds.map(Duration::from_secs) })
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, String> {
        let refused = |error: std::io::Error| format!("can't be reached: {error}");
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let mut addresses: Vec<_> = found.map_err(refused)?.collect();
        if !self.private {
            // Looked at here and then used: a name can't lead elsewhere in between.
            addresses.retain(|address| is_public(address.ip()));
            if addresses.is_empty() {
                return Err("has only private addresses; private = true allows them".to_owned());
            }
        }
        let socket = TcpStream::connect(&addresses[..]).await.map_err(refused)?;
        socket.set_nodelay(true).map_err(refused)?;
        let Some(tls) = &self.tls else { return speak(socket).await };
        let name = ServerName::try_from(self.host.clone()).map_err(|error| error.to_string())?;
        let socket = tls.connect(name, socket).await;
        speak(socket.map_err(|error| format!("can't be trusted: {error}"))?).await
    }
}

async fn speak<S>(socket: S) -> Result<SendRequest<Full<Bytes>>, String>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (open, connection) = http1::handshake(TokioIo::new(socket))
        .await
        .map_err(|error| format!("can't be spoken to: {error}"))?;
    tokio::spawn(async move {
        // How it ended is told to whoever was waiting for an answer.
        let _ = connection.await;
    });
    Ok(open)
}

/// Trusts what browsers trust.
fn connector() -> TlsConnector {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows every version that rustls speaks")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Whether an address is one of the internet, as the IANA registries of special addresses say.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_4(ip),
        IpAddr::V6(ip) => is_public_6(ip),
    }
}

fn is_public_4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || (a, b & 0xc0) == (100, 64)
        || (a, b, c) == (192, 0, 0)
        || (a, b & 0xfe) == (198, 18)
        || a >= 240;
    !special
}

fn is_public_6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let inner = |high: u16, low: u16| {
        let [[w, x], [y, z]] = [high.to_be_bytes(), low.to_be_bytes()];
        is_public_4(Ipv4Addr::new(w, x, y, z))
    };
    match [a, b, c, d, e, f] {
        // An IPv4 address in another form: mapped, compatible, translated, or 6to4.
        [0, 0, 0, 0, 0, 0xffff | 0] | [0x64, 0xff9b, 0, 0, 0, 0] => inner(g, h),
        [0x2002, ..] => inner(b, c),
        // Global unicast, without what is set aside in it (Teredo, documentation, ORCHID).
        _ => a & 0xe000 == 0x2000 && (a, b & 0xfe00) != (0x2001, 0) && (a, b) != (0x2001, 0xdb8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_a_private_address_passes_for_a_public_one() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.19.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::192.168.0.1",
            "2002:7f00:1::",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1", "::ffff:8.8.8.8"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
