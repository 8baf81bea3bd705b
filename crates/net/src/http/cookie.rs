//! Cookies, and the pages that a browser may be sent to.

use http::{HeaderMap, HeaderValue, header::COOKIE};

/// A cookie's value.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The header that sets a `__Host-` cookie for so many seconds, or with 0 takes it away; `same_site` is `Lax` or `None`.
/// There is none for a value that no cookie can have (RFC 6265 §4.1.1).
pub fn cookie_for(name: &str, value: &str, seconds: i64, same_site: &str) -> Option<HeaderValue> {
    let good = |octet: u8| octet.is_ascii_graphic() && !b"\",;\\".contains(&octet);
    if !value.bytes().all(good) {
        return None;
    }
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite={same_site}");
    HeaderValue::from_str(&text).ok()
}

/// The page that a browser asked to come back to, or the home page: only a path of our own, and none that a browser reads as
/// another host.
pub fn own_page(next: &str) -> &str {
    let own = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if own { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_come_next() {
        for bad in [
            "https://evil.test/",
            "//evil.test",
            "/\\evil.test",
            "/\t/evil.test",
            "",
            "javascript:1",
            "/\r\nSet-Cookie: a=b",
        ] {
            assert_eq!(own_page(bad), "/", "{bad}");
        }
        assert_eq!(own_page("/?folder=a"), "/?folder=a");
    }

    #[test]
    fn a_cookie_ends_where_it_should() {
        assert!(cookie_for("__Host-a", "b; Domain=evil.test", 1, "Lax").is_none());
        assert!(cookie_for("__Host-a", "b\r\nX: y", 1, "Lax").is_none());
        assert!(cookie_for("__Host-a", "b", 1, "Lax").is_some());
    }
}
