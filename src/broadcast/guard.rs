//! Who may ask at all: `Host`, `Origin` and token of a request.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, header};
use data_encoding::BASE64;
use tokio::sync::watch;

use super::{
    access::{Gate, Pass},
    admission::Admission,
    forwarded,
};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It names no host, or more than one.
    Hosts(usize),
    /// It came under a host name this server doesn't answer to (DNS rebinding).
    Host(String),
    /// It was made by a page of another origin than the host it names.
    Origin { origin: String, host: String },
}

/// A request as its client made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// For whom a proxy asks, where a known one does.
    pub(super) client: Option<IpAddr>,
    host: String,
    secure: bool,
}

impl Asked {
    /// Scheme, host and port by which the client knows the server.
    pub(super) fn base(&self) -> String {
        format!("http{}://{}", if self.secure { "s" } else { "" }, self.host)
    }
}

/// What is checked before anything else.
#[derive(Debug)]
pub(super) struct Guard(watch::Receiver<Admission>);

impl Guard {
    pub(super) fn new(admission: watch::Receiver<Admission>) -> Self {
        Guard(admission)
    }

    /// What was asked: as the request says that `peer` has sent, and where that is a known proxy,
    /// as the proxy says.
    pub(super) fn asked(
        &self,
        peer: Option<IpAddr>,
        headers: &HeaderMap,
    ) -> Result<Asked, Refusal> {
        let admission = self.0.borrow();
        let mut hosts = headers.get_all(header::HOST).iter();
        let (host, more) = (hosts.next(), hosts.count());
        if more > 0 {
            return Err(Refusal::Hosts(more + 1));
        }
        let host = host.map_or("", |value| value.to_str().unwrap_or("?")).to_owned();
        let mut asked = Asked { client: None, host, secure: admission.tls.is_some() };
        if peer.is_some_and(|peer| admission.is_proxy(peer)) {
            let said = forwarded::read(headers, |address| admission.is_proxy(address));
            asked.client = said.client;
            asked.host = said.host.unwrap_or(asked.host);
            asked.secure = said.secure.unwrap_or(asked.secure);
        }
        Ok(asked)
    }

    /// Checks the host that was asked for.
    ///
    /// A bare address is always good: a page can make its own name point here, but not an address.
    pub(super) fn knows_host(&self, asked: &Asked) -> Result<(), Refusal> {
        let name = without_port(&asked.host).to_ascii_lowercase();
        let address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        if address || name == "localhost" || self.0.borrow().hosts.contains(&name) {
            return Ok(());
        }
        Err(match name.as_str() {
            "" => Refusal::Hosts(0),
            _ => Refusal::Host(asked.host.chars().take(100).collect()),
        })
    }

    /// Checks which page asks, where one does.
    ///
    /// A request without `Origin` comes from no page of another site, or could not be read by it.
    /// Where a browser itself says that the page came from where it asks now, a proxy has changed
    /// the host's name on the way.
    pub(super) fn knows_origin(&self, asked: &Asked, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
        let same = origin
            .strip_prefix(if asked.secure { "https" } else { "http" })
            .and_then(|rest| rest.strip_prefix("://"))
            .is_some_and(|rest| rest.eq_ignore_ascii_case(&asked.host));
        let site = text(HeaderName::from_static("sec-fetch-site"));
        if same
            || site == Some("same-origin")
            || self.0.borrow().origins.iter().any(|allowed| allowed == origin)
        {
            return Ok(());
        }
        Err(Refusal::Origin {
            origin: origin.chars().take(200).collect(),
            host: asked.host.chars().take(100).collect(),
        })
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // `[::1]` has colons of its own.
        Some((name, port)) if !port.contains(']') && port.bytes().all(|b| b.is_ascii_digit()) => {
            name
        }
        _ => host,
    }
}

/// What the token of a request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// No tokens are asked for, or a good one was shown: this one.
    Known(Option<Pass>),
    /// None was shown.
    Silent,
    /// One was shown that is not good.
    Wrong,
}

/// Looks for a token: `Authorization: Bearer TOKEN`, or HTTP Basic with the token as password.
pub(super) fn caller(headers: &HeaderMap, gate: Option<&Gate>) -> Caller {
    let Some(gate) = gate else { return Caller::Known(None) };
    let value = headers.get(header::AUTHORIZATION);
    let token = value.and_then(|value| value.to_str().ok()).and_then(token);
    match token.and_then(|token| gate.check(&token)) {
        Some(pass) => Caller::Known(Some(pass)),
        None if gate.stands_open() => Caller::Known(None),
        None if value.is_none() => Caller::Silent,
        None => Caller::Wrong,
    }
}

fn token(value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let text = String::from_utf8(BASE64.decode(rest.as_bytes()).ok()?).ok()?;
        return text.split_once(':').map(|(_, password)| password.to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::broadcast::{Access, Config, Readers};

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    fn guard(config: Config) -> Guard {
        let (_now, admission) = watch::channel(Admission::new(&config, None));
        Guard::new(admission)
    }

    fn admits(guard: &Guard, peer: &str, pairs: &[(header::HeaderName, &str)]) -> bool {
        let headers = headers(pairs);
        let asked = guard.asked(peer.parse().ok(), &headers);
        asked.is_ok_and(|asked| {
            guard.knows_host(&asked).is_ok() && guard.knows_origin(&asked, &headers).is_ok()
        })
    }

    #[test]
    fn hosts_and_origins() {
        let guard = guard(Config {
            hosts: vec!["Wire.Example".into()],
            origins: vec!["https://desk.example".into()],
            ..Config::default()
        });
        let admits = |host: &str, origin: Option<&str>| {
            let mut pairs = vec![(header::HOST, host)];
            pairs.extend(origin.map(|origin| (header::ORIGIN, origin)));
            admits(&guard, "192.0.2.1", &pairs)
        };
        for host in ["localhost:7788", "127.0.0.1:7788", "[::1]:7788", "wire.example", "10.0.0.7"] {
            assert!(admits(host, None), "{host}");
            assert!(admits(host, Some(&format!("http://{host}"))), "{host}");
            assert!(admits(host, Some("https://desk.example")), "{host}");
            assert!(!admits(host, Some(&format!("https://{host}"))), "{host}");
            assert!(!admits(host, Some("https://desk.example:8443")), "{host}");
            assert!(!admits(host, Some("null")), "{host}");
        }
        for host in ["rebound.example:7788", "", "localhost.rebound.example", "127.0.0.1.x.example"]
        {
            assert!(!admits(host, None), "{host}");
        }
        assert!(!admits("localhost:7788", Some("http://localhost:7789")));
    }

    #[test]
    fn a_request_has_one_host() {
        let mut two = headers(&[(header::HOST, "localhost")]);
        two.append(header::HOST, "127.0.0.1".parse().unwrap());
        assert_eq!(guard(Config::default()).asked(None, &two), Err(Refusal::Hosts(2)));
    }

    #[test]
    fn behind_a_proxy_counts_what_the_client_has_asked() {
        let guard = guard(Config {
            hosts: vec!["desk.example".into()],
            proxies: vec!["10.0.0.0/8".into()],
            ..Config::default()
        });
        let said = [
            (header::HOST, "127.0.0.1:7788"),
            (header::ORIGIN, "https://desk.example"),
            ("x-forwarded-host".parse().unwrap(), "desk.example"),
            ("x-forwarded-proto".parse().unwrap(), "https"),
            ("x-forwarded-for".parse().unwrap(), "192.0.2.7"),
        ];
        assert!(admits(&guard, "10.0.0.1", &said));
        // Whoever is none is not believed.
        assert!(!admits(&guard, "192.0.2.1", &said));
        let asked = guard.asked("::ffff:10.0.0.1".parse().ok(), &headers(&said)).unwrap();
        assert_eq!(asked.client, "192.0.2.7".parse().ok());
        let rebound = [said[0].clone(), ("x-forwarded-host".parse().unwrap(), "rebound.example")];
        assert!(!admits(&guard, "10.0.0.1", &rebound));
        // A browser says itself that the page came from where it asks.
        let same =
            [said[0].clone(), said[1].clone(), ("sec-fetch-site".parse().unwrap(), "same-origin")];
        assert!(admits(&guard, "127.0.0.1", &same));
        let other =
            [said[0].clone(), said[1].clone(), ("sec-fetch-site".parse().unwrap(), "cross-site")];
        assert!(!admits(&guard, "127.0.0.1", &other));
    }

    #[test]
    fn tokens_come_as_bearer_or_as_password() {
        struct Keeper(bool);
        let pass = |token: &str| Pass(*blake3::hash(token.as_bytes()).as_bytes());
        impl Access for Keeper {
            fn pass(&self, token: &str) -> Pass {
                Pass(*blake3::hash(token.as_bytes()).as_bytes())
            }
            fn readers(&self) -> Option<Readers> {
                let passes = [self.pass("s3cret:x")].into();
                Some(Readers { everybody: self.0, passes })
            }
        }
        let gate = Gate::new(Arc::new(Keeper(false)));
        let with = |value: &str| caller(&headers(&[(header::AUTHORIZATION, value)]), Some(&gate));
        let known = Caller::Known(Some(pass("s3cret:x")));
        assert_eq!(with("Bearer s3cret:x"), known);
        assert_eq!(with("basic ZGVzazpzM2NyZXQ6eA=="), known);
        assert_eq!(with("Bearer other"), Caller::Wrong);
        assert_eq!(with("Basic %%%"), Caller::Wrong);
        assert_eq!(with("s3cret:x"), Caller::Wrong);
        assert_eq!(caller(&HeaderMap::new(), Some(&gate)), Caller::Silent);
        assert_eq!(caller(&HeaderMap::new(), None), Caller::Known(None));
        // Where everybody may read, a token that is not good is no reason to refuse.
        let open = Gate::new(Arc::new(Keeper(true)));
        let old = headers(&[(header::AUTHORIZATION, "Bearer old")]);
        assert_eq!(caller(&old, Some(&open)), Caller::Known(None));
    }
}
