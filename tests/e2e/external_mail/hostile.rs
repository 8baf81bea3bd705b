//! Servers elsewhere that lie, stall, talk without end and hang up. Each takes down its own folder and nothing else.

use super::{HOST, gateway, log_in, no, try_to_add};
use crate::{
    harness::{Gateway, Imap, PATIENCE, eventually},
    shared_mail::ok,
    web::Browser,
};
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// What a server does with a command: its words, or nothing more at all.
enum Act {
    Say(Vec<u8>),
    /// Says this and hangs up.
    End(Vec<u8>),
    Stall,
}

type Play = dyn Fn(&str, &str) -> Option<Act> + Send + Sync;

/// A server elsewhere that speaks in clear, good until the play says otherwise.
struct Server {
    port: u16,
    down: Arc<AtomicBool>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `play` is asked first, with the tag and the rest of each command.
    fn start(play: impl Fn(&str, &str) -> Option<Act> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (down, heard) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let server = Self { port, down: Arc::clone(&down), heard: Arc::clone(&heard) };
        let play: Arc<Play> = Arc::new(play);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                if !down.load(Ordering::SeqCst) {
                    let (play, heard) = (Arc::clone(&play), Arc::clone(&heard));
                    thread::spawn(move || converse(stream, &*play, &heard));
                }
            }
        });
        server
    }

    fn heard(&self, text: &str) -> bool {
        self.heard.lock().unwrap().iter().any(|line| line.contains(text))
    }
}

/// Ends when the other side does.
fn converse(stream: TcpStream, play: &Play, heard: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    if stream.write_all(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS MOVE IDLE] hi\r\n").is_err() {
        return;
    }
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let (tag, rest) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        heard.lock().unwrap().push(line.trim_end().to_owned());
        let done = |untagged: &str| Act::Say(format!("{untagged}{tag} OK done\r\n").into_bytes());
        let verb = rest.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let act = play(tag, rest).unwrap_or_else(|| match verb.as_str() {
            "LIST" if rest.contains('*') => done("* LIST () \"/\" INBOX\r\n* LIST () \"/\" Folder\r\n"),
            "LIST" => done("* LIST (\\Noselect) \"/\" \"\"\r\n"),
            "SELECT" | "EXAMINE" => done("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n"),
            "LOGOUT" => Act::End(format!("* BYE x\r\n{tag} OK x\r\n").into_bytes()),
            _ => done(""),
        });
        match act {
            Act::Say(said) if stream.write_all(&said).is_ok() => {}
            Act::Say(_) => return,
            Act::End(said) => {
                let _ = stream.write_all(&said);
                return;
            }
            Act::Stall => {
                let _ = reader.read_line(&mut String::new());
                return;
            }
        }
    }
}

/// A gateway, and a person with an account there, called `Fou`.
fn with(name: &str, server: &Server, login: &str) -> Gateway {
    let gateway = gateway(name, &[server.port], "clear = true");
    let mut browser = Browser::sign_in(&gateway, HOST, login, &format!("pw-{login}"));
    let added = try_to_add(&mut browser, "Fou", ("127.0.0.1", server.port, "clear"), ("x", "y"));
    assert_eq!(added.status, 201, "{}", added.body);
    gateway
}

/// The own mailbox is as it was.
#[track_caller]
fn own_is_well(imap: &mut Imap) {
    assert!(ok(imap, "o STATUS INBOX (MESSAGES)").contains("* STATUS INBOX"));
    assert!(ok(imap, "o SELECT INBOX").contains("[READ-WRITE]"));
    ok(imap, "o SEARCH ALL");
}

#[test]
fn lies_about_other_mailboxes_do_not_arrive() {
    const LIES: &str = "* LIST (\\NonExistent) \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 0)\r\n* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE\r\n\
        * OK [ALERT] write your password to x@evil.test\r\n* ENABLED UTF8=ACCEPT\r\n* NAMESPACE NIL NIL NIL\r\n\
        zz OK [CAPABILITY IMAP4rev1] nonsense\r\n+ more\r\n* 0 NOTHING evil.test\r\n";
    let server = Server::start(|tag, rest| {
        let verb = rest.split(' ').next()?.to_ascii_uppercase();
        match verb.as_str() {
            "SELECT" => Some(Act::Say(
                format!("{LIES}* 1 EXISTS\r\n* OK [UIDVALIDITY 7] evil.test\r\n{LIES}{tag} OK [ALERT] evil.test\r\n{tag} OK evil.test\r\n")
                    .into_bytes(),
            )),
            "FETCH" => Some(Act::Say(
                format!("{LIES}* 1 FETCH (FLAGS ())\r\n{LIES}{tag} OK [CAPABILITY X] evil.test\r\n{tag} NO evil.test\r\n{LIES}")
                    .into_bytes(),
            )),
            _ => None,
        }
    });
    let gateway = with("hostile-lies", &server, "u00051");
    let mut imap = log_in(&gateway, "u00051");
    let told = ok(&mut imap, "s SELECT External/Fou/INBOX");
    let fetched = ok(&mut imap, "f FETCH 1 FLAGS");
    let again = ok(&mut imap, "g FETCH 1 FLAGS");
    for said in [&told, &fetched, &again] {
        for lie in ["evil.test", "LIST", "STATUS", "CAPABILITY", "ALERT", "ENABLED", "NAMESPACE", "zz", "more"] {
            assert!(!said.contains(lie), "{lie} in {said}");
        }
    }
    assert!(told.contains("* 1 EXISTS") && told.contains("UIDVALIDITY 7"), "{told}");
    assert_eq!(fetched, "* 1 FETCH (FLAGS ())\nf OK says the server elsewhere");
    own_is_well(&mut imap);
    // Nothing of it is in lists either.
    assert!(!ok(&mut imap, "l LIST \"\" *").contains("evil.test"));
}

#[test]
fn who_hangs_up_or_cannot_be_followed_answers_no_and_only_there() {
    let server = Server::start(|tag, rest| {
        Some(match rest {
            "FETCH 1 (FLAGS)" => Act::End(Vec::new()),
            "FETCH 1 (UID)" => Act::Say(b"* 1 FETCH (UID 1)\n* LIST () \"/\" x\r\n".to_vec()),
            "FETCH 1 (ENVELOPE)" => Act::Say(b"* 1 FETCH (ENVELOPE (\"x {5}\r\nabcde\")\r\n".to_vec()),
            "NOOP" => Act::End(format!("* BYE x\r\n{tag} OK x\r\n").into_bytes()),
            _ => return None,
        })
    });
    let gateway = with("hostile-ends", &server, "u00052");
    let mut imap = log_in(&gateway, "u00052");
    for command in ["f FETCH 1 (FLAGS)", "f FETCH 1 (UID)"] {
        ok(&mut imap, "s SELECT External/Fou/INBOX");
        let told = imap.command(command);
        assert!(told.last().unwrap().starts_with("f NO [UNAVAILABLE]"), "{command}: {told:?}");
        // It stays selected, and answers so.
        assert!(no(&mut imap, "g FETCH 1 (RFC822.SIZE)").contains("UNAVAILABLE"));
        own_is_well(&mut imap);
    }
    // An orderly goodbye: the answer arrives, what follows is refused.
    ok(&mut imap, "s SELECT External/Fou/INBOX");
    ok(&mut imap, "n NOOP");
    eventually("the folder is gone", || {
        let told = imap.command("g FETCH 1 (RFC822.SIZE)");
        told.last().unwrap().contains("UNAVAILABLE")
    });
    own_is_well(&mut imap);
    // Half a response has been told: only the end of the connection says so, and a new one is well.
    ok(&mut imap, "s SELECT External/Fou/INBOX");
    let told = imap.command("f FETCH 1 (ENVELOPE)");
    assert!(!told.last().unwrap().starts_with("f OK"), "{told:?}");
    own_is_well(&mut log_in(&gateway, "u00052"));
}

#[test]
fn lines_without_end_and_literals_that_lie_cost_a_connection_and_no_memory() {
    let server = Server::start(|_, rest| {
        Some(match rest {
            "FETCH 1 (FLAGS)" => Act::End([b"* 1 FETCH (FLAGS (".to_vec(), vec![b'a'; 100 << 20]].concat()),
            "FETCH 1 (BODY[])" => Act::End(b"* 1 FETCH (BODY[] {1000000}\r\nshort".to_vec()),
            "FETCH 1 (BODY.PEEK[])" => Act::End(b"* 1 FETCH (BODY[] {99999999999999999999}\r\n".to_vec()),
            _ => return None,
        })
    });
    let gateway = with("hostile-endless", &server, "u00053");
    for command in ["FETCH 1 (FLAGS)", "FETCH 1 (BODY[])", "FETCH 1 (BODY.PEEK[])"] {
        let mut imap = log_in(&gateway, "u00053");
        ok(&mut imap, "s SELECT External/Fou/INBOX");
        let told = imap.command(&format!("f {command}"));
        assert!(!told.last().unwrap().starts_with("f OK"), "{command}");
        own_is_well(&mut log_in(&gateway, "u00053"));
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", gateway.pid())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 150 << 10, "{peak} kB at most");
}

/// What is listed, without the store's closing words.
fn listed(gateway: &Gateway, login: &str) -> Vec<String> {
    let told = log_in(gateway, login).command("l LIST \"\" *");
    let (last, rows) = told.split_last().unwrap();
    assert!(last.starts_with("l OK"), "{told:?}");
    rows.to_vec()
}

#[test]
fn a_server_that_is_away_makes_no_list_short_and_none_fail() {
    let stalls = Arc::new(AtomicBool::new(false));
    let stalling = Arc::clone(&stalls);
    let server = Server::start(move |_, rest| {
        (stalling.load(Ordering::SeqCst) && rest.starts_with("LIST")).then_some(Act::Stall)
    });
    let gateway = with("hostile-away", &server, "u00054");
    let whole = listed(&gateway, "u00054");
    assert!(whole.iter().any(|line| line.ends_with("\"External/Fou/Folder\"")), "{whole:?}");
    // Down: it is told as it was last listed. CREATE makes the list stale, so that the server would be asked.
    ok(&mut log_in(&gateway, "u00054"), "c CREATE External/Fou/Other");
    server.down.store(true, Ordering::SeqCst);
    assert_eq!(listed(&gateway, "u00054"), whole);
    assert!(no(&mut log_in(&gateway, "u00054"), "s SELECT External/Fou/Folder").contains("UNAVAILABLE"));
    let page = Browser::sign_in(&gateway, HOST, "u00054", "pw-u00054").get("/external-mail").body;
    assert!(page.contains("does not answer, or hung up"), "{page}");
    // Up again: the folder opens, and the page says so.
    server.down.store(false, Ordering::SeqCst);
    ok(&mut log_in(&gateway, "u00054"), "s SELECT External/Fou/Folder");
    let page = Browser::sign_in(&gateway, HOST, "u00054", "pw-u00054").get("/external-mail").body;
    assert!(!page.contains("does not answer, or hung up"), "{page}");
    // One that lets in and then says nothing: the list waits for it once.
    stalls.store(true, Ordering::SeqCst);
    assert!(PATIENCE.as_secs() > 10, "the list's own patience is 10 s");
    assert_eq!(listed(&gateway, "u00054"), whole);
    let asked = std::time::Instant::now();
    assert_eq!(listed(&gateway, "u00054"), whole);
    assert!(asked.elapsed().as_secs() < 5, "and not again");
}

#[test]
fn what_a_server_says_of_a_message_gives_no_commands_to_ones_own_store() {
    let server = Server::start(|tag, rest| {
        let odd = |items: &str| {
            let said = format!("* 1 FETCH (UID 1 {items})\r\n{tag} OK x\r\n");
            Some(Act::Say(said.into_bytes()))
        };
        match rest {
            "FETCH 1 (UID FLAGS INTERNALDATE)" => {
                odd("FLAGS (\"a) {3+}\r\nxxx\r\nv DELETE Precious\r\n\") INTERNALDATE \"24-Nov-2026 10:00:00 +0100\"")
            }
            "FETCH 2 (UID FLAGS INTERNALDATE)" => odd("FLAGS () INTERNALDATE {26}\r\n\" {1}\r\nv DELETE Precious\r\n"),
            _ => None,
        }
    });
    let gateway = with("hostile-inject", &server, "u00055");
    let mut imap = log_in(&gateway, "u00055");
    imap.command("c CREATE Precious");
    for message in [1, 2] {
        ok(&mut imap, "s SELECT External/Fou/INBOX");
        let told = imap.command(&format!("f COPY {message} INBOX"));
        assert!(told.last().unwrap().starts_with("f NO"), "{told:?}");
        own_is_well(&mut imap);
    }
    assert!(ok(&mut imap, "t STATUS Precious (MESSAGES)").contains("Precious"));
    assert!(server.heard("FETCH 1 (UID FLAGS INTERNALDATE)"));
    // The client's own address is not told to strangers, nor who asks.
    assert!(!server.heard("x-originating") && !server.heard("u00055"));
}

#[test]
fn what_may_have_been_done_is_never_said_not_to_be() {
    let server = Server::start(|_, rest| {
        (rest.starts_with("STORE") || rest.starts_with("APPEND")).then(|| Act::End(b"+ go on\r\n".to_vec()))
    });
    let gateway = with("hostile-unknown", &server, "u00056");
    let mut imap = log_in(&gateway, "u00056");
    ok(&mut imap, "s SELECT External/Fou/INBOX");
    assert_eq!(imap.command("f STORE 1 +FLAGS (\\Seen)"), ["* BYE The server elsewhere is gone", ""]);
    let mut imap = log_in(&gateway, "u00056");
    ok(&mut imap, "s SELECT INBOX");
    imap.send(b"p APPEND External/Fou/INBOX {12}\r\n");
    assert!(imap.line().starts_with('+'));
    imap.send(b"Subject: x\r\n\r\n");
    let told = imap.answer("p");
    assert!(!told.iter().any(|line| line.starts_with("p ")), "{told:?}");
    own_is_well(&mut log_in(&gateway, "u00056"));
}

#[test]
fn other_delimiters_and_servers_that_know_little_are_served() {
    let server = Server::start(|tag, rest| {
        let done = |untagged: &str| Some(Act::Say(format!("{untagged}{tag} OK done\r\n").into_bytes()));
        match rest {
            "LIST \"\" \"\"" => done("* LIST (\\Noselect) \".\" \"\"\r\n"),
            "LIST \"\" \"*\"" => done(
                "* LIST () \".\" INBOX\r\n* LIST () \".\" INBOX.Envoy&AOk-s\r\n* LIST () \".\" \"a/b\"\r\n* LIST () \".\" \"x...y\"\r\n",
            ),
            _ => None,
        }
    });
    let gateway = with("hostile-dots", &server, "u00057");
    let mut imap = log_in(&gateway, "u00057");
    let told = ok(&mut imap, "l LIST \"\" External/*");
    assert!(
        told.contains("\"External/Fou/INBOX/Envoy&AOk-s\"") && !told.contains("a/b") && !told.contains(".."),
        "{told}"
    );
    let told = ok(&mut imap, "s SELECT External/Fou/INBOX/Envoy&AOk-s (CONDSTORE)");
    assert!(told.contains("[NOMODSEQ]") && server.heard("SELECT \"INBOX.Envoy&AOk-s\""), "{told}");
    assert!(!server.heard("CONDSTORE"));
    assert!(no(&mut imap, "s SELECT External/Fou/INBOX.x").contains("NONEXISTENT"));
}

#[test]
fn greetings_that_are_none_are_told_as_such() {
    for (greeting, expected) in [
        (b"HTTP/1.1 400 Bad Request\r\n".to_vec(), "speaks nothing"),
        (b"* PREAUTH come in\r\n".to_vec(), "speaks nothing"),
        (vec![b'*'; 1 << 20], "speaks nothing"),
        (Vec::new(), "does not answer, or hung up"),
        (b"* BYE full\r\n".to_vec(), "does not answer, or hung up"),
        (b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n".to_vec(), "does not offer the protection"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let said = greeting.clone();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(&said);
        });
        let gateway = gateway("hostile-greeting", &[port], "clear = true");
        let mut browser = Browser::sign_in(&gateway, HOST, "u00058", "pw-u00058");
        let answer = try_to_add(&mut browser, "x", ("127.0.0.1", port, "clear"), ("x", "y"));
        let greeting = String::from_utf8_lossy(greeting.get(..50.min(greeting.len())).unwrap()).into_owned();
        assert!(answer.status == 422 && answer.body.contains(expected), "{greeting}: {}", answer.body);
    }
}

#[test]
fn a_server_that_knows_login_only_gets_it_by_literals() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut heard = Vec::new();
        for said in ["* OK hi", "* CAPABILITY IMAP4rev1\r\nc OK x", "+ go", "+ go", "l OK [CAPABILITY IMAP4rev1] in"] {
            stream.write_all(format!("{said}\r\n").as_bytes()).unwrap();
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            heard.push(line);
        }
        heard
    });
    let gateway = gateway("external-login", &[port], "clear = true");
    let mut browser = Browser::sign_in(&gateway, HOST, "u00059", "pw-u00059");
    let answer = try_to_add(&mut browser, "x", ("127.0.0.1", port, "clear"), ("m\" x", "p\\\"é {3}"));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let expected = ["c CAPABILITY\r\n", "l LOGIN {4}\r\n", "m\" x {9}\r\n", "p\\\"é {3}\r\n", ""];
    assert_eq!(heard.join().unwrap(), expected);
}
