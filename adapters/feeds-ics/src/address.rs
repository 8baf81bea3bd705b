//! Addresses as people type them, and as a server is asked for them.

use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::ports::{FeedAddress, FeedFault};
use passerelle_fetch::{HeaderValue, Url};
use percent_encoding::percent_decode_str;

/// Schemes that programs give to calendars one can follow. They stand for HTTP; with TLS, as everywhere.
const OF_CALENDARS: [&str; 3] = ["webcal://", "webcals://", "ical://"];

/// What somebody typed, where it may be asked.
pub(crate) fn typed(text: &str, hosts: &[String], clear: bool) -> Result<FeedAddress, FeedFault> {
    let text = text.trim();
    let begins = |scheme: &&&str| text.get(..scheme.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(scheme));
    let text = match OF_CALENDARS.iter().find(begins) {
        Some(scheme) => format!("https://{}", text.get(scheme.len()..).unwrap_or_default()),
        // What people copy from elsewhere than a browser has no scheme.
        None if !text.contains("://") => format!("https://{text}"),
        None => text.to_owned(),
    };
    let mut url = Url::parse(&text).map_err(|_| FeedFault::Address)?;
    let has_scheme = url.scheme() == "https" || (url.scheme() == "http" && clear);
    let host = url.host_str().filter(|host| host.contains('.') || host.contains(':')).map(str::to_owned);
    let host =
        host.filter(|host| has_scheme && (hosts.is_empty() || hosts.contains(host))).ok_or(FeedFault::Address)?;
    url.set_fragment(None);
    Ok(FeedAddress::new(&host, String::from(url)))
}

/// What a server is asked for.
pub(crate) struct Target {
    /// Without what opens it.
    pub(crate) url: Url,
    /// The whole value of `Authorization` (RFC 7617), where the address says a name or a password.
    pub(crate) authorization: Option<HeaderValue>,
}

impl Target {
    pub(crate) fn of(address: &FeedAddress) -> Result<Self, FeedFault> {
        let text = address.whole().expose_str().ok_or(FeedFault::Address)?;
        let mut url = Url::parse(text).map_err(|_| FeedFault::Address)?;
        let plain = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
        let (user, password) = (plain(url.username()), plain(url.password().unwrap_or_default()));
        let authorization = match (user.is_empty(), password.is_empty()) {
            (true, true) => None,
            _ => {
                let pair = STANDARD.encode([user.as_slice(), b":", password.as_slice()].concat());
                let mut value = HeaderValue::try_from(format!("Basic {pair}")).map_err(|_| FeedFault::Address)?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        let bare = url.set_username("").and_then(|()| url.set_password(None));
        bare.map_err(|()| FeedFault::Address)?;
        Ok(Self { url, authorization })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = typed(text, &[], false).ok();
        assert_eq!(found.as_ref().and_then(|it| it.whole().expose_str()), expected, "{text}");
    }

    #[test]
    fn what_people_type() {
        check(" webcal://cal.example/a.ics#x ", Some("https://cal.example/a.ics"));
        check("WEBCAL://Cal.Example/a.ics", Some("https://cal.example/a.ics"));
        check("https://cal.example/a?b=c", Some("https://cal.example/a?b=c"));
        check("cal.example/a.ics", Some("https://cal.example/a.ics"));
        for not in [
            "",
            "webcal://",
            "http://cal.example/",
            "file:///etc/passwd",
            "ftp://cal.example/",
            "https://",
            "intranet/a",
        ] {
            check(not, None);
        }
        assert!(typed("http://cal.example/a", &[], true).is_ok());
        let hosts = ["cal.example".to_owned()];
        assert!(typed("https://CAL.example/a", &hosts, false).is_ok());
        assert!(matches!(typed("https://other.example/a", &hosts, false), Err(FeedFault::Address)));
    }

    #[test]
    fn what_opens_it_is_no_part_of_what_is_asked() {
        let target = Target::of(&typed("https://me%40x:s%3acret@cal.example/a", &[], false).unwrap()).unwrap();
        assert_eq!(target.url.as_str(), "https://cal.example/a");
        let value = target.authorization.unwrap();
        assert_eq!(value, format!("Basic {}", STANDARD.encode("me@x:s:cret")));
        assert!(value.is_sensitive());
        assert!(Target::of(&typed("cal.example/a", &[], false).unwrap()).unwrap().authorization.is_none());
    }
}
