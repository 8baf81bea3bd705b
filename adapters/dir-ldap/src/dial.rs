//! From a URL to a connection that is encrypted as the settings want and bound as they say: name, TCP, TLS, bind.

use crate::failure::{Failure, Step, unconnected};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, StdStream};
use passerelle_model::Secret;
use rustls::ClientConfig;
use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};

/// How long a server that failed is tried last.
const DOWN: Duration = Duration::from_secs(10);

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// Not at all.
    Clear,
    /// RFC 4511 §4.14, before any bind.
    StartTls,
    /// TLS from the first octet.
    Tls,
}

/// One server of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// For messages and for the library: scheme, host and port.
    pub(crate) url: String,
    host: String,
    port: u16,
    pub(crate) security: Security,
}

impl Server {
    /// Reads `ldap://host:port` or `ldaps://host:port`; the port may be left out.
    pub(crate) fn parse(text: &str, starttls: bool) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no server");
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let (scheme, security, usual) = match (scheme.to_ascii_lowercase().as_str(), starttls) {
            ("ldap", false) => ("ldap", Security::Clear, 389),
            ("ldap", true) => ("ldap", Security::StartTls, 389),
            ("ldaps", _) => ("ldaps", Security::Tls, 636),
            _ => return Err(wrong()),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            // The last colon of a bare IPv6 address in brackets is none of ours.
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| wrong())?),
            _ => (rest, usual),
        };
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let is_name = !host.is_empty() && host.chars().all(fits);
        let is_address = bare.len() < host.len() && bare.parse::<std::net::Ipv6Addr>().is_ok();
        if !is_name && !is_address {
            return Err(wrong());
        }
        if is_address && security != Security::Clear {
            return Err(format!("{text:?}: with TLS, name the server as its certificate does"));
        }
        Ok(Self { url: format!("{scheme}://{host}:{port}"), host: bare.to_owned(), port, security })
    }
}

/// Whom a connection is for.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) dn: String,
    pub(crate) password: Secret,
}

/// Opens connections to the first server that answers.
#[derive(Debug)]
pub(crate) struct Dialer {
    servers: Vec<Seen>,
    tls: Option<Arc<ClientConfig>>,
    trust: String,
    service: Option<Service>,
}

#[derive(Debug)]
struct Seen {
    server: Server,
    down_until: Mutex<Option<Instant>>,
}

/// A connection, and the place of its server in the settings.
#[derive(Debug)]
pub(crate) struct Dialed {
    pub(crate) ldap: Ldap,
    pub(crate) server: usize,
}

/// What a new connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Searches, as the service account.
    Search,
    /// Binds as somebody.
    Bind,
}

impl Dialer {
    pub(crate) fn new(
        servers: Vec<Server>,
        tls: Option<Arc<ClientConfig>>,
        trust: String,
        service: Option<Service>,
    ) -> Self {
        let servers = servers.into_iter().map(|server| Seen { server, down_until: Mutex::new(None) }).collect();
        Self { servers, tls, trust, service }
    }

    pub(crate) fn servers(&self) -> impl ExactSizeIterator<Item = &Server> {
        self.servers.iter().map(|seen| &seen.server)
    }

    /// How messages call a server.
    pub(crate) fn url(&self, server: usize) -> &str {
        self.servers.get(server).map_or("", |seen| &seen.server.url)
    }

    /// Tries the servers in order, those that failed lately last. The time is shared out, so that one that is silent
    /// leaves some to the next.
    pub(crate) async fn dial(&self, purpose: Purpose, deadline: Instant) -> Result<Dialed, Failure> {
        let mut failures = Vec::new();
        let mut left = self.servers.len();
        for at in self.order(Instant::now()) {
            let now = Instant::now();
            let share = u32::try_from(left).unwrap_or(u32::MAX).max(1);
            let until = now + deadline.saturating_duration_since(now) / share;
            left = left.saturating_sub(1);
            let Some(seen) = self.servers.get(at) else { continue };
            match self.reach(&seen.server, purpose, until, &mut |_, _| {}).await {
                Ok(ldap) => {
                    self.mark(at, None);
                    return Ok(Dialed { ldap, server: at });
                }
                Err(failure) => {
                    tracing::warn!(step = failure.step.name(), "directory: {failure}");
                    self.mark(at, Some(Instant::now() + DOWN));
                    failures.push(failure);
                }
            }
        }
        Err(Failure::of_all(failures))
    }

    /// Notes that a server did not answer, so that others are tried first for a while.
    pub(crate) fn silent(&self, server: usize) {
        self.mark(server, Some(Instant::now() + DOWN));
    }

    fn mark(&self, at: usize, until: Option<Instant>) {
        if let Some(seen) = self.servers.get(at) {
            *seen.down_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
        }
    }

    fn order(&self, now: Instant) -> Vec<usize> {
        let down = |at: &usize| {
            let until =
                self.servers.get(*at).and_then(|seen| *seen.down_until.lock().unwrap_or_else(PoisonError::into_inner));
            until.is_some_and(|until| now < until)
        };
        let mut order: Vec<usize> = (0..self.servers.len()).collect();
        order.sort_by_key(down);
        order
    }

    /// Connects to one server. `passed` hears of each step that works, with a remark.
    pub(crate) async fn reach(
        &self,
        server: &Server,
        purpose: Purpose,
        until: Instant,
        passed: &mut (dyn FnMut(Step, String) + Send),
    ) -> Result<Ldap, Failure> {
        let url = &server.url;
        let found = tokio::net::lookup_host((server.host.as_str(), server.port));
        let addresses: Vec<SocketAddr> = within(until, Step::Dns, url, found)
            .await?
            .map_err(|error| {
                Failure::new(Step::Dns, url, error, "check the host in `urls` and the resolver of this machine")
            })?
            .collect();
        passed(Step::Dns, addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        let stream =
            within(until, Step::Tcp, url, connect(&addresses)).await?.map_err(|error| unconnected(url, &error))?;
        passed(Step::Tcp, url.clone());
        let settings = LdapConnSettings::new()
            .set_std_stream(StdStream::Tcp(stream))
            .set_starttls(server.security == Security::StartTls);
        let settings = match &self.tls {
            Some(config) => settings.set_config(Arc::clone(config)),
            None => settings,
        };
        let (connection, mut ldap) = within(until, Step::Tls, url, LdapConnAsync::with_settings(settings, url))
            .await?
            .map_err(|error| Failure::handshake(url, &self.trust, &error))?;
        passed(
            Step::Tls,
            match server.security {
                Security::Clear => "in clear".to_owned(),
                Security::StartTls => format!("StartTLS, trusting {}", self.trust),
                Security::Tls => format!("TLS, trusting {}", self.trust),
            },
        );
        let log = url.clone();
        // Ends when the server closes, or when the last handle is dropped.
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!("directory: connection to {log} ended: {error}");
            }
        });
        match (&self.service, purpose) {
            (Some(service), Purpose::Search) => {
                let password = service.password.expose_str().unwrap_or_default();
                let bound = within(until, Step::Bind, url, ldap.simple_bind(&service.dn, password)).await?;
                let result = bound.map_err(|error| {
                    Failure::new(Step::Bind, url, error, "look at the directory's log: it broke the connection")
                })?;
                if result.rc != 0 {
                    return Err(Failure::service_bind(url, &service.dn, &result));
                }
                passed(Step::Bind, service.dn.clone());
            }
            (None, Purpose::Search) => passed(Step::Bind, "without a bind".to_owned()),
            (_, Purpose::Bind) => {}
        }
        Ok(ldap)
    }
}

async fn within<T>(until: Instant, step: Step, url: &str, work: impl Future<Output = T>) -> Result<T, Failure> {
    timeout_at(until, work).await.map_err(|_| Failure::late(step, url))
}

async fn connect(addresses: &[SocketAddr]) -> io::Result<std::net::TcpStream> {
    let stream = TcpStream::connect(addresses).await?;
    // Questions are small and many are under way on one connection: none should wait for the answer to another.
    stream.set_nodelay(true)?;
    stream.into_std()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[track_caller]
    fn check(text: &str, starttls: bool, url: &str, security: Security) {
        let server = Server::parse(text, starttls).unwrap();
        assert_eq!((server.url.as_str(), server.security), (url, security));
    }

    #[test]
    fn urls() {
        check("ldap://127.0.0.1:20389", false, "ldap://127.0.0.1:20389", Security::Clear);
        check("LDAP://ldap.a.test/", true, "ldap://ldap.a.test:389", Security::StartTls);
        check("ldaps://ldap.a.test", true, "ldaps://ldap.a.test:636", Security::Tls);
        check("ldap://[::1]", false, "ldap://[::1]:389", Security::Clear);
        check("ldap://[::1]:1389", false, "ldap://[::1]:1389", Security::Clear);
        for text in [
            "ldap",
            "ldap://",
            "http://x",
            "ldap://x:y",
            "ldap://x:99999",
            "ldap://a b",
            "ldap://x/dc=y",
            "ldap://x?y",
            "ldaps://[::1]",
            "ldap://::1",
            "ldap://user@x",
        ] {
            assert!(Server::parse(text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn servers_that_failed_are_tried_last_for_a_while() {
        let servers = ["ldap://a", "ldap://b", "ldap://c"].map(|url| Server::parse(url, false).unwrap());
        let dialer = Dialer::new(servers.to_vec(), None, String::new(), None);
        let now = Instant::now();
        assert_eq!(dialer.order(now), [0, 1, 2]);
        dialer.silent(0);
        assert_eq!(dialer.order(now), [1, 2, 0]);
        assert_eq!(dialer.order(now + DOWN * 2), [0, 1, 2]);
        dialer.mark(0, None);
        assert_eq!(dialer.order(now), [0, 1, 2]);
    }
}
