//! Where it is: `locations` (RFC 8984 §4.2.5) of LOCATION and GEO, `virtualLocations` (§4.2.6) of CONFERENCE (RFC 7986 §5.11).

use crate::facets::{Change, Part, only, set, text, to_set};
use crate::ids::{self, Found, Step};
use crate::{Refused, source::Edits};
use passerelle_wire_ical::{Property, escaped, parameter_value};
use serde_json::{Map, Value, json};

/// The lines of a place. An event has one GEO, which is of its first place.
#[derive(Clone, Copy, Debug)]
struct Lines<'o, 'a> {
    location: Option<&'o Property<'a>>,
    geo: Option<&'o Property<'a>>,
}

fn found<'o, 'a>(part: &Part<'o, 'a>) -> Vec<Found<Lines<'o, 'a>>> {
    let geo = part.component.property("GEO").filter(|geo| coordinates(geo).is_some());
    let named = part.component.properties.iter().filter(move |it| it.is("LOCATION"));
    let mut all: Vec<Lines<'o, 'a>> = named.map(|it| Lines { location: Some(it), geo: None }).collect();
    match (all.first_mut(), geo) {
        (Some(first), geo) => first.geo = geo,
        (None, Some(geo)) => all.push(Lines { location: None, geo: Some(geo) }),
        (None, None) => {}
    }
    let one = |at: Lines<'o, 'a>| {
        let mut told = json!({ "@type": "Location" });
        let mut say = |name: &str, value: Value| told.as_object_mut().map(|all| all.insert(name.to_owned(), value));
        at.location.map(|it| say("name", json!(it.to_text())));
        at.geo.and_then(coordinates).map(|it| say("coordinates", json!(it)));
        let text = at.location.or(at.geo).map_or("", |it| it.value());
        let id = at.location.map_or_else(|| ids::made(text), |it| ids::of(it, text));
        Found { id, at, told }
    };
    ids::distinct(all.into_iter().map(one).collect())
}

/// GEO as a `geo:` URI (RFC 5870).
fn coordinates(geo: &Property<'_>) -> Option<String> {
    let (north, east) = geo.value().trim().split_once(';')?;
    let is_number = |it: &str| it.trim().parse::<f64>().is_ok_and(f64::is_finite);
    (is_number(north) && is_number(east)).then(|| format!("geo:{},{}", north.trim(), east.trim()))
}

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    ids::told(&found(part), "locations", told);
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    let there = found(part);
    let many = change.new.get("locations").and_then(Value::as_object).map_or(0, Map::len);
    // RFC 5545 §3.6.1: LOCATION and GEO are there once.
    if many > there.len().max(1) {
        return Err(Refused::new(
            "locations",
            "an event has one place here; what else is to be said of it fits into its description",
        ));
    }
    for step in ids::steps(there, change.new, "locations")? {
        let (old, id, place) = match step {
            Step::Gone(old) => {
                old.location.into_iter().chain(old.geo).for_each(|it| edits.remove(it));
                continue;
            }
            Step::Other(old, id, place) => (Some(old), id, place),
            Step::New(id, place) => (None, id, place),
        };
        let path = format!("locations/{id}");
        only(place, &path, &["name", "coordinates"])?;
        let name = text(place, &path, "name")?.map(escaped);
        let geo = match text(place, &path, "coordinates")? {
            None => None,
            Some(said) => {
                let wrong = || Refused::new(format!("{path}/coordinates"), "they are geo:latitude,longitude");
                Some(written(said).ok_or_else(wrong)?)
            }
        };
        let line = |name: String| format!("LOCATION{}:{name}", ids::parameter(id, &name));
        match (old.and_then(|it| it.location), name) {
            (Some(there), Some(name)) if there.value() == name => {}
            (Some(there), Some(name)) => edits.replace(there, &line(name)),
            (Some(there), None) => edits.remove(there),
            (None, Some(name)) => edits.add(part.component, &line(name)),
            (None, None) => {}
        }
        match (old.and_then(|it| it.geo), geo) {
            (Some(there), Some(geo)) => edits.value(there, &geo),
            (Some(there), None) => edits.remove(there),
            (None, Some(geo)) => edits.add(part.component, &format!("GEO:{geo}")),
            (None, None) => {}
        }
    }
    Ok(())
}

fn written(uri: &str) -> Option<String> {
    let (north, rest) = uri.strip_prefix("geo:")?.split_once(',')?;
    let east = rest.split([',', ';']).next()?;
    let is_number = |it: &str| it.parse::<f64>().is_ok_and(f64::is_finite);
    (is_number(north) && is_number(east)).then(|| format!("{north};{east}"))
}

fn found_virtual<'o, 'a>(part: &Part<'o, 'a>) -> Vec<Found<&'o Property<'a>>> {
    let one = |property: &'o Property<'a>| {
        let uri = property.value().trim();
        let mut told = json!({ "@type": "VirtualLocation", "uri": uri });
        let mut say = |name: &str, value: Value| told.as_object_mut().map(|all| all.insert(name.to_owned(), value));
        property.parameter("LABEL").map(|name| say("name", json!(name)));
        let features: Vec<String> = property
            .parameters()
            .filter(|it| it.is("FEATURE"))
            .flat_map(|it| it.values().map(|word| word.to_ascii_lowercase()).collect::<Vec<_>>())
            .collect();
        if !features.is_empty() {
            say("features", to_set(features.iter().map(String::as_str)));
        }
        Found { id: ids::of(property, uri), at: property, told }
    };
    ids::distinct(part.component.properties.iter().filter(move |it| it.is("CONFERENCE")).map(one).collect())
}

pub(crate) fn read_virtual(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    ids::told(&found_virtual(part), "virtualLocations", told);
}

pub(crate) fn write_virtual(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    for step in ids::steps(found_virtual(part), change.new, "virtualLocations")? {
        let (old, id, place) = match step {
            Step::Gone(old) => {
                edits.remove(old);
                continue;
            }
            Step::Other(old, id, place) => (Some(old), id, place),
            Step::New(id, place) => (None, id, place),
        };
        let path = format!("virtualLocations/{id}");
        only(place, &path, &["uri", "name", "features"])?;
        let uri = text(place, &path, "uri")?.filter(|it| is_uri(it));
        let uri = uri.ok_or_else(|| Refused::new(format!("{path}/uri"), "it is a URI"))?;
        let mut line = format!("CONFERENCE;VALUE=URI{}", ids::parameter(id, uri));
        let features = set(place, &path, "features")?;
        if !features.is_empty() {
            let all: Vec<String> = features.iter().map(|it| parameter_value(&it.to_ascii_uppercase())).collect();
            line.push_str(&format!(";FEATURE={}", all.join(",")));
        }
        let name = text(place, &path, "name")?;
        name.into_iter().for_each(|name| line.push_str(&format!(";LABEL={}", parameter_value(name))));
        let line = format!("{line}:{uri}");
        match old {
            Some(there) => edits.replace(there, &line),
            None => edits.add(part.component, &line),
        }
    }
    Ok(())
}

/// Whether a text can be a URI: it has a scheme, and nothing that no URI has.
pub(crate) fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| !scheme.is_empty() && scheme.is_ascii())
        && !text.chars().any(|it| it.is_control() || it.is_whitespace())
}
