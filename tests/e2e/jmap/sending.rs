//! What a JMAP client sends: through the real MTA into real mailboxes, and what stands in the sender's own afterwards.

use super::{HOST, Jmap, filled};
use crate::{
    harness::{Gateway, curl},
    submission::{
        Smtp, arrived, call, count, gateway_with, member,
        scanners::{EICAR, both},
        settle, subject,
    },
};
use serde_json::{Value, json};

/// The identity of an address.
#[track_caller]
fn identity(jmap: &Jmap<'_>, address: &str) -> String {
    let all = jmap.call("Identity/get", json!({ "ids": null }));
    let found = all["list"].as_array().unwrap().iter().find(|it| it["email"] == address);
    found.unwrap_or_else(|| panic!("{address} is none of {all}"))["id"].as_str().unwrap().to_owned()
}

/// A draft in this mailbox, from a login to an address.
fn draft(mailbox: &str, from: &str, to: &Value, subject: &str) -> Value {
    json!({
        "mailboxIds": { mailbox: true }, "keywords": { "$draft": true, "$seen": true },
        "from": [{ "name": "Édith", "email": from }], "to": to, "bcc": [{ "email": "u00075@a.test" }],
        "subject": subject, "bodyValues": { "t": { "value": "Bonjour à tous.\n.\n..\n" } },
        "textBody": [{ "partId": "t", "type": "text/plain" }],
    })
}

#[test]
fn a_draft_is_sent_filed_and_arrives() {
    let gateway = Gateway::start("jmap-send");
    filled(&gateway, "u00082", "Brouillons", &[]);
    filled(&gateway, "u00082", "Sent-jmap", &[]);
    let jmap = Jmap::of(&gateway, "u00082");
    let (drafts, sent) = (jmap.mailbox("Brouillons"), jmap.mailbox("Sent-jmap"));
    let (who, subject) = (identity(&jmap, "u00082@a.test"), subject("jmap"));
    let to = json!([{ "name": "Luc", "email": "u00078@b.test" }, { "email": "U00078@B.TEST" }]);
    let answers = jmap.calls(&[
        ("Email/set", json!({ "create": { "d": draft(&drafts, "u00082@a.test", &to, &subject) } })),
        (
            "EmailSubmission/set",
            json!({
                "create": { "s": { "identityId": who, "emailId": "#d" } },
                "onSuccessUpdateEmail": { "#s": {
                    "keywords/$draft": null, format!("mailboxIds/{drafts}"): null, format!("mailboxIds/{sent}"): true,
                } },
            }),
        ),
    ]);
    let names: Vec<&str> = answers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Email/set", "EmailSubmission/set", "Email/set"], "{answers:?}");
    let made = &answers[1].1["created"]["s"];
    assert_eq!(made["undoStatus"], "final", "{answers:?}");
    assert_eq!(made["envelope"]["mailFrom"]["email"], "u00082@a.test");
    // Each once, whatever the case; the blind one too.
    let status = made["deliveryStatus"].as_object().unwrap();
    assert_eq!(status.keys().collect::<Vec<_>>(), ["u00075@a.test", "u00078@b.test"]);
    assert!(status.values().all(|it| it["smtpReply"].as_str().unwrap().starts_with("250 ")), "{status:?}");

    // It arrives, says who handed it over, and not who else has it.
    for (institution, login) in [("autan", "u00078"), ("garonne", "u00075")] {
        let text = arrived(institution, login, &subject);
        // Where the sender sits is nobody's business.
        assert!(text.contains("Received: by garonne.localhost (Passerelle) with JMAP id"), "{text}");
        assert!(!text.to_lowercase().contains("bcc:"), "{text}");
        assert!(text.contains("\r\n.\r\n..\r\n") || text.contains("\n.\n..\n"), "dots at a line's beginning: {text}");
    }
    // Among what was sent it stands as it was written.
    let filed = jmap.call("Email/query", json!({ "filter": { "inMailbox": sent } }));
    let properties = json!({ "ids": filed["ids"], "properties": ["keywords", "bcc", "subject"] });
    let filed = jmap.call("Email/get", properties);
    assert_eq!(filed["list"][0]["keywords"], json!({ "$seen": true }), "{filed}");
    assert_eq!(filed["list"][0]["bcc"][0]["email"], "u00075@a.test");
    let left = jmap.call("Email/query", json!({ "filter": { "inMailbox": drafts } }));
    assert_eq!(left["ids"], json!([]));
    // Nothing is remembered of it.
    let past = jmap.call("EmailSubmission/get", json!({ "ids": [made["id"]] }));
    assert_eq!(past["notFound"], json!([made["id"]]));
}

#[test]
fn what_must_not_go_out_does_not_and_the_draft_stays() {
    let gateway = Gateway::start("jmap-refused");
    filled(&gateway, "u00077", "Brouillons", &[]);
    let jmap = Jmap::of(&gateway, "u00077");
    let drafts = jmap.mailbox("Brouillons");
    let (who, subject) = (identity(&jmap, "u00077@a.test"), subject("jmap-refused"));
    let to = json!([{ "email": "u00078@b.test" }]);
    let own = json!({ "mailFrom": { "email": "u00077@a.test" }, "rcptTo": [{ "email": "u00078@b.test" }] });
    let made = |mut email: Value, changes: Value| {
        for (name, value) in changes.as_object().unwrap() {
            email[name] = value.clone();
        }
        email["bcc"] = Value::Null;
        let answer = jmap.call("Email/set", json!({ "create": { "d": email } }));
        answer["created"]["d"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    };
    let written = draft(&drafts, "u00077@a.test", &to, &subject);
    let good = made(written.clone(), json!({}));
    let foreign = made(written.clone(), json!({ "from": [{ "email": "u00001@a.test" }] }));
    let sender = made(written.clone(), json!({ "sender": [{ "email": "u00001@a.test" }] }));
    let nobody = made(written, json!({ "to": [] }));
    let with = |from: &str, to: &str| json!({ "mailFrom": { "email": from }, "rcptTo": [{ "email": to }] });
    let cases = [
        (json!({ "emailId": foreign, "envelope": own }), "forbiddenFrom"),
        (json!({ "emailId": foreign }), "forbiddenMailFrom"),
        (json!({ "emailId": sender, "envelope": own }), "forbiddenFrom"),
        (json!({ "emailId": good, "envelope": with("u00001@a.test", "u00078@b.test") }), "forbiddenMailFrom"),
        (json!({ "emailId": good, "envelope": with("nobody@nowhere.test", "u00078@b.test") }), "forbiddenMailFrom"),
        (json!({ "emailId": nobody }), "noRecipients"),
        (json!({ "emailId": good, "envelope": with("u00077@a.test", "no-such-person@a.test") }), "invalidRecipients"),
        (json!({ "emailId": good, "envelope": with("u00077@a.test", "a@b\r\nRCPT TO:<c@d>") }), "invalidRecipients"),
        (json!({ "emailId": good, "envelope": with("u00077@a.test> SIZE=1", "u00078@b.test") }), "forbiddenMailFrom"),
        (json!({ "emailId": good, "identityId": "I00" }), "invalidProperties"),
        (json!({ "emailId": "MAAAAAAAAAAAAAAAAAAAAAA" }), "invalidProperties"),
        (json!({ "emailId": good, "sendAt": "2030-01-01T00:00:00Z" }), "invalidProperties"),
    ];
    for (submission, word) in cases {
        let mut submission = submission;
        if submission.get("identityId").is_none() {
            submission["identityId"] = json!(who);
        }
        let name = format!("{submission}");
        let asked = json!({ "create": { "s": submission }, "onSuccessDestroyEmail": ["#s"] });
        let answers = jmap.calls(&[("EmailSubmission/set", asked)]);
        assert_eq!(answers.len(), 1, "nothing follows: {answers:?}");
        assert_eq!(answers[0].1["notCreated"]["s"]["type"], word, "{name}: {answers:?}");
    }
    settle(&gateway, "autan", "u00078");
    assert_eq!(count("autan", "u00078", &subject), 0);
    let left = jmap.call("Email/query", json!({ "filter": { "inMailbox": drafts } }));
    assert_eq!(left["ids"].as_array().unwrap().len(), 4, "every draft is there still");
}

#[test]
fn what_a_scanner_finds_is_not_sent() {
    // The draft came to the store before there was a scanner.
    let before = Gateway::start("jmap-virus-before");
    let subject = subject("jmap-virus");
    let text = format!("From: u00083@a.test\r\nTo: u00078@b.test\r\nSubject: {subject}\r\n\r\n{EICAR}");
    filled(&before, "u00083", "Brouillons", &[&text]);
    let gateway = gateway_with("jmap-virus", both);
    let jmap = Jmap::of(&gateway, "u00083");
    let drafts = jmap.mailbox("Brouillons");
    let found = jmap.call("Email/query", json!({ "filter": { "inMailbox": drafts } }));
    let submission = json!({ "identityId": identity(&jmap, "u00083@a.test"), "emailId": found["ids"][0] });
    let sent = jmap.call("EmailSubmission/set", json!({ "create": { "s": submission } }));
    let why = &sent["notCreated"]["s"];
    assert_eq!(why["type"], "forbiddenToSend", "{sent}");
    assert!(why["description"].as_str().unwrap().to_lowercase().contains("eicar"), "{sent}");
    settle(&gateway, "autan", "u00078");
    assert_eq!(count("autan", "u00078", &subject), 0);
}

#[test]
fn identities_are_the_directorys_and_signatures_ones_own() {
    let gateway = Gateway::start("jmap-identity");
    let jmap = Jmap::of(&gateway, "u00078");
    let all = jmap.call("Identity/get", json!({ "ids": null }));
    let emails: Vec<&str> = all["list"].as_array().unwrap().iter().map(|it| it["email"].as_str().unwrap()).collect();
    assert_eq!(emails, ["u00078@a.test", "user.78@a.test"], "{all}");
    let who = identity(&jmap, "u00078@a.test");
    let signature = "-- \nDépartement de <b>chimie</b>";
    let set = jmap.call(
        "Identity/set",
        json!({ "ifInState": all["state"], "update": {
            who.as_str(): { "textSignature": signature, "name": "Édith, chimie" },
            "I00": { "name": "x" },
        }, "destroy": [who], "create": { "x": { "name": "Rector", "email": "rector@a.test" } } }),
    );
    assert_eq!(set["updated"], json!({ who.as_str(): null }), "{set}");
    assert_eq!(set["notUpdated"]["I00"]["type"], "notFound");
    assert_eq!(set["notDestroyed"][&who]["type"], "forbidden");
    assert_eq!(set["notCreated"]["x"]["type"], "forbidden");
    assert_ne!(set["newState"], all["state"]);
    assert_eq!(jmap.refused("Identity/changes", json!({ "sinceState": all["state"] })), "cannotCalculateChanges");
    let unknown = jmap.call("Identity/set", json!({ "update": { who.as_str(): { "email": "rector@a.test" } } }));
    assert_eq!(unknown["notUpdated"][&who]["type"], "invalidProperties", "{unknown}");
    let long = "x".repeat(70_000);
    let long = jmap.call("Identity/set", json!({ "update": { who.as_str(): { "htmlSignature": long } } }));
    assert_eq!(long["notUpdated"][&who]["type"], "tooLarge", "{long}");
    let again = jmap.call("Identity/get", json!({ "ids": [who] }));
    let again = &again["list"][0];
    assert_eq!((&again["textSignature"], &again["name"]), (&json!(signature), &json!("Édith, chimie")));
    // Another person has none of it.
    let others = Jmap::of(&gateway, "u00079").call("Identity/get", json!({ "ids": [who] }));
    assert_eq!(others["notFound"], json!([who]));

    // Whose name was lent, lends an identity.
    let target = format!("<struct>{}{}</struct>", member("owner", "u00079"), member("kind", "account"));
    let to = format!("<struct>{}</struct>", member("account", "u00078"));
    let rights = member("rights", "<array><data><value>send-as</value></data></array>");
    let named = format!("{}{}", member("target", &target), member("grantee", &to));
    assert!(call(&gateway, "grant.set", &format!("{named}{rights}")).contains("<boolean>1</boolean>"));
    identity(&jmap, "u00079@a.test");
    assert!(call(&gateway, "grant.remove", &named).contains("<boolean>1</boolean>"));
    let all = jmap.call("Identity/get", json!({ "ids": null })).to_string();
    assert!(!all.contains("u00079@a.test"), "{all}");
}

#[test]
fn what_one_sends_counts_whichever_way_it_goes() {
    let gateway = Gateway::start_with("jmap-rates", &crate::harness::State::Sqlite, |config| {
        let settings = config.join("institutions/garonne/institution.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(settings, text + "\n[sending]\nmessages_per_hour = 2\nrecipients = 2\n").unwrap();
    });
    filled(&gateway, "u00080", "Brouillons", &[]);
    let jmap = Jmap::of(&gateway, "u00080");
    let drafts = jmap.mailbox("Brouillons");
    let (who, subject) = (identity(&jmap, "u00080@a.test"), subject("jmap-rates"));
    let mut email = draft(&drafts, "u00080@a.test", &json!([{ "email": "u00078@b.test" }]), &subject);
    email["bcc"] = Value::Null;
    let made = jmap.call("Email/set", json!({ "create": { "d": email } }));
    let email = made["created"]["d"]["id"].clone();
    let send = |envelope: Value| {
        let submission = json!({ "identityId": who, "emailId": email, "envelope": envelope });
        jmap.call("EmailSubmission/set", json!({ "create": { "s": submission } }))["notCreated"]["s"].clone()
    };
    let three: Vec<Value> = (1..4).map(|it| json!({ "email": format!("u0000{it}@a.test") })).collect();
    let many = send(json!({ "mailFrom": { "email": "u00080@a.test" }, "rcptTo": three }));
    assert_eq!((&many["type"], &many["maxRecipients"]), (&json!("tooManyRecipients"), &json!(2)), "{many}");
    let mut smtp = Smtp::log_in(gateway.submission, "u00080@a.test", "pw-u00080");
    for _ in 0..2 {
        smtp.says("MAIL FROM:<u00080@a.test>", "250 ");
        smtp.says("RSET", "250 ");
    }
    let late = send(Value::Null);
    assert_eq!(late["type"], "rateLimit", "{late}");
    smtp.says("MAIL FROM:<u00080@a.test>", "450 4.7.1");
    // Reading goes on.
    assert_eq!(curl(&gateway, HOST, Some(&jmap.who), "GET", "/jmap/session", &[]).status, 200);
}
