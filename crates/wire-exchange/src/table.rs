//! Contacts as tables that Google and Outlook take, with the headings that they write themselves. No cell is one that a spreadsheet
//! would take for a formula.

use crate::person::{Address, Person, Typed};
use passerelle_wire_ical::Card;

/// Whose headings a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Google's, as of 2024.
    Google,
    /// Outlook's, in English: every Outlook takes them.
    Outlook,
}

/// How many of each Google's table has columns for; what is more shares the last, as Google has it.
const NUMBERED: usize = 3;
const GOOGLE: [&str; 16] = [
    "First Name",
    "Middle Name",
    "Last Name",
    "Name Prefix",
    "Name Suffix",
    "Nickname",
    "File As",
    "Organization Name",
    "Organization Title",
    "Organization Department",
    "Birthday",
    "Notes",
    "Labels",
    "Website 1 - Label",
    "Website 1 - Value",
    "Website 2 - Value",
];
const OUTLOOK: [&str; 43] = [
    "Title",
    "First Name",
    "Middle Name",
    "Last Name",
    "Suffix",
    "Company",
    "Department",
    "Job Title",
    "Business Street",
    "Business City",
    "Business State",
    "Business Postal Code",
    "Business Country/Region",
    "Home Street",
    "Home City",
    "Home State",
    "Home Postal Code",
    "Home Country/Region",
    "Other Street",
    "Other City",
    "Other State",
    "Other Postal Code",
    "Other Country/Region",
    "Business Fax",
    "Business Phone",
    "Business Phone 2",
    "Home Fax",
    "Home Phone",
    "Home Phone 2",
    "Mobile Phone",
    "Other Fax",
    "Other Phone",
    "Pager",
    "Birthday",
    "Categories",
    "E-mail Address",
    "E-mail 2 Address",
    "E-mail 3 Address",
    "Nickname",
    "Notes",
    "Web Page",
    "Personal Web Page",
    "Full Name",
];
const ADDRESS: [&str; 7] = ["Street", "Extended Address", "City", "Region", "Postal Code", "Country", "PO Box"];

impl Table {
    /// The first line, with a byte order mark: Outlook and spreadsheets take it for Windows' own charset without.
    pub fn head(self) -> String {
        let cells: Vec<String> = match self {
            Self::Outlook => OUTLOOK.iter().map(|it| (*it).to_owned()).collect(),
            Self::Google => {
                let mut cells: Vec<String> = GOOGLE.iter().map(|it| (*it).to_owned()).collect();
                for number in 1..=NUMBERED {
                    for what in ["E-mail", "Phone"] {
                        cells.extend(["Label", "Value"].map(|part| format!("{what} {number} - {part}")));
                    }
                    cells.push(format!("Address {number} - Label"));
                    cells.extend(ADDRESS.map(|part| format!("Address {number} - {part}")));
                }
                cells
            }
        };
        format!("\u{feff}{}", row(&cells))
    }
}

/// The row of a card; `None` for what cannot be read.
pub fn table(kind: Table, octets: &[u8]) -> Option<String> {
    let person = Person::of(&Card::read(octets).ok()?);
    Some(row(&match kind {
        Table::Google => google(&person),
        Table::Outlook => outlook(&person),
    }))
}

fn google(person: &Person) -> Vec<String> {
    let given_alone = person.given.is_empty() && person.family.is_empty();
    let url = |at: usize| person.urls.get(at).map(|it| it.value.clone()).unwrap_or_default();
    let mut cells = vec![
        if given_alone { person.shown() } else { person.given.clone() },
        person.middle.clone(),
        person.family.clone(),
        person.prefix.clone(),
        person.suffix.clone(),
        person.nickname.clone(),
        person.full.clone(),
        person.organisation.clone(),
        person.role.clone(),
        person.department.clone(),
        person.birthday.clone(),
        person.notes.join("\n"),
        person.categories.join(" ::: "),
        person.urls.first().map(|it| label(&it.kind)).unwrap_or_default(),
        url(0),
        person.urls.iter().skip(1).map(|it| it.value.clone()).collect::<Vec<_>>().join(" ::: "),
    ];
    for number in 0..NUMBERED {
        for all in [&person.emails, &person.phones] {
            let own = all.get(number);
            let rest = if number.saturating_add(1) == NUMBERED { all.get(number..) } else { all.get(number..=number) };
            cells.push(own.map(|it| label(&it.kind)).unwrap_or_default());
            let values = rest.unwrap_or_default().iter().map(|it| it.value.clone());
            cells.push(values.collect::<Vec<_>>().join(" ::: "));
        }
        let none = Address::default();
        let address = person.addresses.get(number).unwrap_or(&none);
        cells.push(label(&address.kind));
        let Address { street, extended, city, region, code, country, po_box, .. } = address;
        cells.extend([street, extended, city, region, code, country, po_box].map(Clone::clone));
    }
    cells
}

fn label(kind: &str) -> String {
    match kind {
        "cell" | "work,cell" | "home,cell" => "Mobile",
        "work,fax" => "Work Fax",
        "home,fax" => "Home Fax",
        "fax" => "Fax",
        "pager" => "Pager",
        "work" => "Work",
        "home" => "Home",
        "" => "",
        _ => "Other",
    }
    .to_owned()
}

fn outlook(person: &Person) -> Vec<String> {
    let none = Address::default();
    let place = |kind: &str| person.addresses.iter().find(|it| it.kind == kind).unwrap_or(&none);
    let other = person.addresses.iter().find(|it| !matches!(it.kind.as_str(), "work" | "home")).unwrap_or(&none);
    let numbers = |wanted: &[&str]| -> Vec<&Typed> {
        person.phones.iter().filter(|it| wanted.contains(&it.kind.as_str())).collect()
    };
    let number = |wanted: &[&str], at: usize| numbers(wanted).get(at).map(|it| it.value.clone()).unwrap_or_default();
    let email = |at: usize| person.emails.get(at).map(|it| it.value.clone()).unwrap_or_default();
    let url = |wanted: bool| {
        let own = person.urls.iter().find(|it| (it.kind == "home") == wanted);
        own.map(|it| it.value.clone()).unwrap_or_default()
    };
    let street = |it: &Address| {
        let parts = [&it.po_box, &it.extended, &it.street];
        parts.into_iter().filter(|it| !it.is_empty()).cloned().collect::<Vec<_>>().join("\n")
    };
    let mut cells = vec![
        person.prefix.clone(),
        person.given.clone(),
        person.middle.clone(),
        person.family.clone(),
        person.suffix.clone(),
        person.organisation.clone(),
        person.department.clone(),
        person.role.clone(),
    ];
    for address in [place("work"), place("home"), other] {
        cells.push(street(address));
        cells.extend([&address.city, &address.region, &address.code, &address.country].map(Clone::clone));
    }
    let more: Vec<String> = person.emails.iter().skip(3).map(|it| it.value.clone()).collect();
    let notes = person.notes.iter().cloned().chain(more).collect::<Vec<_>>().join("\n");
    cells.extend([
        number(&["work,fax"], 0),
        number(&["work"], 0),
        number(&["work"], 1),
        number(&["home,fax"], 0),
        number(&["home"], 0),
        number(&["home"], 1),
        number(&["cell", "work,cell", "home,cell"], 0),
        number(&["fax"], 0),
        number(&["", "car", "other"], 0),
        number(&["pager"], 0),
        american(&person.birthday),
        person.categories.join(";"),
        email(0),
        email(1),
        email(2),
        person.nickname.clone(),
        notes,
        url(false),
        url(true),
        person.shown(),
    ]);
    cells
}

/// A day as English Outlook reads it.
fn american(day: &str) -> String {
    let mut parts = day.split('-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day)) if year.len() == 4 => format!("{month}/{day}/{year}"),
        _ => day.to_owned(),
    }
}

/// A line of a table.
fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|it| cell(it)).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let text = if is_formula(text) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', ';', '"', '\r', '\n']) || text.starts_with('\'') {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

/// Whether a spreadsheet would run it. A number with its country before it is none: nothing in it can be called.
fn is_formula(text: &str) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '(' | ')' | '.' | '/' | '-');
    match text.trim_start_matches([' ', '\u{a0}']).strip_prefix('+') {
        Some(number) if number.chars().all(is_number) => false,
        _ => text.trim_start_matches([' ', '\u{a0}']).starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']),
    }
}
