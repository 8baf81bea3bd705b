//! An answer that somebody gives without a calendar program: in a mail, or by a rule as rooms do.

use crate::object::Object;
use crate::{Address, Owner, text};
use passerelle_wire_ical::Utc;

/// An answer to an invitation (PARTSTAT, RFC 5545 §3.2.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They come.
    Accepted,
    /// They may come.
    Tentative,
    /// They do not come.
    Declined,
}

impl Answer {
    /// Its name in iCalendar.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Tentative => "TENTATIVE",
            Self::Declined => "DECLINED",
        }
    }
}

/// The copy with its owner's answer: to one instance where that has a component of its own, else to all of it. As it was where they are
/// not invited.
pub fn answered(copy: &[u8], owner: &Owner<'_>, answer: Answer, instance: Option<Utc>) -> Vec<u8> {
    let Some(object) = Object::read(copy) else { return copy.to_vec() };
    let parts = object.parts.iter().filter_map(|part| {
        let component = object.component(*part)?;
        if instance.is_some() && instance != part.instance {
            return Some(component.clone());
        }
        Some(text::edited(component, |property| {
            let is_own = property.is("ATTENDEE") && owner.is(&Address::of(property));
            Some(if is_own {
                property.with_parameter("PARTSTAT", Some(answer.name())).with_parameter("RSVP", None)
            } else {
                property.clone()
            })
        }))
    });
    object.with(parts.collect(), None).into_bytes()
}
