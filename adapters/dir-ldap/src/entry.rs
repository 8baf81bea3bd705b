//! A search result entry (RFC 4511 §4.5.2), bounded, and the person that it is.

use ldap3::asn1::StructureTag;
use passerelle_model::{AccountId, Attributes, Person, PosixIds, Standing};
use passerelle_wire_filter::{Dn, Entry as Judged, canonical};
use std::collections::BTreeSet;

/// Most values of one entry that are kept.
const MOST_VALUES: usize = 4096;
/// Longest value that is kept, in octets: no picture, but a long group name.
const LONGEST_VALUE: usize = 8 * 1024;
/// Most octets of values that are kept of one entry.
const MOST_OCTETS: usize = 256 * 1024;

/// An entry as the server sent it.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// The name as the server spells it.
    pub(crate) dn: String,
    /// The values that are text, by canonical name.
    pub(crate) attributes: Attributes,
    /// What is not all at hand.
    pub(crate) withheld: Withheld,
    /// The octets of the values that are kept.
    pub(crate) octets: usize,
}

/// Attributes that the entry may have values of which are not at hand.
#[derive(Debug, Default, Clone)]
pub(crate) struct Withheld {
    names: BTreeSet<String>,
    /// The entry was too large to be kept whole, so any may be missing.
    any: bool,
}

impl Withheld {
    pub(crate) fn holds(&self, attribute: &str) -> bool {
        self.any || self.names.contains(attribute)
    }
}

impl Judged for Entry {
    fn values(&self, attribute: &str) -> Option<&[String]> {
        Some(self.attributes.values(attribute)).filter(|values| !values.is_empty())
    }
    fn withheld(&self, attribute: &str) -> bool {
        self.withheld.holds(attribute)
    }
}

impl Entry {
    /// Reads what the library parsed; `None` when it is no entry (RFC 4511 §4.5.2).
    pub(crate) fn read(tag: StructureTag) -> Option<Self> {
        // SearchResultEntry ::= [APPLICATION 4] SEQUENCE { objectName, attributes }
        let mut parts = tag.match_id(4)?.expect_constructed()?.into_iter();
        let dn = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
        let mut entry = Self { dn, ..Self::default() };
        let mut values_kept = 0;
        for attribute in parts.next()?.expect_constructed()? {
            let mut parts = attribute.expect_constructed()?.into_iter();
            let description = String::from_utf8(parts.next()?.expect_primitive()?).ok()?;
            let (name, options) = description.split_once(';').unwrap_or((&description, ""));
            let name = canonical(name);
            // Values with options, such as a language, count for a filter on the bare name (RFC 4512 §2.5.2.1).
            if !options.is_empty() || name == "userpassword" {
                entry.withheld.names.insert(name.into_owned());
                continue;
            }
            for value in parts.next()?.expect_constructed()? {
                let value = value.expect_primitive()?;
                if values_kept >= MOST_VALUES || entry.octets + value.len() > MOST_OCTETS {
                    entry.withheld.any = true;
                    break;
                }
                match String::from_utf8(value) {
                    Ok(text) if text.len() <= LONGEST_VALUE && !text.contains('\0') => {
                        values_kept += 1;
                        entry.octets += text.len();
                        entry.attributes.add(&name, text);
                    }
                    Ok(_) | Err(_) => drop(entry.withheld.names.insert(name.clone().into_owned())),
                }
            }
        }
        Some(entry)
    }

    /// The person, without groups; `None` when the entry has no login that can be an account.
    pub(crate) fn into_person(self, account_attribute: &str) -> Option<(Person, Withheld)> {
        let attributes = self.attributes;
        let name = Dn::parse(&self.dn).ok();
        // Of several logins the one in the name is the person's own: values have no order (RFC 4512 §2.2).
        let own = name.as_ref().and_then(|name| name.own(account_attribute));
        let login = own.or_else(|| attributes.first(&canonical(account_attribute)))?;
        let account = AccountId::parse(login).ok()?;
        let shown = attributes.first("displayname").or_else(|| attributes.first("cn")).unwrap_or(login).to_owned();
        let person = Person {
            account,
            display_name: shown,
            mails: attributes.values("mail").to_vec(),
            groups: Vec::new(),
            posix: posix(&attributes),
            attributes,
            dn: self.dn,
            standing: Standing::Open,
        };
        Some((person, self.withheld))
    }
}

fn posix(attributes: &Attributes) -> Option<PosixIds> {
    let number = |name| attributes.first(name)?.parse().ok();
    Some(PosixIds::new(number("uidnumber")?, number("gidnumber")?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use ldap3::asn1::{PL, TagClass};

    fn octets(value: &[u8]) -> StructureTag {
        StructureTag { class: TagClass::Universal, id: 4, payload: PL::P(value.to_vec()) }
    }

    fn list(id: u64, parts: Vec<StructureTag>) -> StructureTag {
        StructureTag { class: TagClass::Universal, id, payload: PL::C(parts) }
    }

    fn entry(attributes: &[(&str, &[&[u8]])]) -> StructureTag {
        let attributes = attributes.iter().map(|(name, values)| {
            list(16, vec![octets(name.as_bytes()), list(17, values.iter().map(|value| octets(value)).collect())])
        });
        let parts = vec![octets(b"uid=u1,dc=a"), list(16, attributes.collect())];
        StructureTag { class: TagClass::Application, id: 4, payload: PL::C(parts) }
    }

    #[test]
    fn what_is_kept_and_what_is_not() {
        let long = vec![b'x'; LONGEST_VALUE + 1];
        let read = Entry::read(entry(&[
            ("uid", &[b"u1"]),
            ("Surname", &[b"Martin"]),
            ("userPassword", &[b"hunter2"]),
            ("jpegPhoto", &[&[0xff, 0xd8, 0xff]]),
            ("description;lang-fr", &[b"bonjour"]),
            ("note", &[b"short", &long]),
            ("uidNumber", &[b"10001"]),
            ("gidNumber", &[b"10000"]),
        ]))
        .unwrap();
        assert!(!format!("{read:?}").contains("hunter2"));
        assert_eq!(read.attributes.values("sn"), ["Martin"]);
        assert_eq!(read.attributes.values("note"), ["short"]);
        for name in ["userpassword", "jpegphoto", "description", "note"] {
            assert!(read.withheld.holds(name), "{name}");
        }
        assert!(!read.withheld.holds("sn"));
        let (person, _) = read.into_person("uid").unwrap();
        assert_eq!(person.posix, Some(PosixIds::new(10001, 10000)));
        assert_eq!((person.account.as_str(), person.display_name.as_str()), ("u1", "u1"));
    }

    #[test]
    fn an_entry_too_large_is_known_to_be_cut() {
        let value = vec![b'x'; LONGEST_VALUE];
        let values: Vec<&[u8]> = vec![&value; MOST_OCTETS / LONGEST_VALUE + 1];
        let read = Entry::read(entry(&[("a", &values), ("b", &[b"c"])])).unwrap();
        assert!(read.withheld.holds("anything"));
        assert_eq!(read.attributes.values("a").len(), MOST_OCTETS / LONGEST_VALUE);
    }

    #[test]
    fn nonsense_is_none() {
        assert!(Entry::read(octets(b"x")).is_none());
        assert!(Entry::read(list(4, vec![])).is_none());
        assert!(Entry::read(list(4, vec![octets(b"dc=a")])).is_none());
        assert!(Entry::read(list(4, vec![octets(b"\xff"), list(16, vec![])])).is_none());
        assert!(Entry::read(list(4, vec![octets(b"dc=a"), list(16, vec![octets(b"x")])])).is_none());
        assert!(Entry::read(entry(&[("cn", &[b"x"])])).unwrap().into_person("uid").is_some());
        assert!(Entry::read(entry(&[("cn", &[b"x"])])).unwrap().into_person("employeeNumber").is_none());
    }
}
