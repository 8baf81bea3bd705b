//! What a token must say to be for us, now, and once.

use crate::settings::{Family, Settings};
use jsonwebtoken::{Validation, decode, decode_header};
use passerelle_core::{
    Error, Result,
    ports::{Assertion, Delegated, Once, Through, Vouched},
};
use passerelle_model::{Login, Secret, Timestamp};
use serde_json::{Map, Value};

/// Longest token that is looked at, in octets.
const LONGEST_TOKEN: usize = 8 * 1024;
/// Longest id of a token, in octets.
const LONGEST_ID: usize = 255;
/// How far clocks may be apart, in seconds.
const APART: i64 = 60;
/// How long a token may live at most, in seconds.
const LONGEST_LIFE: i64 = 300;

/// Checks a token's signature, then what it says.
pub(crate) fn verify(settings: &Settings, token: &Secret, now: Timestamp) -> Result<Vouched> {
    let claims = signed(settings, token).and_then(|claims| said(settings, &claims, now));
    claims.map_err(|why| {
        tracing::info!(provider = settings.name, why, "a portal's token was refused");
        Error::Unauthenticated
    })
}

type Claims = Map<String, Value>;
/// Why a token is none, for the log; never anything out of the token.
type Why = &'static str;

fn signed(settings: &Settings, token: &Secret) -> Result<Claims, Why> {
    let token = token.expose_str().filter(|token| token.len() <= LONGEST_TOKEN).ok_or("it is too long or no text")?;
    let header = decode_header(token).map_err(|_| "it is no token")?;
    // RFC 8725 §3.1: what the settings list, never what the token says; §3.11: and no token of another kind.
    if !settings.algorithms.contains(&header.alg) {
        return Err("its algorithm is not listed");
    }
    if header.crit.is_some() || header.typ.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("JWT")) {
        return Err("it is of another kind");
    }
    let mut validation = Validation::new(header.alg);
    // The times are checked below, by the clock that the caller has.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_issuer(&[&settings.issuer]);
    validation.set_audience(&[&settings.audience]);
    validation.set_required_spec_claims(&["iss", "aud", "exp"]);
    let mut why = "no key of this kind is listed";
    for key in settings.keys.iter().filter(|key| key.family == Family::of(header.alg)) {
        match decode::<Claims>(token, &key.key, &validation) {
            Ok(decoded) => return Ok(decoded.claims),
            Err(error) => {
                why = match error.kind() {
                    jsonwebtoken::errors::ErrorKind::InvalidIssuer => "its issuer is another",
                    jsonwebtoken::errors::ErrorKind::InvalidAudience => "it is for somebody else",
                    jsonwebtoken::errors::ErrorKind::MissingRequiredClaim(_) => "iss, aud or exp is missing",
                    _ => "no listed key has signed it",
                };
            }
        }
    }
    Err(why)
}

fn said(settings: &Settings, claims: &Claims, now: Timestamp) -> Result<Vouched, Why> {
    // RFC 8725 §3.9: for us, and for nobody beside us who could use it here.
    if claims.get("aud").and_then(Value::as_array).is_some_and(|audience| audience.len() != 1) {
        return Err("it is for others too");
    }
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        // RFC 7519 §2, NumericDate: seconds, which may have a fraction.
        Some(value) => value.as_i64().or_else(|| seconds(value.as_f64()?)).map(Some).ok_or("a time is no number"),
    };
    let expires = time("exp")?.ok_or("exp is missing")?;
    if now.0 >= expires.saturating_add(APART) {
        return Err("it has expired, or clocks are apart");
    }
    if expires > now.0.saturating_add(LONGEST_LIFE).saturating_add(APART) {
        return Err("it lives longer than five minutes");
    }
    for name in ["nbf", "iat"] {
        if time(name)?.is_some_and(|from| from > now.0.saturating_add(APART)) {
            return Err("it is from later on, or clocks are apart");
        }
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = text("jti").filter(|id| id.len() <= LONGEST_ID).ok_or("jti is missing or too long")?;
    let subject = text(&settings.subject).ok_or("the claim with the login is missing")?;
    let subject = Login::parse(subject.as_bytes()).map_err(|_| "its subject is no login")?;
    let rest = expires.saturating_add(APART).saturating_sub(now.0);
    Ok(Vouched {
        assertion: Assertion {
            subject,
            index: id.to_owned(),
            once: Some(Once { id: id.to_owned(), seconds: rest.max(1) }),
            delegated: Delegated::Nothing,
            leave: String::new(),
        },
        through: Through::Key,
    })
}

/// A time with a fraction, as whole seconds.
fn seconds(time: f64) -> Option<i64> {
    // By its text: a cast would be silent about what does not fit.
    (time.is_finite() && time.abs() < 1e15).then(|| format!("{:.0}", time.trunc()).parse().ok())?
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
