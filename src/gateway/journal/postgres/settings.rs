//! Where the server is, and how long it may take.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::advice::{self, Advice};
use crate::secret::Secret;

/// Where the server of a [`PostgresJournal`](super::PostgresJournal) is, and how long it may take.
///
/// # TLS
///
/// A server on this host (a Unix socket, `localhost`, 127.0.0.1 or ::1) is asked without TLS, every
/// other one with it: its certificate must be of Mozilla's authorities, which are built in, or of
/// [those that are given](Self::root_certificates), and have its name. `sslmode=require` asks for
/// TLS everywhere, `sslmode=disable` nowhere. `prefer`, libpq's default, protects from nobody who
/// can change what is sent, so it counts as not said.
#[derive(Clone)]
#[non_exhaustive]
pub struct PostgresSettings {
    /// How many connections there are at most. They are made when they are needed. Default: 8. Not
    /// specified; chosen because a server takes 100 by default, for all its clients.
    pub connections: usize,
    /// How long until there is a connection that can be used: name, TCP, TLS and password, over all
    /// the hosts of the address. Default: 5 s. Not specified; chosen because a cashier waits.
    pub connect_timeout: Duration,
    /// How long one request to the server may take. Default: 10 s, after which it is as good as
    /// gone: a request takes some milliseconds. Not specified; chosen above the time that a server
    /// with a busy disk takes for a checkpoint.
    pub statement_timeout: Duration,
    config: Config,
    roots: Roots,
}

/// Whose certificates are believed.
#[derive(Clone)]
enum Roots {
    Mozilla,
    Given(Vec<CertificateDer<'static>>),
}

/// The settings of a PostgreSQL journal are not valid. What was given is not shown, since it may
/// hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPostgresSettings {
    /// The address cannot be read.
    #[error(
        "the address of the PostgreSQL server is not valid: \
         postgres://user@host:port/database?option=value is expected, with any of / ? # @ : % in a \
         name or password written as %2F %3F %23 %40 %3A %25"
    )]
    Address,
    /// The certificates are not PEM, or there is none.
    #[error("the root certificates are not valid: a PEM file with at least one is expected")]
    Certificates,
}

impl InvalidPostgresSettings {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::platform::POSTGRES
    }
}

impl PostgresSettings {
    /// The defaults for the server at `url`: `postgres://user:password@host:port/database`.
    ///
    /// A path to the folder of a Unix socket is given as `?host=/run/postgresql`, several hosts as
    /// `host1:5432,host2:5432`: with `target_session_attrs=read-write` the one that takes writes is
    /// used, so that a journal follows a failover.
    ///
    /// # Errors
    /// If it is not such an address.
    pub fn new(url: &str) -> Result<Self, InvalidPostgresSettings> {
        let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
        let config: Config = url.parse().map_err(|_| InvalidPostgresSettings::Address)?;
        if !is_url || config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(InvalidPostgresSettings::Address);
        }
        Ok(Self {
            connections: 8,
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            config,
            roots: Roots::Mozilla,
        })
    }

    /// The password, where it is not to stand in the address.
    #[must_use]
    pub fn password(mut self, password: &Secret<String>) -> Self {
        self.config.password(password.expose());
        self
    }

    /// Whether the address has a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// Believes these certificate authorities, in PEM, and no other.
    ///
    /// # Errors
    /// If there is none, or they cannot be read.
    pub fn root_certificates(mut self, pem: &[u8]) -> Result<Self, InvalidPostgresSettings> {
        let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let roots = roots.map_err(|_| InvalidPostgresSettings::Certificates)?;
        let mut store = RootCertStore::empty();
        let all = roots.iter().all(|root| store.add(root.clone()).is_ok());
        if roots.is_empty() || !all {
            return Err(InvalidPostgresSettings::Certificates);
        }
        self.roots = Roots::Given(roots);
        Ok(self)
    }

    /// What the client library is told.
    pub(super) fn config(&self) -> Config {
        let mut config = self.config.clone();
        let mode = match config.get_ssl_mode() {
            SslMode::Prefer if config.get_hosts().iter().all(is_here) => SslMode::Disable,
            SslMode::Prefer => SslMode::Require,
            said => said,
        };
        let name = config.get_application_name().unwrap_or("m26-pay").to_owned();
        config
            .ssl_mode(mode)
            .application_name(name)
            .connect_timeout(self.connect_timeout)
            .keepalives_idle(KEEPALIVE)
            .tcp_user_timeout(self.connect_timeout.saturating_add(self.statement_timeout));
        config
    }

    /// How a connection becomes a TLS one.
    pub(super) fn tls(&self) -> Result<MakeRustlsConnect, rustls::Error> {
        let mut store = RootCertStore::empty();
        match &self.roots {
            Roots::Mozilla => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Roots::Given(roots) => {
                store.add_parsable_certificates(roots.iter().cloned());
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(store)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

/// Only what cannot hold a secret.
impl fmt::Debug for PostgresSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresSettings")
            .field("hosts", &self.config.get_hosts())
            .field("database", &self.config.get_dbname())
            .field("connections", &self.connections)
            .field("connect_timeout", &self.connect_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .finish_non_exhaustive()
    }
}

/// Whether a server is on this host.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => ["localhost", "127.0.0.1", "::1"].contains(&name.as_str()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// How long a connection is silent before TCP asks whether the other end is there. Not specified;
/// chosen below the minutes after which routers forget a connection.
const KEEPALIVE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        PostgresSettings::new(url).unwrap().config().get_ssl_mode()
    }

    #[test]
    fn only_a_server_on_this_host_is_asked_without_tls() {
        for url in [
            "postgres://till@localhost/shop",
            "postgres://till@127.0.0.1:5433/shop",
            "postgresql://till@/shop?host=/run/postgresql",
            "postgres://till@[::1]/shop?sslmode=prefer",
            "postgres://till@db.example/shop?sslmode=disable",
        ] {
            assert_eq!(mode(url), SslMode::Disable, "{url}");
        }
        for url in [
            "postgres://till@db.example/shop",
            "postgres://till@localhost,db.example/shop",
            "postgres://till@localhost.example/shop?sslmode=prefer",
            "postgres://till@localhost/shop?sslmode=require",
        ] {
            assert_eq!(mode(url), SslMode::Require, "{url}");
        }
    }

    #[test]
    fn an_address_that_is_not_valid_is_not_shown() {
        for url in [
            "",
            "till.db",
            "host=localhost user=till",
            "postgres:///shop",
            "postgres://till:secret@localhost:port/shop",
            "mysql://till:secret@localhost/shop",
        ] {
            let error = PostgresSettings::new(url).unwrap_err();
            assert_eq!(error, InvalidPostgresSettings::Address);
            assert!(!error.to_string().contains("sec"), "{error}");
        }
    }

    #[test]
    fn a_password_does_not_show() {
        let settings = PostgresSettings::new("postgres://till:s3cret@localhost/shop").unwrap();
        assert!(settings.has_password());
        assert!(!format!("{settings:?}").contains("s3cret"));
    }

    #[test]
    fn certificates_are_pem() {
        let settings = PostgresSettings::new("postgres://till@localhost/shop").unwrap();
        for pem in ["", "text", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            let found = settings.clone().root_certificates(pem.as_bytes());
            assert_eq!(found.err(), Some(InvalidPostgresSettings::Certificates), "{pem}");
        }
    }
}
