//! Who is invited, and what they have answered.

use crate::{Address, Owner};
use passerelle_wire_ical::{Component, Parameter, Property};

/// The people that a component invites.
pub(crate) fn attendees<'c, 'a>(component: &'c Component<'a>) -> impl Iterator<Item = &'c Property<'a>> + use<'c, 'a> {
    component.properties.iter().filter(|property| property.is("ATTENDEE"))
}

/// The line by which a component invites an owner.
pub(crate) fn own<'c, 'a>(component: &'c Component<'a>, owner: &Owner<'_>) -> Option<&'c Property<'a>> {
    attendees(component).find(|attendee| owner.is(&Address::of(attendee)))
}

/// What somebody has answered, in capitals (RFC 5545 §3.2.12).
pub(crate) fn participation(attendee: &Property<'_>) -> String {
    attendee.parameter("PARTSTAT").map_or_else(|| "NEEDS-ACTION".to_owned(), |word| word.trim().to_ascii_uppercase())
}

/// Whether the server speaks to them, or for them (RFC 6638 §7.1).
pub(crate) fn is_for_server(person: &Property<'_>) -> bool {
    person.parameter("SCHEDULE-AGENT").is_none_or(|agent| agent.trim().eq_ignore_ascii_case("SERVER"))
}

/// Whether a client wants a message without a reason in the object (RFC 6638 §7.2).
pub(crate) fn is_forced(person: &Property<'_>, method: &str) -> bool {
    person.parameter("SCHEDULE-FORCE-SEND").is_some_and(|word| word.trim().eq_ignore_ascii_case(method))
}

/// The line of a person as others see it: what it says to servers is for the own one only (RFC 6638 §7).
pub(crate) fn for_others(person: &Property<'_>) -> Property<'static> {
    let own = |parameter: &Parameter<'_>| {
        ["SCHEDULE-AGENT", "SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND", REPLIED].iter().any(|name| parameter.is(name))
    };
    person.with(|parameter| !own(parameter), person.value())
}

/// When the answer was given that is written there: a message that comes late does not undo a newer one. RFC 5546 §2.1.5 has the
/// organiser remember it for each attendee.
pub(crate) const REPLIED: &str = "X-PASSERELLE-REPLIED";
