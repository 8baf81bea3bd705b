//! The properties that the server computes, by their names.

use crate::xml::{APPLE, CALDAV, CALENDAR_SERVER, CARDDAV, DAV, Name, Writer};

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
    CalendarHomeSet,
    CalendarUserAddressSet,
    CalendarDescription,
    CalendarTimezone,
    SupportedComponents,
    SupportedCalendarData,
    ScheduleTransparency,
    CalendarCollations,
    CalendarMaxSize,
    CalendarData,
    AddressBookHomeSet,
    AddressBookDescription,
    SupportedAddressData,
    CardCollations,
    CardMaxSize,
    AddressData,
    CTag,
    Colour,
    Order,
    ScheduleInbox,
    ScheduleOutbox,
    ScheduleDefaultCalendar,
    CalendarUserType,
    ScheduleTag,
    DirectoryGateway,
    InviteOfApple,
    SharingModes,
    Invite,
    ShareAccess,
}

/// The namespace of sabre/dav, whose property for an address of mail other servers and clients took up.
pub(super) const SABRE: &str = "http://sabredav.org/ns";

/// The namespace of ownCloud, whose property for checksums its clients, Nextcloud's and rclone ask for.
pub(super) const OWNCLOUD: &str = "http://owncloud.org/ns";

/// Each by its name. The first [`IN_ALLPROP`] are those of RFC 4918, which `allprop` means.
pub(super) const LIVE: [(&str, Live); 53] = [
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
    ("calendar-home-set", Live::CalendarHomeSet),
    ("calendar-user-address-set", Live::CalendarUserAddressSet),
    ("calendar-description", Live::CalendarDescription),
    ("calendar-timezone", Live::CalendarTimezone),
    ("supported-calendar-component-set", Live::SupportedComponents),
    ("supported-calendar-data", Live::SupportedCalendarData),
    ("schedule-calendar-transp", Live::ScheduleTransparency),
    ("supported-collation-set", Live::CalendarCollations),
    ("max-resource-size", Live::CalendarMaxSize),
    ("calendar-data", Live::CalendarData),
    ("addressbook-home-set", Live::AddressBookHomeSet),
    ("addressbook-description", Live::AddressBookDescription),
    ("supported-address-data", Live::SupportedAddressData),
    ("supported-collation-set", Live::CardCollations),
    ("max-resource-size", Live::CardMaxSize),
    ("address-data", Live::AddressData),
    ("getctag", Live::CTag),
    ("calendar-color", Live::Colour),
    ("calendar-order", Live::Order),
    ("schedule-inbox-URL", Live::ScheduleInbox),
    ("schedule-outbox-URL", Live::ScheduleOutbox),
    ("schedule-default-calendar-URL", Live::ScheduleDefaultCalendar),
    ("calendar-user-type", Live::CalendarUserType),
    ("schedule-tag", Live::ScheduleTag),
    ("directory-gateway", Live::DirectoryGateway),
    ("invite", Live::InviteOfApple),
    ("allowed-sharing-modes", Live::SharingModes),
    ("invite", Live::Invite),
    ("share-access", Live::ShareAccess),
];
pub(super) const IN_ALLPROP: usize = 9;

impl Live {
    /// The namespace of its name.
    pub(super) const fn namespace(self) -> &'static str {
        match self {
            Self::EmailAddress => SABRE,
            Self::Checksums => OWNCLOUD,
            Self::CalendarHomeSet
            | Self::CalendarUserAddressSet
            | Self::CalendarDescription
            | Self::CalendarTimezone
            | Self::SupportedComponents
            | Self::SupportedCalendarData
            | Self::ScheduleTransparency
            | Self::CalendarCollations
            | Self::CalendarMaxSize
            | Self::CalendarData
            | Self::ScheduleInbox
            | Self::ScheduleOutbox
            | Self::ScheduleDefaultCalendar
            | Self::CalendarUserType
            | Self::ScheduleTag => CALDAV,
            Self::AddressBookHomeSet
            | Self::AddressBookDescription
            | Self::SupportedAddressData
            | Self::CardCollations
            | Self::CardMaxSize
            | Self::AddressData
            | Self::DirectoryGateway => CARDDAV,
            Self::CTag | Self::InviteOfApple | Self::SharingModes => CALENDAR_SERVER,
            Self::Colour | Self::Order => APPLE,
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
            | Self::SyncToken
            | Self::Invite
            | Self::ShareAccess => DAV,
        }
    }

    /// The property of this name, if it is computed.
    pub(super) fn named(name: &Name) -> Option<Self> {
        let is_it = |(known, one): &&(&str, Self)| *known == name.name && one.namespace() == name.namespace;
        LIVE.iter().find(is_it).map(|(_, one)| *one)
    }

    /// Its name as an empty element.
    pub(super) fn empty(self, xml: &mut Writer) {
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
