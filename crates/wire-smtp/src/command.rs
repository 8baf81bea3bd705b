//! Commands of a client.

use crate::{
    parameters::{self, MailParameters, RecipientParameters},
    path::{Address, path},
};
use std::fmt;

/// Longest name in EHLO, in octets (RFC 5321 §4.5.3.1.2).
const LONGEST_NAME: usize = 255;

/// A command (RFC 5321 §4.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `EHLO name`
    Ehlo(String),
    /// `HELO name`
    Helo(String),
    /// `STARTTLS` (RFC 3207)
    StartTls,
    /// `AUTH mechanism [initial-response]` (RFC 4954)
    Auth {
        /// The mechanism, in upper case.
        mechanism: String,
        /// What came with the command, in base64; `=` is an empty one.
        initial: Option<Sasl>,
    },
    /// `MAIL FROM:<path>`; `None` is the path of reports, which nobody answers.
    Mail(Option<Address>, MailParameters),
    /// `RCPT TO:<path>`
    Recipient(Address, RecipientParameters),
    /// `DATA`
    Data,
    /// `BDAT size [LAST]` (RFC 3030 §2)
    Chunk {
        /// The octets that follow at once.
        size: u64,
        /// Whether they are the last.
        last: bool,
    },
    /// `RSET`
    Reset,
    /// `NOOP [anything]`
    Noop,
    /// `VRFY anything`
    Verify,
    /// `EXPN anything`
    Expand,
    /// `HELP [anything]`
    Help,
    /// `QUIT`
    Quit,
}

/// A SASL response in base64. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Sasl(String);

impl Sasl {
    /// Of a line that came.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text, for the one place that decodes it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sasl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sasl(..)")
    }
}

/// Why a line is no command that can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// No such verb.
    Unknown,
    /// The verb is known, and what follows is not what follows it.
    Syntax,
    /// An address in MAIL that is none.
    Sender,
    /// An address in RCPT that is none.
    Recipient,
    /// A value that the parameter does not take, or a parameter given twice.
    Parameter,
    /// No such parameter.
    UnknownParameter,
}

impl Command {
    /// A line without its end.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(line: &[u8]) -> Result<Self, Wrong> {
        let text = std::str::from_utf8(line).map_err(|_| Wrong::Syntax)?;
        if text.contains('\0') {
            return Err(Wrong::Syntax);
        }
        let text = text.trim_end_matches(' ');
        let (verb, rest) = text.split_once(' ').map_or((text, ""), |(verb, rest)| (verb, rest));
        let bare = |command| if rest.is_empty() { Ok(command) } else { Err(Wrong::Syntax) };
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => name(rest).map(Self::Ehlo),
            "HELO" => name(rest).map(Self::Helo),
            "STARTTLS" => bare(Self::StartTls),
            "AUTH" => auth(rest),
            "MAIL" => mail(rest),
            "RCPT" => recipient(rest),
            "DATA" => bare(Self::Data),
            "BDAT" => chunk(rest),
            "RSET" => bare(Self::Reset),
            "NOOP" => Ok(Self::Noop),
            "VRFY" if !rest.is_empty() => Ok(Self::Verify),
            "EXPN" if !rest.is_empty() => Ok(Self::Expand),
            "VRFY" | "EXPN" => Err(Wrong::Syntax),
            "HELP" => Ok(Self::Help),
            "QUIT" => bare(Self::Quit),
            _ => Err(Wrong::Unknown),
        }
    }
}

/// `Domain / address-literal` (RFC 5321 §4.1.1.1). Clients send whatever their machine is called; only what could be taken
/// for something else in a header is refused.
fn name(text: &str) -> Result<String, Wrong> {
    let fits = |it: char| it.is_ascii_graphic() && !matches!(it, '(' | ')' | '<' | '>' | '"' | '\\' | ';' | ',');
    let is_name = !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(fits);
    if is_name { Ok(text.to_owned()) } else { Err(Wrong::Syntax) }
}

/// `"AUTH" SP sasl-mech [SP initial-response]` (RFC 4954 §8)
fn auth(rest: &str) -> Result<Command, Wrong> {
    let (mechanism, initial) = rest.split_once(' ').map_or((rest, None), |(name, said)| (name, Some(said)));
    let fits = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_');
    let is_name = (1..=20).contains(&mechanism.len()) && mechanism.bytes().all(fits);
    if !is_name || initial.is_some_and(|said| said.contains(' ')) {
        return Err(Wrong::Syntax);
    }
    Ok(Command::Auth { mechanism: mechanism.to_ascii_uppercase(), initial: initial.map(Sasl::new) })
}

/// `"MAIL FROM:" Reverse-path [SP Mail-parameters]` (RFC 5321 §4.1.1.2)
fn mail(rest: &str) -> Result<Command, Wrong> {
    let rest = after_word(rest, "FROM:")?;
    let (address, rest) = path(rest).map_err(|_| Wrong::Sender)?;
    if address.as_ref().is_some_and(|address| address.domain().is_none()) {
        return Err(Wrong::Sender);
    }
    Ok(Command::Mail(address, parameters::of_mail(rest)?))
}

/// `"RCPT TO:" Forward-path [SP Rcpt-parameters]` (RFC 5321 §4.1.1.3)
fn recipient(rest: &str) -> Result<Command, Wrong> {
    let rest = after_word(rest, "TO:")?;
    let (address, rest) = path(rest).map_err(|_| Wrong::Recipient)?;
    let address = address.ok_or(Wrong::Recipient)?;
    Ok(Command::Recipient(address, parameters::of_recipient(rest)?))
}

/// Spaces behind the colon are wrong and in use.
fn after_word<'a>(text: &'a str, word: &str) -> Result<&'a str, Wrong> {
    let (said, rest) = text.split_at_checked(word.len()).ok_or(Wrong::Syntax)?;
    if said.eq_ignore_ascii_case(word) { Ok(rest.trim_start_matches(' ')) } else { Err(Wrong::Syntax) }
}

/// `"BDAT" SP chunk-size [ SP end-marker ]` (RFC 3030 §2)
fn chunk(rest: &str) -> Result<Command, Wrong> {
    let (size, last) = match rest.split_once(' ') {
        None => (rest, false),
        Some((size, word)) if word.eq_ignore_ascii_case("LAST") => (size, true),
        Some(_) => return Err(Wrong::Syntax),
    };
    let digits = (1..=18).contains(&size.len()) && size.bytes().all(|it| it.is_ascii_digit());
    let size = if digits { size.parse().ok() } else { None };
    Ok(Command::Chunk { size: size.ok_or(Wrong::Syntax)?, last })
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
