//! What a submission does to a message's header (RFC 6409 §6, §8): who it says it is from is held against who may send, what
//! is missing is added, what nobody is to see is taken away.

use crate::{auth::tell, refusal::of_message};
use passerelle_core::{Error, SendAs, SendingRules, Session, seal};
use passerelle_model::IdentityRef;
use passerelle_wire_smtp::{Address, Header, Reply, addresses, date};
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
pub(crate) struct Passage {
    /// The name that we go by here.
    pub(crate) host: String,
    /// What the client calls itself.
    pub(crate) hello: String,
    pub(crate) peer: SocketAddr,
    pub(crate) tls: bool,
    pub(crate) id: String,
}

/// Who sends, how, and by what rules.
pub(crate) struct Trace<'a> {
    pub(crate) session: &'a Session,
    pub(crate) rules: &'a SendingRules,
    pub(crate) from: &'a IdentityRef,
    pub(crate) utf8: bool,
    pub(crate) passage: &'a Passage,
}

impl Trace<'_> {
    /// The header as it goes out, or why the message is refused. Fields that are reserved are not the sender's to write.
    pub(crate) async fn prepare(&self, octets: &[u8], reserved: &[String]) -> Result<Vec<u8>, Reply> {
        let malformed = |_| Reply::new(550, "5.6.0 A line of the header is no header field");
        let mut header = Header::parse(octets).map_err(malformed)?;
        if header.named("received").count() > MOST_HOPS {
            return Err(Reply::new(554, "5.4.6 The message goes round in circles"));
        }
        if self.rules.check_from {
            self.check_authors(&header).await?;
        }
        header.remove(&REMOVED);
        header.remove(&reserved.iter().map(String::as_str).collect::<Vec<_>>());
        let now = now();
        if !header.has("message-id") {
            let id = fresh_id().map_err(|error| refused(&error))?;
            header.put_last("Message-ID", &format!("<{id}@{}>", self.domain()));
        }
        if !header.has("date") {
            header.put_last("Date", &date(now));
        }
        header.put_first("Received", &self.received(now));
        Ok(header.to_octets())
    }

    /// Everybody whom the header names as author or sender must be somebody that this person may send as.
    async fn check_authors(&self, header: &Header) -> Result<(), Reply> {
        for name in AUTHORS {
            let mut fields = header.named(name);
            let field = match (fields.next(), fields.next(), name) {
                (Some(field), None, _) => field,
                (None, _, "from") => return Err(Reply::new(550, "5.7.1 The message has no From field")),
                (None, _, _) => continue,
                // RFC 5322 §3.6: at most one. Of two, programs show one or the other.
                (Some(_), Some(_), _) => return Err(Reply::new(550, "5.7.1 The message names its author twice")),
            };
            let unread = |_| Reply::new(550, "5.7.1 The message does not name its author in a way that can be checked");
            for address in addresses(&field.unfolded()).map_err(unread)? {
                self.check_author(&address).await.map_err(|error| match error {
                    Error::NotFound | Error::Forbidden => {
                        Reply::new(550, "5.7.1 The message names an author as whom you may not send")
                    }
                    error => refused(&error),
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
        let Passage { host, hello, peer, tls, id } = self.passage;
        let from = if self.rules.show_client {
            format!("from {hello} ([{}]) ", peer.ip().to_canonical())
        } else {
            String::new()
        };
        // RFC 3848 §2, RFC 6531 §4.3
        let with = match (self.utf8, *tls) {
            (false, true) => "ESMTPSA",
            (false, false) => "ESMTPA",
            (true, true) => "UTF8SMTPSA",
            (true, false) => "UTF8SMTPA",
        };
        format!("{from}by {host} (Passerelle) with {with} id {id}; {}", date(now))
    }

    fn domain(&self) -> &str {
        let of_sender = self.from.address.as_deref().and_then(|address| address.rsplit_once('@'));
        of_sender.map_or(&self.passage.host, |(_, domain)| domain)
    }
}

fn refused(error: &Error) -> Reply {
    tell(error);
    of_message(error)
}

/// An id of a message: 96 random bits in hexadecimal.
pub(crate) fn fresh_id() -> passerelle_core::Result<String> {
    seal::random_hex::<12>()
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(since).unwrap_or(i64::MAX)
}
