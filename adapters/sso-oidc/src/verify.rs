//! What a token must say to be for us, and signed by the provider.

use crate::{discovery::Discovery, settings::Settings};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use passerelle_core::{Error, Result};
use serde_json::{Map, Value};

/// Longest token that is looked at, in octets.
pub(crate) const LONGEST_TOKEN: usize = 16 * 1024;
/// How far clocks may be apart, in seconds.
const APART: u64 = 60;
/// The event that makes a token a notice of a log-out (Back-Channel Logout 1.0 §2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What no access token says that is for whoever brings it: claims of an identity token, of a notice, and of a token that
/// only the holder of a key may show (RFC 7800 §3.1), which nobody proves here to be.
const NO_ACCESS: [&str; 6] = ["nonce", "at_hash", "c_hash", "s_hash", "events", "cnf"];

/// The claims of a token.
pub(crate) type Claims = Map<String, Value>;

/// A claim's text.
pub(crate) fn text<'c>(claims: &'c Claims, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// An identity token (Core §3.1.3.7), which must carry the nonce of the sign-on.
pub(crate) async fn identity(settings: &Settings, discovery: &Discovery, token: &str, nonce: &str) -> Result<Claims> {
    let claims = signed(settings, discovery, token, Expected::IDENTITY).await?;
    for_us_alone(settings, &claims)?;
    if text(&claims, "nonce") != Some(nonce) || text(&claims, "sub").is_none() || claims.contains_key("events") {
        return Err(Error::Unauthenticated);
    }
    Ok(claims)
}

/// A notice of a log-out (Back-Channel Logout 1.0 §2.6). An identity token is none, nor the other way round.
pub(crate) async fn notice(settings: &Settings, discovery: &Discovery, token: &str) -> Result<Claims> {
    let claims = signed(settings, discovery, token, Expected::NOTICE).await?;
    for_us_alone(settings, &claims)?;
    let event = claims.get("events").and_then(|events| events.get(LOGOUT_EVENT));
    let tells = event.is_some_and(Value::is_object);
    let whom = text(&claims, "sub").is_some() || text(&claims, "sid").is_some();
    if !tells || !whom || claims.contains_key("nonce") || text(&claims, "jti").is_none() {
        return Err(Error::Unauthenticated);
    }
    Ok(claims)
}

/// An access token that a program brings (RFC 9068 §4, and what providers gave out before it). It is made out to the
/// audience of the settings, whatever client it was given to.
pub(crate) async fn access(settings: &Settings, discovery: &Discovery, token: &str) -> Result<Claims> {
    let audience = settings.programs_audience.as_deref().ok_or(Error::Unauthenticated)?;
    let claims = signed(settings, discovery, token, Expected::access(audience)).await?;
    let other = NO_ACCESS.iter().any(|claim| claims.contains_key(*claim));
    // Keycloak says in a claim what kind a token is.
    let kind = text(&claims, "typ").is_none_or(|kind| kind.eq_ignore_ascii_case("Bearer"));
    // RFC 9068 §2.2: a client that speaks for itself is its own subject, and no person.
    let subject = text(&claims, "sub");
    let itself = ["client_id", "azp"].iter().any(|name| subject.is_some() && text(&claims, name) == subject);
    if other || !kind || itself || subject.is_none() {
        tracing::info!(provider = settings.name, "a token was refused that is no person's access token");
        return Err(Error::Unauthenticated);
    }
    Ok(claims)
}

/// What a token of one kind must say.
#[derive(Clone, Copy)]
struct Expected<'e> {
    claims: &'e [&'e str],
    /// Made out to whom; `None` for us.
    audience: Option<&'e str>,
    /// The types that its header may have; any, where there are none.
    types: &'e [&'e str],
}

impl<'e> Expected<'e> {
    const IDENTITY: Self = Self { claims: &["exp", "iss", "aud", "sub"], audience: None, types: &[] };
    const NOTICE: Self = Self { claims: &["exp", "iss", "aud"], audience: None, types: &[] };

    const fn access(audience: &'e str) -> Self {
        // RFC 9068 §2.1; before it, providers wrote what RFC 7519 §5.1 has, or nothing.
        let types = &["at+jwt", "application/at+jwt", "JWT"];
        Self { claims: &["exp", "iss", "aud", "sub"], audience: Some(audience), types }
    }
}

async fn signed(settings: &Settings, discovery: &Discovery, token: &str, expected: Expected<'_>) -> Result<Claims> {
    if token.len() > LONGEST_TOKEN {
        return Err(Error::Unauthenticated);
    }
    let refused = |error: jsonwebtoken::errors::Error| {
        tracing::info!(provider = settings.name, %error, "a token was refused");
        Error::Unauthenticated
    };
    let header = decode_header(token).map_err(refused)?;
    // RFC 8725 §3.1: what the settings list, never what the token says; §3.3: and no header that brings its own key.
    if !settings.algorithms.contains(&header.alg) || header.crit.is_some() {
        tracing::info!(provider = settings.name, algorithm = ?header.alg, "a token with another algorithm was refused");
        return Err(Error::Unauthenticated);
    }
    let is_of = |kind: &String| expected.types.iter().any(|it| it.eq_ignore_ascii_case(kind));
    if !expected.types.is_empty() && !header.typ.as_ref().is_none_or(is_of) {
        tracing::info!(provider = settings.name, "a token of another type was refused");
        return Err(Error::Unauthenticated);
    }
    let key = discovery.key(settings, header.kid.as_deref()).await?;
    let key = DecodingKey::from_jwk(&key).map_err(refused)?;
    let mut validation = Validation::new(header.alg);
    validation.leeway = APART;
    validation.validate_nbf = true;
    validation.set_issuer(&[&settings.issuer]);
    validation.set_audience(&[expected.audience.unwrap_or(&settings.client_id)]);
    validation.set_required_spec_claims(expected.claims);
    Ok(decode::<Claims>(token, &key, &validation).map_err(refused)?.claims)
}

/// Core §3.1.3.7, 3 to 5: a token for others too must name us as the party that it was issued to.
fn for_us_alone(settings: &Settings, claims: &Claims) -> Result<()> {
    let others = claims.get("aud").and_then(Value::as_array).is_some_and(|audience| audience.len() > 1);
    let party = text(claims, "azp");
    let ours = party == Some(settings.client_id.as_str());
    if !ours && (others || party.is_some()) { Err(Error::Unauthenticated) } else { Ok(()) }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
