//! Replies: `reply = 3DIGIT SP text CRLF`, or of several lines `3DIGIT "-" text CRLF *(SP text CRLF) 3DIGIT SP text CRLF`
//! (RFC 959 §4.2). Text never holds the end of a line, whoever wrote it.

use std::net::Ipv4Addr;

/// A reply, made part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    octets: Vec<u8>,
}

impl Reply {
    /// A reply of one line.
    pub fn new(code: u16, text: &str) -> Self {
        let code = code.clamp(100, 659);
        let mut it = Self { code, octets: Vec::with_capacity(text.len().saturating_add(6)) };
        it.line(&format!("{code} "), text);
        it
    }

    /// A reply of several lines: the first, those within, the last.
    pub fn lines<T: AsRef<str>>(code: u16, first: &str, within: impl IntoIterator<Item = T>, last: &str) -> Self {
        let code = code.clamp(100, 659);
        let mut it = Self { code, octets: Vec::new() };
        it.line(&format!("{code}-"), first);
        for text in within {
            // The space keeps a line within from being taken for the last one (RFC 959 §4.2, RFC 2389 §3.2).
            it.line(" ", text.as_ref());
        }
        it.line(&format!("{code} "), last);
        it
    }

    /// Its number.
    pub const fn code(&self) -> u16 {
        self.code
    }

    /// The octets that go out.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    fn line(&mut self, begin: &str, text: &str) {
        self.octets.extend_from_slice(begin.as_bytes());
        // Telnet's IAC cannot come of UTF-8.
        self.octets.extend(text.chars().map(|c| if c.is_control() { '?' } else { c }).collect::<String>().into_bytes());
        self.octets.extend_from_slice(b"\r\n");
    }
}

/// A path in the text of a reply: quotes in it are doubled (RFC 959, appendix II).
pub fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('"', "\"\""))
}

/// The address of PASV: `h1,h2,h3,h4,p1,p2` (RFC 959 §4.1.2), within parentheses as clients look for it (RFC 1123 §4.1.2.6).
pub fn passive(address: Ipv4Addr, port: u16) -> Reply {
    let [a, b, c, d] = address.octets();
    let [high, low] = port.to_be_bytes();
    Reply::new(227, &format!("Entering passive mode ({a},{b},{c},{d},{high},{low})."))
}

/// The port of EPSV: `(<d><d><d><tcp-port><d>)` (RFC 2428 §3).
pub fn extended_passive(port: u16) -> Reply {
    Reply::new(229, &format!("Entering extended passive mode (|||{port}|)"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses() {
        let reply = passive(Ipv4Addr::new(192, 0, 2, 7), 50_001);
        assert_eq!(reply.octets(), b"227 Entering passive mode (192,0,2,7,195,81).\r\n");
        assert_eq!(extended_passive(50_001).octets(), b"229 Entering extended passive mode (|||50001|)\r\n");
    }

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(quoted("/a\"b"), "\"/a\"\"b\"");
    }

    proptest! {
        #[test]
        fn nobody_can_end_a_line(first in any::<String>(), within in proptest::collection::vec(any::<String>(), 0..4)) {
            let reply = Reply::lines(211, &first, &within, "End");
            let text = String::from_utf8(reply.octets().to_vec()).unwrap();
            let lines: Vec<&str> = text.split_terminator("\r\n").collect();
            prop_assert_eq!(lines.len(), within.len() + 2);
            prop_assert!(lines[0].starts_with("211-") && lines[lines.len() - 1] == "211 End");
            prop_assert!(lines.iter().all(|line| !line.contains(['\r', '\n'])));
            prop_assert!(lines[1..lines.len() - 1].iter().all(|line| line.starts_with(' ')));
            let one = Reply::new(550, &first);
            prop_assert_eq!(one.octets().iter().filter(|octet| **octet == b'\n').count(), 1);
        }
    }
}
