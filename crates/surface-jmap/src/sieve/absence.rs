//! The script that answers mail while its owner is away (RFC 5230), written whole from what is to be said, and read back from one
//! line of it. Whether it is as it was written is told by writing it again: what somebody has changed by hand is never overwritten.

use base64::{Engine, engine::general_purpose::STANDARD};
use mail_parser::{DateTime, decoders::html::html_to_text};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The script's name.
pub(crate) const NAME: &str = "Passerelle absence";

/// Longest subject, in octets.
pub(crate) const LONGEST_SUBJECT: usize = 1000;
/// Longest text, and longest page of HTML, in octets: both, as they are and encoded, fit into what a store takes.
pub(crate) const LONGEST_TEXT: usize = 32 * 1024;

/// The beginning of each such script.
const HEAD: &str = "# Answers mail while its owner is away. Passerelle writes this script anew when its owner says so there.\r\n\
    # One that is changed by hand is left alone; to have Passerelle write it again, remove it.\r\n";
/// What the line begins with that holds what is said.
const FACTS: &str = "# says: ";
/// What is answered where nothing else is said.
const PLAIN: &str = "I am away, and read my mail when I am back.";

/// What is said, when, and what becomes of the mail then.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Absence {
    pub(crate) subject: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
    /// Seconds since 1970.
    pub(crate) from: Option<i64>,
    pub(crate) to: Option<i64>,
    /// The script that sorts the mail.
    pub(crate) then: Option<String>,
}

impl Absence {
    /// What a script says, if it is one of ours and as it was written.
    pub(crate) fn read(script: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(script).ok()?;
        let facts = text.lines().find_map(|line| line.strip_prefix(FACTS))?;
        let absence: Self = serde_json::from_str(facts).ok()?;
        // Some stores end lines in their own way.
        let same = text.lines().eq(absence.script().lines());
        same.then_some(absence)
    }

    /// The extensions that it takes.
    pub(crate) fn extensions(&self) -> Vec<&'static str> {
        let mut all = vec!["vacation"];
        if self.from.is_some() || self.to.is_some() {
            all.extend(["date", "relational"]);
        }
        if self.then.is_some() {
            all.push("include");
        }
        all
    }

    /// The script.
    pub(crate) fn script(&self) -> String {
        let mut out = HEAD.to_owned();
        let facts = serde_json::to_string(self).unwrap_or_default();
        // Writing to a text cannot fail.
        let _ = write!(out, "{FACTS}{facts}\r\n");
        let extensions: Vec<String> = self.extensions().into_iter().map(quoted).collect();
        let _ = write!(out, "require [{}];\r\n\r\n", extensions.join(", "));
        let tests: Vec<String> = [self.from.map(since), self.to.map(until)].into_iter().flatten().collect();
        if !tests.is_empty() {
            let _ = write!(out, "if allof(true, {}) {{\r\n", tests.join(",\r\n    "));
        }
        out.push_str("vacation");
        if let Some(subject) = &self.subject {
            let _ = write!(out, " :subject {}", quoted(subject));
        }
        match &self.html {
            Some(html) => {
                let _ = write!(out, " :mime {};\r\n", quoted(self.entity(html)));
            }
            None => {
                let _ = write!(out, " {};\r\n", quoted(self.text.as_deref().unwrap_or(PLAIN)));
            }
        }
        if !tests.is_empty() {
            out.push_str("}\r\n");
        }
        if let Some(then) = &self.then {
            // RFC 6609 §3.2: a script that has gone meanwhile is passed over.
            let _ = write!(
                out,
                "\r\n# What sorted the mail before goes on.\r\ninclude :personal :optional {};\r\n",
                quoted(then)
            );
        }
        out
    }

    /// The text and the page as a MIME entity (RFC 5230 §4.4), both in base64: no line of theirs is a boundary, or too long.
    fn entity(&self, html: &str) -> String {
        let text = self.text.clone().unwrap_or_else(|| html_to_text(html));
        let mark: String = Sha256::digest(html).iter().take(12).map(|octet| format!("{octet:02x}")).collect();
        let mut out = format!("Content-Type: multipart/alternative; boundary=\"={mark}\"\r\n\r\n");
        for (kind, content) in [("plain", text.as_str()), ("html", html)] {
            let _ = write!(
                out,
                "--={mark}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            );
            for line in content.as_bytes().chunks(57) {
                STANDARD.encode_string(line, &mut out);
                out.push_str("\r\n");
            }
        }
        let _ = write!(out, "--={mark}--\r\n");
        out
    }
}

/// A text as Sieve has it (RFC 5228 §2.4.2): only a quotation mark ends it, and only `\` is more than itself. Each line ends in CRLF.
fn quoted(text: impl AsRef<str>) -> String {
    let lines = text.as_ref().replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    format!("\"{}\"", lines.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\r\n"))
}

/// A day and a time of it, in UTC.
fn moment(at: i64) -> (String, String) {
    let at = DateTime::from_timestamp(at);
    (
        format!("{:04}-{:02}-{:02}", at.year, at.month, at.day),
        format!("{:02}:{:02}:{:02}", at.hour, at.minute, at.second),
    )
}

/// The test for not before a moment (RFC 5260 §4.3).
fn since(at: i64) -> String {
    compared(at, "gt", "ge")
}

/// The test for before a moment.
fn until(at: i64) -> String {
    compared(at, "lt", "lt")
}

fn compared(at: i64, day: &str, time: &str) -> String {
    let (on, clock) = moment(at);
    let now = "currentdate :zone \"+0000\"";
    format!(
        "anyof({now} :value \"{day}\" \"date\" \"{on}\", allof({now} :is \"date\" \"{on}\", {now} :value \"{time}\" \"time\" \"{clock}\"))"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str) -> Absence {
        Absence { text: Some(text.to_owned()), ..Absence::default() }
    }

    #[test]
    fn it_reads_what_it_wrote_and_nothing_that_was_changed() {
        let whole = Absence {
            subject: Some("Away: \"été\" \\".to_owned()),
            html: Some("<p>Away</p>".to_owned()),
            from: Some(1_796_083_200),
            to: Some(1_796_169_600),
            then: Some("my \"rules\"".to_owned()),
            ..said("Away.\nBack \"soon\".")
        };
        let script = whole.script();
        assert_eq!(Absence::read(script.as_bytes()), Some(whole));
        let unix = script.replace("\r\n", "\n");
        assert!(Absence::read(unix.as_bytes()).is_some(), "whatever the ends of lines are");
        for by_hand in [script.replace("vacation :subject", "vacation :days 3 :subject"), format!("{script}keep;\r\n")]
        {
            assert_eq!(Absence::read(by_hand.as_bytes()), None);
        }
        assert_eq!(Absence::read(b"keep;"), None);
    }

    /// Texts that would end the quotation, begin a comment or a command, or be taken for a line of another protocol.
    #[test]
    fn hostile_texts_stay_texts() {
        for text in [
            "\"; discard; #",
            "\\\"; discard;",
            "\\",
            "a\r\n.\r\n; redirect \"x@evil.test\";",
            "*/ discard; /*",
            "text:\n.\ndiscard;",
            "${evil} {30+}\r\nDELETESCRIPT \"x\"",
            "a\rb\0c\u{2028}",
            "# says: {\"text\":\"other\"}\r\n# says: {}",
        ] {
            let absence = Absence { subject: Some(text.replace(['\r', '\n', '\0'], " ")), ..said(text) };
            let script = absence.script();
            assert!(!super::super::words::has_command(script.as_bytes(), "discard"), "{text}");
            assert!(!super::super::words::has_command(script.as_bytes(), "redirect"), "{text}");
            assert_eq!(Absence::read(script.as_bytes()), Some(absence), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in ".{0,60}", then in "[a-z\"\\\\ ]{0,8}", html in proptest::option::of(".{0,40}")) {
            let absence = Absence { html, then: Some(then), ..said(&text) };
            prop_assert_eq!(Absence::read(absence.script().as_bytes()), Some(absence));
        }
    }
}
