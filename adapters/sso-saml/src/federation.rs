//! The identity providers of a metadata file: one `EntityDescriptor`, or a federation's `EntitiesDescriptor` with hundreds of
//! them (metadata §2.3). The file is the administrator's, who checks the federation's signature when fetching it.

use quick_xml::{NsReader, events::Event};
use saml_rs::{IdpDescriptor, MetadataTrustPolicy};
use std::collections::BTreeMap;

/// Largest file, in octets: eduGAIN's whole aggregate has some 80 MiB, RENATER's some 10.
pub(crate) const LARGEST_FILE: u64 = 128 * 1024 * 1024;
/// Most identity providers.
const MOST: usize = 10_000;

/// An identity provider.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) id: String,
    /// What it is called, by language (`mdui:DisplayName`, else the organisation's).
    pub(crate) names: BTreeMap<String, String>,
    /// Until when its description holds, as it stands there (`validUntil`).
    pub(crate) valid_until: Option<String>,
    pub(crate) descriptor: IdpDescriptor,
}

/// Reads a file's text.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn read(xml: &str) -> Result<Vec<Provider>, String> {
    let mut found = Vec::new();
    for entity in entities(xml)? {
        if !entity.signs_on {
            continue;
        }
        if found.len() >= MOST {
            return Err(format!("more than {MOST} identity providers"));
        }
        let descriptor = IdpDescriptor::from_metadata_xml(&entity.xml, MetadataTrustPolicy::UnsignedForCompatibility)
            .map_err(|error| format!("{}: {error}", entity.id))?;
        let names = if entity.display.is_empty() { entity.organisation } else { entity.display };
        found.push(Provider { id: entity.id, names, valid_until: entity.valid_until, descriptor });
    }
    if found.is_empty() { Err("there is no identity provider in it".to_owned()) } else { Ok(found) }
}

/// One entity of the file, with the declarations of what stands around it.
#[derive(Default)]
struct Entity {
    id: String,
    xml: String,
    signs_on: bool,
    valid_until: Option<String>,
    display: BTreeMap<String, String>,
    organisation: BTreeMap<String, String>,
}

/// An element around an entity: its namespaces, and until when what is inside of it holds.
struct Level {
    declared: Vec<(String, String)>,
    valid_until: Option<String>,
}

fn entities(xml: &str) -> Result<Vec<Entity>, String> {
    let mut reader = NsReader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut around: Vec<Level> = Vec::new();
    let (mut all, mut now): (Vec<Entity>, Option<(Entity, u64, usize)>) = (Vec::new(), None);
    let (mut depth, mut language) = (0_usize, None);
    loop {
        let before = reader.buffer_position();
        let event = reader.read_event().map_err(|error| format!("octet {before}: {error}"))?;
        match event {
            Event::Start(start) => {
                depth = depth.saturating_add(1);
                let name = start.local_name().as_ref().to_owned();
                let attributes: Vec<(String, String)> = start
                    .attributes()
                    .filter_map(Result::ok)
                    .map(|it| (it.key.as_ref().to_owned(), it.value.into_owned()))
                    .collect();
                let value =
                    |wanted: &str| attributes.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.clone());
                language = None;
                match (&mut now, name.as_str()) {
                    (None, "EntityDescriptor") => {
                        let id = value("entityID").ok_or("an EntityDescriptor without entityID")?;
                        let until =
                            value("validUntil").or_else(|| around.iter().rev().find_map(|it| it.valid_until.clone()));
                        now = Some((Entity { id, valid_until: until, ..Entity::default() }, before, depth));
                    }
                    (None, _) => {
                        let declared = attributes.iter().filter(|(key, _)| key.starts_with("xmlns")).cloned();
                        around.push(Level { declared: declared.collect(), valid_until: value("validUntil") });
                    }
                    (Some((entity, ..)), "IDPSSODescriptor") => entity.signs_on = true,
                    (Some(_), "DisplayName" | "OrganizationDisplayName") => {
                        language = value("xml:lang").map(|tag| (name == "DisplayName", tag));
                    }
                    (Some(_), _) => {}
                }
            }
            Event::Text(text) => {
                if let (Some((entity, ..)), Some((display, tag))) = (&mut now, &language) {
                    let names = if *display { &mut entity.display } else { &mut entity.organisation };
                    names.entry(tag.clone()).or_default().push_str(text.trim());
                }
            }
            Event::End(_) => {
                language = None;
                if let Some((mut entity, start, _)) = now.take_if(|(_, _, at)| *at == depth) {
                    let text = span(xml, start, reader.buffer_position()).ok_or("a file that cannot be cut")?;
                    entity.xml = with_declarations(text, &around);
                    all.push(entity);
                } else if now.is_none() {
                    around.pop();
                }
                depth = depth.saturating_sub(1);
            }
            Event::DocType(_) => return Err("a document type, which metadata has not".to_owned()),
            Event::Eof => return Ok(all),
            Event::Empty(_)
            | Event::Comment(_)
            | Event::CData(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

fn span(xml: &str, from: u64, to: u64) -> Option<&str> {
    xml.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
}

/// Puts the namespaces of the elements around into the first tag, where it does not declare them itself.
fn with_declarations(text: &str, around: &[Level]) -> String {
    let Some((tag, rest)) = text.split_once('>') else { return text.to_owned() };
    let (tag, end) = tag.strip_suffix('/').map_or((tag, ">"), |tag| (tag, "/>"));
    let mut whole = tag.to_owned();
    let mut seen: Vec<&str> = Vec::new();
    for (name, value) in around.iter().rev().flat_map(|level| &level.declared) {
        let here = tag.contains(&format!(" {name}=")) || tag.contains(&format!("\n{name}="));
        if !here && !seen.contains(&name.as_str()) {
            whole.push_str(&format!(" {name}=\"{value}\""));
            seen.push(name);
        }
    }
    whole + end + rest
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    fn entity(id: &str, inside: &str) -> String {
        format!("<md:EntityDescriptor entityID=\"{id}\">{inside}</md:EntityDescriptor>")
    }

    const IDP: &str = "<md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:Extensions><mdui:UIInfo xmlns:mdui=\"urn:oasis:names:tc:SAML:metadata:ui\"><mdui:DisplayName xml:lang=\"fr\">Université</mdui:DisplayName><mdui:DisplayName xml:lang=\"en\">University</mdui:DisplayName></mdui:UIInfo></md:Extensions><md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://idp/sso\"/></md:IDPSSODescriptor>";

    #[test]
    fn a_federation_is_taken_apart() {
        let xml = format!(
            "<?xml version=\"1.0\"?><md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" validUntil=\"2030-01-01T00:00:00Z\">{}{}<md:EntitiesDescriptor>{}</md:EntitiesDescriptor></md:EntitiesDescriptor>",
            entity("https://one", IDP),
            entity("https://service", "<md:SPSSODescriptor/>"),
            entity("https://two", IDP),
        );
        let found = read(&xml).unwrap();
        assert_eq!(found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["https://one", "https://two"]);
        assert_eq!(found[0].names["fr"], "Université");
        assert_eq!(found[1].valid_until.as_deref(), Some("2030-01-01T00:00:00Z"));
        assert_eq!(found[0].descriptor.entity_id().as_str(), "https://one");
    }

    #[test]
    fn what_is_no_metadata_is_said() {
        for bad in ["", "<x/>", "<a><b></a>", "<!DOCTYPE x><x/>", "<EntityDescriptor/>"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
