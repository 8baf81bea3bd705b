//! FTP: a client's lines, the paths in them, and what is told back.

use crate::lines;
use passerelle_wire_ftp::{Command, Entry, Facts, Kind, LONGEST_LINE, May, Reply, TreePath, quoted};

pub(crate) fn commands(input: &[u8]) {
    for line in lines::<LONGEST_LINE>(input) {
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
