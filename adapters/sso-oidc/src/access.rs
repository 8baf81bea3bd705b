//! Access tokens that programs bring.

use crate::{
    provider::Oidc,
    verify::{self, Claims, text},
};
use passerelle_core::{
    Error, Result,
    ports::{AccessTokens, Fut, TokenHolder},
};
use passerelle_model::{Login, Secret, Timestamp};
use serde_json::Value;

/// How far ahead of ours the provider's clock may be, in seconds.
const APART: i64 = 60;

impl AccessTokens for Oidc {
    fn check<'a>(&'a self, token: &'a Secret, now: Timestamp) -> Fut<'a, TokenHolder> {
        Box::pin(async move {
            let token = token.expose_str().ok_or(Error::Unauthenticated)?;
            let claims = verify::access(&self.settings, &self.discovery, token).await?;
            let Some(subject) = text(&claims, &self.settings.subject) else {
                // The operator has to hear of it: the provider must put the claim into access tokens too.
                tracing::warn!(
                    provider = self.settings.name,
                    claim = self.settings.subject,
                    "an access token has no such claim"
                );
                return Err(Error::Unauthenticated);
            };
            holder(&claims, subject, now)
        })
    }
}

fn holder(claims: &Claims, subject: &str, now: Timestamp) -> Result<TokenHolder> {
    let (issued, expires) = (time(claims, "iat")?, time(claims, "exp")?);
    // What is issued tomorrow would outlast what is withdrawn today.
    if issued > now.plus(APART) {
        return Err(Error::Unauthenticated);
    }
    Ok(TokenHolder {
        subject: Login::parse(subject.as_bytes()).map_err(|_| Error::Unauthenticated)?,
        index: text(claims, "sid").map(str::to_owned),
        issued,
        expires,
    })
}

/// `NumericDate` (RFC 7519 §2), without the part of a second.
fn time(claims: &Claims, name: &str) -> Result<Timestamp> {
    let whole = |number: &Value| {
        let text = number.as_number()?.to_string();
        text.split('.').next()?.parse().ok()
    };
    claims.get(name).and_then(whole).map(Timestamp).ok_or(Error::Unauthenticated)
}
