//! People and groups, and mailboxes that are shared with them (RFC 9670): what is written is what IMAP's ACL says, and who may not say
//! it is refused.

use super::{HOST, Jmap, filled};
use crate::{
    harness::{Gateway, State, curl},
    shared_mail::ok,
};
use serde_json::{Value, json};

fn session(jmap: &Jmap<'_>) -> Value {
    let told = curl(jmap.gateway, HOST, Some(&jmap.who), "GET", "/jmap/session", &[]);
    serde_json::from_str(&told.body).unwrap()
}

/// The one person that is called so.
#[track_caller]
fn person(jmap: &Jmap<'_>, text: &str) -> String {
    let filter = json!({ "text": text, "type": "individual" });
    let found = jmap.call("Principal/query", json!({ "filter": filter }));
    let [id] = found["ids"].as_array().unwrap().as_slice() else { panic!("{text}: {found}") };
    id.as_str().unwrap().to_owned()
}

#[track_caller]
fn done(set: &Value) {
    assert!(set["notUpdated"].is_null(), "{set}");
}

#[test]
fn people_are_found_by_name_and_told_to_nobody_as_a_list() {
    let gateway = Gateway::start("jmap-principals");
    let jmap = Jmap::of(&gateway, "u00486");
    let session = session(&jmap);
    assert!(session["capabilities"]["urn:ietf:params:jmap:principals"].is_object(), "{session}");
    let capabilities = &session["accounts"][&jmap.account]["accountCapabilities"];
    let own = &capabilities["urn:ietf:params:jmap:principals"]["currentUserPrincipalId"];
    let owner = &capabilities["urn:ietf:params:jmap:principals:owner"];
    assert_eq!((&owner["principalId"], &owner["accountIdForPrincipal"]), (own, &json!(jmap.account)));
    // Oneself, with the account (RFC 9670 §2).
    let got = jmap.call("Principal/get", json!({ "ids": [own, "Unobody", own] }));
    assert_eq!(got["notFound"], json!(["Unobody"]));
    let [me] = got["list"].as_array().unwrap().as_slice() else { panic!("{got}") };
    assert_eq!((&me["type"], &me["email"]), (&json!("individual"), &json!("u00486@a.test")), "{me}");
    assert_eq!(me["accounts"][&jmap.account], session["accounts"][&jmap.account], "{me}");
    // Another, by login; their account is nothing to this person.
    let other = person(&jmap, "u00487");
    let got = jmap.call("Principal/get", json!({ "ids": [other], "properties": ["email", "accounts", "timeZone"] }));
    assert_eq!(got["list"][0], json!({ "id": other, "email": "u00487@a.test", "accounts": null, "timeZone": null }));
    let none = json!({ "filter": { "text": "u00487", "email": "u00486@" } });
    assert_eq!(jmap.call("Principal/query", none)["ids"], json!([]));
    let by_account = json!({ "filter": { "accountIds": [jmap.account, "Aother"] } });
    assert_eq!(jmap.call("Principal/query", by_account)["ids"], json!([own]));
    // All of them are told to nobody.
    assert_eq!(jmap.refused("Principal/get", json!({ "ids": null })), "requestTooLarge");
    for filter in
        [json!(null), json!({}), json!({ "text": "u" }), json!({ "type": "individual" }), json!({ "text": "u0" })]
    {
        let word = jmap.refused("Principal/query", json!({ "filter": filter }));
        assert_eq!(word, "unsupportedFilter", "{filter}");
    }
    // What is the directory's is not changed here, and its changes are not told (RFC 9670 §2.2 to §2.5).
    let state = &got["state"];
    assert_eq!(jmap.refused("Principal/changes", json!({ "sinceState": state })), "cannotCalculateChanges");
    let since = json!({ "sinceQueryState": state, "filter": { "text": "u00487" } });
    assert_eq!(jmap.refused("Principal/queryChanges", since), "cannotCalculateChanges");
    let set = jmap
        .call("Principal/set", json!({ "create": { "x": {} }, "update": { other.as_str(): {} }, "destroy": ["x"] }));
    let why =
        [&set["notCreated"]["x"], &set["notUpdated"][&other], &set["notDestroyed"]["x"]].map(|it| it["type"].clone());
    assert_eq!(why, ["forbidden", "forbidden", "notFound"]);
    // Nothing of what is shared is written down for later (RFC 9670 §3).
    let got = jmap.call("ShareNotification/get", json!({ "ids": null }));
    assert_eq!((&got["list"], &got["state"]), (&json!([]), &json!("0")));
    assert_eq!(jmap.call("ShareNotification/query", json!({}))["ids"], json!([]));
    let gone = jmap.call("ShareNotification/set", json!({ "destroy": ["x"] }));
    assert_eq!(gone["notDestroyed"]["x"]["type"], "notFound");
}

/// Whom one may invite: rooms as such, all of them, and somebody elsewhere by their whole address where the institutions have agreed.
#[test]
fn rooms_are_told_and_who_has_an_address_elsewhere() {
    let agreed = |config: &std::path::Path| {
        let settings = config.join("institutions/garonne/institution.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        let text = text.replace("shares_with = []", "shares_with = [\"autan\"]");
        std::fs::write(&settings, text + "[scheduling]\nrooms = [\"u00484\", \"nobody-1\"]\n").unwrap();
    };
    let gateway = Gateway::start_with("jmap-rooms", &State::Sqlite, agreed);
    let jmap = Jmap::of(&gateway, "u00486");
    let ids = |filter: Value| jmap.call("Principal/query", json!({ "filter": filter }))["ids"].clone();
    let rooms = ids(json!({ "type": "location" }));
    let [room] = rooms.as_array().unwrap().as_slice() else { panic!("{rooms}") };
    let got = jmap.call("Principal/get", json!({ "ids": [room], "properties": ["type", "email"] }));
    assert_eq!(got["list"][0], json!({ "id": room, "type": "location", "email": "u00484@a.test" }));
    assert_eq!(ids(json!({ "text": "u00484", "type": "individual" })), json!([]), "a room is no person");
    assert_eq!(ids(json!({ "type": "location", "text": "u00486" })), json!([]));
    let abroad = ids(json!({ "email": "u00484@b.test" }));
    let got = jmap.call("Principal/get", json!({ "ids": abroad, "properties": ["type", "name", "email"] }));
    let told = &got["list"][0];
    assert_eq!(
        (&told["type"], &told["name"], &told["email"]),
        (&json!("individual"), &json!("u00484@b.test"), &json!(null))
    );
    for nobody in ["u00484@b.tes", "nobody-1@b.test", "u00484@elsewhere.example"] {
        assert_eq!(ids(json!({ "email": nobody })), json!([]), "{nobody}");
    }
}

#[test]
fn a_mailbox_is_shared_as_setacl_does() {
    let gateway = Gateway::start("jmap-share-with");
    let mut imap = filled(&gateway, "u00488", "JmapPartage", &["Subject: shared\r\n\r\nx\r\n"]);
    let jmap = Jmap::of(&gateway, "u00488");
    let place = jmap.mailbox("JmapPartage");
    let other = person(&jmap, "u00489");
    let set = |patch: Value| -> Value { jmap.call("Mailbox/set", json!({ "update": { place.as_str(): patch } })) };
    let refused =
        |patch: Value| set(patch)["notUpdated"][&place]["type"].as_str().map(str::to_owned).unwrap_or_default();
    let told = || jmap.call("Mailbox/get", json!({ "ids": [place] }))["list"][0].clone();
    imap.command("d DELETE JmapPartage/JmapDedans");
    let mut acl = || ok(&mut imap, "g GETACL JmapPartage");
    assert_eq!((&told()["shareWith"], &told()["myRights"]["mayShare"]), (&json!(null), &json!(true)));

    // What cannot be kept is refused, and nothing is done.
    let with = |rights: Value| json!({ "shareWith": { other.as_str(): rights } });
    for wrong in [
        with(json!({ "maySetSeen": true })),
        with(json!({ "mayFly": true })),
        with(json!({ "mayReadItems": 1 })),
        with(json!({ "mayReadItems": true, "maySubmit": true })),
        json!({ "shareWith": { "Unobody": { "mayReadItems": true } } }),
    ] {
        assert_eq!(refused(wrong.clone()), "invalidProperties", "{wrong}");
    }
    let deep = format!("shareWith/{other}/mayReadItems");
    assert_eq!(refused(json!({ deep.as_str(): true })), "invalidPatch", "nobody is there yet");
    assert!(!acl().contains("u00489"));

    // Given, told, and in force.
    done(&set(with(json!({ "mayReadItems": true }))));
    assert!(acl().contains("\"u00489\" lr"), "{}", acl());
    assert_eq!(told()["shareWith"][&other]["mayReadItems"], true);
    assert_eq!(told()["shareWith"][&other]["mayShare"], false);
    let reader = Jmap::of(&gateway, "u00489");
    let accounts = session(&reader)["accounts"].as_object().unwrap().clone();
    let (account, facts) = accounts.iter().find(|(_, it)| it["name"] == "u00488").unwrap();
    let me = person(&reader, "u00488");
    assert_eq!(facts["accountCapabilities"]["urn:ietf:params:jmap:principals:owner"]["principalId"], json!(me));
    let theirs = Jmap { gateway: &gateway, who: reader.who.clone(), account: account.clone() };
    let seen = theirs.call("Mailbox/get", json!({ "ids": [place] }))["list"][0].clone();
    assert_eq!((&seen["shareWith"], &seen["myRights"]["mayShare"]), (&json!(null), &json!(false)), "{seen}");
    let give = json!({ "update": { place.as_str(): with(json!({ "mayReadItems": true })) } });
    assert_eq!(theirs.call("Mailbox/set", give)["notUpdated"][&place]["type"], "forbidden");
    let owners = json!({ "ids": [me], "properties": ["accounts"] });
    assert_eq!(reader.call("Principal/get", owners)["list"][0]["accounts"][account]["name"], "u00488");

    // Single rights, everybody, and back.
    done(&set(json!({ format!("shareWith/{other}/mayAddItems"): true })));
    assert!(acl().contains("\"u00489\" lrip"), "{}", acl());
    let everybody = format!("U{}", "ZXZlcnlib2R5L2dhcm9ubmUv");
    done(&set(json!({ format!("shareWith/{everybody}"): { "mayReadItems": true } })));
    assert!(acl().contains("\"anyone\" lr") && acl().contains("\"u00489\" lrip"), "{}", acl());
    done(&set(json!({ format!("shareWith/{other}"): null })));
    assert!(!acl().contains("u00489") && acl().contains("anyone"), "{}", acl());
    done(&set(with(json!({
        "mayReadItems": true, "mayAddItems": true, "mayRemoveItems": true, "maySetSeen": true, "maySetKeywords": true,
        "mayCreateChild": true, "mayRename": true, "mayDelete": true, "mayShare": true,
    }))));
    assert!(acl().contains("\"u00489\" lrswiptekxa") && !acl().contains("anyone"), "{}", acl());
    // Who manages it may share it too, and hears with whom it is.
    let seen = theirs.call("Mailbox/get", json!({ "ids": [place] }))["list"][0].clone();
    assert_eq!(seen["shareWith"][&other]["mayShare"], true, "{seen}");
    // Whoever may not be shared with is refused by the gate.
    let abroad = format!("U{}", "cGVyc29uL2F1dGFuL3UwMDQ4OQ");
    assert_eq!(refused(json!({ format!("shareWith/{abroad}"): { "mayReadItems": true } })), "forbidden");
    done(&set(json!({ "shareWith": null })));
    assert!(!acl().contains("u00489"), "{}", acl());
    assert_eq!(theirs.refused("Mailbox/get", json!({ "ids": [place] })), "accountNotFound");

    // Made and shared in one.
    let create = json!({ "c": { "name": "JmapDedans", "parentId": place, "shareWith": { other.as_str(): { "mayReadItems": true } } } });
    let made = jmap.call("Mailbox/set", json!({ "create": create }));
    assert!(made["created"]["c"]["id"].is_string(), "{made}");
    assert!(ok(&mut imap, "g GETACL JmapPartage/JmapDedans").contains("\"u00489\" lr"));

    // Who cannot be shared with is found before anything is made, or gets another name.
    imap.command("d DELETE JmapPartage/JmapNon");
    let there = || jmap.call("Mailbox/query", json!({ "filter": { "name": "JmapNon" } }))["ids"].clone();
    let nobody = format!("U{}", "cGVyc29uL2dhcm9ubmUvdTk5OTk5");
    let read = json!({ "mayReadItems": true });
    for (wrong, word) in [
        (json!({ other.as_str(): { "mayFly": true } }), "invalidProperties"),
        (json!({ "Unobody": read }), "invalidProperties"),
        (json!({ other.as_str(): read, nobody.as_str(): read }), "invalidProperties"),
        (json!({ other.as_str(): read, abroad.as_str(): read }), "forbidden"),
    ] {
        let create = json!({ "c": { "name": "JmapNon", "parentId": place, "shareWith": wrong } });
        let answer = jmap.call("Mailbox/set", json!({ "create": create }));
        assert_eq!((&answer["notCreated"]["c"]["type"], &answer["created"]), (&json!(word), &json!(null)), "{answer}");
        let renamed = set(json!({ "name": "JmapNon", "shareWith": wrong }));
        assert_eq!(renamed["notUpdated"][&place]["type"], word, "{renamed}");
        assert_eq!(there(), json!([]), "{wrong}");
        assert_eq!(told()["name"], "JmapPartage");
        assert!(!ok(&mut imap, "g GETACL JmapPartage").contains("u00489"), "{wrong}");
    }

    // Clients that do not say that they know of it hear nothing of it.
    let plain = |call: Value| -> Value {
        let using = ["core", "mail"].map(|it| format!("urn:ietf:params:jmap:{it}"));
        let answer = jmap.post(&json!({ "using": using, "methodCalls": [call] }).to_string());
        serde_json::from_str::<Value>(&answer.body).unwrap()["methodResponses"][0].clone()
    };
    let got = plain(json!(["Mailbox/get", { "accountId": jmap.account, "ids": [place] }, "0"]));
    let mailbox = &got[1]["list"][0];
    assert!(mailbox.get("shareWith").is_none() && mailbox["myRights"].get("mayShare").is_none(), "{got}");
    let arguments = json!({ "accountId": jmap.account, "update": { place.as_str(): { "shareWith": null } } });
    let unknown = plain(json!(["Mailbox/set", arguments, "0"]));
    assert_eq!(unknown[1]["notUpdated"][&place]["type"], "invalidProperties", "{unknown}");
}
