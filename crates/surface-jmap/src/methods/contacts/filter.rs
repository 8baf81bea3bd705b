//! Which cards a query is about, and in which order (RFC 9610 §3.3.1, §3.3.2).

use super::cards::Card;
use crate::{
    id::CollectionId,
    methods::{
        conditions::{Filter, Logic},
        listed::Compare,
    },
};
use passerelle_wire_ical::{Collation, MatchType, TextMatch};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::cmp::Ordering;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Condition {
    in_address_book: Option<String>,
    uid: Option<String>,
    has_member: Option<String>,
    kind: Option<String>,
    created_before: Option<String>,
    created_after: Option<String>,
    updated_before: Option<String>,
    updated_after: Option<String>,
    text: Option<String>,
    name: Option<String>,
    #[serde(rename = "name/given")]
    given: Option<String>,
    #[serde(rename = "name/surname")]
    surname: Option<String>,
    #[serde(rename = "name/surname2")]
    surname2: Option<String>,
    nickname: Option<String>,
    organization: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    online_service: Option<String>,
    address: Option<String>,
    note: Option<String>,
}

/// The only address book that a filter leaves, where it says so plainly.
pub(super) fn only_book(filter: Option<&Filter<Condition>>) -> Option<CollectionId> {
    match filter? {
        Filter::One(one) => CollectionId::parse(one.in_address_book.as_deref()?),
        Filter::Joined(Logic::And, all) => all.iter().find_map(|it| only_book(Some(it))),
        Filter::Joined(Logic::Or | Logic::Not, _) => None,
    }
}

impl Condition {
    /// Whether it holds for a card.
    pub(super) fn holds(&self, card: &Card) -> bool {
        let told = &card.told;
        let said = |name: &str| told.get(name).and_then(Value::as_str);
        // Of both spellings of a moment the one is before the other when its text is.
        let before = |name: &str, when: &Option<String>| {
            when.as_ref().is_none_or(|it| said(name).is_some_and(|at| at < it.as_str()))
        };
        let after = |name: &str, when: &Option<String>| {
            when.as_ref().is_none_or(|it| said(name).is_some_and(|at| at >= it.as_str()))
        };
        self.in_address_book.as_ref().is_none_or(|it| *it == card.book)
            && self.uid.as_ref().is_none_or(|it| said("uid") == Some(it))
            && self
                .has_member
                .as_ref()
                .is_none_or(|it| entries(told, "members").is_some_and(|all| all.contains_key(it)))
            && self.kind.as_ref().is_none_or(|it| said("kind").unwrap_or("individual") == it)
            && before("created", &self.created_before)
            && after("created", &self.created_after)
            && before("updated", &self.updated_before)
            && after("updated", &self.updated_after)
            && self
                .texts()
                .into_iter()
                .all(|(wanted, places)| wanted.as_ref().is_none_or(|text| has(told, places, text)))
    }

    /// Those of its words that a name, a login or an address may have.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let texts = [&self.text, &self.name, &self.given, &self.surname, &self.email];
        texts.into_iter().flatten().flat_map(|text| text.split_whitespace()).map(|word| word.trim_matches(['"', '\'']))
    }

    /// The texts that are looked for, each with where.
    fn texts(&self) -> [(&Option<String>, &'static [&'static str]); 12] {
        [
            (&self.text, &TEXTS),
            (&self.name, &["name"]),
            (&self.given, &["name/given"]),
            (&self.surname, &["name/surname"]),
            (&self.surname2, &["name/surname2"]),
            (&self.nickname, &["nicknames"]),
            (&self.organization, &["organizations"]),
            (&self.email, &["emails"]),
            (&self.phone, &["phones"]),
            (&self.online_service, &["onlineServices"]),
            (&self.address, &["addresses"]),
            (&self.note, &["notes"]),
        ]
    }
}

/// Where a text is looked for that is said of no one place.
const TEXTS: [&str; 11] = [
    "name",
    "nicknames",
    "organizations",
    "titles",
    "emails",
    "phones",
    "onlineServices",
    "addresses",
    "notes",
    "keywords",
    "links",
];
/// What of an entry is no text of a person's.
const WORDS: [&str; 7] = ["@type", "kind", "contexts", "features", "vCardName", "pref", "mediaType"];

fn entries<'v>(told: &'v Map<String, Value>, top: &str) -> Option<&'v Map<String, Value>> {
    told.get(top)?.as_object()
}

/// Whether each word of a text stands in one of these places; in quotes it is one.
fn has(told: &Map<String, Value>, places: &[&str], text: &str) -> bool {
    let text = text.trim();
    let whole = text.strip_prefix(['"', '\'']).and_then(|it| it.strip_suffix(['"', '\'']));
    let words: Vec<&str> = whole.map_or_else(|| text.split_whitespace().collect(), |whole| vec![whole]);
    let mut found: Vec<&str> = Vec::new();
    for place in places {
        match place.split_once('/') {
            Some((_, part)) => found.extend(parts_of_name(told, part)),
            None if *place == "keywords" => {
                found.extend(entries(told, place).into_iter().flatten().map(|(word, _)| word.as_str()));
            }
            None => told.get(*place).into_iter().for_each(|value| strings(value, &mut found)),
        }
    }
    words.into_iter().all(|word| {
        let wanted = TextMatch::new(word, Collation::UnicodeCasemap, MatchType::Contains);
        found.iter().any(|text| wanted.matches(text))
    })
}

fn strings<'v>(value: &'v Value, to: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => to.push(text),
        Value::Array(all) => all.iter().for_each(|it| strings(it, to)),
        Value::Object(all) => {
            all.iter().filter(|(name, _)| !WORDS.contains(&name.as_str())).for_each(|(_, it)| strings(it, to));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The parts of a card's name that are of this kind.
fn parts_of_name<'v>(told: &'v Map<String, Value>, kind: &str) -> Vec<&'v str> {
    let parts = told.get("name").and_then(|name| name.get("components")).and_then(Value::as_array);
    let is_it = |part: &&Value| part.get("kind").and_then(Value::as_str) == Some(kind);
    parts.into_iter().flatten().filter(is_it).filter_map(|part| part.get("value")?.as_str()).collect()
}

/// How a property puts two cards in order.
pub(super) fn order(property: &str) -> Option<Compare<Card>> {
    fn by_part(kind: &str, one: &Card, other: &Card) -> Ordering {
        let key = |card: &Card| parts_of_name(&card.told, kind).join(" ").to_lowercase();
        key(one).cmp(&key(other))
    }
    fn by_moment(name: &str, one: &Card, other: &Card) -> Ordering {
        let key = |card: &Card| card.told.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        key(one).cmp(&key(other))
    }
    match property {
        "created" => Some(|one, other| by_moment("created", one, other)),
        "updated" => Some(|one, other| by_moment("updated", one, other)),
        "name/given" => Some(|one, other| by_part("given", one, other)),
        "name/surname" => Some(|one, other| by_part("surname", one, other)),
        "name/surname2" => Some(|one, other| by_part("surname2", one, other)),
        _ => None,
    }
}
