//! The identity providers of a metadata file: one `EntityDescriptor`, or a federation's `EntitiesDescriptor` with hundreds of
//! them (metadata §2.3). Where the settings say who signs it, what is read is what the signature covers; else the file is
//! the administrator's, who checks the federation's signature when fetching it.

use quick_xml::{NsReader, events::Event, name::ResolveResult};
use saml_rs::{
    IdpDescriptor, MetadataTrustPolicy, crypto::verify::verify_metadata_signature_detailed_with_limits, xml::XmlLimits,
};
use std::collections::BTreeMap;

/// Largest file, in octets: eduGAIN's whole aggregate has some 80 MiB, RENATER's some 10.
pub(crate) const LARGEST_FILE: u64 = 128 * 1024 * 1024;
/// Most identity providers.
const MOST: usize = 10_000;
/// What a signed file may have: eduGAIN's whole aggregate has some two million elements, none of them deep down.
const LIMITS: XmlLimits = XmlLimits {
    max_bytes: 128 * 1024 * 1024,
    max_depth: 64,
    max_nodes: 10_000_000,
    max_attributes_per_element: 64,
    max_attribute_value_bytes: 64 * 1024,
    max_text_bytes: 1024 * 1024,
};
/// What stands inside a signature (XML Signature 1.0 and 1.1, Exclusive C14N). It covers itself the least: elements of other
/// kinds in there are nobody's word.
const OF_SIGNATURES: [&str; 3] =
    [SIGNATURE, "http://www.w3.org/2009/xmldsig11#", "http://www.w3.org/2001/10/xml-exc-c14n#"];
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
/// What the root may be signed with: RSA or ECDSA with SHA-2 (RFC 9231 §2.1, §2.3). The library takes SHA-1 too.
const ALGORITHMS: [&str; 9] = [
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];
/// How deep a signature of the root stands.
const OF_ROOT: usize = 2;

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

/// Reads a file's text. Where there are certificates, one of them must have signed its root.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn read(xml: &str, certificates: &[String]) -> Result<Vec<Provider>, String> {
    let signed = if certificates.is_empty() { None } else { Some(signed(xml, certificates)?) };
    let entities = match &signed {
        Some(signed) => entities(signed, Some(&ALGORITHMS)),
        None => entities(xml, None),
    };
    let mut found = Vec::new();
    for entity in entities? {
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

/// The part of a file that one of the certificates has signed, which is its root with all that is in it.
fn signed(xml: &str, certificates: &[String]) -> Result<String, String> {
    let verified = verify_metadata_signature_detailed_with_limits(xml, certificates, LIMITS)
        .map_err(|error| format!("its signature: {error}"))?;
    let signed = verified.signed_entity_descriptor_xml().filter(|_| verified.verified());
    signed
        .map(str::to_owned)
        .ok_or_else(|| "it is not signed, or by nobody whom `metadata_certificates` name".to_owned())
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

/// The entities of a file; where the signature of its root counts, it may be of these algorithms only.
fn entities(xml: &str, algorithms: Option<&[&str]>) -> Result<Vec<Entity>, String> {
    let mut reader = NsReader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut around: Vec<Level> = Vec::new();
    let (mut all, mut now): (Vec<Entity>, Option<(Entity, u64, usize)>) = (Vec::new(), None);
    let (mut depth, mut language, mut in_signature) = (0_usize, None, None);
    loop {
        let before = reader.buffer_position();
        let event = reader.read_event().map_err(|error| format!("octet {before}: {error}"))?;
        match event {
            Event::Start(start) => {
                depth = depth.saturating_add(1);
                let name = start.local_name().as_ref().to_owned();
                let namespace = match reader.resolver().resolve_element(start.name()).0 {
                    ResolveResult::Bound(namespace) => namespace.0,
                    ResolveResult::Unbound | ResolveResult::Unknown(_) => "",
                };
                if in_signature.is_some() && (!OF_SIGNATURES.contains(&namespace) || name == "Object") {
                    return Err(format!("{name} stands inside a signature, which does not cover it"));
                }
                if name == "Signature" && namespace == SIGNATURE && in_signature.is_none() {
                    in_signature = Some(depth);
                }
                let attributes: Vec<(String, String)> = start
                    .attributes()
                    .filter_map(Result::ok)
                    .map(|it| (it.key.as_ref().to_owned(), it.value.into_owned()))
                    .collect();
                let value =
                    |wanted: &str| attributes.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.clone());
                if let (Some(OF_ROOT), Some(algorithms), "SignatureMethod" | "DigestMethod") =
                    (in_signature, algorithms, name.as_str())
                {
                    let algorithm = value("Algorithm").unwrap_or_default();
                    if !algorithms.contains(&algorithm.as_str()) {
                        return Err(format!("its signature is of {algorithm}, which is not believed"));
                    }
                }
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
                in_signature.take_if(|at| *at == depth);
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
#[path = "signed_tests.rs"]
mod signed_tests;

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
        let found = read(&xml, &[]).unwrap();
        assert_eq!(found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["https://one", "https://two"]);
        assert_eq!(found[0].names["fr"], "Université");
        assert_eq!(found[1].valid_until.as_deref(), Some("2030-01-01T00:00:00Z"));
        assert_eq!(found[0].descriptor.entity_id().as_str(), "https://one");
    }

    #[test]
    fn what_is_no_metadata_is_said() {
        for bad in ["", "<x/>", "<a><b></a>", "<!DOCTYPE x><x/>", "<EntityDescriptor/>"] {
            assert!(read(bad, &[]).is_err(), "{bad}");
        }
    }
}
