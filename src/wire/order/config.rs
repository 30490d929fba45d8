//! Who gives the order, and how it is reached.

use std::{path::PathBuf, time::Duration};

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::{Deserialize, Serialize};

/// The stream that gives the order, where a server does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NatsConfig {
    /// Name of the stream.
    pub stream: String,
    /// Subject that batches are published to.
    pub subject: String,
    /// A credentials file; empty where the servers ask for none.
    pub credentials: PathBuf,
    /// PEM file with the authorities that the servers' certificates are checked against; empty
    /// means those of this machine.
    pub ca: PathBuf,
    /// PEM file with a certificate for this node; empty where the servers ask for none.
    pub certificate: PathBuf,
    /// PEM file with its key.
    pub key: PathBuf,
    /// How long a batch is tried before intake is said to wait.
    #[serde(with = "friendly")]
    pub timeout: Duration,
}

impl Default for NatsConfig {
    fn default() -> Self {
        NatsConfig {
            stream: "flashwire".into(),
            subject: "flashwire.wire".into(),
            credentials: PathBuf::new(),
            ca: PathBuf::new(),
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            timeout: Duration::from_secs(2),
        }
    }
}

impl NatsConfig {
    /// What is wrong with it, if anything is.
    ///
    /// # Errors
    /// The first key that can't work, as a sentence.
    pub fn check(&self, servers: &str) -> Result<(), String> {
        if !servers.is_empty() {
            for server in servers.split(',') {
                let known = ["nats://", "tls://"].iter().any(|scheme| server.starts_with(scheme));
                if !known {
                    return Err(format!(
                        "wire.order names `{server}`, which is no server: write \
                         nats://HOST:4222 (or tls://), several divided by commas, or \"\" for a \
                         wire of this machine alone"
                    ));
                }
            }
        }
        let token = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if !token(&self.stream) {
            return Err(format!(
                "wire.nats.stream is `{}`: a stream's name has letters, digits, - and _ only",
                self.stream
            ));
        }
        if !self.subject.split('.').all(token) {
            return Err(format!(
                "wire.nats.subject is `{}`: write words of letters, digits, - and _, divided by \
                 dots",
                self.subject
            ));
        }
        if self.certificate.as_os_str().is_empty() != self.key.as_os_str().is_empty() {
            return Err(
                "wire.nats.certificate and wire.nats.key go together: give both or none".into()
            );
        }
        if self.timeout < Duration::from_millis(200) {
            return Err("wire.nats.timeout is too short: write at least 200ms".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_reached_is_said_with_the_key() {
        let good = NatsConfig::default();
        good.check("").unwrap();
        good.check("nats://127.0.0.1:4222,tls://b.example:4222").unwrap();
        let error = |config: &NatsConfig, servers: &str| config.check(servers).unwrap_err();
        assert!(error(&good, "127.0.0.1:4222").contains("write nats://HOST:4222"));
        let bad = NatsConfig { stream: "my.wire".into(), ..NatsConfig::default() };
        assert!(error(&bad, "").starts_with("wire.nats.stream is `my.wire`"));
        let bad = NatsConfig { subject: "wire.>".into(), ..NatsConfig::default() };
        assert!(error(&bad, "").starts_with("wire.nats.subject"));
        let bad = NatsConfig { key: "node.key".into(), ..NatsConfig::default() };
        assert!(error(&bad, "").contains("give both or none"));
    }
}
