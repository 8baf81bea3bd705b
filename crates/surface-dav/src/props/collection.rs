//! The properties of calendars, address books and what lies in them (RFC 4791 §5.2, RFC 6352 §6.2), and those of principals that
//! lead there.

use super::{
    Kind, Thing,
    live::Live,
    value::{SYNC_TOKEN, Told},
};
use crate::xml::{APPLE, CALDAV, CALENDAR_SERVER, CARDDAV, Writer};
use passerelle_core::ports::{ComponentKind, LARGEST_ITEM};

/// The reports of each kind of resource.
const REPORTS_OF_CALENDARS: &str = "<D:supported-report-set>\
    <D:supported-report><D:report><C:calendar-multiget xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></D:report></D:supported-report>\
    <D:supported-report><D:report><C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></D:report></D:supported-report>\
    <D:supported-report><D:report><C:free-busy-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></D:report></D:supported-report>\
    <D:supported-report><D:report><D:sync-collection/></D:report></D:supported-report></D:supported-report-set>";
const REPORTS_OF_ADDRESS_BOOKS: &str = "<D:supported-report-set>\
    <D:supported-report><D:report><C:addressbook-multiget xmlns:C=\"urn:ietf:params:xml:ns:carddav\"/></D:report></D:supported-report>\
    <D:supported-report><D:report><C:addressbook-query xmlns:C=\"urn:ietf:params:xml:ns:carddav\"/></D:report></D:supported-report>\
    <D:supported-report><D:report><D:sync-collection/></D:report></D:supported-report></D:supported-report-set>";
const REPORTS_OF_INBOX: &str = "<D:supported-report-set>\
    <D:supported-report><D:report><C:calendar-multiget xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></D:report></D:supported-report>\
    <D:supported-report><D:report><C:calendar-query xmlns:C=\"urn:ietf:params:xml:ns:caldav\"/></D:report></D:supported-report>\
    </D:supported-report-set>";
const REPORTS_OF_DIRECTORY: &str = "<D:supported-report-set>\
    <D:supported-report><D:report><C:addressbook-multiget xmlns:C=\"urn:ietf:params:xml:ns:carddav\"/></D:report></D:supported-report>\
    <D:supported-report><D:report><C:addressbook-query xmlns:C=\"urn:ietf:params:xml:ns:carddav\"/></D:report></D:supported-report>\
    </D:supported-report-set>";
/// What an owner may do with their inbox and their outbox (RFC 6638 §6).
const DELIVER: &[&str] =
    &["schedule-deliver", "schedule-deliver-invite", "schedule-deliver-reply", "schedule-query-freebusy"];
const SEND: &[&str] = &["schedule-send", "schedule-send-invite", "schedule-send-reply", "schedule-send-freebusy"];
const COLLATIONS: [&str; 3] = ["i;ascii-casemap", "i;octet", "i;unicode-casemap"];

/// Writes a property of a collection, of what lies in one, or of a principal's; `None` where that is told as of anything else.
pub(super) fn live(xml: &mut Writer, thing: &Thing<'_>, one: Live) -> Option<Told> {
    match thing.kind {
        Kind::Calendar | Kind::AddressBook => of_collection(xml, thing, one),
        Kind::Event | Kind::Card => of_item(xml, thing, one),
        Kind::Principal => of_principal(xml, thing, one),
        Kind::Inbox | Kind::Outbox => of_tray(xml, thing, one),
        Kind::Directory => of_directory(xml, one),
        Kind::File | Kind::Folder => None,
    }
}

fn of_collection(xml: &mut Writer, thing: &Thing<'_>, one: Live) -> Option<Told> {
    let seen = thing.collection?;
    let facts = &seen.collection.facts;
    let is_calendar = thing.kind == Kind::Calendar;
    if let Some(shares) = thing.shares
        && shares.write(xml, one, is_calendar)
    {
        return Some(Told::Yes);
    }
    let own = |namespace: &str| namespace == if is_calendar { CALDAV } else { CARDDAV };
    let told = match one {
        Live::DisplayName => text_in(xml, "D:displayname", None, Some(thing.name)),
        Live::CalendarDescription if is_calendar => {
            text_in(xml, "C:calendar-description", Some(CALDAV), facts.description.as_deref())
        }
        Live::AddressBookDescription if !is_calendar => {
            text_in(xml, "C:addressbook-description", Some(CARDDAV), facts.description.as_deref())
        }
        Live::CalendarTimezone => text_in(xml, "C:calendar-timezone", Some(CALDAV), facts.time_zone.as_deref()),
        Live::Colour => text_in(xml, "A:calendar-color", Some(APPLE), facts.colour.as_deref()),
        Live::Order => text_in(xml, "A:calendar-order", Some(APPLE), facts.order.as_deref()),
        Live::CTag => {
            let version = seen.collection.version.as_deref().or(seen.sync_token.as_deref());
            text_in(xml, "S:getctag", Some(CALENDAR_SERVER), version)
        }
        Live::SyncToken => {
            let Some(token) = thing.sync_token else { return Some(Told::Missing) };
            xml.raw("<D:sync-token>").raw(SYNC_TOKEN).raw(token).raw("</D:sync-token>");
            Told::Yes
        }
        Live::SupportedReportSet => {
            xml.raw(if is_calendar { REPORTS_OF_CALENDARS } else { REPORTS_OF_ADDRESS_BOOKS });
            Told::Yes
        }
        Live::SupportedComponents if is_calendar => {
            xml.raw("<C:supported-calendar-component-set xmlns:C=\"").raw(CALDAV).raw("\">");
            for kind in facts.components.as_deref().unwrap_or(&ComponentKind::ALL) {
                xml.raw("<C:comp name=\"").raw(kind.as_str()).raw("\"/>");
            }
            xml.raw("</C:supported-calendar-component-set>");
            Told::Yes
        }
        Live::SupportedCalendarData if is_calendar => {
            xml.raw("<C:supported-calendar-data xmlns:C=\"").raw(CALDAV);
            xml.raw("\"><C:calendar-data content-type=\"text/calendar\" version=\"2.0\"/></C:supported-calendar-data>");
            Told::Yes
        }
        Live::SupportedAddressData if !is_calendar => {
            xml.raw("<C:supported-address-data xmlns:C=\"").raw(CARDDAV);
            xml.raw("\"><C:address-data-type content-type=\"text/vcard\" version=\"3.0\"/>");
            xml.raw("<C:address-data-type content-type=\"text/vcard\" version=\"4.0\"/></C:supported-address-data>");
            Told::Yes
        }
        Live::ScheduleTransparency if is_calendar => {
            let word = if facts.is_transparent == Some(true) { "transparent" } else { "opaque" };
            xml.raw("<C:schedule-calendar-transp xmlns:C=\"").raw(CALDAV).raw("\"><C:").raw(word);
            xml.raw("/></C:schedule-calendar-transp>");
            Told::Yes
        }
        Live::CalendarCollations if own(CALDAV) => collations(xml, CALDAV),
        Live::CardCollations if own(CARDDAV) => collations(xml, CARDDAV),
        Live::CalendarMaxSize if own(CALDAV) => largest(xml, CALDAV),
        Live::CardMaxSize if own(CARDDAV) => largest(xml, CARDDAV),
        _ => return None,
    };
    Some(told)
}

fn of_item(xml: &mut Writer, thing: &Thing<'_>, one: Live) -> Option<Told> {
    let (etag, content) = thing.item?;
    let is_event = thing.kind == Kind::Event;
    let told = match one {
        Live::ETag => {
            xml.raw("<D:getetag>\"").raw(etag.as_str()).raw("\"</D:getetag>");
            Told::Yes
        }
        Live::ContentType => {
            let kind = if is_event { "text/calendar" } else { "text/vcard" };
            xml.raw("<D:getcontenttype>").raw(kind).raw("; charset=utf-8</D:getcontenttype>");
            Told::Yes
        }
        Live::CalendarData if is_event => text_in(xml, "C:calendar-data", Some(CALDAV), content),
        Live::AddressData if !is_event => text_in(xml, "C:address-data", Some(CARDDAV), content),
        Live::ScheduleTag if is_event => {
            let Some(tag) = thing.schedule_tag else { return Some(Told::Missing) };
            xml.raw("<C:schedule-tag xmlns:C=\"").raw(CALDAV).raw("\">\"").raw(tag).raw("\"</C:schedule-tag>");
            Told::Yes
        }
        Live::DisplayName | Live::SupportedReportSet => Told::Missing,
        _ => return None,
    };
    Some(told)
}

fn of_principal(xml: &mut Writer, thing: &Thing<'_>, one: Live) -> Option<Told> {
    let shown = thing.principal?;
    let below = |root: &str| shown.href.strip_prefix("/dav/principals/").map(|name| format!("{root}{name}"));
    // Groups and institutions have none of their own.
    let home = |root: &str| below(root).filter(|href| href.matches('/').count() == 4);
    let told = match one {
        Live::CalendarHomeSet => href_in(xml, "calendar-home-set", CALDAV, home("/dav/calendars/").as_deref()),
        Live::AddressBookHomeSet => href_in(xml, "addressbook-home-set", CARDDAV, home("/dav/contacts/").as_deref()),
        Live::CalendarUserAddressSet => {
            xml.raw("<C:calendar-user-address-set xmlns:C=\"").raw(CALDAV).raw("\">");
            for mail in &shown.mails {
                xml.raw("<D:href>mailto:").text(mail).raw("</D:href>");
            }
            xml.raw("<D:href>").raw(&shown.href).raw("</D:href></C:calendar-user-address-set>");
            Told::Yes
        }
        Live::ScheduleInbox => tray_in(xml, "schedule-inbox-URL", shown.trays.as_deref(), "inbox"),
        Live::ScheduleOutbox => tray_in(xml, "schedule-outbox-URL", shown.trays.as_deref(), "outbox"),
        Live::DirectoryGateway => {
            href_in(xml, "directory-gateway", CARDDAV, shown.has_directory.then_some("/dav/directory/"))
        }
        Live::CalendarUserType => text_in(xml, "C:calendar-user-type", Some(CALDAV), shown.kind),
        _ => return None,
    };
    Some(told)
}

/// What the trays of scheduling say (RFC 6638 §2).
fn of_tray(xml: &mut Writer, thing: &Thing<'_>, one: Live) -> Option<Told> {
    let is_inbox = thing.kind == Kind::Inbox;
    let told = match one {
        Live::CurrentUserPrivilegeSet => {
            let privileges = if is_inbox { DELIVER } else { SEND };
            xml.raw("<D:current-user-privilege-set><D:privilege><D:read/></D:privilege>");
            for name in privileges {
                xml.raw("<D:privilege><C:").raw(name).raw(" xmlns:C=\"").raw(CALDAV).raw("\"/></D:privilege>");
            }
            xml.raw("</D:current-user-privilege-set>");
            Told::Yes
        }
        Live::ScheduleDefaultCalendar if is_inbox => {
            href_in(xml, "schedule-default-calendar-URL", CALDAV, thing.default_calendar)
        }
        // Nothing comes and nothing goes: it is always the same.
        Live::CTag if is_inbox => text_in(xml, "S:getctag", Some(CALENDAR_SERVER), Some("0")),
        Live::SupportedReportSet if is_inbox => {
            xml.raw(REPORTS_OF_INBOX);
            Told::Yes
        }
        Live::SupportedReportSet => {
            xml.raw("<D:supported-report-set/>");
            Told::Yes
        }
        Live::SupportedComponents => {
            xml.raw("<C:supported-calendar-component-set xmlns:C=\"").raw(CALDAV).raw("\">");
            xml.raw(if is_inbox {
                "<C:comp name=\"VEVENT\"/><C:comp name=\"VTODO\"/>"
            } else {
                "<C:comp name=\"VFREEBUSY\"/>"
            });
            xml.raw("</C:supported-calendar-component-set>");
            Told::Yes
        }
        _ => return None,
    };
    Some(told)
}

/// What the directory says of itself (draft-daboo-carddav-directory-gateway-02 §4.1, RFC 6352 §6.2).
fn of_directory(xml: &mut Writer, one: Live) -> Option<Told> {
    let told = match one {
        Live::SupportedReportSet => {
            xml.raw(REPORTS_OF_DIRECTORY);
            Told::Yes
        }
        Live::SupportedAddressData => {
            xml.raw("<C:supported-address-data xmlns:C=\"").raw(CARDDAV);
            xml.raw("\"><C:address-data-type content-type=\"text/vcard\" version=\"3.0\"/></C:supported-address-data>");
            Told::Yes
        }
        Live::CardCollations => collations(xml, CARDDAV),
        _ => return None,
    };
    Some(told)
}

fn tray_in(xml: &mut Writer, name: &str, trays: Option<&str>, tray: &str) -> Told {
    let href = trays.map(|trays| format!("{trays}{tray}/"));
    href_in(xml, name, CALDAV, href.as_deref())
}

/// An element with text, whose prefix stands for a namespace; none without a text.
fn text_in(xml: &mut Writer, name: &str, namespace: Option<&str>, text: Option<&str>) -> Told {
    let Some(text) = text else { return Told::Missing };
    xml.raw("<").raw(name);
    if let (Some(namespace), Some((prefix, _))) = (namespace, name.split_once(':')) {
        xml.raw(" xmlns:").raw(prefix).raw("=\"").raw(namespace).raw("\"");
    }
    xml.raw(">").lines(text).raw("</").raw(name).raw(">");
    Told::Yes
}

fn href_in(xml: &mut Writer, name: &str, namespace: &str, href: Option<&str>) -> Told {
    let Some(href) = href else { return Told::Missing };
    xml.raw("<C:").raw(name).raw(" xmlns:C=\"").raw(namespace).raw("\"><D:href>").raw(href).raw("</D:href></C:");
    xml.raw(name).raw(">");
    Told::Yes
}

fn collations(xml: &mut Writer, namespace: &str) -> Told {
    xml.raw("<C:supported-collation-set xmlns:C=\"").raw(namespace).raw("\">");
    for name in COLLATIONS {
        xml.raw("<C:supported-collation>").raw(name).raw("</C:supported-collation>");
    }
    xml.raw("</C:supported-collation-set>");
    Told::Yes
}

fn largest(xml: &mut Writer, namespace: &str) -> Told {
    xml.raw("<C:max-resource-size xmlns:C=\"").raw(namespace).raw("\">");
    xml.number(u64::try_from(LARGEST_ITEM).unwrap_or(u64::MAX)).raw("</C:max-resource-size>");
    Told::Yes
}
