//! A line as an entry of a map, and back.

use crate::{
    components, dates, media, parameters,
    tables::{ADDRESS_PARTS, ADDRESS_REPEATED, ADDRESS_SHORT, Form, Row},
};
use passerelle_wire_ical::{CardVersion, Property, escaped, parameter_value, pieces, unescaped};
use serde_json::{Map, Value, json};

/// The entries that a line says; none where its value is nothing that JSContact has.
pub(crate) fn read(row: &Row, property: &Property<'_>) -> Vec<Map<String, Value>> {
    let text = property.decoded();
    let is_uri = |default: bool| match parameters::values(property, "VALUE").next() {
        Some(kind) => kind.eq_ignore_ascii_case("uri"),
        None => default,
    };
    let one = |member: &str, value: Value| vec![Map::from_iter([(member.to_owned(), value)])];
    let mut all = match row.form {
        Form::Text => one(row.member, json!(unescaped(&text))),
        Form::Uri => one(row.member, json!(text)),
        Form::TextOrUri if row.name == "TEL" && is_uri(false) => one(row.member, json!(text)),
        Form::TextOrUri if row.name == "TEL" => one(row.member, json!(unescaped(&text))),
        Form::TextOrUri if is_uri(true) => one(row.member, json!(text)),
        Form::TextOrUri => one("user", json!(unescaped(&text))),
        Form::List => {
            let texts = pieces(&text, ',').map(|it| unescaped(it).into_owned()).filter(|it| !it.is_empty());
            texts.map(|it| Map::from_iter([(row.member.to_owned(), json!(it))])).collect()
        }
        Form::Octets => one(row.member, json!(media::uri(property).unwrap_or_else(|| text.clone().into_owned()))),
        Form::Date => dates::read(&text).map(|date| one(row.member, date)).unwrap_or_default(),
        Form::Organization => vec![organization(&text)],
        Form::Address => {
            let mut address = Map::new();
            let order = property.parameter("JSCOMPS");
            let Some(places) = components::places(&text) else { return Vec::new() };
            // Of an address with its newer parts the older two say them again.
            let is_short = places.iter().skip(ADDRESS_SHORT).all(Vec::is_empty);
            let repeated = if is_short { &[] } else { ADDRESS_REPEATED };
            components::told(places, order.as_deref(), ADDRESS_PARTS, repeated, &mut address);
            vec![address]
        }
    };
    for entry in &mut all {
        parameters::read(row, property, entry);
        if let Some(kind) = row.kind {
            entry.insert("kind".to_owned(), json!(kind));
        }
        if row.name == "IMPP" {
            // RFC 9555 §2.7: what is no social profile says so.
            entry.insert("vCardName".to_owned(), json!("impp"));
        }
    }
    all.retain(|entry| !entry.is_empty());
    all
}

fn organization(text: &str) -> Map<String, Value> {
    let mut parts = pieces(text, ';').map(|it| unescaped(it).into_owned());
    let mut all = Map::new();
    if let Some(name) = parts.next().filter(|it| !it.is_empty()) {
        all.insert("name".to_owned(), json!(name));
    }
    let units: Vec<Value> = parts.filter(|it| !it.is_empty()).map(|it| json!({ "name": it })).collect();
    if !units.is_empty() {
        all.insert("units".to_owned(), Value::Array(units));
    }
    all
}

/// The line of an entry without its group and PROP-ID: the parameters, each with its semicolon, and the value. `None` for an entry
/// that has no value for it.
pub(crate) fn written(
    row: &Row,
    entry: &Map<String, Value>,
    before: Option<&Property<'_>>,
    version: CardVersion,
) -> Option<(String, String)> {
    let said = |member: &str| entry.get(member).and_then(Value::as_str);
    let mut more = String::new();
    let value = match row.form {
        Form::Text | Form::List => escaped(said(row.member)?),
        Form::Uri => said(row.member)?.to_owned(),
        Form::TextOrUri if row.name == "TEL" => {
            let number = said(row.member)?;
            if number.starts_with("tel:") || number.starts_with("sip:") {
                more.push_str(";VALUE=uri");
                number.to_owned()
            } else {
                escaped(number)
            }
        }
        Form::TextOrUri => match said(row.member) {
            Some(uri) => uri.to_owned(),
            None => {
                more.push_str(";VALUE=text");
                escaped(said("user")?)
            }
        },
        Form::Octets => {
            let uri = said(row.member)?;
            match media::octets(uri).filter(|_| version == CardVersion::V3) {
                Some((kind, octets)) => {
                    more.extend([";ENCODING=b;TYPE=", &kind]);
                    octets.to_owned()
                }
                None => {
                    if version == CardVersion::V3 {
                        more.push_str(";VALUE=uri");
                    }
                    uri.to_owned()
                }
            }
        }
        Form::Date => dates::written(entry.get(row.member)?, version == CardVersion::V3)?,
        Form::Organization => {
            let units = entry.get("units").and_then(Value::as_array);
            let unit = |unit: &Value| unit.get("name").and_then(Value::as_str).map(escaped);
            let units: Vec<String> = units.into_iter().flatten().map(unit).collect::<Option<_>>()?;
            std::iter::once(said("name").map(escaped).unwrap_or_default()).chain(units).collect::<Vec<_>>().join(";")
        }
        Form::Address => {
            let (places, order) = components::placed(entry, ADDRESS_PARTS, ADDRESS_SHORT, ADDRESS_REPEATED)?;
            if let Some(order) = order {
                more.extend([";JSCOMPS=", &parameter_value(&order)]);
            }
            components::value(&places)
        }
    };
    let mut entry = entry.clone();
    if more == ";VALUE=text" {
        // It is the value already.
        entry.remove("user");
    }
    Some((parameters::written(row, &entry, before, version) + &more, value))
}
