//! What has changed in the results of a query (RFC 8620 §5.6; RFC 8621 §2.4, §4.5): a list that follows what is told is at every step
//! the one that a new query gives.

use super::{Jmap, append, filled, on_cyrus};
use crate::harness::{Gateway, Imap};
use serde_json::{Value, json};

const ATTACHED: &str = "Subject: with a file\r\nMessage-ID: <file@x.test>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\ntext\r\n--x\r\n\
    Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--x--\r\n";

fn ids(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// A list that a client keeps.
struct Kept {
    what: &'static str,
    query: Value,
    state: Value,
    list: Vec<String>,
}

impl Kept {
    fn of(jmap: &Jmap<'_>, what: &'static str, query: Value) -> Self {
        let mut kept = Self { what, query, state: Value::Null, list: Vec::new() };
        kept.ask_anew(jmap);
        kept
    }

    fn ask_anew(&mut self, jmap: &Jmap<'_>) {
        let answer = jmap.call(&format!("{}/query", self.what), self.query.clone());
        assert_eq!(answer["canCalculateChanges"], true, "{answer}");
        (self.state, self.list) = (answer["queryState"].clone(), ids(&answer["ids"]));
    }

    /// Follows what is told; `false` where nothing can be. In either case it is the list that a new query gives.
    #[track_caller]
    fn follow(&mut self, jmap: &Jmap<'_>, when: &str) -> bool {
        let mut arguments = self.query.clone();
        arguments["sinceQueryState"] = self.state.clone();
        arguments["calculateTotal"] = json!(true);
        let (said, told) = jmap.calls(&[(&format!("{}/queryChanges", self.what), arguments)]).remove(0);
        if said == "error" {
            assert_eq!(told["type"], "cannotCalculateChanges", "{when}: {told}");
            self.ask_anew(jmap);
            return false;
        }
        assert_eq!(told["oldQueryState"], self.state);
        let removed = ids(&told["removed"]);
        self.list.retain(|id| !removed.contains(id));
        for added in told["added"].as_array().unwrap() {
            let at = usize::try_from(added["index"].as_u64().unwrap()).unwrap();
            self.list.insert(at, added["id"].as_str().unwrap().to_owned());
        }
        self.state = told["newQueryState"].clone();
        let anew = jmap.call(&format!("{}/query", self.what), self.query.clone());
        assert_eq!(self.list, ids(&anew["ids"]), "{when}: {} {told}", self.query);
        assert_eq!(told["total"], json!(self.list.len()), "{when}");
        true
    }
}

#[test]
fn lists_of_messages_follow_what_is_told() {
    walk(&Gateway::start("jmap-differences"), "u00453", 30);
}

#[test]
fn lists_of_messages_of_cyrus_follow_what_is_told() {
    walk(&on_cyrus("jmap-differences-cyrus"), "u00006", 10);
}

fn walk(gateway: &Gateway, login: &str, steps: u32) {
    let message = |number: u32| {
        // Threads of four, subjects and sizes in an order of their own; each third has a file.
        let head = format!("From: p{}@x.test\r\nReferences: <t{}@x.test>\r\n", number * 7 % 5, number % 4);
        match number % 3 {
            0 => head + ATTACHED,
            _ => format!(
                "{head}Subject: {}\r\nMessage-ID: <m{number}@x.test>\r\n\r\n{}\r\n",
                number * 5 % 9,
                "x".repeat(usize::try_from(97 * number % 50).unwrap())
            ),
        }
    };
    let first: Vec<String> = (0..6).map(message).collect();
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let mut imap = filled(gateway, login, "Listes", &first);
    drop(filled(gateway, login, "Listes2", &first[..2]));
    let jmap = Jmap::of(gateway, login);
    let (one, two) = (jmap.mailbox("Listes"), jmap.mailbox("Listes2"));
    let here = json!({ "inMailbox": one });
    let both = json!({ "operator": "OR", "conditions": [here, { "inMailbox": two }] });
    let flagged = json!({ "inMailbox": one, "hasKeyword": "$flagged" });
    let attached = |is: bool| json!({ "inMailbox": one, "hasAttachment": is });
    let by = |property: &str| json!([{ "property": property, "isAscending": false }]);
    let of = |query: Value| Kept::of(&jmap, "Email", query);
    let mut kept = [
        of(json!({ "filter": here })),
        of(json!({ "filter": here, "sort": by("receivedAt") })),
        of(json!({ "filter": here, "sort": by("sentAt") })),
        of(
            json!({ "filter": here, "sort": [{ "property": "hasKeyword", "keyword": "$flagged" }, { "property": "size" }] }),
        ),
        of(json!({ "filter": flagged, "sort": by("receivedAt") })),
        of(json!({ "filter": both, "sort": by("receivedAt") })),
        of(json!({ "filter": attached(true) })),
        of(json!({ "filter": attached(false), "sort": by("size") })),
        of(json!({ "filter": here, "sort": by("receivedAt"), "collapseThreads": true })),
    ];
    let with_threads = kept.len() - 1;
    let mut seed = 20_261_127_u32;
    let mut random = |below: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % below
    };
    let (mut told, mut untold) = (0, 0);
    for step in 0..steps {
        assert!(imap.command("s SELECT Listes").last().unwrap().starts_with("s OK"));
        let mut removes = false;
        let mut flags = false;
        for _ in 0..=random(3) {
            let which = random(8) + 1;
            match random(5) {
                0 | 1 => append(&mut imap, "Listes", &message(6 + step)),
                2 => append(&mut imap, "Listes2", &message(50 + step)),
                3 => {
                    flags = true;
                    let sign = if random(2) == 0 { '+' } else { '-' };
                    imap.command(&format!("f STORE {which} {sign}FLAGS (\\Flagged)"));
                }
                _ => {
                    removes = true;
                    imap.command(&format!("r STORE {which} +FLAGS (\\Deleted)"));
                    imap.command("x EXPUNGE");
                }
            }
        }
        let when = format!("step {step}");
        for (at, list) in kept.iter_mut().enumerate() {
            let was_told = list.follow(&jmap, &when);
            if at == with_threads {
                assert!(was_told || removes, "{when}: threads are told where nothing went");
                if was_told { told += 1 } else { untold += 1 }
            } else {
                assert!(was_told, "{when}, flags {flags}: {}", list.query);
            }
        }
    }
    assert!(told > 0 && untold > 0, "the walk saw both: {told}, {untold}");

    // Bounds of an answer (RFC 8620 §5.6).
    let mut list = Kept::of(&jmap, "Email", json!({ "filter": here, "sort": by("receivedAt") }));
    append(&mut imap, "Listes", &message(1));
    append(&mut imap, "Listes", &message(2));
    let mut arguments = list.query.clone();
    arguments["sinceQueryState"] = list.state.clone();
    arguments["maxChanges"] = json!(1);
    assert_eq!(jmap.refused("Email/queryChanges", arguments.clone()), "tooManyChanges");
    arguments["maxChanges"] = json!(2);
    assert_eq!(jmap.call("Email/queryChanges", arguments)["added"].as_array().unwrap().len(), 2);
    // What lies behind the last that a client has may be left out: the two newest are the last ones where the oldest comes first.
    let oldest = json!({ "filter": here, "sort": [{ "property": "receivedAt" }] });
    let mut arguments = oldest.clone();
    arguments["sinceQueryState"] = list.state.clone();
    arguments["upToId"] = jmap.call("Email/query", oldest)["ids"][0].clone();
    assert_eq!(jmap.call("Email/queryChanges", arguments)["added"], json!([]));
    assert!(list.follow(&jmap, "at the end"));
    // By texts those that have the same have no order that stays.
    let by_text = json!({ "filter": here, "sort": by("subject") });
    let found = jmap.call("Email/query", by_text.clone());
    assert_eq!(found["canCalculateChanges"], false);
    let mut arguments = by_text;
    arguments["sinceQueryState"] = found["queryState"].clone();
    assert_eq!(jmap.refused("Email/queryChanges", arguments), "cannotCalculateChanges");
    let unknown = json!({ "filter": here, "sinceQueryState": "none" });
    assert_eq!(jmap.refused("Email/queryChanges", unknown), "cannotCalculateChanges");
    // What was in a mailbox that is gone only its store knew.
    let mut arguments = list.query.clone();
    arguments["sinceQueryState"] = list.state.clone();
    imap.command("u UNSELECT");
    assert!(imap.command("d DELETE Listes").last().unwrap().starts_with("d OK"));
    assert_eq!(jmap.refused("Email/queryChanges", arguments), "cannotCalculateChanges");
}

/// Messages with attachments are found, by the same rule by which they are told (RFC 8621 §4.1.4, §4.4.1).
#[test]
fn what_has_attachments_is_found() {
    let gateway = Gateway::start("jmap-attached");
    let plain = "Subject: plain\r\n\r\nx\r\n";
    let picture = "Subject: shown in the text\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n\
        --x\r\nContent-Type: text/html\r\n\r\n<img src=\"cid:1\">\r\n--x\r\nContent-Type: image/png\r\nContent-ID: <1>\r\n\
        Content-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K\r\n--x--\r\n";
    drop(filled(&gateway, "u00454", "Attaches", &[plain, ATTACHED, picture]));
    drop(filled(&gateway, "u00454", "Attaches2", &[ATTACHED, plain]));
    let jmap = Jmap::of(&gateway, "u00454");
    let (one, two) = (jmap.mailbox("Attaches"), jmap.mailbox("Attaches2"));
    let found = |filter: Value| -> Vec<String> {
        let answers = jmap.calls(&[
            ("Email/query", json!({ "filter": filter, "sort": [{ "property": "size" }], "calculateTotal": true })),
            (
                "Email/get",
                json!({
                    "#ids": { "resultOf": "0", "name": "Email/query", "path": "/ids" },
                    "properties": ["subject", "hasAttachment"],
                }),
            ),
        ]);
        let list = answers[1].1["list"].as_array().unwrap();
        assert_eq!(answers[0].1["total"], list.len(), "{answers:?}");
        list.iter().map(|it| format!("{} {}", it["subject"].as_str().unwrap(), it["hasAttachment"])).collect()
    };
    let here = |is: bool| json!({ "inMailbox": one, "hasAttachment": is });
    assert_eq!(found(here(true)), ["with a file true"]);
    assert_eq!(found(here(false)), ["plain false", "shown in the text false"]);
    let not = json!({ "operator": "NOT", "conditions": [{ "hasAttachment": true }] });
    let both = json!({ "operator": "AND", "conditions": [{ "inMailbox": one }, not, { "subject": "plain" }] });
    assert_eq!(found(both), ["plain false"]);
    // Over several mailboxes, and beside what needs no look at the parts.
    let any = json!({ "operator": "OR", "conditions": [
        { "inMailbox": one, "subject": "shown" }, { "inMailbox": two, "hasAttachment": true },
    ] });
    let mut of_two = found(any);
    of_two.sort();
    assert_eq!(of_two, ["shown in the text false", "with a file true"]);
    assert_eq!(found(json!({ "inMailbox": two, "hasAttachment": true, "subject": "nothing" })), Vec::<String>::new());
}

#[test]
fn lists_of_mailboxes_follow_what_is_told() {
    let gateway = Gateway::start("jmap-tree-differences");
    let mut imap = Imap::log_in(gateway.imap, "u00455", "pw-u00455");
    for name in ["Arbre/B/C", "Arbre/B2", "Arbre/B", "Arbre/D/C", "Arbre/D", "Arbre"] {
        imap.command(&format!("d DELETE {name}"));
        imap.command(&format!("u UNSUBSCRIBE {name}"));
    }
    for name in ["Arbre", "Arbre/B", "Arbre/B/C"] {
        assert!(imap.command(&format!("c CREATE {name}")).last().unwrap().contains(" OK"), "{name}");
    }
    let jmap = Jmap::of(&gateway, "u00455");
    let sort = json!([{ "property": "name" }]);
    let mut kept = [
        Kept::of(&jmap, "Mailbox", json!({ "sort": sort })),
        Kept::of(&jmap, "Mailbox", json!({ "sort": sort, "sortAsTree": true })),
        Kept::of(&jmap, "Mailbox", json!({ "sort": sort, "filter": { "isSubscribed": true } })),
        Kept::of(&jmap, "Mailbox", json!({ "sort": sort, "filter": { "isSubscribed": true }, "filterAsTree": true })),
        Kept::of(&jmap, "Mailbox", json!({ "sort": sort, "filter": { "hasAnyRole": false, "name": "b" } })),
    ];
    for step in [
        "c CREATE Arbre/B2",
        "u SUBSCRIBE Arbre/B",
        "u SUBSCRIBE Arbre/B/C",
        "u SUBSCRIBE Arbre",
        "r RENAME Arbre/B Arbre/D",
        "u UNSUBSCRIBE Arbre",
        "d DELETE Arbre/B2",
        "c CREATE Arbre/B",
    ] {
        assert!(imap.command(step).last().unwrap().contains(" OK"), "{step}");
        for list in &mut kept {
            assert!(list.follow(&jmap, step), "{step}");
        }
    }
    // Mail that comes changes the state, and no list of mailboxes.
    append(&mut imap, "Arbre/B", "Subject: x\r\n\r\nx\r\n");
    let mut arguments = kept[0].query.clone();
    arguments["sinceQueryState"] = kept[0].state.clone();
    let told = jmap.call("Mailbox/queryChanges", arguments.clone());
    assert_eq!((&told["removed"], &told["added"]), (&json!([]), &json!([])));
    assert_ne!(told["newQueryState"], told["oldQueryState"]);
    imap.command("c CREATE Arbre/B2");
    arguments["maxChanges"] = json!(0);
    assert_eq!(jmap.refused("Mailbox/queryChanges", arguments), "tooManyChanges");
}
