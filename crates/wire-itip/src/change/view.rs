//! What an organiser tells one of those whom they invite: the parts that invite them, and that the others are not for them.

use crate::object::{Object, Part};
use crate::{Address, Owner, people, text};
use passerelle_wire_ical::{Component, Property, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// An object for somebody: which of its parts invite them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct View(BTreeSet<Option<Utc>>);

/// Each person that an object invites and that servers speak to, with what they see of it. Its owner is not among them.
pub(super) fn views(object: &Object<'_>, owner: &Owner<'_>) -> BTreeMap<Address, View> {
    let mut all: BTreeMap<Address, View> = BTreeMap::new();
    for part in &object.parts {
        for attendee in object.component(*part).into_iter().flat_map(people::attendees) {
            let address = Address::of(attendee);
            if people::is_for_server(attendee) && !owner.is(&address) {
                all.entry(address).or_default().0.insert(part.instance);
            }
        }
    }
    all
}

impl View {
    /// The components of a message: what is seen, as it is said now.
    pub(super) fn components<'a>(&self, object: &Object<'a>, now: Utc) -> Vec<Component<'a>> {
        let seen = |part: &&Part| self.0.contains(&part.instance);
        let whole = object.parts.iter().filter(seen);
        whole.filter_map(|part| self.component(object, *part, now)).collect()
    }

    fn component<'a>(&self, object: &Object<'a>, part: Part, now: Utc) -> Option<Component<'a>> {
        let component = object.component(part)?;
        let said = text::edited(component, |property| {
            if property.is("ATTENDEE") || property.is("ORGANIZER") {
                return Some(people::for_others(property));
            }
            (!property.is("DTSTAMP") && !text::is_of_a_program(property)).then(|| property.clone())
        });
        let mut properties = said.properties;
        properties.push(Property::made("DTSTAMP", "", &now.to_string()));
        if part.instance.is_none() {
            // An instance that is told apart, and not to them, is not for them.
            let hidden = object.parts.iter().filter(|other| !self.0.contains(&other.instance));
            properties.extend(hidden.filter_map(|other| {
                let id = object.component(*other)?.property("RECURRENCE-ID")?;
                Some(text::timed_as(id, "EXDATE", id.value().trim()))
            }));
        }
        Some(said_without_alarms(component, properties))
    }

    /// What is said of each part: equal where nothing is worth a message.
    pub(super) fn said(&self, object: &Object<'_>) -> Vec<(Option<Utc>, Vec<String>)> {
        let at = Utc::of(0);
        let mut all: Vec<_> = object
            .parts
            .iter()
            .filter(|part| self.0.contains(&part.instance))
            .filter_map(|part| Some((part.instance, lines(&self.component(object, *part, at)?))))
            .collect();
        all.sort_unstable();
        all
    }
}

fn said_without_alarms<'a>(component: &Component<'a>, properties: Vec<Property<'a>>) -> Component<'a> {
    let inner = component.components.iter().filter(|inner| !inner.is("VALARM")).cloned().collect();
    component.with(properties, inner)
}

/// What of a component is worth a message, in an order of its own: not who has answered, and not how often it was written.
fn lines(component: &Component<'_>) -> Vec<String> {
    let quiet = ["DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "PRODID"];
    let mut lines: Vec<String> = component
        .properties
        .iter()
        .filter(|property| !quiet.iter().any(|name| property.is(name)))
        .map(|property| {
            let told = |name: &str| !["PARTSTAT", "RSVP"].iter().any(|quiet| name.eq_ignore_ascii_case(quiet));
            let bare = if property.is("ATTENDEE") {
                property.with(|parameter| told(parameter.name), property.value())
            } else {
                property.clone()
            };
            bare.text().to_owned()
        })
        .collect();
    lines.extend(component.components.iter().map(Component::written));
    lines.sort_unstable();
    lines
}
