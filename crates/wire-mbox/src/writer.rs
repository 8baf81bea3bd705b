//! Messages into a file: mboxrd with LF, flags in fields above each message's own.

use crate::{Marks, date::asctime};

/// The line before a message: `From MAILER-DAEMON Thu Nov 26 21:05:00 2026` (RFC 4155 appendix A). Who sent it stands in the message.
pub fn separator(received: i64) -> String {
    format!("From MAILER-DAEMON {}\n", asctime(received))
}

/// How a message ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With a line's end, as nearly all do.
    WithALine,
    /// In the middle of a line. No separator could tell that.
    InALine,
}

/// Writes one message.
#[derive(Debug, Default)]
pub struct Writer {
    /// The beginning of a line, while it could become `>>From `.
    held: Vec<u8>,
    /// In the middle of a line whose beginning is known.
    inside: bool,
    /// A CR that may be a line's end.
    cr: bool,
    /// The message ended, or would, with a line's end.
    ended: bool,
}

impl Writer {
    /// Begins a message: with its separator and what is the mailbox's own.
    pub fn begin(received: i64, marks: &Marks, ending: Ending) -> (Self, Vec<u8>) {
        let mut head = separator(received);
        head.push_str(&marks.to_fields(ending));
        (Self { ended: true, ..Self::default() }, head.into_bytes())
    }

    /// Octets of the message, whose lines end with CRLF.
    pub fn write(&mut self, mut octets: &[u8], out: &mut Vec<u8>) {
        while let Some((octet, rest)) = octets.split_first() {
            if self.inside && !self.cr {
                // Nothing matters up to the line's end.
                let end = octets.iter().position(|octet| matches!(octet, b'\r' | b'\n')).unwrap_or(octets.len());
                if let (Some((line, rest)), true) = (octets.split_at_checked(end), end > 0) {
                    out.extend_from_slice(line);
                    self.ended = false;
                    octets = rest;
                    continue;
                }
            }
            octets = rest;
            if std::mem::take(&mut self.cr) && *octet != b'\n' {
                self.put(b'\r', out);
            }
            match *octet {
                b'\r' => self.cr = true,
                other => self.put(other, out),
            }
        }
    }

    fn put(&mut self, octet: u8, out: &mut Vec<u8>) {
        self.ended = octet == b'\n';
        if self.inside {
            out.push(octet);
            self.inside = octet != b'\n';
            return;
        }
        self.held.push(octet);
        let begun = self.held.iter().skip_while(|octet| **octet == b'>');
        let rest = begun.clone().count();
        if rest == FROM.len() && begun.clone().eq(FROM.iter()) {
            // mboxrd: one more, which the reader takes away.
            out.push(b'>');
        } else if rest < FROM.len()
            && begun.zip(FROM).all(|(got, wanted)| got == wanted)
            && self.held.len() < MOST_QUOTES
        {
            return;
        }
        out.append(&mut self.held);
        self.inside = octet != b'\n';
    }

    /// The message has ended.
    pub fn end(mut self, out: &mut Vec<u8>) {
        if self.cr {
            self.put(b'\r', out);
        }
        out.append(&mut self.held);
        out.extend_from_slice(if self.ended { b"\n" } else { b"\n\n" });
    }
}

const FROM: &[u8] = b"From ";
/// Longest beginning of a line that is held, in octets; no message quotes so often.
const MOST_QUOTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, expected: &str) {
        for size in [1, 3, 1000] {
            let (mut writer, mut out) = Writer::begin(0, &Marks::default(), Ending::WithALine);
            for piece in message.as_bytes().chunks(size) {
                writer.write(piece, &mut out);
            }
            writer.end(&mut out);
            let expected =
                format!("From MAILER-DAEMON Thu Jan  1 00:00:00 1970\nStatus: O\nX-Status: \nX-Keywords: \n{expected}");
            assert_eq!(String::from_utf8_lossy(&out), expected, "{size}");
        }
    }

    #[test]
    fn lines_that_look_like_separators() {
        check(
            "a: b\r\n\r\nFrom here\r\n>From there\r\n>>Fro\r\n>\r\nxFrom \r\n",
            "a: b\n\n>From here\n>>From there\n>>Fro\n>\nxFrom \n\n",
        );
        check("a: b\r\n\r\nno end", "a: b\n\nno end\n\n");
        check("a: b\r\n\r\n>>", "a: b\n\n>>\n\n");
        check("a: b\r\n\r\n\r\n", "a: b\n\n\n\n");
        check("a: b\rc\r", "a: b\rc\r\n\n");
    }
}
