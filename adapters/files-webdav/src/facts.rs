//! What the server says of a file, as the port has it.

use passerelle_core::{
    Result,
    ports::{ETag, FileTime, Node, NodeKind},
    seal,
};
use std::time::{Duration, SystemTime};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A time of change is settled when the server's clock is so much further: a file that is changed twice within a second
/// shows the same time (RFC 9110 §8.8.2.2).
const SETTLED: Duration = Duration::from_secs(2);

/// The live properties of RFC 4918 §15 and RFC 4331 that are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) folder: bool,
    pub(crate) length: Option<u64>,
    /// As an HTTP date.
    pub(crate) modified: Option<String>,
    /// As RFC 3339 has it.
    pub(crate) created: Option<String>,
    /// As the server wrote it, with quotes and `W/`.
    pub(crate) tag: Option<String>,
    pub(crate) available: Option<u64>,
    pub(crate) used: Option<u64>,
}

impl Facts {
    /// Takes what another part of the answer says.
    pub(crate) fn join(&mut self, more: Self) {
        self.folder |= more.folder;
        self.length = more.length.or(self.length);
        self.modified = more.modified.or(self.modified.take());
        self.created = more.created.or(self.created.take());
        self.tag = more.tag.or(self.tag.take());
        self.available = more.available.or(self.available);
        self.used = more.used.or(self.used);
    }

    /// The tag without the mark of weakness: what two looks at one file have in common.
    pub(crate) fn opaque(&self) -> Option<&str> {
        self.tag.as_deref().map(opaque)
    }

    /// The tag, if the server says that it is strong.
    pub(crate) fn strong(&self) -> Option<&str> {
        self.tag.as_deref().filter(|tag| tag.starts_with('"') && tag.ends_with('"') && tag.len() > 1)
    }

    /// Last change.
    pub(crate) fn changed(&self) -> Option<SystemTime> {
        self.modified.as_deref().and_then(|date| httpdate::parse_http_date(date).ok())
    }

    /// The node. `now` is the server's clock, by which a time of change is settled or not.
    pub(crate) fn node(&self, name: &str, now: Option<SystemTime>) -> Result<Node> {
        let size = if self.folder { 0 } else { self.length.unwrap_or_default() };
        let changed = self.changed();
        let modified = changed.map_or(FileTime { seconds: 0, nanos: 0 }, file_time);
        let created = self.created.as_deref().and_then(|date| OffsetDateTime::parse(date, &Rfc3339).ok());
        let etag = match (self.opaque(), changed) {
            (Some(opaque), _) => ETag::new(format_args!("{}-{size:x}", hex(&seal::sha256(opaque.as_bytes())))),
            (None, Some(changed)) if is_settled(changed, now) => {
                ETag::new(format_args!("t{:x}-{size:x}", modified.seconds))
            }
            // Nothing tells two contents apart yet: a tag that no other look has.
            (None, _) => ETag::new(format_args!("n{}-{size:x}", hex(&seal::random::<12>()?))),
        };
        Ok(Node {
            name: name.to_owned(),
            kind: if self.folder { NodeKind::Folder } else { NodeKind::File },
            size,
            modified,
            created: created.map(|at| FileTime { seconds: at.unix_timestamp(), nanos: at.nanosecond() }),
            etag,
        })
    }
}

/// A tag without the mark of weakness.
pub(crate) fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

fn is_settled(changed: SystemTime, now: Option<SystemTime>) -> bool {
    now.and_then(|now| now.duration_since(changed).ok()).is_some_and(|since| since >= SETTLED)
}

fn file_time(at: SystemTime) -> FileTime {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    FileTime { seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX), nanos: since.subsec_nanos() }
}

/// The first 16 octets in hexadecimal digits.
fn hex(octets: &[u8]) -> String {
    octets.iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn tag(facts: &Facts, now: u64) -> String {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
        facts.node("f", Some(now)).unwrap().etag.as_str().to_owned()
    }

    #[test]
    fn tags() {
        let with = |tag: &str| Facts { tag: Some(tag.to_owned()), length: Some(3), ..Facts::default() };
        assert_eq!(tag(&with("\"a\""), 0), tag(&with("W/\"a\""), 9), "a fresh file's tag is that of the settled one");
        assert_ne!(tag(&with("\"a+b\""), 0), tag(&with("\"a/b\""), 0));
        assert_eq!((with("\"a\"").strong(), with("W/\"a\"").strong()), (Some("\"a\""), None));
        // None of the server's: of the time, once it is settled.
        let modified = Some("Thu, 01 Jan 1970 00:01:40 GMT".to_owned());
        let without = Facts { modified, length: Some(3), ..Facts::default() };
        assert_eq!(tag(&without, 102), tag(&without, 110));
        assert_ne!(tag(&without, 101), tag(&without, 101), "too fresh to be told from the next");
    }
}
