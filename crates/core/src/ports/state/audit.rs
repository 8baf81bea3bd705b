//! Who changed what: the trail of administration.

use crate::ports::Fut;
use passerelle_model::{InstitutionId, Timestamp};

/// How long a line of the trail is kept, in seconds: a year.
pub const AUDIT_KEPT: i64 = 365 * 86_400;
/// Longest text of what changed, in octets; more is cut.
pub const LONGEST_CHANGE: usize = 2 * 1024;

/// A line of the trail. Never a password nor a token: what changed is told by names and values that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// When.
    pub at: Timestamp,
    /// What tells lines of one second apart, and puts them in order: the nanosecond, and four random octets.
    pub id: [u8; 8],
    /// Whose administration it was.
    pub institution: InstitutionId,
    /// Who: `account:institution/login`, `client:id`, `system:job`.
    pub who: String,
    /// From which address.
    pub from: String,
    /// What was called: `account.lock`.
    pub method: String,
    /// On what: a login, a group's name, an id.
    pub target: String,
    /// `done`, or why not, in a word: `forbidden`.
    pub outcome: String,
    /// What was asked for, without secrets.
    pub change: String,
}

impl AuditLine {
    /// Its place in the trail, behind which the next page begins: its second, and what tells it apart there.
    pub fn place(&self) -> String {
        format!("{} {:016x}", self.at.0, u64::from_be_bytes(self.id))
    }

    /// The same the other way; `None` for what is no place.
    pub fn placed(text: &str) -> Option<(Timestamp, [u8; 8])> {
        let (at, id) = text.split_once(' ')?;
        Some((Timestamp(at.parse().ok()?), u64::from_str_radix(id, 16).ok()?.to_be_bytes()))
    }
}

/// Which lines are asked for.
#[derive(Debug, Clone, Copy)]
pub struct AuditQuery<'a> {
    /// Of which institution.
    pub institution: &'a InstitutionId,
    /// Only those on this target.
    pub target: Option<&'a str>,
    /// Only those older than this line.
    pub before: Option<(Timestamp, [u8; 8])>,
    /// Most lines.
    pub limit: usize,
}

/// The trail.
pub trait AuditTrail: Send + Sync {
    /// Adds lines, all or none, which are never changed. They survive the end of the process at once, and a power cut with
    /// the next [`Self::secure`]: a hundred calls in one request wait for the disk once.
    fn audit<'a>(&'a self, lines: &'a [AuditLine]) -> Fut<'a, ()>;
    /// Makes all that was written before survive a power cut: lines, and the keys and answers of calls.
    fn secure(&self) -> Fut<'_, ()>;
    /// Lines, the newest first.
    fn audited<'a>(&'a self, query: AuditQuery<'a>) -> Fut<'a, Vec<AuditLine>>;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_place_leads_back_to_its_line() {
        let line = AuditLine {
            at: Timestamp(1_772_323_201),
            id: [0, 0xfe, 1, 2, 3, 4, 5, 6],
            institution: InstitutionId::parse("x").unwrap(),
            who: String::new(),
            from: String::new(),
            method: String::new(),
            target: String::new(),
            outcome: String::new(),
            change: String::new(),
        };
        assert_eq!(AuditLine::placed(&line.place()), Some((line.at, line.id)));
        for none in ["", "1", "1 x", "x 0"] {
            assert_eq!(AuditLine::placed(none), None, "{none}");
        }
    }
}
