//! Names that every store of files takes, and back.
//!
//! ```text
//! kept   = 1*( plain / "=" %x61-7A / "%" 2HEXDIG )       ; "=a" is "A"; HEXDIG in small letters
//! item   = kept ".ics"                                    ; the item kept.ics
//!        / kept "%.ics"                                   ; the item whose name has no such ending
//! ```
//!
//! Stores differ in what a name may be: some have no great and small letters, some none of `<>:"|?*\`, no dot or blank at the end, no
//! `con` or `lpt1`, and a dot at the beginning hides a file. A name is kept so that it means the same on all of them. A file that
//! somebody put there under any other name is an item of that very name.

use passerelle_core::ports::{Node, NodeKind};
use passerelle_model::{CollectionFamily, ItemName, NodePath};
use std::{collections::HashSet, fmt::Write};

/// What stands before the name of a file whose own name another file is kept under.
const SECOND: char = '%';
/// Names that Windows has for devices, with whatever ending.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The ending of the files of a family.
pub(crate) const fn ending(family: CollectionFamily) -> &'static str {
    match family {
        CollectionFamily::Calendars => ".ics",
        CollectionFamily::Contacts => ".vcf",
    }
}

/// What a name is kept under.
pub(crate) fn kept(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let last = name.chars().count().saturating_sub(1);
    let device = name.split('.').next().is_some_and(|first| DEVICES.contains(&first));
    for (at, c) in name.chars().enumerate() {
        let is_edge = at == 0 || at == last;
        match c {
            'A'..='Z' => {
                text.push('=');
                text.push(c.to_ascii_lowercase());
            }
            _ if at == 0 && device => escape(&mut text, c),
            '.' | ' ' if is_edge => escape(&mut text, c),
            'a'..='z'
            | '0'..='9'
            | '-'
            | '_'
            | '.'
            | ' '
            | '+'
            | '@'
            | ','
            | '('
            | ')'
            | '!'
            | '#'
            | '$'
            | '&'
            | '\''
            | ';'
            | '^'
            | '~'
            | '{'
            | '}'
            | '['
            | ']' => text.push(c),
            _ if !c.is_ascii() && c.is_alphanumeric() && c.to_lowercase().eq([c]) => text.push(c),
            _ => escape(&mut text, c),
        }
    }
    text
}

fn escape(text: &mut String, c: char) {
    for octet in c.encode_utf8(&mut [0; 4]).bytes() {
        // Writing to a String cannot fail.
        let _ = write!(text, "%{octet:02x}");
    }
}

/// The name that is kept under this; `None` for what is nobody's.
pub(crate) fn read(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'=', [letter, after @ ..]) => {
                octets.push(letter.to_ascii_uppercase());
                after
            }
            (b'%', [high, low, after @ ..]) => {
                let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|it| u8::try_from(it).ok());
                octets.push(digit(*high)?.checked_mul(16)?.checked_add(digit(*low)?)?);
                after
            }
            _ => {
                octets.push(*first);
                after
            }
        };
    }
    let name = String::from_utf8(octets).ok()?;
    (!name.is_empty() && kept(&name) == text).then_some(name)
}

/// The file that an item is kept in; `None` when its name is too long for one.
pub(crate) fn file_of(family: CollectionFamily, item: &str) -> Option<String> {
    let ending = ending(family);
    let file = match item.strip_suffix(ending).filter(|stem| !stem.is_empty()) {
        Some(stem) => format!("{}{ending}", kept(stem)),
        None => format!("{}%{ending}", kept(item)),
    };
    (file.len() <= NodePath::LONGEST_NAME).then_some(file)
}

/// The item that is kept in this file; `None` where no name is kept under this one.
fn item_kept(family: CollectionFamily, file: &str) -> Option<String> {
    let ending = ending(family);
    let stem = file.strip_suffix(ending)?;
    match stem.strip_suffix('%') {
        Some(name) => read(name).filter(|name| name.strip_suffix(ending).is_none_or(str::is_empty)),
        None => read(stem).map(|name| format!("{name}{ending}")),
    }
}

/// Whether this is a file of the family, and not hidden.
fn is_of(family: CollectionFamily, file: &str) -> bool {
    let ending = ending(family);
    let end = file.len().checked_sub(ending.len()).and_then(|at| file.get(at..));
    !file.starts_with('.') && file.len() > ending.len() && end.is_some_and(|it| it.eq_ignore_ascii_case(ending))
}

/// The items of a folder, each with its file.
pub(crate) fn items(family: CollectionFamily, nodes: Vec<Node>) -> Vec<(ItemName, Node)> {
    let files: Vec<Node> =
        nodes.into_iter().filter(|node| node.kind == NodeKind::File && is_of(family, &node.name)).collect();
    named(files, |file| item_kept(family, file))
}

/// The collections of a folder, each with its own folder.
pub(crate) fn collections(nodes: Vec<Node>) -> Vec<(ItemName, Node)> {
    let is_one = |node: &Node| node.kind == NodeKind::Folder && !node.name.starts_with('.');
    named(nodes.into_iter().filter(is_one).collect(), read)
}

/// Names for what lies in a folder, no two alike: what is kept under a name has that name. What was put there under a name of its
/// own keeps it, or has it with signs before where another one is called so.
fn named(nodes: Vec<Node>, read: impl Fn(&str) -> Option<String>) -> Vec<(ItemName, Node)> {
    let (mut all, mut others) = (Vec::with_capacity(nodes.len()), Vec::new());
    for node in nodes {
        // What is spelled in a file's name may be no name.
        match read(&node.name).and_then(|name| ItemName::parse(&name).ok()) {
            Some(name) => all.push((name, node)),
            None => others.push(node),
        }
    }
    if others.is_empty() {
        return all;
    }
    // In whichever order a store lists them, each has the same name.
    others.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let kept: HashSet<String> = all.iter().map(|(name, _)| name.as_str().to_owned()).collect();
    let own = others.iter().map(|node| &node.name).filter(|name| !kept.contains(*name)).cloned();
    let mut taken: HashSet<String> = own.chain(kept.iter().cloned()).collect();
    for node in others {
        let mut name = node.name.clone();
        if kept.contains(&name) {
            while taken.contains(&name) {
                name.insert(0, SECOND);
            }
            taken.insert(name.clone());
        }
        // One that is too long with its signs cannot be told: it is found among files.
        all.extend(ItemName::parse(&name).ok().map(|name| (name, node)));
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_core::ports::{ETag, FileTime};
    use proptest::prelude::*;

    const CALENDARS: CollectionFamily = CollectionFamily::Calendars;

    fn file(name: &str) -> Node {
        let modified = FileTime { seconds: 0, nanos: 0 };
        Node { name: name.to_owned(), kind: NodeKind::File, size: 1, modified, created: None, etag: ETag::new("1") }
    }

    #[track_caller]
    fn check(item: &str, kept: &str) {
        assert_eq!(file_of(CALENDARS, item).as_deref(), Some(kept));
        assert_eq!(item_kept(CALENDARS, kept).as_deref(), Some(item));
    }

    #[test]
    fn names_that_every_store_takes() {
        check("5d3a-7.ics", "5d3a-7.ics");
        check("réunion.ics", "réunion.ics");
        check("5D3A.ics", "5=d3=a.ics");
        check("É.ics", "%c3%89.ics");
        check("a:b?c*.ics", "a%3ab%3fc%2a.ics");
        check("a%b=c.ics", "a%25b%3dc.ics");
        check("no-ending", "no-ending%.ics");
        check(".ics", "%2eics%.ics");
        check("x.ICS", "x.=i=c=s%.ics");
        check("con.ics", "%63on.ics");
        check("lpt1.x.ics", "%6cpt1.x.ics");
        check(".hidden.ics", "%2ehidden.ics");
        check(" a .ics", "%20a%20.ics");
        check("\\.ics", "%5c.ics");
        assert_eq!(kept("a."), "a%2e");
        assert_eq!(file_of(CALENDARS, &format!("{}.ics", "É".repeat(60))), None);
    }

    #[test]
    fn a_file_of_any_other_name_is_an_item_of_that_name() {
        let names = |files: &[&str]| -> Vec<String> {
            let found = items(CALENDARS, files.iter().map(|name| file(name)).collect());
            let mut names: Vec<String> = found.into_iter().map(|(name, _)| name.as_str().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names(&["Meeting.ics", "x.ICS", "a%zz.ics"]), ["Meeting.ics", "a%zz.ics", "x.ICS"]);
        assert_eq!(names(&["%0c.ics", "a%2fb.ics"]), ["%0c.ics", "a%2fb.ics"]);
        assert_eq!(names(&["=meeting.ics", "Meeting.ics"]), ["%Meeting.ics", "Meeting.ics"]);
        let three = ["%Meeting.ics", "=meeting.ics", "Meeting.ics"];
        assert_eq!(names(&three), ["%%Meeting.ics", "%Meeting.ics", "Meeting.ics"]);
        assert!(names(&["collection.txt", ".a.ics", "a.vcf", ".ics", "a.ics.part"]).is_empty());
    }

    proptest! {
        #[test]
        fn there_and_back(name in "[^/\\x00-\\x1f\\x7f-\\x9f]{1,60}") {
            prop_assert_eq!(read(&kept(&name)), Some(name.clone()));
            let file = file_of(CALENDARS, &name).unwrap_or_else(|| "long".to_owned());
            prop_assert!(file == "long" || item_kept(CALENDARS, &file) == Some(name.clone()));
            let small = kept(&name);
            prop_assert_eq!(small.to_lowercase(), small.clone());
            let is_bare = |c: char| "<>:\"|?*\\".contains(c);
            prop_assert!(!small.contains(is_bare) && !small.starts_with(['.', ' ']) && !small.ends_with(['.', ' ']));
        }

        #[test]
        fn no_two_items_of_a_folder_have_one_name(names in prop::collection::hash_set("[=%aAé.:0-9cf]{1,4}(\\.ics)?", 1..30)) {
            let files: Vec<Node> = names.iter().map(|name| file(&format!("{name}.ics"))).collect();
            let shown = files.iter().filter(|node| is_of(CALENDARS, &node.name)).count();
            let found = items(CALENDARS, files);
            let distinct: HashSet<&ItemName> = found.iter().map(|(name, _)| name).collect();
            prop_assert_eq!((found.len(), distinct.len()), (shown, shown));
        }
    }
}
