//! Which certificates a daemon elsewhere may show.

use std::{path::Path, sync::Arc};

use rustls_pki_types::{CertificateDer, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider};
use tokio_tungstenite::Connector;

use crate::item::Shown;

use super::Failure;

/// Whoever this machine trusts, and who is named beside.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust {
    named: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// `named` is a PEM file with certificates.
    pub(super) fn new(named: Option<&Path>) -> Result<Self, Failure> {
        let Some(file) = named else { return Ok(Trust::default()) };
        let wrong = |why: String| {
            Failure::error(format!(
                "the certificates in {} can't be read: {why}; --ca takes a PEM file",
                Shown::exact(file.display())
            ))
        };
        let named = CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong(error.to_string()))?;
        if named.is_empty() {
            return Err(wrong("there is none in it".into()));
        }
        Ok(Trust { named })
    }

    fn all(&self) -> Vec<CertificateDer<'static>> {
        let system = rustls_native_certs::load_native_certs();
        for error in &system.errors {
            tracing::debug!(%error, "a certificate of this machine can't be read");
        }
        system.certs.into_iter().chain(self.named.iter().cloned()).collect()
    }

    /// For a WebSocket.
    pub(super) fn connector(&self) -> Result<Connector, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.all());
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::error(format!("TLS can't be had: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Connector::Rustls(Arc::new(config)))
    }

    /// For plain requests.
    pub(super) fn for_requests(&self) -> ureq::tls::TlsConfig {
        let all = self.all();
        let all: Vec<_> =
            all.iter().map(|one| ureq::tls::Certificate::from_der(one).to_owned()).collect();
        ureq::tls::TlsConfig::builder()
            .root_certs(ureq::tls::RootCerts::new_with_certs(&all))
            .build()
    }
}
