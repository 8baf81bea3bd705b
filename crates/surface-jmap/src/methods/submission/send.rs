//! Sends one message of the store: its header is read, then who sends it is opened through the gate, then it streams from the store to
//! the MTA.

use super::envelope::{Parties, invalid_email, invalid_recipients};
use crate::{
    blob::Blob,
    desk::{Client, Desk},
    error::SetError,
    id::{BlobId, EmailId},
    mail::{Fields, thread_of},
    methods::identity,
};
use futures::TryStreamExt;
use passerelle_core::{
    Delivered, Error, Named, Opening, SendAs, Sending, Session, Undelivered,
    ports::{ByteStream, ClientFacts, Envelope, MtaReply},
};
use passerelle_submission::{Intake, Passage, Refusal, Trace, Way, fresh_id};
use passerelle_wire_smtp::{Gathered, Gatherer, Header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A submission that was made.
pub(super) struct Sent {
    pub(super) id: String,
    /// The message that was sent.
    pub(super) email: String,
    /// What the client is told.
    pub(super) value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    identity_id: String,
    email_id: String,
    #[serde(default)]
    envelope: Option<Value>,
}

pub(super) async fn send(desk: &mut Desk<'_>, submission: &Value) -> Result<Sent, SetError> {
    let Asked { identity_id, email_id, envelope } = serde_json::from_value(submission.clone())
        .map_err(|error| SetError::saying("invalidProperties", error.to_string()))?;
    let no_email = || SetError::properties(&["emailId"], "there is no such message");
    let email = desk.meant(&email_id).and_then(EmailId::parse).ok_or_else(no_email)?;
    // One's own are known without asking anybody.
    let own = &desk.session.principal()?.person().mails;
    let is_known = own.iter().any(|address| identity::id_of(address) == identity_id)
        || desk.session.sending_names().await?.iter().any(|name| identity::id_of(&name.address) == identity_id);
    if !is_known {
        return Err(SetError::properties(&["identityId"], "there is no such identity"));
    }
    let blob = Blob::find(desk, &BlobId::of_message(email).to_string()).await.map_err(|error| match error {
        Error::NotFound => no_email(),
        error => error.into(),
    })?;
    let size = blob.size;
    let mut octets = super::super::email::import::crlf(blob.encoded().await?);
    let (header, rest) = header_of(&mut octets).await?;
    let fields = Fields::of(&header);
    let parties = match &envelope {
        Some(given) => Parties::given(given)?,
        None => {
            let parsed = Header::parse(&header);
            Parties::of_header(&parsed.map_err(|_| of_refusal(Refusal::MalformedHeader, desk.request))?)?
        }
    };
    let utf8 = Utf8 { needed: parties.is_international(), useful: !header.is_ascii() };
    let client = desk.client.clone().ok_or_else(|| Error::internal("sending a message", "nobody asks for it"))?;
    let id = fresh_id()?;
    let message = Message { id: &id, header: &header, rest: &rest, size };
    let replies = deliver(desk.session, desk.request, &client, &parties, utf8, message, octets).await?;
    let told = |reply: &MtaReply| json!({ "smtpReply": said(reply), "delivered": "queued", "displayed": "unknown" });
    let status: Map<String, Value> =
        parties.to.iter().zip(&replies).map(|(address, reply)| (address.to_string(), told(reply))).collect();
    let value = json!({
        "id": id,
        "threadId": thread_of(&fields, email).to_string(),
        "envelope": parties.json(),
        "sendAt": now(),
        "undoStatus": "final",
        "deliveryStatus": status,
        "dsnBlobIds": [],
        "mdnBlobIds": [],
    });
    Ok(Sent { id, email: email.to_string(), value })
}

/// A message on its way: its header, what was read behind it, its size in octets.
struct Message<'a> {
    id: &'a str,
    header: &'a [u8],
    rest: &'a [u8],
    size: u64,
}

/// Whether SMTPUTF8 must be had, and whether it would be used.
#[derive(Clone, Copy)]
struct Utf8 {
    needed: bool,
    useful: bool,
}

/// Hands a message over. What the MTA said of it, for each recipient.
async fn deliver(
    session: &Session,
    request: &str,
    client: &Client,
    parties: &Parties,
    utf8: Utf8,
    message: Message<'_>,
    mut octets: ByteStream,
) -> Result<Vec<MtaReply>, SetError> {
    let not_theirs = |error| match error {
        Error::NotFound | Error::Forbidden => SetError::new("forbiddenMailFrom"),
        error => SetError::from(error),
    };
    let institution = session.institution()?;
    let most = institution.sending.recipients;
    if u32::try_from(parties.to.len()).map_or(true, |count| count > most) {
        // Before any of them is counted for the hour.
        return Err(too_many(most));
    }
    let identity = session.identity(Some(parties.from.as_str())).await.map_err(not_theirs)?;
    let identity = session.open::<_, SendAs>(identity).await.map_err(not_theirs)?;
    let abilities = identity.abilities().await?;
    if let Some(most) = abilities.size.filter(|most| message.size > *most) {
        return Err(too_large(most));
    }
    let envelope = Envelope {
        size: Some(message.size),
        eight_bit: abilities.eight_bit,
        utf8: utf8.needed || (utf8.useful && abilities.utf8),
        returned: None,
        envelope_id: None,
        client: ClientFacts { address: client.peer.ip(), port: client.peer.port() },
    };
    let mut sending = match identity.begin(&envelope).await? {
        Opening::Refused(reply) => return Err(of_mta(&reply)),
        Opening::Open(sending, _) => *sending,
    };
    let taken = name(&mut sending, parties, most).await?;
    match sending.content().await? {
        reply if reply.code == 354 => {}
        reply => return Err(of_mta(&reply)),
    }
    let host = client.host.clone().or_else(|| institution.hosts.first().cloned()).unwrap_or_default();
    let passage = Passage { host, peer: client.peer, way: Way::Jmap, id: message.id.to_owned() };
    let from = identity.target();
    let trace = Trace { session, rules: &institution.sending, from, utf8: envelope.utf8, passage: &passage };
    let (mut intake, mut sending) = (Intake::new(abilities.size), Some(sending));
    for piece in [message.header, b"\r\n", message.rest] {
        intake.take(&mut sending, piece, &trace).await;
    }
    while !intake.is_refused() {
        // A store that is lost here leaves nothing sent: the MTA is dropped before the message's end.
        let Some(piece) = octets.try_next().await? else { break };
        intake.take(&mut sending, &piece, &trace).await;
    }
    let count = u32::try_from(taken).unwrap_or(u32::MAX);
    let delivered = intake.end(sending, count, &trace).await.map_err(|refusal| of_refusal(refusal, request))?;
    let Delivered { reply, unscanned } = delivered;
    unscanned.iter().for_each(|error| crate::error::note(Some(error), request));
    Ok(vec![reply; taken])
}

/// Names the recipients: all of them are taken, or nothing is sent. How many they are.
async fn name(sending: &mut Sending, parties: &Parties, most: u32) -> Result<usize, SetError> {
    let named = sending.recipients(&parties.recipients()).await?;
    let (mut refused, mut later) = (Vec::new(), None);
    for (address, named) in parties.to.iter().zip(&named) {
        match named {
            Named::Asked(reply) if reply.is_positive() => {}
            Named::Asked(reply) if reply.code >= 500 => refused.push(format!("{address}")),
            Named::Asked(reply) => later = Some(of_mta(reply)),
            Named::TooMany => return Err(too_many(most)),
            Named::TooOften => return Err(SetError::saying("rateLimit", "too many recipients in an hour")),
        }
    }
    match later {
        _ if !refused.is_empty() => Err(invalid_recipients(&refused)),
        Some(later) => Err(later),
        None => Ok(named.len()),
    }
}

/// Reads a message's header, without the line that ends it, and what came behind it.
async fn header_of(octets: &mut ByteStream) -> Result<(Vec<u8>, Vec<u8>), SetError> {
    let mut gatherer = Gatherer::default();
    while let Some(piece) = octets.try_next().await? {
        match gatherer.take(&piece) {
            Gathered::More => {}
            Gathered::Whole { header, rest } => return Ok((header, rest)),
            Gathered::TooLarge => return Err(invalid_email(&[], "its header is too large")),
        }
    }
    Ok((gatherer.end(), Vec::new()))
}

fn too_many(most: u32) -> SetError {
    SetError::new("tooManyRecipients").with("maxRecipients", json!(most))
}

fn too_large(most: u64) -> SetError {
    SetError::new("tooLarge").with("maxSize", json!(most))
}

/// What an MTA said, as it stands in SMTP (RFC 5321 §4.2).
fn said(reply: &MtaReply) -> String {
    format!("{} {}", reply.code, reply.lines.join(" "))
}

/// What an MTA's refusal is in JMAP's words.
fn of_mta(reply: &MtaReply) -> SetError {
    let kind = if reply.code < 500 { "serverUnavailable" } else { "forbiddenToSend" };
    SetError::saying(kind, format!("the mail server says: {}", said(reply)))
}

/// The whole table from what stops a message to errors of RFC 8621 §7.5.
fn of_refusal(refusal: Refusal, request: &str) -> SetError {
    match refusal {
        Refusal::MalformedHeader => invalid_email(&["headers"], "a line of its header is no field"),
        Refusal::LargeHeader => invalid_email(&["headers"], "its header is too large"),
        Refusal::Circles => invalid_email(&["headers"], "it goes round in circles"),
        Refusal::NoAuthor => invalid_email(&["from"], "it does not say whom it is from"),
        Refusal::TwoAuthors => invalid_email(&["from"], "it says twice whom it is from"),
        Refusal::UnreadAuthor => invalid_email(&["from"], "it says whom it is from in a way that can be read in two"),
        Refusal::Impure => invalid_email(&[], "a line ends with CR and LF, never with one of them"),
        Refusal::ForbiddenAuthor => SetError::new("forbiddenFrom"),
        Refusal::Failed(Error::TooLarge { most }) => too_large(most),
        Refusal::Failed(error) => error.into(),
        Refusal::Mta(reply) => of_mta(&reply),
        Refusal::Undelivered(undelivered) => match undelivered {
            Undelivered::Found { what, .. } => SetError::saying("forbiddenToSend", what),
            Undelivered::Later => SetError::saying("serverUnavailable", "it cannot be taken now, try again later"),
            Undelivered::Unscanned(error) => {
                crate::error::note(Some(&error), request);
                SetError::saying("serverUnavailable", "it could not be looked at, try again later")
            }
            Undelivered::Withdrawn(error) | Undelivered::Lost(error) => error.into(),
            Undelivered::Silent(error) => {
                crate::error::note(Some(&error), request);
                SetError::saying(
                    "serverPartialFail",
                    "the mail server fell silent behind the end: it may have the message or not",
                )
            }
        },
    }
}

/// Now, as a `UTCDate` (RFC 8620 §1.4).
fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |it| it.as_secs());
    mail_parser::DateTime::from_timestamp(i64::try_from(since).unwrap_or(i64::MAX)).to_rfc3339()
}
