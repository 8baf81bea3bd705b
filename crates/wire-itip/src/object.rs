//! A calendar object as scheduling sees it: a part for the whole and one for each instance that is told apart.

use crate::{Address, Owner, people};
use passerelle_wire_ical::{CalendarObject, Component, Ends, Kind, Property, Range, Stamp, Utc, Zone, Zones};

/// An object that was read.
pub(crate) struct Object<'a> {
    read: CalendarObject<'a>,
    /// Its parts, in their order.
    pub(crate) parts: Vec<Part>,
}

/// A part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its place among the calendar's components.
    at: usize,
    /// Which instance it is of; nothing for all that are not told apart.
    pub(crate) instance: Option<Utc>,
}

/// What somebody is to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// They have organised it, and it invites others.
    Organizer,
    /// They are invited.
    Attendee,
    /// It is not for scheduling, or not for them.
    Nobody,
}

impl<'a> Object<'a> {
    /// Reads one; nothing where it cannot be read or has nothing that people are invited to.
    pub(crate) fn read(octets: &'a [u8]) -> Option<Self> {
        let read = CalendarObject::read(octets, Zone::utc()).ok()?;
        let mut parts = Vec::new();
        for (at, component) in read.calendar().components.iter().enumerate() {
            if matches!(Kind::of(component), Some(Kind::Event | Kind::Task | Kind::Journal)) {
                let stamp = component.property("RECURRENCE-ID").map(|id| read.zones().stamp(id)).transpose().ok()?;
                parts.push(Part { at, instance: stamp.map(|stamp| read.zones().moment(stamp)) });
            }
        }
        (!parts.is_empty()).then_some(Self { read, parts })
    }

    pub(crate) fn calendar(&self) -> &Component<'a> {
        self.read.calendar()
    }

    pub(crate) fn zones(&self) -> &Zones {
        self.read.zones()
    }

    pub(crate) fn uid(&self) -> String {
        let uid = self.components().find_map(|component| component.property("UID"));
        uid.map(|uid| uid.to_text().trim().to_owned()).unwrap_or_default()
    }

    /// The components of its parts.
    pub(crate) fn components(&self) -> impl Iterator<Item = &Component<'a>> {
        self.parts.iter().filter_map(|part| self.component(*part))
    }

    pub(crate) fn component(&self, part: Part) -> Option<&Component<'a>> {
        self.calendar().components.get(part.at)
    }

    /// The component of an instance, or of all that are not told apart.
    pub(crate) fn of(&self, instance: Option<Utc>) -> Option<&Component<'a>> {
        self.parts.iter().find(|part| part.instance == instance).and_then(|part| self.component(*part))
    }

    /// What describes an instance: its own component, or else that of all.
    pub(crate) fn describing(&self, instance: Option<Utc>) -> Option<&Component<'a>> {
        self.of(instance).or_else(|| self.of(None))
    }

    /// Whether two of its parts are of the same instance, which no object may say (RFC 4791 §4.1).
    pub(crate) fn tells_twice(&self) -> bool {
        let mut instances: Vec<Option<Utc>> = self.parts.iter().map(|part| part.instance).collect();
        instances.sort_unstable();
        instances.windows(2).any(|pair| pair.first() == pair.last())
    }

    /// Whether nothing of it is still to come.
    pub(crate) fn is_over(&self, now: Utc) -> bool {
        self.read
            .facts()
            .is_some_and(|facts| facts.starts.is_some() && matches!(facts.ends, Ends::At(end) if end < now))
    }

    /// The organiser; of an object whose parts have different ones, the first.
    pub(crate) fn organizer(&self) -> Option<&Property<'a>> {
        self.components().find_map(|component| component.property("ORGANIZER"))
    }

    /// Whether its parts have one organiser at most.
    pub(crate) fn has_one_organizer(&self) -> bool {
        let mut all = self.components().filter_map(|component| component.property("ORGANIZER")).map(Address::of);
        let first = all.next();
        all.all(|other| Some(other) == first)
    }

    /// What its owner is to it.
    pub(crate) fn role(&self, owner: &Owner<'_>) -> Role {
        let Some(organizer) = self.organizer() else { return Role::Nobody };
        let invited = |wanted: bool| {
            self.components().flat_map(people::attendees).any(|attendee| owner.is(&Address::of(attendee)) == wanted)
        };
        if owner.is(&Address::of(organizer)) {
            if invited(false) { Role::Organizer } else { Role::Nobody }
        } else if invited(true) {
            Role::Attendee
        } else {
            Role::Nobody
        }
    }

    /// The start that the series gives to an instance, where it has that.
    pub(crate) fn instance(&self, instance: Utc) -> Option<Stamp> {
        let around = Range { start: instance, end: Utc::of(instance.seconds().saturating_add(1)) };
        let found = self.read.occurrences(around).list;
        found.into_iter().find(|one| one.start == instance && one.recurrence_id.is_some()).map(|one| one.stamp)
    }

    /// The object with other components in the place of its parts, and zones of another one that it lacks.
    pub(crate) fn with(&self, parts: Vec<Component<'_>>, zones_of: Option<&Object<'_>>) -> String {
        let own = &self.calendar().components;
        let others = own.iter().enumerate().filter(|(at, _)| !self.parts.iter().any(|part| part.at == *at));
        let mut components: Vec<Component<'_>> = others.map(|(_, component)| component.clone()).collect();
        let tzid = |zone: &Component<'_>| zone.property("TZID").map(|id| id.value().trim().to_owned());
        if let Some(other) = zones_of {
            let has = |zone: &&Component<'_>| !self.calendar().inner("VTIMEZONE").any(|own| tzid(own) == tzid(zone));
            components.extend(other.calendar().inner("VTIMEZONE").filter(has).cloned());
        }
        components.extend(parts);
        let stored = |property: &&Property<'_>| !property.is("METHOD");
        let properties = self.calendar().properties.iter().filter(stored).cloned().collect();
        self.calendar().with(properties, components).written()
    }
}
