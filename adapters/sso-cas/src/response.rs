//! What a CAS server says: its answers to a validation and to a proxy request, and its notice of a log-out.

use quick_xml::{NsReader, events::Event, name::ResolveResult};
use std::fmt;

/// The namespace of CAS's own elements (specification §2.5.2).
const CAS: &str = "http://www.yale.edu/tp/cas";
/// That of SAML's protocol, in which a log-out is told.
const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// Deepest nesting of an answer that is one.
const DEEPEST: usize = 16;
/// Most attributes of an answer; the rest of them is passed over.
const MOST_ATTRIBUTES: usize = 1000;
/// Most proxies that a ticket may have come through; beyond it the answer is none.
const MOST_PROXIES: usize = 16;
/// Most sessions of one notice.
const MOST_SESSIONS: usize = 100;

/// A validation that succeeded.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Validated {
    pub(crate) user: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// `cas:proxyGrantingTicket`: the name under which the granting ticket came.
    pub(crate) granting_name: Option<String>,
    /// `cas:proxies`, in their order: the one that brought the ticket first.
    pub(crate) proxies: Vec<String>,
}

// A granting ticket may be among the attributes.
impl fmt::Debug for Validated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Validated({})", self.user)
    }
}

impl Validated {
    /// The value of an attribute that has one value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let mut values = self.attributes.iter().filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

/// What a server says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said<T> {
    /// Yes.
    Yes(T),
    /// No, with its code, such as `INVALID_TICKET`.
    No(String),
    /// Nothing that CAS says.
    Nonsense,
}

/// `cas:authenticationSuccess` or `cas:authenticationFailure` (§2.5, appendix A).
pub(crate) fn validation(xml: &[u8]) -> Said<Validated> {
    let mut validated = Validated::default();
    let mut users = 0_usize;
    let outcome = walk(xml, CAS, "serviceResponse", |path, text| match path {
        ["authenticationSuccess", "user"] => {
            users = users.saturating_add(1);
            validated.user = text;
        }
        ["authenticationSuccess", "proxyGrantingTicket"] => validated.granting_name = Some(text),
        ["authenticationSuccess", "proxies", "proxy"] => validated.proxies.push(text),
        ["authenticationSuccess", "attributes", name] if validated.attributes.len() < MOST_ATTRIBUTES => {
            validated.attributes.push(((*name).to_owned(), text));
        }
        _ => {}
    });
    match outcome {
        Outcome::Refused(code) => Said::No(code),
        // A chain cut short could be one that is listed.
        Outcome::Read if validated.proxies.len() > MOST_PROXIES => Said::Nonsense,
        // Two users would be one for us and another for somebody else.
        Outcome::Read if users == 1 && !validated.user.is_empty() => Said::Yes(validated),
        Outcome::Read | Outcome::Broken => Said::Nonsense,
    }
}

/// `cas:proxySuccess` or `cas:proxyFailure` (§2.7): the ticket.
pub(crate) fn proxied(xml: &[u8]) -> Said<String> {
    let mut ticket = String::new();
    let outcome = walk(xml, CAS, "serviceResponse", |path, text| {
        if path == ["proxySuccess", "proxyTicket"] {
            ticket = text;
        }
    });
    match outcome {
        Outcome::Refused(code) => Said::No(code),
        Outcome::Read if !ticket.is_empty() => Said::Yes(ticket),
        Outcome::Read | Outcome::Broken => Said::Nonsense,
    }
}

/// `yes` and the login, or `no` (§2.4).
pub(crate) fn first_version(text: &[u8]) -> Said<Validated> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    match text.split_once('\n') {
        Some(("yes", rest)) if !rest.trim_end().is_empty() && !rest.trim_end().contains('\n') => {
            Said::Yes(Validated { user: rest.trim_end().to_owned(), ..Validated::default() })
        }
        Some(("no", _)) => Said::No("no".to_owned()),
        _ => Said::Nonsense,
    }
}

/// The service tickets whose sessions a `samlp:LogoutRequest` ends (appendix C). Not signed: who sent it is what counts.
pub(crate) fn logged_out(xml: &[u8]) -> Option<Vec<String>> {
    let mut sessions = Vec::new();
    let outcome = walk(xml, SAMLP, "LogoutRequest", |path, text| {
        if path == ["SessionIndex"] && sessions.len() < MOST_SESSIONS {
            sessions.push(text);
        }
    });
    matches!(outcome, Outcome::Read).then_some(sessions)
}

enum Outcome {
    Read,
    Refused(String),
    Broken,
}

/// Walks a small document and tells the text of each element of the namespace by its way below the root. A document type,
/// a processing instruction and an element of the same namespace in the wrong place make it nonsense.
fn walk(xml: &[u8], namespace: &str, root: &str, mut tell: impl FnMut(&[&str], String)) -> Outcome {
    let Ok(xml) = std::str::from_utf8(xml) else { return Outcome::Broken };
    let mut reader = NsReader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    let (mut seen_root, mut refused) = (false, None);
    loop {
        match reader.read_resolved_event() {
            Ok((resolved, Event::Start(element))) => {
                let ours = matches!(resolved, ResolveResult::Bound(bound) if bound.as_ref() == namespace);
                let name = element.local_name().as_ref().to_owned();
                if path.len() >= DEEPEST || path.is_empty() && (seen_root || !ours || name != root) {
                    return Outcome::Broken;
                }
                seen_root = true;
                if name.ends_with("Failure") && ours && path.len() == 1 {
                    let code = element.try_get_attribute("code").ok().flatten();
                    let code = code.map(|code| code.value.into_owned());
                    refused = Some(code.unwrap_or_default());
                }
                // Attributes of other namespaces have no place in the way that is told.
                path.push(if ours { name } else { String::new() });
                text.clear();
            }
            Ok((_, Event::End(_))) => {
                let way: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
                tell(&way, text.trim().to_owned());
                text.clear();
                path.pop();
            }
            Ok((_, Event::Text(piece))) => text.push_str(&piece),
            Ok((_, Event::CData(piece))) => text.push_str(&piece),
            Ok((_, Event::GeneralRef(entity))) => match resolve(&entity) {
                Some(character) => text.push(character),
                None => return Outcome::Broken,
            },
            // A comment inside of a name would be read in two ways by two readers.
            Ok((_, Event::Comment(_))) if path.len() > 1 => return Outcome::Broken,
            Ok((_, Event::Comment(_) | Event::Decl(_))) => {}
            Ok((_, Event::DocType(_) | Event::PI(_) | Event::Empty(_))) | Err(_) => return Outcome::Broken,
            Ok((_, Event::Eof)) => {
                return match refused {
                    _ if !seen_root || !path.is_empty() => Outcome::Broken,
                    Some(code) => Outcome::Refused(code),
                    None => Outcome::Read,
                };
            }
        }
    }
}

/// A character reference or one of XML's five entities; there are no others without a document type.
fn resolve(entity: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(character)) = entity.resolve_char_ref() {
        return Some(character);
    }
    match entity.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn answer(inside: &str) -> String {
        format!("<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>\n{inside}\n</cas:serviceResponse>")
    }

    #[track_caller]
    fn check(xml: &str, expected: Said<(&str, usize, Option<&str>)>) {
        let said = match validation(xml.as_bytes()) {
            Said::Yes(it) => Said::Yes((it.user.clone(), it.attributes.len(), it.granting_name.clone())),
            Said::No(code) => Said::No(code),
            Said::Nonsense => Said::Nonsense,
        };
        let expected = match expected {
            Said::Yes((user, count, name)) => Said::Yes((user.to_owned(), count, name.map(str::to_owned))),
            Said::No(code) => Said::No(code),
            Said::Nonsense => Said::Nonsense,
        };
        assert_eq!(said, expected, "{xml}");
    }

    #[test]
    fn validations() {
        let success =
            |inside: &str| answer(&format!("<cas:authenticationSuccess>{inside}</cas:authenticationSuccess>"));
        check(&success("<cas:user>u00001</cas:user>"), Said::Yes(("u00001", 0, None)));
        check(
            &success(
                "<cas:user> u1 </cas:user><cas:attributes><cas:mail>a&amp;b</cas:mail><cas:mail>c</cas:mail><cas:x/></cas:attributes><cas:proxyGrantingTicket>PGTIOU-1</cas:proxyGrantingTicket><cas:proxies><cas:proxy>https://a</cas:proxy></cas:proxies>",
            ),
            Said::Yes(("u1", 3, Some("PGTIOU-1"))),
        );
        check(
            &answer("<cas:authenticationFailure code='INVALID_TICKET'>no</cas:authenticationFailure>"),
            Said::No("INVALID_TICKET".to_owned()),
        );
        let foreign = answer("<authenticationSuccess><user>u1</user></authenticationSuccess>");
        for bad in [
            "",
            "yes\nu1\n",
            &answer(""),
            &success(""),
            &success("<cas:user></cas:user>"),
            &success("<cas:user>u1</cas:user><cas:user>u2</cas:user>"),
            &success("<cas:user>u1<!-- x -->2</cas:user>"),
            &success("<cas:user>&x;</cas:user>"),
            &format!("<!DOCTYPE x [<!ENTITY x \"u1\">]>{}", success("<cas:user>u1</cas:user>")),
            &foreign,
            "<cas:serviceResponse xmlns:cas='urn:other'><cas:authenticationSuccess><cas:user>u1</cas:user></cas:authenticationSuccess></cas:serviceResponse>",
            "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'><cas:authenticationSuccess><cas:user>u1</cas:user>",
            // Both at once: the failure holds.
        ] {
            check(bad, Said::Nonsense);
        }
        check(
            &answer(
                "<cas:authenticationSuccess><cas:user>u1</cas:user></cas:authenticationSuccess><cas:authenticationFailure code='X'/>",
            ),
            Said::No("X".to_owned()),
        );
        let chain = |count| {
            let proxies = "<cas:proxy>https://a</cas:proxy>".repeat(count);
            success(&format!("<cas:user>u1</cas:user><cas:proxies>{proxies}</cas:proxies>"))
        };
        check(&chain(MOST_PROXIES), Said::Yes(("u1", 0, None)));
        check(&chain(MOST_PROXIES + 1), Said::Nonsense);
        let two = success(
            "<cas:user>u1</cas:user><cas:proxies><cas:proxy>https://b</cas:proxy><cas:proxy>https://a</cas:proxy></cas:proxies><cas:proxy>https://c</cas:proxy>",
        );
        match validation(two.as_bytes()) {
            Said::Yes(it) => {
                assert_eq!(it.proxies, ["https://b", "https://a"], "in their order, and from their place only");
            }
            other => assert!(matches!(other, Said::Yes(_)), "{other:?}"),
        }
        // A user inside of the attributes is an attribute.
        check(
            &success("<cas:attributes><cas:user>admin</cas:user></cas:attributes><cas:user>u1</cas:user>"),
            Said::Yes(("u1", 1, None)),
        );
    }

    #[test]
    fn the_first_version() {
        assert!(matches!(first_version(b"yes\nu00001\n"), Said::Yes(it) if it.user == "u00001"));
        assert_eq!(first_version(b"no\n\n"), Said::No("no".to_owned()));
        for bad in [&b""[..], b"yes", b"yes\n\n", b"yes\nu1\nu2\n", b"\xff"] {
            assert_eq!(first_version(bad), Said::Nonsense);
        }
    }

    #[test]
    fn proxies_and_notices() {
        let ticket = answer("<cas:proxySuccess><cas:proxyTicket>PT-1</cas:proxyTicket></cas:proxySuccess>");
        assert_eq!(proxied(ticket.as_bytes()), Said::Yes("PT-1".to_owned()));
        let refused = answer("<cas:proxyFailure code=\"INVALID_REQUEST\">x</cas:proxyFailure>");
        assert_eq!(proxied(refused.as_bytes()), Said::No("INVALID_REQUEST".to_owned()));
        let notice = "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"1\"><saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">u1</saml:NameID><samlp:SessionIndex>ST-1</samlp:SessionIndex></samlp:LogoutRequest>";
        assert_eq!(logged_out(notice.as_bytes()), Some(vec!["ST-1".to_owned()]));
        assert_eq!(logged_out(b"<LogoutRequest/>"), None);
        assert_eq!(logged_out(b"x"), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = (validation(&octets), proxied(&octets), first_version(&octets), logged_out(&octets));
        }

        #[test]
        fn a_user_comes_back(user in "[a-z0-9&<>\"'. @é-]{1,40}") {
            let escaped = quick_xml::escape::escape(user.as_str());
            let xml = answer(&format!("<cas:authenticationSuccess><cas:user>{escaped}</cas:user></cas:authenticationSuccess>"));
            match validation(xml.as_bytes()) {
                Said::Yes(it) => prop_assert_eq!(it.user, user.trim()),
                Said::No(_) | Said::Nonsense => prop_assert!(user.trim().is_empty()),
            }
        }
    }
}
