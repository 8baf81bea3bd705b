//! Contacts (RFC 9610) over the campus's Radicale: what one client writes by JMAP, another one reads by CardDAV, and back.

use super::{HOST, Jmap, events::Window};
use crate::{
    collections::{ask, radicale},
    harness::{Gateway, curl},
    sharing::grants,
    web::Browser,
};
use serde_json::{Value, json};

const CONTACTS: &str = "urn:ietf:params:jmap:contacts";

fn session(jmap: &Jmap<'_>) -> Value {
    let told = curl(jmap.gateway, HOST, Some(&jmap.who), "GET", "/jmap/session", &[]);
    serde_json::from_str(&told.body).unwrap()
}

/// A client of somebody's contacts, who has none yet.
fn fresh<'a>(gateway: &'a Gateway, login: &str) -> Jmap<'a> {
    radicale("DELETE", &format!("/a-{login}/"), "");
    Jmap::of(gateway, login)
}

/// A new address book; its id.
#[track_caller]
fn book(jmap: &Jmap<'_>, name: &str) -> String {
    let set = jmap.call("AddressBook/set", json!({ "create": { "b": { "name": name, "description": "à nous" } } }));
    set["created"]["b"]["id"].as_str().unwrap_or_else(|| panic!("{set}")).to_owned()
}

/// A new card; its id.
#[track_caller]
fn card(jmap: &Jmap<'_>, book: &str, mut card: Value) -> String {
    card["addressBookIds"] = json!({ book: true });
    let set = jmap.call("ContactCard/set", json!({ "create": { "c": card } }));
    set["created"]["c"]["id"].as_str().unwrap_or_else(|| panic!("{set}")).to_owned()
}

#[track_caller]
fn got(jmap: &Jmap<'_>, id: &str) -> Value {
    let got = jmap.call("ContactCard/get", json!({ "ids": [id] }));
    assert_eq!(got["notFound"], json!([]), "{id}");
    got["list"][0].clone()
}

/// What changed since a state, and the next one.
#[track_caller]
fn since(jmap: &Jmap<'_>, state: &Value) -> (Value, Value) {
    let changes = jmap.call("ContactCard/changes", json!({ "sinceState": state }));
    (changes.clone(), changes["newState"].clone())
}

#[test]
fn cards_are_made_found_changed_and_moved() {
    let gateway = Gateway::start("jmap-contacts");
    let jmap = fresh(&gateway, "u00151");
    let told = session(&jmap);
    assert_eq!(told["primaryAccounts"][CONTACTS], json!(jmap.account));
    let can = &told["accounts"][&jmap.account]["accountCapabilities"][CONTACTS];
    assert_eq!(*can, json!({ "maxAddressBooksPerCard": 1, "mayCreateAddressBook": true }));
    assert_eq!(jmap.call("AddressBook/get", json!({ "ids": null }))["list"], json!([]));

    let (first, second) = (book(&jmap, "Collègues d’été"), book(&jmap, "Autres"));
    let books = jmap.call("AddressBook/get", json!({ "ids": [first, "Cnothing"] }));
    assert_eq!(books["notFound"], json!(["Cnothing"]));
    let seen = &books["list"][0];
    assert_eq!((&seen["name"], &seen["description"]), (&json!("Collègues d’été"), &json!("à nous")), "{seen}");
    assert!(seen["myRights"].as_object().unwrap().values().all(|it| *it == true), "{seen}");
    let state = books["state"].clone();
    let renamed =
        jmap.call("AddressBook/set", json!({ "update": { &first: { "name": "Collègues", "sortOrder": 3 } } }));
    assert_eq!(renamed["notUpdated"], Value::Null, "{renamed}");
    let changes = jmap.call("AddressBook/changes", json!({ "sinceState": state }));
    assert_eq!((&changes["updated"], &changes["created"]), (&json!([first]), &json!([])));
    let all = jmap.call("AddressBook/get", json!({ "ids": null, "properties": ["name", "sortOrder", "isDefault"] }));
    let mut names: Vec<&Value> = all["list"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    names.sort_by_key(|it| it.to_string());
    assert_eq!(names, ["Autres", "Collègues"]);
    assert_eq!(all["list"].as_array().unwrap().iter().filter(|it| it["isDefault"] == true).count(), 1);

    let state = jmap.call("ContactCard/get", json!({ "ids": [] }))["state"].clone();
    let zoe = card(
        &jmap,
        &first,
        json!({
            "@type": "Card", "version": "1.0", "uid": "urn:uuid:0a6e2b5e-0000-4000-8000-000000000151",
            "name": { "full": "Zoë Dupré", "components": [{ "kind": "given", "value": "Zoë" }, { "kind": "surname", "value": "Dupré" }] },
            "emails": { "w": { "address": "zoe@a.test", "contexts": { "work": true }, "pref": 1 } },
            "phones": { "t": { "number": "+33 5 00", "features": { "mobile": true } } },
            "organizations": { "o": { "name": "Univ", "units": [{ "name": "Chimie" }] } },
            "notes": { "n": { "note": "deux\nlignes, virgule; point" } },
            "keywords": { "équipe": true },
        }),
    );
    let told = got(&jmap, &zoe);
    assert_eq!(told["name"]["full"], "Zoë Dupré", "{told}");
    assert_eq!(
        told["emails"]["w"],
        json!({ "address": "zoe@a.test", "contexts": { "work": true }, "pref": 1 }),
        "{told}"
    );
    assert_eq!(told["notes"]["n"]["note"], "deux\nlignes, virgule; point", "{told}");
    assert_eq!((&told["keywords"], &told["addressBookIds"]), (&json!({ "équipe": true }), &json!({ &first: true })));
    // The same uid lies once in a book.
    let again = json!({ "uid": told["uid"], "addressBookIds": { &first: true } });
    let again = jmap.call("ContactCard/set", json!({ "create": { "c": again } }));
    assert_eq!(again["notCreated"]["c"]["type"], "alreadyExists", "{again}");
    assert_eq!(again["notCreated"]["c"]["existingId"], json!(zoe));
    let (changes, state) = since(&jmap, &state);
    assert_eq!(changes["created"], json!([zoe]), "{changes}");

    let max =
        card(&jmap, &second, json!({ "name": { "full": "Max Martin" }, "nicknames": { "n": { "name": "Maxou" } } }));
    let query = |filter: Value| jmap.call("ContactCard/query", json!({ "filter": filter }))["ids"].clone();
    for (filter, expected) in [
        (json!(null), 2),
        (json!({ "text": "DUPRE\u{301}" }), 1),
        (json!({ "text": "zoë chimie" }), 1),
        (json!({ "text": "zoë physique" }), 0),
        (json!({ "email": "zoe@a" }), 1),
        (json!({ "name/surname": "dupré" }), 1),
        (json!({ "name/given": "dupré" }), 0),
        (json!({ "nickname": "max" }), 1),
        (json!({ "phone": "+33" }), 1),
        (json!({ "inAddressBook": second }), 1),
        (json!({ "uid": told["uid"] }), 1),
        (json!({ "kind": "group" }), 0),
        (json!({ "operator": "NOT", "conditions": [{ "organization": "univ" }] }), 1),
    ] {
        assert_eq!(query(filter.clone()).as_array().unwrap().len(), expected, "{filter}");
    }
    let sorted = jmap.call(
        "ContactCard/query",
        json!({ "sort": [{ "property": "name/surname", "isAscending": false }], "calculateTotal": true }),
    );
    assert_eq!((&sorted["ids"], &sorted["total"]), (&json!([zoe, max]), &json!(2)), "{sorted}");
    assert_eq!(jmap.refused("ContactCard/query", json!({ "sort": [{ "property": "size" }] })), "unsupportedSort");
    let same = json!({ "sinceQueryState": sorted["queryState"] });
    assert_eq!(jmap.call("ContactCard/queryChanges", same.clone())["added"], json!([]));

    // A patch changes what it says.
    let patch = json!({ "emails/w/address": "zoe@b.test", "phones": null });
    let set = jmap.call("ContactCard/set", json!({ "update": { &zoe: patch } }));
    assert_eq!(set["notUpdated"], Value::Null, "{set}");
    let told = got(&jmap, &zoe);
    assert_eq!((&told["emails"]["w"]["address"], &told["phones"]), (&json!("zoe@b.test"), &Value::Null), "{told}");
    assert_eq!(jmap.refused("ContactCard/queryChanges", same), "cannotCalculateChanges");
    let (changes, state) = since(&jmap, &state);
    assert!(changes["updated"].as_array().unwrap().contains(&json!(zoe)), "{changes}");
    for (patch, word) in [
        (json!({ "emails/nothing/address": "x" }), "invalidPatch"),
        (json!({ "uid": "other" }), "invalidProperties"),
        (json!({ "id": "other" }), "invalidProperties"),
        (json!({ "addressBookIds": { &first: true, &second: true } }), "invalidProperties"),
        (json!({ "example.com:foo": 1 }), "invalidProperties"),
    ] {
        let set = jmap.call("ContactCard/set", json!({ "update": { &zoe: patch } }));
        assert_eq!(set["notUpdated"][&zoe]["type"], word, "{set}");
    }

    // It goes into the other book, and has another id there.
    let set = jmap.call("ContactCard/set", json!({ "update": { &zoe: { "addressBookIds": { &second: true } } } }));
    let moved = set["updated"][&zoe]["id"].as_str().unwrap_or_else(|| panic!("{set}")).to_owned();
    assert_eq!(jmap.call("ContactCard/get", json!({ "ids": [zoe] }))["notFound"], json!([zoe]));
    assert_eq!(got(&jmap, &moved)["emails"]["w"]["address"], "zoe@b.test");
    let (changes, _) = since(&jmap, &state);
    assert_eq!(changes["destroyed"], json!([zoe]), "{changes}");

    // A book goes with its cards only where that is said.
    let kept = jmap.call("AddressBook/set", json!({ "destroy": [second] }));
    assert_eq!(kept["notDestroyed"][&second]["type"], "addressBookHasContents", "{kept}");
    let state = jmap.call("ContactCard/get", json!({ "ids": [] }))["state"].clone();
    let gone = jmap.call("AddressBook/set", json!({ "destroy": [second], "onDestroyRemoveContents": true }));
    assert_eq!(gone["destroyed"], json!([second]), "{gone}");
    assert_eq!(jmap.refused("ContactCard/changes", json!({ "sinceState": state })), "cannotCalculateChanges");
    assert_eq!(query(json!(null)), json!([]));
}

#[test]
fn what_another_client_writes_is_seen_and_kept_octet_for_octet() {
    let gateway = Gateway::start("jmap-contacts-dav");
    let jmap = fresh(&gateway, "u00152");
    let (who, home) = ("u00152@a.test:pw-u00152", "/dav/contacts/u00152/");
    let book = book(&jmap, "Tous");
    let (_, state) = since(&jmap, &jmap.call("ContactCard/get", json!({ "ids": [] }))["state"]);
    // By CardDAV: the collection that JMAP has made, and a card with what no JSContact knows.
    let listed = ask(&gateway, who, "PROPFIND", home, &["Depth: 1"], "");
    let mut collection = listed.body.split("<D:href>").filter_map(|it| it.split("</D:href>").next());
    let collection = collection.find(|it| it.starts_with(home) && *it != home).unwrap().to_owned();
    let vcard = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x1\r\nN:Dupont;Ève;;;\r\nFN:Ève Dupont\r\nEMAIL;TYPE=INTERNET:eve@a.test\r\n\
        X-OURS;X-P=1:kept\\, as it is\r\nEND:VCARD\r\n";
    let item = format!("{collection}eve.vcf");
    assert_eq!(ask(&gateway, who, "PUT", &item, &["Content-Type: text/vcard"], vcard).status, 201);
    let (changes, state) = since(&jmap, &state);
    let [id] = changes["created"].as_array().unwrap().as_slice() else { panic!("{changes}") };
    let id = id.as_str().unwrap();
    let told = got(&jmap, id);
    assert_eq!((&told["uid"], &told["name"]["full"]), (&json!("x1"), &json!("Ève Dupont")), "{told}");
    let (email, _) = told["emails"].as_object().unwrap().iter().next().unwrap();

    // A patch by JMAP leaves everything else as the server has it.
    let before = ask(&gateway, who, "GET", &item, &[], "").body;
    let pointer = format!("emails/{email}/address");
    let set = jmap.call("ContactCard/set", json!({ "update": { id: { pointer: "eve@b.test" } } }));
    assert_eq!(set["notUpdated"], Value::Null, "{set}");
    let after = ask(&gateway, who, "GET", &item, &[], "").body;
    let others = |text: &str| {
        let mut lines: Vec<String> = text.lines().filter(|it| !it.contains("EMAIL")).map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(others(&before), others(&after));
    assert!(after.contains("eve@b.test") && after.contains("kept\\, as it is"), "{after}");
    assert_eq!(got(&jmap, id)["emails"][email]["address"], "eve@b.test", "its id stays");
    let (_, state) = since(&jmap, &state);

    // Past the gateway: changed, and gone.
    let path = &item.replace(home, "/a-u00152/");
    radicale("PUT", path, &after.replace("Dupont", "Durand"));
    let (changes, state) = since(&jmap, &state);
    assert_eq!(changes["updated"], json!([id]), "{changes}");
    assert_eq!(got(&jmap, id)["name"]["full"], "Ève Durand");
    radicale("DELETE", path, "");
    let (changes, state) = since(&jmap, &state);
    assert_eq!(changes["destroyed"], json!([id]), "{changes}");
    // What nobody gave out says nothing.
    let forged = format!("{}x", state.as_str().unwrap());
    assert_eq!(jmap.refused("ContactCard/changes", json!({ "sinceState": forged })), "cannotCalculateChanges");
    // Of a book that a client does not know yet nothing is gone.
    let (all, _) = since(&jmap, &json!("v"));
    assert_eq!((&all["created"], &all["destroyed"]), (&json!([]), &json!([])), "{all}");

    // What changes through the gateway is told to who listens, whichever way it comes.
    let window = Window::open(&gateway, "u00152", "types=ContactCard&closeafter=state&ping=0");
    assert_eq!(
        ask(&gateway, who, "PUT", &format!("{collection}z.vcf"), &[], &vcard.replace("UID:x1", "UID:z1")).status,
        201
    );
    let now = jmap.call("ContactCard/get", json!({ "ids": [] }))["state"].clone();
    let told = json!({ "@type": "StateChange", "changed": { &jmap.account: { "ContactCard": now } } });
    assert!(window.rest().contains(&told.to_string()), "{told}");

    // And back: what JMAP makes, CardDAV reads.
    card(&jmap, &book, json!({ "uid": "y1", "name": { "full": "Noël" } }));
    let read = ask(&gateway, who, "GET", &format!("{collection}y1.vcf"), &[], "");
    assert!(read.status == 200 && read.body.contains("FN:Noël"), "{read:?}");
}

#[test]
fn a_book_of_somebody_else_is_in_their_account() {
    let gateway = Gateway::start("jmap-contacts-shared");
    let (owner, me) = (fresh(&gateway, "u00153"), fresh(&gateway, "u00154"));
    let (shared, hidden) = (book(&owner, "Projet"), book(&owner, "Secret"));
    let theirs = card(&owner, &shared, json!({ "name": { "full": "Ada" } }));
    let secret = card(&owner, &hidden, json!({ "name": { "full": "Secret" } }));
    let account = |jmap: &Jmap<'_>| {
        let session = session(jmap);
        let accounts = session["accounts"].as_object().unwrap();
        accounts.iter().find(|(_, it)| it["name"] == "u00153").map(|(id, it)| (id.clone(), it.clone()))
    };
    assert_eq!(account(&me), None);
    let listed = ask(&gateway, "u00153@a.test:pw-u00153", "PROPFIND", "/dav/contacts/u00153/", &["Depth: 1"], "");
    let of_projet = listed.body.split("<D:response>").find(|it| it.contains("Projet"));
    let path = of_projet.and_then(|it| it.split("/dav/contacts/u00153/").nth(1)?.split('/').next());
    let path = path.unwrap_or_else(|| panic!("{}", listed.body));
    let give = |rights: &str| {
        let target = format!("{{'owner': 'u00153', 'kind': 'addressbook', 'path': '{path}'}}");
        grants(
            &gateway,
            "u00001@a.test:pw-u00001",
            &format!("s.grant.set({target}, {{'account': 'u00154'}}, {rights})"),
        );
    };
    give("['read']");
    let (id, told) = account(&me).unwrap();
    assert_eq!((&told["isPersonal"], &told["isReadOnly"]), (&json!(false), &json!(true)), "{told}");
    assert_eq!(told["accountCapabilities"][CONTACTS]["mayCreateAddressBook"], false);
    assert!(told["accountCapabilities"]["urn:ietf:params:jmap:mail"].is_null(), "{told}");
    let at = Jmap { gateway: &gateway, who: me.who.clone(), account: id.clone() };
    // There is no mail of theirs.
    assert_eq!(at.refused("Mailbox/get", json!({ "ids": null })), "accountNotSupportedByMethod");
    let books = at.call("AddressBook/get", json!({ "ids": null }));
    assert_eq!(books["list"].as_array().unwrap().len(), 1, "{books}");
    assert_eq!(
        books["list"][0]["myRights"],
        json!({ "mayRead": true, "mayWrite": false, "mayShare": false, "mayDelete": false })
    );
    let all = at.call("ContactCard/get", json!({ "ids": null }));
    assert_eq!((&all["list"][0]["name"]["full"], all["list"].as_array().unwrap().len()), (&json!("Ada"), 1), "{all}");
    // Hidden is missing, by get, changes, query and set.
    for method in ["ContactCard/get", "AddressBook/get"] {
        let ids = if method == "ContactCard/get" { &secret } else { &hidden };
        assert_eq!(at.call(method, json!({ "ids": [ids] }))["notFound"], json!([ids]));
    }
    let made = json!({ "name": { "full": "x" }, "addressBookIds": { &hidden: true } });
    let set = at.call(
        "ContactCard/set",
        json!({ "create": { "h": made.clone() }, "destroy": [&secret], "update": { &secret: {} } }),
    );
    assert_eq!(set["notCreated"]["h"]["properties"], json!(["addressBookIds"]), "{set}");
    assert_eq!(
        (&set["notDestroyed"][&secret]["type"], &set["notUpdated"][&secret]["type"]),
        (&json!("notFound"), &json!("notFound"))
    );
    // What may be read may not be changed.
    let mine = json!({ "name": { "full": "x" }, "addressBookIds": { &shared: true } });
    let set = at.call(
        "ContactCard/set",
        json!({ "create": { "c": mine.clone() }, "update": { &theirs: { "name/full": "y" } }, "destroy": [&theirs] }),
    );
    for (what, key) in [("notCreated", "c"), ("notUpdated", theirs.as_str()), ("notDestroyed", theirs.as_str())] {
        assert_eq!(set[what][key]["type"], "forbidden", "{what}: {set}");
    }
    // It is copied to one's own.
    let own = book(&me, "À moi");
    let copy = json!({ "fromAccountId": id, "create": { "k": { "id": theirs, "addressBookIds": { &own: true } } } });
    let copied = me.call("ContactCard/copy", copy);
    let copy = copied["created"]["k"]["id"].as_str().unwrap_or_else(|| panic!("{copied}"));
    assert_eq!(got(&me, copy)["name"]["full"], "Ada");
    give("['read', 'add', 'edit', 'remove']");
    let state = owner.call("ContactCard/get", json!({ "ids": [] }))["state"].clone();
    let set = at
        .call("ContactCard/set", json!({ "create": { "c": mine }, "update": { &theirs: { "name/full": "Ada L." } } }));
    assert!(set["created"]["c"]["id"].is_string() && set["notUpdated"].is_null(), "{set}");
    let (changes, _) = since(&owner, &state);
    assert_eq!(changes["created"].as_array().unwrap().len(), 2, "{changes}");
    assert_eq!(got(&owner, &theirs)["name"]["full"], "Ada L.");
    let removed = at.call("AddressBook/set", json!({ "destroy": [&shared], "onDestroyRemoveContents": true }));
    assert_eq!(removed["notDestroyed"][&shared]["type"], "forbidden", "it stays the owner's: {removed}");
    // Taken back: it is as if it had never been.
    let target = format!("{{'owner': 'u00153', 'kind': 'addressbook', 'path': '{path}'}}");
    grants(&gateway, "u00001@a.test:pw-u00001", &format!("s.grant.remove({target}, {{'account': 'u00154'}})"));
    assert_eq!(account(&me), None);
    assert_eq!(at.refused("ContactCard/get", json!({ "ids": [&theirs] })), "accountNotFound");
}

#[test]
fn who_manages_a_book_says_who_else_has_it() {
    let gateway = Gateway::start("jmap-contacts-sharing");
    let (owner, other) = (fresh(&gateway, "u00157"), fresh(&gateway, "u00158"));
    let found = owner.call("Principal/query", json!({ "filter": { "text": "u00158", "type": "individual" } }));
    let principal = found["ids"][0].as_str().unwrap_or_else(|| panic!("{found}")).to_owned();
    let reads = json!({ "mayRead": true, "mayWrite": false, "mayShare": false, "mayDelete": false });
    // With the book itself.
    let made = json!({ "create": { "b": { "name": "Ensemble", "shareWith": { &principal: reads } } } });
    let set = owner.call("AddressBook/set", made);
    let book = set["created"]["b"]["id"].as_str().unwrap_or_else(|| panic!("{set}")).to_owned();
    assert!(set["created"]["b"]["shareWith"].is_null(), "it is as it was said: {set}");
    let with = || {
        owner.call("AddressBook/get", json!({ "ids": [book], "properties": ["shareWith"] }))["list"][0]["shareWith"]
            .clone()
    };
    assert_eq!(with(), json!({ &principal: reads }));
    let account = || {
        let session = session(&other);
        let accounts = session["accounts"].as_object().unwrap();
        accounts.iter().find(|(_, it)| it["name"] == "u00157").map(|(id, _)| id.clone())
    };
    let theirs = Jmap { gateway: &gateway, who: other.who.clone(), account: account().unwrap() };
    let seen = theirs.call("AddressBook/get", json!({ "ids": [book] }));
    assert_eq!((&seen["list"][0]["myRights"], &seen["list"][0]["shareWith"]), (&reads, &Value::Null), "{seen}");
    // Who may only read gives nothing on.
    let set = theirs.call("AddressBook/set", json!({ "update": { &book: { "shareWith": null } } }));
    assert_eq!(set["notUpdated"][&book]["type"], "forbidden", "{set}");
    let more = owner
        .call("AddressBook/set", json!({ "update": { &book: { format!("shareWith/{principal}/mayWrite"): true } } }));
    assert!(more["notUpdated"].is_null(), "{more}");
    let seen = theirs.call("AddressBook/get", json!({ "ids": [book], "properties": ["myRights"] }));
    assert_eq!(seen["list"][0]["myRights"]["mayWrite"], true, "{seen}");
    let nobody = owner.call("AddressBook/set", json!({ "update": { &book: { "shareWith": { "Unobody": reads } } } }));
    assert_eq!(nobody["notUpdated"][&book]["properties"], json!(["shareWith"]), "{nobody}");
    let none = owner.call("AddressBook/set", json!({ "update": { &book: { "shareWith": null, "name": "À moi" } } }));
    assert!(none["notUpdated"].is_null(), "{none}");
    assert_eq!((with(), account()), (Value::Null, None));
}

#[test]
fn the_directory_is_searched_and_listed_to_nobody() {
    let gateway = Gateway::start("jmap-directory");
    let jmap = fresh(&gateway, "u00155");
    let session = session(&jmap);
    let accounts = session["accounts"].as_object().unwrap();
    let found = accounts.iter().find(|(id, _)| id.starts_with('E'));
    let (id, told) = found.unwrap_or_else(|| panic!("{session}"));
    assert_eq!((&told["isPersonal"], &told["isReadOnly"]), (&json!(false), &json!(true)));
    let directory = Jmap { gateway: &gateway, who: jmap.who.clone(), account: id.clone() };
    let books = directory.call("AddressBook/get", json!({ "ids": null }));
    let book = &books["list"][0];
    assert_eq!((&book["myRights"]["mayRead"], &book["myRights"]["mayWrite"]), (&json!(true), &json!(false)), "{book}");
    // Nobody gets a list, and too few letters find nobody.
    let all = directory.call("ContactCard/get", json!({ "ids": null }));
    assert_eq!(all["list"], json!([]));
    for filter in
        [json!(null), json!({}), json!({ "text": "u" }), json!({ "kind": "individual" }), json!({ "phone": "+33 1" })]
    {
        assert_eq!(directory.call("ContactCard/query", json!({ "filter": filter }))["ids"], json!([]), "{filter}");
    }
    assert_eq!(directory.refused("ContactCard/query", json!({ "filter": { "text": "u00" } })), "unsupportedFilter");
    let query = |text: &str| directory.call("ContactCard/query", json!({ "filter": { "text": text } }))["ids"].clone();
    let one = query("u00156");
    assert_eq!(one, json!(["DdTAwMTU2"]));
    let got = directory.call("ContactCard/get", json!({ "ids": one }));
    let card = &got["list"][0];
    assert_eq!(card["emails"]["m0"]["address"], "u00156@a.test", "{card}");
    assert!(card["phones"]["t0"]["number"].as_str().unwrap().starts_with("+33 1"), "{card}");
    assert_eq!((&card["uid"], &card["addressBookIds"]), (&json!("u00156@a.test"), &json!({ "directory": true })));
    // Who asked not to be listed is found by nothing, not even by the id.
    assert_eq!(query("u00150"), json!([]));
    let hidden = directory.call("ContactCard/get", json!({ "ids": ["DdTAwMTUw", "DdTAwMDk5eA"] }));
    assert_eq!((&hidden["list"], hidden["notFound"].as_array().unwrap().len()), (&json!([]), 2), "{hidden}");
    let state = all["state"].clone();
    assert_eq!(directory.call("ContactCard/changes", json!({ "sinceState": state }))["created"], json!([]));
    // It is read only, and what is found goes into one's own book.
    for method in ["ContactCard/set", "AddressBook/set"] {
        assert_eq!(directory.refused(method, json!({ "destroy": ["DdTAwMTU2", "directory"] })), "accountReadOnly");
    }
    let own = self::book(&jmap, "De l’annuaire");
    let copy =
        json!({ "fromAccountId": id, "create": { "k": { "id": "DdTAwMTU2", "addressBookIds": { &own: true } } } });
    let copied = jmap.call("ContactCard/copy", copy);
    let copy = copied["created"]["k"]["id"].as_str().unwrap_or_else(|| panic!("{copied}"));
    assert_eq!(self::got(&jmap, copy)["emails"]["m0"]["address"], "u00156@a.test");
    // Mail's methods know no such account.
    assert_eq!(directory.refused("Mailbox/get", json!({ "ids": null })), "accountNotFound");
}

#[test]
fn an_app_password_for_mail_opens_no_contacts() {
    let gateway = Gateway::start("jmap-contacts-scope");
    radicale("DELETE", "/a-u00159/", "");
    let jmap = Jmap::of(&gateway, "u00159");
    book(&jmap, "Privé");
    let mut browser = Browser::sign_in(&gateway, HOST, "u00159", "pw-u00159");
    let made = browser.post("/app-passwords", &[("name", "phone"), ("scope", "mail")]);
    let password = made.body.split_once("class=\"secret\">").unwrap().1.split('<').next().unwrap();
    let by = Jmap { gateway: &gateway, who: format!("u00159@a.test:{password}"), account: jmap.account.clone() };
    let told = session(&by);
    assert!(
        told["primaryAccounts"][CONTACTS].is_null() && told["primaryAccounts"]["urn:ietf:params:jmap:mail"].is_string(),
        "{told}"
    );
    assert_eq!(by.refused("AddressBook/get", json!({ "ids": null })), "accountNotSupportedByMethod");
}
