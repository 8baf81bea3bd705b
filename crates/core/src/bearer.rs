//! The tokens of a sign-on: in State, sealed under a key that only the session's cookie carries, so that neither half alone
//! opens them; fresh when they are asked for.

use crate::{
    Clock, Error, Result,
    ports::{
        SsoProvider, Tokens,
        state::{LeaseToken, SealedTokens, State},
    },
    seal::{self, Purpose, Sealer},
};
use passerelle_model::{Secret, Timestamp};
use std::{fmt, sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// A token that runs out within so many seconds is changed for a fresh one first.
const MARGIN: i64 = 30;
/// How long one node may take to change it, in seconds; the others wait.
const REFRESH: i64 = 15;
/// How often a node that waits looks again, and how often at most.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
const LOOKS: usize = 75;

/// Where the tokens of a session come from.
#[derive(Clone)]
pub struct Bearer {
    provider: Arc<dyn SsoProvider>,
    state: Arc<dyn State>,
    clock: Clock,
    session: [u8; 16],
    key: Secret,
    known: Arc<Mutex<Option<(Tokens, u64)>>>,
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bearer({})", self.provider.name())
    }
}

impl Bearer {
    /// Keeps the tokens of a new session.
    pub(crate) async fn keep(
        provider: &Arc<dyn SsoProvider>,
        state: &Arc<dyn State>,
        clock: Clock,
        session: [u8; 16],
        tokens: Tokens,
        until: Timestamp,
    ) -> Result<Self> {
        let key = Secret::new(seal::random::<32>()?);
        let bearer = Self::of(provider, state, clock, session, key);
        state.keep_tokens(&session, &bearer.sealed(&tokens)?, until).await?;
        *bearer.known.lock().await = Some((tokens, 1));
        Ok(bearer)
    }

    /// The tokens of a session that is resumed.
    pub(crate) fn of(
        provider: &Arc<dyn SsoProvider>,
        state: &Arc<dyn State>,
        clock: Clock,
        session: [u8; 16],
        key: Secret,
    ) -> Self {
        let (provider, state) = (Arc::clone(provider), Arc::clone(state));
        Self { provider, state, clock, session, key, known: Arc::default() }
    }

    pub(crate) fn key(&self) -> &Secret {
        &self.key
    }

    /// An access token that is good for a while. One that runs out is changed for a fresh one, once among all nodes.
    ///
    /// # Errors
    /// `Unauthenticated` when there are none any more, or the provider gives no fresh one; `Unavailable` when State or the
    /// provider cannot be asked.
    pub async fn token(&self) -> Result<Secret> {
        let mut known = self.known.lock().await;
        if let Some((tokens, _)) = known.as_ref()
            && tokens.access.expose().is_empty()
        {
            return Err(Error::Unsupported { what: "showing this sign-on's token to back-ends" });
        }
        if let Some((tokens, _)) = known.as_ref().filter(|(tokens, _)| self.lasts(tokens)) {
            return Ok(tokens.access.clone());
        }
        let lease = LeaseToken { key: format!("tokens {:x?}", self.session), holder: seal::random()? };
        for _ in 0..LOOKS {
            let (tokens, version) = self.read().await?;
            if self.lasts(&tokens) {
                return Ok(known.insert((tokens, version)).0.access.clone());
            }
            let now = (self.clock)();
            if !self.state.take_lease(&lease, now.plus(REFRESH), now).await? {
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
            // Somebody may have been quicker between the look and the lease.
            let refreshed = match self.read().await? {
                (tokens, version) if self.lasts(&tokens) => Ok((tokens, version)),
                (tokens, version) => self.refresh(&tokens, version).await,
            };
            self.state.give_lease(&lease).await?;
            return Ok(known.insert(refreshed?).0.access.clone());
        }
        Err(Error::unavailable(self.provider.name(), "waiting for a fresh token", "another node did not get one"))
    }

    /// All of them, as they are: what a log-out at the provider needs.
    pub(crate) async fn tokens(&self) -> Result<Tokens> {
        self.read().await.map(|(tokens, _)| tokens)
    }

    /// Forgets them.
    pub(crate) async fn forget(&self) -> Result<()> {
        self.state.drop_tokens(&self.session).await
    }

    async fn refresh(&self, old: &Tokens, version: u64) -> Result<(Tokens, u64)> {
        let refreshing = self.provider.as_refreshing().ok_or(Error::Unauthenticated)?;
        let new = refreshing.refresh(old).await?;
        let next = version.checked_add(1).ok_or_else(|| Error::internal("refreshing tokens", "no version is left"))?;
        let sealed = SealedTokens { sealed: self.sealed(&new)?, version: next };
        if !self.state.replace_tokens(&self.session, &sealed).await? {
            // The session was signed out meanwhile.
            return Err(Error::Unauthenticated);
        }
        Ok((new, next))
    }

    fn lasts(&self, tokens: &Tokens) -> bool {
        (self.clock)().plus(MARGIN) < tokens.expires
    }

    async fn read(&self) -> Result<(Tokens, u64)> {
        let kept = self.state.tokens(&self.session, (self.clock)()).await?.ok_or(Error::Unauthenticated)?;
        let plain = self.sealer()?.open(Purpose::Tokens, self.state.epoch(), &kept.sealed)?;
        let tokens = parse(&plain).ok_or_else(|| Error::internal("reading tokens", "they cannot be read"))?;
        Ok((tokens, kept.version))
    }

    fn sealed(&self, tokens: &Tokens) -> Result<String> {
        self.sealer()?.seal(Purpose::Tokens, self.state.epoch(), &written(tokens)?)
    }

    fn sealer(&self) -> Result<Sealer> {
        Sealer::new(std::slice::from_ref(&self.key))
    }
}

/// The time, and each token with its length before it.
fn written(tokens: &Tokens) -> Result<Vec<u8>> {
    let mut plain = tokens.expires.0.to_be_bytes().to_vec();
    let refresh = tokens.refresh.as_ref().map_or(&[][..], Secret::expose);
    for token in [tokens.access.expose(), refresh, tokens.identity.expose()] {
        let length = u16::try_from(token.len()).map_err(|error| Error::internal("keeping tokens", error))?;
        plain.extend(length.to_be_bytes());
        plain.extend(token);
    }
    Ok(plain)
}

fn parse(plain: &[u8]) -> Option<Tokens> {
    let (expires, rest) = plain.split_first_chunk::<8>()?;
    let token = |rest| {
        let (length, rest): (&[u8; 2], &[u8]) = <[u8]>::split_first_chunk(rest)?;
        rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
    };
    let (access, rest) = token(rest)?;
    let (refresh, rest) = token(rest)?;
    let (identity, rest) = token(rest)?;
    rest.is_empty().then(|| Tokens {
        access: Secret::new(access),
        expires: Timestamp(i64::from_be_bytes(*expires)),
        refresh: (!refresh.is_empty()).then(|| Secret::new(refresh)),
        identity: Secret::new(identity),
    })
}
