//! Sets of words: keywords (CATEGORIES) and categories (CONCEPT, RFC 9253 §8.1).

use crate::facets::{Change, Part, set, to_set};
use crate::{Refused, source::Edits};
use passerelle_wire_ical::{Property, escaped, pieces, unescaped};
use serde_json::{Map, Value};

/// A set: its name, the property, and whether one line has several words.
type Set = (&'static str, &'static str, bool);
const KEYWORDS: Set = ("keywords", "CATEGORIES", true);
const CONCEPTS: Set = ("categories", "CONCEPT", false);

fn words(property: &Property<'_>, is_list: bool) -> Vec<String> {
    if !is_list {
        return vec![property.value().trim().to_owned()];
    }
    let all = pieces(property.value(), ',').map(|word| unescaped(word.trim()).into_owned());
    all.filter(|word| !word.is_empty()).collect()
}

pub(crate) fn read(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    read_set(KEYWORDS, part, told);
}

pub(crate) fn read_concepts(part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    read_set(CONCEPTS, part, told);
}

pub(crate) fn write(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    write_set(KEYWORDS, part, change, edits)
}

pub(crate) fn write_concepts(part: &Part<'_, '_>, change: Change<'_>, edits: &mut Edits) -> Result<(), Refused> {
    write_set(CONCEPTS, part, change, edits)
}

fn read_set((name, of, is_list): Set, part: &Part<'_, '_>, told: &mut Map<String, Value>) {
    let all: Vec<String> = part.component.all(of).flat_map(|property| words(property, is_list)).collect();
    if !all.is_empty() {
        told.insert(name.to_owned(), to_set(all.iter().map(String::as_str)));
    }
}

/// Words that stay are left where they are; what is new is a line of its own.
fn write_set(
    (name, of, is_list): Set,
    part: &Part<'_, '_>,
    change: Change<'_>,
    edits: &mut Edits,
) -> Result<(), Refused> {
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
    Ok(())
}
