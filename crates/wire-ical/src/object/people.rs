//! Who is invited, by whom, and what each has answered (RFC 5545 §3.8.4.1, §3.8.4.3, RFC 6638 §7).

use crate::{Component, Property, Stamp, Zones};

/// Most attendees that are told; a lecture for a whole university is a page, not an invitation.
pub const MOST_ATTENDEES: usize = 10_000;

/// Who sends the messages of scheduling to somebody (RFC 6638 §7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScheduleAgent {
    /// The server.
    #[default]
    Server,
    /// The client, as for every word that is not known.
    Client,
    /// Nobody.
    Nobody,
}

impl ScheduleAgent {
    fn of(property: &Property<'_>) -> Self {
        match property.parameter("SCHEDULE-AGENT").as_deref() {
            None => Self::Server,
            Some(word) if word.eq_ignore_ascii_case("SERVER") => Self::Server,
            Some(word) if word.eq_ignore_ascii_case("NONE") => Self::Nobody,
            Some(_) => Self::Client,
        }
    }
}

/// Who has organised it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organizer {
    /// Their calendar user address: mostly `mailto:` and an address.
    pub address: String,
    /// Who tells them of answers.
    pub agent: ScheduleAgent,
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    /// Their calendar user address.
    pub address: String,
    /// PARTSTAT in capitals; `NEEDS-ACTION` where it is missing.
    pub participation: String,
    /// Which instance they are invited to; nothing for all that are not told apart.
    pub recurrence_id: Option<Stamp>,
    /// Who tells them of changes.
    pub agent: ScheduleAgent,
}

/// Facts of scheduling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheduling {
    /// Who has organised it; nothing where nobody is invited.
    pub organizer: Option<Organizer>,
    /// Who is invited, for each component, up to [`MOST_ATTENDEES`].
    pub attendees: Vec<Attendee>,
}

pub(super) fn scheduling<'c, 'a: 'c>(components: impl Iterator<Item = &'c Component<'a>>, zones: &Zones) -> Scheduling {
    let mut all = Scheduling::default();
    for component in components {
        if let (None, Some(property)) = (&all.organizer, component.property("ORGANIZER")) {
            let address = property.value().trim().to_owned();
            all.organizer = Some(Organizer { address, agent: ScheduleAgent::of(property) });
        }
        let recurrence_id = component.property("RECURRENCE-ID").and_then(|property| zones.stamp(property).ok());
        let left = MOST_ATTENDEES.saturating_sub(all.attendees.len());
        all.attendees.extend(component.all("ATTENDEE").take(left).map(|property| {
            Attendee {
                address: property.value().trim().to_owned(),
                participation: property
                    .parameter("PARTSTAT")
                    .map_or_else(|| "NEEDS-ACTION".to_owned(), |word| word.to_ascii_uppercase()),
                recurrence_id,
                agent: ScheduleAgent::of(property),
            }
        }));
    }
    all
}
