//! Names of mailboxes as places in a folder, and back: each level is a folder, and what a file's name cannot have, or what would
//! lead elsewhere, is `%` and two hexadecimal digits.

use std::path::{Component, Path, PathBuf};

/// The place of a mailbox below a folder.
pub(super) fn place(mailbox: &str) -> PathBuf {
    mailbox.split('/').map(level).collect()
}

fn level(name: &str) -> String {
    let mut out = String::new();
    for (at, letter) in name.char_indices() {
        let is_hidden = at == 0 && letter == '.';
        if is_hidden || letter.is_control() || matches!(letter, '%' | '/' | '\\' | ':') {
            let mut octets = [0; 4];
            letter.encode_utf8(&mut octets).bytes().for_each(|octet| out.push_str(&format!("%{octet:02X}")));
        } else {
            out.push(letter);
        }
    }
    out
}

/// The mailbox of a place below a folder; `None` for what is no such place.
pub(super) fn mailbox(place: &Path) -> Option<String> {
    let levels: Option<Vec<String>> = place
        .components()
        .map(|component| match component {
            Component::Normal(name) => unescaped(name.to_str()?),
            Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => None,
        })
        .collect();
    levels.map(|levels| levels.join("/"))
}

fn unescaped(name: &str) -> Option<String> {
    let mut octets = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        if *first == b'%' {
            let (digits, more) = rest.split_at_checked(2)?;
            octets.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = more;
        } else {
            octets.push(*first);
        }
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for name in ["INBOX", "Projet/été", "a/..", "..", "50%", "x:y\\z", ".hidden"] {
            let place = place(name);
            assert_eq!(mailbox(&place).as_deref(), Some(name), "{place:?}");
            assert!(place.components().all(|it| matches!(it, Component::Normal(_))), "{place:?}");
        }
        assert_eq!(mailbox(Path::new("../x")), None);
    }
}
