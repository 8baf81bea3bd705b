//! Parameters as members of an entry, and back: what JSContact has no words for is kept beside.

use crate::tables::{CONTEXTS, CONTEXTS_OF_ADDRESSES, FEATURES, LEVELS, PARAMETERS, Row};
use passerelle_wire_ical::{CardVersion, Property, parameter_value};
use serde_json::{Map, Value, json};

/// All values of a parameter, in their order. What is quoted as one is a list too: programs write `TYPE="work,voice"`.
pub(crate) fn values(property: &Property<'_>, name: &str) -> impl Iterator<Item = String> {
    let all: Vec<String> = property
        .parameters()
        .filter(|it| it.is(name))
        .flat_map(|it| it.values().map(|it| it.into_owned()).collect::<Vec<_>>())
        .collect();
    all.into_iter()
}

/// The words of TYPE.
fn types(property: &Property<'_>) -> Vec<String> {
    let words = values(property, "TYPE").flat_map(|it| it.split(',').map(str::to_owned).collect::<Vec<_>>());
    words.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

/// The words of TYPE that mean something for a map, each with the member that they are in.
fn meanings(top: &str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let of_addresses = if top == "addresses" { CONTEXTS_OF_ADDRESSES } else { &[] };
    let of_phones = if top == "phones" { FEATURES } else { &[] };
    let contexts = CONTEXTS.iter().chain(of_addresses).map(|(word, name)| (*word, "contexts", *name));
    contexts.chain(of_phones.iter().map(|(word, name)| (*word, "features", *name)))
}

fn level(row: &Row, word: &str, reads: bool) -> Option<String> {
    let word = word.to_ascii_lowercase();
    if row.name != "EXPERTISE" {
        return Some(word);
    }
    let found = LEVELS.iter().find(|(old, new)| word == if reads { *old } else { *new });
    Some(found.map(|(old, new)| if reads { *new } else { *old })?.to_owned())
}

/// Puts what the parameters say into an entry.
pub(crate) fn read(row: &Row, property: &Property<'_>, entry: &mut Map<String, Value>) {
    let words = types(property);
    for (word, member, name) in meanings(row.top) {
        if words.iter().any(|it| it.eq_ignore_ascii_case(word)) {
            let set = entry.entry(member).or_insert_with(|| json!({}));
            if let Some(set) = set.as_object_mut() {
                set.insert(name.to_owned(), json!(true));
            }
        }
    }
    let said =
        property.parameter("PREF").and_then(|it| it.trim().parse::<u32>().ok()).filter(|it| (1..=100).contains(it));
    // RFC 9555 §2.3; of 3.0 it is a word of TYPE.
    let pref = said.or_else(|| words.iter().any(|it| it.eq_ignore_ascii_case("pref")).then_some(1));
    if let Some(pref) = pref {
        entry.insert("pref".to_owned(), json!(pref));
    }
    for known in PARAMETERS.iter().filter(|it| it.tops.contains(&row.top)) {
        let Some(text) = property.parameter(known.name) else { continue };
        let value =
            if known.is_number { text.trim().parse::<u32>().ok().map(|it| json!(it)) } else { Some(json!(text)) };
        entry.extend(value.map(|value| (known.member.to_owned(), value)));
    }
    if row.top == "personalInfo"
        && let Some(level) = property.parameter("LEVEL").and_then(|word| level(row, &word, true))
    {
        entry.insert("level".to_owned(), json!(level));
    }
}

/// The parameters of a line, as `;NAME=value` each: those that the entry says, and of the line before those that it cannot say.
pub(crate) fn written(
    row: &Row,
    entry: &Map<String, Value>,
    before: Option<&Property<'_>>,
    version: CardVersion,
) -> String {
    let mut words: Vec<String> = Vec::new();
    let is_meant = |word: &str| meanings(row.top).any(|(known, ..)| known.eq_ignore_ascii_case(word));
    // The type of octets goes with them.
    let is_octets = row.form == crate::tables::Form::Octets;
    if let Some(before) = before.filter(|_| !is_octets) {
        words.extend(types(before).into_iter().filter(|it| !is_meant(it) && !it.eq_ignore_ascii_case("pref")));
    }
    for (word, member, name) in meanings(row.top) {
        if entry.get(member).and_then(|set| set.get(name)) == Some(&json!(true)) {
            words.push(word.to_owned());
        }
    }
    let mut text = String::new();
    let mut add = |name: &str, value: &str| text.extend([";", name, "=", &parameter_value(value)]);
    match entry.get("pref").and_then(Value::as_u64) {
        Some(1) if version == CardVersion::V3 => words.push("pref".to_owned()),
        Some(pref) => add("PREF", &pref.to_string()),
        None => {}
    }
    for word in words {
        add("TYPE", &word);
    }
    for known in PARAMETERS.iter().filter(|it| it.tops.contains(&row.top)) {
        match entry.get(known.member) {
            Some(Value::String(value)) => add(known.name, value),
            Some(Value::Number(value)) => add(known.name, &value.to_string()),
            _ => {}
        }
    }
    if let Some(word) = entry.get("level").and_then(Value::as_str).and_then(|word| level(row, word, false)) {
        add("LEVEL", &word);
    }
    text.push_str(&others(before, row.top));
    text
}

/// The parameters of a line that no entry can say, as they are written.
pub(crate) fn others(before: Option<&Property<'_>>, top: &str) -> String {
    let ours = ["TYPE", "PREF", "PROP-ID", "VALUE", "ENCODING", "CHARSET", "JSCOMPS", "DERIVED"];
    let is_ours = |name: &str| {
        ours.iter().any(|it| it.eq_ignore_ascii_case(name))
            || (top == "personalInfo" && name.eq_ignore_ascii_case("LEVEL"))
            || PARAMETERS.iter().any(|it| it.tops.contains(&top) && it.name.eq_ignore_ascii_case(name))
    };
    let mut text = String::new();
    for parameter in before.into_iter().flat_map(Property::parameters).filter(|it| !is_ours(it.name)) {
        let values: Vec<String> = parameter.values().map(|it| parameter_value(&it)).collect();
        text.extend([";", parameter.name, "=", &values.join(",")]);
    }
    text
}
