//! A client's write into a calendar, with all that follows.

use crate::{Refusal, TRIES, deliver::carry_out, owner::mentions_people, plan::Plan, rewrite::rewrite};
use bytes::Bytes;
use passerelle_core::{
    Add, Authorized, Edit, Error, Read, Session,
    ports::{CollectionItem, ETag, Precondition},
};
use passerelle_model::{CollectionRef, ItemName};
use passerelle_wire_ical::discreet;
use passerelle_wire_itip::{Address, Asked, Owner, schedule_tag};
use std::net::SocketAddr;

/// Who sends the mails that follow, for an MTA that is told.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// Their address.
    pub peer: SocketAddr,
}

/// What must hold of what is there.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    /// Of its tag.
    pub when: Precondition,
    /// Of its Schedule-Tag (RFC 6638 §8.3, `If-Schedule-Tag-Match`).
    pub tag: Option<String>,
}

impl Condition {
    /// Whether it holds.
    pub(crate) fn holds(&self, there: Option<&CollectionItem>, owner: &Owner<'_>) -> bool {
        let among = |tags: &[String]| there.is_some_and(|item| tags.iter().any(|tag| tag == item.etag.as_str()));
        let by_etag = match &self.when {
            Precondition::None => true,
            Precondition::Exists => there.is_some(),
            Precondition::Matches(tags) => among(tags),
            Precondition::Absent => there.is_none(),
            Precondition::Differs(tags) => !among(tags),
        };
        let by_tag = self
            .tag
            .as_ref()
            .is_none_or(|tag| there.and_then(|item| schedule_tag(&item.content, owner)).as_ref() == Some(tag));
        by_etag && by_tag
    }
}

/// An item is written, new or in the place of the one that is there.
#[derive(Debug)]
pub struct Put {
    /// Who writes.
    pub session: Session,
    /// In which calendar.
    pub at: CollectionRef,
    /// Its name.
    pub name: ItemName,
    /// What a calendar can hold: that was looked at before.
    pub content: Bytes,
    /// When only.
    pub condition: Condition,
    /// What the client says of messages.
    pub asked: Asked,
    /// Whence.
    pub client: Client,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Whether nothing was there before.
    pub is_new: bool,
    /// Its tag, where the octets are the client's own and the store says it.
    pub etag: Option<ETag>,
    /// Its Schedule-Tag, where it is for scheduling.
    pub tag: Option<String>,
}

impl Put {
    /// Writes it, to its end, even when whoever asked leaves meanwhile: what is stored must be told to whom it concerns.
    ///
    /// # Errors
    /// [`Refusal`]: nothing is stored. What fails behind the write is told in the object.
    pub async fn run(self) -> Result<Written, Refusal> {
        let under_way = tokio::spawn(async move { self.write().await });
        under_way.await.map_err(|error| Error::internal("writing into a calendar", error))?
    }

    async fn write(self) -> Result<Written, Refusal> {
        let Self { session, at, name, .. } = &self;
        for _ in 0..TRIES {
            let reader = match session.open::<_, Read>(at.clone()).await {
                // Who may only put something in was told nothing of what is there.
                Err(Error::Forbidden) => None,
                reader => Some(reader?),
            };
            let there = match &reader {
                Some(reader) => reader.read(std::slice::from_ref(name)).await?.pop().flatten(),
                None => None,
            };
            if let (Some(reader), Some(item)) = (&reader, &there)
                && reader.hides(&item.content, discreet)
            {
                // Who was told less than there is does not write over it: what they do not know would be gone.
                return Err(Error::Forbidden.into());
            }
            let owner = self.owner(there.as_ref()).await?;
            if reader.is_some() && !self.condition.holds(there.as_ref(), &Owner { addresses: &owner }) {
                return Err(Error::Conflict.into());
            }
            match self.write_over(there.as_ref(), reader.is_some(), &Owner { addresses: &owner }).await {
                // Another was quicker: whether the condition still holds, and what follows, has to be found anew.
                Err(Refusal::Gate(Error::Conflict | Error::NotFound)) if reader.is_some() => {}
                written => return written,
            }
        }
        Err(Error::Conflict.into())
    }

    async fn write_over(
        &self,
        there: Option<&CollectionItem>,
        may_read: bool,
        owner: &Owner<'_>,
    ) -> Result<Written, Refusal> {
        let Self { session, at, name, content, condition, asked, client } = self;
        let now = session.now();
        let old = there.filter(|item| !item.is_too_large).map(|item| item.content.as_ref());
        let plan = Plan::of(session, at, (old, Some(content)), owner, *asked, now).await?;
        let stored = plan.content.clone().unwrap_or_else(|| content.clone());
        let etag = match there {
            Some(item) => {
                let handle: Authorized<_, Edit> = session.open(at.clone()).await.map_err(Refusal::of_open::<Edit>)?;
                let when = Precondition::Matches(vec![item.etag.as_str().to_owned()]);
                handle.replace(name, &stored, &when).await?
            }
            None => {
                let handle: Authorized<_, Add> = session.open(at.clone()).await.map_err(Refusal::of_open::<Add>)?;
                match handle.add(name, &stored).await {
                    // It is there, and who may only put something in may not change it.
                    Err(Error::Conflict) if !may_read && condition.when == Precondition::None => {
                        return Err(Error::Forbidden.into());
                    }
                    added => added?,
                }
            }
        };
        let mut is_as_sent = stored == *content;
        if !plan.deliveries.is_empty() {
            let outcome = carry_out(session, plan, client, now).await;
            if !outcome.is_as_foreseen() {
                is_as_sent = false;
                if let Err(error) = rewrite(session, at, name, &outcome, owner).await {
                    tracing::warn!(error = %error.chain(), "what became of invitations could not be noted");
                }
            }
        }
        let etag = etag.filter(|_| is_as_sent);
        let mut tag = schedule_tag(&stored, owner);
        if tag.is_some() && may_read {
            // A server may keep other octets than it was given, and by those the next condition is judged.
            let reader = session.open::<_, Read>(at.clone()).await?;
            let kept = reader.read(std::slice::from_ref(name)).await;
            tag = kept.ok().and_then(|mut kept| kept.pop()?).and_then(|item| schedule_tag(&item.content, owner));
        }
        Ok(Written { is_new: there.is_none(), etag, tag })
    }

    /// The addresses of whose calendar it is, where they matter.
    async fn owner(&self, there: Option<&CollectionItem>) -> Result<Vec<Address>, Refusal> {
        let matters = mentions_people(&self.content) || there.is_some_and(|item| mentions_people(&item.content));
        Ok(if matters {
            crate::owner::addresses(&self.session.calendar_owner(&self.at.owner).await?)
        } else {
            Vec::new()
        })
    }
}
