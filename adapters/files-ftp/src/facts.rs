//! What MLST and MLSD say of a file (RFC 3659 §7), as the port has it.

use passerelle_core::ports::{ETag, FileTime, Node, NodeKind};
use time::{Date, Month, PrimitiveDateTime, Time};

/// `entry = [ facts ] SP pathname`, `fact = factname "=" value ";"`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) kind: NodeKind,
    pub(crate) size: u64,
    pub(crate) modified: FileTime,
    /// The server's number of the file, which no other has at the time.
    pub(crate) unique: String,
}

/// What a line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    /// A file or folder with its name.
    Named(&'a str, Facts),
    /// A link, a device: nobody's file, and yet in the folder.
    Other(&'a str),
    /// The folder itself, the one above.
    Itself,
}

impl Facts {
    pub(crate) fn node(&self, name: &str) -> Node {
        let Self { kind, size, modified, unique } = self;
        let (seconds, nanos) = (modified.seconds, modified.nanos);
        Node {
            name: name.to_owned(),
            kind: *kind,
            size: *size,
            modified: *modified,
            created: None,
            etag: ETag::new(format_args!("{seconds:x}-{nanos:x}-{size:x}-{unique}")),
        }
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.kind == NodeKind::Folder
    }
}

/// Reads a line; `None` when it is none of MLST's.
pub(crate) fn parse(line: &str) -> Option<Entry<'_>> {
    let (facts, name) = line.trim_start().split_once(' ').or_else(|| line.strip_prefix(' ').map(|name| ("", name)))?;
    let (mut kind, mut size, mut modified, mut unique) = (None, 0, FileTime { seconds: 0, nanos: 0 }, "");
    for fact in facts.split(';').filter(|fact| !fact.is_empty()) {
        let (key, value) = fact.split_once('=')?;
        match key.to_ascii_lowercase().as_str() {
            "type" => kind = Some(value.to_ascii_lowercase()),
            "size" => size = value.parse().ok()?,
            "modify" => modified = time_val(value)?,
            "unique" => unique = value,
            _ => {}
        }
    }
    let kind = match kind.as_deref()? {
        "file" => NodeKind::File,
        "dir" => NodeKind::Folder,
        "cdir" | "pdir" => return Some(Entry::Itself),
        _ => return Some(Entry::Other(name)),
    };
    let size = if kind == NodeKind::Folder { 0 } else { size };
    Some(Entry::Named(name, Facts { kind, size, modified, unique: unique.to_owned() }))
}

/// `time-val = 14DIGIT [ "." 1*DIGIT ]`, in UTC (RFC 3659 §2.3)
fn time_val(text: &str) -> Option<FileTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.len() != 14 || !whole.bytes().chain(fraction.bytes()).all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize, to: usize| whole.get(from..to)?.parse::<u8>().ok();
    let month = Month::try_from(number(4, 6)?).ok()?;
    let date = Date::from_calendar_date(whole.get(..4)?.parse().ok()?, month, number(6, 8)?).ok()?;
    // A leap second is the one after.
    let time = Time::from_hms(number(8, 10)?, number(10, 12)?, number(12, 14)?.min(59)).ok()?;
    let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    Some(FileTime { seconds: PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp(), nanos })
}

/// The same the other way.
pub(crate) fn to_time_val(seconds: i64) -> Option<String> {
    let at = time::OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
    Some(format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", at.hour(), at.minute(), at.second()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test may panic")]
    use super::*;

    #[test]
    fn lines() {
        let line = "type=file;size=5;modify=20261127012003.25;perm=r;unique=801g2; é b.txt";
        let Some(Entry::Named(name, facts)) = parse(line) else { panic!("{line}") };
        assert_eq!((name, facts.size, facts.is_folder()), ("é b.txt", 5, false));
        assert_eq!(facts.modified, FileTime { seconds: 1_795_742_403, nanos: 250_000_000 });
        assert_eq!(to_time_val(1_795_742_403).as_deref(), Some("20261127012003"));
        assert!(matches!(parse(" Type=dir;Size=4096; /a b"), Some(Entry::Named("/a b", _))));
        for itself in ["type=cdir; .", "type=pdir; .."] {
            assert_eq!(parse(itself), Some(Entry::Itself), "{itself}");
        }
        assert_eq!(parse("type=OS.unix=slink:x; l"), Some(Entry::Other("l")));
        for wrong in ["", "x", "size=1; f", "type=file;size=-1; f", "type=file;modify=2026; f", "type=file;nonsense; f"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
