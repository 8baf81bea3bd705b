//! The values of the properties that the server computes, as XML.

use super::{
    Kind, Setting, Thing, collection,
    live::{Live, OWNCLOUD, SABRE},
};
use crate::{
    acl, date, privilege,
    xml::{Name, Writer},
};
use passerelle_core::ports::{
    Node, NodeKind,
    state::{Lock, LockDepth, LockScope, Property},
};
use passerelle_model::Timestamp;
use passerelle_net::http::media_type;

/// What makes a token a URI (RFC 6578 §4; RFC 2397): a client keeps it and reads nothing in it.
pub(crate) const SYNC_TOKEN: &str = "data:,";
/// The reports of each kind of resource (RFC 3253 §3.1.5).
const REPORTS_OF_FILES: &[&str] = &["acl-principal-prop-set"];
const REPORTS_OF_FOLDERS: &[&str] = &["acl-principal-prop-set", "sync-collection"];
const REPORTS_OF_PRINCIPALS: &[&str] =
    &["principal-match", "principal-property-search", "principal-search-property-set"];
const LOCKS: &str = "<D:supportedlock><D:lockentry><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/>\
    </D:locktype></D:lockentry><D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype>\
    </D:lockentry></D:supportedlock>";

/// What became of a property that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// It was written.
    Yes,
    /// This resource has none.
    Missing,
    /// It is not for this person.
    Forbidden,
}

/// Writes one property.
pub(super) fn live(xml: &mut Writer, at: &Setting, thing: &Thing<'_>, one: Live) -> Told {
    if let Some(told) = collection::live(xml, thing, one) {
        return told;
    }
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
                Kind::File | Kind::Event | Kind::Card => "<D:resourcetype/>",
                Kind::Folder => "<D:resourcetype><D:collection/></D:resourcetype>",
                Kind::Principal => "<D:resourcetype><D:principal/></D:resourcetype>",
                Kind::Inbox => "<D:resourcetype><D:collection/><C:schedule-inbox xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></D:resourcetype>",
                Kind::Outbox => "<D:resourcetype><D:collection/><C:schedule-outbox xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></D:resourcetype>",
                Kind::Calendar => "<D:resourcetype><D:collection/><C:calendar xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></D:resourcetype>",
                Kind::Directory => "<D:resourcetype><D:collection/><C:addressbook xmlns:C=\"urn:ietf:params:xml:ns:carddav\"/><C:directory xmlns:C=\"urn:ietf:params:xml:ns:carddav\"/></D:resourcetype>",
                Kind::AddressBook => "<D:resourcetype><D:collection/><C:addressbook xmlns:C=\"urn:ietf:params:xml:ns:carddav\"/></D:resourcetype>",
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
            for name in privilege::held(at.rights, thing.about()) {
                xml.raw("<D:privilege><").raw(name).raw("/></D:privilege>");
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
        (Live::SupportedPrivilegeSet, _) if thing.has_list() => {
            privilege::supported(thing.about()).for_each(|part| {
                xml.raw(part);
            });
        }
        (Live::AclRestrictions, _) if thing.has_list() => {
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
        (Live::Acl, _) if thing.has_list() => {
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
            | Live::Acl
            | Live::CalendarHomeSet
            | Live::CalendarUserAddressSet
            | Live::CalendarDescription
            | Live::CalendarTimezone
            | Live::SupportedComponents
            | Live::SupportedCalendarData
            | Live::ScheduleTransparency
            | Live::CalendarCollations
            | Live::CalendarMaxSize
            | Live::CalendarData
            | Live::AddressBookHomeSet
            | Live::AddressBookDescription
            | Live::SupportedAddressData
            | Live::CardCollations
            | Live::CardMaxSize
            | Live::AddressData
            | Live::CTag
            | Live::Colour
            | Live::Order
            | Live::ScheduleInbox
            | Live::ScheduleOutbox
            | Live::ScheduleDefaultCalendar
            | Live::CalendarUserType
            | Live::ScheduleTag
            | Live::DirectoryGateway
            | Live::InviteOfApple
            | Live::SharingModes
            | Live::Invite
            | Live::ShareAccess,
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

pub(super) fn href_in(xml: &mut Writer, name: &str, href: &str) {
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
