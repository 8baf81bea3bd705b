//! `Prefer` (RFC 7240, RFC 8144): what a client would like and can do without.

use http::{HeaderMap, HeaderValue, header::HeaderName};
use passerelle_net::http::Response;

const PREFER: HeaderName = HeaderName::from_static("prefer");
/// What Microsoft's clients say for the same (MS-WDVME, `Brief`).
const BRIEF: HeaderName = HeaderName::from_static("brief");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The preferences that are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Preferences {
    /// `return=minimal`: leave out what a client can know without being told (RFC 8144 §2).
    pub(crate) minimal: bool,
    /// `depth-noroot`: the members of a collection without itself (RFC 8144 §4).
    pub(crate) without_root: bool,
}

impl Preferences {
    /// `Prefer = 1#preference`, `preference = token [ BWS "=" BWS word ] *( OWS ";" [ OWS parameter ] )` (RFC 7240 §2). What
    /// is not understood is passed over.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut found = Self::default();
        for value in headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok()) {
            for preference in value.split(',') {
                let preference = preference.split(';').next().unwrap_or_default();
                let (name, word) = preference.split_once('=').unwrap_or((preference, ""));
                let (name, word) = (name.trim_ascii(), word.trim_ascii().trim_matches('"'));
                found.minimal |= name.eq_ignore_ascii_case("return") && word.eq_ignore_ascii_case("minimal");
                found.without_root |= name.eq_ignore_ascii_case("depth-noroot") && word.is_empty();
            }
        }
        found.minimal |= headers.get(BRIEF).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"t"));
        found
    }

    /// Says which of them the answer follows (RFC 7240 §3).
    pub(crate) fn tell(self, response: &mut Response) {
        let told = match (self.minimal, self.without_root) {
            (false, false) => return,
            (true, false) => "return=minimal",
            (false, true) => "depth-noroot",
            (true, true) => "return=minimal, depth-noroot",
        };
        response.headers_mut().insert(APPLIED, HeaderValue::from_static(told));
    }

    /// Only what applies to answers without members.
    pub(crate) const fn of_one(self) -> Self {
        Self { without_root: false, ..self }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn read(name: &'static str, values: &[&str]) -> (bool, bool) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        let found = Preferences::of(&headers);
        (found.minimal, found.without_root)
    }

    #[test]
    fn preferences() {
        for (values, found) in [
            (&["return=minimal"][..], (true, false)),
            (&["respond-async, Return = \"minimal\"; x=y", "depth-noroot"], (true, true)),
            (&["return=representation"], (false, false)),
            (&["minimal", "depth-noroot=1", ""], (false, false)),
        ] {
            assert_eq!(read("prefer", values), found, "{values:?}");
        }
        assert_eq!((read("brief", &["t"]), read("brief", &["f"])), ((true, false), (false, false)));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(value in "[a-z=,;\" -]{0,40}") {
            read("prefer", &[&value]);
        }
    }
}
