//! The daemon's settings: read at its start, and again when it is asked to (SIGHUP).

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use tokio::sync::watch;

use crate::{
    broadcast::Admission,
    config::Config,
    parse::Sites,
    pipeline::Role,
    telemetry::{self, Format, Level},
};

use super::{Exit, Failure, serving};

/// Where settings come from: the file, and the flags that win over it.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) file: Option<PathBuf>,
    pub(super) listen: Option<SocketAddr>,
    pub(super) log_format: Option<Format>,
    pub(super) order: Option<String>,
    pub(super) role: Option<Role>,
}

impl Given {
    /// The config in effect.
    pub(super) fn load(&self) -> Result<Config, Failure> {
        let role = self.role.map(|role| role.as_str().to_owned());
        let mut config = super::config::load_over(self.file.as_deref(), |name| match name {
            "FLASHWIRE_WIRE_ORDER" => self.order.clone(),
            "FLASHWIRE_ROLE" => role.clone(),
            _ => None,
        })?;
        config.listen = self.listen.unwrap_or(config.listen);
        config.log.format = self.log_format.unwrap_or(config.log.format);
        Ok(config)
    }
}

/// What holds while the daemon runs and can be set anew.
pub(super) struct Settings {
    given: Given,
    /// As it holds now.
    config: Config,
    level: Level,
    admission: watch::Sender<Admission>,
    sites: watch::Sender<Arc<Sites>>,
}

/// Keys that take effect at once; the others do at the next start.
const AT_ONCE: [&str; 7] = [
    "sites",
    "log.level",
    "broadcast.hosts",
    "broadcast.origins",
    "broadcast.proxies",
    "tls.certificate",
    "tls.key",
];

impl Settings {
    /// Reads the settings and begins to log.
    pub(super) fn start(given: Given) -> Result<Self, Failure> {
        let config = given.load()?;
        let level = telemetry::start(&config.log)
            .map_err(|error| Failure::new(Exit::Config, error.to_string()))?;
        let admission = watch::Sender::new(serving::admission(&config)?);
        let sites = watch::Sender::new(Arc::new(super::sites::load(&config.sites)?));
        Ok(Settings { given, config, level, admission, sites })
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn admission(&self) -> watch::Receiver<Admission> {
        self.admission.subscribe()
    }

    pub(super) fn sites(&self) -> watch::Receiver<Arc<Sites>> {
        self.sites.subscribe()
    }

    /// Reads everything again: certificate, site files and the keys that can change take effect,
    /// or all of the old stays. Either way the log says so.
    pub(super) fn reload(&mut self) {
        match self.read_again() {
            Ok(waiting) if waiting.is_empty() => tracing::info!("the settings were read again"),
            Ok(waiting) => tracing::warn!(
                keys = waiting.join(", "),
                "the settings were read again; these keys take effect at the next start"
            ),
            Err(failure) => tracing::error!(
                error = failure.message(),
                "the settings can't be used: the old ones stay"
            ),
        }
    }

    /// Gives the keys that wait for the next start.
    fn read_again(&mut self) -> Result<Vec<String>, Failure> {
        let new = self.given.load()?;
        let mut admission = serving::admission(&new)?;
        let sites = super::sites::load(&new.sites)?;
        // Whoever is connected knows the wire as http:// or https://; that can't change below it.
        let same_scheme = new.tls.pair().is_some() == self.config.tls.pair().is_some();
        if !same_scheme {
            let mut old = new.clone();
            old.tls = self.config.tls.clone();
            admission = serving::admission(&old)?;
        }
        self.level.set(&new.log).map_err(|error| Failure::new(Exit::Config, error.to_string()))?;
        self.admission.send_replace(admission);
        self.sites.send_replace(Arc::new(sites));
        let at_once =
            |key: &str| AT_ONCE.contains(&key) && (same_scheme || !key.starts_with("tls."));
        let waiting = self.config.differing(&new).into_iter().filter(|key| !at_once(key)).collect();
        self.config.log.level = new.log.level;
        self.config.broadcast.hosts = new.broadcast.hosts;
        self.config.broadcast.origins = new.broadcast.origins;
        self.config.broadcast.proxies = new.broadcast.proxies;
        self.config.sites = new.sites;
        if same_scheme {
            self.config.tls = new.tls;
        }
        Ok(waiting)
    }
}
