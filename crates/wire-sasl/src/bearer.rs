//! OAUTHBEARER and XOAUTH2: a token, and whose the client says it is.
//!
//! ```text
//! kvsep       = %x01
//! client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep       (RFC 7628 §3.1)
//! kvpair      = key "=" value kvsep
//! gs2-header  = "n," [ "a=" saslname ] ","                     (RFC 5801 §4; no channel binding)
//! xoauth2     = "user=" login kvsep "auth=Bearer " token kvsep kvsep
//! ```

use crate::{Given, LONGEST_TOKEN};

const KVSEP: u8 = 1;

/// Reads a message of OAUTHBEARER. `host` and `port` say which server the client thinks it speaks to, and decide nothing.
pub(crate) fn read_oauthbearer(message: &[u8]) -> Option<Given<'_>> {
    let text = std::str::from_utf8(message).ok()?;
    let (header, pairs) = text.split_once(char::from(KVSEP))?;
    // `y` is a client that could bind to the channel and thinks that we cannot, which is so; `p=` demands it.
    let name = header.strip_prefix("n,").or_else(|| header.strip_prefix("y,"))?.strip_suffix(',')?;
    let login = if name.is_empty() { name } else { name.strip_prefix("a=")? };
    // saslname: a comma and an equals sign are written as escapes. No login has either, so no escape has to be read.
    if login.contains([',', '=']) || (!name.is_empty() && login.is_empty()) {
        return None;
    }
    given(login, pairs)
}

/// Reads a message of XOAUTH2.
pub(crate) fn read_xoauth2(message: &[u8]) -> Option<Given<'_>> {
    let text = std::str::from_utf8(message).ok()?;
    let (user, pairs) = text.split_once(char::from(KVSEP))?;
    let login = user.strip_prefix("user=").filter(|login| !login.is_empty())?;
    given(login, pairs)
}

/// A client's message of OAUTHBEARER. A comma and an equals sign of the login are written as escapes (RFC 5801 §4).
pub fn oauthbearer(login: &str, token: &[u8]) -> Vec<u8> {
    let name = login.replace('=', "=3D").replace(',', "=2C");
    [b"n,a=", name.as_bytes(), b",\x01auth=Bearer ", token, b"\x01\x01"].concat()
}

/// A client's message of XOAUTH2.
pub fn xoauth2(login: &str, token: &[u8]) -> Vec<u8> {
    [b"user=", login.as_bytes(), b"\x01auth=Bearer ", token, b"\x01\x01"].concat()
}

/// The token among the pairs. Twice is as good as never: two readers could read two tokens.
fn given<'m>(login: &'m str, pairs: &'m str) -> Option<Given<'m>> {
    let pairs = pairs.strip_suffix("\x01\x01")?;
    let mut tokens = pairs.split(char::from(KVSEP)).filter_map(|pair| match pair.split_once('=') {
        Some((key, value)) if is_key(key) => (key == "auth").then_some(Some(value)),
        _ => Some(None),
    });
    let value = match (tokens.next(), tokens.next()) {
        (Some(Some(value)), None) => value,
        _ => return None,
    };
    let (scheme, token) = value.split_once(' ')?;
    // RFC 9110 §11.1: the name of a scheme is the same in upper case and lower.
    let token = scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim_start_matches(' '))?;
    is_token(token).then_some(Given::Token { login, token })
}

/// `key = 1*(ALPHA)`
fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|octet| octet.is_ascii_alphabetic())
}

/// `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="` (RFC 6750 §2.1)
fn is_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    let fits = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~+/".contains(&octet);
    !body.is_empty() && token.len() <= LONGEST_TOKEN && body.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: fn(&[u8]) -> Option<Given<'_>>, message: &str, expected: Option<(&str, &str)>) {
        let message = message.replace('^', "\x01");
        let expected = expected.map(|(login, token)| Given::Token { login, token });
        assert_eq!(read(message.as_bytes()), expected, "{message:?}");
    }

    #[test]
    fn oauthbearer_messages() {
        for (message, expected) in [
            ("n,a=u@x.test,^host=h^port=143^auth=Bearer ab.c-d_e~f+g/h==^^", Some(("u@x.test", "ab.c-d_e~f+g/h=="))),
            ("n,a=u,^auth=bearer t^^", Some(("u", "t"))),
            ("n,,^auth=Bearer t^^", Some(("", "t"))),
            ("y,a=u,^auth=Bearer t^host=h^^", Some(("u", "t"))),
            ("n,a=,^auth=Bearer t^^", None),
            ("n,a=u=2Cv,^auth=Bearer t^^", None),
            ("p=tls-exporter,a=u,^auth=Bearer t^^", None),
            ("n,a=u^auth=Bearer t^^", None),
            ("n,u,^auth=Bearer t^^", None),
            ("n,a=u,^auth=Bearer t^", None),
            ("n,a=u,^auth=Bearer t", None),
            ("n,a=u,^auth=Bearer ^^", None),
            ("n,a=u,^auth=Bearer a b^^", None),
            ("n,a=u,^auth=Bearer t^auth=Bearer t^^", None),
            ("n,a=u,^auth=Basic t^^", None),
            ("n,a=u,^auth=t^^", None),
            ("n,a=u,^host=h^^", None),
            ("n,a=u,^h1=h^auth=Bearer t^^", None),
            ("n,a=u,^^", None),
            ("^", None),
            ("", None),
        ] {
            check(read_oauthbearer, message, expected);
        }
    }

    #[test]
    fn xoauth2_messages() {
        for (message, expected) in [
            ("user=u@x.test^auth=Bearer t^^", Some(("u@x.test", "t"))),
            ("user=^auth=Bearer t^^", None),
            ("n,a=u,^auth=Bearer t^^", None),
            ("user=u^auth=Bearer t^", None),
            ("user=u^auth=Bearer \u{e9}^^", None),
        ] {
            check(read_xoauth2, message, expected);
        }
    }

    #[test]
    fn a_token_has_a_longest() {
        let message = |length: usize| xoauth2("u", &vec![b'a'; length]);
        assert!(read_xoauth2(&message(LONGEST_TOKEN)).is_some());
        assert!(read_xoauth2(&message(LONGEST_TOKEN + 1)).is_none());
    }
}
