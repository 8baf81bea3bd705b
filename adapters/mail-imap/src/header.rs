//! Header fields as a store tells them, decoded: encoded words (RFC 2047), parameters (RFC 2231), addresses. All of it comes
//! from whoever wrote the message.

use mail_parser::{DateTime, MessageParser};
use passerelle_core::ports::{LONGEST_TEXT_SHOWN, MOST_ADDRESSES, MailAddress, MailEnvelope};
use passerelle_model::Timestamp;
use passerelle_wire_imap::Value;

/// `envelope = "(" date SP subject SP from SP sender SP reply-to SP to SP cc SP bcc SP in-reply-to SP message-id ")"`
/// (RFC 9051 §9).
pub(crate) fn envelope(value: &Value) -> Option<MailEnvelope> {
    let [date, subject, from, sender, reply_to, to, cc, bcc, in_reply_to, message_id, ..] = value.list()? else {
        return None;
    };
    let raw = |value: &Value| value.text().map(|it| plain(it).trim().to_owned());
    let date = raw(date);
    Some(MailEnvelope {
        sent: date.as_deref().and_then(moment),
        date,
        subject: subject.text().map(text),
        from: addresses(from),
        sender: addresses(sender),
        reply_to: addresses(reply_to),
        to: addresses(to),
        cc: addresses(cc),
        bcc: addresses(bcc),
        in_reply_to: raw(in_reply_to),
        message_id: raw(message_id),
    })
}

/// `address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"`; a group begins with a mailbox without a host and ends
/// with neither (RFC 9051 §7.5.2).
fn addresses(value: &Value) -> Vec<MailAddress> {
    let all = value.list().unwrap_or_default().iter().take(MOST_ADDRESSES);
    all.filter_map(|it| {
        let [name, _, mailbox, host, ..] = it.list()? else { return None };
        Some(match (mailbox.text(), host.text()) {
            (Some(mailbox), Some(host)) => MailAddress::One {
                name: name.text().map(text).filter(|name| !name.is_empty()),
                address: format!("{}@{}", plain(mailbox), plain(host)),
            },
            (Some(group), None) => MailAddress::GroupBegins(text(group)),
            (None, _) => MailAddress::GroupEnds,
        })
    })
    .collect()
}

/// A date as a header has it (RFC 5322 §3.3).
pub(crate) fn moment(date: &str) -> Option<Timestamp> {
    let parsed = DateTime::parse_rfc822(date).filter(DateTime::is_valid)?;
    Some(Timestamp(parsed.to_timestamp()))
}

/// A field's text, with its encoded words decoded, in one line.
pub(crate) fn text(octets: &[u8]) -> String {
    let octets = octets.get(..LONGEST_TEXT_SHOWN).unwrap_or(octets);
    let raw = plain(octets);
    if !raw.contains("=?") {
        return raw.trim().to_owned();
    }
    let message = format!("Subject: {raw}\r\n\r\n");
    let decoded = MessageParser::default().parse_headers(&message).and_then(|it| it.subject().map(str::to_owned));
    decoded.map_or(raw, |it| it.replace(char::is_control, " ")).trim().to_owned()
}

/// The name of a file, of the parameters of a disposition or a media type: `filename`, `filename*`, or in pieces
/// `filename*0*` (RFC 2231 §3, §4).
pub(crate) fn file_name(parameters: &[(String, Vec<u8>)], name: &str) -> Option<String> {
    let pieces: Vec<_> = parameters
        .iter()
        .filter(|(it, value)| {
            let rest = it.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('*')) && value.len() <= LONGEST_TEXT_SHOWN
        })
        .take(100)
        .collect();
    if pieces.is_empty() {
        return None;
    }
    if let [(it, value)] = pieces.as_slice()
        && it == name
    {
        // What RFC 2047 §5 forbids, and most programs write.
        return Some(text(value)).filter(|it| !it.is_empty());
    }
    let quote = |value: &[u8]| plain(value).replace('\\', "\\\\").replace('"', "\\\"");
    let parameters: String = pieces.iter().map(|(it, value)| format!("; {it}=\"{}\"", quote(value))).collect();
    // An extended value stands without quotes (RFC 2231 §7).
    let parameters: String = if pieces.iter().any(|(it, _)| it.ends_with('*')) {
        pieces.iter().map(|(it, value)| format!("; {it}={}", plain(value).replace([';', ' ', '"'], "_"))).collect()
    } else {
        parameters
    };
    let message = format!("Content-Disposition: attachment{parameters}\r\n\r\n").replace(name, "filename");
    let parsed = MessageParser::default().parse_headers(&message)?;
    let disposition = mail_parser::MimeHeaders::content_disposition(&parsed)?;
    let found = disposition.attribute("filename")?;
    Some(found.replace(char::is_control, " ").trim().to_owned()).filter(|it| !it.is_empty())
}

/// Octets as text: what is no UTF-8 was not declared (RFC 6532 §3.2), and a line end would begin another header.
pub(crate) fn plain(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).replace(char::is_control, " ")
}

/// The subject without what answering and forwarding put around it, in small letters; and whether there was anything
/// (RFC 5256 §2.1).
pub(crate) fn base_subject(subject: &str) -> (String, bool) {
    let mut rest = subject.trim();
    let mut was_reply = false;
    loop {
        let before = rest;
        if let Some(inner) = strip_ending(rest, "(fwd)") {
            rest = inner.trim_end();
            was_reply = true;
        }
        for mark in ["re", "fwd", "fw"] {
            if let Some(inner) = strip_beginning(rest, mark).map(str::trim_start)
                && let Some(behind) = strip_blob(inner).strip_prefix(':')
            {
                rest = behind.trim_start();
                was_reply = true;
            }
        }
        let without = strip_blob(rest);
        // What is nothing but a mark is the subject.
        if !without.is_empty() {
            rest = without;
        }
        if rest == before {
            return (rest.to_lowercase(), was_reply);
        }
    }
}

fn strip_beginning<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

fn strip_ending<'a>(text: &'a str, end: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(text.len().checked_sub(end.len())?)?;
    tail.eq_ignore_ascii_case(end).then_some(head)
}

/// Without a `[...]` at its beginning.
fn strip_blob(text: &str) -> &str {
    let inner = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    inner.filter(|(inside, _)| !inside.contains('[')).map_or(text, |(_, behind)| behind.trim_start())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_wire_imap::values;
    use proptest::prelude::*;

    #[test]
    fn envelopes() {
        let line = "(\"Mon, 23 Nov 2026 10:00:00 +0100\" \"=?UTF-8?Q?D=C3=A9j=C3=A0?= vu\" ((\"=?ISO-8859-1?Q?Andr=E9?=\" NIL \"a\" \"b.test\")) NIL NIL ((NIL NIL \"friends\" NIL)(NIL NIL \"c\" \"d\")(NIL NIL NIL NIL)) NIL NIL \"<1@x> <2@x>\" \"<3@x>\")";
        let it = envelope(values(line.as_bytes()).unwrap().first().unwrap()).unwrap();
        assert_eq!((it.subject.as_deref(), it.sent), (Some("Déjà vu"), Some(Timestamp(1_795_424_400))));
        let one = |name: Option<&str>, address: &str| MailAddress::One {
            name: name.map(str::to_owned),
            address: address.to_owned(),
        };
        assert!(it.from == [one(Some("André"), "a@b.test")]);
        assert!(it.to == [MailAddress::GroupBegins("friends".to_owned()), one(None, "c@d"), MailAddress::GroupEnds]);
        assert_eq!((it.in_reply_to.as_deref(), it.message_id.as_deref()), (Some("<1@x> <2@x>"), Some("<3@x>")));
        assert!(envelope(&Value::Nil).is_none());
    }

    #[test]
    fn file_names() {
        let check = |parameters: &[(&str, &str)], expected: Option<&str>| {
            let all: Vec<_> = parameters.iter().map(|(a, b)| ((*a).to_owned(), b.as_bytes().to_vec())).collect();
            assert_eq!(file_name(&all, "filename").as_deref(), expected, "{parameters:?}");
        };
        check(&[("filename", "a b.pdf")], Some("a b.pdf"));
        check(&[("filename", "=?UTF-8?Q?=C3=A9.pdf?=")], Some("é.pdf"));
        check(&[("filename*", "UTF-8''%C3%A9t%C3%A9.pdf")], Some("été.pdf"));
        check(&[("filename*0*", "UTF-8''%C3%A9"), ("filename*1", "t.pdf")], Some("ét.pdf"));
        check(&[("filename*0", "long "), ("filename*1", "name")], Some("long name"));
        check(&[("size", "3")], None);
    }

    #[test]
    fn subjects() {
        for (subject, base, reply) in [
            ("Budget", "budget", false),
            ("Re: Budget", "budget", true),
            ("RE: Fwd: [list] re : Budget (fwd)", "budget", true),
            ("[list] Budget", "budget", false),
            ("Re[2]: Budget", "budget", true),
            ("[list]", "[list]", false),
            ("Rendez-vous", "rendez-vous", false),
            ("", "", false),
        ] {
            assert_eq!(base_subject(subject), (base.to_owned(), reply), "{subject}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..80), words in ".{0,40}") {
            let _ = text(&octets);
            let _ = base_subject(&words);
            let _ = moment(&words);
            let _ = file_name(&[("filename*".to_owned(), octets.clone()), ("filename*1".to_owned(), octets)], "filename");
        }
    }
}
