//! Connections to the share: one for each identity that the server knows, used by many calls at once.

use crate::settings::Settings;
use moka::future::Cache;
use passerelle_core::{Delegation, Error, Permit, Result, Right, seal};
use passerelle_model::{NodeRef, Secret};
use smb2::{ClientConfig, ErrorKind, SmbClient, Tree, client::Connection};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Most connections that are kept.
pub(crate) const MOST_LINKS: u64 = 1_000;
/// How long a connection is kept that nobody uses.
const KEPT: Duration = Duration::from_secs(300);

/// A signed-on connection with the share opened.
pub(crate) struct Link {
    /// Holds what the connection hangs on.
    client: SmbClient,
    connection: Connection,
    pub(crate) tree: Arc<Tree>,
}

impl Link {
    /// The connection, for one call beside others.
    pub(crate) fn connection(&self) -> Connection {
        self.connection.clone()
    }
}

/// Who signs on at the file server.
struct Identity<'a> {
    user: &'a str,
    password: &'a Secret,
}

/// The connections. The key is a hash of name and password: somebody who changed the password signs on anew.
pub(crate) struct Links(Cache<[u8; 32], Arc<Link>>);

impl Links {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST_LINKS).time_to_idle(KEPT).build())
    }

    /// The connection on which this may be done.
    pub(crate) async fn of<R: Right>(&self, settings: &Settings, at: &Permit<NodeRef, R>) -> Result<Arc<Link>> {
        let identity = identity(settings, at)?;
        self.signed_on(settings, &identity).await
    }

    /// That of the service account, if there is one.
    pub(crate) async fn service(&self, settings: &Settings) -> Option<Result<Arc<Link>>> {
        let (user, password) = settings.service.as_ref()?;
        Some(self.signed_on(settings, &Identity { user, password }).await)
    }

    async fn signed_on(&self, settings: &Settings, identity: &Identity<'_>) -> Result<Arc<Link>> {
        let key = seal::sha256(&[identity.user.as_bytes(), b"\0", identity.password.expose()].concat());
        let own = settings.service.is_none();
        // One that was lost is made anew: the server may have been started again since.
        if self.0.get(&key).await.is_some_and(|link| link.client.is_disconnected()) {
            self.0.invalidate(&key).await;
        }
        let connecting = async {
            match timeout(settings.timeout, connect(settings, identity)).await {
                Ok(connected) => connected,
                Err(slow) => Err((Step::Server, ErrorKind::TimedOut, slow.to_string())),
            }
        };
        self.0.try_get_with(key, connecting).await.map_err(|refused| {
            let (step, kind, what) = refused.as_ref();
            if own && *step == Step::Login && *kind == ErrorKind::AuthRequired {
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
    Login,
    Share,
}

impl Step {
    pub(crate) const fn doing(self) -> &'static str {
        match self {
            Self::Server => "reaching the file server",
            Self::Login => "signing on at the file server",
            Self::Share => "opening the share",
        }
    }
}

async fn connect(
    settings: &Settings,
    identity: &Identity<'_>,
) -> std::result::Result<Arc<Link>, (Step, ErrorKind, String)> {
    let password = identity.password.expose_str().unwrap_or_default().to_owned();
    let config = ClientConfig {
        addr: settings.address.clone(),
        timeout: settings.timeout,
        username: identity.user.to_owned(),
        password,
        domain: settings.domain.clone(),
        // It would keep a call waiting for a minute; the next call makes a new connection within the deadline.
        auto_reconnect: false,
        // A referral would send our credentials wherever it says.
        dfs_enabled: false,
        response_timeout: Some(settings.timeout),
        ..ClientConfig::default()
    };
    let mut client = SmbClient::connect(config).await.map_err(|error| {
        let step = match error.kind() {
            ErrorKind::AuthRequired | ErrorKind::AccessDenied => Step::Login,
            _ => Step::Server,
        };
        (step, error.kind(), format!("{}: {error}", identity.user))
    })?;
    let told =
        |error: smb2::Error| (Step::Share, error.kind(), format!("{} as {}: {error}", settings.share, identity.user));
    let tree = client.connect_share(&settings.share).await.map_err(told)?;
    let connection = client.connection_for(&tree).map_err(told)?;
    Ok(Arc::new(Link { client, connection, tree: Arc::new(tree) }))
}

/// As whom something is done: the service account, or the owner with the owner's own password.
fn identity<'a, R: Right>(settings: &'a Settings, at: &'a Permit<NodeRef, R>) -> Result<Identity<'a>> {
    if let Some((user, password)) = &settings.service {
        return Ok(Identity { user, password });
    }
    match (at.own_account(), at.delegation()) {
        (Some(account), Delegation::Password(password)) => Ok(Identity { user: account.id.as_str(), password }),
        _ => Err(Error::Unsupported { what: "opening the share without its owner's password" }),
    }
}
