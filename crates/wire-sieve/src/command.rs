//! Commands of a client (RFC 5804 §2).
//!
//! `command = verb *(SP argument) CRLF`, `argument = number / string`, `string = quoted / literal-c2s`,
//! `literal-c2s = "{" number "+}" CRLF *OCTET` (RFC 5804 §4). Every command is read whole and with its own arguments, so that
//! what is sent on cannot be understood otherwise; only the octets of a script are left where they are.

use crate::reader::{Fault, announces_literal, parse};
use std::fmt;

/// Longest command without its script, in octets.
pub const LONGEST_HEAD: usize = 8 * 1024;
/// Longest name of a script, in octets: 128 characters must be taken (RFC 5804 §1.6), 512 octets are.
pub const LONGEST_NAME: usize = 512;

/// A command.
#[derive(Clone, PartialEq, Eq)]
pub enum Command {
    /// `CAPABILITY`
    Capability,
    /// `STARTTLS`
    StartTls,
    /// `AUTHENTICATE mechanism [initial-response]`
    Authenticate {
        /// The mechanism, in upper case.
        mechanism: String,
        /// The first response, in base64.
        initial: Option<Vec<u8>>,
    },
    /// `UNAUTHENTICATE`
    Unauthenticate,
    /// `LOGOUT`
    Logout,
    /// `NOOP [tag]`
    Noop(Option<Vec<u8>>),
    /// `LISTSCRIPTS`
    ListScripts,
    /// `HAVESPACE name size`
    HaveSpace(Vec<u8>, u64),
    /// `PUTSCRIPT name content`
    PutScript(Vec<u8>, Script),
    /// `CHECKSCRIPT content`
    CheckScript(Script),
    /// `SETACTIVE name`; an empty one makes none active.
    SetActive(Vec<u8>),
    /// `GETSCRIPT name`
    GetScript(Vec<u8>),
    /// `DELETESCRIPT name`
    DeleteScript(Vec<u8>),
    /// `RENAMESCRIPT old new`
    RenameScript(Vec<u8>, Vec<u8>),
}

/// A script's content.
#[derive(Clone, PartialEq, Eq)]
pub enum Script {
    /// It was short enough for a quoted string.
    Whole(Vec<u8>),
    /// So many octets follow, and then the end of the line.
    Follows(u64),
}

/// What the beginning of some octets is.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed {
    /// More has to come.
    Incomplete,
    /// A command of so many octets, without those of a script that follows.
    Command(Command, usize),
    /// A line of so many octets that is no command; what follows it is one again.
    Wrong(usize),
    /// Nothing sensible can follow: a literal where none can be, or a command that is too long.
    Lost,
}

/// Every verb, for whoever must try all of them.
pub const fn verbs() -> &'static [&'static str] {
    &[
        "AUTHENTICATE",
        "STARTTLS",
        "LOGOUT",
        "CAPABILITY",
        "HAVESPACE",
        "PUTSCRIPT",
        "LISTSCRIPTS",
        "SETACTIVE",
        "GETSCRIPT",
        "DELETESCRIPT",
        "RENAMESCRIPT",
        "CHECKSCRIPT",
        "NOOP",
        "UNAUTHENTICATE",
    ]
}

/// A string as it is sent: quoted where it can be, else as a literal of a client (RFC 5804 §4).
pub fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len().saturating_add(16));
    if text.len() > 1024 || text.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
        out.extend_from_slice(format!("{{{}+}}\r\n", text.len()).as_bytes());
        out.extend_from_slice(text);
        return out;
    }
    out.push(b'"');
    for octet in text {
        if matches!(octet, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*octet);
    }
    out.push(b'"');
    out
}

impl Command {
    /// Reads the command that these octets begin with.
    pub fn parse(octets: &[u8]) -> Parsed {
        match parse(octets) {
            Ok((command, length)) => Parsed::Command(command, length),
            Err(Fault::Incomplete) if octets.len() >= LONGEST_HEAD => Parsed::Lost,
            Err(Fault::Incomplete) => Parsed::Incomplete,
            Err(Fault::Lost) => Parsed::Lost,
            Err(Fault::Wrong) => match octets.iter().position(|octet| *octet == b'\n') {
                // A literal behind what is wrong would be taken for commands.
                Some(end) if announces_literal(octets.get(..=end).unwrap_or_default()) => Parsed::Lost,
                Some(end) if end < LONGEST_HEAD => Parsed::Wrong(end.saturating_add(1)),
                Some(_) => Parsed::Lost,
                None if octets.len() >= LONGEST_HEAD => Parsed::Lost,
                None => Parsed::Incomplete,
            },
        }
    }

    /// Its verb, which may be shown.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Capability => "CAPABILITY",
            Self::StartTls => "STARTTLS",
            Self::Authenticate { .. } => "AUTHENTICATE",
            Self::Unauthenticate => "UNAUTHENTICATE",
            Self::Logout => "LOGOUT",
            Self::Noop(_) => "NOOP",
            Self::ListScripts => "LISTSCRIPTS",
            Self::HaveSpace(..) => "HAVESPACE",
            Self::PutScript(..) => "PUTSCRIPT",
            Self::CheckScript(_) => "CHECKSCRIPT",
            Self::SetActive(_) => "SETACTIVE",
            Self::GetScript(_) => "GETSCRIPT",
            Self::DeleteScript(_) => "DELETESCRIPT",
            Self::RenameScript(..) => "RENAMESCRIPT",
        }
    }

    /// The command as it is sent to a server, with its end; where the script follows, up to the script.
    pub fn to_octets(&self) -> Vec<u8> {
        let mut out = self.verb().as_bytes().to_vec();
        let mut argument = |octets: &[u8]| {
            out.push(b' ');
            out.extend_from_slice(octets);
        };
        let script = match self {
            Self::Capability | Self::StartTls | Self::Unauthenticate | Self::Logout | Self::ListScripts => None,
            Self::Authenticate { mechanism, initial } => {
                argument(&quoted(mechanism.as_bytes()));
                initial.iter().for_each(|initial| argument(&quoted(initial)));
                None
            }
            Self::Noop(tag) => {
                tag.iter().for_each(|tag| argument(&quoted(tag)));
                None
            }
            Self::HaveSpace(name, size) => {
                argument(&quoted(name));
                argument(size.to_string().as_bytes());
                None
            }
            Self::PutScript(name, script) => {
                argument(&quoted(name));
                Some(script)
            }
            Self::CheckScript(script) => Some(script),
            Self::SetActive(name) | Self::GetScript(name) | Self::DeleteScript(name) => {
                argument(&quoted(name));
                None
            }
            Self::RenameScript(old, new) => {
                argument(&quoted(old));
                argument(&quoted(new));
                None
            }
        };
        match script {
            Some(Script::Follows(length)) => argument(format!("{{{length}+}}").as_bytes()),
            Some(Script::Whole(script)) => argument(&quoted(script)),
            None => {}
        }
        out.extend_from_slice(b"\r\n");
        out
    }

    /// How many octets of a script follow the command.
    pub const fn follows(&self) -> Option<u64> {
        match self {
            Self::PutScript(_, Script::Follows(length)) | Self::CheckScript(Script::Follows(length)) => Some(*length),
            _ => None,
        }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(script) => write!(f, "Script({} octets)", script.len()),
            Self::Follows(length) => write!(f, "Script({length} octets to come)"),
        }
    }
}

// A response of SASL is a password, and a script what its owner wrote.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use crate::Answer;
    use proptest::prelude::*;

    #[track_caller]
    fn check(octets: &str, expected: &Parsed) {
        assert_eq!(&Command::parse(octets.as_bytes()), expected, "{octets:?}");
    }

    fn all(command: Command, octets: &str) -> Parsed {
        Parsed::Command(command, octets.len())
    }

    #[test]
    fn what_clients_say() {
        let name = || b"vacation".to_vec();
        for (octets, command) in [
            ("CAPABILITY\r\n", Command::Capability),
            ("logout\n", Command::Logout),
            ("NOOP\r\n", Command::Noop(None)),
            ("NOOP \"STARTTLS-SYNC-42\"\r\n", Command::Noop(Some(b"STARTTLS-SYNC-42".to_vec()))),
            ("HAVESPACE \"vacation\" 435\r\n", Command::HaveSpace(name(), 435)),
            ("PUTSCRIPT \"vacation\" {31+}\r\n", Command::PutScript(name(), Script::Follows(31))),
            ("PUTSCRIPT {8+}\r\nvacation {0+}\r\n", Command::PutScript(name(), Script::Follows(0))),
            ("PUTSCRIPT \"vacation\" \"keep;\"\r\n", Command::PutScript(name(), Script::Whole(b"keep;".to_vec()))),
            ("CHECKSCRIPT {5+}\r\n", Command::CheckScript(Script::Follows(5))),
            ("SETACTIVE \"\"\r\n", Command::SetActive(Vec::new())),
            ("GETSCRIPT \"a \\\"b\\\\\"\r\n", Command::GetScript(b"a \"b\\".to_vec())),
            ("RENAMESCRIPT \"a\" {1+}\r\nb\r\n", Command::RenameScript(b"a".to_vec(), b"b".to_vec())),
            (
                "Authenticate \"plain\" \"AHgAeA==\"\r\n",
                Command::Authenticate { mechanism: "PLAIN".to_owned(), initial: Some(b"AHgAeA==".to_vec()) },
            ),
        ] {
            check(octets, &all(command, octets));
            for cut in 0..octets.len() {
                check(&octets[..cut], &Parsed::Incomplete);
            }
        }
    }

    #[test]
    fn what_is_none() {
        for line in [
            "XTND\r\n",
            "\r\n",
            "NOOP x\r\n",
            "HAVESPACE \"x\"\r\n",
            "HAVESPACE \"x\" -1\r\n",
            "HAVESPACE \"x\" 4294967296\r\n",
            "LISTSCRIPTS \"x\"\r\n",
            "GETSCRIPT  \"x\"\r\n",
            "GETSCRIPT \"a\\b\"\r\n",
            "GETSCRIPT \"a\n",
            "CAPABILITY {x}\r\n",
        ] {
            check(line, &Parsed::Wrong(line.len()));
        }
        for lost in [
            "XTND {5+}\r\n",
            "CAPABILITY {5}\r\n",
            "GETSCRIPT {5}\r\n",
            "GETSCRIPT {5+} \r\n",
            "GETSCRIPT\"x\"{5+}\r\n",
            "GETSCRIPT {99999+}\r\n",
        ] {
            check(lost, &Parsed::Lost);
        }
        check(&"a".repeat(LONGEST_HEAD), &Parsed::Lost);
        check(&format!("GETSCRIPT \"{}", "a".repeat(LONGEST_HEAD)), &Parsed::Lost);
    }

    #[test]
    fn answers_to_a_challenge() {
        let answer = |octets: &str| Answer::parse(octets.as_bytes());
        assert_eq!(answer("\"AHgAeA==\"\r\n"), Answer::String(b"AHgAeA==".to_vec(), 12));
        assert_eq!(answer("{2+}\r\nab\r\nNOOP"), Answer::String(b"ab".to_vec(), 10));
        assert_eq!(answer("\"*\"\r\n"), Answer::String(b"*".to_vec(), 5));
        assert_eq!((answer("\"AHg"), answer("AHg\r\n")), (Answer::Incomplete, Answer::Lost));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let printed = format!("{:?}", Command::parse(b"AUTHENTICATE \"PLAIN\" \"aHVudGVyMg==\"\r\n"));
        assert!(printed.contains("AUTHENTICATE") && !printed.contains("aHVudGVyMg"), "{printed}");
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..300), verb in 0..verbs().len()) {
            let _ = Command::parse(&octets);
            let _ = Command::parse(&[verbs()[verb].as_bytes(), b" ", &octets].concat());
        }

        #[test]
        fn what_is_sent_is_read_back(name in proptest::collection::vec(any::<u8>(), 0..100), length in any::<u32>()) {
            for command in [
                Command::PutScript(name.clone(), Script::Follows(length.into())),
                Command::RenameScript(name.clone(), b"x".to_vec()),
                Command::SetActive(name.clone()),
                Command::HaveSpace(name.clone(), length.into()),
            ] {
                let octets = command.to_octets();
                prop_assert_eq!(Command::parse(&octets), Parsed::Command(command, octets.len()));
            }
        }
    }
}
