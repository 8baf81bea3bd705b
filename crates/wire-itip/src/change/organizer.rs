//! An organiser's write (RFC 6638 §3.2.1): who is invited, told that it is another, or told that it is off.

use super::Change;
use super::view::{View, views};
use crate::object::Object;
use crate::people::{self, REPLIED};
use crate::{Address, MOST_INVITED, Message, Method, Owner, Recipient, Refused, message, text, times};
use passerelle_wire_ical::{Component, Property, Utc};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn change(
    old: Option<&Object<'_>>,
    new: Option<&Object<'_>>,
    owner: &Owner<'_>,
    now: Utc,
) -> Result<Change, Refused> {
    let written = new.map(|new| stored(old, new, owner));
    let stored = written.as_deref().and_then(|text| Object::read(text.as_bytes()));
    let (was, is) = (seen(old, owner), seen(stored.as_ref(), owner));
    if is.len() > MOST_INVITED {
        return Err(Refused::TooManyInvited);
    }
    let is_over = |object: Option<&Object<'_>>| object.is_none_or(|object| object.is_over(now));
    let mut told = Telling::default();
    if !(is_over(old) && is_over(stored.as_ref())) {
        for address in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
            // What is stored does not have the wish any more.
            let is_forced = new.is_some_and(|new| is_forced(new, address));
            told.judge(address, (old, was.get(address)), (stored.as_ref(), is.get(address)), is_forced);
        }
    }
    let mut messages = Vec::new();
    if let Some(new) = stored.as_ref() {
        messages.extend(told.requests.iter().filter_map(|(view, to)| request(new, view, to, now)));
    }
    if let Some(old) = old {
        let after = stored.as_ref();
        messages.extend(told.cancels.iter().filter_map(|(view, to)| cancel(old, after, view, to, now)));
    }
    let differs = new.zip(written.as_ref()).filter(|(new, written)| new.calendar().written() != **written);
    let content = differs.map(|(_, written)| written.clone().into_bytes());
    Ok(Change { content, messages })
}

fn seen(object: Option<&Object<'_>>, owner: &Owner<'_>) -> BTreeMap<Address, View> {
    object.map(|object| views(object, owner)).unwrap_or_default()
}

/// Who is told what: those who see the same, together.
#[derive(Default)]
struct Telling {
    requests: BTreeMap<View, Vec<Address>>,
    cancels: BTreeMap<View, Vec<Address>>,
}

impl Telling {
    fn judge(
        &mut self,
        address: &Address,
        (old, was): (Option<&Object<'_>>, Option<&View>),
        (new, is): (Option<&Object<'_>>, Option<&View>),
        is_forced: bool,
    ) {
        match (old.zip(was), new.zip(is)) {
            (Some((_, was)), None) => self.cancels.entry(was.clone()).or_default().push(address.clone()),
            (before, Some((new, is))) => {
                let differs = before.is_none_or(|(old, was)| was.said(old) != is.said(new));
                if differs || is_forced {
                    self.requests.entry(is.clone()).or_default().push(address.clone());
                }
            }
            (None, None) => {}
        }
    }
}

fn is_forced(object: &Object<'_>, address: &Address) -> bool {
    let own = |attendee: &&Property<'_>| Address::of(attendee) == *address;
    object.components().flat_map(people::attendees).filter(own).any(|one| people::is_forced(one, "REQUEST"))
}

/// An invitation, or what it is now. Where all of it is called off that is said.
fn request(object: &Object<'_>, view: &View, to: &[Address], now: Utc) -> Option<Message> {
    let parts = view.components(object, now);
    let method = if parts.iter().all(text::is_cancelled) { Method::Cancel } else { Method::Request };
    said(object, method, parts, to)
}

/// That it does not take place, or not with them; newer than whatever they know.
fn cancel(old: &Object<'_>, after: Option<&Object<'_>>, view: &View, to: &[Address], now: Utc) -> Option<Message> {
    let newest = |object: &Object<'_>| object.components().map(text::sequence).max().unwrap_or(0);
    let sequence = newest(old).saturating_add(1).max(after.map_or(0, newest));
    let off = |part| text::with_sequence(&text::with_value(&part, "STATUS", Some("CANCELLED")), sequence);
    let parts = view.components(old, now).into_iter().map(off).collect();
    said(old, Method::Cancel, parts, to)
}

fn said(object: &Object<'_>, method: Method, parts: Vec<Component<'_>>, to: &[Address]) -> Option<Message> {
    let invited: BTreeMap<Address, Recipient> = object
        .components()
        .flat_map(people::attendees)
        .map(|attendee| (Address::of(attendee), Recipient::of(attendee)))
        .collect();
    Some(Message {
        method,
        from: Recipient::of(object.organizer()?),
        to: to.iter().filter_map(|address| invited.get(address).cloned()).collect(),
        uid: object.uid(),
        content: message::written(method, object.calendar(), parts),
    })
}

/// What is stored: whoever is asked anew has not answered, whoever is not has said what they said, and it was changed once more.
fn stored(old: Option<&Object<'_>>, new: &Object<'_>, owner: &Owner<'_>) -> String {
    let parts = new.parts.iter().filter_map(|part| {
        let component = new.component(*part)?;
        let before = old.and_then(|old| Some((old, old.describing(part.instance)?)));
        let asks_anew = before.is_some_and(|(old, _)| times::is_rescheduled(old, new, part.instance));
        let answered = text::edited(component, |property| {
            let kept = property.with_parameter("SCHEDULE-FORCE-SEND", None);
            let is_other = property.is("ATTENDEE") && !owner.is(&Address::of(property));
            Some(match before {
                _ if !property.is("ATTENDEE") => property.clone(),
                Some((_, was)) if is_other && people::is_for_server(property) => answer(kept, was, asks_anew),
                _ if property.parameter("SCHEDULE-FORCE-SEND").is_some() => kept,
                _ => property.clone(),
            })
        });
        let Some((_, was)) = before else { return Some(answered) };
        let least = text::sequence(was).saturating_add(u32::from(asks_anew));
        Some(if text::sequence(&answered) < least { text::with_sequence(&answered, least) } else { answered })
    });
    new.with(parts.collect(), None)
}

/// The line of somebody who was invited before: what they answered is theirs to change (RFC 6638 §3.2.8).
fn answer<'a>(line: Property<'a>, was: &Component<'_>, asks_anew: bool) -> Property<'a> {
    let Some(before) = people::attendees(was).find(|one| Address::of(one) == Address::of(&line)) else { return line };
    if asks_anew {
        return line.with_parameter("PARTSTAT", Some("NEEDS-ACTION")).with_parameter(REPLIED, None);
    }
    if people::participation(before) == people::participation(&line) {
        return match before.parameter(REPLIED) {
            Some(when) => line.with_parameter(REPLIED, Some(&when)),
            None => line,
        };
    }
    let said = line.with_parameter("PARTSTAT", Some(&people::participation(before)));
    said.with_parameter(REPLIED, before.parameter(REPLIED).as_deref())
}
