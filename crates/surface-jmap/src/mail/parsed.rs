//! A message that lies in a blob and that no store tells the parts of: attached to another, or uploaded (RFC 8621 §4.9).

use super::decoding::Decoder;
use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use passerelle_core::ports::MailPart;
use std::{collections::BTreeMap, num::NonZeroU32, ops::Range};

/// Largest message that is taken apart here, in octets: it is held in memory.
pub(crate) const LARGEST_PARSED: usize = 16 * 1024 * 1024;
/// Most parts of one.
const MOST_PARTS: usize = 500;
/// Deepest parts in parts.
const DEEPEST: usize = 12;

/// A message taken apart. The number of a part is its place in the order of parts, multiparts among them, from 1.
pub(crate) struct Parsed {
    octets: Vec<u8>,
    pub(crate) structure: MailPart,
    /// Where the parts lie: header and body.
    places: Vec<(Range<usize>, Range<usize>, Encoding)>,
}

impl std::fmt::Debug for Parsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Parsed({} octets)", self.octets.len())
    }
}

impl Parsed {
    /// `None` for what is no message, or has more parts than anybody reads.
    pub(crate) fn of(octets: Vec<u8>) -> Option<Self> {
        let (structure, places) = {
            let message = MessageParser::default().parse(&octets)?;
            if message.parts.len() > MOST_PARTS {
                return None;
            }
            let places: Vec<_> = message.parts.iter().map(place).collect();
            (tree(&message, 0, &octets, &places, DEEPEST)?, places)
        };
        Some(Self { octets, structure, places })
    }

    pub(crate) fn len(&self) -> usize {
        self.octets.len()
    }

    /// The message's own header.
    pub(crate) fn header(&self) -> &[u8] {
        self.places.first().and_then(|(header, ..)| self.octets.get(header.clone())).unwrap_or_default()
    }

    /// The headers of all parts.
    pub(crate) fn headers(&self) -> BTreeMap<Vec<NonZeroU32>, Vec<u8>> {
        let header = |range: &Range<usize>| self.octets.get(range.clone()).unwrap_or_default().to_vec();
        let all = self.places.iter().enumerate();
        all.filter_map(|(at, (place, ..))| Some((vec![number(at)?], header(place)))).collect()
    }

    /// The octets of a part, without their transfer encoding.
    pub(crate) fn part(&self, number: NonZeroU32) -> Option<Vec<u8>> {
        let at = usize::try_from(number.get()).ok()?.checked_sub(1)?;
        let (_, body, encoding) = self.places.get(at)?;
        Some(decoded(self.octets.get(body.clone())?, *encoding))
    }

    /// What a part is.
    pub(crate) fn kind(&self, number: NonZeroU32) -> Option<&MailPart> {
        super::Parts::of(&self.structure).find(|part| part.path == [number])
    }
}

fn number(at: usize) -> Option<NonZeroU32> {
    NonZeroU32::new(u32::try_from(at).ok()?.checked_add(1)?)
}

fn place(part: &MessagePart<'_>) -> (Range<usize>, Range<usize>, Encoding) {
    let offset = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    let (header, body, end) = (offset(part.offset_header), offset(part.offset_body), offset(part.offset_end));
    (header..body, body..end, part.encoding)
}

fn decoded(octets: &[u8], encoding: Encoding) -> Vec<u8> {
    let name = match encoding {
        Encoding::None => None,
        Encoding::QuotedPrintable => Some("quoted-printable"),
        Encoding::Base64 => Some("base64"),
    };
    let mut decoder = Decoder::of(name);
    let mut all = decoder.push(octets);
    all.extend(decoder.end());
    all
}

fn tree(
    message: &Message<'_>,
    at: usize,
    octets: &[u8],
    places: &[(Range<usize>, Range<usize>, Encoding)],
    depth: usize,
) -> Option<MailPart> {
    let depth = depth.checked_sub(1)?;
    let part = message.parts.get(at)?;
    let below = match &part.body {
        PartType::Multipart(ids) => ids.as_slice(),
        PartType::Text(_)
        | PartType::Html(_)
        | PartType::Binary(_)
        | PartType::InlineBinary(_)
        | PartType::Message(_) => &[],
    };
    let is_multipart = matches!(part.body, PartType::Multipart(_));
    let parts = below.iter().map(|id| {
        let id = usize::try_from(*id).ok().filter(|id| *id > at)?;
        tree(message, id, octets, places, depth)
    });
    let kind = part.content_type();
    let said = kind.map(|it| format!("{}/{}", it.c_type, it.c_subtype.as_deref().unwrap_or("octet-stream")));
    // RFC 2046 §5.1.5: in a digest parts are messages where they say nothing.
    let implied = if matches!(part.body, PartType::Message(_)) { "message/rfc822" } else { "text/plain" };
    let media_type = said.map_or_else(|| implied.to_owned(), |it| it.to_ascii_lowercase());
    // What says that it is a multipart, and is none, has no parts to be told.
    let media_type = if is_multipart == media_type.starts_with("multipart/") {
        media_type
    } else if is_multipart {
        "multipart/mixed".to_owned()
    } else {
        "application/octet-stream".to_owned()
    };
    let parameters = kind.and_then(|it| it.attributes.as_deref()).unwrap_or_default();
    let language = part.content_language().as_text_list().unwrap_or_default();
    let size = places.get(at).and_then(|(_, body, encoding)| Some(decoded(octets.get(body.clone())?, *encoding).len()));
    Some(MailPart {
        path: vec![number(at)?],
        media_type,
        parameters: parameters.iter().map(|it| (it.name.to_ascii_lowercase(), it.value.to_string())).collect(),
        disposition: part.content_disposition().map(|it| it.c_type.to_ascii_lowercase()),
        file_name: part.attachment_name().map(str::to_owned),
        content_id: part.content_id().map(str::to_owned),
        languages: language.iter().map(ToString::to_string).collect(),
        location: part.content_location().map(str::to_owned),
        encoding: None,
        size: (!is_multipart).then(|| size.and_then(|it| u64::try_from(it).ok()).unwrap_or(0)),
        parts: parts.collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    const MIXED: &[u8] =
        b"Subject: one\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nX-Own: here\r\n\r\ntext\r\n--x\r\n\
        Content-Type: application/pdf; name=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--x\r\n\
        Content-Type: message/rfc822\r\n\r\nSubject: two\r\n\r\ninner\r\n--x--\r\n";

    #[test]
    fn parts_are_where_they_are() {
        let parsed = Parsed::of(MIXED.to_vec()).unwrap();
        let parts: Vec<_> = parsed.structure.parts.iter().map(|it| (it.media_type.as_str(), it.size)).collect();
        assert_eq!(parts, [("text/plain", Some(4)), ("application/pdf", Some(3)), ("message/rfc822", Some(21))]);
        let part = |at: u32| parsed.part(NonZeroU32::new(at).unwrap());
        assert_eq!(part(3), Some(vec![0, 1, 2]));
        assert_eq!(part(4).unwrap(), b"Subject: two\r\n\r\ninner");
        assert_eq!(part(9), None);
        assert!(parsed.header().starts_with(b"Subject: one\r\n"));
        let headers = parsed.headers();
        assert!(headers.get([NonZeroU32::new(2).unwrap()].as_slice()).unwrap().starts_with(b"X-Own: here"));
        let inner = Parsed::of(part(4).unwrap()).unwrap();
        assert_eq!((inner.structure.media_type.as_str(), inner.header()), ("text/plain", &b"Subject: two\r\n\r\n"[..]));
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..300), cut in 0_usize..300) {
            for octets in [octets.clone(), [MIXED.get(..cut.min(MIXED.len())).unwrap_or_default(), &octets].concat()] {
                if let Some(parsed) = Parsed::of(octets) {
                    let _ = (parsed.headers(), parsed.part(NonZeroU32::MIN), parsed.header().len());
                }
            }
        }
    }
}
