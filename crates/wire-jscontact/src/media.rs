//! Octets in a card: base64 with a type of vCard 3.0 (RFC 2426 §2.4.1), which JSContact has as a `data:` URI (RFC 2397).

use crate::parameters;
use passerelle_wire_ical::Property;

/// The URI of a property's octets; `None` for one that is a URI already.
pub(crate) fn uri(property: &Property<'_>) -> Option<String> {
    let coded =
        parameters::values(property, "ENCODING").any(|it| matches!(it.to_ascii_uppercase().as_str(), "B" | "BASE64"));
    if !coded {
        return None;
    }
    let family = if property.is("SOUND") {
        "audio"
    } else if property.is("KEY") {
        "application"
    } else {
        "image"
    };
    let kind = parameters::values(property, "TYPE").map(|it| it.to_ascii_lowercase()).find(|it| !is_context(it));
    let kind = kind.unwrap_or_else(|| "octet-stream".to_owned());
    let kind = if kind.contains('/') { kind } else { format!("{family}/{kind}") };
    let octets: String = property.value().chars().filter(|it| !it.is_whitespace()).collect();
    Some(format!("data:{kind};base64,{octets}"))
}

/// The type, as 3.0 names it, and the base64 of a `data:` URI that has any.
pub(crate) fn octets(uri: &str) -> Option<(String, &str)> {
    let (kind, octets) = uri.strip_prefix("data:")?.split_once(";base64,")?;
    let name = kind.split_once('/').map_or(kind, |(_, name)| name);
    let is_name =
        !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'+' | b'.'));
    is_name.then(|| (name.to_ascii_uppercase(), octets))
}

fn is_context(word: &str) -> bool {
    matches!(word, "work" | "home" | "pref")
}
