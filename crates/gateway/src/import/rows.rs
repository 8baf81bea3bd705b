//! The rows of a file: a table (RFC 4180) with a head, or entries of a directory (RFC 2849), by the end of its name.

use passerelle_core::ImportRow;
use passerelle_import::{Format, of_csv, of_ldif};
use std::path::Path;

/// Reads a file; the line that is wrong, and what is wrong there.
pub(super) fn read(file: &Path, octets: &[u8]) -> Result<Vec<ImportRow>, (usize, String)> {
    if Format::of_name(&file.to_string_lossy()) == Format::Ldif {
        return of_ldif(octets, 1);
    }
    let text = std::str::from_utf8(octets).map_err(|error| {
        let before = octets.get(..error.valid_up_to()).unwrap_or_default();
        (before.iter().filter(|octet| **octet == b'\n').count().saturating_add(1), "not UTF-8".to_owned())
    })?;
    if text.trim().is_empty() { Ok(Vec::new()) } else { of_csv(text, 2) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use passerelle_core::ports::Field;

    #[test]
    fn rows_of_a_table() {
        let text = "login,name,mails,password,groups,roomNumber\nu1,\"Martin, Zoë\",a@x.test|b@x.test,hunter2,staff | first years,\n,x,,,,\nu2,,,,,B 1,more\n";
        let text = format!("{text}U1,,,,,\nu3,,B@x.test,,,\nu4,,c@x.test,,,\n");
        let rows = read(Path::new("x.csv"), text.as_bytes()).unwrap();
        let first = rows[0].wanted.as_ref().unwrap();
        assert_eq!((rows[0].line, first.account.id.as_str()), (2, "u1"));
        assert_eq!(first.account.details.fields[&Field::Name], ["Martin, Zoë"]);
        assert_eq!(first.account.details.fields[&Field::Mails], ["a@x.test", "b@x.test"]);
        assert_eq!(first.groups.iter().map(|it| it.as_str()).collect::<Vec<_>>(), ["staff", "first years"]);
        assert!(first.account.details.attributes.is_empty(), "an empty cell says nothing");
        assert_eq!(rows[1].wanted.as_ref().unwrap_err(), "no login");
        assert_eq!((rows[2].line, rows[2].wanted.is_err()), (4, true));
        assert_eq!(rows[3].wanted.as_ref().unwrap_err(), "the login stands in the file twice");
        assert_eq!(rows[4].wanted.as_ref().unwrap_err(), "an address stands in the file twice");
        assert!(rows[5].wanted.is_ok());
        assert!(!format!("{rows:?}").contains("hunter2"));
        assert_eq!(read(Path::new("x.csv"), b"name\nx").unwrap_err().0, 1);
        assert_eq!(read(Path::new("x.csv"), b"login\nu1\n\xff").unwrap_err().0, 3);
    }

    #[test]
    fn entries_of_a_directory() {
        let text = "dn: ou=people,dc=x\nou: people\n\ndn: uid=u1,dc=x\nobjectClass: person\nuid: u1\ncn: C\ndisplayName: D\nmail: a@x.test\nmail: b@x.test\nroomNumber: B 1\nuserPassword: hunter2\nmemberOf: cn=staff,dc=x\n\ndn: uid=u2,dc=x\nuid: u2\nuserPassword: {SSHA}x\n";
        let rows = read(Path::new("x.LDIF"), text.as_bytes()).unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [4, 15]);
        let first = rows[0].wanted.as_ref().unwrap();
        assert_eq!(first.account.details.fields[&Field::Name], ["C"]);
        assert_eq!(first.account.details.fields[&Field::Mails].len(), 2);
        assert_eq!(first.account.details.attributes["roomNumber"], ["B 1"]);
        assert_eq!(first.groups[0].as_str(), "staff");
        assert!(first.account.password.is_some());
        assert!(rows[1].wanted.as_ref().unwrap_err().contains("hashed"));
    }
}
