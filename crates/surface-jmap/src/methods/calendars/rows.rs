//! What a query looks through: the events, the tasks or the notes of an account, or their instances in a range.

use super::filter::Conditions;
use super::id::EventId;
use super::stored::{readable, told};
use super::when::{self, DAY, when_due};
use super::{FAMILY, What, stored::Stored};
use crate::{collections::unless_away, desk::Desk, error::MethodError};
use passerelle_core::{Error, ports::MOST_READ, ports::Telling};
use passerelle_model::Timestamp;
use passerelle_wire_ical::{Component, Fault, Occurrence, Range, Utc, Wrong, Zone};
use passerelle_wire_jscalendar::Entry;
use std::sync::Arc;

/// Most rows that a query puts in order.
const MOST_ROWS: usize = 50_000;

/// What an order may ask for of one that was found.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: EventId,
    pub(super) start: Option<Utc>,
    pub(super) due: Option<Utc>,
    /// In small letters; not of events.
    pub(super) title: String,
    /// Where there is one; of tasks only.
    pub(super) priority: Option<u64>,
    pub(super) sort_order: u64,
    pub(super) uid: String,
    pub(super) created: Option<Utc>,
    pub(super) updated: Option<Utc>,
}

/// What is looked for.
#[derive(Debug)]
pub(super) struct Looking {
    pub(super) what: What,
    pub(super) conditions: Conditions,
    /// The range of which each instance is a row; without one each object is.
    pub(super) expand: Option<Range>,
    pub(super) floating: Zone,
}

/// All that is found. Items that were read lately are in memory, and are looked into beside what else the process does.
pub(super) async fn rows(desk: &mut Desk<'_>, looking: Looking) -> Result<Vec<Row>, MethodError> {
    let looking = Arc::new(looking);
    let calendars = desk.collections(FAMILY, Telling::Facts).await?;
    let mut rows = Vec::new();
    let asked: Vec<_> = calendars.readable(looking.what).filter(|(id, _)| looking.conditions.may_be_in(*id)).collect();
    let is_of_one = asked.len() == 1;
    for (id, seen) in asked {
        let Some(handle) = readable(desk, id).await? else { continue };
        let items = match looking.expand.or(looking.conditions.range()) {
            Some(range) => {
                handle.items_within((Timestamp(range.start.seconds()), Timestamp(range.end.seconds()))).await
            }
            None => handle.items().await,
        };
        let items = match items {
            // Who asks for that one alone hears that it is away.
            items if is_of_one => items?,
            items => unless_away(seen, items)?.unwrap_or_default(),
        };
        for some in items.chunks(MOST_READ) {
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
    /// Looks into one object. What cannot be read is none; what cannot be followed is not left out.
    fn look(&self, object: &Stored, found: &mut Vec<Row>) -> Result<(), Wrong> {
        let Ok(Some(entry)) = Entry::read(&object.item.content, self.floating.clone()) else { return Ok(()) };
        if entry.kind() != self.what.kind() {
            return Ok(());
        }
        let components = &entry.object().calendar().components;
        let Some(range) = self.expand else {
            let holds = match self.conditions.holds(self.what, object.collection, entry.object()) {
                Err(wrong) if wrong.fault == Fault::TooManyTimes => return Err(wrong),
                other => other.unwrap_or(false),
            };
            if let Some(first) = components.iter().find(|it| it.is(self.what.kind().name())).filter(|_| holds) {
                found.push(self.row(object, &entry, first, None));
            }
            return Ok(());
        };
        // A task that is due on a day is so on all of it, which its instances do not say.
        let wide = Range { start: range.start.plus(-DAY), ..range };
        let occurrences = entry.object().occurrences(if self.what == What::Tasks { wide } else { range });
        if let Some(truncated) = occurrences.truncated {
            return Err(truncated.into());
        }
        let is_wanted = |component: &Component<'_>, (start, end): (Utc, Utc)| {
            component.is(self.what.kind().name()) && self.conditions.holds_of(object.collection, component, start, end)
        };
        for one in &occurrences.list {
            let Some(component) = entry.object().component(one) else { continue };
            let end = when::end(component, entry.object(), one.end);
            if is_wanted(component, (one.start, end)) {
                found.push(self.row(object, &entry, component, Some(one)));
            }
        }
        // A task without a start has no instances: it is one itself, when it is due.
        let is_alone = |it: &&Component<'_>| it.property("DTSTART").is_none() && it.property("RECURRENCE-ID").is_none();
        for component in components.iter().filter(|it| self.what == What::Tasks && is_alone(it)) {
            if when_due(component, entry.object()).is_some_and(|when| is_wanted(component, when)) {
                found.push(self.row(object, &entry, component, None));
            }
        }
        Ok(())
    }

    /// The row of an object, or of an instance that a component describes.
    fn row(&self, object: &Stored, entry: &Entry<'_>, component: &Component<'_>, one: Option<&Occurrence>) -> Row {
        let of = |name| Utc::parse(component.property(name)?.value().trim());
        let number = |name| component.property(name).and_then(|it| it.value().trim().parse::<u64>().ok());
        let is_task = self.what == What::Tasks;
        let (start, end) = match one {
            Some(one) => (Some(one.start), Some(one.end)),
            None => entry.span(),
        };
        let has_due = component.property("DUE").is_some() || component.property("DURATION").is_some();
        let title = component.property("SUMMARY").filter(|_| self.what != What::Events);
        let title = title.map(|it| it.to_text().to_lowercase());
        let instance = one.and_then(|one| one.recurrence_id).map(|id| entry.local(id));
        Row {
            id: EventId::of(object.collection, &object.name, instance),
            start,
            due: end.filter(|_| is_task && has_due),
            title: title.unwrap_or_default(),
            priority: number("PRIORITY").filter(|number| is_task && *number > 0),
            sort_order: number("X-APPLE-SORT-ORDER").filter(|_| is_task).unwrap_or(0),
            uid: entry.uid(),
            created: of("CREATED"),
            updated: of("LAST-MODIFIED").or_else(|| of("DTSTAMP")),
        }
    }
}
