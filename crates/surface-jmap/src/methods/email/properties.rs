//! What of a message a client wants (RFC 8621 §4.1, §4.2), and what the store has to be asked for it.

use crate::{
    error::MethodError,
    mail::{CONVENIENT, Field, PART_DEFAULT, PART_PROPERTIES, ROOT_FIELDS},
};
use passerelle_core::ports::{HeaderName, Item, Items};
use std::collections::HashSet;

/// The properties that are told where a client names none (RFC 8621 §4.2).
const DEFAULT: [&str; 25] = [
    "id",
    "blobId",
    "threadId",
    "mailboxIds",
    "keywords",
    "size",
    "receivedAt",
    "messageId",
    "inReplyTo",
    "references",
    "sender",
    "from",
    "to",
    "cc",
    "bcc",
    "replyTo",
    "subject",
    "sentAt",
    "hasAttachment",
    "preview",
    "bodyValues",
    "textBody",
    "htmlBody",
    "attachments",
    "bodyStructure",
];

/// Most properties that are asked for at once.
const MOST_PROPERTIES: usize = 100;

/// What is wanted.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The properties, `id` first.
    pub(super) properties: Vec<String>,
    /// Those of them that name a field.
    pub(super) fields: Vec<(String, Field)>,
    /// The properties of parts.
    pub(super) of_parts: Vec<String>,
    /// Those of them that name a field of a part's own header.
    pub(super) fields_of_parts: Vec<(String, Field)>,
}

impl Wanted {
    pub(super) fn of(properties: Option<Vec<String>>, of_parts: Option<Vec<String>>) -> Result<Self, MethodError> {
        let mut wanted = match properties {
            // The tree is for those who ask for it: the three lists say all of it.
            None => DEFAULT.iter().filter(|it| **it != "bodyStructure").map(|it| (*it).to_owned()).collect(),
            Some(properties) => properties,
        };
        let names: HashSet<String> = wanted.iter().map(|it| it.to_ascii_lowercase()).collect();
        if names.len() > MOST_PROPERTIES || wanted.len() > names.len() {
            return Err(MethodError::invalid("there are too many properties, or one of them twice"));
        }
        let mut fields = Vec::new();
        for property in &wanted {
            if property.starts_with("header:") {
                let field = Field::parse(property);
                let field = field.ok_or_else(|| MethodError::invalid(format!("there is no property {property}")))?;
                fields.push((property.clone(), field));
            } else if property != "headers" && !DEFAULT.contains(&property.as_str()) {
                return Err(MethodError::invalid(format!("there is no property {property}")));
            }
        }
        let of_parts = of_parts.unwrap_or_else(|| PART_DEFAULT.iter().map(|it| (*it).to_owned()).collect());
        let names: HashSet<&String> = of_parts.iter().collect();
        if of_parts.len() > names.len() || of_parts.len() > MOST_PROPERTIES {
            return Err(MethodError::invalid("there are too many properties of parts, or one of them twice"));
        }
        let mut fields_of_parts = Vec::new();
        for property in of_parts.iter().filter(|it| !PART_PROPERTIES.contains(&it.as_str())) {
            let field = Field::parse(property);
            let unknown = || MethodError::invalid(format!("parts have no property {property}"));
            fields_of_parts.push((property.clone(), field.ok_or_else(unknown)?));
        }
        wanted.retain(|it| it != "id");
        wanted.insert(0, "id".to_owned());
        Ok(Self { properties: wanted, fields, of_parts, fields_of_parts })
    }

    pub(super) fn has(&self, property: &str) -> bool {
        self.properties.iter().any(|it| it == property)
    }

    /// Whether the headers of parts are to be read.
    pub(super) fn has_headers_of_parts(&self) -> bool {
        let tells_parts = self.has_any(&["bodyStructure", "textBody", "htmlBody", "attachments"]);
        tells_parts && (!self.fields_of_parts.is_empty() || self.of_parts.iter().any(|it| it == "headers"))
    }

    fn has_any(&self, properties: &[&str]) -> bool {
        properties.iter().any(|it| self.has(it))
    }

    /// What the store is asked for of each message; the first words of it only where the store has them.
    pub(super) fn items(&self, has_previews: bool) -> Items {
        let mut items = Vec::new();
        let wants = [("keywords", Item::Flags), ("size", Item::Size), ("receivedAt", Item::Received)];
        items.extend(wants.into_iter().filter(|(property, _)| self.has(property)).map(|(_, item)| item));
        let asks_preview = self.has("preview") && has_previews;
        if asks_preview {
            items.push(Item::Preview);
        }
        let others = ["bodyStructure", "textBody", "htmlBody", "attachments", "hasAttachment", "bodyValues"];
        if self.has_any(&others) || (self.has("preview") && !has_previews) {
            items.push(Item::Structure);
        }
        let mut names: Vec<&str> = Vec::new();
        if !self.has("headers") {
            names.extend(CONVENIENT.iter().filter(|(property, ..)| self.has(property)).map(|(_, field, _)| *field));
            names.extend(self.fields.iter().map(|(_, field)| field.name.as_str()));
            if self.has("threadId") {
                names.extend(ROOT_FIELDS);
            }
        }
        let mut headers: Vec<HeaderName> = Vec::new();
        for name in names {
            if !headers.iter().any(|it| it.as_str().eq_ignore_ascii_case(name)) {
                headers.extend(HeaderName::parse(name));
            }
        }
        Items { items, headers }
    }
}
