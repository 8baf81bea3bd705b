//! What became of the messages (RFC 6638 §7.3).

use crate::object::Object;
use crate::{Address, text};

/// An object that says beside each person what became of the message to them: codes of RFC 5546 §3.6, as `1.1` (sent), `1.2` (delivered),
/// `2.0` (answered by the calendar), `3.7` (nobody knows them), `5.1` (it could not be delivered). Of people who are not named nothing
/// changes; what cannot be read stays as it is.
pub fn with_statuses(content: &[u8], statuses: &[(Address, &str)]) -> Vec<u8> {
    let Some(object) = Object::read(content) else { return content.to_vec() };
    let parts = object.components().map(|component| {
        text::edited(component, |property| {
            if !(property.is("ATTENDEE") || property.is("ORGANIZER")) {
                return Some(property.clone());
            }
            let who = Address::of(property);
            Some(match statuses.iter().find(|(address, _)| *address == who) {
                Some((_, status)) => property.with_parameter("SCHEDULE-STATUS", Some(status)),
                None => property.clone(),
            })
        })
    });
    object.with(parts.collect(), None).into_bytes()
}
