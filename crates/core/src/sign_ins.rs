//! Good log-ins, noted on accounts' cards in one place. Nobody waits for it: a log-in asks memory, and once an hour for
//! each account and node State is told, behind its back.

use crate::{Actor, Session, ports::state::SIGN_IN_NOTED_EVERY};
use moka::sync::Cache;
use passerelle_model::Account;
use std::{sync::Arc, time::Duration};

/// Most accounts remembered as noted.
const MOST_NOTED: u64 = 100_000;

/// The accounts noted lately by this node.
#[derive(Debug, Clone)]
pub(crate) struct SignIns(Cache<Account, ()>);

impl Default for SignIns {
    fn default() -> Self {
        let every = Duration::from_secs(SIGN_IN_NOTED_EVERY.unsigned_abs());
        Self(Cache::builder().max_capacity(MOST_NOTED).time_to_live(every).build())
    }
}

impl SignIns {
    /// Notes that a person was let in.
    pub(crate) fn note(&self, session: &Session) {
        let Actor::Person(person) = session.actor() else { return };
        let account = person.account();
        if self.0.contains_key(account) {
            return;
        }
        self.0.insert(account.clone(), ());
        let (house, account) = (Arc::clone(&session.house), account.clone());
        tokio::spawn(async move {
            if let Err(error) = house.state.signed_in(&account, (house.clock)()).await {
                tracing::debug!(error = %error.chain(), "a log-in was not noted on the account's card");
            }
        });
    }
}
