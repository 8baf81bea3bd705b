//! The conditions of `CalendarEvent/query` (draft-ietf-jmap-calendars §5.11.1), of `Task/query`, for which the draft has none of its own yet, and
//! of `Note/query`.

use super::{What, when};
use crate::{
    error::MethodError,
    id::CollectionId,
    methods::conditions::{Filter, Logic},
};
use passerelle_wire_ical::{CalendarObject, Component, Range, Utc, Wrong, Zone};
use passerelle_wire_jscalendar::read_local;
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Condition {
    in_calendar: Option<String>,
    in_task_list: Option<String>,
    in_notebook: Option<String>,
    after: Option<String>,
    before: Option<String>,
    text: Option<String>,
    title: Option<String>,
    description: Option<String>,
    body: Option<String>,
    location: Option<String>,
    owner: Option<String>,
    attendee: Option<String>,
    uid: Option<String>,
}

/// A condition as it is looked for.
#[derive(Debug, Clone)]
pub(super) struct Sought {
    calendar: Option<Option<CollectionId>>,
    /// From when to when, where either is said.
    range: Option<Range>,
    /// Texts in small letters, and where they are.
    texts: Vec<(Place, String)>,
    uid: Option<String>,
}

/// Where a text is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Title,
    Description,
    Location,
    Owner,
    Attendee,
}

impl Place {
    /// Whether it is in a component.
    fn has(self, component: &Component<'_>, text: &str) -> bool {
        let of = |name: &str| component.all(name).any(|it| it.to_text().to_lowercase().contains(text));
        let person = |name: &str| {
            let named = |it: &passerelle_wire_ical::Property<'_>| {
                it.parameter("CN").is_some_and(|name| name.to_lowercase().contains(text))
            };
            component.all(name).any(|it| it.value().to_lowercase().contains(text) || named(it))
        };
        match self {
            Self::Title => of("SUMMARY"),
            Self::Description => of("DESCRIPTION"),
            Self::Location => of("LOCATION"),
            Self::Owner => person("ORGANIZER"),
            Self::Attendee => person("ATTENDEE"),
            Self::Anywhere => {
                ["SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES"].into_iter().any(of)
                    || ["ORGANIZER", "ATTENDEE"].into_iter().any(person)
            }
        }
    }
}

impl Sought {
    fn of(what: What, said: Condition, zone: &Zone) -> Result<Self, MethodError> {
        let (mut calendar, mut others) = (None, Vec::new());
        for (of, said) in
            [(What::Events, said.in_calendar), (What::Tasks, said.in_task_list), (What::Notes, said.in_notebook)]
        {
            if of == what { calendar = said } else { others.extend(said) }
        }
        if !others.is_empty() {
            let why = "events are in calendars (inCalendar), tasks in task lists (inTaskList), notes in notebooks (inNotebook)";
            return Err(MethodError::invalid(why));
        }
        let (text, other) = match what {
            What::Events | What::Tasks => (said.description, said.body),
            What::Notes => (said.body, said.description),
        };
        if other.is_some() {
            return Err(MethodError::invalid("notes have a body, events and tasks a description"));
        }
        let moment = |said: Option<String>, none: Utc| match said {
            None => Ok(none),
            Some(text) => {
                let wrong = || MethodError::invalid("after and before are local times: 2026-03-29T10:00:00");
                read_local(&text).map(|local| zone.moment(local)).ok_or_else(wrong)
            }
        };
        let has_range = said.after.is_some() || said.before.is_some();
        let range = Range { start: moment(said.after, Utc::MIN)?, end: moment(said.before, Utc::MAX)? };
        let texts = [
            (Place::Anywhere, said.text),
            (Place::Title, said.title),
            (Place::Description, text),
            (Place::Location, said.location),
            (Place::Owner, said.owner),
            (Place::Attendee, said.attendee),
        ];
        Ok(Self {
            // What is no calendar's id is none's.
            calendar: calendar.map(|id| CollectionId::parse(&id)),
            range: has_range.then_some(range),
            texts: texts.into_iter().filter_map(|(place, text)| Some((place, text?.to_lowercase()))).collect(),
            uid: said.uid,
        })
    }

    /// What it says but of time: of a calendar's object whose components these are.
    fn is_such(&self, calendar: CollectionId, components: &[&Component<'_>]) -> bool {
        let of_uid = |uid: &String| {
            components.iter().any(|it| it.property("UID").is_some_and(|own| own.to_text().trim() == uid.as_str()))
        };
        self.calendar.is_none_or(|wanted| wanted == Some(calendar))
            && self.uid.as_ref().is_none_or(of_uid)
            && self.texts.iter().all(|(place, text)| components.iter().any(|it| place.has(it, text)))
    }
}

/// A filter as it is looked for.
#[derive(Debug, Clone)]
pub(super) enum Conditions {
    All,
    One(Sought),
    Joined(Logic, Vec<Conditions>),
}

impl Conditions {
    /// Times are those of this zone.
    pub(super) fn of(what: What, filter: Option<Filter<Condition>>, zone: &Zone) -> Result<Self, MethodError> {
        Ok(match filter {
            None => Self::All,
            Some(Filter::One(one)) => Self::One(Sought::of(what, *one, zone)?),
            Some(Filter::Joined(logic, all)) => {
                let all = all.into_iter().map(|it| Self::of(what, Some(it), zone));
                Self::Joined(logic, all.collect::<Result<_, _>>()?)
            }
        })
    }

    /// The range that all of it is in, where it says both ends: at the top, or joined there by AND.
    pub(super) fn range(&self) -> Option<Range> {
        let both =
            |range: Range| (range.start > Utc::MIN && range.end < Utc::MAX && range.start < range.end).then_some(range);
        match self {
            Self::One(one) => one.range.and_then(both),
            Self::Joined(Logic::And, all) => {
                let ranges = all.iter().filter_map(|it| match it {
                    Self::One(one) => one.range,
                    Self::All | Self::Joined(..) => None,
                });
                let narrow =
                    |one: Range, other: Range| Range { start: one.start.max(other.start), end: one.end.min(other.end) };
                ranges.reduce(narrow).and_then(both)
            }
            Self::All | Self::Joined(Logic::Or | Logic::Not, _) => None,
        }
    }

    /// Whether it can be said of anything in a calendar.
    pub(super) fn may_be_in(&self, calendar: CollectionId) -> bool {
        match self {
            Self::One(one) => one.calendar.is_none_or(|wanted| wanted == Some(calendar)),
            Self::Joined(Logic::And, all) => all.iter().all(|it| it.may_be_in(calendar)),
            Self::Joined(Logic::Or, all) => all.iter().any(|it| it.may_be_in(calendar)),
            Self::All | Self::Joined(Logic::Not, _) => true,
        }
    }

    /// Whether it holds of an object as a whole.
    ///
    /// # Errors
    /// A recurrence that cannot be followed within the limits.
    pub(super) fn holds(&self, what: What, calendar: CollectionId, object: &CalendarObject<'_>) -> Result<bool, Wrong> {
        let components: Vec<&Component<'_>> = object.calendar().inner(what.kind().name()).collect();
        self.says(&mut |one| {
            Ok(one.is_such(calendar, &components)
                && match (one.range, what) {
                    (None, _) => true,
                    (Some(range), What::Events) => object.overlaps(what.kind(), range)?,
                    (Some(range), What::Tasks) => when::is_in(object, range)?,
                    (Some(range), What::Notes) => when::is_of(object, range),
                })
        })
    }

    /// Whether it holds of one instance, from when to when it is.
    pub(super) fn holds_of(&self, calendar: CollectionId, component: &Component<'_>, start: Utc, end: Utc) -> bool {
        let is_in = |range: Range| when::touches(range, start, end);
        let held = self.says(&mut |one| Ok(one.is_such(calendar, &[component]) && one.range.is_none_or(is_in)));
        held.unwrap_or(false)
    }

    fn says(&self, one: &mut dyn FnMut(&Sought) -> Result<bool, Wrong>) -> Result<bool, Wrong> {
        match self {
            Self::All => Ok(true),
            Self::One(it) => one(it),
            Self::Joined(logic, all) => {
                for it in all {
                    match (logic, it.says(one)?) {
                        (Logic::And, false) | (Logic::Not, true) => return Ok(false),
                        (Logic::Or, true) => return Ok(true),
                        (Logic::And, true) | (Logic::Or | Logic::Not, false) => {}
                    }
                }
                Ok(*logic != Logic::Or)
            }
        }
    }
}
