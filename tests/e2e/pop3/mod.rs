//! POP3 in front of the real Dovecots, beside Dovecot's own POP3.

mod broken;
mod programs;
mod removal;
mod session;
mod uidl;

use crate::harness::{Imap, PATIENCE, campus};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
};

/// A raw POP3 conversation in clear.
pub(crate) struct Pop {
    reader: BufReader<TcpStream>,
}

impl Pop {
    /// Connects and reads the greeting.
    pub(crate) fn connect(port: u16) -> (Self, String) {
        let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut pop = Self { reader: BufReader::new(stream) };
        let greeting = pop.line();
        (pop, greeting)
    }

    /// Connects and logs in.
    #[track_caller]
    pub(crate) fn log_in(port: u16, login: &str, password: &str) -> Self {
        let (mut pop, _) = Self::connect(port);
        assert!(pop.say(&format!("USER {login}")).starts_with("+OK"));
        let answer = pop.say(&format!("PASS {password}"));
        assert!(answer.starts_with("+OK"), "{answer}");
        pop
    }

    pub(crate) fn send(&mut self, octets: &[u8]) {
        self.reader.get_mut().write_all(octets).unwrap();
    }

    /// The next line; empty at the end of the connection.
    pub(crate) fn line(&mut self) -> String {
        let mut line = Vec::new();
        let _ = self.reader.read_until(b'\n', &mut line);
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    /// Sends a command and reads one line.
    pub(crate) fn say(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n").as_bytes());
        self.line()
    }

    /// Sends a command with an answer of many lines: what came behind the first line, without its stuffing and its end.
    #[track_caller]
    pub(crate) fn many(&mut self, command: &str) -> Vec<u8> {
        let first = self.say(command);
        assert!(first.starts_with("+OK"), "{command}: {first}");
        self.body()
    }

    /// The lines of [`Self::many`].
    #[track_caller]
    pub(crate) fn lines(&mut self, command: &str) -> Vec<String> {
        String::from_utf8(self.many(command)).unwrap().lines().map(str::to_owned).collect()
    }

    /// Lines up to the final dot.
    #[track_caller]
    pub(crate) fn body(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let mut line = Vec::new();
            self.reader.read_until(b'\n', &mut line).unwrap();
            assert!(line.ends_with(b"\r\n"), "the answer was cut");
            if line == b".\r\n" {
                return body;
            }
            body.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    /// Everything until the other side closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A connection that is reset has ended too.
        let _ = self.reader.read_to_end(&mut rest);
        rest
    }
}

/// A port of the campus.
pub(crate) fn port(name: &str) -> u16 {
    campus(name).parse().unwrap()
}

/// The store itself, as its owner.
pub(crate) fn store(login: &str) -> Imap {
    Imap::log_in(port("CAMPUS_IMAP_A"), login, &format!("pw-{login}"))
}

/// Makes these messages somebody's INBOX, at the store.
pub(crate) fn fill(login: &str, messages: &[&str]) {
    let mut imap = store(login);
    imap.command("s SELECT INBOX");
    imap.command("d STORE 1:* +FLAGS.SILENT (\\Deleted)");
    imap.command("e EXPUNGE");
    for message in messages {
        imap.send(format!("a APPEND INBOX {{{}+}}\r\n{message}\r\n", message.len()).as_bytes());
        let answer = imap.answer("a");
        assert!(answer.last().unwrap().starts_with("a OK"), "{answer:?}");
    }
}

/// How many messages somebody's INBOX has at the store.
pub(crate) fn count(login: &str) -> usize {
    let told = store(login).command("t STATUS INBOX (MESSAGES)").join(" ");
    let number = told.split_once("MESSAGES ").unwrap().1;
    number.split(')').next().unwrap().parse().unwrap()
}
