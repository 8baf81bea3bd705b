//! RFC 4791, RFC 6352 and RFC 6578 clause by clause: what docs/rfc-clauses.md says is there, asked for on the wire.

mod acl;
mod caldav;
mod caldav_data;
mod carddav;

mod sync;

use super::ask;
use crate::harness::{Answer, Gateway};

/// Somebody with one collection.
struct Desk<'g> {
    gateway: &'g Gateway,
    who: String,
    /// The collection, with a slash at its end.
    at: String,
}

impl Desk<'_> {
    #[track_caller]
    fn ask(&self, method: &str, name: &str, headers: &[&str], body: &str) -> Answer {
        ask(self.gateway, &self.who, method, &format!("{}{name}", self.at), headers, body)
    }

    /// Writes an item that is taken.
    #[track_caller]
    fn put(&self, name: &str, content: &str) -> Answer {
        let answer = self.ask("PUT", name, &[], content);
        assert!([201, 204].contains(&answer.status), "{}: {}", answer.status, answer.body);
        answer
    }

    /// What a report tells.
    #[track_caller]
    fn report(&self, body: &str) -> String {
        let answer = self.ask("REPORT", "", &["Depth: 1"], body);
        assert_eq!(answer.status, 207, "{}", answer.body);
        answer.body.replace("&#13;", "\r")
    }

    /// A property of the collection, as it is told.
    #[track_caller]
    fn property(&self, name: &str, namespace: &str) -> String {
        let body =
            format!("<D:propfind xmlns:D='DAV:' xmlns:N='{namespace}'><D:prop><N:{name}/></D:prop></D:propfind>");
        self.ask("PROPFIND", "", &["Depth: 0"], &body).body
    }

    /// A request that is refused with this status and precondition.
    #[track_caller]
    fn refused(&self, answer: &Answer, status: u16, precondition: &str) {
        assert!(
            answer.status == status && answer.body.contains(precondition),
            "{precondition}: {}: {}",
            answer.status,
            answer.body
        );
    }
}
