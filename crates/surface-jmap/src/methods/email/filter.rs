//! What a client looks for (RFC 8621 §4.4.1), as a search of each mailbox: in which mailbox a message lies is then known, and what
//! is left is asked of the store.

use crate::{
    error::MethodError,
    id::MailboxId,
    methods::conditions::{self, Logic},
};
use mail_parser::DateTime;
use passerelle_core::ports::{Flag, HeaderName, Place, Search};
use passerelle_model::Timestamp;
use serde::Deserialize;

/// A filter.
pub(crate) type Filter = conditions::Filter<Condition>;

/// What all has to hold.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Condition {
    in_mailbox: Option<String>,
    in_mailbox_other_than: Option<Vec<String>>,
    before: Option<String>,
    after: Option<String>,
    min_size: Option<u64>,
    max_size: Option<u64>,
    all_in_thread_have_keyword: Option<String>,
    some_in_thread_have_keyword: Option<String>,
    none_in_thread_have_keyword: Option<String>,
    has_keyword: Option<String>,
    not_keyword: Option<String>,
    has_attachment: Option<bool>,
    text: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cc: Option<String>,
    bcc: Option<String>,
    subject: Option<String>,
    body: Option<String>,
    header: Option<Vec<String>>,
}

/// What a filter comes to in one mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Within {
    Everything,
    Nothing,
    What(Search),
}

impl Within {
    fn not(self) -> Self {
        match self {
            Self::Everything => Self::Nothing,
            Self::Nothing => Self::Everything,
            Self::What(search) => Self::What(Search::Not(Box::new(search))),
        }
    }

    fn all(parts: Vec<Self>) -> Self {
        let mut searches = Vec::new();
        for part in parts {
            match part {
                Self::Everything => {}
                Self::Nothing => return Self::Nothing,
                Self::What(search) => searches.push(search),
            }
        }
        match searches.len() {
            0 => Self::Everything,
            1 => searches.pop().map_or(Self::Everything, Self::What),
            _ => Self::What(Search::And(searches)),
        }
    }

    fn any(parts: Vec<Self>) -> Self {
        let mut searches = Vec::new();
        for part in parts {
            match part {
                Self::Everything => return Self::Everything,
                Self::Nothing => {}
                Self::What(search) => searches.push(search),
            }
        }
        match searches.len() {
            0 => Self::Nothing,
            1 => searches.pop().map_or(Self::Nothing, Self::What),
            _ => Self::What(Search::Or(searches)),
        }
    }
}

/// The mailboxes that a filter names.
pub(crate) fn mailboxes(filter: &Filter) -> Vec<&str> {
    match filter {
        Filter::Joined(_, all) => all.iter().flat_map(mailboxes).collect(),
        Filter::One(it) => {
            let others = it.in_mailbox_other_than.iter().flatten();
            it.in_mailbox.iter().chain(others).map(String::as_str).collect()
        }
    }
}

/// The words that a filter looks for, in subjects and in texts.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) subject: Vec<String>,
    pub(super) text: Vec<String>,
}

/// Those of a filter that are to be there, and not to be missing.
pub(super) fn words(filter: &Filter) -> Words {
    let mut words = Words::default();
    gather(filter, &mut words);
    words
}

fn gather(filter: &Filter, words: &mut Words) {
    match filter {
        Filter::Joined(Logic::Not, _) => {}
        Filter::Joined(Logic::And | Logic::Or, all) => all.iter().for_each(|it| gather(it, words)),
        Filter::One(it) => {
            words.subject.extend(it.text.iter().chain(&it.subject).cloned());
            words.text.extend(it.text.iter().chain(&it.body).cloned());
        }
    }
}

/// Which messages of a mailbox have attachments.
#[derive(Debug, Clone, Copy)]
pub(super) enum Attached<'a> {
    /// Not known yet: what asks for it counts as true or false, so that all of the filter misses nothing.
    Unknown {
        /// ... as this, which is the other way round where the filter is negated.
        counts_as: bool,
    },
    /// These.
    These(&'a [u32]),
}

impl Attached<'_> {
    fn negated(self) -> Self {
        match self {
            Self::Unknown { counts_as } => Self::Unknown { counts_as: !counts_as },
            Self::These(_) => self,
        }
    }
}

/// Whether a filter asks for attachments.
pub(super) fn asks_for_attachments(filter: &Filter) -> bool {
    filter.any(&|it: &Condition| it.has_attachment.is_some())
}

/// Whether a filter asks for keywords, which change.
pub(super) fn asks_for_keywords(filter: &Filter) -> bool {
    filter.any(&|it: &Condition| it.has_keyword.is_some() || it.not_keyword.is_some())
}

/// What a filter comes to in a mailbox.
pub(super) fn within(filter: &Filter, mailbox: MailboxId, attached: Attached<'_>) -> Result<Within, MethodError> {
    match filter {
        Filter::One(it) => it.within(mailbox, attached),
        Filter::Joined(logic, all) => {
            let attached = if *logic == Logic::Not { attached.negated() } else { attached };
            let parts = all.iter().map(|it| within(it, mailbox, attached)).collect::<Result<Vec<_>, _>>()?;
            Ok(match logic {
                Logic::And => Within::all(parts),
                Logic::Or => Within::any(parts),
                Logic::Not => Within::any(parts).not(),
            })
        }
    }
}

impl Condition {
    fn within(&self, mailbox: MailboxId, attached: Attached<'_>) -> Result<Within, MethodError> {
        let Self {
            in_mailbox,
            in_mailbox_other_than,
            before,
            after,
            min_size,
            max_size,
            all_in_thread_have_keyword,
            some_in_thread_have_keyword,
            none_in_thread_have_keyword,
            has_keyword,
            not_keyword,
            has_attachment,
            text,
            from,
            to,
            cc,
            bcc,
            subject,
            body,
            header,
        } = self;
        let of_threads = [all_in_thread_have_keyword, some_in_thread_have_keyword, none_in_thread_have_keyword];
        if of_threads.iter().any(|it| it.is_some()) {
            return Err(unsupported("no store of IMAP searches for what other messages of a thread have"));
        }
        let is_here = |id: &String| MailboxId::parse(id) == Some(mailbox);
        let is_in = in_mailbox.as_ref().is_none_or(is_here);
        let is_other = in_mailbox_other_than.as_ref().is_none_or(|ids| !ids.iter().any(is_here));
        if !is_in || !is_other {
            return Ok(Within::Nothing);
        }
        let mut all = Vec::new();
        match (has_attachment, attached) {
            (None, _) | (Some(_), Attached::Unknown { counts_as: true }) => {}
            (Some(_), Attached::Unknown { counts_as: false }) => return Ok(Within::Nothing),
            (Some(true), Attached::These(uids)) => all.push(Search::Uids(uids.to_vec())),
            (Some(false), Attached::These(uids)) => all.push(Search::Not(Box::new(Search::Uids(uids.to_vec())))),
        }
        let mut texts = |place: Place, text: &Option<String>| {
            all.extend(text.iter().map(|text| Search::Text(place.clone(), one_line(text))));
        };
        texts(Place::Anywhere, text);
        texts(Place::From, from);
        texts(Place::To, to);
        texts(Place::Cc, cc);
        texts(Place::Bcc, bcc);
        texts(Place::Subject, subject);
        texts(Place::Body, body);
        if let Some(before) = before {
            all.push(Search::Before(moment(before)?));
        }
        if let Some(after) = after {
            all.push(Search::Since(moment(after)?));
        }
        all.extend(min_size.map(Search::AtLeast));
        all.extend(max_size.map(Search::Below));
        if let Some(word) = has_keyword {
            all.push(Search::Has(keyword(word)?));
        }
        if let Some(word) = not_keyword {
            all.push(Search::Not(Box::new(Search::Has(keyword(word)?))));
        }
        match header.as_deref() {
            None => {}
            Some([name]) => all.push(Search::HasHeader(field(name)?)),
            Some([name, text]) => all.push(Search::Text(Place::Header(field(name)?), one_line(text))),
            Some(_) => return Err(MethodError::invalid("header is a field's name, and what it has in it")),
        }
        Ok(Within::all(all.into_iter().map(Within::What).collect()))
    }
}

fn unsupported(why: &str) -> MethodError {
    MethodError::saying("unsupportedFilter", why)
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn field(name: &str) -> Result<HeaderName, MethodError> {
    HeaderName::parse(name).ok_or_else(|| MethodError::invalid("this is no field's name"))
}

/// `UTCDate` (RFC 8620 §1.4).
pub(crate) fn moment(text: &str) -> Result<Timestamp, MethodError> {
    let date = DateTime::parse_rfc3339(text).filter(|it| it.is_valid() && text.ends_with('Z'));
    date.map(|it| Timestamp(it.to_timestamp())).ok_or_else(|| MethodError::invalid("this is no UTCDate"))
}

/// A keyword as IMAP has it: `$seen` is `\Seen` (RFC 8621 §4.1.1).
pub(crate) fn keyword(word: &str) -> Result<Flag, MethodError> {
    flag(word).ok_or_else(|| MethodError::invalid("this is no keyword"))
}

/// The same; `None` for what is no keyword.
pub(crate) fn flag(word: &str) -> Option<Flag> {
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "$seen" => Flag::parse("\\Seen"),
        "$draft" => Flag::parse("\\Draft"),
        "$flagged" => Flag::parse("\\Flagged"),
        "$answered" => Flag::parse("\\Answered"),
        _ if lower.starts_with('\\') => None,
        _ => Flag::parse(&lower),
    }
}

/// The keyword that a flag is; `None` for what keywords do not tell (RFC 8621 §4.1.1).
pub(crate) fn word(flag: &Flag) -> Option<String> {
    match flag.as_str() {
        "\\Seen" => Some("$seen".to_owned()),
        "\\Draft" => Some("$draft".to_owned()),
        "\\Flagged" => Some("$flagged".to_owned()),
        "\\Answered" => Some("$answered".to_owned()),
        other if other.starts_with('\\') => None,
        other => Some(other.to_ascii_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use serde_json::json;

    fn within(filter: serde_json::Value, mailbox: &str) -> Within {
        let filter: Filter = serde_json::from_value(filter).unwrap();
        super::within(&filter, MailboxId::of(mailbox), Attached::These(&[7])).unwrap()
    }

    #[test]
    fn what_is_known_of_the_mailbox_is_not_asked() {
        let (a, b) = (MailboxId::of("a").to_string(), MailboxId::of("b").to_string());
        assert_eq!(within(json!({}), "a"), Within::Everything);
        assert_eq!(within(json!({ "inMailbox": a }), "a"), Within::Everything);
        assert_eq!(within(json!({ "inMailbox": a }), "b"), Within::Nothing);
        assert_eq!(within(json!({ "inMailboxOtherThan": [a] }), "a"), Within::Nothing);
        let either = json!({ "operator": "OR", "conditions": [{ "inMailbox": a }, { "subject": "x" }] });
        assert_eq!(within(either.clone(), "a"), Within::Everything);
        assert!(matches!(within(either, "b"), Within::What(Search::Text(Place::Subject, _))));
        let neither = json!({ "operator": "NOT", "conditions": [{ "inMailbox": a }, { "inMailbox": b }] });
        assert_eq!((within(neither.clone(), "a"), within(neither, "c")), (Within::Nothing, Within::Everything));
        let both =
            json!({ "operator": "AND", "conditions": [{ "from": "x", "minSize": 3 }, { "notKeyword": "$seen" }] });
        assert!(matches!(within(both, "a"), Within::What(Search::And(parts)) if parts.len() == 2));
    }

    #[test]
    fn what_has_attachments_is_looked_up_among_all_that_can_be_meant() {
        let attached = json!({ "hasAttachment": true });
        assert_eq!(within(attached.clone(), "a"), Within::What(Search::Uids(vec![7])));
        let none = Within::What(Search::Not(Box::new(Search::Uids(vec![7]))));
        assert_eq!(within(json!({ "hasAttachment": false }), "a"), none);
        let unknown = |filter: serde_json::Value| {
            let filter: Filter = serde_json::from_value(filter).unwrap();
            assert!(asks_for_attachments(&filter));
            super::within(&filter, MailboxId::of("a"), Attached::Unknown { counts_as: true }).unwrap()
        };
        let sized = |attachment: bool| json!({ "hasAttachment": attachment, "minSize": 3 });
        for attachment in [true, false] {
            assert_eq!(unknown(sized(attachment)), Within::What(Search::AtLeast(3)));
            let not = json!({ "operator": "NOT", "conditions": [sized(attachment)] });
            assert_eq!(unknown(not.clone()), Within::Everything, "all but some that may be any");
            let twice = json!({ "operator": "NOT", "conditions": [not] });
            assert_eq!(unknown(twice), Within::What(Search::Not(Box::new(Search::Not(Box::new(Search::AtLeast(3)))))));
        }
    }

    #[test]
    fn what_no_store_searches_is_refused() {
        for bad in [
            json!({ "someInThreadHaveKeyword": "$seen" }),
            json!({ "before": "yesterday" }),
            json!({ "before": "2026-11-23T10:00:00+01:00" }),
            json!({ "hasKeyword": "\\Seen" }),
            json!({ "header": [] }),
            json!({ "header": ["a b"] }),
        ] {
            let filter: Filter = serde_json::from_value(bad.clone()).unwrap();
            assert!(super::within(&filter, MailboxId::of("a"), Attached::These(&[])).is_err(), "{bad}");
        }
        assert!(serde_json::from_value::<Filter>(json!({ "nothing": 1 })).is_err());
    }
}
