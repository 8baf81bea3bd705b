//! The deliveries that follow from a write which is stored. Each stands for itself: where one fails the others are made.

use crate::{
    letter::Note,
    mail,
    plan::{Delivery, Plan, SIDE_BY_SIDE, Way, status},
    write::Client,
};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use passerelle_core::{Authorized, CalendarUser, CalendarUserKind, Error, Landed, SendAs, Session};
use passerelle_model::{IdentityRef, Timestamp};
use passerelle_wire_ical::Utc;
use passerelle_wire_itip::{Address, Asked, Message, Method, Owner, Recipient, change};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long one delivery may take, reading a large calendar for the first time included.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came of the deliveries, where it is other than was foreseen.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What became of messages to these people.
    pub(crate) statuses: Vec<(Address, &'static str)>,
    /// What rooms have answered.
    pub(crate) replies: Vec<String>,
}

impl Outcome {
    pub(crate) const fn is_as_foreseen(&self) -> bool {
        self.statuses.is_empty() && self.replies.is_empty()
    }
}

/// What became of one message into a calendar.
enum Became {
    /// It is there; a room has answered.
    There(Option<String>),
    /// Nobody but its owner can open it: it goes by mail.
    Closed,
    /// It is not there.
    Not(&'static str),
}

/// Makes the deliveries.
pub(crate) async fn carry_out(session: &Session, plan: Plan, client: &Client, now: Timestamp) -> Outcome {
    let Plan { deliveries, sender, .. } = plan;
    let mut outcome = Outcome::default();
    let (mut by_mail, mut inboxes): (Vec<(Delivery, bool)>, Vec<Delivery>) = (Vec::new(), Vec::new());
    for delivery in deliveries {
        match delivery.way {
            Way::Inbox(..) => inboxes.push(delivery),
            Way::Mail => by_mail.push((delivery, true)),
            Way::None(_) => {}
        }
    }
    let made: Vec<BoxFuture<'_, Became>> = inboxes.iter().map(|one| into_calendar(one, now).boxed()).collect();
    let made: Vec<Became> = stream::iter(made).buffered(SIDE_BY_SIDE).collect().await;
    for (delivery, became) in inboxes.into_iter().zip(made) {
        match became {
            Became::There(reply) => outcome.replies.extend(reply),
            Became::Closed => by_mail.push((delivery, false)),
            Became::Not(status) => outcome.statuses.push((delivery.to.address.clone(), status)),
        }
    }
    for (to, status) in send(session, sender.as_deref(), by_mail, client).await {
        outcome.statuses.push((to, status));
    }
    outcome
}

/// A mail to all who are told the same, and for each whether mail was foreseen.
struct Mail {
    message: Arc<Message>,
    to: Vec<(Recipient, bool)>,
}

/// Sends what goes by mail. What became of it, where that is other than was foreseen.
async fn send(
    session: &Session,
    sender: Option<&Authorized<IdentityRef, SendAs>>,
    deliveries: Vec<(Delivery, bool)>,
    client: &Client,
) -> Vec<(Address, &'static str)> {
    let mut mails: Vec<Mail> = Vec::new();
    for (Delivery { message, to, .. }, was_foreseen) in deliveries {
        match mails.iter_mut().find(|mail| Arc::ptr_eq(&mail.message, &message)) {
            Some(mail) => mail.to.push((to, was_foreseen)),
            None => mails.push(Mail { message, to: vec![(to, was_foreseen)] }),
        }
    }
    let mut other = Vec::new();
    for Mail { message, to } in mails {
        let recipients: Vec<&Recipient> = to.iter().map(|(to, _)| to).collect();
        let status = match sender {
            None => status::NO_WAY,
            Some(identity) => match mail::send(session, identity, &message, &recipients, client).await {
                Ok(()) => status::SENT,
                Err(error) => {
                    tracing::warn!(error = %error.chain(), "an invitation could not be sent by mail");
                    status::FAILED
                }
            },
        };
        let told = to.into_iter().filter(|(_, was_foreseen)| !(*was_foreseen && status == status::SENT));
        other.extend(told.map(|(to, _)| (to.address, status)));
    }
    other
}

async fn into_calendar(delivery: &Delivery, now: Timestamp) -> Became {
    let Delivery { message, way, .. } = delivery;
    let Way::Inbox(inbox, user) = way else { return Became::Closed };
    let note = Note::new(message, user, now);
    let Ok(landed) = timeout(PATIENCE, inbox.deliver(&note)).await else {
        tracing::warn!(institution = %inbox.target().0.institution, "a delivery into a calendar took too long");
        return Became::Not(status::FAILED);
    };
    match landed {
        Ok(Landed::Written(copy)) if user.kind == CalendarUserKind::Room && message.method == Method::Request => {
            Became::There(answer_of(user, &copy, now))
        }
        Ok(Landed::Written(_) | Landed::Unchanged) => Became::There(None),
        Err(Error::Unsupported { .. }) => Became::Closed,
        Err(Error::Invalid { .. }) => Became::Not(status::REJECTED),
        Err(error) => {
            tracing::warn!(error = %error.chain(), "a delivery into a calendar failed");
            Became::Not(status::FAILED)
        }
    }
}

/// What a room has answered, as it would have told its organiser.
fn answer_of(room: &CalendarUser, copy: &[u8], now: Timestamp) -> Option<String> {
    let addresses = crate::owner::addresses(room);
    let said =
        change(None, Some(copy), &Owner { addresses: &addresses }, Asked { reply: true }, Utc::of(now.0)).ok()?;
    said.messages.into_iter().find(|message| message.method == Method::Reply).map(|message| message.content)
}
