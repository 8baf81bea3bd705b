//! What the provider says of itself, and its keys: asked for when first needed, and kept for a while in memory.

use crate::settings::Settings;
use jsonwebtoken::jwk::{JwkSet, PublicKeyUse};
use passerelle_core::{Error, Result};
use passerelle_fetch::{StatusCode, Url};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// How long both are kept.
const KEPT: Duration = Duration::from_secs(3600);
/// A key that is not among those kept is looked for again, at most this often: a provider that changes its keys is followed
/// at once, and forged tokens make no storm.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The part of the provider's metadata that we use (Discovery 1.0 §3).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) jwks_uri: Url,
    pub(crate) end_session_endpoint: Option<Url>,
}

/// What is known of the provider.
#[derive(Debug, Default)]
pub(crate) struct Discovery {
    metadata: Mutex<Option<(Arc<Metadata>, Instant)>>,
    keys: Mutex<Option<(Arc<JwkSet>, Instant)>>,
}

impl Discovery {
    /// A provider that has been asked already.
    #[cfg(test)]
    #[allow(clippy::unwrap_used, reason = "a test may panic")]
    pub(crate) fn known(issuer: &str, keys: Vec<jsonwebtoken::jwk::Jwk>) -> Self {
        let at = |path: &str| Url::parse(&format!("{issuer}/{path}")).unwrap();
        let metadata = Metadata {
            issuer: issuer.to_owned(),
            authorization_endpoint: at("authorize"),
            token_endpoint: at("token"),
            jwks_uri: at("keys"),
            end_session_endpoint: None,
        };
        let now = Instant::now();
        Self {
            metadata: Mutex::new(Some((Arc::new(metadata), now))),
            keys: Mutex::new(Some((Arc::new(JwkSet { keys }), now))),
        }
    }

    /// The metadata.
    ///
    /// # Errors
    /// `Unavailable` when the provider cannot be asked, or says that it is another.
    pub(crate) async fn metadata(&self, settings: &Settings) -> Result<Arc<Metadata>> {
        let mut kept = self.metadata.lock().await;
        if let Some((metadata, since)) = kept.as_ref()
            && since.elapsed() < KEPT
        {
            return Ok(Arc::clone(metadata));
        }
        let doing = "reading the provider's metadata";
        let metadata: Metadata = json(settings, settings.discovery.clone(), doing).await?;
        // §4.3: must be identical to the issuer that was asked.
        if metadata.issuer != settings.issuer {
            let what = format!("it says its issuer is {}", metadata.issuer);
            return Err(Error::unavailable(&settings.name, doing, what));
        }
        let metadata = Arc::new(metadata);
        *kept = Some((Arc::clone(&metadata), Instant::now()));
        Ok(metadata)
    }

    /// The key that signed something, by its id; without an id, the only key there is for signatures.
    ///
    /// # Errors
    /// `Unauthenticated` when there is none; `Unavailable` when the provider cannot be asked.
    pub(crate) async fn key(&self, settings: &Settings, id: Option<&str>) -> Result<jsonwebtoken::jwk::Jwk> {
        let metadata = self.metadata(settings).await?;
        let mut kept = self.keys.lock().await;
        let (fresh, stale) = match kept.as_ref() {
            Some((keys, since)) => (since.elapsed() < KEPT, find(keys, id).is_none() && since.elapsed() > LOOK_AGAIN),
            None => (false, false),
        };
        let keys = match kept.as_ref() {
            Some((keys, _)) if fresh && !stale => Arc::clone(keys),
            _ => {
                let keys = json(settings, metadata.jwks_uri.clone(), "reading the provider's keys").await?;
                let keys: Arc<JwkSet> = Arc::new(keys);
                *kept = Some((Arc::clone(&keys), Instant::now()));
                keys
            }
        };
        find(&keys, id).cloned().ok_or(Error::Unauthenticated)
    }
}

fn find<'k>(keys: &'k JwkSet, id: Option<&str>) -> Option<&'k jsonwebtoken::jwk::Jwk> {
    let mut signing = keys.keys.iter().filter(|key| {
        let signs = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
        signs && id.is_none_or(|id| key.common.key_id.as_deref() == Some(id))
    });
    match (signing.next(), signing.next()) {
        (Some(key), None) => Some(key),
        _ => None,
    }
}

async fn json<T: DeserializeOwned>(settings: &Settings, url: Url, doing: &str) -> Result<T> {
    let fetched = settings.client.get(url, doing).await?;
    if fetched.status != StatusCode::OK {
        return Err(Error::unavailable(&settings.name, doing, format!("the provider answered {}", fetched.status)));
    }
    serde_json::from_slice(&fetched.body).map_err(|error| Error::unavailable(&settings.name, doing, error))
}
