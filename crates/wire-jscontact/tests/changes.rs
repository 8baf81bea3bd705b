//! Cards written: only what means something else is, and what has no place is refused.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use passerelle_wire_ical::Card;
use passerelle_wire_jscontact::{Contact, made};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// What a program wrote: folded its own way, with lines that JSContact has no words for.
const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Some//Program//EN\r\nUID:1\r\nN:Dupré;Zoë;;;\r\nFN:Zoë\r\n  Dupré\r\n\
    item1.EMAIL;TYPE=INTERNET,WORK;X-OURS=\"a;b\":zoe@a.test\r\nitem1.X-ABLabel:_$!<Work>!$_\r\nEMAIL;TYPE=HOME:z@b.test\r\n\
    X-UNKNOWN;X-P=1:kept\\, as\r\n\t it is\r\nNOTE:one\\nline\r\nEND:VCARD\r\n";

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// The card with a member set; `None` takes it away.
fn with(path: &[&str], value: Option<Value>) -> Map<String, Value> {
    let mut told = Contact::read(CARD.as_bytes()).unwrap().json().clone();
    let (last, parents) = path.split_last().unwrap();
    let mut at = &mut told;
    for name in parents {
        at = at.get_mut(*name).unwrap().as_object_mut().unwrap();
    }
    match value {
        Some(value) => drop(at.insert((*last).to_owned(), value)),
        None => drop(at.remove(*last)),
    }
    told
}

#[track_caller]
fn changed(wanted: &Map<String, Value>) -> String {
    let contact = Contact::read(CARD.as_bytes()).unwrap();
    let octets = contact.changed(wanted).unwrap();
    assert!(Card::read(&octets).unwrap().fit().is_ok());
    String::from_utf8(octets).unwrap()
}

/// The id of the address of mail that is this.
fn email(address: &str) -> String {
    let contact = Contact::read(CARD.as_bytes()).unwrap();
    let emails = contact.json()["emails"].as_object().unwrap();
    emails.iter().find(|(_, it)| it["address"] == address).unwrap().0.clone()
}

#[test]
fn what_is_not_changed_stays_octet_for_octet() {
    let contact = Contact::read(CARD.as_bytes()).unwrap();
    assert_eq!(contact.changed(contact.json()).unwrap(), CARD.as_bytes());
    let id = email("z@b.test");
    let other = changed(&with(&["emails", &id, "address"], Some(json!("z@c.test"))));
    let expected = CARD.replace("EMAIL;TYPE=HOME:z@b.test", &format!("EMAIL;PROP-ID={id};TYPE=home:z@c.test"));
    assert_eq!(other, expected);
    // The line has its group, its label and what the other program wrote into it.
    let id = email("zoe@a.test");
    let other = changed(&with(&["emails", &id, "pref"], Some(json!(1))));
    let line = "item1.EMAIL;TYPE=INTERNET;TYPE=work;TYPE=pref;X-OURS=\"a;b\":zoe@a.test\r\nitem1.X-ABLabel:Work\r\n";
    assert!(other.contains(line) && other.contains("X-UNKNOWN;X-P=1:kept\\, as\r\n\t it is\r\n"), "{other}");
    let without = changed(&with(&["emails", &email("z@b.test")], None));
    assert_eq!(without, CARD.replace("EMAIL;TYPE=HOME:z@b.test\r\n", ""));
}

#[test]
fn names_and_what_is_new() {
    let other = changed(&with(
        &["name"],
        Some(json!({ "components": [{ "kind": "given", "value": "Zoé" }, { "kind": "surname", "value": "Martin" }] })),
    ));
    assert!(other.contains("\r\nN:Martin;Zoé;;;\r\nFN;DERIVED=TRUE:Zoé Martin\r\n"), "{other}");
    let nameless = changed(&with(&["name"], None));
    assert!(nameless.contains("N:;;;;\r\n") && nameless.contains("FN;DERIVED=TRUE:z"), "{nameless}");
    let phone = changed(&with(
        &["phones"],
        Some(json!({ "p": { "number": "06, 00", "features": { "mobile": true }, "label": "Été" } })),
    ));
    assert!(
        phone.contains(".TEL;PROP-ID=p;TYPE=cell:06\\, 00\r\n") && phone.contains(".X-ABLabel:Été\r\nEND"),
        "{phone}"
    );
    let photo =
        changed(&with(&["media"], Some(json!({ "m": { "kind": "photo", "uri": "data:image/png;base64,AAEC" } }))));
    assert!(
        photo.contains("PHOTO;PROP-ID=m;ENCODING=b;TYPE=PNG:AAEC\r\n")
            || photo.contains(";ENCODING=b;TYPE=PNG:AAEC\r\n"),
        "{photo}"
    );
    let group = changed(&with(&["kind"], Some(json!("group"))));
    assert!(group.contains("X-ADDRESSBOOKSERVER-KIND:group\r\n"), "3.0 has no KIND: {group}");
    let members = changed(&with(&["members"], Some(json!({ "urn:uuid:1": true }))));
    assert!(members.contains("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1\r\n"), "{members}");
}

#[test]
fn a_new_card_has_what_programs_ask_for() {
    let card = made(&object(
        json!({ "@type": "Card", "version": "1.0", "uid": "u1", "organizations": { "o": { "name": "Univ" } } }),
    ))
    .unwrap();
    let text = String::from_utf8(card.clone()).unwrap();
    assert_eq!(
        text,
        "BEGIN:VCARD\r\nVERSION:4.0\r\nORG;PROP-ID=o:Univ\r\nUID:u1\r\nN:;;;;\r\nFN;DERIVED=TRUE:Univ\r\nEND:VCARD\r\n"
    );
    assert!(Card::read(&card).unwrap().fit().is_ok());
}

/// A server that knows 3.0 alone keeps a picture in no other form.
#[test]
fn a_new_card_with_a_picture_is_of_version_3() {
    let picture = |uri: &str, more: Value| {
        let mut card =
            object(json!({ "uid": "u1", "name": { "full": "Z" }, "media": { "m": { "kind": "photo", "uri": uri } } }));
        card.extend(object(more));
        String::from_utf8(made(&card).unwrap()).unwrap()
    };
    let card = picture("data:image/png;base64,AAEC", json!({}));
    assert!(card.contains("VERSION:3.0\r\n") && card.contains(";ENCODING=b;TYPE=PNG:AAEC\r\n"), "{card}");
    // What 3.0 cannot say as it is stays what it is.
    let upper = picture("data:image/PNG;base64,AAEC", json!({}));
    assert!(upper.contains("VERSION:4.0\r\n") && upper.contains("data:image/PNG;base64,AAEC\r\n"), "{upper}");
    let far = picture("https://a.test/z.png", json!({ "kind": "org" }));
    assert!(far.contains("VERSION:4.0\r\n") && far.contains(":https://a.test/z.png\r\n"), "{far}");
}

#[test]
fn what_has_no_place_is_refused_by_name() {
    for (wanted, property) in [
        (json!({ "uid": "1", "example.com:foo": 1 }), "example.com:foo"),
        (json!({ "uid": "1", "localizations": { "fr": {} } }), "localizations"),
        (json!({ "uid": "1", "emails": { "e": { "address": "a@b.c", "example.com:x": "y" } } }), "emails/e"),
        (json!({ "uid": "1", "emails": { "no id!": { "address": "a@b.c" } } }), "emails/no id!"),
        (json!({ "uid": "1", "media": { "m": { "kind": "photo", "blobId": "G1" } } }), "media/m"),
        (json!({ "uid": "1", "emails": "x" }), "emails"),
        (json!({ "uid": 1 }), "uid"),
        (json!({ "uid": "1", "links": { "l": { "uri": "https://x.test/\nEVIL:1" } } }), "links/l"),
        (json!({ "uid": "1", "name": { "components": [{ "kind": "planet", "value": "x" }] } }), "name"),
    ] {
        let unkept = made(&object(wanted.clone())).unwrap_err();
        assert!(unkept.properties.contains(&property.to_owned()), "{wanted}: {unkept:?}");
    }
    let old = b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:x\r\nEND:VCARD\r\n";
    let contact = Contact::read(old).unwrap();
    assert!(contact.changed(&object(json!({ "uid": "1" }))).is_err(), "2.1 is read only");
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Zé,;:\\\\\" \\n^-]{1,12}".prop_map(|text| format!("x{}x", text.trim()))
}

prop_compose! {
    fn cards()(
        full in text(), parts in proptest::collection::vec((prop_oneof![Just("given"), Just("surname"), Just("title"), Just("given2")], text()), 0..5),
        emails in proptest::collection::btree_map("[a-z]{1,4}", (text(), proptest::option::of(1..100_u32), any::<bool>()), 0..4),
        phones in proptest::collection::btree_map("[a-z]{1,4}", (text(), any::<bool>(), proptest::option::of(text())), 0..3),
        notes in proptest::collection::btree_map("[a-z]{1,4}", text(), 0..3), words in proptest::collection::btree_set(text(), 0..4),
        street in text(), number in proptest::option::of(text()), ordered: bool,
    ) -> Map<String, Value> {
        let mut address = vec![json!({ "kind": "name", "value": street })];
        address.extend(number.map(|it| json!({ "kind": "number", "value": it })));
        let names: Vec<Value> = parts.into_iter().map(|(kind, value)| json!({ "kind": kind, "value": value })).collect();
        let mut name = object(json!({ "full": full }));
        if !names.is_empty() {
            name.insert("components".to_owned(), json!(names));
            name.insert("isOrdered".to_owned(), json!(true));
        }
        let emails: Map<String, Value> = emails.into_iter().map(|(id, (text, pref, work))| {
            (id, json!({ "address": text, "pref": pref, "contexts": { "work": work } }))
        }).collect();
        let phones: Map<String, Value> = phones.into_iter().map(|(id, (text, fax, label))| {
            (id, json!({ "number": text, "features": { "fax": fax }, "label": label }))
        }).collect();
        let notes: Map<String, Value> = notes.into_iter().map(|(id, text)| (id, json!({ "note": text }))).collect();
        let words: Map<String, Value> = words.into_iter().map(|it| (it, json!(true))).collect();
        object(json!({
            "uid": "1", "name": name, "emails": emails, "phones": phones, "notes": notes, "keywords": words,
            "addresses": { "a": { "components": address, "isOrdered": ordered } },
        }))
    }
}

proptest! {
    /// `changed` reads again what it has written and refuses where anything is otherwise, so that success is the round trip.
    #[test]
    fn what_is_written_is_read_again(one in cards(), other in cards()) {
        let octets = made(&one).unwrap();
        let contact = Contact::read(&octets).unwrap();
        prop_assert_eq!(contact.changed(&one).unwrap(), octets.clone(), "nothing is changed by the same");
        let again = contact.changed(&other).unwrap();
        let third = Contact::read(&again).unwrap();
        prop_assert_eq!(third.changed(&other).unwrap(), again.clone());
        // Version 3.0 has the same.
        let older = String::from_utf8(octets).unwrap().replace("VERSION:4.0", "VERSION:3.0");
        prop_assert!(Contact::read(older.as_bytes()).unwrap().changed(&other).is_ok());
    }

    #[test]
    fn nothing_panics(lines in "([A-Z]{1,5}(;[A-Z]{1,4}=[a-z\",^]{0,5})?:[a-z;,:\\\\=-]{0,12}\r\n){0,6}", wanted in cards()) {
        let text = format!("BEGIN:VCARD\r\nVERSION:4.0\r\n{lines}END:VCARD\r\n");
        if let Ok(contact) = Contact::read(text.as_bytes()) {
            let _ = contact.changed(&wanted);
            let same = contact.changed(contact.json());
            prop_assert!(same.is_err() || same.unwrap().starts_with(text.strip_suffix("END:VCARD\r\n").unwrap().as_bytes()));
        }
    }
}
