//! What is told of cards, by the examples of RFC 9555 and of what programs write. The ids of entries are not compared: they are the
//! server's own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use passerelle_wire_jscontact::Contact;
use serde_json::{Map, Value, json};

/// The entries of a map in the order of their values, without their ids.
fn entries(map: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = map.as_object().into_iter().flatten().map(|(_, value)| value.clone()).collect();
    all.sort_by_key(ToString::to_string);
    all
}

fn card(version: &str, lines: &str) -> Map<String, Value> {
    let text = format!("BEGIN:VCARD\nVERSION:{version}\n{lines}\nEND:VCARD\n").replace('\n', "\r\n");
    Contact::read(text.as_bytes()).unwrap().json().clone()
}

/// These lines say this of a property of JSContact.
#[track_caller]
fn check(version: &str, lines: &str, top: &str, expected: &Value) {
    let told = card(version, lines);
    let found = told.get(top).cloned().unwrap_or(Value::Null);
    match expected {
        Value::Array(all) => {
            let mut all = all.clone();
            all.sort_by_key(ToString::to_string);
            assert_eq!(entries(&found), all, "{lines}");
        }
        one => assert_eq!(found, *one, "{lines}"),
    }
}

/// RFC 9555 §2.5: identification.
#[test]
fn who_it_is() {
    let date =
        |year: u16, month: u8, day: u8| json!({ "@type": "PartialDate", "year": year, "month": month, "day": day });
    check("4.0", "BDAY:19531015", "anniversaries", &json!([{ "kind": "birth", "date": date(1953, 10, 15) }]));
    check("4.0", "ANNIVERSARY:19860201", "anniversaries", &json!([{ "kind": "wedding", "date": date(1986, 2, 1) }]));
    check(
        "4.0",
        "BDAY:--0415",
        "anniversaries",
        &json!([{ "kind": "birth", "date": { "@type": "PartialDate", "month": 4, "day": 15 } }]),
    );
    check(
        "4.0",
        "DEATHDATE:2019-07",
        "anniversaries",
        &json!([{ "kind": "death", "date": { "@type": "PartialDate", "year": 2019, "month": 7 } }]),
    );
    check(
        "4.0",
        "BDAY:19961022T140000Z",
        "anniversaries",
        &json!([{ "kind": "birth", "date": { "@type": "Timestamp", "utc": "1996-10-22T14:00:00Z" } }]),
    );
    check("3.0", "BDAY:1953-10-15", "anniversaries", &json!([{ "kind": "birth", "date": date(1953, 10, 15) }]));
    check("4.0", "BDAY;VALUE=text:circa 1800", "anniversaries", &Value::Null);
    check("4.0", "FN:John Q. Public\\, Esq.", "name", &json!({ "full": "John Q. Public, Esq." }));
    let parts = |all: &[(&str, &str)]| {
        Value::Array(all.iter().map(|(kind, value)| json!({ "kind": kind, "value": value })).collect())
    };
    let names = [
        ("surname", "Stevenson"),
        ("given", "John"),
        ("given2", "Philip"),
        ("given2", "Paul"),
        ("title", "Dr."),
        ("credential", "Jr."),
        ("credential", "M.D."),
        ("credential", "A.C.P."),
    ];
    check(
        "4.0",
        "N:Stevenson;John;Philip,Paul;Dr.;Jr.,M.D.,A.C.P.\nFN:x",
        "name",
        &json!({ "components": parts(&names), "full": "x" }),
    );
    // RFC 9554: the second surname and the generation stand in the older places too.
    let names = [
        ("surname", "Stevenson"),
        ("given", "John"),
        ("credential", "M.D."),
        ("surname2", "Soto"),
        ("generation", "Jr."),
    ];
    check("4.0", "N:Stevenson,Soto;John;;;M.D.,Jr.;Soto;Jr.", "name", &json!({ "components": parts(&names) }));
    // RFC 9555 §3.3.1: the order, and what stands between.
    let names = [("given", "Jane"), ("separator", "-"), ("surname", "Doe")];
    let ordered = json!({ "components": parts(&names), "isOrdered": true });
    check("4.0", "N;JSCOMPS=\";1;s,-;0\":Doe;Jane;;;;;", "name", &ordered);
    check("4.0", "N:;;;;\nFN;DERIVED=TRUE:x", "name", &Value::Null);
    check("4.0", "NICKNAME:Jim,Jimmie", "nicknames", &json!([{ "name": "Jim" }, { "name": "Jimmie" }]));
    check("4.0", "NICKNAME;TYPE=work:Boss", "nicknames", &json!([{ "name": "Boss", "contexts": { "work": true } }]));
    check(
        "4.0",
        "PHOTO:https://www.example.com/pub/photos/jqpublic.gif",
        "media",
        &json!([{ "kind": "photo", "uri": "https://www.example.com/pub/photos/jqpublic.gif" }]),
    );
    check(
        "3.0",
        "PHOTO;ENCODING=b;TYPE=JPEG:AAEC",
        "media",
        &json!([{ "kind": "photo", "uri": "data:image/jpeg;base64,AAEC" }]),
    );
    check("4.0", "GRAMGENDER:NEUTER", "speakToAs", &json!({ "grammaticalGender": "neuter" }));
    check("4.0", "KIND:Group", "kind", &json!("group"));
    check("3.0", "X-ADDRESSBOOKSERVER-KIND:group", "kind", &json!("group"));
}

/// RFC 9555 §2.6, §2.7: where somebody is reached.
#[test]
fn where_it_is_reached() {
    let address = json!({
        "contexts": { "work": true }, "full": "54321 Oak St\nReston\nUSA", "coordinates": "geo:12.3457,78.910", "countryCode": "US",
        "components": [
            { "kind": "name", "value": "54321 Oak St" }, { "kind": "locality", "value": "Reston" },
            { "kind": "region", "value": "VA" }, { "kind": "postcode", "value": "20190" }, { "kind": "country", "value": "USA" },
        ],
    });
    let line = "ADR;TYPE=WORK;CC=US;GEO=\"geo:12.3457,78.910\";LABEL=\"54321 Oak St^nReston^nUSA\":;;54321 Oak St;Reston;VA;20190;USA";
    check("4.0", line, "addresses", &json!([address]));
    // RFC 9554 §2.1: street and number have places of their own, and stand in the older one too.
    let address = json!({ "components": [
        { "kind": "locality", "value": "Reston" }, { "kind": "apartment", "value": "3" }, { "kind": "number", "value": "54321" },
        { "kind": "name", "value": "Oak St" },
    ] });
    check("4.0", "ADR:;3;54321,Oak St;Reston;;;;;3;;54321;Oak St;;;;;;", "addresses", &json!([address]));
    check(
        "4.0",
        "EMAIL;TYPE=work:jqpublic@xyz.example.com",
        "emails",
        &json!([{ "address": "jqpublic@xyz.example.com", "contexts": { "work": true } }]),
    );
    check(
        "4.0",
        "EMAIL;PREF=1:jane_doe@example.com",
        "emails",
        &json!([{ "address": "jane_doe@example.com", "pref": 1 }]),
    );
    check("3.0", "EMAIL;TYPE=INTERNET,PREF:a@x.test", "emails", &json!([{ "address": "a@x.test", "pref": 1 }]));
    check(
        "4.0",
        "IMPP;PREF=1:xmpp:alice@example.com",
        "onlineServices",
        &json!([{ "uri": "xmpp:alice@example.com", "pref": 1, "vCardName": "impp" }]),
    );
    let social = json!([{ "service": "Mastodon", "user": "@foo", "uri": "https://example.com/@foo" }]);
    check(
        "4.0",
        "SOCIALPROFILE;SERVICE-TYPE=Mastodon;USERNAME=@foo:https://example.com/@foo",
        "onlineServices",
        &social,
    );
    check(
        "4.0",
        "SOCIALPROFILE;SERVICE-TYPE=SomeSite;VALUE=text:peter94",
        "onlineServices",
        &json!([{ "service": "SomeSite", "user": "peter94" }]),
    );
    check(
        "4.0",
        "LANG;TYPE=work;PREF=1:en",
        "preferredLanguages",
        &json!([{ "language": "en", "contexts": { "work": true }, "pref": 1 }]),
    );
    let phone = json!([{ "number": "tel:+1-555-555-5555;ext=5555", "contexts": { "private": true }, "features": { "voice": true }, "pref": 1 }]);
    check("4.0", "TEL;VALUE=uri;PREF=1;TYPE=\"voice,home\":tel:+1-555-555-5555;ext=5555", "phones", &phone);
    check(
        "2.1",
        "TEL;CELL;HOME:06 00",
        "phones",
        &json!([{ "number": "06 00", "contexts": { "private": true }, "features": { "mobile": true } }]),
    );
    // RFC 9555 §2.13: labels of Apple's.
    check("3.0", "item1.TEL:1\nitem1.X-ABLabel:_$!<Other>!$_", "phones", &json!([{ "number": "1", "label": "Other" }]));
}

/// RFC 9555 §2.9 to §2.12: what somebody does, and what else is said.
#[test]
fn what_is_said() {
    check(
        "4.0",
        "ORG:ABC\\, Inc.;North American Division;Marketing",
        "organizations",
        &json!([{ "name": "ABC, Inc.", "units": [{ "name": "North American Division" }, { "name": "Marketing" }] }]),
    );
    check(
        "4.0",
        "TITLE:Research Scientist\nROLE:Project Leader",
        "titles",
        &json!([{ "kind": "title", "name": "Research Scientist" }, { "kind": "role", "name": "Project Leader" }]),
    );
    check(
        "4.0",
        "CONTACT-URI;PREF=1:mailto:contact@example.com",
        "links",
        &json!([{ "kind": "contact", "uri": "mailto:contact@example.com", "pref": 1 }]),
    );
    check(
        "4.0",
        "MEMBER:urn:uuid:03a0e51f\nMEMBER:mailto:a@b.c",
        "members",
        &json!({ "urn:uuid:03a0e51f": true, "mailto:a@b.c": true }),
    );
    let related = json!({ "urn:uuid:f81d4fae": { "@type": "Relation", "relation": { "friend": true } }, "https://example.com/d": { "@type": "Relation", "relation": {} } });
    check("4.0", "RELATED;TYPE=friend:urn:uuid:f81d4fae\nRELATED:https://example.com/d", "relatedTo", &related);
    check(
        "4.0",
        "EXPERTISE;LEVEL=beginner;INDEX=2:Chinese literature",
        "personalInfo",
        &json!([{ "kind": "expertise", "value": "Chinese literature", "level": "low", "listAs": 2 }]),
    );
    check(
        "4.0",
        "HOBBY;LEVEL=high:reading",
        "personalInfo",
        &json!([{ "kind": "hobby", "value": "reading", "level": "high" }]),
    );
    check("4.0", "CATEGORIES:internet,IETF", "keywords", &json!({ "internet": true, "IETF": true }));
    check("4.0", "NOTE:a\\nb\\, c", "notes", &json!([{ "note": "a\nb, c" }]));
    check("4.0", "REV:19951031T222710Z", "updated", &json!("1995-10-31T22:27:10Z"));
    check("3.0", "REV:1995-10-31T22:27:10Z", "updated", &json!("1995-10-31T22:27:10Z"));
    check(
        "4.0",
        "CALURI;PREF=1:https://cal.example.com/calA",
        "calendars",
        &json!([{ "kind": "calendar", "uri": "https://cal.example.com/calA", "pref": 1 }]),
    );
    check(
        "4.0",
        "FBURL;MEDIATYPE=text/calendar:ftp://example.com/busy/b.ifb",
        "calendars",
        &json!([{ "kind": "freeBusy", "uri": "ftp://example.com/busy/b.ifb", "mediaType": "text/calendar" }]),
    );
    check(
        "4.0",
        "CALADRURI:mailto:janedoe@example.com",
        "schedulingAddresses",
        &json!([{ "uri": "mailto:janedoe@example.com" }]),
    );
    check(
        "4.0",
        "ORG-DIRECTORY;INDEX=1:https://directory.mycompany.example.com",
        "directories",
        &json!([{ "kind": "directory", "uri": "https://directory.mycompany.example.com", "listAs": 1 }]),
    );
    check(
        "4.0",
        "KEY:https://www.example.com/keys/jdoe.cer",
        "cryptoKeys",
        &json!([{ "uri": "https://www.example.com/keys/jdoe.cer" }]),
    );
}

#[test]
fn ids_are_the_cards_own_or_those_of_values() {
    let told = card("4.0", "EMAIL;PROP-ID=first:a@x.test\nEMAIL:b@x.test\nEMAIL:b@x.test");
    let emails = told["emails"].as_object().unwrap();
    assert_eq!(emails["first"]["address"], "a@x.test");
    let again = card("4.0", "EMAIL:c@x.test\nEMAIL:b@x.test\nEMAIL;TYPE=home:b@x.test");
    let same: Vec<&String> = emails.keys().filter(|id| again["emails"].get(*id).is_some()).collect();
    assert_eq!(same.len(), 2, "what others stand before it says nothing: {emails:?} {again:?}");
}
