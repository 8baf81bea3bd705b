//! People who come through the file system of this machine: the operator's settings say which of its numbers is whom. Whoever
//! has become that number here, as Samba does for who signed on there, is let in as that person.

use crate::{
    Actor, Delegation, Error, Operator, Result, Session, Strength,
    door::{find, principal},
    house::House,
};
use passerelle_model::Account;
use std::{collections::BTreeMap, sync::Arc};

/// Which number is whom.
#[derive(Debug, Clone)]
pub struct Mapped {
    house: Arc<House>,
    people: Arc<BTreeMap<u32, Account>>,
}

impl Operator {
    /// Lets these people in by their numbers. A surface gets what comes of it, and cannot make it.
    ///
    /// # Errors
    /// `Invalid` for a name, `login@domain`, of no institution's; for a number that is two people's.
    pub fn mapped(&self, people: &[(u32, String)]) -> Result<Mapped> {
        let house = self.shared_house();
        let mut known = BTreeMap::new();
        for (number, name) in people {
            let account = house.account_wholly_named(name);
            let account = account.ok_or_else(|| Error::invalid(format!("{name} is of no institution here")))?;
            if known.insert(*number, account).is_some() {
                return Err(Error::invalid(format!("{number} is two people")));
            }
        }
        Ok(Mapped { house, people: Arc::new(known) })
    }
}

impl Mapped {
    /// A session of whoever has this number, as the directory knows them now.
    ///
    /// # Errors
    /// `NotFound` for a number that is nobody's; `Unauthenticated` when the person has left or is locked; `Unavailable` when
    /// the directory cannot say.
    pub async fn session(&self, number: u32) -> Result<Session> {
        let account = self.people.get(&number).ok_or(Error::NotFound)?;
        let house = Arc::clone(&self.house);
        let person = find(&house, account).await?.ok_or(Error::Unauthenticated)?;
        let since = house.withdrawn.earliest(account, (house.clock)());
        // Another one has signed them on, as a trusted proxy would; nothing of theirs opens a store.
        let principal = principal(account.clone(), person, Strength::SingleSignOn, Delegation::None, since);
        let session = Session { actor: Arc::new(Actor::Person(Box::new(principal))), house, web: None };
        session.check_in_force()?;
        Ok(session)
    }
}
