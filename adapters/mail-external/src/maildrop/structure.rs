//! The parts of a message (RFC 9051 §7.5.2): its structure, its envelope, and the octets of a section. MIME is read by
//! `mail-parser`; what it reads was written by strangers, so nothing here depends on its being sensible.

use mail_parser::{Address, ContentType, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use passerelle_wire_imap::string;

/// Deepest messages within messages and multiparts within multiparts that are shown.
const DEEPEST: usize = 12;
/// Most addresses of one header field that are told.
const MOST_ADDRESSES: usize = 500;

/// What of a part is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// All of it; of a part, what stands behind its header.
    Whole,
    /// The header of a message.
    Header,
    /// Some fields of it, in capitals, or all but those.
    Fields(Vec<String>, bool),
    /// The text of a message.
    Text,
    /// The header of a part.
    Mime,
}

/// Header, with the empty line that ends it, and text.
pub(crate) fn split(message: &[u8]) -> (&[u8], &[u8]) {
    if message.starts_with(b"\r\n") {
        return message.split_at_checked(2).unwrap_or_default();
    }
    let end = memchr::memmem::find(message, b"\r\n\r\n").map_or(message.len(), |at| at.saturating_add(4));
    message.split_at_checked(end).unwrap_or_default()
}

/// The fields of a header that are named, or all others, and an empty line (RFC 9051 §6.4.5).
pub(crate) fn fields(header: &[u8], names: &[String], others: bool) -> Vec<u8> {
    let (mut out, mut passes) = (Vec::new(), false);
    for line in header.split_inclusive(|octet| *octet == b'\n') {
        if line == b"\r\n" || line == b"\n" {
            break;
        }
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            let name = line.split(|octet| *octet == b':').next().unwrap_or_default().trim_ascii();
            passes = names.iter().any(|it| name.eq_ignore_ascii_case(it.as_bytes())) != others;
        }
        if passes {
            out.extend_from_slice(line);
        }
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// A field's first value, unfolded.
pub(crate) fn value(header: &[u8], name: &str) -> Option<Vec<u8>> {
    let field = fields(header, &[name.to_ascii_uppercase()], false);
    let mut lines = field.split_inclusive(|octet| *octet == b'\n').filter(|line| *line != b"\r\n");
    let first = lines.next()?;
    let mut value = first.get(first.iter().position(|octet| *octet == b':')?.saturating_add(1)..)?.to_vec();
    for line in lines.take_while(|line| line.starts_with(b" ") || line.starts_with(b"\t")) {
        value.extend_from_slice(line);
    }
    value.retain(|octet| !matches!(octet, b'\r' | b'\n' | 0));
    Some(value.trim_ascii().to_vec())
}

/// The octets of a section; `None` when there is no such part.
pub(crate) fn section(message: &[u8], path: &[u32], what: &What) -> Option<Vec<u8>> {
    if path.is_empty() {
        let (header, text) = split(message);
        return match what {
            What::Whole => Some(message.to_vec()),
            What::Header => Some(header.to_vec()),
            What::Fields(names, others) => Some(fields(header, names, *others)),
            What::Text => Some(text.to_vec()),
            What::Mime => None,
        };
    }
    let (header, body, is_message) = part(message, path, 0)?;
    match what {
        What::Whole => Some(body.to_vec()),
        What::Mime => Some(header.to_vec()),
        What::Header | What::Fields(..) | What::Text if is_message => section(body, &[], what),
        What::Header | What::Fields(..) | What::Text => None,
    }
}

/// Header and body of a part, and whether that is a message.
fn part<'a>(message: &'a [u8], path: &[u32], depth: usize) -> Option<(&'a [u8], &'a [u8], bool)> {
    let parsed = MessageParser::default().parse(message)?;
    let (mut id, mut path, mut is_root, mut depth) = (0_usize, path, true, depth);
    loop {
        depth = depth.checked_add(1).filter(|depth| *depth < DEEPEST)?;
        let here = parsed.parts.get(id)?;
        match (&here.body, path) {
            (PartType::Multipart(parts), [number, rest @ ..]) => {
                let place = usize::try_from(number.checked_sub(1)?).ok()?;
                id = usize::try_from(*parts.get(place)?).ok()?;
                path = rest;
            }
            (_, [1, rest @ ..]) if is_root => path = rest,
            (PartType::Message(_), [_, ..]) => {
                return part(span(message, here.offset_body, here.offset_end)?, path, depth);
            }
            (body, []) => {
                return Some((
                    span(message, here.offset_header, here.offset_body)?,
                    span(message, here.offset_body, here.offset_end)?,
                    matches!(body, PartType::Message(_)),
                ));
            }
            _ => return None,
        }
        is_root = false;
    }
}

fn span(message: &[u8], from: u32, to: u32) -> Option<&[u8]> {
    message.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
}

/// `body` (RFC 9051 §9): with what stands behind the sizes where it is asked for.
pub(crate) fn structure(message: &[u8], extended: bool, out: &mut Vec<u8>) {
    structure_of(message, extended, 0, out);
}

/// A message whose parts cannot be told: something, of this size.
pub(crate) fn opaque(size: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("(\"APPLICATION\" \"OCTET-STREAM\" NIL NIL NIL \"BINARY\" {size})").as_bytes());
}

fn structure_of(message: &[u8], extended: bool, depth: usize, out: &mut Vec<u8>) {
    match MessageParser::default().parse(message) {
        Some(parsed) => shape(message, &parsed, 0, Shown { extended, depth }, out),
        None => opaque(u64::try_from(split(message).1.len()).unwrap_or_default(), out),
    }
}

#[derive(Clone, Copy)]
struct Shown {
    extended: bool,
    depth: usize,
}

fn shape(message: &[u8], parsed: &Message<'_>, id: usize, shown: Shown, out: &mut Vec<u8>) {
    let Some(part) = parsed.parts.get(id) else { return opaque(0, out) };
    let body = span(message, part.offset_body, part.offset_end).unwrap_or_default();
    if shown.depth >= DEEPEST {
        return opaque(u64::try_from(body.len()).unwrap_or_default(), out);
    }
    let deeper = Shown { depth: shown.depth.saturating_add(1), ..shown };
    let kind = part.content_type();
    if let PartType::Multipart(parts) = &part.body
        && !parts.is_empty()
    {
        out.push(b'(');
        for id in parts {
            shape(message, parsed, usize::try_from(*id).unwrap_or(usize::MAX), deeper, out);
        }
        out.push(b' ');
        string(kind.and_then(ContentType::subtype).unwrap_or("mixed").as_bytes(), out);
        if shown.extended {
            out.push(b' ');
            parameters(kind, out);
            out.push(b' ');
            disposition(part, out);
        }
        return out.push(b')');
    }
    let (main, sub) = match &part.body {
        PartType::Message(_) => ("message", "rfc822"),
        PartType::Text(_) => ("text", "plain"),
        PartType::Html(_) => ("text", "html"),
        PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Multipart(_) => ("application", "octet-stream"),
    };
    let is_text = main == "text";
    // The name of a type decides what follows: only a type of the same kind may be told in the place of ours.
    let told = kind.map(|kind| (kind.ctype(), kind.subtype().unwrap_or(sub)));
    let (main, sub) = match told {
        Some((named, under)) if main != "message" && named.eq_ignore_ascii_case("text") == is_text => {
            let is_structured = ["message", "multipart"].iter().any(|it| named.eq_ignore_ascii_case(it));
            if is_structured { (main, sub) } else { (named, under) }
        }
        _ => (main, sub),
    };
    out.push(b'(');
    string(main.as_bytes(), out);
    out.push(b' ');
    string(sub.as_bytes(), out);
    out.push(b' ');
    parameters(kind, out);
    for text in [part.content_id().map(|id| format!("<{id}>")), part.content_description().map(encoded)] {
        out.push(b' ');
        maybe(text.as_deref().map(str::as_bytes), out);
    }
    out.push(b' ');
    string(part.content_transfer_encoding().unwrap_or("7BIT").as_bytes(), out);
    out.extend_from_slice(format!(" {}", body.len()).as_bytes());
    let lines = memchr::memchr_iter(b'\n', body).count();
    if matches!(part.body, PartType::Message(_)) {
        out.push(b' ');
        envelope(split(body).0, out);
        out.push(b' ');
        structure_of(body, shown.extended, deeper.depth, out);
        out.extend_from_slice(format!(" {lines}").as_bytes());
    } else if is_text {
        out.extend_from_slice(format!(" {lines}").as_bytes());
    }
    if shown.extended {
        out.extend_from_slice(b" NIL ");
        disposition(part, out);
    }
    out.push(b')');
}

fn parameters(kind: Option<&ContentType<'_>>, out: &mut Vec<u8>) {
    let all = kind.and_then(ContentType::attributes).unwrap_or_default();
    if all.is_empty() {
        return out.extend_from_slice(b"NIL");
    }
    out.push(b'(');
    for (count, parameter) in all.iter().enumerate() {
        if count > 0 {
            out.push(b' ');
        }
        string(parameter.name.as_bytes(), out);
        out.push(b' ');
        string(encoded(&parameter.value).as_bytes(), out);
    }
    out.push(b')');
}

fn disposition(part: &MessagePart<'_>, out: &mut Vec<u8>) {
    let Some(told) = part.content_disposition() else { return out.extend_from_slice(b"NIL") };
    out.push(b'(');
    string(told.ctype().as_bytes(), out);
    out.push(b' ');
    parameters(Some(told), out);
    out.push(b')');
}

fn maybe(text: Option<&[u8]>, out: &mut Vec<u8>) {
    match text {
        Some(text) => string(text, out),
        None => out.extend_from_slice(b"NIL"),
    }
}

/// `envelope` (RFC 9051 §7.5.2): subject, dates and ids as they stand there, addresses taken apart.
pub(crate) fn envelope(header: &[u8], out: &mut Vec<u8>) {
    let parsed = MessageParser::default().parse_headers(header);
    let parsed = parsed.as_ref();
    let people = |name: &'static str| parsed.and_then(|it| it.header(name)).and_then(HeaderValue::as_address);
    let from = people("From");
    out.push(b'(');
    maybe(value(header, "Date").as_deref(), out);
    out.push(b' ');
    maybe(value(header, "Subject").as_deref(), out);
    let all = [from, people("Sender").or(from), people("Reply-To").or(from), people("To"), people("Cc"), people("Bcc")];
    for address in all {
        out.push(b' ');
        addresses(address, out);
    }
    for name in ["In-Reply-To", "Message-ID"] {
        out.push(b' ');
        maybe(value(header, name).as_deref(), out);
    }
    out.push(b')');
}

/// `address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"`
fn addresses(address: Option<&Address<'_>>, out: &mut Vec<u8>) {
    let all: Vec<_> = address.into_iter().flat_map(Address::iter).take(MOST_ADDRESSES).collect();
    if all.is_empty() {
        return out.extend_from_slice(b"NIL");
    }
    out.push(b'(');
    for one in all {
        out.push(b'(');
        maybe(one.name().map(encoded).as_deref().map(str::as_bytes), out);
        out.extend_from_slice(b" NIL ");
        let (mailbox, host) = one.address().unwrap_or_default().rsplit_once('@').unwrap_or_default();
        string(mailbox.as_bytes(), out);
        out.push(b' ');
        string(host.as_bytes(), out);
        out.push(b')');
    }
    out.push(b')');
}

/// A word as it may stand in a header: what is not ASCII as an encoded word (RFC 2047 §2).
fn encoded(text: impl AsRef<str>) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let text: String = text.as_ref().chars().filter(|c| !c.is_control()).collect();
    if text.is_ascii() {
        return text;
    }
    // An encoded word has at most 75 characters; a character is never cut.
    let (mut words, mut piece) = (Vec::new(), String::new());
    for c in text.chars() {
        if piece.len().saturating_add(c.len_utf8()) > 42 {
            words.push(std::mem::take(&mut piece));
        }
        piece.push(c);
    }
    words.push(piece);
    let words: Vec<String> = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const MESSAGE: &str = "From: =?utf-8?q?Zo=C3=A9?= <zoe@a.test>\r\nTo: b@b.test,\r\n c@c.test\r\nSubject: two\r\n parts\r\n\
        Message-ID: <1@a.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
        --x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\none\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n\
        Subject: inside\r\n\r\ntwo\r\n--x\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\n\
        Content-Disposition: attachment; filename=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--x--\r\n";

    fn text(path: &[u32], what: &What) -> Option<String> {
        section(MESSAGE.as_bytes(), path, what).map(|octets| String::from_utf8(octets).unwrap())
    }

    #[test]
    fn sections() {
        assert_eq!(text(&[1], &What::Whole).unwrap().trim_end(), "one");
        assert_eq!(text(&[2], &What::Header).unwrap(), "Subject: inside\r\n\r\n");
        assert_eq!(text(&[2, 1], &What::Whole).unwrap().trim_end(), "two");
        assert_eq!(text(&[3], &What::Whole).unwrap().trim_end(), "QUJD");
        assert!(text(&[3], &What::Mime).unwrap().contains("application/pdf"));
        let wanted = What::Fields(vec!["TO".to_owned()], false);
        assert_eq!(text(&[], &wanted).unwrap(), "To: b@b.test,\r\n c@c.test\r\n\r\n");
        for (path, what) in
            [(vec![4], What::Whole), (vec![0], What::Whole), (vec![1, 2], What::Whole), (vec![1], What::Text)]
        {
            assert_eq!(text(&path, &what), None, "{path:?}");
        }
        assert_eq!(value(MESSAGE.as_bytes(), "subject").unwrap(), b"two parts");
    }

    #[test]
    fn structures() {
        let mut out = Vec::new();
        structure(MESSAGE.as_bytes(), false, &mut out);
        let told = String::from_utf8(out).unwrap();
        for wanted in [
            "((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7BIT\" ",
            "\"message\" \"rfc822\"",
            "\"mixed\")",
            "\"a.pdf\"",
        ] {
            assert!(told.contains(wanted), "{wanted} in {told}");
        }
        assert!(passerelle_wire_imap::words(told.as_bytes()).is_some());
        let mut out = Vec::new();
        envelope(split(MESSAGE.as_bytes()).0, &mut out);
        let told = String::from_utf8(out).unwrap();
        assert!(told.contains("((\"=?utf-8?B?Wm/DqQ==?=\" NIL \"zoe\" \"a.test\"))"), "{told}");
    }

    #[test]
    fn what_is_no_message_has_a_structure() {
        for odd in [
            &b""[..],
            b"\r\n",
            b"\xff\xfe",
            b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x",
            b"Content-Type: message/rfc822\r\n\r\n",
        ] {
            let mut out = Vec::new();
            structure(odd, true, &mut out);
            let told = passerelle_wire_imap::words(&out);
            assert!(told.is_some_and(|told| told.len() == 1), "{odd:?}: {:?}", String::from_utf8_lossy(&out));
        }
    }
}
