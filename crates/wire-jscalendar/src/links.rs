//! `links` (RFC 8984 §1.4.11, §4.2.7): ATTACH and IMAGE that are URIs, and URL. What is in the object itself, in base64, stays there untold.

use crate::facets::{Change, Part, only, text};
use crate::ids::{self, Found, Step};
use crate::places::is_uri;
use crate::{Refused, source::Edits};
use passerelle_wire_ical::{Property, parameter_value};
use serde_json::{Map, Value, json};

/// The property, and which relation it is (RFC 8288).
const KINDS: [(&str, &str); 3] = [("ATTACH", "enclosure"), ("IMAGE", "icon"), ("URL", "describedby")];
const MEMBERS: [&str; 5] = ["href", "rel", "contentType", "title", "size"];

fn found<'o, 'a>(part: &Part<'o, 'a>) -> Vec<Found<&'o Property<'a>>> {
    let mut all = Vec::new();
    for (name, rel) in KINDS {
        for property in part.component.properties.iter().filter(move |it| it.is(name)) {
            let uri = property.value().trim();
            if property.parameter("ENCODING").is_some() || !is_uri(uri) {
                continue;
            }
            let mut told = json!({ "@type": "Link", "href": uri, "rel": rel });
            let mut say = |name: &str, value: Value| told.as_object_mut().map(|all| all.insert(name.to_owned(), value));
            property.parameter("FMTTYPE").map(|kind| say("contentType", json!(kind)));
            let title = property.parameter("LABEL").or_else(|| property.parameter("FILENAME"));
            title.map(|title| say("title", json!(title)));
            let size = property.parameter("SIZE").and_then(|size| size.parse::<u64>().ok());
            size.map(|size| say("size", json!(size)));
            all.push(Found { id: ids::of(property, uri), at: property, told });
        }
    }
    ids::distinct(all)
}

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    ids::told(&found(part), "links", told);
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    let mut has_url = part.component.property("URL").is_some();
    for step in ids::steps(found(part), change.new, "links")? {
        match step {
            Step::Gone(old) => {
                has_url &= !old.is("URL");
                edits.remove(old);
            }
            Step::Other(old, id, link) => {
                let line = written(id, link)?;
                // The same kind of line keeps its place; another one is another line.
                edits.replace(old, &line);
            }
            Step::New(id, link) => {
                let line = written(id, link)?;
                if line.starts_with("URL") && has_url {
                    return Err(Refused::new(format!("links/{id}/rel"), "an event has one link that describes it"));
                }
                has_url |= line.starts_with("URL");
                edits.add(part.component, &line);
            }
        }
    }
    Ok(())
}

fn written(id: &str, link: &Map<String, Value>) -> Result<String, Refused> {
    let path = format!("links/{id}");
    only(link, &path, &MEMBERS)?;
    let wrong = |name: &str, why: &str| Refused::new(format!("{path}/{name}"), why);
    let uri = text(link, &path, "href")?.filter(|it| is_uri(it)).ok_or_else(|| wrong("href", "it is a URI"))?;
    let rel = text(link, &path, "rel")?.unwrap_or("enclosure");
    let kind = KINDS.iter().find(|(_, known)| *known == rel);
    let name = kind.ok_or_else(|| wrong("rel", "it is enclosure, icon or describedby"))?.0;
    let mut line = format!("{name}{}", ids::parameter(id, uri));
    let mut say = |name: &str, value: &str| line.push_str(&format!(";{name}={}", parameter_value(value)));
    if name == "IMAGE" {
        say("VALUE", "URI");
    }
    text(link, &path, "contentType")?.into_iter().for_each(|kind| say("FMTTYPE", kind));
    text(link, &path, "title")?.into_iter().for_each(|title| say("LABEL", title));
    match link.get("size") {
        None | Some(Value::Null) => {}
        Some(size) => say("SIZE", &size.as_u64().ok_or_else(|| wrong("size", "it is a number of octets"))?.to_string()),
    }
    Ok(format!("{line}:{uri}"))
}
