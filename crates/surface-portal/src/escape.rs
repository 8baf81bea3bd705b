//! Text inside of XML and HTML, in elements and in attributes alike. What stands in a subject or a name is a stranger's.

use std::fmt;

/// Text that is escaped when it is written. What XML cannot hold (XML 1.0 §2.2) becomes U+FFFD.
pub(crate) struct Escaped<'t>(pub(crate) &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            '\t' | '\n' | '\r' => f.write_char(' '),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}'),
            other => f.write_char(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_markup_is_text() {
        let hostile = "<script>\"'&\u{0}\u{ffff}]]>";
        assert_eq!(Escaped(hostile).to_string(), "&lt;script&gt;&quot;&#39;&amp;\u{fffd}\u{fffd}]]&gt;");
    }
}
