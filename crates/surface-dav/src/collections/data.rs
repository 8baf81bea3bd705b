//! CALDAV:calendar-data and CARDDAV:address-data (RFC 4791 §9.6, RFC 6352 §10.4): what is told of an item's content.

use super::filter::range;
use crate::{
    error::{Answer, Refusal},
    xml::{CALDAV, CARDDAV, Element},
};
use passerelle_core::ports::{CollectionItem, LARGEST_ITEM};
use passerelle_model::{Account, CollectionFamily};
use passerelle_observe::{ItemUnreadable, emit};
use passerelle_scheduling::Tags;
use passerelle_wire_ical::{
    CalendarData, CalendarObject, Card, CompSelect, CompsSelect, Fault, PropSelect, PropsSelect, RecurrenceSet, Zone,
};
use std::borrow::Cow;

/// What is asked for of the content.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wanted {
    /// All of it, as it was written.
    Whole,
    /// A part of a calendar object.
    Calendar(CalendarData),
    /// A part of a card.
    Card(PropsSelect),
}

impl Wanted {
    /// Reads what stands in a request's `DAV:prop`.
    ///
    /// # Errors
    /// The precondition that it violates.
    pub(crate) fn of(family: CollectionFamily, root: &Element) -> Answer<Self> {
        let prop = root.child("prop");
        match family {
            CollectionFamily::Calendars => match prop.and_then(|prop| prop.child_in(CALDAV, "calendar-data")) {
                Some(data) => calendar(data),
                None => Ok(Self::Whole),
            },
            CollectionFamily::Contacts => match prop.and_then(|prop| prop.child_in(CARDDAV, "address-data")) {
                Some(data) => card(data),
                None => Ok(Self::Whole),
            },
        }
    }

    /// Whether times without a zone decide what is told.
    pub(super) fn needs_zone(&self) -> bool {
        matches!(self, Self::Calendar(data) if data.recurrence != RecurrenceSet::Whole)
    }

    /// The content as it was asked for. What cannot be understood is told whole, with what is wrong: whose it is has to see it.
    ///
    /// # Errors
    /// [`TooManyTimes`]: what is asked for in instances is not told whole instead.
    pub(crate) fn told<'c>(
        &self,
        family: CollectionFamily,
        item: &'c CollectionItem,
        floating: &Zone,
    ) -> Result<Told<'c>, TooManyTimes> {
        let fault = fault_in(family, item);
        if item.is_too_large {
            return Ok(Told { text: None, fault, tag: None });
        }
        // What is no UTF-8 is replaced: XML has nothing else, one broken item must not hide the others, and a GET has it as it is.
        let content = || String::from_utf8_lossy(&item.content);
        let part = match self {
            Self::Whole => return Ok(Told { text: Some(content()), fault, tag: None }),
            Self::Calendar(data) => {
                CalendarObject::read(&item.content, floating.clone()).and_then(|object| object.partial(data))
            }
            Self::Card(props) => Card::read(&item.content).map(|card| card.partial(props)),
        };
        let text = match part {
            Ok(part) => Cow::Owned(part),
            Err(wrong) if wrong.fault == Fault::TooManyTimes => return Err(TooManyTimes),
            Err(_) => content(),
        };
        Ok(Told { text: Some(text), fault, tag: None })
    }
}

/// What is told of a content.
#[derive(Debug)]
pub(crate) struct Told<'c> {
    /// The content; nothing where it is too large.
    pub(crate) text: Option<Cow<'c, str>>,
    /// What is wrong with it: it came there past the gateway.
    pub(super) fault: Option<String>,
    /// Its Schedule-Tag, where that was asked for and it has one.
    pub(super) tag: Option<String>,
}

impl Told<'_> {
    /// Of what nobody can read only its owner is told: it may be private. Clients that were told of its name are told that there is nothing
    /// in it, since some of them end at an item that is listed and not there.
    pub(super) fn nothing() -> Self {
        Self {
            text: Some(Cow::Borrowed("")),
            fault: Some("this cannot be read, and is told to its owner only".to_owned()),
            tag: None,
        }
    }

    /// The same with the Schedule-Tag of the whole item, whatever part of it is told.
    pub(super) fn tagged(self, tags: Option<&Tags>, item: &CollectionItem) -> Self {
        Self { tag: tags.and_then(|tags| tags.tag(&item.content)), ..self }
    }

    /// Notes what is wrong for whoever runs the gateway.
    pub(super) fn note(&self, owner: &Account, request: &str) {
        if let Some(fault) = &self.fault {
            emit(ItemUnreadable { surface: "dav", owner, fault, request });
        }
    }
}

/// What is wrong with what lies in a collection; it names a line and a property, and no text of it.
pub(super) fn fault_in(family: CollectionFamily, item: &CollectionItem) -> Option<String> {
    if item.is_too_large {
        return Some(format!("this is larger than {LARGEST_ITEM} octets"));
    }
    match family {
        CollectionFamily::Calendars => match CalendarObject::read(&item.content, Zone::utc()) {
            Err(wrong) => Some(format!("this is not iCalendar: {wrong}")),
            Ok(object) => object.fit().err().map(|unfit| format!("this is not one object of a calendar: {unfit}")),
        },
        CollectionFamily::Contacts => match Card::read(&item.content) {
            Err(wrong) => Some(format!("this is not a vCard: {wrong}")),
            Ok(card) => card.fit().err().map(|unfit| format!("this is not one card: {unfit}")),
        },
    }
}

/// A recurrence has more instances in the range than are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyTimes;

impl From<TooManyTimes> for Refusal {
    fn from(_: TooManyTimes) -> Self {
        // RFC 4791 §7.8: what would take too long to say is not said in part.
        Self::Condition(http::StatusCode::FORBIDDEN, "number-of-matches-within-limits")
    }
}

fn calendar(data: &Element) -> Answer<Wanted> {
    let kind = (data.attribute("content-type").unwrap_or("text/calendar"), data.attribute("version").unwrap_or("2.0"));
    if kind != ("text/calendar", "2.0") {
        return Err(Refusal::Calendar("supported-calendar-data"));
    }
    let recurrence = match (data.child_in(CALDAV, "expand"), data.child_in(CALDAV, "limit-recurrence-set")) {
        (Some(it), None) => RecurrenceSet::Expand(range(it)?),
        (None, Some(it)) => RecurrenceSet::Limit(range(it)?),
        (None, None) => RecurrenceSet::Whole,
        (Some(_), Some(_)) => return Err(Refusal::Status(http::StatusCode::BAD_REQUEST)),
    };
    let limit_freebusy_set = data.child_in(CALDAV, "limit-freebusy-set").map(range).transpose()?;
    let select = data.child_in(CALDAV, "comp").map(comp).transpose()?;
    let wanted = CalendarData { select, recurrence, limit_freebusy_set };
    Ok(if wanted == CalendarData::default() { Wanted::Whole } else { Wanted::Calendar(wanted) })
}

fn comp(element: &Element) -> Answer<CompSelect> {
    let name = element.attribute("name").ok_or(Refusal::Status(http::StatusCode::BAD_REQUEST))?.to_owned();
    let inner: Vec<CompSelect> =
        element.children.iter().filter(|it| it.is_in(CALDAV, "comp")).map(comp).collect::<Answer<_>>()?;
    // RFC 4791 §9.6.1: what is not named is not told.
    let comps =
        if element.child_in(CALDAV, "allcomp").is_some() { CompsSelect::All } else { CompsSelect::Named(inner) };
    let props = if element.child_in(CALDAV, "allprop").is_some() { PropsSelect::All } else { props(element, CALDAV)? };
    Ok(CompSelect { name, props, comps })
}

fn card(data: &Element) -> Answer<Wanted> {
    let kind = data.attribute("content-type").unwrap_or("text/vcard");
    if kind != "text/vcard" {
        return Err(Refusal::Contacts("supported-address-data"));
    }
    let is_part = data.child_in(CARDDAV, "prop").is_some() && data.child_in(CARDDAV, "allprop").is_none();
    if is_part { Ok(Wanted::Card(props(data, CARDDAV)?)) } else { Ok(Wanted::Whole) }
}

fn props(element: &Element, namespace: &str) -> Answer<PropsSelect> {
    let one = |it: &Element| {
        let name = it.attribute("name").ok_or(Refusal::Status(http::StatusCode::BAD_REQUEST))?.to_owned();
        Ok(PropSelect { name, novalue: it.attribute("novalue") == Some("yes") })
    };
    let named = element.children.iter().filter(|it| it.is_in(namespace, "prop")).map(one);
    Ok(PropsSelect::Named(named.collect::<Answer<_>>()?))
}
