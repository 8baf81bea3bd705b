//! What the server says of a collection.

use crate::{
    answer::{APPLE, CALDAV, CALENDAR_SERVER, CARDDAV, DAV, Told},
    ask,
};
use passerelle_core::ports::{Collection, CollectionFacts, ComponentKind};
use passerelle_model::CollectionFamily;

/// Whether a place is a collection of this family.
pub(crate) fn is_one(family: CollectionFamily, told: &Told) -> bool {
    let (namespace, name) = match family {
        CollectionFamily::Calendars => (CALDAV, "calendar"),
        CollectionFamily::Contacts => (CARDDAV, "addressbook"),
    };
    let kinds = told.property(DAV, "resourcetype").map(|it| it.children.as_slice()).unwrap_or_default();
    kinds.iter().any(|kind| kind.namespace == namespace && kind.name == name)
}

/// A collection of this name.
pub(crate) fn collection(family: CollectionFamily, name: String, told: &Told) -> Collection {
    let own = match family {
        CollectionFamily::Calendars => CALDAV,
        CollectionFamily::Contacts => CARDDAV,
    };
    let holds = told.property(CALDAV, "supported-calendar-component-set").map(|set| {
        let named = set.children.iter().filter_map(|it| it.called.as_deref());
        let mut kinds: Vec<ComponentKind> = named.filter_map(ComponentKind::named).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    });
    let transparency = told.property(CALDAV, "schedule-calendar-transp");
    let facts = CollectionFacts {
        display_name: display_name(told),
        description: told.text(own, ask::description(family)),
        colour: told.text(APPLE, "calendar-color"),
        order: told.text(APPLE, "calendar-order"),
        time_zone: told.text(CALDAV, "calendar-timezone"),
        // RFC 4791 §5.2.3: a calendar without the property takes everything.
        components: holds.filter(|kinds| !kinds.is_empty()),
        is_transparent: transparency.map(|it| it.children.iter().any(|child| child.name == "transparent")),
    };
    Collection { name, facts, version: told.text(CALENDAR_SERVER, "getctag"), state: told.text(DAV, "sync-token") }
}

/// The name that somebody gave it. Radicale tells the path of one that nobody has named, which is no name.
fn display_name(told: &Told) -> Option<String> {
    let name = told.text(DAV, "displayname")?;
    let is_path = name.contains('/') && told.href.trim_matches('/').ends_with(name.trim_matches('/'));
    (!is_path).then_some(name)
}
