//! Who may ask at all: `Host`, `Origin` and token of a request.

use axum::http::{HeaderMap, header};
use data_encoding::BASE64;
use tokio::sync::watch;

use super::{
    access::{Gate, Pass},
    admission::Admission,
};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It came under a host name this server doesn't answer to (DNS rebinding).
    Host(String),
    /// It was made by a page of another origin.
    Origin(String),
}

/// What is checked before anything else.
#[derive(Debug)]
pub(super) struct Guard(watch::Receiver<Admission>);

impl Guard {
    pub(super) fn new(admission: watch::Receiver<Admission>) -> Self {
        Guard(admission)
    }

    /// Checks `Host` and `Origin`.
    ///
    /// A bare address as host is always good: a page can make its own name point here, but not an
    /// address. A request without `Origin` comes from no page of another site, or could not be
    /// read by it.
    pub(super) fn admits(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let admission = self.0.borrow();
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let host = text(header::HOST).unwrap_or("");
        let name = without_port(host).to_ascii_lowercase();
        let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
        if !address && name != "localhost" && !admission.hosts.contains(&name) {
            return Err(Refusal::Host(host.chars().take(100).collect()));
        }
        let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
        let same = origin
            .strip_prefix(if admission.tls.is_some() { "https" } else { "http" })
            .and_then(|rest| rest.strip_prefix("://"))
            .is_some_and(|rest| rest.eq_ignore_ascii_case(host));
        if same || admission.origins.iter().any(|allowed| allowed == origin) {
            Ok(())
        } else {
            Err(Refusal::Origin(origin.chars().take(200).collect()))
        }
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

    #[test]
    fn hosts_and_origins() {
        let (_now, admission) = watch::channel(Admission::new(
            &Config {
                hosts: vec!["Wire.Example".into()],
                origins: vec!["https://desk.example".into()],
                ..Config::default()
            },
            None,
        ));
        let guard = Guard::new(admission);
        let admits = |host: &str, origin: Option<&str>| {
            let mut pairs = vec![(header::HOST, host)];
            pairs.extend(origin.map(|origin| (header::ORIGIN, origin)));
            guard.admits(&headers(&pairs)).is_ok()
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
