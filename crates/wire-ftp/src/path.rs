//! Places in the tree that a client sees (TVFS, RFC 3659 §6): names joined by `/`, `..` goes up and stops at the root.

use std::fmt;

/// Most names of a path: a place of 128 levels below its owner.
pub const MOST_NAMES: usize = 129;
/// Longest path, in octets.
const LONGEST: usize = 4096 + 330;

/// A place, from the root of what the client sees. The root has no names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TreePath(Vec<String>);

/// Why a text is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidPath;

impl fmt::Display for InvalidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path has names without control characters, 129 of them at most")
    }
}
impl std::error::Error for InvalidPath {}

impl TreePath {
    /// The place that a client means who stands here. There is no spelling that leads out of the tree.
    ///
    /// # Errors
    /// [`InvalidPath`] for control characters, and for what is too long or too deep.
    pub fn resolve(&self, text: &str) -> Result<Self, InvalidPath> {
        if text.len() > LONGEST || text.contains(char::is_control) {
            return Err(InvalidPath);
        }
        let mut names = if text.starts_with('/') { Vec::new() } else { self.0.clone() };
        for name in text.split('/') {
            match name {
                "" | "." => {}
                ".." => {
                    names.pop();
                }
                name if names.len() < MOST_NAMES => names.push(name.to_owned()),
                _ => return Err(InvalidPath),
            }
        }
        Ok(Self(names))
    }

    /// The folder above; the root's is the root (RFC 959 §4.1.1, CDUP).
    #[must_use]
    pub fn above(&self) -> Self {
        let mut names = self.0.clone();
        names.pop();
        Self(names)
    }

    /// Its names from the root on.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("/");
        }
        self.0.iter().try_for_each(|name| write!(f, "/{name}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(from: &str, text: &str, expected: &str) {
        let from = TreePath::default().resolve(from).unwrap();
        assert_eq!(from.resolve(text).unwrap().to_string(), expected, "{from} {text}");
    }

    #[test]
    fn places() {
        check("/", "a", "/a");
        check("/a/b", "c d/", "/a/b/c d");
        check("/a/b", "../c", "/a/c");
        check("/a/b", "/c", "/c");
        check("/a", "../../../..", "/");
        check("/", "..a/...", "/..a/...");
        check("/a", "./b//.", "/a/b");
        check("/a", "a\\..\\b", "/a/a\\..\\b");
    }

    #[test]
    fn what_is_none() {
        for bad in ["a\r\nb", "a\0", "a\u{85}b", &"a/".repeat(130), &"a".repeat(5000)] {
            assert_eq!(TreePath::default().resolve(bad), Err(InvalidPath), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_leads_out(from in "[a./]{0,20}", text in "[a./]{0,40}") {
            let place = TreePath::default().resolve(&from).unwrap().resolve(&text).unwrap();
            prop_assert!(place.names().iter().all(|name| name != ".." && name != "." && !name.is_empty()));
        }

        #[test]
        fn there_and_back(text in "(/[^/\\p{Cc}]{1,8}){0,6}") {
            let place = TreePath::default().resolve(&text).unwrap();
            prop_assert_eq!(TreePath::default().resolve(&place.to_string()), Ok(place));
        }
    }
}
