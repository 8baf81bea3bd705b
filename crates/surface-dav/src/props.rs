//! Properties: what a resource says of itself (RFC 4918 §15, RFC 4331, RFC 5397, RFC 3744 §5), written as they are asked.

use crate::{
    acl, date,
    place::encode,
    prefer::Preferences,
    principal::Shown,
    privilege,
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
    SupportedPrivilegeSet,
    Acl,
    AclRestrictions,
    AlternateUriSet,
    EmailAddress,
    SyncToken,
    Checksums,
}

/// What makes a token a URI (RFC 6578 §4; RFC 2397): a client keeps it and reads nothing in it.
pub(crate) const SYNC_TOKEN: &str = "data:,";
/// The namespace of sabre/dav, whose property for an address of mail other servers and clients took up.
const SABRE: &str = "http://sabredav.org/ns";

/// The namespace of ownCloud, whose property for checksums its clients, Nextcloud's and rclone ask for.
const OWNCLOUD: &str = "http://owncloud.org/ns";

/// Each by its name. The first [`IN_ALLPROP`] are those of RFC 4918, which `allprop` means.
const LIVE: [(&str, Live); 24] = [
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
    ("supported-privilege-set", Live::SupportedPrivilegeSet),
    ("acl", Live::Acl),
    ("acl-restrictions", Live::AclRestrictions),
    ("alternate-URI-set", Live::AlternateUriSet),
    ("email-address", Live::EmailAddress),
    ("sync-token", Live::SyncToken),
    ("checksums", Live::Checksums),
];
const IN_ALLPROP: usize = 9;
const FOUND: &str = "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>";
const MISSING: &str = "</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>";
/// RFC 3744 §5.5: who may not read the list is told so by the property's own status.
const FORBIDDEN: &str =
    "</D:prop><D:status>HTTP/1.1 403 Forbidden</D:status><D:error><D:need-privileges/></D:error></D:propstat>";
/// The reports of each kind of resource (RFC 3253 §3.1.5).
const REPORTS_OF_FILES: &[&str] = &["acl-principal-prop-set"];
const REPORTS_OF_FOLDERS: &[&str] = &["acl-principal-prop-set", "sync-collection"];
const REPORTS_OF_PRINCIPALS: &[&str] =
    &["principal-match", "principal-property-search", "principal-search-property-set"];
const LOCKS: &str = "<D:supportedlock><D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/>\
    </D:locktype></D:lockentry><D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype>\
    </D:lockentry></D:supportedlock>";

impl Live {
    /// The namespace of its name.
    const fn namespace(self) -> &'static str {
        match self {
            Self::EmailAddress => SABRE,
            Self::Checksums => OWNCLOUD,
            Self::CreationDate
            | Self::DisplayName
            | Self::ContentLength
            | Self::ContentType
            | Self::ETag
            | Self::LastModified
            | Self::ResourceType
            | Self::SupportedLock
            | Self::LockDiscovery
            | Self::QuotaAvailable
            | Self::QuotaUsed
            | Self::CurrentUserPrincipal
            | Self::CurrentUserPrivilegeSet
            | Self::Owner
            | Self::PrincipalUrl
            | Self::PrincipalCollectionSet
            | Self::SupportedReportSet
            | Self::SupportedPrivilegeSet
            | Self::Acl
            | Self::AclRestrictions
            | Self::AlternateUriSet
            | Self::SyncToken => DAV,
        }
    }

    fn named(name: &Name) -> Option<Self> {
        let is_it = |(known, one): &&(&str, Self)| *known == name.name && one.namespace() == name.namespace;
        LIVE.iter().find(is_it).map(|(_, one)| *one)
    }

    /// Its name as an empty element.
    fn empty(self, xml: &mut Writer) {
        let name = LIVE.iter().find(|(_, one)| *one == self).map_or("", |(name, _)| *name);
        if self.namespace() == DAV {
            xml.raw("<D:").raw(name).raw("/>");
        } else {
            xml.raw("<X:").raw(name).raw(" xmlns:X=\"").raw(self.namespace()).raw("\"/>");
        }
    }
}

/// Whether the server computes a property of this name, so that a client cannot set it (RFC 4918 §15).
pub(crate) fn is_protected(name: &Name) -> bool {
    Live::named(name).is_some()
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
        match (root.child("prop"), root.child("propname"), root.child("allprop")) {
            (Some(prop), None, None) => Some(Self::of(Some(prop))),
            (None, Some(_), None) => Some(Self::Names),
            (None, None, Some(_)) => Some(Self::All(root.child("include").map(|it| named(it).0).unwrap_or_default())),
            _ => None,
        }
    }

    /// What a `DAV:prop` names; nothing without one.
    pub(crate) fn of(prop: Option<&Element>) -> Self {
        let (live, dead) = prop.map(named).unwrap_or_default();
        Self::These { live, dead }
    }

    /// Whether a folder must be looked through for its token to answer.
    pub(crate) fn needs_sync_token(&self) -> bool {
        self.asks_for(Live::SyncToken)
    }

    /// Whether the grants must be known to answer.
    pub(crate) fn needs_acl(&self) -> bool {
        self.asks_for(Live::Acl)
    }

    /// Whether the locks must be known to answer.
    pub(crate) fn needs_locks(&self) -> bool {
        self.asks_for(Live::LockDiscovery)
    }

    /// Whether dead properties must be known to answer.
    pub(crate) fn needs_dead(&self) -> bool {
        match self {
            Self::All(_) | Self::Names => true,
            Self::These { dead, live } => !dead.is_empty() || live.contains(&Live::Checksums),
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

/// The properties named in an element: those that are computed, and the rest.
fn named(prop: &Element) -> (Vec<Live>, Vec<Name>) {
    let (mut live, mut dead) = (Vec::new(), Vec::new());
    for child in &prop.children {
        match Live::named(&child.name) {
            Some(one) if !live.contains(&one) => live.push(one),
            Some(_) => {}
            None if !dead.contains(&child.name) => dead.push(child.name.clone()),
            None => {}
        }
    }
    (live, dead)
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
    /// What the client would like.
    pub(crate) preferences: Preferences,
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
    /// `DAV:acl`, for who may read it and asked.
    pub(crate) acl: Option<&'a str>,
    /// What is shown of it, of a principal.
    pub(crate) principal: Option<&'a Shown>,
    /// The token of a folder's members as they are, where it was asked for.
    pub(crate) sync_token: Option<&'a str>,
}

impl<'a> Thing<'a> {
    /// A collection of which there is nothing but its name.
    pub(crate) const fn collection(name: &'a str) -> Self {
        Self {
            name,
            node: None,
            kind: Kind::Folder,
            locks: &[],
            dead: &[],
            acl: None,
            principal: None,
            sync_token: None,
        }
    }

    /// A node of the store.
    pub(crate) fn node(name: &'a str, node: &'a Node) -> Self {
        Self { node: Some(node), kind: node.kind.into(), ..Self::collection(name) }
    }

    /// The dead properties that are the clients' own.
    fn own(&self) -> impl Iterator<Item = &'a Property> {
        self.dead.iter().filter(|property| !is_protected(&property.name))
    }

    /// A principal.
    pub(crate) fn principal(shown: &'a Shown) -> Self {
        Self { kind: Kind::Principal, principal: Some(shown), ..Self::collection(&shown.name) }
    }
}

/// What became of a property that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// It was written.
    Yes,
    /// This resource has none.
    Missing,
    /// It is not for this person.
    Forbidden,
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
            for property in thing.own() {
                xml.raw(&property.xml);
            }
            xml.raw(FOUND);
        }
        Ask::Names => {
            let mut value = Writer::default();
            for (_, one) in &LIVE {
                if live(&mut value, at, thing, *one) == Told::Yes {
                    one.empty(xml);
                }
            }
            for property in thing.own() {
                xml.empty(&property.name);
            }
            xml.raw(FOUND);
        }
        Ask::These { live: wanted, dead } => {
            let (mut missing, mut forbidden) = (Writer::default(), Writer::default());
            for one in wanted {
                match live(xml, at, thing, *one) {
                    Told::Yes => {}
                    Told::Missing => one.empty(&mut missing),
                    Told::Forbidden => one.empty(&mut forbidden),
                }
            }
            for name in dead {
                match thing.dead.iter().find(|property| property.name == *name) {
                    Some(property) => xml.raw(&property.xml),
                    None => missing.empty(name),
                };
            }
            xml.raw(FOUND);
            for (names, why) in [(missing, MISSING), (forbidden, FORBIDDEN)] {
                // RFC 8144 §2.1: who wants little knows what it asked for.
                let is_left_out = why == MISSING && at.preferences.minimal;
                if !names.is_empty() && !is_left_out {
                    xml.raw("<D:propstat><D:prop>").octets(&names.finish()).raw(why);
                }
            }
        }
    }
    xml.raw("</D:response>\n");
}

/// Writes one property.
fn live(xml: &mut Writer, at: &Setting, thing: &Thing<'_>, one: Live) -> Told {
    let file = thing.node.filter(|_| thing.kind == Kind::File);
    match (one, thing.node) {
        (Live::CreationDate, Some(Node { created: Some(created), .. })) => {
            xml.raw("<D:creationdate>").with(|out| date::rfc3339(out, *created)).raw("</D:creationdate>");
        }
        (Live::DisplayName, _) => {
            xml.raw("<D:displayname>").text(thing.name).raw("</D:displayname>");
        }
        (Live::ContentLength, _) => {
            let Some(file) = file else { return Told::Missing };
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
                active_lock(xml, lock, root, at.now, !at.me.is_empty());
            }
            xml.raw("</D:lockdiscovery>");
        }
        (Live::QuotaAvailable | Live::QuotaUsed, Some(_)) if thing.kind == Kind::Folder => {
            let Some(space) = at.space else { return Told::Missing };
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
            for name in privilege::held(at.rights) {
                xml.raw("<D:privilege><D:").raw(name).raw("/></D:privilege>");
            }
            xml.raw("</D:current-user-privilege-set>");
        }
        (Live::Owner, _) => {
            let Some(owner) = &at.owner else { return Told::Missing };
            href_in(xml, "owner", owner);
        }
        (Live::PrincipalUrl, _) => {
            let Some(principal) = thing.principal else { return Told::Missing };
            href_in(xml, "principal-URL", &principal.href);
        }
        (Live::AlternateUriSet, _) => {
            let Some(principal) = thing.principal else { return Told::Missing };
            xml.raw("<D:alternate-URI-set>");
            for mail in &principal.mails {
                xml.raw("<D:href>mailto:").text(mail).raw("</D:href>");
            }
            xml.raw("</D:alternate-URI-set>");
        }
        (Live::EmailAddress, _) => {
            let Some(mail) = thing.principal.and_then(|it| it.mails.first()) else { return Told::Missing };
            xml.raw("<X:email-address xmlns:X=\"").raw(SABRE).raw("\">").text(mail).raw("</X:email-address>");
        }
        (Live::PrincipalCollectionSet, _) => {
            href_in(xml, "principal-collection-set", "/dav/principals/");
        }
        (Live::SupportedReportSet, _) => {
            xml.raw("<D:supported-report-set>");
            let reports = match thing.node.map(|node| node.kind) {
                Some(NodeKind::File) => REPORTS_OF_FILES,
                Some(NodeKind::Folder) => REPORTS_OF_FOLDERS,
                None => REPORTS_OF_PRINCIPALS,
            };
            for report in reports {
                xml.raw("<D:supported-report><D:report><D:").raw(report).raw("/></D:report></D:supported-report>");
            }
            xml.raw("</D:supported-report-set>");
        }
        (Live::SupportedPrivilegeSet, Some(_)) => {
            xml.raw(privilege::SUPPORTED);
        }
        (Live::AclRestrictions, Some(_)) => {
            xml.raw(acl::RESTRICTIONS);
        }
        (Live::Checksums, Some(node)) => {
            let Some(sums) = known_checksums(node, thing.dead) else { return Told::Missing };
            xml.raw("<X:checksums xmlns:X=\"").raw(OWNCLOUD).raw("\"><X:checksum>").text(sums);
            xml.raw("</X:checksum></X:checksums>");
        }
        (Live::SyncToken, Some(_)) => {
            let Some(token) = thing.sync_token else { return Told::Missing };
            xml.raw("<D:sync-token>").raw(SYNC_TOKEN).raw(token).raw("</D:sync-token>");
        }
        (Live::Acl, Some(_)) => {
            let Some(acl) = thing.acl else { return Told::Forbidden };
            xml.raw(acl);
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
            | Live::SupportedPrivilegeSet
            | Live::AclRestrictions
            | Live::SyncToken
            | Live::Checksums
            | Live::Acl,
            _,
        ) => return Told::Missing,
    }
    Told::Yes
}

/// Checksums of a file as State keeps them: `tag SP sums`. They are worth something for as long as the file has that tag.
pub(crate) fn checksums(node: &Node, sums: &str) -> Property {
    let name = Name { namespace: OWNCLOUD.to_owned(), name: "checksums".to_owned() };
    Property { name, xml: format!("{} {sums}", node.etag.as_str()) }
}

fn known_checksums<'a>(node: &Node, dead: &'a [Property]) -> Option<&'a str> {
    let kept = dead.iter().find(|kept| kept.name.namespace == OWNCLOUD && kept.name.name == "checksums")?;
    let (tag, sums) = kept.xml.split_once(' ')?;
    (tag == node.etag.as_str()).then_some(sums)
}

fn href_in(xml: &mut Writer, name: &str, href: &str) {
    xml.raw("<D:").raw(name).raw("><D:href>").raw(href).raw("</D:href></D:").raw(name).raw(">");
}

/// `DAV:activelock` (RFC 4918 §14.1). Whoever came by a link sees that there is a lock, and neither whose nor its token.
pub(crate) fn active_lock(xml: &mut Writer, lock: &Lock, root: &str, now: Timestamp, is_person: bool) {
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
    xml.raw("</D:depth>").raw(if is_person { &lock.owner } else { "" }).raw("<D:timeout>Second-");
    xml.number(u64::try_from(lock.expires.0.saturating_sub(now.0)).unwrap_or(0)).raw("</D:timeout>");
    if is_person {
        xml.raw("<D:locktoken><D:href>").text(&lock.token).raw("</D:href></D:locktoken>");
    }
    xml.raw("<D:lockroot><D:href>").raw(root).raw("</D:href></D:lockroot></D:activelock>");
}
