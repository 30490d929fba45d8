//! Who may connect, and by which certificate they know the wire: what can change while serving.

use std::sync::Arc;

use tokio_rustls::rustls::ServerConfig;

use super::Config;

/// What is looked at when a connection or a request comes in. Those that are there already stay.
#[derive(Clone, Debug, Default)]
pub struct Admission {
    /// Lower case.
    pub(super) hosts: Vec<String>,
    pub(super) origins: Vec<String>,
    pub(super) tls: Option<Arc<ServerConfig>>,
}

impl Admission {
    /// Hosts and origins as configured; `tls` is made by [`tls`][super::tls()], `None` serves
    /// plain HTTP.
    pub fn new(config: &Config, tls: Option<Arc<ServerConfig>>) -> Self {
        Admission {
            hosts: config.hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
            origins: config.origins.clone(),
            tls,
        }
    }
}
