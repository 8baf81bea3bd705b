//! Sets of words: keywords (CATEGORIES) and categories (CONCEPT, RFC 9253 §8.1).

use crate::facets::{Change, Part, set, to_set};
use crate::{Refused, source::Edits};
use passerelle_wire_ical::{Property, escaped, pieces, unescaped};
use serde_json::{Map, Value};

/// The property, and whether one line has several words.
const SETS: [(&str, &str, bool); 2] = [("keywords", "CATEGORIES", true), ("categories", "CONCEPT", false)];

fn words(property: &Property<'_>, is_list: bool) -> Vec<String> {
    if !is_list {
        return vec![property.value().trim().to_owned()];
    }
    let all = pieces(property.value(), ',').map(|word| unescaped(word.trim()).into_owned());
    all.filter(|word| !word.is_empty()).collect()
}

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    for (name, of, is_list) in SETS {
        let all: Vec<String> = part.component.all(of).flat_map(|property| words(property, is_list)).collect();
        if !all.is_empty() {
            told.insert(name.to_owned(), to_set(all.iter().map(String::as_str)));
        }
    }
}

/// Words that stay are left where they are; what is new is a line of its own.
pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    for (name, of, is_list) in SETS {
        if change.old.get(name) == change.new.get(name) {
            continue;
        }
        let wanted = set(change.new, "", name)?;
        let mut there = Vec::new();
        for property in part.component.all(of) {
            let all = words(property, is_list);
            let kept: Vec<&str> = all.iter().map(String::as_str).filter(|word| wanted.contains(word)).collect();
            if kept.is_empty() {
                edits.remove(property);
            } else if kept.len() < all.len() {
                edits.value(property, &kept.iter().map(|word| escaped(word)).collect::<Vec<_>>().join(","));
            }
            there.extend(all);
        }
        let new: Vec<&str> = wanted.into_iter().filter(|word| !there.iter().any(|known| known == word)).collect();
        if new.iter().any(|word| word.trim().is_empty() || word.chars().any(char::is_control)) {
            return Err(Refused::new(name, "a word of it is empty, or has control characters"));
        }
        if is_list && !new.is_empty() {
            let value = new.iter().map(|word| escaped(word)).collect::<Vec<_>>().join(",");
            edits.add(part.component, &format!("{of}:{value}"));
        } else {
            new.iter().for_each(|word| edits.add(part.component, &format!("{of}:{word}")));
        }
    }
    Ok(())
}
