//! Ids of what an object has several of (RFC 8984 §1.4.1): the one that JSID says, or a number made of what it is, so that it stays
//! the same while that does, whatever comes and goes beside it.

use crate::Refused;
use passerelle_wire_ical::Property;
use serde_json::{Map, Value};

/// The parameter, and the property of a component, that has an id that a client gave.
pub(crate) const JSID: &str = "JSID";

/// `Id = 1*255(ALPHA / DIGIT / "-" / "_")`
fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'))
}

/// An id made of a text: FNV-1a, since nothing has to be kept from whoever writes both.
pub(crate) fn made(text: &str) -> String {
    let step = |hash: u64, octet: u8| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3);
    format!("i{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

/// The id of a property that says one, or else is this text.
pub(crate) fn of(property: &Property<'_>, text: &str) -> String {
    property.parameter(JSID).filter(|id| is_id(id)).map_or_else(|| made(text), std::borrow::Cow::into_owned)
}

/// The id of a component that says one, or else is this text.
pub(crate) fn said(property: Option<&Property<'_>>, text: &str) -> String {
    let own = property.map(|it| it.value().trim()).filter(|id| is_id(id));
    own.map_or_else(|| made(text), str::to_owned)
}

/// The parameter that keeps an id, where the text alone would not make it.
pub(crate) fn parameter(id: &str, text: &str) -> String {
    if made(text) == id { String::new() } else { format!(";{JSID}={id}") }
}

/// Something that is there, with its id and as it is told.
#[derive(Clone, Debug)]
pub(crate) struct Found<T> {
    pub(crate) id: String,
    pub(crate) at: T,
    pub(crate) told: Value,
}

/// The second of an id has another.
pub(crate) fn distinct<T>(mut all: Vec<Found<T>>) -> Vec<Found<T>> {
    let mut seen = std::collections::HashMap::new();
    for one in &mut all {
        let many = seen.entry(one.id.clone()).and_modify(|many| *many += 1).or_insert(1);
        if *many > 1 {
            one.id = format!("{}-{many}", one.id);
        }
    }
    all
}

/// All of them as a property is told.
pub(crate) fn told<T>(all: &[Found<T>], name: &str, told: &mut Map<String, Value>) {
    if !all.is_empty() {
        let all: Map<String, Value> = all.iter().map(|one| (one.id.clone(), one.told.clone())).collect();
        told.insert(name.to_owned(), all.into());
    }
}

/// What becomes of one.
#[derive(Debug)]
pub(crate) enum Step<'n, T> {
    Gone(T),
    Other(T, &'n str, &'n Map<String, Value>),
    New(&'n str, &'n Map<String, Value>),
}

/// What becomes of each where a property is to be this.
pub(crate) fn steps<'n, T>(
    there: Vec<Found<T>>,
    new: &'n Map<String, Value>,
    name: &str,
) -> Result<Vec<Step<'n, T>>, Refused> {
    let wrong = || Refused::new(name, "it is an object of objects by ids");
    let wanted = match new.get(name) {
        None | Some(Value::Null) => None,
        Some(all) => Some(all.as_object().ok_or_else(wrong)?),
    };
    let mut steps = Vec::new();
    let known: Vec<String> = there.iter().map(|one| one.id.clone()).collect();
    for Found { id, at, told } in there {
        match wanted.and_then(|all| all.get_key_value(&id)) {
            Some((_, same)) if *same == told => {}
            Some((id, value)) => steps.push(Step::Other(at, id, value.as_object().ok_or_else(wrong)?)),
            None => steps.push(Step::Gone(at)),
        }
    }
    for (id, value) in wanted.into_iter().flatten().filter(|(id, _)| !known.contains(id)) {
        if !is_id(id) {
            return Err(Refused::new(name, "an id has letters, digits, - and _ only"));
        }
        steps.push(Step::New(id, value.as_object().ok_or_else(wrong)?));
    }
    Ok(steps)
}
