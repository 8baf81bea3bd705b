//! Whether two objects say the same. A store may keep other octets than it was given: lines and parameters in an order of its own.

use passerelle_wire_ical::{Component, Property};

/// Whether what is said of each event, task and note is the same, in whatever order. What is said of the calendar as a whole, and how
/// time zones are described, is a program's own.
pub fn says_the_same(one: &[u8], other: &[u8]) -> bool {
    let (Ok(one), Ok(other)) = (Component::calendar(one), Component::calendar(other)) else { return false };
    let parts = |calendar: &Component<'_>| {
        let mut all: Vec<_> = calendar.components.iter().filter(|it| !it.is("VTIMEZONE")).map(lines).collect();
        all.sort_unstable();
        all
    };
    parts(&one) == parts(&other)
}

/// The lines of a component, in an order that is always the same.
fn lines(component: &Component<'_>) -> Vec<String> {
    let mut all: Vec<String> = component.properties.iter().map(line).collect();
    all.extend(component.components.iter().map(|inner| lines(inner).join("\n")));
    all.sort_unstable();
    all.insert(0, component.name().to_ascii_uppercase());
    all
}

fn line(property: &Property<'_>) -> String {
    let mut parameters: Vec<String> = property
        .parameters()
        .map(|it| format!(";{}={}", it.name.to_ascii_uppercase(), it.values().collect::<Vec<_>>().join(",")))
        .collect();
    parameters.sort_unstable();
    format!("{}{}:{}", property.name().to_ascii_uppercase(), parameters.concat(), property.value().trim())
}
