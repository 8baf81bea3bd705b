//! What is written into calendars, with the messages of scheduling where the client wants them sent (`sendSchedulingMessages`).

use super::FAMILY;
use super::stored::Stored;
use crate::{desk::Desk, error::SetError};
use bytes::Bytes;
use passerelle_core::{Add, Edit, Error, Remove as MayRemove, ports::Precondition};
use passerelle_model::{CollectionRef, ItemName};
use passerelle_scheduling::{Asked, Client, Condition, Put, Refusal, Remove};

/// Whether whom a write concerns hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Messages {
    /// They do.
    Sent,
    /// They do not.
    None,
}

/// Puts a new object into a calendar, by the calendar's name in addresses.
pub(super) async fn add(
    desk: &mut Desk<'_>,
    calendar: &str,
    item: &ItemName,
    content: Bytes,
    messages: Messages,
) -> Result<(), SetError> {
    let handle = desk.collection::<Add>(FAMILY, calendar).await?;
    match messages {
        Messages::None => drop(handle.add(item, &content).await?),
        Messages::Sent => {
            let put = put(desk, handle.target().clone(), item, content, Precondition::Absent)?;
            put.run().await.map_err(refused)?;
        }
    }
    Ok(())
}

/// Writes another object in the place of the one that was read.
pub(super) async fn replace(
    desk: &mut Desk<'_>,
    object: &Stored,
    content: Bytes,
    messages: Messages,
) -> Result<(), SetError> {
    let handle = desk.collection::<Edit>(FAMILY, &object.calendar).await?;
    match messages {
        Messages::None => drop(handle.replace(&object.name, &content, &unchanged(object)).await?),
        Messages::Sent => {
            let put = put(desk, handle.target().clone(), &object.name, content, unchanged(object))?;
            put.run().await.map_err(refused)?;
        }
    }
    Ok(())
}

/// Removes what was read.
pub(super) async fn remove(desk: &mut Desk<'_>, object: &Stored, messages: Messages) -> Result<(), SetError> {
    let handle = desk.collection::<MayRemove>(FAMILY, &object.calendar).await?;
    match messages {
        Messages::None => handle.remove(&object.name, &unchanged(object)).await?,
        Messages::Sent => {
            let remove = Remove {
                session: desk.session.clone(),
                at: handle.target().clone(),
                name: object.name.clone(),
                condition: Condition { when: unchanged(object), tag: None },
                asked: Asked { reply: true },
                client: client(desk)?,
            };
            remove.run().await.map_err(refused)?;
        }
    }
    Ok(())
}

fn put(
    desk: &Desk<'_>,
    at: CollectionRef,
    name: &ItemName,
    content: Bytes,
    when: Precondition,
) -> Result<Put, SetError> {
    Ok(Put {
        session: desk.session.clone(),
        at,
        name: name.clone(),
        content,
        condition: Condition { when, tag: None },
        asked: Asked { reply: true },
        client: client(desk)?,
    })
}

fn client(desk: &Desk<'_>) -> Result<Client, Error> {
    let client = desk.client.as_ref().ok_or_else(|| Error::internal("sending messages", "nobody asks for it"))?;
    Ok(Client { peer: client.peer })
}

fn unchanged(object: &Stored) -> Precondition {
    Precondition::Matches(vec![object.item.etag.as_str().to_owned()])
}

/// Why an object was not written.
fn refused(refusal: Refusal) -> SetError {
    match refusal {
        Refusal::Gate(error) => error.into(),
        Refusal::Needs(_) => SetError::saying("forbidden", "who may not change what is there speaks for nobody"),
        Refusal::Condition("max-attendees-per-instance") => {
            SetError::properties(&["participants"], "it invites too many people")
        }
        Refusal::Condition(name) => SetError::saying("forbidden", format!("scheduling does not allow it: {name}")),
    }
}
