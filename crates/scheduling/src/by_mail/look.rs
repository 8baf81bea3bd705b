//! The recipient themselves looks at a message, and takes it.

use super::{Judged, Mail, Reason, letter::Mailed, put_in};
use crate::owner;
use passerelle_core::{Add, Read, Result, Session, ports::CollectionItem};
use passerelle_model::{CollectionRef, InboxRef, ItemName};
use passerelle_wire_itip::Address;

/// Where the copy of what a message is about lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The calendar.
    pub calendar: CollectionRef,
    /// The item.
    pub name: ItemName,
    /// What it is now.
    pub item: CollectionItem,
}

/// A message, and what it is to whoever looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// What it is to what is there.
    pub judged: Judged,
    /// What is there.
    pub place: Option<Place>,
    /// The calendar that it would come into, where there is none.
    pub calendar: Option<CollectionRef>,
    /// All the addresses of whoever looks.
    pub mine: Vec<Address>,
}

/// What came of taking a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// [`Reason::Fits`] where it was done; else why not.
    pub outcome: Reason,
    /// Where the copy is.
    pub place: Option<Place>,
}

/// What a message is to this person's own calendars.
///
/// # Errors
/// `Forbidden` for a link; `Unsupported` where the institution has no calendars; `Unavailable`.
pub async fn look(session: &Session, mail: &Mail) -> Result<Looked> {
    let me = session.principal()?.account().clone();
    let user = session.calendar_owner(&me).await?;
    let inbox = session.open::<_, Read>(InboxRef(me)).await?;
    let letter = Mailed::new(mail, &user);
    let place = inbox.copy_of(&letter).await?.map(|(calendar, name, item)| Place { calendar, name, item });
    let calendar = match &place {
        Some(place) => Some(place.calendar.clone()),
        None => inbox.default_calendar().await?,
    };
    let mine = owner::addresses(&user);
    let judged = mail.judge(place.as_ref().map(|place| place.item.content.as_ref()), &mine);
    Ok(Looked { judged, place, calendar, mine })
}

/// Takes a message into this person's own calendars. It is done once, however often it is asked for.
///
/// # Errors
/// As [`look`]; `OverQuota` and others of the store. A message that may not be taken is an outcome.
pub async fn take(session: &Session, mail: &Mail) -> Result<Taken> {
    let me = session.principal()?.account().clone();
    let user = session.calendar_owner(&me).await?;
    let inbox = session.open::<_, Add>(InboxRef(me.clone())).await?;
    let outcome = put_in(&inbox, &user, mail).await?;
    let letter = Mailed::new(mail, &user);
    let inbox = session.open::<_, Read>(InboxRef(me)).await?;
    let place = inbox.copy_of(&letter).await?.map(|(calendar, name, item)| Place { calendar, name, item });
    Ok(Taken { outcome, place })
}
