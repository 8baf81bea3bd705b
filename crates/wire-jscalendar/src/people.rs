//! Who organises and who is invited (RFC 8984 §4.4.6; JSCalendar 2.0 has `calendarAddress` and `organizerCalendarAddress`): ORGANIZER
//! and ATTENDEE. Parameters that are not in the table stay.

use crate::facets::{Change, Part, flag, only, set, text, to_set};
use crate::ids::{self, Found, JSID, Step};
use crate::{Refused, source::Edits};
use passerelle_wire_ical::{Property, parameter_value};
use serde_json::{Map, Value, json};

/// Most participants that are written at once.
const MOST: usize = 10_000;

const KINDS: [(&str, &str); 4] =
    [("INDIVIDUAL", "individual"), ("GROUP", "group"), ("RESOURCE", "resource"), ("ROOM", "location")];
/// ROLE, and the roles that it is.
const ROLES: [(&str, &[&str]); 4] = [
    ("REQ-PARTICIPANT", &["attendee"]),
    ("CHAIR", &["attendee", "chair"]),
    ("OPT-PARTICIPANT", &["attendee", "optional"]),
    ("NON-PARTICIPANT", &["informational"]),
];
const OWNER: &str = "owner";
const ANSWERS: [&str; 5] = ["needs-action", "accepted", "declined", "tentative", "delegated"];
const AGENTS: [&str; 3] = ["server", "client", "none"];
/// The parameters that are told.
const PARAMETERS: [&str; 9] =
    ["CN", "EMAIL", "CUTYPE", "ROLE", "PARTSTAT", "RSVP", "SCHEDULE-AGENT", "SCHEDULE-STATUS", "SENT-BY"];
const MEMBERS: [&str; 10] = [
    "name",
    "email",
    "calendarAddress",
    "kind",
    "roles",
    "participationStatus",
    "expectReply",
    "scheduleAgent",
    "scheduleStatus",
    "sentBy",
];

fn address<'p>(property: &'p Property<'_>) -> &'p str {
    property.value().trim()
}

/// One person however their address is written: schemes and domains have no case, and nobody tells local parts apart by it.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn found<'o, 'a>(part: &Part<'o, 'a>) -> Vec<Found<&'o Property<'a>>> {
    let organizer = part.component.property("ORGANIZER");
    let owner = organizer.map(address);
    let attendees = || part.component.all("ATTENDEE");
    // Who organises and is not invited takes part all the same.
    let alone = organizer.filter(|it| !attendees().any(|other| same(address(other), address(it))));
    let all = alone.into_iter().chain(part.component.properties.iter().filter(|it| it.is("ATTENDEE")));
    let one = |property: &'o Property<'a>| {
        let id = ids::of(property, &address(property).to_ascii_lowercase());
        Found { id, at: property, told: person(property, owner) }
    };
    ids::distinct(all.map(one).collect())
}

fn person(property: &Property<'_>, owner: Option<&str>) -> Value {
    let mut told = Map::new();
    let mut say = |name: &str, value: Value| drop(told.insert(name.to_owned(), value));
    let parameter = |name| property.parameter(name);
    say("@type", json!("Participant"));
    say("calendarAddress", json!(address(property)));
    parameter("CN").into_iter().for_each(|name| say("name", json!(name)));
    parameter("EMAIL").into_iter().for_each(|email| say("email", json!(email)));
    if let Some(kind) = parameter("CUTYPE") {
        let known = KINDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(&kind));
        known.into_iter().for_each(|(_, kind)| say("kind", json!(kind)));
    }
    let mut roles: Vec<&str> = Vec::new();
    if property.is("ATTENDEE") {
        let role = parameter("ROLE");
        // RFC 5545 §3.2.16: a role that is not known is REQ-PARTICIPANT.
        let known = ROLES.iter().find(|(word, _)| role.as_deref().is_some_and(|role| word.eq_ignore_ascii_case(role)));
        roles.extend(known.map_or(["attendee"].as_slice(), |(_, roles)| roles));
        let answer = parameter("PARTSTAT").map(|answer| answer.to_ascii_lowercase());
        answer.into_iter().for_each(|answer| say("participationStatus", json!(answer)));
        if parameter("RSVP").is_some_and(|said| said.eq_ignore_ascii_case("TRUE")) {
            say("expectReply", json!(true));
        }
    }
    if owner.is_some_and(|owner| same(owner, address(property))) {
        roles.push(OWNER);
    }
    say("roles", to_set(roles));
    let agent = parameter("SCHEDULE-AGENT").map(|agent| agent.to_ascii_lowercase());
    agent.into_iter().for_each(|agent| say("scheduleAgent", json!(agent)));
    if let Some(status) = parameter("SCHEDULE-STATUS") {
        say("scheduleStatus", json!(status.split(',').collect::<Vec<_>>()));
    }
    parameter("SENT-BY").into_iter().for_each(|by| say("sentBy", json!(by)));
    told.into()
}

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    if let Some(organizer) = part.component.property("ORGANIZER") {
        told.insert("organizerCalendarAddress".to_owned(), json!(address(organizer)));
    }
    ids::told(&found(part), "participants", told);
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    let organizer = text(change.new, "", "organizerCalendarAddress")?;
    organizer.map_or(Ok(()), |it| check_address(it, "organizerCalendarAddress"))?;
    let there = part.component.property("ORGANIZER");
    let mut line = match (there, organizer) {
        (Some(old), Some(new)) if same(address(old), new) => old.text().to_owned(),
        (Some(old), Some(new)) => format!("ORGANIZER{}:{new}", others(old)),
        (None, Some(new)) => format!("ORGANIZER:{new}"),
        (_, None) => String::new(),
    };
    let steps = ids::steps(found(part), change.new, "participants")?;
    if steps.len() > MOST {
        return Err(Refused::new("participants", format!("more than {MOST} of them are changed at once")));
    }
    for step in steps {
        match step {
            Step::Gone(property) if property.is("ORGANIZER") => {
                if organizer.is_some_and(|it| same(it, address(property))) {
                    return Err(Refused::new("participants", "who organises it takes part in it"));
                }
            }
            Step::Gone(property) => edits.remove(property),
            Step::Other(property, id, person) => {
                let text = written(Some(property), id, person, organizer)?;
                match property.is("ORGANIZER") {
                    true if text.starts_with("ORGANIZER") => line = text,
                    true => edits.add(part.component, &text),
                    false if text.starts_with("ORGANIZER") => {
                        edits.remove(property);
                        line = text;
                    }
                    false => edits.replace(property, &text),
                }
            }
            Step::New(id, person) => {
                let text = written(None, id, person, organizer)?;
                if text.starts_with("ORGANIZER") { line = text } else { edits.add(part.component, &text) }
            }
        }
    }
    match (there, line.is_empty()) {
        (Some(old), true) => edits.remove(old),
        (Some(old), false) if line != old.text() => edits.replace(old, &line),
        (None, false) => edits.add(part.component, &line),
        _ => {}
    }
    Ok(())
}

fn check_address(address: &str, path: &str) -> Result<(), Refused> {
    let scheme = address.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme = scheme.is_some_and(|it| !it.is_empty() && it.bytes().all(|octet| octet.is_ascii_alphanumeric()));
    let is_address = is_scheme && !address.chars().any(|it| it.is_control() || it.is_whitespace());
    if is_address { Ok(()) } else { Err(Refused::new(path, "it is the URI of somebody: mailto:a@example.org")) }
}

/// The parameters of a line that are not told.
fn others(property: &Property<'_>) -> String {
    let is_other = |name: &str| name != JSID && !PARAMETERS.contains(&name);
    let kept = property.parameters().filter(|it| is_other(&it.name.to_ascii_uppercase()));
    let one = |it: passerelle_wire_ical::Parameter<'_>| {
        let values: Vec<String> = it.values().map(|value| parameter_value(&value)).collect();
        format!(";{}={}", it.name, values.join(","))
    };
    kept.map(one).collect()
}

/// A person as a line: ORGANIZER for who only organises, ATTENDEE for everybody else.
fn written(
    there: Option<&Property<'_>>,
    id: &str,
    person: &Map<String, Value>,
    organizer: Option<&str>,
) -> Result<String, Refused> {
    let path = format!("participants/{id}");
    only(person, &path, &MEMBERS)?;
    let wrong = |name: &str, why: &str| Refused::new(format!("{path}/{name}"), why);
    let word = |name: &str, known: &[&str]| match text(person, &path, name)? {
        Some(said) if !known.contains(&said) => Err(wrong(name, "it is none of the words that there are for it")),
        said => Ok(said.map(str::to_ascii_uppercase)),
    };
    let email = text(person, &path, "email")?;
    let address = match (text(person, &path, "calendarAddress")?, email) {
        (Some(address), _) => address.to_owned(),
        (None, Some(email)) => format!("mailto:{email}"),
        (None, None) => return Err(wrong("calendarAddress", "who takes part has an address")),
    };
    check_address(&address, &format!("{path}/calendarAddress"))?;
    let mut roles = set(person, &path, "roles")?;
    roles.sort_unstable();
    let owns = roles.contains(&OWNER);
    roles.retain(|role| *role != OWNER);
    if owns && !organizer.is_some_and(|it| same(it, &address)) {
        return Err(wrong("roles", "who owns it is named by organizerCalendarAddress"));
    }
    let role = ROLES.iter().find(|(_, known)| *known == roles).or_else(|| ROLES.first().filter(|_| roles.is_empty()));
    let role = role
        .ok_or_else(|| wrong("roles", "roles are attendee, with chair or optional, or informational, and owner"))?
        .0;
    let only_owns = owns && roles.is_empty();
    let mut parameters = ids::parameter(id, &address.to_ascii_lowercase());
    let mut say = |name: &str, value: Option<String>| {
        value.into_iter().for_each(|value| parameters.push_str(&format!(";{name}={}", parameter_value(&value))));
    };
    say("CN", text(person, &path, "name")?.map(str::to_owned));
    say("EMAIL", email.map(str::to_owned));
    let kind = match text(person, &path, "kind")? {
        None => None,
        Some(said) => {
            let known = KINDS.iter().find(|(_, kind)| *kind == said);
            Some(known.ok_or_else(|| wrong("kind", "it is individual, group, resource or location"))?.0.to_owned())
        }
    };
    let answer = word("participationStatus", &ANSWERS)?;
    let expects = flag(person, &path, "expectReply")?;
    if !only_owns {
        say("CUTYPE", kind);
        say("ROLE", Some(role.to_owned()).filter(|role| *role != "REQ-PARTICIPANT"));
        say("PARTSTAT", answer);
        say("RSVP", expects.then(|| "TRUE".to_owned()));
    }
    say("SCHEDULE-AGENT", word("scheduleAgent", &AGENTS)?);
    let status = match person.get("scheduleStatus") {
        None | Some(Value::Null) => None,
        Some(said) => {
            let all = said.as_array().and_then(|all| all.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
            Some(all.ok_or_else(|| wrong("scheduleStatus", "it is a list of texts"))?.join(","))
        }
    };
    say("SCHEDULE-STATUS", status);
    say("SENT-BY", text(person, &path, "sentBy")?.map(str::to_owned));
    let name = if only_owns { "ORGANIZER" } else { "ATTENDEE" };
    Ok(format!("{name}{parameters}{}:{address}", there.map(others).unwrap_or_default()))
}
