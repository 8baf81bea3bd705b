//! The second write: what became of messages otherwise than was foreseen, and what rooms have answered.

use crate::{TRIES, deliver::Outcome};
use bytes::Bytes;
use passerelle_core::{Edit, Error, Result, Session, ports::Precondition};
use passerelle_model::{CollectionRef, ItemName};
use passerelle_wire_itip::{Owner, Received, receive, with_statuses};

/// Writes an outcome into the object that it is of, over what it is by now. What is gone stays gone.
pub(crate) async fn rewrite(
    session: &Session,
    at: &CollectionRef,
    name: &ItemName,
    outcome: &Outcome,
    owner: &Owner<'_>,
) -> Result<()> {
    let handle = session.open::<_, Edit>(at.clone()).await?;
    for _ in 0..TRIES {
        let Some(item) = handle.read(std::slice::from_ref(name)).await?.pop().flatten() else { return Ok(()) };
        let content = told(&item.content, outcome, owner);
        if content == item.content {
            return Ok(());
        }
        let when = Precondition::Matches(vec![item.etag.as_str().to_owned()]);
        match handle.replace(name, &content, &when).await {
            Err(Error::Conflict) => {}
            written => return written.map(drop),
        }
    }
    Err(Error::Conflict)
}

fn told(content: &Bytes, outcome: &Outcome, owner: &Owner<'_>) -> Bytes {
    let mut content = content.clone();
    for reply in &outcome.replies {
        match receive(Some(&content), reply.as_bytes(), owner) {
            Ok(Received::Put(answered)) => content = Bytes::from(answered),
            // Somebody changed it meanwhile so that the answer is to something else.
            Ok(Received::Unchanged) | Err(_) => {}
        }
    }
    if outcome.statuses.is_empty() { content } else { Bytes::from(with_statuses(&content, &outcome.statuses)) }
}
