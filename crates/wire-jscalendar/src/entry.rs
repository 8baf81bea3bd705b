//! One calendar object as one JSCalendar Event or Task, or as a Note: read, its instances, and written back with what was changed and nothing else.

use crate::facets::{self, Change, NOT_IN_OVERRIDES, Part};
use crate::{Refused, due, overrides, source::Edits, time, times, vtimezone, zones};
use passerelle_wire_ical::{
    CalendarObject, Component, Duration, Form, Kind, Local, Occurrence, Stamp, Utc, Wrong, Zone, escaped, line,
};
use serde_json::{Map, Value, json};

/// The version of JSCalendar that is told.
const VERSION: &str = "2.0";

/// A calendar object that has an event, a task or a note.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    octets: &'a [u8],
    object: CalendarObject<'a>,
    /// The place of the component that is the whole: the one without RECURRENCE-ID, or the first where there is none such.
    main: usize,
}

impl<'a> Entry<'a> {
    /// Reads an object; nothing where it has none of the three. Dates and floating times are understood in `floating`.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn read(octets: &'a [u8], floating: Zone) -> Result<Option<Self>, Wrong> {
        let object = CalendarObject::read(octets, floating)?;
        let components = || object.calendar().components.iter().enumerate();
        let told =
            || components().filter(|(_, it)| matches!(Kind::of(it), Some(Kind::Event | Kind::Task | Kind::Journal)));
        let main = told().find(|(_, it)| it.property("RECURRENCE-ID").is_none()).or_else(|| told().next());
        let main = main.map(|(at, _)| at);
        Ok(main.map(|main| Self { octets, object, main }))
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.part().kind()
    }

    /// The object, for its times.
    pub fn object(&self) -> &CalendarObject<'a> {
        &self.object
    }

    /// Its UID.
    pub fn uid(&self) -> String {
        self.component().property("UID").map(|uid| uid.to_text().trim().to_owned()).unwrap_or_default()
    }

    pub(crate) fn octets(&self) -> &'a [u8] {
        self.octets
    }

    pub(crate) fn component(&self) -> &Component<'a> {
        // There is one: it was found when this was read.
        let components = &self.object.calendar().components;
        components.get(self.main).unwrap_or_else(|| self.object.calendar())
    }

    pub(crate) fn part(&self) -> Part<'_, 'a> {
        Part { object: &self.object, component: self.component() }
    }

    /// The components that override instances of the whole, with what they override.
    pub(crate) fn overriding(&self) -> impl Iterator<Item = (Stamp, &Component<'a>)> {
        let whole = self.component();
        let recurs = whole.property("RECURRENCE-ID").is_none();
        let others = self.object.calendar().components.iter().filter(move |it| recurs && it.is(whole.name()));
        others.filter_map(|it| Some((self.object.zones().stamp(it.property("RECURRENCE-ID")?).ok()?, it)))
    }

    /// Where the start of the whole is.
    pub(crate) fn start(&self) -> Option<Stamp> {
        time::stamp(&self.part(), "DTSTART")
    }

    /// What kind of time its start is; nothing where it has none.
    pub fn form(&self) -> Option<Form> {
        self.start().map(|start| start.form)
    }

    /// The moment of a time of it.
    pub fn moment(&self, stamp: Stamp) -> Utc {
        self.object.zones().moment(stamp)
    }

    /// When the whole begins and ends, or is due; of a series its first instance. A note is of a time, and does not end.
    pub fn span(&self) -> (Option<Utc>, Option<Utc>) {
        if self.kind() == Kind::Task {
            return due::span(&self.part());
        }
        let Some(start) = self.start() else { return (None, None) };
        let begins = self.moment(start);
        if self.kind() == Kind::Journal {
            return (Some(begins), None);
        }
        let told = facets::read(&self.part());
        let lasts = told.get("duration").and_then(Value::as_str).and_then(Duration::parse).unwrap_or_default();
        (Some(begins), Some(self.object.zones().later(start, lasts)))
    }

    /// What a recurrence id is called: the local time of that instance where the whole is.
    pub(crate) fn named(&self, id: Stamp) -> String {
        times::local_text(self.local(id))
    }

    /// The local time of a recurrence id where the whole is.
    pub fn local(&self, id: Stamp) -> Local {
        let zones = self.object.zones();
        let form = self.start().map_or(id.form, |start| start.form);
        if id.form == form || id.is_date() { id.local } else { zones.local(form, zones.moment(id)) }
    }

    /// The object, with what other values its instances have. Those of a note that recurs are not told.
    pub fn whole(&self) -> Map<String, Value> {
        let mut told = self.main();
        if self.kind() == Kind::Journal {
            return told;
        }
        let overrides = overrides::read(self, &told);
        if !overrides.is_empty() {
            told.insert("recurrenceOverrides".to_owned(), overrides.into());
        }
        told
    }

    /// The object without what its instances have.
    fn main(&self) -> Map<String, Value> {
        let part = self.part();
        let mut told = facets::read(&part);
        let kind = part.kind();
        told.insert("@type".to_owned(), json!(type_name(kind)));
        told.insert("uid".to_owned(), json!(self.uid()));
        if let Some(product) = self.object.calendar().property("PRODID") {
            told.insert("prodId".to_owned(), json!(product.to_text()));
        }
        if kind == Kind::Journal {
            return told;
        }
        told.insert("version".to_owned(), json!(VERSION));
        if let Some(id) = time::stamp(&part, "RECURRENCE-ID") {
            self.say_instance(&mut told, id);
        }
        told
    }

    fn say_instance(&self, told: &mut Map<String, Value>, id: Stamp) {
        told.insert("recurrenceId".to_owned(), json!(self.named(id)));
        let form = self.start().map_or(id.form, |start| start.form);
        if let Some(zone) = zones::name_of(self.object.zones(), form) {
            told.insert("recurrenceIdTimeZone".to_owned(), json!(zone));
        }
    }

    /// What an instance has that nothing overrides: the whole, at that time.
    pub(crate) fn instance_of(whole: &Map<String, Value>, id: &str) -> Map<String, Value> {
        let local = |name: &str| whole.get(name).and_then(Value::as_str).and_then(times::read_local);
        let mut told = whole.clone();
        told.retain(|name, _| !matches!(&**name, "recurrenceRule" | "recurrenceOverrides"));
        told.insert("start".to_owned(), json!(id));
        if let (Some(due), Some(start), Some(at)) = (local("due"), local("start"), times::read_local(id)) {
            let due = Local::of(at.seconds() + due.seconds() - start.seconds());
            told.insert("due".to_owned(), json!(times::local_text(due)));
        }
        told
    }

    /// One instance as an object of its own; `whole` is what [`Self::whole`] tells.
    ///
    /// Nothing where it does not recur: then the whole is what there is.
    pub fn instance(&self, whole: &Map<String, Value>, id: Stamp) -> Map<String, Value> {
        let name = self.named(id);
        let mut told = Self::instance_of(whole, &name);
        let patch = whole.get("recurrenceOverrides").and_then(|all| all.get(&name)).and_then(Value::as_object);
        if let Some(other) = patch.and_then(|patch| crate::patched(&told, patch).ok()) {
            told = other;
        }
        self.say_instance(&mut told, id);
        told
    }

    /// The recurrence id of this name, as the object writes it; nothing for what is no local time.
    pub fn recurrence_id(&self, name: &str) -> Option<Stamp> {
        Some(Stamp { local: times::read_local(name)?, form: self.start()?.form })
    }

    /// The instance of a recurrence id, if there is one now: of a rule, a date, or by itself.
    pub fn occurrence(&self, id: Stamp) -> Option<Occurrence> {
        let zones = self.object.zones();
        let moment = zones.moment(id);
        let is_it = |it: &Occurrence| it.recurrence_id.is_some_and(|other| zones.moment(other) == moment);
        // An instance that was moved is elsewhere: where its component is.
        let moved = self.overriding().find(|(other, _)| zones.moment(*other) == moment);
        let around = match moved {
            Some((_, component)) => zones.moment(zones.stamp(component.property("DTSTART")?).ok()?),
            None => moment,
        };
        let range = passerelle_wire_ical::Range { start: around, end: Utc::of(around.seconds() + 1) };
        self.object.occurrences(range).list.into_iter().find(is_it)
    }

    /// The object in which an instance is as this says, or is not; `whole` is what [`Self::whole`] tells.
    pub fn with_instance(
        &self,
        whole: &Map<String, Value>,
        id: Stamp,
        instance: Option<&Map<String, Value>>,
    ) -> Result<Map<String, Value>, Refused> {
        let name = self.named(id);
        let patch = match instance {
            None => json!({ "excluded": true }).as_object().cloned().unwrap_or_default(),
            Some(instance) => {
                let plain = Self::instance_of(whole, &name);
                let mut patch = crate::patch::difference(&plain, instance);
                // These say which instance it is, and how it is told.
                patch.retain(|path, _| !matches!(path.as_str(), "recurrenceId" | "recurrenceIdTimeZone" | "version"));
                if let Some(wrong) = patch.keys().find(|path| is_fixed(path)) {
                    return Err(Refused::new(wrong.clone(), "it is the same in all instances"));
                }
                patch
            }
        };
        let mut whole = whole.clone();
        let all = whole.entry("recurrenceOverrides").or_insert_with(|| json!({}));
        if let Some(all) = all.as_object_mut() {
            // An instance that has nothing of its own is one of the rule.
            if patch.is_empty() {
                all.remove(&name)
            } else {
                all.insert(name, patch.into())
            };
            if all.is_empty() {
                whole.remove("recurrenceOverrides");
            }
        }
        Ok(whole)
    }

    /// The octets in which the object is this instead. Only what differs from [`Self::whole`] is written; everything else stays as
    /// it is, octet for octet.
    ///
    /// # Errors
    /// The first property that cannot be so.
    pub fn changed(&self, new: &Map<String, Value>) -> Result<Vec<u8>, Refused> {
        let old = self.main();
        facets::check_known(new, self.kind())?;
        for name in ["@type", "uid", "recurrenceId", "recurrenceIdTimeZone"] {
            if new.get(name).is_some_and(|said| Some(said) != old.get(name)) {
                return Err(Refused::new(name, "it stays what it is"));
            }
        }
        let mut edits = Edits::default();
        facets::write(&self.part(), Change { old: &old, new }, &mut edits)?;
        let octets = edits.applied(self.octets);
        // Instances of a note are not told, so that nothing is said of them.
        if self.kind() == Kind::Journal {
            return Ok(octets);
        }
        let octets = overrides::written(&octets, self.object.zones().floating(), new)?;
        Ok(vtimezone::added(octets, self.octets))
    }

    /// The octets of a new object. `stamp` is now, `product` who writes it.
    ///
    /// # Errors
    /// The first property that cannot be so.
    pub fn made(new: &Map<String, Value>, stamp: Utc, product: &str) -> Result<Vec<u8>, Refused> {
        let kinds = [Kind::Event, Kind::Task, Kind::Journal];
        let named = |name: &str| kinds.into_iter().find(|kind| type_name(*kind) == name);
        let wrong = || Refused::new("@type", "it is Event, Task or Note");
        let kind = named(new.get("@type").and_then(Value::as_str).unwrap_or("Event")).ok_or_else(wrong)?;
        let uid =
            facets::text(new, "", "uid")?.filter(|uid| !uid.trim().is_empty() && !uid.chars().any(char::is_control));
        let uid = uid.ok_or_else(|| Refused::new("uid", "an object has a uid, without control characters"))?;
        if kind == Kind::Event && new.get("start").is_none_or(Value::is_null) {
            return Err(Refused::new("start", "an event has a start"));
        }
        let mut out = String::new();
        for text in ["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned(), format!("PRODID:{}", escaped(product))] {
            line(&text, &mut out);
        }
        let uid = format!("UID:{}", escaped(uid.trim()));
        let kind = kind.name();
        for text in [format!("BEGIN:{kind}"), uid, format!("DTSTAMP:{stamp}"), format!("END:{kind}")] {
            line(&text, &mut out);
        }
        line("END:VCALENDAR", &mut out);
        let read = |wrong: Wrong| Refused::new("uid", wrong.what);
        let entry = Entry::read(out.as_bytes(), Zone::utc()).map_err(read)?;
        let entry = entry.ok_or_else(wrong)?;
        let mut new = new.clone();
        for name in ["@type", "uid", "prodId"] {
            new.remove(name);
        }
        if new.contains_key("recurrenceId") {
            return Err(Refused::new("recurrenceId", "an instance is made in the object that it is one of"));
        }
        entry.changed(&new)
    }
}

/// `@type` of a kind; those that are not told here are none of it.
fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Event | Kind::FreeBusy | Kind::Availability => "Event",
        Kind::Task => "Task",
        Kind::Journal => "Note",
    }
}

/// Whether a path is of what all instances have in common.
pub(crate) fn is_fixed(path: &str) -> bool {
    let name = path.split('/').next().unwrap_or_default();
    NOT_IN_OVERRIDES.contains(&name)
}
