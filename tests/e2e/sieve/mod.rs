//! ManageSieve in front of the real Dovecots: scripts put, made active, and in force for the next mail.

mod broken;
pub(crate) mod scripts;

use crate::harness::{Gateway, PATIENCE, run};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
};

/// base64 of `authzid NUL login NUL password`, by coreutils.
pub(crate) fn plain(authzid: &str, login: &str, password: &str) -> String {
    run("bash", &["-c", &format!("printf '{authzid}\\0%s\\0%s' '{login}' '{password}' | base64 -w0")])
}

/// A raw ManageSieve conversation in clear.
pub(crate) struct Sieve {
    reader: BufReader<TcpStream>,
}

impl Sieve {
    /// Connects and reads the greeting.
    pub(crate) fn connect(port: u16) -> (Self, Vec<String>) {
        let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut sieve = Self { reader: BufReader::new(stream) };
        let greeting = sieve.response();
        (sieve, greeting)
    }

    /// Connects and logs in.
    #[track_caller]
    pub(crate) fn log_in(gateway: &Gateway, login: &str, password: &str) -> Self {
        let (mut sieve, _) = Self::connect(gateway.sieve);
        let answer = sieve.say(&format!("AUTHENTICATE \"PLAIN\" \"{}\"", plain("", login, password)));
        assert_eq!(answer, ["OK \"Logged in\""]);
        sieve
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

    /// A whole response, line by line; a literal's octets are a line of their own.
    pub(crate) fn response(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.line();
            let length = line.rsplit_once('{').and_then(|(_, rest)| rest.strip_suffix('}')?.parse::<usize>().ok());
            if let Some(length) = length {
                let mut literal = vec![0; length];
                self.reader.read_exact(&mut literal).unwrap();
                let rest = self.line();
                assert!(rest.is_empty(), "{rest}");
                lines.push(String::from_utf8_lossy(&literal).into_owned());
                if ["OK", "NO", "BYE"].iter().any(|word| line.starts_with(word)) {
                    lines.push(line);
                    return lines;
                }
                continue;
            }
            let ended = line.is_empty() || ["OK", "NO", "BYE"].iter().any(|word| line.starts_with(word));
            lines.push(line);
            if ended {
                return lines;
            }
        }
    }

    /// Sends a command and reads its response.
    pub(crate) fn say(&mut self, command: &str) -> Vec<String> {
        self.send(format!("{command}\r\n").as_bytes());
        self.response()
    }

    /// The last line of a response.
    pub(crate) fn last(&mut self, command: &str) -> String {
        self.say(command).pop().unwrap()
    }

    /// Everything until the other side closes.
    pub(crate) fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // A connection that is reset has ended too.
        let _ = self.reader.read_to_end(&mut rest);
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// Takes every script away.
    pub(crate) fn clear(&mut self) {
        assert!(self.last("SETACTIVE \"\"").starts_with("OK"));
        for line in self.say("LISTSCRIPTS") {
            if let Some(name) = line.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                assert!(self.last(&format!("DELETESCRIPT \"{name}\"")).starts_with("OK"));
            }
        }
    }
}
