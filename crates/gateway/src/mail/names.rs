//! Names of mailboxes as places in a folder, and back: each level is a folder, and what a file's name cannot have, what would
//! lead elsewhere, or what an export's own files are called, is `%` and two hexadecimal digits. A level that is too long for a
//! file's name goes on in the folder below: its piece ends with a lone `%`.

use std::path::{Component, Path, PathBuf};

/// Most octets of a piece of a level: what file systems take is 255, and `.mbox` or `%` stands behind it.
const LONGEST_PIECE: usize = 240;

/// How the export's own files end: a mailbox `a.mbox` would stand where that of `a` is written.
const OWN_ENDINGS: [&str; 3] = [".mbox", ".eml", ".tsv"];

/// The place of a mailbox below a folder.
pub(super) fn place(mailbox: &str) -> PathBuf {
    mailbox.split('/').flat_map(pieces).collect()
}

fn pieces(name: &str) -> Vec<String> {
    let ends = |end: &&str| {
        let at = name.len().checked_sub(end.len())?;
        name.get(at..).is_some_and(|it| it.eq_ignore_ascii_case(end)).then_some(at)
    };
    let own_ending = OWN_ENDINGS.iter().find_map(ends);
    let (mut pieces, mut piece) = (Vec::new(), String::new());
    for (at, letter) in name.char_indices() {
        let escaped = |is_first: bool| {
            let is_dot = letter == '.' && (is_first || own_ending == Some(at));
            if is_dot || letter.is_control() || matches!(letter, '%' | '/' | '\\' | ':') {
                let mut octets = [0; 4];
                letter.encode_utf8(&mut octets).bytes().map(|octet| format!("%{octet:02X}")).collect()
            } else {
                letter.to_string()
            }
        };
        let mut next: String = escaped(piece.is_empty());
        if piece.len().saturating_add(next.len()) > LONGEST_PIECE {
            piece.push('%');
            pieces.push(std::mem::take(&mut piece));
            next = escaped(true);
        }
        piece.push_str(&next);
    }
    pieces.push(piece);
    pieces
}

/// The mailbox of a place below a folder; `None` for what is no such place.
pub(super) fn mailbox(place: &Path) -> Option<String> {
    let (mut levels, mut level) = (Vec::new(), String::new());
    for component in place.components() {
        let Component::Normal(piece) = component else { return None };
        let piece = piece.to_str()?;
        if let Some(begun) = piece.strip_suffix('%') {
            level.push_str(begun);
        } else {
            level.push_str(piece);
            levels.push(unescaped(&std::mem::take(&mut level))?);
        }
    }
    level.is_empty().then(|| levels.join("/"))
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
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;

    #[test]
    fn there_and_back() {
        let long = format!("{}.mbox/{}", "à long name. ".repeat(40), ".%".repeat(200));
        let dots = format!("{}..", "x".repeat(LONGEST_PIECE));
        for name in [
            "INBOX",
            "Projet/été",
            "a/..",
            "..",
            "50%",
            "x:y\\z",
            ".hidden",
            "a.mbox/b.EML",
            "b/0000000001.eml",
            "c/index.tsv",
            &long,
            &dots,
        ] {
            let place = place(name);
            assert_eq!(mailbox(&place).as_deref(), Some(name), "{place:?}");
            for piece in place.components() {
                let Component::Normal(piece) = piece else { panic!("{place:?}") };
                let piece = piece.to_str().unwrap().to_lowercase();
                assert!(piece.len() <= 250 && !piece.starts_with('.'), "{piece}");
                assert!(OWN_ENDINGS.iter().all(|end| !piece.ends_with(end)), "{piece}");
            }
        }
        assert_eq!(mailbox(Path::new("../x")), None);
        assert_eq!(mailbox(Path::new("x%")), None);
    }
}
