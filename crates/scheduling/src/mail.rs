//! Scheduling by mail (RFC 6047, iMIP): for whoever has no calendar here.
//!
//! The message goes to the institution's MTA as any other of the sender's, under their name, and is nowhere kept on its way.

use crate::{
    words::{self, Words},
    write::Client,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::{
    Authorized, Error, Named, Opening, Result, SendAs, Session, Undelivered,
    ports::{self, ClientFacts, Envelope},
};
use passerelle_model::IdentityRef;
use passerelle_wire_ical::{Component, Property};
use passerelle_wire_itip::{Address, Message, Method, Recipient};
use sha2::{Digest, Sha256};

/// Longest line of base64 (RFC 2045 §6.8).
const LINE: usize = 76;
/// Most octets in one encoded word: 60 characters of base64 (RFC 2047 §2).
const WORD: usize = 45;

/// Sends a message to all of these.
///
/// # Errors
/// `Unavailable` where the MTA does not take it for all of them, or is not to be reached.
pub(crate) async fn send(
    session: &Session,
    identity: &Authorized<IdentityRef, SendAs>,
    message: &Message,
    to: &[&Recipient],
    client: &Client,
) -> Result<()> {
    let refused = |what: String| Error::unavailable("submission", "sending an invitation", what);
    let octets = compose(session, message, to)?;
    let envelope = Envelope {
        size: u64::try_from(octets.len()).ok(),
        eight_bit: false,
        utf8: !to.iter().all(|one| one.address.as_str().is_ascii()) || !message.from.address.as_str().is_ascii(),
        returned: None,
        envelope_id: None,
        client: ClientFacts { address: client.peer.ip(), port: client.peer.port() },
    };
    let mut sending = match identity.begin(&envelope).await? {
        Opening::Refused(reply) => return Err(refused(format!("the MTA said {}", reply.code))),
        Opening::Open(sending, _) => *sending,
    };
    let recipients: Vec<ports::Recipient> = to
        .iter()
        .filter_map(|one| one.address.mail())
        .map(|address| ports::Recipient { address: address.to_owned(), notify: None, original: None })
        .collect();
    for named in sending.recipients(&recipients).await? {
        match named {
            Named::Asked(reply) if reply.is_positive() => {}
            Named::Asked(reply) => return Err(refused(format!("the MTA said {} of a recipient", reply.code))),
            Named::TooMany | Named::TooOften => return Err(refused("more recipients than one may have".to_owned())),
        }
    }
    match sending.content().await? {
        reply if reply.code == 354 => {}
        reply => return Err(refused(format!("the MTA said {}", reply.code))),
    }
    if let Some(reply) = sending.write(octets.as_bytes()).await? {
        return Err(refused(format!("the MTA said {}", reply.code)));
    }
    match sending.commit().await {
        Ok(delivered) if delivered.reply.is_positive() => Ok(()),
        Ok(delivered) => Err(refused(format!("the MTA said {}", delivered.reply.code))),
        Err(Undelivered::Withdrawn(error) | Undelivered::Unscanned(error) | Undelivered::Lost(error)) => Err(error),
        // Another try may bring it twice, which a calendar takes for one.
        Err(Undelivered::Silent(error)) => Err(error),
        Err(Undelivered::Found { scanner, .. }) => Err(refused(format!("{scanner} found something in it"))),
        Err(Undelivered::Later) => Err(refused("a scanner wants it to be tried again".to_owned())),
    }
}

/// The message, whose lines end with CRLF. Everything beyond ASCII is encoded.
fn compose(session: &Session, message: &Message, to: &[&Recipient]) -> Result<String> {
    let words = words::of(session);
    let about =
        Component::calendar(message.content.as_bytes()).map_err(|wrong| Error::internal("writing a mail", wrong))?;
    let event = about.components.iter().find(|it| !it.is("VTIMEZONE"));
    let text = |name: &str| event.and_then(|it| it.property(name)).map(|it| it.to_text().trim().to_owned());
    let kind = kind(&words, message, event);
    let summary = text("SUMMARY").unwrap_or_default();
    let from = message.from.address.mail().unwrap_or_default();
    let domain = from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let stamp = session.now();
    let mut hash = Sha256::new();
    hash.update(message.content.as_bytes());
    to.iter().for_each(|one| hash.update(one.address.as_str()));
    let digest: String = hash.finalize().iter().take(16).map(|octet| format!("{octet:02x}")).collect();
    let boundary = format!("=_{digest}");
    let mut plain = format!("{kind}: {summary}\r\n\r\n");
    if let Some(when) = event.and_then(|it| it.property("DTSTART")) {
        plain += &format!("{}: {}\r\n", words.when, moment(when));
    }
    if let Some(place) = text("LOCATION").filter(|place| !place.is_empty()) {
        plain += &format!("{}: {place}\r\n", words.place);
    }
    if let Some(organizer) = event.and_then(|it| it.property("ORGANIZER")) {
        let who = Address::new(organizer.value());
        let mail = who.mail().unwrap_or(who.as_str());
        plain += &match organizer.parameter("CN").filter(|name| !name.trim().is_empty()) {
            Some(name) => format!("{}: {name} <{mail}>\r\n", words.organizer),
            None => format!("{}: {mail}\r\n", words.organizer),
        };
    }
    plain += &format!("\r\n{}\r\n", words.how);
    let names: Vec<String> =
        to.iter().filter_map(|one| Some(address(one.name.as_deref(), one.address.mail()?))).collect();
    let mut out = String::new();
    let mut field = |name: &str, value: &str| out += &format!("{name}: {value}\r\n");
    field("From", &address(message.from.name.as_deref(), from));
    field("To", &names.join(",\r\n "));
    field("Subject", &encoded(&format!("{kind}: {summary}")));
    field("Date", &date(stamp.0));
    field("Message-ID", &format!("<{digest}.{}@{domain}>", stamp.0));
    field("MIME-Version", "1.0");
    field("Content-Language", words.code);
    field("Content-Type", &format!("multipart/alternative; boundary=\"{boundary}\""));
    for (kind, content) in [
        ("text/plain; charset=utf-8".to_owned(), plain.as_str()),
        // RFC 6047 §2.4: the method is that of the object.
        (format!("text/calendar; charset=utf-8; method={}", message.method.name()), message.content.as_str()),
    ] {
        out += &format!("\r\n--{boundary}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        out += &lines(content);
    }
    out += &format!("\r\n--{boundary}--\r\n");
    Ok(out)
}

/// What it is, in a word.
fn kind(words: &Words, message: &Message, event: Option<&Component<'_>>) -> &'static str {
    match message.method {
        Method::Request => words.invitation,
        Method::Cancel => words.cancelled,
        Method::Reply => {
            let answer = event.and_then(|it| it.property("ATTENDEE")).and_then(|it| it.parameter("PARTSTAT"));
            match answer.as_deref() {
                Some("DECLINED") => words.declined,
                Some("TENTATIVE") => words.tentative,
                Some(_) | None => words.accepted,
            }
        }
    }
}

/// A time as people read it, in the zone that it is in.
fn moment(property: &Property<'_>) -> String {
    let value = property.value().trim();
    let part = |range: std::ops::Range<usize>| value.get(range).unwrap_or_default();
    let date = format!("{}-{}-{}", part(0..4), part(4..6), part(6..8));
    if value.len() < 13 {
        return date;
    }
    let zone = property.parameter("TZID").map(|zone| zone.into_owned());
    let zone = zone.or_else(|| value.ends_with('Z').then(|| "UTC".to_owned())).unwrap_or_default();
    format!("{date} {}:{} {zone}", part(9..11), part(11..13)).trim_end().to_owned()
}

/// A mailbox as a header has it (RFC 5322 §3.4).
fn address(name: Option<&str>, mail: &str) -> String {
    match name {
        Some(name) if !name.is_empty() => format!("{} <{mail}>", encoded(name)),
        Some(_) | None => format!("<{mail}>"),
    }
}

/// A text in a header, in encoded words (RFC 2047), so that nothing in it is taken for anything else.
fn encoded(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if word.len() + c.len_utf8() > WORD {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let all: Vec<String> = words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect();
    all.join("\r\n ")
}

/// A text in base64, in lines.
fn lines(text: &str) -> String {
    let octets = STANDARD.encode(text);
    let mut out = String::with_capacity(octets.len() + octets.len() / LINE * 2 + 2);
    for line in octets.as_bytes().chunks(LINE) {
        out.extend(line.iter().map(|octet| char::from(*octet)));
        out += "\r\n";
    }
    out
}

/// A moment as a header has it (RFC 5322 §3.3).
fn date(seconds: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = passerelle_wire_ical::Utc::of(seconds).to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let at = |all: &[&'static str], at: usize| all.get(at).copied().unwrap_or_default();
    let day = usize::try_from(seconds.div_euclid(86_400).rem_euclid(7)).unwrap_or(0);
    let month = part(4..6).parse::<usize>().unwrap_or(1).saturating_sub(1);
    let (day, month) = (at(&DAYS, day), at(&MONTHS, month));
    let (date, year) = (part(6..8), part(0..4));
    format!("{day}, {date} {month} {year} {}:{}:{} +0000", part(9..11), part(11..13), part(13..15))
}
