//! Parameters of MAIL and RCPT.

use crate::Wrong;
use std::fmt;

/// Longest envelope id, as xtext, in octets (RFC 3461 §4.4: 100 characters, each of which may take three).
const LONGEST_ENVID: usize = 300;
/// Longest original recipient, as xtext, in octets (RFC 3461 §4.2: 500).
const LONGEST_ORCPT: usize = 500;

/// What a client says of the message's octets (RFC 6152 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// `7BIT`
    SevenBit,
    /// `8BITMIME`
    EightBitMime,
}

/// How much of the message comes back with a report (RFC 3461 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// All of it.
    Full,
    /// Its header.
    Headers,
}

/// When a report is wanted (RFC 3461 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notify {
    /// Never.
    Never,
    /// In these cases, at least one.
    When {
        /// It was delivered.
        success: bool,
        /// It could not be.
        failure: bool,
        /// It takes long.
        delay: bool,
    },
}

/// Parameters of MAIL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailParameters {
    /// `SIZE=`, in octets (RFC 1870 §6).
    pub size: Option<u64>,
    /// `BODY=`
    pub body: Option<Body>,
    /// `SMTPUTF8` (RFC 6531 §3.4)
    pub utf8: bool,
    /// `RET=`
    pub returned: Option<Return>,
    /// `ENVID=`, as xtext.
    pub envelope_id: Option<String>,
}

/// Parameters of RCPT.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientParameters {
    /// `NOTIFY=`
    pub notify: Option<Notify>,
    /// `ORCPT=`: the kind of address, a semicolon, the address as xtext.
    pub original: Option<String>,
}

impl fmt::Display for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Never => f.write_str("NEVER"),
            Self::When { success, failure, delay } => {
                let words = [(success, "SUCCESS"), (failure, "FAILURE"), (delay, "DELAY")];
                let said: Vec<&str> = words.iter().filter(|(it, _)| *it).map(|(_, word)| *word).collect();
                f.write_str(&said.join(","))
            }
        }
    }
}

/// As a client writes them to a server, each with a space before it.
impl fmt::Display for RecipientParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(notify) = &self.notify {
            write!(f, " NOTIFY={notify}")?;
        }
        if let Some(original) = &self.original {
            write!(f, " ORCPT={original}")?;
        }
        Ok(())
    }
}

/// As a client writes them to a server, each with a space before it.
impl fmt::Display for MailParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(size) = self.size {
            write!(f, " SIZE={size}")?;
        }
        match self.body {
            Some(Body::SevenBit) => f.write_str(" BODY=7BIT")?,
            Some(Body::EightBitMime) => f.write_str(" BODY=8BITMIME")?,
            None => {}
        }
        if self.utf8 {
            f.write_str(" SMTPUTF8")?;
        }
        match self.returned {
            Some(Return::Full) => f.write_str(" RET=FULL")?,
            Some(Return::Headers) => f.write_str(" RET=HDRS")?,
            None => {}
        }
        if let Some(id) = &self.envelope_id {
            write!(f, " ENVID={id}")?;
        }
        Ok(())
    }
}

/// `Mail-parameters = esmtp-param *(SP esmtp-param)` (RFC 5321 §4.1.2)
pub(crate) fn of_mail(text: &str) -> Result<MailParameters, Wrong> {
    let mut said = MailParameters::default();
    let mut auth = false;
    for word in words(text)? {
        let (name, value) = parameter(word);
        match (name.to_ascii_uppercase().as_str(), value) {
            ("SIZE", Some(value)) => once(&mut said.size, number(value))?,
            ("BODY", Some(value)) => once(&mut said.body, body(value))?,
            ("SMTPUTF8", None) if !said.utf8 => said.utf8 = true,
            ("RET", Some(value)) => once(&mut said.returned, returned(value))?,
            ("ENVID", Some(value)) => once(&mut said.envelope_id, xtext(value, LONGEST_ENVID))?,
            // RFC 4954 §5: who submitted it elsewhere. Whoever submits it here is known better.
            ("AUTH", Some(value)) if !auth && xtext(value, LONGEST_ORCPT).is_some() => auth = true,
            ("SIZE" | "BODY" | "SMTPUTF8" | "RET" | "ENVID" | "AUTH", _) => return Err(Wrong::Parameter),
            _ => return Err(Wrong::UnknownParameter),
        }
    }
    Ok(said)
}

/// `Rcpt-parameters = esmtp-param *(SP esmtp-param)` (RFC 5321 §4.1.2)
pub(crate) fn of_recipient(text: &str) -> Result<RecipientParameters, Wrong> {
    let mut said = RecipientParameters::default();
    for word in words(text)? {
        let (name, value) = parameter(word);
        match (name.to_ascii_uppercase().as_str(), value) {
            ("NOTIFY", Some(value)) => once(&mut said.notify, notify(value))?,
            ("ORCPT", Some(value)) => once(&mut said.original, original(value))?,
            ("NOTIFY" | "ORCPT", _) => return Err(Wrong::Parameter),
            _ => return Err(Wrong::UnknownParameter),
        }
    }
    Ok(said)
}

/// The words after a path; what follows the bracket without a space is no parameter.
fn words(text: &str) -> Result<impl Iterator<Item = &str>, Wrong> {
    if !text.is_empty() && !text.starts_with(' ') {
        return Err(Wrong::Syntax);
    }
    Ok(text.split(' ').filter(|word| !word.is_empty()))
}

fn parameter(word: &str) -> (&str, Option<&str>) {
    word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)))
}

fn once<T>(place: &mut Option<T>, value: Option<T>) -> Result<(), Wrong> {
    if place.is_some() || value.is_none() {
        return Err(Wrong::Parameter);
    }
    *place = value;
    Ok(())
}

/// `size-value = 1*20DIGIT` (RFC 1870 §6)
fn number(text: &str) -> Option<u64> {
    let digits = (1..=20).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn body(text: &str) -> Option<Body> {
    match text.to_ascii_uppercase().as_str() {
        "7BIT" => Some(Body::SevenBit),
        "8BITMIME" => Some(Body::EightBitMime),
        _ => None,
    }
}

fn returned(text: &str) -> Option<Return> {
    match text.to_ascii_uppercase().as_str() {
        "FULL" => Some(Return::Full),
        "HDRS" => Some(Return::Headers),
        _ => None,
    }
}

/// `notify-esmtp-value = "NEVER" / 1#notify-list-element` (RFC 3461 §4.1)
fn notify(text: &str) -> Option<Notify> {
    let text = text.to_ascii_uppercase();
    if text == "NEVER" {
        return Some(Notify::Never);
    }
    let (mut success, mut failure, mut delay) = (false, false, false);
    for word in text.split(',') {
        match word {
            "SUCCESS" => success = true,
            "FAILURE" => failure = true,
            "DELAY" => delay = true,
            _ => return None,
        }
    }
    Some(Notify::When { success, failure, delay })
}

/// `original-recipient-address = addr-type ";" xtext` (RFC 3461 §4.2)
fn original(text: &str) -> Option<String> {
    let (kind, address) = text.split_once(';')?;
    let is_atom = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
    let fits = !kind.is_empty() && kind.bytes().all(is_atom) && !address.is_empty();
    // RFC 6533 §3: an address of kind utf-8 escapes what is not printable ASCII.
    (fits && text.len() <= LONGEST_ORCPT && is_printable(address)).then(|| text.to_owned())
}

/// `xtext = *( xchar / hexchar )` (RFC 3461 §4)
fn xtext(text: &str, longest: usize) -> Option<String> {
    (!text.is_empty() && text.len() <= longest && is_printable(text)).then(|| text.to_owned())
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|it| matches!(it, b'!'..=b'~'))
}
