//! Somebody, between a table or a directory's entry and a card.

use crate::{Entry, Wrong, card, names};
use passerelle_wire_ical::{Card, Property, escaped, line, pieces, unescaped};

/// What is told of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) uid: String,
    pub(crate) full: String,
    pub(crate) prefix: String,
    pub(crate) given: String,
    pub(crate) middle: String,
    pub(crate) family: String,
    pub(crate) suffix: String,
    pub(crate) nickname: String,
    pub(crate) organisation: String,
    pub(crate) department: String,
    pub(crate) role: String,
    pub(crate) emails: Vec<Typed>,
    pub(crate) phones: Vec<Typed>,
    pub(crate) urls: Vec<Typed>,
    pub(crate) addresses: Vec<Address>,
    pub(crate) birthday: String,
    pub(crate) categories: Vec<String>,
    pub(crate) notes: Vec<String>,
    /// A photograph in base64.
    pub(crate) photo: String,
    /// The members of a group, by their UIDs; `None` for a person.
    pub(crate) members: Option<Vec<String>>,
}

/// A value with the words of its kind: `work`, `home`, `cell`, `work,fax`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) kind: String,
    pub(crate) value: String,
}

/// Where somebody lives or works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) kind: String,
    pub(crate) po_box: String,
    pub(crate) extended: String,
    pub(crate) street: String,
    pub(crate) city: String,
    pub(crate) region: String,
    pub(crate) code: String,
    pub(crate) country: String,
}

impl Address {
    fn parts(&self) -> [&str; 7] {
        [&self.po_box, &self.extended, &self.street, &self.city, &self.region, &self.code, &self.country]
    }
}

impl Person {
    /// What a card tells.
    pub(crate) fn of(card: &Card<'_>) -> Self {
        let component = card.component();
        let text = |name: &str| component.property(name).map(|it| plain(it)).unwrap_or_default();
        let structure = |name: &str| component.property(name).map(parts).unwrap_or_default();
        let (name, organisation) = (structure("N"), structure("ORG"));
        let at = |all: &[String], place: usize| all.get(place).cloned().unwrap_or_default();
        let typed = |name: &str| -> Vec<Typed> {
            let all = component.all(name).map(|it| Typed { kind: kinds(it), value: value_of(it) });
            all.filter(|it| !it.value.is_empty()).collect()
        };
        let address = |property: &Property<'_>| {
            let all = parts(property);
            Address {
                kind: kinds(property),
                po_box: at(&all, 0),
                extended: at(&all, 1),
                street: at(&all, 2),
                city: at(&all, 3),
                region: at(&all, 4),
                code: at(&all, 5),
                country: at(&all, 6),
            }
        };
        let categories = component.all("CATEGORIES").flat_map(|it| {
            let decoded = it.decoded().into_owned();
            pieces(&decoded, ',').map(|it| unescaped(it).trim().to_owned()).collect::<Vec<_>>()
        });
        Self {
            uid: text("UID"),
            full: text("FN"),
            family: at(&name, 0),
            given: at(&name, 1),
            middle: at(&name, 2),
            prefix: at(&name, 3),
            suffix: at(&name, 4),
            nickname: text("NICKNAME"),
            organisation: at(&organisation, 0),
            department: at(&organisation, 1),
            role: text("TITLE"),
            emails: typed("EMAIL"),
            phones: typed("TEL"),
            urls: typed("URL"),
            addresses: component.all("ADR").map(address).collect(),
            birthday: text("BDAY"),
            categories: categories.filter(|it| !it.is_empty()).collect(),
            notes: component.all("NOTE").map(plain).filter(|it| !it.is_empty()).collect(),
            photo: String::new(),
            members: None,
        }
    }

    /// What they are called; by an address or a number where they have no name.
    pub(crate) fn shown(&self) -> String {
        let name = [&self.prefix, &self.given, &self.middle, &self.family, &self.suffix];
        let name = name.into_iter().filter(|it| !it.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        let first = |all: &[Typed]| all.first().map(|it| it.value.clone()).unwrap_or_default();
        let all = [
            self.full.clone(),
            name,
            self.nickname.clone(),
            self.organisation.clone(),
            first(&self.emails),
            first(&self.phones),
        ];
        all.into_iter().find(|it| !it.trim().is_empty()).unwrap_or_default().trim().to_owned()
    }

    /// The entry of them: a card of version 3.0.
    pub(crate) fn entry(&self, at: usize) -> Result<Entry, Wrong> {
        let shown = self.shown();
        if shown.is_empty() {
            return Err(Wrong::at(at, "nobody: no name, no address and no number"));
        }
        let mut body = String::new();
        let mut text = |name: &str, value: &str| {
            if !value.is_empty() {
                line(&format!("{name}:{}", escaped(value)), &mut body);
            }
        };
        text("FN", &shown);
        text("NICKNAME", &self.nickname);
        text("TITLE", &self.role);
        let joined = |all: &[&str]| all.iter().map(|it| escaped(it)).collect::<Vec<_>>().join(";");
        let name = joined(&[&self.family, &self.given, &self.middle, &self.prefix, &self.suffix]);
        line(&format!("N:{name}"), &mut body);
        if !self.department.is_empty() {
            line(&format!("ORG:{}", joined(&[&self.organisation, &self.department])), &mut body);
        } else if !self.organisation.is_empty() {
            line(&format!("ORG:{}", escaped(&self.organisation)), &mut body);
        }
        for (property, all) in [("EMAIL", &self.emails), ("TEL", &self.phones), ("URL", &self.urls)] {
            for Typed { kind, value } in all {
                let value = if property == "URL" { uri(value) } else { escaped(value) };
                line(&format!("{property}{}:{value}", typed(kind)), &mut body);
            }
        }
        for address in &self.addresses {
            line(&format!("ADR{}:{}", typed(&address.kind), joined(&address.parts())), &mut body);
        }
        if !self.birthday.is_empty() {
            line(&format!("BDAY:{}", self.birthday), &mut body);
        }
        if !self.categories.is_empty() {
            let all: Vec<String> = self.categories.iter().map(|it| escaped(it)).collect();
            line(&format!("CATEGORIES:{}", all.join(",")), &mut body);
        }
        if !self.notes.is_empty() {
            line(&format!("NOTE:{}", escaped(&self.notes.join("\n"))), &mut body);
        }
        if !self.photo.is_empty() {
            line(&format!("PHOTO;ENCODING=b;TYPE=JPEG:{}", self.photo), &mut body);
        }
        if let Some(members) = &self.members {
            line("X-ADDRESSBOOKSERVER-KIND:group", &mut body);
            for uid in members {
                line(&format!("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{uid}"), &mut body);
            }
        }
        let uid = if self.uid.is_empty() { names::uid(&[body.as_bytes()]) } else { self.uid.clone() };
        let octets = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{}\r\n{body}END:VCARD\r\n", escaped(&uid));
        card::checked(octets.into_bytes(), at, |_| at)
    }
}

fn typed(kind: &str) -> String {
    if kind.is_empty() { String::new() } else { format!(";TYPE={kind}") }
}

/// A URI without what would end its line.
fn uri(value: &str) -> String {
    value.chars().filter(|it| !it.is_control() && !it.is_whitespace()).collect()
}

fn plain(property: &Property<'_>) -> String {
    unescaped(&property.decoded()).trim().to_owned()
}

/// A value, of which a number may be a URI (RFC 6350 §6.4.1).
fn value_of(property: &Property<'_>) -> String {
    let value = plain(property);
    value.strip_prefix("tel:").map(str::to_owned).unwrap_or(value)
}

fn parts(property: &Property<'_>) -> Vec<String> {
    pieces(&property.decoded(), ';').map(|it| unescaped(it).trim().to_owned()).collect()
}

/// The words of its kind, in small letters and without those that say nothing.
fn kinds(property: &Property<'_>) -> String {
    let types = property.parameters().filter(|it| it.is("TYPE")).flat_map(|it| it.values().collect::<Vec<_>>());
    let mut all: Vec<String> = types.map(|it| it.to_ascii_lowercase()).collect();
    all.retain(|it| matches!(it.as_str(), "work" | "home" | "cell" | "fax" | "pager" | "car" | "other"));
    all.sort_unstable_by_key(|it| !matches!(it.as_str(), "work" | "home"));
    all.dedup();
    all.join(",")
}
