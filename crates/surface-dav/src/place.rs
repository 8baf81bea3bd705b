//! From the path of a URL to a place, and back.
//!
//! A path is decoded once, segment by segment. A segment that decodes to a separator, a control character, `.` or `..`, or
//! is no UTF-8, makes the whole path invalid: there is no spelling that leads out of a tree.

use crate::{collections::At, directory, part::Part, trays};
use passerelle_core::Session;
use passerelle_model::{GroupId, GroupRef, InstitutionId, LinkId, NodePath, NodeRef};
use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, utf8_percent_encode};

/// Where a request points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// `/dav/`
    Root,
    /// `/dav/files/`
    Files,
    /// `/dav/principals/`
    Principals,
    /// `/dav/principals/...`
    Principal(Who),
    /// `/dav/files/<account>/...`
    Node {
        /// The account as the client spelled it.
        account: String,
        /// The place in its files.
        path: NodePath,
    },
    /// `/s/<token>/files/...`: what a share link leads to.
    Linked {
        /// The link's token.
        token: String,
        /// The place below.
        path: NodePath,
    },
    /// `/dav/uploads/<account>/<transfer>/...`: a file that is sent in parts.
    Upload {
        /// The account as the client spelled it.
        account: String,
        /// What the client calls the whole.
        transfer: String,
        /// What of it.
        within: Within,
    },
    /// `/dav/calendars/...` and `/dav/contacts/...`
    Collections(At),
    /// `/dav/scheduling/...`
    Trays(trays::At),
    /// `/dav/directory/...`
    Directory(directory::At),
    /// `/`, above all that WebDAV serves: Windows looks there before it goes where it was told to.
    Top,
    /// Nothing is ever there.
    Nowhere,
}

/// What of an upload in parts a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// All of it.
    Folder,
    /// One part.
    Part(Part),
    /// `.file`: the file that the parts will be.
    Whole,
}

/// A principal, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// `/dav/principals/<account>/`, as the client spelled it.
    Account(String),
    /// `/dav/principals/groups/<institution>/<group>/`
    Group(GroupRef),
    /// `/dav/principals/institutions/<institution>/`: everybody of it.
    Institution(InstitutionId),
    /// `/dav/principals/links/<link>/`: whoever holds it. The id is no secret, and lets nobody in.
    Link(LinkId),
}

/// Why a path is none: an escape that is not one, or something that no name can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidPath;

/// What a name keeps in a URL: `unreserved` of RFC 3986 §2.3 and the `sub-delims` that no client mistakes and XML lets stand.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'/')
    .add(b'\\')
    .add(b'^')
    .add(b'[')
    .add(b']')
    .add(b'|')
    .add(b'&')
    .add(b'\'')
    .add(b';')
    .add(b'+');

/// Writes a name as one segment of a URL. What comes out can stand in XML as it is.
pub(crate) fn encode(name: &str) -> PercentEncode<'_> {
    utf8_percent_encode(name, ESCAPED)
}

impl Place {
    /// Takes the path of a URL apart.
    pub(crate) fn parse(path: &str) -> Result<Self, InvalidPath> {
        if let Some((token, rest)) = linked(path) {
            return Ok(Self::Linked { token: token.to_owned(), path: below(rest)? });
        }
        if path == "/" {
            return Ok(Self::Top);
        }
        let Some(rest) = path.strip_prefix("/dav") else { return Ok(Self::Nowhere) };
        let rest = match rest.strip_prefix('/') {
            Some(rest) => rest,
            None if rest.is_empty() => "",
            None => return Ok(Self::Nowhere),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.is_empty() {
            return Ok(Self::Root);
        }
        let names = rest.split('/').map(decode).collect::<Result<Vec<String>, _>>()?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match names.as_slice() {
            ["files"] => Ok(Self::Files),
            ["files", account, path @ ..] => {
                let path = NodePath::parse(&path.join("/")).map_err(|_| InvalidPath)?;
                Ok(Self::Node { account: (*account).to_owned(), path })
            }
            ["uploads", account, transfer, within @ ..] => Ok(within_upload(within).map_or(Self::Nowhere, |within| {
                Self::Upload { account: (*account).to_owned(), transfer: (*transfer).to_owned(), within }
            })),
            [family @ ("calendars" | "contacts"), rest @ ..] => {
                Ok(At::parse(family, rest).map_or(Self::Nowhere, Self::Collections))
            }
            ["scheduling", rest @ ..] => Ok(trays::At::parse(rest).map_or(Self::Nowhere, Self::Trays)),
            ["directory", rest @ ..] => Ok(directory::At::parse(rest).map_or(Self::Nowhere, Self::Directory)),
            ["principals"] => Ok(Self::Principals),
            ["principals", account] => Ok(Self::Principal(Who::Account((*account).to_owned()))),
            ["principals", kind, name @ ..] => Ok(who(kind, name).map_or(Self::Nowhere, Self::Principal)),
            _ => Ok(Self::Nowhere),
        }
    }

    /// The node, if the account is one that this session can name.
    pub(crate) fn node(&self, session: &Session) -> Option<NodeRef> {
        match self {
            Self::Node { account, path } => {
                let home = session.home_of(&session.account_named(account)?)?;
                Some(NodeRef { path: path.clone(), ..home })
            }
            Self::Linked { path, .. } => {
                // A link to a calendar leads to no file.
                let root = session.link()?.root().node()?;
                Some(NodeRef { path: root.path.join_path(path).ok()?, ..root.clone() })
            }
            Self::Top
            | Self::Root
            | Self::Files
            | Self::Principals
            | Self::Principal(_)
            | Self::Collections(_)
            | Self::Trays(_)
            | Self::Directory(_)
            | Self::Upload { .. }
            | Self::Nowhere => None,
        }
    }

    /// The place as a URL's path; without a `/` at the end for what may be a file.
    pub(crate) fn href(&self) -> String {
        match self {
            Self::Top => "/".to_owned(),
            Self::Root | Self::Nowhere => "/dav/".to_owned(),
            Self::Upload { account, transfer, within } => {
                let folder = format!("/dav/uploads/{}/{}", encode(account), encode(transfer));
                match within {
                    Within::Folder => folder,
                    Within::Part(part) => format!("{folder}/{part}"),
                    Within::Whole => format!("{folder}/.file"),
                }
            }
            Self::Files => "/dav/files/".to_owned(),
            Self::Collections(at) => at.href(),
            Self::Trays(at) => at.href(),
            Self::Directory(at) => at.href(),
            Self::Principals => "/dav/principals/".to_owned(),
            Self::Principal(Who::Account(account)) => format!("/dav/principals/{}/", encode(account)),
            Self::Principal(Who::Group(GroupRef { institution, id })) => {
                format!("/dav/principals/groups/{institution}/{}/", encode(id.as_str()))
            }
            Self::Principal(Who::Institution(id)) => format!("/dav/principals/institutions/{id}/"),
            Self::Principal(Who::Link(id)) => format!("/dav/principals/links/{id}/"),
            Self::Node { account, path } if path.is_root() => format!("/dav/files/{}/", encode(account)),
            Self::Node { account, path } => node_href(account, path.as_str()),
            Self::Linked { token, path } => link_href(token, path),
        }
    }
}

fn within_upload(within: &[&str]) -> Option<Within> {
    match within {
        [] => Some(Within::Folder),
        [".file"] => Some(Within::Whole),
        [part] => part.parse().ok().map(Within::Part),
        _ => None,
    }
}

/// A principal that is no account.
fn who(kind: &str, name: &[&str]) -> Option<Who> {
    match (kind, name) {
        ("groups", [institution, id]) => {
            let institution = InstitutionId::parse(institution).ok()?;
            Some(Who::Group(GroupRef { institution, id: GroupId::parse(id).ok()? }))
        }
        ("institutions", [id]) => InstitutionId::parse(id).ok().map(Who::Institution),
        ("links", [id]) => LinkId::parse(id).ok().map(Who::Link),
        _ => None,
    }
}

/// Takes `/s/<token>/files...` apart: the token, and what follows.
pub(crate) fn linked(path: &str) -> Option<(&str, &str)> {
    let (token, rest) = path.strip_prefix("/s/")?.split_once('/')?;
    let rest = rest.strip_prefix("files")?;
    let is_token = !token.is_empty() && token.bytes().all(|octet| octet.is_ascii_alphanumeric());
    (is_token && (rest.is_empty() || rest.starts_with('/'))).then_some((token, rest))
}

/// The place that the rest of a path names: `/a/b/` or nothing.
fn below(rest: &str) -> Result<NodePath, InvalidPath> {
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.is_empty() {
        return Ok(NodePath::root());
    }
    let names = rest.split('/').map(decode).collect::<Result<Vec<String>, _>>()?;
    NodePath::parse(&names.join("/")).map_err(|_| InvalidPath)
}

/// The URL's path of a place below what a link leads to.
fn link_href(token: &str, path: &NodePath) -> String {
    let mut href = format!("/s/{token}/files");
    for name in path.as_str().split('/').filter(|name| !name.is_empty()) {
        href.push('/');
        href.extend(encode(name));
    }
    href
}

/// The URL's path of a place in an account's files.
pub(crate) fn node_href(account: &str, path: &str) -> String {
    let mut href = format!("/dav/files/{}", encode(account));
    for name in path.split('/').filter(|name| !name.is_empty()) {
        href.push('/');
        href.extend(encode(name));
    }
    href
}

/// One segment (RFC 3986 §2.1), strictly.
fn decode(segment: &str) -> Result<String, InvalidPath> {
    let mut octets = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(octet) = rest.next() {
        let octet = if octet == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let (high, low) = digit().zip(digit()).ok_or(InvalidPath)?;
            high << 4 | low
        } else {
            octet
        };
        octets.push(octet);
    }
    let name = String::from_utf8(octets).map_err(|_| InvalidPath)?;
    let bad = name.is_empty() || name == "." || name == ".." || name.contains(|c: char| c.is_control() || c == '/');
    if bad { Err(InvalidPath) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{CollectionFamily, ItemName};
    use proptest::prelude::*;

    fn node(account: &str, path: &str) -> Place {
        Place::Node { account: account.into(), path: NodePath::parse(path).unwrap() }
    }

    #[test]
    fn places() {
        let garonne = InstitutionId::parse("garonne").unwrap();
        let group = GroupRef { institution: garonne.clone(), id: GroupId::parse("gateway:é").unwrap() };
        let upload = |within| Place::Upload { account: "u1".into(), transfer: "a b".into(), within };
        let linked = |path: &str| Place::Linked { token: "abc2".into(), path: NodePath::parse(path).unwrap() };
        for (path, place) in [
            ("/dav", Place::Root),
            ("/dav/", Place::Root),
            ("/dav/files", Place::Files),
            ("/dav/files/u1/", node("u1", "")),
            ("/dav/files/u1@b.test/a%20b/%C3%A9/", node("u1@b.test", "a b/é")),
            ("/dav/principals/u1/", Place::Principal(Who::Account("u1".into()))),
            ("/dav/principals/institutions/garonne/", Place::Principal(Who::Institution(garonne.clone()))),
            ("/dav/principals/groups/garonne/gateway%3A%C3%A9/", Place::Principal(Who::Group(group))),
            ("/dav/principals/groups/garonne/", Place::Nowhere),
            ("/dav/principals/institutions/No/", Place::Nowhere),
            ("/dav/calendars/u1/a/b/c", Place::Nowhere),
            (
                "/dav/calendars/u1/",
                Place::Collections(At::Home { family: CollectionFamily::Calendars, account: "u1".into() }),
            ),
            (
                "/dav/contacts/u1/u2@b.test:%C3%A9/a.vcf",
                Place::Collections(At::Item {
                    family: CollectionFamily::Contacts,
                    account: "u1".into(),
                    name: "u2@b.test:é".into(),
                    item: ItemName::parse("a.vcf").unwrap(),
                }),
            ),
            (
                "/dav/scheduling/u1/inbox/",
                Place::Trays(trays::At::Tray { account: "u1".into(), tray: trays::Tray::Inbox }),
            ),
            ("/dav/scheduling/u1/other/", Place::Nowhere),
            ("/dav/scheduling/u1/inbox/a.ics", Place::Nowhere),
            ("/davx", Place::Nowhere),
            ("/", Place::Top),
            ("/dav/uploads", Place::Nowhere),
            ("/dav/uploads/u1/", Place::Nowhere),
            ("/dav/uploads/u1/a%20b/", upload(Within::Folder)),
            ("/dav/uploads/u1/a%20b/00002", upload(Within::Part(Part::Number(2)))),
            ("/dav/uploads/u1/a%20b/.file", upload(Within::Whole)),
            ("/dav/uploads/u1/a%20b/0", Place::Nowhere),
            ("/dav/uploads/u1/a%20b/1/1", Place::Nowhere),
            ("/s/abc2/files", linked("")),
            ("/s/abc2/files/", linked("")),
            ("/s/abc2/files/a%20b/%C3%A9/", linked("a b/é")),
            ("/s/abc2", Place::Nowhere),
            ("/s/abc2/filesystem", Place::Nowhere),
            ("/s//files", Place::Nowhere),
            ("/s/a%62c/files", Place::Nowhere),
        ] {
            assert_eq!(Place::parse(path), Ok(place), "{path}");
        }
    }

    #[test]
    fn no_way_out() {
        for bad in [
            "/dav/calendars/u1/../u2/",
            "/dav/calendars/u1/a/%2e%2e",
            "/dav/calendars/u1/a/b%2Fc",
            "/dav/files/u1/..",
            "/dav/files/u1/%2e%2e/u2",
            "/dav/files/u1/.%2E",
            "/dav/files/..",
            "/dav/files/u1/a%2Fb",
            "/dav/files/u1/a%2f..%2fb",
            "/dav/files/u1/%00",
            "/dav/files/u1/a%0d%0ab",
            "/dav/files/u1/%ff",
            "/dav/files/u1/%c0%ae",
            "/dav/files/u1/%",
            "/dav/files/u1/%4",
            "/dav/files/u1/%zz",
            "/dav/files/u1//a",
            "/dav//files",
            "/dav/files/u1/./a",
            "/dav/files/%2F/a",
            "/dav/files/u1/%C2%80",
            "/s/abc2/files/..",
            "/s/abc2/files/a/%2e%2e/b",
            "/s/abc2/files//a",
        ] {
            assert_eq!(Place::parse(bad), Err(InvalidPath), "{bad}");
        }
        // Decoded once only.
        assert_eq!(Place::parse("/dav/files/u1/%252e%252e"), Ok(node("u1", "%2e%2e")));
    }

    proptest! {
        #[test]
        fn there_and_back(account in "[^/\\p{Cc}.][^/\\p{Cc}]{0,9}", name in "[^/\\p{Cc}.][^/\\p{Cc}]{0,20}", deep in 0..3_usize) {
            let place = node(&account, &vec![name.as_str(); deep].join("/"));
            let href = place.href();
            prop_assert!(href.is_ascii() && !href.contains(['<', '&', '"', '>']));
            prop_assert_eq!(Place::parse(&href), Ok(place));
        }

        #[test]
        fn what_is_a_place_has_no_way_up(path in "/dav/files/[a.%2eF/]{0,30}") {
            if let Ok(Place::Node { path, .. }) = Place::parse(&path) {
                prop_assert!(path.as_str().split('/').all(|name| name != ".." && name != "."));
            }
        }
    }
}
