//! vCard 2.1 (versit, 1996) as 3.0: values in quoted-printable and charsets, bare types, photographs in base64.

use crate::{names, person::Person};
use passerelle_wire_ical::{Card, Property, escaped, line, parameter_value, pieces, unescaped};

/// The octets of a card of version 3.0.
pub(crate) fn converted(card: &Card<'_>, octets: &[u8]) -> Result<Vec<u8>, String> {
    let component = card.component();
    let has = |name: &str| component.property(name).is_some_and(|it| !it.decoded().trim().is_empty());
    let mut out = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    if !has("UID") {
        line(&format!("UID:{}", names::uid(&[octets])), &mut out);
    }
    if !has("FN") {
        let name = Person::of(card).shown();
        if name.is_empty() {
            return Err("a card without a name, an address or a number".to_owned());
        }
        line(&format!("FN:{}", escaped(&name)), &mut out);
    }
    if component.property("N").is_none() {
        line("N:;;;;", &mut out);
    }
    for property in &component.properties {
        let is_empty = property.decoded().trim().is_empty();
        if !property.is("VERSION") && !(is_empty && (property.is("UID") || property.is("FN"))) {
            line(&of_three(property), &mut out);
        }
    }
    out.push_str("END:VCARD\r\n");
    Ok(out.into_bytes())
}

fn of_three(property: &Property<'_>) -> String {
    let mut text = property.group().map(|group| format!("{group}.")).unwrap_or_default();
    text.push_str(property.name());
    let mut types: Vec<String> = Vec::new();
    let mut others = String::new();
    let mut is_binary = false;
    for parameter in property.parameters() {
        let values: Vec<String> = parameter.values().map(|it| it.trim().to_owned()).collect();
        for value in values {
            let is = |word: &str| value.eq_ignore_ascii_case(word);
            if (parameter.is("ENCODING") || parameter.is("TYPE")) && (is("BASE64") || is("B")) {
                is_binary = true;
            } else if parameter.is("CHARSET")
                || is("QUOTED-PRINTABLE")
                || ((parameter.is("ENCODING") || parameter.is("TYPE")) && (is("8BIT") || is("7BIT")))
            {
                // Undone.
            } else if parameter.is("TYPE") {
                types.push(value);
            } else {
                others.extend([";", parameter.name, "=", &parameter_value(&value)]);
            }
        }
    }
    if is_binary {
        text.push_str(";ENCODING=b");
    }
    if !types.is_empty() {
        let types: Vec<String> = types.iter().map(|it| parameter_value(it)).collect();
        text.push_str(";TYPE=");
        text.push_str(&types.join(","));
    }
    text.push_str(&others);
    text.push(':');
    let decoded = property.decoded();
    let parts =
        |separator: char| -> Vec<String> { pieces(&decoded, separator).map(|it| escaped(&unescaped(it))).collect() };
    if is_binary {
        text.extend(decoded.chars().filter(|it| !it.is_whitespace()));
    } else if ["N", "ADR", "ORG"].iter().any(|name| property.is(name)) {
        text.push_str(&parts(';').join(";"));
    } else if property.is("CATEGORIES") {
        text.push_str(&parts(if decoded.contains(';') { ';' } else { ',' }).join(","));
    } else if ["URL", "REV", "BDAY", "GEO", "TZ", "PHOTO", "LOGO", "SOUND", "KEY"].iter().any(|name| property.is(name))
    {
        text.push_str(decoded.trim());
    } else {
        text.push_str(&escaped(&unescaped(&decoded)));
    }
    text
}
