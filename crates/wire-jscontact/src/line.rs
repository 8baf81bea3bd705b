//! The lines of a card with their octets: each property with all its physical lines, what is before and what is behind them.

use passerelle_wire_ical::{Card, Property};

/// A card cut into its lines.
#[derive(Debug)]
pub(crate) struct Cut<'a> {
    /// Up to the first property.
    pub(crate) head: &'a [u8],
    /// The octets of each property.
    pub(crate) lines: Vec<&'a [u8]>,
    /// From END on.
    pub(crate) tail: &'a [u8],
}

impl<'a> Cut<'a> {
    /// Cuts the octets that a card was read from; `None` where something is in it that no line is.
    pub(crate) fn of(octets: &'a [u8], card: &Card<'_>) -> Option<Self> {
        if !card.component().components.is_empty() {
            return None;
        }
        let ends = octets.iter().enumerate().filter(|(_, octet)| **octet == b'\n').map(|(at, _)| at.saturating_add(1));
        let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
        let is_end = |at: &usize| {
            let line = octets.get(*at..)?.split(|octet| *octet == b'\n').next()?;
            line.trim_ascii().eq_ignore_ascii_case(b"END:VCARD").then_some(())
        };
        let end = *starts.iter().rev().find(|at| is_end(at).is_some())?;
        let start = |property: &Property<'_>| starts.get(property.line().checked_sub(1)?).copied();
        let properties = &card.component().properties;
        let mut bounds: Vec<usize> = properties.iter().map(start).collect::<Option<_>>()?;
        bounds.push(end);
        let lines = bounds.windows(2).map(|it| octets.get(*it.first()?..*it.last()?)).collect::<Option<_>>()?;
        Some(Self { head: octets.get(..*bounds.first()?)?, lines, tail: octets.get(end..)? })
    }
}

/// The label of Apple's that a group has.
pub(crate) const LABEL: &str = "X-ABLABEL";

/// The text of such a label: its own words stand between marks.
pub(crate) fn label(property: &Property<'_>) -> String {
    let text = property.to_text();
    let text = text.strip_prefix("_$!<").and_then(|it| it.strip_suffix(">!$_")).unwrap_or(&text);
    text.to_owned()
}

/// A short digest of a text, for the id of an entry that names none (FNV-1a).
pub(crate) fn digest(text: &str) -> String {
    let step = |hash: u64, octet: u8| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    let [a, b, c, d, e, f, g, h] = hash.to_be_bytes();
    [a ^ e, b ^ f, c ^ g, d ^ h].iter().map(|octet| format!("{octet:02x}")).collect()
}
