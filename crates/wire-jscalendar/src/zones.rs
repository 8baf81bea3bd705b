//! Time zones (RFC 8984 §4.7): IANA's by their names, and those that an object brings along, by its own name behind a solidus.

use crate::facets::{Change, Part};
use crate::{Refused, rule, source::Edits, times};
use passerelle_wire_ical::{Component, Form, Local, Stamp, Utc, Zone, Zones};
use serde_json::{Map, Value, json};

/// The name of the world's clock.
const UTC: &str = "Etc/UTC";

/// The name of the zone that times of a form are in; nothing where each reader's own is meant.
pub(crate) fn name_of(zones: &Zones, form: Form) -> Option<String> {
    match form {
        Form::Date | Form::Floating => None,
        Form::Utc => Some(UTC.to_owned()),
        Form::Zoned(_) => {
            let (tzid, zone) = zones.named(form)?;
            Some(zone?.iana_name().map_or_else(|| own(tzid), str::to_owned))
        }
    }
}

/// The name of a zone that is the object's own (RFC 8984 §4.7.1).
fn own(tzid: &str) -> String {
    if tzid.starts_with('/') { tzid.to_owned() } else { format!("/{tzid}") }
}

/// Where times are written.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Date,
    Floating,
    Utc,
    Zone { tzid: String, zone: Zone },
}

impl Place {
    /// The place that a form of the object is.
    pub(crate) fn as_written(zones: &Zones, form: Form) -> Self {
        match form {
            Form::Date => Self::Date,
            Form::Floating => Self::Floating,
            Form::Utc => Self::Utc,
            Form::Zoned(_) => match zones.named(form) {
                Some((tzid, zone)) => {
                    Self::Zone { tzid: tzid.to_owned(), zone: zone.unwrap_or_else(|| zones.floating()).clone() }
                }
                None => Self::Floating,
            },
        }
    }

    pub(crate) fn is_date(&self) -> bool {
        matches!(self, Self::Date)
    }

    /// What stands before a value: `;TZID=Europe/Paris`.
    pub(crate) fn parameters(&self) -> String {
        match self {
            Self::Date => ";VALUE=DATE".to_owned(),
            Self::Floating | Self::Utc => String::new(),
            Self::Zone { tzid, .. } => format!(";TZID={}", passerelle_wire_ical::parameter_value(tzid)),
        }
    }

    /// A time as a value.
    pub(crate) fn value(&self, local: Local) -> String {
        let form = match self {
            Self::Date => Form::Date,
            Self::Utc => Form::Utc,
            Self::Floating | Self::Zone { .. } => Form::Floating,
        };
        Stamp { local, form }.value()
    }

    /// A time as a property.
    pub(crate) fn line(&self, name: &str, local: Local) -> String {
        format!("{name}{}:{}", self.parameters(), self.value(local))
    }

    /// The moment of a time here; of dates and floating times as if it were in UTC, which is right for differences.
    pub(crate) fn moment(&self, local: Local) -> Utc {
        match self {
            Self::Date | Self::Floating | Self::Utc => Utc::of(local.seconds()),
            Self::Zone { zone, .. } => zone.moment(local),
        }
    }

    /// The inverse.
    pub(crate) fn wall(&self, moment: Utc) -> Local {
        match self {
            Self::Date | Self::Floating | Self::Utc => Local::of(moment.seconds()),
            Self::Zone { zone, .. } => zone.wall(moment),
        }
    }
}

/// The place of a name that a client says.
pub(crate) fn resolve(part: &Part<'_, '_>, name: &str) -> Option<Place> {
    if [UTC, "UTC"].contains(&name) {
        return Some(Place::Utc);
    }
    if let Some(tzid) = name.strip_prefix('/') {
        let calendar = part.object.calendar();
        let is_it = |zone: &&Component<'_>| {
            zone.property("TZID").is_some_and(|it| it.value().trim() == name || it.value().trim() == tzid)
        };
        let vtimezone = calendar.inner("VTIMEZONE").find(is_it)?;
        let tzid = vtimezone.property("TZID")?.value().trim().to_owned();
        return Some(Place::Zone { tzid, zone: Zone::of_rules(vtimezone).ok()? });
    }
    let zone = Zone::iana(name)?;
    let tzid = zone.iana_name()?.to_owned();
    Some(if tzid == UTC { Place::Utc } else { Place::Zone { tzid, zone } })
}

/// The object's own zones that the component's times are in, with their rules.
pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    let mut all = Map::new();
    for name in ["timeZone", "endTimeZone"] {
        let Some(id) = told.get(name).and_then(Value::as_str).filter(|id| id.starts_with('/')) else { continue };
        let is_it = |zone: &&Component<'_>| zone.property("TZID").is_some_and(|it| own(it.value().trim()) == id);
        if let Some(vtimezone) = part.object.calendar().inner("VTIMEZONE").find(is_it) {
            all.insert(id.to_owned(), described(vtimezone));
        }
    }
    if !all.is_empty() {
        told.insert("timeZones".to_owned(), all.into());
    }
}

/// They are told as they are in the object, and changed nowhere.
pub(crate) fn write(_: &Part<'_, '_>, change: Change<'_>, _: &mut Edits) -> Result<(), Refused> {
    let said = change.new.get("timeZones").and_then(Value::as_object);
    let is_same =
        |(name, zone): (&String, &Value)| change.old.get("timeZones").and_then(|all| all.get(name)) == Some(zone);
    if said.is_none_or(|said| said.iter().all(is_same)) {
        Ok(())
    } else {
        Err(Refused::new("timeZones", "zones of one's own are not made here: use IANA's names"))
    }
}

/// A VTIMEZONE as a TimeZone (RFC 8984 §4.7.2).
fn described(vtimezone: &Component<'_>) -> Value {
    let tzid = vtimezone.property("TZID").map(|it| it.value().trim());
    let rules = |name: &str| vtimezone.inner(name).filter_map(observed).collect::<Vec<_>>();
    json!({ "@type": "TimeZone", "tzId": tzid, "standard": rules("STANDARD"), "daylight": rules("DAYLIGHT") })
}

fn observed(rules: &Component<'_>) -> Option<Value> {
    let value = |name| rules.property(name).map(|it| it.value().trim());
    let offset = |name| {
        let (hours, rest) = value(name)?.split_at_checked(3)?;
        let (minutes, seconds) = rest.split_at_checked(2)?;
        let seconds = if seconds.is_empty() { String::new() } else { format!(":{seconds}") };
        Some(format!("{hours}:{minutes}{seconds}"))
    };
    let dates = rules.all("RDATE").flat_map(|it| it.value().split(','));
    let dates: Map<String, Value> =
        dates.filter_map(|it| Some((times::local_text(Local::parse(it.trim())?), json!({})))).collect();
    let mut told = json!({
        "@type": "TimeZoneRule",
        "start": times::local_text(Local::parse(value("DTSTART")?)?),
        "offsetFrom": offset("TZOFFSETFROM")?,
        "offsetTo": offset("TZOFFSETTO")?,
    });
    let all = told.as_object_mut()?;
    if let Some(rule) = value("RRULE").and_then(|it| rule::told(it, &|until| Some(Local::of(until.seconds())))) {
        all.insert("recurrenceRules".to_owned(), json!([rule]));
    }
    if !dates.is_empty() {
        all.insert("recurrenceOverrides".to_owned(), dates.into());
    }
    Some(told)
}
