//! A card as JSContact has it, and which of its lines say what.

use crate::{
    dates, entry,
    line::{LABEL, digest, label},
    name,
    tables::{ROWS, Row, SETS, SINGLES},
};
use passerelle_wire_ical::{Card, Property, Wrong, pieces, unescaped};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a line says a part of: a property of JSContact, or one entry of one.
pub(crate) type Path = (String, Option<String>);

/// A card that was read.
#[derive(Debug)]
pub struct Contact<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) card: Card<'a>,
    told: Map<String, Value>,
    /// What each line says, in their order.
    pub(crate) says: Vec<Vec<Path>>,
}

impl<'a> Contact<'a> {
    /// Reads one card.
    ///
    /// # Errors
    /// The first line that is wrong, or that it is not exactly one VCARD.
    pub fn read(octets: &'a [u8]) -> Result<Self, Wrong> {
        let card = Card::read(octets)?;
        let mut reader = Reader::default();
        let properties = &card.component().properties;
        for property in properties {
            // What cannot be read is kept as it is.
            let paths = if property.is_broken() { Vec::new() } else { reader.line(property) };
            reader.says.push(paths);
        }
        reader.names(&card);
        reader.labels(&card);
        let Reader { mut told, maps, says, .. } = reader;
        told.extend(maps.into_iter().map(|(top, map)| (top, Value::Object(map))));
        told.insert("@type".to_owned(), json!("Card"));
        told.insert("version".to_owned(), json!("1.0"));
        Ok(Self { octets, card, told, says })
    }

    /// What JSContact has words for.
    pub fn json(&self) -> &Map<String, Value> {
        &self.told
    }

    /// The card itself.
    pub fn card(&self) -> &Card<'a> {
        &self.card
    }
}

/// The row of a property's name.
pub(crate) fn row_of(property: &Property<'_>) -> Option<&'static Row> {
    ROWS.iter().find(|row| property.is(row.name))
}

/// The id of an entry whose line names none.
pub(crate) fn id_of(name: &str, value: &str) -> String {
    digest(&format!("{}:{}", name.to_ascii_uppercase(), unescaped(value)))
}

/// `Id = 1*255(ALPHA / DIGIT / "-" / "_")` (RFC 9553 §1.4.1)
pub(crate) fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'))
}

#[derive(Default)]
struct Reader {
    told: Map<String, Value>,
    /// Those of its properties that have entries.
    maps: BTreeMap<String, Map<String, Value>>,
    says: Vec<Vec<Path>>,
    /// Which lines were met: those of a name that have others in other languages, and those that count once.
    alternatives: HashSet<(String, String)>,
    names: HashSet<String>,
    /// How many entries have been met whose id would be this one.
    again: HashMap<Path, u32>,
}

impl Reader {
    /// Notes what a line says, and tells of what.
    fn line(&mut self, property: &Property<'_>) -> Vec<Path> {
        let alone = |top: &str| vec![(top.to_owned(), None)];
        let name = property.name().to_ascii_uppercase();
        if let Some(alternative) = property.parameter("ALTID")
            && !self.alternatives.insert((name.clone(), alternative.into_owned()))
        {
            // The same in another language.
            return Vec::new();
        }
        if let Some((_, top)) = SINGLES.iter().find(|(names, _)| names.iter().any(|name| property.is(name))) {
            let value = self.single(top, property);
            return value
                .map(|value| self.told.insert((*top).to_owned(), value))
                .map(|_| alone(top))
                .unwrap_or_default();
        }
        if let Some((_, top)) = SETS.iter().find(|(names, _)| names.iter().any(|name| property.is(name))) {
            let decoded = property.decoded();
            let names: Vec<String> = if *top == "members" {
                vec![decoded.into_owned()]
            } else {
                pieces(&decoded, ',').map(|it| unescaped(it).into_owned()).collect()
            };
            let names: Vec<String> = names.into_iter().filter(|it| !it.is_empty()).collect();
            for name in &names {
                self.map(top).insert(name.clone(), json!(true));
            }
            let each = |name: String| ((*top).to_owned(), Some(name));
            return if *top == "members" { names.into_iter().map(each).collect() } else { alone(top) };
        }
        if property.is("RELATED") {
            return self.related(property);
        }
        if property.is("GRAMGENDER") || property.is("PRONOUNS") {
            self.speaking(property);
            return alone("speakToAs");
        }
        if property.is("N") || property.is("FN") {
            // Only the first of either counts.
            let is_first = self.names.insert(name);
            return if is_first { alone("name") } else { Vec::new() };
        }
        match row_of(property) {
            Some(row) => self.entries(row, property),
            None => Vec::new(),
        }
    }

    fn map(&mut self, top: &str) -> &mut Map<String, Value> {
        self.maps.entry(top.to_owned()).or_default()
    }

    fn single(&self, top: &str, property: &Property<'_>) -> Option<Value> {
        if self.told.contains_key(top) {
            return None;
        }
        let text = property.decoded();
        let text = unescaped(&text);
        let text = text.trim();
        match top {
            "created" | "updated" => dates::moment(text).map(|it| json!(it)),
            "kind" => Some(json!(text.to_ascii_lowercase())),
            _ => (!text.is_empty()).then(|| json!(text)),
        }
    }

    fn related(&mut self, property: &Property<'_>) -> Vec<Path> {
        // A name in place of an address is nobody that can be looked up.
        if property.parameter("VALUE").is_some_and(|it| it.eq_ignore_ascii_case("text")) {
            return Vec::new();
        }
        let uri = property.value().to_owned();
        let kinds = crate::parameters::values(property, "TYPE")
            .flat_map(|it| it.split(',').map(str::to_ascii_lowercase).collect::<Vec<_>>());
        let kinds: Map<String, Value> = kinds.filter(|it| !it.is_empty()).map(|it| (it, json!(true))).collect();
        self.map("relatedTo").insert(uri.clone(), json!({ "@type": "Relation", "relation": kinds }));
        vec![("relatedTo".to_owned(), Some(uri))]
    }

    fn speaking(&mut self, property: &Property<'_>) {
        let text = property.to_text().into_owned();
        let map = self.map("speakToAs");
        if property.is("GRAMGENDER") {
            map.insert("grammaticalGender".to_owned(), json!(text.to_ascii_lowercase()));
            return;
        }
        let id = property
            .parameter("PROP-ID")
            .filter(|id| is_id(id))
            .map_or_else(|| id_of("PRONOUNS", &text), |id| id.into_owned());
        let all = map.entry("pronouns").or_insert_with(|| json!({}));
        if let Some(all) = all.as_object_mut() {
            let mut entry = Map::from_iter([("pronouns".to_owned(), json!(text))]);
            crate::parameters::read(&PRONOUNS, property, &mut entry);
            all.insert(id, Value::Object(entry));
        }
    }

    fn entries(&mut self, row: &Row, property: &Property<'_>) -> Vec<Path> {
        let all = entry::read(row, property);
        let named = property.parameter("PROP-ID").filter(|id| is_id(id)).map(|id| id.into_owned());
        let is_several = all.len() > 1;
        let mut paths = Vec::new();
        for entry in all {
            let value = if row.form == crate::tables::Form::List {
                entry.get(row.member).and_then(Value::as_str).unwrap_or_default().to_owned()
            } else {
                property.decoded().into_owned()
            };
            let known = named.clone().filter(|_| !is_several);
            let wanted = known.unwrap_or_else(|| id_of(row.name, &value));
            let met = self.again.entry((row.top.to_owned(), Some(wanted.clone()))).or_default();
            *met = met.saturating_add(1);
            let id = if *met == 1 { wanted } else { format!("{wanted}-{met}") };
            let map = self.map(row.top);
            if map.contains_key(&id) {
                // Its own id is another's that was made up: it stays where it is, untold.
                continue;
            }
            map.insert(id.clone(), Value::Object(entry));
            paths.push((row.top.to_owned(), Some(id)));
        }
        paths
    }

    fn names(&mut self, card: &Card<'_>) {
        let first = |name: &str| card.component().property(name).filter(|it| !it.is_broken());
        if let Some(name) = name::read(first("N"), first("FN")) {
            self.told.insert("name".to_owned(), name);
        }
    }

    /// Labels are lines of their own, in the group of what they label.
    fn labels(&mut self, card: &Card<'_>) {
        let properties = &card.component().properties;
        let mut labelled: HashMap<String, Path> = HashMap::new();
        for (property, says) in properties.iter().zip(&self.says).filter(|(it, _)| !it.is(LABEL)) {
            if let (Some(group), [path @ (_, Some(_))]) = (property.group(), says.as_slice()) {
                labelled.entry(group.to_ascii_lowercase()).or_insert_with(|| path.clone());
            }
        }
        for (at, property) in properties.iter().enumerate().filter(|(_, it)| it.is(LABEL) && !it.is_broken()) {
            let Some(group) = property.group() else { continue };
            let Some((top, Some(id))) = labelled.get(&group.to_ascii_lowercase()) else { continue };
            let (top, id) = (top.clone(), id.clone());
            let entry = self.maps.get_mut(&top).and_then(|map| map.get_mut(&id)).and_then(Value::as_object_mut);
            if let Some(entry) = entry {
                entry.insert("label".to_owned(), json!(label(property)));
                if let Some(says) = self.says.get_mut(at) {
                    says.push((top, Some(id)));
                }
            }
        }
    }
}

/// What PRONOUNS has beside its text.
pub(crate) const PRONOUNS: Row =
    Row { name: "PRONOUNS", top: "pronouns", member: "pronouns", kind: None, form: crate::tables::Form::Text };
