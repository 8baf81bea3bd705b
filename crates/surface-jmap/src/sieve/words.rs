//! The words of a Sieve script (RFC 5228 §2.3, §2.4) that are neither text nor comment.

/// Whether a command of this name may be in a script. What cannot be told apart is taken for one.
pub(super) fn has_command(script: &[u8], name: &str) -> bool {
    let text = String::from_utf8_lossy(script);
    let mut rest: &str = &text;
    while let Some(first) = rest.chars().next() {
        let behind = |mark: &str, from: &'_ str| from.find(mark).map(|at| at.saturating_add(mark.len()));
        let skip = match first {
            '#' => behind("\n", rest),
            '/' if rest.starts_with("/*") => behind("*/", rest),
            '"' => quoted_end(rest),
            c if c.is_ascii_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                if word.eq_ignore_ascii_case(name) {
                    return true;
                }
                // `text:` and what follows, up to a line of one dot (RFC 5228 §2.4.2).
                if word.eq_ignore_ascii_case("text") && after.starts_with(':') {
                    let dot = after.find("\n.\r\n").or_else(|| after.find("\n.\n"));
                    dot.map(|at| end.saturating_add(at).saturating_add(2))
                } else {
                    Some(end)
                }
            }
            ':' => {
                // An argument such as `:vacation` is no command.
                let tag = rest.get(1..).unwrap_or_default();
                let end = tag.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(tag.len());
                Some(end.saturating_add(1))
            }
            other => Some(other.len_utf8()),
        };
        // What has no end is the script's last.
        rest = skip.and_then(|skip| rest.get(skip..)).unwrap_or_default();
    }
    false
}

/// Where a quoted text ends.
fn quoted_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at.checked_add(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_command_is() {
        for yes in [
            "vacation \"x\";",
            "require \"vacation\";\r\nif true { Vacation :days 3 \"x\"; }",
            "keep;/* */vacation text:\nx\n.\n;",
            "vacation",
        ] {
            assert!(has_command(yes.as_bytes(), "vacation"), "{yes}");
        }
        for no in [
            "require [\"vacation\"];",
            "# vacation\r\nkeep;",
            "/* vacation\n */ keep;",
            "fileinto \"a \\\" vacation\";",
            "reject text:\r\nvacation\r\n.\r\n;",
            "x_vacation; vacation2; test :vacation;",
            "",
            "\"vacation",
            "/* vacation",
        ] {
            assert!(!has_command(no.as_bytes(), "vacation"), "{no}");
        }
    }
}
