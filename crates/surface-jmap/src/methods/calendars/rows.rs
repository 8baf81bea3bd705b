//! What a query looks through: the events of an account, or their instances in a range.

use super::filter::Conditions;
use super::id::EventId;
use super::stored::{readable, told};
use super::{FAMILY, stored::Stored};
use crate::{desk::Desk, error::MethodError};
use passerelle_core::{Error, ports::MOST_READ, ports::Telling};
use passerelle_wire_ical::{CalendarObject, Fault, Kind, Range, Utc, Wrong, Zone};
use passerelle_wire_jscalendar::Entry;
use std::sync::Arc;

/// Most rows that a query puts in order.
const MOST_ROWS: usize = 50_000;

/// What an order may ask for of one that was found.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: EventId,
    pub(super) start: Option<Utc>,
    pub(super) uid: String,
    pub(super) created: Option<Utc>,
    pub(super) updated: Option<Utc>,
}

/// What is looked for.
#[derive(Debug)]
pub(super) struct Looking {
    pub(super) conditions: Conditions,
    /// The range of which each instance is a row; without one each event is.
    pub(super) expand: Option<Range>,
    pub(super) floating: Zone,
}

/// All that is found. Items that were read lately are in memory, and are looked into beside what else the process does.
pub(super) async fn rows(desk: &mut Desk<'_>, looking: Looking) -> Result<Vec<Row>, MethodError> {
    let looking = Arc::new(looking);
    let calendars = desk.collections(FAMILY, Telling::Facts).await?;
    let mut rows = Vec::new();
    for (id, _) in calendars.readable().filter(|(id, _)| looking.conditions.may_be_in(*id)) {
        let Some(handle) = readable(desk, id).await? else { continue };
        for some in handle.items().await?.chunks(MOST_READ) {
            desk.session.check_in_force()?;
            let contents = handle.contents(some).await?.into_iter();
            let objects: Vec<Stored> = contents.filter_map(|(name, item)| told(&handle, id, name, item)).collect();
            let looking = Arc::clone(&looking);
            let look = tokio::task::spawn_blocking(move || {
                let mut found = Vec::new();
                objects.iter().try_for_each(|object| looking.look(object, &mut found)).map(|()| found)
            });
            let found = look.await.map_err(|error| Error::internal("looking into a calendar", error))?;
            rows.extend(found.map_err(|wrong| MethodError::saying("cannotCalculateOccurrences", wrong.what))?);
            if rows.len() > MOST_ROWS {
                let why = format!("more than {MOST_ROWS} are found: ask for a shorter time");
                return Err(MethodError::saying("requestTooLarge", why));
            }
        }
    }
    Ok(rows)
}

impl Looking {
    /// Looks into one object. What cannot be read is no event; what cannot be followed is not left out.
    fn look(&self, object: &Stored, found: &mut Vec<Row>) -> Result<(), Wrong> {
        let Ok(Some(entry)) = Entry::read(&object.item.content, self.floating.clone()) else { return Ok(()) };
        if entry.kind() != Kind::Event {
            return Ok(());
        }
        let row = |instance, start| {
            let calendar: &CalendarObject<'_> = entry.object();
            let component = calendar.calendar().components.iter().find(|it| it.is(Kind::Event.name()));
            let of = |name| component.and_then(|it| Utc::parse(it.property(name)?.value().trim()));
            Row {
                id: EventId::of(object.collection, &object.name, instance),
                start,
                uid: entry.uid(),
                created: of("CREATED"),
                updated: of("LAST-MODIFIED").or_else(|| of("DTSTAMP")),
            }
        };
        let Some(range) = self.expand else {
            let holds = match self.conditions.holds(object.collection, entry.object()) {
                Err(wrong) if wrong.fault == Fault::TooManyTimes => return Err(wrong),
                other => other.unwrap_or(false),
            };
            if holds {
                found.push(row(None, entry.span().0));
            }
            return Ok(());
        };
        let occurrences = entry.object().occurrences(range);
        if let Some(truncated) = occurrences.truncated {
            return Err(truncated.into());
        }
        for one in &occurrences.list {
            let Some(component) = entry.object().component(one) else { continue };
            if component.is(Kind::Event.name())
                && self.conditions.holds_of(object.collection, component, one.start, one.end)
            {
                let instance = one.recurrence_id.map(|id| entry.local(id));
                found.push(row(instance, Some(one.start)));
            }
        }
        Ok(())
    }
}
