//! Tables: contacts by the headings of their columns. What no card has a place for is kept among the notes, with its heading.

use crate::{
    Entry, Wrong,
    dates::{self, Order},
    headings::{Column, Numbered, Part, column},
    person::{Address, Person, Typed},
};
use std::collections::BTreeMap;

/// How many headings have to be known for a table to be one of contacts.
const KNOWN: usize = 2;
/// What Google puts between several values of a cell.
const BETWEEN: &str = ":::";

/// Whether a line is the head of a table of contacts.
pub(crate) fn is_head(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    passerelle_wire_csv::parse(&text)
        .is_ok_and(|records| records.first().is_some_and(|head| known(&head.cells) >= KNOWN))
}

fn known(cells: &[String]) -> usize {
    cells.iter().filter(|cell| column(cell).is_some_and(|it| it != Column::Nothing)).count()
}

/// Each row of a table.
pub(crate) fn entries(octets: &[u8]) -> impl Iterator<Item = Result<Entry, Wrong>> + Send + '_ {
    let text = String::from_utf8_lossy(octets);
    let (records, wrong) = match passerelle_wire_csv::parse(&text) {
        Ok(records) => (records, None),
        Err((line, what)) => (Vec::new(), Some(Wrong::at(line, what))),
    };
    let mut records = records.into_iter();
    let head = Head::of(records.next().map(|head| head.cells).unwrap_or_default());
    let rows = records.map(move |record| {
        if record.cells.len() > head.columns.len()
            && record.cells.iter().skip(head.columns.len()).any(|it| !it.is_empty())
        {
            return Err(Wrong::at(record.line, "more cells than there are columns"));
        }
        head.person(&record.cells).entry(record.line)
    });
    wrong.into_iter().map(Err).chain(rows)
}

struct Head {
    headings: Vec<String>,
    columns: Vec<Option<Column>>,
    order: Order,
}

impl Head {
    fn of(headings: Vec<String>) -> Self {
        let mut columns: Vec<Option<Column>> = headings.iter().map(|it| column(it)).collect();
        let is = |wanted: Column| move |it: &&mut Option<Column>| **it == Some(wanted);
        let titles = columns.iter().filter(|it| **it == Some(Column::Title)).count();
        let has_role = columns.contains(&Some(Column::Role));
        // Of two `Titre` the first is how somebody is addressed; one alone beside no role is the role.
        for (number, title) in columns.iter_mut().filter(is(Column::Title)).enumerate() {
            let is_role = if titles > 1 { number > 0 } else { !has_role };
            *title = Some(if is_role { Column::Role } else { Column::Prefix });
        }
        let is_french = headings.iter().any(|it| matches!(it.trim().to_lowercase().as_str(), "prénom" | "nom"));
        Self { headings, columns, order: if is_french { Order::DayFirst } else { Order::MonthFirst } }
    }

    fn person(&self, cells: &[String]) -> Person {
        let mut person = Person::default();
        let mut places: BTreeMap<&'static str, Address> = BTreeMap::new();
        let mut numbered: BTreeMap<(u8, u8), Vec<(Part, String)>> = BTreeMap::new();
        let mut born = [const { String::new() }; 3];
        for ((column, heading), cell) in self.columns.iter().zip(&self.headings).zip(cells) {
            let cell = harmless_undone(cell.trim());
            if cell.is_empty() {
                continue;
            }
            let value = cell.to_owned();
            match column {
                None => person.notes.push(format!("{}: {value}", heading.trim())),
                Some(Column::Nothing) => {}
                Some(Column::Numbered(what, number, part)) => {
                    numbered.entry((rank(*what), *number)).or_default().push((*part, value));
                }
                Some(Column::BirthYear) => born[0] = value,
                Some(Column::BirthMonth) => born[1] = value,
                Some(Column::BirthDay) => born[2] = value,
                Some(Column::Birthday) => match dates::day(&value, self.order) {
                    Some(day) => person.birthday = day,
                    None if value.bytes().any(|it| (b'1'..=b'9').contains(&it)) => {
                        person.notes.push(format!("{}: {value}", heading.trim()));
                    }
                    None => {}
                },
                Some(column) => simple(&mut person, &mut places, *column, value),
            }
        }
        let [year, month, day] = &born;
        if person.birthday.is_empty()
            && let Some(day) = dates::of(year, month, day)
        {
            person.birthday = day;
        }
        person.addresses.extend(places.into_values());
        for ((what, _), parts) in numbered {
            of_number(&mut person, what, &parts);
        }
        person
    }
}

fn rank(what: Numbered) -> u8 {
    match what {
        Numbered::Email => 0,
        Numbered::Phone => 1,
        Numbered::Address => 2,
        Numbered::Website => 3,
        Numbered::Organisation => 4,
    }
}

fn simple(person: &mut Person, places: &mut BTreeMap<&'static str, Address>, column: Column, value: String) {
    let mut place = |kind: &'static str, put: fn(&mut Address) -> &mut String, value: String| {
        let address = places.entry(kind).or_insert_with(|| Address { kind: kind.to_owned(), ..Address::default() });
        let field = put(address);
        if !field.is_empty() {
            field.push('\n');
        }
        field.push_str(&value);
    };
    let typed = |kind: &str, value: String| Typed { kind: kind.to_owned(), value };
    match column {
        Column::Full => person.full = value,
        Column::Prefix | Column::Title => person.prefix = value,
        Column::Given => person.given = value,
        Column::Middle => person.middle = value,
        Column::Family => person.family = value,
        Column::Suffix => person.suffix = value,
        Column::Nickname => person.nickname = value,
        Column::Organisation => person.organisation = value,
        Column::Department => person.department = value,
        Column::Role => person.role = value,
        Column::Email(kind) => person.emails.extend(several(&value).map(|it| typed(kind, it))),
        Column::Phone(kind) => person.phones.extend(several(&value).map(|it| typed(kind, it))),
        Column::Url(kind) => person.urls.extend(several(&value).map(|it| typed(kind, it))),
        Column::Street(kind) | Column::Street2(kind) => place(kind, |it| &mut it.street, value),
        Column::City(kind) => place(kind, |it| &mut it.city, value),
        Column::Region(kind) => place(kind, |it| &mut it.region, value),
        Column::Code(kind) => place(kind, |it| &mut it.code, value),
        Column::Country(kind) => place(kind, |it| &mut it.country, value),
        Column::PoBox(kind) => place(kind, |it| &mut it.po_box, value),
        Column::Categories => {
            let all = value.split(BETWEEN).flat_map(|it| it.split(';')).map(str::trim);
            // Google's own group of everybody says nothing.
            let all = all.filter(|it| !it.is_empty() && !it.starts_with('*'));
            person.categories.extend(all.map(str::to_owned));
        }
        Column::Notes => person.notes.insert(0, value),
        Column::Birthday
        | Column::BirthYear
        | Column::BirthMonth
        | Column::BirthDay
        | Column::Nothing
        | Column::Numbered(..) => {}
    }
}

/// The values of a cell.
fn several(value: &str) -> impl Iterator<Item = String> {
    value.split(BETWEEN).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty())
}

/// What Google tells with a number.
fn of_number(person: &mut Person, what: u8, parts: &[(Part, String)]) {
    let part =
        |wanted: Part| parts.iter().find(|(part, _)| *part == wanted).map(|(_, it)| it.as_str()).unwrap_or_default();
    let label = part(Part::Label);
    let kind = kind_of(label);
    let values = |person: &mut Person, into: fn(&mut Person) -> &mut Vec<Typed>| {
        into(person).extend(several(part(Part::Value)).map(|value| Typed { kind: kind.clone(), value }));
    };
    match what {
        0 => values(person, |it| &mut it.emails),
        1 => values(person, |it| &mut it.phones),
        3 => values(person, |it| &mut it.urls),
        2 => {
            let address = Address {
                kind,
                po_box: part(Part::PoBox).to_owned(),
                extended: part(Part::Extended).to_owned(),
                street: part(Part::Street).to_owned(),
                city: part(Part::City).to_owned(),
                region: part(Part::Region).to_owned(),
                code: part(Part::Code).to_owned(),
                country: part(Part::Country).to_owned(),
            };
            person.addresses.push(address);
        }
        _ => {
            for (field, told) in [
                (&mut person.organisation, Part::Name),
                (&mut person.role, Part::Title),
                (&mut person.department, Part::Department),
            ] {
                if field.is_empty() {
                    part(told).clone_into(field);
                } else if !part(told).is_empty() {
                    person.notes.push(part(told).to_owned());
                }
            }
        }
    }
}

/// The words of a kind in Google's label, of which a star marks the first.
fn kind_of(label: &str) -> String {
    let label = label.trim_start_matches('*').trim().to_lowercase();
    match label.as_str() {
        "mobile" | "cell" | "portable" => "cell",
        "work" | "bureau" | "travail" | "professionnel" | "main" => "work",
        "home" | "domicile" | "personnel" => "home",
        "work fax" | "workfax" => "work,fax",
        "home fax" | "homefax" => "home,fax",
        "fax" => "fax",
        "pager" => "pager",
        _ => "",
    }
    .to_owned()
}

/// A cell without the mark that a table of ours puts before what a spreadsheet would take for a formula.
fn harmless_undone(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r', '|', '%']) => rest,
        _ => cell,
    }
}
