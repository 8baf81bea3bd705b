//! Cookies, and the pages that a browser may be sent to.

use super::{FRAME_COOKIE, SESSION_COOKIE};
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

/// With which requests a browser sends a cookie along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentWith {
    /// Those of our own site, and links that lead to it.
    OwnSite,
    /// All.
    AnySite,
    /// Those of frames on the site where it was set, and on no other (CHIPS). A browser that does not know that sends it as
    /// [`Self::AnySite`].
    ThisFrame,
}

/// The header that sets a `__Host-` cookie for so many seconds, or with 0 takes it away. There is none for a value that no
/// cookie can have (RFC 6265 §4.1.1).
pub fn cookie_for(name: &str, value: &str, seconds: i64, sent: SentWith) -> Option<HeaderValue> {
    let good = |octet: u8| octet.is_ascii_graphic() && !b"\",;\\".contains(&octet);
    if !value.bytes().all(good) {
        return None;
    }
    let same_site = match sent {
        SentWith::OwnSite => "Lax",
        SentWith::AnySite => "None",
        SentWith::ThisFrame => "None; Partitioned",
    };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite={same_site}");
    HeaderValue::from_str(&text).ok()
}

/// The headers that begin a web session in a browser, or with an empty value end it: in a frame, which may be on a foreign
/// site, with a cookie of its own beside.
pub fn session_cookies_for(value: &str, seconds: i64, framed: bool) -> Option<Vec<HeaderValue>> {
    let mut headers = vec![cookie_for(SESSION_COOKIE, value, seconds, SentWith::OwnSite)?];
    if framed || value.is_empty() {
        headers.push(cookie_for(FRAME_COOKIE, value, seconds, SentWith::ThisFrame)?);
    }
    Some(headers)
}

/// Who may show a page in a frame (CSP3 §6.4.2): ourselves, and the institution's portals.
pub fn frame_ancestors(portals: &[String]) -> String {
    portals.iter().fold("frame-ancestors 'self'".to_owned(), |list, portal| format!("{list} {portal}"))
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
        assert!(cookie_for("__Host-a", "b; Domain=evil.test", 1, SentWith::OwnSite).is_none());
        assert!(cookie_for("__Host-a", "b\r\nX: y", 1, SentWith::OwnSite).is_none());
        assert!(cookie_for("__Host-a", "b", 1, SentWith::OwnSite).is_some());
    }

    #[test]
    fn a_frame_has_a_cookie_of_its_own() {
        let text = |framed, value| {
            let set = session_cookies_for(value, 9, framed).into_iter().flatten();
            set.map(|header| header.to_str().map(str::to_owned).unwrap_or_default()).collect::<Vec<_>>()
        };
        let lax = "__Host-passerelle=x; Path=/; Max-Age=9; Secure; HttpOnly; SameSite=Lax";
        let framed = "__Host-passerelle-frame=x; Path=/; Max-Age=9; Secure; HttpOnly; SameSite=None; Partitioned";
        assert_eq!(text(false, "x"), [lax]);
        assert_eq!(text(true, "x"), [lax, framed]);
        assert_eq!(text(false, "").len(), 2, "signing out takes both away");
        assert_eq!(frame_ancestors(&[]), "frame-ancestors 'self'");
        let portals = ["https://a.test".to_owned(), "https://b.test".to_owned()];
        assert_eq!(frame_ancestors(&portals), "frame-ancestors 'self' https://a.test https://b.test");
    }
}
