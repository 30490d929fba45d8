//! What can be set about serving.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Settings of the broadcast stage; durations are whole seconds, sizes bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "snake_case")]
pub struct Config {
    /// After this many seconds without a frame a subscriber is told how far it has been served.
    pub heartbeat: u64,
    /// Seconds of silence from a subscriber after which it is pinged.
    pub ping: u64,
    /// Seconds a pinged subscriber has to answer before it is closed with 4002.
    pub pong: u64,
    /// A socket that has taken no byte for this many seconds, though some are owed, is closed.
    pub stall: u64,
    /// A live subscriber that falls this many events behind is closed with 4001 and its cursor.
    pub lag: u64,
    /// Bytes of framed events that each shard keeps ready; who is further behind reads the wire.
    pub ring_bytes: usize,
    /// Threads that serve sockets; 0 means one for each core, at most four.
    pub shards: usize,
    /// Connections in all; more are answered 503.
    pub max_connections: usize,
    /// Connections from one address (IPv6: one /64); more are answered 503.
    pub max_per_address: usize,
    /// Different filters in use at one time on each shard; more are refused with 4503.
    pub max_filters: usize,
    /// Bytes the kernel may hold for each connection that reads slowly.
    pub send_buffer: usize,
    /// Largest message a subscriber may send.
    pub max_message: usize,
    /// Messages a subscriber may send each second; twice as many at once.
    pub command_rate: u32,
    /// Largest event frame; longer bodies are cut and marked `bodyTruncated`.
    pub max_frame: usize,
    /// Browser pages that may connect beside the dashboard: `https://desk.example`, exactly.
    pub origins: Vec<String>,
    /// Host names this server answers to beside `localhost` and any bare IP address.
    pub hosts: Vec<String>,
    /// Addresses and networks of the proxies in front: what they say of a request counts.
    pub proxies: Vec<String>,
    /// Whether subscribers that don't say get backfill: pages that were caught up on.
    pub backfill: bool,
    /// Whether the lower third at `/ticker` may be read without a token.
    pub open_ticker: bool,
    /// Seconds a stop may take: goodbye, close, and the sockets' answers.
    pub grace: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            heartbeat: 15,
            ping: 20,
            pong: 20,
            stall: 30,
            lag: 100_000,
            ring_bytes: 4 << 20,
            shards: 0,
            max_connections: 10_000,
            max_per_address: 64,
            max_filters: 1024,
            send_buffer: 128 << 10,
            max_message: 64 << 10,
            command_rate: 10,
            max_frame: 256 << 10,
            origins: Vec::new(),
            hosts: Vec::new(),
            proxies: Vec::new(),
            backfill: true,
            open_ticker: false,
            grace: 5,
        }
    }
}

/// Seconds a whole request head, its body, a TLS handshake or the first message with a token may take.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(5);

/// Seconds a connection that has asked once may be silent before it asks again: proxies keep theirs
/// for a minute, and must not send a request into one that is just being closed.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(80);

/// How long the answer to a wrong token takes: whoever guesses learns at most as many times a second
/// as it may have connections.
pub(super) const WRONG_TOKEN: Duration = Duration::from_secs(1);

/// Bytes a request head may have.
pub(super) const HEAD_BYTES: usize = 8 << 10;

impl Config {
    /// What is wrong with these settings, as a sentence, if anything is.
    ///
    /// # Errors
    /// The first setting that can't work, what it is and what it may be.
    pub fn check(&self) -> Result<(), String> {
        let least = |name: &str, value: u64, least: u64| {
            if value >= least {
                Ok(())
            } else {
                Err(format!("broadcast.{name} is {value}; it must be at least {least}"))
            }
        };
        least("heartbeat", self.heartbeat, 1)?;
        least("ping", self.ping, 1)?;
        least("pong", self.pong, 1)?;
        least("stall", self.stall, 1)?;
        least("lag", self.lag, 1)?;
        least("max_connections", self.max_connections as u64, 1)?;
        least("max_per_address", self.max_per_address as u64, 1)?;
        least("max_filters", self.max_filters as u64, 1)?;
        least("send_buffer", self.send_buffer as u64, 4096)?;
        least("max_message", self.max_message as u64, 256)?;
        least("command_rate", self.command_rate.into(), 1)?;
        least("max_frame", self.max_frame as u64, 16 << 10)?;
        // A frame and its like without body must fit, or the ring could not hold one event.
        least("ring_bytes", self.ring_bytes as u64, 3 * self.max_frame as u64)?;
        let most = |name: &str, value: usize, most: usize| {
            if value <= most {
                Ok(())
            } else {
                Err(format!("broadcast.{name} is {value}; it must be at most {most}"))
            }
        };
        // What one setting may take of a machine's memory.
        most("ring_bytes", self.ring_bytes, 1 << 30)?;
        most("max_frame", self.max_frame, 64 << 20)?;
        most("max_message", self.max_message, 64 << 20)?;
        most("send_buffer", self.send_buffer, 64 << 20)?;
        most("command_rate", self.command_rate as usize, 100_000)?;
        most("shards", self.shards, 256)?;
        most("max_connections", self.max_connections, 1_000_000)?;
        for proxy in &self.proxies {
            if network(proxy).is_none() {
                return Err(format!(
                    "broadcast.proxies holds `{proxy}`; write an address or a network, such as 127.0.0.1 or 10.0.0.0/8"
                ));
            }
        }
        for origin in &self.origins {
            let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            if rest.is_none_or(|rest| rest.is_empty() || rest.contains('/')) {
                return Err(format!(
                    "broadcast.origins holds `{origin}`; write scheme and host only, such as https://desk.example"
                ));
            }
        }
        Ok(())
    }

    /// How many threads serve sockets.
    pub(super) fn shard_count(&self) -> usize {
        if self.shards > 0 {
            return self.shards;
        }
        std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4))
    }
}

/// An address, or a network of them.
pub(super) fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_work() {
        Config::default().check().unwrap();
    }

    #[test]
    fn what_can_not_work_is_named() {
        let tight = Config { ring_bytes: 1000, ..Config::default() };
        assert!(tight.check().unwrap_err().starts_with("broadcast.ring_bytes is 1000"));
        let vast = Config { ring_bytes: usize::MAX, ..Config::default() };
        assert!(vast.check().unwrap_err().contains("at most 1073741824"));
        let name = Config { proxies: vec!["proxy.example".into()], ..Config::default() };
        assert!(name.check().unwrap_err().contains("an address or a network"));
        let path = Config { origins: vec!["https://desk.example/".into()], ..Config::default() };
        assert!(path.check().unwrap_err().contains("scheme and host only"));
    }
}
