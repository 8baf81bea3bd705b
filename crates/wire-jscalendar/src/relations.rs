//! `relatedTo` (RFC 8984 §4.1.3): RELATED-TO, by the UIDs of what it is related to.

use crate::facets::{Change, Part, set, to_set};
use crate::{Refused, source::Edits};
use passerelle_wire_ical::{escaped, parameter_value};
use serde_json::{Map, Value, json};

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    let mut all: Map<String, Value> = Map::new();
    for property in part.component.all("RELATED-TO") {
        // RFC 5545 §3.2.15: what is not said is PARENT.
        let kind = property.parameter("RELTYPE").map_or_else(|| "parent".to_owned(), |kind| kind.to_ascii_lowercase());
        let one = all.entry(property.to_text().trim().to_owned()).or_insert_with(|| json!({ "@type": "Relation" }));
        if let Some(one) = one.as_object_mut() {
            let kinds = one.entry("relation").or_insert_with(|| to_set([]));
            kinds.as_object_mut().map(|kinds| kinds.insert(kind, Value::Bool(true)));
        }
    }
    if !all.is_empty() {
        told.insert("relatedTo".to_owned(), all.into());
    }
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    let path = "relatedTo";
    let none = Map::new();
    let objects = |of: &'_ Map<String, Value>| of.get(path).map_or(Some(Map::new()), |it| it.as_object().cloned());
    let wrong = || Refused::new(path, "it is an object of relations by UIDs");
    let (old, new) = (objects(change.old).unwrap_or(none), objects(change.new).ok_or_else(wrong)?);
    for property in part.component.all("RELATED-TO") {
        let uid = property.to_text().trim().to_owned();
        if old.get(&uid) != new.get(&uid) {
            edits.remove(property);
        }
    }
    for (uid, relation) in new.iter().filter(|(uid, relation)| old.get(*uid) != Some(relation)) {
        let relation = relation.as_object().ok_or_else(wrong)?;
        let kinds = set(relation, &format!("{path}/{uid}"), "relation")?;
        for kind in if kinds.is_empty() { vec!["parent"] } else { kinds } {
            let kind = parameter_value(&kind.to_ascii_uppercase());
            edits.add(part.component, &format!("RELATED-TO;RELTYPE={kind}:{}", escaped(uid)));
        }
    }
    Ok(())
}
