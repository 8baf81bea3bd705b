//! Conditions of HTTP (RFC 9110 §13) and the `If` header, judged against what is there, and handed on to the commit so
//! that they still hold then.

use crate::{
    error::{Answer, Refusal},
    if_header::If,
};
use http::{
    HeaderMap, StatusCode,
    header::{HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE},
};
use passerelle_core::ports::{ETag, Node, Precondition};
use std::time::{SystemTime, UNIX_EPOCH};

/// Most entity tags in a header.
const MOST_TAGS: usize = 128;

/// What a request's headers demand.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    matches: Option<Tags>,
    differs: Option<Tags>,
    unmodified_since: Option<i64>,
    modified_since: Option<i64>,
    /// The `If` header.
    pub(crate) lists: Option<If>,
}

#[derive(Debug, PartialEq, Eq)]
enum Tags {
    Any,
    These(Vec<Tag>),
}

/// An entity tag of a header.
#[derive(Debug, PartialEq, Eq)]
struct Tag {
    weak: bool,
    opaque: String,
}

/// How conditions come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Do it.
    Holds,
    /// The client has it already (RFC 9110 §15.4.5).
    NotModified,
    /// Do not.
    Fails,
}

impl Conditions {
    pub(crate) fn of(headers: &HeaderMap) -> Answer<Self> {
        let lists = match joined(headers, HeaderName::from_static("if"), " ")? {
            Some(text) => Some(If::parse(&text).map_err(|_| Refusal::Status(StatusCode::BAD_REQUEST))?),
            None => None,
        };
        let tags = |name| -> Answer<Option<Tags>> {
            let Some(text) = joined(headers, name, ",")? else { return Ok(None) };
            Ok(Some(parse_tags(&text).ok_or(StatusCode::BAD_REQUEST)?))
        };
        // A date that is none is no condition (RFC 9110 §13.1.3).
        let date = |name| {
            let moment = httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?;
            Some(seconds(moment))
        };
        Ok(Self {
            matches: tags(IF_MATCH)?,
            differs: tags(IF_NONE_MATCH)?,
            unmodified_since: date(IF_UNMODIFIED_SINCE),
            modified_since: date(IF_MODIFIED_SINCE),
            lists,
        })
    }

    /// Judges all but the `If` header, in the order of RFC 9110 §13.2.2.
    pub(crate) fn judge(&self, now: Option<&Node>, reads: bool) -> Verdict {
        let first = match (&self.matches, self.unmodified_since) {
            (Some(Tags::Any), _) => now.is_some(),
            (Some(Tags::These(tags)), _) => {
                now.is_some_and(|node| tags.iter().any(|tag| !tag.weak && tag.opaque == node.etag.as_str()))
            }
            (None, Some(since)) => now.is_some_and(|node| node.modified.seconds <= since),
            (None, None) => true,
        };
        if !first {
            return Verdict::Fails;
        }
        let unchanged = match (&self.differs, self.modified_since) {
            (Some(Tags::Any), _) => now.is_some(),
            (Some(Tags::These(tags)), _) => {
                now.is_some_and(|node| tags.iter().any(|tag| tag.opaque == node.etag.as_str()))
            }
            (None, Some(since)) if reads => now.is_some_and(|node| node.modified.seconds <= since),
            (None, _) => false,
        };
        match (unchanged, reads) {
            (false, _) => Verdict::Holds,
            (true, true) => Verdict::NotModified,
            (true, false) => Verdict::Fails,
        }
    }

    /// What must hold for a resource without a date, whose store judges for itself: dates are passed over (RFC 9110 §13.1.3,
    /// §13.1.4), and of two headers `If-Match` is what a client relies on.
    pub(crate) fn of_store(&self) -> Precondition {
        let opaque = |tags: &[Tag]| tags.iter().filter(|tag| !tag.weak).map(|tag| tag.opaque.clone()).collect();
        match (&self.matches, &self.differs) {
            (Some(Tags::Any), _) => Precondition::Exists,
            (Some(Tags::These(tags)), _) => Precondition::Matches(opaque(tags)),
            (None, Some(Tags::Any)) => Precondition::Absent,
            (None, Some(Tags::These(tags))) => Precondition::Differs(opaque(tags)),
            (None, None) => Precondition::None,
        }
    }

    /// Whether what has this tag is what the client has already.
    pub(crate) fn is_known(&self, etag: &ETag) -> bool {
        match &self.differs {
            Some(Tags::Any) => true,
            Some(Tags::These(tags)) => tags.iter().any(|tag| tag.opaque == etag.as_str()),
            None => false,
        }
    }

    /// Whether anything was demanded.
    pub(crate) fn any(&self) -> bool {
        self.matches.is_some() || self.differs.is_some() || self.unmodified_since.is_some() || self.lists.is_some()
    }

    /// What must still hold at the commit, after all of it held for `seen`. One header alone is handed on as it is; more,
    /// or the `If` header, as: nothing has changed since.
    pub(crate) fn at_commit(&self, seen: Option<&Node>) -> Precondition {
        let opaque = |tags: &[Tag]| tags.iter().map(|tag| tag.opaque.clone()).collect();
        match (&self.matches, &self.differs, self.unmodified_since, &self.lists) {
            (None, None, None, None) => Precondition::None,
            (Some(Tags::Any), None, None, None) => Precondition::Exists,
            (None, Some(Tags::Any), None, None) => Precondition::Absent,
            (None, Some(Tags::These(tags)), None, None) => Precondition::Differs(opaque(tags)),
            (None, None, None, Some(lists)) if !lists.asks_for_tags() => Precondition::None,
            _ => match seen {
                Some(node) => Precondition::Matches(vec![node.etag.as_str().to_owned()]),
                None => Precondition::Absent,
            },
        }
    }
}

/// Whether `If-Range` lets a part be sent: the tag is the file's, or the date is its own and old enough to be a strong
/// validator (RFC 9110 §13.1.5, §8.8.2.2).
pub(crate) fn range_holds(if_range: Option<&str>, node: &Node, now: i64) -> bool {
    let Some(validator) = if_range.map(str::trim_ascii) else { return true };
    if let Some(tag) = validator.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return tag == node.etag.as_str();
    }
    let old_enough = node.modified.seconds < now.saturating_sub(1);
    httpdate::parse_http_date(validator).is_ok_and(|moment| seconds(moment) == node.modified.seconds) && old_enough
}

fn seconds(moment: SystemTime) -> i64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// All lines of a header as one (RFC 9110 §5.3).
fn joined(headers: &HeaderMap, name: HeaderName, between: &str) -> Answer<Option<String>> {
    let mut text: Option<String> = None;
    for value in headers.get_all(name) {
        let value = value.to_str().map_err(|_| Refusal::Status(StatusCode::BAD_REQUEST))?;
        match text.as_mut() {
            Some(text) => text.extend([between, value]),
            None => text = Some(value.to_owned()),
        }
    }
    Ok(text)
}

/// `"*" / #entity-tag` (RFC 9110 §13.1.1)
fn parse_tags(text: &str) -> Option<Tags> {
    let mut rest = text.trim_ascii();
    if rest == "*" {
        return Some(Tags::Any);
    }
    let mut tags = Vec::new();
    while !rest.is_empty() {
        if tags.len() >= MOST_TAGS {
            return None;
        }
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        // Some clients leave the quotes out; what they mean is clear.
        let (opaque, after) = match quoted.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => quoted.split_at(quoted.find(',').unwrap_or(quoted.len())),
        };
        tags.push(Tag { weak, opaque: opaque.trim_ascii().to_owned() });
        let after = after.trim_ascii_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_ascii_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    (!tags.is_empty()).then_some(Tags::These(tags))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_core::ports::{FileTime, NodeKind};

    fn node(tag: &str, seconds: i64) -> Node {
        Node {
            name: "a".into(),
            kind: NodeKind::File,
            size: 1,
            modified: FileTime { seconds, nanos: 5 },
            created: None,
            etag: ETag::new(tag),
        }
    }

    fn conditions(headers: &[(&'static str, &str)]) -> Answer<Conditions> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        Conditions::of(&map)
    }

    #[track_caller]
    fn check(
        headers: &[(&'static str, &str)],
        now: Option<&Node>,
        reading: Verdict,
        writing: Verdict,
        commit: &Precondition,
    ) {
        let conditions = conditions(headers).unwrap();
        assert_eq!((conditions.judge(now, true), conditions.judge(now, false)), (reading, writing));
        if writing == Verdict::Holds {
            assert_eq!(conditions.at_commit(now), *commit);
        }
    }

    #[test]
    fn each_condition() {
        use Verdict::{Fails, Holds, NotModified};
        let there = node("x", 784_111_777);
        let (now, at, before) = (Some(&there), "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:36 GMT");
        let matches = |tags: &[&str]| Precondition::Matches(tags.iter().map(ToString::to_string).collect());
        let none = Precondition::None;
        check(&[], now, Holds, Holds, &none);
        check(&[("if-match", "*")], now, Holds, Holds, &Precondition::Exists);
        check(&[("if-match", "*")], None, Fails, Fails, &none);
        check(&[("if-match", "\"a\", \"x\"")], now, Holds, Holds, &matches(&["x"]));
        check(&[("if-match", "W/\"x\"")], now, Fails, Fails, &none);
        check(&[("if-match", "\"a\"")], now, Fails, Fails, &none);
        check(&[("if-none-match", "*")], now, NotModified, Fails, &none);
        check(&[("if-none-match", "*")], None, Holds, Holds, &Precondition::Absent);
        check(&[("if-none-match", "W/\"x\"")], now, NotModified, Fails, &none);
        check(&[("if-none-match", "\"y\"")], now, Holds, Holds, &Precondition::Differs(vec!["y".into()]));
        check(&[("if-match", "x"), ("if-none-match", "\"y\"")], now, Holds, Holds, &matches(&["x"]));
        check(&[("if-modified-since", at)], now, NotModified, Holds, &none);
        check(&[("if-modified-since", before)], now, Holds, Holds, &none);
        check(
            &[("if-modified-since", at), ("if-none-match", "\"y\"")],
            now,
            Holds,
            Holds,
            &Precondition::Differs(vec!["y".into()]),
        );
        check(&[("if-unmodified-since", at)], now, Holds, Holds, &matches(&["x"]));
        check(&[("if-unmodified-since", before)], now, Fails, Fails, &none);
        check(&[("if-unmodified-since", "yesterday")], now, Holds, Holds, &none);
        check(&[("if", "(<urn:1>)")], now, Holds, Holds, &none);
        check(&[("if", "([\"x\"])")], now, Holds, Holds, &matches(&["x"]));
        check(&[("if", "(Not [\"x\"])")], None, Holds, Holds, &Precondition::Absent);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for bad in ["", "\"a", "\"a\" \"b\"", "\"a\"x"] {
            assert!(conditions(&[("if-match", bad)]).is_err(), "{bad}");
        }
        assert!(conditions(&[("if", "(<a>")]).is_err());
    }

    #[test]
    fn a_range_of_the_file_it_was_meant_for() {
        let there = node("x", 784_111_777);
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert!(range_holds(None, &there, 0));
        assert!(range_holds(Some("\"x\""), &there, 0));
        assert!(!range_holds(Some("W/\"x\""), &there, 0) && !range_holds(Some("\"y\""), &there, 0));
        assert!(range_holds(Some(date), &there, 784_111_790));
        assert!(!range_holds(Some(date), &there, 784_111_778));
        assert!(!range_holds(Some("Sun, 06 Nov 1994 08:49:36 GMT"), &there, 784_111_790));
    }
}
