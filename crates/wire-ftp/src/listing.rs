//! Lines of listings: facts for programs (RFC 3659 §7.2), and what `ls -l` writes, which programs guess at.

use crate::Moment;
use std::fmt::Write as _;

/// File or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// What the person may do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct May {
    /// Read it; of a folder: list it and go there.
    pub read: bool,
    /// Put something into it.
    pub add: bool,
    /// Change its content.
    pub edit: bool,
    /// Remove and rename it.
    pub remove: bool,
}

/// A line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its name. Control characters in it are for the caller to replace.
    pub name: &'a str,
    /// What it is.
    pub kind: Kind,
    /// Octets.
    pub size: u64,
    /// Last change, in seconds since 1970; `None` where it is no one thing's.
    pub modified: Option<i64>,
    /// What may be done with it.
    pub may: May,
}

/// A fact of MLST (RFC 3659 §7.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// What it is.
    Type,
    /// Its octets.
    Size,
    /// Its last change.
    Modify,
    /// What may be done.
    Perm,
}

/// The facts that a client wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    wanted: [bool; 4],
}

impl Default for Facts {
    fn default() -> Self {
        Self { wanted: [true; 4] }
    }
}

impl Fact {
    const ALL: [Self; 4] = [Self::Type, Self::Size, Self::Modify, Self::Perm];

    const fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Size => "size",
            Self::Modify => "modify",
            Self::Perm => "perm",
        }
    }
}

impl Facts {
    /// Those of `OPTS MLST type;size;` (RFC 3659 §7.9): what is not known is left out.
    pub fn parse(words: &str) -> Self {
        let wanted = |fact: Fact| words.split(';').any(|word| word.trim().eq_ignore_ascii_case(fact.name()));
        Self { wanted: Fact::ALL.map(wanted) }
    }

    /// What FEAT tells of them: a star behind each that is on (RFC 3659 §7.8).
    pub fn feature(&self) -> String {
        let mut text = String::from("MLST ");
        for (fact, on) in Fact::ALL.into_iter().zip(self.wanted) {
            text.push_str(fact.name());
            text.push_str(if on { "*;" } else { ";" });
        }
        text
    }

    /// What OPTS answers: those that are on (RFC 3659 §7.9).
    pub fn options(&self) -> String {
        let on = Fact::ALL.into_iter().zip(self.wanted).filter(|(_, on)| *on);
        on.fold(String::from("MLST OPTS "), |text, (fact, _)| text + fact.name() + ";")
    }

    /// `entry = [ facts ] SP pathname` (RFC 3659 §7.2), without the line's end.
    pub fn line(&self, entry: &Entry<'_>) -> String {
        let mut line = String::with_capacity(entry.name.len().saturating_add(64));
        for (fact, _) in Fact::ALL.into_iter().zip(self.wanted).filter(|(_, on)| *on) {
            // Writing to a String cannot fail.
            let _ = match fact {
                Fact::Type => write!(line, "type={};", type_of(entry.kind)),
                Fact::Size if entry.kind == Kind::File => write!(line, "size={};", entry.size),
                Fact::Size => Ok(()),
                Fact::Modify => match entry.modified {
                    Some(modified) => write!(line, "modify={};", Moment::new(modified).time_val()),
                    None => Ok(()),
                },
                Fact::Perm => write!(line, "perm={};", perm(entry)),
            };
        }
        line.push(' ');
        line.push_str(entry.name);
        line
    }
}

impl Entry<'_> {
    /// As `ls -l` writes it, without the line's end. `now` decides whether the hour or the year is told.
    pub fn long_line(&self, now: i64) -> String {
        let mode = match (self.kind, self.may) {
            (Kind::File, may) => {
                if may.edit {
                    "-rw-------"
                } else {
                    "-r--------"
                }
            }
            (Kind::Folder, may) => {
                if may.add {
                    "drwx------"
                } else {
                    "dr-x------"
                }
            }
        };
        // Nobody's numbers: whose it is, rights tell, and not the file server's owner.
        let when = Moment::new(self.modified.unwrap_or(now)).listed(now);
        format!("{mode} 1 passerelle passerelle {:>12} {when} {}", self.size, self.name)
    }
}

const fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Folder => "dir",
    }
}

/// `perm-fact` (RFC 3659 §7.5.5).
fn perm(entry: &Entry<'_>) -> String {
    let May { read, add, edit, remove } = entry.may;
    let letters: &[(char, bool)] = match entry.kind {
        Kind::File => &[('a', edit), ('d', remove), ('f', remove), ('r', read), ('w', edit)],
        Kind::Folder => {
            &[('c', add), ('d', remove), ('e', true), ('f', remove), ('l', read), ('m', add), ('p', remove)]
        }
    };
    letters.iter().filter(|(_, may)| *may).map(|(letter, _)| *letter).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    const FILE: Entry<'_> = Entry {
        name: "a b",
        kind: Kind::File,
        size: 12,
        modified: Some(784_111_777),
        may: May { read: true, add: false, edit: true, remove: false },
    };

    #[test]
    fn lines() {
        assert_eq!(Facts::default().line(&FILE), "type=file;size=12;modify=19941106084937;perm=arw; a b");
        assert_eq!(Facts::parse("Size;what;").line(&FILE), "size=12; a b");
        assert_eq!(Facts::parse("").line(&FILE), " a b");
        let folder = Entry { kind: Kind::Folder, modified: None, may: May { read: true, ..May::default() }, ..FILE };
        assert_eq!(Facts::default().line(&folder), "type=dir;perm=el; a b");
        assert_eq!(FILE.long_line(784_111_777), "-rw------- 1 passerelle passerelle           12 Nov  6 08:49 a b");
    }

    #[test]
    fn options() {
        assert_eq!(Facts::default().feature(), "MLST type*;size*;modify*;perm*;");
        assert_eq!(Facts::parse("type;perm").feature(), "MLST type*;size;modify;perm*;");
        assert_eq!(Facts::parse("type;perm").options(), "MLST OPTS type;perm;");
    }

    proptest! {
        /// A reader that follows RFC 3659 finds name and size again, whatever the name.
        #[test]
        fn facts_and_back(name in "[^\\p{Cc}/]{1,30}", size in any::<u64>(), modified in proptest::option::of(any::<i64>())) {
            let line = Facts::default().line(&Entry { name: &name, size, modified, ..FILE });
            let (facts, found) = line.split_once(' ').unwrap();
            prop_assert_eq!(found, name);
            let told = facts.split(';').find_map(|fact| fact.strip_prefix("size=")).unwrap();
            prop_assert_eq!(told.parse::<u64>().unwrap(), size);
        }
    }
}
