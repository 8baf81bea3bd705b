//! The door: the ways in. What a surface is given at start, and the only maker of sessions.

use crate::{
    Actor, Delegation, Error, Institution, Look, Principal, Realm, Result, Session, Strength, Tool, app_password,
    house::{self, House, HouseParts, Stray},
    overlay,
    ports::{
        Health,
        state::{AppPassword, Scope, State},
    },
    seal::{self, Purpose},
    sign_ins::SignIns,
    throttle::Throttle,
    token::{Opened, SessionToken},
    watch::Withdrawn,
};
use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use moka::sync::Cache;
use passerelle_model::{Account, GroupRef, InstitutionId, Login, Person, RealmId, Rights, Secret, Standing, Timestamp};
use std::{fmt, net::IpAddr, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

/// What tells the time. An argument, so that tests can.
pub type Clock = fn() -> Timestamp;

/// How long a good password is remembered, so that a client which sends it with every request does not bind each time.
pub const REMEMBERED: Duration = Duration::from_secs(60);
/// Most passwords remembered.
pub const MOST_REMEMBERED: u64 = 100_000;
/// Longest password, in octets; longer ones are wrong without asking anybody.
pub const LONGEST_PASSWORD: usize = 1024;
/// How long a web session lasts, in seconds: a working day.
pub const WEB_SESSION: i64 = 12 * 3600;

/// What somebody comes for. An app password opens only what it was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// Mail, by IMAP and its like.
    Mail,
    /// Sending mail. An app password that only reads sends nothing.
    Submission,
    /// Files, by WebDAV and its like.
    Files,
    /// The pages, which make app passwords and so never take one.
    Web,
    /// Calls of an administrator's program.
    Administration,
}

impl Errand {
    const fn takes(self, scope: Scope) -> bool {
        match self {
            Self::Mail => scope.opens_mail(),
            Self::Submission => scope.opens_mail() && scope.ceiling().contains(Rights::SEND_AS),
            Self::Files => scope.opens_files(),
            Self::Web | Self::Administration => false,
        }
    }
}

/// Who knocks: where from, at which name of ours, and what for.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// The host name that the client used (`Host`, SNI), if it named one.
    pub host: Option<&'a str>,
    /// The client's address, behind a balancer too.
    pub from: IpAddr,
    /// What it comes for.
    pub errand: Errand,
}

/// The ways in. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    pub(crate) house: Arc<ArcSwap<House>>,
    remembered: Cache<[u8; 32], Arc<Actor>>,
    /// Passwords of links that were right a moment ago.
    pub(crate) link_passwords: Cache<[u8; 32], ()>,
    /// Drawn at start and never kept: what is remembered means nothing outside of this process.
    process_key: Arc<hmac::Key>,
    sign_ins: SignIns,
    /// Held by whoever puts another house in place.
    turn: Arc<tokio::sync::Mutex<()>>,
    pub(crate) throttle: Throttle,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Door")
    }
}

impl Door {
    /// Opens the house and begins to follow what is withdrawn.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be read.
    pub async fn new(parts: HouseParts, state: Arc<dyn State>, clock: Clock) -> Result<Self> {
        // Followed before anything is read, so that no change falls between the two.
        let withdrawn = Withdrawn::follow(&state, clock).await?;
        let values = overlay::load(&state, parts.tenants.iter().map(|tenant| tenant.facts.id.clone())).await?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &seal::random::<32>()?);
        let house = House::new(parts, &values, state, withdrawn, clock, house::Remembered::default());
        house.announce();
        let (house, turn) = (Arc::new(ArcSwap::from_pointee(house)), Arc::default());
        tokio::spawn(overlay::follow(Arc::downgrade(&house), Arc::clone(&turn)));
        Ok(Self {
            house,
            remembered: Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(REMEMBERED).build(),
            link_passwords: Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(REMEMBERED).build(),
            process_key: Arc::new(key),
            sign_ins: SignIns::default(),
            turn,
            throttle: Throttle::new()?,
        })
    }

    /// Puts new settings in force, with what was changed at run time over them. Sessions under way keep the old ones until
    /// they open something again.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say what was changed of an institution that is new; then the old ones stay.
    pub async fn replace(&self, parts: HouseParts) -> Result<()> {
        let _turn = self.turn.lock().await;
        let old = self.house.load_full();
        let (mut values, unknown) = old.values_of(&parts.tenants);
        values.extend(overlay::load(&old.state, unknown).await?);
        let (state, withdrawn) = (Arc::clone(&old.state), Arc::clone(&old.withdrawn));
        let new = Arc::new(House::new(parts, &values, state, withdrawn, old.clock, old.remembered()));
        new.withdrawn.glances.clear();
        self.house.store(Arc::clone(&new));
        new.announce();
        self.remembered.invalidate_all();
        Ok(())
    }

    /// The institution of a host name, or the default one; `None` at a host that several share.
    pub fn institution_at(&self, host: Option<&str>) -> Option<Arc<Institution>> {
        let house = self.house.load();
        let id = &house.at_host(host)?.institution?.id;
        house.tenants.get(id).map(|tenant| Arc::clone(&tenant.facts))
    }

    /// How a host looks before anybody has signed on: as its institution, as the realm whose institutions share it, or as
    /// the default institution.
    pub fn look_at(&self, host: Option<&str>) -> Option<Look> {
        self.house.load().look_at(host)
    }

    /// How an institution looks, by its id, at a host of its realm; `None` elsewhere.
    pub fn look_of(&self, host: Option<&str>, institution: &str) -> Option<Look> {
        self.house.load().look_of(host, institution)
    }

    /// Signs a person on with a password: the directory's, or an app password.
    ///
    /// The login's domain names the institution; a bare login belongs to the realm of the host that it came to (`Host`,
    /// SNI), else to that of the default institution. Whose it is there follows from the entry. A refusal takes as long for an unknown login as for a wrong password; who was wrong too often waits
    /// (see [`crate::FREE_TRIES`]).
    ///
    /// # Errors
    /// `Unauthenticated`, whatever was wrong with login or password; `Forbidden` when both were right and the entry is none
    /// of the realm's institutions, or several's; `TooMany` for who guesses; `Unavailable` when the
    /// directory cannot say.
    pub async fn login(&self, login: &Login, password: &Secret, visit: Visit<'_>) -> Result<Session> {
        self.refuse_slowly(self.by_password(login, password, visit)).await
    }

    /// The same moment for all refusals, and no quick guessing.
    pub(crate) async fn refuse_slowly<T>(&self, outcome: impl Future<Output = Result<T>>) -> Result<T> {
        let began = Instant::now();
        let outcome = outcome.await;
        if matches!(outcome, Err(Error::Unauthenticated | Error::TooMany { .. })) {
            sleep(self.house.load().passwords.refusal.saturating_sub(began.elapsed())).await;
        }
        outcome
    }

    async fn by_password(&self, login: &Login, password: &Secret, visit: Visit<'_>) -> Result<Session> {
        let Visit { host, from, errand } = visit;
        let house = self.house.load_full();
        if password.expose().is_empty() || password.expose().len() > LONGEST_PASSWORD {
            return Err(Error::Unauthenticated);
        }
        let realm = house.sign_on_place(login, host).ok_or(Error::Unauthenticated)?.realm;
        let (key, began) = (self.remember_key(&realm.id, login, password, errand), (house.clock)());
        let takes_passwords = realm.passwords.serve(errand);
        if takes_passwords && let Some(actor) = self.remembered.get(&key) {
            let session = Session { actor, house: Arc::clone(&house), web: None };
            if session.check_in_force().is_ok() {
                return Ok(session);
            }
        }
        if let Some(typed) = app_password::split(password)
            && let Some(row) = house.state.app_password(typed.id).await?
        {
            // What is or was an app password is never tried at the directory: a forgotten phone would lock the account
            // there. A withdrawn one must end at once, so none is remembered.
            let actor = self.by_app_password(&house, realm, login, &typed, row, errand).await?;
            return self.admit(Arc::clone(&house), Arc::new(actor));
        }
        if !takes_passwords {
            return Err(Error::Unauthenticated);
        }
        let attempt = self.throttle.admit(from, &realm.id, login, password, house.passwords.wrong_per_address).await?;
        let heard = house.withdrawn.heard();
        let actor = match self.by_directory(&house, realm, login, password).await {
            Ok(actor) => Arc::new(actor),
            Err(error) => {
                match error {
                    Error::Unauthenticated => self.throttle.wrong(&attempt),
                    // The password was right; that it leads nowhere is another matter.
                    Error::Forbidden => self.throttle.right(&attempt),
                    _ => {}
                }
                return Err(error);
            }
        };
        self.throttle.right(&attempt);
        if house.withdrawn.heard() != heard
            && let Actor::Person(person) = actor.as_ref()
            && house.withdrawn.account(&person.account, began)
        {
            // Withdrawn while the directory was asked: what was true before that says nothing now.
            return Err(Error::Unauthenticated);
        }
        self.remembered.insert(key, Arc::clone(&actor));
        self.admit(Arc::clone(&house), actor)
    }

    /// Makes a web session of a fresh sign-on.
    ///
    /// # Errors
    /// `Forbidden` for what is no person with a password of the directory.
    pub fn begin_web(&self, session: Session) -> Result<Session> {
        if session.principal()?.strength() == Strength::AppPassword {
            return Err(Error::Forbidden);
        }
        let expires = (session.house.clock)().plus(WEB_SESSION);
        Ok(session.into_web(SessionToken { id: seal::random()?, expires }))
    }

    /// Resumes a web session from its cookie, on any node that has the key.
    ///
    /// # Errors
    /// `Unauthenticated` for a cookie that is expired, altered, withdrawn or whose person has left;
    /// `Unavailable` when the directory cannot say.
    pub async fn resume(&self, cookie: &str) -> Result<Session> {
        let house = self.house.load_full();
        let opened = open_token(Purpose::Session, &house, cookie)?;
        let person = find(&house, &opened.account).await?.ok_or(Error::Unauthenticated)?;
        resumed(house, opened, person)
    }

    /// Every back-end in force with the institution it serves, for readiness. Health is all it shows.
    pub fn back_ends(&self) -> Vec<(Option<InstitutionId>, Arc<dyn Health>)> {
        self.house.load().back_ends()
    }

    fn remember_key(&self, realm: &RealmId, login: &Login, password: &Secret, errand: Errand) -> [u8; 32] {
        self.process_mac(&[
            realm.as_str().as_bytes(),
            login.local().as_bytes(),
            login.domain().unwrap_or_default().as_bytes(),
            if matches!(errand, Errand::Web | Errand::Administration) { b"full" } else { b"any" },
            password.expose(),
        ])
    }

    /// What is remembered under: a MAC of these fields that means nothing outside of this process.
    pub(crate) fn process_mac(&self, fields: &[&[u8]]) -> [u8; 32] {
        let mut mac = hmac::Context::with_key(&self.process_key);
        for field in fields {
            mac.update(&field.len().to_be_bytes());
            mac.update(field);
        }
        let mut key = [0; 32];
        key.iter_mut().zip(mac.sign().as_ref()).for_each(|(to, from)| *to = *from);
        key
    }

    async fn by_directory(&self, house: &House, realm: &Realm, login: &Login, password: &Secret) -> Result<Actor> {
        let person = realm.directory.authenticate(login, password).await?;
        if person.standing == Standing::Locked {
            return Err(Error::Unauthenticated);
        }
        // The password was right: that it leads nowhere is said as it is, to its owner.
        let institution =
            house.institution_of(&realm.id, &person).map_err(|stray| refuse_stray(realm, &person, stray))?;
        if !has_domain(institution, login) {
            return Err(Error::Unauthenticated);
        }
        let person = house.at_home(institution, person).await?;
        let account = Account { institution: institution.id.clone(), id: person.account.clone() };
        let since = house.withdrawn.earliest(&account, (house.clock)());
        let delegation = Delegation::Password(password.clone());
        Ok(Actor::Person(Box::new(principal(account, Arc::new(person), Strength::Password, delegation, since))))
    }

    async fn by_app_password(
        &self,
        house: &House,
        realm: &Realm,
        login: &Login,
        typed: &app_password::Typed<'_>,
        row: AppPassword,
        errand: Errand,
    ) -> Result<Actor> {
        let now = (house.clock)();
        let institution = &house.tenant(&row.account.institution)?.facts;
        let until = app_password::ends(&row, institution.limits.app_password_days);
        if until.is_some_and(|until| now >= until)
            || !institution.tools.has(Tool::AppPasswords)
            || !app_password::is(&row, typed)
            || !errand.takes(row.scope)
        {
            return Err(Error::Unauthenticated);
        }
        let person = find(house, &row.account).await?.ok_or(Error::Unauthenticated)?;
        // The same rules as for a password of the directory: the realm signs on, a domain means its own person.
        if institution.realm != realm.id || !is_called(&person, login) || !has_domain(institution, login) {
            return Err(Error::Unauthenticated);
        }
        house.state.app_password_used(&row.id, now).await?;
        let since = house.withdrawn.earliest(&row.account, now);
        let mut principal = principal(row.account, person, Strength::AppPassword, Delegation::None, since);
        principal.credential = Some(app_password::credential(&row.id));
        principal.ceiling = row.scope.ceiling();
        principal.scope = row.scope;
        principal.until = until;
        Ok(Actor::Person(Box::new(principal)))
    }

    pub(crate) fn admit(&self, house: Arc<House>, actor: Arc<Actor>) -> Result<Session> {
        let session = Session { actor, house, web: None };
        session.check_in_force()?;
        self.sign_ins.note(&session);
        Ok(session)
    }
}

/// Opens a sealed session that was not withdrawn; its person has to be looked up yet.
pub(crate) fn open_token(purpose: Purpose, house: &House, text: &str) -> Result<Opened> {
    let opened = SessionToken::open(purpose, &house.sealer, house.state.epoch(), text, (house.clock)())?;
    let withdrawn = &house.withdrawn;
    if withdrawn.session(&opened.token.id) || withdrawn.account(&opened.account, opened.since) {
        return Err(Error::Unauthenticated);
    }
    Ok(opened)
}

/// The session of an opened token and the entry of its person.
pub(crate) fn resumed(house: Arc<House>, opened: Opened, person: Arc<Person>) -> Result<Session> {
    let (strength, delegation) = (opened.strength(), opened.delegation(&house)?);
    let mut principal = principal(opened.account, person, strength, delegation, opened.since);
    principal.credential = opened.credential;
    principal.signed_on = opened.signed_on;
    let session = Session { actor: Arc::new(Actor::Person(Box::new(principal))), house, web: Some(opened.token) };
    session.check_in_force()?;
    Ok(session)
}

pub(crate) fn principal(
    account: Account,
    person: Arc<Person>,
    strength: Strength,
    delegation: Delegation,
    since: Timestamp,
) -> Principal {
    let groups =
        person.groups.iter().map(|id| GroupRef { institution: account.institution.clone(), id: id.clone() }).collect();
    Principal {
        account,
        person,
        groups,
        strength,
        delegation,
        since,
        credential: None,
        signed_on: None,
        ceiling: Rights::ALL,
        scope: Scope::All,
        until: None,
    }
}

/// The entry of an account that may be used: what every sign-on and resume asks for.
pub(crate) async fn find(house: &House, account: &Account) -> Result<Option<Arc<Person>>> {
    Ok(find_any(house, account).await?.filter(|person| person.standing == Standing::Open))
}

/// The entry of an account, locked or not: the one of its realm that belongs to its institution.
pub(crate) async fn find_any(house: &House, account: &Account) -> Result<Option<Arc<Person>>> {
    let Ok(tenant) = house.tenant(&account.institution) else { return Ok(None) };
    let directory = house.directory(&account.institution)?;
    if house.withdrawn.lately(account, (house.clock)()) {
        // Another node may have locked or changed it since this one looked.
        directory.forget(&account.id);
    }
    let people = directory.lookup(&account.id).await?;
    let mut theirs =
        people.into_iter().filter(|person| person.account == account.id && house.is_of(&tenant.facts, person));
    match (theirs.next(), theirs.next()) {
        (Some(person), None) => Ok(Some(Arc::new(house.at_home(&tenant.facts, person).await?))),
        (None, _) => Ok(None),
        (Some(_), Some(_)) => {
            tracing::warn!(%account, "two entries of the institution have this login: it is nobody's");
            Ok(None)
        }
    }
}

/// Says in the log why somebody who proved who they are is let in nowhere.
pub(crate) fn refuse_stray(realm: &Realm, person: &Person, stray: Stray) -> Error {
    let (realm, login) = (&realm.id, &person.account);
    match stray {
        Stray::Nowhere => tracing::warn!(%realm, %login, "who signed on is of none of the realm's institutions"),
        Stray::Several => tracing::warn!(%realm, %login, "who signed on is of several institutions of the realm"),
    }
    Error::Forbidden
}

/// Whether a login's domain, if it has one, is the institution's: it means that domain's person, and nobody else who happens
/// to share the local part.
pub(crate) fn has_domain(institution: &Institution, login: &Login) -> bool {
    login.domain().is_none_or(|domain| institution.mail_domains.iter().any(|ours| ours.eq_ignore_ascii_case(domain)))
}

/// Whether a login is this person's: the login, the whole address, or an alias.
pub(crate) fn is_called(person: &Person, login: &Login) -> bool {
    let local = login.local();
    person.account.as_str().eq_ignore_ascii_case(local)
        || person.attributes.values("supannAliasLogin").iter().any(|alias| alias.eq_ignore_ascii_case(local))
        || login.address().is_some_and(|address| person.mails.iter().any(|mail| mail.eq_ignore_ascii_case(&address)))
}
