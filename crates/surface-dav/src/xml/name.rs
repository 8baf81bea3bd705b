//! Expanded names.

use passerelle_core::ports::state::PropertyName;

/// The namespace of WebDAV itself.
pub(crate) const DAV: &str = "DAV:";

/// The namespace of CalDAV (RFC 4791 §4).
pub(crate) const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// The namespace of CardDAV (RFC 6352 §4).
pub(crate) const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";
/// The namespace of Apple's Calendar Server, whose tag of a collection most clients ask for.
pub(crate) const CALENDAR_SERVER: &str = "http://calendarserver.org/ns/";
/// The namespace of Apple's calendars, whose colour most clients show.
pub(crate) const APPLE: &str = "http://apple.com/ns/ical/";

/// An expanded name (Namespaces in XML 1.0 §2.1); State keeps the same.
pub(crate) type Name = PropertyName;
