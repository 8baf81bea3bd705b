//! Somebody whose connection lives long: let in once, and asked for again at each command that needs the gate.
//!
//! What the directory says of a person changes while a mail program stays connected for days. So a connection keeps only
//! who was let in and how; the entry with its groups is looked up again, from the directory's cache where it is fresh.

use crate::{
    Actor, Delegation, Door, Error, Result, Session, Strength,
    door::{find, principal},
    institution::Tenant,
    ports::state::Scope,
};
use passerelle_model::{Account, Rights, Timestamp};
use std::sync::Arc;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Who was let in, and how. It gives no right by itself: [`Door::again`] makes a session of it, while it holds.
#[derive(Debug, Clone)]
pub struct Visitor {
    account: Account,
    strength: Strength,
    since: Timestamp,
    credential: Option<[u8; 16]>,
    ceiling: Rights,
    scope: Scope,
    until: Option<Timestamp>,
}

impl Session {
    /// What to keep of this session for as long as a connection lives.
    ///
    /// # Errors
    /// `Forbidden` for a link.
    pub fn visitor(&self) -> Result<Visitor> {
        let person = self.principal()?;
        Ok(Visitor {
            account: person.account.clone(),
            strength: person.strength,
            since: person.since,
            credential: person.credential,
            ceiling: person.ceiling,
            scope: person.scope,
            until: person.until,
        })
    }
}

impl Visitor {
    /// The account.
    pub fn account(&self) -> &Account {
        &self.account
    }
}

impl Door {
    /// A session of somebody who was let in before, as the directory knows them now and by the settings in force. Nothing of
    /// what they typed is left: it opens stores by the gateway's own ways.
    ///
    /// # Errors
    /// `Unauthenticated` when the person has left or was withdrawn, `Unavailable` when the directory cannot say.
    pub async fn again(&self, visitor: &Visitor) -> Result<Session> {
        let house = self.house.load_full();
        let person = find(&house, &visitor.account).await?.ok_or(Error::Unauthenticated)?;
        let mut principal =
            principal(visitor.account.clone(), person, visitor.strength, Delegation::None, visitor.since);
        principal.credential = visitor.credential;
        principal.ceiling = visitor.ceiling;
        principal.scope = visitor.scope;
        principal.until = visitor.until;
        let session = Session { actor: Arc::new(Actor::Person(Box::new(principal))), house, web: None };
        session.check_in_force()?;
        Ok(session)
    }

    /// The same session as the directory and the settings in force say it now, with what the person gave for stores: for a
    /// connection that lives long and asks at each command, as WebDAV does at each request.
    ///
    /// # Errors
    /// As [`Self::again`].
    pub async fn renewed(&self, session: &Session) -> Result<Session> {
        let mut renewed = self.again(&session.visitor()?).await?;
        let delegation = session.principal()?.delegation().clone();
        if let Some(Actor::Person(person)) = Arc::get_mut(&mut renewed.actor) {
            person.delegation = delegation;
        }
        Ok(renewed)
    }

    /// Whether the institution's scanners look, by the settings in force, at what somebody puts into mailboxes of their own.
    /// Nobody is asked, so that it may be asked at every command.
    pub fn screens(&self, visitor: &Visitor) -> bool {
        self.house.load().tenant(&visitor.account.institution).is_ok_and(Tenant::screens)
    }

    /// Tells when the grants of an owner change, from now on.
    pub fn grant_changes(&self, owner: Account) -> GrantChanges {
        GrantChanges { owner, changes: self.house.load().withdrawn.grant_changes() }
    }
}

/// Changes of one owner's grants.
#[derive(Debug)]
pub struct GrantChanges {
    owner: Account,
    changes: Receiver<Option<Account>>,
}

impl GrantChanges {
    /// Waits for a change; or for a moment in which one may have been missed.
    pub async fn next(&mut self) {
        loop {
            match self.changes.recv().await {
                Ok(Some(owner)) if owner != self.owner => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                // The door is gone: the process is going down, and drains by itself.
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
