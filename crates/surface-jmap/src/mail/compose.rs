//! A message that a client makes (RFC 8621 §4.6), written so that its size is known before its first octet is sent: texts are
//! encoded here, and what is attached goes from the store to the store as it lies there, in its own transfer encoding.

use super::{
    fields::{field, line, plain},
    header::form_of,
};
use mail_builder::{
    headers::{Header, content_type::ContentType},
    mime::MimePart,
};
use mail_parser::DateTime;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Most properties of a message, its fields among them.
const MOST_PROPERTIES: usize = 300;
/// Most parts of a message, and how deep they lie.
const MOST_PARTS: usize = 500;
const DEEPEST: usize = 12;

/// Why a message cannot be made: a property, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) property: String,
    pub(crate) why: &'static str,
}

pub(super) fn wrong(property: impl Into<String>, why: &'static str) -> Wrong {
    Wrong { property: property.into(), why }
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// These octets.
    Octets(Vec<u8>),
    /// The content of this blob as the store has it, behind the fields of its part, which end with its transfer encoding.
    Blob(String),
}

/// A message in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Composed {
    pub(crate) pieces: Vec<Piece>,
    /// Its message id, without brackets.
    pub(crate) message_id: String,
}

impl Composed {
    fn put(&mut self, octets: &[u8]) {
        match self.pieces.last_mut() {
            Some(Piece::Octets(last)) => last.extend_from_slice(octets),
            _ => self.pieces.push(Piece::Octets(octets.to_vec())),
        }
    }
}

/// What a message is made of that its client does not say.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// For Message-ID and boundaries: nobody has it twice.
    pub(crate) unique: String,
    /// The domain of who writes.
    pub(crate) domain: String,
    /// Now.
    pub(crate) now: i64,
}

/// Properties that say nothing of what the message is.
const OF_THE_STORE: [&str; 4] = ["mailboxIds", "keywords", "receivedAt", "id"];
/// Properties that say what is in it.
const OF_THE_BODY: [&str; 5] = ["bodyStructure", "bodyValues", "textBody", "htmlBody", "attachments"];
/// Properties that follow from it.
const FOLLOWS: [&str; 5] = ["blobId", "threadId", "size", "hasAttachment", "preview"];

/// Writes a message of an `Email` object.
pub(crate) fn compose(email: &Map<String, Value>, given: &Given) -> Result<Composed, Wrong> {
    let mut composed = Composed::default();
    let mut header = Vec::new();
    if email.len() > MOST_PROPERTIES {
        return Err(wrong("header", "there are too many fields"));
    }
    let mut named: HashSet<String> = HashSet::new();
    for (property, value) in email {
        if OF_THE_STORE.contains(&property.as_str()) || OF_THE_BODY.contains(&property.as_str()) {
            continue;
        }
        if FOLLOWS.contains(&property.as_str()) {
            return Err(wrong(property, "it follows from the message"));
        }
        let Some((name, form, all)) = form_of(property) else {
            return Err(wrong(property, "there is no such property"));
        };
        let lower = name.to_ascii_lowercase();
        if lower.starts_with("content-") || lower == "mime-version" {
            return Err(wrong(property, "it belongs to a part"));
        }
        if value.is_null() {
            continue;
        }
        if !named.insert(lower) {
            return Err(wrong(property, "this field is given twice"));
        }
        let values = match (all, value) {
            (true, Value::Array(values)) => values.as_slice(),
            (true, _) => return Err(wrong(property, "it has a list of values")),
            (false, value) => std::slice::from_ref(value),
        };
        for value in values {
            field(&mut header, property, &name, form, value)?;
        }
        if property == "messageId" {
            composed.message_id = value.get(0).and_then(Value::as_str).unwrap_or_default().to_owned();
        }
    }
    if !named.contains("date") {
        line(&mut header, "Date", DateTime::from_timestamp(given.now).to_rfc822().as_bytes());
    }
    if !named.contains("message-id") {
        composed.message_id = format!("{}@{}", given.unique, given.domain);
        line(&mut header, "Message-ID", format!("<{}>", composed.message_id).as_bytes());
    }
    line(&mut header, "MIME-Version", b"1.0");
    composed.put(&header);
    let part = body(email)?;
    let mut writer = Writer { composed, left: MOST_PARTS, unique: given.unique.clone(), count: 0 };
    writer.part(&part, DEEPEST)?;
    Ok(writer.composed)
}

/// A part that is to be written.
#[derive(Debug)]
enum Part<'a> {
    Text { facts: &'a Map<String, Value>, media_type: &'a str, text: &'a str },
    Blob { facts: &'a Map<String, Value>, media_type: String, blob: &'a str },
    Multi { subtype: String, parts: Vec<Part<'a>> },
}

static NO_FACTS: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

/// The parts that a client describes: as a tree, or as a text, an HTML text, and what is attached.
fn body(email: &Map<String, Value>) -> Result<Part<'_>, Wrong> {
    let values = email.get("bodyValues");
    if let Some(tree) = email.get("bodyStructure").filter(|it| !it.is_null()) {
        if let Some(other) = ["textBody", "htmlBody", "attachments"].into_iter().find(|it| email.contains_key(*it)) {
            return Err(wrong(other, "bodyStructure says it already"));
        }
        return described("bodyStructure", tree, values, DEEPEST);
    }
    let one = |property: &'static str, media_type: &str| -> Result<Option<Part<'_>>, Wrong> {
        let Some(parts) = email.get(property).filter(|it| !it.is_null()) else { return Ok(None) };
        let parts = parts.as_array().ok_or_else(|| wrong(property, "it is a list of one part"))?;
        let part = match parts.as_slice() {
            [] => return Ok(None),
            [part] => part,
            _ => return Err(wrong(property, "it is a list of one part")),
        };
        let said = part.get("type").and_then(Value::as_str).unwrap_or(media_type);
        if said != media_type {
            return Err(wrong(property, "its type is not that of this body"));
        }
        described(property, part, values, 1).map(|part| match part {
            Part::Text { facts, text, .. } => Some(Part::Text {
                facts,
                media_type: if property == "htmlBody" { "text/html" } else { "text/plain" },
                text,
            }),
            other => Some(other),
        })
    };
    let (text, html) = (one("textBody", "text/plain")?, one("htmlBody", "text/html")?);
    let (mut shown, mut attached) = (Vec::new(), Vec::new());
    let attachments = email.get("attachments").filter(|it| !it.is_null());
    if let Some(attachments) = attachments {
        let all = attachments.as_array().ok_or_else(|| wrong("attachments", "it is a list of parts"))?;
        for part in all {
            let said = |name: &str| part.get(name).and_then(Value::as_str);
            let is_shown = html.is_some() && said("cid").is_some() && said("disposition") == Some("inline");
            let part = described("attachments", part, values, 1)?;
            if is_shown { shown.push(part) } else { attached.push(part) }
        }
    }
    let html = html.map(|html| with(html, shown, "related"));
    let inner = match (text, html) {
        (Some(text), Some(html)) => with(text, vec![html], "alternative"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => Part::Text { facts: &NO_FACTS, media_type: "text/plain", text: "" },
    };
    Ok(with(inner, attached, "mixed"))
}

/// A part with others beside it, if there are any.
fn with<'a>(first: Part<'a>, others: Vec<Part<'a>>, subtype: &str) -> Part<'a> {
    if others.is_empty() {
        return first;
    }
    let parts = std::iter::once(first).chain(others).collect();
    Part::Multi { subtype: subtype.to_owned(), parts }
}

fn described<'a>(property: &str, part: &'a Value, values: Option<&'a Value>, depth: usize) -> Result<Part<'a>, Wrong> {
    let unlike = |why| wrong(property, why);
    let facts = part.as_object().ok_or_else(|| unlike("a part is an object"))?;
    let said = |name: &str| facts.get(name).and_then(Value::as_str);
    let media_type = said("type");
    if media_type.is_some_and(|it| !is_media_type(it)) {
        return Err(unlike("this is no media type"));
    }
    let is_multipart = media_type.is_some_and(|it| it.to_ascii_lowercase().starts_with("multipart/"));
    if is_multipart && !facts.contains_key("subParts") {
        return Err(unlike("a multipart has parts"));
    }
    if let Some(parts) = facts.get("subParts").filter(|it| !it.is_null()) {
        let depth = depth.checked_sub(1).ok_or_else(|| unlike("the parts lie too deep"))?;
        let subtype = media_type.unwrap_or("multipart/mixed").strip_prefix("multipart/");
        let subtype = subtype.ok_or_else(|| unlike("what has parts is a multipart"))?;
        let parts = parts.as_array().filter(|it| !it.is_empty()).ok_or_else(|| unlike("a multipart has parts"))?;
        let parts: Result<Vec<_>, _> = parts.iter().map(|it| described(property, it, values, depth)).collect();
        return Ok(Part::Multi { subtype: subtype.to_owned(), parts: parts? });
    }
    match (said("partId"), said("blobId")) {
        (Some(id), None) => {
            let media_type = media_type.unwrap_or("text/plain");
            if !media_type.starts_with("text/") {
                return Err(unlike("a value of bodyValues is a text"));
            }
            if facts.contains_key("charset") || facts.contains_key("size") {
                return Err(unlike("the charset and the size of a value follow"));
            }
            let value =
                values.and_then(|it| it.get(id)).ok_or_else(|| wrong("bodyValues", "a part's value is missing"))?;
            if ["isEncodingProblem", "isTruncated"].iter().any(|it| value.get(*it) == Some(&Value::Bool(true))) {
                return Err(wrong("bodyValues", "a value that is wrong or cut cannot be sent"));
            }
            let text = value.get("value").and_then(Value::as_str);
            Ok(Part::Text { facts, media_type, text: text.ok_or_else(|| wrong("bodyValues", "a value is a text"))? })
        }
        (None, Some(blob)) => {
            let media_type = media_type.unwrap_or("application/octet-stream").to_owned();
            Ok(Part::Blob { facts, media_type, blob })
        }
        _ => Err(unlike("a part has a partId, or a blobId, or parts")),
    }
}

/// `type "/" subtype` of tokens (RFC 2045 §5.1), no multipart without parts.
fn is_media_type(text: &str) -> bool {
    let is_token =
        |it: &str| !it.is_empty() && it.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c));
    text.len() <= 200 && text.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
}

struct Writer {
    composed: Composed,
    left: usize,
    unique: String,
    count: u32,
}

impl Writer {
    fn part(&mut self, part: &Part<'_>, depth: usize) -> Result<(), Wrong> {
        let many = || wrong("bodyStructure", "there are too many parts");
        self.left = self.left.checked_sub(1).ok_or_else(many)?;
        match part {
            Part::Text { facts, media_type, text } => {
                let mut out = Vec::new();
                self.fields(&mut out, facts, None)?;
                let text = text.replace("\r\n", "\n").replace('\0', "\u{fffd}").replace('\n', "\r\n");
                let kind = ContentType::new(*media_type).attribute("charset", "utf-8");
                MimePart::new(kind, text).write_part(&mut out);
                self.composed.put(&out);
            }
            Part::Blob { facts, media_type, blob } => {
                let mut out = Vec::new();
                self.fields(&mut out, facts, Some(media_type))?;
                self.composed.put(&out);
                self.composed.pieces.push(Piece::Blob((*blob).to_owned()));
            }
            Part::Multi { subtype, parts } => {
                let depth = depth.checked_sub(1).ok_or_else(many)?;
                self.count = self.count.saturating_add(1);
                let boundary = format!("={}-{}", self.unique, self.count);
                let kind = format!("Content-Type: multipart/{subtype};\r\n boundary=\"{boundary}\"\r\n\r\n");
                self.composed.put(kind.as_bytes());
                for part in parts {
                    self.composed.put(format!("--{boundary}\r\n").as_bytes());
                    self.part(part, depth)?;
                    self.composed.put(b"\r\n");
                }
                self.composed.put(format!("--{boundary}--\r\n").as_bytes());
            }
        }
        Ok(())
    }

    /// The fields of a part (RFC 2183, RFC 2392), the transfer encoding excepted.
    fn fields(&self, out: &mut Vec<u8>, facts: &Map<String, Value>, media_type: Option<&str>) -> Result<(), Wrong> {
        let said = |name: &str| facts.get(name).and_then(Value::as_str);
        let name = said("name").map(plain);
        if let Some(media_type) = media_type {
            let mut kind = ContentType::new(media_type);
            if let Some(charset) = said("charset").map(plain).filter(|_| media_type.starts_with("text/")) {
                kind = kind.attribute("charset", charset);
            }
            if let Some(name) = &name {
                kind = kind.attribute("name", name.clone());
            }
            out.extend_from_slice(b"Content-Type: ");
            kind.write_header(out, 14);
        }
        let disposition = said("disposition").or_else(|| media_type.map(|_| "attachment"));
        if let Some(disposition) = disposition {
            if !disposition.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') || disposition.is_empty() {
                return Err(wrong("bodyStructure", "this is no disposition"));
            }
            let mut it = ContentType::new(disposition.to_owned());
            if let Some(name) = name {
                it = it.attribute("filename", name);
            }
            out.extend_from_slice(b"Content-Disposition: ");
            it.write_header(out, 21);
        }
        if let Some(cid) = said("cid") {
            if cid.is_empty() || cid.contains(|c: char| c.is_control() || c == ' ' || c == '<' || c == '>') {
                return Err(wrong("bodyStructure", "this is no content id"));
            }
            line(out, "Content-ID", format!("<{cid}>").as_bytes());
        }
        if let Some(location) = said("location") {
            line(out, "Content-Location", plain(location).as_bytes());
        }
        if let Some(languages) = facts.get("language").and_then(Value::as_array) {
            let all: Vec<String> = languages.iter().filter_map(Value::as_str).map(plain).collect();
            line(out, "Content-Language", all.join(", ").as_bytes());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use mail_parser::{MessageParser, MimeHeaders};
    use serde_json::json;

    fn made(email: &Value) -> Result<Composed, Wrong> {
        let given = Given { unique: "0abc".to_owned(), domain: "a.test".to_owned(), now: 1_795_424_400 };
        compose(email.as_object().unwrap(), &given)
    }

    /// The message with this in the place of each blob.
    fn whole(composed: &Composed, blob: &str) -> String {
        let text = composed.pieces.iter().map(|piece| match piece {
            Piece::Octets(octets) => String::from_utf8(octets.clone()).unwrap(),
            Piece::Blob(_) => format!("Content-Transfer-Encoding: base64\r\n\r\n{blob}"),
        });
        text.collect()
    }

    #[test]
    fn a_letter_with_all_that_there_is() {
        let email = json!({
            "mailboxIds": { "F": true },
            "from": [{ "name": "André \"Dédé\" Dupont", "email": "a@a.test" }],
            "to": [{ "email": "b@b.test" }, { "name": null, "email": "c@c.test" }],
            "subject": "Réunion de demain\r\nBcc: evil@x",
            "references": ["1@x", "2@x"],
            "header:X-Long:asText": "word ".repeat(60),
            "header:List-Post:asURLs": ["mailto:l@x"],
            "sentAt": "2026-11-23T10:00:00+01:00",
            "bodyValues": { "t": { "value": "Bonjour à tous\n.\nFrom x" }, "h": { "value": "<p>é</p>" } },
            "textBody": [{ "partId": "t", "type": "text/plain" }],
            "htmlBody": [{ "partId": "h", "type": "text/html" }],
            "attachments": [
                { "blobId": "G1", "type": "image/png", "cid": "i@x", "disposition": "inline", "name": "é.png" },
                { "blobId": "G2", "type": "application/pdf", "name": "a\"b.pdf" },
            ],
        });
        let composed = made(&email).unwrap();
        assert_eq!(composed.message_id, "0abc@a.test");
        let text = whole(&composed, "w6k=\r\n");
        assert!(text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])), "{text}");
        assert!(text.split_once("\r\n\r\n").unwrap().0.is_ascii(), "{text}");
        let message = MessageParser::default().parse(&text).unwrap();
        assert_eq!(message.subject(), Some("Réunion de demain  Bcc: evil@x"));
        assert!(message.bcc().is_none());
        assert_eq!(message.from().unwrap().first().unwrap().name(), Some("André \"Dédé\" Dupont"));
        assert_eq!(message.to().unwrap().iter().count(), 2);
        assert_eq!(message.references().as_text_list().unwrap().len(), 2);
        assert_eq!(message.date().unwrap().to_rfc3339(), "2026-11-23T10:00:00+01:00");
        assert_eq!(message.body_text(0).unwrap(), "Bonjour à tous\r\n.\r\nFrom x");
        assert_eq!(message.body_html(0).unwrap(), "<p>é</p>");
        let kinds: Vec<_> = message
            .parts
            .iter()
            .map(|it| it.content_type().map(|it| it.subtype().unwrap_or_default().to_owned()))
            .collect();
        let kinds: Vec<_> = kinds.into_iter().flatten().collect();
        assert_eq!(kinds, ["mixed", "alternative", "plain", "related", "html", "png", "pdf"]);
        let names: Vec<_> = message.parts.iter().filter_map(|it| it.attachment_name()).collect();
        assert_eq!(names, ["é.png", "a\"b.pdf"]);
    }

    #[test]
    fn what_cannot_be_made() {
        for (email, property) in [
            (json!({ "from": [{ "email": "a@b>\r\nBcc: c@d" }] }), "from"),
            (json!({ "from": "a@b" }), "from"),
            (json!({ "header:X-A": " x\r\nBcc: evil@x" }), "header:X-A"),
            (json!({ "header:X-A": " x\r\n\r\nbody" }), "header:X-A"),
            (json!({ "header:Subject:asText": "x", "subject": "y" }), "subject"),
            (json!({ "header:Content-Type": "text/html" }), "header:Content-Type"),
            (json!({ "messageId": ["a b"] }), "messageId"),
            (json!({ "sentAt": "tomorrow" }), "sentAt"),
            (json!({ "size": 3 }), "size"),
            (json!({ "nothing": 3 }), "nothing"),
            (json!({ "textBody": [{ "partId": "1" }] }), "bodyValues"),
            (json!({ "textBody": [{ "partId": "1", "type": "text/html" }] }), "textBody"),
            (json!({ "attachments": [{ "blobId": "G", "type": "a\r\nb/c" }] }), "attachments"),
            (json!({ "attachments": [{ "blobId": "G", "disposition": "a\r\nb" }] }), "bodyStructure"),
            (json!({ "attachments": [{ "blobId": "G", "type": "Multipart/mixed" }] }), "attachments"),
            (json!({ "attachments": [{ "blobId": "G", "cid": "a>\r\nb" }] }), "bodyStructure"),
            (json!({ "bodyStructure": { "type": "multipart/mixed", "subParts": [] } }), "bodyStructure"),
            (json!({ "bodyStructure": {} }), "bodyStructure"),
        ] {
            assert_eq!(made(&email).unwrap_err().property, property, "{email}");
        }
        let mut deep = json!({ "partId": "1" });
        for _ in 0..30 {
            deep = json!({ "type": "multipart/mixed", "subParts": [deep] });
        }
        assert!(made(&json!({ "bodyStructure": deep, "bodyValues": { "1": { "value": "" } } })).is_err());
    }
}
