//! By JMAP, of the gateway or of Cyrus.

use crate::{ROWS, Way};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use passerelle_benches::{
    Result,
    http::{Http, at, document},
    wrong,
};
use serde_json::{Value, json};

/// What a row of the list shows, as the office asks for it.
const ROW: [&str; 11] = [
    "id",
    "threadId",
    "mailboxIds",
    "keywords",
    "from",
    "to",
    "subject",
    "preview",
    "receivedAt",
    "hasAttachment",
    "size",
];

/// JMAP (RFC 8620, RFC 8621): one request for each of the three.
pub(crate) struct ByJmap {
    http: Http,
    api: String,
    account: String,
    inbox: String,
    state: String,
}

impl ByJmap {
    pub(crate) async fn open(address: &str, user: &str, password: &str) -> Result<Self> {
        let basic = STANDARD.encode(format!("{user}:{password}"));
        let mut http = Http::open(address, format!("Authorization: Basic {basic}\r\n")).await?;
        let session = match http.ask("GET", "/jmap/session", "").await {
            Ok((_, octets)) => document(&octets),
            // Cyrus has its session elsewhere; its connection may be closed by its refusal.
            Err(_) => {
                http = Http::open(address, http.fields).await?;
                document(&http.ask("GET", "/jmap/", "").await?.1)
            }
        };
        let api = at(&session, "/apiUrl").as_str().unwrap_or_default();
        let api = api
            .split_once("://")
            .and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)))
            .unwrap_or(api)
            .to_owned();
        let account =
            at(&session, "/primaryAccounts/urn:ietf:params:jmap:mail").as_str().unwrap_or_default().to_owned();
        let mut way = Self { http, api, account, inbox: String::new(), state: String::new() };
        let folders = way.folders().await?;
        let folders = document(&folders);
        let folders = at(&folders, "/methodResponses/0/1/list");
        let inbox = folders.as_array().into_iter().flatten().find(|it| at(it, "/role") == "inbox");
        way.inbox = inbox.and_then(|it| at(it, "/id").as_str()).ok_or_else(|| wrong("no inbox", folders))?.to_owned();
        Ok(way)
    }

    async fn call(&mut self, calls: Value) -> Result<Vec<u8>> {
        let request =
            json!({ "using": ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"], "methodCalls": calls });
        Ok(self.http.ask("POST", &self.api.clone(), &request.to_string()).await?.1)
    }
}

impl Way for ByJmap {
    type Answer = Vec<u8>;

    async fn screen(&mut self) -> Result<Vec<u8>> {
        let (account, inbox) = (self.account.clone(), self.inbox.clone());
        self.call(json!([
            ["Email/query", { "accountId": account, "filter": { "inMailbox": inbox }, "limit": ROWS, "calculateTotal": true,
                "sort": [{ "property": "receivedAt", "isAscending": false }] }, "q"],
            ["Email/get", { "accountId": account, "properties": ROW,
                "#ids": { "resultOf": "q", "name": "Email/query", "path": "/ids" } }, "g"],
        ]))
        .await
    }

    async fn folders(&mut self) -> Result<Vec<u8>> {
        let account = self.account.clone();
        self.call(json!([["Mailbox/get", { "accountId": account, "ids": null }, "m"]])).await
    }

    async fn changes(&mut self) -> Result<(Vec<u8>, usize)> {
        let (account, state) = (self.account.clone(), self.state.clone());
        let answer = self
            .call(json!([
                ["Email/changes", { "accountId": account, "sinceState": state, "maxChanges": 100 }, "c"],
                ["Email/get", { "accountId": account, "properties": ROW,
                    "#ids": { "resultOf": "c", "name": "Email/changes", "path": "/created" } }, "g"],
            ]))
            .await?;
        Ok((answer, 1))
    }

    async fn seen(&mut self) -> Result<()> {
        let account = self.account.clone();
        let answer = self.call(json!([["Email/get", { "accountId": account, "ids": [] }, "g"]])).await?;
        let answer = document(&answer);
        self.state =
            at(&answer, "/methodResponses/0/1/state").as_str().ok_or_else(|| wrong("no state", &answer))?.to_owned();
        Ok(())
    }

    fn rows(answer: &Vec<u8>) -> usize {
        let answer = document(answer);
        let rows = at(&answer, "/methodResponses/1/1/list").as_array().cloned().unwrap_or_default();
        rows.iter().filter(|row| at(row, "/preview").is_string() && at(row, "/from").is_array()).count()
    }

    fn lists(answer: &Vec<u8>) -> bool {
        let answer = document(answer);
        at(&answer, "/methodResponses/0/1/list").as_array().is_some_and(|it| !it.is_empty())
    }
}
