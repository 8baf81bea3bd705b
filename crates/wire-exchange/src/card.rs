//! vCards: as they are where CardDAV takes them, else with the least that is missing.

use crate::{Entry, Wrong, blocks, blocks::Block, names, old_card, person::Person};
use passerelle_wire_ical::{Card, CardVersion, Component, escaped, line};

/// The entry of a VCARD.
pub(crate) fn entry(block: &Block<'_>) -> Result<Entry, Wrong> {
    let place = |at: usize| block.line.saturating_add(at.saturating_sub(1));
    let read = Component::cards(block.octets);
    let mut all = read.map_err(|wrong| Wrong::at(place(wrong.line), wrong.what))?.into_iter();
    let component = all.next().ok_or_else(|| Wrong::at(block.line, "an entry that is empty"))?;
    let card = Card::of(component).map_err(|wrong| Wrong::at(place(wrong.line), wrong.what))?;
    let octets = match card.version() {
        Some(version @ (CardVersion::V3 | CardVersion::V4)) => completed(&card, version, block.octets),
        Some(CardVersion::V2) | None => old_card::converted(&card, block.octets),
    };
    let octets = octets.map_err(|what| Wrong::at(block.line, what))?;
    checked(octets, block.line, place)
}

/// An entry of a card that CardDAV takes.
pub(crate) fn checked(octets: Vec<u8>, at: usize, place: impl Fn(usize) -> usize) -> Result<Entry, Wrong> {
    let card = Card::read(&octets).map_err(|wrong| Wrong::at(place(wrong.line), wrong.what))?;
    card.fit().map_err(|unfit| Wrong::at(place(unfit.line), unfit.what))?;
    let (uid, title, known_by) = known(&card);
    Ok(Entry { line: at, uid, title, known_by, octets })
}

/// The octets with what is missing before the END: `UID`, `FN`, and the `N` that 3.0 asks for.
fn completed(card: &Card<'_>, version: CardVersion, octets: &[u8]) -> Result<Vec<u8>, String> {
    let whole = blocks::with_crlf(octets);
    let is_missing = |name: &str| card.component().property(name).is_none_or(|it| it.value().trim().is_empty());
    let mut more = String::new();
    if is_missing("UID") {
        line(&format!("UID:{}", names::uid(&[octets])), &mut more);
    }
    if is_missing("FN") {
        let name = Person::of(card).shown();
        if name.is_empty() {
            return Err("a card without a name, an address or a number".to_owned());
        }
        line(&format!("FN:{}", escaped(&name)), &mut more);
    }
    if version == CardVersion::V3 && card.component().property("N").is_none() {
        line("N:;;;;", &mut more);
    }
    // What is there and empty would be a second one.
    let empty = |name: &str| card.component().property(name).is_some() && is_missing(name);
    if more.is_empty() {
        return Ok(whole);
    }
    let mut out = Vec::with_capacity(whole.len().saturating_add(more.len()));
    let ends = whole.split_inclusive(|octet| *octet == b'\n').rev().position(|it| !it.trim_ascii().is_empty());
    let count = whole.split_inclusive(|octet| *octet == b'\n').count();
    let last = count.saturating_sub(ends.unwrap_or_default().saturating_add(1));
    for (at, text) in whole.split_inclusive(|octet| *octet == b'\n').enumerate() {
        if at == last {
            out.extend_from_slice(more.as_bytes());
        }
        let named = |name: &str| text.trim_ascii().eq_ignore_ascii_case(format!("{name}:").as_bytes());
        if !["UID", "FN"].iter().any(|name| empty(name) && named(name)) {
            out.extend_from_slice(text);
        }
    }
    Ok(out)
}

fn known(card: &Card<'_>) -> (String, String, Vec<String>) {
    let facts = card.facts();
    let name = facts.full_name.to_lowercase();
    let number = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let numbers = card.component().all("TEL").map(|tel| number(&tel.decoded())).filter(|it| it.len() > 3);
    let addresses = facts.emails.iter().map(|it| it.to_lowercase());
    let known_by = addresses.chain(numbers).map(|it| format!("{name}\n{it}")).collect();
    (facts.uid.unwrap_or_default(), facts.full_name, known_by)
}

/// What a stored card is known by.
pub(crate) fn stored(octets: &[u8]) -> Option<Entry> {
    let card = Card::read(octets).ok()?;
    let (uid, title, known_by) = known(&card);
    Some(Entry { line: 1, uid, title, known_by, octets: octets.to_vec() })
}
