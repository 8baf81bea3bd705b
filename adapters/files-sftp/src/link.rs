//! Connections to the server: one for each identity that it knows, used by many calls at once.

use crate::{
    identity::Identity,
    powers::Powers,
    settings::{Proof, Settings},
};
use moka::future::Cache;
use passerelle_core::{Error, Result};
use russh::{
    client::{self, AuthResult, Handle},
    keys::{HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate},
};
use russh_sftp::client::{Config, RawSftpSession, rawsession::Limits};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::timeout,
};

/// Most connections that are kept.
pub(crate) const MOST_LINKS: u64 = 1_000;
/// How long a connection is kept that nobody uses.
const KEPT: Duration = Duration::from_secs(300);
/// A server that says nothing is asked after so long whether it is there, and given up after three times.
const ALIVE: Duration = Duration::from_secs(20);
/// Most octets that the server may send before it is told that they were taken.
const WINDOW: u32 = 4 * 1024 * 1024;
/// Largest packet that is taken, in octets: what OpenSSH reads at once, with room for its frame.
const LARGEST_PACKET: u32 = 256 * 1024 + 1024;

/// A signed-on connection with its SFTP session.
pub(crate) struct Link {
    pub(crate) sftp: RawSftpSession,
    pub(crate) powers: Powers,
    /// Holds the connection.
    connection: Handle<Pinned>,
    /// Whether the SFTP session has ended, which it may while the connection lives.
    ended: Arc<AtomicBool>,
}

impl Link {
    fn is_closed(&self) -> bool {
        self.connection.is_closed() || self.ended.load(Ordering::Acquire)
    }
}

/// The octets of a session, which says when the session lets go of them.
struct Watched<S> {
    octets: S,
    ended: Arc<AtomicBool>,
}

impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.octets).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.octets).poll_write(context, octets)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.octets).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.octets).poll_shutdown(context)
    }
}

/// The connections.
pub(crate) struct Links(Cache<[u8; 32], Arc<Link>>);

impl Links {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST_LINKS).time_to_idle(KEPT).build())
    }

    /// The connection of an identity.
    ///
    /// # Errors
    /// `Unauthenticated` when a person's own password is no good there.
    pub(crate) async fn of(&self, settings: &Settings, identity: &Identity<'_>) -> Result<Arc<Link>> {
        let key = identity.key();
        // One that was lost is made anew: the server may have been started again since.
        if self.0.get(&key).await.is_some_and(|link| link.is_closed()) {
            self.0.invalidate(&key).await;
        }
        let connecting = async {
            match timeout(settings.timeout, connect(settings, identity)).await {
                Ok(connected) => connected,
                Err(slow) => Err((Step::Server, slow.to_string())),
            }
        };
        self.0.try_get_with(key, connecting).await.map_err(|refused| {
            let (step, what) = refused.as_ref();
            if settings.service.is_none() && *step == Step::Login {
                return Error::Unauthenticated;
            }
            Error::unavailable(&settings.name, step.doing(), what.clone())
        })
    }
}

/// How far a connection came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Server,
    HostKey,
    Login,
    Session,
}

impl Step {
    pub(crate) const fn doing(self) -> &'static str {
        match self {
            Self::Server => "reaching the file server",
            Self::HostKey => "looking at the server's key",
            Self::Login => "signing on at the file server",
            Self::Session => "opening an SFTP session",
        }
    }
}

/// Takes a server whose key is among those of the settings, and remembers that of another.
pub(crate) struct Pinned {
    known: Vec<String>,
    other: Arc<Mutex<Option<String>>>,
}

impl client::Handler for Pinned {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let fingerprint = match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.fingerprint(HashAlg::Sha256).to_string(),
            PublicKeyOrCertificate::Certificate(certificate) => {
                format!("a certificate of {}", certificate.signature_key().fingerprint(HashAlg::Sha256))
            }
        };
        let known = self.known.contains(&fingerprint);
        if !known {
            *self.other.lock().unwrap_or_else(PoisonError::into_inner) = Some(fingerprint);
        }
        Ok(known)
    }
}

async fn connect(settings: &Settings, identity: &Identity<'_>) -> Result<Arc<Link>, (Step, String)> {
    let config = client::Config {
        window_size: WINDOW,
        keepalive_interval: Some(ALIVE),
        nodelay: true,
        ..client::Config::default()
    };
    let other = Arc::new(Mutex::new(None));
    let pinned = Pinned { known: settings.host_keys.clone(), other: Arc::clone(&other) };
    let connected = client::connect(Arc::new(config), settings.address.as_str(), pinned).await;
    let mut connection = connected.map_err(|error| {
        let seen = other.lock().unwrap_or_else(PoisonError::into_inner).take();
        match seen {
            Some(key) => (Step::HostKey, format!("the server's key is {key}, which is not among host_keys")),
            None => (Step::Server, error.to_string()),
        }
    })?;
    sign_on(&mut connection, identity).await?;
    let told = |error: russh::Error| (Step::Session, error.to_string());
    let channel = connection.channel_open_session().await.map_err(told)?;
    channel.request_subsystem(true, "sftp").await.map_err(told)?;
    let config = Config {
        max_packet_len: LARGEST_PACKET,
        request_timeout_secs: settings.timeout.as_secs().max(1),
        ..Config::default()
    };
    let ended = Arc::new(AtomicBool::new(false));
    let watched = Watched { octets: channel.into_stream(), ended: Arc::clone(&ended) };
    let mut sftp = RawSftpSession::new_with_config(watched, config);
    let told = |error: russh_sftp::client::error::Error| (Step::Session, error.to_string());
    let version = sftp.init().await.map_err(told)?;
    if version.version != 3 {
        return Err((Step::Session, format!("the server speaks SFTP {}, and only 3 is known here", version.version)));
    }
    let mut powers = Powers::of(&version.extensions);
    if powers.limits {
        let limits = Limits::from(sftp.limits().await.map_err(told)?);
        powers.limit(limits.read_len, limits.write_len);
        sftp.set_limits(limits);
    }
    Ok(Arc::new(Link { sftp, powers, connection, ended }))
}

async fn sign_on(connection: &mut Handle<Pinned>, identity: &Identity<'_>) -> Result<(), (Step, String)> {
    let told = |error: russh::Error| (Step::Server, error.to_string());
    let answer = match identity.proof.as_ref() {
        Proof::Password(password) => {
            // What is no text is never sent as an empty one: a lax server would take that.
            let Some(password) = password.expose_str() else {
                return Err((Step::Login, "a password that is no UTF-8 cannot be sent".to_owned()));
            };
            connection.authenticate_password(identity.user, password).await.map_err(told)?
        }
        Proof::Key(key) => {
            // RFC 8332: an RSA key signs with SHA-2, as far as the server says that it knows it.
            let hash = connection.best_supported_rsa_hash().await.map_err(told)?.flatten();
            let key = PrivateKeyWithHashAlg::new(Arc::clone(key), hash);
            connection.authenticate_publickey(identity.user, key).await.map_err(told)?
        }
    };
    match answer {
        AuthResult::Success => Ok(()),
        AuthResult::Failure { remaining_methods, .. } => {
            let methods = remaining_methods.iter().map(String::from).collect::<Vec<_>>().join(", ");
            Err((Step::Login, format!("{} was refused; the server takes {methods}", identity.user)))
        }
    }
}
