//! Properties: what a resource says of itself (RFC 4918 §15, RFC 4331, RFC 5397, RFC 3744 §5), written as they are asked.
//!
//! `live` has their names, `ask` what a request wants of them, `value` what each is; here is what they are of.

mod ask;
mod collection;
mod live;
mod value;

pub(crate) use ask::Ask;
pub(crate) use live::{Live, is_protected};
pub(crate) use value::{SYNC_TOKEN, active_lock, checksums};

use crate::{collections::Shares, place::encode, prefer::Preferences, principal::Shown, privilege::About, xml::Writer};
use live::{IN_ALLPROP, LIVE};
use passerelle_core::{
    SeenCollection,
    ports::{
        ETag, Node, NodeKind, Space,
        state::{Lock, Property},
    },
};
use passerelle_model::{CollectionFamily, Rights, Timestamp};
use value::{Told, live};

const FOUND: &str = "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>";
const MISSING: &str = "</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>";
/// RFC 3744 §5.5: who may not read the list is told so by the property's own status.
const FORBIDDEN: &str =
    "</D:prop><D:status>HTTP/1.1 403 Forbidden</D:status><D:error><D:need-privileges/></D:error></D:propstat>";
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
    /// What is known of a calendar or an address book.
    pub(crate) collection: Option<&'a SeenCollection>,
    /// With whom it is shared, where that was asked for.
    pub(crate) shares: Option<&'a Shares>,
    /// The tag of what lies in one, and its content where that was asked for.
    pub(crate) item: Option<(&'a ETag, Option<&'a str>)>,
    /// The Schedule-Tag of what lies in one, where that was asked for and it has one (RFC 6638 §3.2.10).
    pub(crate) schedule_tag: Option<&'a str>,
    /// The URL of the calendar that invitations go to, of an inbox.
    pub(crate) default_calendar: Option<&'a str>,
    /// What is wrong with it, for whoever reads answers (RFC 4918 §14.25).
    pub(crate) fault: Option<&'a str>,
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
            collection: None,
            shares: None,
            item: None,
            schedule_tag: None,
            default_calendar: None,
            fault: None,
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

    /// A calendar or an address book.
    pub(crate) fn seen(seen: &'a SeenCollection) -> Self {
        let kind = match seen.at.family {
            CollectionFamily::Calendars => Kind::Calendar,
            CollectionFamily::Contacts => Kind::AddressBook,
        };
        let name = seen.collection.facts.display_name.as_deref().unwrap_or(&seen.collection.name);
        let sync_token = seen.sync_token.as_deref();
        Self { kind, collection: Some(seen), sync_token, ..Self::collection(name) }
    }

    /// What its privileges are about.
    fn about(&self) -> About {
        if self.kind == Kind::Calendar { About::Times } else { About::Things }
    }

    /// Whether it has an access list of its own.
    fn has_list(&self) -> bool {
        self.node.is_some() || self.collection.is_some()
    }

    /// What lies in one, with its content where that was asked for.
    pub(crate) fn item(family: CollectionFamily, name: &'a str, etag: &'a ETag, content: Option<&'a str>) -> Self {
        let kind = match family {
            CollectionFamily::Calendars => Kind::Event,
            CollectionFamily::Contacts => Kind::Card,
        };
        Self { kind, item: Some((etag, content)), ..Self::collection(name) }
    }

    /// A principal.
    pub(crate) fn principal(shown: &'a Shown) -> Self {
        Self { kind: Kind::Principal, principal: Some(shown), ..Self::collection(&shown.name) }
    }
}

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    Principal,
    Calendar,
    AddressBook,
    /// What lies in a calendar: an event, a task, a note.
    Event,
    /// What lies in an address book.
    Card,
    /// The inbox of scheduling.
    Inbox,
    /// Its outbox.
    Outbox,
    /// The institution's directory as an address book.
    Directory,
}

impl Kind {
    /// Whether its URL ends with a slash.
    const fn is_collection(self) -> bool {
        match self {
            Self::File | Self::Event | Self::Card => false,
            Self::Folder
            | Self::Principal
            | Self::Calendar
            | Self::AddressBook
            | Self::Inbox
            | Self::Outbox
            | Self::Directory => true,
        }
    }
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
        if thing.kind.is_collection() {
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
    if let Some(fault) = thing.fault {
        xml.raw("<D:responsedescription>").text(fault).raw("</D:responsedescription>");
    }
    xml.raw("</D:response>\n");
}
