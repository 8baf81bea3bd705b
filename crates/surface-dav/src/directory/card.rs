//! Somebody of the directory as a vCard (RFC 2426): what an institution tells its own people of each other.

use passerelle_core::{
    Result, Session,
    ports::{CollectionItem, ETag},
};
use passerelle_model::{Account, Person};
use passerelle_wire_ical::escaped;
use sha2::{Digest, Sha256};

/// How much of a digest a tag has, in octets.
const TAG: usize = 16;

/// The card of a person, with a tag that is another when the card is. The UID is the whole login: a copy is known again.
pub(super) fn card(session: &Session, person: &Person) -> Result<CollectionItem> {
    let institution = session.institution()?;
    let account = Account { institution: institution.id.clone(), id: person.account.clone() };
    let login = person.account.as_str();
    let said = |name: &str| person.attributes.first(name).filter(|value| !value.is_empty());
    let named = Some(person.display_name.as_str()).filter(|name| !name.is_empty());
    let mut text = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Passerelle//EN\r\n");
    let mut line = |name: &str, values: &[&str]| {
        let values: Vec<String> = values.iter().map(|value| escaped(value)).collect();
        passerelle_wire_ical::line(&format!("{name}:{}", values.join(";")), &mut text);
    };
    line("UID", &[&session.whole_name_of(&account)]);
    line("FN", &[named.unwrap_or(login)]);
    line("N", &[said("sn").or(named).unwrap_or(login), said("givenName").unwrap_or_default(), "", "", ""]);
    for mail in &person.mails {
        line("EMAIL;TYPE=INTERNET,WORK", &[mail]);
    }
    for (attribute, name) in
        [("telephoneNumber", "TEL;TYPE=WORK,VOICE"), ("mobile", "TEL;TYPE=WORK,CELL"), ("title", "TITLE")]
    {
        person.attributes.values(attribute).iter().for_each(|value| line(name, &[value]));
    }
    let own = institution.name.values().next().map(String::as_str);
    if let Some(organization) = said("o").or(own) {
        let units = person.attributes.values("ou").iter().map(String::as_str);
        line("ORG", &std::iter::once(organization).chain(units).collect::<Vec<_>>());
    }
    text.push_str("END:VCARD\r\n");
    let digest = Sha256::digest(text.as_bytes());
    let etag = ETag::new(digest.iter().take(TAG).map(|octet| format!("{octet:02x}")).collect::<String>());
    Ok(CollectionItem { etag, content: text.into(), is_too_large: false })
}
