//! Signing a program on by an access token: the realm's provider says whose it is, the directory who that is.
//!
//! The token is as good as a browser's sign-on, for mail only: it ends when the token does, and when the provider tells that
//! the sign-on has ended which the token is of. Wrong tokens are refused as slowly as wrong passwords and are not counted,
//! since nobody guesses a signature: a phone whose token has run out would otherwise make its owner's password wait.

use crate::{
    Actor, Delegation, Door, Errand, Error, Result, Session, Strength, Visit, WEB_SESSION,
    door::{has_domain, is_called, principal},
    ports::{SsoProvider, TokenHolder, state::Scope},
    sign_on::{LONGEST_INDEX, credential, known_now},
};
use passerelle_model::{Login, Secret};
use std::sync::Arc;

/// What a program shows at the door.
#[derive(Debug)]
pub enum Proof {
    /// Somebody's password, the directory's or an app password.
    Password {
        /// Whose.
        login: Login,
        /// The password.
        password: Secret,
    },
    /// An access token that the realm's provider gave to the program.
    Token {
        /// Whose the program says it is; `None` when it leaves that to the token.
        login: Option<Login>,
        /// The token.
        token: Secret,
    },
}

impl Proof {
    /// A password; `None` when the login cannot be one.
    pub fn of_password(login: &[u8], password: &[u8]) -> Option<Self> {
        Some(Self::Password { login: Login::parse(login).ok()?, password: Secret::new(password) })
    }

    /// A token, of whom an empty login leaves to it; `None` when the login cannot be one.
    pub fn of_token(login: &[u8], token: &[u8]) -> Option<Self> {
        let login = if login.is_empty() { None } else { Some(Login::parse(login).ok()?) };
        Some(Self::Token { login, token: Secret::new(token) })
    }
}

impl Door {
    /// Signs a person's program on with whatever it shows.
    ///
    /// # Errors
    /// As [`Self::login`] and [`Self::login_with_token`].
    pub async fn login_by(&self, proof: &Proof, visit: Visit<'_>) -> Result<Session> {
        match proof {
            Proof::Password { login, password } => self.login(login, password, visit).await,
            Proof::Token { login, token } => self.login_with_token(login.as_ref(), token, visit).await,
        }
    }

    /// Signs a person's program on with an access token of the realm's provider, for mail. The realm is found as for a
    /// password; a login that the program names must be the person's whose token it is.
    ///
    /// # Errors
    /// `Unauthenticated`, whatever was wrong with the token or the login, or where the realm takes no tokens; `Forbidden`
    /// when the token is good and the directory knows no one person of the realm's institutions for it; `Unavailable` when
    /// the provider or the directory cannot say.
    pub async fn login_with_token(&self, login: Option<&Login>, token: &Secret, visit: Visit<'_>) -> Result<Session> {
        self.refuse_slowly(self.by_access_token(login, token, visit)).await
    }

    /// Whether programs may bring tokens at this host: what a surface announces before it knows who comes.
    pub fn takes_tokens_at(&self, host: Option<&str>) -> bool {
        let house = self.house.load();
        house
            .at_host(host)
            .is_some_and(|place| place.realm.providers.iter().any(|provider| provider.as_access_tokens().is_some()))
    }

    async fn by_access_token(&self, login: Option<&Login>, token: &Secret, visit: Visit<'_>) -> Result<Session> {
        // A token was given for mail: what makes app passwords or administers wants the person.
        match visit.errand {
            Errand::Mail | Errand::Submission => {}
            Errand::Files | Errand::Web | Errand::Administration => return Err(Error::Unauthenticated),
        }
        let house = self.house.load_full();
        let place = match login {
            Some(login) => house.sign_on_place(login, visit.host),
            None => house.at_host(visit.host),
        };
        let realm = place.ok_or(Error::Unauthenticated)?.realm;
        let checks = |provider: &Arc<dyn SsoProvider>| provider.as_access_tokens().is_some();
        let provider = realm.providers.iter().find(|provider| checks(provider)).ok_or(Error::Unauthenticated)?;
        let checking = provider.as_access_tokens().ok_or(Error::Unauthenticated)?;
        let now = (house.clock)();
        let TokenHolder { subject, index, issued, expires } = checking.check(token, now).await?;
        // A withdrawal is remembered for as long as a web session lasts. A token that lasts longer would come back to life.
        let until = expires.min(issued.plus(WEB_SESSION));
        if now >= until || index.as_ref().is_some_and(|index| index.len() > LONGEST_INDEX) {
            return Err(Error::Unauthenticated);
        }
        let (account, person) = known_now(&house, realm, &subject, now).await?.ok_or(Error::Forbidden)?;
        let institution = &house.tenant(&account.institution)?.facts;
        if login.is_some_and(|login| !is_called(&person, login) || !has_domain(institution, login)) {
            return Err(Error::Unauthenticated);
        }
        // What was withdrawn since the token was issued, the token does not bring back.
        let since = issued.min(now);
        let delegation = Delegation::Token(token.clone());
        let mut principal = principal(account, Arc::new(person), Strength::SingleSignOn, delegation, since);
        principal.credential = index.map(|index| credential(realm, provider, &index));
        // It was given for mail.
        principal.scope = Scope::Mail;
        principal.until = Some(until);
        self.admit(Arc::clone(&house), Arc::new(Actor::Person(Box::new(principal))))
    }
}
