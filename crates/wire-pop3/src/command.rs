//! Commands of a client.
//!
//! `command = keyword *(SP parameter) CRLF`; keywords in any case, parameters divided by one space (RFC 1939 §3, RFC 2449 §4).

use std::fmt;

/// Longest line of a client, in octets with its end. RFC 2449 §4 lets 255 pass, RFC 5034 §4 a response of SASL beside that,
/// as long as it has to be: a token with many groups in it has 8 KiB.
pub const LONGEST_LINE: usize = 12 * 1024;

/// A command. Passwords and responses of SASL are octets: nothing demands that they be text.
#[derive(Clone, PartialEq, Eq)]
pub enum Command {
    /// `CAPA` (RFC 2449 §5).
    Capa,
    /// `USER name`.
    User(Vec<u8>),
    /// `PASS string`; spaces are part of it (RFC 1939 §7).
    Pass(Vec<u8>),
    /// `APOP name digest`.
    Apop,
    /// `AUTH`, which asks for the mechanisms as old clients do, or `AUTH mechanism [initial-response]` (RFC 5034 §4).
    Auth {
        /// The mechanism in upper case; `None` to hear which there are.
        mechanism: Option<String>,
        /// The first response, in base64; `=` is an empty one.
        initial: Option<Vec<u8>>,
    },
    /// `STLS` (RFC 2595 §4).
    Stls,
    /// `STAT`.
    Stat,
    /// `LIST [msg]`.
    List(Option<u32>),
    /// `UIDL [msg]`.
    Uidl(Option<u32>),
    /// `RETR msg`.
    Retr(u32),
    /// `TOP msg n`.
    Top(u32, u32),
    /// `DELE msg`.
    Dele(u32),
    /// `RSET`.
    Rset,
    /// `NOOP`.
    Noop,
    /// `QUIT`.
    Quit,
}

/// Why a line is no command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such keyword.
    Unknown,
    /// The keyword has other parameters.
    Parameters,
}

/// Every keyword, for whoever must try all of them.
pub const fn commands() -> &'static [&'static str] {
    &[
        "CAPA", "USER", "PASS", "APOP", "AUTH", "STLS", "STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "RSET", "NOOP",
        "QUIT",
    ]
}

impl Command {
    /// Reads a line without its end.
    ///
    /// # Errors
    /// [`Wrong`] for anything else than one of the commands.
    pub fn parse(line: &[u8]) -> Result<Self, Wrong> {
        let (keyword, rest) = match memchr::memchr(b' ', line) {
            Some(at) => (line.get(..at).unwrap_or_default(), line.get(at.saturating_add(1)..)),
            None => (line, None),
        };
        let keyword = keyword.to_ascii_uppercase();
        // Old clients put a space behind a keyword without parameters.
        let bare = |command: Self| if rest.is_none_or(is_blank) { Ok(command) } else { Err(Wrong::Parameters) };
        match keyword.as_slice() {
            b"CAPA" => bare(Self::Capa),
            b"STLS" => bare(Self::Stls),
            b"STAT" => bare(Self::Stat),
            b"RSET" => bare(Self::Rset),
            b"NOOP" => bare(Self::Noop),
            b"QUIT" => bare(Self::Quit),
            b"USER" => rest.filter(|name| !is_blank(name)).map(|it| Self::User(it.to_vec())).ok_or(Wrong::Parameters),
            b"PASS" => rest.map(|it| Self::Pass(it.to_vec())).ok_or(Wrong::Parameters),
            b"APOP" => Ok(Self::Apop),
            b"AUTH" => auth(rest.unwrap_or_default()),
            b"LIST" => optional(rest).map(Self::List),
            b"UIDL" => optional(rest).map(Self::Uidl),
            b"RETR" => one(rest).map(Self::Retr),
            b"DELE" => one(rest).map(Self::Dele),
            b"TOP" => match numbers(rest.unwrap_or_default())?.as_slice() {
                [message, lines] => Ok(Self::Top(*message, *lines)),
                _ => Err(Wrong::Parameters),
            },
            _ => Err(Wrong::Unknown),
        }
    }

    /// The keyword, which may be shown and logged.
    pub const fn keyword(&self) -> &'static str {
        match self {
            Self::Capa => "CAPA",
            Self::User(_) => "USER",
            Self::Pass(_) => "PASS",
            Self::Apop => "APOP",
            Self::Auth { .. } => "AUTH",
            Self::Stls => "STLS",
            Self::Stat => "STAT",
            Self::List(_) => "LIST",
            Self::Uidl(_) => "UIDL",
            Self::Retr(_) => "RETR",
            Self::Top(..) => "TOP",
            Self::Dele(_) => "DELE",
            Self::Rset => "RSET",
            Self::Noop => "NOOP",
            Self::Quit => "QUIT",
        }
    }
}

// People type passwords where a login belongs.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}

fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|octet| *octet == b' ')
}

fn auth(rest: &[u8]) -> Result<Command, Wrong> {
    let mut words = rest.split(|octet| *octet == b' ').filter(|word| !word.is_empty());
    let (mechanism, initial) = (words.next(), words.next());
    // `sasl-mech = 1*20mech-char` (RFC 4422 §3.1).
    let is_name = |word: &&[u8]| {
        word.len() <= 20 && word.iter().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'))
    };
    if words.next().is_some() || !mechanism.iter().all(is_name) {
        return Err(Wrong::Parameters);
    }
    Ok(Command::Auth {
        mechanism: mechanism.map(|word| String::from_utf8_lossy(word).to_ascii_uppercase()),
        initial: initial.map(<[u8]>::to_vec),
    })
}

fn optional(rest: Option<&[u8]>) -> Result<Option<u32>, Wrong> {
    match rest {
        Some(rest) if !is_blank(rest) => one(Some(rest)).map(Some),
        _ => Ok(None),
    }
}

fn one(rest: Option<&[u8]>) -> Result<u32, Wrong> {
    match numbers(rest.unwrap_or_default())?.as_slice() {
        [number] => Ok(*number),
        _ => Err(Wrong::Parameters),
    }
}

fn numbers(rest: &[u8]) -> Result<Vec<u32>, Wrong> {
    let words = rest.split(|octet| *octet == b' ').filter(|word| !word.is_empty());
    words
        .map(|word| {
            let digits = word.iter().all(u8::is_ascii_digit);
            // What is larger than any message's number is no message's.
            let number = || std::str::from_utf8(word).ok().map(|it| it.parse().unwrap_or(u32::MAX));
            digits.then(number).flatten().ok_or(Wrong::Parameters)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(line: &str, expected: &Result<Command, Wrong>) {
        assert_eq!(&Command::parse(line.as_bytes()), expected, "{line}");
    }

    #[test]
    fn what_clients_say() {
        check("capa", &Ok(Command::Capa));
        check("STAT ", &Ok(Command::Stat));
        check("USER u00001@a.test", &Ok(Command::User(b"u00001@a.test".to_vec())));
        check("PASS  two spaces ", &Ok(Command::Pass(b" two spaces ".to_vec())));
        check("PASS ", &Ok(Command::Pass(Vec::new())));
        check("LIST", &Ok(Command::List(None)));
        check("LIST 7", &Ok(Command::List(Some(7))));
        check("uidl  7 ", &Ok(Command::Uidl(Some(7))));
        check("TOP 7 0", &Ok(Command::Top(7, 0)));
        check("TOP 1 99999999999999", &Ok(Command::Top(1, u32::MAX)));
        check("AUTH", &Ok(Command::Auth { mechanism: None, initial: None }));
        let initial = Some(b"AHgAeA==".to_vec());
        check("AUTH plain AHgAeA==", &Ok(Command::Auth { mechanism: Some("PLAIN".to_owned()), initial }));
        check("APOP u c4c9334bac560ecc979e58001b3e22fb", &Ok(Command::Apop));
    }

    #[test]
    fn what_is_none() {
        for (line, wrong) in [
            ("", Wrong::Unknown),
            ("XTND", Wrong::Unknown),
            (" STAT", Wrong::Unknown),
            ("RETR", Wrong::Parameters),
            ("RETR -1", Wrong::Parameters),
            ("RETR 1 2", Wrong::Parameters),
            ("RETR one", Wrong::Parameters),
            ("TOP 1", Wrong::Parameters),
            ("QUIT now", Wrong::Parameters),
            ("USER", Wrong::Parameters),
            ("USER ", Wrong::Parameters),
            ("AUTH PLAIN a b", Wrong::Parameters),
            ("AUTH PL\u{e9}IN", Wrong::Parameters),
        ] {
            check(line, &Err(wrong));
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let printed = format!("{:?} {:?}", Command::parse(b"PASS hunter2"), Command::parse(b"USER hunter2"));
        assert!(!printed.contains("hunter2"), "{printed}");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Command::parse(&line);
        }

        #[test]
        fn every_keyword_is_known(which in 0..commands().len(), tail in "[ -~]{0,40}") {
            let line = format!("{} {tail}", commands()[which]);
            prop_assert_ne!(Command::parse(line.as_bytes()), Err(Wrong::Unknown));
        }
    }
}
