//! FTP: a client's lines, the paths in them, and what is told back.

use crate::pieces;
use passerelle_wire_ftp::{Command, Entry, Facts, Kind, Line, Lines, May, Reply, TreePath, quoted};

pub(crate) fn commands(input: &[u8]) {
    let [size, octets @ ..] = input else { return };
    let lines = |size: u8| {
        let (mut lines, mut all) = (Lines::default(), Vec::new());
        for piece in pieces(octets, size) {
            lines.push(piece);
            loop {
                match lines.next_line() {
                    Line::Whole(line) => all.push(line),
                    Line::Incomplete => break,
                    Line::TooLong => return all,
                }
            }
        }
        all
    };
    let all = lines(u8::MAX);
    assert_eq!(all, lines(*size));
    for line in all {
        let _ = Command::parse(&line);
    }
}

/// No text leads out of the tree or ends a line of ours early.
pub(crate) fn names(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (from, text) = text.split_once('\n').unwrap_or(("", text));
    let Ok(here) = TreePath::default().resolve(from) else { return };
    if let Ok(there) = here.resolve(text) {
        assert!(there.names().iter().all(|name| !matches!(name.as_str(), "" | "." | "..") && !name.contains('/')));
        assert_eq!(TreePath::default().resolve(&there.to_string()).as_ref(), Ok(&there));
        assert_eq!(here.resolve(&there.to_string()), Ok(there));
    }
    for reply in [Reply::new(257, &quoted(text)), Reply::lines(211, text, [text, from], text)] {
        let told = String::from_utf8(reply.octets().to_vec()).expect("text");
        assert!(told.split_terminator("\r\n").all(|line| !line.contains(['\r', '\n'])));
    }
    let may = May { read: true, add: true, edit: true, remove: true };
    let entry = Entry { name: text, kind: Kind::File, size: 7, modified: Some(i64::MIN), may };
    assert!(Facts::parse(from).line(&entry).ends_with(&format!(" {text}")));
    assert!(entry.long_line(i64::MAX).ends_with(&format!(" {text}")));
}
