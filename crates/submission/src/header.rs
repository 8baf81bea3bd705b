//! What a submission does to a message's header (RFC 6409 §6, §8): who it says it is from is held against who may send, what
//! is missing is added, what nobody is to see is taken away.

use crate::Refusal;
use passerelle_core::{Error, SendAs, SendingRules, Session, seal};
use passerelle_model::IdentityRef;
use passerelle_wire_smtp::{Address, Header, addresses, date};
use std::{
    net::SocketAddr,
    time::{SystemTime, UNIX_EPOCH},
};

/// Most servers that a message may have passed (RFC 5321 §6.3).
const MOST_HOPS: usize = 100;
/// Who a message says it is from.
const AUTHORS: [&str; 4] = ["from", "sender", "resent-from", "resent-sender"];
/// What is not for its readers: blind copies, and what only a last server writes (RFC 5321 §4.4).
const REMOVED: [&str; 3] = ["bcc", "resent-bcc", "return-path"];

/// How a message came in.
#[derive(Debug)]
pub struct Passage {
    /// The name that we go by here.
    pub host: String,
    /// Where the client is.
    pub peer: SocketAddr,
    /// What it speaks.
    pub way: Way,
    /// Our id of it, for the trace and the log.
    pub id: String,
}

/// What a client speaks.
#[derive(Debug)]
pub enum Way {
    /// SMTP, with or without TLS.
    Smtp {
        /// What the client calls itself.
        hello: String,
        /// Whether nobody else could listen.
        tls: bool,
    },
    /// JMAP (RFC 8621 §7).
    Jmap,
}

/// Who sends, how, and by what rules.
#[derive(Debug)]
pub struct Trace<'a> {
    /// Who is signed on.
    pub session: &'a Session,
    /// What their institution lets them.
    pub rules: &'a SendingRules,
    /// The sender of the envelope, who was opened for them.
    pub from: &'a IdentityRef,
    /// Whether SMTPUTF8 is used (RFC 6531).
    pub utf8: bool,
    /// How the message came in.
    pub passage: &'a Passage,
}

impl Trace<'_> {
    /// The header as it goes out, or why the message is refused. Fields that are reserved are not the sender's to write.
    pub(crate) async fn prepare(&self, octets: &[u8], reserved: &[String]) -> Result<Vec<u8>, Refusal> {
        let mut header = Header::parse(octets).map_err(|_| Refusal::MalformedHeader)?;
        if header.named("received").count() > MOST_HOPS {
            return Err(Refusal::Circles);
        }
        if self.rules.check_from {
            self.check_authors(&header).await?;
        }
        header.remove(&REMOVED);
        header.remove(&reserved.iter().map(String::as_str).collect::<Vec<_>>());
        let now = now();
        if !header.has("message-id") {
            let id = fresh_id()?;
            header.put_last("Message-ID", &format!("<{id}@{}>", self.domain()));
        }
        if !header.has("date") {
            header.put_last("Date", &date(now));
        }
        header.put_first("Received", &self.received(now));
        Ok(header.to_octets())
    }

    /// Everybody whom the header names as author or sender must be somebody that this person may send as.
    async fn check_authors(&self, header: &Header) -> Result<(), Refusal> {
        for name in AUTHORS {
            let mut fields = header.named(name);
            let field = match (fields.next(), fields.next(), name) {
                (Some(field), None, _) => field,
                (None, _, "from") => return Err(Refusal::NoAuthor),
                (None, _, _) => continue,
                // RFC 5322 §3.6: at most one. Of two, programs show one or the other.
                (Some(_), Some(_), _) => return Err(Refusal::TwoAuthors),
            };
            for address in addresses(&field.unfolded()).map_err(|_| Refusal::UnreadAuthor)? {
                self.check_author(&address).await.map_err(|error| match error {
                    Error::NotFound | Error::Forbidden => Refusal::ForbiddenAuthor,
                    error => Refusal::Failed(error),
                })?;
            }
        }
        Ok(())
    }

    async fn check_author(&self, address: &Address) -> Result<(), Error> {
        // The sender was opened already.
        if self.from.address.as_deref().is_some_and(|from| from.eq_ignore_ascii_case(address.as_str())) {
            return Ok(());
        }
        let identity = self.session.identity(Some(address.as_str())).await?;
        self.session.open::<_, SendAs>(identity).await.map(drop)
    }

    /// `Time-stamp-line` (RFC 5321 §4.4). Where the client is, is told to the readers only where the settings want that: a
    /// home's address is no business of theirs.
    fn received(&self, now: i64) -> String {
        let Passage { host, peer, way, id } = self.passage;
        let address = || peer.ip().to_canonical();
        let (from, with) = match (way, self.utf8) {
            // RFC 3848 §2, RFC 6531 §4.3
            (Way::Smtp { hello, tls: true }, false) => (format!("{hello} ([{}])", address()), "ESMTPSA"),
            (Way::Smtp { hello, tls: false }, false) => (format!("{hello} ([{}])", address()), "ESMTPA"),
            (Way::Smtp { hello, tls: true }, true) => (format!("{hello} ([{}])", address()), "UTF8SMTPSA"),
            (Way::Smtp { hello, tls: false }, true) => (format!("{hello} ([{}])", address()), "UTF8SMTPA"),
            (Way::Jmap, _) => (format!("[{}]", address()), "JMAP"),
        };
        let from = if self.rules.show_client { format!("from {from} ") } else { String::new() };
        format!("{from}by {host} (Passerelle) with {with} id {id}; {}", date(now))
    }

    fn domain(&self) -> &str {
        let of_sender = self.from.address.as_deref().and_then(|address| address.rsplit_once('@'));
        of_sender.map_or(&self.passage.host, |(_, domain)| domain)
    }
}

/// An id of a message: 96 random bits in hexadecimal.
///
/// # Errors
/// `Internal` where the system has no random bits.
pub fn fresh_id() -> passerelle_core::Result<String> {
    seal::random_hex::<12>()
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(since).unwrap_or(i64::MAX)
}
