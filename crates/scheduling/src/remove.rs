//! A client takes an item out of a calendar: who was invited hears that it does not take place, and who has invited that they do not
//! come.

use crate::{
    Refusal, TRIES,
    deliver::carry_out,
    owner::{addresses, mentions_people},
    plan::Plan,
    write::{Client, Condition},
};
use passerelle_core::{Error, Read, Remove as MayRemove, Session, ports::Precondition};
use passerelle_model::{CollectionRef, ItemName};
use passerelle_wire_itip::{Asked, Owner};

/// An item is removed.
#[derive(Debug)]
pub struct Remove {
    /// Who removes it.
    pub session: Session,
    /// From which calendar.
    pub at: CollectionRef,
    /// Its name.
    pub name: ItemName,
    /// When only.
    pub condition: Condition,
    /// What the client says of messages.
    pub asked: Asked,
    /// Whence.
    pub client: Client,
}

impl Remove {
    /// Removes it, to its end, even when whoever asked leaves meanwhile.
    ///
    /// # Errors
    /// [`Refusal`]: it is still there.
    pub async fn run(self) -> Result<(), Refusal> {
        let under_way = tokio::spawn(async move { self.remove().await });
        under_way.await.map_err(|error| Error::internal("removing from a calendar", error))?
    }

    async fn remove(self) -> Result<(), Refusal> {
        let Self { session, at, name, condition, asked, client } = &self;
        let handle = session.open::<_, MayRemove>(at.clone()).await.map_err(Refusal::of_open::<MayRemove>)?;
        let reader = match session.open::<_, Read>(at.clone()).await {
            // Who may not read does not know what it is that they take away, and speaks for nobody.
            Err(Error::Forbidden) => return Ok(handle.remove(name, &condition.when).await?),
            reader => reader?,
        };
        for _ in 0..TRIES {
            let Some(item) = reader.read(std::slice::from_ref(name)).await?.pop().flatten() else {
                return Ok(handle.remove(name, &condition.when).await?);
            };
            let owner = if mentions_people(&item.content) || condition.tag.is_some() {
                addresses(&session.calendar_owner(&at.owner).await?)
            } else {
                Vec::new()
            };
            let owner = Owner { addresses: &owner };
            if !condition.holds(Some(&item), &owner) {
                return Err(Error::Conflict.into());
            }
            let now = session.now();
            let old = (!item.is_too_large).then_some(item.content.as_ref());
            let plan = Plan::of(session, at, (old, None), &owner, *asked, now).await?;
            let when = Precondition::Matches(vec![item.etag.as_str().to_owned()]);
            match handle.remove(name, &when).await {
                Err(Error::Conflict) => continue,
                removed => removed?,
            }
            if !plan.deliveries.is_empty() {
                // There is no object left to say what became of it; the log does.
                carry_out(session, plan, client, now).await;
            }
            return Ok(());
        }
        Err(Error::Conflict.into())
    }
}
