//! Header fields and the forms that clients want them in (RFC 8621 §4.1.2): as they stand, as text, as addresses, as message ids,
//! as a date, as addresses of the web.

use mail_parser::{Address, DateTime, HeaderValue, MessageParser};
use passerelle_core::ports::{HeaderName, LONGEST_TEXT_SHOWN, MOST_ADDRESSES};
use serde_json::{Value, json};

/// What a field's value is told as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Raw,
    Text,
    Addresses,
    GroupedAddresses,
    MessageIds,
    Date,
    Urls,
}

/// Fields that a form other than raw and text is for (RFC 8621 §4.1.2); of fields that no RFC knows any form may be asked.
const ADDRESSES: [&str; 13] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "resent-from",
    "resent-sender",
    "resent-reply-to",
    "resent-to",
    "resent-cc",
    "resent-bcc",
    "return-path",
];
const IDS: [&str; 4] = ["message-id", "in-reply-to", "references", "resent-message-id"];
const DATES: [&str; 2] = ["date", "resent-date"];
const URLS: [&str; 6] = ["list-help", "list-unsubscribe", "list-subscribe", "list-post", "list-owner", "list-archive"];
const TEXTS: [&str; 4] = ["subject", "comments", "keywords", "list-id"];
/// The others that RFC 5322 and RFC 2369 know, which have raw values only.
const RAW: [&str; 2] = ["received", "content-type"];

/// A field that a client wants, as `header:Name:asForm:all`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: HeaderName,
    pub(crate) form: Form,
    /// Each of them, in order; else the last one.
    pub(crate) all: bool,
}

impl Field {
    /// Reads such a property's name; `None` for what is none, or a form that the field does not have.
    pub(crate) fn parse(property: &str) -> Option<Self> {
        let mut words = property.strip_prefix("header:")?.split(':');
        let name = HeaderName::parse(words.next()?)?;
        let (mut form, mut all) = (Form::Raw, false);
        let mut rest = words.next();
        if let Some(known) = rest.and_then(form_named) {
            form = known;
            rest = words.next();
        }
        if rest == Some("all") {
            all = true;
            rest = words.next();
        }
        (rest.is_none() && has_form(name.as_str(), form)).then_some(Self { name, form, all })
    }

    /// Its value, of a message's fields.
    pub(crate) fn of(&self, fields: &Fields<'_>) -> Value {
        let mut found = fields.named(self.name.as_str()).map(|raw| value(raw, self.form));
        if self.all { Value::Array(found.collect()) } else { found.next_back().unwrap_or(Value::Null) }
    }
}

/// The field that a property of an `Email` stands for, its form, and whether it has a list of values (RFC 8621 §4.1.3).
pub(crate) fn form_of(property: &str) -> Option<(String, Form, bool)> {
    if let Some((name, form)) = convenient(property) {
        return Some((name.to_owned(), form, false));
    }
    Field::parse(property).map(|field| (field.name.as_str().to_owned(), field.form, field.all))
}

/// The properties that stand for a header field in a form (RFC 8621 §4.1.3).
pub(crate) const CONVENIENT: [(&str, &str, Form); 11] = [
    ("messageId", "Message-ID", Form::MessageIds),
    ("inReplyTo", "In-Reply-To", Form::MessageIds),
    ("references", "References", Form::MessageIds),
    ("sender", "Sender", Form::Addresses),
    ("from", "From", Form::Addresses),
    ("to", "To", Form::Addresses),
    ("cc", "Cc", Form::Addresses),
    ("bcc", "Bcc", Form::Addresses),
    ("replyTo", "Reply-To", Form::Addresses),
    ("subject", "Subject", Form::Text),
    ("sentAt", "Date", Form::Date),
];

/// The field and form that such a property stands for.
pub(crate) fn convenient(property: &str) -> Option<(&'static str, Form)> {
    CONVENIENT.iter().find(|(name, ..)| *name == property).map(|(_, field, form)| (*field, *form))
}

fn form_named(word: &str) -> Option<Form> {
    Some(match word {
        "asRaw" => Form::Raw,
        "asText" => Form::Text,
        "asAddresses" => Form::Addresses,
        "asGroupedAddresses" => Form::GroupedAddresses,
        "asMessageIds" => Form::MessageIds,
        "asDate" => Form::Date,
        "asURLs" => Form::Urls,
        _ => return None,
    })
}

fn has_form(name: &str, form: Form) -> bool {
    let name = name.to_ascii_lowercase();
    let is_in = |names: &[&str]| names.contains(&name.as_str());
    let known = [&ADDRESSES[..], &IDS, &DATES, &URLS, &TEXTS, &RAW].iter().any(|names| is_in(names));
    !known
        || match form {
            Form::Raw => true,
            Form::Text => is_in(&TEXTS),
            Form::Addresses | Form::GroupedAddresses => is_in(&ADDRESSES),
            Form::MessageIds => is_in(&IDS),
            Form::Date => is_in(&DATES),
            Form::Urls => is_in(&URLS),
        }
}

/// A header's fields, in its order.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a>(Vec<(&'a str, &'a [u8])>);

impl<'a> Fields<'a> {
    /// Of a header's octets. What is no field is passed over.
    pub(crate) fn of(header: &'a [u8]) -> Self {
        let mut fields = Vec::new();
        let mut rest = header;
        while !rest.is_empty() {
            let (line, behind) = rest.split_at(field_end(rest));
            rest = behind;
            let Some(colon) = line.iter().position(|octet| *octet == b':') else { continue };
            let (name, value) = line.split_at(colon);
            let Ok(name) = std::str::from_utf8(name) else { continue };
            let value = value.get(1..).unwrap_or_default();
            let value = value.strip_suffix(b"\n").unwrap_or(value);
            let value = value.strip_suffix(b"\r").unwrap_or(value);
            if !name.trim_end().is_empty() {
                fields.push((name.trim_end(), value));
            }
        }
        Self(fields)
    }

    pub(crate) fn named(&self, name: &str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.0.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The last one of a name, in a form.
    pub(crate) fn last(&self, name: &str, form: Form) -> Value {
        self.named(name).next_back().map_or(Value::Null, |raw| value(raw, form))
    }

    /// All of them as they stand (RFC 8621 §4.1.2, `headers`).
    pub(crate) fn json(&self) -> Value {
        self.0.iter().map(|(name, raw)| json!({ "name": name, "value": value(raw, Form::Raw) })).collect()
    }
}

/// Where a field ends: behind the first line end that no folded line follows (RFC 5322 §2.2.3).
fn field_end(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(end) = rest.get(at..).and_then(|tail| tail.iter().position(|octet| *octet == b'\n')) {
        at = at.saturating_add(end).saturating_add(1);
        if !matches!(rest.get(at), Some(b' ' | b'\t')) {
            return at;
        }
    }
    rest.len()
}

/// A raw value in a form.
pub(crate) fn value(raw: &[u8], form: Form) -> Value {
    let most = if form == Form::Raw { raw.len() } else { LONGEST_TEXT_SHOWN.saturating_mul(16) };
    let raw = raw.get(..most).unwrap_or(raw);
    let text = String::from_utf8_lossy(raw).replace('\0', "\u{fffd}");
    match form {
        Form::Raw => json!(text),
        Form::Text => json!(as_text(&text)),
        Form::Addresses => flat(&groups(&text)),
        Form::GroupedAddresses => Value::Array(groups(&text)),
        Form::MessageIds => message_ids(&text).map_or(Value::Null, |ids| json!(ids)),
        Form::Date => date(&text).map_or(Value::Null, |date| json!(date)),
        Form::Urls => urls(&text).map_or(Value::Null, |urls| json!(urls)),
    }
}

/// The value as a parser reads it in a field whose form it knows.
fn parsed<T>(field: &str, value: &str, then: impl FnOnce(&HeaderValue<'_>) -> T) -> Option<T> {
    let message = format!("{field}:{value}\r\n\r\n");
    let message = MessageParser::default().parse_headers(&message)?;
    message.parts.first()?.headers.first().map(|header| then(&header.value))
}

/// In one line, with its encoded words decoded (RFC 2047), in NFC as far as the sender had it.
fn as_text(raw: &str) -> String {
    let text = parsed("Subject", raw, |value| value.as_text().map(str::to_owned)).flatten();
    text.unwrap_or_default().replace(char::is_control, " ").trim().to_owned()
}

/// `[{name, addresses: [{name, email}]}]`; addresses of no group have no name before them.
fn groups(raw: &str) -> Vec<Value> {
    let one = |it: &mail_parser::Addr<'_>| {
        let name = it.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        it.address.as_deref().map(|address| json!({ "name": name, "email": address }))
    };
    let all = parsed("To", raw, |value| match value {
        HeaderValue::Address(Address::List(list)) => {
            let addresses: Vec<Value> = list.iter().take(MOST_ADDRESSES).filter_map(one).collect();
            if addresses.is_empty() { Vec::new() } else { vec![json!({ "name": null, "addresses": addresses })] }
        }
        HeaderValue::Address(Address::Group(groups)) => groups
            .iter()
            .take(MOST_ADDRESSES)
            .map(|group| {
                let addresses: Vec<Value> = group.addresses.iter().take(MOST_ADDRESSES).filter_map(one).collect();
                json!({ "name": group.name, "addresses": addresses })
            })
            .collect(),
        _ => Vec::new(),
    });
    all.unwrap_or_default()
}

fn flat(groups: &[Value]) -> Value {
    groups.iter().filter_map(|group| group.get("addresses")?.as_array()).flatten().cloned().collect()
}

/// The ids without their brackets; `None` where there is none.
pub(crate) fn message_ids(raw: &str) -> Option<Vec<String>> {
    let inner = raw.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    let ids = inner.map(|(id, _)| id.split_whitespace().collect::<String>());
    let ids = ids.filter(|id| !id.is_empty() && !id.contains(char::is_control));
    let mut ids: Vec<String> = ids.take(1000).collect();
    if ids.is_empty() && !raw.contains(['<', '>']) {
        // Old programs write ids without brackets.
        ids.extend(raw.split_whitespace().filter(|it| it.contains('@')).take(1000).map(str::to_owned));
    }
    (!ids.is_empty()).then_some(ids)
}

/// A message's own id, without its brackets; empty where it has none.
pub(crate) fn first_message_id(header: &[u8]) -> String {
    let raw = Fields::of(header).named("Message-ID").next().map(|raw| String::from_utf8_lossy(raw).into_owned());
    raw.and_then(|raw| message_ids(&raw)?.into_iter().next()).unwrap_or_default()
}

/// With the offset that the sender wrote.
fn date(raw: &str) -> Option<String> {
    Some(DateTime::parse_rfc822(raw.trim()).filter(DateTime::is_valid)?.to_rfc3339())
}

/// `<https://..>, <mailto:..>` (RFC 2369 §2), without comments.
fn urls(raw: &str) -> Option<Vec<String>> {
    let inner = raw.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    let urls: Vec<String> = inner.map(|(url, _)| url.split_whitespace().collect()).take(100).collect();
    (!urls.is_empty()).then_some(urls)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    const HEADER: &[u8] = b"From: =?ISO-8859-1?Q?Andr=E9?= <a@b.test>\r\nTo: friends: c@d.test, \"E, F\" <e@f.test>;, g@h.test\r\n\
        Subject: =?UTF-8?Q?D=C3=A9j=C3=A0?=\r\n vu\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@x>\r\n\
        References: <0@x>\r\n\t<00@x>\r\nX-A: one\r\nx-a: two\r\nList-Post: <mailto:l@x> (the list), <https://x/l>\r\nno field\r\n\r\n";

    #[test]
    fn forms() {
        let fields = Fields::of(HEADER);
        let get = |property: &str| Field::parse(property).unwrap().of(&fields);
        assert_eq!(get("header:from:asAddresses"), json!([{ "name": "André", "email": "a@b.test" }]));
        let grouped = get("header:To:asGroupedAddresses");
        assert_eq!(grouped[0]["name"], "friends");
        assert_eq!(grouped[0]["addresses"][1], json!({ "name": "E, F", "email": "e@f.test" }));
        assert_eq!(get("header:To:asAddresses").as_array().unwrap().len(), 3);
        assert_eq!(get("header:Subject:asText"), "Déjà vu");
        assert_eq!(get("header:Subject"), " =?UTF-8?Q?D=C3=A9j=C3=A0?=\r\n vu");
        assert_eq!(get("header:Date:asDate"), "2026-11-23T10:00:00+01:00");
        assert_eq!(get("header:References:asMessageIds"), json!(["0@x", "00@x"]));
        assert_eq!(get("header:X-A"), " two");
        assert_eq!(get("header:X-A:asText:all"), json!(["one", "two"]));
        assert_eq!(get("header:List-Post:asURLs"), json!(["mailto:l@x", "https://x/l"]));
        assert_eq!((get("header:Bcc:asAddresses"), get("header:Bcc:all")), (Value::Null, json!([])));
        assert_eq!(fields.json().as_array().unwrap().len(), 9);
    }

    #[test]
    fn properties_that_are_none() {
        for bad in [
            "header:",
            "header:X-A:asNothing",
            "header:X-A:all:asText",
            "header:From:asDate",
            "header:Date:asText",
            "header:Subject:asAddresses",
            "header:a b",
            "headers",
            "header:X-A:asText:all:all",
        ] {
            assert_eq!(Field::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let fields = Fields::of(&octets);
            let _ = fields.json();
            for form in [Form::Raw, Form::Text, Form::Addresses, Form::GroupedAddresses, Form::MessageIds, Form::Date, Form::Urls] {
                let _ = value(&octets, form);
            }
        }
    }
}
