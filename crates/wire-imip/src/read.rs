//! The iTIP object in a message (RFC 6047 §2): in a part `text/calendar`, or attached as `application/ics`, in whatever encoding and
//! charset.

use encoding_rs::Encoding;
use mail_parser::{Addr, Address as Field, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use passerelle_wire_itip::{Address, Described};
use std::borrow::Cow;

/// Largest message that is looked into, in octets.
pub const LARGEST_MAIL: usize = 16 * 1024 * 1024;
/// Largest iTIP object, in octets.
pub const LARGEST_OBJECT: usize = 1024 * 1024;
/// Most parts of a message.
const MOST_PARTS: usize = 500;

/// What a message has for a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Who it says that it is from: its one From (RFC 5322 §3.6.2). Nothing where that is missing or several, and where only a part of
    /// the message is known.
    pub from: Option<Address>,
    /// Who has sent it for them: its Sender.
    pub sender: Option<Address>,
    /// The object, as UTF-8.
    pub content: String,
    /// What it says of itself.
    pub described: Described,
}

impl Mail {
    /// Finds the object in a message, or reads it where the octets are the object itself. Of several the first counts; what a message
    /// within the message has is not looked at, since nobody knows who sent that one.
    pub fn read(octets: &[u8]) -> Option<Self> {
        if begins_as_calendar(octets) {
            let content = text_of(octets, None);
            return Some(Self { from: None, sender: None, described: Described::read(content.as_bytes())?, content });
        }
        let message = MessageParser::default().parse(octets)?;
        if message.parts.len() > MOST_PARTS {
            return None;
        }
        let (from, sender) = (one(&message, &HeaderName::From), one(&message, &HeaderName::Sender));
        let mut parts: Vec<&MessagePart<'_>> = message.parts.iter().filter(|part| kind(part).is_some()).collect();
        // What is meant for calendar programs comes before what is attached for people.
        parts.sort_by_key(|part| kind(part));
        parts.into_iter().find_map(|part| {
            let content = content(part)?;
            let described = Described::read(content.as_bytes())?;
            Some(Self { from: from.clone(), sender: sender.clone(), content, described })
        })
    }
}

/// What of a message may be an iTIP object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// `text/calendar` that says its method.
    Message,
    /// `text/calendar`.
    Calendar,
    /// What is attached as a file of a calendar.
    File,
}

fn kind(part: &MessagePart<'_>) -> Option<Kind> {
    let said = part.content_type()?;
    let is = |name: &str| said.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case(name));
    if said.ctype().eq_ignore_ascii_case("text") && is("calendar") {
        return Some(if said.attribute("method").is_some() { Kind::Message } else { Kind::Calendar });
    }
    let is_named = part.attachment_name().is_some_and(|name| name.to_ascii_lowercase().ends_with(".ics"));
    let is_file = said.ctype().eq_ignore_ascii_case("application") && (is("ics") || is("octet-stream") && is_named);
    is_file.then_some(Kind::File)
}

fn content(part: &MessagePart<'_>) -> Option<String> {
    let content = match &part.body {
        PartType::Text(text) | PartType::Html(text) => Cow::Borrowed(text.as_ref()),
        PartType::Binary(octets) | PartType::InlineBinary(octets) => {
            Cow::Owned(text_of(octets, part.content_type().and_then(|kind| kind.attribute("charset"))))
        }
        PartType::Message(_) | PartType::Multipart(_) => return None,
    };
    (content.len() <= LARGEST_OBJECT).then(|| content.trim_start_matches('\u{feff}').to_owned())
}

/// Octets of a charset; of one that is not named or not known, UTF-8 (RFC 5545 §3.1.4), and what is none of it as Windows programs write.
fn text_of(octets: &[u8], charset: Option<&str>) -> String {
    let named = charset.and_then(|name| Encoding::for_label(name.trim().as_bytes()));
    let (text, _, is_wrong) = named.unwrap_or(encoding_rs::UTF_8).decode(octets);
    if is_wrong && named.is_none() {
        return encoding_rs::WINDOWS_1252.decode(octets).0.into_owned();
    }
    text.into_owned()
}

fn begins_as_calendar(octets: &[u8]) -> bool {
    const BEGIN: &[u8] = b"BEGIN:VCALENDAR";
    let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets).trim_ascii_start();
    octets.get(..BEGIN.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(BEGIN)) && octets.len() <= LARGEST_OBJECT
}

/// The one mailbox of a header field that is there once: of two, programs and people see different ones.
fn one(message: &Message<'_>, name: &HeaderName<'_>) -> Option<Address> {
    let mut fields = message.headers().iter().filter(|field| field.name == *name);
    let (Some(field), None) = (fields.next(), fields.next()) else { return None };
    let Field::List(list) = field.value.as_address()? else { return None };
    let [Addr { address: Some(address), .. }] = list.as_slice() else { return None };
    Some(Address::of_mail(address))
}
