//! Who may connect, and by which certificate they know the wire: what can change while serving.

use std::{net::IpAddr, sync::Arc};

use ipnet::IpNet;
use tokio_rustls::rustls::ServerConfig;

use super::{Config, config::network};

/// What is looked at when a connection or a request comes in. Those that are there already stay.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// Lower case.
    pub(super) hosts: Vec<String>,
    pub(super) origins: Vec<String>,
    /// Whose word about a request counts.
    pub(super) proxies: Vec<IpNet>,
    pub(super) tls: Option<Arc<ServerConfig>>,
}

impl Admission {
    /// Hosts and origins as configured; `tls` is made by [`tls`][super::tls()], `None` serves
    /// plain HTTP.
    pub fn new(config: &Config, tls: Option<Arc<ServerConfig>>) -> Self {
        Admission {
            hosts: config.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            origins: config.origins.clone(),
            // `Config::check` has refused what is none.
            proxies: config.proxies.iter().filter_map(|proxy| network(proxy)).collect(),
            tls,
        }
    }

    /// Whether what comes from this address may say for whom it asks.
    pub(super) fn is_proxy(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.proxies.iter().any(|network| network.contains(&address))
    }
}
