//! PLAIN: `message = [authzid] NUL authcid NUL passwd` (RFC 4616 §2).

use crate::Given;

/// Reads a message. The identity to act as may be there when it is the same: some clients always send it.
pub(crate) fn read(message: &[u8]) -> Option<Given<'_>> {
    let mut parts = message.split(|octet| *octet == 0);
    let (authzid, login, password) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !(authzid.is_empty() || authzid == login) {
        return None;
    }
    Some(Given::Password { login: std::str::from_utf8(login).ok()?, password })
}

/// A client's message: `authzid` empty to be oneself.
pub fn plain(authzid: &str, login: &str, password: &[u8]) -> Vec<u8> {
    [authzid.as_bytes(), b"\0", login.as_bytes(), b"\0", password].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &[u8], expected: Option<(&str, &[u8])>) {
        let expected = expected.map(|(login, password)| Given::Password { login, password });
        assert_eq!(read(message), expected, "{}", String::from_utf8_lossy(message));
    }

    #[test]
    fn messages() {
        check(b"\0u\0p", Some(("u", b"p")));
        check(b"u\0u\0p", Some(("u", b"p")));
        check(b"\0u\0", Some(("u", b"")));
        check(b"\0u\0p\xff", Some(("u", b"p\xff")));
        check(b"other\0u\0p", None);
        check(b"\0u\0p\0", None);
        check(b"\0\xff\0p", None);
        check(b"u\0p", None);
        check(b"", None);
    }
}
