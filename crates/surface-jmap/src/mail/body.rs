//! The parts of a message as clients see them (RFC 8621 §4.1.4): the tree, and what of it is to be read as text, as HTML, and what
//! hangs on it.

use super::header::{Field, Fields};
use passerelle_core::ports::MailPart;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt, num::NonZeroU32};

/// A message's structure, sorted out.
#[derive(Debug, Default)]
pub(crate) struct Body<'a> {
    pub(crate) text: Vec<&'a MailPart>,
    pub(crate) html: Vec<&'a MailPart>,
    pub(crate) attachments: Vec<&'a MailPart>,
}

/// Which of the two bodies still take what is found.
#[derive(Debug, Clone, Copy)]
struct Takes {
    text: bool,
    html: bool,
}

impl<'a> Body<'a> {
    /// By the algorithm that RFC 8621 §4.1.4 suggests, so that every server sorts alike.
    pub(crate) fn of(structure: &'a MailPart) -> Self {
        let mut body = Self::default();
        body.sort(std::slice::from_ref(structure), "mixed", false, Takes { text: true, html: true });
        body
    }

    fn sort(&mut self, parts: &'a [MailPart], multipart: &str, in_alternative: bool, mut takes: Takes) {
        let (text_before, html_before) = (self.text.len(), self.html.len());
        for (at, part) in parts.iter().enumerate() {
            if let Some(kind) = part.media_type.strip_prefix("multipart/") {
                self.sort(&part.parts, kind, in_alternative || kind == "alternative", takes);
                continue;
            }
            let is_media = is_inline_media(&part.media_type);
            let is_text = matches!(part.media_type.as_str(), "text/plain" | "text/html");
            let has_place = at == 0 || (multipart != "related" && (is_media || part.file_name.is_none()));
            let is_inline = part.disposition.as_deref() != Some("attachment") && (is_text || is_media) && has_place;
            if !is_inline {
                self.attachments.push(part);
                continue;
            }
            if multipart == "alternative" {
                match part.media_type.as_str() {
                    "text/plain" => self.text.push(part),
                    "text/html" => self.html.push(part),
                    _ => self.attachments.push(part),
                }
                continue;
            }
            if in_alternative {
                takes.html &= part.media_type != "text/plain";
                takes.text &= part.media_type != "text/html";
            }
            if takes.text {
                self.text.push(part);
            }
            if takes.html {
                self.html.push(part);
            }
            if !(takes.text && takes.html) && is_media {
                self.attachments.push(part);
            }
        }
        if multipart == "alternative" && takes.text && takes.html {
            // Where there was one of them only, it is both.
            if self.text.len() == text_before && self.html.len() != html_before {
                let found: Vec<_> = self.html.get(html_before..).unwrap_or_default().to_vec();
                self.text.extend(found);
            } else if self.html.len() == html_before && self.text.len() != text_before {
                let found: Vec<_> = self.text.get(text_before..).unwrap_or_default().to_vec();
                self.html.extend(found);
            }
        }
    }

    /// Whether a reader would say that something hangs on it: more than pictures that a text shows in itself.
    pub(crate) fn has_attachment(&self) -> bool {
        self.attachments.iter().any(|part| {
            let is_shown = part.disposition.as_deref() == Some("inline") || part.disposition.is_none();
            !(is_shown && part.content_id.is_some() && part.media_type.starts_with("image/"))
        })
    }
}

fn is_inline_media(media_type: &str) -> bool {
    ["image/", "audio/", "video/"].iter().any(|kind| media_type.starts_with(kind))
}

/// The parts of a message, each once.
pub(crate) struct Parts<'a>(Vec<&'a MailPart>);

impl<'a> Iterator for Parts<'a> {
    type Item = &'a MailPart;

    fn next(&mut self) -> Option<Self::Item> {
        let part = self.0.pop()?;
        if part.media_type.starts_with("multipart/") {
            self.0.extend(part.parts.iter().rev());
        }
        Some(part)
    }
}

impl<'a> Parts<'a> {
    pub(crate) fn of(structure: &'a MailPart) -> Self {
        Self(vec![structure])
    }
}

/// A part's number as text: `1.2`.
pub(crate) fn part_id(part: &MailPart) -> String {
    let numbers: Vec<String> = part.path.iter().map(ToString::to_string).collect();
    numbers.join(".")
}

/// The properties of parts that are told where nothing else is asked for (RFC 8621 §4.2).
pub(crate) const DEFAULT: [&str; 10] =
    ["partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location"];

/// Those that there are, beside the fields of its header.
pub(crate) const PROPERTIES: [&str; 12] = [
    "partId",
    "blobId",
    "size",
    "name",
    "type",
    "charset",
    "disposition",
    "cid",
    "language",
    "location",
    "subParts",
    "headers",
];

/// What is told of parts.
#[derive(Clone, Copy)]
pub(crate) struct Telling<'a> {
    pub(crate) properties: &'a [String],
    /// Those of them that name a field of the part's own header.
    pub(crate) fields: &'a [(String, Field)],
    /// The headers of parts by their numbers, where they are wanted.
    pub(crate) headers: &'a BTreeMap<Vec<NonZeroU32>, Vec<u8>>,
    /// The id of a part's octets.
    pub(crate) blob: &'a dyn Fn(&MailPart) -> String,
}

impl fmt::Debug for Telling<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telling")
    }
}

/// These properties of a part.
pub(crate) fn part_json(part: &MailPart, telling: Telling<'_>, deep: bool) -> Value {
    let header = telling.headers.get(&part.path).map(Vec::as_slice).unwrap_or_default();
    let fields = Fields::of(header);
    let is_multipart = part.media_type.starts_with("multipart/");
    let mut all = Map::new();
    for property in telling.properties {
        let value = match property.as_str() {
            "partId" => json!((!is_multipart).then(|| part_id(part))),
            "blobId" => json!((!is_multipart).then(|| (telling.blob)(part))),
            "size" => json!(decoded_size(part)),
            "name" => json!(part.file_name),
            "type" => json!(part.media_type),
            "charset" => json!(charset(part)),
            "disposition" => json!(part.disposition),
            "cid" => json!(part.content_id),
            "language" => json!((!part.languages.is_empty()).then_some(&part.languages)),
            "location" => json!(part.location),
            "headers" => fields.json(),
            other => match telling.fields.iter().find(|(property, _)| property == other) {
                Some((_, field)) => field.of(&fields),
                None => continue,
            },
        };
        all.insert(property.clone(), value);
    }
    if is_multipart && deep {
        let parts: Vec<Value> = part.parts.iter().map(|it| part_json(it, telling, deep)).collect();
        all.insert("subParts".to_owned(), json!(parts));
    }
    Value::Object(all)
}

/// The charset that a text has (RFC 2046 §4.1.2).
pub(crate) fn charset(part: &MailPart) -> Option<String> {
    let said = part.parameters.iter().find(|(name, _)| name == "charset").map(|(_, value)| value.clone());
    said.or_else(|| part.media_type.starts_with("text/").then(|| "us-ascii".to_owned()))
}

/// The size without the transfer encoding. IMAP tells it with: of base64 it is worked out as if its lines had 76 characters, which
/// is right for nearly all mail and close for the rest; of quoted-printable it is what the store says.
fn decoded_size(part: &MailPart) -> u64 {
    let size = part.size.unwrap_or(0);
    if part.encoding.as_deref() != Some("base64") {
        return size;
    }
    let (lines, rest) = (size / 78, size % 78);
    lines.saturating_mul(57).saturating_add(rest / 4 * 3)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn part(media_type: &str, disposition: Option<&str>, parts: Vec<MailPart>) -> MailPart {
        MailPart {
            path: Vec::new(),
            media_type: media_type.to_owned(),
            parameters: Vec::new(),
            disposition: disposition.map(str::to_owned),
            file_name: None,
            content_id: None,
            languages: Vec::new(),
            location: None,
            encoding: None,
            size: Some(10),
            parts,
        }
    }

    /// Numbers parts as IMAP does.
    fn numbered(mut it: MailPart, path: &[u32]) -> MailPart {
        it.path = path.iter().map(|number| NonZeroU32::new(*number).unwrap()).collect();
        let parts = std::mem::take(&mut it.parts);
        let below = parts.into_iter().zip(1_u32..).map(|(part, number)| numbered(part, &[path, &[number]].concat()));
        it.parts = below.collect();
        it
    }

    fn sorted(it: &MailPart) -> (Vec<String>, Vec<String>, Vec<String>) {
        let body = Body::of(it);
        let ids = |parts: &[&MailPart]| parts.iter().map(|it| part_id(it)).collect::<Vec<_>>();
        (ids(&body.text), ids(&body.html), ids(&body.attachments))
    }

    /// The example of RFC 8621 §4.1.4, with its numbers instead of its letters.
    #[test]
    fn the_example_of_the_rfc() {
        let leaf = |media_type: &str, disposition| part(media_type, disposition, Vec::new());
        let related = part(
            "multipart/related",
            None,
            vec![
                leaf("text/html", Some("inline")), // E
                leaf("image/jpeg", None),          // F
            ],
        );
        let alternative = part(
            "multipart/alternative",
            None,
            vec![
                part(
                    "multipart/mixed",
                    None,
                    vec![
                        leaf("text/plain", Some("inline")), // B
                        leaf("image/jpeg", Some("inline")), // C
                        leaf("text/plain", Some("inline")), // D
                    ],
                ),
                related,
            ],
        );
        let inner = part(
            "multipart/mixed",
            None,
            vec![
                alternative,
                leaf("image/jpeg", Some("attachment")), // G
                leaf("application/x-excel", None),      // H
                leaf("message/rfc822", None),           // J
            ],
        );
        let whole = part(
            "multipart/mixed",
            None,
            vec![leaf("text/plain", Some("inline")), inner, leaf("text/plain", Some("inline"))], // A, .., K
        );
        let whole = numbered(whole, &[]);
        let (text, html, attachments) = sorted(&whole);
        assert_eq!(text, ["1", "2.1.1.1", "2.1.1.2", "2.1.1.3", "3"]);
        assert_eq!(html, ["1", "2.1.2.1", "3"]);
        assert_eq!(attachments, ["2.1.1.2", "2.1.2.2", "2.2", "2.3", "2.4"]);
    }

    #[test]
    fn one_alternative_is_both() {
        let only = part("multipart/alternative", None, vec![part("text/html", None, Vec::new())]);
        let (text, html, attachments) = sorted(&numbered(only, &[]));
        assert_eq!((text, html, attachments.len()), (vec!["1".to_owned()], vec!["1".to_owned()], 0));
    }

    #[test]
    fn sizes_of_base64() {
        let size = |encoded: u64| {
            let it =
                MailPart { encoding: Some("base64".to_owned()), size: Some(encoded), ..part("a/b", None, Vec::new()) };
            decoded_size(&it)
        };
        assert_eq!((size(0), size(78), size(78 * 2), size(6), size(78 + 4)), (0, 57, 114, 3, 60));
    }
}
