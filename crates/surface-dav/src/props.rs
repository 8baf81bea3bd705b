//! Properties: what a resource says of itself (RFC 4918 §15, RFC 4331, RFC 5397, RFC 3744 §5), written as they are asked.

use crate::{
    date,
    place::encode,
    xml::{DAV, Element, Name, Writer},
};
use passerelle_core::ports::{
    Node, NodeKind, Space,
    state::{Lock, LockDepth, LockScope, Property},
};
use passerelle_model::{Rights, Timestamp};
use passerelle_net::http::media_type;

/// A property that the server computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Live {
    CreationDate,
    DisplayName,
    ContentLength,
    ContentType,
    ETag,
    LastModified,
    ResourceType,
    SupportedLock,
    LockDiscovery,
    QuotaAvailable,
    QuotaUsed,
    CurrentUserPrincipal,
    CurrentUserPrivilegeSet,
    Owner,
    PrincipalUrl,
    PrincipalCollectionSet,
    SupportedReportSet,
}

/// Each by its name. The first [`IN_ALLPROP`] are those of RFC 4918, which `allprop` means.
const LIVE: [(&str, Live); 17] = [
    ("creationdate", Live::CreationDate),
    ("displayname", Live::DisplayName),
    ("getcontentlength", Live::ContentLength),
    ("getcontenttype", Live::ContentType),
    ("getetag", Live::ETag),
    ("getlastmodified", Live::LastModified),
    ("resourcetype", Live::ResourceType),
    ("supportedlock", Live::SupportedLock),
    ("lockdiscovery", Live::LockDiscovery),
    ("quota-available-bytes", Live::QuotaAvailable),
    ("quota-used-bytes", Live::QuotaUsed),
    ("current-user-principal", Live::CurrentUserPrincipal),
    ("current-user-privilege-set", Live::CurrentUserPrivilegeSet),
    ("owner", Live::Owner),
    ("principal-URL", Live::PrincipalUrl),
    ("principal-collection-set", Live::PrincipalCollectionSet),
    ("supported-report-set", Live::SupportedReportSet),
];
const IN_ALLPROP: usize = 9;
const FOUND: &str = "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>";
const MISSING: &str = "</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>";
const LOCKS: &str = "<D:supportedlock><D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/>\
    </D:locktype></D:lockentry><D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype>\
    </D:lockentry></D:supportedlock>";

/// Whether the server computes a property of this name, so that a client cannot set it (RFC 4918 §15).
pub(crate) fn is_protected(name: &Name) -> bool {
    name.namespace == DAV && LIVE.iter().any(|(known, _)| *known == name.name)
}

/// What a PROPFIND asks for (RFC 4918 §9.1).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// All of RFC 4918, all dead ones, and these besides.
    All(Vec<Live>),
    /// The names of all.
    Names,
    /// These.
    These { live: Vec<Live>, dead: Vec<Name> },
}

impl Ask {
    /// Reads `DAV:propfind`; `None` when it is none.
    pub(crate) fn read(root: &Element) -> Option<Self> {
        if !root.is("propfind") {
            return None;
        }
        let named = |prop: &Element| {
            let (mut live, mut dead) = (Vec::new(), Vec::new());
            for child in &prop.children {
                let known = LIVE.iter().find(|(name, _)| child.name.namespace == DAV && *name == child.name.name);
                match known {
                    Some((_, one)) if !live.contains(one) => live.push(*one),
                    Some(_) => {}
                    None if !dead.contains(&child.name) => dead.push(child.name.clone()),
                    None => {}
                }
            }
            (live, dead)
        };
        match (root.child("prop"), root.child("propname"), root.child("allprop")) {
            (Some(prop), None, None) => {
                let (live, dead) = named(prop);
                Some(Self::These { live, dead })
            }
            (None, Some(_), None) => Some(Self::Names),
            (None, None, Some(_)) => Some(Self::All(root.child("include").map(|it| named(it).0).unwrap_or_default())),
            _ => None,
        }
    }

    /// Whether the locks must be known to answer.
    pub(crate) fn needs_locks(&self) -> bool {
        self.asks_for(Live::LockDiscovery)
    }

    /// Whether dead properties must be known to answer.
    pub(crate) fn needs_dead(&self) -> bool {
        match self {
            Self::All(_) | Self::Names => true,
            Self::These { dead, .. } => !dead.is_empty(),
        }
    }

    /// Whether the room must be known to answer.
    pub(crate) fn needs_space(&self) -> bool {
        self.asks_for(Live::QuotaAvailable) || self.asks_for(Live::QuotaUsed)
    }

    fn asks_for(&self, one: Live) -> bool {
        match self {
            Self::All(also) => LIVE.iter().take(IN_ALLPROP).any(|(_, live)| *live == one) || also.contains(&one),
            Self::Names => false,
            Self::These { live, .. } => live.contains(&one),
        }
    }
}

/// What is the same for all resources of an answer.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The URL of the person's own principal.
    pub(crate) me: String,
    /// The URL of the owner's principal, where there is an owner.
    pub(crate) owner: Option<String>,
    /// What the person may do here. For what is inside a folder these are the folder's: more may have been granted below.
    pub(crate) rights: Rights,
    /// The room, where it was asked for and the store can tell.
    pub(crate) space: Option<Space>,
    pub(crate) now: Timestamp,
}

/// One resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thing<'a> {
    /// Its name, for people.
    pub(crate) name: &'a str,
    /// What the store says of it; nothing for a collection that is only in passing.
    pub(crate) node: Option<&'a Node>,
    /// What it is.
    pub(crate) kind: Kind,
    /// The locks that reach it, each with the URL of its root.
    pub(crate) locks: &'a [(&'a Lock, String)],
    /// Its dead properties.
    pub(crate) dead: &'a [Property],
}

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    Principal,
}

impl From<NodeKind> for Kind {
    fn from(kind: NodeKind) -> Self {
        match kind {
            NodeKind::File => Self::File,
            NodeKind::Folder => Self::Folder,
        }
    }
}

/// Writes a `DAV:response`. `folder` is the URL of the collection that it lies in, `name` its last segment; for the
/// collection itself there is none.
pub(crate) fn response(xml: &mut Writer, folder: &str, name: Option<&str>, ask: &Ask, at: &Setting, thing: &Thing<'_>) {
    xml.raw("<D:response><D:href>").raw(folder);
    if let Some(name) = name {
        for part in encode(name) {
            xml.raw(part);
        }
        if thing.kind != Kind::File {
            xml.raw("/");
        }
    }
    xml.raw("</D:href><D:propstat><D:prop>");
    match ask {
        Ask::All(also) => {
            for (_, one) in LIVE.iter().take(IN_ALLPROP) {
                live(xml, at, thing, *one);
            }
            for one in also.iter().filter(|one| !LIVE.iter().take(IN_ALLPROP).any(|(_, all)| all == *one)) {
                live(xml, at, thing, *one);
            }
            for property in thing.dead {
                xml.raw(&property.xml);
            }
            xml.raw(FOUND);
        }
        Ask::Names => {
            let mut value = Writer::default();
            for (name, one) in &LIVE {
                if live(&mut value, at, thing, *one) {
                    xml.raw("<D:").raw(name).raw("/>");
                }
            }
            for property in thing.dead {
                xml.empty(&property.name);
            }
            xml.raw(FOUND);
        }
        Ask::These { live: wanted, dead } => {
            let mut missing = Writer::default();
            for one in wanted {
                if !live(xml, at, thing, *one) {
                    let name = LIVE.iter().find(|(_, it)| it == one).map_or("", |(name, _)| *name);
                    missing.raw("<D:").raw(name).raw("/>");
                }
            }
            for name in dead {
                match thing.dead.iter().find(|property| property.name == *name) {
                    Some(property) => xml.raw(&property.xml),
                    None => missing.empty(name),
                };
            }
            xml.raw(FOUND);
            let missing = missing.finish();
            if !missing.is_empty() {
                xml.raw("<D:propstat><D:prop>").octets(&missing).raw(MISSING);
            }
        }
    }
    xml.raw("</D:response>\n");
}

/// Writes one property; `false` when this resource has none.
fn live(xml: &mut Writer, at: &Setting, thing: &Thing<'_>, one: Live) -> bool {
    let file = thing.node.filter(|_| thing.kind == Kind::File);
    match (one, thing.node) {
        (Live::CreationDate, Some(Node { created: Some(created), .. })) => {
            xml.raw("<D:creationdate>").with(|out| date::rfc3339(out, *created)).raw("</D:creationdate>");
        }
        (Live::DisplayName, _) => {
            xml.raw("<D:displayname>").text(thing.name).raw("</D:displayname>");
        }
        (Live::ContentLength, _) => {
            let Some(file) = file else { return false };
            xml.raw("<D:getcontentlength>").number(file.size).raw("</D:getcontentlength>");
        }
        (Live::ContentType, _) if file.is_some() => {
            xml.raw("<D:getcontenttype>").raw(media_type(thing.name)).raw("</D:getcontenttype>");
        }
        (Live::ETag, Some(node)) => {
            xml.raw("<D:getetag>\"").raw(node.etag.as_str()).raw("\"</D:getetag>");
        }
        (Live::LastModified, Some(node)) => {
            xml.raw("<D:getlastmodified>").with(|out| date::http(out, node.modified)).raw("</D:getlastmodified>");
        }
        (Live::ResourceType, _) => {
            xml.raw(match thing.kind {
                Kind::File => "<D:resourcetype/>",
                Kind::Folder => "<D:resourcetype><D:collection/></D:resourcetype>",
                Kind::Principal => "<D:resourcetype><D:principal/></D:resourcetype>",
            });
        }
        (Live::SupportedLock, Some(_)) => {
            xml.raw(LOCKS);
        }
        (Live::LockDiscovery, Some(_)) if thing.locks.is_empty() => {
            xml.raw("<D:lockdiscovery/>");
        }
        (Live::LockDiscovery, Some(_)) => {
            xml.raw("<D:lockdiscovery>");
            for (lock, root) in thing.locks {
                active_lock(xml, lock, root, at.now);
            }
            xml.raw("</D:lockdiscovery>");
        }
        (Live::QuotaAvailable | Live::QuotaUsed, Some(_)) if thing.kind == Kind::Folder => {
            let Some(space) = at.space else { return false };
            if one == Live::QuotaAvailable {
                xml.raw("<D:quota-available-bytes>").number(space.available).raw("</D:quota-available-bytes>");
            } else {
                xml.raw("<D:quota-used-bytes>").number(space.used).raw("</D:quota-used-bytes>");
            }
        }
        (Live::CurrentUserPrincipal, _) => {
            if at.me.is_empty() {
                // RFC 5397 §3: whoever holds a link is nobody.
                xml.raw("<D:current-user-principal><D:unauthenticated/></D:current-user-principal>");
            } else {
                href_in(xml, "current-user-principal", &at.me);
            }
        }
        (Live::CurrentUserPrivilegeSet, _) => {
            xml.raw("<D:current-user-privilege-set>");
            for name in privileges(at.rights) {
                xml.raw("<D:privilege><D:").raw(name).raw("/></D:privilege>");
            }
            xml.raw("</D:current-user-privilege-set>");
        }
        (Live::Owner, _) => {
            let Some(owner) = &at.owner else { return false };
            href_in(xml, "owner", owner);
        }
        (Live::PrincipalUrl, _) if thing.kind == Kind::Principal => {
            href_in(xml, "principal-URL", &at.me);
        }
        (Live::PrincipalCollectionSet, _) => {
            href_in(xml, "principal-collection-set", "/dav/principals/");
        }
        (Live::SupportedReportSet, _) => {
            xml.raw("<D:supported-report-set/>");
        }
        (
            Live::CreationDate
            | Live::ContentType
            | Live::ETag
            | Live::LastModified
            | Live::SupportedLock
            | Live::LockDiscovery
            | Live::QuotaAvailable
            | Live::QuotaUsed
            | Live::PrincipalUrl,
            _,
        ) => return false,
    }
    true
}

fn href_in(xml: &mut Writer, name: &str, href: &str) {
    xml.raw("<D:").raw(name).raw("><D:href>").raw(href).raw("</D:href></D:").raw(name).raw(">");
}

/// Our rights in the words of RFC 3744 §3.
fn privileges(rights: Rights) -> impl Iterator<Item = &'static str> {
    const WORDS: [(Rights, &str); 10] = [
        (Rights::READ, "read"),
        (Rights::LOOKUP, "read-current-user-privilege-set"),
        (Rights::EDIT, "write-content"),
        (Rights::EDIT, "write-properties"),
        (Rights::EDIT, "unlock"),
        (Rights::ADD, "bind"),
        (Rights::REMOVE, "unbind"),
        (Rights::MANAGE, "read-acl"),
        (Rights::MANAGE, "write-acl"),
        (Rights::MANAGE, "write"),
    ];
    WORDS.into_iter().filter(move |(needed, _)| rights.contains(*needed)).map(|(_, word)| word)
}

/// `DAV:activelock` (RFC 4918 §14.1)
pub(crate) fn active_lock(xml: &mut Writer, lock: &Lock, root: &str, now: Timestamp) {
    xml.raw("<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope>");
    xml.raw(match lock.scope {
        LockScope::Exclusive => "<D:exclusive/>",
        LockScope::Shared => "<D:shared/>",
    });
    xml.raw("</D:lockscope><D:depth>");
    xml.raw(match lock.depth {
        LockDepth::Zero => "0",
        LockDepth::Infinity => "infinity",
    });
    xml.raw("</D:depth>").raw(&lock.owner).raw("<D:timeout>Second-");
    xml.number(u64::try_from(lock.expires.0.saturating_sub(now.0)).unwrap_or(0));
    xml.raw("</D:timeout><D:locktoken><D:href>").text(&lock.token).raw("</D:href></D:locktoken><D:lockroot><D:href>");
    xml.raw(root).raw("</D:href></D:lockroot></D:activelock>");
}
