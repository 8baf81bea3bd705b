//! JMAP over the campus's real Dovecot: the calls that a client makes, and what comes of them in the store.

mod blobs;
mod calendars;
mod clients;
mod contacts;
mod conversation;
mod copying;
mod differences;
mod events;
pub(crate) mod filters;
mod images;
mod invitations;
mod notes;
mod parsing;
mod principals;
mod quotas;
mod reading;
mod sending;
mod sharing;
mod tasks;
mod tasks_of_others;
mod writing;

use crate::harness::{Answer, Gateway, Imap, State, campus, curl};
use serde_json::{Value, json};

const HOST: &str = "garonne.localhost";

/// A client of one person's mail.
pub(crate) struct Jmap<'a> {
    gateway: &'a Gateway,
    pub(crate) who: String,
    pub(crate) account: String,
}

impl<'a> Jmap<'a> {
    #[track_caller]
    pub(crate) fn of(gateway: &'a Gateway, login: &str) -> Self {
        let who = format!("{login}:pw-{login}");
        let session = curl(gateway, HOST, Some(&who), "GET", "/.well-known/jmap", &[]);
        assert_eq!(session.status, 200, "{session:?}");
        let session: Value = serde_json::from_str(&session.body).unwrap();
        let account = session["primaryAccounts"]["urn:ietf:params:jmap:mail"].as_str().unwrap().to_owned();
        Self { gateway, who, account }
    }

    /// Makes calls, each a name and its arguments without the account; the answers with their names.
    #[track_caller]
    pub(crate) fn calls(&self, calls: &[(&str, Value)]) -> Vec<(String, Value)> {
        let calls: Vec<Value> = calls
            .iter()
            .enumerate()
            .map(|(number, (name, arguments))| {
                let mut arguments = arguments.clone();
                arguments["accountId"] = json!(self.account);
                json!([name, arguments, number.to_string()])
            })
            .collect();
        let using = [
            "core",
            "mail",
            "submission",
            "vacationresponse",
            "sieve",
            "quota",
            "blob",
            "principals",
            "mail:share",
            "contacts",
            "calendars",
            "tasks",
            "principals:availability",
        ]
        .map(|it| format!("urn:ietf:params:jmap:{it}"));
        let using = [&using[..], &["urn:passerelle:params:jmap:notes".to_owned()]].concat();
        let answer = self.post(&json!({ "using": using, "methodCalls": calls }).to_string());
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        let responses = answer["methodResponses"].as_array().unwrap();
        responses.iter().map(|it| (it[0].as_str().unwrap().to_owned(), it[1].clone())).collect()
    }

    /// Makes one call, which must succeed.
    #[track_caller]
    pub(crate) fn call(&self, name: &str, arguments: Value) -> Value {
        let mut answers = self.calls(&[(name, arguments)]);
        let (said, value) = answers.remove(0);
        assert_eq!(said, name, "{value}");
        value
    }

    /// Makes one call, which must be refused; the word.
    #[track_caller]
    fn refused(&self, name: &str, arguments: Value) -> String {
        let (said, value) = self.calls(&[(name, arguments)]).remove(0);
        assert_eq!(said, "error", "{value}");
        value["type"].as_str().unwrap().to_owned()
    }

    fn post(&self, body: &str) -> Answer {
        // A long one does not fit into a command's arguments.
        let file = self.gateway.dir.join("request.json");
        let named = format!("@{}", file.display());
        let body = if body.len() > 100_000 {
            std::fs::write(&file, body).unwrap();
            &named
        } else {
            body
        };
        let kind = ["-H", "Content-Type: application/json", "--data-binary", body];
        curl(self.gateway, HOST, Some(&self.who), "POST", "/jmap/api", &kind)
    }

    /// A mailbox's id.
    #[track_caller]
    fn mailbox(&self, name: &str) -> String {
        let found = self.call("Mailbox/query", json!({ "filter": { "name": name } }));
        found["ids"][0].as_str().unwrap_or_else(|| panic!("no mailbox {name}: {found}")).to_owned()
    }
}

/// A gateway in front of another kind of store: garonne's mail lies in Cyrus.
fn on_cyrus(name: &str) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let (before, mail) = text.split_once("[mail]\n").unwrap();
        let (_, rest) = mail.split_once("[mail.master]").unwrap();
        let cyrus =
            format!("kind = \"imap\"\naddress = \"127.0.0.1:{}\"\ntls = \"none\"\n", campus("CAMPUS_CYRUS_IMAP"));
        std::fs::write(&file, format!("{before}[mail]\n{cyrus}[mail.master]{rest}")).unwrap();
    })
}

/// A mailbox with these messages, made by IMAP.
#[track_caller]
fn filled(gateway: &Gateway, login: &str, mailbox: &str, messages: &[&str]) -> Imap {
    let mut imap = Imap::log_in(gateway.imap, login, &format!("pw-{login}"));
    imap.command(&format!("d DELETE {mailbox}"));
    assert!(imap.command(&format!("c CREATE {mailbox}")).last().unwrap().starts_with("c OK"));
    for message in messages {
        append(&mut imap, mailbox, message);
    }
    imap
}

#[track_caller]
fn append(imap: &mut Imap, mailbox: &str, message: &str) {
    imap.send(format!("a APPEND {mailbox} {{{}+}}\r\n{message}\r\n", message.len()).as_bytes());
    let answer = imap.answer("a");
    assert!(answer.last().unwrap().starts_with("a OK"), "{answer:?}");
}
