//! Putting a message into a mailbox, and its id there.

use super::filter::flag;
use crate::{
    desk::Desk,
    id::{EmailId, MailboxId},
};
use passerelle_core::{
    Add, Error, Result,
    ports::{ByteStream, HeaderName, NewMessage, Place, Query, Search},
};
use passerelle_model::Timestamp;
use std::{
    fmt,
    num::NonZeroU64,
    time::{SystemTime, UNIX_EPOCH},
};

/// A message on its way in.
pub(crate) struct Arriving {
    /// How many octets come, exactly.
    pub(crate) size: u64,
    pub(crate) octets: ByteStream,
    pub(crate) keywords: Vec<String>,
    pub(crate) received: Option<Timestamp>,
    /// Its message id, to find it again where the store does not say where it is; empty where it has none.
    pub(crate) message_id: String,
}

impl fmt::Debug for Arriving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arriving({} octets)", self.size)
    }
}

/// Puts a message in. The counts of the mailbox are others then: whoever calls looks again, once, behind all that it puts.
pub(crate) async fn put(desk: &mut Desk<'_>, mailbox: &str, message: Arriving) -> Result<EmailId> {
    let Arriving { size, octets, keywords, received, message_id } = message;
    let flags = keywords.iter().map(|word| flag(word).ok_or_else(|| Error::invalid("this is no keyword")));
    let flags = flags.collect::<Result<Vec<_>>>()?;
    let size = NonZeroU64::new(size).ok_or_else(|| Error::invalid("a message is not empty"))?;
    let handle = desk.handle::<Add>(mailbox).await?;
    let appended = handle.append(NewMessage { size, flags, received, octets }).await?;
    // What is open of it does not show what has come to it.
    desk.drop_open(mailbox);
    let id = MailboxId::of(mailbox);
    if let Some((uid_validity, uid)) = appended.place {
        return Ok(EmailId { mailbox: id, uid_validity, uid });
    }
    // The store does not say where it is (RFC 4315 §3): the newest one with its message id.
    let lost = || Error::unsettled("the store", "putting a message in", "it does not say where the message is");
    let name = HeaderName::parse("Message-ID").filter(|_| !message_id.is_empty()).ok_or_else(lost)?;
    let opened = desk.open(mailbox).await?;
    let search = Search::Text(Place::Header(name), message_id);
    let found = opened.find(&Query { search, sort: Vec::new(), window: None }).await?;
    let uid_validity = opened.facts().uid_validity;
    let uid = found.uids.into_iter().max().ok_or_else(lost)?;
    Ok(EmailId { mailbox: id, uid_validity, uid })
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(since).unwrap_or(i64::MAX)
}
