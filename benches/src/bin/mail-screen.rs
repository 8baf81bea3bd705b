//! What a mail client asks for again and again, by one of the ways there are to a mailbox of many messages: the first screen
//! (the newest fifty with their beginnings), the list of folders, and what has changed after ten arrivals.
//!
//! `mail-screen imap IMAP USER PASSWORD TIMES` · `mail-screen jmap IMAP USER PASSWORD TIMES HTTP` · `mail-screen sogo IMAP USER
//! PASSWORD TIMES HTTP`, where IMAP and HTTP are addresses; by IMAP the arrivals are put in and taken out again, on whatever side. One line
//! of JSON says the median of each in milliseconds, and how many requests the arrivals took.
//!
//! Connections are kept, and somebody has signed on. Sockets have TCP_NODELAY and acknowledge at once. What comes is looked at
//! after the clock has stopped: a side that answers something else than it was asked for is an error.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{env, io, time::Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const ROWS: usize = 50;
const ARRIVALS: usize = 10;
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
/// The same by IMAP.
const ROW_BY_IMAP: &str = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE PREVIEW)";

type Result<T> = io::Result<T>;

#[tokio::main(worker_threads = 1)]
async fn main() -> Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [kind, store, user, password, times, rest @ ..] = words.as_slice() else { return Err(usage()) };
    let times: usize = times.parse().map_err(|_| usage())?;
    let mut store = Store::open(store, user, password).await?;
    match (*kind, rest) {
        ("imap", []) => measure(times, &mut store, ByImap::open(words[1], user, password).await?).await,
        ("jmap", [http]) => measure(times, &mut store, ByJmap::open(http, user, password).await?).await,
        ("sogo", [http]) => measure(times, &mut store, BySogo::open(http, user, password).await?).await,
        _ => Err(usage()),
    }
}

fn usage() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "see the first lines of mail-screen.rs")
}

fn wrong(what: &str, answer: impl std::fmt::Display) -> io::Error {
    let answer: String = answer.to_string().chars().take(2000).collect();
    io::Error::other(format!("{what}: {answer}"))
}

/// A way to the mailbox.
trait Way {
    type Answer;
    /// The first screen.
    async fn screen(&mut self) -> Result<Self::Answer>;
    /// The folders with their counts.
    async fn folders(&mut self) -> Result<Self::Answer>;
    /// What has changed since [`Self::seen`], with what a row shows of it, and how many requests that took.
    async fn changes(&mut self) -> Result<(Self::Answer, usize)>;
    /// Looks at the mailbox as it is now.
    async fn seen(&mut self) -> Result<()>;
    /// How many messages an answer shows.
    fn rows(answer: &Self::Answer) -> usize;
    /// Whether an answer lists folders.
    fn lists(answer: &Self::Answer) -> bool;
    /// Least number of messages in an answer on ten arrivals: a way without changes shows its first screen again.
    const CHANGED: usize = ARRIVALS;
}

async fn measure<W: Way>(times: usize, store: &mut Store, mut way: W) -> Result<()> {
    let (mut screens, mut folders, mut changes, mut requests) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..times {
        let began = Instant::now();
        let answer = way.screen().await?;
        screens.push(began.elapsed());
        if W::rows(&answer) != ROWS {
            return Err(wrong("the first screen", W::rows(&answer)));
        }
    }
    for _ in 0..times {
        let began = Instant::now();
        let answer = way.folders().await?;
        folders.push(began.elapsed());
        if !W::lists(&answer) {
            return Err(io::Error::other("no list of folders"));
        }
    }
    for _ in 0..times {
        way.seen().await?;
        let arrived = store.arrive().await?;
        let began = Instant::now();
        let (answer, asked) = way.changes().await?;
        changes.push(began.elapsed());
        requests = asked;
        if W::rows(&answer) < W::CHANGED {
            return Err(wrong("after the arrivals", W::rows(&answer)));
        }
        store.remove(&arrived).await?;
    }
    let median = |mut each: Vec<std::time::Duration>| {
        each.sort();
        each.get(each.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    let line = json!({
        "screen_ms": median(screens), "folders_ms": median(folders), "changes_ms": median(changes), "requests": requests,
    });
    io::Write::write_all(&mut io::stdout(), format!("{line}\n").as_bytes())
}

/// A connection that acknowledges at once, with what was read and not yet used.
struct Line {
    stream: TcpStream,
    had: Vec<u8>,
}

impl Line {
    async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, had: Vec::new() })
    }

    async fn send(&mut self, octets: &[u8]) -> Result<()> {
        self.stream.write_all(octets).await?;
        self.acknowledge();
        Ok(())
    }

    fn acknowledge(&self) {
        // The kernel forgets it after a while.
        let _ = rustix::net::sockopt::set_tcp_quickack(&self.stream, true);
    }

    async fn more(&mut self) -> Result<()> {
        let read = self.stream.read_buf(&mut self.had).await?;
        self.acknowledge();
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Reads until this stands somewhere behind `from`; where it begins.
    async fn until(&mut self, wanted: &[u8], from: usize) -> Result<usize> {
        let mut seen = from;
        loop {
            let begin = seen.saturating_sub(wanted.len()).max(from);
            let behind = self.had.get(begin..).unwrap_or_default();
            if let Some(at) = behind.windows(wanted.len()).position(|it| it == wanted) {
                return Ok(begin + at);
            }
            seen = self.had.len();
            self.more().await?;
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.had.split_off(length.min(self.had.len()));
        std::mem::replace(&mut self.had, rest)
    }

    /// One line of an answer.
    async fn line(&mut self) -> Result<String> {
        let end = self.until(b"\r\n", 0).await?;
        let line = self.take(end + 2);
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

/// IMAP (RFC 3501), as much of it as is asked here.
struct Imap {
    line: Line,
    tag: usize,
}

impl Imap {
    async fn open(address: &str, user: &str, password: &str) -> Result<Self> {
        let mut imap = Self { line: Line::open(address).await?, tag: 0 };
        imap.line.line().await?;
        imap.ask(&format!("LOGIN {user} {password}")).await?;
        Ok(imap)
    }

    /// Commands one behind the other without waiting; the answers of all of them.
    async fn ask_all(&mut self, commands: &[&str]) -> Result<String> {
        let mut written = String::new();
        for command in commands {
            self.tag += 1;
            written.push_str(&format!("t{} {command}\r\n", self.tag));
        }
        self.line.send(written.as_bytes()).await?;
        // Nothing in these mailboxes looks like a tagged answer.
        let last = format!("\r\nt{} ", self.tag);
        let at = if self.line.had.starts_with(&last.as_bytes()[2..]) { 0 } else { self.first(&last).await? };
        let end = self.line.until(b"\r\n", at + 2).await?;
        let answer = String::from_utf8_lossy(&self.line.take(end + 2)).into_owned();
        let refused = |line: &str| line.starts_with('t') && !line.contains(" OK");
        match answer.lines().find(|line| refused(line)) {
            Some(line) if commands.len() == 1 || line.contains(" NO ") || line.contains(" BAD ") => {
                Err(wrong(commands[0], line))
            }
            _ => Ok(answer),
        }
    }

    /// Where the last answer's line begins: an answer may be nothing but that line.
    async fn first(&mut self, last: &str) -> Result<usize> {
        if self.line.had.is_empty() {
            self.line.more().await?;
        }
        if self.line.had.starts_with(&last.as_bytes()[2..]) {
            return Ok(0);
        }
        self.line.until(last.as_bytes(), 0).await
    }

    async fn ask(&mut self, command: &str) -> Result<String> {
        self.ask_all(&[command]).await
    }
}

/// The number behind a word in an answer.
fn number_behind(answer: &str, word: &str) -> Result<u64> {
    let digits: String =
        answer.rsplit_once(word).map_or("", |(_, rest)| rest).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().map_err(|_| wrong(word, answer))
}

/// Who puts messages into the mailbox and takes them out.
struct Store(Imap);

impl Store {
    async fn open(address: &str, user: &str, password: &str) -> Result<Self> {
        let mut imap = Imap::open(address, user, password).await?;
        imap.ask("SELECT INBOX").await?;
        Ok(Self(imap))
    }

    /// Ten new messages; their UIDs as APPENDUID tells them (RFC 4315).
    async fn arrive(&mut self) -> Result<Vec<u64>> {
        let mut uids = Vec::new();
        for number in 0..ARRIVALS {
            let message = format!(
                "From: Jury <jury@a.test>\r\nTo: list@a.test\r\nSubject: Arrival {number}\r\nMessage-ID: <{number}.{}@a.test>\r\nDate: Fri, 27 Nov 2026 10:00:00 +0000\r\n\r\nThe session of the jury begins at ten.\r\n",
                self.0.tag
            );
            let answer = self.0.ask(&format!("APPEND INBOX {{{}+}}\r\n{message}", message.len())).await?;
            let uid =
                answer.split("APPENDUID ").nth(1).and_then(|rest| rest.split([' ', ']']).nth(1)).unwrap_or_default();
            uids.push(uid.parse().map_err(|_| wrong("APPEND", &answer))?);
        }
        Ok(uids)
    }

    async fn remove(&mut self, uids: &[u64]) -> Result<()> {
        let (first, last) = (uids.iter().min().copied().unwrap_or(0), uids.iter().max().copied().unwrap_or(0));
        self.0.ask(&format!("UID STORE {first}:{last} +FLAGS.SILENT (\\Deleted)")).await?;
        self.0.ask(&format!("UID EXPUNGE {first}:{last}")).await.map(drop)
    }
}

/// A client of the store itself that keeps the mailbox selected.
struct ByImap {
    imap: Imap,
    next: u64,
    modseq: u64,
}

impl ByImap {
    async fn open(address: &str, user: &str, password: &str) -> Result<Self> {
        let mut imap = Imap::open(address, user, password).await?;
        imap.ask("ENABLE CONDSTORE QRESYNC").await?;
        Ok(Self { imap, next: 0, modseq: 0 })
    }
}

impl Way for ByImap {
    type Answer = String;

    async fn screen(&mut self) -> Result<String> {
        // Selected anew, as who comes to a mailbox does; sorted and cut by the server (RFC 5256, RFC 5267).
        let sorted = self
            .imap
            .ask_all(&["SELECT INBOX", "UID SORT RETURN (PARTIAL 1:50 COUNT) (REVERSE ARRIVAL) UTF-8 ALL"])
            .await?;
        let uids = sorted.split("PARTIAL (1:50 ").nth(1).and_then(|rest| rest.split(')').next()).unwrap_or_default();
        self.imap.ask(&format!("UID FETCH {uids} {ROW_BY_IMAP}")).await
    }

    async fn folders(&mut self) -> Result<String> {
        self.imap.ask("LIST \"\" \"*\" RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ))").await
    }

    async fn changes(&mut self) -> Result<(String, usize)> {
        let changed = format!("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {} VANISHED)", self.modseq);
        let new = format!("UID FETCH {}:* {ROW_BY_IMAP}", self.next);
        Ok((self.imap.ask_all(&["NOOP", &changed, &new]).await?, 1))
    }

    async fn seen(&mut self) -> Result<()> {
        let answer = self.imap.ask("SELECT INBOX").await?;
        self.next = number_behind(&answer, "UIDNEXT ")?;
        self.modseq = number_behind(&answer, "HIGHESTMODSEQ ")?;
        Ok(())
    }

    fn rows(answer: &String) -> usize {
        answer.matches(" ENVELOPE (").count()
    }

    fn lists(answer: &String) -> bool {
        answer.contains("* STATUS ") && answer.contains("INBOX")
    }
}

/// HTTP/1.1 over a kept connection.
struct Http {
    line: Line,
    host: String,
    /// Header fields of every request, each with its line's end.
    fields: String,
}

impl Http {
    async fn open(address: &str, fields: String) -> Result<Self> {
        Ok(Self { line: Line::open(address).await?, host: address.to_owned(), fields })
    }

    /// Sends a request and reads its answer whole: the header and the body.
    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<(String, Vec<u8>)> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.host,
            self.fields,
            body.len()
        );
        self.line.send(request.as_bytes()).await?;
        let end = self.line.until(b"\r\n\r\n", 0).await? + 4;
        let head = String::from_utf8_lossy(&self.line.take(end)).into_owned();
        let lower = head.to_ascii_lowercase();
        let field = |name: &str| lower.lines().find_map(|line| line.strip_prefix(name).map(|it| it.trim().to_owned()));
        let mut content = Vec::new();
        if let Some(length) = field("content-length:") {
            let length: usize = length.parse().map_err(|_| wrong("the length", &head))?;
            while self.line.had.len() < length {
                self.line.more().await?;
            }
            content = self.line.take(length);
        } else if field("transfer-encoding:").is_some() {
            loop {
                let size = self.line.line().await?;
                let size = size.split(';').next().unwrap_or_default();
                let size = usize::from_str_radix(size, 16).map_err(|_| wrong("a chunk's size", size))?;
                while self.line.had.len() < size + 2 {
                    self.line.more().await?;
                }
                content.extend(self.line.take(size));
                self.line.take(2);
                if size == 0 {
                    break;
                }
            }
        }
        if !lower.starts_with("http/1.1 2") {
            return Err(wrong(path, format!("{head}{}", String::from_utf8_lossy(&content))));
        }
        Ok((head, content))
    }
}

fn document(octets: &[u8]) -> Value {
    serde_json::from_slice(octets).unwrap_or_default()
}

/// JMAP (RFC 8620, RFC 8621): one request for each of the three.
struct ByJmap {
    http: Http,
    api: String,
    account: String,
    inbox: String,
    state: String,
}

impl ByJmap {
    async fn open(address: &str, user: &str, password: &str) -> Result<Self> {
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
        let api = session["apiUrl"].as_str().unwrap_or_default();
        let api = api
            .split_once("://")
            .and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()))
            .unwrap_or(api.to_owned());
        let account = session["primaryAccounts"]["urn:ietf:params:jmap:mail"].as_str().unwrap_or_default().to_owned();
        let mut way = Self { http, api, account, inbox: String::new(), state: String::new() };
        let folders = way.folders().await?;
        let folders = &document(&folders)["methodResponses"][0][1]["list"];
        let inbox = folders.as_array().into_iter().flatten().find(|it| it["role"] == "inbox");
        way.inbox = inbox.and_then(|it| it["id"].as_str()).ok_or_else(|| wrong("no inbox", folders))?.to_owned();
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
            answer["methodResponses"][0][1]["state"].as_str().ok_or_else(|| wrong("no state", &answer))?.to_owned();
        Ok(())
    }

    fn rows(answer: &Vec<u8>) -> usize {
        let answer = document(answer);
        let rows = answer["methodResponses"][1][1]["list"].as_array().cloned().unwrap_or_default();
        rows.iter().filter(|row| row["preview"].is_string() && row["from"].is_array()).count()
    }

    fn lists(answer: &Vec<u8>) -> bool {
        let answer = document(answer);
        answer["methodResponses"][0][1]["list"].as_array().is_some_and(|it| !it.is_empty())
    }
}

/// SOGo's own page, by the requests that it makes. It has no beginnings of messages in its list, and no changes: after arrivals it
/// lists anew.
struct BySogo {
    http: Http,
    base: String,
}

impl BySogo {
    async fn open(address: &str, user: &str, password: &str) -> Result<Self> {
        let mut http = Http::open(address, String::new()).await?;
        let body = json!({ "userName": user, "password": password, "domain": null, "rememberLogin": 0 }).to_string();
        let (head, _) = http.ask("POST", "/SOGo/connect", &body).await?;
        let cookies: Vec<&str> = head
            .lines()
            .filter_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")))
            .map(|(_, value)| value.split(';').next().unwrap_or_default().trim())
            .collect();
        let token = cookies.iter().find_map(|it| it.strip_prefix("XSRF-TOKEN=")).unwrap_or_default();
        http.fields = format!("Cookie: {}\r\nX-XSRF-TOKEN: {token}\r\n", cookies.join("; "));
        Ok(Self { http, base: format!("/SOGo/so/{user}/Mail/0") })
    }
}

impl Way for BySogo {
    type Answer = Vec<u8>;
    const CHANGED: usize = ROWS;

    async fn screen(&mut self) -> Result<Vec<u8>> {
        let body = json!({ "sortingAttributes": { "sort": "arrival", "asc": 0, "match": "AND" } }).to_string();
        Ok(self.http.ask("POST", &format!("{}/folderINBOX/view", self.base), &body).await?.1)
    }

    async fn folders(&mut self) -> Result<Vec<u8>> {
        Ok(self.http.ask("GET", &format!("{}/view", self.base), "").await?.1)
    }

    async fn changes(&mut self) -> Result<(Vec<u8>, usize)> {
        Ok((self.screen().await?, 1))
    }

    async fn seen(&mut self) -> Result<()> {
        self.screen().await.map(drop)
    }

    /// Its first row names the columns.
    fn rows(answer: &Vec<u8>) -> usize {
        document(answer)["headers"].as_array().map_or(0, |rows| rows.len().saturating_sub(1))
    }

    fn lists(answer: &Vec<u8>) -> bool {
        document(answer)["mailboxes"].as_array().is_some_and(|it| !it.is_empty())
    }
}
