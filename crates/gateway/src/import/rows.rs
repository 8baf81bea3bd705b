//! What a file says of accounts: rows of a CSV file with a head, or entries of an LDIF file.

use passerelle_core::{
    Draft,
    ports::{Field, NewAccount},
};
use passerelle_dir_ldif::ldif;
use passerelle_model::Secret;
use passerelle_wire_csv as csv;
use std::path::Path;

/// An account as the file has it, with its line; or what is wrong there. Never a value: it could be a password.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) account: Result<NewAccount, String>,
}

/// LDIF's attributes with the field that each is; what else stands there is taken by its own name.
const ATTRIBUTES: [(&str, Field); 8] = [
    ("displayname", Field::Name),
    ("cn", Field::Name),
    ("givenname", Field::GivenName),
    ("sn", Field::Surname),
    ("mail", Field::Mails),
    ("telephonenumber", Field::Phone),
    ("preferredlanguage", Field::Language),
    ("edupersonaffiliation", Field::Affiliations),
];

/// Reads a file, by the end of its name.
pub(super) fn read(file: &Path, octets: &[u8]) -> Result<Vec<Row>, (usize, String)> {
    let is_ldif = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("ldif"));
    if is_ldif {
        let records = ldif::parse(octets).map_err(|wrong| (wrong.line, wrong.what))?;
        return Ok(records.into_iter().filter_map(entry).collect());
    }
    let text = std::str::from_utf8(octets).map_err(|error| {
        let before = octets.get(..error.valid_up_to()).unwrap_or_default();
        (before.iter().filter(|octet| **octet == b'\n').count().saturating_add(1), "not UTF-8".to_owned())
    })?;
    let mut records = csv::parse(text).map_err(|(line, what)| (line, what.to_owned()))?.into_iter();
    let Some(head) = records.next() else { return Ok(Vec::new()) };
    let head: Vec<String> = head.cells.iter().map(|cell| cell.trim().to_owned()).collect();
    if !head.iter().any(|name| name == "login") {
        return Err((1, "the first line names the columns, and one of them is login".to_owned()));
    }
    Ok(records.map(|record| Row { line: record.line, account: Draft::of_row(&head, record.cells) }).collect())
}

/// The account of an entry; `None` for an entry that has no login, such as a branch.
fn entry(record: ldif::Record) -> Option<Row> {
    let (mut login, mut draft, mut wrong) = (None, Draft::default(), None);
    for (name, value) in record.attributes {
        let lower = name.to_ascii_lowercase();
        let Ok(text) = String::from_utf8(value) else {
            wrong = Some(format!("{name} is no text"));
            continue;
        };
        match lower.as_str() {
            "uid" => login = login.or(Some(text)),
            "objectclass" => {}
            "userpassword" if text.starts_with('{') => {
                wrong = Some("userPassword is hashed: only one in clear can be set".to_owned());
            }
            "userpassword" => draft.password(Secret::new(text)),
            _ => {
                let known = ATTRIBUTES.iter().find(|(known, _)| *known == lower).map(|(_, field)| *field);
                // displayName says what cn says; the first of them counts.
                if known == Some(Field::Name) && draft.has(Field::Name) {
                    continue;
                }
                draft.put(known, &name, vec![text]);
            }
        }
    }
    draft.login(&login?);
    let account = wrong.map_or_else(|| draft.finish(), Err);
    Some(Row { line: record.line, account })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    #[test]
    fn rows_of_a_table() {
        let text = "login,name,mails,password,roomNumber\nu1,\"Martin, Zoë\",a@x.test|b@x.test,hunter2,\n,x,,,\nu2,,,,B 1,more\n";
        let rows = read(Path::new("x.csv"), text.as_bytes()).unwrap();
        let first = rows[0].account.as_ref().unwrap();
        assert_eq!((rows[0].line, first.id.as_str()), (2, "u1"));
        assert_eq!(first.details.fields[&Field::Name], ["Martin, Zoë"]);
        assert_eq!(first.details.fields[&Field::Mails], ["a@x.test", "b@x.test"]);
        assert!(first.details.attributes.is_empty(), "an empty cell says nothing");
        assert_eq!(rows[1].account.as_ref().unwrap_err(), "no login");
        assert_eq!((rows[2].line, rows[2].account.is_err()), (4, true));
        assert!(!format!("{rows:?}").contains("hunter2"));
        assert_eq!(read(Path::new("x.csv"), b"name\nx").unwrap_err().0, 1);
        assert_eq!(read(Path::new("x.csv"), b"login\nu1\n\xff").unwrap_err().0, 3);
    }

    #[test]
    fn entries_of_a_directory() {
        let text = "dn: ou=people,dc=x\nou: people\n\ndn: uid=u1,dc=x\nobjectClass: person\nuid: u1\ncn: C\ndisplayName: D\nmail: a@x.test\nmail: b@x.test\nroomNumber: B 1\nuserPassword: hunter2\n\ndn: uid=u2,dc=x\nuid: u2\nuserPassword: {SSHA}x\n";
        let rows = read(Path::new("x.LDIF"), text.as_bytes()).unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 14]);
        let first = rows[0].account.as_ref().unwrap();
        assert_eq!(first.details.fields[&Field::Name], ["C"]);
        assert_eq!(first.details.fields[&Field::Mails].len(), 2);
        assert_eq!(first.details.attributes["roomNumber"], ["B 1"]);
        assert!(first.password.is_some());
        assert!(rows[1].account.as_ref().unwrap_err().contains("hashed"));
    }
}
