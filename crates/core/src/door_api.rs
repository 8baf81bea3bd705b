//! The way in for programs that administer, and what the gateway itself does in an institution's name.

use crate::{
    Actor, Authorized, Door, Error, Manage, Resource, Result, Session, api_token, calls,
    house::House,
    permit::Permit,
    ports::{
        AccountLock,
        state::{ApiClient, ApiProof, AuditLine},
    },
};
use passerelle_model::{Account, InstitutionId, InstitutionRef, Rights, Secret};
use std::sync::Arc;

/// Subscriptions that one round ends at most; the next round goes on.
const MOST_ENDED: usize = 500;
/// What the trail calls the job that ends subscriptions.
const EXPIRY: &str = "expiry";

/// A program that administers, as its row in State says.
#[derive(Debug)]
pub struct Program {
    pub(crate) client: ApiClient,
}

impl Program {
    /// Its public id.
    pub fn id(&self) -> &str {
        &self.client.id
    }

    /// The institutions that it administers.
    pub fn institutions(&self) -> &[InstitutionId] {
        &self.client.institutions
    }
}

impl Door {
    /// Lets a program in by its token. State is asked each time, so that a client that was removed ends with its next call.
    ///
    /// # Errors
    /// `Unauthenticated` for an unknown, removed or ended one alike; `Unavailable` when State cannot say.
    pub async fn api(&self, token: &Secret) -> Result<Session> {
        self.refuse_slowly(self.by_token(token)).await
    }

    /// Lets a program in by the certificate that it has proved to hold, told by its SHA-256. State is asked each time.
    ///
    /// # Errors
    /// As [`Self::api`].
    pub async fn api_by_certificate(&self, certificate: &[u8; 32]) -> Result<Session> {
        self.refuse_slowly(async {
            let house = self.house.load_full();
            let clients = house.state.clients().await?;
            let client = clients.into_iter().find(|client| client.proof == ApiProof::Certificate(*certificate));
            self.admit_client(house, client.ok_or(Error::Unauthenticated)?).await
        })
        .await
    }

    async fn by_token(&self, token: &Secret) -> Result<Session> {
        let house = self.house.load_full();
        let id = api_token::id(token).ok_or(Error::Unauthenticated)?;
        let client = house.state.client(id).await?.ok_or(Error::Unauthenticated)?;
        if !api_token::proves(client.proof, token) {
            return Err(Error::Unauthenticated);
        }
        self.admit_client(house, client).await
    }

    async fn admit_client(&self, house: Arc<House>, client: ApiClient) -> Result<Session> {
        let now = (house.clock)();
        if client.until.is_some_and(|until| now >= until) {
            return Err(Error::Unauthenticated);
        }
        house.state.client_used(&client.id, now).await?;
        self.admit(house, Arc::new(Actor::ApiClient(Box::new(Program { client }))))
    }

    /// Puts the passwords of external accounts that were sealed under an old key under the newest; how many. Once it has
    /// run, the old key may leave the settings.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be read or written; what was done until then stays so.
    pub async fn reseal(&self) -> Result<usize> {
        crate::authorized::reseal_all(&self.house.load_full()).await
    }

    /// Locks the accounts whose subscription has ended; how many. Every node may try: whoever comes second finds it done.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be read. An account that cannot be locked now is tried again in the next round.
    pub async fn end_subscriptions(&self) -> Result<usize> {
        let house = self.house.load_full();
        let now = (house.clock)();
        let mut ended = 0_usize;
        for account in house.state.ended_cards(now, MOST_ENDED).await? {
            let outcome = self.lock_ended(&account).await;
            let outcome = match outcome {
                // Gone, or of a directory that is only read: there is nothing to lock, now or later.
                Ok(()) | Err(Error::NotFound | Error::Unsupported { .. }) => {
                    house.state.settle_card(&account, now).await?;
                    outcome
                }
                Err(error) => {
                    tracing::warn!(error = %error.chain(), "an account's subscription has ended and it cannot be locked yet");
                    continue;
                }
            };
            ended = ended.saturating_add(1);
            let line = AuditLine {
                at: now,
                id: calls::told_apart()?,
                institution: account.institution.clone(),
                who: format!("system:{EXPIRY}"),
                from: String::new(),
                method: "account.lock".to_owned(),
                target: account.id.to_string(),
                outcome: outcome.map_or_else(|error| error.word().to_owned(), |()| "done".to_owned()),
                change: "the subscription has ended".to_owned(),
            };
            house.state.audit(&[line]).await?;
            house.state.secure().await?;
        }
        Ok(ended)
    }

    async fn lock_ended(&self, account: &Account) -> Result<()> {
        let house = self.house.load_full();
        let target = InstitutionRef(account.institution.clone());
        let port = target.port(&house)?;
        let permit = Permit::mint(target, Arc::new(Actor::System(EXPIRY)), None);
        let handle: Authorized<InstitutionRef, Manage> = Authorized { permit, port, house, held: Rights::MANAGE };
        handle.lock_account(&account.id, AccountLock::Lock).await.map(drop)
    }
}

impl Session {
    /// Whether this session may call a method. People may call all; what a method does is decided by the gate all the same.
    ///
    /// # Errors
    /// `Forbidden` for a method that is not among the client's.
    pub fn check_method(&self, method: &str) -> Result<()> {
        match self.actor() {
            Actor::ApiClient(program) => {
                let may = program.client.methods.iter().any(|pattern| api_token::matches(pattern, method));
                if may { Ok(()) } else { Err(Error::Forbidden) }
            }
            Actor::Person(_) | Actor::Link(_) | Actor::System(_) => Ok(()),
        }
    }

    /// The institutions that this session may administer at all: a person's own, or a program's.
    ///
    /// # Errors
    /// `Forbidden` for a link.
    pub fn administrable(&self) -> Result<Vec<InstitutionId>> {
        match self.actor() {
            Actor::Person(person) => Ok(vec![person.account().institution.clone()]),
            Actor::ApiClient(program) => Ok(program.client.institutions.clone()),
            Actor::Link(_) | Actor::System(_) => Err(Error::Forbidden),
        }
    }

    /// Who acts, as the trail writes it.
    pub fn who(&self) -> String {
        self.actor.who()
    }
}
