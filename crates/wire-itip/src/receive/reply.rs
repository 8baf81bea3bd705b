//! An answer comes to whoever has organised it (RFC 5546 §3.2.3).

use super::Received;
use crate::object::Object;
use crate::people::REPLIED;
use crate::{Address, Owner, Refused, instance, people, text};
use passerelle_wire_ical::{Component, Property, Utc};

pub(super) fn receive(copy: &Object<'_>, message: &Object<'_>, owner: &Owner<'_>) -> Result<Received, Refused> {
    let is_own = copy.organizer().is_some_and(|organizer| owner.is(&Address::of(organizer)));
    if !is_own {
        return Err(Refused::NotOrganizer);
    }
    let mut parts: Vec<(Option<Utc>, Component<'_>)> =
        copy.parts.iter().filter_map(|part| Some((part.instance, copy.component(*part)?.clone()))).collect();
    for part in &message.parts {
        let Some(said) = message.component(*part) else { continue };
        let answer = people::attendees(said).next().ok_or(Refused::NotUnderstood)?;
        if let Some((_, known)) = parts.iter_mut().find(|(instance, _)| *instance == part.instance) {
            *known = answered(known, said, answer)?;
        } else {
            let apart = part.instance.and_then(|at| {
                copy.instance(at)?;
                Some((at, instance::apart(copy, copy.of(None)?, at)?))
            });
            let (at, apart) = apart.ok_or(Refused::NotThere)?;
            parts.push((Some(at), answered(&apart, said, answer)?));
        }
    }
    let parts = parts.into_iter().map(|(_, component)| component).collect();
    Ok(Received::of(Some(copy), copy.with(parts, None)))
}

/// A component with an answer; as it was where a newer one is there, or where it answers what it is no more.
fn answered<'a>(known: &Component<'a>, said: &Component<'_>, answer: &Property<'_>) -> Result<Component<'a>, Refused> {
    let who = Address::of(answer);
    let own = people::attendees(known).find(|one| Address::of(one) == who).ok_or(Refused::NotInvited)?;
    let when = text::stamp(said);
    let before = own.parameter(REPLIED).and_then(|when| Utc::parse(&when));
    let is_old =
        text::sequence(said) < text::sequence(known) || before.is_some_and(|before| when.is_none_or(|it| it < before));
    if is_old {
        return Ok(known.clone());
    }
    Ok(text::edited(known, |property| {
        if !(property.is("ATTENDEE") && Address::of(property) == who) {
            return Some(property.clone());
        }
        let status = people::participation(answer);
        let line = property
            .with_parameter("PARTSTAT", Some(&status))
            .with_parameter("RSVP", None)
            .with_parameter("SCHEDULE-STATUS", Some("2.0"))
            .with_parameter(REPLIED, when.map(|when| when.to_string()).as_deref());
        let delegate = answer.parameter("DELEGATED-TO");
        Some(match delegate {
            Some(delegate) => line.with_parameter("DELEGATED-TO", Some(&delegate)),
            None => line,
        })
    }))
}
