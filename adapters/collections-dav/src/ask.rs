//! The XML of questions and orders.

use crate::answer::{APPLE, CALDAV, CALENDAR_SERVER, CARDDAV};
use passerelle_core::ports::{CollectionFacts, ComponentKind, Telling};
use passerelle_model::CollectionFamily;
use quick_xml::escape::escape;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// The namespace of a family's own elements.
const fn own(family: CollectionFamily) -> &'static str {
    match family {
        CollectionFamily::Calendars => CALDAV,
        CollectionFamily::Contacts => CARDDAV,
    }
}

/// The name of a family's description.
pub(crate) const fn description(family: CollectionFamily) -> &'static str {
    match family {
        CollectionFamily::Calendars => "calendar-description",
        CollectionFamily::Contacts => "addressbook-description",
    }
}

/// The declarations that all bodies begin with.
fn declared(family: CollectionFamily) -> String {
    format!("xmlns=\"DAV:\" xmlns:C=\"{}\" xmlns:S=\"{CALENDAR_SERVER}\" xmlns:A=\"{APPLE}\"", own(family))
}

/// What there is to know of a collection.
pub(crate) fn of_collections(family: CollectionFamily, tell: Telling) -> String {
    let states = match tell {
        Telling::Facts => "",
        Telling::States => "<S:getctag/><sync-token/>",
    };
    let more = match family {
        CollectionFamily::Calendars => {
            "<C:calendar-timezone/><C:supported-calendar-component-set/><C:schedule-calendar-transp/><A:calendar-order/>"
        }
        CollectionFamily::Contacts => "",
    };
    format!(
        "{HEAD}<propfind {}><prop><resourcetype/><displayname/><C:{}/><A:calendar-color/>{states}{more}</prop></propfind>",
        declared(family),
        description(family)
    )
}

/// The tags of items.
pub(crate) const OF_ITEMS: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <propfind xmlns=\"DAV:\"><prop><resourcetype/><getetag/></prop></propfind>";

/// Items with their content (RFC 4791 §7.9, RFC 6352 §8.7).
pub(crate) fn multiget(family: CollectionFamily, paths: impl Iterator<Item = String>) -> String {
    let (report, data) = match family {
        CollectionFamily::Calendars => ("calendar-multiget", "calendar-data"),
        CollectionFamily::Contacts => ("addressbook-multiget", "address-data"),
    };
    let mut body = format!("{HEAD}<C:{report} {}><prop><getetag/><C:{data}/></prop>", declared(family));
    for path in paths {
        body.push_str("<href>");
        body.push_str(&escape(path.as_str()));
        body.push_str("</href>");
    }
    body.push_str(&format!("</C:{report}>"));
    body
}

/// Changes since a token (RFC 6578 §3.2).
pub(crate) fn changes(token: &str) -> String {
    format!(
        "{HEAD}<sync-collection xmlns=\"DAV:\"><sync-token>{}</sync-token><sync-level>1</sync-level>\
         <prop><getetag/></prop></sync-collection>",
        escape(token)
    )
}

/// Making a collection (RFC 5689), which both families have.
pub(crate) fn make(family: CollectionFamily, facts: &CollectionFacts) -> String {
    let kind = match family {
        CollectionFamily::Calendars => "calendar",
        CollectionFamily::Contacts => "addressbook",
    };
    let (set, _) = properties(family, facts);
    let holds = match (&facts.components, family) {
        (Some(kinds), CollectionFamily::Calendars) => components(kinds),
        (None, _) | (_, CollectionFamily::Contacts) => String::new(),
    };
    format!(
        "{HEAD}<mkcol {}><set><prop><resourcetype><collection/><C:{kind}/></resourcetype>{holds}{set}</prop></set></mkcol>",
        declared(family)
    )
}

/// Changing what is said of one (RFC 4918 §9.2).
pub(crate) fn change(family: CollectionFamily, facts: &CollectionFacts) -> String {
    let (set, remove) = properties(family, facts);
    let part = |name: &str, inner: String| match inner.as_str() {
        "" => String::new(),
        inner => format!("<{name}><prop>{inner}</prop></{name}>"),
    };
    let (set, remove) = (part("set", set), part("remove", remove));
    format!("{HEAD}<propertyupdate {}>{set}{remove}</propertyupdate>", declared(family))
}

fn components(kinds: &[ComponentKind]) -> String {
    let each: String = kinds.iter().map(|kind| format!("<C:comp name=\"{}\"/>", kind.as_str())).collect();
    format!("<C:supported-calendar-component-set>{each}</C:supported-calendar-component-set>")
}

/// What is to be set, and what is to be taken away.
fn properties(family: CollectionFamily, facts: &CollectionFacts) -> (String, String) {
    let (mut set, mut remove) = (String::new(), String::new());
    let own = format!("C:{}", description(family));
    for (name, value) in [
        ("displayname", &facts.display_name),
        (own.as_str(), &facts.description),
        ("A:calendar-color", &facts.colour),
        ("A:calendar-order", &facts.order),
        ("C:calendar-timezone", &facts.time_zone),
    ] {
        match value.as_deref() {
            None => {}
            Some("") => remove.push_str(&format!("<{name}/>")),
            Some(value) => set.push_str(&format!("<{name}>{}</{name}>", escape(value))),
        }
    }
    if let (Some(is_transparent), CollectionFamily::Calendars) = (facts.is_transparent, family) {
        let word = if is_transparent { "transparent" } else { "opaque" };
        set.push_str(&format!("<C:schedule-calendar-transp><C:{word}/></C:schedule-calendar-transp>"));
    }
    (set, remove)
}
