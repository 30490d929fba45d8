//! Reaching a running daemon.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use tokio_tungstenite::{Connector, tungstenite::http::HeaderValue};

use super::{Exit, Failure, store, trust::Trust};
use crate::{item::Shown, wire::Lock};

/// Where the daemon is and who asks.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// The daemon's address; where several nodes share a wire, `tail` takes that of each, and
    /// moves on when one goes.
    #[arg(
        long,
        env = "FLASHWIRE_URL",
        default_value = "http://127.0.0.1:7788",
        value_delimiter = ',',
        value_name = "URL"
    )]
    pub(super) url: Vec<String>,
    /// A file that holds the access token (or FLASHWIRE_TOKEN in the environment).
    #[arg(long, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// A PEM file with the certificates that the daemon's is signed by, where this machine doesn't
    /// trust them anyway.
    #[arg(long, env = "FLASHWIRE_CA", value_name = "FILE")]
    pub(super) ca: Option<PathBuf>,
    /// The wire's file, or the watched folder it lies beside: the daemon of this machine that
    /// writes it, for whoever may read its lock file; no token is needed then.
    #[arg(long, value_name = "FILE|FOLDER", conflicts_with = "token_file")]
    pub(super) wire: Option<PathBuf>,
}

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(10);

/// How long it may take to do something: a big wire's disk may be busy.
const ORDER: Duration = Duration::from_secs(600);

/// A daemon's address, understood.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    secure: bool,
    /// Host and port.
    authority: String,
    /// The path it is served under: empty, or `/wire`.
    base: String,
    token: Option<String>,
    trust: Trust,
}

impl Reach {
    /// The daemon that was named, or the first of several.
    pub(super) fn new(args: &Args) -> Result<Self, Failure> {
        let all = Self::all(args)?;
        all.into_iter().next().ok_or_else(|| Failure::new(Exit::Usage, "--url names no address"))
    }

    /// All that were named.
    pub(super) fn all(args: &Args) -> Result<Vec<Self>, Failure> {
        if let Some(wire) = &args.wire {
            let trust = Trust::new(args.ca.as_deref())?;
            return Ok(vec![Reach { trust, ..Self::holder(&store::path(wire))? }]);
        }
        let token = match &args.token_file {
            Some(file) => Some(std::fs::read_to_string(file).map_err(|error| {
                Failure::error(format!(
                    "the token file {} can't be read: {error}",
                    Shown::exact(file.display())
                ))
            })?),
            None => std::env::var("FLASHWIRE_TOKEN").ok(),
        };
        let token = token.map(|token| token.trim().to_owned());
        let trust = Trust::new(args.ca.as_deref())?;
        let reaches = args
            .url
            .iter()
            .map(|url| Ok(Reach { trust: trust.clone(), ..Self::at(url, token.clone())? }));
        reaches.collect()
    }

    fn holder(wire: &Path) -> Result<Self, Failure> {
        let holder = Lock::held_by(wire).ok_or_else(|| {
            Failure::new(
                Exit::Connect,
                format!(
                    "no daemon runs on the wire {}, or its lock file may not be read; start it \
                     (`flashwire run FOLDER`), or reach it with --url and a token",
                    wire.display()
                ),
            )
        })?;
        let starting = || Failure::new(Exit::Connect, "the daemon is still starting; try again");
        Self::at(&holder.url.ok_or_else(starting)?, Some(holder.key.ok_or_else(starting)?))
    }

    /// The daemon that holds a wire of this machine.
    pub(super) fn local(url: &str) -> Result<Self, Failure> {
        Self::at(url, None)
    }

    /// The daemon that holds a wire of this machine, whose lock file holds this key.
    pub(super) fn with_key(url: &str, key: &str) -> Result<Self, Failure> {
        Self::at(url, Some(key.to_owned()))
    }

    fn at(url: &str, token: Option<String>) -> Result<Self, Failure> {
        let shown = Shown::exact(url);
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let secure = match scheme {
            "http" | "ws" => false,
            "https" | "wss" => true,
            _ => {
                return Err(Failure::new(
                    Exit::Usage,
                    format!("--url {shown}: give an address such as http://127.0.0.1:7788"),
                ));
            }
        };
        let place = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, base) = place.split_at(place.find('/').unwrap_or(place.len()));
        if authority.is_empty() {
            return Err(Failure::new(Exit::Usage, format!("--url {shown} names no host")));
        }
        let base = base.trim_end_matches('/').to_owned();
        let trust = Trust::default();
        Ok(Reach { secure, authority: authority.to_owned(), base, token, trust })
    }

    pub(super) fn url(&self) -> String {
        format!("http{}://{}{}", if self.secure { "s" } else { "" }, self.authority, self.base)
    }

    pub(super) fn websocket(&self, query: &str) -> String {
        self.url().replacen("http", "ws", 1) + "/v1/wire" + query
    }

    /// What a WebSocket is encrypted with.
    pub(super) fn connector(&self) -> Result<Option<Connector>, Failure> {
        self.secure.then(|| self.trust.connector()).transpose()
    }

    /// Why it can't be reached, and what to do.
    pub(super) fn unreachable(&self, why: &str) -> Failure {
        // As rustls and its users put it.
        let certificate = why.contains("certificate") || why.contains("UnknownIssuer");
        let plain = why.contains("InvalidContentType") || why.contains("corrupt message");
        let remedy = if self.secure && certificate {
            "its certificate is not good for this name, or nothing this machine trusts has signed \
             it: name the file that has with --ca FILE"
        } else if self.secure && plain {
            "it doesn't speak TLS: try http:// instead"
        } else if why.contains("refused") || why.contains("No such host") || why.contains("resolve")
        {
            "is the daemon running? (`flashwire run FOLDER`, or name another one with --url)"
        } else {
            "is that a flashwire daemon? (`flashwire run FOLDER` starts one, --url names another)"
        };
        Failure::new(Exit::Connect, format!("{}: {}; {remedy}", self.url(), Shown::exact(why)))
    }

    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.token.as_ref()?)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The JSON answer to a GET.
    pub(super) fn get(&self, path: &str) -> Result<Value, Failure> {
        self.get_with_cursor(path).map(|(answer, _)| answer)
    }

    /// The JSON answer to a GET, and where it says to go on.
    pub(super) fn get_with_cursor(&self, path: &str) -> Result<(Value, Option<String>), Failure> {
        let mut request = self.agent().get(format!("{}{path}", self.url()));
        if let Some(value) = self.authorization() {
            request = request.header("authorization", value);
        }
        let result = request.header("accept", "application/json").call();
        let cursor = result.as_ref().ok().and_then(|response| {
            Some(response.headers().get("flashwire-cursor")?.to_str().ok()?.to_owned())
        });
        Ok((self.answer(result)?, cursor))
    }

    /// The JSON answer to a POST of JSON; `key` proves that the asker may read the wire's lock.
    /// What is asked for is done whether or not the answer is waited for: so it is.
    pub(super) fn post(&self, path: &str, key: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.agent_within(ORDER).post(format!("{}{path}", self.url()));
        self.answer(request.header("x-flashwire-key", key).send_json(body))
    }

    fn answer(
        &self,
        result: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Value, Failure> {
        let connect = |why: String| Failure::new(Exit::Connect, format!("{}: {why}", self.url()));
        let mut response = result.map_err(|error| match error {
            ureq::Error::Timeout(ureq::Timeout::Global) => connect(
                "the daemon took the request and has not answered; it may still do what was asked"
                    .into(),
            ),
            error => self.unreachable(&error.to_string()),
        })?;
        let status = response.status();
        let text =
            response.body_mut().read_to_string().map_err(|error| connect(error.to_string()))?;
        // Not ready is an answer, too.
        if !status.is_success() && status.as_u16() != 503 {
            return Err(connect(refusal(status.as_u16(), &text)));
        }
        serde_json::from_str(&text).map_err(|error| {
            connect(format!("what came back is not from flashwire ({error}); another program answers there: name the daemon with --url"))
        })
    }

    fn agent(&self) -> ureq::Agent {
        self.agent_within(ANSWER)
    }

    fn agent_within(&self, limit: Duration) -> ureq::Agent {
        let mut config = ureq::Agent::config_builder()
            .timeout_connect(Some(ANSWER))
            .timeout_global(Some(limit))
            .http_status_as_error(false);
        if self.secure {
            config = config.tls_config(self.trust.for_requests());
        }
        config.build().into()
    }
}

/// Why a request was refused: the daemon's own sentence where there is one.
pub(super) fn refusal(status: u16, body: &str) -> String {
    let said = serde_json::from_str::<Value>(body).ok().and_then(|body| {
        let said = body["message"].as_str().or_else(|| body["error"].as_str())?;
        Some(Shown::exact(said).to_string())
    });
    match said {
        Some(said) => said,
        None if status == 401 => {
            "a token is needed: --token-file FILE or FLASHWIRE_TOKEN (`flashwire token add NAME --wire FOLDER` makes one); on the daemon's own machine --wire FOLDER does without".into()
        }
        None => format!(
            "it answered {status}, which is not how flashwire answers: another program is there; name the daemon with --url"
        ),
    }
}

/// A query string under construction.
#[derive(Debug, Default)]
pub(super) struct Query(String);

impl Query {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '?' } else { '&' });
        self.0.push_str(name);
        self.0.push('=');
        for byte in value.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' => {
                    self.0.push(byte as char);
                }
                _ => self.0.push_str(&format!("%{byte:02X}")),
            }
        }
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_understood_with_and_without_scheme() {
        let at = |url| Reach::at(url, None).map(|reach| (reach.url(), reach.websocket("?last=1")));
        assert_eq!(
            at("desk.example:7788").unwrap(),
            ("http://desk.example:7788".into(), "ws://desk.example:7788/v1/wire?last=1".into())
        );
        assert_eq!(at("https://desk.example/").unwrap().1, "wss://desk.example/v1/wire?last=1");
        assert_eq!(
            at("https://desk.example/wire/").unwrap(),
            ("https://desk.example/wire".into(), "wss://desk.example/wire/v1/wire?last=1".into())
        );
        assert!(at("ftp://desk.example").is_err());
        assert!(at("http://").is_err());
    }

    #[test]
    fn query_values_are_escaped() {
        let mut query = Query::default();
        query.add("q", "port & \"é\"");
        query.add("last", "3");
        assert_eq!(query.finish(), "?q=port%20%26%20%22%C3%A9%22&last=3");
    }
}
