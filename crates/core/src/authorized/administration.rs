//! Handles on an institution, for who manages it: its accounts' cards and app passwords, its trail, its API clients.

use crate::{
    Actor, Allows, Authorized, Error, Manage, NewAppPassword, Resource, Result, WEB_SESSION, api_token, app_password,
    authorized::account::{app_password_name, new_app_password},
    ports::state::{
        ApiClient, ApiProof, AppPassword, AuditLine, AuditQuery, Card, CardText, Granted, Revocation, Scope,
    },
};
use passerelle_model::{AccountId, Grantee, InstitutionRef, Rights, Secret, Timestamp};

/// Most API clients of an installation.
pub const MOST_CLIENTS: usize = 200;
/// Most method patterns of a client, and the longest one, in octets.
pub const MOST_PATTERNS: usize = 64;
const LONGEST_PATTERN: usize = 64;
/// Longest text on a card, in octets.
const LONGEST_CARD_TEXT: usize = 1024;
/// Most lines of the trail in one answer.
pub const MOST_LINES: usize = 500;

/// An API client that was just made. Its token is shown once.
#[derive(Debug)]
pub struct NewApiClient {
    /// The row that is kept.
    pub row: ApiClient,
    /// The token; a client that is known by its certificate has none.
    pub token: Option<Secret>,
}

/// Those whom the caller must leave alone.
#[derive(Debug, Default)]
pub(super) struct Untouchable {
    /// Administrators by the settings.
    settled: Vec<AccountId>,
    /// And by grants.
    granted: Vec<Grantee>,
}

impl Untouchable {
    pub(super) fn check(&self, whom: &Grantee) -> Result<()> {
        let settled = match whom {
            Grantee::Account(account) => {
                self.settled.iter().any(|id| id.as_str().eq_ignore_ascii_case(account.id.as_str()))
            }
            Grantee::Group(_) | Grantee::Institution(_) | Grantee::Link(_) => false,
        };
        if settled || self.granted.contains(whom) { Err(Error::Forbidden) } else { Ok(()) }
    }
}

impl<R: Allows<Manage>> Authorized<InstitutionRef, R> {
    /// The card of an account that is there.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn card(&self, id: &AccountId) -> Result<Card> {
        self.house.state.card(&self.of(id)).await
    }

    /// Writes an account's card, as a whole, where it is still what it was `before`.
    ///
    /// # Errors
    /// `NotFound` for no account; `Invalid` for a text that is too long or has control characters; `Conflict` when somebody else
    /// has written it meanwhile.
    pub async fn set_card(
        &self,
        id: &AccountId,
        before: &Card,
        text: &CardText,
        ends: Option<Timestamp>,
    ) -> Result<()> {
        let CardText { owner, customer, country, subscription, state, external_address, comment } = text;
        for one in [owner, customer, country, subscription, state, external_address, comment] {
            let odd = |c: char| c.is_control() && c != '\n';
            if one.len() > LONGEST_CARD_TEXT || one.contains(odd) {
                return Err(Error::invalid("a text on a card has at most 1024 octets, and no control characters"));
            }
        }
        self.check_may_touch(Grantee::Account(self.of(id))).await?;
        self.account(id).await?.ok_or(Error::NotFound)?;
        let is_written = self.house.state.set_card(&self.of(id), before, text, ends).await?;
        if is_written { Ok(()) } else { Err(Error::Conflict) }
    }

    /// Whether an account administers this institution by its settings.
    pub fn is_administrator(&self, id: &AccountId) -> bool {
        self.house.tenant(&self.target().0).is_ok_and(|tenant| tenant.facts.administrators.contains(id))
    }

    /// The app passwords of an account, without what they open with.
    ///
    /// # Errors
    /// `NotFound` for no account.
    pub async fn app_passwords_of(&self, id: &AccountId) -> Result<Vec<AppPassword>> {
        self.account(id).await?.ok_or(Error::NotFound)?;
        self.house.state.app_passwords_of(&self.of(id)).await
    }

    /// Makes an app password for somebody.
    ///
    /// # Errors
    /// `NotFound` for no account, else as [`Authorized::make_app_password`].
    pub async fn make_app_password_for(
        &self,
        id: &AccountId,
        name: &str,
        scope: Scope,
        until: Option<Timestamp>,
    ) -> Result<NewAppPassword> {
        app_password_name(name)?;
        self.check_may_touch(Grantee::Account(self.of(id))).await?;
        self.theirs(id).await?;
        new_app_password(&self.house, &self.of(id), name, scope, until).await
    }

    /// Withdraws somebody's app password, and ends what it has open on every node; `false` when there is none of that id.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written.
    pub async fn remove_app_password_of(&self, account: &AccountId, id: &str) -> Result<bool> {
        if !self.house.state.remove_app_password(&self.of(account), id).await? {
            return Ok(false);
        }
        let expires = (self.house.clock)().plus(WEB_SESSION);
        let revocation = Revocation::Session { id: app_password::credential(id), expires };
        self.house.state.revoke(&revocation).await?;
        self.house.withdrawn.note(&revocation);
        Ok(true)
    }

    /// Lines of this institution's trail, the newest first.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn trail(
        &self,
        target: Option<&str>,
        before: Option<(Timestamp, [u8; 8])>,
        limit: usize,
    ) -> Result<Vec<AuditLine>> {
        let limit = limit.clamp(1, MOST_LINES);
        self.house.state.audited(AuditQuery { institution: &self.target().0, target, before, limit }).await
    }

    /// The API clients that administer this institution.
    ///
    /// # Errors
    /// `Forbidden` for an API client.
    pub async fn clients(&self) -> Result<Vec<ApiClient>> {
        self.check_person()?;
        let all = self.house.state.clients().await?;
        Ok(all.into_iter().filter(|client| client.institutions.contains(&self.target().0)).collect())
    }

    /// Makes an API client that administers this institution and the others, each proved by a handle of its own. It is known
    /// by a token, or by the SHA-256 of its certificate.
    ///
    /// # Errors
    /// `Forbidden` for an API client, which makes no others; `Invalid` for what is no name or pattern; `Conflict` for a
    /// certificate that another client has.
    pub async fn make_client(
        &self,
        others: &[Self],
        name: &str,
        methods: &[String],
        until: Option<Timestamp>,
        certificate: Option<[u8; 32]>,
    ) -> Result<NewApiClient> {
        self.check_person()?;
        app_password_name(name)?;
        let fits = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'*' | b'_');
        let is_pattern = |text: &String| !text.is_empty() && text.len() <= LONGEST_PATTERN && text.bytes().all(fits);
        if methods.is_empty() || methods.len() > MOST_PATTERNS || !methods.iter().all(is_pattern) {
            return Err(Error::invalid("methods: 1 to 64 names of methods, with * for any text"));
        }
        let all = self.house.state.clients().await?;
        if all.len() >= MOST_CLIENTS {
            return Err(Error::OverQuota);
        }
        let known = certificate.map(ApiProof::Certificate);
        if known.is_some_and(|proof| all.iter().any(|client| client.proof == proof)) {
            return Err(Error::Conflict);
        }
        let made = api_token::make()?;
        let mut institutions: Vec<_> =
            std::iter::once(self).chain(others).map(|handle| handle.target().0.clone()).collect();
        institutions.sort();
        institutions.dedup();
        let row = ApiClient {
            id: made.id,
            proof: known.unwrap_or(ApiProof::Token(made.hash)),
            name: name.trim().to_owned(),
            institutions,
            methods: methods.to_vec(),
            made: (self.house.clock)(),
            until,
            last_used: None,
        };
        self.house.state.add_client(&row).await?;
        Ok(NewApiClient { row, token: known.is_none().then_some(made.token) })
    }

    /// Removes an API client of this institution; `false` when there is none of that id. Its next call is refused.
    ///
    /// # Errors
    /// `Forbidden` for an API client.
    pub async fn remove_client(&self, id: &str) -> Result<bool> {
        self.check_person()?;
        let ours = |client: &ApiClient| client.institutions.contains(&self.target().0);
        if !self.house.state.client(id).await?.as_ref().is_some_and(ours) {
            return Ok(false);
        }
        self.house.state.remove_client(id).await
    }

    pub(super) async fn check_may_touch(&self, whom: Grantee) -> Result<()> {
        self.untouchable().await?.check(&whom)
    }

    /// Who administers is no business of programs: one that may set passwords would otherwise become an administrator, by
    /// an administrator's password, or by the login that the settings name.
    pub(super) async fn untouchable(&self) -> Result<Untouchable> {
        let Actor::ApiClient(_) = self.permit.actor() else { return Ok(Untouchable::default()) };
        let settled = self.facts()?.administrators.clone();
        let granted = self.house.state.grants_at(&Resource::target(self.target())).await?;
        let holds = |granted: &Granted| granted.grant.rights.contains(Rights::MANAGE);
        Ok(Untouchable { settled, granted: granted.into_iter().filter(holds).map(|it| it.grant.to).collect() })
    }

    /// What gives power over administration itself is for people.
    fn check_person(&self) -> Result<()> {
        match self.permit.actor() {
            Actor::Person(_) => Ok(()),
            Actor::Link(_) | Actor::ApiClient(_) | Actor::System(_) => Err(Error::Forbidden),
        }
    }
}
