//! Fills `@NAME@` in a text. An unknown name is an error, a lone `@` (as in an address) stays.

use crate::failure::{Failure, Result};
use std::collections::BTreeMap;

/// Names and what stands for them; names are upper-case letters, digits and `_`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(BTreeMap<String, String>);

impl Values {
    /// Adds or replaces one value.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "ports, names and displays of paths read better without a borrow"
    )]
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl ToString) -> &mut Self {
        self.0.insert(name.into(), value.to_string());
        self
    }

    /// The same values and one more.
    pub(crate) fn with(&self, name: impl Into<String>, value: impl ToString) -> Self {
        let mut values = self.clone();
        values.set(name, value);
        values
    }

    /// All of them as lines `NAME=value` that a shell can source, quoted only where it must be.
    pub(crate) fn to_shell(&self) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@,+".contains(c);
        let line = |(name, value): (&String, &String)| {
            if !value.is_empty() && value.chars().all(plain) {
                return format!("{name}={value}\n");
            }
            format!("{name}='{}'\n", value.replace('\'', "'\\''"))
        };
        self.0.iter().map(line).collect()
    }

    /// Each name with its value, in the order of the names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Replaces every `@NAME@` of the template called `file`.
    pub(crate) fn fill(&self, file: &str, template: &str) -> Result<String> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('@') {
            filled.push_str(before);
            let name_length =
                after.bytes().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_').count();
            let (name, following) = after.split_at(name_length);
            match following.strip_prefix('@') {
                Some(following) if !name.is_empty() => {
                    let value = self.0.get(name).ok_or_else(|| {
                        Failure::new(format!("fill {file}: nothing is known under the name @{name}@"))
                    })?;
                    filled.push_str(value);
                    rest = following;
                }
                _ => {
                    filled.push('@');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[track_caller]
    fn check(template: &str, expected: &str) {
        let mut values = Values::default();
        values.set("INST", "a").set("PORT_1", 143);
        assert_eq!(values.fill("t", template).unwrap(), expected);
    }

    #[test]
    fn fills_names_and_leaves_addresses() {
        check("port = @PORT_1@\n", "port = 143\n");
        check("postmaster@@INST@.test", "postmaster@a.test");
        check("x@example.test and y@", "x@example.test and y@");
        check("%%h @@ @INST@@INST@", "%%h @@ aa");
    }

    #[test]
    fn an_unknown_name_is_an_error_that_names_file_and_name() {
        let failure = Values::default().fill("smb.conf", "@NOPE@").unwrap_err().to_string();
        assert!(failure.contains("smb.conf") && failure.contains("@NOPE@"));
    }

    #[test]
    fn shell_lines_are_quoted() {
        let mut values = Values::default();
        values.set("A", "it's").set("B", "/a/b.pem");
        assert_eq!(values.to_shell(), "A='it'\\''s'\nB=/a/b.pem\n");
    }
}
