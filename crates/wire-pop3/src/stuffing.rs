//! A message as a multi-line response (RFC 1939 §3): every line ends with CRLF, one that begins with a dot gets another, and
//! a line of one dot ends it all. A line feed without its CR is given one, so that no line of a message can be taken for the
//! end by a reader that is less strict.

/// The end of a multi-line response.
pub const TERMINATOR: &[u8] = b".\r\n";

/// Where in a message we are. Takes pieces of any size, and keeps none of them.
#[derive(Debug, Clone)]
pub struct Stuffing {
    last: Last,
    /// Lines that may still pass whole; `None` is all of them.
    lines: Option<Left>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The beginning of a line.
    LineEnd,
    /// A CR, which may be half of a line's end.
    Cr,
    Other,
}

/// For TOP: the header passes, and then so many lines.
#[derive(Debug, Clone, Copy)]
struct Left {
    in_header: bool,
    /// Whether the line under way has anything in it.
    has_text: bool,
    body: u32,
}

impl Default for Stuffing {
    fn default() -> Self {
        Self { last: Last::LineEnd, lines: None }
    }
}

impl Stuffing {
    /// Lets the header pass, the empty line behind it, and so many lines of the body (RFC 1939 §7, TOP).
    pub fn top(lines: u32) -> Self {
        Self { lines: Some(Left { in_header: true, has_text: false, body: lines }), ..Self::default() }
    }

    /// Whether all that was wanted has passed.
    pub fn is_done(&self) -> bool {
        self.lines.is_some_and(|left| !left.in_header && left.body == 0)
    }

    /// Writes a piece as it is sent.
    pub fn pass(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let mut rest = piece;
        while !rest.is_empty() && !self.is_done() {
            let end = memchr::memchr(b'\n', rest);
            let (line, behind) = rest.split_at(end.unwrap_or(rest.len()));
            self.text(line, out);
            rest = behind;
            if end.is_some() {
                self.line_end(out);
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }

    /// Ends the message: with the end of its last line, if it had none, and the final dot.
    pub fn finish(self, out: &mut Vec<u8>) {
        match self.last {
            Last::LineEnd => {}
            Last::Cr => out.push(b'\n'),
            Last::Other => out.extend_from_slice(b"\r\n"),
        }
        out.extend_from_slice(TERMINATOR);
    }

    /// A line, or a part of one, without line feed.
    fn text(&mut self, line: &[u8], out: &mut Vec<u8>) {
        if line.is_empty() {
            return;
        }
        if self.last == Last::LineEnd && line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        if let Some(left) = &mut self.lines {
            left.has_text |= line != b"\r";
        }
        self.last = if line.last() == Some(&b'\r') { Last::Cr } else { Last::Other };
    }

    fn line_end(&mut self, out: &mut Vec<u8>) {
        if self.last != Last::Cr {
            out.push(b'\r');
        }
        out.push(b'\n');
        self.last = Last::LineEnd;
        if let Some(left) = &mut self.lines {
            if left.in_header {
                left.in_header = left.has_text;
            } else {
                left.body = left.body.saturating_sub(1);
            }
            left.has_text = false;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn sent(mut stuffing: Stuffing, message: &[u8], size: usize) -> String {
        let mut out = Vec::new();
        for piece in message.chunks(size) {
            stuffing.pass(piece, &mut out);
        }
        stuffing.finish(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    #[track_caller]
    fn check(message: &str, expected: &str) {
        for size in [1, 2, 3, 7, 1000] {
            assert_eq!(
                sent(Stuffing::default(), message.as_bytes(), size),
                expected,
                "{message:?} in pieces of {size}"
            );
        }
    }

    #[test]
    fn dots_and_line_ends() {
        check("", ".\r\n");
        check("a\r\n", "a\r\n.\r\n");
        check("a", "a\r\n.\r\n");
        check("a\r", "a\r\n.\r\n");
        check(".\r\n..\r\na.\r\n", "..\r\n...\r\na.\r\n.\r\n");
        check("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n");
        check("a\r.b\r\n", "a\r.b\r\n.\r\n");
        check("\r\r\n", "\r\r\n.\r\n");
    }

    #[test]
    fn the_top() {
        let message = "A: 1\r\nB: 2\r\n\r\none\r\n.two\r\n\r\nfour\r\n";
        for (lines, expected) in [
            (0, "A: 1\r\nB: 2\r\n\r\n.\r\n"),
            (1, "A: 1\r\nB: 2\r\n\r\none\r\n.\r\n"),
            (3, "A: 1\r\nB: 2\r\n\r\none\r\n..two\r\n\r\n.\r\n"),
            (9, "A: 1\r\nB: 2\r\n\r\none\r\n..two\r\n\r\nfour\r\n.\r\n"),
        ] {
            for size in [1, 2, 5, 1000] {
                assert_eq!(
                    sent(Stuffing::top(lines), message.as_bytes(), size),
                    expected,
                    "{lines} in pieces of {size}"
                );
            }
        }
    }

    proptest! {
        /// Whoever takes the stuffing away again has the message, with line ends as they should be.
        #[test]
        fn it_comes_back(message in "[a.\r\n]{0,60}", size in 1_usize..9) {
            let sent = sent(Stuffing::default(), message.as_bytes(), size);
            let body = sent.strip_suffix(".\r\n").unwrap();
            prop_assert!(body.is_empty() || body.ends_with("\r\n"));
            prop_assert!(!format!("\r\n{body}").contains("\r\n.\r\n"), "no end before the end: {body:?}");
            let back: String = body.split_inclusive('\n').map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
            let mut expected = String::new();
            for c in message.chars() {
                if c == '\n' && !expected.ends_with('\r') {
                    expected.push('\r');
                }
                expected.push(c);
            }
            if !expected.is_empty() && !expected.ends_with('\n') {
                expected.push_str(if expected.ends_with('\r') { "\n" } else { "\r\n" });
            }
            prop_assert_eq!(back, expected);
        }
    }
}
