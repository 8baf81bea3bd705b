//! Who comes by a share link: by the token in the address, and by its password where it has one, which a program sends as
//! `Authorization: Basic` with any login and a browser is asked for once.

use super::{Exchange, cookie::cookie, exchange::LONGEST_AUTHORIZATION};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, header::AUTHORIZATION};
use passerelle_core::{Door, Error, LinkVisit, Result, Session};
use passerelle_model::Secret;
use passerelle_observe::{LoginRefused, emit};

/// The cookie of a browser that has shown a link's password. It goes to that link's addresses only.
const LINK_COOKIE: &str = "passerelle-link";

/// The path of a link's page, without a `/` at its end.
pub fn link_path(token: &str) -> String {
    format!("/s/{token}")
}

/// The header that lets a browser keep the proof that it has shown a link's password, until it is closed.
pub fn link_cookie_for(token: &str, proof: &str) -> Option<HeaderValue> {
    let path = link_path(token);
    HeaderValue::from_str(&format!("{LINK_COOKIE}={proof}; Path={path}; Secure; HttpOnly; SameSite=Lax")).ok()
}

impl Exchange {
    /// Whoever holds a link. `typed` is the password of a form.
    ///
    /// # Errors
    /// As [`Door::enter_link`]; `Forbidden` for a write from another site, and for a password that came in clear from a network
    /// that is not listed.
    pub async fn link_session(&self, door: &Door, token: &str, typed: Option<&Secret>) -> Result<Session> {
        if !self.is_safe() && self.is_cross_site() {
            return Err(Error::Forbidden);
        }
        let sent = self.head.headers.get(AUTHORIZATION).and_then(password_of);
        let password = typed.or(sent.as_ref());
        let refused = |reason| emit(LoginRefused { surface: self.surface, address: self.peer.ip(), reason });
        if password.is_some() && !self.may_log_in {
            refused("clear");
            return Err(Error::Forbidden);
        }
        let proof = cookie(&self.head.headers, LINK_COOKIE);
        let entered = door.enter_link(LinkVisit { token, password, proof, from: self.peer.ip() }).await;
        match &entered {
            Err(Error::Unauthenticated) if password.is_some() => refused("credentials"),
            Err(Error::TooMany { .. }) => refused("too-many"),
            _ => {}
        }
        entered
    }
}

/// The password of `Basic base64(login ":" password)` (RFC 7617 §2), whatever the login.
fn password_of(header: &HeaderValue) -> Option<Secret> {
    let (scheme, credentials) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || credentials.len() > LONGEST_AUTHORIZATION {
        return None;
    }
    let plain = STANDARD.decode(credentials.trim()).ok()?;
    let colon = plain.iter().position(|octet| *octet == b':')?;
    Some(Secret::new(plain.get(colon.saturating_add(1)..)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn any_login_and_the_links_password() {
        let header = |plain: &str| HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(plain))).unwrap();
        for (plain, expected) in [("x:se:cret", Some("se:cret")), (":secret", Some("secret")), ("secret", None)] {
            let password = password_of(&header(plain));
            assert_eq!(password.as_ref().and_then(Secret::expose_str), expected, "{plain}");
        }
        assert!(password_of(&HeaderValue::from_static("Bearer abc")).is_none());
    }
}
