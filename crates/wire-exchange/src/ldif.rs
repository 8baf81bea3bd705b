//! Address books as LDIF (RFC 2849): the names of Mozilla's and Thunderbird's, and those of inetOrgPerson (RFC 2798). A group is a
//! card whose members are named by the same `dn` as their own entries.

use crate::{
    Entry, Wrong, dates, names,
    person::{Address, Person, Typed},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_wire_ldif::Record;

/// Each entry of a file; what is wrong in one leaves the others whole.
pub(crate) fn entries(octets: &[u8]) -> impl Iterator<Item = Result<Entry, Wrong>> + Send + '_ {
    Parts { rest: octets, line: 1 }.filter_map(|(line, part)| {
        let read = passerelle_wire_ldif::parse(part);
        match read {
            Ok(records) => records.first().map(|record| entry(record, place(line, record.line))),
            Err(wrong) => Some(Err(Wrong::at(place(line, wrong.line), wrong.what))),
        }
    })
}

fn place(first: usize, line: usize) -> usize {
    first.saturating_add(line.saturating_sub(1))
}

/// The parts of a file between empty lines, each with its first line.
struct Parts<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Iterator for Parts<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let first = self.line;
        let mut length = 0_usize;
        for line in self.rest.split_inclusive(|octet| *octet == b'\n') {
            length = length.saturating_add(line.len());
            self.line = self.line.saturating_add(1);
            if matches!(line, b"\n" | b"\r\n") {
                break;
            }
        }
        let (part, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some((first, part))
    }
}

fn entry(record: &Record, line: usize) -> Result<Entry, Wrong> {
    let mut person = Person { uid: uid_of(&record.dn), ..Person::default() };
    let (mut home, mut work) = (of_kind("home"), of_kind("work"));
    let mut born = [const { String::new() }; 3];
    let mut is_group = false;
    let mut members = Vec::new();
    for (name, octets) in &record.attributes {
        // Options such as a language say nothing that a card has.
        let name = name.split(';').next().unwrap_or_default().to_ascii_lowercase();
        if matches!(name.as_str(), "jpegphoto" | "thumbnailphoto") {
            person.photo = STANDARD.encode(octets);
            continue;
        }
        let value = String::from_utf8_lossy(octets).trim().to_owned();
        if value.is_empty() {
            continue;
        }
        let typed = |kind: &str| Typed { kind: kind.to_owned(), value: value.clone() };
        match name.as_str() {
            "objectclass" => {
                is_group |= matches!(value.to_ascii_lowercase().as_str(), "groupofnames" | "groupofuniquenames");
            }
            "member" | "uniquemember" => members.push(uid_of(&value)),
            "cn" | "commonname" | "displayname" if person.full.is_empty() => person.full = value,
            "cn" | "commonname" | "displayname" => {}
            "givenname" => person.given = value,
            "sn" | "surname" => person.family = value,
            "personaltitle" => person.prefix = value,
            "mozillanickname" | "xmozillanickname" => person.nickname = value,
            "mail" | "mozillasecondemail" | "xmozillasecondemail" | "rfc822mailbox" => person.emails.push(typed("")),
            "telephonenumber" => person.phones.push(typed("work")),
            "homephone" => person.phones.push(typed("home")),
            "mobile" | "cellphone" => person.phones.push(typed("cell")),
            "fax" | "facsimiletelephonenumber" => person.phones.push(typed("fax")),
            "pager" | "pagerphone" => person.phones.push(typed("pager")),
            "o" | "company" => person.organisation = value,
            "ou" | "department" | "orgunit" if person.department.is_empty() => person.department = value,
            "title" => person.role = value,
            "street" | "streetaddress" | "postaladdress" => joined(&mut work.street, &value),
            "mozillaworkstreet2" => joined(&mut work.street, &value),
            "postofficebox" => work.po_box = value,
            "l" | "locality" => work.city = value,
            "st" | "region" => work.region = value,
            "postalcode" | "zip" => work.code = value,
            "c" | "co" | "countryname" => work.country = value,
            "mozillahomestreet" | "homepostaladdress" | "mozillahomestreet2" => joined(&mut home.street, &value),
            "mozillahomelocalityname" => home.city = value,
            "mozillahomestate" => home.region = value,
            "mozillahomepostalcode" => home.code = value,
            "mozillahomecountryname" => home.country = value,
            "mozillahomeurl" | "homeurl" => person.urls.push(typed("home")),
            "mozillaworkurl" | "workurl" => person.urls.push(typed("work")),
            "labeleduri" => person
                .urls
                .push(Typed { kind: String::new(), value: value.split(' ').next().unwrap_or_default().to_owned() }),
            "birthyear" => born[0] = value,
            "birthmonth" => born[1] = value,
            "birthday" => born[2] = value,
            "description" | "notes" | "info" => person.notes.push(value),
            "userpassword" | "modifytimestamp" | "mozillausehtmlmail" | "xmozillausehtmlmail" | "uid" => {}
            _ => person.notes.push(format!("{name}: {value}")),
        }
    }
    let [year, month, day] = &born;
    person.birthday = dates::of(year, month, day).unwrap_or_default();
    let is_there = |address: &Address| *address != of_kind(&address.kind);
    person.addresses.extend([work, home].into_iter().filter(is_there));
    if is_group {
        person.members = Some(members);
    }
    person.entry(line)
}

fn of_kind(kind: &str) -> Address {
    Address { kind: kind.to_owned(), ..Address::default() }
}

fn joined(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

/// The UID of the entry of this name; blanks around its commas and capitals make no other.
fn uid_of(dn: &str) -> String {
    let parts: Vec<String> = dn.split(',').map(|it| it.trim().to_lowercase()).collect();
    names::uid(&[parts.join(",").as_bytes()])
}
