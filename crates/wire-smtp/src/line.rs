//! Where a command ends.

use memchr::memchr2;

/// Longest command, its end included, in octets: a SASL response (RFC 4954 §4: 12,288), and more than any other needs.
pub const LONGEST_LINE: usize = 12 * 1024 + 2;

/// What stands at the beginning of what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// A line without its end, and how many octets it took with it.
    Whole(&'a [u8], usize),
    /// The end is still to come.
    Incomplete,
    /// A CR or LF by itself: who sends it may have another idea of where a line ends (RFC 5321 §2.3.8).
    Bare,
    /// No end within [`LONGEST_LINE`].
    TooLong,
}

/// `line = *(%d0-9 / %d11-12 / %d14-255) CRLF` (RFC 5321 §2.3.8)
pub fn line(input: &[u8]) -> Line<'_> {
    let Some(end) = memchr2(b'\r', b'\n', input) else {
        return if input.len() >= LONGEST_LINE { Line::TooLong } else { Line::Incomplete };
    };
    if end.saturating_add(2) > LONGEST_LINE {
        return Line::TooLong;
    }
    let (text, rest) = input.split_at_checked(end).unwrap_or_default();
    match rest {
        [b'\r', b'\n', ..] => Line::Whole(text, end.saturating_add(2)),
        [b'\r'] => Line::Incomplete,
        _ => Line::Bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_both_together_end_a_line() {
        assert_eq!(line(b"NOOP\r\nQUIT\r\n"), Line::Whole(b"NOOP", 6));
        assert_eq!(line(b"\r\n"), Line::Whole(b"", 2));
        assert_eq!(line(b"NOOP"), Line::Incomplete);
        assert_eq!(line(b"NOOP\r"), Line::Incomplete);
        assert_eq!(line(b"NOOP\nQUIT\r\n"), Line::Bare);
        assert_eq!(line(b"NOOP\rQUIT\r\n"), Line::Bare);
        assert_eq!(line(b"NOOP\r\r\n"), Line::Bare);
    }

    #[test]
    fn a_line_has_an_end() {
        assert_eq!(line(&vec![b'x'; LONGEST_LINE]), Line::TooLong);
        assert_eq!(line(&vec![b'x'; LONGEST_LINE - 1]), Line::Incomplete);
        let mut longest = vec![b'x'; LONGEST_LINE - 2];
        longest.extend(b"\r\n");
        assert!(matches!(line(&longest), Line::Whole(_, LONGEST_LINE)));
        longest.insert(0, b'x');
        assert_eq!(line(&longest), Line::TooLong);
    }
}
