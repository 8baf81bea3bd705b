//! What follows from a write, before anything of it is done: whom it concerns, by which way each is reached, and what is to be stored.

use crate::{Refusal, owner::mentions_people};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use passerelle_core::{Add, Authorized, CalendarUser, Edit, Error, SendAs, Session};
use passerelle_model::{CollectionRef, IdentityRef, InboxRef, Timestamp};
use passerelle_wire_ical::Utc;
use passerelle_wire_itip::{Address, Asked, Change, Message, Owner, Recipient, change, with_statuses};
use passerelle_wire_smtp::Address as Mailbox;
use std::sync::Arc;

/// How many people are looked for side by side.
pub(crate) const SIDE_BY_SIDE: usize = 8;

/// What became of a message, in the words of RFC 6638 §3.2.9.
pub(crate) mod status {
    /// It was sent, and more is not known.
    pub(crate) const SENT: &str = "1.1";
    /// It is in their calendar.
    pub(crate) const DELIVERED: &str = "1.2";
    /// There is nobody of this address.
    pub(crate) const NOBODY: &str = "3.7";
    /// It could not be delivered.
    pub(crate) const FAILED: &str = "5.1";
    /// There is no way to them.
    pub(crate) const NO_WAY: &str = "5.2";
    /// What is theirs does not take it.
    pub(crate) const REJECTED: &str = "5.3";
}

/// What follows from a write.
#[derive(Default)]
pub(crate) struct Plan {
    /// What is stored in the place of what the client wrote, where that differs.
    pub(crate) content: Option<Bytes>,
    /// Who is told what.
    pub(crate) deliveries: Vec<Delivery>,
    /// The name that mail is sent under, where there is any to send.
    pub(crate) sender: Option<Arc<Authorized<IdentityRef, SendAs>>>,
}

/// A message to somebody.
pub(crate) struct Delivery {
    pub(crate) message: Arc<Message>,
    pub(crate) to: Recipient,
    pub(crate) way: Way,
}

/// The way to somebody.
pub(crate) enum Way {
    /// Into their calendar.
    Inbox(Authorized<InboxRef, Add>, CalendarUser),
    /// By mail.
    Mail,
    /// There is none, and this is why.
    None(&'static str),
}

impl Delivery {
    /// What will have become of it if nothing goes wrong.
    pub(crate) const fn foreseen(&self) -> &'static str {
        match self.way {
            Way::Inbox(..) => status::DELIVERED,
            Way::Mail => status::SENT,
            Way::None(why) => why,
        }
    }
}

impl Plan {
    /// What follows when `old` becomes `new` in a calendar of `owner`; without one of them it is new, or is removed.
    ///
    /// # Errors
    /// [`Refusal`]: then nothing may be stored.
    pub(crate) async fn of(
        session: &Session,
        at: &CollectionRef,
        (old, new): (Option<&[u8]>, Option<&[u8]>),
        owner: &Owner<'_>,
        asked: Asked,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if !old.into_iter().chain(new).any(mentions_people) {
            return Ok(Self::default());
        }
        let Change { content, messages } = change(old, new, owner, asked, Utc::of(now.0))?;
        if messages.is_empty() {
            return Ok(Self { content: content.map(Bytes::from), ..Self::default() });
        }
        let count: usize = messages.iter().map(|message| message.to.len()).sum();
        if count > session.most_attendees(&at.owner)? {
            return Err(Refusal::Condition("max-attendees-per-instance"));
        }
        // In somebody else's calendar it is said in their name: only who may change what they have there may do that.
        session.open::<_, Edit>(at.clone()).await.map_err(Refusal::of_open::<Edit>)?;
        let all: Vec<(Arc<Message>, Recipient)> = messages
            .into_iter()
            .map(Arc::new)
            .flat_map(|message| message.to.clone().into_iter().map(move |to| (Arc::clone(&message), to)))
            .collect();
        let ways: Vec<BoxFuture<'_, Way>> = all.iter().map(|(_, to)| way(session, &to.address).boxed()).collect();
        let ways: Vec<Way> = stream::iter(ways).buffered(SIDE_BY_SIDE).collect().await;
        let sender = match all.first() {
            Some((message, _)) => sender(session, &message.from.address).await,
            None => None,
        };
        let deliveries = all.into_iter().zip(ways).map(|((message, to), way)| {
            let way = if matches!(way, Way::Mail) && sender.is_none() { Way::None(status::NO_WAY) } else { way };
            Delivery { message, to, way }
        });
        let deliveries: Vec<Delivery> = deliveries.collect();
        let content = new.map(|new| {
            let base = content.as_deref().unwrap_or(new);
            let statuses: Vec<(Address, &str)> =
                deliveries.iter().map(|one| (one.to.address.clone(), one.foreseen())).collect();
            Bytes::from(with_statuses(base, &statuses))
        });
        Ok(Self { content, deliveries, sender })
    }
}

/// The way to an address.
async fn way(session: &Session, address: &Address) -> Way {
    // What is no address of SMTP goes into no command of it, and no directory has it.
    let Some(mail) = address.mail().filter(|mail| Mailbox::parse(mail).is_ok()) else {
        return Way::None(status::NOBODY);
    };
    let user = match session.calendar_user(mail).await {
        Ok(Some(user)) => user,
        Ok(None) if session.is_local(mail) => return Way::None(status::NOBODY),
        Ok(None) => return Way::Mail,
        Err(error) => {
            tracing::warn!(error = %error.chain(), "whose an address is cannot be told");
            return Way::None(status::FAILED);
        }
    };
    match session.open::<InboxRef, Add>(user.inbox.clone()).await {
        Ok(inbox) => Way::Inbox(inbox, user),
        // Who has no calendar here, or none for this person, has mail as everybody else.
        Err(Error::NotFound | Error::Forbidden | Error::Unsupported { .. }) => Way::Mail,
        Err(error) => {
            tracing::warn!(error = %error.chain(), "an inbox cannot be opened");
            Way::None(status::FAILED)
        }
    }
}

/// The name that mail goes out under: the organiser's, or that of who answers.
async fn sender(session: &Session, address: &Address) -> Option<Arc<Authorized<IdentityRef, SendAs>>> {
    let identity = session.identity(Some(address.mail()?)).await.ok()?;
    session.open::<_, SendAs>(identity).await.ok().map(Arc::new)
}
