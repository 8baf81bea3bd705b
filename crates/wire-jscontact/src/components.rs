//! The parts of names and addresses: `value *( ";" value )`, each `text *( "," text )`, and the order that JSCOMPS says they are read
//! in (RFC 9555 §3.3.1).
//!
//! ```text
//! jscomps = [ separator ] 1*( ";" ( position [ "," index ] / separator ) )
//! separator = "s," text
//! ```

use passerelle_wire_ical::{escaped, pieces, unescaped};
use serde_json::{Map, Value, json};

/// Most places of one name or address, and most texts in one place.
const MOST: usize = 200;

/// The parts by their places; `None` for more than anybody has.
pub(crate) fn places(value: &str) -> Option<Vec<Vec<String>>> {
    let mut all = Vec::new();
    for place in pieces(value, ';') {
        let texts = pieces(place, ',').map(|text| unescaped(text).into_owned()).filter(|text| !text.is_empty());
        let texts: Vec<String> = texts.take(MOST.saturating_add(1)).collect();
        if texts.len() > MOST || all.len() >= MOST {
            return None;
        }
        all.push(texts);
    }
    Some(all)
}

/// The value of these places.
pub(crate) fn value(places: &[Vec<String>]) -> String {
    let place = |texts: &Vec<String>| texts.iter().map(|text| escaped(text)).collect::<Vec<_>>().join(",");
    places.iter().map(place).collect::<Vec<_>>().join(";")
}

/// What a list of parts in JSContact says beside them.
const ORDERED: &str = "isOrdered";
const DEFAULT_SEPARATOR: &str = "defaultSeparator";

/// Adds the parts to what has them: in the order of the places, or in the one that is told. `kinds` names each place; what stands
/// in an older place too is told once.
pub(crate) fn told(
    mut all: Vec<Vec<String>>,
    order: Option<&str>,
    kinds: &[&str],
    repeated: &[(usize, usize)],
    to: &mut Map<String, Value>,
) {
    let one = |place: usize, text: &str| kinds.get(place).map(|kind| json!({ "kind": kind, "value": text }));
    if let Some((parts, separator)) = order.and_then(|order| ordered(order, &all, &one)) {
        to.insert("components".to_owned(), Value::Array(parts));
        to.insert(ORDERED.to_owned(), json!(true));
        if let Some(separator) = separator {
            to.insert(DEFAULT_SEPARATOR.to_owned(), json!(separator));
        }
        return;
    }
    for (new, old) in repeated {
        let again = all.get(*new).cloned().unwrap_or_default();
        if let Some(older) = all.get_mut(*old) {
            older.retain(|text| !again.contains(text));
        }
    }
    let parts = all.iter().enumerate().flat_map(|(place, texts)| texts.iter().filter_map(move |it| one(place, it)));
    let parts: Vec<Value> = parts.collect();
    if !parts.is_empty() {
        to.insert("components".to_owned(), Value::Array(parts));
    }
}

type Ordered = (Vec<Value>, Option<String>);

fn ordered(order: &str, all: &[Vec<String>], one: &dyn Fn(usize, &str) -> Option<Value>) -> Option<Ordered> {
    let mut entries = pieces(order, ';').take(MOST);
    let separator = |entry: &str| entry.strip_prefix("s,").map(|text| unescaped(text).into_owned());
    let default = separator(entries.next()?);
    let mut parts = Vec::new();
    for entry in entries {
        if let Some(text) = separator(entry) {
            parts.push(json!({ "kind": "separator", "value": text }));
            continue;
        }
        let (place, index) = entry.split_once(',').unwrap_or((entry, "0"));
        let (place, index): (usize, usize) = (place.parse().ok()?, index.parse().ok()?);
        parts.push(one(place, all.get(place)?.get(index)?)?);
    }
    Some((parts, default))
}

/// The parts of what has them, put in their places, and the order where they have one. `None` for a part that no place is for.
pub(crate) fn placed(
    from: &Map<String, Value>,
    kinds: &[&str],
    short: usize,
    repeated: &[(usize, usize)],
) -> Option<(Vec<Vec<String>>, Option<String>)> {
    let none = Vec::new();
    let parts = from.get("components").map_or(Some(&none), Value::as_array)?;
    let mut all: Vec<Vec<String>> = vec![Vec::new(); kinds.len()];
    let mut order = Vec::new();
    let text = |part: &Value, name: &str| part.get(name).and_then(Value::as_str).map(str::to_owned);
    let named: Vec<(String, String)> =
        parts.iter().map(|part| Some((text(part, "kind")?, text(part, "value")?))).collect::<Option<_>>()?;
    // A short place serves as long as nothing needs one that came later.
    let fits = |kind: &str| kind == "separator" || kinds.iter().take(short).any(|known| *known == kind);
    let is_short = named.iter().all(|(kind, _)| fits(kind));
    for (kind, value) in named {
        if kind == "separator" {
            order.push(format!("s,{}", escaped(&value)));
            continue;
        }
        let place = if is_short {
            kinds.iter().position(|known| *known == kind)?
        } else {
            kinds.iter().rposition(|known| *known == kind)?
        };
        let texts = all.get_mut(place)?;
        order.push(match texts.len() {
            0 => place.to_string(),
            index => format!("{place},{index}"),
        });
        texts.push(value);
    }
    if is_short {
        all.truncate(short);
    } else {
        for (new, old) in repeated {
            let again = all.get(*new).cloned().unwrap_or_default();
            all.get_mut(*old)?.extend(again);
        }
    }
    let is_ordered = from.get(ORDERED).and_then(Value::as_bool).unwrap_or(false);
    let separator = from.get(DEFAULT_SEPARATOR).and_then(Value::as_str);
    let first = separator.map(|text| format!("s,{}", escaped(text))).unwrap_or_default();
    let order = is_ordered.then(|| std::iter::once(first).chain(order).collect::<Vec<_>>().join(";"));
    Some((all, order))
}
