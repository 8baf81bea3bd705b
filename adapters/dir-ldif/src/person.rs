//! An entry of a person, in the gateway's words.

use passerelle_model::{AccountId, Attributes, Person, PosixIds, Standing};
use passerelle_wire_filter::Dn;

/// The classes that make an entry a person's (RFC 4519 §3.12, RFC 2798 §3, RFC 2307 §4).
const CLASSES: [&str; 4] = ["inetOrgPerson", "organizationalPerson", "person", "posixAccount"];

/// The person, without groups; `None` for an entry that is no person's or has no `uid` that can be an account.
pub(crate) fn person(dn: &Dn, text: &str, attributes: &Attributes) -> Option<Person> {
    let classes = attributes.values("objectclass");
    if !classes.iter().any(|class| CLASSES.iter().any(|known| class.eq_ignore_ascii_case(known))) {
        return None;
    }
    // Of several logins the one in the name is the person's own: values have no order (RFC 4512 §2.2).
    let login = dn.own("uid").or_else(|| attributes.first("uid"))?;
    let account = AccountId::parse(login).ok()?;
    let name = attributes.first("displayname").or_else(|| attributes.first("cn")).unwrap_or(login);
    Some(Person {
        display_name: name.to_owned(),
        mails: attributes.values("mail").to_vec(),
        groups: Vec::new(),
        posix: posix(attributes),
        attributes: attributes.clone(),
        dn: text.to_owned(),
        account,
        standing: Standing::Open,
    })
}

fn posix(attributes: &Attributes) -> Option<PosixIds> {
    let number = |name| attributes.first(name)?.parse().ok();
    Some(PosixIds::new(number("uidnumber")?, number("gidnumber")?))
}
